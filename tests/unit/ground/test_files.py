"""A file is written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from namehold import files
from namehold.errors import MachineError


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


@pytest.fixture
def state(tmp_path: Path) -> files.InnerPath:
    (tmp_path / "checkout").mkdir()
    return files.InnerPath(tmp_path / "checkout") / ".namehold"


def test_an_inner_path_writes_and_reads_what_only_its_owner_can(state: files.InnerPath) -> None:
    place = state / "outbox" / "plan.json"
    assert not place.exists()
    assert state.names() == ()
    place.replace([b"a\r\n", b"b"], is_synced=True)
    assert (place.is_file(), place.read_text(), place.parent.is_file()) == (True, "a\nb", False)
    assert place.path.stat().st_mode & 0o777 == 0o600
    assert place.parent.path.stat().st_mode & 0o777 == 0o700
    assert [inner.name for inner in state.files()] == ["plan.json"]
    place.unlink()
    place.unlink(missing_ok=True)
    place.parent.rmdir()
    assert state.names() == ()


@pytest.mark.parametrize("part", ["", ".", "..", "a/b", "/etc", "a\0b"])
def test_only_one_plain_name_is_a_component(state: files.InnerPath, part: str) -> None:
    with pytest.raises(files.NotPlainError):
        state / part
    with pytest.raises(files.NotPlainError):
        state.joined("../secrets")


@pytest.mark.parametrize("is_folder", [False, True])
def test_no_component_is_a_link(state: files.InnerPath, tmp_path: Path, is_folder: bool) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "plan.json").write_text("mine", "utf-8")
    place = state / "plan.json"
    if is_folder:
        state.path.symlink_to("../outside")
    else:
        state.path.mkdir()
        place.path.symlink_to("../../outside/plan.json")
    for use in (
        place.exists,
        place.is_file,
        place.read_bytes,
        place.unlink,
        lambda: place.replace([b"lost"]),
        lambda: place.open_descriptor(os.O_RDWR | os.O_CREAT),
        (state / "plan.json").unlink,
    ):
        with pytest.raises(files.NotPlainError, match="is a link"):
            use()
    assert (tmp_path / "outside" / "plan.json").read_text("utf-8") == "mine"


def test_a_pipe_isnt_waited_for_and_a_hard_link_isnt_written_through(state: files.InnerPath, tmp_path: Path) -> None:
    state.path.mkdir()
    os.mkfifo((state / "pipe").path)
    (tmp_path / "mine").write_text("mine", "utf-8")
    os.link(tmp_path / "mine", (state / "twin").path)
    for name in ("pipe", "twin"):
        with pytest.raises(files.NotPlainError):
            (state / name).open_descriptor(os.O_RDWR)
    with pytest.raises(files.NotPlainError):
        state.read_bytes()


def test_a_persons_link_may_lead_on_inside_its_own_folder_alone(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "real.yaml").write_text("mine", "utf-8")
    (tmp_path / "names.yaml").symlink_to("inside/real.yaml")
    with files.open_named(tmp_path / "names.yaml") as stream:
        assert stream.read() == b"mine"
    with pytest.raises(files.NotPlainError, match="out of its folder"):
        files.resolve(_link(tmp_path / "inside" / "out.yaml", "../other.yaml"))
    with pytest.raises(files.NotPlainError, match="circle"):
        files.resolve(_link(tmp_path / "round.yaml", "round.yaml"))


def _link(path: Path, target: str) -> Path:
    path.symlink_to(target)
    return path


def test_what_a_killed_run_left_goes_with_the_next_and_what_a_living_one_writes_stays(tmp_path: Path) -> None:
    dead, mine = tmp_path / f".plan.json.{'0' * 16}.part", tmp_path / ".plan.json.backup"
    for path in (dead, mine):
        path.write_bytes(b"half")

    def pieces() -> Iterator[bytes]:
        (living,) = [path for path in tmp_path.iterdir() if files.is_unfinished(path.name)]
        files._SWEPT.clear()  # as another process has it
        files.replace(tmp_path / "report.md", [b"whole"])
        assert living.exists()
        yield b"whole"

    files.replace(tmp_path / "plan.json", pieces())
    assert sorted(path.name for path in tmp_path.iterdir()) == [".plan.json.backup", "plan.json", "report.md"]


def test_temporary_folders_of_killed_runs_are_deleted_and_a_full_one_is_the_machines_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "namehold-scratch-build-abcd1234" / "source").mkdir(parents=True)
    (tmp_path / "namehold-results-abcd1234").mkdir()
    (tmp_path / "namehold-notes").mkdir()
    with files.scratch_folder("build") as living:
        files._SWEPT.clear()
        with files.scratch_folder("verify"):
            assert living.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["namehold-notes", "namehold-results-abcd1234"]
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with pytest.raises(MachineError, match="no temporary folder"), files.scratch_folder("build"):
        pass
