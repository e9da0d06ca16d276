"""A vowel taken for another."""

from __future__ import annotations

from collections.abc import Iterator

from namehold.generators.keyboard import VOWELS
from namehold.generators.technique import Context, Draft, Subject, Technique, position_mark
from namehold.models import NameClass

_IN_ORDER = sorted(VOWELS)


def _generate(subject: Subject, context: Context) -> Iterator[Draft]:  # noqa: ARG001 -- one shape for all techniques
    text = subject.text
    for index, letter in enumerate(text):
        if letter not in VOWELS:
            continue
        place = position_mark("vowel", index, len(text))
        for vowel in _IN_ORDER:
            if vowel != letter:
                kind = "vowel:y" if "y" in (vowel, letter) else "vowel:plain"
                yield text[:index] + vowel + text[index + 1 :], ("vowel", place, kind)


TECHNIQUE = Technique(name="vowel", title="a vowel taken for another", name_class=NameClass.TYPO, generate=_generate)
