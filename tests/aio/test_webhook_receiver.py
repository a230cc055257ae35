"""Receiving webhooks: what is answered, and that each message is handled once."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from novita_sdk._async.stores.ledger_store import AsyncLedgerStore
from novita_sdk._async.stores.memory import AsyncMemoryStore
from novita_sdk._async.webhooks.claims import AsyncClaims
from novita_sdk._async.webhooks.receiver import AsyncWebhookReceiver
from novita_sdk._concurrency.aio import gather
from novita_sdk._core.webhooks.dedupe import Keys, Lasting, Seen
from novita_sdk._core.webhooks.receiving import ClientGoneError
from novita_sdk.errors import ConfigurationError, StoreUnavailableError
from novita_sdk.models.json_types import JSON
from novita_sdk.testing import VirtualClock
from novita_sdk.webhooks import ReceiverResponse, WebhookEvent, WebhookSigner, WebhookVerifier
from tests.webhooks.messages import MESSAGE_ID, STANDARD, without_standard

pytestmark = pytest.mark.anyio

BODY = b'{"instanceId":"inst_1","status":"ready","eventType":"instance.ready"}'
WEEK = 7 * 86_400


class Killed(BaseException):
    """The end of a process in the middle of its work."""


class AsyncFlakyStore(AsyncMemoryStore):
    """A store some of whose operations fail."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__(clock=clock)
        self.failing: set[str] = set()
        self.calls: list[str] = []

    def scoped(self, account: str) -> AsyncLedgerStore:
        assert account == "default"
        return self

    def _note(self, name: str) -> None:
        self.calls.append(name)
        if name in self.failing:
            raise StoreUnavailableError("gone fishing")

    async def put_if_absent(self, key: str, value: JSON, **options: Any) -> bool:
        self._note("put_if_absent")
        return await super().put_if_absent(key, value, **options)

    async def put(self, key: str, value: JSON, **options: Any) -> int:
        self._note("put")
        return await super().put(key, value, **options)

    async def delete(self, key: str, **options: Any) -> bool:
        self._note("delete")
        return await super().delete(key, **options)


class Unscoped:
    """A store that lacks something."""

    async def put_if_absent(self, key: str, value: JSON) -> bool:
        raise NotImplementedError


class AsyncApp:
    """A receiver with a handler that writes down what it gets and does what the test says."""

    def __init__(self, clock: VirtualClock, *, accept_legacy: bool = False, **options: Any) -> None:
        self.clock = clock
        self.store = AsyncFlakyStore(clock)
        self.handled: list[str | None] = []
        self.takes = 0.0
        self.failures: list[BaseException] = []
        judge = WebhookVerifier(STANDARD, clock=clock.time, accept_legacy=accept_legacy)
        self.receiver = AsyncWebhookReceiver(judge, self.handler, store=self.store, clock=clock, **options)

    async def handler(self, event: WebhookEvent) -> None:
        self.handled.append(event.instance_id)
        await self.clock.sleep_async(self.takes)
        if self.failures:
            raise self.failures.pop(0)

    def headers(self, body: bytes = BODY, message_id: str = MESSAGE_ID) -> dict[str, str]:
        """Headers of a message that is sent now."""
        return WebhookSigner(STANDARD).sign(body, message_id=message_id, now=self.clock.time())

    async def request(
        self,
        headers: object,
        *parts: bytes,
        method: str = "POST",
        path: str = "/hook",
    ) -> ReceiverResponse:
        """Send a request."""
        async with aclosing(pieces(*parts)) as chunks:
            return await self.receiver.handle(method, path, headers, chunks)  # type: ignore[arg-type]  # anything

    async def post(self, headers: Mapping[str, str] | None = None, body: bytes = BODY) -> int:
        """Send a message, a good one unless the headers say otherwise; give the status of the answer."""
        answered = await self.request(self.headers(body) if headers is None else headers, body)
        return answered.status

    def rejected(self) -> dict[str, int]:
        return dict(self.receiver.stats().rejected)


async def pieces(*parts: bytes) -> AsyncGenerator[bytes]:
    for part in parts:
        if part == b"hang up":
            raise ClientGoneError
        yield part


@pytest.fixture
def app(clock: VirtualClock) -> AsyncApp:
    return AsyncApp(clock)


