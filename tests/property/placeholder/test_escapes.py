"""Whatever an organization is called, its name stays a value: in TOML, Python, JSON, Markdown and in metadata."""

from __future__ import annotations

import ast
import html
import json
import re
import tomllib
from functools import cache

from hypothesis import example, given
from hypothesis import strategies as st
from readme_renderer.markdown import render as render_markdown
from tests.harness.values import PROFILE, action, full_portfolio

from namehold.errors import Diagnostic, TemplateError
from namehold.placeholder.model import SourceTree
from namehold.placeholder.render import Templates
from namehold.placeholder.shape import find_code_faults
from namehold.placeholder.writers import write_markdown
from namehold.portfolio.model import Mode
from namehold.text import find_hidden, single_line

NASTY = st.sampled_from(
    [
        '"""',
        "'''",
        '"',
        "'",
        "\\",
        "\n",
        "\r\n",
        "\x00",
        "\x1b",
        "{{ 7 * 7 }}",
        "{% raw %}",
        "{#",
        "}}",
        "]]]",
        "[x](y)",
        "![x](https://e.example/p.png)",
        "<script>",
        "<img src=x>",
        "-->",
        "```",
        "`",
        "# ",
        "- ",
        "1. ",
        "---",
        "===",
        "\u202e",
        "\u2066",
        "\u200b",
        "\ufeff",
        "\u2028",
        "\ud800",
        "&lt;",
        "$(id)",
        "%s",
        "; import os",
        "\nimport os\n",
        "\nClassifier: x",
        "name = 'x'\n[tool]",
        "https://e.example",
        "www.e.example",
        "a@e.example",
        "|",
        "~~",
        "@",
        "@acme",
        ":tada:",
        "mailto:a@e.example",
        "1) ",
        "\u3164",
        "\u115f",
        "\u200d",
        "汉",
    ]
)
TEXT = st.lists(st.one_of(NASTY, st.text(max_size=8)), min_size=1, max_size=8).map("".join)


@cache
def templates() -> Templates:
    return Templates(None, PROFILE)


def rendered(mode: Mode, name: str, reason: str, contact: str = "security@acme.example") -> SourceTree | None:
    """None where the organization can't be shown at all: nothing visible, too long, a template's leftover."""
    faults: tuple[Diagnostic, ...]
    try:
        return templates().render(action(mode=mode, reason=reason), full_portfolio(name=name, contact=contact))
    except TemplateError as error:
        faults = error.diagnostics()
    # Faults of names.yaml have no path; a fault in a rendered file means that a value broke something.
    assert all(fault.path is None or fault.rule == "placeholder-leftover" for fault in faults)
    return None


@given(mode=st.sampled_from(list(Mode)), name=TEXT, reason=TEXT, contact=TEXT)
@example(mode=Mode.REDIRECT, name='Acme"\n[tool.hatch.build.hooks.custom]', reason="r", contact="c")
@example(mode=Mode.SIGNPOST, name="Acme')\nimport os\n('", reason="r", contact="c")
@example(mode=Mode.REDIRECT, name="Acme:a", reason="r", contact="c")
@example(mode=Mode.REDIRECT, name="Acme", reason="\ufffd", contact="\ufffd")
@example(mode=Mode.REDIRECT, name="Acme", reason="r", contact="a@b![x](https://e.example/p.png)")
def test_values_stay_values(mode: Mode, name: str, reason: str, contact: str) -> None:
    tree = rendered(mode, name, reason, contact)
    if tree is None:
        return
    files = {file.path: file.text for file in tree.files}
    shown = single_line(name)
    project = tomllib.loads(files["pyproject.toml"])
    assert project["project"]["authors"] == [{"name": shown}]
    assert project["project"]["description"].startswith(f"Name held by {shown} to protect")
    assert set(project) == {"build-system", "project", "tool"}
    assert project["tool"]["hatch"]["build"].keys() == {"ignore-vcs", "targets"}
    reservation = json.loads(files["reservation.json"])
    assert reservation["organization"]["name"] == shown
    assert reservation["reasons"][0]["text"] == reason
    code = next(text for path, text in files.items() if path.endswith(".py"))
    assert find_code_faults(code, path="code.py", mode=mode) == ()
    assert shape_of(code) == plain_shape(mode)
    notice = next(node for node in ast.parse(code).body if isinstance(node, ast.Assign))
    assert shown in ast.literal_eval(notice.value)
    for text in files.values():
        assert find_hidden(text) == ()


def shape_of(code: str) -> list[str]:
    """The statements of a module without their constants."""
    return [type(node).__name__ for node in ast.walk(ast.parse(code))]


@cache
def plain_shape(mode: Mode) -> list[str]:
    """The statements of a placeholder of this mode that nothing odd is written into."""
    tree = templates().render(action(mode=mode), full_portfolio())
    return shape_of(next(file.text for file in tree.files if file.path.endswith(".py")))


@cache
def plain_page() -> str:
    """What the index shows for such a placeholder."""
    return render_markdown(readme(templates().render(action(reason="r"), full_portfolio(name="Acme")))) or ""


@given(name=TEXT, reason=TEXT)
def test_a_readme_keeps_its_structure_and_links(name: str, reason: str) -> None:
    tree = rendered(Mode.REDIRECT, name, reason)
    if tree is None:
        return
    page = render_markdown(readme(tree))
    assert page is not None
    assert re.findall(r"<(\w+)", page) == re.findall(r"<(\w+)", plain_page())
    assert re.findall(r'(?:href|src)="([^"]*)"', page) == re.findall(r'(?:href|src)="([^"]*)"', plain_page())


def readme(tree: SourceTree) -> str:
    return next(file.text for file in tree.files if file.path == "README.md")


@given(text=TEXT.map(single_line).filter(bool))
@example(text="~~struck~~")
@example(text="a | b")
def test_escaped_markdown_reads_as_the_text_itself(text: str) -> None:
    page = render_markdown(write_markdown(text) + "\n")
    assert page is not None
    assert html.unescape(re.sub(r"<[^>]*>", "", page)).split() == text.split()
    assert re.findall(r"<(\w+)", page) == ["p"]


@given(text=st.text(max_size=50))
def test_one_line_is_one_line_and_stays_so(text: str) -> None:
    line = single_line(text)
    assert single_line(line) == line
    assert len(line.splitlines()) <= 1
    line.encode("utf-8")
