"""A plan as a comment on a pull request: one screen of Markdown, the rest folded, and what changes against before.

Pure. In a repository that isn't private, a name that is still open must not stand in a comment: `is_public` leaves
numbers and routes alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from namehold.plan import Plan, PlanChange, order_by_harm
from namehold.portfolio import Route
from namehold.report.markdown import render_markdown_table
from namehold.report.words import ROUTE_LABELS, ROUTE_ORDER
from namehold.text import Table, code, count, escape, numbers, shorten, texts

#: The first line of every such comment, by which the next run finds and replaces it.
COMMENT_MARK: Final = "<!-- namehold plan -->"

#: Rows of a table that stand open; more are folded. With all parts, an unfolded comment has about 30 lines.
_OPEN_ROWS: Final = 8
#: Rows of a folded table; a row has about 400 characters, with odd names more.
_FOLDED_ROWS: Final = 60
#: GitHub refuses a comment of more than 65,536 characters: some are left for what stands between the parts.
_MOST_CHARACTERS: Final = 65_000
#: Longer reasons and warnings are cut: the plan itself has them whole.
_MOST_OF_A_TEXT: Final = 200
_MOST_WARNINGS: Final = 5
#: Warnings without which the numbers mislead; they tell no name, so that they stand open, in public too.
_ABOUT_THE_LIST: Final = frozenset(
    {"no-snapshot", "partial-snapshot", "other-snapshot", "old-snapshot", "future-snapshot"}
)


def render_comment(plan: Plan, *, changes: Sequence[PlanChange] | None, is_public: bool = False) -> str:
    """The comment; `changes` against the plan of the branch that it goes into, None if there is no such plan."""
    parts = [f"{COMMENT_MARK}\n### namehold: {_headline(plan)}", _about_the_list(plan), _routes(plan)]
    if changes is not None:
        parts.append(_count_changes(changes) if is_public else _list_changes(changes))
    if is_public:
        parts.append("Names that are still open aren't shown in a repository that isn't private.")
    else:
        parts += [_fold("Names in their order", _names(plan)), _warnings(plan)]
    parts.append(
        f"Nothing is sent by this pull request. Digest of the actions: {code(plan.action_digest)}"
        if plan.actions
        else "Nothing is sent by this pull request."
    )
    while sum(map(len, parts)) > _MOST_CHARACTERS:
        # Names and reasons of others may be long; what is first is what a person needs first.
        longest = max(range(1, len(parts)), key=lambda at: len(parts[at]))
        parts[longest] = "A part is too long for a comment: `namehold plan` shows it."
    return "\n\n".join(part for part in parts if part) + "\n"


def _headline(plan: Plan) -> str:
    requests = sum(1 for _ in plan.outlines(Route.REQUEST))
    what = [f"{count(len(plan.actions), 'name')} to reserve"] if plan.actions else ["nothing to reserve"]
    if requests:
        what.append(f"{count(requests, 'name')} to ask the administrators for")
    return f"{', '.join(what)} ({escape(plan.organization)} on {escape(plan.index)}, {plan.provenance.as_of})"


def _routes(plan: Plan) -> str:
    sums = Counter(item.route for item in plan.outlines())
    rows = [(ROUTE_LABELS[route], f"{sums[route]:,}") for route in ROUTE_ORDER if sums[route]]
    rows.append(("all assessed names", f"{sums.total():,}"))
    return render_markdown_table(Table(columns=(*texts("route"), *numbers("names")), rows=rows, has_total=True))


def _count_changes(changes: Sequence[PlanChange]) -> str:
    if not changes:
        return "**Against the branch that it goes into: no change.**"
    sums = Counter(change.kind for change in changes)
    told = ", ".join(f"{number:,} {kind}" for kind, number in sums.items())
    return f"**Against the branch that it goes into: {told}.**"


def _list_changes(changes: Sequence[PlanChange]) -> str:
    heading = _count_changes(changes)
    if not changes:
        return heading
    rows = [
        (
            change.kind,
            change.name,
            change.target,
            step_of(change.before, change.before_day),
            step_of(change.after, change.day),
            _cut(change.why),
        )
        for change in changes
    ]
    columns = texts("", "name", "for", "before", "now", "why")
    open_rows, rest = rows[:_OPEN_ROWS], rows[_OPEN_ROWS:]
    parts = [heading, render_markdown_table(Table(columns=columns, rows=open_rows))]
    if rest:
        parts.append(_fold(f"{len(rest):,} more", _limited(Table(columns=columns, rows=rest))))
    return "\n\n".join(parts)


def step_of(route: Route | None, day: int | None) -> str:
    """Where a name stands in a plan, in words: 'Reserve, day 2'; a name that needs nothing has no place in it."""
    if route is None:
        return "not listed"
    return f"{ROUTE_LABELS[route]}, day {day}" if day else ROUTE_LABELS[route]


def _names(plan: Plan) -> str:
    """What is reserved, day by day, then what a letter asks for."""
    rows = [
        (step_of(Route.RESERVE, action.day), action.name, action.target, _cut(action.reasons[0].text))
        for action in plan.actions
    ]
    outlines = list(plan.outlines(Route.REQUEST))
    found = plan.find([item.name for item in outlines])
    for name in order_by_harm(outlines, plan.audiences):
        item = found[name]
        rows.append((ROUTE_LABELS[Route.REQUEST], name, item.candidate.target, _cut(item.reasons[0].text)))
    return _limited(Table(columns=texts("what", "name", "for", "why"), rows=rows)) if rows else ""


def _about_the_list(plan: Plan) -> str:
    told = [f"**{escape(_cut(item.text))}**" for item in plan.warnings if item.rule in _ABOUT_THE_LIST]
    return "\n\n".join(told)


def _warnings(plan: Plan) -> str:
    told = [f"- {escape(_cut(item.text))}" for item in plan.warnings if item.rule not in _ABOUT_THE_LIST]
    rest = len(told) - _MOST_WARNINGS
    lines = [*told[:_MOST_WARNINGS], *([f"- and {rest:,} more"] if rest > 0 else [])]
    return _fold(count(len(told), "warning"), "\n".join(lines)) if told else ""


def _limited(table: Table) -> str:
    rest = len(table.rows) - _FOLDED_ROWS
    text = render_markdown_table(Table(columns=table.columns, rows=table.rows[:_FOLDED_ROWS]))
    return f"{text}\n\n{rest:,} more: `namehold plan --format csv` lists all." if rest > 0 else text


def _fold(summary: str, text: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>" if text else ""


def _cut(text: str) -> str:
    return shorten(text, _MOST_OF_A_TEXT)
