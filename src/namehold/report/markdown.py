"""The report as GitHub-flavoured Markdown; no text from outside can leave its cell or become markup."""

from __future__ import annotations

from namehold.report.model import Report
from namehold.report.sections import DEFAULT_LIMIT, Section, make_sections
from namehold.text import Table, code, escape


def render_markdown(report: Report, *, limit: int = DEFAULT_LIMIT) -> str:
    """The whole report as Markdown; lists that need no decision are cut to `limit` rows and say so."""
    lines = [f"# Names of {escape(report.organization)} on {escape(report.index)}", ""]
    for headline in report.first_screen:
        command = f" {code(headline.command)}" if headline.command else ""
        lines.append(f"- **{escape(headline.label)}:** {escape(headline.text)}{command}")
    for section in make_sections(report, limit=limit, lists_names=True):
        lines += _section(section, depth=2)
    return "\n".join(lines) + "\n"


def _section(section: Section, *, depth: int) -> list[str]:
    lines = ["", f"{'#' * depth} {escape(section.title)}", "", escape(section.intro)]
    for table in section.tables:
        note = ["", escape(table.note)] if table.note else []
        lines += ["", f"**{escape(table.caption)}**", "", render_markdown_table(table), *note]
    for part in section.parts:
        lines += _section(part, depth=depth + 1)
    return lines


def render_markdown_table(table: Table) -> str:
    """The rows of a table in GitHub's Markdown, without caption and note."""
    heads = [escape(column.label) for column in table.columns]
    rules = ["---:" if column.is_number else "---" for column in table.columns]
    rows = [[escape(cell) for cell in row] for row in table.rows]
    if table.has_total and rows:
        rows[-1] = [f"**{cell}**" if cell else "" for cell in rows[-1]]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (heads, rules, *rows))
