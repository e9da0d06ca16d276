"""The commands that the documents show work as they stand."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from tests.harness.cli import call
from typer.main import get_command

from namehold.cli import app
from namehold.cli.commands import COMMANDS
from namehold.cli.lazy import LazyGroup
from namehold.portfolio.read import load_portfolio

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")


def commands_of(path: Path) -> list[str]:
    """Lines behind a `$ ` in the page's console blocks."""
    lines = [line for block in _BLOCK.findall(path.read_text("utf-8")) for line in block.splitlines()]
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


def test_every_command_of_the_tutorial_works_in_its_order(tmp_path: Path) -> None:
    commands = commands_of(ROOT / "docs" / "tutorial" / "first-plan.md")
    assert len(commands) > 10
    for command in commands:
        program, *words = shlex.split(command)
        # Only plain calls of ours are made in process; the rest is the shell's.
        if program == "namehold" and not set(command) & set("|<>&;$`*"):
            code, out, err = call(*words, cwd=tmp_path)
        else:
            done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
            code, out, err = done.returncode, done.stdout, done.stderr
        assert code == 0, f"{command}\n{out}\n{err}"
    assert "acme-robot" in (tmp_path / "report.html").read_text("utf-8")


def test_the_readme_s_five_lines_are_a_whole_configuration(tmp_path: Path) -> None:
    (block,) = re.findall(r"^```yaml\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert len(block.splitlines()) == 5
    path = tmp_path / "names.yaml"
    path.write_text(block.replace(".example", ".internal"), "utf-8")
    assert load_portfolio(path).portfolio.packages[0].name == "acme-tool"


def test_the_readme_names_targets_that_the_makefile_has() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for command in commands_of(ROOT / "README.md"):
        program, target, *_ = command.split()
        if program == "make":
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), command


@pytest.mark.parametrize(
    "command", sorted({c.split()[1] for c in commands_of(ROOT / "README.md") if c.startswith("namehold ")})
)
def test_the_readme_s_commands_exist(command: str) -> None:
    assert command in COMMANDS


@pytest.mark.parametrize("page", [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda p: p.stem)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in _LINK.findall(page.read_text("utf-8")):
        assert (page.parent / target).exists(), f"{page}: {target}"


def test_the_page_of_commands_says_what_their_help_says() -> None:
    page = (ROOT / "docs" / "reference" / "commands.md").read_text("utf-8")
    group = get_command(app)
    assert isinstance(group, LazyGroup)
    expected = []
    for name in COMMANDS:
        first = (group.get_command(None, name).help or "").strip().split("\n\n")[0]
        expected.append(f"| `namehold {name}` | {' '.join(first.split())} |")
    assert [line for line in page.splitlines() if line.startswith("| `namehold ")] == expected


def test_every_page_is_in_the_list_of_pages() -> None:
    docs = ROOT / "docs"
    listed = set(_LINK.findall((docs / "README.md").read_text("utf-8")))
    assert listed == {path.relative_to(docs).as_posix() for path in docs.rglob("*.md")} - {"README.md"}
