"""What people experience who install a placeholder with a real client, beside the real package, from a local folder."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pytest
from hatchling.builders.wheel import WheelBuilder
from tests.harness.clients import PIP_SETTINGS, ClientServer, Environment, run_program, serve_pip
from tests.harness.values import PROFILE, action, full_portfolio

from namehold.placeholder.build import PlaceholderBuilder
from namehold.placeholder.render import Templates
from namehold.portfolio.model import Mode

_REAL = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "Acme_Tool"
version = "3.1"
[project.scripts]
acme-run = "acmetool:main"
[tool.hatch.build.targets.wheel]
only-include = ["acmetool.py"]
"""


class Installed(NamedTuple):
    """The exit code of pip, and what it said."""

    returncode: int
    said: str


@dataclass(frozen=True)
class Place:
    """An environment, and a pip that sees only one folder of files."""

    installed: Environment
    files: Path
    pip: ClientServer

    def install(self, *words: str) -> Installed:
        return self._pip("install", "--no-index", "--find-links", str(self.files), *words)

    def uninstall(self, name: str) -> None:
        assert self._pip("uninstall", "--yes", name).returncode == 0

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return run_program([self.installed.python, *words], folder=self.files, environment=os.environ)

    def _pip(self, *words: str) -> Installed:
        return Installed(*self.pip.run(words, folder=self.files, environment=os.environ | PIP_SETTINGS))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real package and a placeholder in each mode."""
    folder, source = tmp_path_factory.mktemp("files"), tmp_path_factory.mktemp("real")
    (source / "pyproject.toml").write_text(_REAL, encoding="utf-8")
    (source / "acmetool.py").write_text("def main():\n    print('really here')\n", encoding="utf-8")
    list(WheelBuilder(str(source)).build(directory=str(folder), versions=["standard"]))
    templates = Templates(None, PROFILE)
    for name, mode in (("acme-tol", Mode.REDIRECT), ("acme-helper", Mode.SIGNPOST), ("acme-inner", Mode.REFUSE)):
        PlaceholderBuilder().build(templates.render(action(name, mode), full_portfolio()), folder)
    return folder


@pytest.fixture(scope="module")
def whole_place(tmp_path_factory: pytest.TempPathFactory, files: Path) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("installed")
    installed = Environment(folder / "environment")
    with serve_pip(installed.python, folder) as pip:
        yield Place(installed=installed, files=files, pip=pip)


@pytest.fixture
def place(whole_place: Place) -> Place:
    """With nothing installed."""
    whole_place.installed.empty()
    return whole_place


def test_a_redirect_brings_the_real_package(place: Place) -> None:
    assert place.install("acme-tol").returncode == 0
    assert place.run("-c", "import acmetool; acmetool.main()").stdout == "really here\n"


def test_the_notice_of_a_redirect_says_so_when_asked(place: Place) -> None:
    place.install("acme-tol")
    printed = place.run("-m", "acme_tol_notice")
    assert printed.returncode == 0
    assert "acme-tol is a placeholder, not Acme_Tool.\nInstall Acme_Tool instead." in printed.stdout
    imported = place.run("-c", "import acme_tol_notice; print('goes on')")
    assert imported.stdout == "goes on\n"
    assert "UserWarning: acme-tol is a placeholder" in imported.stderr


def test_the_real_package_outlives_the_redirect(place: Place) -> None:
    place.install("acme-tol")
    place.uninstall("acme-tol")
    assert place.run("-c", "import acmetool; acmetool.main()").stdout == "really here\n"
    assert place.run("-m", "acme_tol_notice").returncode != 0


def test_the_redirect_outlives_the_real_package(place: Place) -> None:
    place.install("acme-tol")
    place.uninstall("acme-tool")
    assert place.run("-c", "import acmetool").returncode != 0
    assert "Install Acme_Tool instead." in place.run("-m", "acme_tol_notice").stdout


def test_a_redirect_without_its_dependency_still_says_what_to_install(place: Place) -> None:
    assert place.install("--no-deps", "acme-tol").returncode == 0
    assert "Install Acme_Tool instead." in place.run("-m", "acme_tol_notice").stdout


def test_a_redirect_ships_no_command_and_no_module_of_the_real_package(place: Place) -> None:
    place.install("--no-deps", "acme-tol")
    scripts = {path.name for path in place.installed.scripts.iterdir()}
    assert "acme-run" not in scripts
    assert place.run("-c", "import acmetool").returncode != 0


def test_a_signpost_stops_the_import_with_the_pointer(place: Place) -> None:
    assert place.install("acme-helper").returncode == 0
    for words in ("import acme_helper", "from acme_helper.agents import Agent", "from acme_helper import anything"):
        stopped = place.run("-c", words)
        assert stopped.returncode == 1
        assert "ImportError: acme-helper is a placeholder, not Acme_Tool." in stopped.stderr
        assert "https://index.example/project/acme-tool/" in stopped.stderr
    printed = place.run("-m", "acme_helper")
    assert printed.returncode == 0
    assert "Install Acme_Tool instead." in printed.stdout


def test_a_signpost_can_be_caught_like_a_missing_module(place: Place) -> None:
    place.install("acme-helper")
    code = "try:\n import acme_helper\nexcept ImportError as error:\n print(error.name)"
    assert place.run("-c", code).stdout == "acme_helper\n"


@pytest.mark.parametrize("words", [["acme-inner"], ["--no-deps", "acme-inner"], ["--no-build-isolation", "acme-inner"]])
def test_a_refusal_stops_the_installation_with_the_text(place: Place, words: list[str]) -> None:
    stopped = place.install(*words)
    assert stopped.returncode != 0
    said = stopped.said
    assert "acme-inner is a placeholder, not Acme_Tool." in said
    assert "The name is held by Acme Robotics to protect users. Contact: security@acme.example" in said
    assert "Traceback" not in said
    assert "acme-inner" not in place.run("-c", _INSTALLED).stdout


def test_a_refusal_offers_nothing_to_who_takes_wheels_alone(place: Place) -> None:
    assert place.install("--only-binary", ":all:", "acme-inner").returncode != 0


_INSTALLED = "import importlib.metadata as m; print([d.name for d in m.distributions()])"
