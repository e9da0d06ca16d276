"""The report's table of names, for spreadsheets, and the commands that its page tells."""

from __future__ import annotations

import re
from dataclasses import replace

from tests.harness import values
from tests.harness.cli import call

from namehold.cli.commands.report import _every_name
from namehold.ledger.model import Holdings
from namehold.portfolio.model import Route
from namehold.report.make import make_report
from namehold.report.page import render_html


def test_the_csv_has_held_names_that_the_plan_does_not_assess() -> None:
    """A person may have adopted any name."""
    plan = values.make_plan((values.assessment("acme-cli", Route.RESERVE),), planned=("acme-cli",))
    holdings = replace(Holdings(), held=(values.held("acme-cli"), values.held("acme-parked")))
    rows = _every_name(make_report(plan, holdings, now=values.NOON)).rows
    assert [(row[0], row[3], row[4] != "") for row in rows] == [
        ("acme-cli", "held", True),
        ("acme-parked", "held", False),
    ]


def test_a_command_that_the_page_tells_takes_what_it_is_told_with() -> None:
    page = render_html(make_report(values.every_route_plan(), Holdings(), now=values.NOON))
    told = set(re.findall(r"namehold ([a-z]+) ([A-Z]{2,})", page))
    assert ("explain", "NAME") in told
    for command, argument in told:
        usage = call(command, "--help").out.partition("\n\n")[0]
        assert argument in usage, f"namehold {command} {argument}"
