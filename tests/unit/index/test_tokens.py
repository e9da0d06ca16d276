from __future__ import annotations

import copy
import datetime as dt
import importlib
import json
import os
import pickle
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pypitoken
import pytest
from keyring.errors import NoKeyringError
from packaging.utils import NormalizedName

from namehold.documents import as_plain
from namehold.errors import CredentialError
from namehold.index.access.tokens import NarrowingTokens, bits_for_others, find_token
from namehold.index.model import IndexChoice, Token
from namehold.index.profiles import private_profile, profile

NOW = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
NAME = NormalizedName("acme-tol")
PROFILE = private_profile(
    IndexChoice(upload="http://127.0.0.1:9/up/", simple="http://127.0.0.1:9/simple/"), nickname="trial"
)
KEY = "the index's own key"


def test_the_keyring_looks_for_no_libraries_of_another_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would start a compiler and a linker for that, from wherever PATH has them."""
    wanted: list[str] = []
    monkeypatch.setattr("ctypes.util.find_library", wanted.append)
    monkeypatch.delitem(sys.modules, "keyring.backends.macOS", raising=False)
    importlib.import_module("keyring.backends.macOS")
    # On macOS they are Apple's own.
    assert wanted == [] or sys.platform == "darwin"


def mint(*caveats: object) -> str:
    token = pypitoken.Token.create(domain="index.example", identifier="some-user", key=KEY)
    for caveat in caveats:
        token._macaroon.add_first_party_caveat(json.dumps(caveat))
    return str(token.dump())


def nobody(service: str, username: str) -> str | None:
    return None


def find(environment: dict[str, str], keyring: dict[tuple[str, str], str] | None = None) -> str:
    entries = keyring or {}
    found = find_token(PROFILE, username="acme", environment=environment, ask_keyring=lambda *key: entries.get(key))
    return found.token.reveal()


def test_where_a_token_comes_from_first_place_wins() -> None:
    own, twines = ("namehold:127.0.0.1:9", "acme@trial"), ("http://127.0.0.1:9/up/", "__token__")
    keyring = {own: "pypi-own", twines: "pypi-twine"}
    assert find({"NAMEHOLD_TOKEN": "pypi-a", "TWINE_PASSWORD": "pypi-b"}, keyring) == "pypi-a"
    assert find({"TWINE_PASSWORD": "pypi-b"}, keyring) == "pypi-b"
    assert find({"TWINE_PASSWORD": "pypi-b", "TWINE_USERNAME": "__token__"}, keyring) == "pypi-b"
    assert find({"TWINE_USERNAME": "me"}, keyring) == "pypi-own"
    assert find({}, keyring) == "pypi-own"
    assert find({"NAMEHOLD_TOKEN": "  "}, {twines: "pypi-twine\n"}) == "pypi-twine"


def test_a_private_index_gets_the_user_and_password_that_twine_would_send() -> None:
    def located(environment: dict[str, str], entries: dict[tuple[str, str], str]) -> Token:
        found = find_token(PROFILE, username="acme", environment=environment, ask_keyring=lambda *key: entries.get(key))
        return found.token

    own = {("namehold:127.0.0.1:9", "acme@trial"): "pypi-own"}
    both = located({"TWINE_USERNAME": "me", "TWINE_PASSWORD": "a pass word"}, own)
    assert (both.username, both.reveal()) == ("me", "a pass word")
    ended = located({"TWINE_USERNAME": "me", "TWINE_PASSWORD": "a pass word \r\n"}, {})
    assert ended.reveal() == "a pass word "
    kept = located({"TWINE_USERNAME": "me"}, {("http://127.0.0.1:9/up/", "me"): "kept"})
    assert (kept.username, kept.reveal()) == ("me", "kept")
    tokens = NarrowingTokens(both)
    assert not tokens.can_narrow
    assert tokens.token_for(NAME, now=NOW) is both
    assert located({"TWINE_PASSWORD": "pypi-b"}, {}).username == "__token__"


def test_a_macaroon_as_a_password_is_sent_as_it_is() -> None:
    token = Token(mint(), username="me")
    assert NarrowingTokens(token).token_for(NAME, now=NOW) is token


def test_a_public_index_gets_no_password_and_the_error_says_why() -> None:
    with pytest.raises(CredentialError, match="TWINE_USERNAME names a user") as caught:
        find_token(
            profile("pypi"),
            username="acme",
            environment={"TWINE_USERNAME": "me", "TWINE_PASSWORD": "hunter2"},
            ask_keyring=nobody,
        )
    assert "hunter2" not in str(caught.value)


def test_without_one_the_error_says_where_to_put_it() -> None:
    with pytest.raises(CredentialError) as caught:
        find({})
    assert "keyring set namehold:127.0.0.1:9 acme@trial" in caught.value.fix


def test_a_private_indexs_token_stays_with_its_host() -> None:
    keyring = {("namehold:packages.acme.example", "acme@corp"): "pypi-corp", ("namehold", "acme@corp"): "pypi-any"}

    def find_at(host: str) -> str:
        choice = IndexChoice(upload=f"https://{host}/up/", simple="https://packages.acme.example/simple/")
        where = private_profile(choice, nickname="corp")
        found = find_token(where, username="acme", environment={}, ask_keyring=lambda *key: keyring.get(key))
        return found.token.reveal()

    assert find_at("packages.acme.example") == find_at("Packages.Acme.Example") == "pypi-corp"
    for host in ("elsewhere.example", "packages.acme.example:8443"):
        with pytest.raises(CredentialError, match="no token"):
            find_at(host)


def of_index(nickname: str) -> str:
    """A token as this public index makes them."""
    host = urlsplit(profile(nickname).simple).hostname
    return str(pypitoken.Token.create(domain=host, identifier="some-user", key=KEY).dump())


def test_a_public_indexs_token_is_found_by_its_nickname() -> None:
    keyring = {("namehold", "acme@pypi"): of_index("pypi")}
    found = find_token(profile("pypi"), username="acme", environment={}, ask_keyring=lambda *key: keyring.get(key))
    assert found.require_made_by(profile("pypi")).reveal() == of_index("pypi")


def refusal(text: str, nickname: str = "pypi", **environment: str) -> CredentialError:
    """Why this token isn't sent."""
    with pytest.raises(CredentialError) as caught:
        find_token(
            profile(nickname), username="acme", environment={"NAMEHOLD_TOKEN": text, **environment}, ask_keyring=nobody
        ).require_made_by(profile(nickname))
    assert not any(text[at : at + 16] in caught.value.message for at in range(len(text) - 15))
    assert text[:40] not in caught.value.message + caught.value.fix
    return caught.value


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda token: f'"{token}"', "in quotes"),
        (lambda token: f"\u201c{token}\u201d", "in quotes"),
        (lambda token: f"NAMEHOLD_TOKEN={token}", "name of a variable"),
        (lambda token: f"export NAMEHOLD_TOKEN={token}", "name of a variable"),
        (lambda token: f"{token[:40]}\n{token[40:]}", "more than one line"),
        (lambda token: f"{token[:40]} {token[40:]}", "a space"),
        (lambda token: token.removeprefix("pypi-"), "begins with 'pypi-'"),
        (lambda _: "ghp_0123456789abcdefghijklmnopqrstuvwxyz", "another service"),
        (lambda _: "correct-horse-battery", "a password"),
        (lambda token: token[:-20], "cut off"),
        (lambda token: token[:40], "cut off"),
        # A reader of tokens passes over each of these.
        (lambda token: token * 2, "damaged"),
        (lambda token: f"{token}\\n", "damaged"),
        (lambda token: f"{token}A", "damaged"),
        (lambda token: f"{token}&x", "damaged"),
        (lambda token: f"{token},", "damaged"),
    ],
)
def test_what_cant_be_a_token_of_a_public_index_is_never_sent(damage: Callable[[str], str], said: str) -> None:
    error = refusal(damage(of_index("pypi")))
    assert said in error.message
    assert "nothing of it is sent" in error.message


