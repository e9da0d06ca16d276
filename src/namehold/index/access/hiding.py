"""Keeps a secret out of what somebody else wrote about it: a server may repeat the token that it was sent.

Hider(secret).hide("denied: pypi-AgEI…")
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from string import hexdigits
from urllib.parse import unquote

from namehold.text import HIDDEN, unescape_html

#: The whole text is left out where it shares so many letters and digits in a row with a form of the secret: fewer are
#: found in ordinary words, and a token has forty random ones.
_RUN = 8
#: So many encodings, one inside the other, are taken off.
_ROUNDS = 3


class Hider:
    """Hides one secret in many texts. Without a secret, texts stay as they are."""

    def __init__(self, secret: str) -> None:
        self._parts = [part for part in (secret, secret.strip()) if part]
        self._runs: set[str] = set()
        for form in map(_fold, _forms(secret)):
            length = min(_RUN, len(form))
            if length:
                self._runs.update(form[start : start + length] for start in range(len(form) - length + 1))
        self._lengths = {len(run) for run in self._runs}

    def hide(self, text: str) -> str:
        """`text` without the secret, to be called before the text is cut: half a secret can't be found any more.

        The secret as it is gives way to '[hidden]'. Where any run of it is left (in capitals, in pieces, reversed, or
        encoded in Base64, percent signs, entities or hexadecimal digits), nothing of the text is.
        """
        for part in self._parts:
            text = text.replace(part, HIDDEN)
        said = _fold(_without_quotes(text))
        pieces = (said[start : start + length] for length in self._lengths for start in range(len(said)))
        if self._runs.isdisjoint(pieces):
            return text
        return f"{HIDDEN}: the words of the index repeat the token"


def _without_quotes(text: str) -> str:
    """The text with each character for what stands for it: in an address, in HTML, in JSON, in mail, in a program."""
    for _ in range(_ROUNDS):
        text = unquote(unescape_html(text))
        for mark, digits in (("\\u", 4), ("\\x", 2), ("=", 2)):
            first, *parts = text.split(mark)
            text = first + "".join(
                chr(int(part[:digits], 16)) + part[digits:] if _is_hexadecimal(part[:digits], digits) else mark + part
                for part in parts
            )
    return text


def _is_hexadecimal(text: str, digits: int) -> bool:
    return len(text) == digits and all(letter in hexdigits for letter in text)


def _forms(secret: str) -> Iterator[str]:
    """The secret and what it is turned into on the way: reversed, Base64 at each of its three offsets, hexadecimal."""
    yield secret
    yield secret[::-1]
    for offset in range(3):
        # The first and last letters of Base64 depend on what stands beside the secret.
        yield base64.b64encode(b"\0" * offset + secret.encode()).decode()[4 if offset else 0 : -4]
    yield secret.encode().hex()


def _fold(text: str) -> str:
    """Letters and digits alone, small."""
    return "".join(filter(str.isalnum, text)).casefold()
