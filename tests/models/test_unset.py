"""The value of an argument that was left out."""

from __future__ import annotations

import copy
import pickle

from novita_sdk.models import UNSET, Unset


def test_there_is_only_one() -> None:
    assert Unset() is UNSET


def test_it_is_falsy_and_not_none() -> None:
    assert not UNSET
    assert UNSET is not None


def test_it_survives_pickle_and_copies() -> None:
    for protocol in range(2, 6):
        assert pickle.loads(pickle.dumps(UNSET, protocol)) is UNSET  # noqa: S301  # our own bytes
    assert copy.copy(UNSET) is UNSET
    assert copy.deepcopy({"a": [UNSET]})["a"][0] is UNSET


def test_it_names_itself() -> None:
    assert repr(UNSET) == "UNSET"
