"""From a plan's actions to rendered placeholders, and proof that they are what the plan was made for.

Building, rehearsing and applying take their source trees from here, so that what is built is what was approved.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from packaging.utils import NormalizedName

from namehold.audit import judge_form, read_placeholder
from namehold.errors import Diagnostic, InvalidDistribution, StalePlan, UsageError
from namehold.models import Action, Distribution, Plan, Portfolio, SourceTree
from namehold.ports import Renderer


def render_action(action: Action, portfolio: Portfolio, renderer: Renderer) -> SourceTree:
    """The placeholder of one action, byte for byte the one that the plan was made for.

    Raises TemplateError if it can't be rendered, StalePlan if the plan's digest is of another one.
    """
    tree = renderer.render(action, portfolio)
    if action.tree_digest and action.tree_digest != tree.digest:
        fault = Diagnostic(
            message=f"{action.name} would now be built as {tree.digest}, the plan has {action.tree_digest}",
            rule="plan-stale",
            fix="plan again: names.yaml, the templates or namehold changed since",
        )
        raise StalePlan(f"the placeholder {action.name} isn't the planned one any more", diagnostics=(fault,))
    return tree


def require_form(files: Sequence[Distribution]) -> None:
    """Nothing if the built files meet every requirement that `namehold audit` has.

    Raises InvalidDistribution with every finding otherwise, warnings included: our own placeholders have no excuse.
    """
    faults = []
    for item in files:
        with Path(item.path).open("rb") as stream:
            findings = judge_form(read_placeholder(item.filename, stream))
        faults += [
            Diagnostic(
                message=f"{item.filename}: {finding.found}",
                rule=finding.rule,
                fix=finding.mend,
                path=finding.path or None,
                line=finding.line,
            )
            for finding in findings
        ]
    if faults:
        raise InvalidDistribution(
            "the audit refuses the placeholder; nothing of it was sent",
            hint="namehold audit",
            diagnostics=tuple(faults),
        )


def render_plan(
    plan: Plan, portfolio: Portfolio, renderer: Renderer, *, names: Collection[NormalizedName] = ()
) -> tuple[SourceTree, ...]:
    """The placeholders of the plan's actions in their order; only those in `names`, if any are given.

    Raises UsageError for a name that the plan doesn't reserve, otherwise what `render_action` raises.
    """
    planned = {action.name for action in plan.actions}
    strangers = sorted(set(names) - planned)
    if strangers:
        raise UsageError(
            f"the plan reserves nothing called {', '.join(strangers)}",
            hint=f"name some of: {', '.join(sorted(planned)) or 'nothing (the plan has no reservations)'}",
        )
    return tuple(
        render_action(action, portfolio, renderer) for action in plan.actions if not names or action.name in names
    )
