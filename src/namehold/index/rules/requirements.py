"""Reads one requirement (PEP 508) that somebody else wrote.

    read_requirement("acme-tool>=1").name  # 'acme-tool'
    read_requirement("no requirement!")    # None

packaging reads a marker's parentheses by recursion, and a few hundred of them, valid or not, end in a RecursionError.
So every requirement from outside is read here, with a limit.
"""

from __future__ import annotations

from typing import Final

from packaging.requirements import InvalidRequirement, Requirement

#: Far more than people write: a marker is a line with a few conditions.
_MOST_CHARACTERS: Final = 2_000
_MOST_PARENTHESES: Final = 20


def parse_requirement(text: str) -> Requirement:
    """The requirement in a text. Raises InvalidRequirement, and nothing else, if it is none or beyond the limits."""
    if len(text) > _MOST_CHARACTERS:
        raise InvalidRequirement(f"it has more than {_MOST_CHARACTERS:,} characters")
    if text.count("(") > _MOST_PARENTHESES:
        raise InvalidRequirement(f"it has more than {_MOST_PARENTHESES} parentheses")
    return Requirement(text)


def read_requirement(text: str) -> Requirement | None:
    """The requirement in a text; None if it is none, or beyond the limits."""
    try:
        return parse_requirement(text)
    except InvalidRequirement:
        return None
