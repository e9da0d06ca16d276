"""Strangers' words on a person's screen, in their spreadsheet and on their page are words, whatever they are."""

from __future__ import annotations

import csv
import os
import re
import sys
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from readme_renderer import markdown as github_markdown
from rich.cells import cell_len
from tests.harness.names import LETTERS, dashed, word
from typer.main import get_command

from namehold.cli import lazy
from namehold.cli.main import app, report_error, run_reporting_errors
from namehold.cli.options import SHARED_OPTIONS
from namehold.cli.output import Format, render_table, wrap_text
from namehold.cli.session import Session
from namehold.errors import Diagnostic, IndexError_
from namehold.text import Table, texts

ESCAPES = "\x1b]0;OWNED\x07\x1b[2J\x9b1;1H\rFORM: no findings\u202e"
WORDS = st.lists(
    st.sampled_from([ESCAPES, "\n", "\n\n# ", "|", "=1+1", "[x](y)", "<img src=x>", "acme"]) | st.text(max_size=5),
    max_size=4,
).map("".join)


def table(*cells: str) -> Table:
    return Table(columns=texts(*(f"c{number}" for number in range(len(cells)))), rows=[cells])


@pytest.mark.parametrize("word", ["名前", "cafe\u0301", "📦"])
def test_columns_stand_below_each_other_on_a_terminal_whatever_the_letters_take(word: str) -> None:
    lines = render_table(Table(columns=texts("who", "what"), rows=[(word, "a"), ("acme", "b")]), Format.TABLE, width=80)
    assert {cell_len(line[:-1]) for line in lines.splitlines()[1:]} == {len("acme  ")}


@pytest.mark.parametrize("width", [None, 40])
def test_columns_without_a_row_are_not_shown_to_a_person(width: int | None) -> None:
    empty = Table(columns=texts("name", "state", "why"), rows=[])

    assert render_table(empty, Format.TABLE, width=width) == ""
    assert render_table(empty, Format.CSV) == "name,state,why\n"
    titled = Table(caption="Changed since the earlier plan: 0 names", columns=empty.columns, rows=[])
    assert render_table(titled, Format.TABLE, width=width) == titled.caption


@given(st.lists(WORDS, min_size=1, max_size=4))
def test_a_row_is_one_line_without_what_moves_the_cursor(cells: list[str]) -> None:
    for form in (Format.TABLE, Format.CSV, Format.MARKDOWN):
        text = render_table(table(*cells), form)
        assert all(letter.isprintable() or letter in "\n\u200c\u200d" or letter.isspace() for letter in text)
        assert not set(text) & set("\x1b\x07\x9b\r\u202e\u2028")
        assert text.count("\n") == (1 if form is Format.TABLE else 2)


@pytest.mark.parametrize(
    "word", ["=HYPERLINK(1)", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "\r=1", " =1", "\uff1d1", "-"]
)
def test_a_spreadsheet_gets_a_strangers_formula_as_text(word: str) -> None:
    _, row = csv.reader(render_table(table(word), Format.CSV).splitlines())
    assert row == [f"'{word.strip()}"]


@pytest.mark.parametrize("number", ["-3.2", "+4", "0.5", "-1,204", "-2 %", "acme-tool", "-1e-07"])
def test_numbers_and_plain_words_stay_as_they_are(number: str) -> None:
    assert render_table(table(number), Format.CSV).splitlines()[1].strip('"') == number


@given(st.lists(st.lists(WORDS, min_size=3, max_size=3), min_size=1, max_size=4), st.integers(30, 120))
def test_a_terminal_gets_no_longer_lines_than_it_has_room_for(cells: list[list[str]], width: int) -> None:
    made = Table(columns=texts("name", "why", "what to do"), rows=[tuple(row) for row in cells])
    wide, fitted = render_table(made, Format.TABLE), render_table(made, Format.TABLE, width=width)
    assert max(cell_len(line) for line in fitted.splitlines()) <= width
    # Nothing is cut off: the same letters stand there, on more lines, and labels once more.
    assert not Counter("".join(wide.split())) - Counter("".join(fitted.split()))
    for form in (Format.CSV, Format.MARKDOWN):
        assert render_table(made, form, width=width) == render_table(made, form)


def test_words_stay_whole_and_short_columns_as_they_are() -> None:
    made = Table(columns=texts("name", "why"), rows=[("acme-robotics-sdk", "one letter was left out of acme")])
    assert render_table(made, Format.TABLE, width=36).splitlines() == [
        "name               why",
        "acme-robotics-sdk  one letter was",
        "                   left out of acme",
    ]


