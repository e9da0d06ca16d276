"""The machine without a person: no home folder, closed streams, no room; and who can see the token."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.harness.cli import call
from tests.harness.desk import Desk

from namehold.ledger.file import read
from namehold.rehearsal.state import IndexState, UploadAttempt, UploadVerdict


def test_without_a_home_folder_the_cache_lies_beside_names_yaml(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("HOME", "XDG_CACHE_HOME", "NAMEHOLD_CACHE"):
        monkeypatch.delenv(variable, raising=False)

    def unknown(user: int) -> None:
        raise KeyError(user)

    monkeypatch.setattr("pwd.getpwuid", unknown)
    (tmp_path / "names.yaml").write_text(
        "organization: {name: Acme, contact: security@acme-robotics.dev}\n"
        "account: {index: pypi, username: acme}\npackages: [acme-tool]\n",
        "utf-8",
    )
    (tmp_path / "names.txt").write_text("acme-tool\n", "utf-8")
    for words in (["snapshot", "import", "names.txt"], ["plan"]):
        done = call(*words, cwd=tmp_path)
        assert done.code == 0, done.err
    assert (tmp_path / ".namehold" / "cache" / "snapshots" / "pypi.names").is_file()


def test_closed_streams_never_become_the_ledger(desk: Desk) -> None:
    assert desk.plan().code == 0
    command = f'exec "{sys.executable}" -m namehold apply --snapshot names.txt 0<&- 1>&- 2>&-'
    environment = {**os.environ, "NAMEHOLD_TOKEN": desk.token}
    done = subprocess.run(["sh", "-c", command], cwd=desk.folder, env=environment, check=False)
    assert done.returncode == 0
    reading = read(desk.ledger)
    assert not reading.torn
    assert [event.kind for event in reading.events].count("receipt") == 3


@pytest.mark.parametrize("umask", ["0777", "0277"])
def test_no_umask_takes_our_own_rights(desk: Desk, umask: str) -> None:
    command = f'umask {umask}; exec "{sys.executable}" -m namehold snapshot import names.txt'
    cache = desk.folder / "cache"
    environment = {**os.environ, "NAMEHOLD_CACHE": str(cache)}
    done = subprocess.run(["sh", "-c", command], cwd=desk.folder, env=environment, check=False)
    assert done.returncode == 0
    made = [cache, *cache.rglob("*")]
    assert {path.stat().st_mode & 0o777 for path in made if path.is_dir()} == {0o700}
    assert any(path.is_file() for path in made)


@pytest.mark.parametrize("kibibytes", [1, 2])
def test_no_room_for_temporary_files_is_the_machines_fault(desk: Desk, kibibytes: int) -> None:
    assert desk.plan().code == 0
    # -B: a compiled module that it keeps would be cut off as well, and stay so for every later program.
    command = f'ulimit -f {kibibytes}; exec "{sys.executable}" -B -m namehold build --output-dir built'
    done = subprocess.run(
        ["bash", "-c", command], cwd=desk.folder, env=dict(os.environ), capture_output=True, text=True, check=False
    )
    assert done.returncode == 3, done.stderr
    assert "this is a bug" not in done.stderr
    assert "template" not in done.stderr
    assert "File too large" in done.stderr


@pytest.mark.parametrize("limit", ["-v 250000", "-v 400000"])
def test_too_little_memory_is_the_machines_fault(desk: Desk, limit: str) -> None:
    command = f'ulimit {limit}; exec "{sys.executable}" -m namehold plan --snapshot names.txt'
    done = subprocess.run(
        ["bash", "-c", command], cwd=desk.folder, env=dict(os.environ), capture_output=True, text=True, check=False
    )
    assert done.returncode in {0, 3}, done.stderr
    assert "this is a bug" not in done.stderr


#: A keyring that keeps its entries in a file, as the backends for machines without a desktop do.
KEYRING = """\
import json, pathlib
from keyring.backend import KeyringBackend
from keyring.errors import PasswordSetError

class FileKeyring(KeyringBackend):
    priority = 1
    entries = pathlib.Path(__file__).with_name("entries.json")

    def get_password(self, service, username):
        return json.loads(self.entries.read_text("utf-8")).get(f"{service} {username}")

    def set_password(self, service, username, password):
        raise PasswordSetError("this keyring is only read")
"""


def keep_in_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    file = desk.folder / "token"
    file.touch(0o600)
    file.write_text(desk.token, "utf-8")
    monkeypatch.setenv("NAMEHOLD_TOKEN_FILE", "token")


def keep_in_keyring(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = desk.folder / "keyring"
    folder.mkdir()
    (folder / "file_keyring.py").write_text(KEYRING, "utf-8")
    host = desk.index.base_url.removeprefix("http://")
    (folder / "entries.json").write_text(json.dumps({f"namehold:{host} acme@trial": desk.token}), "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "file_keyring.FileKeyring")


@pytest.mark.parametrize("keep", [keep_in_file, keep_in_keyring])
def test_a_token_from_a_file_or_the_keyring_is_seen_by_no_other_program(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, keep: Callable[[Desk, pytest.MonkeyPatch], None]
) -> None:
    assert desk.plan().code == 0
    seen: list[str] = []
    judge = IndexState.upload

    def look_and_judge(state: IndexState, attempt: UploadAttempt) -> UploadVerdict:
        for program in Path("/proc").glob("[0-9]*"):
            if program.name == str(os.getpid()):
                continue  # this process is the index, which made the token
            for name in ("environ", "cmdline"):
                try:
                    seen.append((program / name).read_bytes().decode("utf-8", "replace"))
                except OSError:
                    continue
        if not desk.index.state.uploads:
            # Once, as a person on this machine does: it reads the same files.
            listing = subprocess.run(["ps", "axeww"], capture_output=True, text=True, check=True)
            seen.append(listing.stdout)
        return judge(state, attempt)

    monkeypatch.setattr(IndexState, "upload", look_and_judge)
    keep(desk, monkeypatch)
    with desk.start("apply", "--snapshot", "names.txt", "-v", token="") as program:
        out, err = program.communicate()
    assert program.returncode == 0, err
    assert str(program.pid) in "".join(seen)
    told = "".join([*seen, out, err, *(path.read_text("utf-8", "replace") for path in desk.state.rglob("*.json*"))])
    assert desk.token[12:] not in told


def test_nothing_to_do_needs_no_token(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert desk.plan().code == 0
    assert desk.apply().code == 0
    monkeypatch.setenv("NAMEHOLD_TOKEN_FILE", "missing")
    done = call("apply", "--snapshot", "names.txt", cwd=desk.folder)
    assert done.code == 0, done.err


def test_passwords_of_addresses_are_never_told(tmp_path: Path) -> None:
    for password in ("hunter2/x", "hunter2#1", "hun?hunter2", "hunter2@y", "hunter2 z", "hunter2"):
        for key in ("upload", "simple", "json"):
            addresses = {name: f"https://corp.dev/{name}/" for name in ("upload", "simple", "json")}
            addresses[key] = f"https://ci:{password}@corp.dev/legacy/"
            listed = ", ".join(f'{name}: "{address}"' for name, address in addresses.items())
            (tmp_path / "names.yaml").write_text(
                "organization: {name: Acme, contact: security@acme-robotics.dev}\n"
                f"account: {{index: corp, username: acme}}\nindex: {{{listed}}}\npackages: [acme-tool]\n",
                "utf-8",
            )
            for command in ("plan", "doctor"):
                done = call(command, "--offline", cwd=tmp_path)
                assert done.code == 3
                assert "hunter2" not in done.out + done.err
