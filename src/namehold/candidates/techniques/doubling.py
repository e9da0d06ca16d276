"""One letter typed twice."""

from __future__ import annotations

from namehold.candidates.techniques.keyboard import VOWELS
from namehold.candidates.techniques.technique import Batches, Context, Subject, place_marks, typo_technique


def _generate(subject: Subject, context: Context) -> Batches:
    text = subject.text
    places = place_marks(subject, context)
    bigrams = context.vocabulary.bigrams
    for index, letter in enumerate(text):
        if letter == "-" or letter == text[index + 1 : index + 2]:
            continue  # two dashes are one after normalization; the second of two equal letters gives the same name
        kind = "digit" if letter.isdigit() else "vowel" if letter in VOWELS else "consonant"
        pair = "doubling:then-" + bigrams.get(letter + letter, "edge")
        yield ("doubling", places[index], f"doubling:{kind}", pair), (text[: index + 1] + text[index:],)


TECHNIQUE = typo_technique("doubling", "a letter typed twice", _generate)
