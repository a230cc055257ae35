"""What an answer means for its operation: the object, the page, the id, or the error it is after all."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import attrs

from novita_sdk import models
from novita_sdk._core.answers import error_body_of, retry_after_of
from novita_sdk._core.codec import (
    DecodeFailure,
    EmptyAnswer,
    ListReading,
    RawList,
    decode_json,
    find_list,
    find_object,
    read_items,
    read_single,
)
from novita_sdk._core.errormap import (
    ErrorBody,
    error_from_body,
    error_from_response,
    error_in_success,
    proves_absence,
)
from novita_sdk._core.http import Response
from novita_sdk._core.operations.operation import Operation
from novita_sdk._core.paging import item_key
from novita_sdk._core.redact import redact_body
from novita_sdk._core.scalars import described, is_array, is_object
from novita_sdk.errors import APIStatusError, NotFoundError, ResponseDecodeError
from novita_sdk.models.base import Model
from novita_sdk.models.item_problem import ItemProblem
from novita_sdk.models.json_types import JSON

T = TypeVar("T")

_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]+")
_BODY_KEPT = 2048  # characters of a body that an error holds


@attrs.frozen
class PageReading:
    """One page of a list, decoded.

    Attributes:
        reading: The items, and those that could not be read.
        keys: What tells each raw item from the others, in the order of the answer.
    """

    reading: ListReading[Any]
    keys: list[str]

    @classmethod
    def empty(cls) -> PageReading:
        """Return a page without items."""
        return cls(ListReading(items=[], problems=[], total=0), [])


def model_of(operation: Operation) -> type[Model]:
    """Return the class that the operation's answer, or each item of it, becomes."""
    found: type[Model] = getattr(models, operation.result.model or "")
    return found


def answered_id(operation: Operation, body: bytes) -> str | None:
    """Return the id that the answer to a create holds: bare, under a key, or in the object made; else None."""
    try:
        payload = decode_json(body)
    except DecodeFailure:
        text = body.decode("utf-8", "replace").strip()  # one create answers with the plain id
        return text if _PLAIN_ID.fullmatch(text) else None
    if is_object(payload):
        key = next((key for key in operation.result.keys if key in payload), None)
        payload = payload if key is None else payload[key]
    if is_array(payload) and len(payload) == 1:
        payload = payload[0]
    if is_object(payload):
        payload = None if operation.result.id_key is None else payload.get(operation.result.id_key)
    if isinstance(payload, bool) or not isinstance(payload, str | int):
        return None
    return str(payload).strip() or None


def lacks_needed_answer(operation: Operation | None, body: bytes) -> bool:
    """Tell whether a success says too little: a create without the id of what it made."""
    if operation is None or (operation.result.shape != "id" and not operation.creates):
        return False
    return answered_id(operation, body) is None


def revealed(operation: Operation | None, response: Response) -> Response:
    """Return the answer to a write under the status its body tells of, where a success is an error after all.

    Args:
        operation: What was called; of an unlisted operation nothing is known that would tell.
        response: What was answered.
    """
    if operation is None or response.status >= 300:
        return response
    try:
        body = _hidden_error(decode_json(response.body), operation)
    except DecodeFailure:
        return response
    return response if body is None or body.code is None else response.evolve(status=body.code)


def _hidden_error(payload: JSON, operation: Operation) -> ErrorBody | None:
    result = operation.result
    expected = {*result.keys, *([result.id_key] if result.id_key else [])}
    return error_in_success(payload, expected, error_key=result.error_key)


def settled_answer(operation: Operation | None, found: str | None, status: object) -> JSON:
    """Return the answer that a settled call should have had.

    Args:
        operation: What was called.
        found: Id of what it made, if it makes something.
        status: The state it led to, if it changes one.
    """
    if operation is None:
        return {}
    keys = operation.result.keys
    if found is not None and keys and operation.result.shape == "id":
        return {keys[0]: found}
    if found is not None and keys and operation.creates:
        return {keys[0]: {operation.result.id_key: found}}
    return {} if status is None else dict.fromkeys(keys, status)


def _is_absent(response: Response, operation: Operation) -> bool:
    """Tell whether an answer proves that what was asked for does not exist."""
    body = error_body_of(response)
    return body is not None and proves_absence(response.status, body, operation.kind)


def _find_document(model: type[Model], payload: JSON, keys: Sequence[str]) -> dict[str, JSON]:
    """Find the one object of an answer, and read nothing in it.

    Raises:
        EmptyAnswer: It is `{}`, null or `[]`.
        DecodeFailure: There is no such object.
    """
    found, path = find_object(model, payload, keys)
    if is_object(found) and found:
        return found
    if found is None or found in ({}, []):
        raise EmptyAnswer(path, model.__name__, "the answer is empty")
    raise DecodeFailure(path, model.__name__, f"expected an object, got {described(found)}")


