"""The record of what models were asked: what a file too large for it becomes."""

import errno
from pathlib import Path

import pytest

from namehold import files
from namehold.errors import InputError, MachineError
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


def test_a_disk_without_locks_is_not_taken_for_another_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(files, "lock_alone", refuse)
    with pytest.raises(MachineError, match="can't be locked: No locks available"):
        Transcript.open(InnerPath(tmp_path) / "transcript.jsonl")
