"""A repository at an address: its newest state, copied into a temporary folder by the system's git.

What is copied is data. Nothing of it is run: no hooks, no filters, no submodules, and links become plain files.
The folder is measured while git writes to it, so that no repository fills the disk.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from namehold.errors import InputError, MachineError, UsageError
from namehold.scan.walk import MAX_FILES
from namehold.text import hide_passwords, show_address, visible

_SCHEMES: Final = ("https://", "http://", "ssh://", "git://", "file://")
#: `user@host:path`, as git takes it beside addresses.
_SHORT_FORM: Final = re.compile(r"[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:[^:\s]+")
#: What git takes for a transport of its own: a program that it starts.
_TRANSPORT: Final = re.compile(r"[A-Za-z0-9+.-]+::")
_PATIENCE_S: Final = 600
#: A repository may grow to so much on the disk, with git's own files: those of the largest open projects have a half.
_MOST_BYTES: Final = 4_000_000_000
#: Files and folders of a copy: twice the documents that a scan reads.
_MOST_ENTRIES: Final = 2 * MAX_FILES
#: What a file or folder takes on a disk, however little it holds.
_ENTRY_BYTES: Final = _MOST_BYTES // _MOST_ENTRIES
_BETWEEN_LOOKS_S: Final = 0.1
#: Of what git says the end is read, which tells why it failed.
_SAID_BYTES: Final = 4_000
_SETTINGS: Final = (
    "core.hooksPath=/dev/null",
    "core.symlinks=false",
    "core.fsmonitor=false",
    "protocol.allow=never",
    "protocol.https.allow=always",
    "protocol.http.allow=always",
    "protocol.ssh.allow=always",
    "protocol.git.allow=always",
    "protocol.file.allow=always",
    "filter.lfs.process=",
    "filter.lfs.smudge=cat",
    "filter.lfs.required=false",
    "transfer.fsckObjects=true",
    "fetch.recurseSubmodules=false",
)


def is_repository_address(text: str) -> bool:
    """Whether `text` is meant as a repository's address, not as a path of this machine."""
    return text.startswith(_SCHEMES) or bool(_TRANSPORT.match(text)) or bool(_SHORT_FORM.fullmatch(text))


@contextmanager
def cloned(address: str) -> Iterator[Path]:
    """The folder with the newest state of the repository at `address`; deleted afterwards.

    Raises UsageError for an address that git would take for an option or for a program, MachineError where there is no
    git, and InputError where the repository can't be copied.
    """
    shown = show_address(address)
    if not is_repository_address(address) or address.startswith("-") or _TRANSPORT.match(address):
        raise UsageError(f"{shown} is no repository's address", fix="give one that begins with https://")
    if _host_of(address).startswith("-"):
        raise UsageError(f"{shown} has no host that can be asked", fix="correct the address")
    git = shutil.which("git")
    if git is None:
        raise MachineError("there is no git on this machine", fix="install git, or give the path of a checkout")
    with tempfile.TemporaryDirectory(prefix="namehold-scan-", ignore_cleanup_errors=True) as folder:
        target, said = Path(folder, "repository"), Path(folder, "said")
        command = [git, *(word for setting in _SETTINGS for word in ("-c", setting)), "clone"]
        command += ["--quiet", "--depth", "1", "--single-branch", "--no-tags", "--no-recurse-submodules", "--template="]
        with (
            said.open("wb") as out,
            subprocess.Popen(  # noqa: S603 -- git by its path; the address stands behind `--`
                [*command, "--", address, str(target)],
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            ) as process,
        ):
            try:
                fault = _watch(process, folder)
            finally:
                process.kill()
        if fault:
            raise InputError(f"{shown} {fault}", fix="clone it yourself, and give the path of the checkout")
        if process.returncode:
            lines = _end_of(said).strip().splitlines() or ["git failed"]
            reason = visible(hide_passwords(lines[-1]))
            raise InputError(f"{shown} can't be copied: {reason}", fix="check the address and your access to it")
        yield target


def _watch(process: subprocess.Popen[bytes], folder: str) -> str:
    """Waits for git's end, or for a reason to end it: a sentence's end; empty if there was none."""
    end = time.monotonic() + _PATIENCE_S
    is_done = False
    while not is_done:
        with suppress(subprocess.TimeoutExpired):
            process.wait(_BETWEEN_LOOKS_S)
            is_done = True
        if _size_of(folder) > _MOST_BYTES:
            return f"takes more than {_MOST_BYTES:,} bytes on the disk, or has more than {_MOST_ENTRIES:,} files"
        if time.monotonic() > end:
            return f"wasn't copied within {_PATIENCE_S} seconds"
    return ""


def _size_of(folder: str) -> int:
    """The bytes that a folder takes on the disk, counted until they are too many. Files may go while it is read."""
    size, folders = 0, [folder]
    while folders and size <= _MOST_BYTES:
        with suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                size += _ENTRY_BYTES
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                    continue
                with suppress(OSError):
                    size += entry.stat(follow_symlinks=False).st_size
    return size


def _end_of(said: Path) -> str:
    with said.open("rb") as stream:
        stream.seek(max(0, stream.seek(0, os.SEEK_END) - _SAID_BYTES))
        return stream.read(_SAID_BYTES).decode("utf-8", errors="replace")


def _host_of(address: str) -> str:
    place = address.partition("://")[2] or address
    return place.partition("/")[0].rpartition("@")[2]


def _environment() -> dict[str, str]:
    """This process's environment without git's own variables: none of them may choose a program or a folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {
        **kept,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ALLOW_PROTOCOL": "https:http:ssh:git:file",
    }
