"""What pip, uv and poetry do with a placeholder of each mode, from an index; the table in the docs is what is seen."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder
from packaging.utils import NormalizedName
from tests.harness.clients import PIP_SETTINGS, ClientServer, Environment, run_program, serve_pip, serve_poetry
from tests.harness.values import action, full_portfolio
from uv import find_uv_bin

from namehold import rehearsal
from namehold.placeholder.build import PlaceholderBuilder
from namehold.placeholder.render import Templates
from namehold.portfolio.model import Mode
from namehold.rehearsal.running import RunningIndex

_PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "placeholders.md"
_NAMES = {Mode.REDIRECT: "acme-tol", Mode.SIGNPOST: "acme-helper", Mode.REFUSE: "acme-inner"}
_REAL = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "Acme_Tool"
version = "3.1"
requires-python = ">=3.8"
[project.optional-dependencies]
all = []
[tool.hatch.build.targets.wheel]
only-include = ["acmetool.py"]
"""
_PROJECT = """
[project]
name = "somebodys-project"
version = "1"
requires-python = ">=3.11,<4"
dependencies = []
[tool.poetry]
package-mode = false
[[tool.poetry.source]]
name = "trial"
url = "{simple}"
[[tool.uv.index]]
url = "{simple}"
default = true
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningIndex]:
    """The real package and a placeholder in each mode."""
    folder, source = tmp_path_factory.mktemp("files"), tmp_path_factory.mktemp("real")
    (source / "pyproject.toml").write_text(_REAL, encoding="utf-8")
    (source / "acmetool.py").write_text("", encoding="utf-8")
    (real,) = [Path(path) for path in WheelBuilder(str(source)).build(directory=str(folder), versions=["standard"])]
    with rehearsal.start(users=["acme"]) as running:
        templates = Templates(None, running.profile)
        running.state.add_project(
            NormalizedName("acme-tool"), owner="acme", spelled="Acme_Tool", files=[(real.name, real.read_bytes())]
        )
        for mode, name in _NAMES.items():
            built = PlaceholderBuilder().build(templates.render(action(name, mode), full_portfolio()), folder)
            files = [(item.filename, Path(item.path).read_bytes()) for item in built]
            running.state.add_project(NormalizedName(name), owner="acme", files=files)
        yield running


@dataclass(kw_only=True)
class Place:
    """An environment and a project beside it; `said` is what the client printed last."""

    folder: Path
    simple: str
    installed: Environment
    pip: ClientServer
    poetry: ClientServer
    said: str = ""

    def reset(self) -> None:
        """Makes environment and project empty again."""
        self.installed.empty()
        shutil.rmtree(self._project, ignore_errors=True)
        self._project.mkdir()
        (self._project / "pyproject.toml").write_text(_PROJECT.format(simple=self.simple), encoding="utf-8")

    @property
    def _project(self) -> Path:
        return self.folder / "project"

    @property
    def python(self) -> str:
        return self.installed.python

    def read(self, name: str) -> str:
        """A file that a client has left in the project."""
        return (self._project / name).read_text(encoding="utf-8")

    def run(self, *words: str, **environment: str) -> bool:
        done = run_program(list(words), folder=self._project, environment=self._environment(environment))
        return self._note(done.returncode, done.stdout + done.stderr)

    def run_pip(self, *words: str) -> bool:
        return self._note(*self.pip.run(words, folder=self._project, environment=self._environment(PIP_SETTINGS)))

    def run_poetry(self, *words: str, **environment: str) -> bool:
        environment = self._environment(environment)
        return self._note(*self.poetry.run(words, folder=self._project, environment=environment))

    def has(self, module: str) -> bool:
        return self.installed.has(module)

    def _note(self, code: int, said: str) -> bool:
        # Programs break lines where they like.
        self.said = " ".join(said.split())
        return code == 0

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        # No other folder is on the path: clients start what they find there, only to tell the index its version.
        path = f"{self.installed.scripts}{os.pathsep}{Path(sys.executable).resolve().parent}"
        return {**os.environ, **more, "VIRTUAL_ENV": str(self.installed.folder), "PATH": path}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the clients keep what isn't a project's, instead of in the home of who runs this."""
    folder = tmp_path_factory.mktemp("clients")
    with pytest.MonkeyPatch.context() as patch:
        for variable in [key for key in os.environ if key.startswith(("PIP_", "UV_", "POETRY_"))]:
            patch.delenv(variable)
        patch.setenv("UV_CACHE_DIR", str(folder / "uv"))
        patch.setenv("UV_PYTHON_DOWNLOADS", "never")
        patch.setenv("POETRY_CACHE_DIR", str(folder / "poetry"))
        patch.setenv("POETRY_CONFIG_DIR", str(folder / "config"))
        patch.setenv("POETRY_NO_INTERACTION", "1")
        patch.setenv("NO_COLOR", "1")
        yield folder