class Reader:
    """Reads the answers of one client.

    Args:
        redact: Takes secrets out of texts.
        wall: Wall clock in seconds since 1970.
    """

    def __init__(self, redact: Callable[[str], str], wall: Callable[[], float]) -> None:
        self._redact = redact
        self._wall = wall

    def raise_for_status(self, response: Response, operation: Operation | None) -> None:
        """Raise the error that an answer tells of by its status.

        Raises:
            APIStatusError: The status is 300 or more; the class depends on the reason.
        """
        if response.status >= 300 or response.status < 200:
            raise error_from_response(
                response,
                operation_kind=None if operation is None else operation.kind,
                creates=operation is not None and operation.creates,
                redact=self._redact,
                retry_after=retry_after_of(response.headers, self._wall()),
            )

    def payload(self, response: Response, operation: Operation | None) -> JSON:
        """Return the decoded body of a success.

        Raises:
            APIStatusError: It is an error after all.
            ResponseDecodeError: It is not JSON.
        """
        self.raise_for_status(response, operation)
        try:
            payload = decode_json(response.body)
        except DecodeFailure as failure:
            raise self._unreadable(failure, response) from failure
        if operation is not None:
            self._raise_for_hidden_error(payload, response, operation)
        return payload

    def single(self, response: Response, operation: Operation) -> Any:
        """Return the one object of an answer.

        Raises:
            NotFoundError: The answer is empty, which for this operation means that there is none.
            ResponseDecodeError: It cannot be read.
        """
        return self._one(response, operation, read_single)

    def single_or_none(self, response: Response, operation: Operation) -> Any:
        """Return the one object of an answer, None if it certainly does not exist; else raises as `single` does."""
        return None if _is_absent(response, operation) else self.single(response, operation)

    def document(self, response: Response, operation: Operation) -> dict[str, JSON]:
        """Return the one object of an answer as decoded JSON, unknown keys included; raises as `single` does."""
        return self._one(response, operation, _find_document)

    def _one(
        self, response: Response, operation: Operation, read: Callable[[type[Model], JSON, Sequence[str]], T]
    ) -> T:
        payload = self.payload(response, operation)
        try:
            return read(model_of(operation), payload, operation.result.keys)
        except EmptyAnswer as failure:
            if operation.result.empty_is_not_found:
                raise NotFoundError(
                    "the answer is empty: there is no such resource",
                    status=response.status,
                    kind=operation.kind,
                ) from failure
            raise self._unreadable(failure, response) from failure
        except DecodeFailure as failure:
            raise self._unreadable(failure, response) from failure

    def page(self, response: Response, operation: Operation) -> PageReading:
        """Return one page of a list; raises as `payload` does."""
        found = self.raw_list(response, operation)
        keys = [item_key(item, operation.result.id_key) for item in found.items]
        reading = read_items(model_of(operation), found)
        if reading.problems:  # their messages quote the answer
            cleaned = [attrs.evolve(odd, message=self._redact(odd.message)) for odd in reading.problems]
            reading = attrs.evolve(reading, problems=cleaned)
        return PageReading(reading, keys)

    def odd_item(self, problem: ItemProblem, response: Response, operation: Operation) -> ResponseDecodeError:
        """Return the error for an item that could not be read, where one such item is too many."""
        failure = DecodeFailure(problem.path, operation.result.model or "", problem.message)
        return self._unreadable(failure, response)

    def raw_object(self, response: Response, operation: Operation) -> dict[str, JSON] | None:
        """Return the one object of an answer as decoded JSON, None if it certainly does not exist.

        Raises:
            APIStatusError: The answer is another error.
            ResponseDecodeError: There is no object in it, which proves nothing.
        """
        if _is_absent(response, operation):
            return None
        payload = self.payload(response, operation)
        try:
            return _find_document(model_of(operation), payload, operation.result.keys)
        except DecodeFailure as failure:
            raise self._unreadable(failure, response) from failure

    def raw_list(self, response: Response, operation: Operation) -> RawList:
        """Return one page of a list as decoded JSON; raises as `payload` does."""
        payload = self.payload(response, operation)
        try:
            return find_list(model_of(operation), payload, operation.result.keys)
        except DecodeFailure as failure:
            raise self._unreadable(failure, response) from failure

    def id(self, response: Response, operation: Operation) -> str:
        """Return the id of what a call made; raises as `payload` does."""
        self.raise_for_status(response, operation)
        found = answered_id(operation, response.body)
        if found is None:
            failure = DecodeFailure("$", operation.result.model or "", "the answer holds no id")
            raise self._unreadable(failure, response) from failure
        return found

    def whatever(self, response: Response, operation: Operation) -> JSON:
        """Return what a write answered: an object, or `{}` if that is empty or unreadable.

        Raises:
            APIStatusError: It is an error.
        """
        self.raise_for_status(response, operation)
        try:
            payload = decode_json(response.body)
        except DecodeFailure:
            return {}  # nothing of the body is needed: the status says that it was done
        self._raise_for_hidden_error(payload, response, operation)
        return payload if is_object(payload) else {}

    def is_empty_list(self, response: Response, operation: Operation) -> bool:
        """Tell whether a list answered "not found" because the account has nothing to list."""
        return operation.result.not_found_is_empty and _is_absent(response, operation)

    def _raise_for_hidden_error(self, payload: JSON, response: Response, operation: Operation) -> None:
        body = _hidden_error(payload, operation)
        if body is None:
            return
        error: APIStatusError = error_from_body(
            body.code or response.status,
            body,
            response.headers,
            operation_kind=operation.kind,
            creates=operation.creates,
            redact_text=self._redact,
        )
        raise error

    def _unreadable(self, failure: DecodeFailure, response: Response) -> ResponseDecodeError:
        text = response.body.decode("utf-8", "replace")
        return ResponseDecodeError(
            f"{failure.path}: {self._redact(failure.detail)}",
            path=failure.path,
            model=failure.model or None,
            status=response.status,
            body=redact_body(text, self._redact)[:_BODY_KEPT],
        )
