"""Any other single letter put in or exchanged: each one rare, together a seventh of one-edit attacks."""

from __future__ import annotations

from collections.abc import Iterator

from namehold.generators.keyboard import LETTERS, NEIGHBOURS, VOWELS
from namehold.generators.technique import Context, Draft, Subject, Technique, position_mark
from namehold.models import NameClass


def _generate(subject: Subject, context: Context) -> Iterator[Draft]:  # noqa: ARG001 -- one shape for all techniques
    text = subject.text
    length = len(text)
    for index in range(length + 1):
        place = "other-letter:behind" if index == length else position_mark("other-letter", index, length)
        left = text[index - 1] if index else ""
        right = text[index : index + 1]
        near = NEIGHBOURS.get(left, "") + left + NEIGHBOURS.get(right, "") + right
        for letter in LETTERS:
            if letter not in near:
                yield text[:index] + letter + text[index:], ("other-letter", place, "other-letter:more")
            if right and right != "-" and letter not in NEIGHBOURS[right] and letter != right:
                if letter in VOWELS and right in VOWELS:
                    continue
                yield text[:index] + letter + text[index + 1 :], ("other-letter", place, "other-letter:instead")


TECHNIQUE = Technique(
    name="other-letter", title="another letter put in or exchanged", name_class=NameClass.TYPO, generate=_generate
)
