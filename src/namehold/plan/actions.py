"""From chosen names to ordered actions with their days, and versions of names already held."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from packaging.utils import NormalizedName

from namehold import __version__
from namehold.index import Quota
from namehold.ledger import HeldName, Holdings, settled_names
from namehold.plan.budget import Selection, slots_a_window
from namehold.plan.checks.content import with_digest
from namehold.plan.model import Action, Plan, Reason, window_s_of
from namehold.portfolio import Budget, Mode, Policy, Portfolio, Renewal

#: Placeholders carry a low final release, which never beats an internal index's version of the same name.
PLACEHOLDER_VERSION: Final = "0.0.1"

#: What a placeholder names as its maker.
_TOOL: Final = f"namehold {__version__}"


def plan_actions(
    selection: Selection, *, portfolio: Portfolio, holdings: Holdings, quota: Quota | None, as_of: dt.date
) -> tuple[Action, ...]:
    """The chosen names as actions in the order of sending, each with its day; `tree_digest` is still empty."""
    review_date = review_date_after(portfolio.policy, as_of)
    days = assign_days(
        len(selection.chosen), budget=portfolio.budget, quota=quota, slot_times=holdings.slot_times, as_of=as_of
    )
    rows = zip(selection.chosen, selection.gains, days, strict=True)
    return tuple(
        with_digest(
            Action(
                ordinal=ordinal,
                day=day,
                name=item.candidate.name,
                target=item.candidate.target,
                mode=item.mode or Mode.REDIRECT,
                version=PLACEHOLDER_VERSION,
                reasons=item.reasons,
                warnings=item.warnings,
                flagged_as=item.check.flagged_as,
                review_date=review_date,
                score=item.candidate.score.value,
                gain=gain,
                digest="",
                tool=_TOOL,
            )
        )
        for ordinal, (item, gain, day) in enumerate(rows, start=1)
    )


def plan_renewals(portfolio: Portfolio, holdings: Holdings, *, as_of: dt.date) -> tuple[Action, ...]:
    """Later versions of names that are held, as `renew` of names.yaml asks for them; those that are out are left out.

    They cost no slot, and keep the mode of what is held; `tree_digest` is still empty.
    """
    held = _renewable(holdings)
    asked = [item for item in portfolio.renewals if not item.is_over(as_of)]
    due = [item for item in asked if _is_due(held.get(item.name), item.version)]
    return tuple(
        _renew(item, held[item.name], ordinal=ordinal, review_date=review_date_after(portfolio.policy, as_of))
        for ordinal, item in enumerate(due, start=1)
    )


def _renew(renewal: Renewal, held: HeldName, *, ordinal: int, review_date: dt.date) -> Action:
    target = renewal.package or held.target
    until = f". It ends on {renewal.withdraw_on}." if renewal.withdraw_on else ""
    reason = Reason(
        rule="withdrawal" if renewal.withdraw_on else "renewal",
        text=f"Held since {held.since:%Y-%m-%d} to protect users of {target}. {renewal.reason}{until}",
    )
    return with_digest(
        Action(
            ordinal=ordinal,
            day=1,
            name=held.name,
            target=target,
            # An adopted name has no mode of ours yet; a signpost is the one that installs nothing else.
            mode=held.mode or Mode.SIGNPOST,
            version=renewal.version,
            reasons=(reason,),
            warnings=(),
            flagged_as=(),
            review_date=renewal.withdraw_on or review_date,
            score=0.0,
            gain=0.0,
            digest="",
            withdraw_on=renewal.withdraw_on,
            tool=_TOOL,
        )
    )


def _renewable(holdings: Holdings) -> dict[NormalizedName, HeldName]:
    """The names that are held and not settled otherwise."""
    settled = dict(holdings.settled)
    return {item.name: item for item in holdings.held if item.name not in settled}


def _is_due(held: HeldName | None, version: str) -> bool:
    """Whether this version of a name may follow the one that is held."""
    return held is not None and held.can_become(version)


def review_date_after(policy: Policy, day: dt.date) -> dt.date:
    """When the organization looks again at a placeholder of that day: as the policy says, else late next year.

    A day of the policy that is over by then can't be promised.
    """
    chosen = policy.review_date
    return chosen if chosen is not None and chosen > day else dt.date(day.year + 1, 12, 31)


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
    window = dt.timedelta(seconds=window_s_of(quota))
    used = sum(time + window > end_of_day for time in slot_times)
    first = max(0, capacity - used)
    return tuple(1 if place < first else 2 + (place - first) // capacity for place in range(count))


def find_renewals(plan: Plan, holdings: Holdings) -> frozenset[NormalizedName]:
    """The names of which the plan has a later version than is held, and which aren't settled otherwise."""
    held = _renewable(holdings)
    return frozenset(action.name for action in plan.actions if _is_due(held.get(action.name), action.version))


def find_left(plan: Plan, holdings: Holdings) -> tuple[Action, ...]:
    """The actions that are still to be done: neither held with proof, refused nor taken away, or a later version."""
    done = settled_names(holdings) - find_renewals(plan, holdings)
    return tuple(action for action in plan.actions if action.name not in done)
