"""One letter typed twice."""

from __future__ import annotations

from collections.abc import Iterator

from namehold.generators.technique import Context, Draft, Subject, Technique, position_mark
from namehold.models import NameClass


def _generate(subject: Subject, context: Context) -> Iterator[Draft]:  # noqa: ARG001 -- one shape for all techniques
    text = subject.text
    for index, letter in enumerate(text):
        if letter == "-" or text[index + 1 : index + 2] == letter:
            continue
        kind = "digit" if letter.isdigit() else "letter"
        place = position_mark("doubling", index, len(text))
        yield text[: index + 1] + text[index:], ("doubling", place, f"doubling:{kind}")


TECHNIQUE = Technique(name="doubling", title="a letter typed twice", name_class=NameClass.TYPO, generate=_generate)
