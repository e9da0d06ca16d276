"""Version digits in a name: dropped, added, counted up or down; any digit as a word."""

from __future__ import annotations

import re

from namehold.candidates.techniques.technique import Batches, Context, Subject, typo_technique

_DIGITS = re.compile(r"\d{1,4}")
_ADDED = "23145"
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def _generate(subject: Subject, context: Context) -> Batches:  # noqa: ARG001 -- one shape for all techniques
    text = subject.text
    for match in _DIGITS.finditer(text):
        start, end = match.span()
        place = "digits:at-end" if end == len(text) else "digits:inside"
        yield ("digits", "digits:drop", place), ((text[:start] + text[end:]).strip("-").replace("--", "-"),)
        for step in (1, -1, 2, -2):
            number = int(match.group()) + step
            if number >= 0:
                yield (
                    ("digits", "digits:change", place, f"digits:by-{abs(step)}"),
                    (f"{text[:start]}{number}{text[end:]}",),
                )
    for index, letter in enumerate(text):
        if letter.isdigit():
            yield ("digits", "digits:spelled"), (text[:index] + _WORDS[int(letter)] + text[index + 1 :],)
    if not text[-1].isdigit():
        for digit in _ADDED:
            yield ("digits", "digits:add", f"digits:add-{digit}"), (text + digit,)
        yield ("digits", "digits:add-dashed"), (f"{text}-2",)


TECHNIQUE = typo_technique("digits", "a version digit dropped, added or changed", _generate)
