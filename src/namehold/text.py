r"""Numbers and text from outside, as people read them: one line, nothing hidden, nouns in their form.

>>> visible("acme\u3164tool")
'acme�tool'
>>> escape("[acme](tool)")
'\\[acme\\](tool)'
"""

from __future__ import annotations

import codecs
import html
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

#: General categories of characters that aren't drawn, or change how others are drawn: control, format (bidirectional
#: marks, zero-width characters), unassigned, private use, surrogates, line and paragraph separators (Unicode, 4.5).
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})

#: Letters, marks and signs that are drawn as nothing: those of Unicode's Default_Ignorable_Code_Point (Hangul fillers,
#: Khmer inherent vowels, Mongolian selectors), the blank Braille pattern, and the note without a head.
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\U0001d159")

#: Persian, Indic scripts and emoji are spelled with them, between two letters or signs.
_JOINERS = frozenset("\u200c\u200d")

#: They choose the shape of the letter or sign before them (emoji, ideographs).
_SELECTORS = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))

#: The only sign that makes an emoji of an ASCII character: digits, `#` and `*`.
_KEYCAP = "\N{COMBINING ENCLOSING KEYCAP}"

#: Everything but line breaks, ASCII that is drawn, and the arrow that stands in most of our evidence.
_DOUBTFUL = re.compile(r"[^\n -~→]")

#: What stands before the `@` in addresses of our own advice, and nothing.
_EXAMPLE_USERS = frozenset({"", "USER:PASSWORD"})
#: What follows `://` in an address without a user; a sentence may go on behind a port.
_HOST_AND_PATH = re.compile(
    r"(?:[^:/?#]*|\[[0-9A-Fa-f:.]+\])(?::(?:[0-9]*|PORT)[^0-9A-Za-z/?#]*)?(?:[/?#].*)?", re.DOTALL
)

#: An address and what follows it, to the next one that isn't in the same word, or to the line's end: a password may
#: hold what looks like an address. A path that was made of one has one slash.
_ADDRESS = re.compile(
    r"(?P<quote>['\"`]?)(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{1,30}:/+)(?P<rest>\S+.*?)(?=['\"`]?[A-Za-z][A-Za-z0-9+.-]{1,30}:/|\n|$)"
)
#: A token of the public indexes, with the mark of a macaroon's version: somebody gave it where a file or name belongs.
_TOKEN = re.compile(r"\b(pypi-Ag)[\w-]{16,}")
#: A port, or the beginning of a password, and an `@` that no mark of a sentence parts from it.
#: A colon without a port ends an address in a sentence, but no host of one word that isn't this machine.
_OPEN_PORT = re.compile(
    r"(?:[^\s/?#]*:[0-9]+(?:[/?#]\S*)?(?<![,;.:)])|(?!localhost:)[^\s/?#.:]+:)\s(?:\S*(?<![,;.:)])\s)*\S*@.*"
)
#: To the last address that begins in the same word as another one.
_FURTHER = re.compile(r"\S*(?=[A-Za-z][A-Za-z0-9+.-]{1,30}:/)")

#: A character by its number, which has at most seven digits: of more Python reads 4,300, zeros counted.
_CHARACTER_NUMBER = re.compile(r"&#0*([0-9]{1,8})[0-9]*")

#: Byte order marks and what they stand for; UTF-32's begins as UTF-16's does.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

#: The units in which a time is told, and their seconds; then come seconds.
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))
#: A number from outside may be any: a century stands for all more.
_LONGEST_TOLD_S = 36_525 * 86_400

#: What stands in a message in the place of a secret.
HIDDEN = "[hidden]"

#: Smaller percentages are shown as less than this.
SMALLEST_PERCENT = 0.01
#: From these shares on a name is likely or possible: one in ten and one in a hundred such names was really used.
LIKELY, POSSIBLE = 0.1, 0.01
#: From this share on a chance is told in tenths.
_MANY = 0.4


