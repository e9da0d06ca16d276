"""On a public index each wrong kind of credential is contradicted in doctor, refused by apply, and never sent.

Nothing leaves this machine: what would be asked or sent is noted in place of the network.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pypitoken
import pytest
import requests
from tests.harness.cli import Done, call

from namehold.index.access.client import _RoutedTransport
from namehold.index.profiles import profile

PUBLIC = profile("testpypi")
HOST = str(urlsplit(PUBLIC.simple).hostname)
NAMES = """\
organization:
  name: Acme Robotics
  contact: https://acme-robotics.org/security
  homepage: https://acme-robotics.org/
account: {index: testpypi, username: acme}
publishing: {enabled: true}
packages:
  - name: acme-tool
always:
  - {name: acme-tol, package: acme-tool, reason: People ask for it., route: reserve}
"""


def mint(domain: str = HOST) -> str:
    return str(pypitoken.Token.create(domain=domain, identifier="some-user", key="the index's own").dump())


TOKEN = mint()
#: What people put where the token belongs, and what is said of it.
WRONG: dict[str, tuple[str, str]] = {
    "in quotes": (f'"{TOKEN}"', "quotes"),
    "in typographic quotes": (f"“{TOKEN}”", "quotes"),
    "cut off": (TOKEN[:-20], "cut off or damaged"),
    "cut off early": ("pypi-AgEI", "cut off or damaged"),
    "without its prefix": (TOKEN.removeprefix("pypi-"), "begins with 'pypi-'"),
    "with the variable's name": (f"NAMEHOLD_TOKEN={TOKEN}", "name of a variable"),
    "as a shell line": (f"export NAMEHOLD_TOKEN={TOKEN}", "name of a variable"),
    "in two lines": (f"{TOKEN[:40]}\n{TOKEN[40:]}", "more than one line"),
    "with a space": (f"{TOKEN[:40]} {TOKEN[40:]}", "a space in it"),
    "another service's": ("ghp_0123456789abcdefghijklmnopqrstuvwxyz", "begins with 'pypi-'"),
    "a password": ("correct-horse-battery", "begins with 'pypi-'"),
    "a token of another index": (mint("index.example"), "another index"),
}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Everything that a request would carry; every request ends as if there were no network."""
    noted: list[str] = []

    def read(self: _RoutedTransport, request: httpx.Request) -> httpx.Response:
        noted.append(f"{request.method} {request.url} {request.headers}")
        raise httpx.ConnectError("no network here")

    def send(self: requests.Session, request: Any, **_: Any) -> requests.Response:
        noted.append(f"{request.method} {request.url} {request.headers} {request.body!r}")
        raise requests.ConnectionError("no network here")

    monkeypatch.setattr(_RoutedTransport, "handle_request", read)
    monkeypatch.setattr(requests.Session, "send", send)
    monkeypatch.setattr("time.sleep", lambda _: None)
    return noted


@pytest.fixture
def say(tmp_path: Path) -> Callable[..., Done]:
    (tmp_path / "names.yaml").write_text(NAMES, "utf-8")
    (tmp_path / "names.txt").write_text("acme-tool\nanother-project\n", "utf-8")

    def command(*words: str, **environment: str) -> Done:
        return call(*words, cwd=tmp_path, env=environment)

    assert command("snapshot", "import", "names.txt").code == 0
    return command


@pytest.mark.parametrize(("text", "why"), WRONG.values(), ids=WRONG)
def test_a_wrong_credential_is_contradicted_refused_and_never_sent(
    say: Callable[..., Done], sent: list[str], text: str, why: str
) -> None:
    seen = say("doctor", "--offline", NAMEHOLD_TOKEN=text)
    assert seen.code == 11
    assert why in seen.out or "token-index" in seen.out or "another index" in seen.out
    assert "contradicted" in seen.out
    assert say("plan").code in {0, 10}, say("plan").err
    applied = say("apply", "--yes", NAMEHOLD_TOKEN=text)
    assert applied.code == 5, applied.err
    assert why in applied.err
    everything = "".join(sent) + seen.out + seen.err + applied.out + applied.err
    assert text not in everything
    assert TOKEN[20:60] not in everything
    assert not any(line.startswith("POST") for line in sent)


def test_a_user_and_a_password_are_not_sent_to_a_public_index(say: Callable[..., Done], sent: list[str]) -> None:
    login = {"TWINE_USERNAME": "acme", "TWINE_PASSWORD": "correct-horse-battery"}
    seen = say("doctor", "--offline", **login)
    assert seen.code == 11
    assert "TWINE_USERNAME" in seen.out
    say("plan")
    applied = say("apply", "--yes", **login)
    assert applied.code == 5, applied.err
    assert "correct-horse" not in "".join(sent) + seen.out + seen.err + applied.out + applied.err


@pytest.mark.parametrize("text", [TOKEN, f"  {TOKEN}\r\n"])
def test_the_whole_token_is_fine(say: Callable[..., Done], text: str) -> None:
    assert "no condition of its own" in say("doctor", "--offline", NAMEHOLD_TOKEN=text).out
