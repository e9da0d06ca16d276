"""The report as one HTML page for a decision: what to do today, one picture, then everything behind it.

The page is whole without its script, which only searches, filters and sorts the table of names.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import accumulate

from markupsafe import Markup
from packaging.utils import NormalizedName

from namehold.ownership import NOT_PROVED, mark_unasked
from namehold.portfolio import NameClass
from namehold.report.html import as_html, render_page
from namehold.report.model import NameEntry, PackageReport, Report, StandingShare
from namehold.report.pictures import draw_calendar, draw_curve
from namehold.report.sections import DEFAULT_LIMIT, find_answer, join_sentences, make_sections
from namehold.report.words import (
    HOW_LIKELY,
    PUBLIC_STATES,
    ROUTE_LABELS,
    ROUTE_ORDER,
    Standing,
    State,
    how_likely,
    standing_of,
)
from namehold.text import count, figure, percent

#: As many names as a browser searches without a pause; what a person decides on is never cut.
MOST_ROWS = 5_000

#: A picture a package helps as long as a person reads them. Those that need a decision are never left out.
_MOST_PACKAGES = 100

#: With more packages only so many, and those that need a decision, stand open.
_MOST_UNFOLDED = 15

#: Names of one package that its fold shows.
_MOST_LINES = 20

#: A reason that so many names share stands in the page once.
_MANY = 20

#: Marks the rows that stand on paper, too.
_ACT = ' class="act"'

_COLUMNS, _CELL = 20, 12

#: Each standing's sign: colour alone says nothing. In a square of ten.
_MARKS = (
    (Standing.SAFE, "M2.2 5.3 4.2 7.4 7.9 2.8", False),
    (Standing.HELD, "M5 2.2a2.8 2.8 0 1 0 .01 0z", True),
    (Standing.ASKED, "M2 5h6M5.4 2.4 8 5 5.4 7.6", False),
    (Standing.LETTER, "M1.9 2.9h6.2v4.4H1.9zM1.9 2.9 5 5.4 8.1 2.9", False),
    (Standing.PLANNED, "M5 2v6M2 5h6", False),
    (Standing.OPEN, "M5 2.2a2.8 2.8 0 1 0 .01 0z", False),
    (Standing.TAKEN, "M2.6 2.6l4.8 4.8M7.4 2.6 2.6 7.4", False),
    (Standing.UNKNOWN, "M2.8 5h4.4", False),
)

_SHORT = {
    Standing.SAFE: "safe",
    Standing.HELD: "held",
    Standing.ASKED: "asked for",
    Standing.LETTER: "in letters to come",
    Standing.PLANNED: "planned",
    Standing.OPEN: "open",
    Standing.TAKEN: "somebody else's",
    Standing.UNKNOWN: "not known",
}

#: What each way of coming to a name is called for people who know no channels.
_WAYS = {
    "typo": "typing errors",
    "combo": "words put together",
    "model": "language models",
    "owner": "other owners' habit",
    "declared": "what was seen",
}

#: Names that a person has decided on or decides on now.
_ACTED_STANDINGS = frozenset({Standing.HELD, Standing.ASKED, Standing.PLANNED})
_WISHES = frozenset({NameClass.ALWAYS, NameClass.OBSERVED})
_ACTED_STATES = frozenset({State.VANISHED, State.LOOK_ALIKE, State.DECLINED, State.UNANSWERED, State.PROHIBITED})

#: Sections that stand open before the table of names; the others are folded behind it.
_SHOWN = ("changes", "wishes", "evidence", "strangers")
_FOLDED = ("warnings", "overview", "calendar", "held", "coverage", "not-done", "letters", "targets", "rehearsal")
_LAST = ("provenance", "glossary")

#: The lines of the first screen that say what to do.
_STEPS = frozenset({"Today", "Write", "Fix", "Confirm"})

_NUMBERS = ("No", "One", "Two", "Three", "Four")


def render_html(report: Report, *, limit: int = DEFAULT_LIMIT) -> str:
    """The whole report as one page.

    The table of names is cut to `MOST_ROWS` rows, other lists that need no decision to `limit`; they say so.
    """
    sections = {section.anchor: section for section in make_sections(report, limit=limit)}
    acted = {entry.name for entry in report.entries if _is_acted(entry)} | set(report.letter)
    entries = _choose(report, acted)
    asked = report.asked_targets
    # In the column of packages a mark would make two of one.
    proved = {entry.name for entry in entries if entry.target in asked}
    reasons = [join_sentences(reason.text for reason in (*entry.reasons, *entry.warnings)) for entry in entries]
    times = Counter(reasons)
    shared = {text: place for place, text in enumerate((text for text in times if times[text] >= _MANY), start=1)}
    history = _history(report, {entry.name for entry in entries})
    registrable = sum(entry.state not in PUBLIC_STATES for entry in entries)
    unasked = {entry.name for entry in entries if entry.target not in asked}
    letter = set(report.letter)
    # What a person does today and what waits; the page's pictures tell the other lines of the screen.
    lines = [line for line in report.first_screen if report.is_public or line.label in _STEPS]
    packages, folded, left = _share(
        [_package(number, package, acted) for number, package in enumerate(report.packages, start=1)]
    )
    return render_page(
        "report.html.jinja",
        styles=("page.css", "report.css"),
        script="names.js",
        tool=report.provenance.tool,
        report=report,
        heading=_heading(report),
        secrecy=_secrecy(report, registrable),
        is_secret=bool(registrable) and not report.is_public,
        marks=[(standing.value, path, is_solid) for standing, path, is_solid in _MARKS],
        cells=list(_cells(report.standings)),
        standings=[
            {"kind": share.standing.value, "confusions": share.confusions, "label": share.standing.label}
            for share in report.standings
            if share.confusions
        ],
        steps=[line for line in lines if line.task or report.is_public],
        waiting=[line for line in lines if not line.task and not report.is_public],
        packages=packages,
        more_packages=folded,
        packages_folded=_undecided(len(folded), "more package"),
        has_users=len({package.users for package in report.packages}) > 1,
        packages_left=_left_packages(left),
        drawing=draw_curve(report),
        days=draw_calendar(report),
        shown=[sections[anchor] for anchor in _SHOWN if anchor in sections],
        folded=[sections[anchor] for anchor in (*_FOLDED, *_LAST) if anchor in sections],
        filters=((2, "Route"), (1, "Package"), (5, "Technique"), (3, "State")),
        row_count=len(entries),
        rows=Markup("\n").join(
            _row(
                entry,
                why,
                history.get(entry.name, ()),
                note=f"For {mark_unasked(entry.target, asked)}." if entry.name in acted - proved else "",
                is_acted=entry.name in acted,
                shared=shared,
            )
            for entry, why in zip(entries, reasons, strict=True)
        ),
        reasons=list(shared),
        targets={entry.name: entry.target for entry in entries if entry.name in letter},
        unasked=frozenset() if letter <= unasked else unasked & letter,
        none_asked=letter <= unasked,
        not_proved=NOT_PROVED,
        letter_size=count(len(report.letter), "name"),
        others=_others(report, entries),
        how_likely=HOW_LIKELY,
    )


def _share(
    packages: Sequence[dict[str, object]],
) -> tuple[Sequence[dict[str, object]], Sequence[dict[str, object]], int]:
    """The packages that stand open, those that are folded away, and how many are left out.

    If there are many, those that need a decision come first, and all of them stand open.
    """
    if len(packages) <= _MOST_UNFOLDED:
        return packages, (), 0
    ordered = sorted(packages, key=lambda package: not package["is_open"])
    urgent = sum(bool(package["is_open"]) for package in packages)
    first, last = max(urgent, _MOST_UNFOLDED), max(urgent, _MOST_PACKAGES)
    return ordered[:first], ordered[first:last], len(ordered[last:])


def _left_packages(number: int) -> str:
    """What is said of packages that the page leaves out, and the command that writes them; empty if there are none."""
    if not number:
        return ""
    return f"Not in this section: {_undecided(number, 'package')}. namehold report -o report.json writes all of them."


def _undecided(number: int, noun: str) -> str:
    return f"{count(number, noun)} that {'needs' if number == 1 else 'need'} no decision"


def _heading(report: Report) -> str:
    if report.is_public:
        return f"How the names of {report.organization} are protected"
    tasks = [line.task for line in report.first_screen if line.task]
    if not tasks:
        return "Nothing needs a person today."
    number = _NUMBERS[len(tasks)] if len(tasks) < len(_NUMBERS) else f"{len(tasks)}"
    verb = "thing needs" if len(tasks) == 1 else "things need"
    listed = f"{', '.join(tasks[:-1])} and {tasks[-1]}" if len(tasks) > 1 else tasks[0]
    return f"{number} {verb} a person today: {listed}."


def _secrecy(report: Report, registrable: int) -> str:
    """How many names on the page somebody could still register."""
    if report.is_public:
        return f"{count(report.left_out, 'name')} that somebody could still register are left out of this page."
    return (
        "No name on this page is open to registration."
        if not registrable
        else f"Anybody could still register {registrable:,} of the names on this page, so don't publish it:"
    )


def _cells(shares: Sequence[StandingShare]) -> Iterator[tuple[str, int, int]]:
    """Kind and place of the hundred squares, row by row."""
    kinds = [share.standing.value for share in shares for _ in range(share.confusions)]
    return ((kind, at % _COLUMNS * _CELL, at // _COLUMNS * _CELL) for at, kind in enumerate(kinds))


def _package(number: int, package: PackageReport, acted: Collection[NormalizedName]) -> dict[str, object]:
    shares = [share for share in package.standings if share.confusions]
    starts = accumulate((share.confusions for share in shares), initial=0)
    listed = [entry for entry in package.entries if entry.name in acted]
    lines = [f"{entry.name}: {_state(entry)}" for entry in listed[:_MOST_LINES]]
    lines += [f"{len(listed) - _MOST_LINES:,} more in the table of names"] if len(listed) > _MOST_LINES else []
    return {
        "anchor": f"package-{number}",
        "name": package.name,
        "names": count(sum(total.names for total in package.totals), "name"),
        "lines": lines,
        "is_open": any(entry.state in {State.PLANNED, State.LOOK_ALIKE, State.VANISHED} for entry in listed),
        "shares": [
            {"kind": share.standing.value, "start": start, "width": share.confusions}
            for start, share in zip(starts, shares, strict=False)
        ],
        "words": ", ".join(f"{share.confusions} {_SHORT[share.standing]}" for share in shares) or "no rates",
        "users": figure(package.users, digits=2),
        "confusions": package.confusions,
    }


def _state(entry: NameEntry) -> str:
    return f"{entry.state.label}, day {entry.day}" if entry.state is State.PLANNED and entry.day else entry.state.label


def _is_acted(entry: NameEntry) -> bool:
    return standing_of(entry.state) in _ACTED_STANDINGS or entry.state in _ACTED_STATES or entry.name_class in _WISHES


def _choose(report: Report, acted: Collection[NormalizedName]) -> list[NameEntry]:
    """All names, or those acted on, then those that somebody has, then the best of the rest; best first in each."""

    def place(entry: NameEntry) -> tuple[int, int, float, str]:
        group = 0 if entry.name in acted else 1 if entry.state is State.TAKEN else 2
        return group, ROUTE_ORDER.index(entry.route) if group == 0 else 0, -entry.score, entry.name

    ordered = sorted(report.entries, key=place)
    return ordered[: max(MOST_ROWS, len(acted))]


def _others(report: Report, shown: Sequence[NameEntry]) -> str:
    """The names that the table doesn't hold, by route, and the command that writes them all."""
    left = Counter(entry.route for entry in report.entries)
    left.subtract(entry.route for entry in shown)
    if not left.total():
        return ""
    parts = [f"{left[route]:,} {ROUTE_LABELS[route].lower()}" for route in ROUTE_ORDER if left[route]]
    return (
        f"{count(left.total(), 'less likely name')} not in this table: {', '.join(parts)}. "
        "namehold report -o report.json writes all of them."
    )


