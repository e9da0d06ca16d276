"""Names that wait because their package isn't proved to be the organization's; everything else goes on.

waiting = why_targets_wait(proofs, today=today)      # by package: the reason, with its day
plan = hold_back(plan, waiting)                      # what may be sent today
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace

from packaging.utils import NormalizedName

from namehold.ownership import OwnershipProof, OwnershipRule, find_waiting, why_waiting
from namehold.plan.actions import RENEWAL_RULES
from namehold.plan.checks.approvals import action_digest
from namehold.plan.checks.standing import find_vouching
from namehold.plan.model import Action, Deferred, Plan, Reason
from namehold.portfolio import Portfolio


def why_targets_wait(
    proofs: Iterable[OwnershipProof], *, today: dt.date, portfolio: Portfolio
) -> dict[NormalizedName, Reason]:
    """Why the names for these targets wait, by target. The reason's rule is the ownership rule that failed."""
    found = find_waiting_targets(proofs, today=today, portfolio=portfolio)
    return {target: Reason(rule=str(proof.rule), text=why_waiting(proof)) for target, proof in found.items()}


def find_waiting_targets(
    proofs: Iterable[OwnershipProof], *, today: dt.date, portfolio: Portfolio
) -> dict[NormalizedName, OwnershipProof]:
    """The packages without proof, and the internal names that rest on one of them, each with that proof."""
    waiting = find_waiting(proofs, today=today)
    resting = {item.name: find_vouching(item.name, portfolio) for item in portfolio.internal}
    return waiting | {name: waiting[package] for name, package in resting.items() if package in waiting}


def split_waiting(
    actions: Iterable[Action], waiting: Mapping[NormalizedName, Reason]
) -> tuple[tuple[Action, ...], tuple[Deferred, ...]]:
    """The actions that may be sent, and those around packages that wait, as deferred names with the reason.

    The places in the budget stay as they were, so that no other package's actions change; the others move up to the
    earlier days.
    """
    everything = tuple(actions)
    kept = [action for action in everything if action.target not in waiting]
    days = iter([action.day for action in everything if not _is_renewal(action)])
    moved_up = tuple(
        replace(action, ordinal=ordinal, day=action.day if _is_renewal(action) else next(days))
        for ordinal, action in enumerate(kept, start=1)
    )
    deferred = tuple(
        Deferred(name=action.name, target=action.target, score=action.score, reason=waiting[action.target])
        for action in everything
        if action.target in waiting
    )
    return moved_up, deferred


def hold_back(plan: Plan, waiting: Mapping[NormalizedName, Reason]) -> Plan:
    """The plan without the actions around packages that wait: those are deferred, each with the reason.

    For a plan that was made before the index was asked; one that is made afterwards knows it already.
    """
    actions, deferred = split_waiting(plan.actions, waiting)
    if not deferred:
        return plan
    return replace(
        plan,
        actions=actions,
        deferred=(*deferred, *plan.deferred),
        action_digest=action_digest(actions),
    )


def find_held_back(plan: Plan) -> tuple[Deferred, ...]:
    """The names that the plan holds back because their package isn't proved to be the organization's."""
    return tuple(item for item in plan.deferred if item.reason.rule in frozenset(OwnershipRule))


def _is_renewal(action: Action) -> bool:
    """Whether it is a later version of what is held, which costs no slot and so has no place in the days."""
    return action.reasons[0].rule in RENEWAL_RULES
