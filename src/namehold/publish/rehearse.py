"""Runs a whole plan against an embedded index that answers as the real one does: real HTTP, real twine, a fast clock.

    rehearsal = rehearse_plan(plan, portfolio=..., view=..., renderer=..., builder=..., folder=Path("rehearsal"))

The index is seeded: the portfolio's packages belong to the account, the snapshot's other names to strangers.
Whenever `apply` stops for the quota, the clock is set to the next slot and `apply` is called again, as cron would.
With `faults` the index misbehaves, and what must hold in spite of that is checked at the end (`Rehearsal.breaches`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from packaging.utils import NormalizedName
from packaging.version import Version

from namehold.errors import ExitCode, IndexError_, PlanError, UnsafePlan
from namehold.files import InnerPath, Place, machine_error
from namehold.index import INDEX_QUOTA, IndexProfile, Outcome, SnapshotView, Token
from namehold.index.access import HttpIndex, NarrowingTokens, TwineUploader
from namehold.ledger import Adopted, Decided, Ledger, LedgerPort, PlanRehearsed, Receipt, read_holdings
from namehold.placeholder import Builder, TreeRenderer
from namehold.plan import Action, Plan, find_left
from namehold.plan.checks import each_digest, find_unrehearsed
from namehold.portfolio import Portfolio
from namehold.publish.apply import carry_out
from namehold.publish.first_byte import Edges
from namehold.publish.invariants import RememberedUploads, find_breaches
from namehold.publish.looks import AccountLooks
from namehold.publish.outbox import sweep_outbox
from namehold.publish.result import ApplyResult
from namehold.rehearsal import SteppedClock, make_wheel, start

if TYPE_CHECKING:
    from namehold.rehearsal import Faults


#: The targets are older than a rehearsal: the index shows their first release that long before it begins.
_AGE_OF_TARGETS: Final = dt.timedelta(days=730)

#: A rehearsal begins at this hour (UTC) of the plan's first day.
_FIRST_HOUR: Final = dt.time(9, 0, tzinfo=dt.UTC)

#: After a stop that isn't the quota's, the next run comes that much later; where only proof is missing, a day later.
_NEXT_RUN: Final = dt.timedelta(minutes=15)
_A_DAY: Final = dt.timedelta(days=1)

#: Runs that may pass in a row without bringing any name forward; more where faults fall on them.
_FRUITLESS_RUNS_MAX: Final = 3
_FRUITLESS_RUNS_MAX_WITH_FAULTS: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsedRun:
    """One call of apply in the rehearsal: when (simulated), how many uploads it sent, why it ended."""

    time: dt.datetime
    uploads: int
    stopped: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsedDay:
    """A simulated day (UTC) and the names that were taken on it."""

    date: dt.date
    names: tuple[NormalizedName, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What a plan would lead to, name by name and day by day.

    `receipts` holds the last one of each name, in the plan's order; `slots_spent` is what the index counted.
    `uploads` are all requests that were sent, `files` how many different files they carried.
    `faults` are the kinds of misbehaviour that were asked for, and how often each happened.
    `lost` are names that a rival was faster with, or that the index took and has no longer.
    `breaches` says what must always hold and doesn't: none is what to expect.
    """

    index: str
    organization: str
    action_digest: str
    begins: dt.datetime
    ends: dt.datetime
    runs: tuple[RehearsedRun, ...]
    receipts: tuple[Receipt, ...]
    calendar: tuple[RehearsedDay, ...]
    waiting: tuple[NormalizedName, ...]
    uploads: int
    files: int
    slots_spent: int
    faults: tuple[tuple[str, int], ...]
    lost: tuple[NormalizedName, ...]
    breaches: tuple[str, ...]

    @property
    def held(self) -> tuple[NormalizedName, ...]:
        """The names that are held in the end, with proof."""
        lost = frozenset(self.lost)
        return tuple(item.name for item in self.receipts if item.outcome is Outcome.HELD and item.name not in lost)

    @property
    def exit_code(self) -> ExitCode:
        """0 if every planned name that could be had is held in the end and nothing is breached, else 13."""
        could_be_had = {item.name for item in self.receipts} - set(self.lost)
        is_whole = len(self.held) == len(could_be_had) and not self.waiting
        return ExitCode.DONE if is_whole and not self.breaches else ExitCode.PARTLY_FAILED


