"""A vowel taken for another."""

from __future__ import annotations

from collections.abc import Iterator

from namehold.candidates.techniques.keyboard import VOWELS
from namehold.candidates.techniques.technique import Batch, Context, Subject, Technique, place_marks
from namehold.portfolio import NameClass

_IN_ORDER = "aeiouy"


def _generate(subject: Subject, context: Context) -> Iterator[Batch]:
    text = subject.text
    places = place_marks(subject, context)
    for index, letter in enumerate(text):
        if letter in VOWELS:
            for vowel in _IN_ORDER:
                if vowel != letter:
                    marks = ("vowel", places[index], f"vowel:from-{letter}", f"vowel:to-{vowel}")
                    yield marks, (text[:index] + vowel + text[index + 1 :],)


TECHNIQUE = Technique(name="vowel", title="a vowel taken for another", name_class=NameClass.TYPO, generate=_generate)
