"""Builds the documentation site into site/, without the network.

    python docs/make_site.py

The pages are the Markdown files of this folder, in the order of README.md, and pages made from the code: every
command with its options, the techniques with examples, and the API from the docstrings.
A new page, command, technique or package needs no entry here. A warning is an error.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import pkgutil
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from namehold.candidates.techniques import TECHNIQUES
from namehold.cli import app
from namehold.cli.commands import COMMANDS
from namehold.cli.lazy import load_command

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
CONFIG = """\
[project]
site_name = "namehold"
docs_dir = "pages"
site_dir = "site"
use_directory_urls = false
nav = {nav}

[project.theme]
font = false
features = ["navigation.sections", "navigation.indexes", "content.code.copy"]

[project.markdown_extensions.toc]
permalink = true

[project.markdown_extensions.tables]

[project.markdown_extensions.pymdownx.superfences]

[project.plugins.mkdocstrings.handlers.python]
paths = ["{source}"]

[project.plugins.mkdocstrings.handlers.python.options]
docstring_style = "google"
filters = "public"
members_order = "source"
show_root_heading = true
show_if_no_docstring = true
show_source = false
show_signature_annotations = true
separate_signature = true
"""

#: Pages at the top of the checkout that the site shows, too.
PROJECT_PAGES = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md")
#: A section of README.md, and a line of its list.
_SECTION = re.compile(r"^## (.+)$")
_ENTRY = re.compile(r"^- \[(.+)\]\((.+\.md)\)")
#: Its names show what the techniques do: two words, a command, an import.
_EXAMPLE = "acme-robots"
_SURFACES = f"target,kind,value\n{_EXAMPLE},command,acme\n{_EXAMPLE},import,acme_robots\n"
_EXAMPLES_SHOWN = 4


def main() -> None:
    """Write the pages, build them, and put the result into site/."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        pages = folder / "pages"
        shutil.copytree(DOCS, pages, ignore=shutil.ignore_patterns("*.py"))
        (pages / "README.md").rename(pages / "index.md")
        for name in PROJECT_PAGES:
            shutil.copy(ROOT / name, pages / name)
        for page in pages.rglob("*.md"):
            page.write_text(move_links(page.read_text("utf-8"), page.relative_to(pages)), encoding="utf-8")
        made = {
            "Look up": [("Every option of every command", "reference/options.md", options_page())],
            "Project": [(name.removesuffix(".md").capitalize().replace("_", " "), name, "") for name in PROJECT_PAGES],
            "API": [(name, f"api/{name}.md", f"# `{name}`\n\n::: {name}\n") for name in public_modules()],
        }
        made["Look up"].append(("Techniques, with examples", "reference/techniques.md", techniques_page()))
        for _title, path, text in (page for section in made.values() for page in section):
            (pages / path).parent.mkdir(exist_ok=True)
            if text:
                (pages / path).write_text(text, encoding="utf-8")
        config = folder / "zensical.toml"
        config.write_text(CONFIG.format(nav=navigation(made), source=ROOT / "src"), encoding="utf-8")
        words = ("build", "--strict", "--clean", "--config-file", str(config))
        done = subprocess.run([sys.executable, "-m", "zensical", *words], cwd=folder, check=False)
        if done.returncode:
            sys.exit(done.returncode)
        shutil.rmtree(ROOT / "site", ignore_errors=True)
        shutil.copytree(folder / "site", ROOT / "site")


def move_links(text: str, page: Path) -> str:
    """A page with its links as on the site, where the pages at the top of the checkout lie among the others."""
    if len(page.parts) == 1 and page.name in PROJECT_PAGES:
        return text.replace("](docs/README.md", "](index.md").replace("](docs/", "](")
    up = "../" * (len(page.parts) - 1)
    for name in PROJECT_PAGES:
        text = text.replace(f"]({up}../{name}", f"]({up}{name}")
    return text.replace(f"]({up}README.md", f"]({up}index.md")


def navigation(made: dict[str, list[tuple[str, str, str]]]) -> str:
    """The site's navigation as TOML: the sections of README.md in its order, each with the pages made for it."""
    sections: dict[str, list[tuple[str, str]]] = {}
    for line in (DOCS / "README.md").read_text("utf-8").splitlines():
        if section := _SECTION.match(line):
            sections[section[1]] = []
        elif entry := _ENTRY.match(line):
            list(sections.values())[-1].append((entry[1].replace("`", ""), entry[2]))
    for title, pages in made.items():
        sections.setdefault(title, []).extend((name, path) for name, path, _ in pages)
    # A JSON string is a TOML string, too.
    listed = [json.dumps("index.md")]
    for title, entries in sections.items():
        pairs = ", ".join(f"{{{json.dumps(name)} = {json.dumps(path)}}}" for name, path in entries)
        listed.append(f"{{{json.dumps(title)} = [{pairs}]}}")
    return f"[{', '.join(listed)}]"


def public_modules() -> list[str]:
    """Each package and module at the top of namehold, and each package's own packages that have a face."""
    found = pkgutil.walk_packages([str(ROOT / "src" / "namehold")], prefix="namehold.")
    return sorted(
        module.name
        for module in found
        if (module.ispkg or module.name.count(".") == 1) and not module.name.endswith("__main__")
    )


def options_page() -> str:
    """Every command's help, as the program prints it."""
    lines = ["# Every option of every command", "", "The program's own help, as it prints it.", ""]
    for name in COMMANDS:
        below = getattr(load_command(name), "commands", {})
        for words in ((name,), *((name, child) for child in below)):
            title = f"{'#' * (1 + len(words))} namehold {' '.join(words)}"
            lines += [title, "", "```text", run_namehold(*words, "--help").strip(), "```", ""]
    return "\n".join(lines)


def run_namehold(*words: str) -> str:
    """What a call of the program prints on standard output, 100 characters wide and without colour."""
    os.environ |= {"COLUMNS": "100", "NO_COLOR": "1", "NAMEHOLD_OFFLINE": "1"}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
        app(list(words), prog_name="namehold")
    return printed.getvalue()


def techniques_page() -> str:
    """Every technique with the first names that it gives an invented package."""
    with tempfile.TemporaryDirectory() as scratch:
        surfaces = Path(scratch, "surfaces.csv")
        surfaces.write_text(_SURFACES, encoding="utf-8")
        words = ("names", _EXAMPLE, "--surfaces", str(surfaces), "--limit", "5000", "--format", "json")
        (package,) = json.loads(run_namehold(*words))["packages"]
    examples: dict[str, list[str]] = {}
    for candidate in package["candidates"]:
        for clue in candidate["evidence"]:
            examples.setdefault(clue["technique"], []).append(candidate["name"])
    rows = [
        f"| `{technique}` | {', '.join(f'`{name}`' for name in names[:_EXAMPLES_SHOWN])} | {len(names)} |"
        for technique, names in sorted(examples.items())
    ]
    intro = (
        "The names are those of an invented package: project `acme-robots`, command `acme`, import `acme_robots`.",
        "The likeliest come first; the last column counts the names among its best 5,000.",
        f"namehold has {len(TECHNIQUES)} techniques, one file each; some give several kinds of names.",
        "`namehold explain NAME` says what a technique counts for one name.",
    )
    head = ("| technique | names that it gives | names |", "| --- | --- | --- |")
    return "\n".join(("# Techniques, with examples", "", *intro, "", *head, *rows, ""))


if __name__ == "__main__":
    main()
