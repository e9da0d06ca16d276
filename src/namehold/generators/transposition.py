"""Two neighbouring letters swapped."""

from __future__ import annotations

from collections.abc import Iterator

from namehold.generators.technique import Context, Draft, Subject, Technique, position_mark
from namehold.models import NameClass


def _generate(subject: Subject, context: Context) -> Iterator[Draft]:  # noqa: ARG001 -- one shape for all techniques
    text = subject.text
    for index in range(len(text) - 1):
        left, right = text[index], text[index + 1]
        if left == right:
            continue
        kind = "dash" if "-" in (left, right) else "digit" if left.isdigit() or right.isdigit() else "letter"
        place = position_mark("transposition", index, len(text) - 1)
        yield text[:index] + right + left + text[index + 2 :], ("transposition", place, f"transposition:{kind}")


TECHNIQUE = Technique(
    name="transposition", title="two neighbouring letters swapped", name_class=NameClass.TYPO, generate=_generate
)
