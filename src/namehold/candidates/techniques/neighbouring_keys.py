"""A key hit beside the right one, instead of it or together with it."""

from __future__ import annotations

from collections.abc import Iterator

from namehold.candidates.techniques.keyboard import NEIGHBOURS, VOWELS
from namehold.candidates.techniques.technique import Batch, Context, Subject, Technique, place_marks
from namehold.portfolio import NameClass


def _generate(subject: Subject, context: Context) -> Iterator[Batch]:
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


TECHNIQUE = Technique(
    name="neighbouring-key",
    title="a key beside the right one",
    name_class=NameClass.TYPO,
    generate=_generate,
    many=True,
)