def find_hidden(text: str) -> tuple[int, ...]:
    """The positions in `text` of every character that a reader can't see, or that changes the order of others.

    A line break isn't one of them. A joiner or a variation selector is hidden unless it stands where spelling needs
    it: a selector after a character outside of ASCII, a joiner between two of them. So none can stand alone, and no
    run of them can carry a message.
    """
    if text.isascii() and text.isprintable():
        return ()
    return tuple(match.start() for match in _DOUBTFUL.finditer(text) if _is_hidden(match[0], text, match.start()))


def _is_hidden(character: str, text: str, at: int) -> bool:
    if character in _SELECTORS:
        return not (_is_base(text, at - 1) or text[at + 1 : at + 2] == _KEYCAP)
    if character in _JOINERS:
        before = at - 2 if at and text[at - 1] in _SELECTORS else at - 1
        return not (_is_base(text, before) and _is_base(text, at + 1))
    return not _is_drawn(character)


def _is_base(text: str, at: int) -> bool:
    """Whether the character at this position can be joined or given another shape."""
    if not 0 <= at < len(text):
        return False
    character = text[at]
    return not (character.isascii() or character.isspace() or character in _SELECTORS) and _is_drawn(character)


def _is_drawn(character: str) -> bool:
    return unicodedata.category(character) not in _HIDDEN_CATEGORIES and character not in _BLANKS


def show_address(address: str) -> str:
    """An address as a message may show it: without a user, a password or a query, with any characters in them.

    Everything before the last `@` may be a password: one with a slash or a number sign makes the rest look like a path.
    """
    scheme, mark, rest = address.partition("://")
    if not mark:
        scheme, rest = "", address
    user, at, place = rest.rpartition("@")
    if at:
        place = f"{HIDDEN if mark or ':' in user else user}@{place}"
    place, cut, _ = _partition_any(place, "?#")
    host, slash, path = place.partition("/")
    name, colon, port = host.rpartition(":")
    if colon and not port.isdigit() and "]" not in port:
        host = f"{name}:{HIDDEN}"
    return f"{scheme}{mark}{host}{slash}{path}{cut}{HIDDEN if cut else ''}"


def hide_passwords(text: str) -> str:
    """`text` with '[hidden]' for tokens, and for user and password in an address: from its slashes to an `@`.

    That is the last `@` of the word, or of the quotes if they end later. A password with a space ends the word before
    its `@`: without one, what follows the slashes must be a host, and a port that a sentence can't go on behind.
    The last look at what is shown to people; `/@name` alone, as social networks have it, stays.
    """
    if "@" in text and ":/" in text:
        text = _ADDRESS.sub(_hide_in_address, text)
    # Only now: a token may end with what makes an address of the text behind it.
    return _TOKEN.sub(rf"\1{HIDDEN}", text)


def _hide_in_address(found: re.Match[str]) -> str:
    quote, scheme, rest = found["quote"], found["scheme"], found["rest"]
    # A sentence can't tell where an address with spaces ends; quotes can, but a password may hold one, too.
    quoted = rest.partition(quote)[0] if quote and quote in rest else ""
    shown = max(quoted, rest.split(maxsplit=1)[0], key=len)
    user, at, _ = shown.rpartition("@")
    if not at and (_HOST_AND_PATH.fullmatch(shown) is None or _OPEN_PORT.fullmatch(rest) is not None):
        user = rest.rpartition("@")[0] or shown
    elif user in _EXAMPLE_USERS or (":" not in user and "/" in user):
        return f"{quote}{scheme}{_hide_in_further(rest)}"
    return f"{quote}{scheme}{HIDDEN}{_hide_in_further(rest[len(user) :])}"


def _hide_in_further(text: str) -> str:
    """The same for the last of the addresses that begin in the first word: its password may hold a space."""
    further = _FURTHER.match(text)
    return text[: further.end()] + hide_passwords(text[further.end() :]) if further is not None else text


def _partition_any(text: str, marks: str) -> tuple[str, str, str]:
    """As str.partition, at the first of several marks."""
    at = min((text.find(mark) for mark in marks if mark in text), default=len(text))
    return text[:at], text[at : at + 1], text[at + 1 :]


