"""What must hold before an action is sent: the approval, the grounds, no edits, and nothing that it waits for."""

from typing import TYPE_CHECKING

from namehold import load_late

if TYPE_CHECKING:
    from namehold.plan.checks.approvals import (
        action_digest, approval_of, APPROVAL_RULES, each_digest, find_approved, find_unrehearsed, why_not_approved,
    )
    from namehold.plan.checks.content import without_figures
    from namehold.plan.checks.guards import (
        find_apply_refusals, find_dropped, find_edits, find_plan_refusals, find_unpublished, require_fresh_snapshot,
    )
    from namehold.plan.checks.proved import judge_by_proved
    from namehold.plan.checks.standing import (
        claimed_only, find_grounds, find_organizations, find_vouching, is_shown_for_long, lacks_standing,
        organization_lost, shown_values, standing_lost,
    )
    from namehold.plan.checks.waiting import (
        find_held_back, find_waiting_targets, hold_back, why_targets_wait, why_waits,
    )
else:
    __getattr__ = load_late(
        __name__, approvals="APPROVAL_RULES action_digest approval_of each_digest find_approved find_unrehearsed "
        "why_not_approved", content="without_figures", guards="find_apply_refusals find_dropped find_edits "
        "find_plan_refusals find_unpublished require_fresh_snapshot", standing="claimed_only find_grounds "
        "find_organizations find_vouching is_shown_for_long lacks_standing organization_lost shown_values "
        "standing_lost", proved="judge_by_proved", waiting="find_held_back find_waiting_targets hold_back "
        "why_targets_wait why_waits")

__all__ = [
    "action_digest", "approval_of", "APPROVAL_RULES", "claimed_only", "each_digest", "find_apply_refusals",
    "find_approved", "find_dropped", "find_edits", "find_grounds", "find_held_back", "find_organizations",
    "find_plan_refusals", "find_unpublished", "find_unrehearsed", "find_vouching", "find_waiting_targets", "hold_back",
    "is_shown_for_long", "judge_by_proved", "lacks_standing", "organization_lost", "require_fresh_snapshot",
    "shown_values", "standing_lost", "why_not_approved", "why_targets_wait", "why_waits", "without_figures",
]
