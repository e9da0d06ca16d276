"""What to do with every name: one route with its reasons, and the actions in order that a person approves.

    plan = make_plan(portfolio, view=snapshot, holdings=holdings, renderer=templates, weights=weights, ...)

Everything but `file` is pure: it reads no file, no clock and no network.
"""

from typing import TYPE_CHECKING

from namehold import load_late

if TYPE_CHECKING:
    from namehold.plan.actions import find_left, find_renewals, review_date_after
    from namehold.plan.compare import compare_plans, PlanChange
    from namehold.plan.file import dump_plan, read_plan
    from namehold.plan.make import make_plan, make_territory
    from namehold.plan.model import Action, Assessment, Block, CoveragePoint, Deferred, Kind, Outline, outline_of, Plan
    from namehold.plan.model import PolicyDifference, Provenance, Reason, Renderer, Wish
    from namehold.plan.reasons import told_to_others
    from namehold.plan.refusals import find_refusals, RefusalRule, refuse, Values
    from namehold.plan.territory import surface_names, Territory
    from namehold.plan.users import order_by_harm, users_of
    from namehold.plan.wishes import find_unlisted
else:
    __getattr__ = load_late(
        __name__, actions="find_left find_renewals review_date_after", compare="PlanChange compare_plans",
        file="dump_plan read_plan", make="make_plan make_territory", model="Action Assessment Block CoveragePoint "
        "Deferred Kind Outline Plan PolicyDifference Provenance Reason Renderer Wish outline_of",
        reasons="told_to_others", refusals="RefusalRule Values find_refusals refuse", territory="Territory "
        "surface_names", users="order_by_harm users_of", wishes="find_unlisted")

__all__ = [
    "Action", "Assessment", "Block", "compare_plans", "CoveragePoint", "Deferred", "dump_plan", "find_left",
    "find_refusals", "find_renewals", "find_unlisted", "Kind", "make_plan", "make_territory", "order_by_harm",
    "Outline", "outline_of", "Plan", "PlanChange", "PolicyDifference", "Provenance", "read_plan", "Reason",
    "RefusalRule", "refuse", "Renderer", "review_date_after", "surface_names", "Territory", "told_to_others",
    "users_of", "Values", "Wish",
]
