"""The store behind the cache, against a plain model of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.cache import ResponseCache
from novita_sdk._core.http import Response

ANSWER = Response(200, {}, b"{}")
KEYS = st.sampled_from("abcd")
OPERATIONS = {"a": "one", "b": "one", "c": "two", "d": "two"}
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), KEYS, st.integers(1, 20)),
        st.tuples(st.just("get"), KEYS, st.none()),
        st.tuples(st.just("forget"), KEYS, st.none()),
        st.tuples(st.just("clear"), st.sampled_from(["one", "two", None]), st.none()),
        st.tuples(st.just("wait"), st.none(), st.integers(1, 15)),
    ),
    max_size=40,
)


@given(steps=STEPS, most=st.integers(1, 4))
def test_it_never_serves_what_is_old_dropped_or_one_too_many(
    steps: list[tuple[str, str | None, int | None]], most: int
) -> None:
    cache, now = ResponseCache(most), 0.0
    model: dict[str, float] = {}  # until when each answer is good, least recently used first
    asked = 0
    for step, name, number in steps:
        key = name or ""
        if step == "put":
            cache.put(key, OPERATIONS[key], ANSWER, until=now + (number or 0), generation=cache.generation)
            model.pop(key, None)
            model[key] = now + (number or 0)
            if len(model) > most:
                del model[next(iter(model))]
        elif step == "get":
            asked += 1
            is_good = model.get(key, 0.0) > now
            assert (cache.get(key, now) is ANSWER) is is_good
            until = model.pop(key, 0.0)
            if is_good:
                model[key] = until
        elif step == "forget":
            cache.forget(key)
            model.pop(key, None)
        elif step == "clear":
            doomed = [key for key in model if name in (None, OPERATIONS[key])]
            assert cache.clear(name) == len(doomed)
            for key in doomed:
                del model[key]
        else:
            now += number or 0
    stats = cache.stats()
    assert stats.hits + stats.misses == asked
    assert stats.entries == len(model) <= most


def test_what_was_read_before_a_clearing_is_not_kept() -> None:
    cache = ResponseCache(10)
    before = cache.generation
    cache.clear()
    cache.put("a", "one", ANSWER, until=10, generation=before)
    assert cache.get("a", 0) is None
