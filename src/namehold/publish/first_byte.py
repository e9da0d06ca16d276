"""What must hold before the first byte leaves: clocks, guards, names that are held, targets, and what names rest on.

cleared = clear_plan(plan, fresh_plan=fresh, portfolio=portfolio, edges=edges)

Nothing was sent if anything here raises. What it finds about names that are held is written down.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from packaging.utils import NormalizedName

from namehold.errors import IndexError_, InputError, StalePlan, UnsafePlan
from namehold.evidence import discover_package
from namehold.files import Place
from namehold.index import (
    MAX_CLOCK_SKEW_S,
    Clock,
    IndexProfile,
    IndexReader,
    ProjectState,
    ProjectStatus,
    TokenSource,
    Uploader,
    WebReader,
)
from namehold.ledger import HeldName, LedgerPort, Observed, Sighting
from namehold.ownership import OwnershipProof, check_ownership
from namehold.placeholder import Builder, TreeRenderer
from namehold.plan import (
    APPROVAL_RULES,
    Action,
    Plan,
    Reason,
    approval_of,
    claimed_only,
    find_apply_refusals,
    find_edits,
    find_grounds,
    find_left,
    find_vouching,
    find_waiting_targets,
    lacks_standing,
    refuse,
    shown_values,
    without_figures,
)
from namehold.portfolio import MAX_NAMES_AN_ACCOUNT, Portfolio
from namehold.publish.stops import Stop, stop_for, stop_for_undecided

#: A name that we hold and that reads 404 is asked for again after these pauses, before it counts as gone.
_VANISHED_PAUSES_S: Final = (2.0, 5.0, 10.0)

#: The index tells whole seconds: only a difference of one or more is worth correcting.
_LEAST_SKEW: Final = dt.timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges:
    """Everything outside that a run uses. `outbox` is where built files lie until their receipt.

    `web` reads the pages that a target links to, where the index alone doesn't prove whose it is.
    `sleep` takes seconds; `wait_s` is how many seconds a run may wait for slots, all in all.
    `keep_proofs` gets what the index shows about the targets' owners, whether the run goes on with it or not; `asked`
    gives what this run got to know of them so far, which isn't asked again.
    """

    profile: IndexProfile
    reader: IndexReader
    web: WebReader
    uploader: Uploader
    tokens: TokenSource
    ledger: LedgerPort
    renderer: TreeRenderer
    builder: Builder
    clock: Clock
    outbox: Place
    sleep: Callable[[float], None]
    wait_s: float = 0.0
    keep_proofs: Callable[[tuple[OwnershipProof, ...]], object] = lambda _: None
    asked: Callable[[], tuple[OwnershipProof, ...]] = tuple


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """What the look before the first byte found out for the run.

    `skew` is how far the index's clock is ahead of ours. `unproved` are the targets around which nothing is sent,
    each with its proof that failed. `held_back` are actions that are skipped, each with why: the index's files don't
    support them now.
    """

    skew: dt.timedelta
    unproved: Mapping[NormalizedName, OwnershipProof]
    held_back: Mapping[NormalizedName, Reason]


def clear_plan(plan: Plan, *, fresh_plan: Plan, portfolio: Portfolio, edges: Edges, approve: str = "") -> Cleared:
    """Checks everything that must hold for the whole plan. `approve` is the action digest that a person approves now.

    Raises UnsafePlan or StalePlan with all findings, IndexError_ if the index can't be read, LedgerError.
    """
    _refuse_undecided(edges.ledger)
    findings = find_apply_refusals(
        plan,
        portfolio=portfolio,
        holdings=edges.ledger.holdings(),
        profile=edges.profile,
        now=edges.clock.now(),
        fresh_plan=fresh_plan,
    )
    refuse(item for item in findings if not (approve and item.rule in APPROVAL_RULES))
    if approve:
        require_digest(approve, (plan,))
    skew = measure_skew(edges)
    wrong = stop_for_clock(skew)
    if wrong is not None:
        raise UnsafePlan(f"{wrong.message}; nothing was sent", fix=wrong.fix)
    now = edges.clock.now() + skew
    if approve:
        # By a clock that was just found right: an approval from the future would never lapse.
        record_approval(plan, edges, now=now)
    # What is gone or quarantined is the administrators' answer to us.
    if record_vanished(edges, now=now):
        _refuse_undecided(edges.ledger)
    left = find_left(plan, edges.ledger.holdings())
    proofs = prove_targets(left, portfolio=portfolio, edges=edges, now=now)
    unproved = find_waiting_targets(proofs, today=now.date(), portfolio=portfolio)
    held_back: Mapping[NormalizedName, Reason] = {}
    if edges.profile.is_public:
        rest = (action for action in plan.actions if action.target not in unproved)
        held_back = find_unshown(rest, fresh_plan=fresh_plan, portfolio=portfolio, edges=edges)
    return Cleared(skew=skew, unproved=unproved, held_back=held_back)


def with_fresh_values(plan: Plan, fresh_plan: Plan) -> Plan:
    """The plan, each action with the review date, tool and figures that it has now, or that its approval froze.

    No approval covers what a plan's file says of these, so the file isn't asked. An action whose other content differs
    stays as it is, for the guards.
    """
    fresh = {action.name: action for action in fresh_plan.actions}
    actions = tuple(
        replace(fresh[action.name], ordinal=action.ordinal, day=action.day)
        if action.name in fresh and without_figures(fresh[action.name]) == without_figures(action)
        else action
        for action in plan.actions
    )
    return replace(plan, actions=actions)


def _refuse_undecided(ledger: LedgerPort) -> None:
    """The administrators' word is final, on every index: a rehearsal stops for it as a real run does."""
    holdings = ledger.holdings()
    if holdings.unread_sightings:
        raise UnsafePlan(
            "the index took a name away, and only the ledger's key tells which; nothing was sent",
            fix="namehold key import FILE; if the key is lost, move the ledger away, then: namehold status --rebuild",
        )
    stop = stop_for_undecided(holdings.undecided)
    if stop is not None:
        raise UnsafePlan(stop.message, fix=stop.fix)