# ------------------------------------------------------------------------------------ acceptance


@pytest.mark.case("WH-31")
async def test_a_message_is_handled_once_however_often_it_comes(app: AsyncApp) -> None:
    first = app.headers()
    assert [await app.post(first), await app.post(first)] == [200, 200]
    app.clock.advance(6 * 86_400)
    assert await app.post() == 200  # sent again, with a new timestamp
    assert app.handled == ["inst_1"]
    stats = app.receiver.stats()
    assert (stats.accepted, stats.duplicates, stats.ignored, stats.handler_errors) == (1, 2, 0, 0)


async def test_an_answer_is_one_word(app: AsyncApp) -> None:
    answered = await app.request(app.headers(), BODY)
    assert (answered.status, answered.body) == (200, b"ok")
    assert dict(answered.headers) == {"content-type": "text/plain; charset=utf-8", "content-length": "2"}


@pytest.mark.case("WH-32")
async def test_a_message_whose_handler_raised_is_handled_again(
    app: AsyncApp, caplog: pytest.LogCaptureFixture
) -> None:
    app.failures = [ValueError("no room")]
    assert [await app.post(), await app.post(), await app.post()] == [500, 200, 200]
    assert len(app.handled) == 2
    assert app.receiver.stats().handler_errors == 1
    (record,) = [record for record in caplog.records if record.exc_info]
    assert "no room" in str(record.exc_info)


@pytest.mark.case("WH-32")
async def test_a_message_whose_handler_died_is_handled_again_after_eleven_minutes(app: AsyncApp) -> None:
    app.failures = [Killed()]
    app.store.failing = {"delete"}  # the dead give nothing back
    with pytest.raises(Killed):
        await app.post()
    app.store.failing = set()
    app.clock.advance(600)
    assert await app.post() == 503
    app.clock.advance(55)
    assert await app.post() == 200
    assert len(app.handled) == 2


@pytest.mark.case("WH-33")
async def test_a_second_copy_waits_for_the_first(app: AsyncApp) -> None:
    app.takes = 1
    assert await gather(app.clock, [app.post, app.post]) == [200, 200]
    assert len(app.handled) == 1


@pytest.mark.case("WH-33")
async def test_a_second_copy_does_not_wait_for_ever(app: AsyncApp) -> None:
    app.takes = 10
    send = partial(app.request, app.headers(), BODY)
    answers = await gather(app.clock, [send, send])
    assert sorted(answered.status for answered in answers) == [200, 503]
    (busy,) = [answered for answered in answers if answered.status == 503]
    assert dict(busy.headers)["retry-after"] == "5"
    assert len(app.handled) == 1


async def test_a_second_copy_is_handled_if_the_first_failed(app: AsyncApp) -> None:
    app.takes = 1
    app.failures = [ValueError()]
    assert sorted(await gather(app.clock, [app.post, app.post])) == [200, 500]
    assert len(app.handled) == 2


@pytest.mark.case("WH-29")
async def test_a_message_from_a_clock_ahead_is_known_as_long_as_it_is_fresh(app: AsyncApp) -> None:
    ahead = WebhookSigner(STANDARD).sign(BODY, message_id=MESSAGE_ID, now=app.clock.time() + 300)
    assert await app.post(ahead) == 200
    app.clock.advance(599)
    assert await app.post(ahead) == 200
    app.clock.advance(2)
    assert await app.post(ahead) == 401
    assert len(app.handled) == 1
    assert app.receiver.stats().duplicates == 1


async def test_a_message_is_forgotten_after_a_week(app: AsyncApp) -> None:
    assert await app.post() == 200
    app.clock.advance(WEEK + 1)
    assert await app.post() == 200
    assert len(app.handled) == 2


@pytest.mark.case("WH-30")
async def test_a_message_without_its_standard_headers_is_no_news(clock: VirtualClock) -> None:
    app = AsyncApp(clock, accept_legacy=True)
    assert await app.post() == 200
    assert await app.post(without_standard(app.headers())) == 200
    assert len(app.handled) == 1


async def test_a_legacy_message_is_known_by_its_body(clock: VirtualClock) -> None:
    app = AsyncApp(clock, accept_legacy=True)
    for body in (BODY, BODY, BODY.replace(b"inst_1", b"inst_2")):
        assert await app.post(without_standard(app.headers(body)), body) == 200
    assert app.handled == ["inst_1", "inst_2"]


