"""One periodic run: refresh, plan, guards, apply what is approved and passes every guard today, verify, report.

    result = run_once(refresh=..., prepare=..., portfolio=..., edges=Edges(...))

Calling it again changes nothing that is done already. What a refresh adds or changes waits for a person's approval
while the approved actions go on; what it drops isn't sent. One name's trouble never stops the report on the others.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from packaging.utils import NormalizedName

from namehold.errors import Diagnostic, ExitCode, NameholdError
from namehold.index import Outcome, TokenSource
from namehold.ledger import HeldName, Holdings, Receipt
from namehold.ownership import OwnershipProof, OwnershipRule, why_waiting
from namehold.plan import Action, Deferred, Plan, find_left, review_date_after
from namehold.plan.checks import action_digest, find_approved, find_held_back, find_waiting_targets, why_not_approved
from namehold.portfolio import Policy, Portfolio
from namehold.publish.apply import carry_out
from namehold.publish.first_byte import (
    Edges,
    look_at_account,
    look_at_held,
    record_approval,
    require_clock,
    require_digest,
    with_fresh_values,
)
from namehold.publish.looks import RecallingReader, RememberingReader
from namehold.publish.outcomes import FAILED, STOPPING
from namehold.publish.result import ApplyResult
from namehold.publish.stops import Stop, after_sending, stop_for_error, stop_for_interrupt, stop_for_undecided
from namehold.upkeep import UNREAD, Drift, make_status

_SKIPPED: Final = frozenset(
    {Outcome.SKIPPED, Outcome.REFUSED_SIMILAR, Outcome.REFUSED_PROHIBITED, Outcome.REFUSED_STDLIB}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunItem:
    """One name in one of the lists. `rule` is stable: an outcome, `approval` (waits for a person), `slot`, or the
    ownership rule that a package fails.
    """

    name: NormalizedName
    target: NormalizedName
    rule: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDue:
    """A placeholder that the organization promised to look at again by `date`."""

    name: NormalizedName
    date: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """What one run found and did: four lists, in which each name stands once, and what needs a person.

    `undecided` are names that the index took away, without a record yet of what its administrators said.
    `action_digest` is the current plan's: approving it approves everything that waits for approval; empty where no
    plan could be made. `stopped` says why the run ended early. `held` counts all names held, `head` is the ledger's.
    """

    index: str
    organization: str
    time: dt.datetime
    undecided: tuple[NormalizedName, ...]
    reviews_due: tuple[ReviewDue, ...]
    done: tuple[RunItem, ...]
    failed: tuple[RunItem, ...]
    skipped: tuple[RunItem, ...]
    waiting: tuple[RunItem, ...]
    drift: tuple[Drift, ...]
    action_digest: str
    stopped: Stop | None
    diagnostics: tuple[Diagnostic, ...]
    next_slot: dt.datetime | None
    is_narrowed: bool | None
    held: int
    head: str
    exit_code: ExitCode

    @property
    def lists(self) -> tuple[tuple[str, tuple[RunItem, ...]], ...]:
        """The four lists with what each is called."""
        return ("done", self.done), ("failed", self.failed), ("skipped", self.skipped), ("waiting", self.waiting)

    @property
    def unapproved(self) -> tuple[RunItem, ...]:
        """The names that wait for a person's approval."""
        return tuple(item for item in self.waiting if item.rule == "approval")


