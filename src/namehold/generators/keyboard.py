"""Where the keys lie, and which letters look or sound alike."""

from __future__ import annotations

_ROWS = (("1234567890-", 0.0), ("qwertyuiop", 0.5), ("asdfghjkl", 0.75), ("zxcvbnm", 1.25))
_PLACES = {key: (row, column + shift) for row, (keys, shift) in enumerate(_ROWS) for column, key in enumerate(keys)}

LETTERS = "abcdefghijklmnopqrstuvwxyz"
VOWELS = frozenset("aeiouy")


def _neighbours(key: str) -> str:
    row, column = _PLACES[key]
    return "".join(
        other
        for other, (other_row, other_column) in sorted(_PLACES.items())
        if other != key and abs(row - other_row) <= 1 and abs(column - other_column) <= 1 and other != "-"
    )


#: Keys that touch a key on a QWERTY keyboard.
NEIGHBOURS: dict[str, str] = {key: _neighbours(key) for key in _PLACES}
