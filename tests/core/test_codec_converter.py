"""The cattrs converter reads by the same rules."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import attrs
import pytest

from novita_sdk._core.codec import DecodeFailure, structure
from novita_sdk._core.converter import converter
from novita_sdk.models import Instance, InstanceStatus, Secret

RAW = {"id": 7, "gpuNum": "2", "endTime": "-1", "envs": [{"key": "A", "value": "1"}], "new": [1]}


@attrs.define
class Rental:
    """A class of the caller's own."""

    instance: Instance
    hours: int
    until: datetime | None
    status: InstanceStatus


def test_a_model_is_read_the_same_way() -> None:
    assert converter().structure(RAW, Instance) == structure(Instance, RAW)


def test_a_model_that_cannot_be_read_gives_the_same_error() -> None:
    with pytest.raises(DecodeFailure, match=r"\$\.gpuNum"):
        converter().structure({"id": 1, "gpuNum": "x"}, Instance)


def test_containers_of_models_are_read() -> None:
    assert converter().structure([RAW], list[Instance]) == [structure(Instance, RAW)]


def test_single_values_follow_the_table_of_types() -> None:
    assert converter().structure({"a": "5", "b": "", "c": None}, dict[str, int | None]) == {
        "a": 5,
        "b": None,
        "c": None,
    }


def test_a_class_of_the_callers_own_may_hold_models() -> None:
    rental = converter().structure(
        {"instance": RAW, "hours": "3", "until": 1713162260, "status": "warp"}, Rental
    )
    assert rental.until == datetime(2024, 4, 15, 6, 24, 20, tzinfo=UTC)
    assert (rental.hours, rental.status.known) == (3, False)


def test_what_is_written_reads_back() -> None:
    made = converter()
    rental = Rental(structure(Instance, RAW), 3, datetime(2024, 4, 15, tzinfo=UTC), InstanceStatus.RUNNING)
    written = made.unstructure(rental)
    assert written["instance"]["new"] == [1]
    assert type(written["status"]) is str
    assert made.structure(written, Rental) == rental


def test_secrets_are_written_in_clear() -> None:
    assert converter().unstructure([Secret("p")]) == ["p"]


def test_there_is_one_converter() -> None:
    assert converter() is converter()


def test_reading_answers_does_not_load_cattrs() -> None:
    program = (
        "import sys; from novita_sdk._core import codec, converter; from novita_sdk.models import Instance;"
        "codec.structure(Instance, {'id': 1}); print('cattrs' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
