"""The whole line on private indexes as they come: pypiserver with its defaults and with users, and devpi."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from tests.harness.cli import Done, call
from tests.harness.index_servers import devpi, htpasswd, pypiserver
from tests.harness.wheels import make_wheel

from namehold.index.access.upload import TwineUploader
from namehold.index.model import IndexChoice, Token
from namehold.index.profiles import private_profile
from namehold.placeholder.model import Distribution
from namehold.portfolio.model import Mode

USER, PASSWORD = "names-bot", "s3cret word"
CONFIG = """\
organization:
  name: Acme Robotics
  contact: https://acme-robotics.example/security
  homepage: https://acme-robotics.example/
account:
  index: house
  username: names-bot
index:
  upload: {upload}
  simple: {simple}
  ownership: attested
demo: true
packages:
  - name: acme-tool
    commands: [acme-toolctl]
"""
LOGIN = {"TWINE_USERNAME": USER, "TWINE_PASSWORD": PASSWORD}


def namehold(folder: Path, *words: str, **environment: str) -> Done:
    done = call(*words, cwd=folder, env=environment)
    assert PASSWORD not in done.out + done.err
    return done


def reserve(folder: Path, *, upload: str, simple: str, environment: dict[str, str]) -> tuple[Done, Done]:
    """A list, a plan, an approval; then what `apply` and `status` said."""
    (folder / "names.yaml").write_text(CONFIG.format(upload=upload, simple=simple), "utf-8")
    for words in (("snapshot", "update"), ("plan",)):
        done = namehold(folder, *words, **environment)
        assert done.code == 0, done.err
    return namehold(folder, "apply", "--yes", **environment), namehold(folder, "status", **environment)


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    folder = tmp_path / "packages"
    folder.mkdir()
    filename, content = make_wheel("acme-tool", "1.0", scripts=["acme-toolctl"])
    (folder / filename).write_bytes(content)
    return folder


@pytest.fixture
def desk_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "desk"
    folder.mkdir()
    return folder


def test_pypiserver_with_its_defaults_sends_unknown_names_elsewhere(packages: Path, desk_folder: Path) -> None:
    with pypiserver(packages, "-P", ".", "-a", ".") as base:
        applied, status = reserve(
            desk_folder, upload=base, simple=f"{base}simple/", environment={"NAMEHOLD_TOKEN": "any-word"}
        )
    assert applied.code == 0, applied.err
    assert "sends us to another host" in applied.err
    assert [path.name for path in packages.glob("acme_toolctl*")]
    assert status.code == 0, status.err
    assert "1 name held" in status.err


@pytest.mark.parametrize("algorithm", ["md5", "off"])
def test_an_index_that_lists_no_sha256_is_proved_by_what_it_sends(
    algorithm: str, packages: Path, desk_folder: Path
) -> None:
    with pypiserver(packages, "-P", ".", "-a", ".", "--disable-fallback", "--hash-algo", algorithm) as base:
        applied, status = reserve(
            desk_folder, upload=base, simple=f"{base}simple/", environment={"NAMEHOLD_TOKEN": "any-word"}
        )
    assert applied.code == 0, applied.err
    assert "1 of 1 planned names newly held" in applied.err
    assert status.code == 0, status.err


def test_pypiserver_with_users_for_everything(packages: Path, desk_folder: Path, tmp_path: Path) -> None:
    users = htpasswd(tmp_path / "users", USER, PASSWORD)
    with pypiserver(packages, "-P", str(users), "-a", "update,download,list", "--disable-fallback") as base:
        host = base.removeprefix("http://")
        (desk_folder / "names.yaml").write_text(CONFIG.format(upload=base, simple=f"{base}simple/"), "utf-8")
        without = namehold(desk_folder, "snapshot", "update", **LOGIN)
        assert without.code == 4
        assert "asks for a user and a password" in without.err
        assert f"NAMEHOLD_READ_LOGIN=http://USER:PASSWORD@{host.rstrip('/')}" in without.err
        reading = {"NAMEHOLD_READ_LOGIN": f"http://{USER}:s3cret%20word@{host}"}
        applied, status = reserve(desk_folder, upload=base, simple=f"{base}simple/", environment={**LOGIN, **reading})
        wrong = namehold(desk_folder, "snapshot", "update", NAMEHOLD_READ_LOGIN=f"http://{USER}:no@{host}")
    assert applied.code == 0, applied.err
    assert status.code == 0, status.err
    assert wrong.code == 4


def test_a_wrong_password_for_uploads_is_told_as_that(packages: Path, desk_folder: Path, tmp_path: Path) -> None:
    users = htpasswd(tmp_path / "users", USER, "another")
    with pypiserver(packages, "-P", str(users), "--disable-fallback") as base:
        applied, _ = reserve(desk_folder, upload=base, simple=f"{base}simple/", environment=LOGIN)
    assert applied.code == 5, applied.err
    assert not list(packages.glob("acme_toolctl*"))


@pytest.fixture(scope="module")
def devpi_index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("devpi")
    filename, content = make_wheel("acme-tool", "1.0", scripts=["acme-toolctl"])
    (folder / filename).write_bytes(content)
    own = Distribution(
        name=NormalizedName("acme-tool"),
        version="1.0",
        filename=filename,
        path=str(folder / filename),
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        mode=Mode.REDIRECT,
    )
    with devpi(folder, USER, PASSWORD) as base:
        profile = private_profile(IndexChoice(upload=base, simple=f"{base}+simple/"))
        assert TwineUploader(profile).upload(own, Token(PASSWORD, username=USER)).status == 200
        yield base


def test_devpi_as_it_comes(devpi_index: str, desk_folder: Path) -> None:
    applied, status = reserve(desk_folder, upload=devpi_index, simple=f"{devpi_index}+simple/", environment=LOGIN)
    assert applied.code == 0, applied.err
    assert status.code == 0, status.err
    assert "1 name held" in status.err
