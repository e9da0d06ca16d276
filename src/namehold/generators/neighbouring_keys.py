"""A key hit beside the right one, instead of it or together with it."""

from __future__ import annotations

from collections.abc import Iterator

from namehold.generators.keyboard import NEIGHBOURS, VOWELS
from namehold.generators.technique import Context, Draft, Subject, Technique, position_mark
from namehold.models import NameClass


def _generate(subject: Subject, context: Context) -> Iterator[Draft]:  # noqa: ARG001 -- one shape for all techniques
    text = subject.text
    for index, letter in enumerate(text):
        if letter == "-" or letter.isdigit():
            continue
        place = position_mark("neighbouring-key", index, len(text))
        for key in NEIGHBOURS[letter]:
            if key.isdigit():
                continue
            if not (key in VOWELS and letter in VOWELS):
                yield text[:index] + key + text[index + 1 :], ("neighbouring-key", place, "neighbouring-key:instead")
            yield text[: index + 1] + key + text[index + 1 :], ("neighbouring-key", place, "neighbouring-key:with")
            yield text[:index] + key + text[index:], ("neighbouring-key", place, "neighbouring-key:with")


TECHNIQUE = Technique(
    name="neighbouring-key", title="a key beside the right one", name_class=NameClass.TYPO, generate=_generate
)
