"""A plan as a comment: what its texts hold is shown as text, and it never is too long to be taken."""

from __future__ import annotations

from dataclasses import replace

from packaging.utils import NormalizedName
from tests.harness.values import every_route_plan

from namehold.plan import Reason
from namehold.report.comment import COMMENT_MARK, render_comment


def test_names_and_reasons_of_any_length_fit_into_a_comment() -> None:
    plan = every_route_plan()
    reason = Reason(rule="typo", text="&|<[" * 200)
    name = NormalizedName("a" * 200)
    action = replace(plan.actions[0], name=name, target=name, reasons=(reason,))
    text = render_comment(replace(plan, actions=(action,) * 100), changes=None)
    assert len(text) <= 65_536
    assert text.startswith(COMMENT_MARK)
    assert "too long for a comment" in text
    # The plan as it is fits whole.
    assert "too long for a comment" not in render_comment(plan, changes=None)


def test_texts_of_a_plan_make_no_markup() -> None:
    plan = every_route_plan()
    odd = "</details>\n\n# Approved @all ![x](https://x.example/p.png) <img src=x> `a` | b\x1b[2J"
    action = replace(plan.actions[0], reasons=(Reason(rule="typo", text=odd),))
    changed = replace(plan, organization=odd, actions=(action,))
    text = render_comment(changed, changes=None)
    assert text.count("</details>") == render_comment(plan, changes=None).count("</details>")
    assert not any(mark in text for mark in ("\n# Approved", " @all", "![x]", "<img", "\x1b"))
