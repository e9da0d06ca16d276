"""What a person approves: digests of actions, and which of them an approval covers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Final

from namehold.documents import digest
from namehold.index import MAX_CLOCK_SKEW_S, IndexProfile
from namehold.ledger import Approval, Holdings, PlanApproved
from namehold.plan.model import Action, Plan
from namehold.portfolio import Policy

#: An approval binds for this long; afterwards a person looks again.
APPROVAL_LASTS_DAYS: Final = 30

#: Findings that a person's approval answers.
APPROVAL_RULES: Final = frozenset({"guard-approval", "guard-approval-lapsed"})


def action_digest(actions: Iterable[Action], policy: Policy) -> str:
    """What people approve: every action's name, target, mode, version and rendered bytes, and the policy.

    Snapshot, clock, days and scores are provenance and not part of it.
    """
    rows = sorted((item.name, item.target, item.mode, item.version, item.tree_digest) for item in actions)
    return digest({"actions": rows, "policy": policy})


def each_digest(plan: Plan) -> tuple[str, ...]:
    """The action digest of each action alone, in the plan's order.

    An approval and a rehearsal hold them beside the plan's own digest: what a later plan has in common with an
    approved one stays approved, and what it adds or changes waits for an approval of its own.
    """
    return tuple(action_digest((action,), plan.policy) for action in plan.actions)


def approval_of(plan: Plan, profile: IndexProfile, *, time: dt.datetime) -> PlanApproved:
    """What the ledger keeps of a person's approval of `plan`: its actions, and where they may be sent."""
    address = digest(profile.upload)
    return PlanApproved(action_digest=plan.action_digest, actions=each_digest(plan), address=address, time=time)


def find_approved(
    plan: Plan, holdings: Holdings, *, now: dt.datetime, profile: IndexProfile | None = None
) -> tuple[Action, ...]:
    """The actions of `plan` that a person has approved, together or alone, not longer ago than an approval lasts.

    Only approvals for `profile`'s address count; None leaves open where the actions go, for those who only report.
    One that was given under a clock far ahead doesn't count either: it would last for as long.
    """
    given = approvals_of(holdings, profile)
    lasts, skew = dt.timedelta(days=APPROVAL_LASTS_DAYS), dt.timedelta(seconds=MAX_CLOCK_SKEW_S)
    return covered_actions(plan, {item.digest for item in given if -skew <= now - item.time <= lasts})


def approvals_of(holdings: Holdings, profile: IndexProfile | None) -> tuple[Approval, ...]:
    """The approvals that count on this index."""
    if profile is None:
        return holdings.approvals
    address = digest(profile.upload)
    return tuple(item for item in holdings.approvals if item.address == address)


def covered_actions(plan: Plan, digests: Collection[str]) -> tuple[Action, ...]:
    """Those actions of the plan that the digests approve."""
    if plan.action_digest in digests:
        return plan.actions
    return tuple(action for action, own in zip(plan.actions, each_digest(plan), strict=True) if own in digests)


def find_unrehearsed(plan: Plan, holdings: Holdings) -> tuple[Action, ...]:
    """The actions of `plan` that no rehearsal has carried out yet, in the same bytes and under the same policy."""
    rehearsed = covered_actions(plan, frozenset(holdings.rehearsals))
    return tuple(action for action in plan.actions if action not in rehearsed)
