"""The journal's record of a create, and what may be done with one that is found."""

from __future__ import annotations

import json
from typing import Any, get_args

import attrs
import pytest

from novita_sdk._core.lifecycle.intents import (
    Intent,
    IntentState,
    Standing,
    described,
    ended_as,
    fingerprint_of,
    key_id_of,
    read_intent,
    standing,
    taken_over,
)
from novita_sdk.errors import (
    CapacityError,
    DuplicateCreateError,
    OutcomeUnknownError,
    StoreCorruptError,
    StoreVersionError,
)

NOW = 1_700_000_000.0
DAY = 86_400
DRAFT = Intent(
    operation_id="operation-1",
    operation="create_instance",
    owner="me",
    leased_at=NOW,
    lease_ttl=150,
    created_at=NOW,
    fingerprint="f-1",
    key_id="k-1",
)


def found(**changes: Any) -> Intent:
    dead: dict[str, Any] = {"owner": "other", "leased_at": NOW - 1000}
    return attrs.evolve(DRAFT, **{**dead, **changes})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"fingerprint": "f-2"}, Standing.CONFLICT, id="another request"),
        pytest.param({"operation": "create_endpoint"}, Standing.CONFLICT, id="another operation"),
        pytest.param({"fingerprint": "f-2", "key_id": "k-2"}, Standing.FRESH, id="another key"),
        pytest.param({"state": "created", "resource_id": "i-1"}, Standing.DONE, id="created"),
        pytest.param({"state": "adopted", "resource_id": "i-1"}, Standing.DONE, id="adopted"),
        pytest.param({"leased_at": NOW - 149, "sends": 1}, Standing.HELD, id="living owner"),
        pytest.param({"leased_at": NOW + 5}, Standing.HELD, id="living owner whose clock is ahead"),
        pytest.param({"leased_at": NOW + 500}, Standing.FRESH, id="lease from before a clock jump"),
        pytest.param({"leased_at": NOW - 150, "sends": 1}, Standing.LOOK, id="dead owner that sent"),
        pytest.param({"sends": 0}, Standing.FRESH, id="dead owner that sent nothing"),
        pytest.param({"owner": "", "leased_at": NOW, "sends": 1}, Standing.LOOK, id="let go of"),
        pytest.param({"state": "unknown", "sends": 1}, Standing.LOOK, id="unknown"),
        pytest.param({"state": "duplicate", "sends": 1}, Standing.LOOK, id="duplicate"),
        pytest.param({"state": "refused", "sends": 1}, Standing.FRESH, id="refused"),
        pytest.param({"state": "not_sent", "sends": 1}, Standing.FRESH, id="not sent"),
        pytest.param({"state": "not_created", "sends": 1}, Standing.FRESH, id="not created"),
        pytest.param({"state": "refused", "sends": 1, "next_id": "o-2"}, Standing.MOVED, id="gone over"),
        pytest.param({"leased_at": NOW, "next_id": "o-2"}, Standing.MOVED, id="gone over, and not closed"),
    ],
)
def test_what_may_be_done_with_a_record_follows_from_it(changes: dict[str, Any], expected: Standing) -> None:
    assert standing(found(**changes), DRAFT, NOW) is expected


def test_a_record_that_is_taken_over_keeps_what_was_sent() -> None:
    before = found(sends=1, sent_at=NOW - 900, about={"name": "a"})
    after = taken_over(before, DRAFT, Standing.LOOK)
    assert (after.owner, after.sends, after.sent_at, after.about) == ("me", 1, NOW - 900, {"name": "a"})
    assert taken_over(found(state="refused", sends=1), DRAFT, Standing.FRESH) == DRAFT


@pytest.mark.parametrize("state", get_args(IntentState))
def test_a_record_survives_the_store(state: IntentState) -> None:
    intent = found(state=state, resource_id="i-1", duplicates=("i-1", "i-2"), looks=2, first_look_at=NOW)
    assert read_intent(json.loads(json.dumps(intent.record())), intent.key) == intent
    assert intent.ttl == (30 if state in {"open", "unknown", "duplicate"} else 7) * DAY


def test_a_record_of_a_newer_release_is_not_guessed_at() -> None:
    with pytest.raises(StoreVersionError):
        read_intent({**DRAFT.record(), "v": 2}, DRAFT.key)


def test_what_is_no_record_is_said_to_be_corrupt() -> None:
    with pytest.raises(StoreCorruptError):
        read_intent({"v": 1}, DRAFT.key)


def test_a_record_holds_neither_environment_nor_command_nor_credentials() -> None:
    body = {"name": "a", "envs": [], "command": "c", "imageAuth": "u:p", "imageUrl": "nginx", "gpuNum": 1}
    assert described(body) == {"name": "a", "imageUrl": "nginx"}


def test_a_fingerprint_tells_requests_apart_and_depends_on_the_key() -> None:
    body = {"a": 1, "b": [1, 2]}
    assert fingerprint_of(body, b"key") == fingerprint_of({"b": [1, 2], "a": 1}, b"key")
    assert fingerprint_of(body, b"key") != fingerprint_of({**body, "a": 2}, b"key")
    assert fingerprint_of(body, b"key") != fingerprint_of(body, b"other")
    assert key_id_of(b"key") != key_id_of(b"other")


@pytest.mark.parametrize(
    ("error", "known", "expected"),
    [
        (DuplicateCreateError("x", operation_id="o"), {"doubtful": True}, "duplicate"),
        (KeyboardInterrupt(), {"found": True, "adopted": True, "doubtful": True}, "adopted"),
        (KeyboardInterrupt(), {"found": True, "doubtful": True}, "created"),
        (KeyboardInterrupt(), {"doubtful": True, "sent": True}, "open"),
        (OutcomeUnknownError("x"), {"doubtful": True, "sent": True}, "unknown"),
        (OutcomeUnknownError("x"), {"doubtful": True, "sent": True, "late": True}, "open"),
        (CapacityError("x"), {"sent": True}, "refused"),
        (CapacityError("x"), {}, "not_sent"),
    ],
)
def test_the_state_after_an_error_follows_from_what_is_known(
    error: BaseException, known: dict[str, bool], expected: str
) -> None:
    nothing = dict.fromkeys(("found", "adopted", "doubtful", "sent", "late"), False)
    assert ended_as(error, **{**nothing, **known}) == expected
