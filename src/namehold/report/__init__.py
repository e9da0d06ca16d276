"""What people read: the report on a plan and its ledger, and the public register.

    report = make_report(plan, holdings, now=now)
    render_markdown(report), render_html(report)

    register = make_register(portfolio, holdings, events, plan=plan, salt=salt, today=today, tool=tool)
    render_register(register)

`sections` lays the report out once, as plain tables; Markdown, HTML and the terminal write the same ones.
"""

from typing import TYPE_CHECKING

from namehold import load_late

if TYPE_CHECKING:
    from namehold.report.comment import render_comment, step_of
    from namehold.report.compare import EarlierReport, hide_open_names
    from namehold.report.make import make_report
    from namehold.report.markdown import render_markdown, render_markdown_table
    from namehold.report.model import Report
    from namehold.report.page import render_html
    from namehold.report.register import find_register_faults, make_register, Register, render_register, unknown_of
    from namehold.report.sections import DEFAULT_LIMIT, find_answer, make_sections
    from namehold.report.words import how_likely, ROUTE_LABELS, ROUTE_ORDER, State
else:
    __getattr__ = load_late(
        __name__, comment="render_comment step_of", compare="EarlierReport hide_open_names", make="make_report",
        markdown="render_markdown render_markdown_table", model="Report", page="render_html", register="Register "
        "find_register_faults make_register render_register unknown_of", sections="DEFAULT_LIMIT find_answer "
        "make_sections", words="ROUTE_LABELS ROUTE_ORDER State how_likely")

__all__ = [
    "DEFAULT_LIMIT", "EarlierReport", "find_answer", "find_register_faults", "hide_open_names", "how_likely",
    "make_register", "make_report", "make_sections", "Register", "render_comment", "render_html", "render_markdown",
    "render_markdown_table", "render_register", "Report", "ROUTE_LABELS", "ROUTE_ORDER", "State", "step_of",
    "unknown_of",
]
