"""The words of the report: what routes and states are called, and the glossary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Self

from namehold.portfolio import NameClass, Route
from namehold.text import LIKELY, POSSIBLE, likelihood


class State(StrEnum):
    """Where one name stands today, from the ledger where it says something, else from the plan. Safe ones first.

    `label` is what a name in the state is called, after a number: '3 held by us'. `exposure` answers whether somebody
    else could still register it; where it is 'no', the name is safe.
    """

    label: str
    exposure: str

    def __new__(cls, value: str, label: str, exposure: str = "yes") -> Self:
        """A state by its word in JSON."""
        state = str.__new__(cls, value)
        state._value_, state.label, state.exposure = value, label, exposure
        return state

    REFUSED_TO_EVERYONE = "refused-to-everyone", "refused to everyone", "no"
    COVERED = "covered", "covered by a namespace grant", "no"
    OWN = "own", "the organization's own projects", "no"
    HELD = "held", "held by a placeholder", "no"
    PROHIBITED = "prohibited", "prohibited by the administrators", "no"
    UNVERIFIED = "unverified", "sent, not proved yet", "not known until the index is asked"
    VANISHED = "vanished", "held once, gone from the index", "not known: the administrators may have blocked it"
    PLANNED = "planned", "planned"
    DEFERRED = "deferred", "deferred"
    TO_REQUEST = "to-request", "to be asked for"
    ASKED = "asked", "asked for, no answer yet"
    UNANSWERED = "unanswered", "asked for, never answered"
    DECLINED = "declined", "asked for, declined"
    WATCHED = "watched", "watched only"
    LOOK_ALIKE = "look-alike", "held by a look-alike", "somebody has"
    TAKEN = "taken", "taken by others", "somebody has"
    INTERNAL = "internal", "internal (a client setting protects them)"
    FUTURE = "future", "kept for a first real release"
    UNKNOWN = "unknown", "not known to the snapshot", "not known without a complete list"
    SETTLED = "settled", "settled without us"
    LEFT = "left", "left alone"


#: A name in one of these states can't be registered by anybody else.
SAFE_STATES = frozenset(state for state in State if state.exposure == "no")


class Standing(StrEnum):
    """Where a confusion ends: what the one picture of the report tells apart. `label` is what it says of each."""

    label: str

    def __new__(cls, value: str, label: str) -> Self:
        """A standing by its word in JSON."""
        standing = str.__new__(cls, value)
        standing._value_, standing.label = value, label
        return standing

    SAFE = "safe", "Safe: refused to everyone, or your own"
    HELD = "held", "Held by your placeholder"
    ASKED = "asked", "Asked for by letter, no answer yet"
    LETTER = "letter", "To be asked for by letter"
    PLANNED = "planned", "Planned or under way"
    OPEN = "open", "Open to anybody"
    TAKEN = "taken", "Held by somebody else"
    UNKNOWN = "unknown", "Not known"


#: Each state belongs to one standing; those that aren't listed are open.
_STANDINGS: Mapping[State, Standing] = {
    **dict.fromkeys(SAFE_STATES, Standing.SAFE),
    State.HELD: Standing.HELD,
    State.ASKED: Standing.ASKED,
    State.TO_REQUEST: Standing.LETTER,
    State.PLANNED: Standing.PLANNED,
    State.UNVERIFIED: Standing.PLANNED,
    State.TAKEN: Standing.TAKEN,
    State.LOOK_ALIKE: Standing.TAKEN,
    State.VANISHED: Standing.UNKNOWN,
    State.UNKNOWN: Standing.UNKNOWN,
    State.SETTLED: Standing.UNKNOWN,
}


def standing_of(state: State) -> Standing:
    """The standing that a state belongs to."""
    return _STANDINGS.get(state, Standing.OPEN)


#: Names in these states are no secret: no other account can register them, or somebody has them already.
PUBLIC_STATES = SAFE_STATES | {State.TAKEN, State.LOOK_ALIKE}


#: What each route is called and means, in the order in which they are shown: those that need a person first.
_ROUTES = (
    (Route.RESERVE, "Reserve", "Publish a placeholder that says who holds the name and points to the real package."),
    (
        Route.REQUEST,
        "Ask to prohibit",
        "Ask the index's administrators to prohibit the name; that needs no package.",
    ),
    (Route.FLAG, "Report", "A stranger holds it and a person judged it a look-alike: report it to the index."),
    (Route.NAMESPACE, "Namespace", "A namespace grant covers the name."),
    (Route.PROTECTED, "Protected already", "The index refuses the name to everyone already; nothing to do."),
    (Route.WATCH, "Watch", "Not worth a slot today; looked at again with every plan."),
    (Route.NONE, "No action", "Nothing is done, for the reason given beside the name."),
)
ROUTE_LABELS: Mapping[Route, str] = {route: label for route, label, _ in _ROUTES}
ROUTE_MEANINGS: Mapping[Route, str] = {route: meaning for route, _, meaning in _ROUTES}
ROUTE_ORDER = tuple(ROUTE_LABELS)

#: Routes whose names are always listed in full: a person decides on each of them.
FULL_ROUTES = frozenset({Route.RESERVE, Route.FLAG})

#: What names.yaml alone says is no estimate.
_NO_ESTIMATES = {NameClass.ALWAYS: "you asked for it", NameClass.INTERNAL: "internal", NameClass.FUTURE: "future"}

#: What the words of `how_likely` mean.
HOW_LIKELY = (
    "How often a name is the one used if the package is attacked or asked for: of names marked '1 in 20', about one in "
    f"20 was really used. Likely is 1 in {round(1 / LIKELY)} or more, possible 1 in {round(1 / POSSIBLE)} or more."
)


def how_likely(name_class: NameClass, score: float) -> str:
    """How likely a name is the one used, in a word and in figures; what was only asked for has none."""
    return _NO_ESTIMATES.get(name_class) or likelihood(score)


GLOSSARY: Sequence[tuple[str, str]] = (
    ("index", "The public catalogue from which package installers download, and on which names are registered."),
    ("target", "The organization's real package that people meant when they typed another name."),
    ("placeholder", "A package that holds a name, says who holds it and why, and points to the real package."),
    ("reserve", "Publish a placeholder. A published name is kept for good: deleting it gives it to anyone."),
    ("prohibit", "The index's administrators block a name for everyone. It is asked for by letter."),
    ("route", "What a name needs. Every assessed name has exactly one."),
    ("how likely", "How often this name is the one used, if the package is attacked. It is not the risk of an attack."),
    ("quota", "How many new names the index accepts from one account in a sliding window. It sets the calendar."),
    ("slot", "One new name of that quota."),
    ("coverage", "The share of all reservable rates that a number of reservations covers."),
    ("snapshot", "The list of all names on the index at one moment; the plan was made against it."),
    ("ledger", "The append-only record of what was sent to the index and what it answered."),
    ("action digest", "The fingerprint of the planned actions. A person approves exactly this."),
    ("rehearsal", "A run of the whole plan against an index on this machine that enforces the same rules."),
)
