"""What the ledger holds: one frozen type for each kind of event, and what the events add up to (`Holdings`).

    ledger.append(Decided(name=name, decision="They prohibited it.", time=now))

A new kind is one type here, its row in `EVENT_TYPES`, its row in `fold.py`, and its line in docs/reference/ledger.md.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeVar

from msgspec import UNSET, field
from packaging.utils import NormalizedName
from packaging.version import Version

from namehold.index import Outcome, Quota
from namehold.index.rules import Slots, find_slots
from namehold.portfolio import Budget, Mode
from namehold.records import Record

T = TypeVar("T")


class LetterKind(StrEnum):
    """What a letter asks for or tells; the first three wait for an answer."""

    PROHIBIT = "prohibit"
    NAMESPACE = "namespace"
    TRANSFER = "transfer"
    ANNOUNCE = "announce"
    REPORT = "report"


class LetterAnswer(StrEnum):
    """What the administrators answered. SILENT: nothing, and a person stopped waiting."""

    GRANTED = "granted"
    DECLINED = "declined"
    SILENT = "silent"


class Sighting(StrEnum):
    """What was seen on the index of a name that we hold or sent: it is ours no more until a person decides.

    FILES_GONE: the project is there, with none of our files; administrators can take a release away alone.
    """

    VANISHED = "vanished"
    QUARANTINED = "quarantined"
    FILES_GONE = "files-gone"
    OTHER_ACCOUNT = "other-account"


_SEEN: Final[Mapping[str, str]] = {
    Sighting.VANISHED: "the index has it no longer; its administrators may have removed it",
    Sighting.QUARANTINED: "the index's administrators quarantined it",
    Sighting.FILES_GONE: "the index has the project and none of our files; its administrators may have removed them",
    Sighting.OTHER_ACCOUNT: "the index took our upload and shows it under another account; the token is that account's",
}


def tell_undecided(holdings: Holdings) -> dict[NormalizedName, str]:
    """What was seen of each name about which a person has yet to decide, as a clause."""
    seen = dict(holdings.settled)
    return {name: _SEEN.get(seen.get(name, ""), _SEEN[Sighting.VANISHED]) for name in holdings.undecided}


#: What an observation calls a last line that a crash cut off.
TORN_LINE: Final = "torn-line"


def _written(value: T) -> T:
    """A default that is written, too, where `omit_defaults` leaves out the others: they came with a later version.

    msgspec leaves out what equals a default, but not what a factory makes.
    """
    default: T = field(default_factory=lambda: value)
    return default


class Event(Record, frozen=True, kw_only=True):
    """What every event has: when it happened, by the index's clock while a run talks to it.

    In a line of the ledger the time stands beside the data, which are read first and without it (`lines`). So only the
    reader may leave it out: to the type checker it has no default.
    """

    if TYPE_CHECKING:
        time: dt.datetime
    else:
        time: dt.datetime = UNSET


class Opened(Event, frozen=True, kw_only=True):
    """The first event: it binds the ledger to one index (a nickname) and one account."""

    index: str
    username: str
    organization: str


class Intent(Event, frozen=True, kw_only=True):
    """What is about to be sent: `files` are (file name, sha256) in the order of sending.

    `plan` is the action digest of the whole plan; empty for what was rebuilt from the index.
    """

    name: NormalizedName
    target: NormalizedName
    mode: Mode
    version: str
    files: tuple[tuple[str, str], ...]
    action_digest: str
    plan: str = ""
    withdraw_on: dt.date | None = None


class SeenLimits(Record, frozen=True, kw_only=True):
    """What an answer's headers said of the quota. `closed_until` is when the first slot is free, if none was left."""

    quota: Quota | None = None
    closed_until: dt.datetime | None = None


class SentPlaceholder(Record, frozen=True, kw_only=True):
    """What a sealed intent said of the placeholder that is held now: readers without the key find it here."""

    mode: Mode
    version: str
    files: tuple[tuple[str, str], ...]
    withdraw_on: dt.date | None = None


