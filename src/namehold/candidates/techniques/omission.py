"""One letter left out: the commonest slip of the keyboard (Pollock and Zamora 1983).

Sounds that come twice are dropped most easily (haplology): `sqlachemy` for sqlalchemy.
"""

from __future__ import annotations

from functools import cache

from namehold.candidates.techniques.keyboard import KINDS_OF_KEY
from namehold.candidates.techniques.technique import Batches, Context, Marks, Subject, typo_technique


def _generate(subject: Subject, context: Context) -> Batches:
    text = subject.text
    bigrams = context.vocabulary.bigrams
    before = ""
    for index, (letter, place) in enumerate(zip(text, subject.places, strict=True)):
        if letter != before:  # either of two equal letters may be dropped: one name
            behind = text[index + 1 : index + 2]
            kind = "doubled" if letter == behind else KINDS_OF_KEY[letter]
            marks = _marks(place, kind, bigrams.get(before + behind, "edge"))
            if letter in (text[max(index - 2, 0) : max(index - 1, 0)], text[index + 2 : index + 3]):
                marks = _with_echo(marks)
            yield marks, (text[:index] + text[index + 1 :],)
        before = letter
    for index in range(len(text) - 3):
        if text[index : index + 2] == text[index + 2 : index + 4]:
            yield ("omission", "omission:syllable"), (text[:index] + text[index + 2 :],)


@cache
def _marks(place: str, kind: str, pair: str) -> Marks:
    return ("omission", place, f"omission:{kind}", f"omission:then-{pair}")


@cache
def _with_echo(marks: Marks) -> Marks:
    return (*marks, "omission:echo")


TECHNIQUE = typo_technique("omission", "a letter left out", _generate)
