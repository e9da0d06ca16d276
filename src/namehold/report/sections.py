"""The report's sections as tables of text; Markdown, HTML and the terminal lay out the same ones."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from namehold.ledger import SentLetter
from namehold.letters import REQUESTS
from namehold.ownership import OwnershipVerdict
from namehold.plan import CoveragePoint, Reason
from namehold.portfolio import Route
from namehold.report.model import NameEntry, PackageReport, Report
from namehold.report.words import (
    FULL_ROUTES,
    GLOSSARY,
    ROUTE_LABELS,
    ROUTE_MEANINGS,
    ROUTE_ORDER,
    SAFE_STATES,
    STATE_LABELS,
    State,
)
from namehold.text import Column, Table, codes, count, join_words, numbers, percent, texts

#: How many names a package and route (and rows of other long lists) are shown; JSON always holds all.
DEFAULT_LIMIT = 10

_BAR_WIDTH = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One part of the report. `anchor` is its address within the page; `curve` is drawn where drawing is possible."""

    anchor: str
    title: str
    intro: str
    tables: tuple[Table, ...] = ()
    parts: tuple[Section, ...] = ()
    curve: tuple[CoveragePoint, ...] = ()


def make_sections(report: Report, *, limit: int = DEFAULT_LIMIT) -> tuple[Section, ...]:
    """All sections in reading order; lists that need no decision are cut to `limit` rows and say so."""
    sections = (
        _overview(report),
        _calendar(report),
        _held(report),
        _names(report, limit),
        _coverage(report, limit),
        _not_done(report, limit),
        _letters(report),
        _targets(report),
        _warnings(report, limit),
        _rehearsal(report),
        _provenance(report),
        _glossary(),
    )
    return tuple(section for section in sections if section is not None)


def _overview(report: Report) -> Section:
    routes = [route for route in ROUTE_ORDER if report.under(route)]
    rows = [
        (package.name, *(_number(package, route) for route in routes), f"{len(package.entries):,}")
        for package in report.packages
    ]
    totals = ("All packages", *(f"{report.under(route):,}" for route in routes), f"{report.assessed:,}")
    by_package = Table(
        caption="Assessed names by package and route",
        columns=(*codes("Package"), *numbers(*(ROUTE_LABELS[route] for route in routes), "Sum")),
        rows=(*rows, totals),
        has_total=True,
    )
    states = [total for total in report.states if total.names]
    by_state = Table(
        caption="The same names by where they stand today",
        columns=(*texts("Where they stand", "Could somebody else register them?"), *numbers("Names")),
        rows=(
            *((STATE_LABELS[total.state], _exposure(total.state), f"{total.names:,}") for total in states),
            ("Sum", "", f"{report.assessed:,}"),
        ),
        has_total=True,
    )
    meanings = Table(
        caption="What the routes mean",
        columns=texts("Route", "Meaning"),
        rows=tuple((ROUTE_LABELS[route], ROUTE_MEANINGS[route]) for route in routes),
    )
    return Section(
        anchor="overview",
        title="All names at a glance",
        intro="Every assessed name is under exactly one route and in exactly one state; both tables have the same sum.",
        tables=(by_package, by_state, meanings),
    )


def _number(package: PackageReport, route: Route) -> str:
    return f"{len(package.by_route(route)):,}"


def _exposure(state: State) -> str:
    if state in SAFE_STATES:
        return "no"
    return {
        State.TAKEN: "somebody has",
        State.LOOK_ALIKE: "somebody has",
        State.UNVERIFIED: "not known until the index is asked",
        State.VANISHED: "not known: the administrators may have blocked it",
        State.UNKNOWN: "not known without a complete list",
    }.get(state, "yes")


def _calendar(report: Report) -> Section | None:
    if not report.calendar:
        return None
    rows = tuple(
        (
            f"Day {day.day}",
            day.date.isoformat(),
            entry.name,
            entry.target,
            entry.mode.value if entry.mode else "",
            _progress(entry),
            ", ".join(dict.fromkeys(flag.matched for flag in entry.flagged_as)),
        )
        for day in report.calendar
        for entry in day.entries
    )
    table = Table(
        caption="What is sent on which day",
        columns=(
            *texts("Day", "Not before"),
            *codes("Name", "Points to"),
            *texts("Mode", "State by the ledger"),
            Column(label="The index's typo check will name", is_code=True),
        ),
        rows=rows,
    )
    return Section(
        anchor="calendar",
        title="Calendar",
        intro=(
            f"The index accepts few new names a day, so the plan takes {count(len(report.calendar), 'day')}. "
            "Day 1 is the day of the plan; a day that is missed moves the later ones."
        ),
        tables=(table,),
    )


def _progress(entry: NameEntry) -> str:
    if entry.state is State.PLANNED:
        return "waiting"
    if entry.since:
        return f"held since {entry.since.date().isoformat()}"
    return STATE_LABELS[entry.state]


