"""When a walk over the pages of a list ends, and what it found."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.operations import Paging
from novita_sdk._core.paging import PageScan, check_page_arguments, item_key
from novita_sdk.errors import PagingError, ValidationError

PAGED = Paging(page_key="pageNum", zero_allowed=True)
COUNTED_FROM_ONE = Paging(page_key="page")

Server = Callable[[int, int], tuple[list[str], int | None]]
"""Page number and size to the page's ids and the total it tells."""


def rows(number: int) -> list[str]:
    return [f"id {index}" for index in range(number)]


def honest(ids: list[str], *, total: int | None, cap: int = 1000, first: int = 1, overlap: int = 0) -> Server:
    """A server that may cap the page size, count pages from another number, or let pages overlap."""

    def answer(page: int, size: int) -> tuple[list[str], int | None]:
        taken = min(size, cap)
        start = (page - first) * max(1, taken - overlap)
        return (ids[start : start + taken] if start >= 0 else []), total

    return answer


def walk(
    server: Server, paging: Paging | None = PAGED, size: int = 50, start: int = 1
) -> tuple[PageScan, list[str], list[int]]:
    """Read a whole list; returns the scan, the ids it yielded and the pages it asked for."""
    scan = PageScan(paging, size, start)
    yielded: list[str] = []
    asked: list[int] = []
    while (page := scan.next_page) is not None:
        asked.append(page)
        keys, total = server(page, size)
        yielded += [keys[position] for position in scan.feed(keys, total)]
    return scan, yielded, asked


@pytest.mark.case("PG-01")
def test_a_walk_stops_once_it_has_seen_the_total() -> None:
    scan, yielded, asked = walk(honest(rows(120), total=120))
    assert (yielded, asked) == (rows(120), [1, 2, 3])
    assert scan.complete


@pytest.mark.case("PG-01")
def test_a_total_that_was_passed_is_wrong_and_not_believed_again() -> None:
    scan, yielded, asked = walk(honest(rows(120), total=30))
    assert (yielded, asked) == (rows(120), [1, 2, 3, 4])
    assert scan.total is None
    assert scan.complete


@pytest.mark.case("PG-02")
def test_a_server_that_ignores_the_page_is_asked_twice_and_told_on() -> None:
    scan, yielded, asked = walk(lambda _page, size: (rows(200)[:size], None))
    assert (yielded, asked) == (rows(50), [1, 2])
    assert scan.page_ignored
    assert not scan.complete


@pytest.mark.case("PG-02")
def test_a_short_list_without_total_is_asked_twice_without_complaint() -> None:
    scan, yielded, asked = walk(lambda _page, _size: (rows(7), None))
    assert (yielded, asked) == (rows(7), [1, 2])
    assert not scan.page_ignored
    assert scan.complete


def test_a_server_that_ignores_the_page_is_not_asked_for_page_0() -> None:
    scan, _, asked = walk(lambda _page, size: (rows(200)[:size], 200))
    assert asked == [1, 2]
    assert not scan.complete


@pytest.mark.case("PG-03")
def test_a_server_that_caps_the_size_is_read_to_its_end() -> None:
    assert walk(honest(rows(45), total=45, cap=20))[1:] == (rows(45), [1, 2, 3])
    assert walk(honest(rows(45), total=None, cap=20))[1:] == (rows(45), [1, 2, 3, 4])


@pytest.mark.case("PG-04")
def test_overlapping_pages_yield_no_id_twice() -> None:
    scan, yielded, _ = walk(honest(rows(120), total=120, overlap=2))
    assert yielded == rows(120)
    assert scan.complete


@pytest.mark.case("PG-04")
def test_a_server_that_counts_from_0_is_asked_for_page_0_once() -> None:
    scan, yielded, asked = walk(honest(rows(60), total=60, first=0))
    assert sorted(yielded) == sorted(rows(60))
    assert asked == [1, 2, 0]
    assert scan.complete


@pytest.mark.parametrize(("total", "asked"), [(None, [1, 0]), (10, [1, 0]), (0, [1])])
def test_an_empty_page_1_is_believed_only_if_the_total_says_0(total: int | None, asked: list[int]) -> None:
    scan, yielded, pages = walk(lambda _page, _size: ([], total))
    assert (yielded, pages) == ([], asked)
    assert scan.complete == (total != 10)


def test_page_0_is_never_asked_for_where_the_api_has_none() -> None:
    scan, _, asked = walk(honest(rows(60), total=60, first=0), COUNTED_FROM_ONE)
    assert asked == [1, 2]
    assert not scan.complete


def test_a_walk_that_misses_items_is_incomplete_but_yields_what_it_found() -> None:
    scan, yielded, asked = walk(honest(rows(10), total=12))
    assert (yielded, asked) == (rows(10), [1, 2, 0])
    assert not scan.complete


def test_a_walk_from_a_later_page_proves_nothing_and_asks_for_no_earlier_one() -> None:
    scan, yielded, asked = walk(honest(rows(120), total=120), start=2)
    assert (yielded, asked) == (rows(120)[50:], [2, 3, 4])
    assert not scan.complete


