"""A key hit beside the right one, instead of it or together with it."""

from __future__ import annotations

from namehold.candidates.techniques.keyboard import NEIGHBOURS, VOWELS
from namehold.candidates.techniques.technique import Batches, Context, Subject, place_marks, typo_technique


def _generate(subject: Subject, context: Context) -> Batches:
    text = subject.text
    places = place_marks(subject, context)
    for index, letter in enumerate(text):
        instead = ("neighbouring-key", places[index], "neighbouring-key:instead")
        together = ("neighbouring-key", places[index], "neighbouring-key:together")
        keys = NEIGHBOURS.get(letter, "")
        before, behind = text[:index], text[index + 1 :]
        # A vowel for a vowel is a technique of its own.
        yield instead, (before + key + behind for key in keys if not (key in VOWELS and letter in VOWELS))
        yield together, (before + pair + behind for key in keys for pair in (letter + key, key + letter))


TECHNIQUE = typo_technique("neighbouring-key", "a key beside the right one", _generate, many=True)
