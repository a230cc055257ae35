# Generated from tests/aio/test_cache.py by tools/unasync.py; edit the source.
"""The cache: what it answers, when it forgets, and what it never keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from novita_sdk._concurrency.threads import gather
from novita_sdk._core import operations
from novita_sdk._core.http import Request, Response
from novita_sdk._core.stats import CacheStats
from novita_sdk._sync.client import Novita
from novita_sdk._sync.middleware import CallNext
from novita_sdk.errors import NovitaError, ResponseDecodeError, ServerError, ValidationError
from novita_sdk.options import CachePolicy, CallOptions
from novita_sdk.testing import VirtualClock
from tests.sync.remote import Late, Remote, client_of, instance

TEMPLATE = {
    "template": {
        "Id": "t-1",
        "name": "one",
        "image": "nginx",
        "type": "instance",
        "channel": "private",
        "rootfsSize": 60,
    }
}
PAST_IT, ANEW = CallOptions(cache="bypass"), CallOptions(cache="refresh")

Call = Callable[[Novita], object]


def remembering(remote: Remote, **policy: Any) -> Novita:
    return client_of(remote, cache=CachePolicy(**policy))


def read(client: Novita, options: CallOptions | None = None) -> None:
    client.templates.get("t-1", options=options)


def stats_of(client: Novita) -> CacheStats:
    assert client.cache is not None
    return client.cache.stats()


@pytest.mark.case("CA-01")
def test_a_template_is_read_once_in_ten_minutes(clock: VirtualClock) -> None:
    remote = Remote(clock, TEMPLATE)
    client = remembering(remote)
    read(client)
    clock.sleep(599)
    read(client)
    assert len(remote.seen) == 1
    clock.sleep(1)
    read(client)
    assert len(remote.seen) == 2


@pytest.mark.case("CA-01")
def test_without_a_cache_every_read_asks(clock: VirtualClock) -> None:
    remote = Remote(clock, TEMPLATE)
    client = client_of(remote)
    for _ in range(2):
        read(client)
    assert (len(remote.seen), client.cache, client.stats().cache) == (2, None, None)


WRITES: dict[str, Call] = {
    "update of the template": lambda client: client.templates.update("t-1", name="x"),
    "delete of something else": lambda client: client.networks.delete("n-1"),
    "unlisted write": lambda client: client.request("POST", "/x"),
}


@pytest.mark.case("CA-01")
@pytest.mark.parametrize("write", WRITES.values(), ids=list(WRITES))
def test_any_write_makes_it_forget(clock: VirtualClock, write: Call) -> None:
    remote = Remote(clock, TEMPLATE)
    client = remembering(remote)
    read(client)
    write(client)
    before = len(remote.seen)
    read(client)
    assert len(remote.seen) == before + 1


def test_a_write_that_fails_makes_it_forget_too(clock: VirtualClock) -> None:
    remote = Remote(clock, TEMPLATE, 400, TEMPLATE)
    client = remembering(remote)
    read(client)
    with pytest.raises(NovitaError):
        client.networks.delete("n-1")
    read(client)
    assert len(remote.seen) == 3


@pytest.mark.case("CA-01")
def test_a_read_begun_before_a_write_is_not_kept(clock: VirtualClock) -> None:
    remote = Remote(clock, lambda request: Late(5, TEMPLATE) if request.method == "GET" else 200)
    client = remembering(remote)

    def write() -> None:
        clock.sleep(1)
        client.networks.delete("n-1")

    gather(clock, [lambda: read(client), write])
    read(client)
    assert [seen.request.method for seen in remote.seen] == ["GET", "POST", "GET"]


def test_an_unreadable_answer_that_was_not_kept_need_not_be_forgotten(clock: VirtualClock) -> None:
    remote = Remote(clock, lambda request: Late(5, b"<html>") if request.method == "GET" else 200)
    client = remembering(remote)

    def write() -> None:
        clock.sleep(1)
        client.networks.delete("n-1")

    def read_in_vain() -> None:
        with pytest.raises(ResponseDecodeError):
            read(client)

    gather(clock, [read_in_vain, write])
    assert stats_of(client).dropped == 0


def test_a_read_begun_during_a_write_is_not_kept(clock: VirtualClock) -> None:
    """It may have seen the world as it was before."""
    remote = Remote(clock, lambda request: TEMPLATE if request.method == "GET" else Late(5, 200))
    client = remembering(remote)

    def in_between() -> None:
        clock.sleep(1)
        read(client)

    gather(clock, [lambda: client.networks.delete("n-1"), in_between])
    read(client)
    assert len(remote.gets) == 2


def test_nothing_is_answered_from_memory_while_a_write_is_under_way(clock: VirtualClock) -> None:
    remote = Remote(clock, lambda request: TEMPLATE if request.method == "GET" else Late(5, 200))
    client = remembering(remote)
    read(client)

    def in_between() -> None:
        clock.sleep(1)
        read(client)

    gather(clock, [lambda: client.networks.delete("n-1"), in_between])
    assert len(remote.gets) == 2


def test_a_hit_takes_no_token_and_passes_an_open_breaker(clock: VirtualClock) -> None:
    remote = Remote(clock, TEMPLATE, 500)
    client = remembering(remote)
    read(client)
    for _ in range(2):
        with pytest.raises(ServerError):
            client.request("GET", "/x")
    family = client.stats().families["public"]
    read(client)
    after = client.stats().families["public"]
    assert family.breaker is not None
    assert family.breaker.state == "open"
    assert (family.bucket and family.bucket.granted) == (after.bucket and after.bucket.granted)
    assert (after.calls, after.succeeded) == (family.calls + 1, family.succeeded + 1)


def test_refresh_asks_and_keeps_and_bypass_does_neither(clock: VirtualClock) -> None:
    newer = {"template": {**TEMPLATE["template"], "name": "two"}}
    remote = Remote(clock, TEMPLATE, newer, TEMPLATE)
    client = remembering(remote)
    read(client)
    read(client, ANEW)
    assert (client.templates.get("t-1")).name == "two"
    assert (client.templates.get("t-1", options=PAST_IT)).name == "one"
    assert (client.templates.get("t-1")).name == "two"
    assert (stats_of(client).hits, stats_of(client).misses) == (2, 1)


def test_a_refresh_that_fails_keeps_what_there_was(clock: VirtualClock) -> None:
    remote = Remote(clock, TEMPLATE, 400)
    client = remembering(remote)
    read(client)
    with pytest.raises(NovitaError):
        read(client, ANEW)
    read(client)
    assert len(remote.seen) == 2


@pytest.mark.parametrize("answer", [404, 500, (302, {})])
def test_an_error_is_not_kept(clock: VirtualClock, answer: Any) -> None:
    remote = Remote(clock, answer)
    client = remembering(remote)
    for _ in range(2):
        with pytest.raises(NovitaError):
            read(client, CallOptions(max_retries=0))
    assert len(remote.seen) == 2


@pytest.mark.parametrize("answer", [b"<html>", {"rows": []}, {"code": 500, "reason": "UNKNOWN"}, {}])
def test_an_answer_that_cannot_be_read_is_not_kept(clock: VirtualClock, answer: Any) -> None:
    """A page of some proxy in between must not be served for ten minutes."""
    remote = Remote(clock, answer, TEMPLATE)
    client = remembering(remote)
    with pytest.raises(NovitaError):
        read(client)
    read(client)
    assert len(remote.seen) == 2


def test_a_kept_answer_that_strict_reading_refuses_is_forgotten(clock: VirtualClock) -> None:
    odd = {"data": [{"id": "p", "price": "dear"}]}
    remote = Remote(clock, odd)
    client = remembering(remote)
    client.products.list().collect()
    client.products.list().collect()
    with pytest.raises(ResponseDecodeError):
        client.products.list(options=CallOptions(strict=True)).collect()
    client.products.list().collect()
    assert len(remote.seen) == 2


def test_other_arguments_are_another_question(clock: VirtualClock) -> None:
    remote = Remote(clock, {"data": []})
    client = remembering(remote)
    for name in ("4090", "5090", "4090"):
        client.products.list(product_name=name).collect()
    assert len(remote.seen) == 2


@pytest.mark.parametrize(
    "call", [lambda client: client.gpu_instances.get("i-1"), lambda client: client.request("GET", "/x")]
)
def test_what_changes_by_itself_is_never_kept(clock: VirtualClock, call: Call) -> None:
    remote = Remote(clock, instance())
    client = remembering(remote, ttl=3600)
    for _ in range(2):
        call(client)
    assert len(remote.seen) == 2


def test_only_slowly_changing_things_may_be_kept() -> None:
    cacheable = {name: row.cache_ttl for name, row in operations.ALL.items() if row.cache_ttl is not None}
    assert cacheable == {
        "list_clusters": 300,
        "list_gpu_products": 30,
        "list_cpu_products": 30,
        "get_template": 600,
        "list_templates": 60,
        "get_image_prewarm_quota": 60,
        "list_jobs": 10,
        "query_internal_jobs": 10,
    }


def test_one_figure_may_hold_for_all_and_another_for_one(clock: VirtualClock) -> None:
    remote = Remote(clock, lambda request: TEMPLATE if "template" in request.url else {"data": []})
    client = remembering(remote, ttl=20, ttls={"get_template": 40})
    for _ in range(2):
        read(client)
        client.clusters.list().collect()
        clock.sleep(30)
    assert [seen.path for seen in remote.seen] == ["template", "clusters", "clusters"]


def test_the_least_recently_used_answer_goes_first(clock: VirtualClock) -> None:
    remote = Remote(clock, {"data": []})
    client = remembering(remote, max_entries=2)
    for name in ("a", "b", "a", "c", "a", "b"):
        client.products.list(product_name=name).collect()
    assert [seen.query[-1] for seen in remote.seen] == ["a", "b", "c", "b"]
    assert (stats_of(client).entries, stats_of(client).evicted) == (2, 2)


def test_it_can_be_cleared_by_hand_whole_or_by_operation(clock: VirtualClock) -> None:
    remote = Remote(clock, lambda request: TEMPLATE if "template" in request.url else {"data": []})
    client = remembering(remote)
    assert client.cache is not None
    read(client)
    client.clusters.list().collect()
    assert client.cache.clear("get_template") == 1
    assert client.cache.clear("list_templates") == 0
    assert client.cache.clear() == 1
    assert stats_of(client).dropped == 2


def test_clearing_what_is_never_kept_is_refused_as_a_slip(clock: VirtualClock) -> None:
    client = remembering(Remote(clock, 500))
    assert client.cache is not None
    with pytest.raises(ValidationError, match="get_template"):
        client.cache.clear("get_templates")


def test_the_hit_ratio_is_zero_when_idle(clock: VirtualClock) -> None:
    client = remembering(Remote(clock, TEMPLATE))
    assert stats_of(client).hit_ratio == 0
    for _ in range(4):
        read(client)
    assert stats_of(client).hit_ratio == 0.75


def test_a_per_call_middleware_sees_hits_too(clock: VirtualClock) -> None:
    seen: list[int] = []

    def watch(request: Request, call_next: CallNext) -> Response:
        response = call_next(request)
        seen.append(response.status)
        return response

    remote = Remote(clock, TEMPLATE)
    client = client_of(remote, cache_ttl=60, middleware=[watch])
    for _ in range(2):
        read(client)
    assert (seen, len(remote.seen)) == ([200, 200], 1)


def test_a_cached_client_says_so_in_its_pipeline(clock: VirtualClock) -> None:
    assert "cache: 8 operations" in str(remembering(Remote(clock, 200)).pipeline)
