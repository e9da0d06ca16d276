"""The placeholders themselves: rendered from templates, built, checked, and judged.

    >>> from namehold.placeholder import RULES
    >>> [rule.requirement for rule in RULES if rule.id == "form-command"]
    ['it adds no command']

Four questions, each with its own room:

- `shape`, `project`, `page`: may this code, these files, settings, words stand in a placeholder?
  Asked of our templates before a build, and of a stranger's files.
- `verify`: do our own built files meet all of it? Asked before anything is sent.
  Does a file's own source give its bytes? Asked by `build --verify`.
- `audit`: FORM. What does a file, ours or a stranger's, declare, and is it harmless?
- `claim`: CLAIM. Does the index agree that one owner holds both names?
"""

from typing import TYPE_CHECKING

from namehold import load_late
from namehold.placeholder.audit import AuditFinding, RULES
from namehold.placeholder.claim import (
    Claim, CLAIM_RULES, find_reservation_file, has_reservation, judge_name, JudgedName, read_file,
)
from namehold.placeholder.judging import judge_files, Judgement
from namehold.placeholder.model import Builder, Distribution, SourceTree, TreeRenderer
from namehold.placeholder.page import render_page
from namehold.placeholder.verify import compare_files, read_tree, require_form

if TYPE_CHECKING:
    from namehold.placeholder.build import PlaceholderBuilder, SOURCE_DATE_EPOCH_S, write_tree
    from namehold.placeholder.render import render_action, render_plan, Templates
else:
    __getattr__ = load_late(__name__, build="PlaceholderBuilder SOURCE_DATE_EPOCH_S write_tree",
        render="Templates render_action render_plan")

__all__ = [
    "AuditFinding", "Builder", "Claim", "CLAIM_RULES", "compare_files", "Distribution", "find_reservation_file",
    "has_reservation", "judge_files", "judge_name", "JudgedName", "Judgement", "PlaceholderBuilder", "read_file",
    "read_tree", "render_action", "render_page", "render_plan", "require_form", "RULES", "SOURCE_DATE_EPOCH_S",
    "SourceTree", "Templates", "TreeRenderer", "write_tree",
]
