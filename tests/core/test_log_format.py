"""The JSON formatter: one object per line, whatever a record holds."""

from __future__ import annotations

import json
import logging
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from novita_sdk import JsonLogFormatter
from novita_sdk._core.log_records import log

NAMES = st.text(min_size=1)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def record_of(message: str = "hello", **changes: Any) -> logging.LogRecord:
    record = logging.LogRecord("novita_sdk.http", logging.INFO, __file__, 1, message, (), None)
    vars(record).update(changes)
    return record


def shown(record: logging.LogRecord) -> dict[str, Any]:
    line = JsonLogFormatter().format(record)
    assert "\n" not in line
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_record_becomes_time_level_logger_message_and_its_fields() -> None:
    record = record_of(created=0.25, novita={"attempt": 1, "query_keys": ("a",)})
    assert shown(record) == {
        "time": "1970-01-01T00:00:00.250+00:00",
        "level": "INFO",
        "logger": "novita_sdk.http",
        "message": "hello",
        "attempt": 1,
        "query_keys": ["a"],
    }


def test_a_record_of_somebody_else_has_no_further_fields() -> None:
    assert shown(record_of()).keys() == {"time", "level", "logger", "message"}
    assert shown(record_of(novita="text")).keys() == {"time", "level", "logger", "message"}


def test_a_field_cannot_pass_for_level_or_message() -> None:
    told = shown(record_of(novita={"level": "DEBUG", "message": "other", 7: "number"}))
    assert (told["level"], told["message"], told["7"]) == ("INFO", "hello", "number")


def test_an_exception_is_written_into_the_same_line() -> None:
    error = ValueError("line one\nline two")
    record = record_of(exc_info=(ValueError, error, None))
    assert "ValueError: line one\nline two" in shown(record)["exception"]


@given(message=st.text(), fields=st.dictionaries(NAMES, VALUES))
def test_any_record_becomes_one_line_that_can_be_read_back(message: str, fields: dict[str, Any]) -> None:
    line = JsonLogFormatter().format(record_of(message, novita=fields))
    assert line.isascii()
    assert len(line.splitlines()) == 1
    assert json.loads(line)["message"] == message


def test_a_record_is_written_with_its_fields_only_if_somebody_listens() -> None:
    logger = logging.getLogger("of this test")
    logger.setLevel(logging.WARNING)
    seen: list[Any] = []
    logger.addFilter(lambda record: seen.append(record) or False)
    log(logger, logging.INFO, "%(word)s", word="unheard")
    log(logger, logging.WARNING, "%(word)s: %(number)d", word="heard", number=7)
    [record] = seen
    assert (record.getMessage(), record.novita) == ("heard: 7", {"word": "heard", "number": 7})
    assert record.funcName == "test_a_record_is_written_with_its_fields_only_if_somebody_listens"
