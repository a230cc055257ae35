"""The constructors of events, one for each kind."""

from __future__ import annotations

from novita_sdk._core.webhooks.events.account import AccountEvents
from novita_sdk._core.webhooks.events.changes import ChangeEvents
from novita_sdk._core.webhooks.events.outcomes import OutcomeEvents
from novita_sdk._core.webhooks.events.startup import StartupEvents
from novita_sdk._core.webhooks.events.stops import StopEvents


class Events(OutcomeEvents, StartupEvents, StopEvents, ChangeEvents, AccountEvents):
    """Makes events; the method is the kind.

    The first argument is the instance: its id, or the `Instance`, of which the event then tells what an
    allow-list lets through (never environment values, commands or passwords). Besides the words of its kind
    every constructor takes those of `EventFields`.

    Args:
        now: Tells the wall time in seconds since 1970.
        new_id: Makes a random message id.

    Raises:
        ValidationError: From every constructor: an argument is wrong.
    """
