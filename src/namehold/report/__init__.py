"""report."""

from __future__ import annotations

# fmt: off
# isort: skip_file
from namehold.report.html import render_html
from namehold.report.make import make_report
from namehold.report.markdown import render_markdown, render_markdown_table
from namehold.report.model import Report
from namehold.report.register import find_register_faults, make_register, Register, render_register
from namehold.report.sections import DEFAULT_LIMIT, make_sections
from namehold.report.words import ROUTE_LABELS, ROUTE_ORDER

__all__ = [
    "DEFAULT_LIMIT", "find_register_faults", "make_register", "make_report", "make_sections", "Register", "render_html",
    "render_markdown", "render_markdown_table", "render_register", "Report", "ROUTE_LABELS", "ROUTE_ORDER",
]