@given(st.lists(st.text("abcd 字-", max_size=90), max_size=4).map("\n".join), st.integers(12, 100))
def test_prose_fits_a_terminal_unless_a_word_has_no_room(text: str, width: int) -> None:
    shown = wrap_text(text, width)
    assert shown.split() == text.split()
    assert all(cell_len(line) <= width or len(line.split()) == 1 for line in shown.splitlines())
    assert wrap_text(text, None) == text


def test_a_command_behind_prose_stays_whole_to_be_copied() -> None:
    digest = f"namehold apply --approve sha256:{'0' * 64}"
    assert wrap_text("Today: Approve these.", 30, command=digest).splitlines() == [
        "Today: Approve these.",
        f"  {digest}",
    ]
    assert wrap_text("Today: Read this.", 30, command="-> now").splitlines() == ["Today: Read this. -> now"]
    assert wrap_text("  It has to wait until then", 20).splitlines() == ["  It has to wait", "    until then"]


def test_a_tables_caption_fits_too() -> None:
    made = replace(table("acme"), caption="Safe without a reservation: 8 names")
    assert render_table(made, Format.TABLE, width=20).splitlines()[:2] == ["Safe without a", "  reservation: 8"]


NAMES = dashed(word(LETTERS, 15), word(LETTERS, 12), 2)
DIGESTS = st.text("0123456789abcdef", min_size=64, max_size=64)


@given(
    st.lists(st.tuples(NAMES, DIGESTS, NAMES, st.text("ab ", max_size=60)), min_size=1, max_size=4),
    st.integers(44, 100),
)
def test_no_column_is_lost_and_no_name_is_broken_on_a_narrow_terminal(
    rows: list[tuple[str, str, str, str]], width: int
) -> None:
    made = Table(columns=texts("name", "sha256", "state", "what the index says"), rows=rows)
    fitted = render_table(made, Format.TABLE, width=width)
    assert max(map(len, fitted.splitlines())) <= width
    words = fitted.split()
    for label in ("name", "sha256", "state", "what", "index", "says"):
        assert any(word.rstrip(":") == label for word in words)
    for name, digest, state, _ in rows:
        assert {name, state} <= set(words)
        assert any(word.startswith(digest[:12]) for word in words)


def test_digests_are_shortened_before_anything_else_and_then_the_last_columns_go_below() -> None:
    digest = "0123456789ab" + "c" * 52
    made = Table(columns=texts("name", "mode", "sha256"), rows=[("flask-client", "signpost", digest)])
    assert render_table(made, Format.TABLE, width=44).splitlines() == [
        "name          mode      sha256",
        "flask-client  signpost  0123456789ab…",
    ]
    assert render_table(made, Format.TABLE, width=30).splitlines() == [
        "name          mode",
        "flask-client  signpost",
        "  sha256: 0123456789ab…",
    ]
    assert digest in render_table(made, Format.TABLE, width=200)