def test_a_public_index_gets_no_token_of_another_one() -> None:
    assert "made by another index" in refusal(of_index("testpypi")).message
    assert "made by another index" in refusal(of_index("pypi"), "testpypi").message


@pytest.mark.parametrize("nickname", ["pypi", "testpypi"])
@pytest.mark.parametrize("change", [str, lambda token: token.removeprefix("pypi-")])
@pytest.mark.parametrize("host", ["http://127.0.0.1:9", "http://[::1]:9", "https://packages.acme.example"])
def test_a_public_indexs_token_is_sent_to_no_other_address(
    nickname: str, change: Callable[[str], str], host: str
) -> None:
    """Something on this machine that passes uploads on would take every guard of a public index away."""
    where = private_profile(IndexChoice(upload=f"{host}/up/", simple=f"{host}/simple/"), nickname="corp")
    token = change(of_index(nickname))
    with pytest.raises(CredentialError, match="another index"):
        find_token(where, username="acme", environment={"NAMEHOLD_TOKEN": token}, ask_keyring=nobody).require_made_by(
            where
        )
    with pytest.raises(CredentialError, match="another index"):
        find_token(where, username="acme", environment={}, ask_keyring=lambda *_: token).require_made_by(where)


def test_a_part_of_a_public_indexs_domain_is_that_index() -> None:
    host = str(urlsplit(profile("pypi").simple).hostname)
    for domain in (f"upload.{host}", f"{host}.", host.upper(), f"some.part.{host}"):
        token = str(pypitoken.Token.create(domain=domain, identifier="some-user", key=KEY).dump())
        with pytest.raises(CredentialError, match="another index"):
            find_token(
                PROFILE, username="acme", environment={"NAMEHOLD_TOKEN": token}, ask_keyring=nobody
            ).require_made_by(PROFILE)
    for domain in (f"not{host}", f"{host}.acme.example", "127.0.0.1", ""):
        token = str(pypitoken.Token.create(domain=domain, identifier="some-user", key=KEY).dump())
        assert find({"NAMEHOLD_TOKEN": token}) == token


