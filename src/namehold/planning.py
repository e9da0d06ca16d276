"""From assessed names to an ordered plan: who gets a slot, on which day, and what has to wait.

The budget is filled by marginal gain over the whole portfolio. The gain of a name is its score times what isn't
covered yet of its target (noisy-or): the first good name of a package is worth more than the fourth.

    covered(t) = 1 - product of (1 - score) over the held and the chosen names of t
    gain(name) = score * (1 - covered(target))

Observed names come first, then names that a person asks for, then the others by gain, until the budget is spent or
the gain falls below `policy.threshold`. Of the budget a place is kept for each package's first `budget.floor` names, as
far as they reach the threshold. Equal gains are ordered by name, so that the same inputs give the same plan.
"""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from packaging.utils import NormalizedName
from packaging.version import Version

from namehold.assessment.routing import ACTING, DEFAULT_ROUTES, refused_overrides
from namehold.digests import digest
from namehold.guards import count_by_package, names_ever_held
from namehold.models import (
    MAX_NAMES_AN_ACCOUNT,
    SNAPSHOT_MAX_AGE_DAYS,
    Action,
    Assessment,
    Budget,
    Candidate,
    CoveragePoint,
    Deferred,
    HeldName,
    Holdings,
    Mode,
    NameClass,
    Policy,
    PolicyDifference,
    PolicyName,
    Portfolio,
    Quota,
    Reason,
    Renewal,
    Route,
    SnapshotInfo,
    TypoFlag,
)

#: Placeholders carry a low final release, which never beats an internal index's version of the same name.
PLACEHOLDER_VERSION: Final = "0.0.1"

_DAY_S: Final = 86_400
#: Where a name stands in the queue for slots, before its gain counts.
_OBSERVED, _ASKED_FOR, _RANKED = range(3)

#: Why a name has to wait, by the key of names.yaml that sets the limit.
_WAITING: Final[Mapping[str, Reason]] = MappingProxyType(
    {
        "budget.total": Reason(rule="over-total", text="The budget's total goes to names that cover more."),
        "budget.floor": Reason(
            rule="over-floor", text="What is left of the total is kept for packages that have fewer names."
        ),
        "budget.per_package": Reason(rule="over-package", text="The package has all names that the budget gives it."),
        "policy.threshold": Reason(rule="under-threshold", text="What it would still cover is below the threshold."),
        "budget.keep_slots": Reason(rule="no-slots", text="No slot of the index's window is left for reservations."),
    }
)

