"""All checks together."""

from __future__ import annotations

from novita_sdk._async.stores.conformance.leases import LEASE_CHECKS
from novita_sdk._async.stores.conformance.queues import QUEUE_CHECKS
from novita_sdk._async.stores.conformance.records import RECORD_CHECKS
from novita_sdk._async.stores.conformance.trial import AsyncStoreCheck

STORE_CHECKS: tuple[AsyncStoreCheck, ...] = (*RECORD_CHECKS, *LEASE_CHECKS, *QUEUE_CHECKS)
"""Every check there is."""