def _history(report: Report, names: Collection[NormalizedName]) -> dict[NormalizedName, list[str]]:
    """What the letters and the ledger say of these names, oldest first."""
    lines: list[tuple[dt.date, NormalizedName, str]] = []
    for letter in report.letters:
        for name in letter.names:
            answer, answered = find_answer(letter, name)
            said = f"{answer} on {answered}" if answered else answer
            lines.append((letter.sent, name, f"letter ({letter.kind}) sent; answer: {said}"))
    lines += [(item.since.date(), item.name, f"held, version {item.version}") for item in report.held]
    found: dict[NormalizedName, list[str]] = {}
    for date, name, text in sorted(lines):
        if name in names:
            found.setdefault(name, []).append(f"{date.isoformat()}: {text}")
    return found


def _row(
    entry: NameEntry, why: str, history: Sequence[str], *, note: str, is_acted: bool, shared: Mapping[str, int]
) -> Markup:
    """One row of the table of names: a page has thousands, so they are put together without the template.

    Its closing tags are left out where HTML allows it. A reason that many names share is told by its number.
    """
    technique = entry.evidence[0].partition(":")[0] if entry.evidence else ""
    factors = ", ".join(f"{_WAYS.get(way, way)} {percent(share)}" for way, share in entry.factors if is_acted)
    texts = (
        "" if why in shared else why,
        note,
        # The column says the first technique already.
        "; ".join(entry.evidence).removeprefix(f"{technique}: "),
        f"How likely by each way: {factors}." if factors else "",
        f"History: {'; '.join(history)}." if history else "",
    )
    cells = (
        entry.target,
        ROUTE_LABELS[entry.route],
        entry.state.label,
        _when(entry),
        technique,
        how_likely(entry.name_class, entry.score),
    )
    return Markup(  # noqa: S704 -- every text in it has gone through `as_html`
        "".join(
            (
                f'<tr{_ACT if is_acted else ""}><th scope="row"><details><summary>{as_html(entry.name)}</summary>',
                f"<p class=r{shared[why]}>Reason {shared[why]}" if why in shared else "",
                *(f"<p>{as_html(text)}" for text in texts if text),
                "</details>",
                *(f"<td>{as_html(cell)}" for cell in cells),
            )
        )
    )


def _when(entry: NameEntry) -> str:
    if entry.since:
        return entry.since.date().isoformat()
    return f"day {entry.day}" if entry.day and entry.state is State.PLANNED else ""
