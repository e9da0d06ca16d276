"""Rules that refuse.

    rule = RefusalRule("guard-demo", lambda case: case.portfolio.demo, "it is a demo", "write your own names.yaml")
    refuse(find_refusals((rule,), case))

Each is one row: its id, when it refuses, what it says then and what a person does about it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeAlias, TypeVar

from namehold.errors import Diagnostic, StalePlan, UnsafePlan

Subject = TypeVar("Subject")

#: The values of one finding, for the texts of its rule.
Values: TypeAlias = Mapping[str, object]

#: Findings under these rules say that the plan is out of date, not that it is unsafe: make it anew.
STALE_RULES: Final = frozenset({"guard-stale-account", "guard-stale-action", "guard-plan-edited"})


@dataclass(frozen=True, slots=True)
class RefusalRule(Generic[Subject]):
    """One rule. `find` gives the values of each finding, or only whether there is one.

    Id and texts are format strings over those values; `{case}` is what was looked at.
    """

    rule: str
    find: Callable[[Subject], Iterable[Values] | bool]
    message: str
    fix: str

    def state(self, **values: object) -> Diagnostic:
        """One finding under this rule."""
        rule, message, fix = (text.format_map(values) for text in (self.rule, self.message, self.fix))
        return Diagnostic(message=message, rule=rule, fix=fix)


def find_refusals(rules: Iterable[RefusalRule[Subject]], case: Subject) -> tuple[Diagnostic, ...]:
    """Every finding of `rules` on `case`, in the rules' order; empty if nothing stands against it."""
    findings: list[Diagnostic] = []
    for rule in rules:
        found = rule.find(case)
        each: Iterable[Values] = ({},) * found if isinstance(found, bool) else found
        findings += [rule.state(case=case, **values) for values in each]
    return tuple(findings)


def refuse(findings: Iterable[Diagnostic]) -> None:
    """Nothing if there are no findings; else raises UnsafePlan, or StalePlan if the plan is only out of date."""
    diagnostics = tuple(findings)
    if not diagnostics:
        return
    if all(finding.rule in STALE_RULES for finding in diagnostics):
        raise StalePlan(
            "the plan is out of date; nothing was sent",
            fix="namehold plan, then read what has changed and approve again",
            diagnostics=diagnostics,
        )
    raise UnsafePlan(
        "a guard refuses the plan; nothing was sent",
        fix="fix what the lines above name, then: namehold plan",
        diagnostics=diagnostics,
    )
