"""Where the ledger's key comes from, and what is no key."""

from __future__ import annotations

import os
from pathlib import Path

import keyring
import pytest
from tests.harness.applying import KEY

from namehold.errors import CredentialError
from namehold.index.profiles import profile
from namehold.ledger.keeping import KeyEntry, make_key, read_key_file, write_key_file
from namehold.ledger.key import LedgerKey

TEXT = KEY.reveal()


class MemoryKeyring:
    """A keyring that keeps what it is given.

    It is no backend of the library: that would choose it for other tests, too.
    """

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


def entry(**environment: str) -> KeyEntry:
    return KeyEntry(profile("pypi"), username="acme", environment=environment)


def test_a_key_has_one_text_and_shows_it_nowhere_else() -> None:
    assert LedgerKey.parse(f" {TEXT}\n").reveal() == TEXT
    assert TEXT not in repr(KEY) + str(KEY)
    assert make_key().reveal() != make_key().reveal()


def test_a_key_may_stand_in_capitals_and_in_a_file_that_windows_wrote(tmp_path: Path) -> None:
    assert LedgerKey.parse(TEXT.upper()).reveal() == TEXT
    path = tmp_path / "key"
    path.touch(0o600)
    path.write_bytes(f"{TEXT}\r\n".encode("utf-8-sig"))
    found = read_key_file(path)
    assert found is not None
    assert found.reveal() == TEXT


def test_a_key_in_place_of_a_path_is_no_files_name_and_is_not_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    misplaced = entry(NAMEHOLD_KEY_FILE=TEXT)
    for use in (misplaced.find, misplaced.make, lambda: read_key_file(Path(TEXT.upper()))):
        with pytest.raises(CredentialError, match="a key stands where") as caught:
            use()
        assert TEXT not in f"{caught.value.message}{caught.value.fix}".lower()
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("text", ["", "0" * 63, "0" * 65, "x" * 64, f"{TEXT} {TEXT}", "\ud800" * 64])
def test_what_is_no_key_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(CredentialError) as caught:
        LedgerKey.parse(text)
    assert not text or text not in f"{caught.value.message}{caught.value.fix}"


def test_two_keys_open_nothing_of_each_other() -> None:
    other = make_key()
    sealed = KEY.seal(b"acme-tol", place="sha256:0")
    assert KEY.unseal(sealed) == b"acme-tol"
    assert other.unseal(sealed) is None
    assert not other.is_authentic(b"line", KEY.authenticate(b"line"))


@pytest.mark.parametrize("text", ["", "x", "c2VhbGVk", "\u00e9", "\ud800", "=" * 2000])
def test_what_nobody_sealed_opens_as_nothing(text: str) -> None:
    assert KEY.unseal(text) is None


@pytest.mark.parametrize("mark", ["\n", "-", "\u00e9", "="])
def test_a_mark_that_base64_lacks_is_left_out(mark: str) -> None:
    sealed = KEY.seal(b"acme-tol", place="sha256:0")
    assert KEY.unseal(sealed[:4] + mark + sealed[4:]) == b"acme-tol"


def test_sealed_names_of_every_length_look_the_same() -> None:
    sizes = {len(KEY.seal(b"n" * length, place="sha256:0")) for length in range(1, 500)}
    assert len(sizes) == 1


def test_a_file_or_the_variable_comes_before_the_keyring_and_both_are_one_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring, "get_password", pytest.fail)
    path = tmp_path / "key"
    write_key_file(KEY, path)
    other = make_key().reveal()
    with pytest.raises(CredentialError, match="NAMEHOLD_KEY and NAMEHOLD_KEY_FILE are both set") as told:
        entry(NAMEHOLD_KEY_FILE=str(path), NAMEHOLD_KEY=other).find()
    assert told.value.fix.startswith("unset one")
    found = entry(NAMEHOLD_KEY_FILE=str(path)).find()
    assert found is not None
    assert (found.key.reveal(), found.place) == (TEXT, f"the file {path}")
    found = entry(NAMEHOLD_KEY=other).find()
    assert found is not None
    assert found.key.reveal() == other
    monkeypatch.undo()
    assert entry().find() is None


def test_the_keyring_keeps_the_key_of_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = MemoryKeyring()
    monkeypatch.setattr(keyring, "get_password", kept.get_password)
    monkeypatch.setattr(keyring, "set_password", kept.set_password)

    made = entry().make()

    assert kept.kept == {("namehold-key", "acme@pypi"): made.key.reveal()}
    found = entry().find()
    assert found is not None
    assert (found.key.reveal(), found.place) == (made.key.reveal(), "the keyring")


def test_without_an_account_no_keyring_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_password", pytest.fail)
    monkeypatch.setattr(keyring, "set_password", pytest.fail)
    nobodys = KeyEntry(None, username="", environment={})
    assert nobodys.find() is None
    with pytest.raises(CredentialError, match=r"without a names\.yaml"):
        nobodys.make()


def test_a_keyring_that_keeps_nothing_is_said() -> None:
    with pytest.raises(CredentialError, match="no keyring that keeps anything"):
        entry().make()


def test_a_new_file_is_its_owners_alone_and_none_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "key"
    assert read_key_file(path) is None
    made = entry(NAMEHOLD_KEY_FILE=str(path)).make()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    with pytest.raises(CredentialError, match="there is a file"):
        write_key_file(KEY, path)
    found = entry(NAMEHOLD_KEY_FILE=str(path)).find()
    assert found is not None
    assert found.key.reveal() == made.key.reveal()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
def test_a_file_that_others_may_use_is_not_used(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key"
    write_key_file(KEY, path)
    path.chmod(mode)
    with pytest.raises(CredentialError, match="chmod 600"):
        read_key_file(path)


def test_a_link_a_pipe_and_a_folder_are_no_file_of_a_key(tmp_path: Path) -> None:
    write_key_file(KEY, tmp_path / "key")
    (tmp_path / "link").symlink_to(tmp_path / "key")
    (tmp_path / "loose").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe", mode=0o600)
    (tmp_path / "folder").mkdir(mode=0o700)
    for name in ("link", "loose", "pipe", "folder"):
        with pytest.raises(CredentialError, match="isn't used"):
            read_key_file(tmp_path / name)
    with pytest.raises(CredentialError, match="there is a file"):
        write_key_file(KEY, tmp_path / "loose")
