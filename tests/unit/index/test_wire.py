from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namehold.index.access.wire import unpacked

CONTENT = st.one_of(
    st.binary(max_size=5000),
    st.builds(lambda piece, times: piece * times, st.binary(max_size=9), st.integers(0, 60_000)),
)


def split(content: bytes, size: int) -> list[bytes]:
    return [content[at : at + size] for at in range(0, len(content), size)]


@given(content=CONTENT, size=st.integers(1, 7000))
def test_what_was_packed_comes_back_in_small_pieces_however_it_was_cut(content: bytes, size: int) -> None:
    for coding, sent in (
        ("gzip", gzip.compress(content)),
        ("GZIP", gzip.compress(content)),
        ("", content),
        ("identity", content),
        ("gzip, identity", gzip.compress(content)),
        # Some stores call a text's encoding or their own way of sending so.
        ("utf-8", content),
        ("aws-chunked", content),
    ):
        pieces = list(unpacked(split(sent, size), coding=coding))
        assert b"".join(pieces) == content
        assert max(map(len, pieces), default=0) <= 70_000


def test_nothing_may_be_unpacked_that_nobody_takes() -> None:
    bomb = gzip.compress(bytes(100_000_000))
    assert len(next(unpacked([bomb], coding="gzip"))) < 100_000


def test_no_body_is_no_damage_whatever_coding_it_is_said_to_have() -> None:
    assert list(filter(None, unpacked([], coding="gzip"))) == []


@pytest.mark.parametrize(
    ("coding", "sent", "problem"),
    [
        ("gzip, gzip", gzip.compress(gzip.compress(b"x")), "wasn't asked for"),
        ("deflate", zlib.compress(b"x"), "wasn't asked for"),
        ("ZSTD", b"x", "wasn't asked for"),
        ("identity, br", b"x", "wasn't asked for"),
        ("gzip", b"no gzip", "damaged"),
        ("gzip", gzip.compress(b"words")[:-3], "cut off"),
        ("gzip", gzip.compress(b"words") + b"more", "goes on"),
    ],
    ids=["twice", "deflate", "zstd", "br", "none", "short", "long"],
)
def test_other_codings_and_damage_are_refused(coding: str, sent: bytes, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        list(unpacked([sent], coding=coding))