async def test_equal_bodies_under_two_ids_are_two_messages(clock: VirtualClock) -> None:
    app = AsyncApp(clock, accept_legacy=True)
    for message_id in ("msg_1", "msg_2", "msg_1"):
        assert await app.post(app.headers(message_id=message_id)) == 200
    assert len(app.handled) == 2


async def test_a_failed_message_is_forgotten_under_both_keys(clock: VirtualClock) -> None:
    app = AsyncApp(clock, accept_legacy=True)
    app.failures = [ValueError()]
    assert await app.post() == 500
    assert await app.post(without_standard(app.headers())) == 200


# --------------------------------------------------------------------------------------- refusals


@pytest.mark.case("WH-34")
async def test_a_body_of_the_greatest_size_is_read(app: AsyncApp) -> None:
    body = b'{"data":"%s"}' % (b"x" * (262_144 - 11))
    assert len(body) == 262_144
    length = {"Content-Length": "262144"}
    answered = await app.request({**app.headers(body), **length}, body[:100_000], body[100_000:])
    assert answered.status == 200


@pytest.mark.case("WH-34")
async def test_a_body_that_is_announced_too_large_is_not_read(app: AsyncApp) -> None:
    answered = await app.request({"content-length": "262145"}, b"hang up")
    assert (answered.status, app.rejected()) == (413, {"body_too_large": 1})


@pytest.mark.case("WH-34")
async def test_a_body_that_grows_too_large_is_read_no_further(app: AsyncApp) -> None:
    answered = await app.request({}, bytes(262_144), b"x", b"hang up")
    assert (answered.status, app.rejected()) == (413, {"body_too_large": 1})


@pytest.mark.case("WH-35")
@pytest.mark.parametrize(
    ("method", "path", "extra", "status"),
    [
        ("GET", "/hook", {}, 405),
        ("HEAD", "/hook", {}, 405),
        ("POST", "/hook/", {}, 404),
        ("GET", "/other", {}, 404),
        ("POST", "/hook", {"Content-Encoding": "gzip"}, 415),
        ("POST", "/hook", {"content-encoding": b"identity"}, 200),
        ("POST", "/hook", {"content-length": "5"}, 400),
        ("POST", "/hook", {"content-length": "-1"}, 400),
        ("POST", "/hook", {"content-length": "1e3"}, 400),
        ("POST", "/hook", {"content-length": b"9" * 20}, 400),
        ("POST", "/hook", {"webhook-timestamp": "soon"}, 400),
        ("POST", "/hook", {"webhook-timestamp": "1"}, 401),
    ],
)
async def test_a_request_that_is_none_of_ours_is_refused(
    clock: VirtualClock, method: str, path: str, extra: dict[str, object], status: int
) -> None:
    app = AsyncApp(clock, path="/hook")
    answered = await app.request({**app.headers(), **extra}, BODY, method=method, path=path)
    assert answered.status == status
    assert len(answered.body.split()) == 1
    assert dict(answered.headers).get("allow") == ("POST" if status == 405 else None)
    assert (app.handled == []) == (status != 200)


@pytest.mark.case("WH-35")
@pytest.mark.parametrize(
    ("extra", "status", "reason"),
    [
        (("Webhook-Id", "msg_2"), 400, "duplicate_header"),
        (("Content-Length", "1"), 400, "bad_length"),
        (("Content-Encoding", "br"), 415, "encoded_body"),
    ],
)
async def test_doubled_headers_are_refused(
    app: AsyncApp, extra: tuple[str, str], status: int, reason: str
) -> None:
    pairs = [*app.headers().items(), ("content-length", str(len(BODY))), ("content-encoding", "identity")]
    answered = await app.request([*pairs, extra], BODY)
    assert (answered.status, app.rejected()) == (status, {reason: 1})


@pytest.mark.case("WH-35")
async def test_an_unsigned_request_is_refused_without_saying_why(app: AsyncApp) -> None:
    answered = await app.request({}, BODY)
    assert (answered.status, answered.body) == (401, b"unauthorized")
    assert app.rejected() == {"no_signature": 1}