def test_a_token_lies_in_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("pypi-filed\n", "utf-8")
    file.chmod(0o600)
    assert find({"NAMEHOLD_TOKEN_FILE": str(file), "TWINE_PASSWORD": "pypi-b"}) == "pypi-filed"
    with pytest.raises(CredentialError, match="both set"):
        find({"NAMEHOLD_TOKEN_FILE": str(file), "NAMEHOLD_TOKEN": "pypi-a"})


def wide_open(file: Path) -> None:
    file.write_text("pypi-filed\n", "utf-8")
    file.chmod(0o640)


def empty(file: Path) -> None:
    file.touch(0o600)


def linked(file: Path) -> None:
    (file.parent / "real").write_text("pypi-filed\n", "utf-8")
    (file.parent / "real").chmod(0o600)
    file.symlink_to("real")


def doubled(file: Path) -> None:
    (file.parent / "real").write_text("pypi-filed\n", "utf-8")
    (file.parent / "real").chmod(0o600)
    os.link(file.parent / "real", file)


def piped(file: Path) -> None:
    os.mkfifo(file, 0o600)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (wide_open, "open to other users"),
        (empty, "is empty"),
        (linked, "is a link"),
        (doubled, "second name"),
        (piped, "neither a file nor a folder"),
        (Path.mkdir, "is no file"),
        (lambda _: None, "No such file"),
    ],
)
def test_a_file_with_a_token_that_others_could_reach_is_refused(
    make: Callable[[Path], object], said: str, tmp_path: Path
) -> None:
    make(tmp_path / "token")
    with pytest.raises(CredentialError, match=said):
        find({"NAMEHOLD_TOKEN_FILE": str(tmp_path / "token")})