def _held(report: Report) -> Section | None:
    if not report.held:
        return None
    table = Table(
        caption="Names that the ledger proves to be held",
        columns=(
            *codes("Name", "Points to"),
            *texts("Mode", "Since"),
            Column(label="Version", is_code=True),
            Column(label="sha256 of its files", is_code=True),
        ),
        rows=tuple(
            (
                item.name,
                item.target,
                item.mode.value if item.mode else "adopted",
                item.since.date().isoformat(),
                item.version,
                " ".join(sha256 for _, sha256 in item.files),
            )
            for item in report.held
        ),
    )
    return Section(
        anchor="held",
        title="Held for good",
        intro="A published name can't be given back without giving it to anyone; it is kept and reviewed.",
        tables=(table,),
    )


def _names(report: Report, limit: int) -> Section:
    return Section(
        anchor="names",
        title="Names by package and route",
        intro=(
            "The rate says how often this name is the one used if the package is attacked; it says nothing about how "
            "likely an attack is."
        ),
        parts=tuple(
            Section(
                anchor=f"package-{number}",
                title=package.name,
                intro=f"{count(len(package.entries), 'assessed name')}.",
                tables=tuple(_route_table(package, route, limit) for route in ROUTE_ORDER if package.by_route(route)),
            )
            for number, package in enumerate(report.packages, start=1)
        ),
    )


def _route_table(package: PackageReport, route: Route, limit: int) -> Table:
    entries = package.by_route(route)
    shown = entries if route in FULL_ROUTES else entries[:limit]
    return Table(
        caption=f"{ROUTE_LABELS[route]}: {count(len(entries), 'name')} for {package.name}",
        columns=(*codes("Name"), *numbers("Rate"), *texts("State", "Why")),
        rows=tuple(
            (
                entry.name,
                percent(entry.rate),
                STATE_LABELS[entry.state],
                _why(entry.reasons),
            )
            for entry in shown
        ),
        note=_rest(len(entries) - len(shown), "name"),
    )


def _why(reasons: Iterable[Reason]) -> str:
    return join_sentences(reason.text for reason in reasons)


def join_sentences(sentences: Iterable[str]) -> str:
    """Each sentence once, with its full stop."""
    return " ".join(dict.fromkeys(f"{sentence.rstrip(' .;')}." for sentence in sentences))


def _rest(number: int, noun: str) -> str:
    return f"{count(number, f'more {noun}')} in the JSON report." if number > 0 else ""


def _coverage(report: Report, limit: int) -> Section | None:
    if not report.coverage:
        return None
    planned, held = frozenset(report.planned), frozenset(item.name for item in report.held)
    shown = report.coverage[: report.reserved + limit]
    befores = (0.0, *(point.covered for point in report.coverage))
    rows = tuple(
        (
            f"{point.names:,}",
            point.name,
            "held" if point.name in held else "planned" if point.name in planned else "",
            percent(max(point.covered - before, 0.0)),
            percent(point.covered),
            "█" * round(point.covered * _BAR_WIDTH),
        )
        for before, point in zip(befores, shown, strict=False)
    )
    table = Table(
        caption="What each further name adds",
        columns=(
            *numbers("Names"),
            *codes("Name"),
            *texts("Reserved"),
            *numbers("Adds", "Covered"),
            Column(label="Covered, drawn", is_drawing=True),
        ),
        rows=rows,
        note=_rest(len(report.coverage) - len(shown), "name"),
    )
    return Section(
        anchor="coverage",
        title="Where to stop",
        intro=(
            "Each name adds less than the one before. "
            "Covered is the share of all rates that reservations could cover at all, if every package were attacked."
        ),
        tables=(table,),
        curve=report.coverage,
    )


def _not_done(report: Report, limit: int) -> Section | None:
    tables = []
    if report.deferred:
        shown = report.deferred[:limit]
        tables.append(
            Table(
                caption=f"Deferred: {count(len(report.deferred), 'name')} for which there is no room",
                columns=(
                    *codes("Name", "Would point to"),
                    *numbers("Rate"),
                    *texts("Why"),
                    *codes("Key to change"),
                ),
                rows=tuple(
                    (item.name, item.target, percent(item.score), _why([item.reason]), item.key) for item in shown
                ),
                note=_rest(len(report.deferred) - len(shown), "name"),
            )
        )
    if report.other_policy:
        by_change: dict[tuple[Route, Route], list[str]] = defaultdict(list)
        for difference in report.other_policy:
            by_change[difference.route, difference.other_route].append(difference.name)
        tables.append(
            Table(
                caption=f"What the other policy would do (this plan's is '{report.policy.value}')",
                columns=(*texts("Now", "With the other policy"), *numbers("Names"), *codes("Which")),
                rows=tuple(
                    (ROUTE_LABELS[now], ROUTE_LABELS[other], f"{len(names):,}", join_words(names, limit=limit))
                    for (now, other), names in by_change.items()
                ),
            )
        )
    settled = [entry for entry in report.entries if entry.ordinal is not None and _is_refused(entry)]
    if settled:
        tables.append(
            Table(
                caption="Planned, but settled otherwise by the index",
                columns=(*codes("Name", "Would point to"), *texts("What the ledger says")),
                rows=tuple((entry.name, entry.target, STATE_LABELS[entry.state]) for entry in settled),
            )
        )
    if not tables:
        return None
    return Section(
        anchor="not-done",
        title="What was not done, and why",
        intro="Nothing is dropped: each name that the plan leaves out has its reason.",
        tables=tuple(tables),
    )


