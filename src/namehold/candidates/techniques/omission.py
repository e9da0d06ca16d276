"""One letter left out: the commonest slip of the keyboard (Pollock and Zamora 1983).

Sounds that come twice are dropped most easily (haplology): `sqlachemy` for sqlalchemy.
"""

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
        echo = ("omission:echo",) if letter in (text[index - 2 : index - 1], text[index + 2 : index + 3]) else ()
        yield ("omission", places[index], kind, pair, *echo), (text[:index] + text[index + 1 :],)
    for index in range(len(text) - 3):
        if text[index : index + 2] == text[index + 2 : index + 4]:
            yield ("omission", "omission:syllable"), (text[:index] + text[index + 2 :],)


TECHNIQUE = typo_technique("omission", "a letter left out", _generate)