@pytest.fixture(scope="module")
def place(folders: Path, index: RunningIndex) -> Iterator[Place]:
    installed = Environment(folders / "environment")
    with serve_pip(installed.python, folders) as pip, serve_poetry(folders, dict(os.environ)) as poetry:
        yield Place(folder=folders, simple=index.simple_url, installed=installed, pip=pip, poetry=poetry)


class Pip:
    name = "pip"
    binaries = ("--only-binary", ":all:")
    no_deps = ("--no-deps",)

    def install(self, place: Place, *words: str, options: Sequence[str] = ()) -> bool:
        return self._run(place, "install", "--no-cache-dir", "--index-url", place.simple, *options, *words)

    def lock(self, place: Place, name: str) -> bool:
        return self._run(place, "lock", "--no-cache-dir", "--index-url", place.simple, "-o", "pylock.toml", name)

    def locked(self, place: Place) -> str:
        return place.read("pylock.toml")

    def uninstall(self, place: Place, name: str) -> bool:
        return self._run(place, "uninstall", "--yes", name)

    def _run(self, place: Place, *words: str) -> bool:
        return place.run_pip(*words)


class Uv:
    name = "uv"
    binaries = ("--no-build",)
    no_deps = ("--no-deps",)

    def install(self, place: Place, *words: str, options: Sequence[str] = ()) -> bool:
        return self._run(
            place, "pip", "install", "--python", place.python, "--default-index", place.simple, *options, *words
        )

    def lock(self, place: Place, name: str) -> bool:
        return self._run(place, "add", "--no-sync", name)

    def locked(self, place: Place) -> str:
        return place.read("uv.lock")

    def uninstall(self, place: Place, name: str) -> bool:
        return self._run(place, "pip", "uninstall", "--python", place.python, name)

    def _run(self, place: Place, *words: str) -> bool:
        # `python -m uv` would work on the environment of that Python.
        return place.run(find_uv_bin(), *words)


class Poetry:
    name = "poetry"
    binaries = ("POETRY_INSTALLER_ONLY_BINARY", ":all:")
    no_deps = ()  # poetry knows no such thing

    def install(self, place: Place, *words: str, options: Sequence[str] = ()) -> bool:
        environment = {options[0]: options[1]} if options else {}
        return place.run_poetry("add", *words, **environment)

    def lock(self, place: Place, name: str) -> bool:
        return place.run_poetry("add", "--lock", name)

    def locked(self, place: Place) -> str:
        return place.read("poetry.lock")

    def uninstall(self, place: Place, name: str) -> bool:
        return place.run_poetry("remove", name)


_CLIENTS = (Pip(), Uv(), Poetry())
_NOTHING = "No matching distribution|Unable to find installation candidates|no (?:usable )?wheels|building .* disabled"
_WARNED = "acme-inner is a placeholder, not Acme_Tool."