_CONFUSABLE_RULES: Final[Mapping[str, NameClass]] = MappingProxyType({"typo": NameClass.TYPO, "combo": NameClass.COMBO})


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Who gets a slot. `gains` belong to `chosen`, in order; `assessments` are all names, rerouted where they wait.

    `coverage` goes on beyond the budget, so that an organization sees where to stop.
    """

    chosen: tuple[Assessment, ...]
    gains: tuple[float, ...]
    deferred: tuple[Deferred, ...]
    assessments: tuple[Assessment, ...]
    coverage: tuple[CoveragePoint, ...]


def select(
    assessments: Sequence[Assessment],
    *,
    portfolio: Portfolio,
    holdings: Holdings,
    quota: Quota | None,
    policy: Policy | None = None,
) -> Selection:
    """Fills the budget. `policy` replaces the portfolio's own, for 'what would the other policy do'.

    A confusable name that policy `protective` would reserve, but that gets no slot, goes back to the route that
    `cautious` gives it; every other name that gets none is deferred with the key of names.yaml that sets the limit.
    """
    policy = policy or portfolio.policy
    reservable = [item for item in assessments if item.route is Route.RESERVE]
    ranks = _ranks(portfolio)
    budget = portfolio.budget
    held = [item for item in assessments if item.candidate.name in holdings.names]
    uncovered = _uncovered(held)
    first = _Limits(budget, holdings, quota, most=budget.floor)
    floor = _fill(reservable, ranks, first, policy.threshold, uncovered)
    limits = _Limits(budget, holdings, quota, kept=(item.candidate.name for item in floor.chosen))
    filled = _fill(reservable, ranks, limits, policy.threshold, uncovered)
    waiting, chosen = filled.waiting, filled.chosen
    settled = tuple(
        _without_slot(item, waiting[item.candidate.name], policy) if item.candidate.name in waiting else item
        for item in assessments
    )
    return Selection(
        chosen=tuple(chosen),
        gains=tuple(filled.gains),
        deferred=_deferred(settled, waiting),
        assessments=settled,
        coverage=_coverage(held, chosen, reservable),
    )


def plan_actions(
    selection: Selection, *, portfolio: Portfolio, holdings: Holdings, quota: Quota | None, as_of: dt.date
) -> tuple[Action, ...]:
    """The chosen names as actions in the order of sending, each with its day; `tree_digest` is still empty."""
    review_date = review_date_after(portfolio.policy, as_of)
    days = assign_days(
        len(selection.chosen), budget=portfolio.budget, quota=quota, slot_times=holdings.slot_times, as_of=as_of
    )
    return tuple(
        _action(item, ordinal=ordinal, day=day, gain=gain, review_date=review_date)
        for ordinal, (item, gain, day) in enumerate(zip(selection.chosen, selection.gains, days, strict=True), start=1)
    )


def plan_renewals(portfolio: Portfolio, holdings: Holdings, *, as_of: dt.date) -> tuple[Action, ...]:
    """Later versions of names that are held, as `renew` of names.yaml asks for them; those that are out are left out.

    They cost no slot, and keep the mode of what is held; `tree_digest` is still empty.
    """
    held = {item.name: item for item in holdings.held}
    settled = dict(holdings.settled)
    return tuple(
        _renewal_action(renewal, held[renewal.name], ordinal=ordinal, day=as_of, policy=portfolio.policy)
        for ordinal, renewal in enumerate(
            (
                item
                for item in portfolio.renewals
                if item.name in held
                and item.name not in settled
                and Version(held[item.name].version) < Version(item.version)
            ),
            start=1,
        )
    )


def _renewal_action(renewal: Renewal, held: HeldName, *, ordinal: int, day: dt.date, policy: Policy) -> Action:
    target = renewal.package or held.target
    until = f". It ends on {renewal.withdraw_on}." if renewal.withdraw_on else ""
    reasons = (
        Reason(
            rule="withdrawal" if renewal.withdraw_on else "renewal",
            text=f"Held since {held.since:%Y-%m-%d} to protect users of {target}. {renewal.reason}{until}",
        ),
    )
    return _make_action(
        name=held.name,
        target=target,
        # An adopted name has no mode of ours yet; a signpost is the one that installs nothing else.
        mode=held.mode or Mode.SIGNPOST,
        version=renewal.version,
        reasons=reasons,
        review_date=renewal.withdraw_on or review_date_after(policy, day),
        ordinal=ordinal,
        day=1,
        withdraw_on=renewal.withdraw_on,
    )


def review_date_after(policy: Policy, day: dt.date) -> dt.date:
    """When the organization looks again at a placeholder of that day: as the policy says, else late next year."""
    return policy.review_date or dt.date(day.year + 1, 12, 31)


def assign_days(
    count: int, *, budget: Budget, quota: Quota | None, slot_times: Sequence[dt.datetime], as_of: dt.date
) -> tuple[int, ...]:
    """The window of the quota in which each of `count` names is sent, from 1 (the one that `as_of` is in).

    `keep_slots` are left alone and `per_day` only tightens. A slot that was used is free again one window later: those
    that don't come back before the end of `as_of` are missing in window 1.
    """
    capacity = slots_a_window(budget, quota)
    if capacity is None:
        return (1,) * count
    if capacity == 0:
        return ()
    end_of_day = dt.datetime.combine(as_of, dt.time(), dt.UTC) + dt.timedelta(days=1)
    window = dt.timedelta(seconds=quota.window_s if quota is not None else _DAY_S)
    used = sum(time + window > end_of_day for time in slot_times)
    first = max(0, capacity - used)
    return tuple(1 if place < first else 2 + (place - first) // capacity for place in range(count))


def slots_a_window(budget: Budget, quota: Quota | None) -> int | None:
    """How many names may be sent in one window of the quota; None where nothing limits that."""
    if quota is None:
        return budget.per_day
    left = max(0, quota.limit - budget.keep_slots)
    return left if budget.per_day is None else min(left, budget.per_day)


def find_differences(mine: Selection, other: Selection) -> tuple[PolicyDifference, ...]:
    """The names that are acted on under one policy and not, or otherwise, under the other; in the plan's order."""
    other_routes = {item.candidate.name: item.route for item in other.assessments}
    return tuple(
        PolicyDifference(
            name=item.candidate.name,
            target=item.candidate.target,
            route=item.route,
            other_route=other_routes[item.candidate.name],
        )
        for item in mine.assessments
        if item.route is not other_routes[item.candidate.name]
        and not ACTING.isdisjoint((item.route, other_routes[item.candidate.name]))
    )