async def test_a_sender_that_hangs_up_is_not_taken_at_its_word(app: AsyncApp) -> None:
    answered = await app.request(app.headers(), BODY, b"hang up")
    assert (answered.status, app.rejected(), app.handled) == (400, {"incomplete_body": 1}, [])


async def test_headers_that_are_none_are_refused(app: AsyncApp) -> None:
    answered = await app.request(5, BODY)
    assert (answered.status, app.rejected()) == (400, {"bad_signature_header": 1})


async def test_a_genuine_body_that_is_no_event_is_refused_and_not_remembered(app: AsyncApp) -> None:
    assert await app.post(app.headers(b"[]"), b"[]") == 400
    assert app.store.calls == []


@pytest.mark.case("WH-36")
async def test_what_is_not_signed_never_reaches_the_store(app: AsyncApp) -> None:
    for _ in range(1000):
        assert await app.post({}) == 401
    assert app.store.calls == []


# ------------------------------------------------------------------------------------- the store


@pytest.mark.case("WH-36")
async def test_a_store_that_does_not_answer_keeps_the_handler_from_running(app: AsyncApp) -> None:
    app.store.failing = {"put_if_absent"}
    answered = await app.request(app.headers(), BODY)
    assert (answered.status, dict(answered.headers)["retry-after"], app.handled) == (503, "5", [])
    assert app.rejected() == {"store_failed": 1}


async def test_a_claim_whose_version_cannot_be_read_is_given_back(
    app: AsyncApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_key: str) -> None:
        raise StoreUnavailableError("gone fishing")

    with monkeypatch.context() as for_a_moment:
        for_a_moment.setattr(app.store, "get", away)
        assert await app.post() == 503
    assert await app.post() == 200
    assert len(app.handled) == 1


async def test_a_claim_that_is_half_made_is_given_back(clock: VirtualClock) -> None:
    app = AsyncApp(clock, accept_legacy=True)
    note = app.store._note

    def fail_at_the_second(name: str) -> None:
        note(name)
        if name == "put_if_absent" and app.store.calls.count(name) == 2:
            raise StoreUnavailableError("gone fishing")

    app.store._note = fail_at_the_second  # type: ignore[method-assign]  # a store that fails in between
    assert await app.post() == 503
    app.store._note = note  # type: ignore[method-assign]  # and works again
    assert await app.post() == 200
    assert len(app.handled) == 1


async def test_a_handled_message_counts_though_the_store_cannot_remember_it(
    app: AsyncApp, caplog: pytest.LogCaptureFixture
) -> None:
    app.store.failing = {"put"}
    began = app.clock.monotonic()
    assert await app.post() == 200
    assert (app.store.calls.count("put"), app.clock.monotonic() - began) == (3, 1.0)
    assert caplog.text.count("could not remember a message: StoreUnavailableError") == 3
    app.store.failing = set()
    app.clock.advance(600)
    assert await app.post() == 503  # still claimed
    app.clock.advance(60)
    assert await app.post() == 200
    assert len(app.handled) == 2


async def test_the_second_try_to_remember_is_enough(app: AsyncApp, monkeypatch: pytest.MonkeyPatch) -> None:
    app.store.failing = {"put"}
    note = app.store._note

    def recover(name: str) -> None:
        try:
            note(name)
        except StoreUnavailableError:
            app.store.failing = set()
            raise

    monkeypatch.setattr(app.store, "_note", recover)
    assert [await app.post(), await app.post()] == [200, 200]
    assert (len(app.handled), app.store.calls.count("put")) == (1, 2)


async def test_a_failed_message_that_cannot_be_released_ends_by_itself(app: AsyncApp) -> None:
    app.store.failing = {"delete"}
    app.failures = [ValueError()]
    assert await app.post() == 500
    app.clock.advance(661)
    assert await app.post() == 200


@pytest.mark.parametrize("action", ["done", "release"])
async def test_a_claim_that_was_lost_changes_nothing(clock: VirtualClock, action: str) -> None:
    store = AsyncMemoryStore(clock=clock)
    claims = AsyncClaims(store, clock, Lasting(claim=660, done=WEEK, handler=30))
    lost = await claims.take(Keys("seen:a", "seen:b"))
    assert not isinstance(lost, Seen)
    clock.advance(661)
    assert not isinstance(await claims.take(Keys("seen:a")), Seen)
    await getattr(claims, action)(lost)
    assert await claims.take(Keys("seen:a")) is Seen.RUNNING


