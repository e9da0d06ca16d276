"""Finds what a text tells its readers to install.

    list(find_installed("Run `pip install -U acme-tool`."))  # ['acme-tool']

Instructions are found in one pass over the words of each line, in time linear in its length.
An installer is one entry of `_VERBS`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

#: Words of a sentence where a name could stand ('install it instead').
NO_NAMES: Final = frozenset({"a", "from", "instead", "it", "that", "the", "this"})

#: A text that says that its own name is held. Templating libraries have placeholders, too, so it must say of what.
_HELD: Final = re.compile(
    r"^\W{0,9}(?:an? )?(?:empty |pure )?placeholder (?:package|project|release)\b|\bempty placeholder\b"
    r"|\b(?:this|it)(?: package| project| release| name)? is (?:only |just )?an? (?:empty |pure )?placeholder\b"
    r"|\b(?:this|package|project)(?: package| project)? name (?:is |was |has been )?(?:held|reserved|parked)\b"
    r"|\b(?:hold|holds|holding|reserve|reserves|reserved|reserving|parks|parking) (?:this name\b|(?:this|the) "
    r"(?:package|project) name\b)|\bsecurity holding package\b",
    re.IGNORECASE | re.MULTILINE,
)
#: Words that say it where there is hardly anything else; of a tool they may say what it is about.
_SAYS_LITTLE_ELSE: Final = re.compile(
    r"\bplaceholder\b|\breserved\b|\breserving\b|\bname(?:space)? reservation\b|\breservation of\b|\bparked\b"
    r"|\bparking\b|\bsquat|\btypo-?squat|\bdependency confusion\b|\bholding package\b"
    r"|\bdefensive(?:ly)? (?:register|registration)"
    r"|\bheld (?:by|for)\b|\bnot a real (?:package|project)\b|\bintentionally (?:left )?(?:blank|empty)\b"
    r"|\bcoming soon\b|\b(?:dummy|empty|internal) (?:package|project)\b|\bdo not (?:use|install)\b",
    re.IGNORECASE,
)

#: The last words of each installer's command, before options and the name.
_VERBS: Final[Mapping[str, frozenset[str]]] = dict.fromkeys(
    ("conda", "pip", "pip3", "pipenv", "poetry", "uv"), frozenset({"add", "install"})
)
#: A sentence says it without an installer: 'Install acme-tool instead'.
_SENTENCE_VERB: Final = "install"
_SENTENCE_END: Final = "instead"
_QUOTES: Final = "`'\""
_NAME_MARKS: Final = frozenset("._-")
_MARK: Final = re.compile(r"\W")


def find_installed(text: str) -> Iterator[str]:
    """The name in each command (`pip install -U acme-tool`) and sentence ('Install acme-tool instead'), in order.

    Words that are no names are left out, and so is everything after a command's first name.
    """
    for line in text.split("\n"):
        for word in _find_in_line(line.split()):
            name = _first_name(word.lstrip(_QUOTES))
            if name and name.lower() not in NO_NAMES:
                yield name


def _find_in_line(words: Sequence[str]) -> Iterator[str]:
    """The words that should be names in one line; each word is looked at a fixed number of times."""
    # A command waits for its name, past its options.
    before, is_waiting = "", False
    for at, word in enumerate(words):
        plain = _last_part(word).lower()
        is_command = plain in _VERBS.get(before, ())
        is_sentence = plain == _SENTENCE_VERB and any(
            later.lower().startswith(_SENTENCE_END) for later in words[at + 2 : at + 3]
        )
        if is_waiting and not word.startswith("-"):
            yield word
            is_waiting = False
        if is_command:
            is_waiting = True
        elif is_sentence:
            yield words[at + 1]
        before = plain


def _last_part(word: str) -> str:
    """What follows the last mark in a word: what stands before it in the same breath (`(install`) is no part of it."""
    return word if word.isalnum() else _MARK.split(word)[-1]


def _first_name(word: str) -> str:
    """The project's name that a word begins with (`acme-tool==1.0`, `acme-tool.`); empty if it begins with none."""
    end = 0
    for at, letter in enumerate(word):
        if letter.isascii() and letter.isalnum():
            end = at + 1
        elif not at or letter not in _NAME_MARKS:
            break
    return word[:end]


def says_held(text: str, *, is_all: bool = False) -> bool:
    """Whether a summary, or the first lines of a description, say that the name is held.

    `is_all`: the project has hardly anything beside this text, so that words count which a tool has as well.
    """
    return _HELD.search(text) is not None or (is_all and _SAYS_LITTLE_ELSE.search(text) is not None)
