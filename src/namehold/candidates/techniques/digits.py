"""Version digits in a name: dropped, added, counted up or down; any digit as a word."""

from __future__ import annotations

import re

from namehold.candidates.techniques.technique import Batches, Context, Subject, typo_technique

_DIGIT = re.compile(r"\d")
_DIGITS = re.compile(r"\d{1,4}")
_ADDED = {digit: ("digits", "digits:add", f"digits:add-{digit}") for digit in "23145"}
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
                marks = ("digits", "digits:change", place, f"digits:by-{abs(step)}")
                yield marks, (f"{text[:start]}{number}{text[end:]}",)
    for match in _DIGIT.finditer(text):
        yield ("digits", "digits:spelled"), (text[: match.start()] + _WORDS[int(match[0])] + text[match.end() :],)
    if not text[-1].isdigit():
        for digit, added in _ADDED.items():
            yield added, (text + digit,)
        yield ("digits", "digits:add-dashed"), (f"{text}-2",)


TECHNIQUE = typo_technique("digits", "a version digit dropped, added or changed", _generate)
