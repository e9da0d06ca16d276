"""What a person approves: digests of actions, and which of them an approval covers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from namehold.documents import digest
from namehold.index import MAX_CLOCK_SKEW_S, IndexProfile
from namehold.ledger import Approval, Holdings, PlanApproved
from namehold.plan.checks.content import changed_files, frozen_of, thaw
from namehold.plan.model import Action, Plan

#: An approval binds for this long; afterwards a person looks again.
APPROVAL_LASTS_DAYS: Final = 30

#: Findings that a person's approval answers.
APPROVAL_RULES: Final = frozenset({"guard-approval", "guard-approval-lapsed"})


def action_digest(actions: Iterable[Action]) -> str:
    """What people approve: every action's name, target, mode, version, and what its placeholder says.

    What changes by itself (review date, tool, figures of evidence) isn't part of it, nor is the policy but for what a
    placeholder shows of it. Snapshot, clock, days and scores are provenance.
    """
    rows = sorted((item.name, item.target, item.mode, item.version, item.parts or item.tree_digest) for item in actions)
    return digest({"actions": rows})


def each_digest(plan: Plan) -> tuple[str, ...]:
    """The action digest of each action alone, in the plan's order.

    An approval and a rehearsal hold them beside the plan's own digest: what a later plan has in common with an
    approved one stays approved, and what it adds or changes waits for an approval of its own.
    """
    return tuple(action_digest((action,)) for action in plan.actions)


def approval_of(plan: Plan, profile: IndexProfile, *, time: dt.datetime) -> PlanApproved:
    """What the ledger keeps of a person's approval of `plan`: its actions, and where they may be sent."""
    each = each_digest(plan)
    return PlanApproved(
        action_digest=plan.action_digest,
        actions=each,
        address=digest(profile.upload),
        frozen=tuple(frozen_of(action, own) for action, own in zip(plan.actions, each, strict=True)),
        time=time,
    )


def freeze(action: Action, holdings: Holdings, *, on: dt.date, profile: IndexProfile | None) -> Action:
    """The action with the values that its last approval froze, while that one lasts; else as it is."""
    own = action_digest((action,))
    lasting = (
        item
        for item in reversed(approvals_of(holdings, profile))
        if item.digest == own and item.frozen is not None and (on - item.time.date()).days <= APPROVAL_LASTS_DAYS
    )
    return thaw(action, next(lasting, None))


def why_not_approved(action: Action, holdings: Holdings, *, now: dt.datetime, profile: IndexProfile | None) -> str:
    """When a name was approved last, and why that doesn't count at `now`, for people; empty if it never was."""
    given = [item for item in holdings.approvals if item.frozen is not None and item.frozen.name == action.name]
    if not given:
        return ""
    here = approvals_of(holdings, profile)
    last = next((item for item in reversed(given) if item in here), given[-1])
    changed: Sequence[str] = ()
    if last not in here:
        changed = ("the address that it is sent to",)
    elif last.frozen is not None and last.digest != action_digest((action,)):
        changed = changed_files(action, last.frozen) or ("where it leads or what it does",)
    day = f"approved on {last.time:%Y-%m-%d}"
    if changed:
        return f"{day}, but this has changed since: {', '.join(changed)}"
    if last.time > now:
        return f"{day}, which is still to come by this machine's clock"
    return f"{day}, more than {APPROVAL_LASTS_DAYS} days ago"


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