class Observer:
    """One client and one mode: what happens, in the words of the table."""

    def __init__(self, client: Pip | Uv | Poetry, mode: Mode, place: Place) -> None:
        self.client, self.mode, self.name, self.place = client, mode, _NAMES[mode], place
        self.module = self.name.replace("-", "_") + ("_notice" if mode is Mode.REDIRECT else "")

    def outcome(self, *, done: bool) -> str:
        """What is installed after a try."""
        if not done:
            return self.refusal()
        found = [
            what for what, module in (("real", "acmetool"), ("placeholder", self.module)) if self.place.has(module)
        ]
        return {
            ("real", "placeholder"): "works, the real package comes along",
            ("placeholder",): "works, without the real package",
        }[tuple(found)]

    def try_to_install(self, *words: str, options: Sequence[str] = ()) -> str:
        """What comes of it in an empty environment."""
        self.place.reset()
        return self.outcome(done=self.client.install(self.place, *words, options=options))

    def observe(self) -> dict[str, str]:
        seen = {"install": self.try_to_install(self.name)}
        works = seen["install"].startswith("works")
        if works:
            seen |= self.use()
        if self.client.no_deps:
            seen["install without dependencies"] = self.try_to_install(self.name, options=self.client.no_deps)
        seen["install wheels only"] = self.try_to_install(self.name, options=self.client.binaries)
        extra = self.try_to_install(f"{self.name}[all]")
        is_told = re.search(r"does not (?:provide the|have an?) .{0,3}extra", self.place.said) is not None
        seen["install with an extra"] = extra + (", with a warning" if is_told else "")
        self.place.reset()
        seen["lock"] = self.lock_outcome(done=self.client.lock(self.place, self.name))
        return seen | (self.uninstall() if works else {})

    def refusal(self) -> str:
        if _WARNED in self.place.said:
            return "stops with the text"
        assert re.search(_NOTHING, self.place.said), self.place.said
        return "nothing is found"

    def lock_outcome(self, *, done: bool) -> str:
        if not done:
            return self.refusal()
        text = re.sub(r"[-_]", "-", self.client.locked(self.place)).lower()
        assert self.name in text
        return "both are locked" if 'name = "acme-tool"' in text else "the placeholder is locked"

    def use(self) -> dict[str, str]:
        place = self.place
        went_on = place.run(place.python, "-c", f"import {self.module}")
        imported = re.search(r"(UserWarning|ImportError): \S+ is a placeholder, not Acme_Tool", place.said)
        assert imported is not None
        asked = place.run(place.python, "-m", self.module)
        assert "Install Acme_Tool instead." in place.said
        return {
            "import its module": f"{imported[1]}{', and goes on' if went_on else ''}",
            "`python -m` its module": "prints the notice" if asked else "fails",
        }

    def uninstall(self) -> dict[str, str]:
        """Beside the real package, in both orders."""
        seen = {}
        for gone, words in (("acme-tool", "uninstall the real package"), (self.name, "uninstall the placeholder")):
            place = self.place
            place.reset()
            assert self.client.install(place, self.name, "acme-tool")
            assert self.client.uninstall(place, gone)
            found = {what: place.has(module) for what, module in (("real", "acmetool"), ("own", self.module))}
            other, itself = ("own", "real") if gone == "acme-tool" else ("real", "own")
            assert found[other]
            seen[words] = "stays, as the placeholder requires it" if found[itself] else "goes; the other stays whole"
        return seen


def _table() -> dict[tuple[str, str], tuple[str, ...]]:
    """The docs' table: (what people do, client) -> the words of each mode."""
    rows = {}
    for line in _PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 2 + len(_NAMES) and cells[1] in {client.name for client in _CLIENTS}:
            rows[cells[0], cells[1]] = tuple(cells[2:])
    return rows


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("client", _CLIENTS, ids=lambda client: client.name)
def test_the_table_in_the_docs_is_what_people_experience(client: Pip | Uv | Poetry, mode: Mode, place: Place) -> None:
    seen = Observer(client, mode, place).observe()
    column = list(_NAMES).index(mode)
    said = {what: cells[column] for (what, name), cells in _table().items() if name == client.name and cells[column]}
    assert seen == said
