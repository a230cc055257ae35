"""Packed bodies come out whole, or not at all."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.unpacking import DamagedBody, Unpacker

PLENTY = 10**9


def unpack(packed: bytes, piece: int = 7) -> bytes:
    unpacker = Unpacker()
    found = b"".join(unpacker.feed(packed[at : at + piece], PLENTY) for at in range(0, len(packed), piece))
    unpacker.finish()
    return found


@given(body=st.binary(max_size=2000), piece=st.integers(1, 500), pack=st.sampled_from([gzip, zlib]))
def test_a_body_comes_out_whole_however_it_is_cut_into_pieces(body: bytes, piece: int, pack: object) -> None:
    packed = pack.compress(body)  # type: ignore[attr-defined]  # both modules have it
    assert unpack(packed, piece) == body


@given(bodies=st.lists(st.binary(max_size=50), min_size=1, max_size=4), piece=st.integers(1, 40))
def test_several_packed_parts_in_a_row_are_one_body(bodies: list[bytes], piece: int) -> None:
    assert unpack(b"".join(map(gzip.compress, bodies)), piece) == b"".join(bodies)


@given(body=st.binary(max_size=200), cut=st.integers(1, 20))
def test_a_body_without_its_end_is_damaged(body: bytes, cut: int) -> None:
    packed = gzip.compress(body)
    with pytest.raises(DamagedBody):
        unpack(packed[: -min(cut, len(packed) - 1)])


@given(junk=st.binary(min_size=3, max_size=100))
def test_what_is_not_packed_is_damaged_and_nothing_else_is_raised(junk: bytes) -> None:
    with pytest.raises(DamagedBody):
        unpack(b"!!" + junk)


def test_an_empty_body_is_not_damaged() -> None:
    assert unpack(b"") == b""


def test_a_bomb_stops_at_the_limit() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    assert len(Unpacker().feed(bomb, 1000)) == 1000
