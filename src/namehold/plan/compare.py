"""What is different between two plans of one organization: the names that need something, added, dropped and moved.

Pure. Names that need nothing in both plans are no difference: a list of names changes with every day's index.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from packaging.utils import NormalizedName

from namehold.errors import InputError
from namehold.plan.model import Plan
from namehold.portfolio import Route

#: The routes on which something is sent or written by somebody.
_ACTIVE: Final = (Route.RESERVE, Route.REQUEST, Route.FLAG)


class ChangeKind(StrEnum):
    """What became of a name since the earlier plan."""

    ADDED = "added"
    DROPPED = "dropped"
    MOVED = "moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChange:
    """One name that has another route or another day than before; `before` and `after` are None where it had none.

    `day` counts from 1 as in an action; it is None on other routes. `why` is the reason of the route of today.
    """

    name: NormalizedName
    target: NormalizedName
    kind: ChangeKind
    before: Route | None
    after: Route | None
    before_day: int | None
    day: int | None
    why: str


class _Place(NamedTuple):
    """Where a name stands in one plan."""

    target: NormalizedName
    route: Route
    day: int | None


def compare_plans(before: Plan, after: Plan) -> tuple[PlanChange, ...]:
    """The differences from `before` to `after`: added names first, then dropped, then moved ones, by name.

    Raises InputError if the plans are about different indexes or organizations.
    """
    if (before.index, before.organization) != (after.index, after.organization):
        raise InputError(
            f"the earlier plan is about {before.organization} on {before.index}, "
            f"this one about {after.organization} on {after.index}",
            fix="compare with a plan of the same names.yaml: namehold plan --output FILE",
        )
    old, new = _find_active(before), _find_active(after)
    names = [name for name in old.keys() | new.keys() if old.get(name) != new.get(name)]
    found = after.find(names)
    changes = []
    for name in names:
        was, now = old.get(name), new.get(name)
        place = now or was
        assert place is not None  # noqa: S101 -- each name stands in one of the two
        item = found.get(name)
        changes.append(
            PlanChange(
                name=name,
                target=place.target,
                kind=_kind(was, now),
                before=was.route if was else None,
                after=item.route if item else None,
                before_day=was.day if was else None,
                day=now.day if now else None,
                why=item.reasons[0].text if item else "It isn't derived from names.yaml any more.",
            )
        )
    order = list(ChangeKind)
    return tuple(sorted(changes, key=lambda change: (order.index(change.kind), change.day or 0, change.name)))


def _kind(was: _Place | None, now: _Place | None) -> ChangeKind:
    if was is None:
        return ChangeKind.ADDED
    return ChangeKind.DROPPED if now is None else ChangeKind.MOVED


def _find_active(plan: Plan) -> Mapping[NormalizedName, _Place]:
    days = {action.name: action.day for action in plan.actions}
    return {
        item.name: _Place(item.target, route, days.get(item.name)) for route in _ACTIVE for item in plan.outlines(route)
    }
