"""Two neighbouring letters swapped."""

from __future__ import annotations

from namehold.candidates.techniques.keyboard import VOWELS
from namehold.candidates.techniques.technique import Batches, Context, Subject, place_marks, typo_technique

_KINDS = ("transposition:consonants", "transposition:mixed", "transposition:vowels")


def _generate(subject: Subject, context: Context) -> Batches:
    text = subject.text
    places = place_marks(subject, context)
    bigrams = context.vocabulary.bigrams
    for index in range(len(text) - 1):
        left, right = text[index], text[index + 1]
        if left == right:
            continue
        if "-" in (left, right):
            kind = "transposition:dash"
        elif left.isdigit() or right.isdigit():
            kind = "transposition:digit"
        else:
            kind = _KINDS[(left in VOWELS) + (right in VOWELS)]
        at_end = "transposition:at-end" if index == len(text) - 2 else "transposition:before-end"
        pair = "transposition:then-" + bigrams.get(right + left, "edge")
        yield ("transposition", places[index], at_end, kind, pair), (text[:index] + right + left + text[index + 2 :],)


TECHNIQUE = typo_technique("transposition", "two neighbouring letters swapped", _generate)
