"""Version digits at the end of a name or word: dropped, added, counted up or down."""

from __future__ import annotations

import re
from collections.abc import Iterator

from namehold.generators.technique import Context, Draft, Subject, Technique
from namehold.models import NameClass

_DIGITS = re.compile(r"\d+")


def _generate(subject: Subject, context: Context) -> Iterator[Draft]:  # noqa: ARG001 -- one shape for all techniques
    text = subject.text
    for match in _DIGITS.finditer(text):
        start, end = match.span()
        at_end = "digits:at-end" if end == len(text) else "digits:inside"
        yield (text[:start] + text[end:]).strip("-").replace("--", "-"), ("digits", "digits:drop", at_end)
        number = int(match.group()[-4:])
        for step in (1, -1, 2, -2):
            if number + step >= 0:
                changed = text[:start] + str(number + step) + text[end:]
                yield changed, ("digits", "digits:change", at_end, f"digits:step-{abs(step)}")
    if not text[-1].isdigit():
        for digit in "23145":
            yield text + digit, ("digits", "digits:add", f"digits:add-{digit}")
        yield f"{text}-2", ("digits", "digits:add-dashed")


TECHNIQUE = Technique(
    name="digits", title="a version digit dropped, added or changed", name_class=NameClass.TYPO, generate=_generate
)
