"""The tables that are kept with a list change no answer, and never answer for names that they weren't made from."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from packaging.utils import NormalizedName

from namehold.errors import SnapshotError
from namehold.snapshot import Snapshot, SnapshotStore

DAY = dt.date(2026, 11, 1)
LISTED = ("acme", "acme-tool", "acme-tools", "my-acme-tool", "tool", "zz-instrumentation", "zz-instrumental")
ASKED = [NormalizedName(text) for text in ("acme", "acme-tool", "tool", "instrumentation", "zz-instrumenta", "none")]


def listed(*names: str, serials: tuple[int, ...] = ()) -> Snapshot:
    return Snapshot.of(map(NormalizedName, names), index="pypi", source="test", taken=DAY, serials=serials)


def opened(store: SnapshotStore) -> Snapshot:
    snapshot = store.open("pypi")
    assert snapshot is not None
    return snapshot


def answers(snapshot: Snapshot) -> object:
    near = [dict(snapshot.near(name, edits=edits)) for name in ASKED for edits in (1, 2)]
    return dict(snapshot.bearers(ASKED)), near


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    return SnapshotStore(tmp_path)


@pytest.mark.parametrize("names", [LISTED, LISTED[:-1], LISTED[:1], ()])
@pytest.mark.parametrize("has_serials", [False, True])
def test_a_kept_list_answers_as_the_list_in_memory(
    store: SnapshotStore, names: tuple[str, ...], has_serials: bool
) -> None:
    snapshot = listed(*names, serials=tuple(range(1, len(names) + 1)) if has_serials else ())
    store.save(snapshot)
    kept = opened(store)
    kept.verify()
    assert answers(kept) == answers(snapshot)
    assert kept.serials(ASKED) == snapshot.serials(ASKED)
    assert kept.is_same_list(snapshot)


def test_a_list_that_is_dated_anew_keeps_its_answers(store: SnapshotStore) -> None:
    store.save(listed(*LISTED))
    store.save(opened(store).dated(taken=DAY + dt.timedelta(days=1), etag="x"))
    kept = opened(store)
    kept.verify()
    assert kept.info.taken == DAY + dt.timedelta(days=1)
    assert answers(kept) == answers(listed(*LISTED))


def test_a_file_of_the_version_without_tables_answers_and_gets_them_when_it_is_kept(store: SnapshotStore) -> None:
    new = listed(*LISTED)
    head, _, rest = bytes(new._buffer).partition(b"\n")
    header = {key: value for key, value in json.loads(head).items() if not key.startswith("tables")}
    old = Snapshot(json.dumps(header | {"format": "namehold/names-file/2"}).encode() + b"\n" + rest)
    old.verify()
    assert answers(old) == answers(new)
    store.save(old)
    store.save(new)
    kept = store.path("pypi").read_bytes()
    SnapshotStore(store.path("other").parent / "other").save(new)
    assert kept == (store.path("other").parent / "other" / "pypi.names").read_bytes()


def test_a_file_of_the_version_with_a_table_of_words_answers(store: SnapshotStore) -> None:
    store.save(listed(*LISTED))
    line, _, content = store.path("pypi").read_bytes().partition(b"\n")
    head = json.loads(line)
    size, tables = head["names_bytes"], len(content) - head["tables_bytes"]
    lengths = len(content) - 2 * len(LISTED)
    old = content[tables:lengths] + b"\0" * 4 * 13 + content[lengths:]
    kept = _sealed(head | {"format": "namehold/names-file/3"}, content[:size], content[size:tables], old)
    kept.verify()
    assert answers(kept) == answers(listed(*LISTED))


def _change_a_name(content: bytes) -> bytes:
    return content.replace(b"\nzz-instrumental\n", b"\nzz-instrumentel\n", 1)


def _change_the_tables(content: bytes) -> bytes:
    return content[:-1] + bytes((content[-1] ^ 1,))


def _take_the_tables_of_another_list(content: bytes) -> bytes:
    """As if somebody had made the list anew, its digests, too, and left the tables of as many names."""
    other = bytes(listed(*LISTED[:-1], "zz-instrumentel")._buffer)
    head, _, rest = content.partition(b"\n")
    header, _, other_rest = other.partition(b"\n")
    fields = json.loads(head)
    changed = fields | {key: json.loads(header)[key] for key in ("index_digest", "info")}
    return json.dumps(changed).encode().ljust(len(head)) + b"\n" + other_rest + rest[len(other_rest) :]


@pytest.mark.parametrize("change", [_change_a_name, _change_the_tables, _take_the_tables_of_another_list])
def test_what_was_changed_by_hand_gives_no_answer_but_how_to_make_it_anew(
    store: SnapshotStore, change: Callable[[bytes], bytes]
) -> None:
    store.save(listed(*LISTED))
    path = store.path("pypi")
    content = path.read_bytes()
    changed = change(content)
    assert len(changed) == len(content)
    assert changed != content
    path.write_bytes(changed)
    kept = opened(store)
    asks: list[Callable[[], object]] = [lambda: kept.near(ASKED[1], edits=1), kept.verify]
    if change is _change_a_name:
        asks.append(lambda: kept.bearers(ASKED))
    for ask in asks:
        with pytest.raises(SnapshotError, match="digest") as caught:
            ask()
        assert "snapshot import" in caught.value.fix
    store.save(listed(*LISTED))
    assert answers(opened(store)) == answers(listed(*LISTED))


def test_tables_of_less_than_no_bytes_are_damage(store: SnapshotStore) -> None:
    store.save(listed(*LISTED))
    head, _, rest = store.path("pypi").read_bytes().partition(b"\n")
    fields = json.loads(head)
    cut = rest[: -fields["tables_bytes"] - 8]
    with pytest.raises(SnapshotError, match="instead of"):
        Snapshot(json.dumps(fields | {"tables_bytes": -8}).encode() + b"\n" + cut)


def _sealed(head: dict[str, Any], names: bytes, rest: bytes, tables: bytes) -> Snapshot:
    """A list whose file somebody wrote by hand, with the right digests."""
    text = head["info"]["digest"].encode() + tables
    fields = {"tables_bytes": len(tables), "tables_digest": "sha256:" + hashlib.sha256(text).hexdigest()}
    return Snapshot(json.dumps(head | fields).encode() + b"\n" + names + rest + tables)


def _name_far_away(tables: bytes) -> bytes:
    start = 8 * len(LISTED)
    return tables[:start] + (1 << 31).to_bytes(4, sys.byteorder) + tables[start + 4 :]


def _a_byte_before_the_lengths(tables: bytes) -> bytes:
    lengths = len(tables) - 2 * len(LISTED)
    return tables[:lengths] + b"x" + tables[lengths:]


@pytest.mark.parametrize(
    "change",
    [lambda old: old[:8], lambda old: old[:-1], lambda old: old + b"x", _name_far_away, _a_byte_before_the_lengths],
)
def test_tables_that_no_list_has_are_damage_even_with_the_right_digest(
    store: SnapshotStore, change: Callable[[bytes], bytes]
) -> None:
    store.save(listed(*LISTED))
    line, _, content = store.path("pypi").read_bytes().partition(b"\n")
    head = json.loads(line)
    size, tables = head["names_bytes"], len(content) - head["tables_bytes"]
    names, rest = content[:size], content[size:tables]
    assert answers(_sealed(head, names, rest, content[tables:])) == answers(listed(*LISTED))
    kept = _sealed(head, names, rest, change(content[tables:]))
    with pytest.raises(SnapshotError, match="tables for its searches") as caught:
        kept.near(NormalizedName("zz-instrumentation"), edits=1)
    assert "snapshot import" in caught.value.fix
