"""One letter left out: the commonest slip of the keyboard (Pollock and Zamora 1983)."""

from __future__ import annotations

from namehold.candidates.techniques.keyboard import VOWELS
from namehold.candidates.techniques.technique import Batches, Context, Subject, place_marks, typo_technique


def _generate(subject: Subject, context: Context) -> Batches:
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


TECHNIQUE = typo_technique("omission", "a letter left out", _generate)