def run_once(
    *,
    refresh: Callable[[], Plan],
    prepare: Callable[[Plan, Plan], TokenSource],
    portfolio: Portfolio,
    edges: Edges,
    approve: str = "",
    read: Plan | None = None,
    is_offline: bool = False,
    report: Callable[[Receipt], None] = lambda _: None,
) -> RunResult:
    """Carries out what is approved and possible today; never raises what an index, a plan or a token may cause.

    `refresh` brings the inputs up to date and makes today's plan. `prepare` gets the approved actions as a plan, and
    today's whole plan, just before they are carried out: it does what must come before the first byte and finds the
    token; it isn't called where nothing is to be sent.
    `approve` is the action digest that a person approves: today's plan's, or that of `read`, the plan that the person
    had before them. `is_offline`: the index isn't asked, so nothing is sent.
    Raises LedgerError if the ledger can't be read or written, KeyboardInterrupt where nothing was carried out yet.
    """
    state = _PeriodicRun(portfolio=portfolio, edges=edges, report=report)
    try:
        if not state.stop_for_undecided():
            state.go(refresh=refresh, prepare=prepare, approve=approve, read=read, is_offline=is_offline)
    except NameholdError as error:
        state.stop(error)
    except KeyboardInterrupt:
        if state.applied is None:
            raise
        state.stopped = stop_for_interrupt([intent.name for intent in state.holdings.unproven])
    return state.result()