@pytest.mark.parametrize("make", [Path.mkdir, piped])
def test_the_rights_of_what_is_no_file_are_left_alone(make: Callable[[Path], object], tmp_path: Path) -> None:
    make(tmp_path / "token")
    with pytest.raises(CredentialError) as caught:
        find({"NAMEHOLD_TOKEN_FILE": str(tmp_path / "token")})
    assert "plain file" in caught.value.fix
    assert "chmod" not in caught.value.fix


def test_a_link_to_a_token_is_answered_with_how_to_name_its_file(tmp_path: Path) -> None:
    """Kubernetes mounts a secret as a link to a file below a link to a folder."""
    (tmp_path / "..2026").mkdir()
    real = tmp_path / "..2026" / "token"
    real.write_text("pypi-filed\n", "utf-8")
    real.chmod(0o400)
    (tmp_path / "..data").symlink_to("..2026")
    (tmp_path / "token").symlink_to("..data/token")
    with pytest.raises(CredentialError) as caught:
        find({"NAMEHOLD_TOKEN_FILE": str(tmp_path / "token")})
    assert "readlink -f" in caught.value.fix
    assert "chmod" not in caught.value.fix
    assert find({"NAMEHOLD_TOKEN_FILE": str((tmp_path / "token").resolve())}) == "pypi-filed"


def test_a_whole_path_where_no_file_is_is_named(tmp_path: Path) -> None:
    with pytest.raises(CredentialError) as caught:
        find({"NAMEHOLD_TOKEN_FILE": str(tmp_path / "token")})
    assert str(tmp_path / "token") in caught.value.message


@pytest.mark.parametrize("text", ["SECRET-" * 8, "SECRET-" * 80])
def test_a_token_in_place_of_its_files_name_is_not_shown(text: str) -> None:
    with pytest.raises(CredentialError, match="NAMEHOLD_TOKEN_FILE names no file") as caught:
        find({"NAMEHOLD_TOKEN_FILE": text})
    assert "SECRET" not in caught.value.message + caught.value.fix


@pytest.mark.parametrize(
    ("mode", "owner", "folder", "is_open"),
    [
        (0o440, 0, "", False),
        (0o400, 0, "", False),
        (0o444, 0, "", True),
        (0o460, 0, "", True),
        (0o440, 1000, "", True),
        (0o440, 0, "elsewhere", True),
    ],
)
def test_a_credential_of_systemd_is_open_to_its_service_alone(
    mode: int, owner: int, folder: str, is_open: bool, tmp_path: Path
) -> None:
    """systemd.exec(5): the file is root's, and the mask of its access list shows as the group's bits."""
    state = os.stat_result((mode, 0, 0, 1, owner, 0, 0, 0, 0, 0))
    found = bits_for_others(tmp_path / "token", state, credentials=str(tmp_path / folder))
    assert bool(found) is is_open
    assert bits_for_others(tmp_path / "token", state, credentials="") == mode & 0o077


def test_a_keyring_that_hangs_is_left_behind() -> None:
    release = threading.Event()

    def hang(service: str, username: str) -> str | None:
        release.wait()
        return None

    with pytest.raises(CredentialError, match=r"no answer in 0\.01 s"):
        find_token(PROFILE, username="acme", environment={}, ask_keyring=hang, timeout_s=0.01)
    release.set()


