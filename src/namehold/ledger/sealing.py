"""Which parts of an event only the key's holders may read, and from when on a name stands in plain.

A name that a stranger could still register stays private. It stands in plain once it is held, or once the index
refuses it to everybody, or shows it already. The digests of plans and letters cover names that are still open, and with
a digest in plain anybody could test guesses: they are always sealed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from packaging.utils import NormalizedName

from namehold.index import Outcome
from namehold.ledger.model import (
    Adopted,
    Decided,
    Event,
    HandedOver,
    Intent,
    LedgerEvent,
    LetterAnswer,
    LetterAnswered,
    LetterKind,
    LetterSent,
    Looked,
    Observed,
    PlanApproved,
    PlanRehearsed,
    Receipt,
    Reviewed,
    Sighting,
)

#: Content is padded to a multiple of this many bytes: its length would tell how long the name in it is.
BLOCK_BYTES: Final = 1024

#: After these the name can't be registered by a stranger: it is ours, or the index refuses it to everybody.
_CLOSING: Final = frozenset({Outcome.HELD, Outcome.REFUSED_SIMILAR, Outcome.REFUSED_PROHIBITED, Outcome.REFUSED_STDLIB})

#: What of a sealed event stays in plain. Pacing counts slots, and people must hear that something was taken away,
#: whether the key is there or not.
_ALWAYS_PLAIN: Final[frozenset[str]] = frozenset({"time", "slot_time", "limits", "found", "event", "mac"})

#: Digests that cover names which may still be open, by the type that holds them.
_DIGESTS: Final[dict[type[Event], frozenset[str]]] = {
    Intent: frozenset({"plan"}),
    LetterSent: frozenset({"letter"}),
    LetterAnswered: frozenset({"letter"}),
}


def names_in(value: Event) -> tuple[NormalizedName, ...]:
    """The names that an event is about."""
    match value:
        case Intent() | Receipt() | Observed() | Adopted() | HandedOver() | Decided() | Reviewed():
            return (value.name,)
        case LetterSent() | LetterAnswered():
            return value.names
        case Looked():
            return tuple(name for name, _ in value.seen)
    return ()


def names_closed_by(value: Event) -> tuple[NormalizedName, ...]:
    """The names that no stranger can register any more, by this event."""
    match value:
        case Intent():
            return ()
        case Receipt(outcome=outcome) if outcome is Outcome.HELD or outcome in _CLOSING:
            return (value.name,)
        case Adopted() | HandedOver():
            return (value.name,)
        case Observed(found=Sighting.QUARANTINED | Sighting.FILES_GONE | Sighting.OTHER_ACCOUNT):
            return (value.name,)
        case LetterAnswered(kind=LetterKind.PROHIBIT, answer=LetterAnswer.GRANTED):
            return value.names
    return ()


def fields_to_seal(value: Event, closed: Collection[NormalizedName]) -> frozenset[str]:
    """The fields of `value` that are sealed; empty if all of it may stand in plain.

    `closed` are the names that no stranger can register any more, by the events before.
    """
    all_fields = frozenset(value.__struct_fields__) - _ALWAYS_PLAIN
    if isinstance(value, PlanApproved | PlanRehearsed):
        return all_fields
    closed_now = frozenset(names_closed_by(value))
    if all(name in closed or name in closed_now for name in names_in(value)):
        return frozenset(field for field in _DIGESTS.get(type(value), ()) if getattr(value, field))
    return all_fields


def find_open_in_plain(events: Iterable[LedgerEvent]) -> tuple[int, ...]:
    """The lines, counted from 1, that tell of names which may still be open, to a reader without a key.

    `events` were read without one. A ledger without such a line may be published.
    """
    read = tuple(events)
    closed = {name for event in read for name in names_closed_by(event.value)}
    return tuple(event.sequence for event in read if fields_to_seal(event.value, closed))
