"""The target that an instance keeps: how it stands in a state store, which never holds a secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias, cast

import attrs

from novita_sdk._core.webhooks.notify import Notify
from novita_sdk._core.webhooks.target import WebhookTarget
from novita_sdk.models.json_types import JSON
from novita_sdk.options import RateLimit

SCHEMA: Final = 1

SignedBy: TypeAlias = Literal["memory", "named"] | None
"""Where the secret of a kept target is: with the client that was given it, by the target's name or in settings, or
nowhere since the target gets its messages unsigned."""

_PLAIN: Final = ("name", "url", "payload", "ordering", "allow_http")


@attrs.frozen
class Kept:
    """What is kept.

    Attributes:
        notify: The wish.
        signed_by: Where the secret of a target is.
    """

    notify: Notify
    signed_by: SignedBy = None


def key_of(instance_id: str) -> str:
    """Name the record of an instance."""
    return f"target:{instance_id}"


def is_private(target: WebhookTarget) -> bool:
    """Tell whether a target holds what must not be written down: secrets, or values of headers."""
    return bool(target.secrets or target.headers)


def record_of(kept: Kept) -> dict[str, JSON]:
    """Write down what is kept, without secrets and headers."""
    notify = kept.notify
    if not isinstance(notify, WebhookTarget):
        return {"v": SCHEMA, "notify": notify}
    limit = notify.rate_limit
    target: dict[str, JSON] = {name: getattr(notify, name) for name in _PLAIN}
    target["kinds"] = None if notify.kinds is None else sorted(notify.kinds)
    target["schemes"] = sorted(notify.schemes)
    target["allow_private"] = list(notify.allow_private)
    target["rate_limit"] = None if limit is None else {"limit": limit.limit, "burst": limit.burst}
    return {"v": SCHEMA, "target": target, "signed_by": kept.signed_by}


def kept_from(record: Mapping[str, JSON]) -> Kept:
    """Read a record again."""
    target = record.get("target")
    if not isinstance(target, dict):
        return Kept(cast("Notify", record["notify"]))
    known = cast("dict[str, Any]", target)
    limit: dict[str, Any] | None = known["rate_limit"]
    rate_limit = None if limit is None else RateLimit(**limit)
    read = WebhookTarget(**cast("Any", {**known, "rate_limit": rate_limit}))
    return Kept(read, cast("SignedBy", record["signed_by"]))
