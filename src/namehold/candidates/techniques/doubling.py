"""One letter typed twice."""

from __future__ import annotations

from functools import cache

from namehold.candidates.techniques.keyboard import KINDS_OF_KEY
from namehold.candidates.techniques.technique import KEPT, Batches, Context, Marks, Subject, typo_technique


def _generate(subject: Subject, context: Context) -> Batches:
    text = subject.text
    bigrams = context.vocabulary.bigrams
    for index, (letter, behind, place) in enumerate(zip(text, f"{text[1:]} ", subject.places, strict=True)):
        # Two dashes are one after normalization; the second of two equal letters gives the same name.
        if letter not in ("-", behind) and not letter.isdigit() and place != KEPT:
            marks = _marks(place, KINDS_OF_KEY[letter], bigrams.get(letter + letter, "edge"))
            yield marks, (text[:index] + letter + text[index:],)


@cache
def _marks(place: str, kind: str, pair: str) -> Marks:
    return ("doubling", place, f"doubling:{kind}", f"doubling:then-{pair}")


TECHNIQUE = typo_technique("doubling", "a letter typed twice", _generate)
