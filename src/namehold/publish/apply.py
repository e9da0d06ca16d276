"""Carries out a plan on one index: guards first, then name after name, each written down before it is sent.

    result = carry_out(plan, fresh_plan=..., portfolio=..., edges=Edges(...))

What is sent is what was planned, built before the intent and kept until the receipt. What became of it is what the
index shows afterwards (owner, file, sha256), never what it answered. A run that is killed anywhere leaves an open
intent; the next run asks the index about it before anything else, and sends nothing again without having asked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from packaging.utils import NormalizedName

from namehold.errors import IndexError_, NameholdError
from namehold.files import is_machine_error, machine_error
from namehold.index import Answer, Outcome, ProjectState, ProjectStatus, first_upload
from namehold.index.rules import Meaning, Slots, read_answer
from namehold.ledger import (
    HeldName,
    Holdings,
    Intent,
    Observed,
    Receipt,
    SeenLimits,
    Sight,
    Sighting,
    find_loss,
    owner_of,
    sight,
)
from namehold.placeholder import Distribution, has_reservation
from namehold.plan import Action, Plan, Reason, find_left, find_renewals
from namehold.plan.checks import find_dropped
from namehold.portfolio import Portfolio
from namehold.publish.first_byte import Clearance, Edges, clear_plan, measure_skew, stop_for_clock, with_fresh_values
from namehold.publish.limits import limits_of
from namehold.publish.looks import RememberingReader
from namehold.publish.missing import build_again, intent_of
from namehold.publish.outbox import build_files, drop_files, find_files, sweep_outbox
from namehold.publish.outcomes import READINGS, UNDER_OTHER_ACCOUNT, find_shown_files, judge_answer
from namehold.publish.result import ApplyResult
from namehold.publish.stops import (
    Stop,
    after_sending,
    stop_for,
    stop_for_answer,
    stop_for_error,
    stop_for_interrupt,
    stop_for_slots,
)
from namehold.upkeep import Drift

#: An index may show a new file a little later than it says that it has it; these are the pauses between questions.
_VERIFY_PAUSES_S: Final = (1.0, 2.0, 4.0)

#: An open intent that the index knows nothing of counts as never arrived only after this time: caches may be behind.
_NEVER_ARRIVED_AFTER: Final = dt.timedelta(minutes=2)

#: What the index took and still doesn't show after this time was taken away again: that is for people to find out.
_SHOWN_WITHIN: Final = dt.timedelta(days=1)

#: For this long a comparison of our clock with the index's is good: a jump of either would be seen in it.
_CLOCK_GOOD_FOR: Final = dt.timedelta(minutes=1)


def carry_out(
    plan: Plan,
    *,
    fresh_plan: Plan,
    portfolio: Portfolio,
    edges: Edges,
    approve: str = "",
    report: Callable[[Receipt], None] = lambda _: None,
) -> ApplyResult:
    """Carries out what of `plan` still holds and has a slot today; a later call goes on where this one ends.

    Args:
        fresh_plan: The plan that the same inputs give now (see `find_apply_refusals`).
        approve: The action digest that a person approves with this call.
        report: Gets each receipt as it is written.

    Raises:
        UnsafePlan, StalePlan: Before anything is sent.
        IndexError_: The index can't be read before that.
        CredentialError, LedgerError, KeyboardInterrupt: Before anything is sent. After that every failure is a stop,
            and the result has the receipts; the ledger is consistent in every case.
    """
    edges = replace(edges, reader=RememberingReader.of(edges.reader))
    plan = with_fresh_values(plan, fresh_plan)
    cleared = clear_plan(plan, fresh_plan=fresh_plan, portfolio=portfolio, edges=edges, approve=approve)
    run = _Sending(
        plan=plan,
        fresh_plan=fresh_plan,
        portfolio=portfolio,
        edges=edges,
        report=report,
        skew=cleared.skew,
        clearance=cleared.clearance,
        drift=cleared.drift,
        compared=edges.clock.now(),
        found=cleared.found,
    )
    sweep_outbox(edges.outbox, run.holdings.unproven)
    dropped = {action.name: reason for action, reason in find_dropped(plan, fresh_plan)}
    try:
        stop = run.settle_open_intents() or run.send_missing() or run.send_names(dropped)
        run.close_lost()
    except (NameholdError, OSError, KeyboardInterrupt) as error:
        if not run.has_sent and not run.receipts:
            raise
        stop = _stop_for_failure(error, run.holdings.unproven)
    return run.result(stop)


def _stop_for_failure(error: NameholdError | OSError | KeyboardInterrupt, unproven: Sequence[Intent]) -> Stop:
    """An error in the middle of a run, as the stop that lets it report what it did. Raises what is a bug of ours."""
    if isinstance(error, KeyboardInterrupt):
        return stop_for_interrupt([intent.name for intent in unproven])
    if isinstance(error, NameholdError):
        return stop_for_error(error)
    if not is_machine_error(error):
        raise error
    return stop_for_error(machine_error("this machine refuses", error))


@dataclass(slots=True, kw_only=True)
class _Sent:
    """What was sent of one name: the last answer, its meaning, and when a new project's slot was spent.

    `is_new`: the first file creates the project. `is_refused`: the last file wasn't taken.
    """

    answer: Answer | None = None
    meaning: Meaning | None = None
    limits: SeenLimits | None = None
    slot_time: dt.datetime | None = None
    is_new: bool = True
    is_refused: bool = False


@dataclass(slots=True, kw_only=True)
class _Sending:
    """One call of `carry_out`: its edges, its receipts, and the difference between our clock and the index's.

    `compared` is when the clocks were compared, by ours. `found` are names of the plan that the account has already.
    `lost` never arrived, and may be sent again.
    """

    plan: Plan
    fresh_plan: Plan
    portfolio: Portfolio
    edges: Edges
    report: Callable[[Receipt], None]
    skew: dt.timedelta
    clearance: Clearance
    drift: tuple[Drift, ...]
    compared: dt.datetime
    found: frozenset[NormalizedName]
    receipts: list[Receipt] = field(default_factory=list)
    waited_s: float = 0.0
    next_slot: dt.datetime | None = None
    narrowed: list[bool] = field(default_factory=list)
    unreadable: str = ""
    lost: dict[NormalizedName, Intent] = field(default_factory=dict)

    @property
    def has_sent(self) -> bool:
        """Whether a request to upload has left in this run."""
        return bool(self.narrowed)

    def now(self) -> dt.datetime:
        """The index's time, by our clock: what the ledger records."""
        return self.edges.clock.now() + self.skew

    @property
    def holdings(self) -> Holdings:
        return self.edges.ledger.holdings()

    # ------------------------------------------------------------------- what an earlier run left open

    def settle_open_intents(self) -> Stop | None:
        """Asks the index what became of everything that was sent without proof; sends only what it lacks."""
        return next(filter(None, map(self._settle, self.holdings.unproven)), None)

    def _settle(self, intent: Intent, *, is_found: bool = False) -> Stop | None:
        """What became of `intent`; `is_found`: this run wrote it down for what the index had already."""
        held, is_accepted = self._held(intent.name), intent.name in self.holdings.unverified
        age = self.now() - intent.time
        state = self._seen_with(intent.name, intent.files)
        if state is None:
            return stop_for("index-unreadable", name=intent.name, why=self.unreadable)
        seen = self._sight(state, intent.files)
        # A run that was killed before its receipt may have spent a slot that the ledger doesn't know of. It was spent
        # when the index took the first file: what is found again spends none of today's.
        is_new = held is None and not self._has_receipt(intent) and seen in {Sight.OURS, Sight.PARTLY}
        slot_time = (self._first_upload(state) or (None if is_found else intent.time)) if is_new else None
        # A name of which an earlier version is there isn't gone.
        loss = find_loss(state, files=(*intent.files, *(held.files if held is not None else ())))
        is_overdue = is_accepted and age > _SHOWN_WITHIN and seen in {Sight.ABSENT, Sight.UNCLEAR}
        if loss is Sighting.QUARANTINED or (loss is not None and is_overdue):
            return self._taken_away(intent.name, loss)
        # Nothing that could be behind lies between us and an index on this machine.
        is_early = age < _NEVER_ARRIVED_AFTER and not (self.edges.profile.is_loopback or is_found)
        # A later version that never arrived leaves the earlier one alone.
        is_lost = not is_accepted and (
            seen is Sight.ABSENT or (held is not None and find_loss(state, files=intent.files) is Sighting.FILES_GONE)
        )
        if is_early and (seen is Sight.PARTLY or is_lost):
            self._receive(intent, Outcome.INDETERMINATE, "the index doesn't show all of it; asked again later")
            return stop_for("indeterminate", name=intent.name, until=intent.time + _NEVER_ARRIVED_AFTER)
        if seen is Sight.PARTLY and state.unknown_status:
            text = f"the rest isn't sent: {state.unknown_status}"
            self._receive(intent, Outcome.UNVERIFIED, text, state=state, slot_time=slot_time)
            return None
        if seen is Sight.PARTLY:
            return self._send_rest(intent, state, slot_time)
        if is_lost:
            # Its receipt is that of the upload that follows in this run, if one does.
            self.lost[intent.name] = intent
            return None
        is_elsewhere = seen is Sight.STRANGER and (is_accepted or bool(find_shown_files(intent, state)))
        outcome, text = UNDER_OTHER_ACCOUNT if is_elsewhere else READINGS[seen]
        self._receive(intent, outcome, text, state=state, slot_time=slot_time)
        return self._other_account(intent.name) if is_elsewhere else None

    def _first_upload(self, state: ProjectState, files: Sequence[tuple[str, str]] = ()) -> dt.datetime | None:
        """When the index took the first of the project's files, or of `files`; no index takes one in the future."""
        uploaded = first_upload(state, among=[filename for filename, _ in files])
        return min(uploaded, self.now()) if uploaded is not None else None

    def _taken_away(self, name: NormalizedName, found: Sighting) -> Stop:
        """The administrators' word on a name that the index had taken."""
        self.edges.ledger.append(Observed(name=name, found=found, time=self.now()))
        return stop_for("administrators", name=name, found=found)

    def close_lost(self) -> None:
        """Writes down what never arrived and wasn't sent again in this run."""
        sent = {receipt.name for receipt in self.receipts}
        for name, intent in self.lost.items():
            if name not in sent:
                self._receive(intent, Outcome.SKIPPED, "it never arrived: the index doesn't have what was sent")

    def _has_receipt(self, intent: Intent) -> bool:
        return any(
            isinstance(event.value, Receipt) and event.value.name == intent.name and event.time >= intent.time
            for event in self.edges.ledger.events()
        )

    def _send_rest(self, intent: Intent, state: ProjectState, slot_time: dt.datetime | None) -> Stop | None:
        """The project is ours and lacks a file that was to follow: that one is sent, from the outbox."""
        shown = {item.filename for item in state.files}
        missing = [item for item in intent.files if item[0] not in shown]
        files = find_files(intent, missing, self.edges.outbox)
        if len(files) < len(missing) and self._build_again(intent):
            files = find_files(intent, missing, self.edges.outbox)
        if len(files) < len(missing):
            text = "a second file is no longer in the outbox, and is another one when it is built again"
            self._receive(intent, Outcome.HELD, text, state=state, slot_time=slot_time)
            return None
        return self._send_files(intent, files, slot_time=slot_time)

    def _build_again(self, intent: Intent) -> tuple[tuple[str, str], ...]:
        return build_again(
            intent,
            plans=(self.plan, self.fresh_plan),
            holdings=self.holdings,
            portfolio=self.portfolio,
            edges=self.edges,
        )

    def send_missing(self) -> Stop | None:
        """Sends the files of held names that never arrived, if they can be had as the ledger tells of them."""
        drafts = [intent_of(held, time=self.now()) for held in self.holdings.held]
        for draft in filter(None, drafts):
            pairs = self._build_again(draft)
            state = self.edges.reader.project(draft.name) if pairs else None
            if state is None or state.status is not ProjectStatus.ACTIVE:
                continue
            if self._sight(state, pairs) not in {Sight.OURS, Sight.PARTLY}:
                continue
            self.edges.tokens.token_for(draft.name, now=self.now())
            intent = draft.changed(files=pairs, time=self.now())
            self.edges.ledger.append(intent)
            stop = self._settle(intent, is_found=True)
            if stop is not None:
                return stop
        return None

    # ------------------------------------------------------------------- the plan's names

    def send_names(self, dropped: Mapping[NormalizedName, Reason]) -> Stop | None:
        """Every action that is neither held nor settled, in order, until something stops the run.

        What the account has already comes first, for it needs no slot.
        What is in `dropped` is skipped, with the reason, and so is what its target forbids; what is around a package
        without proof waits.
        """
        # Folded once: a plan has each name once, so that no action settles another one.
        holdings = self.holdings
        done = (holdings.names - self.lost.keys()) | dict(holdings.settled).keys() | frozenset(holdings.prohibited)
        renewals = find_renewals(self.plan, holdings)
        for action in sorted(self.plan.actions, key=lambda action: action.name not in self.found):
            if (action.name in done and action.name not in renewals) or action.target in self.clearance.unproved:
                continue
            if action.name in dropped:
                self._skip(action, f"it no longer holds: {dropped[action.name].text}")
                continue
            # A later version of what is held costs no slot.
            is_later = action.name in renewals
            needs_slot = not is_later and action.name not in self.found
            stop = self._unproved_account() or self._wait_for_slot() if needs_slot else None
            if stop is None and (obstacle := self.clearance.find_obstacle(action)) is not None:
                self._skip(action, f"it no longer holds: {obstacle.text}")
                continue
            if stop is None and action.target in self.clearance.unproved:
                continue
            if stop is None:
                stop = self._carry_out(action, held=self._held(action.name) if is_later else None)
            if stop is not None:
                return stop
        return None

    def _unproved_account(self) -> Stop | None:
        """A token says nothing about whose it is: the first name must be shown under our account before a second."""
        holdings = self.holdings
        # An adopted name was uploaded by other means: it has no action.
        is_proved = any(item.action_digest for item in holdings.held)
        unproven = [intent.name for intent in holdings.unproven if intent.name not in self.lost]
        if is_proved or not unproven or not self.edges.profile.shows_ownership:
            return None
        return stop_for("account-unproved", name=unproven[0], username=self.portfolio.account.username)

    def _other_account(self, name: NormalizedName) -> Stop:
        """The index accepted a file from us and shows the name under another account: the token isn't our account's."""
        self.edges.ledger.append(Observed(name=name, found=Sighting.OTHER_ACCOUNT, time=self.now()))
        return stop_for("account-other", name=name, username=self.portfolio.account.username)

    def _wait_for_slot(self) -> Stop | None:
        """Waits for a slot within `wait_s`. The stop, if there is none."""
        while True:
            slots = self._slots()
            if slots.free is None or slots.free > 0 or slots.next_slot is None:
                return None
            wait_s = (slots.next_slot - self.now()).total_seconds()
            if self.waited_s + wait_s > self.edges.wait_s:
                self.next_slot = slots.next_slot
                return stop_for_slots(slots)
            self.edges.sleep(wait_s)
            self.waited_s += wait_s

    def _slots(self) -> Slots:
        holdings = self.holdings
        return holdings.slots(quota=self.edges.profile.quota, budget=self.portfolio.budget, now=self.now())

    def _carry_out(self, action: Action, *, held: HeldName | None = None) -> Stop | None:
        """One name: look again, build, write down, send, prove. `held` is what a later version is for."""
        try:
            state = self.edges.reader.project(action.name)
            skew = measure_skew(self.edges) if self._is_clock_doubtful() else self.skew
        except IndexError_ as error:
            return stop_for("index-unreadable", name=action.name, why=error.message)
        wrong = stop_for_clock(skew)
        if wrong is not None:
            return wrong
        if skew is not self.skew:
            self.skew, self.compared = skew, self.edges.clock.now()
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

    def _is_clock_doubtful(self) -> bool:
        """Whether our clock has moved since it was compared by more than a run without a wait takes, or back."""
        return not dt.timedelta() <= self.edges.clock.now() - self.compared < _CLOCK_GOOD_FOR

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
            return self._settle(self._intend(action, files), is_found=True)
        if has_reservation(state, web=self.edges.web, profile=self.edges.profile):
            return stop_for("unrecorded", name=action.name)
        what = "with other files" if state.files else "without a file (they were deleted)"
        self._skip(action, f"it is already ours, {what}: namehold has nothing to do here")
        return None

    def _build(self, action: Action) -> tuple[Distribution, ...]:
        edges = self.edges
        return build_files(action, self.portfolio, renderer=edges.renderer, builder=edges.builder, outbox=edges.outbox)

    def _intend(self, action: Action, files: Sequence[Distribution]) -> Intent:
        """Write-ahead: on disk before the request leaves."""
        intent = Intent(
            name=action.name,
            target=action.target,
            mode=action.mode,
            version=action.version,
            files=tuple((item.filename, item.sha256) for item in files),
            action_digest=action.digest,
            plan=self.plan.action_digest,
            time=self.now(),
            withdraw_on=action.withdraw_on,
        )
        self.edges.ledger.append(intent)
        self.lost.pop(action.name, None)
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
            if sent.meaning is not None and (sent.meaning.outcome is Outcome.INDETERMINATE or sent.meaning.is_strange):
                # It isn't known whether this file arrived: the index is asked before anything else is sent.
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
        if sent.answer is None and sent.is_new and meaning.may_cost_slot:
            sent.slot_time = self.now()
        limits = limits_of(
            answer,
            at=self.now(),
            keep_slots=self.portfolio.budget.keep_slots,
            next_slot=lambda: self._slots().next_slot,
        )
        sent.limits = limits or sent.limits
        sent.answer, sent.meaning = answer, meaning
        sent.is_refused = meaning.outcome is not Outcome.UNVERIFIED

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
            except IndexError_ as error:
                found, self.unreadable = None, error.message
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
        is_own_answer = self._is_own_answer(sent)
        # The same bytes can't come from a stranger.
        is_taken = (meaning.outcome is Outcome.UNVERIFIED and is_own_answer) or bool(find_shown_files(intent, state))
        outcome, text = judge_answer(seen, meaning, answer, is_own_answer=is_own_answer, is_taken=is_taken)
        if sent.is_new and sent.slot_time is None and seen in {Sight.OURS, Sight.PARTLY}:
            # What is there has cost a slot, whatever was answered.
            sent.slot_time = self.now()
        self._receive(intent, outcome, text, state=state, sent=sent)
        if seen is Sight.QUARANTINED:
            return self._taken_away(intent.name, Sighting.QUARANTINED)
        if seen is Sight.STRANGER and is_taken:
            return self._other_account(intent.name)
        is_doubtful = meaning.outcome is Outcome.INDETERMINATE or meaning.is_strange
        is_cleared = is_doubtful and outcome in {Outcome.HELD, Outcome.LOST_RACE}
        if (meaning.stops_run and not is_cleared) or outcome is Outcome.INDETERMINATE:
            if meaning.outcome is Outcome.RATE_LIMITED:
                self.next_slot = self.holdings.closed_until
            return stop_for_answer(intent.name, meaning, text)
        return None

    def _is_own_answer(self, sent: _Sent) -> bool:
        """Whether a yes is the index's own: one that limits new projects tells the limits with every new project.

        A network's log-in page doesn't.
        """
        return self.edges.profile.quota is None or sent.limits is not None or not sent.is_new

    def _sight(self, state: ProjectState, files: tuple[tuple[str, str], ...]) -> Sight:
        return sight(state, files=files, portfolio=self.portfolio, shows_ownership=self.edges.profile.shows_ownership)

    def _skip(self, action: Action, text: str) -> None:
        self.lost.pop(action.name, None)
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
        shown = find_shown_files(subject, state) if isinstance(subject, Intent) else ()
        receipt = Receipt(
            name=subject.name,
            target=subject.target,
            outcome=outcome,
            message=message,
            time=self.now(),
            action_digest=subject.action_digest if isinstance(subject, Intent) else subject.digest,
            status=sent.answer.status if sent is not None and sent.answer is not None else None,
            files=shown,
            # No stranger is named: the ledger may be published.
            owner=owner_of(state) if state is not None and outcome is Outcome.HELD else "",
            slot_time=sent.slot_time if sent is not None else slot_time,
            limits=sent.limits if sent is not None else None,
            uploaded=self._first_upload(state, shown) if state is not None and outcome is Outcome.HELD else None,
        )
        self.edges.ledger.append(receipt)
        self.receipts.append(receipt)
        self.report(receipt)
        if isinstance(subject, Intent) and outcome not in {Outcome.UNVERIFIED, Outcome.INDETERMINATE}:
            drop_files(subject, self.edges.outbox)

    def result(self, stop: Stop | None) -> ApplyResult:
        """What this run did, and what is left."""
        if stop is not None and self.has_sent:
            stop = after_sending(stop)
        waiting = tuple(action.name for action in find_left(self.plan, self.holdings))
        whole = {item.name for item in self.holdings.held if not item.lacks}
        held = {receipt.name for receipt in self.receipts if receipt.outcome is Outcome.HELD} & whole
        return ApplyResult(
            index=self.edges.profile.nickname,
            action_digest=self.plan.action_digest,
            receipts=tuple(self.receipts),
            waiting=waiting,
            stopped=stop,
            next_slot=self.next_slot,
            is_narrowed=all(self.narrowed) if self.narrowed else None,
            unproved=tuple(dict.fromkeys(self.clearance.unproved.values())),
            lost=tuple(name for name in waiting if name in self.lost),
            # A version that was published elsewhere is entered by this run.
            drift=tuple(item for item in self.drift if item.name not in held),
        )