def rehearse_plan(
    plan: Plan,
    *,
    portfolio: Portfolio,
    view: SnapshotView | None,
    renderer: TreeRenderer,
    builder: Builder,
    folder: Place,
    profile: IndexProfile | None = None,
    faults: Faults | None = None,
    report: Callable[[Receipt], None] = lambda _: None,
) -> Rehearsal:
    """Carries the plan out on an embedded index, day after day, until nothing is left to do.

    What an earlier rehearsal left in `folder` is deleted first; the rehearsal's ledger and outbox lie there afterwards.
    `profile` is the plan's index, whose rules for new names hold; None: the public one's.
    `faults` make the index misbehave; then the rehearsal does what a person would, and goes on.
    Without them it raises what `apply` raises, PlanError above all: what stops a rehearsal would stop the real run.
    """
    ledger_path, outbox = InnerPath.of(folder) / f"ledger-{plan.index}.jsonl", InnerPath.of(folder) / "outbox"
    try:
        ledger_path.unlink(missing_ok=True)
    except OSError as error:
        raise machine_error(f"the folder of rehearsals, {folder}, can't be used", error) from None
    sweep_outbox(outbox, ())
    begins = dt.datetime.combine(plan.provenance.as_of, _FIRST_HOUR)
    clock = SteppedClock(begins - _AGE_OF_TARGETS)
    user = portfolio.account.username
    quota = plan.quota or INDEX_QUOTA
    renewed = {action.name: action for action in plan.actions if action.is_renewal}
    own = [package.name for package in portfolio.packages if package.published and package.name not in renewed]
    targets = {action.target for action in plan.actions}
    # The rehearsal makes our projects, so that none holds a reservation: of thousands not each has to be looked at.
    account = AccountLooks()
    account.remember([(name, 0) for name in own], now=begins)
    with start(
        user_quota=quota,
        address_quota=quota,
        clock=clock,
        strangers=view if view is not None else (),
        users=(user,),
        owned={name: user for name in own if name in targets},
        faults=faults,
        imitated=profile,
    ) as index:
        # Of the others only the names count: they need no release.
        for name in own:
            if name not in targets:
                index.state.add_project(name, owner=user, files=())
        # A held name is ours there, too, and the ledger has it: with a version below every later one.
        for action in renewed.values():
            index.state.add_project(action.name, owner=user, files=[make_wheel(action.name, _held_version(action))])
        clock.advance(_AGE_OF_TARGETS.total_seconds())
        # The plan is for another index: the embedded one stands in for it, under its name.
        embedded = replace(index.profile, nickname=plan.index)
        contact = portfolio.organization.contact
        with HttpIndex(embedded, contact=contact, sleep=clock.advance) as reader:
            uploader = RememberedUploads(TwineUploader(embedded, contact=contact))
            stage = _Stage(
                plan=plan,
                portfolio=portfolio,
                clock=clock,
                ledger_path=ledger_path,
                uploader=uploader,
                make_edges=partial(
                    Edges,
                    account=account,
                    profile=embedded,
                    reader=reader,
                    web=reader,
                    uploader=uploader,
                    tokens=NarrowingTokens(Token(index.mint_token(user))),
                    renderer=renderer,
                    builder=builder,
                    clock=clock,
                    outbox=outbox,
                    sleep=clock.advance,
                ),
                report=report,
                is_faulty=faults is not None,
            )
            with stage.open_ledger() as ledger:
                for action in renewed.values():
                    ledger.append(_held_before(action, time=begins))
            waiting = _run_to_the_end(stage)
        holdings = read_holdings(stage.ledger_path)
        gone = {name for name, _ in index.state.administrators_acted} | {*index.state.rivals_took, *holdings.prohibited}
        return Rehearsal(
            index=plan.index,
            organization=plan.organization,
            action_digest=plan.action_digest,
            begins=begins,
            ends=stage.runs[-1].time,
            runs=tuple(stage.runs),
            receipts=tuple(stage.receipts[item.name] for item in plan.actions if item.name in stage.receipts),
            calendar=_calendar(stage.receipts),
            waiting=waiting,
            uploads=len(stage.uploader.sent),
            files=len(set(stage.uploader.sent)),
            slots_spent=sum(upload.spent_slot for upload in index.state.uploads),
            faults=tuple(sorted((str(kind), count) for kind, count in index.state.faults_injected.items())),
            lost=tuple(item.name for item in plan.actions if item.name in gone),
            breaches=find_breaches(plan, holdings=holdings, state=index.state, account=user, sent=stage.uploader.sent),
        )


def _held_before(action: Action, *, time: dt.datetime) -> Adopted:
    """What the rehearsal's ledger has of a name before a later version is sent; the same file stands on its index."""
    version = _held_version(action)
    file, content = make_wheel(action.name, version)
    sha256 = hashlib.sha256(content).hexdigest()
    return Adopted(name=action.name, target=action.target, version=version, files=((file, sha256),), time=time)


def _held_version(action: Action) -> str:
    """The lowest version in the epoch of a later one: an adopted name goes on in its own."""
    return str(Version(f"{Version(action.version).epoch}!0"))


def record_rehearsal(plan: Plan, ledger: LedgerPort, *, now: dt.datetime) -> None:
    """Writes into the plan's own ledger that these very actions were rehearsed."""
    ledger.append(PlanRehearsed(action_digest=plan.action_digest, actions=each_digest(plan), time=now))


