"""The record of what models were asked: what a file too large for it becomes."""

from pathlib import Path

import pytest

from namehold.errors import InputError
from namehold.evidence import transcript
from namehold.evidence.transcript import Transcript
from namehold.files import InnerPath


def test_a_record_that_is_too_large_is_refused_and_keeps_every_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = b'{"event":"asked","call":"one","date":"2026-11-28T00:00:00Z"}\n'
    content = line * 2
    place = tmp_path / "transcript.jsonl"
    place.write_bytes(content)
    # The limit lies in the middle of the second line.
    monkeypatch.setattr(transcript, "_MOST_BYTES", len(line) + 5)
    with pytest.raises(InputError, match="holds more than"):
        Transcript.open(InnerPath(tmp_path) / place.name)
    assert place.read_bytes() == content


def test_a_record_of_endless_lines_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcript, "_MOST_LINES", 2)
    line = '{"event":"asked","call":"one","date":"2026-11-28T00:00:00Z"}\n'
    (tmp_path / "transcript.jsonl").write_text(line * 3, "utf-8")
    with pytest.raises(InputError, match="holds more than 2 lines"):
        Transcript.open(InnerPath(tmp_path) / "transcript.jsonl")
