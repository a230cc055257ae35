"""Checks that a state store of your own must pass, for any test framework, in both colours.

Each check is a function that gets a fresh store on trial and raises AssertionError if the store breaks a promise:

    @pytest.mark.parametrize("check", STORE_CHECKS, ids=lambda check: check.__name__)
    def test_my_store(check):
        with closing(MyStore()) as store:
            check(StoreTrial(store, time.sleep, unit=0.1))
"""

from __future__ import annotations

from novita_sdk._async.stores.conformance.all_checks import STORE_CHECKS as ASYNC_STORE_CHECKS
from novita_sdk._async.stores.conformance.trial import AsyncStoreCheck, AsyncStoreTrial
from novita_sdk._sync.stores.conformance.all_checks import STORE_CHECKS
from novita_sdk._sync.stores.conformance.trial import StoreCheck, StoreTrial

__all__ = [
    "ASYNC_STORE_CHECKS",
    "STORE_CHECKS",
    "AsyncStoreCheck",
    "AsyncStoreTrial",
    "StoreCheck",
    "StoreTrial",
]
