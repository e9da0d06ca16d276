"""From assessed names to an ordered plan: which names get a slot, and which wait.

The budget is filled by the harm that a name would prevent, over the whole portfolio. The gain of a name is its score
times what isn't covered yet of its target (noisy-or): the first good name of a package is worth more than the fourth.
The harm is the gain times the target's users (`plan.users`).

    covered(t) = 1 - product of (1 - score) over the held and the chosen names of t
    gain(name) = score * (1 - covered(target))
    harm(name) = gain(name) * users(target)

Those under `observed` in names.yaml and in the organization's own documents come first, then names that a person asks
for, then the others by harm, until the budget is spent or the gain falls below `policy.threshold`; users never lift a
name over it. Of the budget a place is kept for each package's first `budget.floor` names, as far as they reach the
threshold; its own surfaces need no chance for it (`needs_chance`). Equal harms are ordered by name, so that the same
inputs give the same plan.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from packaging.utils import NormalizedName

from namehold.candidates import Candidate
from namehold.index import Quota
from namehold.ledger import Holdings, count_by_package, names_ever_held
from namehold.names import ultranormalize
from namehold.plan.model import Assessment, CoveragePoint, Deferred, Reason
from namehold.plan.reasons import warnings_of_request
from namehold.plan.routes import ACTING, DEFAULT_ROUTES, needs_chance
from namehold.portfolio import (
    MAX_NAMES_AN_ACCOUNT,
    Budget,
    NameClass,
    Policy,
    PolicyName,
    Portfolio,
    Route,
    SurfaceKind,
)

#: Where a name stands in the queue for slots, before its gain counts.
_OBSERVED, _ASKED_FOR, _RANKED = range(3)

#: Why a name waits, by the key of names.yaml that sets the limit.
_WAITING: Final[Mapping[str, Reason]] = {
    "budget.total": Reason(rule="over-total", text="The budget's total goes to names that cover more."),
    "budget.floor": Reason(
        rule="over-floor", text="What is left of the total is kept for packages that have fewer names."
    ),
    "budget.per_package": Reason(rule="over-package", text="The package has all names that the budget gives it."),
    "policy.threshold": Reason(rule="under-threshold", text="What it would still cover is below the threshold."),
    "budget.keep_slots": Reason(rule="no-slots", text="No slot of the index's window is left for reservations."),
}

CONFUSABLE_RULES: Final[Mapping[str, NameClass]] = {
    "typo": NameClass.TYPO,
    "python-word": NameClass.TYPO,
    "combo": NameClass.COMBO,
}


#: Reasons of a package's own surfaces. They are rarely taken for the package, but they are how people reach it.
OWN_RULES: Final = frozenset({"surface", "surface-confirmed"})


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
    has_similarity_rule: bool = True,
    users: Mapping[NormalizedName, float] = {},
) -> Selection:
    """Fills the budget. `policy` replaces the portfolio's own, for 'what would the other policy do'.

    A confusable name that policy `protective` would reserve, but that gets no slot, goes back to the route that
    `cautious` gives it; every other name that gets none is deferred with the key of names.yaml that sets the limit.
    With `has_similarity_rule` the index takes one name of each similarity key: the better one gets the slot.
    `users` are those of the targets, in comparison; a target that isn't there has 1.
    """
    policy = policy or portfolio.policy
    reservable = [item for item in assessments if item.route is Route.RESERVE]
    ranks = _ranks(portfolio)
    budget = portfolio.budget
    held_names = holdings.names
    held = [item for item in assessments if item.candidate.name in held_names]
    uncovered = _uncovered(held)
    first = _Limits(budget, holdings, quota, most=budget.floor)
    keys = {ultranormalize(name): name for name in held_names} if has_similarity_rule else None
    own = frozenset(item.candidate.name for item in reservable if item.reasons[0].rule in OWN_RULES)
    floor = _fill(reservable, ranks, first, policy.threshold, uncovered, keys=keys, users=users, own=own)
    kept = frozenset(item.candidate.name for item in floor.chosen)
    limits = _Limits(budget, holdings, quota, kept=kept)
    filled = _fill(reservable, ranks, limits, policy.threshold, uncovered, keys=keys, users=users, own=own & kept)
    waiting, chosen = filled.waiting, filled.chosen
    settled = tuple(
        _without_slot(item, waiting[item.candidate.name], policy) if item.candidate.name in waiting else item
        for item in assessments
    )
    return Selection(
        chosen=tuple(chosen),
        gains=tuple(filled.gains),
        deferred=_deferred(settled, waiting, filled.similar),
        assessments=settled,
        coverage=_coverage(held, chosen, reservable, users),
    )


def slots_a_window(budget: Budget, quota: Quota | None) -> int | None:
    """How many names may be sent in one window of the quota; None where nothing limits that."""
    if quota is None:
        return budget.per_day
    left = max(0, quota.limit - budget.keep_slots)
    return left if budget.per_day is None else min(left, budget.per_day)


def _ranks(portfolio: Portfolio) -> dict[NormalizedName, int]:
    """Names that go before all others; the threshold doesn't hold them back.

    A person wrote them down, or the organization's own documents spread them. What models and other people's lists
    tell was counted by a program: it queues by its rate.
    """
    asked_for = [
        *(item.name for item in portfolio.always),
        *(item.name for item in portfolio.internal),
        *(name for package in portfolio.packages for name in package.confirmed),
    ]
    written = (item.name for item in portfolio.observed if item.kind is not SurfaceKind.PROBED and not item.licence)
    return {**dict.fromkeys(asked_for, _ASKED_FOR), **dict.fromkeys(written, _OBSERVED)}


def _by_harm(
    items: Sequence[Assessment],
    ranks: Mapping[NormalizedName, int],
    uncovered: Mapping[NormalizedName, float],
    users: Mapping[NormalizedName, float],
) -> Iterator[tuple[Assessment, float]]:
    """The names with their marginal gains, those that prevent most harm first.

    The caller lowers `uncovered` between two names. Gains only fall, so a name whose harm hasn't changed since it
    entered the heap is the best of all; any other one is put back with its new harm.
    """
    heap = [
        (ranks.get(item.candidate.name, _RANKED), -_harm(item, uncovered, users), item.candidate.name, place)
        for place, item in enumerate(items)
    ]
    heapq.heapify(heap)
    while heap:
        rank, negative_harm, name, place = heapq.heappop(heap)
        harm = _harm(items[place], uncovered, users)
        if -harm > negative_harm:
            heapq.heappush(heap, (rank, -harm, name, place))
        else:
            yield items[place], _gain(items[place], uncovered)


def _gain(item: Assessment, uncovered: Mapping[NormalizedName, float]) -> float:
    return item.candidate.score.value * uncovered.get(item.candidate.target, 1.0)


def _harm(item: Assessment, uncovered: Mapping[NormalizedName, float], users: Mapping[NormalizedName, float]) -> float:
    return _gain(item, uncovered) * users.get(item.candidate.target, 1.0)


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
    """Who got a place with which gain, in order, and which key of names.yaml keeps the others waiting.

    `similar` are names of which the index would refuse one, each with the one that it can have.
    """

    chosen: list[Assessment] = field(default_factory=list)
    gains: list[float] = field(default_factory=list)
    waiting: dict[NormalizedName, str] = field(default_factory=dict)
    similar: dict[NormalizedName, NormalizedName] = field(default_factory=dict)


def _fill(
    reservable: Sequence[Assessment],
    ranks: Mapping[NormalizedName, int],
    limits: _Limits,
    threshold: float,
    uncovered: Mapping[NormalizedName, float],
    *,
    keys: Mapping[str, NormalizedName] | None,
    users: Mapping[NormalizedName, float],
    own: frozenset[NormalizedName],
) -> _Filled:
    """Gives places by the harm that each name prevents, as far as `limits` and `threshold` go.

    What was asked for needs no gain, and the names in `own` need none where `needs_chance` says so.

    `uncovered` is what the names that are held already leave; `keys` are those names by similarity key, None where the
    index has no such rule.
    """
    filled = _Filled()
    left = dict(uncovered)
    taken = dict(keys or {})
    for item, gain in _by_harm(reservable, ranks, left, users):
        is_asked_for = item.candidate.name in ranks
        # The threshold first: where it keeps a name back, more room would change nothing.
        least = threshold if needs_chance(threshold) or item.candidate.name not in own else 0.0
        if gain < least and not is_asked_for:
            key: str | None = "policy.threshold"
        else:
            key = limits.find_key(item.candidate, is_asked_for=is_asked_for)
        if key is not None:
            filled.waiting[item.candidate.name] = key
            continue
        if keys is not None:
            other = taken.setdefault(ultranormalize(item.candidate.name), item.candidate.name)
            if other != item.candidate.name:
                filled.similar[item.candidate.name] = other
                continue
        limits.take(item.candidate)
        _cover(item, left)
        filled.chosen.append(item)
        filled.gains.append(gain)
    return filled


def _without_slot(item: Assessment, key: str, policy: Policy) -> Assessment:
    """A confusable name goes back to what `cautious` does with it; any other stays to be reserved later."""
    name_class = CONFUSABLE_RULES.get(item.reasons[0].rule)
    if name_class is None or name_class in dict(policy.routes):
        return item
    route = DEFAULT_ROUTES[PolicyName.CAUTIOUS][name_class]
    # A request tells its reasons to strangers, who don't know names.yaml.
    where = "" if route in ACTING else f" ({key})"
    text = f"{item.reasons[0].text} {_WAITING[key].text}{where}"
    reason = Reason(rule=f"{item.reasons[0].rule}-no-slot", text=text)
    if route is not Route.REQUEST:
        return item.changed(route=route, mode=None, reasons=(reason,), warnings=())
    warnings = warnings_of_request(item.candidate)
    return item.changed(route=route, mode=None, reasons=(reason, *item.reasons[1:]), warnings=warnings)


def _deferred(
    assessments: Sequence[Assessment],
    waiting: Mapping[NormalizedName, str],
    similar: Mapping[NormalizedName, NormalizedName],
) -> tuple[Deferred, ...]:
    reasons = {name: _WAITING[key] for name, key in waiting.items()}
    reasons |= {
        name: Reason(
            rule="similar-to-planned",
            text=f"The index takes one of both: it reads like {other}, and is protected once that is held.",
        )
        for name, other in similar.items()
    }
    left = [item for item in assessments if item.route is Route.RESERVE and item.candidate.name in reasons]
    return tuple(
        Deferred(
            name=item.candidate.name,
            target=item.candidate.target,
            score=item.candidate.score.value,
            reason=reasons[item.candidate.name],
            key=waiting.get(item.candidate.name, ""),
        )
        for item in sorted(left, key=lambda item: (-item.candidate.score.value, item.candidate.name))
    )


def _coverage(
    held: Sequence[Assessment],
    chosen: Sequence[Assessment],
    reservable: Sequence[Assessment],
    users: Mapping[NormalizedName, float],
) -> tuple[CoveragePoint, ...]:
    """What is held, then the chosen names in their order, then the others by harm, as far as an account may ever go."""
    most = _uncovered(itertools.chain(held, reservable))
    whole = sum((1.0 - value) * users.get(target, 1.0) for target, value in most.items())
    taken = {item.candidate.name for item in chosen}
    others = [item for item in reservable if item.candidate.name not in taken]
    left: dict[NormalizedName, float] = {}
    in_order = itertools.chain(
        (item for item, _ in _by_harm(held, {}, left, users)),
        chosen,
        (item for item, _ in _by_harm(others, {}, left, users)),
    )
    points: list[CoveragePoint] = []
    covered = 0.0
    for item in in_order:
        gain = _harm(item, left, users)
        _cover(item, left)
        covered += gain
        share = min(1.0, covered / whole) if whole else 0.0
        points.append(
            CoveragePoint(names=len(points) + 1, name=item.candidate.name, gain=round(gain, 6), covered=round(share, 6))
        )
        if len(points) == MAX_NAMES_AN_ACCOUNT:
            break
    return tuple(points)
