"""The report: where every assessed name stands, for the people who decide.

    report = make_report(plan, holdings, as_of=today)
    render_markdown(report); render_html(report); documents.dump("report", report)

What happened is counted from the ledger (`Holdings`), never from intentions.
"""

from __future__ import annotations

from namehold.reporting.html import render_html
from namehold.reporting.making import make_report
from namehold.reporting.markdown import render_markdown
from namehold.reporting.model import Report
from namehold.reporting.register import Register, find_register_faults, make_register, render_register
from namehold.reporting.sections import DEFAULT_LIMIT, Grid, Section, make_sections

__all__ = [
    "DEFAULT_LIMIT",
    "Grid",
    "Register",
    "Report",
    "Section",
    "find_register_faults",
    "make_register",
    "make_report",
    "make_sections",
    "render_html",
    "render_markdown",
    "render_register",
]
