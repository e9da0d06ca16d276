"""A list of names from outside: read, kept, asked, and never believed when damaged."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
from packaging.utils import NormalizedName

from namehold.errors import InputError, MachineError, SnapshotError
from namehold.files import InnerPath
from namehold.snapshot.file import Snapshot
from namehold.snapshot.store import SnapshotStore, load_file, read_list

DAY = dt.date(2026, 11, 1)


def named(*names: str) -> list[NormalizedName]:
    return [NormalizedName(name) for name in names]


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    return SnapshotStore(tmp_path / "cache")


@pytest.fixture
def listing(tmp_path: Path) -> Path:
    path = tmp_path / "names.txt"
    path.write_text("acme-tool\nAcme_Robotics.SDK\n\n# a comment\nacmet00l\nacme-tool\r\npython-acme-tool\nzz\n")
    return path


def opened(store: SnapshotStore, index: str = "pypi") -> Snapshot:
    snapshot = store.open(index)
    assert snapshot is not None
    return snapshot


def test_an_imported_list_answers(store: SnapshotStore, listing: Path) -> None:
    stored = store.import_file(listing, index="pypi", date=DAY)
    snapshot = opened(store)
    assert snapshot.info == stored.info
    assert list(snapshot.names()) == ["acme-robotics-sdk", "acme-tool", "acmet00l", "python-acme-tool", "zz"]
    assert snapshot.existing(named("acme-tool", "acme-tol", "zz")) == {"acme-tool", "zz"}
    assert snapshot.similar(named("acme-tool", "acme-t0-0l", "zz")) == {
        "acme-tool": ("acmet00l",),
        "acme-t0-0l": ("acme-tool", "acmet00l"),
    }
    snapshot.verify()


def test_what_is_known_about_it_is_kept(store: SnapshotStore, listing: Path) -> None:
    info = store.import_file(listing, index="pypi", complete=False, date=DAY).info
    assert (info.index, info.source, info.taken, info.count, info.complete) == ("pypi", "names.txt", DAY, 5, False)
    assert info.digest.startswith("sha256:")


def test_the_digest_depends_on_the_names_alone(store: SnapshotStore, tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("b\na\n")
    (tmp_path / "other.txt").write_text("A\nb\nb")
    one = store.import_file(tmp_path / "one.txt", index="pypi", date=DAY).info
    other = store.import_file(tmp_path / "other.txt", index="testpypi", complete=False).info
    assert one.digest == other.digest


def test_it_is_dated_by_the_file_unless_told(store: SnapshotStore, listing: Path) -> None:
    moment = dt.datetime(2026, 10, 3, 12, tzinfo=dt.UTC).timestamp()
    os.utime(listing, (moment, moment))
    assert store.import_file(listing, index="pypi").info.taken == dt.date(2026, 10, 3)


def test_each_index_has_its_own(store: SnapshotStore, listing: Path) -> None:
    store.import_file(listing, index="pypi")
    assert store.open("testpypi") is None
    assert store.path("../pypi").parent == store.path("pypi").parent


def test_names_containing_a_run_of_words(store: SnapshotStore) -> None:
    snapshot = Snapshot.of(
        named("acme", "acme-tool", "acme-tools", "my-acme-tool", "py-acme-tool-x", "xacme-tool", "tool-acme"),
        index="pypi",
        source="test",
        taken=DAY,
    )
    assert snapshot.containing("acme-tool", limit=9) == ("acme-tool", "my-acme-tool", "py-acme-tool-x")
    assert snapshot.containing("acme", limit=2) == ("acme", "acme-tool")
    assert snapshot.containing("a", limit=9) == ()
    assert snapshot.containing("", limit=9) == ()
    assert snapshot.containing("acme.tool", limit=9) == ()


def test_projects_whose_names_begin_with_a_name_are_counted() -> None:
    listed = named("acme", "acme-tool", "acme-tools", "my-acme-tool", "py-acme-tool-x", "tool", "tool-acme", "xacme")
    listed += named("my-instruments", "my-instrumentation", "instrumentation-acme", "instrumental", "instrume")
    snapshot = Snapshot.of(listed, index="pypi", source="test", taken=DAY)
    wanted = named("acme", "acme-tool", "tool", "zz", "instrumentation", "instrume", "my")
    assert snapshot.bearers(wanted) == {"acme": 2, "tool": 1, "instrumentation": 1, "my": 3}
    # `acme` is followed by the line `acme-tool`, but no project is called so.
    assert snapshot.bearers(named("acme-acme", "tool-tool")) == {}


@pytest.mark.parametrize("packed", [False, True])
def test_the_json_form_of_the_simple_index_is_read(tmp_path: Path, packed: bool) -> None:
    document = {
        "meta": {"api-version": "1.4", "_last-serial": 77},
        "projects": [{"name": "Acme_Tool", "_last-serial": 5}, {"_last-serial": 6, "name": "zz"}],
    }
    content = json.dumps(document).encode()
    path = tmp_path / "simple.json"
    path.write_bytes(gzip.compress(content) if packed else content)
    listed = read_list(path)
    assert listed.names == ("acme-tool", "zz")
    assert listed.serial == 77


def test_gzip_text_is_read(tmp_path: Path) -> None:
    path = tmp_path / "names.bin"  # what counts is the content, not the ending
    path.write_bytes(gzip.compress(b"\xef\xbb\xbfacme-tool\nzz"))
    assert read_list(path).names == ("acme-tool", "zz")


def test_lines_without_a_name_are_left_out_counted_and_shown_with_their_place(tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_bytes(b"good\n-bad\nfine\nc\xff\nok\n" + b"x y\n" * 9 + b"a\n" * 20)
    listed = read_list(path)
    assert listed.left_out == 11
    assert [(example.line, example.severity) for example in listed.examples[:2]] == [(2, "warning"), (4, "warning")]
    assert len(listed.examples) == 5
    assert str(path) in str(listed.examples[0])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n# only a comment\n",
        b"<!DOCTYPE html><form><input name=user></form><a href='/login'>login</a>",
        b"<!DOCTYPE html><a href='/simple/acme/'>Home</a>",
        b"\x7fELF\x00\x01\n\x00\x02\n\x00\nname\n",
        b"{",
        b"{}",
        b"[1, 2]",
        b'{"meta": {"api-version": "1.0"}}',
        b'{"meta": {"api-version": "2.0"}, "projects": []}',
        b'{"meta": {"api-version": "1.0"}, "projects": [{"nome": "acme"}]}',
        b'{"meta": {"api-version": "1.0"}, "projects": [{"name": "acme"}',
        b"[" * 100_000,
        gzip.compress(b"acme-tool\n" * 1000, mtime=0)[:-9],
        b"\x1f\x8bnot gzip at all",
        b"acme-tool\nzz\n",
    ],
)
def test_what_is_no_list_is_refused_and_the_old_one_stays(
    store: SnapshotStore, listing: Path, tmp_path: Path, content: bytes
) -> None:
    store.import_file(listing, index="pypi", date=DAY)
    wrong = tmp_path / "wrong"
    wrong.write_bytes(content)
    with pytest.raises(SnapshotError) as caught:
        store.import_file(wrong, index="pypi")
    assert caught.value.fix
    assert opened(store).info.count == 5
    assert [path.name for path in store.path("pypi").parent.iterdir()] == ["pypi.names"]


def test_a_missing_file_is_told_by_name(store: SnapshotStore, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.txt"):
        store.import_file(tmp_path / "nowhere.txt", index="pypi")


@pytest.mark.parametrize("damage", ["cut", "longer", "header", "empty", "other"])
def test_a_damaged_snapshot_says_how_to_mend_it(store: SnapshotStore, listing: Path, damage: str) -> None:
    store.import_file(listing, index="pypi")
    path = store.path("pypi")
    content = path.read_bytes()
    path.write_bytes(
        {
            "cut": content[:-1],
            "longer": content + b"x",
            "header": content.replace(b"names-file/4", b"names-file/9"),
            "empty": b"",
            "other": b"\x00" * 500,
        }[damage]
    )
    with pytest.raises(SnapshotError) as caught:
        store.open("pypi")
    assert "snapshot import" in caught.value.fix
    assert str(path) in caught.value.message
    store.import_file(listing, index="pypi")
    assert opened(store).info.count == 5


@pytest.mark.parametrize(("old", "new"), [(b"acme-tool\n", b"acme-toil\n"), (None, b"\xff" * 16)])
def test_a_changed_byte_is_found_by_verifying_and_breaks_no_answer(
    store: SnapshotStore, listing: Path, old: bytes | None, new: bytes
) -> None:
    store.import_file(listing, index="pypi")
    path = store.path("pypi")
    content = path.read_bytes()
    path.write_bytes(content.replace(old, new, 1) if old else content[: -len(new)] + new)
    snapshot = opened(store)
    snapshot.similar(named("acme-tool", "acmet00l", "zz", "python-acme-tool"))
    with pytest.raises(SnapshotError, match="digest"):
        snapshot.verify()


def test_a_list_can_come_through_a_pipe_of_the_shell() -> None:
    reading, writing = os.pipe()
    os.write(writing, gzip.compress(b"acme-tool\n"))
    os.close(writing)
    assert read_list(Path(f"/dev/fd/{reading}")).names == ("acme-tool",)
    os.close(reading)


def test_an_open_snapshot_outlives_its_replacement(store: SnapshotStore, listing: Path, tmp_path: Path) -> None:
    store.import_file(listing, index="pypi")
    before = opened(store)
    (tmp_path / "new.txt").write_text("other\n")
    store.import_file(tmp_path / "new.txt", index="pypi", may_shrink=True)
    assert before.existing(named("zz", "other")) == {"zz"}
    assert opened(store).existing(named("zz", "other")) == {"other"}


def test_a_whole_list_after_partial_ones_is_compared_with_the_last_whole_one(
    store: SnapshotStore, listing: Path, tmp_path: Path
) -> None:
    store.import_file(listing, index="pypi")
    whole = opened(store)
    for names in ("one\n", "one\ntwo\n"):
        (tmp_path / "some.txt").write_text(names)
        assert store.import_file(tmp_path / "some.txt", index="pypi", complete=False).gone == 0
    earlier = store.open_earlier("pypi")
    assert earlier is not None
    assert earlier.is_same_list(whole)
    (tmp_path / "cut.txt").write_text("zz\n")
    with pytest.raises(SnapshotError, match="1 of the 5 names in the kept list"):
        store.import_file(tmp_path / "cut.txt", index="pypi")
    (tmp_path / "new.txt").write_text("\n".join(sorted(whole.names())[1:]))
    assert store.import_file(tmp_path / "new.txt", index="pypi").gone == 1


def test_a_folder_that_can_not_be_written_is_told(tmp_path: Path, listing: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SnapshotError) as caught:
        SnapshotStore(tmp_path / "file").import_file(listing, index="pypi")
    assert "NAMEHOLD_CACHE" in caught.value.fix


def test_a_list_can_be_asked_without_keeping_it(listing: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    listed, snapshot = load_file(listing, index="pypi", date=DAY)
    assert snapshot.existing(named("acme-tool")) == {"acme-tool"}
    assert listed.left_out == 0
    assert sorted(tmp_path.iterdir()) == before


def test_an_empty_list_answers_that_nothing_exists() -> None:
    snapshot = Snapshot.of([], index="rehearsal", source="test", taken=DAY)
    assert snapshot.info.count == 0
    assert not snapshot.existing(named("acme"))
    assert not snapshot.similar(named("acme"))
    assert snapshot.containing("acme", limit=1) == ()


@pytest.mark.parametrize(("days", "stale"), [(0, False), (14, False), (15, True)])
def test_it_is_stale_after_fourteen_days(days: int, stale: bool) -> None:
    info = Snapshot.of(named("a"), index="pypi", source="test", taken=DAY).info
    assert info.is_stale(DAY + dt.timedelta(days=days)) is stale
    assert info.age_days(DAY + dt.timedelta(days=days)) == days


def test_the_html_form_of_a_list_is_read_as_different_servers_write_it(store: SnapshotStore, tmp_path: Path) -> None:
    page = tmp_path / "list.html"
    page.write_text(
        "<!DOCTYPE html><html><head><title>Simple <a href='no'>no</a></title></head><body>"
        "<a href='../'>../</a> <a href='acme-tool/'>Acme.Tool</a><br><A HREF=\"/root/simple/acme-two/\">acme_two</A>"
        "<a href=acme-three>acme-three</a><a href='acme-very-long/'>acme-very-..&gt;</a>"
        "<!-- <a href='acme-no/'>acme-no</a> --><a href='https://vendor.test/'>Our vendor</a>"
        "<script>document.write(\"<a href='acme-js/'>acme-js</a>\")</script></body></html>",
        "utf-8",
    )
    assert store.import_file(page, index="corp", date=DAY).left_out == 0
    kept = store.open("corp")
    assert kept is not None
    names = ["acme-tool", "acme-two", "acme-three", "acme-very-long", "acme-no", "acme-js", "no"]
    assert kept.existing([NormalizedName(name) for name in names]) == {*names[:4]}


def test_a_link_in_the_place_of_the_folder_is_the_machines_to_correct(listing: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    linked = SnapshotStore(InnerPath(tmp_path) / "linked" / "snapshots")
    (tmp_path / "linked").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    for attempt in (lambda: linked.open("pypi"), lambda: linked.import_file(listing, index="pypi")):
        with pytest.raises(MachineError, match="is a link, and none is followed here") as caught:
            attempt()
        assert "delete it or put a plain file or folder" in caught.value.fix


def test_a_damaged_list_is_replaced_however_few_of_its_names_the_new_one_has(
    store: SnapshotStore, tmp_path: Path
) -> None:
    whole = tmp_path / "whole.txt"
    whole.write_text("".join(f"acme-{number}\n" for number in range(20)), "utf-8")
    store.import_file(whole, index="pypi")
    kept = store.path("pypi")
    kept.write_bytes(kept.read_bytes().replace(b"acme-", b"ecma-"))
    whole.write_text(whole.read_text("utf-8") + "acme-20\n", "utf-8")
    assert store.import_file(whole, index="pypi").gone == 0
    assert opened(store).existing(named("acme-1", "ecma-1")) == {"acme-1"}


def test_a_time_that_no_file_has_is_told(store: SnapshotStore, listing: Path) -> None:
    """A file system may tell times far outside Python's calendar."""
    os.utime(listing, (-86_400, -86_400))
    with pytest.raises(InputError, match="has a time that can't be right") as caught:
        store.import_file(listing, index="pypi")
    # What was only touched would count as taken today.
    assert caught.value.fix.endswith(f"the day on which the list was taken: touch -d 2026-11-20 {listing}")
    assert store.import_file(listing, index="pypi", date=DAY).info.taken == DAY


