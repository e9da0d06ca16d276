"""The commands that the documents show work as they stand."""

from __future__ import annotations

import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.harness.cli import call
from typer.main import get_command

from namehold.cli import app
from namehold.cli.commands import COMMANDS
from namehold.cli.lazy import LazyGroup
from namehold.portfolio.read import json_schema, load_portfolio

_PICTURE = re.compile(r"!\[(.*?)\]\((.*?\.png)\)")
ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")


@pytest.fixture(autouse=True)
def _without_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages' packages are on the public index for who reads them; no test asks it."""
    monkeypatch.setenv("NAMEHOLD_OFFLINE", "1")


def commands_of(path: Path) -> list[str]:
    """Lines behind a `$ ` in the page's console blocks."""
    lines = [line for block in _BLOCK.findall(path.read_text("utf-8")) for line in block.splitlines()]
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


def run_in_order(page: Path, folder: Path) -> int:
    """Runs the page's commands in an empty folder; each must succeed. Returns how many they are."""
    commands = commands_of(page)
    for command in commands:
        below, _, rest = (
            command.removeprefix("cd ").partition(" && ") if command.startswith("cd ") else ("", "", command)
        )
        place = folder / below
        program, *words = shlex.split(rest)
        # Only plain calls of ours are made in process; the rest is the shell's.
        if program == "namehold" and not set(rest) & set("|<>&;$`*"):
            code, out, err = call(*words, cwd=place)
        else:
            done = subprocess.run(["bash", "-c", rest], cwd=place, capture_output=True, text=True, check=False)
            code, out, err = done.returncode, done.stdout, done.stderr
        assert code == 0, f"{command}\n{out}\n{err}"
    return len(commands)


def test_every_command_of_the_tutorial_works_in_its_order(tmp_path: Path) -> None:
    assert run_in_order(ROOT / "docs" / "tutorial" / "first-plan.md", tmp_path) > 10
    assert "acme-robot" in (tmp_path / "report.html").read_text("utf-8")


def test_the_first_minutes_of_the_readme_work_in_a_repository_without_any_configuration(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "gripwright"\nscripts = {grip = "a:b"}\n', "utf-8")
    first = [
        command for command in commands_of(ROOT / "README.md") if re.match("namehold (names|init|plan|report)", command)
    ]
    assert [command.split()[1] for command in first] == ["names", "init", "plan", "report"]
    for command in first:
        words = shlex.split(command.replace("YOURPACKAGE", "gripwright"), comments=True)
        done = call(*words[1:], cwd=tmp_path)
        assert done.code == 0, f"{command}\n{done.err}"
        assert done.err.splitlines()[-1].startswith("Next: "), command
    assert "the maintainers of gripwright" in (tmp_path / "report.html").read_text("utf-8")


@pytest.mark.parametrize("page", ["one-package", "organization", "evaluate-offline", "internal-names"])
def test_every_command_of_a_page_that_says_so_works_in_its_order(page: str, tmp_path: Path) -> None:
    path = ROOT / "docs" / "how-to" / f"{page}.md"
    assert "The tests run" in path.read_text("utf-8")
    assert run_in_order(path, tmp_path)


@pytest.mark.parametrize("page", [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda p: p.stem)
def test_every_command_that_a_page_shows_exists(page: Path) -> None:
    shown = [shlex.split(command, comments=True) for command in commands_of(page) if command.startswith("namehold ")]
    assert {words[1] for words in shown if not words[1].startswith("-")} <= set(COMMANDS)


def choices_of(schema: Any, found: dict[str, set[str]]) -> dict[str, set[str]]:
    """By the keys of names.yaml that take one of a few words: these words."""
    if isinstance(schema, dict):
        for key, value in schema.get("properties", {}).items():
            words = {word for part in (value, *value.get("anyOf", ())) for word in part.get("enum", ())}
            found.setdefault(key, set()).update(words)
        schema = [*schema.values()]
    for part in schema if isinstance(schema, list) else ():
        choices_of(part, found)
    return found


@pytest.fixture(scope="module")
def choices() -> dict[str, set[str]]:
    return choices_of(json_schema(), {})


@pytest.mark.parametrize("page", [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda p: p.stem)
def test_a_page_gives_a_key_of_names_yaml_only_words_that_it_takes(page: Path, choices: dict[str, set[str]]) -> None:
    assert choices["ask"] == {"request", "refuse"}
    for key, word in re.findall(r"\b([a-z_]+): ([a-z]+)[`,}]", page.read_text("utf-8")):
        assert word in choices.get(key, ()) or not choices.get(key), f"{key}: {word}"


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


def test_the_manual_page_shows_every_command_and_formats_without_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "namehold.1"
    monkeypatch.setattr(sys, "argv", ["make_man.py", str(page)])
    monkeypatch.setattr(sys, "path", sys.path.copy())
    runpy.run_path(str(ROOT / "docs" / "make_man.py"), run_name="__main__")
    text = page.read_text("utf-8")
    assert all(f'\n.SH "NAMEHOLD {name.upper()}"\n' in text for name in COMMANDS)
    # A line that begins with a dot or a quote would be a request of roff, not text.
    requests = {line.split()[0] for line in text.splitlines() if line[:1] in {".", "'"}}
    assert requests == {".TH", ".SH", ".nf", ".fi"}


def test_a_container_is_built_from_files_that_are_there_and_installs_nothing_without_a_hash() -> None:
    text = (ROOT / "Containerfile").read_text("utf-8")
    copied = [word for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE) for word in line.split()[:-1]]
    assert copied
    assert all((ROOT / word).exists() for word in copied)
    installs = re.findall(r"pip install (.+?)(?: \\)?$", text, re.MULTILINE)
    assert installs
    assert all("--require-hashes" in words or "--no-index" in words for words in installs)


def test_pictures_are_small_shown_and_described() -> None:
    pictures = {path.name for path in (ROOT / "docs" / "pictures").glob("*.png")}
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    shown = [(page, *found) for page in pages for found in _PICTURE.findall(page.read_text("utf-8"))]

    assert pictures == {Path(path).name for _, _, path in shown}
    assert all((page.parent / path).stat().st_size < 300_000 for page, _, path in shown)
    assert all(len(text) > 20 for _, text, _ in shown)
