"""Whatever an answer holds, reading it doesn't fail, and each project is told once, at a place of the answer."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import is_normalized_name

from namehold.evidence import read_answer
from namehold.names import MAX_NAME_LENGTH

_PARTS = (
    *(
        "import ",
        "from ",
        " as x",
        "acme",
        "acme.core",
        "yaml",
        "`",
        "```",
        "```json\n",
        "```python\n",
        "**",
        "- ",
        "1. ",
    ),
    *(
        "package",
        "packages:",
        "library",
        "install ",
        "not ",
        "is ",
        "|",
        "| --- |",
        "Package",
        "\n",
        "\n\n",
        "    ",
        ",",
    ),
    *(
        "[project]\n",
        "[packages]\n",
        "dependencies = [",
        "]",
        "{",
        "}",
        '"',
        "'",
        ":",
        "=",
        "==1.0",
        "# ///",
        " script",
    ),
    *(
        "requirements.txt",
        "- pip:",
        "<code>",
        "</code>",
        "(",
        ")",
        ".",
        "\x00",
        "\u2028",
        "é",
        "\\",
        "&",
        ">>> ",
        ".py",
    ),
)
_TEXTS = st.one_of(st.text(), st.lists(st.sampled_from(_PARTS), max_size=60).map("".join))


@given(_TEXTS)
def test_every_answer_can_be_read(text: str) -> None:
    told = read_answer(text)
    assert len({item.name for item in told}) == len(told)
    lines = text.splitlines()
    for item in told:
        assert is_normalized_name(item.name)
        assert len(item.name) <= MAX_NAME_LENGTH
        assert 1 <= item.line <= len(lines)
        assert 1 <= item.column <= len(lines[item.line - 1])
