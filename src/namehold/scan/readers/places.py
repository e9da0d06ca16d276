"""Where something stands in a text, for formats whose parsers don't tell."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import Final

_QUOTES: Final = "\"'"


class Places:
    """The quoted texts and the first words of a text's lines, each with its places; a place is given once.

    What is asked for in the order of the file is told at its own place; else at the first one that is left.
    """

    def __init__(self, text: str) -> None:
        self._quoted: dict[str, deque[tuple[int, int]]] = defaultdict(deque)
        self._keys: dict[str, deque[tuple[int, int]]] = defaultdict(deque)
        for number, line in enumerate(text.split("\n"), start=1):
            bare = line.lstrip()
            start = len(line) - len(bare)
            key = bare.partition("=")[0].strip()
            self._keys[key.strip(_QUOTES)].append((number, start + 1 + (key[:1] in _QUOTES and bool(key))))
            self._read_quoted(line, number)

    def _read_quoted(self, line: str, number: int) -> None:
        at = 0
        while at < len(line):
            if line[at] in _QUOTES:
                end = line.find(line[at], at + 1)
                if end < 0:
                    return
                self._quoted[line[at + 1 : end]].append((number, at + 2))
                at = end
            at += 1

    def of_text(self, text: str) -> tuple[int, int]:
        """Line and column of this quoted text; the file's beginning where it stands nowhere as it is."""
        return self._take(self._quoted, text)

    def of_key(self, key: str) -> tuple[int, int]:
        """Line and column of the line that sets this key; the file's beginning where there is none."""
        return self._take(self._keys, key)

    @staticmethod
    def _take(places: dict[str, deque[tuple[int, int]]], text: str) -> tuple[int, int]:
        found = places.get(text)
        if not found:
            return 1, 1
        return found.popleft() if len(found) > 1 else found[0]
