"""A repository at an address: its newest state, copied into a temporary folder by the system's git.

What is copied is data. Nothing of it is run: no hooks, no filters, no submodules, and links become plain files.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from namehold.errors import InputError, MachineError, UsageError
from namehold.text import hide_passwords, show_address, visible

_SCHEMES: Final = ("https://", "http://", "ssh://", "git://", "file://")
#: `user@host:path`, as git takes it beside addresses.
_SHORT_FORM: Final = re.compile(r"[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:[^:\s]+")
#: What git takes for a transport of its own: a program that it starts.
_TRANSPORT: Final = re.compile(r"[A-Za-z0-9+.-]+::")
_PATIENCE_S: Final = 600
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
    with tempfile.TemporaryDirectory(prefix="namehold-scan-") as folder:
        target = Path(folder, "repository")
        command = [git, *(word for setting in _SETTINGS for word in ("-c", setting)), "clone"]
        command += ["--quiet", "--depth", "1", "--single-branch", "--no-tags", "--no-recurse-submodules", "--template="]
        try:
            done = subprocess.run(  # noqa: S603 -- git by its path; the address stands behind `--`
                [*command, "--", address, str(target)],
                env=_environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_PATIENCE_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise InputError(f"{shown} wasn't copied within {_PATIENCE_S} seconds") from None
        if done.returncode:
            said = visible(hide_passwords((done.stderr.strip().splitlines() or ["git failed"])[-1]))
            raise InputError(f"{shown} can't be copied: {said}", fix="check the address and your access to it")
        yield target


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
