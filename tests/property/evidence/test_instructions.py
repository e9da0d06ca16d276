"""Whatever a text holds, reading its instructions neither fails nor invents a place or a name."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_name, is_normalized_name

from namehold.evidence import read_instructions

_PARTS = (
    *(
        "pip",
        "pip3",
        "install",
        "uv",
        "add",
        "run",
        "--with",
        "--with=",
        "--from",
        "-r",
        "-",
        "--",
        "acme",
        "Acme_Tool",
    ),
    *(
        "'acme>=1'",
        '"',
        "'",
        "`",
        "```",
        "\\",
        "\n",
        "\r\n",
        "\u2028",
        "\f",
        "[",
        "]",
        "<",
        ">",
        "<b>",
        ",",
        ".",
        ":",
        "#",
    ),
    *("don't", "and", "$", "{", "}", "@", "é", "\x00", "not", "do", "this:", "|", "&&", "uvx", "pipx", "easy_install"),
)
_TEXTS = st.one_of(
    st.text(),
    st.lists(st.sampled_from(_PARTS)).map(" ".join),
    st.lists(st.sampled_from(_PARTS)).map("".join),
)


@given(_TEXTS)
def test_every_mention_stands_where_it_says(text: str) -> None:
    lines = text.split("\n")
    for mention in read_instructions(text):
        assert is_normalized_name(mention.name)
        rest = lines[mention.line - 1][mention.column - 1 :]
        written = rest[: next((end for end in range(len(rest), 0, -1) if _names(rest[:end], mention.name)), 0)]
        assert written, "the name stands at its line and column"


@given(_TEXTS)
def test_no_word_is_told_twice(text: str) -> None:
    places = [(mention.line, mention.column) for mention in read_instructions(text)]
    assert len(places) == len(set(places))


def _names(written: str, name: str) -> bool:
    return written.isascii() and canonicalize_name(written) == name