async def test_a_mark_that_ends_while_it_is_looked_at_is_taken_again(clock: VirtualClock) -> None:
    class AsyncVanishing(AsyncMemoryStore):
        looks = 0

        async def get(self, key: str) -> Any:
            self.looks += 1
            if self.looks == 1:
                await self.delete(key)
            return await super().get(key)

    store = AsyncVanishing(clock=clock)
    claims = AsyncClaims(store, clock, Lasting(claim=660, done=WEEK, handler=30))
    assert not isinstance(await claims.take(Keys("seen:a")), Seen)


# ------------------------------------------------------------------------------------- handlers


async def test_each_type_of_event_may_have_a_handler_of_its_own(app: AsyncApp) -> None:
    ready: list[str | None] = []

    @app.receiver.on("instance.ready")
    async def when_ready(event: WebhookEvent) -> None:
        ready.append(event.instance_id)

    other = BODY.replace(b"instance.ready", b"instance.new")
    assert [await app.post(), await app.post(app.headers(other, "msg_2"), other)] == [200, 200]
    assert (ready, app.handled) == (["inst_1"], ["inst_1"])
    assert callable(when_ready)


async def test_an_event_that_nobody_handles_is_done(clock: VirtualClock) -> None:
    app = AsyncApp(clock)
    judge = WebhookVerifier(STANDARD, clock=clock.time)
    app.receiver = AsyncWebhookReceiver(judge, store=app.store, clock=clock)
    assert [await app.post(), await app.post()] == [200, 200]
    stats = app.receiver.stats()
    assert (stats.ignored, stats.duplicates, stats.accepted) == (1, 1, 0)


async def test_a_handler_that_is_late_but_cannot_be_interrupted_is_reported(
    app: AsyncApp, caplog: pytest.LogCaptureFixture
) -> None:
    app.takes = 31
    assert await app.post() == 200
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "late" in caplog.text


async def test_nothing_secret_is_logged(app: AsyncApp, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    app.failures = [ValueError()]
    headers = app.headers()
    for given in (headers, headers, headers, {}, {**headers, "webhook-id": "forged"}):
        await app.post(given)
    for secret in (STANDARD, headers["webhook-signature"], headers["X-Webhook-Signature"], "inst_1"):
        assert secret not in caplog.text
    assert MESSAGE_ID in caplog.text
    assert "forged" not in caplog.text


# ------------------------------------------------------------------------------------ the set-up


@pytest.mark.case("WH-29")
@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"claim_for": 659}, "claim_for"),
        ({"remember_for": 659}, "remember_for"),
        ({"remember_for": "7 days"}, "remember_for"),
        ({"handler_timeout": 0}, "handler_timeout"),
        ({"handler_timeout": 660}, "handler_timeout"),
        ({"handler_timeout": None}, "handler_timeout"),
        ({"store": object()}, "store"),
        ({"store": Unscoped()}, "store"),
        ({"handler": 5}, "handler"),
        ({"handler": AsyncApp}, "handler"),
    ],
)
async def test_a_receiver_is_set_up_within_its_limits(
    clock: VirtualClock, options: dict[str, Any], name: str
) -> None:
    given = {"store": AsyncMemoryStore(clock=clock), "clock": clock, **options}
    with pytest.raises(ConfigurationError, match=name):
        AsyncWebhookReceiver(WebhookVerifier(STANDARD), **given)


async def test_the_shortest_claim_follows_from_the_tolerance(clock: VirtualClock) -> None:
    judge = WebhookVerifier(STANDARD, tolerance=60)
    store = AsyncMemoryStore(clock=clock)
    assert AsyncWebhookReceiver(judge, store=store, claim_for=180, remember_for=timedelta(days=1))
    with pytest.raises(ConfigurationError, match="180"):
        AsyncWebhookReceiver(judge, store=store, claim_for=179)


@pytest.mark.parametrize("event_type", ["instance.ready", "", None])
async def test_a_type_of_event_is_registered_once(app: AsyncApp, event_type: Any) -> None:
    app.receiver.on("instance.ready")(app.handler)
    with pytest.raises(ConfigurationError, match="event_type"):
        app.receiver.on(event_type)
