"""A list of names from anywhere takes memory and time in proportion to its names, and ends in our own words."""

from __future__ import annotations

import codecs
import datetime as dt
import json
import tracemalloc
from pathlib import Path

import pytest
from packaging.utils import NormalizedName

from namehold.errors import SnapshotError
from namehold.snapshot import lists
from namehold.snapshot.file import Snapshot
from namehold.snapshot.lists import parse_list
from namehold.text import as_utf8

HEAD = '{"meta":{"api-version":"1.0"},"projects":['


@pytest.mark.parametrize(
    "content",
    [
        HEAD + "[]," * 1_000 + "[]]}",
        HEAD + '{"name":"a","more":[]},' * 1_000 + "[]]}",
        '{"meta":{"api-version":"1.0","_last-serial":' + "1" * 5_000 + '},"projects":[{"name":"a"}]}',
        '{"a":' * 90_000,
        '{"meta":{"api-version":"' + "9" * 5_000 + '"},"projects":[]}',
    ],
)
def test_what_would_take_too_much_is_refused(content: str) -> None:
    with pytest.raises(SnapshotError) as caught:
        parse_list(content.encode(), source="list")
    assert len(caught.value.message) < 300


def test_tables_that_are_no_project_are_counted_and_not_kept() -> None:
    with pytest.raises(SnapshotError, match="no list of names: 1,000 of its 1,001 lines"):
        parse_list((HEAD + '{"x":1},' * 1_000 + '{"name":"acme"}]}').encode(), source="list")


@pytest.mark.parametrize("form", ["text", "json"])
def test_more_names_than_any_index_has_are_refused(monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    monkeypatch.setattr(lists, "MAX_NAMES", 10)
    names = [f"acme-{number}" for number in range(11)]
    text = HEAD + ",".join(json.dumps({"name": name}) for name in names) + "]}" if form == "json" else "\n".join(names)
    with pytest.raises(SnapshotError, match="more than 10 names"):
        parse_list(text.encode(), source="list")


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_more_lines_than_any_list_has_are_refused(monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    monkeypatch.setattr(lists, "_MAX_LINES", 10)
    assert parse_list(("acme" + end * 10).encode(), source="list").names == ("acme",)
    with pytest.raises(SnapshotError, match="more than 10 lines"):
        parse_list(("acme" + end * 11).encode(), source="list")


def test_names_longer_than_those_of_any_index_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "_MAX_LETTERS", 10)
    assert len(parse_list(b"acme1\nacme2\n", source="list").names) == 2
    with pytest.raises(SnapshotError, match="or 10 characters"):
        parse_list(b"acme1\nacme22\n", source="list")


@pytest.mark.parametrize("mark", [codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF32_BE])
def test_a_mark_before_what_is_no_text_is_no_error(mark: bytes) -> None:
    assert as_utf8(mark + b"\xff\xd8\xff") == b"\xff\xd8\xff"


def test_a_kept_list_with_odd_bytes_answers_without_an_error(tmp_path: Path) -> None:
    kept = Snapshot.of([NormalizedName("acme-tool")], index="pypi", source="x", taken=dt.date(2026, 11, 1))
    path = tmp_path / "list"
    kept.write(path)
    damaged = Snapshot(path.read_bytes().replace(b"acme-tool\n", b"acme-\x9eool\n"), path="list")
    assert damaged.containing("acme", limit=5) == ("acme-\ufffdool",)
    with pytest.raises(SnapshotError):
        damaged.verify()


@pytest.mark.parametrize(
    "content",
    [
        "<html><head><title>Simple Index</title></head><body><h1>Simple Index</h1></body></html>",
        "<html><title>root/dev: simple list (including inherited indices)</title></html>",
        '<!DOCTYPE html><meta name="pypi:repository-version" content="1.0">',
        '{"projects": []}',
    ],
)
def test_an_index_without_projects_has_an_empty_list(content: str) -> None:
    assert parse_list(content.encode(), source="list").names == ()


@pytest.mark.parametrize(
    "content",
    [
        "<title>Simple Index</title><form><input name=user></form>",
        "<html><body></body></html>",
        '<meta name="pypi:repository-version" content="2.0"><a href="acme-tool/">acme-tool</a>',
    ],
)
def test_a_page_that_may_be_anything_is_no_empty_list(content: str) -> None:
    with pytest.raises(SnapshotError, match="without a list of projects"):
        parse_list(content.encode(), source="list")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize(
    "content",
    [
        "acme-tool\r\nother\r\n",
        HEAD + '{"name":"Acme.Tool"},{"name":"other"}]}',
        '<a href="/simple/acme-tool/?sort=name">acme-tool</a> <a href="other#top">other</a>',
    ],
    ids=["text", "json", "html"],
)
def test_a_list_may_come_in_each_encoding_that_names_itself(content: str, encoding: str) -> None:
    assert parse_list(content.encode(encoding), source="list").names == ("acme-tool", "other")


def test_utf_16_that_is_no_list_is_refused_before_it_is_decoded() -> None:
    content = ("\u4e00" * 500_000).encode("utf-16")
    tracemalloc.start()
    try:
        with pytest.raises(SnapshotError, match="it is UTF-16, but mostly no names"):
            parse_list(content, source="list")
        assert tracemalloc.get_traced_memory()[1] < len(content)
    finally:
        tracemalloc.stop()
