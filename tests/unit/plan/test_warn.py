"""What a plan warns of as a whole."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.harness.values import AS_OF, action, portfolio

from namehold.ledger.model import Holdings
from namehold.plan.budget import select
from namehold.plan.model import Reason
from namehold.plan.warn import find_warnings

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