def _is_refused(entry: NameEntry) -> bool:
    return entry.state not in {State.PLANNED, State.HELD, State.UNVERIFIED}


def _letters(report: Report) -> Section | None:
    if not report.letters:
        return None
    rows = tuple(
        (letter.sent.isoformat(), letter.kind.value, name, *_answer(letter, name))
        for letter in report.letters
        for name in letter.names
    )
    table = Table(
        caption="What the index's administrators were asked and told",
        columns=(*texts("Sent", "Kind"), *codes("Name"), *texts("Answer", "Answered")),
        rows=rows,
    )
    return Section(
        anchor="letters",
        title="Letters",
        intro="One request is open at a time, and no reminder is sent early: the administrators are volunteers.",
        tables=(table,),
    )


def _answer(letter: SentLetter, name: str) -> tuple[str, str]:
    if letter.kind not in REQUESTS:
        return "none needed", ""
    for answered, answer, date in letter.answers:
        if answered == name:
            return answer.value, date.isoformat()
    return "none yet", ""


def _targets(report: Report) -> Section | None:
    looked_up = frozenset(proof.target for proof in report.targets)
    rows = (
        *((proof.target, proof.verdict.value, proof.text) for proof in report.targets),
        *(
            (name, OwnershipVerdict.PROVED.value, "Proved before a name was sent for it.")
            for name in report.proved_targets
            if name not in looked_up
        ),
        *((name, "not looked up", "") for name in report.unproved_targets if name not in looked_up),
    )
    if not rows:
        return None
    table = Table(
        caption="Are the packages that placeholders point to the organization's own?",
        columns=(*codes("Package"), *texts("Proof", "Detail")),
        rows=rows,
    )
    return Section(
        anchor="targets",
        title="Targets",
        intro="Nothing is sent for a package that the organization doesn't provably own.",
        tables=(table,),
    )


def _warnings(report: Report, limit: int) -> Section | None:
    rows = (
        *((finding.rule, finding.message, finding.fix) for finding in report.findings),
        *(
            (warning.reason.rule, warning.reason.text, join_words(warning.names, limit=limit))
            for warning in report.warnings
        ),
    )
    if not rows:
        return None
    table = Table(
        caption="Findings and warnings",
        columns=(*codes("Rule"), *texts("What", "Names, or what to do")),
        rows=rows,
    )
    return Section(anchor="warnings", title="Warnings", intro="Read these before approving.", tables=(table,))


def _rehearsal(report: Report) -> Section | None:
    if not report.rehearsal:
        return None
    by_outcome = itertools.groupby(
        sorted(report.rehearsal, key=lambda receipt: (receipt.outcome, receipt.name)),
        key=lambda receipt: receipt.outcome,
    )
    table = Table(
        caption="What the index on this machine answered",
        columns=(*texts("Outcome"), *numbers("Names"), *codes("Which")),
        rows=tuple(
            (outcome.value, f"{len(names):,}", ", ".join(names))
            for outcome, names in ((outcome, [item.name for item in group]) for outcome, group in by_outcome)
        ),
    )
    return Section(
        anchor="rehearsal",
        title="Rehearsal",
        intro="The whole plan was run against an index on this machine that enforces the same rules.",
        tables=(table,),
    )


def _provenance(report: Report) -> Section:
    made = report.provenance
    snapshot = made.snapshot
    facts: Sequence[tuple[str, str]] = (
        ("Action digest (what is approved)", report.action_digest),
        ("Report made for the day", report.as_of.isoformat()),
        ("Plan made for the day", made.as_of.isoformat()),
        ("Tool", made.tool),
        ("Index and account", f"{report.index}, {report.username}"),
        ("Policy", report.policy.value),
        ("Portfolio", made.portfolio),
        ("Evidence", made.evidence),
        ("List of the index's names", snapshot.digest if snapshot else "none"),
        ("Its source", f"{snapshot.source}, {snapshot.taken.isoformat()}" if snapshot else ""),
        ("Ledger when planned", made.ledger_head or "empty"),
        ("Ledger now", report.ledger_head or "empty"),
        ("Rates", made.weights),
        ("Popular names", made.popular),
        ("Templates", made.templates),
    )
    table = Table(
        caption="Digests of everything that the plan was made from",
        columns=(*texts("What"), *codes("Value")),
        rows=tuple(fact for fact in facts if fact[1]),
    )
    return Section(
        anchor="provenance",
        title="Provenance",
        intro="The same inputs give the same plan; these digests say which inputs.",
        tables=(table,),
    )


def _glossary() -> Section:
    table = Table(caption="Words of this report", columns=texts("Word", "Meaning"), rows=tuple(GLOSSARY))
    return Section(anchor="glossary", title="Glossary", intro="What the words mean here.", tables=(table,))
