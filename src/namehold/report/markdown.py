"""The report as GitHub-flavoured Markdown; no text from outside can leave its cell or become markup."""

from __future__ import annotations

from namehold.report.model import Report
from namehold.report.sections import DEFAULT_LIMIT, Grid, Section, make_sections
from namehold.text import code, escape


def render_markdown(report: Report, *, limit: int = DEFAULT_LIMIT) -> str:
    """The whole report as Markdown; lists that need no decision are cut to `limit` rows and say so."""
    lines = [f"# Names of {escape(report.organization)} on {escape(report.index)}", ""]
    for headline in report.first_screen:
        command = f" {code(headline.command)}" if headline.command else ""
        lines.append(f"- **{escape(headline.label)}:** {escape(headline.text)}{command}")
    for section in make_sections(report, limit=limit):
        lines += _section(section, depth=2)
    return "\n".join(lines) + "\n"


def _section(section: Section, *, depth: int) -> list[str]:
    lines = ["", f"{'#' * depth} {escape(section.title)}", "", escape(section.intro)]
    for grid in section.grids:
        lines += _grid(grid)
    for part in section.parts:
        lines += _section(part, depth=depth + 1)
    return lines


def _grid(grid: Grid) -> list[str]:
    heads = [escape(column.label) for column in grid.columns]
    rules = ["---:" if column.is_number else "---" for column in grid.columns]
    rows = [[escape(cell) for cell in row] for row in grid.rows]
    if grid.has_total and rows:
        rows[-1] = [f"**{cell}**" if cell else "" for cell in rows[-1]]
    table = ["| " + " | ".join(cells) + " |" for cells in (heads, rules, *rows)]
    note = ["", escape(grid.note)] if grid.note else []
    return ["", f"**{escape(grid.caption)}**", "", *table, *note]
