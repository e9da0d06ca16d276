"""Runs a whole plan against an embedded index that answers as the real one does: real HTTP, real twine, a fast clock.

    rehearsal = rehearse(plan, portfolio=..., view=..., renderer=..., builder=..., folder=Path(".namehold/rehearsal"))

The index is seeded: the portfolio's packages belong to the account, the snapshot's other names to strangers.
Whenever `apply` stops for the quota, the clock is set to the next slot and `apply` is called again, as cron would.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.utils import NormalizedName

from namehold import rehearsal
from namehold.credentials import NarrowingTokens
from namehold.errors import ExitCode
from namehold.index import HttpIndex
from namehold.ledger import Ledger
from namehold.models import Outcome, Plan, Portfolio, Receipt, Token
from namehold.ports import Builder, Renderer, SnapshotView
from namehold.uploading import TwineUploader
from namehold.workflow.apply import ApplyResult, Edges, apply

#: The targets are older than a rehearsal: the index shows their first release that long before it begins.
_AGE_OF_TARGETS = dt.timedelta(days=730)

#: A rehearsal begins at this hour (UTC) of the plan's first day.
_FIRST_HOUR = dt.time(9, 0, tzinfo=dt.UTC)

#: After a stop that isn't the quota's, the next run comes that much later.
_NEXT_RUN = dt.timedelta(minutes=15)

#: Runs that may pass in a row without bringing any name forward.
_FRUITLESS_RUNS_MAX = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsedRun:
    """One call of apply in the rehearsal: when (simulated), how many uploads the index judged, why it ended."""

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
    slots_spent: int

    @property
    def held(self) -> tuple[NormalizedName, ...]:
        """The names that are held in the end, with proof."""
        return tuple(item.name for item in self.receipts if item.outcome is Outcome.HELD)

    @property
    def exit_code(self) -> ExitCode:
        """0 if every planned name is held in the end, else 13."""
        return ExitCode.DONE if len(self.held) == len(self.receipts) and not self.waiting else ExitCode.PARTLY_FAILED


def rehearse(
    plan: Plan,
    *,
    portfolio: Portfolio,
    view: SnapshotView | None,
    renderer: Renderer,
    builder: Builder,
    folder: Path,
    report: Callable[[Receipt], None] = lambda _: None,
) -> Rehearsal:
    """Carries the plan out on an embedded index, day after day, until nothing is left to do.

    `folder` is emptied first; the rehearsal's ledger and outbox lie there afterwards.
    Raises what `apply` raises, PlanError above all: what stops a rehearsal would stop the real run.
    """
    shutil.rmtree(folder, ignore_errors=True)
    begins = dt.datetime.combine(plan.provenance.as_of, _FIRST_HOUR)
    clock = rehearsal.SteppedClock(begins - _AGE_OF_TARGETS)
    user = portfolio.account.username
    with rehearsal.start(
        user_quota=plan.quota or rehearsal.DEFAULT_QUOTA,
        address_quota=plan.quota or rehearsal.DEFAULT_QUOTA,
        clock=clock,
        strangers=view if view is not None else (),
        users=(user,),
        owned={package.name: user for package in portfolio.packages if package.published},
    ) as index:
        clock.advance(_AGE_OF_TARGETS.total_seconds())
        # The plan is for another index: the embedded one stands in for it, under its name.
        profile = replace(index.profile, nickname=plan.index)
        tokens = NarrowingTokens(Token(index.mint_token(user)))
        ledger_path = folder / f"ledger-{plan.index}.jsonl"
        runs: list[RehearsedRun] = []
        receipts: dict[NormalizedName, Receipt] = {}
        fruitless = 0
        with HttpIndex(profile, contact=portfolio.organization.contact, sleep=clock.advance) as reader:
            while fruitless < _FRUITLESS_RUNS_MAX:
                started, before = clock.now(), len(index.state.uploads)
                with Ledger.open(
                    ledger_path,
                    index=plan.index,
                    username=user,
                    organization=portfolio.organization.name,
                    time=clock.now(),
                ) as ledger:
                    edges = Edges(
                        profile=profile,
                        reader=reader,
                        web=reader,
                        uploader=TwineUploader(profile, contact=portfolio.organization.contact),
                        tokens=tokens,
                        ledger=ledger,
                        renderer=renderer,
                        builder=builder,
                        clock=clock,
                        outbox=folder / "outbox",
                        sleep=clock.advance,
                    )
                    result = apply(plan, fresh_plan=plan, portfolio=portfolio, edges=edges, report=report)
                receipts |= {receipt.name: receipt for receipt in result.receipts}
                uploads = len(index.state.uploads) - before
                runs.append(
                    RehearsedRun(time=started, uploads=uploads, stopped=result.stopped.rule if result.stopped else "")
                )
                if result.stopped is None:
                    break
                fruitless = 0 if uploads else fruitless + 1
                clock.advance(_pause(result, clock.now()).total_seconds())
        return Rehearsal(
            index=plan.index,
            organization=plan.organization,
            action_digest=plan.action_digest,
            begins=begins,
            ends=runs[-1].time,
            runs=tuple(runs),
            receipts=tuple(receipts[action.name] for action in plan.actions if action.name in receipts),
            calendar=_calendar(receipts),
            waiting=result.waiting,
            uploads=len(index.state.uploads),
            slots_spent=sum(upload.spent_slot for upload in index.state.uploads),
        )


def _pause(result: ApplyResult, now: dt.datetime) -> dt.timedelta:
    """How long until the next run."""
    if result.next_slot is None:
        return _NEXT_RUN
    return max(result.next_slot - now, dt.timedelta(seconds=1))


def _calendar(receipts: dict[NormalizedName, Receipt]) -> tuple[RehearsedDay, ...]:
    days: dict[dt.date, list[NormalizedName]] = {}
    for receipt in receipts.values():
        if receipt.outcome is Outcome.HELD:
            days.setdefault(receipt.time.date(), []).append(receipt.name)
    return tuple(RehearsedDay(date=date, names=tuple(names)) for date, names in sorted(days.items()))
