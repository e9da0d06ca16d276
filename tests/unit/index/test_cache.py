"""Answers are kept privately, for as long as they are true."""

from __future__ import annotations

import io
import json
from pathlib import Path

import httpx
from packaging.utils import NormalizedName

from namehold.index.access.cache import KeptAnswers
from namehold.index.access.http import HttpIndex
from namehold.index.model import IndexChoice, KeptAnswer
from namehold.index.profiles import private_profile

ANSWER = KeptAnswer(status=200, content=b'{"a": "\xc3\xa4"}', etag='"1"')


def test_what_was_kept_is_found_and_grows_old(tmp_path: Path) -> None:
    now = 1_000.0
    cache = KeptAnswers(tmp_path / "answers", fresh_s=60, now=lambda: now)
    assert cache.find("http://127.0.0.1/x", "json") is None
    cache.keep("http://127.0.0.1/x", "json", ANSWER)
    found = cache.find("http://127.0.0.1/x", "json")
    assert found is not None
    assert (found.content, found.etag, found.is_fresh) == (ANSWER.content, '"1"', True)
    assert cache.find("http://127.0.0.1/x", "html") is None
    now += 61
    found = cache.find("http://127.0.0.1/x", "json")
    assert found is not None
    assert not found.is_fresh


def test_a_clock_that_was_set_back_makes_nothing_fresh(tmp_path: Path) -> None:
    now = 1_000.0
    cache = KeptAnswers(tmp_path, fresh_s=60, now=lambda: now)
    cache.keep("http://127.0.0.1/x", "json", ANSWER)
    now = 0.0
    found = cache.find("http://127.0.0.1/x", "json")
    assert found is not None
    assert not found.is_fresh


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    cache = KeptAnswers(tmp_path / "answers", fresh_s=60)
    cache.keep("http://127.0.0.1/x", "json", ANSWER)
    (file,) = (tmp_path / "answers").iterdir()
    assert (file.stat().st_mode & 0o077, file.parent.stat().st_mode & 0o077) == (0, 0)


def test_a_damaged_file_is_as_good_as_none(tmp_path: Path) -> None:
    cache = KeptAnswers(tmp_path, fresh_s=60)
    cache.keep("http://127.0.0.1/x", "json", ANSWER)
    (file,) = tmp_path.iterdir()
    kept = file.read_text(encoding="utf-8")
    for text in (
        "",
        "[]",
        '{"time": "x"}',
        "\x00",
        "[" * 100_000,
        kept.replace('"status":200', '"status":Infinity'),
        kept.replace('"time":', '"time":1' + "0" * 400),
    ):
        assert text != kept
        file.write_text(text, encoding="utf-8")
        assert cache.find("http://127.0.0.1/x", "json") is None


def test_a_kept_tag_that_no_header_can_hold_is_not_sent(tmp_path: Path) -> None:
    """The folder of a private index's answers lies in a checkout."""
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers.get("if-none-match"))
        form = {"content-type": "application/vnd.pypi.simple.v1+json", "etag": '"1"'}
        return httpx.Response(200, headers=form, json={"meta": {"api-version": "1.1"}, "name": "acme", "files": []})

    house = private_profile(
        IndexChoice(upload="http://127.0.0.1/up/", simple="http://127.0.0.1/simple/"), nickname="house"
    )
    cache = KeptAnswers(tmp_path, fresh_s=0)
    for tag in ('"1"', "\u00fc", "a\nX-Other: b"):
        with HttpIndex(house, contact="a@acme.example", transport=httpx.MockTransport(answer), cache=cache) as index:
            index.project(NormalizedName("acme"))
        for file in tmp_path.iterdir():
            file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")) | {"etag": tag}), encoding="utf-8")
    asked.clear()
    with HttpIndex(house, contact="a@acme.example", transport=httpx.MockTransport(answer), cache=cache) as index:
        index.project(NormalizedName("acme"))
        index.read_names(io.BytesIO(), etag="\u00fc", max_bytes=1_000, progress=lambda *_: None)
    assert asked
    assert set(asked) == {None}
