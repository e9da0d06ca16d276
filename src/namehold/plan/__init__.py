"""What to do with every name: one route with its reasons, and the actions in order that a person approves.

    plan = make_plan(portfolio, view=snapshot, holdings=holdings, renderer=templates, weights=weights, ...)
    plan = read_plan(Path(".namehold/plan.json"))    # its assessments are read only where they are asked for

Everything but `file` is pure: it reads no file, no clock and no network.
"""

from typing import TYPE_CHECKING

from namehold import load_late

if TYPE_CHECKING:
    from namehold.plan.actions import find_left, find_renewals, review_date_after
    from namehold.plan.approvals import (
        action_digest, approval_of, APPROVAL_RULES, each_digest, find_approved, find_unrehearsed, why_not_approved,
    )
    from namehold.plan.content import without_figures
    from namehold.plan.file import dump_plan, read_plan
    from namehold.plan.guards import (
        find_apply_refusals, find_dropped, find_edits, find_plan_refusals, find_unpublished, require_fresh_snapshot,
    )
    from namehold.plan.make import make_plan, make_territory
    from namehold.plan.model import (
        Action, Assessment, Audience, CoveragePoint, Deferred, Outline, outline_of, Plan, PolicyDifference, Provenance,
        Reason, Renderer, Wish,
    )
    from namehold.plan.reasons import told_to_others
    from namehold.plan.refusals import find_refusals, RefusalRule, refuse, Values
    from namehold.plan.standing import (
        claimed_only, find_grounds, find_organizations, find_vouching, is_shown_for_long, lacks_standing,
        organization_lost, shown_values, standing_lost,
    )
    from namehold.plan.territory import surface_names, Territory
    from namehold.plan.users import order_by_harm
    from namehold.plan.waiting import find_waiting_targets, hold_back, why_targets_wait
    from namehold.plan.wishes import find_unlisted
else:
    __getattr__ = load_late(
        __name__, actions="find_left find_renewals review_date_after", approvals="APPROVAL_RULES action_digest "
        "approval_of each_digest find_approved find_unrehearsed why_not_approved", content="without_figures",
        file="dump_plan read_plan", guards="find_apply_refusals find_dropped find_edits find_plan_refusals "
        "find_unpublished require_fresh_snapshot", make="make_plan make_territory", model="Action Assessment "
        "Audience CoveragePoint Deferred Outline Plan PolicyDifference Provenance Reason Renderer Wish outline_of",
        reasons="told_to_others", refusals="RefusalRule Values find_refusals refuse", standing="claimed_only "
        "find_grounds find_organizations find_vouching is_shown_for_long lacks_standing organization_lost "
        "shown_values standing_lost", territory="Territory surface_names", users="order_by_harm",
        waiting="find_waiting_targets hold_back why_targets_wait", wishes="find_unlisted")

__all__ = [
    "Action", "action_digest", "approval_of", "APPROVAL_RULES", "Assessment", "Audience", "claimed_only",
    "CoveragePoint", "Deferred", "dump_plan", "each_digest", "find_apply_refusals", "find_approved", "find_dropped",
    "find_edits", "find_grounds", "find_left", "find_organizations", "find_plan_refusals", "find_refusals",
    "find_renewals", "find_unlisted", "find_unpublished", "find_unrehearsed", "find_vouching", "find_waiting_targets",
    "hold_back", "is_shown_for_long", "lacks_standing", "make_plan", "make_territory", "order_by_harm",
    "organization_lost", "Outline", "outline_of", "Plan", "PolicyDifference", "Provenance", "read_plan", "Reason",
    "RefusalRule", "refuse", "Renderer", "require_fresh_snapshot", "review_date_after", "shown_values", "standing_lost",
    "surface_names", "Territory", "told_to_others", "Values", "why_not_approved", "why_targets_wait", "Wish",
    "without_figures",
]
