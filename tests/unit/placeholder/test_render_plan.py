from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest
from packaging.utils import NormalizedName
from tests.placeholders import PROFILE, action, portfolio

from namehold.errors import ExitCode, StalePlan, UsageError
from namehold.placeholder.render import Templates, render_action, render_plan
from namehold.plan.model import Action, Plan


@pytest.fixture(scope="module")
def templates() -> Templates:
    return Templates(None, PROFILE)


def plan(*actions: Action) -> Plan:
    return cast("Plan", SimpleNamespace(actions=actions))


def test_an_action_renders_as_it_was_planned(templates: Templates) -> None:
    planned = templates.render(action(), portfolio())
    assert render_action(action(tree_digest=planned.digest), portfolio(), templates) == planned


def test_a_plan_whose_placeholder_has_changed_is_stale(templates: Templates) -> None:
    planned = action(tree_digest=templates.render(action(), portfolio()).digest)
    with pytest.raises(StalePlan) as caught:
        render_action(planned, portfolio(contact="other@acme.example"), templates)
    assert caught.value.exit_code is ExitCode.GUARD_REFUSED
    assert caught.value.diagnostics()[0].rule == "plan-stale"


def test_all_or_only_some_names_are_rendered(templates: Templates) -> None:
    both = plan(action("acme-tol"), action("acme-toll"))
    assert [tree.name for tree in render_plan(both, portfolio(), templates)] == ["acme-tol", "acme-toll"]
    some = render_plan(both, portfolio(), templates, names=[NormalizedName("acme-toll")])
    assert [tree.name for tree in some] == ["acme-toll"]


def test_a_name_outside_the_plan_is_a_mistake(templates: Templates) -> None:
    with pytest.raises(UsageError, match="acme-other"):
        render_plan(plan(action()), portfolio(), templates, names=[NormalizedName("acme-other")])
