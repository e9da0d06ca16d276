"""A vowel taken for another."""

from __future__ import annotations

from namehold.candidates.techniques.keyboard import VOWELS
from namehold.candidates.techniques.technique import Batches, Context, Subject, place_marks, typo_technique

_IN_ORDER = "aeiouy"


def _generate(subject: Subject, context: Context) -> Batches:
    text = subject.text
    places = place_marks(subject, context)
    for index, letter in enumerate(text):
        if letter in VOWELS:
            for vowel in _IN_ORDER:
                if vowel != letter:
                    marks = ("vowel", places[index], f"vowel:from-{letter}", f"vowel:to-{vowel}")
                    yield marks, (text[:index] + vowel + text[index + 1 :],)


TECHNIQUE = typo_technique("vowel", "a vowel taken for another", _generate)
