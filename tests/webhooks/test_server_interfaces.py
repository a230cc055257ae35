"""The receivers as web applications: the same outcomes under ASGI, under WSGI and over real sockets."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import anyio
import pytest

from novita_sdk.errors import ConfigurationError
from novita_sdk.stores import AsyncMemoryStore, MemoryStore
from novita_sdk.webhooks import (
    AsyncWebhookReceiver,
    WebhookEvent,
    WebhookReceiver,
    WebhookSigner,
    WebhookVerifier,
)
from tests.webhooks.messages import MESSAGE_ID, STANDARD
from tests.webhooks.servers import (
    Answer,
    Call,
    Pairs,
    asgi_server,
    over_loopback,
    through_asgi,
    through_wsgi,
    wsgi_server,
)

BODY = b'{"instanceId":"inst_1","eventType":"instance.ready"}'
FORMS = ("asgi-asyncio", "asgi-trio", "wsgi", "handle", "handle-async", "asgi-loopback", "wsgi-loopback")


class Handlers:
    """A handler in both colours; the failures it is given come first."""

    def __init__(self) -> None:
        self.handled: list[str | None] = []
        self.failures: list[Exception] = []

    def plain(self, event: WebhookEvent) -> None:
        self.handled.append(event.instance_id)
        if self.failures:
            raise self.failures.pop()

    async def suspending(self, event: WebhookEvent) -> None:
        self.plain(event)

    def receiver(self) -> WebhookReceiver:
        return WebhookReceiver(WebhookVerifier(STANDARD), self.plain, store=MemoryStore(), path="/hook")

    def async_receiver(self) -> AsyncWebhookReceiver:
        judge = WebhookVerifier(STANDARD)
        return AsyncWebhookReceiver(judge, self.suspending, store=AsyncMemoryStore(), path="/hook")


def through_handle(receiver: WebhookReceiver) -> Call:
    def call(method: str, path: str, headers: Pairs, body: Sequence[bytes]) -> Answer:
        answered = receiver.handle(method, path, headers, body)
        return Answer(answered.status, dict(answered.headers), answered.body)

    return call


def through_async_handle(receiver: AsyncWebhookReceiver) -> Call:
    class Body:
        def __init__(self, parts: Sequence[bytes]) -> None:
            self.parts = iter(parts)

        def __aiter__(self) -> AsyncIterator[bytes]:
            return self

        async def __anext__(self) -> bytes:
            for part in self.parts:
                return part
            raise StopAsyncIteration

    def call(method: str, path: str, headers: Pairs, body: Sequence[bytes]) -> Answer:
        answered = anyio.run(receiver.handle, method, path, headers, Body(body))
        return Answer(answered.status, dict(answered.headers), answered.body)

    return call


@contextmanager
def served(form: str, handlers: Handlers) -> Iterator[Call]:
    """The receiver of one form, ready to be called."""
    direct: dict[str, Callable[[], Call]] = {
        "asgi-asyncio": lambda: through_asgi(handlers.async_receiver(), "asyncio"),
        "asgi-trio": lambda: through_asgi(handlers.async_receiver(), "trio"),
        "wsgi": lambda: through_wsgi(handlers.receiver()),
        "handle": lambda: through_handle(handlers.receiver()),
        "handle-async": lambda: through_async_handle(handlers.async_receiver()),
    }
    if form in direct:
        yield direct[form]()
    elif form == "asgi-loopback":
        with asgi_server(handlers.async_receiver()) as port:
            yield over_loopback(port)
    else:
        with wsgi_server(handlers.receiver()) as port:
            yield over_loopback(port)


def message(body: bytes = BODY, message_id: str = MESSAGE_ID, **changes: str) -> list[tuple[str, str]]:
    """Headers of a message that is sent now."""
    headers = WebhookSigner(STANDARD).sign(body, message_id=message_id)
    return [*{**headers, "Content-Length": str(len(body)), **changes}.items()]


LARGE = b'{"data":"%s"}' % (b"x" * (262_144 - 11))


@pytest.mark.case("WH-37")
@pytest.mark.case("WH-31")
@pytest.mark.case("WH-32")
@pytest.mark.parametrize("form", FORMS)
def test_a_message_is_handled_once_through_every_form(form: str) -> None:
    handlers = Handlers()
    handlers.failures = [ValueError()]
    with served(form, handlers) as call:
        answers = [call("POST", "/hook", message(), [BODY]) for _ in range(3)]
    assert [(answered.status, answered.body) for answered in answers] == [
        (500, b"failed"),
        (200, b"ok"),
        (200, b"ok"),
    ]
    assert handlers.handled == ["inst_1", "inst_1"]


@pytest.mark.case("WH-37")
@pytest.mark.case("WH-34")
@pytest.mark.case("WH-35")
@pytest.mark.parametrize("form", FORMS)
def test_refusals_are_the_same_through_every_form(form: str) -> None:
    doubled = [*message(), ("Webhook-Id", "msg_2")]
    two_signatures = [*message(message_id="msg_3"), ("Webhook-Signature", "v2,x")]
    steps: list[tuple[str, str, Pairs, bytes, int]] = [
        ("GET", "/hook", [], b"", 405),
        ("POST", "/hook/", message(), BODY, 404),
        ("POST", "/hook", message(**{"Content-Encoding": "gzip"}), BODY, 415),
        ("POST", "/hook", [("Content-Length", str(len(BODY)))], BODY, 401),
        ("POST", "/hook", doubled, BODY, 400),
        ("POST", "/hook", two_signatures, BODY, 200),
        ("POST", "/hook", message(LARGE), LARGE, 200),
        ("POST", "/hook", [("Content-Length", "262145")], b"", 413),
    ]
    with served(form, Handlers()) as call:
        for method, path, headers, body, status in steps:
            answered = call(method, path, headers, [body])
            assert answered.status == status
            assert len(answered.body.split()) == 1
            assert answered.headers["content-length"] == str(len(answered.body))
            assert answered.headers.get("allow") == ("POST" if status == 405 else None)


def test_both_colours_take_the_same_arguments() -> None:
    handlers = Handlers()
    with pytest.raises(ConfigurationError, match="AsyncWebhookReceiver"):
        WebhookReceiver(WebhookVerifier(STANDARD), handlers.suspending, store=MemoryStore())  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="WebhookReceiver"):
        AsyncWebhookReceiver(WebhookVerifier(STANDARD), handlers.plain, store=AsyncMemoryStore())  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="store"):
        AsyncWebhookReceiver(WebhookVerifier(STANDARD), store=MemoryStore())  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="store"):
        WebhookReceiver(WebhookVerifier(STANDARD), store=AsyncMemoryStore())  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------- ASGI


@pytest.mark.parametrize(
    ("root", "path", "status"),
    [
        ("", "/hook", 200),
        ("/app", "/app/hook", 200),  # a server that tells the whole path
        ("/app", "/hook", 200),  # one that tells the path below the mount point
        ("/app/", "/app/hook", 200),
        ("/app", "/application/hook", 404),
        ("", "/app/hook", 404),
    ],
)
def test_a_mounted_receiver_sees_the_path_below_its_mount_point(root: str, path: str, status: int) -> None:
    call = through_asgi(Handlers().async_receiver(), root_path=root)
    assert call("POST", path, message(), [BODY]).status == status


def test_a_body_may_come_in_any_pieces() -> None:
    call = through_asgi(Handlers().async_receiver())
    pieces = [b"", *(BODY[at : at + 1] for at in range(len(BODY))), b""]
    assert call("POST", "/hook", message(), pieces).status == 200


def test_a_client_that_goes_away_is_not_taken_at_its_word() -> None:
    call = through_asgi(Handlers().async_receiver())
    assert call("POST", "/hook", [], []).status == 400


@pytest.mark.anyio
async def test_a_websocket_is_closed() -> None:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(told: Any) -> None:
        sent.append(told)

    await Handlers().async_receiver()({"type": "websocket"}, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1000}]
    with pytest.raises(ValueError, match="carrier-pigeon"):
        await Handlers().async_receiver()({"type": "carrier-pigeon"}, receive, send)


class Slow:
    """An asynchronous handler that waits until it is told to go on."""

    def __init__(self) -> None:
        self.begun = anyio.Event()
        self.go_on = anyio.Event()
        self.finished = 0

    async def __call__(self, event: WebhookEvent) -> None:
        self.begun.set()
        await self.go_on.wait()
        self.finished += 1


async def receive_body() -> dict[str, Any]:
    return {"type": "http.request", "body": BODY}


def scope() -> dict[str, Any]:
    raw = [(name.lower().encode(), value.encode()) for name, value in message()]
    return {"type": "http", "method": "POST", "path": "/hook", "headers": raw}


@pytest.mark.anyio
async def test_a_handler_that_takes_too_long_is_interrupted_and_its_message_comes_again() -> None:
    slow = Slow()
    receiver = AsyncWebhookReceiver(
        WebhookVerifier(STANDARD), slow, store=AsyncMemoryStore(), handler_timeout=0.01
    )
    statuses: list[int] = []

    async def send(told: Any) -> None:
        statuses.append(told.get("status"))

    await receiver(scope(), receive_body, send)
    slow.go_on.set()
    await receiver(scope(), receive_body, send)
    assert (statuses[0], statuses[2], slow.finished) == (500, 200, 1)
    assert receiver.stats().handler_errors == 1


@pytest.mark.anyio
async def test_a_server_that_cancels_a_request_does_not_leave_a_handler_half_done() -> None:
    slow = Slow()
    receiver = AsyncWebhookReceiver(WebhookVerifier(STANDARD), slow, store=AsyncMemoryStore())

    async def send(told: Any) -> None:
        await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as group:
        group.start_soon(receiver, scope(), receive_body, send)
        await slow.begun.wait()
        group.cancel_scope.cancel()
        slow.go_on.set()
    assert (slow.finished, receiver.stats().accepted) == (1, 1)
    await receiver(scope(), receive_body, send)
    assert (slow.finished, receiver.stats().duplicates) == (1, 1)


class Halting(AsyncMemoryStore):
    """A store that halts for a moment once it has written a mark."""

    def __init__(self) -> None:
        super().__init__()
        self.marked = anyio.Event()

    def scoped(self, account: str) -> Any:
        return self

    async def put_if_absent(self, *arguments: Any, **options: Any) -> bool:
        is_new = await super().put_if_absent(*arguments, **options)
        self.marked.set()
        await anyio.sleep(0.01)
        return is_new


@pytest.mark.anyio
async def test_a_request_that_is_cancelled_while_its_message_is_claimed_does_not_block_the_message() -> None:
    slow, store = Slow(), Halting()
    slow.go_on.set()
    receiver = AsyncWebhookReceiver(WebhookVerifier(STANDARD), slow, store=store)

    async def send(told: Any) -> None:
        await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as group:
        group.start_soon(receiver, scope(), receive_body, send)
        await store.marked.wait()
        group.cancel_scope.cancel()
    await receiver(scope(), receive_body, send)
    assert slow.finished == 1


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.anyio
async def test_a_handler_that_the_event_loop_cancels_gives_its_message_back(anyio_backend: str) -> None:
    slow = Slow()
    receiver = AsyncWebhookReceiver(WebhookVerifier(STANDARD), slow, store=AsyncMemoryStore())
    statuses: list[int] = []

    async def send(told: Any) -> None:
        statuses.append(told.get("status"))

    request = asyncio.create_task(receiver(scope(), receive_body, send))
    await slow.begun.wait()
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    slow.go_on.set()
    await receiver(scope(), receive_body, send)
    assert (slow.finished, statuses[0]) == (1, 200)


# ------------------------------------------------------------------------------------------- WSGI


class Input(io.BytesIO):
    """A request body that remembers how much of it was read, and may break off."""

    def __init__(self, body: bytes, *, breaks: bool = False) -> None:
        super().__init__(body)
        self.was_read = 0
        self.breaks = breaks

    def read(self, size: int | None = -1) -> bytes:
        if self.breaks:
            raise ConnectionResetError
        piece = super().read(size)
        self.was_read += len(piece)
        return piece


def status_under_wsgi(stream: Input, **environ: object) -> int:
    found: list[str] = []
    app: Any = Handlers().receiver()
    whole = {"REQUEST_METHOD": "POST", "PATH_INFO": "/hook", "wsgi.input": stream, **environ}
    app(whole, lambda status, _headers: found.append(status))
    return int(found[0].split(maxsplit=1)[0])


@pytest.mark.case("WH-34")
def test_a_body_without_a_length_is_read_to_one_byte_past_the_limit() -> None:
    stream = Input(bytes(1_000_000))
    assert status_under_wsgi(stream, **{"wsgi.input_terminated": True}) == 413
    assert stream.was_read == 262_145


def test_a_body_without_a_length_or_end_is_not_waited_for() -> None:
    stream = Input(b"", breaks=True)
    assert status_under_wsgi(stream) == 401


def test_nothing_is_read_past_the_announced_length() -> None:
    stream = Input(BODY + b"the next request")
    headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in message()}
    headers["CONTENT_LENGTH"] = headers.pop("HTTP_CONTENT_LENGTH")
    assert status_under_wsgi(stream, **headers) == 200
    assert stream.was_read == len(BODY)


@pytest.mark.parametrize(("stream", "status"), [(Input(b"x"), 400), (Input(b"", breaks=True), 400)])
def test_a_body_that_breaks_off_is_refused(stream: Input, status: int) -> None:
    assert status_under_wsgi(stream, CONTENT_LENGTH="5") == status


def test_a_length_that_is_no_number_is_refused() -> None:
    assert status_under_wsgi(Input(b""), CONTENT_LENGTH="five") == 400


def test_the_path_of_a_wsgi_server_is_read_as_utf_8() -> None:
    app: Any = WebhookReceiver(WebhookVerifier(STANDARD), store=MemoryStore(), path="/hä")
    found: list[str] = []
    path = "/hä".encode().decode("latin-1")
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "wsgi.input": Input(b"")}
    app(environ, lambda status, _headers: found.append(status))
    assert found == ["405 Method Not Allowed"]


def test_two_signature_lines_that_a_server_joined_are_told_apart() -> None:
    call = through_wsgi(Handlers().receiver())
    headers = message()
    good = dict(headers)["webhook-signature"]
    other = [pair for pair in headers if pair[0] != "webhook-signature"]
    for joined in (f"v1,AAAA, {good}", f"{good},v1a,x", f"{good} v2,x,{good}"):
        assert call("POST", "/hook", [*other, ("webhook-signature", joined)], [BODY]).status == 200