def visible(text: str) -> str:
    """`text` on one line, with U+FFFD for each character that `find_hidden` finds."""
    return text if _is_plain(text) else visible_lines(" ".join(text.split()))


def all_visible(texts: Sequence[str]) -> Sequence[str]:
    """`visible` of each. Most of a table's 250,000 cells are plain words: one look at all of them tells that."""
    return texts if _is_plain("".join(texts)) else [*map(visible, texts)]


def _is_plain(text: str) -> bool:
    """Whether all of it shows, on one line, and without a space."""
    return text.isascii() and text.isprintable() and " " not in text


def visible_lines(text: str) -> str:
    """The same for text of several lines: its line breaks and spaces stay."""
    return _replace_hidden(text, "\N{REPLACEMENT CHARACTER}")


def shorten(text: str, most: int) -> str:
    """`text` in at most `most` characters, the last of which is '…' where it was cut."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def single_line(text: str, *, most: int | None = None) -> str:
    """`text` on one line, without the characters that `find_hidden` finds: empty if nothing of it shows.

    At most so many characters are kept. They are cut before they are looked at: half of a sequence doesn't show.
    """
    return " ".join(_replace_hidden(" ".join(text.split())[:most], "").split())


def _replace_hidden(text: str, replacement: str) -> str:
    found = find_hidden(text)
    if not found:
        return text
    hidden = frozenset(found)
    return "".join(replacement if at in hidden else character for at, character in enumerate(text))


def as_utf8(content: bytes) -> bytes:
    """A text's bytes in UTF-8 without a byte order mark, by the mark at its start; without one, as it is.

    Windows' servers and shells write such marks, and UTF-16. What is no text there stays as it is, without the mark:
    to replace millions of wrong characters takes Python half a minute.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            try:
                return content.decode(encoding).removeprefix("\ufeff").encode()
            except UnicodeDecodeError:
                return content.removeprefix(mark)
    return content


def unescape_html(text: str) -> str:
    """`text` with each character for HTML's reference to it; one whose number is none is U+FFFD. Never raises."""
    return html.unescape(_CHARACTER_NUMBER.sub(r"&#\1", text)) if "&" in text else text


def count(number: int, noun: str) -> str:
    """`1 name`, `1,204 names`: the number and the noun in its form."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def duration(seconds: float) -> str:
    """`90 s`, `3 hours`, `2 days 7 hours`: in the largest unit of which there are two or more, and the next smaller.

    Rounded up, as a wait is over only then; one unit alone would make 3 hours of 7,201 s.
    """
    seconds = min(seconds, _LONGEST_TOLD_S)
    for (unit, length_s), (smaller, part_s) in pairwise((*_UNITS, ("", 1))):
        if seconds >= 2 * length_s:
            whole, rest = divmod(math.ceil(seconds / part_s), length_s // part_s)
            beside = (count(rest, smaller) if smaller else f"{rest} s") if rest else ""
            return f"{count(whole, unit)} {beside}".rstrip()
    return f"{math.ceil(seconds)} s"


def figure(number: float, *, digits: int = 6) -> str:
    """`1,200,000`, `0.5`: a number with so many significant digits and at most six decimals, never with an exponent."""
    return f"{float(f'{number:.{digits}g}'):,.6f}".rstrip("0").rstrip(".")


def percent(share: float) -> str:
    """A share (0 to 1) as a percentage with two significant digits, as far as two decimals show them."""
    value = share * 100
    if not math.isfinite(value):
        # A file of ours that was edited may hold anything.
        return "? %"
    if 0 < value < SMALLEST_PERCENT:
        return f"< {SMALLEST_PERCENT} %"
    decimals = min(2, max(0, 1 - math.floor(math.log10(value)))) if value > 0 else 0
    return f"{value:.{decimals}f} %"


def likelihood(share: float) -> str:
    """`possible, 1 in 24 (4.2 %)`: a chance (0 to 1) in a word, as one in how many, and as a percentage."""
    figure = percent(share)
    if not math.isfinite(share) or share <= 0:
        return f"unlikely ({figure})"
    word = "likely" if share >= LIKELY else "possible" if share >= POSSIBLE else "unlikely"
    if share >= _MANY:
        return f"{word}, {min(9, round(share * 10))} in 10 ({figure})"
    many = 1 / share
    digits = max(0, math.floor(math.log10(many)) - 1)
    return f"{word}, 1 in {round(many / 10**digits) * 10**digits:,} ({figure})"


#: A local part as HTML's `input type=email` takes it (the characters of RFC 5322's dot-atom), at most 64 of them, and
#: letters of any script in the host: with other marks it would be markup, not a host.
_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[\w.-]+")

#: Reserved for documentation, tests and local networks (RFC 2606, RFC 6761, RFC 6762): mail and links lead nowhere.
_EXAMPLE_HOST = re.compile(r"(?:.*\.)?(?:example\.(?:com|org|net)|example|test|invalid|localhost|local)", re.IGNORECASE)


def is_mailbox(text: str) -> bool:
    """Whether `text` has the shape of one mail address; its host isn't looked at."""
    return _MAILBOX.fullmatch(text) is not None