@pytest.mark.parametrize("kind", [RuntimeError, SystemExit, KeyboardInterrupt])
def test_a_keyring_that_fails_is_named_by_its_error_alone(
    kind: type[BaseException], capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(service: str, username: str) -> str | None:
        raise kind("pypi-secret in a message")

    with pytest.raises(CredentialError) as caught:
        find_token(PROFILE, username="acme", environment={}, ask_keyring=fail)
    assert kind.__name__ in caught.value.message
    assert "secret" not in caught.value.message
    assert capfd.readouterr() == ("", "")


def test_where_there_is_no_keyring_no_advice_needs_one() -> None:
    def fail(service: str, username: str) -> str | None:
        raise NoKeyringError("No recommended backend was available.")

    with pytest.raises(CredentialError) as caught:
        find_token(PROFILE, username="acme", environment={}, ask_keyring=fail)
    assert caught.value.message == "there is no token for acme on trial (this machine has no keyring)"
    assert "NAMEHOLD_TOKEN_FILE" in caught.value.fix
    assert "keyring set" not in caught.value.fix


@pytest.mark.parametrize("value", [b"pypi-bytes", 7, ["pypi-list"]])
def test_what_a_keyring_gives_besides_text_is_no_token(value: Any) -> None:
    with pytest.raises(CredentialError, match="there is no token"):
        find_token(PROFILE, username="acme", environment={}, ask_keyring=lambda *_: value)


@pytest.mark.parametrize("text", ["pypi-a b", "pypi-a\nX-Header: 1", "pypi-\u200b"])
def test_a_damaged_token_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(CredentialError) as caught:
        find({"NAMEHOLD_TOKEN": text})
    assert "pypi" not in caught.value.message


def test_a_token_has_no_form_for_text_documents_or_copies() -> None:
    token = Token("pypi-hidden")
    assert "hidden" not in f"{token} {token!r} {[token]}".replace("Token(hidden)", "")
    for write in (as_plain, json.dumps, pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            write(token)
    assert not hasattr(token, "__dict__")


def test_a_narrowed_token_makes_one_name_around_now_and_nothing_else() -> None:
    narrowed = NarrowingTokens(Token(mint())).token_for(NAME, now=NOW)
    assert narrowed.is_narrowed
    token = pypitoken.Token.load(narrowed.reveal())
    for minutes in (-5, 0, 4):
        token.check(key=KEY, project_name="acme-tol", now=NOW + dt.timedelta(minutes=minutes))
    for minutes in (-6, 6):
        with pytest.raises(pypitoken.ValidationError):
            token.check(key=KEY, project_name="acme-tol", now=NOW + dt.timedelta(minutes=minutes))
    with pytest.raises(pypitoken.ValidationError):
        token.check(key=KEY, project_name="acme-tool", now=NOW)


def test_narrowing_one_name_leaves_the_next_as_wide_as_before() -> None:
    source = NarrowingTokens(Token(mint()))
    source.token_for(NormalizedName("acme-too"), now=NOW)
    token = pypitoken.Token.load(source.token_for(NAME, now=NOW).reveal())
    token.check(key=KEY, project_name="acme-tol", now=NOW)


def test_what_is_no_macaroon_is_passed_on_and_says_so() -> None:
    source = NarrowingTokens(Token("a-private-indexs-own-token"))
    assert not source.can_narrow
    token = source.token_for(NAME, now=NOW)
    assert (token.reveal(), token.is_narrowed) == ("a-private-indexs-own-token", False)


STAMP = int(NOW.timestamp())


@pytest.mark.parametrize(
    "caveat",
    [
        [1, ["other-project"]],
        [2, ["0d0e9d05-6d5b-4b3d-8ee6-1b7a5a8c0f00"]],
        {"version": 1, "permissions": {"projects": ["other-project"]}},
        [0, STAMP - 10, 0],
        [0, STAMP + 1000, STAMP + 500],
    ],
)
def test_a_token_that_is_certain_to_fail_never_costs_a_slot(caveat: object) -> None:
    with pytest.raises(CredentialError):
        NarrowingTokens(Token(mint(caveat))).token_for(NAME, now=NOW)


@pytest.mark.parametrize(
    "caveat",
    [
        [1, ["Acme_Tol", "b"]],
        [0, STAMP + 1000, STAMP - 10],
        [3, "a-user"],
        {"version": 1, "permissions": "user"},
        [99, "of the future"],
        "words",
    ],
)
def test_conditions_that_the_index_must_judge_are_left_to_it(caveat: object) -> None:
    assert NarrowingTokens(Token(mint(caveat))).token_for(NAME, now=NOW).is_narrowed


def test_a_traceback_shows_no_token() -> None:
    secret = mint([1, ["other-project"]])
    try:
        NarrowingTokens(Token(secret)).token_for(NAME, now=NOW)
    except CredentialError:
        assert secret not in traceback.format_exc()