def require_digest(approve: str, plans: Iterable[Plan]) -> Plan:
    """The one of `plans` whose action digest a person approves with `approve`; the first of them is today's plan.

    Raises StalePlan if it is none of them, or one that was edited.
    """
    today, *_ = candidates = tuple(plans)
    chosen = next((item for item in candidates if item.action_digest == approve and not find_edits(item)), None)
    if chosen is None:
        raise StalePlan(
            "the approved digest isn't this plan's; nothing was sent",
            fix=f"read the plan (namehold plan), then approve it: {today.action_digest}",
        )
    return chosen


def record_approval(plan: Plan, edges: Edges, *, now: dt.datetime) -> None:
    """Writes a person's approval of `plan` into the ledger."""
    edges.ledger.append(approval_of(plan, edges.profile, time=now))


def measure_skew(edges: Edges) -> dt.timedelta:
    """How far the index's clock is ahead of this machine's. Raises IndexError_."""
    skew = edges.reader.now() - edges.clock.now()
    return skew if abs(skew) >= _LEAST_SKEW else dt.timedelta()


def stop_for_clock(skew: dt.timedelta) -> Stop | None:
    """The stop where the times in a token would be wrong, None where the clocks agree well enough."""
    skew_s = abs(skew.total_seconds())
    return stop_for("clock", skew_s=skew_s) if skew_s > MAX_CLOCK_SKEW_S else None


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
        found = Sighting.QUARANTINED if state.exists else Sighting.VANISHED
        edges.ledger.append(Observed(name=held.name, found=found, time=now))
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


def prove_targets(
    actions: Iterable[Action], *, portfolio: Portfolio, edges: Edges, now: dt.datetime
) -> tuple[OwnershipProof, ...]:
    """What the index's own record shows about who owns the packages that these actions rest on.

    What this run asked already isn't asked again.

    Raises IndexError_ where the index can't be read.
    """
    targets = {find_vouching(action.target, portfolio) or action.target for action in actions}
    known = {proof.target: proof for proof in edges.asked() if proof.target in targets}
    proofs = check_ownership(
        portfolio,
        targets - known.keys(),
        index=edges.reader,
        web=edges.web,
        profile=edges.profile,
        now=now,
    )
    edges.keep_proofs(proofs)
    return (*known.values(), *proofs)


def find_unshown(
    actions: Iterable[Action], *, fresh_plan: Plan, portfolio: Portfolio, edges: Edges
) -> dict[NormalizedName, Reason]:
    """The actions that rest only on commands, imports or former names which the index's files don't show now.

    What names.yaml says about its own sources doesn't count. Raises IndexError_ where a target can't be read.
    """
    assessed = {item.candidate.name: item for item in fresh_plan.assessments}
    ignored = {package.name: package.ignored for package in portfolio.packages}
    shown: dict[NormalizedName, frozenset[NormalizedName]] = {}
    unshown: dict[NormalizedName, Reason] = {}
    for action in actions:
        grounds = find_grounds(assessed[action.name], portfolio) if action.name in assessed else frozenset()
        if not grounds:
            continue
        if action.target not in shown:
            try:
                found = discover_package(action.target, web=edges.web, simple=edges.profile.simple)
            except InputError:
                # A hostile or damaged file shows nothing.
                shown[action.target] = frozenset()
            else:
                shown[action.target] = shown_values(found.surfaces, ignored=ignored[action.target])
        if lacks_standing(grounds, shown[action.target]):
            unshown[action.name] = claimed_only(action.target)
    return unshown
