"""What a plan warns of as a whole."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.harness.values import AS_OF, action, assessed, candidate, name, portfolio

from namehold.ledger.model import Holdings
from namehold.plan.budget import select
from namehold.plan.model import Reason
from namehold.plan.warn import find_warnings
from namehold.portfolio import NameClass

REMOVABLE = (Reason(rule="index-may-remove", text="It may."),)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("acme-tol",), "1 of the planned names was never"),
        (("acme-tol", "acme-toool"), "2 of the planned names were never"),
    ],
)
def test_names_that_the_index_may_remove_are_counted(names: tuple[str, ...], expected: str) -> None:
    actions = (*(replace(action(text), warnings=REMOVABLE) for text in names), action("acme-cli"))
    owned, nothing = portfolio(), Holdings()
    selection = select((), portfolio=owned, holdings=nothing, quota=None)
    warnings = find_warnings(
        actions, selection, portfolio=owned, holdings=nothing, snapshot=None, profile=None, as_of=AS_OF, wishes=()
    )
    (text,) = (item.text for item in warnings if item.rule == "index-may-remove")
    assert text.startswith(expected)


def test_a_name_of_a_project_to_come_that_can_not_be_had_any_more_is_told() -> None:
    kept = ("acme-taken", "acme-fleet", "acme-free")
    owned, nothing = portfolio(future=tuple(map(name, kept))), Holdings()
    items = assessed(
        owned,
        *(candidate(text, text, name_class=NameClass.FUTURE) for text in kept),
        listed=("acme-tool", "acme-taken", "acmefleet"),
    )
    selection = select(items, portfolio=owned, holdings=nothing, quota=None)
    warnings = find_warnings(
        (), selection, portfolio=owned, holdings=nothing, snapshot=None, profile=None, as_of=AS_OF, wishes=()
    )
    fleet, taken = sorted(item.text for item in warnings if item.rule == "future-not-free")
    assert taken.startswith("acme-taken is kept for a project to come (future), and can't be registered any more: ")
    assert "too similar to acmefleet" in fleet
    assert "choose another name" in fleet