def require_rehearsal(
    plan: Plan, ledger: LedgerPort, *, carry_out: Callable[[], Rehearsal], now: dt.datetime
) -> Rehearsal | None:
    """Rehearses actions that never were, before a real index hears of them; None if all were already.

    `carry_out` runs the rehearsal. Raises UnsafePlan if it doesn't end with every name held.
    """
    if not find_unrehearsed(plan, ledger.holdings()):
        return None
    result = carry_out()
    if result.exit_code is not ExitCode.DONE:
        failed = [f"{item.name} ({item.message})" for item in result.receipts if item.outcome is not Outcome.HELD]
        raise UnsafePlan(
            f"the rehearsal of these actions didn't end well: {', '.join((*failed, *result.breaches))}",
            fix="namehold rehearse shows every name; put names that can't be had under never in names.yaml",
        )
    record_rehearsal(plan, ledger, now=now)
    return result


@dataclass(slots=True, kw_only=True)
class _Stage:
    """Everything that the runs of one rehearsal share, and what they did so far."""

    plan: Plan
    portfolio: Portfolio
    clock: SteppedClock
    ledger_path: Place
    uploader: RememberedUploads
    make_edges: Callable[..., Edges]
    report: Callable[[Receipt], None]
    is_faulty: bool
    runs: list[RehearsedRun] = field(default_factory=list)
    receipts: dict[NormalizedName, Receipt] = field(default_factory=dict)

    def open_ledger(self) -> Ledger:
        return Ledger.open(
            self.ledger_path,
            index=self.plan.index,
            username=self.portfolio.account.username,
            organization=self.portfolio.organization.name,
            time=self.clock.now(),
        )


def _run_to_the_end(stage: _Stage) -> tuple[NormalizedName, ...]:
    """Runs, and sets the clock to when the next run makes sense, until nothing is left. The names still waiting."""
    fruitless, patience = 0, _FRUITLESS_RUNS_MAX_WITH_FAULTS if stage.is_faulty else _FRUITLESS_RUNS_MAX
    waiting: tuple[NormalizedName, ...] = ()
    while fruitless < patience:
        started, sent, known = stage.clock.now(), len(stage.uploader.sent), len(stage.receipts)
        with stage.open_ledger() as ledger:
            try:
                result = _run_once(stage, ledger)
            except (PlanError, IndexError_) as error:
                if not stage.is_faulty:
                    raise
                pause = _NEXT_RUN
                stopped = "administrators" if isinstance(error, PlanError) else "index-unreadable"
            else:
                pause = _pause(result, stage.clock.now())
                stopped = result.stopped.rule if result.stopped is not None else ""
            if stage.is_faulty:
                decide(ledger, now=stage.clock.now())
            holdings = ledger.holdings()
        waiting = tuple(action.name for action in find_left(stage.plan, holdings))
        uploads = len(stage.uploader.sent) - sent
        stage.runs.append(RehearsedRun(time=started, uploads=uploads, stopped=stopped))
        if not stopped and not holdings.unproven:
            break
        fruitless = 0 if uploads or len(stage.receipts) > known else fruitless + 1
        stage.clock.advance(pause.total_seconds())
    return waiting


def _run_once(stage: _Stage, ledger: Ledger) -> ApplyResult:
    """One call of carry_out, as cron would make it."""

    def report(receipt: Receipt) -> None:
        stage.receipts[receipt.name] = receipt
        stage.report(receipt)

    return carry_out(
        stage.plan,
        fresh_plan=stage.plan,
        portfolio=stage.portfolio,
        edges=stage.make_edges(ledger=ledger),
        report=report,
    )


def decide(ledger: LedgerPort, *, now: dt.datetime) -> None:
    """Plays the person who asks the administrators about names that they took away, and writes their answer down."""
    for name in ledger.holdings().undecided:
        ledger.append(Decided(name=name, decision="rehearsed: they keep it", time=now))


def _pause(result: ApplyResult, now: dt.datetime) -> dt.timedelta:
    """How long until the next run: until the next slot, or soon after a mishap; a day later where proof is missing."""
    if result.next_slot is None:
        return _NEXT_RUN if result.stopped is not None else _A_DAY
    return max(result.next_slot - now, dt.timedelta(seconds=1))


def _calendar(receipts: dict[NormalizedName, Receipt]) -> tuple[RehearsedDay, ...]:
    days: dict[dt.date, list[NormalizedName]] = {}
    for receipt in receipts.values():
        if receipt.outcome is Outcome.HELD:
            days.setdefault(receipt.time.date(), []).append(receipt.name)
    return tuple(RehearsedDay(date=date, names=tuple(names)) for date, names in sorted(days.items()))
