"""The index's rules on names, as functions from text to text: shape, equality, standard library, typo checks.

    >>> normalize("Acme_Tool")
    'acme-tool'
    >>> ultranormalize("acme-tool") == ultranormalize("ACMET00I")
    True

A string becomes a `NormalizedName` once, at the edge, through `normalize`; everything behind the edge relies on it.
The rules are those of PEP 503, PEP 508 and of Warehouse (the index's own server software, as of August 2026).
"""

from __future__ import annotations

import keyword
import re
import string
from collections.abc import Iterable
from functools import cache, cached_property
from itertools import permutations
from typing import TypeGuard

from packaging.utils import NormalizedName, canonicalize_name

from namehold.errors import Diagnostic, InvalidName

#: The index takes longer names (214 were observed), but a file name has 255 bytes at most, and version, tags and
#: extension need their part of it: a 240-letter name made the index's server drop the connection.
MAX_NAME_LENGTH = 200

# PEP 508's shape, spelled out: under re.IGNORECASE alone, U+212A (Kelvin sign) and U+017F (long s) pass as letters.
_SHAPE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_NORMALIZED = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

#: How much of a wrong name a message shows: it may be a line of a file that holds anything.
_SHOWN_LENGTH = 60

#: Characters of a normalized name.
NAME_CHARACTERS = string.ascii_lowercase + string.digits + "-"


def shape_fault(text: str) -> str | None:
    """What is wrong with the shape of a project name, as a plain sentence; None if nothing is.

    Source: PEP 508 (ASCII letters, digits and `. _ -`, alphanumeric at both ends), which the index enforces first.
    """
    if not text:
        return "A name can't be empty."
    if not _SHAPE.fullmatch(text):
        if not text.isascii():
            return "A name has only ASCII letters, digits, '.', '_' and '-'; this one has a character outside of ASCII."
        if re.search(r"[^A-Za-z0-9._-]", text):
            return "A name has only ASCII letters, digits, '.', '_' and '-'."
        return "A name starts and ends with an ASCII letter or digit."
    if len(text) > MAX_NAME_LENGTH:
        return (
            f"This name has {len(text)} characters; namehold keeps to {MAX_NAME_LENGTH}, "
            "because the index can't store the file names of much longer ones."
        )
    return None


def is_valid(text: str) -> bool:
    """Whether `text` has the shape of a project name and at most `MAX_NAME_LENGTH` characters."""
    return len(text) <= MAX_NAME_LENGTH and _SHAPE.fullmatch(text) is not None


def is_normalized(text: str) -> TypeGuard[NormalizedName]:
    """Whether `text` is a valid project name in its normalized form (PEP 503)."""
    return len(text) <= MAX_NAME_LENGTH and _NORMALIZED.fullmatch(text) is not None


def normalize(text: str) -> NormalizedName:
    """`text` as PEP 503 normalizes it: lower case, runs of `-`, `_` and `.` as one dash.

    Raises InvalidName if `text` hasn't the shape of a project name.
    """
    fault = shape_fault(text)
    if fault is not None:
        shown = ascii(text) if len(text) <= _SHOWN_LENGTH else ascii(text[:_SHOWN_LENGTH]) + "..."
        diagnostic = Diagnostic(
            message=f"{shown} is not a valid project name: {fault}",
            rule="name-shape",
            fix="write the name as the index shows it",
        )
        raise InvalidName(f"{shown} is not a valid project name", diagnostics=(diagnostic,))
    return canonicalize_name(text)


_SIMILARITY = str.maketrans("lLiIoO", "111100", "._-")


def ultranormalize(text: str) -> str:
    """The index's similarity key: no `. _ -`; l, L, i, I as 1; o, O as 0; lower case.

    Two projects can't have the same key: the index refuses the second name to everyone, the first one's owner included.
    Lines stay lines, so a whole list of names can be keyed in one call.
    Source: Warehouse's database function `ultranormalize_name`.
    """
    return text.translate(_SIMILARITY).lower()


@cache
def stdlib_names() -> frozenset[NormalizedName]:
    """Names that the index refuses because a module of some Python version's standard library is called so.

    Every dotted prefix of every module counts, without `-_.` at its ends (`_bootlocale` forbids `bootlocale`), after
    PEP 503 (`os.path` forbids `os-path`). The similarity key plays no part: `js0n` is accepted.
    Source: Warehouse, which builds its list from the same library, `stdlib-list`.
    """
    from stdlib_list import short_versions, stdlib_list  # noqa: PLC0415 -- start-up time

    modules = {module for version in short_versions for module in stdlib_list(version)}
    prefixes = {".".join(parts[:end]) for parts in (m.split(".") for m in modules) for end in range(1, len(parts) + 1)}
    return frozenset(canonicalize_name(prefix.strip("-_.")) for prefix in prefixes)


def is_stdlib(name: NormalizedName) -> bool:
    """Whether the index refuses `name` as a module of the standard library."""
    return name in stdlib_names()


def module_name(name: NormalizedName) -> str:
    """A module name for a distribution: a valid identifier that is no keyword, different for every `name`."""
    module = name.replace("-", "_")
    if module[0].isdigit():
        return f"_{module}"
    return f"{module}_" if keyword.iskeyword(module) else module


