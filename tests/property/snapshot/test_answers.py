"""The mapped list answers as a plain search through all names would."""

from __future__ import annotations

import datetime as dt
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import NormalizedName
from tests.harness.names import dashed, word

from namehold.names import ultranormalize
from namehold.snapshot.file import Snapshot

# Few characters, so that names meet: look-alikes, separators, shared words.
name = dashed(word("a1lio0", 3), word("a1lio0", 2), 2)
names = st.lists(name, max_size=40)


def snapshot_of(listed: list[NormalizedName]) -> Snapshot:
    return Snapshot.of(listed, index="pypi", source="test", taken=dt.date(2026, 11, 1))


@given(names, names)
def test_existing_and_similar_agree_with_their_definitions(
    listed: list[NormalizedName], asked: list[NormalizedName]
) -> None:
    snapshot = snapshot_of(listed)
    assert list(snapshot.names()) == sorted(set(listed))
    assert snapshot.existing(asked) == set(asked) & set(listed)
    expected = {
        one: tuple(sorted(other for other in set(listed) - {one} if ultranormalize(other) == ultranormalize(one)))
        for one in asked
    }
    assert dict(snapshot.similar(asked)) == {one: others for one, others in expected.items() if others}


@given(names, name, st.integers(min_value=0, max_value=5))
def test_containing_agrees_with_its_definition(listed: list[NormalizedName], token: str, limit: int) -> None:
    expected = sorted(one for one in set(listed) if f"-{token}-" in f"-{one}-")
    assert snapshot_of(listed).containing(token, limit=limit) == tuple(expected[:limit])


@given(names, names)
def test_bearers_agree_with_their_definition(listed: list[NormalizedName], asked: list[NormalizedName]) -> None:
    expected = {name: sum(other.startswith(f"{name}-") for other in set(listed)) for name in asked}
    assert dict(snapshot_of(listed).bearers(asked)) == {name: number for name, number in expected.items() if number}


@given(names, names)
def test_keys_that_share_a_checksum_are_told_apart(listed: list[NormalizedName], asked: list[NormalizedName]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(zlib, "crc32", len)
        snapshot = snapshot_of(listed)
        assert snapshot.existing(asked) == set(asked) & set(listed)


@given(names)
def test_the_same_names_give_the_same_bytes(listed: list[NormalizedName]) -> None:
    one, other = snapshot_of(listed), snapshot_of(list(reversed(listed)))
    assert one.info == other.info
    assert one._buffer == other._buffer
