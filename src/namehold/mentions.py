"""What a text says of names: which ones it tells to install, and that one is only held."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

NAME_IN_TEXT: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")

#: Words of a sentence where a name could stand ('install it instead').
NO_NAMES: Final = frozenset({"a", "from", "instead", "it", "that", "the", "this"})

_INSTALLERS: Final = frozenset({"conda", "pip", "pip3", "pipenv", "poetry", "uv"})
_VERBS: Final = frozenset({"add", "install"})
_QUOTES: Final = "`'\""

#: A text that says that a name is held, and nothing else about what is under it.
_HELD: Final = re.compile(
    r"\bplaceholder (?:package|project|release)|\b(?:is|as) (?:only |just )?an? (?:empty |pure )?placeholder\b"
    r"|\bempty placeholder|\bnames? (?:is |was |are )?(?:held|reserved|parked)\b|\breserved names?\b"
    r"|\b(?:hold|holds|reserve|reserves|reserving|holding|parking) (?:this|the|a) (?:package |project )?name\b"
    r"|\bname[- ]?squat|\btypo-?squat|\bdependency confusion\b|\bplaceholder for\b",
    re.IGNORECASE,
)


def find_installed(text: str) -> Iterator[str]:
    """The name after each command (`pip install -U acme-tool`) or sentence ('Install acme-tool instead') of `text`.

    Words that are no names are left out. Each word is looked at a fixed number of times, whatever the text holds.
    """
    for line in text.split("\n"):
        words = line.split()
        # What stands before a word in the same breath is no part of it: "`pip", "(install".
        plain = [re.split(r"\W+", word)[-1].lower() for word in words]
        for at, verb in enumerate(plain):
            if verb not in _VERBS:
                continue
            if at and plain[at - 1] in _INSTALLERS:
                after = at + 1
                while after < len(words) and words[after].startswith("-"):
                    after += 1
            elif verb == "install" and any(word.lower().startswith("instead") for word in words[at + 2 : at + 3]):
                after = at + 1
            else:
                continue
            found = NAME_IN_TEXT.match(words[after].lstrip(_QUOTES)) if after < len(words) else None
            if found and found[0].lower() not in NO_NAMES:
                yield found[0]


def says_held(text: str) -> bool:
    """Whether a summary, or the first lines of a description, say that the name is held."""
    return _HELD.search(text) is not None
