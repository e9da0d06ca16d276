"""Two neighbouring letters swapped, or two digits of a longer number: a version is typed apart from its word."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

from namehold.candidates.techniques.keyboard import VOWELS
from namehold.candidates.techniques.technique import KEPT, Batches, Context, Marks, Subject, typo_technique

_KINDS = ("transposition:consonants", "transposition:mixed", "transposition:vowels")


def _generate(subject: Subject, context: Context) -> Batches:
    text = subject.text
    bigrams, last = context.vocabulary.bigrams, len(text) - 2
    for index, ((left, right), places) in enumerate(zip(pairwise(text), pairwise(subject.places), strict=True)):
        if left != right and left.isdigit() == right.isdigit() and KEPT not in places:
            swapped = right + left
            end = "at-end" if index == last else "before-end"
            marks = _marks(places[0], end, swapped, bigrams.get(swapped, "edge"))
            yield marks, (text[:index] + swapped + text[index + 2 :],)


@cache
def _marks(place: str, end: str, letters: str, pair: str) -> Marks:
    if "-" in letters:
        kind = "transposition:dash"
    elif letters.isdigit():
        kind = "transposition:digit"
    else:
        kind = _KINDS[sum(letter in VOWELS for letter in letters)]
    return ("transposition", place, f"transposition:{end}", kind, f"transposition:then-{pair}")


TECHNIQUE = typo_technique("transposition", "two neighbouring letters swapped", _generate)
