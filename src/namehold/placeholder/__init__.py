"""The placeholders themselves: rendered from templates, built, checked, and judged.
What may stand in one: `shape`, `project`, `page`. Our files: `verify`. A stranger's: `audit` (FORM), `claim` (CLAIM).

    >>> from namehold.placeholder import RULES
    >>> [rule.requirement for rule in RULES if rule.id == "form-command"]
    ['it adds no command']
"""

from typing import TYPE_CHECKING

from namehold import load_late

if TYPE_CHECKING:
    from namehold.placeholder.audit import AuditFinding, find_fault, RULES
    from namehold.placeholder.build import PlaceholderBuilder, SOURCE_DATE_EPOCH_S, write_tree
    from namehold.placeholder.claim import Claim, CLAIM_RULES, find_reservation_file, has_reservation, judge_name
    from namehold.placeholder.claim import JudgedName, look_for_reservation, read_file
    from namehold.placeholder.judging import judge_files, Judgement
    from namehold.placeholder.model import Builder, Distribution, SourceTree, TreeRenderer
    from namehold.placeholder.page import render_page
    from namehold.placeholder.reference import build_reference
    from namehold.placeholder.render import render_action, render_plan, Templates
    from namehold.placeholder.verify import compare_files, read_tree, require_form
else:
    __getattr__ = load_late(
        __name__, audit="AuditFinding RULES find_fault", build="PlaceholderBuilder SOURCE_DATE_EPOCH_S write_tree",
        claim="CLAIM_RULES Claim JudgedName find_reservation_file has_reservation judge_name look_for_reservation "
        "read_file", judging="Judgement judge_files", model="Builder Distribution SourceTree TreeRenderer",
        page="render_page", reference="build_reference", render="Templates render_action render_plan",
        verify="compare_files read_tree require_form")

__all__ = [
    "AuditFinding", "build_reference", "Builder", "Claim", "CLAIM_RULES", "compare_files", "Distribution",
    "find_fault", "find_reservation_file", "has_reservation", "judge_files", "judge_name", "JudgedName", "Judgement",
    "look_for_reservation", "PlaceholderBuilder", "read_file", "read_tree", "render_action", "render_page",
    "render_plan", "require_form", "RULES", "SOURCE_DATE_EPOCH_S", "SourceTree", "Templates", "TreeRenderer",
    "write_tree",
]
