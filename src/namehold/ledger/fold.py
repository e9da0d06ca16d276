"""Folds the ledger's events into what is held."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from packaging.utils import NormalizedName

from namehold.errors import LedgerCorrupt
from namehold.index import Outcome, Quota
from namehold.ledger.model import (
    Approval,
    HeldName,
    Holdings,
    Intent,
    LedgerEvent,
    LetterAnswer,
    LetterKind,
    SentLetter,
)
from namehold.portfolio import Mode

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


def fold_events(events: Iterable[LedgerEvent]) -> Holdings:
    """All events, folded into what is held, open and settled."""
    folder = Folder()
    for event in events:
        folder.add(event)
    return folder.holdings()


def corrupt(number: int, why: str) -> LedgerCorrupt:
    """The error for line `number`, counted from 1."""
    return LedgerCorrupt(
        f"the ledger is damaged in line {number}: {why}",
        line=number,
        hint="restore the file from a copy; nothing is sent on the word of a damaged ledger",
    )


@dataclass(slots=True)
class Folder:
    """Takes events one by one; unknown kinds change nothing. Keys are normalized names."""

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

    def add(self, event: LedgerEvent) -> None:
        """Takes the next event in. Raises LedgerCorrupt."""
        self.head = event.digest
        add = getattr(self, f"_add_{event.kind}", None)
        if add is None:
            return
        try:
            add(event.data, event.time)
        except (KeyError, TypeError, ValueError):
            raise corrupt(event.sequence, f"its content is no {event.kind}") from None

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
        )

    def _add_opened(self, data: dict[str, Any], _: dt.datetime) -> None:
        self.index, self.username = data["index"], data["username"]

    def _add_intent(self, data: dict[str, Any], time: dt.datetime) -> None:
        name = NormalizedName(data["name"])
        self.intents[name] = Intent(
            name=name,
            target=NormalizedName(data["target"]),
            mode=Mode(data["mode"]),
            version=data["version"],
            files=tuple((filename, sha256) for filename, sha256 in data["files"]),
            action_digest=data["action_digest"],
            time=time,
            withdraw_on=dt.date.fromisoformat(data["withdraw_on"]) if data.get("withdraw_on") else None,
        )
        self.unverified.discard(name)
        self.settled.pop(name, None)

    def _add_receipt(self, data: dict[str, Any], time: dt.datetime) -> None:
        name, outcome = NormalizedName(data["name"]), Outcome(data["outcome"])
        intent = self.intents.get(name)
        if slot_time := data.get("slot_time"):
            self.slot_times.append(dt.datetime.fromisoformat(slot_time))
        if limits := data.get("limits"):
            quota, until = limits.get("quota"), limits.get("closed_until")
            self.quota = Quota(limit=quota["limit"], window_s=quota["window_s"]) if quota else self.quota
            self.closed_until = dt.datetime.fromisoformat(until) if until else None
        if outcome is Outcome.HELD and intent is not None:
            earlier = self.held.get(name)
            more = tuple(item for item in earlier.files if item not in intent.files) if earlier else ()
            self.held[name] = HeldName(
                name=name,
                target=intent.target,
                mode=intent.mode,
                version=intent.version,
                since=earlier.since if earlier else time,
                files=(*more, *intent.files),
                action_digest=intent.action_digest,
                withdraw_on=intent.withdraw_on,
                warned_since=time if intent.withdraw_on else None,
            )
        if outcome is Outcome.UNVERIFIED:
            self.unverified.add(name)
        elif outcome is not Outcome.INDETERMINATE:
            self.intents.pop(name, None)
            self.unverified.discard(name)
        if outcome in _SETTLING:
            self.settled[name] = str(outcome)
        if outcome is Outcome.REFUSED_PROHIBITED:
            self.prohibited[name] = None

    def _add_observation(self, data: dict[str, Any], _: dt.datetime) -> None:
        if data["found"] in {"vanished", "quarantined", "other-account"}:
            name = NormalizedName(data["name"])
            self.held.pop(name, None)
            self.intents.pop(name, None)
            self.unverified.discard(name)
            self.prohibited[name] = None
            self.undecided[name] = None
            self.settled[name] = str(data["found"])

    def _add_decision(self, data: dict[str, Any], _: dt.datetime) -> None:
        self.undecided.pop(NormalizedName(data["name"]), None)

    def _add_adoption(self, data: dict[str, Any], time: dt.datetime) -> None:
        """A project of ours that was there before: a person confirmed that it belongs to the held names."""
        name = NormalizedName(data["name"])
        self.held[name] = HeldName(
            name=name,
            target=NormalizedName(data["target"]),
            mode=None,
            version=data["version"],
            since=time,
            files=tuple((filename, sha256) for filename, sha256 in data["files"]),
            action_digest="",
        )
        self.settled.pop(name, None)

    def _add_handover(self, data: dict[str, Any], _: dt.datetime) -> None:
        name = NormalizedName(data["name"])
        self.held.pop(name, None)
        self.settled[name] = "handed-over"

    def _add_approval(self, data: dict[str, Any], time: dt.datetime) -> None:
        # Of the plan as a whole, and of each action alone: what is left of a plan stays approved.
        digests = dict.fromkeys((data["action_digest"], *data.get("actions", ())))
        address = str(data.get("address", ""))
        self.approvals.extend(Approval(digest=str(digest), time=time, address=address) for digest in digests)

    def _add_rehearsal(self, data: dict[str, Any], _: dt.datetime) -> None:
        self.rehearsals.update(dict.fromkeys((data["action_digest"], *data.get("actions", ()))))

    def _add_letter(self, data: dict[str, Any], _: dt.datetime) -> None:
        """A letter that was sent, or an answer to one; what was granted is prohibited from then on."""
        names = tuple(NormalizedName(name) for name in data["names"])
        date = dt.date.fromisoformat(data["date"])
        if data["event"] == "sent":
            self.letters[data["letter"]] = SentLetter(
                kind=LetterKind(data["kind"]), digest=data["letter"], names=names, sent=date
            )
            return
        answer, letter = LetterAnswer(data["answer"]), self.letters[data["letter"]]
        kept = tuple(item for item in letter.answers if item[0] not in names)
        self.letters[data["letter"]] = replace(letter, answers=(*kept, *((name, answer, date) for name in names)))
        if letter.kind is LetterKind.PROHIBIT and answer is LetterAnswer.GRANTED:
            self.prohibited.update(dict.fromkeys(names))
