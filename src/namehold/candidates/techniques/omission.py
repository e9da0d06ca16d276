"""One letter left out: the commonest slip of the keyboard (Pollock and Zamora 1983)."""

from __future__ import annotations

from collections.abc import Iterator

from namehold.candidates.techniques.keyboard import VOWELS
from namehold.candidates.techniques.technique import Batch, Context, Subject, Technique, place_marks
from namehold.portfolio import NameClass


def _generate(subject: Subject, context: Context) -> Iterator[Batch]:
    text = subject.text
    places = place_marks(subject, context)
    bigrams = context.vocabulary.bigrams
    for index, letter in enumerate(text):
        if index and letter == text[index - 1]:
            continue  # either of two equal letters may be dropped: one name
        if letter == text[index + 1 : index + 2]:
            kind = "omission:doubled"
        elif letter == "-":
            kind = "omission:dash"
        elif letter.isdigit():
            kind = "omission:digit"
        else:
            kind = "omission:vowel" if letter in VOWELS else "omission:consonant"
        pair = "omission:then-" + bigrams.get(text[index - 1 : index] + text[index + 1 : index + 2], "edge")
        yield ("omission", places[index], kind, pair), (text[:index] + text[index + 1 :],)


TECHNIQUE = Technique(name="omission", title="a letter left out", name_class=NameClass.TYPO, generate=_generate)
