"""What pip, uv and poetry do with a placeholder of each mode, from an index; the table in the docs is what is seen."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder
from packaging.utils import NormalizedName
from tests.placeholders import action, portfolio
from uv import find_uv_bin

from namehold import rehearsal
from namehold.placeholder.build import PlaceholderBuilder
from namehold.placeholder.render import Templates
from namehold.portfolio.model import Mode
from namehold.rehearsal.running import RunningIndex

_PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "placeholders.md"
_SCRIPTS = "Scripts" if sys.platform == "win32" else "bin"
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
            built = PlaceholderBuilder().build(templates.render(action(name, mode), portfolio()), folder)
            files = [(item.filename, Path(item.path).read_bytes()) for item in built]
            running.state.add_project(NormalizedName(name), owner="acme", files=files)
        yield running


@dataclass(kw_only=True)
class Place:
    """An empty environment and an empty project beside it; `said` is what the client printed last."""

    folder: Path
    simple: str
    said: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir()
        venv.create(self.folder / "environment", with_pip=False)
        (self.folder / "pyproject.toml").write_text(_PROJECT.format(simple=self.simple), encoding="utf-8")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "UV_", "POETRY_"))}
        self.environment = kept | {
            "VIRTUAL_ENV": str(self.folder / "environment"),
            "PATH": f"{self.folder / 'environment' / _SCRIPTS}{os.pathsep}{os.environ['PATH']}",
            "PIP_CONFIG_FILE": os.devnull,
            "UV_CACHE_DIR": str(self.folder / "cache"),
            "UV_PYTHON_DOWNLOADS": "never",
            "POETRY_CACHE_DIR": str(self.folder / "cache"),
            "POETRY_CONFIG_DIR": str(self.folder / "config"),
            "POETRY_NO_INTERACTION": "1",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "NO_COLOR": "1",
        }

    @property
    def python(self) -> str:
        return str(self.folder / "environment" / _SCRIPTS / "python")

    def run(self, *words: str, **environment: str) -> bool:
        done = subprocess.run(
            words,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
            env=dict(self.environment) | environment,
            timeout=120,
        )
        # Programs break lines where they like.
        self.said = " ".join((done.stdout + done.stderr).split())
        return done.returncode == 0

    def has(self, module: str) -> bool:
        return self.run(self.python, "-c", f"import importlib.util as u; raise SystemExit(not u.find_spec('{module}'))")


class Pip:
    name = "pip"
    binaries = ("--only-binary", ":all:")
    no_deps = ("--no-deps",)

    def install(self, place: Place, *words: str, options: Sequence[str] = ()) -> bool:
        return self._run(place, "install", "--no-cache-dir", "--index-url", place.simple, *options, *words)

    def lock(self, place: Place, name: str) -> bool:
        return self._run(place, "lock", "--no-cache-dir", "--index-url", place.simple, "-o", "pylock.toml", name)

    def locked(self, place: Place) -> str:
        return (place.folder / "pylock.toml").read_text(encoding="utf-8")

    def uninstall(self, place: Place, name: str) -> bool:
        return self._run(place, "uninstall", "--yes", name)

    def _run(self, place: Place, *words: str) -> bool:
        return place.run(sys.executable, "-m", "pip", "--python", place.python, "--disable-pip-version-check", *words)


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
        return (place.folder / "uv.lock").read_text(encoding="utf-8")

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
        return place.run(sys.executable, "-m", "poetry", "add", *words, **environment)

    def lock(self, place: Place, name: str) -> bool:
        return place.run(sys.executable, "-m", "poetry", "add", "--lock", name)

    def locked(self, place: Place) -> str:
        return (place.folder / "poetry.lock").read_text(encoding="utf-8")

    def uninstall(self, place: Place, name: str) -> bool:
        return place.run(sys.executable, "-m", "poetry", "remove", name)


_CLIENTS = (Pip(), Uv(), Poetry())
_NOTHING = "No matching distribution|Unable to find installation candidates|no (?:usable )?wheels|building .* disabled"
_WARNED = "acme-inner is a placeholder, not Acme_Tool."


class Observer:
    """One client and one mode: what happens, in the words of the table."""

    def __init__(self, client: Pip | Uv | Poetry, mode: Mode, folder: Path, simple: str) -> None:
        self.client, self.mode, self.name = client, mode, _NAMES[mode]
        self.folder, self.simple = folder, simple
        self.module = self.name.replace("-", "_") + ("_notice" if mode is Mode.REDIRECT else "")
        self.count = 0

    def place(self) -> Place:
        self.count += 1
        return Place(folder=self.folder / str(self.count), simple=self.simple)

    def outcome(self, place: Place, *, done: bool) -> str:
        """What is installed after a try."""
        if not done:
            return self.refusal(place)
        found = [what for what, module in (("real", "acmetool"), ("placeholder", self.module)) if place.has(module)]
        return {
            ("real", "placeholder"): "works, the real package comes along",
            ("placeholder",): "works, without the real package",
        }[tuple(found)]

    def observe(self) -> dict[str, str]:
        seen: dict[str, str] = {}
        plain = self.place()
        seen["install"] = self.outcome(plain, done=self.client.install(plain, self.name))
        if self.client.no_deps:
            bare = self.place()
            done = self.client.install(bare, self.name, options=self.client.no_deps)
            seen["install without dependencies"] = self.outcome(bare, done=done)
        binary = self.place()
        done = self.client.install(binary, self.name, options=self.client.binaries)
        seen["install wheels only"] = self.outcome(binary, done=done)
        extra = self.place()
        done = self.client.install(extra, f"{self.name}[all]")
        is_told = re.search(r"does not (?:provide the|have an?) .{0,3}extra", extra.said) is not None
        seen["install with an extra"] = self.outcome(extra, done=done) + (", with a warning" if is_told else "")
        locked = self.place()
        done = self.client.lock(locked, self.name)
        seen["lock"] = self.lock_outcome(locked, done=done)
        if seen["install"].startswith("works"):
            seen |= self.use(plain) | self.uninstall()
        return seen

    def refusal(self, place: Place) -> str:
        if _WARNED in place.said:
            return "stops with the text"
        assert re.search(_NOTHING, place.said), place.said
        return "nothing is found"

    def lock_outcome(self, place: Place, *, done: bool) -> str:
        if not done:
            return self.refusal(place)
        text = re.sub(r"[-_]", "-", self.client.locked(place)).lower()
        assert self.name in text
        return "both are locked" if 'name = "acme-tool"' in text else "the placeholder is locked"

    def use(self, place: Place) -> dict[str, str]:
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
            place = self.place()
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
def test_the_table_in_the_docs_is_what_people_experience(
    client: Pip | Uv | Poetry, mode: Mode, index: RunningIndex, tmp_path: Path
) -> None:
    seen = Observer(client, mode, tmp_path, index.simple_url).observe()
    column = list(_NAMES).index(mode)
    said = {what: cells[column] for (what, name), cells in _table().items() if name == client.name and cells[column]}
    assert seen == said
