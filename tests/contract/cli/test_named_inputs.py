"""What a command is told to read is a plain file or a pipe of the shell: a stranger's pipe or device never ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.harness.cli import call

CONFIG = (
    'organization: {name: A B, contact: "https://a.dev/x"}\n'
    "account: {index: pypi, username: acme}\npackages: [acme-tool]\n"
)
NAME = "list.txt"
COMMANDS = {
    "check": ("check", "-r", NAME),
    "snapshot": ("snapshot", "import", NAME),
    "plan": ("plan", "--snapshot", NAME),
    "names": ("names", "acme-tool", "--surfaces", NAME),
    "probe": ("probe", "--from", NAME),
    "watch": ("watch", "--before", NAME, "--after", NAME),
    "report": ("report", NAME),
    "rehearse": ("rehearse", "--serve", "--names", NAME),
    "apply": ("apply", NAME),
}


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def make_way_out(path: Path) -> None:
    secret = path.parent.parent / "secret.txt"
    secret.write_text("hunter2\n", "utf-8")
    path.symlink_to(secret)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    here = tmp_path / "checkout"
    here.mkdir()
    (here / "names.yaml").write_text(CONFIG, "utf-8")
    monkeypatch.chdir(here)
    monkeypatch.setenv("NAMEHOLD_OFFLINE", "1")
    monkeypatch.setenv("NAMEHOLD_CACHE", str(tmp_path / "cache"))
    return here


@pytest.mark.parametrize("make", [make_pipe, make_device, make_way_out])
@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_what_a_checkout_put_there_is_refused(
    folder: Path, words: tuple[str, ...], make: Callable[[Path], None]
) -> None:
    make(folder / NAME)
    done = call(*words)
    assert done.code in {3, 4}, done.err
    assert NAME in done.err
    assert "hunter2" not in done.out + done.err


@pytest.mark.parametrize("make", [make_pipe, make_device])
def test_in_a_folder_of_files_it_is_a_finding(folder: Path, make: Callable[[Path], None]) -> None:
    (folder / "dist").mkdir()
    make(folder / "dist" / "acme_tol-0.0.1.tar.gz")
    done = call("audit", "dist", "--format", "json")
    assert done.code == 11
    (file,) = json.loads(done.out)["files"]
    assert "can't be read" in file["form"][0]["found"]


@pytest.mark.parametrize("make", [make_pipe, make_device])
def test_a_register_is_a_plain_file(folder: Path, make: Callable[[Path], None]) -> None:
    (folder / "register").mkdir()
    make(folder / "register" / "register.json")
    done = call("register", "--verify", "register")
    assert (done.code, "register.json" in done.err) == (3, True)


def test_a_pipe_of_the_shell_is_read(folder: Path) -> None:
    command = f'"{sys.executable}" -m namehold check -f json -r <(echo acme-tool)'
    done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "/dev/fd/" not in done.stderr


def test_a_link_to_a_file_beside_it_is_read(folder: Path) -> None:
    (folder / "today.txt").write_text("acme-tool\nother\n", "utf-8")
    (folder / NAME).symlink_to("today.txt")
    assert call("snapshot", "import", NAME).code == 0
