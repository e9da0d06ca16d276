"""What a reader can't see is found wherever text comes from outside, and Markdown shows every text as it is."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from readme_renderer.markdown import render
from tests.harness.values import PROFILE, action, full_portfolio

from namehold.placeholder.render import Templates
from namehold.placeholder.shape import find_code_faults
from namehold.portfolio.model import Mode
from namehold.portfolio.yaml import invisible_characters, read_document
from namehold.text import escape, find_hidden, single_line, visible, visible_lines

#: Blank letters, blank signs, controls, marks that turn text round, and joiners without anything to join.
NOT_SEEN = (
    "\u3164",  # Hangul filler
    "\u115f",  # Hangul choseong filler
    "\u1160",  # Hangul jungseong filler
    "\uffa0",  # halfwidth Hangul filler
    "\u17b4",  # Khmer inherent vowel
    "\u034f",  # combining grapheme joiner
    "\u180b",  # Mongolian free variation selector
    "\u2800",  # blank Braille pattern
    "\u200b",  # zero-width space
    "\u202e",  # right-to-left override
    "\u2066",  # left-to-right isolate
    "\ufeff",  # byte order mark
    "\U000e0041",  # tag letter
    "\ue000",  # private use
    "\x1b",  # escape
    "\u200c",  # zero-width non-joiner
    "\u200d",  # zero-width joiner
    "\ufe0f",  # variation selector 16
    "\U000e0100",  # variation selector 17
)
SPELLED = (
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian, with a non-joiner
    "क्\u200dष",  # Devanagari, with a joiner
    "👩\u200d💻",
    "❤\ufe0f\u200d🔥",
    "1\ufe0f\u20e3",
    "葛\U000e0100",
    "Zażółć 漢字 🦾",
)
SIGNPOST = """NOTICE = ""
if __name__ != "__main__":
    raise ImportError(NOTICE, name=__name__)
print(NOTICE)
"""
PIECES = st.lists(st.sampled_from([*NOT_SEEN, *SPELLED, "a", " ", "é", "汉", "\n"]), max_size=8).map("".join)


@pytest.mark.parametrize("hidden", NOT_SEEN)
def test_no_edge_lets_a_hidden_character_through(hidden: str) -> None:
    assert find_hidden(f"a{hidden}b") == (1,)
    assert visible(f"a{hidden}b") == "a\ufffdb"
    assert single_line(f"a{hidden}b") == "ab"
    assert single_line(hidden) == ""
    assert invisible_characters(f"a{hidden}b") != ()
    assert [fault.rule for fault in read_document(f"k: a{hidden}b".encode(), path="names.yaml").diagnostics] == [
        "config-invisible"
    ]
    assert [fault.rule for fault in find_code_faults(f'"""a{hidden}b"""', path="m.py", mode=None)][:1] == [
        "placeholder-obfuscation"
    ]
    shown = Templates(None, PROFILE).render(action(reason=f"a{hidden}b"), full_portfolio(name=f"Acme{hidden}Robotics"))
    assert hidden not in "".join(file.text for file in shown.files)


@pytest.mark.parametrize("text", SPELLED)
def test_what_spelling_needs_is_kept_everywhere(text: str) -> None:
    assert find_hidden(text) == ()
    assert visible(text) == single_line(text) == text
    assert invisible_characters(text) == ()
    assert find_code_faults(f'"""{text}"""\n{SIGNPOST}', path="m.py", mode=Mode.SIGNPOST) == ()


@given(st.one_of(PIECES, st.text()))
@example("é\u200b\u200dñ")
@example("é\ufe0f\ufe0f\u200dñ")
@example("\u3164\u200d\u3164")
def test_what_is_left_hides_nothing_and_stays_as_it_is(text: str) -> None:
    for clean in (visible, single_line):
        line = clean(text)
        assert find_hidden(line) == ()
        assert clean(line) == line
        assert len(line.splitlines()) <= 1
    lines = visible_lines(text)
    assert len(lines) == len(text)
    assert find_hidden(lines) == ()


MARKS = st.sampled_from(
    [
        *"\\`*_{}[]<>()#+-.!|~@:=&;$^'\"/1 ",
        "@acme",
        "- ",
        "1. ",
        "12) ",
        "# ",
        "===",
        "---",
        "```",
        "~~~",
        "> ",
        "[x](y)",
        "[^1]",
        "[ ] ",
        "![x](y)",
        "<b>",
        "<!--",
        "&lt;",
        "&#60;",
        ":tada:",
        ":+1:",
        "https://e.example",
        "HTTP://e.example",
        "ftp://e.example",
        "www.e.example",
        "mailto:a@e.example",
        "xmpp:a@e.example/b",
        "a@e.example",
        ":a",
        "  ",
        "é",
    ]
)


@given(st.lists(MARKS, min_size=1, max_size=8).map("".join).filter(visible))
def test_markdown_shows_a_text_as_it_is_wherever_it_stands(text: str) -> None:
    for page, tags in (
        (f"{escape(text)}\n", ["p"]),
        (f"- {escape(text)}\n", ["ul", "li"]),
        (f"| a |\n| --- |\n| {escape(text)} |\n", ["table", "thead", "tr", "th", "tbody", "tr", "td"]),
    ):
        shown = render(page) or ""
        words = html.unescape(re.sub(r"<[^>]*>", "", shown)).split()
        assert words[-len(text.split()) :] == visible(text).split()
        assert re.findall(r"<(\w+)", shown) == tags
    # A colon after it makes no short name of an emoji.
    shown = html.unescape(re.sub(r"<[^>]*>", "", render(f"- {escape(text)}: end\n") or ""))
    assert shown.split() == f"{visible(text)}: end".split()