def is_example_host(host: str) -> bool:
    """Whether a host can't be reached from outside, because its domain is reserved for examples or local networks."""
    return _EXAMPLE_HOST.fullmatch(host) is not None


def join_words(names: Sequence[str], *, limit: int) -> str:
    """The first `limit` names, and how many more there are."""
    shown = ", ".join(names[:limit])
    rest = len(names) - limit
    return f"{shown} and {rest:,} more" if rest > 0 else shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column's heading. Numbers are aligned at their end; codes are names, digests and the like.

    A drawing repeats another column in block characters, for formats that can't draw.
    """

    label: str
    is_number: bool = False
    is_code: bool = False
    is_drawing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of text: every row has as many cells as `columns`, its first cell names the row.

    Cells hold text as it came; each renderer escapes for its own format. `note` says what is left out, `has_total`
    marks the last row as the sum of the others.
    """

    columns: tuple[Column, ...]
    rows: Sequence[tuple[str, ...]]
    caption: str = ""
    note: str = ""
    has_total: bool = False


def numbers(*labels: str) -> tuple[Column, ...]:
    """Columns of numbers."""
    return tuple(Column(label=label, is_number=True) for label in labels)


def texts(*labels: str) -> tuple[Column, ...]:
    """Columns of words."""
    return tuple(Column(label=label) for label in labels)


def codes(*labels: str) -> tuple[Column, ...]:
    """Columns of names and digests."""
    return tuple(Column(label=label, is_code=True) for label in labels)


#: How each character with a meaning anywhere in a line of Markdown is written as text.
#: A backslash does it (CommonMark 2.4); an entity where something else reads first (tables split cells, HTML starts).
_SPECIAL = str.maketrans(
    {
        **{mark: f"\\{mark}" for mark in "*_[]~`@"},
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        "|": "&#124;",
        "\\": "&#92;",
    }
)
#: What GitHub's Markdown turns into links and emoji: the mark in an address or a short name that prevents it.
#: A short name may end with a colon that stands behind the text; the longest ones have some 40 characters, and none is
#: two digits, as the minutes of a time are.
_GITHUB_MARK = re.compile(r":(?=//|[\w+-]+:|(?!\d\d\Z)[\w+-]{1,60}\Z)|(?<=www)\.", re.IGNORECASE)
#: What starts a heading, a list or an underline at the beginning of a line; its last character is the mark.
_BLOCK_MARK = re.compile(r"^(?:[-+=#]|\d+[.)](?=\s|$))")


def escape(text: str) -> str:
    """`text` so that Markdown (CommonMark's and GitHub's) shows exactly it, on one line and not as a link."""
    line = _GITHUB_MARK.sub(r"\\\g<0>", visible(text).translate(_SPECIAL))
    return _BLOCK_MARK.sub(lambda match: f"{match[0][:-1]}\\{match[0][-1]}", line)


def code(text: str) -> str:
    """`text` (which isn't empty) as a code span, with any backticks in it (CommonMark 6.1)."""
    line = visible(text)
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    space = " " if longest else ""
    return f"{fence}{space}{line}{space}{fence}"