def other_policy(policy: Policy) -> Policy:
    """The same policy under the other name."""
    name = PolicyName.PROTECTIVE if policy.name is PolicyName.CAUTIOUS else PolicyName.CAUTIOUS
    return replace(policy, name=name)


def find_warnings(
    actions: Sequence[Action],
    selection: Selection,
    *,
    portfolio: Portfolio,
    holdings: Holdings,
    snapshot: SnapshotInfo | None,
    as_of: dt.date,
) -> tuple[Reason, ...]:
    """What a person should know about the plan as a whole; what is about one name stands beside that name."""
    warnings = [
        *_snapshot_warnings(selection, snapshot, index=portfolio.account.index, as_of=as_of),
        *(
            Reason(
                rule="override-ignored",
                text=f"policy.routes.{name_class}: '{route}' is no route for this class; the default stays.",
            )
            for name_class, route in refused_overrides(portfolio.policy)
        ),
    ]
    held = {item.name for item in holdings.held}
    strange = sorted(item.name for item in portfolio.renewals if item.name not in held)
    if strange:
        text = f"names.yaml asks for a later version of what isn't held (renew): {', '.join(strange)}."
        warnings.append(Reason(rule="renewal-not-held", text=text))
    if holdings.undecided:
        names = ", ".join(sorted(holdings.undecided))
        text = (
            f"The index took these names away, and apply stops until its administrators' answer is recorded: {names}."
        )
        warnings.append(Reason(rule="names-vanished", text=text))
    flagged = sum(bool(action.flagged_as) for action in actions)
    if flagged:
        text = (
            f"{flagged} of the planned names will show up in the index's background checks: "
            "tell its administrators before the first upload."
        )
        warnings.append(Reason(rule="administrators-first", text=text))
    confusable = sum(action.reasons[0].rule in _CONFUSABLE_RULES for action in actions)
    if confusable:
        text = f"{confusable} of the planned names were never the organization's own: the index may remove them."
        warnings.append(Reason(rule="index-may-remove", text=text))
    return tuple(warnings)


# --------------------------------------------------------------------------- the queue


def _ranks(portfolio: Portfolio) -> dict[NormalizedName, int]:
    """Names that go before all others; the threshold doesn't hold them back, because a person or a model named them."""
    asked_for = [item.name for item in portfolio.always] + [item.name for item in portfolio.internal]
    return {**dict.fromkeys(asked_for, _ASKED_FOR), **{item.name: _OBSERVED for item in portfolio.observed}}


def _by_gain(
    items: Sequence[Assessment], ranks: Mapping[NormalizedName, int], uncovered: Mapping[NormalizedName, float]
) -> Iterator[tuple[Assessment, float]]:
    """The names with their marginal gains, best first.

    The caller lowers `uncovered` between two names. Gains only fall, so a name whose gain hasn't changed since it
    entered the heap is the best of all; any other one is put back with its new gain.
    """
    heap = [
        (ranks.get(item.candidate.name, _RANKED), -_gain(item, uncovered), item.candidate.name, place)
        for place, item in enumerate(items)
    ]
    heapq.heapify(heap)
    while heap:
        rank, negative_gain, name, place = heapq.heappop(heap)
        gain = _gain(items[place], uncovered)
        if -gain > negative_gain:
            heapq.heappush(heap, (rank, -gain, name, place))
        else:
            yield items[place], gain


def _gain(item: Assessment, uncovered: Mapping[NormalizedName, float]) -> float:
    return item.candidate.score.value * uncovered.get(item.candidate.target, 1.0)