def test_a_column_without_words_is_still_named() -> None:
    made = Table(columns=texts("a-rather-long-name", "state", "why"), rows=[("acme-robotics-sdk", "held", "")])
    assert render_table(made, Format.TABLE, width=26).splitlines() == [
        "a-rather-long-name  state",
        "  why: nothing",
        "acme-robotics-sdk   held",
    ]


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.feed(github_markdown.render(text) or "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 -- the signature is html.parser's
        self.tags.append(tag)


def test_a_page_shows_a_strangers_markup_as_text() -> None:
    hostile = "![x](http://acme.test/x.png) [a](http://acme.test) <img src=x> **b** www.acme.test `c` a|b"
    assert (
        Page(render_table(table(hostile), Format.MARKDOWN)).tags == Page(render_table(table("a"), Format.MARKDOWN)).tags
    )


def test_errors_are_one_line_each_and_move_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    text = f"{ESCAPES}\nnamehold: all is well"
    report_error(IndexError_(text, fix=text, diagnostics=(Diagnostic(message=text, rule="x"),)))
    shown = capsys.readouterr().err
    assert len(shown.splitlines()) == 3
    assert not set(shown) & set("\x1b\x07\x9b\r\u202e")


def test_talk_moves_no_cursor_and_keeps_its_own_lines(capsys: pytest.CaptureFixture[str]) -> None:
    Session().say(f"renew:\n  - name: {ESCAPES}")
    shown = capsys.readouterr().err
    assert shown.startswith("renew:\n  - name: ")
    assert not set(shown) & set("\x1b\x07\x9b\r\u202e")


def test_talk_shows_anybodys_words_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    Session().say("[bold]a[/bold] [link=http://acme.test]b[/link] :warning: \\[c]", label="[i]From")
    assert capsys.readouterr().err == "[i]From: [bold]a[/bold] [link=http://acme.test]b[/link] :warning: \\[c]\n"


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, typer.Abort])
def test_an_interrupt_of_what_sends_nothing_says_so(
    interruption: type[BaseException], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert interrupted("plan", interruption, monkeypatch) == 130
    assert capsys.readouterr().err == "namehold: interrupted; nothing was sent.\n"


def interrupted(name: str, interruption: type[BaseException], monkeypatch: pytest.MonkeyPatch) -> int:
    """The exit code of a command that is interrupted while it works."""
    stand_in = typer.Typer()

    @stand_in.command(name)
    def wait() -> None:
        raise interruption

    monkeypatch.setattr(lazy, "load_command", lambda _: get_command(stand_in))
    monkeypatch.setattr(sys, "argv", ["namehold", name])
    return run_reporting_errors(app)


def test_an_input_that_ends_too_early_is_no_interrupt(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert interrupted("plan", EOFError, monkeypatch) == 1
    shown = capsys.readouterr().err
    assert "this is a bug" in shown
    assert "interrupted" not in shown


@pytest.mark.parametrize("command", ["apply", "run"])
def test_an_interrupt_of_what_sends_says_that_the_ledger_is_whole(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert interrupted(command, KeyboardInterrupt, monkeypatch) == 130
    assert "interrupted; what was sent is in the ledger" in capsys.readouterr().err


def test_states_are_coloured_on_a_terminal_where_a_column_holds_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR")
    table = Table(
        columns=texts("name", "state", "why"),
        rows=[("taken", "held", "held"), ("gone", "taken", "a long sentence about it that is wrapped")],
    )
    for width in (80, 30):
        shown = render_table(table, Format.TABLE, width=width)
        painted = re.findall(r"\x1b\[(\d+)m([a-z-]+)\x1b\[0m", shown)
        # Neither a project that is called so nor a sentence is a state.
        assert painted == [("32", "held"), ("31", "taken")]
        plain = re.sub(r"\x1b\[\d+m", "", shown)
        monkeypatch.setenv("NO_COLOR", "1")
        assert render_table(table, Format.TABLE, width=width) == plain
        monkeypatch.delenv("NO_COLOR")
    # In a file or a pipe there is none.
    assert "\x1b" not in render_table(table, Format.TABLE)


def test_no_color_reaches_tables_and_the_programs_that_are_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR")
    seen: list[str | None] = []
    stand_in = typer.Typer()

    @stand_in.command("plan")
    def look() -> None:
        seen.append(os.environ.get("NO_COLOR"))

    command = get_command(stand_in)
    command.params.extend(get_command(SHARED_OPTIONS).params)
    monkeypatch.setattr(lazy, "load_command", lambda _: command)
    for words in (["plan"], ["plan", "--no-color"]):
        monkeypatch.setattr(sys, "argv", ["namehold", *words])
        assert run_reporting_errors(app) == 0
    assert seen == [None, "1"]
    monkeypatch.delenv("NO_COLOR")


@pytest.mark.parametrize("value", ["1", "0", "false"])
def test_any_text_in_no_color_switches_colour_off(
    value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", value)
    Session().say("a line of talk", label="Next", bold=True)
    assert capsys.readouterr().err == "Next: a line of talk\n"
    monkeypatch.setenv("NO_COLOR", "")
    Session().say("a line of talk", bold=True)
    assert "\x1b[" in capsys.readouterr().err


@pytest.mark.parametrize("value", ["", "0", "no", "N", "False", "f", " off "])
def test_a_variable_that_says_no_is_none(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("NAMEHOLD_YES", "NAMEHOLD_OFFLINE"):
        monkeypatch.setenv(variable, value)
    session = Session()
    assert (session.yes, session.offline) == (False, False)


def test_a_percentage_is_never_broken() -> None:
    rows = [("jinja1", "likely, 1 in 12 (8.6 %)")]
    for width in range(20, 40):
        shown = render_table(Table(columns=texts("name", "how likely"), rows=rows), Format.TABLE, width=width)
        assert "8.6 %" in shown, width
