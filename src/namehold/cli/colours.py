"""Colours of the words for states in tables on a terminal. Each state is a word too: no meaning is by colour alone."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

_GREEN, _YELLOW, _RED, _DIM = "32", "33", "31", "2"

#: A whole cell -> its colour (SGR parameter): safe, waiting for somebody, wrong or in others' hands, nothing to do.
_COLOURS: Mapping[str, str] = {
    **dict.fromkeys(
        (
            *("protected", "namespace", "proved", "held", "ours", "own", "refused-to-everyone", "covered"),
            *("prohibited", "agrees", "known", "granted", "same", "similar", "stdlib", "blocked", "yes"),
        ),
        _GREEN,
    ),
    **dict.fromkeys(
        (
            *("reserve", "request", "planned", "to-request", "asked", "unverified", "deferred", "waiting", "new"),
            *("a risk", "warning", "unregistered", "unanswered", "rate-limited", "not checked", "not-checked"),
            *("possible", "possible look-alike", "claimed", "waits"),
        ),
        _YELLOW,
    ),
    **dict.fromkeys(
        (
            *("flag", "missing", "contradicted", "error", "taken", "foreign", "exists", "look-alike", "vanished"),
            *("lost-race", "refused-similar", "refused-prohibited", "refused-stdlib", "refused-invalid"),
            *("failed", "refused-file", "refused-unknown", "declined", "gone", "unfit", "differs", "invalid", "no"),
        ),
        _RED,
    ),
    **dict.fromkeys(
        (
            *("watch", "none", "unknown", "watched", "left", "settled", "not looked at", "not shown", "ignored"),
            *("not provable before the first upload", "no sign found", "unrelated", "not-looked-up", "skipped"),
            *("done", "form", "claim", "finding", "silent", "internal", "future"),
        ),
        _DIM,
    ),
}


#: Columns of names, which may be called like a state.
_NAMES = frozenset({"name", "for", "package", "target", "value", "subject"})


def find_state_columns(columns: Sequence[str], rows: Sequence[tuple[str, ...]]) -> frozenset[int]:
    """The columns of a table that hold states and nothing else; none where colour isn't wanted (NO_COLOR)."""
    if os.environ.get("NO_COLOR") or not rows:
        return frozenset()
    filled = {at: {row[at] for row in rows if row[at]} for at, label in enumerate(columns) if label not in _NAMES}
    return frozenset(at for at, words in filled.items() if words and all(word.lower() in _COLOURS for word in words))


def paint(cell: str) -> str:
    """A cell of a state column, with the white space behind it, in the colour of its state."""
    word = cell.rstrip()
    colour = _COLOURS.get(word.lower())
    return f"\x1b[{colour}m{word}\x1b[0m{cell[len(word) :]}" if colour else cell