def one_edit_neighbours(name: NormalizedName) -> tuple[NormalizedName, ...]:
    """Every other normalized name at one edit from `name`, each once, always in the same order.

    An edit is an omission, an insertion, a substitution or a swap of two adjacent characters
    (Damerau's four; Pollock and Zamora 1983 found 90-95 % of misspellings to be one of them).
    """
    splits = [(name[:at], name[at:]) for at in range(len(name) + 1)]
    edits = [left + right[1:] for left, right in splits if right]
    edits += [left + right[1] + right[0] + right[2:] for left, right in splits if len(right) > 1]
    edits += [left + character + right[1:] for left, right in splits if right for character in NAME_CHARACTERS]
    edits += [left + character + right for left, right in splits for character in NAME_CHARACTERS]
    return tuple(
        NormalizedName(edit)
        for edit in dict.fromkeys(edits)
        if edit and edit != name and "--" not in edit and edit[0] != "-" != edit[-1] and len(edit) <= MAX_NAME_LENGTH
    )


# Warehouse's map of keyboard and visual slips: for a character of the NEW name, what may have been meant by it.
_SLIPS: dict[str, Iterable[str]] = {
    "1": "2qil",
    "2": "1qw3",
    "3": "2we4",
    "4": "3er5",
    "5": "4rt6s",
    "6": "5ty7",
    "7": "6yu8",
    "8": "7ui9",
    "9": "8io0",
    "0": "9op-",
    "q": "12wa",
    "w": (*"23esaq", "vv"),
    "e": "34rdsw",
    "r": "45tfde",
    "t": "56ygfr",
    "y": "67uhti",
    "u": "78ijyv",
    "i": "189olkjuy",
    "o": "90pli",
    "p": "0-o",
    "a": "qwsz",
    "s": "wdxza5",
    "d": "erfcxs",
    "f": "rgvcd",
    "g": "thbvf",
    "h": "yjnbg",
    "j": "uikmnh",
    "k": "iolmj",
    "l": "iopk1",
    "z": "asx",
    "x": "zsdc",
    "c": "xdfv",
    "v": "cfgbu",
    "b": "vghn",
    "n": "bhjm",
    "m": (*"njk", "rn"),
    "-": (*"_0p.", ""),
    "_": (*"-0p.", ""),
    ".": (*"-_", ""),
}

#: What `omitted_characters` inserts, in the order in which it tries.
_INSERTED = string.ascii_lowercase + "1234567890.-_"
_MIN_OMISSION_LENGTH = 4
_MAX_SWAPPED_WORDS = 8


class TypoCorpus:
    """The index's background checks of a new name against well-known ones.

    After a project is created, Warehouse compares its name with the 10,000 most depended-on projects and tells the
    administrators; it blocks nothing. Which 10,000 those are isn't public: the bundled popular names stand in for them,
    so an answer is an approximation. The checks themselves are Warehouse's, oddities included: a name of the corpus
    with a doubled letter counts as `swapped_characters` of itself.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)

    def flags(self, name: str) -> tuple[tuple[str, str], ...]:
        """(check, matched name) of the first check that `name` trips, as the index reports it; empty if none.

        The index asks with the normalized name. It stops at its first hit, so there is never more than one.
        """
        if not self._names:
            return ()
        checks = (
            ("repeated_characters", self._repeated_characters),
            ("omitted_characters", self._omitted_characters),
            ("swapped_characters", self._swapped_characters),
            ("swapped_words", self._swapped_words),
            ("common_typos", self._common_typos),
        )
        for check, meant_by in checks:
            tried = meant_by(name)
            if not self._names.isdisjoint(tried):
                return ((check, next(meant for meant in tried if meant in self._names)),)
        return ()

    @cached_property
    def _with_one_omission(self) -> frozenset[str]:
        """Every name of the corpus with one character left out: says at once that inserting one leads nowhere."""
        return frozenset(name[:at] + name[at + 1 :] for name in self._names for at in range(len(name)))

    @cached_property
    def _by_words(self) -> dict[tuple[str, ...], tuple[str, ...]]:
        """The names of two to eight words by their sorted words: spares trying up to 40,320 orders."""
        groups: dict[tuple[str, ...], tuple[str, ...]] = {}
        for name in self._names:
            if "-" in name:
                key = tuple(sorted(name.split("-")))
                groups[key] = (*groups.get(key, ()), name)
        return groups

    @staticmethod
    def _repeated_characters(name: str) -> list[str]:
        return [name[:at] + name[at + 1 :] for at in range(len(name) - 1) if name[at] == name[at + 1]]

    def _omitted_characters(self, name: str) -> list[str]:
        if len(name) < _MIN_OMISSION_LENGTH or name not in self._with_one_omission:
            return []
        return [name[:at] + character + name[at:] for at in range(len(name) + 1) for character in _INSERTED]

    @staticmethod
    def _swapped_characters(name: str) -> list[str]:
        return [name[:at] + name[at + 1] + name[at] + name[at + 2 :] for at in range(len(name) - 1)]

    def _swapped_words(self, name: str) -> list[str]:
        words = name.split("-")
        if not 1 < len(words) <= _MAX_SWAPPED_WORDS:
            return []
        others = [other for other in self._by_words.get(tuple(sorted(words)), ()) if other != name]
        if len(others) <= 1:
            return others
        return [order for order in map("-".join, permutations(words)) if order != name]

    @staticmethod
    def _common_typos(name: str) -> list[str]:
        return [name[:at] + meant + name[at + 1 :] for at, typed in enumerate(name) for meant in _SLIPS.get(typed, ())]
