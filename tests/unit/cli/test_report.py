"""The report's table of names, for spreadsheets."""

from __future__ import annotations

from dataclasses import replace

from tests.harness import values

from namehold.cli.commands.report import _every_name
from namehold.ledger.model import Holdings
from namehold.portfolio.model import Route
from namehold.report.make import make_report


def test_the_csv_has_held_names_that_the_plan_does_not_assess() -> None:
    """A person may have adopted any name."""
    plan = values.make_plan((values.assessment("acme-cli", Route.RESERVE),), planned=("acme-cli",))
    holdings = replace(Holdings(), held=(values.held("acme-cli"), values.held("acme-parked")))
    rows = _every_name(make_report(plan, holdings, now=values.NOON)).rows
    assert [(row[0], row[3], row[4] != "") for row in rows] == [
        ("acme-cli", "held", True),
        ("acme-parked", "held", False),
    ]
