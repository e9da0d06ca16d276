"""Names that wait because their package isn't proved to be the organization's, or is retired; everything else goes on.

waiting = why_targets_wait(proofs, today=today)      # by package: the reason, with its day
plan = hold_back(plan, waiting)                      # what may be sent today
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from packaging.utils import NormalizedName

from namehold.ownership import OwnershipProof, OwnershipRule, find_waiting, why_waiting
from namehold.plan.checks.approvals import action_digest
from namehold.plan.checks.standing import find_vouching
from namehold.plan.model import Action, Deferred, Plan, Reason
from namehold.portfolio import Mode, Portfolio

#: The reason's rule where a package isn't active on the index.
_RETIRED: Final = "target-retired"
_RETIRED_TEXT: Final = (
    "{proof.target} is {proof.retired} on the index (seen on {proof.time:%Y-%m-%d}), and the placeholder would tell "
    "people to install it. To go on: let the name lead elsewhere or refuse, or take the mark back, then: "
    "namehold doctor."
)


def why_targets_wait(
    proofs: Iterable[OwnershipProof], *, today: dt.date, portfolio: Portfolio
) -> dict[NormalizedName, Reason]:
    """Why the names for these targets wait, by target. The reason's rule is the ownership rule that failed.

    Around a package that is retired only those wait that would lead people to it (`why_waits`).
    """
    proofs = tuple(proofs)
    retired = {
        target: Reason(rule=_RETIRED, text=_RETIRED_TEXT.format(proof=proof))
        for target, proof in {proof.target: proof for proof in proofs}.items()
        if proof.retired
    }
    found = find_waiting_targets(proofs, today=today, portfolio=portfolio)
    return retired | {target: Reason(rule=str(proof.rule), text=why_waiting(proof)) for target, proof in found.items()}


def why_waits(action: Action, waiting: Mapping[NormalizedName, Reason]) -> Reason | None:
    """Why this action waits, by what stands against its target; None if it doesn't.

    A refusal leads nobody to a retired package, and a later version of a held name is what a person asked for.
    """
    reason = waiting.get(action.target)
    is_retired = reason is not None and reason.rule == _RETIRED
    return None if is_retired and (action.mode is Mode.REFUSE or action.is_renewal) else reason


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
    why = {action.name: reason for action in everything if (reason := why_waits(action, waiting)) is not None}
    kept = [action for action in everything if action.name not in why]
    days = iter([action.day for action in everything if not action.is_renewal])
    moved_up = tuple(
        replace(action, ordinal=ordinal, day=action.day if action.is_renewal else next(days))
        for ordinal, action in enumerate(kept, start=1)
    )
    deferred = tuple(
        Deferred(name=action.name, target=action.target, score=action.score, reason=why[action.name])
        for action in everything
        if action.name in why
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
    """The names that the plan holds back because of what the index showed of their package: its owners, its marker."""
    return tuple(item for item in plan.deferred if item.reason.rule in {*OwnershipRule, _RETIRED})
