"""Answers are kept privately, for as long as they are true."""

from __future__ import annotations

from pathlib import Path

from namehold.index.access.cache import KeptAnswers
from namehold.index.model import KeptAnswer

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
    for text in ("", "[]", '{"time": "x"}', "\x00"):
        file.write_text(text, encoding="utf-8")
        assert cache.find("http://127.0.0.1/x", "json") is None
