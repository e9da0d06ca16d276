"""What the ledger holds: its events, and what they add up to (`Holdings`). Values alone."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from packaging.utils import NormalizedName
from packaging.version import Version

from namehold.index import Outcome, Quota, Slots, find_slots
from namehold.portfolio import Budget, Mode


class LedgerPort(Protocol):
    """Append-only, fsynced, chained by hash; one process at a time holds it for writing."""

    def append(self, kind: EventKind, data: Mapping[str, Any], *, time: dt.datetime) -> LedgerEvent:
        """On disk when this returns. Raises LedgerError."""
        ...

    def events(self) -> Iterable[LedgerEvent]:
        """All events in order. Raises LedgerCorrupt."""
        ...

    def holdings(self) -> Holdings:
        """All events, folded."""
        ...


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of one name: outcome, what the index said, and the proof."""

    name: NormalizedName
    target: NormalizedName
    outcome: Outcome
    message: str
    time: dt.datetime
    action_digest: str
    status: int | None = None
    files: tuple[tuple[str, str], ...] = ()
    owner: str = ""


class EventKind(StrEnum):
    """Kinds of ledger events that this version writes. Readers keep and chain unknown ones."""

    OPENED = "opened"
    INTENT = "intent"
    RECEIPT = "receipt"
    OBSERVATION = "observation"
    APPROVAL = "approval"
    REHEARSAL = "rehearsal"
    LETTER = "letter"
    ADOPTION = "adoption"
    HANDOVER = "handover"
    DECISION = "decision"


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEvent:
    """One line of the ledger; `digest` covers everything else, `previous` is the digest of the line before."""

    sequence: int
    time: dt.datetime
    kind: str
    data: dict[str, Any]
    previous: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldName:
    """A name that the ledger proves to be held: its latest version, and the files of all.

    An adopted name was there before: it has no mode and no action digest.

    `withdraw_on` is the end that the latest version warns of; `warned_since` is when the index had it.
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

    @property
    def next_version(self) -> str:
        """What a later placeholder is called: the held version with its last number raised by one."""
        *first, last = Version(self.version).release
        return ".".join(map(str, (*first, last + 1)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What the ledger says was about to be sent: `files` are (file name, sha256) in the order of sending."""

    name: NormalizedName
    target: NormalizedName
    mode: Mode
    version: str
    files: tuple[tuple[str, str], ...]
    action_digest: str
    time: dt.datetime
    withdraw_on: dt.date | None = None


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
    """

    digest: str
    time: dt.datetime
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """The ledger, folded: what is held, what is open, what is settled. Values are by normalized name.

    `open_intents` were sent, or were about to be, and nobody knows yet what became of them; `unverified` were
    taken by the index, which doesn't show them yet; `unproven` tells for both what was sent.
    `prohibited` are names that the administrators removed or refused: never planned again. `undecided` are those
    of them about which no person has recorded yet what the administrators said; they stop every run.
    `quota` is what the index's answers said last; `closed_until` is when the first slot is free, where the last
    answer left none. `rehearsals` are action digests, as `approvals` have them.
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


def is_settled(holdings: Holdings) -> frozenset[NormalizedName]:
    """Names about which nothing is left to do or to ask: held with proof, refused, or taken away."""
    return frozenset((*(item.name for item in holdings.held), *dict(holdings.settled), *holdings.prohibited))
