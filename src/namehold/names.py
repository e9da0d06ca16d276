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
from collections.abc import Sequence
from typing import TypeGuard

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

from namehold.errors import Diagnostic, InvalidName

#: Bytes of a file's name that file systems take (`NAME_MAX`).
MAX_FILE_NAME_LENGTH = 255

#: The index takes longer names (214 were observed), but in a file's name version, tags and extension need their part
#: of those bytes: a 240-letter name made the index's server drop the connection.
MAX_NAME_LENGTH = 200

#: PEP 508's shape, spelled out: under re.IGNORECASE alone, U+212A (Kelvin sign) and U+017F (long s) pass as letters.
#: User names of the index have it, too (Warehouse's registration form).
NAME_PATTERN = r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?"
_SHAPE = re.compile(NAME_PATTERN)
_NORMALIZED = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

#: A token of a public index has the shape of a name, and more than a hundred characters.
_TOKEN = re.compile(r"pypi-Ag[A-Za-z0-9_-]{60,}")

#: How much of a wrong name a message shows: it may be a line of a file that holds anything.
_SHOWN_LENGTH = 60

#: From so many letters on a name is mistaken for another one at one edit, and from so many at two: of the 100 most
#: downloaded names, those of 3 letters have 1,509 others within two edits, those of 11 have one.
_MISTAKEN_FROM = 6
_FAR_MISTAKEN_FROM = 9

#: Characters of a normalized name.
NAME_CHARACTERS = string.ascii_lowercase + string.digits + "-"


def shape_fault(text: str) -> str | None:
    """What is wrong with the shape of a project name, as a plain sentence; None if nothing is.

    Source: PEP 508 (ASCII letters, digits and `. _ -`, alphanumeric at both ends), which the index enforces first.
    """
    if not text:
        return "A name can't be empty."
    if _TOKEN.match(text):
        return "This is a token of the index and no name. Anyone who reads it can publish."
    if not has_name_shape(text):
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


def has_name_shape(text: str) -> bool:
    """Whether `text` has the shape of a project name (PEP 508), of any length."""
    return _SHAPE.fullmatch(text) is not None


def is_valid(text: str) -> bool:
    """Whether `text` has the shape of a project name and at most `MAX_NAME_LENGTH` characters."""
    return len(text) <= MAX_NAME_LENGTH and has_name_shape(text)


def is_normalized(text: str) -> TypeGuard[NormalizedName]:
    """Whether `text` is a valid project name in its normalized form (PEP 503)."""
    return len(text) <= MAX_NAME_LENGTH and _NORMALIZED.fullmatch(text) is not None


def are_normalized(texts: Sequence[str]) -> bool:
    """Whether all of `texts` are valid and normalized: `is_normalized` of many, at a tenth of the cost."""
    # A name that starts or ends with a dash, or is empty, makes two dashes in a row here.
    joined = "-".join(("", *texts, ""))
    return (
        max(map(len, texts), default=0) <= MAX_NAME_LENGTH
        and joined.isascii()
        and not joined.encode().translate(None, NAME_CHARACTERS.encode())
        and "--" not in joined
    )


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


def edits_of_mistakes(name: NormalizedName) -> int:
    """At how many edits another name may be mistaken for this one: none for a short name, two for a long one."""
    return 0 if len(name) < _MISTAKEN_FROM else 1 if len(name) < _FAR_MISTAKEN_FROM else 2


def is_version(text: str) -> bool:
    """Whether `text` is a version (PEP 440) that a file's name has room for."""
    # A longer one may also have a number of more digits than Python reads.
    if len(text) > MAX_FILE_NAME_LENGTH:
        return False
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def module_name(name: NormalizedName) -> str:
    """A module name for a distribution: a valid identifier, never a keyword, different for every `name`."""
    module = name.replace("-", "_")
    if module[0].isdigit():
        return f"_{module}"
    return f"{module}_" if keyword.iskeyword(module) else module
