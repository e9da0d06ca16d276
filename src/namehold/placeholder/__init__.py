"""placeholder."""

from __future__ import annotations

# fmt: off
# isort: skip_file
from namehold.placeholder.audit import Claim, CLAIM_RULES, Finding, judge_form, read_placeholder, RULES
from namehold.placeholder.build import PlaceholderBuilder, SOURCE_DATE_EPOCH_S, write_tree
from namehold.placeholder.claim import has_reservation, judge_name, JudgedName, read_file
from namehold.placeholder.model import Builder, Distribution, SourceTree, TreeRenderer
from namehold.placeholder.render import render_action, render_plan, Templates
from namehold.placeholder.verify import compare_files, read_tree, require_form

__all__ = [
    "Builder", "Claim", "CLAIM_RULES", "compare_files", "Distribution", "Finding", "has_reservation", "judge_form",
    "judge_name", "JudgedName", "PlaceholderBuilder", "read_file", "read_placeholder", "read_tree", "render_action",
    "render_plan", "require_form", "RULES", "SOURCE_DATE_EPOCH_S", "SourceTree", "Templates", "TreeRenderer",
    "write_tree",
]
