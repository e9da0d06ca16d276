"""Where the letters lie on a QWERTY keyboard."""

from __future__ import annotations

LETTERS = "abcdefghijklmnopqrstuvwxyz"
VOWELS = frozenset("aeiouy")
#: Of which kind each character of a name is.
KINDS_OF_KEY: dict[str, str] = {
    **dict.fromkeys(LETTERS, "consonant"),
    **dict.fromkeys(VOWELS, "vowel"),
    **dict.fromkeys("0123456789", "digit"),
    "-": "dash",
}

#: The rows of letters with the distance, in widths of a key, by which each is shifted to the right.
_ROWS = (("qwertyuiop", 0.5), ("asdfghjkl", 0.75), ("zxcvbnm", 1.25))
_PLACES = {key: (row, column + shift) for row, (keys, shift) in enumerate(_ROWS) for column, key in enumerate(keys)}


def _letters_beside(key: str) -> str:
    row, column = _PLACES[key]
    return "".join(
        other
        for other in LETTERS
        if other != key and abs(_PLACES[other][0] - row) <= 1 and abs(_PLACES[other][1] - column) <= 1
    )


#: The letters whose keys touch a key.
NEIGHBOURS: dict[str, str] = {key: _letters_beside(key) for key in _PLACES}
