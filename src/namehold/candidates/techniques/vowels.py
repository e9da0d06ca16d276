"""A vowel taken for another."""

from __future__ import annotations

from collections.abc import Mapping

from namehold.candidates.techniques.keyboard import VOWELS
from namehold.candidates.techniques.technique import Batches, Context, Subject, place_marks, typo_technique

_IN_ORDER = "aeiouy"
_CLASSES = ("often", "sometimes", "rarely", "never")


def _rareness(bigrams: Mapping[str, str], pair: str) -> int:
    """How rarely two letters follow each other, 0 to 3; 0 at an end of the name, where there are no two."""
    return _CLASSES.index(bigrams.get(pair, "never")) if len(pair) > 1 else 0


def _generate(subject: Subject, context: Context) -> Batches:
    text = subject.text
    places = place_marks(subject, context)
    bigrams = context.vocabulary.bigrams
    for index, letter in enumerate(text):
        if letter in VOWELS:
            for vowel in _IN_ORDER:
                if vowel != letter:
                    pair = "".join(sorted(letter + vowel))
                    fit = max(
                        _rareness(bigrams, text[index - 1 : index] + vowel),
                        _rareness(bigrams, vowel + text[index + 1 : index + 2]),
                    )
                    marks = ("vowel", places[index], f"vowel:to-{vowel}", f"vowel:pair-{pair}", f"vowel:fit-{fit}")
                    yield marks, (text[:index] + vowel + text[index + 1 :],)


TECHNIQUE = typo_technique("vowel", "a vowel taken for another", _generate)