def _cover(item: Assessment, uncovered: MutableMapping[NormalizedName, float]) -> None:
    target = item.candidate.target
    uncovered[target] = uncovered.get(target, 1.0) * (1.0 - item.candidate.score.value)


def _uncovered(items: Iterable[Assessment]) -> Mapping[NormalizedName, float]:
    """By target, what `items` leave uncovered; a target without any of them isn't there and has 1."""
    uncovered: dict[NormalizedName, float] = {}
    for item in items:
        _cover(item, uncovered)
    return uncovered


class _Limits:
    """What is left of the budget after what the ledger holds.

    `most` is how many names a package may have without being asked for; `kept` are names that a place is kept for.
    """

    def __init__(
        self,
        budget: Budget,
        holdings: Holdings,
        quota: Quota | None,
        *,
        most: int | None = None,
        kept: Iterable[NormalizedName] = (),
    ) -> None:
        self._has_slots = slots_a_window(budget, quota) != 0
        self._total = budget.total - len(names_ever_held(holdings))
        self._per_package = budget.per_package
        self._most = budget.per_package if most is None else min(most, budget.per_package)
        self._by_package = count_by_package(holdings)
        self._kept = set(kept)

    def find_key(self, candidate: Candidate, *, is_asked_for: bool) -> str | None:
        """The key of names.yaml that leaves no room for this name; None if there is room."""
        if not self._has_slots:
            return "budget.keep_slots"
        if self._by_package[candidate.target] >= (self._per_package if is_asked_for else self._most):
            return "budget.per_package"
        if self._total <= 0:
            return "budget.total"
        if is_asked_for or candidate.name in self._kept or self._total > len(self._kept):
            return None
        return "budget.floor"

    def take(self, candidate: Candidate) -> None:
        """Counts one more name of the candidate's target."""
        self._total -= 1
        self._by_package[candidate.target] += 1
        self._kept.discard(candidate.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Filled:
    """Who got a place with which gain, in order, and which key of names.yaml keeps the others waiting."""

    chosen: list[Assessment] = field(default_factory=list)
    gains: list[float] = field(default_factory=list)
    waiting: dict[NormalizedName, str] = field(default_factory=dict)


def _fill(
    reservable: Sequence[Assessment],
    ranks: Mapping[NormalizedName, int],
    limits: _Limits,
    threshold: float,
    uncovered: Mapping[NormalizedName, float],
) -> _Filled:
    """Gives places by marginal gain as far as `limits` and `threshold` go; what was asked for needs no gain.

    `uncovered` is what the names that are held already leave.
    """
    filled = _Filled()
    left = dict(uncovered)
    for item, gain in _by_gain(reservable, ranks, left):
        is_asked_for = item.candidate.name in ranks
        # The threshold first: where it keeps a name back, more room would change nothing.
        if gain < threshold and not is_asked_for:
            key: str | None = "policy.threshold"
        else:
            key = limits.find_key(item.candidate, is_asked_for=is_asked_for)
        if key is not None:
            filled.waiting[item.candidate.name] = key
            continue
        limits.take(item.candidate)
        _cover(item, left)
        filled.chosen.append(item)
        filled.gains.append(gain)
    return filled


def _without_slot(item: Assessment, key: str, policy: Policy) -> Assessment:
    """A confusable name goes back to what `cautious` does with it; any other stays to be reserved later."""
    name_class = _CONFUSABLE_RULES.get(item.reasons[0].rule)
    if name_class is None or name_class in dict(policy.routes):
        return item
    route = DEFAULT_ROUTES[PolicyName.CAUTIOUS][name_class]
    text = f"{item.reasons[0].text} {_WAITING[key].text} ({key})"
    reason = Reason(rule=f"{item.reasons[0].rule}-no-slot", text=text)
    if route is not Route.REQUEST:
        return replace(item, route=route, mode=None, reasons=(reason,), warnings=())
    kept = tuple(warning for warning in item.warnings if warning.rule == "index-will-flag")
    return replace(item, route=route, mode=None, reasons=(reason, *item.reasons[1:]), warnings=kept)


def _deferred(assessments: Sequence[Assessment], waiting: Mapping[NormalizedName, str]) -> tuple[Deferred, ...]:
    left = [item for item in assessments if item.route is Route.RESERVE and item.candidate.name in waiting]
    return tuple(
        Deferred(
            name=item.candidate.name,
            target=item.candidate.target,
            score=item.candidate.score.value,
            reason=_WAITING[waiting[item.candidate.name]],
            key=waiting[item.candidate.name],
        )
        for item in sorted(left, key=lambda item: (-item.candidate.score.value, item.candidate.name))
    )


def _coverage(
    held: Sequence[Assessment], chosen: Sequence[Assessment], reservable: Sequence[Assessment]
) -> tuple[CoveragePoint, ...]:
    """What is held, then the chosen names in their order, then the others by gain, as far as an account may ever go."""
    whole = sum(1.0 - value for value in _uncovered(itertools.chain(held, reservable)).values())
    taken = {item.candidate.name for item in chosen}
    others = [item for item in reservable if item.candidate.name not in taken]
    left: dict[NormalizedName, float] = {}
    in_order = itertools.chain(
        (item for item, _ in _by_gain(held, {}, left)), chosen, (item for item, _ in _by_gain(others, {}, left))
    )
    points: list[CoveragePoint] = []
    covered = 0.0
    for item in in_order:
        gain = _gain(item, left)
        _cover(item, left)
        covered += gain
        share = min(1.0, covered / whole) if whole else 0.0
        points.append(
            CoveragePoint(names=len(points) + 1, name=item.candidate.name, gain=round(gain, 6), covered=round(share, 6))
        )
        if len(points) == MAX_NAMES_AN_ACCOUNT:
            break
    return tuple(points)


# --------------------------------------------------------------------------- values


def _action(item: Assessment, *, ordinal: int, day: int, gain: float, review_date: dt.date) -> Action:
    return _make_action(
        name=item.candidate.name,
        target=item.candidate.target,
        mode=item.mode or Mode.REDIRECT,
        version=PLACEHOLDER_VERSION,
        reasons=item.reasons,
        review_date=review_date,
        ordinal=ordinal,
        day=day,
        warnings=item.warnings,
        flagged_as=item.check.flagged_as,
        score=item.candidate.score.value,
        gain=gain,
    )


def _make_action(
    *,
    name: NormalizedName,
    target: NormalizedName,
    mode: Mode,
    version: str,
    reasons: tuple[Reason, ...],
    review_date: dt.date,
    ordinal: int,
    day: int,
    warnings: tuple[Reason, ...] = (),
    flagged_as: tuple[TypoFlag, ...] = (),
    score: float = 0.0,
    gain: float = 0.0,
    withdraw_on: dt.date | None = None,
) -> Action:
    """An action with the digest of what its placeholder carries."""
    carried = {
        "name": name,
        "target": target,
        "mode": mode,
        "version": version,
        "reasons": reasons,
        "review_date": review_date,
    }
    return Action(
        ordinal=ordinal,
        day=day,
        name=name,
        target=target,
        mode=mode,
        version=version,
        reasons=reasons,
        warnings=warnings,
        flagged_as=flagged_as,
        review_date=review_date,
        score=score,
        gain=gain,
        digest=digest(carried),
        withdraw_on=withdraw_on,
    )


def _snapshot_warnings(
    selection: Selection, snapshot: SnapshotInfo | None, *, index: str, as_of: dt.date
) -> Iterator[Reason]:
    unknown = sum(item.reasons[0].rule == "unknown" for item in selection.assessments)
    if snapshot is None or not snapshot.complete:
        what = "no list" if snapshot is None else "no complete list"
        text = f"There is {what} of the names on {index}: {unknown} names can't be planned until there is one."
        yield Reason(rule="no-snapshot" if snapshot is None else "partial-snapshot", text=text)
    if snapshot is None:
        return
    if snapshot.index != index:
        text = f"The list of names is one of {snapshot.index}, not of {index}."
        yield Reason(rule="other-snapshot", text=text)
    age_days = snapshot.age_days(as_of)
    if snapshot.is_stale(as_of):
        text = (
            f"The list of names is {age_days} days old; apply to a public index takes at most {SNAPSHOT_MAX_AGE_DAYS}."
        )
        yield Reason(rule="old-snapshot", text=text)
    elif age_days < 0:
        yield Reason(rule="future-snapshot", text=f"The list of names is dated {snapshot.taken}, after this plan.")
