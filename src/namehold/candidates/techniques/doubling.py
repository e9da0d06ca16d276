"""One letter typed twice."""

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
        if letter == "-" or letter == text[index + 1 : index + 2]:
            continue  # two dashes are one after normalization; the second of two equal letters gives the same name
        kind = "digit" if letter.isdigit() else "vowel" if letter in VOWELS else "consonant"
        pair = "doubling:then-" + bigrams.get(letter + letter, "edge")
        yield ("doubling", places[index], f"doubling:{kind}", pair), (text[: index + 1] + text[index:],)


TECHNIQUE = Technique(name="doubling", title="a letter typed twice", name_class=NameClass.TYPO, generate=_generate)
