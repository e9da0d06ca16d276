"""Where output goes, and how a call ends that can't write or is interrupted: never with a traceback."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from tests.harness.cli import call, run, start

from namehold.portfolio.read import json_schema


def test_a_link_leads_to_the_file_that_is_written(tmp_path: Path) -> None:
    real, link, dangling = tmp_path / "real.json", tmp_path / "link.json", tmp_path / "dangling.json"
    real.write_text("old", "utf-8")
    link.symlink_to(real)
    dangling.symlink_to(tmp_path / "new.json")
    for name in ("link.json", "dangling.json"):
        assert call("schema", "-o", name, cwd=tmp_path).code == 0
    assert link.is_symlink()
    assert dangling.is_symlink()
    for path in (real, tmp_path / "new.json"):
        assert json.loads(path.read_text("utf-8")) == json_schema()


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    # Open at both ends, so that neither side ever waits for the other.
    reading = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    for name in ("pipe", "link"):
        done = call("names", "acme-tool", "--limit", "1", "--format", "list", "-o", name, cwd=tmp_path)
        assert done.code == 0, done.err
        assert b"acme" in os.read(reading, 4096)
        assert pipe.is_fifo()
    os.close(reading)
    assert link.is_symlink()


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("folder", "Is a directory"),
        ("file/x.json", "its folder is a file"),
        ("file/x/y.json", "Not a directory"),
        ("n" * 300, "File name too long"),
        ("loop", "its links lead round in a circle"),
    ],
)
def test_what_cant_be_written_is_said_with_its_reason_and_a_next_step(tmp_path: Path, output: str, reason: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("mine", "utf-8")
    (tmp_path / "loop").symlink_to("loop")
    done = call("schema", "-o", output, cwd=tmp_path)
    assert done.code == 3
    said, following = done.err.splitlines()
    assert said == f"namehold: {output} can't be written: {reason}"
    assert following.startswith("Next: ")
    assert (tmp_path / "file").read_text("utf-8") == "mine"


def test_a_demo_goes_into_no_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", "utf-8")
    done = call("demo", "--into", "file", cwd=tmp_path)
    assert done.code == 2
    assert done.err.splitlines() == ["namehold: file is no folder", "Next: namehold demo --into ANOTHER-FOLDER"]


def test_a_full_disk_is_no_bug(tmp_path: Path) -> None:
    # No file may grow: what a full disk does, and needs no disk to be filled.
    command = f"ulimit -f 0; '{sys.executable}' -m namehold names acme-tool > names.txt"
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert done.stderr.splitlines()[0] == "namehold: standard output can't be written: File too large"


def test_without_standard_output_the_work_is_done_all_the_same(tmp_path: Path) -> None:
    command = f"'{sys.executable}' -m namehold names acme-tool --quiet >&-"
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("words", [["names", "acme-tool", "--format", "json"], ["--help"], ["names", "--help"]])
def test_a_reader_who_goes_away_is_no_error(tmp_path: Path, words: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = run(*words, "--quiet" if "json" in words else "--help", cwd=tmp_path, stdout=writing)
    os.close(writing)
    assert (done.code, done.err) == (0, "")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
@pytest.mark.parametrize(
    "words",
    [
        ["names", "acme-tool", "--limit", "3"],
        ["names", "acme-tool", "--limit", "3", "--format", "csv"],
        ["names", "--help"],
        ["check", "\u0430cme"],
    ],
)
def test_any_encoding_of_the_terminal_will_do(tmp_path: Path, encoding: str, words: list[str]) -> None:
    usual = call(*words, cwd=tmp_path)
    done = call(*words, cwd=tmp_path, env={"PYTHONIOENCODING": encoding})
    assert done.code == usual.code == 0, done.err
    assert done.out.splitlines()


def test_a_program_on_a_terminal_of_another_encoding_says_what_a_call_in_process_says(tmp_path: Path) -> None:
    words, ascii_only = ["check", "\u0430cme"], {"PYTHONIOENCODING": "ascii"}
    done = run(*words, cwd=tmp_path, env=ascii_only)
    assert done == call(*words, cwd=tmp_path, env=ascii_only)
    assert done.out.isascii()


def test_a_table_fits_the_terminal_and_is_whole_lines_for_other_programs(tmp_path: Path) -> None:
    words = ["check", "\u0430cme", "--quiet"]
    piped = call(*words, cwd=tmp_path, env={"COLUMNS": "60"}).out.splitlines()
    assert len(piped) == 2
    assert len(piped[1]) > 60
    ours, theirs = pty.openpty()
    done = run(*words, cwd=tmp_path, stdout=theirs, env={"COLUMNS": "60"})
    os.close(theirs)
    shown = os.read(ours, 65536).decode().splitlines()
    os.close(ours)
    assert done.code == 0
    assert max(map(len, shown)) <= 60
    assert len(shown) > 2


def test_the_end_of_input_at_a_question_is_an_interrupt(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    with start("init", cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        os.write(ours, b"\x04")
        assert process.wait(timeout=60) == 130
        assert b"interrupted" in os.read(ours, 4096)
    os.close(ours)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["names", "acme-tool"], ["check", "acme-tool"]])
def test_what_can_not_be_said_ends_no_work(tmp_path: Path, words: list[str]) -> None:
    usual = call(*words, cwd=tmp_path)
    assert usual.err
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        assert run(*words, cwd=tmp_path, stderr=full)[:2] == usual[:2]
    reading, writing = os.pipe()
    os.close(reading)
    done = run(*words, cwd=tmp_path, stderr=writing)
    os.close(writing)
    assert done[:2] == usual[:2]


def test_talk_is_shown_on_a_terminal_without_a_size(tmp_path: Path) -> None:
    usual = call("check", "acme-tool", cwd=tmp_path).err
    assert usual.strip()
    assert call("check", "acme-tool", cwd=tmp_path, env={"COLUMNS": "0"}).err == usual


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["audit", "x" * 300], "File name too long"),
        (["status", "--verify", "x" * 300], "File name too long"),
        (["names", "acme-tool", "-o", "x" * 300], "File name too long"),
    ],
)
def test_a_path_that_is_too_long_is_no_bug(tmp_path: Path, words: list[str], reason: str) -> None:
    done = call(*words, cwd=tmp_path)
    assert done.code == 3, done.err
    assert reason in done.err
    assert done.err.splitlines()[-1] == "Next: give a shorter name or path"


@pytest.mark.parametrize("words", [["plan"], ["init"]])
def test_a_folder_that_is_gone_is_no_bug(tmp_path: Path, words: list[str]) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    command = f"cd '{gone}' && rmdir '{gone}' && exec '{sys.executable}' -m namehold {' '.join(words)}"
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stderr
    assert done.stderr.splitlines()[-2:] == [
        "namehold: the folder in which this was called is no longer there",
        "Next: change into a folder that is there, then call again",
    ]