class _PeriodicRun:
    """What one run knows so far; every step leaves behind what the report needs."""

    def __init__(self, *, portfolio: Portfolio, edges: Edges, report: Callable[[Receipt], None]) -> None:
        self.portfolio = portfolio
        self.asked = RememberingReader.of(edges.reader)
        self.edges = replace(edges, reader=self.asked)
        self.report = report
        self.plan: Plan | None = None
        self.receipts: dict[NormalizedName, Receipt] = {}
        self.applied: ApplyResult | None = None
        self.drift: tuple[Drift, ...] = ()
        self.looked: tuple[Drift, ...] = ()
        self.stopped: Stop | None = None
        self.diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def holdings(self) -> Holdings:
        return self.edges.ledger.holdings()

    def now(self) -> dt.datetime:
        return self.edges.clock.now()

    # ------------------------------------------------------------------- the steps

    def stop_for_undecided(self) -> bool:
        """The administrators' word comes before everything else, the refresh included."""
        self.stopped = stop_for_undecided(self.holdings) or self.stopped
        return bool(self.holdings.undecided)

    def go(
        self,
        *,
        refresh: Callable[[], Plan],
        prepare: Callable[[Plan, Plan], TokenSource],
        approve: str,
        read: Plan | None,
        is_offline: bool,
    ) -> None:
        plan = self.plan = refresh()
        if approve:
            self._approve(approve, plan, read, is_offline=is_offline)
        if is_offline:
            return
        approved = self._approved_part(plan)
        if approved.actions or self.holdings.unproven or self._lacks_files():
            self._apply(approved, plan, prepare)
        else:
            held = look_at_held(self.edges, portfolio=self.portfolio, now=self.now())
            account = look_at_account(
                approved, fresh_plan=plan, portfolio=self.portfolio, edges=self.edges, now=self.now()
            )
            self.looked = (*held, *account.unread)
        if not self.stop_for_undecided():
            self._verify()

    def _lacks_files(self) -> bool:
        """Whether a file of a held name never arrived and may be sent now."""
        can_send = self.portfolio.publishing.enabled or self.edges.profile.is_loopback
        return can_send and any(item.unsent for item in self.holdings.held)

    def _approve(self, approve: str, plan: Plan, read: Plan | None, *, is_offline: bool) -> None:
        """Writes a person's approval down, of each action alone: what it shares with later plans stays approved."""
        candidates = (plan, read) if read is not None else (plan,)
        approved = with_fresh_values(require_digest(approve, candidates), plan)
        skew = dt.timedelta() if is_offline else require_clock(self.edges)
        record_approval(approved, self.edges, now=self.now() + skew)

    def _approved(self, plan: Plan) -> tuple[Action, ...]:
        return find_approved(plan, self.holdings, now=self.now(), profile=self.edges.profile)

    def _approved_part(self, plan: Plan) -> Plan:
        """The approved part of today's plan: a plan of its own, with a digest of its own."""
        actions = self._approved(plan)
        return replace(plan, actions=actions, action_digest=action_digest(actions))

    def _apply(self, approved: Plan, plan: Plan, prepare: Callable[[Plan, Plan], TokenSource]) -> None:
        def keep(receipt: Receipt) -> None:
            self.receipts[receipt.name] = receipt
            self.report(receipt)

        edges = replace(self.edges, tokens=prepare(approved, plan))
        self.applied = carry_out(approved, fresh_plan=plan, portfolio=self.portfolio, edges=edges, report=keep)
        self.stopped = self.applied.stopped

    def _verify(self) -> None:
        """What the index shows of the held names that this run asked about, those that it reserved included."""
        if self.stopped is not None and self.stopped.exit_code in {ExitCode.INDEX_UNUSABLE, ExitCode.INTERRUPTED}:
            return
        status = make_status(
            self.holdings,
            portfolio=self.portfolio,
            profile=self.edges.profile,
            reader=RecallingReader(asked=self.asked),
            now=self.now(),
            names=frozenset(self.asked.states),
        )
        # Of a page that couldn't be read nothing was seen that could be compared.
        looked = self.applied.drift if self.applied is not None else self.looked
        unread = (item for item in looked if item.rule == UNREAD)
        self.drift = (*(item for item in status.drift if item.rule != "drift-unproven"), *unread)

    def stop(self, error: NameholdError) -> None:
        self.stopped = stop_for_error(error)
        self.diagnostics = error.diagnostics()

    # ------------------------------------------------------------------- the report

    def result(self) -> RunResult:
        if self.stopped is not None and self.applied is not None and self.applied.has_sent:
            self.stopped = after_sending(self.stopped)
        holdings = self.holdings
        today = self.now().date()
        slots = holdings.slots(quota=self.edges.profile.quota, budget=self.portfolio.budget, now=self.now())
        unproved = self._unproved()
        received = [_item(receipt) for receipt in self.receipts.values()]
        failed = tuple(item for item in received if item.rule in FAILED)
        waiting = self._waiting(holdings, unproved)
        return RunResult(
            index=self.edges.profile.nickname,
            organization=self.portfolio.organization.name,
            time=self.now(),
            undecided=holdings.undecided,
            reviews_due=find_reviews_due(holdings, self.portfolio.policy, today=today),
            done=tuple(item for item in received if item.rule == Outcome.HELD),
            failed=failed,
            skipped=tuple(item for item in received if item.rule in _SKIPPED and item.name not in self._lost()),
            waiting=waiting,
            drift=self.drift,
            action_digest=self.plan.action_digest if self.plan is not None else "",
            stopped=self.stopped,
            diagnostics=self.diagnostics,
            next_slot=(self.applied.next_slot if self.applied is not None else None) or slots.next_slot,
            is_narrowed=self.applied.is_narrowed if self.applied is not None else None,
            held=len(holdings.held),
            head=holdings.head,
            exit_code=self._exit_code(failed, waiting, unproved),
        )

    def _lost(self) -> frozenset[NormalizedName]:
        """The names that never arrived and still wait."""
        return frozenset(self.applied.lost if self.applied is not None else ())

    def _unproved(self) -> dict[NormalizedName, OwnershipProof]:
        """The packages around which nothing is sent, by what this run asked."""
        found = find_waiting_targets(self.edges.asked(), today=self.now().date(), portfolio=self.portfolio)
        return found | {proof.target: proof for proof in (self.applied.unproved if self.applied is not None else ())}

    def _waiting(self, holdings: Holdings, unproved: Mapping[NormalizedName, OwnershipProof]) -> tuple[RunItem, ...]:
        """What isn't settled: sent or held without proof, approved and waiting for a slot, not approved."""
        unproven = [
            RunItem(name=item.name, target=item.target, rule="proof", text="was sent; the index doesn't show it yet")
            for item in holdings.unproven
            if item.name not in self.receipts or self.receipts[item.name].outcome not in FAILED
        ]
        if self.plan is None:
            return tuple(unproven)
        approved = {item.name for item in self._approved(self.plan)}
        stopping = {name for name, receipt in self.receipts.items() if receipt.outcome in STOPPING} | self._lost()
        elsewhere = ({item.name for item in holdings.unproven} | self.receipts.keys()) - stopping
        waiting = [
            _waits_for_proof(action, why_waiting(unproved[action.target]), rule=str(unproved[action.target].rule))
            if action.target in unproved
            else _waits(
                action,
                is_approved=action.name in approved,
                earlier=why_not_approved(action, holdings, now=self.now(), profile=self.edges.profile),
            )
            for action in find_left(self.plan, holdings)
            if action.name not in elsewhere
        ]
        held_back = [
            _waits_for_proof(item, item.reason.text, rule=item.reason.rule) for item in find_held_back(self.plan)
        ]
        return (*unproven, *waiting, *held_back)

    def _exit_code(
        self,
        failed: tuple[RunItem, ...],
        waiting: tuple[RunItem, ...],
        unproved: Mapping[NormalizedName, OwnershipProof],
    ) -> ExitCode:
        """Refused, credentials and index first; then 13 before 12 before 11 before 10."""
        stop_code = self.stopped.exit_code if self.stopped is not None else ExitCode.DONE
        if stop_code not in {ExitCode.DONE, ExitCode.QUOTA, ExitCode.PARTLY_FAILED}:
            return stop_code
        codes = (
            (ExitCode.PARTLY_FAILED, bool(failed) or stop_code is ExitCode.PARTLY_FAILED),
            (ExitCode.QUOTA, stop_code is ExitCode.QUOTA),
            (ExitCode.FINDINGS, bool(self.drift) or not all(proof.is_only_young for proof in unproved.values())),
            (ExitCode.CHANGES_PENDING, any(item.rule == "approval" for item in waiting)),
        )
        return next((code for code, holds in codes if holds), ExitCode.DONE)