@pytest.mark.case("PG-05")
def test_new_ids_for_ever_end_in_an_error_after_1000_pages() -> None:
    scan = PageScan(PAGED, 1)
    for page in range(1000):
        assert scan.next_page == page + 1
        assert scan.feed([f"id {page}"]) == [0]
    with pytest.raises(PagingError, match="1000 pages"):
        _ = scan.next_page


def test_a_list_of_exactly_1000_pages_can_be_read() -> None:
    scan, yielded, _ = walk(honest(rows(1000), total=1000), size=1)
    assert len(yielded) == 1000
    assert scan.complete


def test_an_unpaged_list_is_one_page_and_keeps_equal_rows() -> None:
    scan = PageScan(None)
    assert scan.next_page == 1
    assert scan.feed(["same", "same"], None) == [0, 1]
    assert scan.next_page is None
    assert scan.complete


def test_a_walk_is_not_complete_before_it_has_ended() -> None:
    assert not PageScan(PAGED).complete


# ------------------------------------------------------------ over any server

sizes = st.integers(1, 30)


@given(count=st.integers(0, 90), size=sizes, cap=sizes, told=st.booleans(), zero=st.booleans())
def test_an_honest_server_is_read_to_the_last_item(
    count: int, size: int, cap: int, told: bool, zero: bool
) -> None:
    server = honest(rows(count), total=count if told else None, cap=cap)
    scan, yielded, asked = walk(server, PAGED if zero else COUNTED_FROM_ONE, size)
    assert yielded == rows(count)
    assert scan.complete
    assert len(asked) <= count // min(size, cap) + 2


@given(count=st.integers(0, 90), size=sizes, cap=sizes)
def test_a_server_that_counts_from_0_and_tells_its_total_is_read_to_the_last_item(
    count: int, size: int, cap: int
) -> None:
    scan, yielded, _ = walk(honest(rows(count), total=count, cap=cap, first=0), size=size)
    assert sorted(yielded) == sorted(rows(count))
    assert scan.complete


@given(count=st.integers(0, 90), size=st.integers(2, 30), data=st.data(), told=st.booleans())
def test_overlaps_lose_nothing_and_repeat_nothing(
    count: int, size: int, data: st.DataObject, told: bool
) -> None:
    overlap = data.draw(st.integers(0, size - 1))
    server = honest(rows(count), total=count if told else None, overlap=overlap)
    _, yielded, _ = walk(server, size=size)
    assert yielded == rows(count)


@given(
    pages=st.lists(
        st.tuples(st.lists(st.sampled_from(rows(12)), max_size=6), st.none() | st.integers(-2, 20))
    ),
    zero=st.booleans(),
    size=sizes,
)
def test_any_server_is_done_with_in_the_end_and_never_repeats_an_item(
    pages: list[tuple[list[str], int | None]], zero: bool, size: int
) -> None:
    def server(page: int, _size: int) -> tuple[list[str], int | None]:
        return pages[page] if page < len(pages) else ([], None)

    _, yielded, asked = walk(server, PAGED if zero else COUNTED_FROM_ONE, size)
    assert len(yielded) == len(set(yielded))
    assert len(asked) == len(set(asked))
    assert len(asked) <= len(pages) + 2


@given(total=st.integers(0, 200), count=st.integers(1, 60), size=sizes)
def test_a_wrong_total_never_hides_an_item_beyond_the_page_that_reached_it(
    total: int, count: int, size: int
) -> None:
    _, yielded, _ = walk(honest(rows(count), total=total), size=size)
    assert yielded == rows(count) or len(yielded) == total


# ------------------------------------------------------------ keys and arguments


def test_items_are_told_apart_by_their_id() -> None:
    assert item_key({"Id": "1", "a": 2}, "Id") == item_key({"Id": 1, "a": 3}, "Id")
    assert item_key({"Id": "1"}, "Id") != item_key({"Id": "2"}, "Id")


def test_items_without_id_are_told_apart_by_their_content() -> None:
    assert item_key({"a": 1, "b": 2}, None) == item_key({"b": 2, "a": 1}, None)
    assert item_key({"id": "", "a": 1}, "id") != item_key({"id": "", "a": 2}, "id")
    assert item_key(["odd"], "id") != item_key("odd", "id")


def test_an_id_never_equals_a_content() -> None:
    assert item_key({"id": 'json {"a": 1}'}, "id") != item_key({"a": 1}, "id")


@pytest.mark.parametrize(("size", "start"), [(1, 1), (100, 7)])
def test_sizes_of_1_to_100_and_pages_from_1_are_accepted(size: int, start: int) -> None:
    check_page_arguments(size, start)


@pytest.mark.parametrize("size", [0, 101, -1, True, 10.0, "10", None])
def test_another_page_size_is_refused_together_with_a_wrong_start(size: int) -> None:
    with pytest.raises(ValidationError) as caught:
        check_page_arguments(size, 0)
    assert [found.field for found in caught.value.problems] == ["page_size", "start"]
