"""One letter left out: the commonest slip of the keyboard (Pollock and Zamora 1983)."""

from __future__ import annotations

from collections.abc import Iterator

from namehold.generators.technique import Context, Draft, Subject, Technique, position_mark
from namehold.models import NameClass


def _generate(subject: Subject, context: Context) -> Iterator[Draft]:  # noqa: ARG001 -- one shape for all techniques
    text = subject.text
    for index, letter in enumerate(text):
        # Of a doubled letter either may be dropped: it is the same name, and a slip of its own.
        if index and letter == text[index - 1]:
            continue
        doubled = text[index + 1 : index + 2] == letter
        kind = "doubled" if doubled else "dash" if letter == "-" else "digit" if letter.isdigit() else "letter"
        place = position_mark("omission", index + doubled, len(text))
        yield text[:index] + text[index + 1 :], ("omission", place, f"omission:{kind}")


TECHNIQUE = Technique(name="omission", title="a letter left out", name_class=NameClass.TYPO, generate=_generate)
