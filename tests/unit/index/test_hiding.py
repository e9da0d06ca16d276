"""Nothing of a token comes back out of what an index says."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest

from namehold.index.access.hiding import Hider

SECRET = "secret-account-token-0123456789abcdef0123456789abcdef-END"


def basic(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "repeated",
    [
        SECRET,
        SECRET[:54],
        SECRET[10:30],
        SECRET[::-1],
        SECRET.upper(),
        "".join(f"&#{ord(letter):05000};" for letter in SECRET),
        basic(SECRET),
        basic(f"__token__:{SECRET}"),
        basic(f"x:{SECRET}"),
        basic(f"ab:{SECRET}").rstrip("="),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
        SECRET.encode().hex(),
        SECRET.replace("-", "%2D"),
        quote(quote(SECRET.replace("-", "%2D"))),
        "".join(f"%{letter:02x}" for letter in SECRET.encode()),
        "".join(f"&#{letter};" for letter in SECRET.encode()),
        " ".join(SECRET[start : start + 8] for start in range(0, len(SECRET), 8)),
        "-".join(SECRET),
        "".join(f"\\u{ord(letter):04x}" for letter in SECRET),
        "".join(f"\\x{ord(letter):02X}" for letter in SECRET),
        "".join(f"={ord(letter):02X}" for letter in SECRET),
        quote("".join(f"&#x{ord(letter):x};" for letter in SECRET)),
    ],
)
def test_no_form_of_a_token_is_left(repeated: str) -> None:
    shown = Hider(SECRET).hide(f"403 denied: {repeated}, ask us")
    assert "[hidden]" in shown
    folded = "".join(filter(str.isalnum, shown)).lower()
    said = "".join(filter(str.isalnum, repeated)).lower()
    assert said[:8] not in folded
    assert said[-8:] not in folded


def test_other_words_stay() -> None:
    words = "403 Invalid or non-existent authentication information. See https://index.example/help/#invalid-auth"
    assert Hider(SECRET).hide(words) == words
    assert Hider(SECRET).hide(f"denied: {SECRET}") == "denied: [hidden]"
    assert Hider("").hide(words) == words
