"""Open enumerations know their words and bear with new ones."""

from __future__ import annotations

import copy
import json
import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk import models
from novita_sdk.models import InstanceStatus, JobState, OpenEnum, open_enum

ENUMERATIONS: list[type[OpenEnum]] = [
    found
    for name in models.__all__
    if isinstance(found := getattr(models, name), type)
    and issubclass(found, OpenEnum)
    and found is not OpenEnum
]


class Colour(OpenEnum):
    """An enumeration for this test alone."""

    RED = "red"


class Crowded(OpenEnum):
    """Another one, to be filled with unknown words."""

    KNOWN = "known"


@pytest.mark.parametrize("words", ENUMERATIONS)
def test_members_are_named_like_their_words(words: type[OpenEnum]) -> None:
    for word in words:
        assert word.name.replace("_", "") == word.value.replace("_", "").upper()
        assert word.name == word.name.upper()
        assert word.known


def test_a_known_word_gives_its_member() -> None:
    assert InstanceStatus("toCreate") is InstanceStatus.TO_CREATE


def test_an_unknown_word_is_a_member_that_says_so() -> None:
    warp = InstanceStatus("warp")
    assert isinstance(warp, InstanceStatus)
    assert (warp.known, warp.value, warp.name) == (False, "warp", "warp")


def test_an_unknown_word_is_not_among_the_members() -> None:
    warp = InstanceStatus("warp")
    assert warp not in list(InstanceStatus)
    assert "warp" not in InstanceStatus.__members__


@given(st.text())
def test_a_word_equals_hashes_and_prints_like_its_text(text: str) -> None:
    word = Colour(text)
    assert word == text
    assert hash(word) == hash(text)
    assert str(word) == f"{word}" == text
    assert json.loads(json.dumps(word)) == text
    assert {text: 1}[word] == 1


@given(st.text())
def test_words_survive_pickle_and_copies(text: str) -> None:
    word = InstanceStatus(text)
    for protocol in range(2, 6):
        again = pickle.loads(pickle.dumps(word, protocol))  # noqa: S301  # our own bytes
        assert again == word
        assert type(again) is InstanceStatus
    assert copy.deepcopy(word) == word


def test_the_same_unknown_word_is_the_same_object() -> None:
    assert InstanceStatus("warp") is InstanceStatus("warp")


def test_unknown_words_of_two_enumerations_are_apart() -> None:
    assert type(JobState("warp")) is JobState
    assert type(InstanceStatus("warp")) is InstanceStatus


def test_only_so_many_unknown_words_are_remembered() -> None:
    for number in range(open_enum.MAX_UNKNOWN + 100):
        assert Crowded(f"word-{number}") == f"word-{number}"
    assert len(open_enum._unknown[Crowded]) == open_enum.MAX_UNKNOWN
    assert Crowded("known") is Crowded.KNOWN


def test_threads_get_the_same_unknown_word() -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: Colour("mauve"), range(200)))
    assert len(set(map(id, found))) == 1


@pytest.mark.parametrize("value", [1, None, True])
def test_what_is_no_text_is_no_word(value: object) -> None:
    with pytest.raises(ValueError, match="is not a valid InstanceStatus"):
        InstanceStatus(value)  # type: ignore[arg-type]  # that is the point


def test_repr_tells_known_from_unknown() -> None:
    assert repr(InstanceStatus.TO_CREATE) == "InstanceStatus.TO_CREATE"
    assert repr(InstanceStatus("warp")) == "InstanceStatus('warp')"