class Receipt(Event, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one name: outcome, what the index said, and the proof.

    `slot_time` is when a new project's slot of the quota was spent, if one was. `sent` stands in the receipt of a held
    name whose intent is sealed. `uploaded` is when the index took the first of the held files, by its own word: what
    is found again is as old as that, whenever it was found.
    """

    #: A receipt is also read alone, and has it.
    time: dt.datetime
    name: NormalizedName
    target: NormalizedName
    outcome: Outcome
    message: str
    action_digest: str
    status: int | None = _written(None)
    files: tuple[tuple[str, str], ...] = _written(())
    owner: str = _written("")
    slot_time: dt.datetime | None = _written(None)
    limits: SeenLimits | None = _written(None)
    sent: SentPlaceholder | None = None
    uploaded: dt.datetime | None = None


class Observed(Event, frozen=True, kw_only=True):
    """Something that was seen, not done: a `Sighting` of `name`; a later version may write others."""

    found: str
    name: NormalizedName


class Looked(Event, frozen=True, kw_only=True):
    """Held names that the index showed as they should be, each with the serial of its last change (0: not told)."""

    seen: tuple[tuple[NormalizedName, int], ...]


class TornLine(Event, frozen=True, kw_only=True):
    """A last line without its end was cut off: its length in bytes and its sha256."""

    found: Literal["torn-line"] = TORN_LINE
    bytes: int
    sha256: str


class FrozenAction(Record, frozen=True, kw_only=True):
    """What an approval keeps of one action: the values that would change by themselves, and what was approved.

    `digest` is that of the action alone. `reasons` are (rule, text); `parts` are (file, sha256) of the placeholder
    without those values, by which a later run tells what has changed.
    """

    name: NormalizedName
    digest: str
    review_date: dt.date
    tool: str
    reasons: tuple[tuple[str, str], ...]
    parts: tuple[tuple[str, str], ...]


class PlanApproved(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A person approved a plan: its action digest, and the digest of each of its actions alone.

    `address` is the digest of the upload address; `mac` proves that a holder of the key wrote it. `frozen` are the
    values that every later build of these actions uses.
    """

    action_digest: str
    actions: tuple[str, ...] = _written(())
    address: str = _written("")
    frozen: tuple[FrozenAction, ...] = ()
    mac: str = ""


class PlanRehearsed(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A plan was carried out on the rehearsal index: digests and `mac` as an approval has them."""

    action_digest: str
    actions: tuple[str, ...] = _written(())
    mac: str = ""


class LetterSent(Event, frozen=True, kw_only=True):
    """A person sent a letter: its digest, what it asks for, about which names, and on which day."""

    event: Literal["sent"] = "sent"
    letter: str
    kind: LetterKind
    names: tuple[NormalizedName, ...]
    date: dt.date


class LetterAnswered(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The administrators answered the letter of this digest, about these of its names.

    `letter` is empty for a reader without the key; `kind` is the letter's, None in lines of earlier versions.
    """

    event: Literal["answered"] = _written("answered")
    letter: str = _written("")
    answer: LetterAnswer
    names: tuple[NormalizedName, ...]
    date: dt.date
    kind: LetterKind | None = None


class Adopted(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A project of ours that was there before: a person confirmed that it belongs to the held names.

    `uploaded` is when the index took its first file, by its own word.
    """

    name: NormalizedName
    target: NormalizedName
    version: str
    files: tuple[tuple[str, str], ...]
    serial: int | None = _written(None)
    uploaded: dt.datetime | None = None


class HandedOver(Event, frozen=True, kw_only=True):
    """A held name was given back: `to` is who got it, empty where the administrators prohibited it.

    `checked`: the index was asked and showed that it was done.
    """

    name: NormalizedName
    to: str
    how: Literal["transferred", "prohibited"]
    version: str
    checked: bool


class Decided(Event, frozen=True, kw_only=True):
    """A person wrote down what the administrators said about a name that they took away."""

    name: NormalizedName
    decision: str


class Reviewed(Event, frozen=True, kw_only=True):
    """A person looked again at a held name, as its placeholder promises, and keeps it."""

    name: NormalizedName


class OpaqueEvent(Event, frozen=True, kw_only=True):
    """An event of a kind that only a later version knows. It is kept and chained."""

    kind: str
    data: Mapping[str, Any]


class SealedEvent(Event, frozen=True, kw_only=True, omit_defaults=True):
    """An event whose key isn't here, and what of it stands in plain: the slot that it spent, a `Sighting`."""

    kind: str
    sealed: str
    slot_time: dt.datetime | None = None
    limits: SeenLimits | None = None
    found: str = ""


#: The types of each kind that this version writes; where a kind has two, their keys tell them apart.
EVENT_TYPES: Final[Mapping[str, tuple[type[Event], ...]]] = {
    "opened": (Opened,),
    "intent": (Intent,),
    "receipt": (Receipt,),
    "observation": (TornLine, Observed),
    "approval": (PlanApproved,),
    "rehearsal": (PlanRehearsed,),
    "letter": (LetterSent, LetterAnswered),
    "adoption": (Adopted,),
    "handover": (HandedOver,),
    "decision": (Decided,),
    "look": (Looked,),
    "review": (Reviewed,),
}


class LedgerEvent(Record, frozen=True, kw_only=True):
    """One line of the ledger; `digest` covers everything else, `previous` is the digest of the line before.

    `is_authentic`: an approval or a rehearsal that this run wrote, or that has the right MAC; it counts only then.
    """

    sequence: int
    kind: str
    value: Event
    previous: str
    digest: str
    is_authentic: bool = False

    @property
    def time(self) -> dt.datetime:
        """When it happened."""
        return self.value.time


class LedgerPort(Protocol):
    """Append-only, fsynced, chained by hash; one process at a time holds it for writing."""

    def append(self, value: Event) -> LedgerEvent:
        """On disk when this returns. Raises LedgerError."""

    def events(self) -> Iterable[LedgerEvent]:
        """All events in order. Raises LedgerCorrupt."""

    def holdings(self) -> Holdings:
        """All events, folded."""


def names_ever_held(holdings: Holdings) -> frozenset[NormalizedName]:
    """Names that are held, may be, or were: what was given back or taken away still counts under the ceilings."""
    outcomes = frozenset(Outcome)
    return holdings.names | {name for name, word in holdings.settled if word not in outcomes}


def count_by_package(holdings: Holdings) -> Counter[NormalizedName]:
    """How many names are held, or may be, for each package."""
    held = {item.name for item in holdings.held}
    targets = Counter(item.target for item in holdings.held)
    targets.update(intent.target for intent in holdings.unproven if intent.name not in held)
    return targets


class HeldName(Record, frozen=True, kw_only=True):
    """A name that the ledger proves to be held: its latest version, and the files of all.

    An adopted name was there before: it has no mode and no action digest.

    `withdraw_on` is the end that the latest version warns of; `warned_since` is when the index had it.
    `looked` is when the index last showed it as it should be, `serial` its serial then (0: not told); `reviewed` is
    when a person last recorded the promised review.
    `lacks` are files of the latest version that the index never showed; `is_refused`: it doesn't take them.
    """

    name: NormalizedName
    target: NormalizedName
    mode: Mode | None
    version: str
    since: dt.datetime
    files: tuple[tuple[str, str], ...]
    action_digest: str
    withdraw_on: dt.date | None = None
    warned_since: dt.datetime | None = None
    looked: dt.datetime | None = None
    serial: int = 0
    reviewed: dt.datetime | None = None
    lacks: tuple[tuple[str, str], ...] = ()
    is_refused: bool = False

    @property
    def unsent(self) -> tuple[tuple[str, str], ...]:
        """The files of the latest version that can still be sent."""
        return () if self.is_refused else self.lacks

    @property
    def next_version(self) -> str:
        """What a later placeholder is called: the held version's release with its last number raised by one."""
        now = Version(self.version)
        *first, last = now.release
        epoch = f"{now.epoch}!" if now.epoch else ""
        return epoch + ".".join(map(str, (*first, last + 1)))

    def can_become(self, version: str) -> bool:
        """Whether the name may have this later version.

        One of our own stays `0.0.N`, so that it never beats an internal index's version of the same name (dependency
        confusion); an adopted one goes on in its own numbering, in its epoch.
        """
        now, later = Version(self.version), Version(version)
        if later <= now or later.epoch != now.epoch:
            return False
        is_low = bool(self.action_digest) and now.release[:2] == (0, 0)
        return not is_low or (later.release[:2] == (0, 0) and len(later.release) == len(now.release))


@dataclass(frozen=True, slots=True, kw_only=True)
class SentLetter:
    """A letter that a person says to have sent, and what became of each of its names.

    `digest` is the letter's own; names without an answer aren't in `answers`.
    """

    kind: LetterKind
    digest: str
    names: tuple[NormalizedName, ...]
    sent: dt.date
    answers: tuple[tuple[NormalizedName, LetterAnswer, dt.date], ...] = ()

    @property
    def unanswered(self) -> tuple[NormalizedName, ...]:
        """The names that still wait for an answer."""
        answered = {name for name, _, _ in self.answers}
        return tuple(name for name in self.names if name not in answered)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A person's word for actions: the digest of a plan as a whole or of one action alone, and when it was given.

    `address` is the digest of the upload address that the person approved to send to, since a nickname can be given
    to another address. The digest says nothing of a private index to readers of a published ledger.
    `frozen` is there for an action alone.
    """

    digest: str
    time: dt.datetime
    address: str
    frozen: FrozenAction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """The ledger, folded: what is held, what is open, what is settled. Values are by normalized name.

    `open_intents` were sent, or were about to be, and it isn't known yet what became of them; `unverified` were
    taken by the index, which doesn't show them yet; `unproven` tells for both what was sent.
    `prohibited` are names that the administrators removed or refused: never planned again. `undecided` are those
    of them about which no person has recorded yet what the administrators said; they stop every run.
    `quota` is what the index's answers said last; `closed_until` is when the first slot is free, where the last
    answer left none. `rehearsals` are action digests, as `approvals` have them.
    `unproved` counts the approvals and rehearsals that don't count: no MAC, or another key's. `unread` counts the
    sealed lines whose key isn't here; `unread_sightings` those of them that tell of a name that was taken away and
    about which no decision is written down.
    """

    index: str = ""
    username: str = ""
    head: str = ""
    held: tuple[HeldName, ...] = ()
    unverified: tuple[NormalizedName, ...] = ()
    open_intents: tuple[NormalizedName, ...] = ()
    unproven: tuple[Intent, ...] = ()
    prohibited: tuple[NormalizedName, ...] = ()
    undecided: tuple[NormalizedName, ...] = ()
    settled: tuple[tuple[NormalizedName, str], ...] = ()
    slot_times: tuple[dt.datetime, ...] = ()
    quota: Quota | None = None
    closed_until: dt.datetime | None = None
    approvals: tuple[Approval, ...] = ()
    rehearsals: tuple[str, ...] = ()
    letters: tuple[SentLetter, ...] = ()
    unproved: int = 0
    unread: int = 0
    unread_sightings: int = 0

    @property
    def names(self) -> frozenset[NormalizedName]:
        """Every name that is held or may be."""
        return frozenset(item.name for item in self.held) | frozenset(self.unverified) | frozenset(self.open_intents)

    def slots(self, *, quota: Quota | None, budget: Budget, now: dt.datetime) -> Slots:
        """What may be created at `now`; `quota` counts until the index's answers named one."""
        return find_slots(
            self.slot_times,
            quota=self.quota or quota,
            keep_slots=budget.keep_slots,
            per_day=budget.per_day,
            closed=self.closed_until,
            now=now,
        )


def settled_names(holdings: Holdings) -> frozenset[NormalizedName]:
    """Names about which nothing is left to do or to ask: held with proof, refused, or taken away."""
    return frozenset((*(item.name for item in holdings.held), *dict(holdings.settled), *holdings.prohibited))