@pytest.mark.parametrize(
    "changes",
    [
        {"names_bytes": float("inf")},
        {"names_bytes": 10**4_299},
        {"names_bytes": "9"},
        {"tables_bytes": 1e308},
        {"info": {"count": float("inf")}},
        {"info": {"count": 1.5}},
        {"info": {"count": -1}},
        {"info": {"taken": "9999-12-31"}},
        {"info": {"source": ["x"]}},
        {"info": {"complete": "no"}},
        {"moment": "2026-11-01T00:00:00"},
        {"moment": "9999-12-31T23:59:59-23:59"},
        {"format": []},
    ],
)
def test_a_first_line_that_nothing_wrote_is_damage(changes: dict[str, Any]) -> None:
    """A private index's list lies beside names.yaml, where a checkout may bring one along."""
    line, _, rest = bytes(Snapshot.of(named("acme"), index="pypi", source="x", taken=DAY)._buffer).partition(b"\n")
    fields = json.loads(line)
    changed = fields | changes | {"info": fields["info"] | changes.get("info", {})}
    with pytest.raises(SnapshotError, match="can't be used"):
        Snapshot(json.dumps(changed).encode() + b"\n" + rest)


def test_a_first_line_that_is_nested_too_deeply_is_damage() -> None:
    with pytest.raises(SnapshotError, match="its first line can't be read"):
        Snapshot(b'{"zzz":' + b"[" * 60_000 + b"\n")
