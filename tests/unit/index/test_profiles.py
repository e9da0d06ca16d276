from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib.util import spec_from_file_location
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from twine.utils import DEFAULT_REPOSITORY, TEST_REPOSITORY

from namehold.errors import ConfigError
from namehold.index import profiles
from namehold.index.model import IndexChoice
from namehold.index.profiles import is_loopback, private_profile, profile


def test_public_addresses_follow_from_twines_constants() -> None:
    main, trial = profile("pypi"), profile("testpypi")
    assert main.upload == DEFAULT_REPOSITORY
    assert trial.upload == TEST_REPOSITORY
    assert "upload." + str(urlsplit(main.simple).hostname) == urlsplit(DEFAULT_REPOSITORY).hostname
    assert urlsplit(trial.simple).hostname == urlsplit(TEST_REPOSITORY).hostname
    for index in (main, trial):
        assert index.simple.endswith("/simple/")
        assert index.json.endswith("/pypi/")
        assert index.is_public
        assert not index.is_loopback


@pytest.mark.parametrize(
    "source",
    [
        None,
        "DEFAULT_REPOSITORY = place()\n",
        'DEFAULT_REPOSITORY = "https://" + HOST + "/legacy/"\nTEST_REPOSITORY = "https:\\u002f/x.example/"\n',
    ],
)
def test_addresses_that_twines_source_does_not_show_are_imported(
    source: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if source is not None:
        (tmp_path / "utils.py").write_text(source, "utf-8")
    elsewhere = spec_from_file_location("twine", tmp_path / "__init__.py")
    monkeypatch.setattr(profiles, "find_spec", {"twine": elsewhere}.get)
    profiles._public_uploads.cache_clear()
    try:
        assert [profile(nickname).upload for nickname in ("pypi", "testpypi")] == [DEFAULT_REPOSITORY, TEST_REPOSITORY]
    finally:
        profiles._public_uploads.cache_clear()


def test_an_unknown_nickname_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError) as caught:
        profile("pipy")
    assert "pypi, testpypi" in caught.value.fix


def test_a_private_index_has_no_rules_of_the_public_one() -> None:
    index = private_profile(
        IndexChoice(upload="https://packages.acme.example/up", simple="https://packages.acme.example/simple/")
    )
    assert index.upload == "https://packages.acme.example/up/"
    assert not index.is_public
    assert not index.is_loopback
    assert not index.shows_ownership
    assert index.quota is None


def test_a_public_host_stays_public_under_any_nickname() -> None:
    index = private_profile(
        IndexChoice(upload=DEFAULT_REPOSITORY, simple="http://127.0.0.1:1/simple/"), nickname="rehearsal"
    )
    assert index == profile("pypi")


@pytest.mark.parametrize("spelled", [str.upper, "{}.".format, "{}..".format, "{}.:443".format])
def test_a_public_host_stays_public_in_any_spelling(spelled: Callable[[str], str]) -> None:
    for nickname, address in (("pypi", DEFAULT_REPOSITORY), ("testpypi", TEST_REPOSITORY)):
        host = str(urlsplit(address).hostname)
        choice = IndexChoice(upload=f"https://{spelled(host)}/legacy/", simple="https://packages.acme.example/simple/")
        assert private_profile(choice) == profile(nickname)


@pytest.mark.parametrize("nickname", ["pypi", "testpypi"])
@pytest.mark.parametrize("part", ["", "www.", "upload.", "a.b."])
def test_an_index_that_reads_from_a_public_one_is_public(nickname: str, part: str) -> None:
    host = f"{part}{urlsplit(profile(nickname).simple).hostname}"
    own = IndexChoice(upload="http://127.0.0.1:1/legacy/", simple="http://127.0.0.1:1/simple/")
    for place, address in (("simple", "simple"), ("json", "pypi"), ("upload", "legacy")):
        choice = replace(own, **{place: f"https://{host}/{address}/"})  # type: ignore[arg-type]  # each is a text
        assert private_profile(choice, nickname="corp") == profile(nickname)
    for other in (f"not{urlsplit(profile('pypi').simple).hostname}", f"{host}.acme.example"):
        assert not private_profile(replace(own, simple=f"https://{other}/simple/")).is_public


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("https://packages%2Eacme.example/", "is no plain host"),
        ("https://packages\u3002acme.example/", "is no plain host"),
        ("https://packages\uff0eacme.example/", "is no plain host"),
        ("https://p\u00e4ckages.acme.example/", "is no plain host"),
        ("https://packages.acme.example\\.acme.example/", "is no plain host"),
        ("https://packages_acme.example/", "is no plain host"),
        ("", "is no web address"),
        ("ftp://packages.acme.example/", "is no web address"),
        ("http://[::1/", "is no address"),
        ("http://packages.acme.example/", "is not encrypted"),
        ("http://localhost/", "is not encrypted"),
        ("https://packages.acme.example/?a=1", "query"),
    ],
)
def test_unusable_addresses_are_named(address: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        private_profile(IndexChoice(upload=address, simple="https://packages.acme.example/simple/"))
    assert any(problem in item.message and "index.upload" in item.message for item in caught.value.diagnostics())


def test_a_password_in_an_address_is_refused_and_not_shown() -> None:
    with pytest.raises(ConfigError) as caught:
        private_profile(
            IndexChoice(
                upload="https://me:hunter2@packages.acme.example/", simple="https://packages.acme.example/simple/"
            )
        )
    assert "hunter2" not in str(caught.value) + "".join(map(str, caught.value.diagnostics()))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://127.0.0.1:8080/", True),
        ("http://127.9.9.9/", True),
        ("http://[::1]:8080/", True),
        ("http://localhost/", False),
        ("http://127.0.0.1.acme.example/", False),
        ("http://127.0.0.1@packages.acme.example/", False),
        ("http://10.0.0.1/", False),
        ("http://0.0.0.0/", False),
    ],
)
def test_loopback_is_an_ip_address_never_a_name(address: str, expected: bool) -> None:
    assert is_loopback(address) is expected


def test_an_index_is_loopback_only_with_all_its_addresses() -> None:
    index = private_profile(IndexChoice(upload="http://127.0.0.1:1/", simple="https://packages.acme.example/simple/"))
    assert not index.is_loopback
