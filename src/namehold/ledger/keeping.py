"""Where the ledger's key is kept: a file that one owner reads, the environment, or the keyring.

entry = KeyEntry(profile, username="acme", environment=environment)
found = entry.find() or entry.make()
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from namehold import files
from namehold.errors import CredentialError
from namehold.index import IndexProfile
from namehold.index.access import KeyringEntry, bits_for_others
from namehold.ledger.key import KEY_BYTES, LedgerKey

_FILE_VARIABLE, _VARIABLE = "NAMEHOLD_KEY_FILE", "NAMEHOLD_KEY"

#: A key's file is one short line.
_FILE_BYTES_MAX = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptKey:
    """A key and where it is kept, for people."""

    key: LedgerKey
    place: str


class KeyEntry:
    """The place of one account's key. Looked for in this order:

    1. the file that `NAMEHOLD_KEY_FILE` names (a regular file and no link, which only its owner may read), or
       `NAMEHOLD_KEY`; both together are an error;
    2. the keyring's entry `namehold-key` (`namehold-key:<host>` for a private index), user `<username>@<nickname>`;
       not without a `profile`.
    """

    def __init__(self, profile: IndexProfile | None, *, username: str, environment: Mapping[str, str]) -> None:
        self._kept = None if profile is None else KeyringEntry.of(profile, username=username, purpose="key")
        path = environment.get(_FILE_VARIABLE, "").strip()
        self._path = Path(path) if path else None
        self._credentials = environment.get("CREDENTIALS_DIRECTORY", "")
        self._text = environment.get(_VARIABLE, "").strip()

    def find(self) -> KeptKey | None:
        """The key; None if there is none. Raises CredentialError for one that can't be read, or is none."""
        if self._path is not None and self._text:
            raise CredentialError(
                f"{_VARIABLE} and {_FILE_VARIABLE} are both set",
                fix="unset one; a file that only you can read tells the key to fewer programs",
            )
        if self._path is not None:
            key = read_key_file(self._path, credentials=self._credentials)
            return None if key is None else KeptKey(key=key, place=f"the file {self._path}")
        if self._text:
            return KeptKey(key=LedgerKey.parse(self._text), place=f"the environment variable {_VARIABLE}")
        text = self._kept.read() if self._kept is not None else ""
        return KeptKey(key=LedgerKey.parse(text), place="the keyring") if text else None

    def make(self) -> KeptKey:
        """A new key, kept in the file that `NAMEHOLD_KEY_FILE` names, else in the keyring. Raises CredentialError."""
        return self.keep(make_key())

    def keep(self, key: LedgerKey) -> KeptKey:
        """Keeps a key where `make` would; one that is there must not be lost. Raises CredentialError."""
        if self._path is not None:
            write_key_file(key, self._path)
            return KeptKey(key=key, place=f"the file {self._path}")
        if self._kept is None:
            raise CredentialError(
                "without a names.yaml the keyring has no entry for a key",
                fix="give the names.yaml of its account: --config",
            )
        problem = self._kept.write(key.reveal())
        if problem:
            raise CredentialError(
                f"the key can't be kept{problem}",
                fix="namehold key new --output FILE, then NAMEHOLD_KEY_FILE=FILE in the environment",
            )
        return KeptKey(key=key, place="the keyring")


def make_key() -> LedgerKey:
    """A new key from the system's random numbers."""
    return LedgerKey(secrets.token_bytes(KEY_BYTES))


def read_key_file(path: Path, *, credentials: str = "") -> LedgerKey | None:
    """The key in a file; None if there is no file. `credentials` is the folder that systemd keeps secrets in, if any.

    Raises CredentialError for a link, for anything but a regular file, for one that others may read, for no key, and
    for a key in place of the path.
    """
    _refuse_key(path)
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        if path.is_symlink():  # a system without O_NOFOLLOW
            raise _unfit(path, "it is a link")
        handle = os.open(path, flags)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unfit(path, str(error.strerror)) from None
    try:
        state = os.fstat(handle)
        if not stat.S_ISREG(state.st_mode):
            raise _unfit(path, "it is no regular file")
        if bits_for_others(path, state, credentials=credentials):
            mode = stat.S_IMODE(state.st_mode)
            raise _unfit(path, f"others than its owner may use it (mode {mode:04o}): chmod 600")
        content = os.read(handle, _FILE_BYTES_MAX)
    finally:
        os.close(handle)
    return LedgerKey.parse(content.decode("utf-8-sig", "replace"))


def write_key_file(key: LedgerKey, path: Path) -> None:
    """The key as a new file that only its owner may read. Raises CredentialError; a file that is there stays."""
    _refuse_key(path)
    if path.exists() or path.is_symlink():
        raise CredentialError(f"there is a file at {path}", fix="name another file; a key is never written over")
    try:
        files.replace(path, [key.reveal().encode() + b"\n"], mode=files.PRIVATE, is_synced=True)
    except OSError as error:
        raise CredentialError(f"{path} can't be written: {error.strerror}", fix="name another file") from None


def _refuse_key(path: Path) -> None:
    """The path would be told, or be a file's name, which others see. Raises CredentialError."""
    if LedgerKey.is_text(path.name):
        raise CredentialError(
            "a key stands where the path of its file belongs",
            fix=f"put it into a file that only you can read, and name that; {_VARIABLE} takes the key itself",
        )


def _unfit(path: Path, why: str) -> CredentialError:
    return CredentialError(f"the key's file {path} isn't used: {why}", fix="namehold key new --output FILE makes one")
