"""Two neighbouring letters swapped."""

from __future__ import annotations

from collections.abc import Iterator

from namehold.candidates.techniques.keyboard import VOWELS
from namehold.candidates.techniques.technique import Batch, Context, Subject, Technique, place_marks
from namehold.portfolio import NameClass

_KINDS = ("transposition:consonants", "transposition:mixed", "transposition:vowels")


def _generate(subject: Subject, context: Context) -> Iterator[Batch]:
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


TECHNIQUE = Technique(
    name="transposition", title="two neighbouring letters swapped", name_class=NameClass.TYPO, generate=_generate
)
