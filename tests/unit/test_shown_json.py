"""JSON that is shown on a terminal: nothing in it is obeyed, nothing is hidden, and every value is read back."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namehold import documents
from namehold.text import find_hidden


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A document with anybody's words."""

    text: str
    rows: tuple[Said, ...] = ()


@pytest.mark.parametrize(
    "text",
    ["a\x1b[2Jb", "a\x9b2Jb", "a\u202eb", "a\u2028b", "a\u200bb", "a\ufeffb", "a\U000e0041b", "a\ud800b", "a\x7fb"],
)
def test_what_doesnt_show_is_escaped(text: str) -> None:
    said = Said(text=text, rows=(Said(text=text),))
    for written in (documents.dump("said", said), "".join(documents.dump_records("said", said))):
        assert written.isprintable() or not find_hidden(written.replace("\n", ""))
        read = json.loads(written)
        assert (read["text"], read["rows"][0]["text"]) == (text, text)


def test_letters_of_all_languages_stand_as_they_are() -> None:
    assert "Größe 名前 é" in documents.dump("said", Said(text="Größe 名前 é"))


@given(st.text())
def test_every_text_is_read_back(text: str) -> None:
    assert json.loads(documents.show_json({text: [text]})) == {text: [text]}
