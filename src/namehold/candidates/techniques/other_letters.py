"""Any other single letter put in or exchanged: each one rare, together a good part of one-edit attacks."""

from __future__ import annotations

from namehold.candidates.techniques.keyboard import LETTERS, NEIGHBOURS, VOWELS
from namehold.candidates.techniques.technique import Batches, Context, Subject, place_marks, typo_technique


def _generate(subject: Subject, context: Context) -> Batches:
    text = subject.text
    places = [*place_marks(subject, context), "at-end"]
    for index, place in enumerate(places):
        left, right = text[index - 1 : index], text[index : index + 1]
        near = NEIGHBOURS.get(left, "") + left + NEIGHBOURS.get(right, "") + right
        more = ("other-letter", place, "other-letter:more")
        before, behind = text[:index], text[index:]
        yield more, (before + letter + behind for letter in LETTERS if letter not in near)
        if right and right != "-":
            instead = ("other-letter", place, "other-letter:instead")
            others = [letter for letter in LETTERS if letter != right and letter not in NEIGHBOURS[right]]
            # A vowel for a vowel is a technique of its own, as are neighbouring keys.
            yield (
                instead,
                (before + letter + behind[1:] for letter in others if not (letter in VOWELS and right in VOWELS)),
            )


TECHNIQUE = typo_technique("other-letter", "another letter put in or exchanged", _generate, many=True)
