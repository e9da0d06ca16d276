"""A list of names may hold the serial of each project's last change, and tells what changed since another."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import NormalizedName
from tests.harness.names import LETTERS, word

from namehold.errors import SnapshotError
from namehold.names import is_normalized
from namehold.snapshot.file import Snapshot
from namehold.snapshot.lists import parse_list
from namehold.snapshot.store import SnapshotStore

DAY = dt.date(2026, 11, 1)
NAMES = word(LETTERS + "-", 7).filter(is_normalized).map(NormalizedName)
SERIALS = st.dictionaries(NAMES, st.integers(1, 2**32 - 1), max_size=30)


def listed(serials: dict[NormalizedName, int]) -> Snapshot:
    return Snapshot.of(list(serials), index="pypi", source="x", taken=DAY, serials=list(serials.values()))


def document(*projects: Any) -> bytes:
    return json.dumps({"meta": {"api-version": "1.4", "_last-serial": 9}, "projects": projects}).encode()


@given(SERIALS)
def test_every_name_has_its_own_serial(serials: dict[NormalizedName, int]) -> None:
    snapshot = listed(serials)
    assert snapshot.serials([*serials, NormalizedName("not-there-at-all")]) == serials
    assert list(snapshot.names()) == sorted(serials)
    assert snapshot.existing(list(serials)) == serials.keys()
    snapshot.verify()


@given(SERIALS, SERIALS)
def test_two_lists_tell_what_is_new_gone_and_changed(
    old: dict[NormalizedName, int], new: dict[NormalizedName, int]
) -> None:
    changes = listed(new).compare(listed(old))
    assert changes.new == tuple(sorted(new.keys() - old.keys()))
    assert changes.gone == tuple(sorted(old.keys() - new.keys()))
    both = sorted(name for name in new.keys() & old.keys() if new[name] != old[name])
    assert changes.changed == (tuple(both) if new and old else None)


def test_without_serials_it_is_not_known_what_changed() -> None:
    bare = Snapshot.of([NormalizedName("acme-tool")], index="pypi", source="x", taken=DAY)
    changes = listed({NormalizedName("acme-tool"): 3, NormalizedName("zz"): 4}).compare(bare)
    assert (changes.new, changes.changed) == (("zz",), None)
    assert bare.serials([NormalizedName("acme-tool")]) == {}


def test_serials_are_kept_in_the_file(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    (tmp_path / "list.json").write_bytes(
        document({"name": "Acme_Tool", "_last-serial": 7}, {"name": "zz", "_last-serial": 8})
    )
    store.import_file(tmp_path / "list.json", index="pypi")
    kept = store.open("pypi")
    assert kept is not None
    assert kept.serials([NormalizedName("acme-tool"), NormalizedName("zz")]) == {"acme-tool": 7, "zz": 8}
    dated = kept.dated(taken=DAY, etag='"two"')
    assert dated.serials([NormalizedName("zz")]) == {"zz": 8}
    dated.verify()


@pytest.mark.parametrize(
    "projects",
    [
        ({"name": "a"}, {"name": "b"}),
        ({"name": "a", "_last-serial": -1}, {"name": "b", "_last-serial": 2**32}),
        ({"name": "a", "_last-serial": 5, "x": {"name": "c"}}, {"name": "b", "_last-serial": 6}),
        ({"name": "a", "_last-serial": 5}, {"name": "-", "_last-serial": 6}, {"name": "b", "_last-serial": 7}),
        ({"name": "a", "_last-serial": "5"}, {"name": "b", "_last-serial": None}),
    ],
)
def test_where_it_is_not_clear_whose_a_serial_is_none_is_told(projects: tuple[Any, ...]) -> None:
    found = parse_list(document(*projects), source="x")
    assert {"a", "b"} <= set(found.names)
    assert not any(found.serials)


def test_a_file_of_the_version_before_is_still_read() -> None:
    new = Snapshot.of([NormalizedName("acme-tool"), NormalizedName("zz")], index="pypi", source="x", taken=DAY)
    head, _, rest = bytes(new._buffer).partition(b"\n")
    header = json.loads(head)
    assert header.pop("has_serials") is False
    old = json.dumps(header | {"format": "namehold/names-file/1", "byteorder": sys.byteorder}).encode() + b"\n" + rest
    read = Snapshot(old)
    read.verify()
    assert read.existing([NormalizedName("zz")]) == {"zz"}
    assert read.serials([NormalizedName("zz")]) == {}


@given(st.sets(st.integers(0, 400)), st.dictionaries(st.integers(0, 400), st.integers(1, 9)))
def test_long_equal_stretches_hide_no_difference(left_out: set[int], changed: dict[int, int]) -> None:
    """Lists of an index agree for thousands of names in a row; a difference may stand anywhere among them."""
    old = {NormalizedName(f"acme-tool-{number:03}"): 10 for number in range(400)}
    new = {name: changed.get(at, 10) for at, name in enumerate(old) if at not in left_out}
    new |= {NormalizedName(f"acme-tool-{number:03}-x"): 1 for number in left_out if number % 2}
    changes = listed(new).compare(listed(old))
    assert changes.new == tuple(sorted(new.keys() - old.keys()))
    assert changes.gone == tuple(sorted(old.keys() - new.keys()))
    assert changes.changed == (tuple(name for name in new if name in old and new[name] != 10) if new else None)


def test_the_list_before_the_kept_one_is_kept_too(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    name = NormalizedName("acme-tool")
    assert store.open_earlier("pypi") is None
    store.save(listed({name: 1}))
    store.save(listed({name: 1}))
    # The same list on a later day is no other list.
    assert store.open_earlier("pypi") is None
    for serial in (2, 3):
        store.save(listed({name: serial}))
    earlier, kept = store.open_earlier("pypi"), store.open("pypi")
    assert earlier is not None
    assert kept is not None
    assert [view.serials([name])[name] for view in (earlier, kept)] == [2, 3]


def test_a_list_was_taken_at_its_moment_or_by_the_end_of_its_day(tmp_path: Path) -> None:
    assert listed({}).taken_by == dt.datetime(2026, 11, 2, tzinfo=dt.UTC)
    moment = dt.datetime(2026, 11, 1, 9, 30, tzinfo=dt.UTC)
    known = Snapshot.of([NormalizedName("zz")], index="pypi", source="x", taken=DAY, moment=moment)
    assert known.taken_by == moment
    SnapshotStore(tmp_path).save(known)
    kept = SnapshotStore(tmp_path).open("pypi")
    assert kept is not None
    assert kept.taken_by == moment


@given(SERIALS, st.integers(0, 10_000), st.integers(0, 255))
def test_a_damaged_list_is_refused_or_compared_and_nothing_else(
    serials: dict[NormalizedName, int], at: int, byte: int
) -> None:
    content = bytearray(listed(serials)._buffer)
    start = content.find(b"\n") + 1
    if start < len(content):
        content[start + at % (len(content) - start)] = byte
    whole, damaged = listed({NormalizedName("m"): 1, NormalizedName("zz"): 4}), Snapshot(bytes(content))
    for older, newer in ((whole, damaged), (damaged, whole)):
        with contextlib.suppress(SnapshotError):
            newer.compare(older)
