"""Carries out a plan on one index: guards first, then name after name, each written down before it is sent.

    result = apply(plan, fresh_plan=..., portfolio=..., edges=Edges(...))

What is sent is what was planned, built before the intent and kept until the receipt. What became of it is what the
index shows afterwards (owner, file, sha256), never what it answered. A run that is killed anywhere leaves an open
intent; the next run asks the index about it before anything else, and sends nothing again without having asked.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from packaging.utils import NormalizedName

from namehold.documents import as_plain
from namehold.errors import Diagnostic, ExitCode, IndexError_, StalePlan, UnsafePlan
from namehold.index import (
    MAX_CLOCK_SKEW_S,
    Answer,
    Limit,
    Meaning,
    Outcome,
    ProjectState,
    ProjectStatus,
    Slots,
    closed_until,
    read_answer,
    read_limits,
    tightest_quota,
)
from namehold.ledger import EventKind, HeldName, Holdings, Intent, Receipt, Sight, is_settled, owner_of, sight
from namehold.ownership import OwnershipRule, Verdict, check_ownership, refusal_of
from namehold.placeholder import Distribution, has_reservation, render_action, require_form
from namehold.plan import (
    APPROVAL_RULES,
    Action,
    Plan,
    Reason,
    approval_of,
    find_apply_refusals,
    find_dropped,
    find_renewals,
    refuse,
)
from namehold.portfolio import MAX_NAMES_AN_ACCOUNT, Portfolio
from namehold.publish.first_byte import Edges, find_unshown
from namehold.publish.stops import STOP_CODES, Stop, no_slot, undecided, unreadable, unrecorded

#: An index may show a new file a little later than it says that it has it; these are the pauses between questions.
_VERIFY_PAUSES_S = (1.0, 2.0, 4.0)

#: A name that we hold and that reads 404 is asked for again after these pauses, before it counts as gone.
_VANISHED_PAUSES_S = (2.0, 5.0, 10.0)

#: An open intent that the index knows nothing of counts as never arrived only after this time: caches may be behind.
_NEVER_ARRIVED_AFTER = dt.timedelta(minutes=2)

#: What the index took and still doesn't show after this time was taken away again: that is for people to find out.
_SHOWN_WITHIN = dt.timedelta(days=1)

_CLOCK_ADVICE = "set this machine's clock (the index's is right: it checks the tokens)"

#: Where a refusal for haste doesn't say when the next slot comes.
_UNKNOWN_WAIT = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyResult:
    """What one run did. `waiting` are planned names that are neither held nor settled, in the plan's order.

    `next_slot` is when the next new project may be created, if the run waits for that.
    `is_narrowed` tells whether every upload carried a token of its own; None if nothing was uploaded.
    """

    index: str
    action_digest: str
    receipts: tuple[Receipt, ...]
    waiting: tuple[NormalizedName, ...]
    stopped: Stop | None = None
    next_slot: dt.datetime | None = None
    is_narrowed: bool | None = None

    @property
    def exit_code(self) -> ExitCode:
        """13 before 12 before 0; a stop with a code of its own (credentials, index) is that code."""
        if self.stopped is not None and self.stopped.exit_code is not ExitCode.QUOTA:
            return self.stopped.exit_code
        if any(receipt.outcome in _FAILED for receipt in self.receipts):
            return ExitCode.PARTLY_FAILED
        return self.stopped.exit_code if self.stopped is not None else ExitCode.DONE


_FAILED = frozenset(
    {
        Outcome.LOST_RACE,
        Outcome.REFUSED_FILE,
        Outcome.REFUSED_INVALID,
        Outcome.REFUSED_UNKNOWN,
        Outcome.INDETERMINATE,
    }
)


def apply_plan(
    plan: Plan,
    *,
    fresh_plan: Plan,
    portfolio: Portfolio,
    edges: Edges,
    approve: str = "",
    report: Callable[[Receipt], None] = lambda _: None,
) -> ApplyResult:
    """Carries out what of `plan` still holds and has a slot today; a later call goes on where this one ends.

    `fresh_plan` is the plan that the same inputs give now (see `guards.find_apply_refusals`).
    `approve` is the action digest that a person approves with this call. `report` hears each receipt as it is written.
    Raises UnsafePlan or StalePlan before anything is sent, IndexError_ if the index can't be read before that,
    CredentialError and LedgerError at any time; the ledger is consistent whatever happens.
    """
    run = _Run(plan=plan, portfolio=portfolio, edges=edges, report=report)
    run.guard(fresh_plan, approve)
    run.sweep_outbox()
    stop = run.settle_open_intents()
    if stop is None:
        stop = run.carry_out(fresh_plan)
    return run.result(stop)


def record_vanished(edges: Edges, *, now: dt.datetime) -> tuple[NormalizedName, ...]:
    """Asks the index for every name that we hold; those that are gone or quarantined, each written down at `now`.

    Where an account holds more names than a public index ever lets it, they take turns from day to day.
    Raises IndexError_, LedgerError.
    """
    gone = []
    for held in _in_turn(edges.ledger.holdings().held, now.date()):
        state = _project_there(held.name, edges)
        if state.exists and state.status is not ProjectStatus.QUARANTINED:
            continue
        found = "quarantined" if state.exists else "vanished"
        edges.ledger.append(EventKind.OBSERVATION, {"name": held.name, "found": found}, time=now)
        gone.append(held.name)
    return tuple(gone)


def _in_turn(held: Sequence[HeldName], day: dt.date) -> Sequence[HeldName]:
    """All of `held` up to the ceiling of a public index; of more, that many, others each day."""
    if len(held) <= MAX_NAMES_AN_ACCOUNT:
        return held
    first = day.toordinal() * MAX_NAMES_AN_ACCOUNT % len(held)
    return tuple(itertools.islice(itertools.cycle(held), first, first + MAX_NAMES_AN_ACCOUNT))


def _project_there(name: NormalizedName, edges: Edges) -> ProjectState:
    """The state of a name that should exist: a 404 counts only if it stays one, and so does an unreadable answer."""
    for pause_s in _VANISHED_PAUSES_S:
        with suppress(IndexError_):
            state = edges.reader.project(name)
            if state.exists:
                return state
        edges.sleep(pause_s)
    return edges.reader.project(name)


@dataclass(slots=True, kw_only=True)
class _Sent:
    """What was sent of one name: the last answer, its meaning, and when a new project's slot was spent.

    `is_new`: the first file creates the project. `is_refused`: the last file wasn't taken.
    """

    answer: Answer | None = None
    meaning: Meaning | None = None
    limits: dict[str, object] | None = None
    slot_time: dt.datetime | None = None
    is_new: bool = True
    is_refused: bool = False


@dataclass(slots=True, kw_only=True)
class _Run:
    """One call of `apply`: its edges, its receipts, and the difference between our clock and the index's."""

    plan: Plan
    portfolio: Portfolio
    edges: Edges
    report: Callable[[Receipt], None]
    receipts: list[Receipt] = field(default_factory=list)
    skew: dt.timedelta = dt.timedelta()
    waited_s: float = 0.0
    next_slot: dt.datetime | None = None
    narrowed: list[bool] = field(default_factory=list)
    unshown: dict[NormalizedName, Reason] = field(default_factory=dict)

    def now(self) -> dt.datetime:
        """The index's time, by our clock: what the ledger records."""
        return self.edges.clock.now() + self.skew

    @property
    def holdings(self) -> Holdings:
        return self.edges.ledger.holdings()

    # ------------------------------------------------------------------- before the first byte

    def guard(self, fresh_plan: Plan, approve: str) -> None:
        """Everything that must hold for the whole plan; nothing was sent if this raises."""
        self._refuseundecided()
        if approve and approve != self.plan.action_digest:
            raise StalePlan(
                "the approved digest isn't this plan's",
                hint=f"read the plan, then approve what it says: {self.plan.action_digest}",
            )
        findings = self._findings(fresh_plan, self.holdings)
        refuse(item for item in findings if not (approve and item.rule in APPROVAL_RULES))
        self._check_clock()
        if approve:
            # By a clock that was just found right: an approval from the future would never lapse.
            data = approval_of(self.plan, self.edges.profile)
            self.edges.ledger.append(EventKind.APPROVAL, data, time=self.now())
        self._look_for_vanished()
        self._prove_targets()
        if self.edges.profile.is_public:
            self.unshown |= find_unshown(
                self.plan.actions,
                fresh_plan=fresh_plan,
                portfolio=self.portfolio,
                web=self.edges.web,
                simple=self.edges.profile.simple,
            )

    def _findings(self, fresh_plan: Plan, holdings: Holdings) -> tuple[Diagnostic, ...]:
        return find_apply_refusals(
            self.plan,
            portfolio=self.portfolio,
            holdings=holdings,
            profile=self.edges.profile,
            now=self.edges.clock.now(),
            fresh_plan=fresh_plan,
        )

    def _refuseundecided(self) -> None:
        """The administrators' word is final, on every index: a rehearsal stops for it as a real run does."""
        undecided = self.holdings.undecided
        if undecided:
            raise UnsafePlan(
                f"{', '.join(undecided)} was sent by us and isn't ours on the index; nothing was sent now",
                hint=(
                    "find out why (its administrators know), then: "
                    f"namehold status --decide {undecided[0]}='WHAT THEY SAID'"
                ),
            )

    def _check_clock(self) -> None:
        """Raises UnsafePlan where the times in a token would be wrong."""
        problem = self._compare_clocks()
        if problem:
            raise UnsafePlan(f"{problem}; nothing was sent", hint=_CLOCK_ADVICE)

    def _compare_clocks(self) -> str:
        """Takes the index's time as ours; what is wrong, if they differ by more than a token can bear."""
        skew = self.edges.reader.now() - self.edges.clock.now()
        if abs(skew.total_seconds()) > MAX_CLOCK_SKEW_S:
            return f"this machine's clock and the index's differ by {abs(skew.total_seconds()):.0f} s"
        # Within a second they agree: the index tells whole seconds, and only full ones are worth correcting.
        self.skew = skew if abs(skew) >= dt.timedelta(seconds=1) else dt.timedelta()
        return ""

    def _look_for_vanished(self) -> None:
        """Asks for every name that we hold. What is gone or quarantined is the administrators' answer to us."""
        if record_vanished(self.edges, now=self.now()):
            self._refuseundecided()

    def _prove_targets(self) -> None:
        """The targets of what is left are ours by the index's own record. Raises UnsafePlan with all that aren't.

        A target whose status isn't known is no reason to refuse the plan: only what is around it isn't sent.
        """
        holdings = self.holdings
        settled = is_settled(holdings) - find_renewals(self.plan, holdings)
        proofs = check_ownership(
            self.portfolio,
            {action.target for action in self.plan.actions if action.name not in settled},
            index=self.edges.reader,
            web=self.edges.web,
            profile=self.edges.profile,
            now=self.now(),
        )
        self.edges.keep_proofs(proofs)
        unknown = {proof.target: proof for proof in proofs if proof.rule is OwnershipRule.UNKNOWN_STATUS}
        refuse(
            refusal_of(proof) for proof in proofs if proof.verdict is not Verdict.PROVED and proof.target not in unknown
        )
        self.unshown |= {
            action.name: Reason(rule=str(OwnershipRule.UNKNOWN_STATUS), text=refusal_of(unknown[action.target]).message)
            for action in self.plan.actions
            if action.target in unknown
        }

    # ------------------------------------------------------------------- what an earlier run left open

    def settle_open_intents(self) -> Stop | None:
        """Asks the index what became of everything that was sent without proof; sends only what it lacks."""
        for intent in self.holdings.unproven:
            stop = self._settle(intent)
            if stop is not None:
                return stop
        return None

    def _settle(self, intent: Intent) -> Stop | None:
        is_accepted = intent.name in self.holdings.unverified
        age = self.now() - intent.time
        state = self._seen_with(intent.name, intent.files)
        if state is None:
            return unreadable(intent)
        seen = self._sight(state, intent.files)
        # A run that was killed before its receipt may have spent a slot that the ledger doesn't know of.
        is_new = self._held(intent.name) is None and not self._has_receipt(intent)
        slot_time = intent.time if seen in {Sight.OURS, Sight.PARTLY} and is_new else None
        if seen is Sight.QUARANTINED or (seen is Sight.ABSENT and is_accepted and age > _SHOWN_WITHIN):
            return self._taken_away(intent.name, seen)
        # Nothing that could be behind lies between us and an index on this machine.
        is_early = age < _NEVER_ARRIVED_AFTER and not self.edges.profile.is_loopback
        if is_early and (seen is Sight.PARTLY or (seen is Sight.ABSENT and not is_accepted)):
            self._receive(intent, Outcome.INDETERMINATE, "the index doesn't show all of it; asked again later")
            return undecided(intent, intent.time + _NEVER_ARRIVED_AFTER)
        if seen is Sight.PARTLY and state.unknown_status:
            text = f"the rest isn't sent: {state.unknown_status}"
            self._receive(intent, Outcome.UNVERIFIED, text, state=state, slot_time=slot_time)
            return None
        if seen is Sight.PARTLY:
            return self._send_rest(intent, state, slot_time)
        if seen is Sight.ABSENT and not is_accepted:
            self._receive(intent, Outcome.SKIPPED, "it never arrived: the index doesn't know the name")
            return None
        outcome, text = _READINGS[seen]
        self._receive(intent, outcome, text, state=state, slot_time=slot_time)
        return self._other_account(intent.name) if seen is Sight.STRANGER and is_accepted else None

    def _taken_away(self, name: NormalizedName, seen: Sight) -> Stop:
        """The administrators' word on a name that the index had taken."""
        found = "quarantined" if seen is Sight.QUARANTINED else "vanished"
        self.edges.ledger.append(EventKind.OBSERVATION, {"name": name, "found": found}, time=self.now())
        return Stop(
            rule="administrators",
            message=f"the index took {name} and has it no longer ({found})",
            advice=f"ask its administrators, then: namehold status --decide {name}='WHAT THEY SAID'",
            exit_code=ExitCode.GUARD_REFUSED,
        )

    def _has_receipt(self, intent: Intent) -> bool:
        return any(
            event.kind == EventKind.RECEIPT and event.data.get("name") == intent.name and event.time >= intent.time
            for event in self.edges.ledger.events()
        )

    def _send_rest(self, intent: Intent, state: ProjectState, slot_time: dt.datetime | None) -> Stop | None:
        """The project is ours and lacks a file that was to follow: that one is sent, from the outbox."""
        shown = {item.filename for item in state.files}
        missing = [item for item in intent.files if item[0] not in shown]
        kept = [self._from_outbox(intent, filename, sha256) for filename, sha256 in missing]
        files = [item for item in kept if item is not None]
        if len(files) < len(missing):
            self._receive(
                intent, Outcome.HELD, "a second file is no longer in the outbox", state=state, slot_time=slot_time
            )
            return None
        return self._send_files(intent, files, slot_time=slot_time)

    # ------------------------------------------------------------------- the plan's names

    def carry_out(self, fresh_plan: Plan) -> Stop | None:
        """Every action that is neither held nor settled, in order, until something stops the run."""
        dropped = {action.name: reason for action, reason in find_dropped(self.plan, fresh_plan)}
        dropped |= self.unshown
        # Folded once: a plan has each name once, so that no action settles another one.
        holdings = self.holdings
        done = holdings.names | dict(holdings.settled).keys() | frozenset(holdings.prohibited)
        renewals = find_renewals(self.plan, holdings)
        for action in self.plan.actions:
            if action.name in done and action.name not in renewals:
                continue
            if action.name in dropped:
                self._skip(action, f"it no longer holds: {dropped[action.name].text}")
                continue
            if action.name in renewals:
                # A later version of what is held costs no slot.
                stop = self._carry_out(action, held=self._held(action.name))
            else:
                stop = self._unproved_account() or self._wait_for_slot() or self._carry_out(action)
            if stop is not None:
                return stop
        return None

    def _unproved_account(self) -> Stop | None:
        """A token says nothing about whose it is: the first name must be shown under our account before a second."""
        holdings = self.holdings
        # What was adopted was put there by somebody else's hands: it has no action.
        is_proved = any(item.action_digest for item in holdings.held)
        if is_proved or not holdings.unproven or not self.edges.profile.shows_ownership:
            return None
        return Stop(
            rule="account-unproved",
            message=(
                f"the index doesn't show {holdings.unproven[0].name} yet, the first name of "
                f"{self.portfolio.account.username}; nothing more is sent before it does"
            ),
            advice="call again in a few minutes: the index is asked first",
            exit_code=ExitCode.DONE,
        )

    def _other_account(self, name: NormalizedName) -> Stop:
        """The index took a file from us and shows the name under somebody else: the token isn't our account's."""
        self.edges.ledger.append(EventKind.OBSERVATION, {"name": name, "found": "other-account"}, time=self.now())
        return Stop(
            rule="account-other",
            message=(
                f"the index took {name} from us and shows it under another account than "
                f"{self.portfolio.account.username}: the token is somebody else's"
            ),
            advice=(
                f"use the token of {self.portfolio.account.username}; "
                f"then: namehold status --decide {name}='WHAT HAPPENED'"
            ),
            exit_code=ExitCode.CREDENTIALS,
        )

    def _wait_for_slot(self) -> Stop | None:
        """Waits for a slot within `wait_s`. The stop, if there is none."""
        while True:
            slots = self._slots()
            if slots.free is None or slots.free > 0 or slots.next_slot is None:
                return None
            wait_s = (slots.next_slot - self.now()).total_seconds()
            if self.waited_s + wait_s > self.edges.wait_s:
                self.next_slot = slots.next_slot
                return no_slot(slots)
            self.edges.sleep(wait_s)
            self.waited_s += wait_s

    def _slots(self) -> Slots:
        holdings = self.holdings
        return holdings.slots(quota=self.edges.profile.quota, budget=self.portfolio.budget, now=self.now())

    def _carry_out(self, action: Action, *, held: HeldName | None = None) -> Stop | None:
        """One name: look again, build, write down, send, prove. `held` is what a later version is for."""
        try:
            state = self.edges.reader.project(action.name)
            problem = self._compare_clocks()
        except IndexError_:
            return unreadable(action)
        if problem:
            return Stop(rule="clock", message=problem, advice=_CLOCK_ADVICE, exit_code=ExitCode.GUARD_REFUSED)
        if state.unknown_status:
            self._skip(action, f"nothing is sent: {state.unknown_status}")
            return None
        if held is not None:
            if self._sight(state, held.files) not in {Sight.OURS, Sight.PARTLY, Sight.OTHER}:
                self._skip(action, "the index doesn't show it under our account: no later version is sent")
                return None
        elif state.exists:
            return self._found(action, state)
        # A token that can't serve is found out before anything is written down.
        self.edges.tokens.token_for(action.name, now=self.now())
        files = self._build(action)
        intent = self._intend(action, files)
        return self._send_files(intent, files)

    def _found(self, action: Action, state: ProjectState) -> Stop | None:
        """The name exists though the plan took it for unregistered: ours (a lost ledger), or a stranger's."""
        seen = self._sight(state, ())
        if seen is Sight.STRANGER:
            self._receive(action, Outcome.LOST_RACE, "a stranger has registered it since", state=state)
            return None
        if seen is not Sight.OTHER:
            self._skip(action, "it exists on the index, which doesn't show who holds it")
            return None
        files = self._build(action)
        pairs = tuple((item.filename, item.sha256) for item in files)
        if self._sight(state, pairs) in {Sight.OURS, Sight.PARTLY}:
            return self._settle(self._intend(action, files))
        if has_reservation(state, web=self.edges.web, profile=self.edges.profile):
            return unrecorded(action)
        self._skip(action, "it is already ours, with other files: namehold has nothing to do here")
        return None

    def _intend(self, action: Action, files: Sequence[Distribution]) -> Intent:
        """Write-ahead: on disk before the request leaves."""
        intent = Intent(
            name=action.name,
            target=action.target,
            mode=action.mode,
            version=action.version,
            files=tuple((item.filename, item.sha256) for item in files),
            action_digest=action.digest,
            time=self.now(),
            withdraw_on=action.withdraw_on,
        )
        data = {key: value for key, value in as_plain(intent).items() if key != "time"}
        self.edges.ledger.append(EventKind.INTENT, data | {"plan": self.plan.action_digest}, time=intent.time)
        return intent

    # ------------------------------------------------------------------- sending and proving

    def _send_files(
        self, intent: Intent, files: Sequence[Distribution], *, slot_time: dt.datetime | None = None
    ) -> Stop | None:
        """One POST a file, wheel first; the first one creates the project. Stops at the first that isn't taken."""
        is_new = len(files) == len(intent.files) and self._held(intent.name) is None
        sent = _Sent(slot_time=slot_time, is_new=is_new)
        for file in files:
            self._send(intent, file, sent)
            if sent.meaning is not None and sent.meaning.outcome is Outcome.INDETERMINATE:
                # Nobody knows whether this file arrived: the index is asked before anything else is sent.
                sent.is_refused = not self._is_shown(intent, file)
            if sent.is_refused:
                break
        return self._prove(intent, sent)

    def _held(self, name: NormalizedName) -> HeldName | None:
        return next((item for item in self.holdings.held if item.name == name), None)

    def _send(self, intent: Intent, file: Distribution, sent: _Sent) -> None:
        token = self.edges.tokens.token_for(intent.name, now=self.now())
        self.narrowed.append(token.is_narrowed)
        answer = self.edges.uploader.upload(file, token)
        meaning = read_answer(answer)
        limits = read_limits(answer.headers)
        if sent.answer is None and sent.is_new and meaning.may_cost_slot:
            sent.slot_time = self.now()
        if limits or meaning.outcome is Outcome.RATE_LIMITED:
            sent.limits = self._limits(limits, answer, spent=meaning.may_cost_slot)
        sent.answer, sent.meaning = answer, meaning
        sent.is_refused = meaning.outcome is not Outcome.UNVERIFIED

    def _limits(self, limits: tuple[Limit, ...], answer: Answer, *, spent: bool) -> dict[str, object]:
        at = self.now()
        until = closed_until(limits, at=at, spent=spent, keep_slots=self.portfolio.budget.keep_slots)
        if answer.status is not None and read_answer(answer).outcome is Outcome.RATE_LIMITED:
            until = until or self._slots().next_slot or at + _UNKNOWN_WAIT
        return {"quota": as_plain(tightest_quota(limits)), "closed_until": as_plain(until)}

    def _is_shown(self, intent: Intent, file: Distribution) -> bool:
        """Whether the index shows this file, with our bytes, under us."""
        state = self._seen_with(intent.name, ((file.filename, file.sha256),))
        return state is not None and self._sight(state, ((file.filename, file.sha256),)) is Sight.OURS

    def _seen_with(self, name: NormalizedName, files: tuple[tuple[str, str], ...]) -> ProjectState | None:
        """The index's word on a name, asked again while it doesn't show our files; None if it can't be read.

        What was shown once stays seen: a 404 after it comes from a cache that is behind.
        """
        state = None
        for pause_s in (*_VERIFY_PAUSES_S, None):
            try:
                found = self.edges.reader.project(name)
            except IndexError_:
                found = None
            if found is not None and (found.exists or state is None):
                state = found
            if state is not None and self._sight(state, files) in {Sight.OURS, Sight.STRANGER, Sight.QUARANTINED}:
                break
            if pause_s is not None:
                self.edges.sleep(pause_s)
        return state

    def _prove(self, intent: Intent, sent: _Sent) -> Stop | None:
        """The receipt: what the index shows, and only where it shows nothing what it said."""
        answer, meaning = sent.answer, sent.meaning
        if answer is None or meaning is None:
            return None
        is_worth_asking = meaning.may_exist or not sent.is_refused or len(intent.files) > 1
        state = self._seen_with(intent.name, intent.files) if is_worth_asking else None
        seen = self._sight(state, intent.files) if state is not None else None
        outcome, text = _judge(seen, meaning, answer, is_own_answer=self._is_own_answer(sent))
        self._receive(intent, outcome, text, state=state, sent=sent)
        if seen is Sight.QUARANTINED:
            return self._taken_away(intent.name, seen)
        if seen is Sight.STRANGER and meaning.outcome is Outcome.UNVERIFIED and self._is_own_answer(sent):
            return self._other_account(intent.name)
        is_cleared = meaning.outcome is Outcome.INDETERMINATE and outcome in {Outcome.HELD, Outcome.LOST_RACE}
        if (meaning.stops_run and not is_cleared) or outcome is Outcome.INDETERMINATE:
            if meaning.outcome is Outcome.RATE_LIMITED:
                self.next_slot = self.holdings.closed_until
            return Stop(
                rule=meaning.rule,
                message=f"the index's answer for {intent.name} ends this run: {text}",
                advice=meaning.fix,
                exit_code=STOP_CODES.get(meaning.outcome, ExitCode.PARTLY_FAILED),
            )
        return None

    def _is_own_answer(self, sent: _Sent) -> bool:
        """Whether a yes is the index's own: one that limits new projects tells the limits with every new project.

        A network's log-in page doesn't.
        """
        return self.edges.profile.quota is None or sent.limits is not None or not sent.is_new

    def _sight(self, state: ProjectState, files: tuple[tuple[str, str], ...]) -> Sight:
        return sight(state, files=files, portfolio=self.portfolio, shows_ownership=self.edges.profile.shows_ownership)

    def _skip(self, action: Action, text: str) -> None:
        self._receive(action, Outcome.SKIPPED, text)

    def _receive(
        self,
        subject: Action | Intent,
        outcome: Outcome,
        message: str,
        *,
        state: ProjectState | None = None,
        sent: _Sent | None = None,
        slot_time: dt.datetime | None = None,
    ) -> None:
        """Writes the receipt, and lets go of the files where they aren't needed again."""
        receipt = Receipt(
            name=subject.name,
            target=subject.target,
            outcome=outcome,
            message=message,
            time=self.now(),
            action_digest=subject.action_digest if isinstance(subject, Intent) else subject.digest,
            status=sent.answer.status if sent is not None and sent.answer is not None else None,
            files=_shown_files(subject, state) if isinstance(subject, Intent) else (),
            # A stranger's name is nobody's business: the ledger may be published.
            owner=owner_of(state) if state is not None and outcome is not Outcome.LOST_RACE else "",
        )
        data = as_plain(receipt) | {
            "slot_time": as_plain(sent.slot_time if sent is not None else slot_time),
            "limits": sent.limits if sent is not None else None,
        }
        self.edges.ledger.append(EventKind.RECEIPT, data, time=receipt.time)
        self.receipts.append(receipt)
        self.report(receipt)
        if isinstance(subject, Intent) and outcome not in {Outcome.UNVERIFIED, Outcome.INDETERMINATE}:
            self._empty_outbox(subject)

    def result(self, stop: Stop | None) -> ApplyResult:
        """What this run did, and what is left."""
        holdings = self.holdings
        settled = is_settled(holdings) - find_renewals(self.plan, holdings)
        return ApplyResult(
            index=self.edges.profile.nickname,
            action_digest=self.plan.action_digest,
            receipts=tuple(self.receipts),
            waiting=tuple(action.name for action in self.plan.actions if action.name not in settled),
            stopped=stop,
            next_slot=self.next_slot,
            is_narrowed=all(self.narrowed) if self.narrowed else None,
        )

    # ------------------------------------------------------------------- the outbox

    def _build(self, action: Action) -> tuple[Distribution, ...]:
        """The action's files, on disk in the outbox under their digests."""
        tree = render_action(action, self.portfolio, self.edges.renderer)
        self.edges.outbox.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.edges.outbox, prefix=".building-") as scratch:
            built = self.edges.builder.build(tree, Path(scratch))
            require_form(built)
            return tuple(_keep(item, self.edges.outbox) for item in built)

    def sweep_outbox(self) -> None:
        """Deletes what runs that were killed left in the outbox, but for files that may have been sent."""
        kept = {sha256 for intent in self.holdings.unproven for _, sha256 in intent.files}
        for folder in self.edges.outbox.glob("*"):
            if folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)

    def _from_outbox(self, intent: Intent, filename: str, sha256: str) -> Distribution | None:
        """A file as it was built for the intent; None if it is gone or isn't those bytes any more."""
        path = self.edges.outbox / sha256 / filename
        try:
            content = path.read_bytes()
        except OSError:
            return None
        if hashlib.sha256(content).hexdigest() != sha256:
            return None
        return Distribution(
            name=intent.name,
            version=intent.version,
            filename=filename,
            path=str(path),
            sha256=sha256,
            size=len(content),
            mode=intent.mode,
        )

    def _empty_outbox(self, intent: Intent) -> None:
        for _, sha256 in intent.files:
            shutil.rmtree(self.edges.outbox / sha256, ignore_errors=True)


