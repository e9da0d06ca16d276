"""A file is written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from namehold import files


def test_a_new_file_has_the_usual_mode_and_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "new" / "report.md"
    umask = os.umask(0o027)
    try:
        files.replace(path, [b"a", memoryview(b"b")], is_synced=True)
    finally:
        os.umask(umask)
    assert path.read_bytes() == b"ab"
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(path.parent.iterdir()) == [path]


def test_a_private_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    files.replace(tmp_path / "answers.json", [b"{}"], mode=files.PRIVATE)
    assert (tmp_path / "answers.json").stat().st_mode & 0o777 == 0o600


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise RuntimeError("stopped")

    (tmp_path / "plan.json").write_bytes(b"old")
    with pytest.raises(RuntimeError):
        files.replace(tmp_path / "plan.json", pieces())
    assert (tmp_path / "plan.json").read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [tmp_path / "plan.json"]
