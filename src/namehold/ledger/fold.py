"""Folds the ledger's events into what is held."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Final

from packaging.utils import NormalizedName

from namehold.index import Outcome, Quota
from namehold.ledger.lines import corrupt
from namehold.ledger.model import (
    Adopted,
    Approval,
    Decided,
    Event,
    HandedOver,
    HeldName,
    Holdings,
    Intent,
    LedgerEvent,
    LetterAnswer,
    LetterAnswered,
    LetterKind,
    LetterSent,
    Looked,
    Observed,
    Opened,
    PlanApproved,
    PlanRehearsed,
    Receipt,
    Reviewed,
    SealedEvent,
    SentLetter,
    Sighting,
)
from namehold.ledger.sealing import names_closed_by

#: Outcomes after which the index will not give the name to us: asked no more.
_SETTLING = frozenset(
    {
        Outcome.LOST_RACE,
        Outcome.REFUSED_SIMILAR,
        Outcome.REFUSED_PROHIBITED,
        Outcome.REFUSED_STDLIB,
        Outcome.REFUSED_INVALID,
        Outcome.REFUSED_FILE,
    }
)

#: Outcomes after which it still isn't known what became of the name.
_OPEN: Final = frozenset({Outcome.UNVERIFIED, Outcome.INDETERMINATE})
#: The outcome of most receipts: to find it in its enumeration takes as long as to fold an intent.
_HELD: Final = Outcome.HELD

#: What counts only with a MAC.
_TO_PROVE: Final = frozenset({PlanApproved, PlanRehearsed})


def fold_events(events: Iterable[LedgerEvent]) -> Holdings:
    """All events, folded into what is held, open and settled. Raises LedgerCorrupt."""
    return fold(events).holdings()


def fold(events: Iterable[LedgerEvent], *, is_for_writing: bool = False) -> Folder:
    """All events in a folder that takes later ones. Raises LedgerCorrupt."""
    folder = Folder(is_for_writing=is_for_writing)
    for event in events:
        folder.add(event)
    return folder


@dataclass(slots=True)
class Folder:
    """Takes events one by one; unknown kinds change nothing. Keys are normalized names.

    For writing it also notes which names no stranger can register any more (`closed`), and which of them had their last
    intent before that, so that it may be sealed (`hidden`).
    """

    is_for_writing: bool = False
    index: str = ""
    username: str = ""
    head: str = ""
    held: dict[NormalizedName, HeldName] = field(default_factory=dict)
    intents: dict[NormalizedName, Intent] = field(default_factory=dict)
    unverified: set[NormalizedName] = field(default_factory=set)
    prohibited: dict[NormalizedName, None] = field(default_factory=dict)
    undecided: dict[NormalizedName, None] = field(default_factory=dict)
    settled: dict[NormalizedName, str] = field(default_factory=dict)
    slot_times: list[dt.datetime] = field(default_factory=list)
    approvals: list[Approval] = field(default_factory=list)
    rehearsals: dict[str, None] = field(default_factory=dict)
    letters: dict[str, SentLetter] = field(default_factory=dict)
    quota: Quota | None = None
    closed_until: dt.datetime | None = None
    closed: set[NormalizedName] = field(default_factory=set)
    hidden: set[NormalizedName] = field(default_factory=set)
    unproved: int = 0
    unread: int = 0
    unread_sightings: int = 0

    def add(self, event: LedgerEvent) -> None:
        """Takes the next event in. Raises LedgerCorrupt."""
        self.head = event.digest
        type_ = type(event.value)
        if type_ in _TO_PROVE and not event.is_authentic:
            self.unproved += 1
            return
        fold = _FOLDS.get(type_)
        if fold is None:
            return
        try:
            fold(self, event.value)
        except KeyError:
            raise corrupt(event.sequence, "it answers a letter that the ledger doesn't have") from None
        if self.is_for_writing:
            self.closed.update(names_closed_by(event.value))

    def holdings(self) -> Holdings:
        """What all events so far add up to."""
        return Holdings(
            index=self.index,
            username=self.username,
            head=self.head,
            held=tuple(self.held.values()),
            unverified=tuple(name for name in self.intents if name in self.unverified),
            open_intents=tuple(name for name in self.intents if name not in self.unverified),
            unproven=tuple(self.intents.values()),
            prohibited=tuple(self.prohibited),
            undecided=tuple(self.undecided),
            settled=tuple(self.settled.items()),
            slot_times=tuple(sorted(self.slot_times)),
            quota=self.quota,
            closed_until=self.closed_until,
            approvals=tuple(self.approvals),
            rehearsals=tuple(self.rehearsals),
            letters=tuple(self.letters.values()),
            unproved=self.unproved,
            unread=self.unread,
            unread_sightings=self.unread_sightings,
        )


def _fold_opened(folder: Folder, event: Opened) -> None:
    folder.index, folder.username = event.index, event.username


def _fold_intent(folder: Folder, event: Intent) -> None:
    folder.intents[event.name] = event
    folder.unverified.discard(event.name)
    folder.settled.pop(event.name, None)
    if folder.is_for_writing:
        (folder.hidden.discard if event.name in folder.closed else folder.hidden.add)(event.name)


def _fold_receipt(folder: Folder, event: Receipt) -> None:
    name, outcome = event.name, event.outcome
    _fold_limits(folder, event)
    intent = folder.intents.get(name)
    sent = intent or event.sent
    is_held = outcome is _HELD
    if is_held and sent is not None:
        earlier = folder.held.get(name)
        files = sent.files
        if earlier is not None:
            files = (*(item for item in earlier.files if item not in files), *files)
        is_whole = event.files == sent.files
        uploaded = event.uploaded or event.time
        folder.held[name] = HeldName(
            name=name,
            target=intent.target if intent is not None else event.target,
            mode=sent.mode,
            version=sent.version,
            since=earlier.since if earlier else uploaded,
            files=files,
            action_digest=intent.action_digest if intent is not None else event.action_digest,
            withdraw_on=sent.withdraw_on,
            warned_since=uploaded if sent.withdraw_on else None,
            reviewed=earlier.reviewed if earlier else None,
            lacks=() if is_whole else tuple(item for item in sent.files if item not in event.files),
            is_refused=event.status is not None and event.status >= HTTPStatus.BAD_REQUEST,
        )
    if is_held or outcome not in _OPEN:
        folder.intents.pop(name, None)
        folder.unverified.discard(name)
    elif outcome is Outcome.UNVERIFIED:
        folder.unverified.add(name)
    if not is_held and outcome in _SETTLING:
        folder.settled[name] = str(outcome)
        if outcome is Outcome.REFUSED_PROHIBITED:
            folder.prohibited[name] = None


def _fold_limits(folder: Folder, event: Receipt | SealedEvent) -> None:
    if event.slot_time is not None:
        folder.slot_times.append(event.slot_time)
    if event.limits is not None:
        folder.quota = event.limits.quota or folder.quota
        folder.closed_until = event.limits.closed_until


def _fold_sealed(folder: Folder, event: SealedEvent) -> None:
    """What counts without the key: slots of the quota, and that the index took something away."""
    folder.unread += 1
    _fold_limits(folder, event)
    if event.kind in {"approval", "rehearsal"}:
        folder.unproved += 1
    elif event.kind == "observation":
        folder.unread_sightings += 1
    elif event.kind == "decision":
        folder.unread_sightings = max(0, folder.unread_sightings - 1)


def _fold_observation(folder: Folder, event: Observed) -> None:
    if event.found in frozenset(Sighting):
        folder.held.pop(event.name, None)
        folder.intents.pop(event.name, None)
        folder.unverified.discard(event.name)
        folder.prohibited[event.name] = None
        folder.undecided[event.name] = None
        folder.settled[event.name] = event.found


def _fold_look(folder: Folder, event: Looked) -> None:
    for name, serial in event.seen:
        if name in folder.held:
            folder.held[name] = folder.held[name].changed(looked=event.time, serial=serial)


def _fold_decision(folder: Folder, event: Decided) -> None:
    folder.undecided.pop(event.name, None)


def _fold_review(folder: Folder, event: Reviewed) -> None:
    held = folder.held.get(event.name)
    if held is not None:
        folder.held[event.name] = held.changed(reviewed=event.time)


def _fold_adoption(folder: Folder, event: Adopted) -> None:
    folder.held[event.name] = HeldName(
        name=event.name,
        target=event.target,
        mode=None,
        version=event.version,
        since=event.uploaded or event.time,
        files=event.files,
        action_digest="",
        # The person who adopted it has looked at it.
        reviewed=event.time,
    )
    folder.settled.pop(event.name, None)


def _fold_handover(folder: Folder, event: HandedOver) -> None:
    folder.held.pop(event.name, None)
    folder.settled[event.name] = "handed-over"


def _fold_approval(folder: Folder, event: PlanApproved) -> None:
    # Of the plan as a whole, and of each action alone: what is left of a plan stays approved.
    digests = dict.fromkeys((event.action_digest, *event.actions))
    frozen = {item.digest: item for item in event.frozen}
    folder.approvals.extend(
        Approval(digest=digest, time=event.time, address=event.address, frozen=frozen.get(digest)) for digest in digests
    )


def _fold_rehearsal(folder: Folder, event: PlanRehearsed) -> None:
    folder.rehearsals.update(dict.fromkeys((event.action_digest, *event.actions)))


def _fold_sent_letter(folder: Folder, event: LetterSent) -> None:
    folder.letters[event.letter] = SentLetter(kind=event.kind, digest=event.letter, names=event.names, sent=event.date)


def _fold_answer(folder: Folder, event: LetterAnswered) -> None:
    """What was granted is prohibited from then on. Raises KeyError if there is no such letter."""
    letter, names = folder.letters.get(event.letter), event.names
    if letter is not None:
        kept = tuple(item for item in letter.answers if item[0] not in names)
        answers = (*kept, *((name, event.answer, event.date) for name in names))
        folder.letters[event.letter] = replace(letter, answers=answers)
    elif not folder.unread:
        raise KeyError(event.letter)
    kind = letter.kind if letter is not None else event.kind
    if kind is LetterKind.PROHIBIT and event.answer is LetterAnswer.GRANTED:
        folder.prohibited.update(dict.fromkeys(names))
        folder.closed.update(names)


#: What each type of event changes; the others (a torn line, what this version can't read) change nothing.
_FOLDS: Final[Mapping[type[Event], Callable[[Folder, Any], None]]] = {
    Opened: _fold_opened,
    Intent: _fold_intent,
    Receipt: _fold_receipt,
    Observed: _fold_observation,
    Looked: _fold_look,
    PlanApproved: _fold_approval,
    PlanRehearsed: _fold_rehearsal,
    LetterSent: _fold_sent_letter,
    LetterAnswered: _fold_answer,
    Adopted: _fold_adoption,
    HandedOver: _fold_handover,
    Decided: _fold_decision,
    Reviewed: _fold_review,
    SealedEvent: _fold_sealed,
}
