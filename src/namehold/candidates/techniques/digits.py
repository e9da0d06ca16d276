"""Digits in a name: a version digit dropped, added, counted up or down, or as a word.

One digit behind a word of letters is its version (`urllib3`, `django-web3-auth`). Digits before or within a word, and
two or more together, are a part of it (`s3fs`, `h5py`, `pywin32`) and are kept: of the 23 labelled targets with such
digits, two are confused with a name that has another number; of the 21 with a version digit, eight with one that has
another or none. Digits before a word are dropped, as no module's name may begin with one.
"""

from __future__ import annotations

import re

from namehold.candidates.techniques.technique import VERSIONED, Batches, Context, Subject, typo_technique

_BEFORE_A_WORD = re.compile(r"\d+(?=[a-z]{3})")
_ADDED = {digit: ("digits", "digits:add", f"digits:add-{digit}") for digit in "23145"}
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def without_version(text: str) -> str:
    """The name without the version digit at its end, if it has one."""
    return text[:-1] if VERSIONED.fullmatch(text.rpartition("-")[2]) else text


def _generate(subject: Subject, context: Context) -> Batches:  # noqa: ARG001 -- one shape for all techniques
    text = subject.text
    if number := _BEFORE_A_WORD.match(text):
        yield ("digits", "digits:drop", "digits:inside"), (text[number.end() :],)
    end = -1
    for token in subject.tokens:
        end += len(token) + 1
        if VERSIONED.fullmatch(token):
            before, version, behind = text[: end - 1], int(token[-1]), text[end:]
            place = "digits:inside" if behind else "digits:at-end"
            yield ("digits", "digits:drop", place), (before + behind,)
            yield ("digits", "digits:spelled"), (before + _WORDS[version] + behind,)
            for step in (1, -1, 2, -2):
                if version + step >= 0:
                    marks = ("digits", "digits:change", place, f"digits:by-{abs(step)}")
                    yield marks, (f"{before}{version + step}{behind}",)
    if not text[-1].isdigit():
        for digit, added in _ADDED.items():
            yield added, (text + digit,)
        yield ("digits", "digits:add-dashed"), (f"{text}-2",)


TECHNIQUE = typo_technique("digits", "a version digit dropped, added, changed or spelled out", _generate)
