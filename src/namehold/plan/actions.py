"""From chosen names to ordered actions with their days, and versions of names already held."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from packaging.utils import NormalizedName
from packaging.version import Version

from namehold.documents import digest
from namehold.index import Quota, TypoFlag
from namehold.ledger import HeldName, Holdings, is_settled
from namehold.plan.budget import Selection, slots_a_window
from namehold.plan.model import Action, Assessment, Plan, Reason
from namehold.portfolio import Budget, Mode, Policy, Portfolio, Renewal

#: Placeholders carry a low final release, which never beats an internal index's version of the same name.
PLACEHOLDER_VERSION: Final = "0.0.1"

_DAY_S: Final = 86_400


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


def find_renewals(plan: Plan, holdings: Holdings) -> frozenset[NormalizedName]:
    """The names of which the plan has a later version than is held, and which aren't settled otherwise."""
    held = {item.name: item.version for item in holdings.held}
    settled = dict(holdings.settled)
    return frozenset(
        action.name
        for action in plan.actions
        if action.name in held and action.name not in settled and Version(held[action.name]) < Version(action.version)
    )


def find_left(plan: Plan, holdings: Holdings) -> tuple[Action, ...]:
    """The actions that are still to be done: neither held with proof, refused nor taken away, or a later version."""
    done = is_settled(holdings) - find_renewals(plan, holdings)
    return tuple(action for action in plan.actions if action.name not in done)
