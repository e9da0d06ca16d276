"""What the program imports before it does anything: a call pays for what it uses and no more."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from tests.harness.cli import call
from typer.main import get_command

import namehold
from namehold.cli.commands import COMMANDS
from namehold.cli.lazy import LazyGroup, load_command
from namehold.cli.main import app

#: Libraries for the network, for secrets, for names.yaml and for what is built.
_HEAVY = {"twine", "requests", "httpx", "keyring", "yaml", "hatchling", "jinja2", "werkzeug", "pypitoken", "numpy"}

#: The packages below the command line; each is a folder.
_PACKAGES = {path.parent.name for path in Path(namehold.__file__).parent.glob("*/__init__.py")} - {"cli"}

_PROGRAM = """\
import atexit, json, sys
atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr))
from namehold.cli import main
main()
"""


Started = Callable[[str], tuple[str, frozenset[str]]]


@pytest.fixture(scope="module")
def modules_of(tmp_path_factory: pytest.TempPathFactory) -> Started:
    """The output of a started program, and the modules that it had imported at its end; each is started once."""
    return cache(lambda words: _start(words.split(), tmp_path_factory.mktemp("start")))


def _start(words: list[str], folder: Path) -> tuple[str, frozenset[str]]:
    environment = {**os.environ, "NAMEHOLD_CACHE": str(folder), "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout, frozenset(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize("words", ["--version", "--help", "plan --help", "apply --help"])
def test_help_imports_no_library_that_only_work_needs(words: str, modules_of: Started) -> None:
    shown, modules = modules_of(words)
    assert shown
    assert not modules & (_HEAVY | {"pydantic"})


def test_no_command_imports_a_library_that_only_its_work_needs() -> None:
    program = (
        "import sys; from namehold.cli.commands import COMMANDS; from namehold.cli.lazy import load_command; "
        "[load_command(name) for name in COMMANDS]; print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    modules = set(done.stdout.split())
    assert "namehold.cli.commands.apply" in modules
    assert not modules & (_HEAVY | {"pydantic"})


@pytest.mark.parametrize(
    ("words", "rooms"),
    [
        ("plan --help", "index.model portfolio.model portfolio.packages"),
        (
            "check x",
            (
                "candidates.wordlists index.access index.access.logins index.access.policy index.markup index.model "
                "index.pages index.ports index.profiles index.rules index.rules.names index.rules.requirements "
                "portfolio.model portfolio.packages snapshot.file snapshot.lists snapshot.store"
            ),
        ),
    ],
)
def test_a_command_imports_only_the_modules_that_it_uses(words: str, rooms: str, modules_of: Started) -> None:
    _, modules = modules_of(words)
    imported = {name.removeprefix("namehold.") for name in modules if name.count(".") > 1}
    assert {name for name in imported if name.split(".")[0] in _PACKAGES} <= set(rooms.split())


def test_where_an_index_is_needs_no_library_for_the_network() -> None:
    program = (
        "import sys; from namehold.index import profile, is_public_host; "
        "assert is_public_host(profile('pypi').simple); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & _HEAVY


def test_a_package_imports_none_of_its_modules_before_one_of_their_names_is_asked_for() -> None:
    program = f"import sys, {', '.join(f'namehold.{package}' for package in _PACKAGES)}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    imported = {name.removeprefix("namehold.") for name in done.stdout.split() if name.startswith("namehold.")}
    assert imported == _PACKAGES


@pytest.mark.parametrize("words", ["plan --help", "snapshot update --help", "letter --help"])
def test_the_help_of_a_command_needs_no_layout_library_and_keeps_its_examples_lines(
    words: str, modules_of: Started
) -> None:
    shown, modules = modules_of(words)
    assert "rich" not in modules
    assert f"\n  namehold {words.removesuffix(' --help')}" in shown[shown.index("Examples:") :]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_has_an_example_and_fits_eighty_columns(name: str) -> None:
    for words in (name, *(f"{name} {each}" for each in getattr(load_command(name), "commands", ()))):
        shown = call(*words.split(), "--help").out
        assert f"\n  namehold {words}" in shown[shown.index("Examples:") :]
        assert max(map(len, shown.splitlines())) <= 80
        assert "\b" not in shown


@pytest.mark.parametrize("words", ["check x", "names x -n 5 --format json"])
def test_what_reads_no_file_and_no_index_imports_no_library_for_them(words: str, modules_of: Started) -> None:
    shown, modules = modules_of(words)
    assert shown
    assert not modules & (_HEAVY | {"pydantic", "rich"})


def test_the_list_of_commands_imports_none_of_them_and_no_layout_library(modules_of: Started) -> None:
    shown, modules = modules_of("--help")
    assert all(f"\n  {name} " in shown for name in COMMANDS)
    assert not {name for name in modules if name.startswith("namehold.cli.commands.")}
    assert not modules & {"rich.console", "rich.markdown", "typer.rich_utils"}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_commands_line_in_the_list_is_the_first_of_its_own_help(name: str) -> None:
    first = (load_command(name).help or "").strip().split("\n\n")[0]
    assert COMMANDS[name] == " ".join(first.split())


def test_every_module_of_a_command_is_in_the_list() -> None:
    folder = Path(sys.modules["namehold.cli.commands"].__path__[0])
    assert {path.stem for path in folder.glob("*.py")} - {"__init__"} == set(COMMANDS)


def test_the_group_knows_a_commands_line_without_importing_it() -> None:
    group = get_command(app)
    assert isinstance(group, LazyGroup)
    assert [group.get_command(None, name).help for name in COMMANDS] == list(COMMANDS.values())
    assert group.get_command(None, "plans") is None
