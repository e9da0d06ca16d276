"""The words of the report: what routes and states are called, and the glossary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

from namehold.portfolio import Route


class State(StrEnum):
    """Where one name stands today, from the ledger where it says something, else from the plan. Safe ones first."""

    REFUSED_TO_EVERYONE = "refused-to-everyone"
    COVERED = "covered"
    OWN = "own"
    HELD = "held"
    PROHIBITED = "prohibited"
    UNVERIFIED = "unverified"
    VANISHED = "vanished"
    PLANNED = "planned"
    DEFERRED = "deferred"
    TO_REQUEST = "to-request"
    ASKED = "asked"
    UNANSWERED = "unanswered"
    DECLINED = "declined"
    WATCHED = "watched"
    LOOK_ALIKE = "look-alike"
    TAKEN = "taken"
    INTERNAL = "internal"
    FUTURE = "future"
    UNKNOWN = "unknown"
    SETTLED = "settled"
    LEFT = "left"


#: A name in one of these states can't be registered by anybody else.
SAFE_STATES = frozenset({State.REFUSED_TO_EVERYONE, State.COVERED, State.OWN, State.HELD, State.PROHIBITED})

#: What a name in a state is called, after a number: '3 held by us'.
STATE_LABELS: Mapping[State, str] = MappingProxyType(
    {
        State.REFUSED_TO_EVERYONE: "refused to everyone by the index",
        State.COVERED: "covered by a namespace grant",
        State.OWN: "the organization's own projects",
        State.HELD: "held by a placeholder",
        State.PROHIBITED: "prohibited by the administrators",
        State.UNVERIFIED: "sent, not proved yet",
        State.VANISHED: "held once, gone from the index",
        State.PLANNED: "planned",
        State.DEFERRED: "deferred",
        State.TO_REQUEST: "to ask the administrators for",
        State.ASKED: "asked for, no answer yet",
        State.UNANSWERED: "asked for, never answered",
        State.DECLINED: "asked for, declined",
        State.WATCHED: "watched only",
        State.LOOK_ALIKE: "held by a look-alike",
        State.TAKEN: "taken by others",
        State.INTERNAL: "internal (a client setting protects them)",
        State.FUTURE: "kept for a first real release",
        State.UNKNOWN: "not known to the snapshot",
        State.SETTLED: "settled without us",
        State.LEFT: "left alone",
    }
)

ROUTE_LABELS: Mapping[Route, str] = MappingProxyType(
    {
        Route.PROTECTED: "Protected already",
        Route.RESERVE: "Reserve",
        Route.REQUEST: "Ask to prohibit",
        Route.NAMESPACE: "Namespace",
        Route.WATCH: "Watch",
        Route.FLAG: "Report",
        Route.NONE: "No action",
    }
)

ROUTE_MEANINGS: Mapping[Route, str] = MappingProxyType(
    {
        Route.PROTECTED: "The index refuses the name to everyone already; nothing to do.",
        Route.RESERVE: "Publish a placeholder that says who holds the name and points to the real package.",
        Route.REQUEST: "Ask the index's administrators to prohibit the name; that needs no package.",
        Route.NAMESPACE: "A namespace grant covers the name.",
        Route.WATCH: "Not worth a slot today; looked at again with every plan.",
        Route.FLAG: "A stranger holds it and a person judged it a look-alike: report it to the index.",
        Route.NONE: "Nothing is done, for the reason given beside the name.",
    }
)

#: The order in which routes are shown: those that need a person first.
ROUTE_ORDER = (
    Route.RESERVE,
    Route.REQUEST,
    Route.FLAG,
    Route.NAMESPACE,
    Route.PROTECTED,
    Route.WATCH,
    Route.NONE,
)

#: Routes whose names are always listed in full: a person decides on each of them.
FULL_ROUTES = frozenset({Route.RESERVE, Route.FLAG})

GLOSSARY: Sequence[tuple[str, str]] = (
    ("index", "The public catalogue from which package installers download, and on which names are registered."),
    ("target", "The organization's real package that people meant when they typed another name."),
    ("placeholder", "A package that holds a name, says who holds it and why, and points to the real package."),
    ("reserve", "Publish a placeholder. A published name is kept for good: deleting it gives it to anyone."),
    ("prohibit", "The index's administrators block a name for everyone. It is asked for by letter."),
    ("route", "What a name needs. Every assessed name has exactly one."),
    ("rate", "How often this name is the one used, if the package is attacked. It is not the risk of an attack."),
    ("quota", "How many new names the index accepts from one account in a sliding window. It sets the calendar."),
    ("slot", "One new name of that quota."),
    ("coverage", "The share of all reservable rates that a number of reservations covers."),
    ("snapshot", "The list of all names on the index at one moment; the plan was made against it."),
    ("ledger", "The append-only record of what was sent to the index and what it answered."),
    ("action digest", "The fingerprint of the planned actions. A person approves exactly this."),
    ("rehearsal", "A run of the whole plan against an index on this machine that enforces the same rules."),
)