#: What a sight says about an intent on which the index was silent, or that it accepted.
_READINGS: dict[Sight, tuple[Outcome, str]] = {
    Sight.OURS: (Outcome.HELD, "the index shows our files under our account"),
    Sight.STRANGER: (Outcome.LOST_RACE, "a stranger was faster"),
    Sight.OTHER: (Outcome.SKIPPED, "it is ours, with other files than were sent"),
    Sight.ABSENT: (Outcome.UNVERIFIED, "the index said that it took it and doesn't show it yet; asked again later"),
    Sight.UNCLEAR: (Outcome.UNVERIFIED, "the index doesn't show yet who holds it; asked again later"),
    Sight.QUARANTINED: (Outcome.UNVERIFIED, "the index's administrators have quarantined it"),
}


def _judge(seen: Sight | None, meaning: Meaning, answer: Answer, *, is_own_answer: bool) -> tuple[Outcome, str]:
    """What became of a name, from what the index shows and from what it answered last."""
    said = meaning.outcome
    if seen is Sight.OURS or (seen is Sight.STRANGER and meaning.may_exist):
        return _READINGS[seen]
    match seen:
        case Sight.PARTLY if said is Outcome.REFUSED_FILE:
            return Outcome.HELD, f"the index shows one of our files and refuses the other: {answer.message}"
        case Sight.PARTLY:
            open_as = Outcome.UNVERIFIED if said is Outcome.UNVERIFIED else Outcome.INDETERMINATE
            return open_as, "the index shows one of our files; the next run asks for the other, or sends it"
        case Sight.ABSENT if said is Outcome.UNVERIFIED and not is_own_answer:
            return Outcome.INDETERMINATE, "something said yes, but not as the index does (a network's log-in page?)"
        case Sight.OTHER if said is Outcome.LOST_RACE:
            return Outcome.SKIPPED, f"it is ours and takes no files (archived?): {answer.message}"
        case None if said is Outcome.UNVERIFIED:
            return said, "the index said yes and can't be read; asked again later"
    if seen is not None and said is Outcome.UNVERIFIED:
        return _READINGS[seen]
    return said, answer.message or meaning.fix


def _shown_files(intent: Intent, state: ProjectState | None) -> tuple[tuple[str, str], ...]:
    """Our files as the index shows them."""
    if state is None:
        return ()
    ours = set(intent.files)
    return tuple((item.filename, item.sha256) for item in state.files if (item.filename, item.sha256) in ours)


def _keep(item: Distribution, outbox: Path) -> Distribution:
    """The built file under its digest, whole or not at all."""
    folder = outbox / item.sha256
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / item.filename
    Path(item.path).replace(path)
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
    return Distribution(
        name=item.name,
        version=item.version,
        filename=item.filename,
        path=str(path),
        sha256=item.sha256,
        size=item.size,
        mode=item.mode,
        metadata=item.metadata,
    )