_WAITS_FOR = {"slot": "a free slot", "approval": "approval"}


def find_reviews_due(holdings: Holdings, policy: Policy, *, today: dt.date) -> tuple[ReviewDue, ...]:
    """Held names whose promised review is due, oldest first: until `namehold status --reviewed NAME` records it."""
    due = [ReviewDue(name=item.name, date=_next_review(item, policy)) for item in holdings.held]
    return tuple(sorted((item for item in due if item.date <= today), key=lambda item: (item.date, item.name)))


def _next_review(held: HeldName, policy: Policy) -> dt.date:
    """The day of the next promised review; after a recorded one the policy's day counts only if it is later."""
    if held.reviewed is None:
        return policy.review_date or review_date_after(policy, held.since.date())
    return review_date_after(policy, held.reviewed.date())


def find_news(result: RunResult, last: RunResult | None) -> RunResult:
    """`result` with only what wasn't in the last run's.

    What only a person can end stays: names that the index took away, until they are decided, and reviews that are due.
    """
    if last is None:
        return result

    def new(items: tuple[RunItem, ...], known: tuple[RunItem, ...]) -> tuple[RunItem, ...]:
        seen = {(item.name, item.rule) for item in known}
        return tuple(item for item in items if (item.name, item.rule) not in seen)

    seen_drift = {(item.rule, item.name) for item in last.drift}
    return replace(
        result,
        done=new(result.done, last.done),
        failed=new(result.failed, last.failed),
        skipped=new(result.skipped, last.skipped),
        waiting=new(result.waiting, last.waiting),
        drift=tuple(item for item in result.drift if (item.rule, item.name) not in seen_drift),
    )


def _waits(action: Action, *, is_approved: bool, earlier: str) -> RunItem:
    """`earlier` tells of an approval that doesn't cover the action any more."""
    rule, text = ("slot", "approved") if is_approved else ("approval", earlier or action.reasons[0].text)
    return RunItem(name=action.name, target=action.target, rule=rule, text=f"waits for {_WAITS_FOR[rule]}: {text}")


def _waits_for_proof(item: Action | Deferred, text: str, *, rule: str) -> RunItem:
    what = "waits for proof" if rule in frozenset(OwnershipRule) else "waits"
    return RunItem(name=item.name, target=item.target, rule=rule, text=f"{what}: {text}")


def _item(receipt: Receipt) -> RunItem:
    return RunItem(name=receipt.name, target=receipt.target, rule=str(receipt.outcome), text=receipt.message)
