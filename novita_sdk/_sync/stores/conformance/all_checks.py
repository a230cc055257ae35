# Generated from novita_sdk/_async/stores/conformance/all_checks.py by tools/unasync.py; edit the source.
"""All checks together."""

from __future__ import annotations

from novita_sdk._sync.stores.conformance.leases import LEASE_CHECKS
from novita_sdk._sync.stores.conformance.queues import QUEUE_CHECKS
from novita_sdk._sync.stores.conformance.records import RECORD_CHECKS
from novita_sdk._sync.stores.conformance.trial import StoreCheck

STORE_CHECKS: tuple[StoreCheck, ...] = (*RECORD_CHECKS, *LEASE_CHECKS, *QUEUE_CHECKS)
"""Every check there is."""
