"""The report's sections as tables of text; Markdown, HTML and the terminal lay out the same ones."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from packaging.utils import NormalizedName

from namehold.ledger import SentLetter
from namehold.letters import REQUESTS
from namehold.ownership import NOT_PROVED, OwnershipVerdict, mark_unasked
from namehold.plan import CoveragePoint, Reason
from namehold.portfolio import NameClass, Route
from namehold.report.model import Change, NameEntry, PackageReport, Report
from namehold.report.words import (
    FULL_ROUTES,
    GLOSSARY,
    HOW_LIKELY,
    ROUTE_LABELS,
    ROUTE_MEANINGS,
    ROUTE_ORDER,
    State,
    how_likely,
)
from namehold.text import Column, Table, codes, count, join_words, likelihood, numbers, percent, texts

#: How many names a package and route (and rows of other long lists) are shown; JSON always holds all.
DEFAULT_LIMIT = 10

_BAR_WIDTH = 20

#: A table of packages or warnings that is longer helps no reader.
_MOST_ROWS = 100

#: A list of changes may be this many times as long as a list that needs no decision.
_CHANGES_A_LIMIT = 5

_STRANGERS = frozenset({State.TAKEN, State.LOOK_ALIKE})
_QUIET_STATES = frozenset({State.WATCHED, State.REFUSED_TO_EVERYONE, State.LEFT, State.UNKNOWN})

_PROVED_BEFORE = "Proved before a name was sent for it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One part of the report. `anchor` is its address within the page; `curve` is drawn where drawing is possible."""

    anchor: str
    title: str
    intro: str
    tables: tuple[Table, ...] = ()
    parts: tuple[Section, ...] = ()
    curve: tuple[CoveragePoint, ...] = ()


def make_sections(report: Report, *, limit: int = DEFAULT_LIMIT, lists_names: bool = False) -> tuple[Section, ...]:
    """All sections in reading order; lists that need no decision are cut to `limit` rows and say so.

    `lists_names`: with the names by package and route, for what has no table of all names.
    """
    sections = (
        _section(
            "overview",
            "All names at a glance",
            "Every assessed name is under exactly one route and in exactly one state; both tables have the same sum.",
            *_overview(report),
        ),
        _section(
            "calendar",
            "Calendar",
            f"The index accepts few new names a day, so the plan takes {count(len(report.calendar), 'day')}. "
            "Day 1 is the day of the plan; a day that is missed moves the later ones.",
            _calendar(report),
        ),
        _section(
            "held",
            "Held for good",
            "A published name can't be given back without giving it to anyone; it is kept and reviewed.",
            _held(report),
        ),
        _section(
            "changes",
            f"What changed since {report.against.isoformat()}" if report.against else "",
            "Compared with the report of that day, name by name.",
            _changes(report, limit),
        ),
        _section(
            "wishes",
            "You asked for it",
            "Each name of names.yaml's lists, and what became of it.",
            _wishes(report),
        ),
        _section(
            "evidence",
            "Seen in the world",
            "What models, documents or people told is evidence: it opens nothing near a stranger's project.",
            _seen(report, limit),
        ),
        _section(
            "strangers",
            "Held by somebody else",
            "Look at those that may imitate a package: namehold watch asks who holds them.",
            _strangers(report, limit),
        ),
        Section(
            anchor="names",
            title="Names by package and route",
            intro=f"{HOW_LIKELY} It says nothing about how likely an attack is.",
            parts=tuple(
                _section(
                    f"package-{number}",
                    package.name,
                    f"{count(len(package.entries), 'assessed name')}.",
                    *(_route_table(package, route, limit) for route in ROUTE_ORDER),
                )
                for number, package in enumerate(report.packages if lists_names else (), start=1)
            ),
        ),
        Section(
            anchor="coverage",
            title="Where to stop",
            intro="Each name adds less than the one before. "
            "Covered is the share of all rates that reservations could cover at all, if every package were attacked.",
            tables=(_coverage(report, limit),) if report.coverage else (),
            curve=report.coverage,
        ),
        _section(
            "not-done",
            "What was not done, and why",
            "Nothing is dropped: each name that the plan leaves out has its reason.",
            _deferred(report, limit),
            _other_policy(report, limit),
            _settled(report),
        ),
        _section(
            "letters",
            "Letters",
            "One request is open at a time, and no reminder is sent early: the administrators are volunteers.",
            _letters(report),
        ),
        _section(
            "targets",
            "Targets",
            "Nothing is sent for a package that the organization doesn't provably own.",
            _targets(report),
        ),
        _section("warnings", "Warnings", "Read these before approving.", _warnings(report, limit)),
        _section(
            "rehearsal",
            "Rehearsal",
            "The whole plan was run against an index on this machine that enforces the same rules.",
            _rehearsal(report),
        ),
        _section(
            "provenance",
            "Provenance",
            "The same inputs give the same plan; these digests say which inputs.",
            _provenance(report),
        ),
        _section(
            "glossary",
            "Glossary",
            "What the words mean here.",
            Table(caption="Words of this report", columns=texts("Word", "Meaning"), rows=GLOSSARY),
        ),
    )
    return tuple(section for section in sections if section.tables or section.parts)


def _section(anchor: str, title: str, intro: str, *tables: Table) -> Section:
    """A section with those of its tables that have rows."""
    return Section(anchor=anchor, title=title, intro=intro, tables=tuple(table for table in tables if table.rows))


def _wishes(report: Report) -> Table:
    return Table(
        caption="What names.yaml asks for, unmet wishes first",
        columns=(*codes("Name", "For", "Key"), *texts("What becomes of it", "Why")),
        rows=tuple(
            (item.name, item.package, item.kind, item.outcome, item.why)
            for item in sorted(report.wishes, key=lambda item: item.is_met)
        ),
    )


def _overview(report: Report) -> tuple[Table, ...]:
    routes = [route for route in ROUTE_ORDER if report.under(route)]
    shown, rest = report.packages[:_MOST_ROWS], report.packages[_MOST_ROWS:]
    by_package = Table(
        caption="Assessed names by package and route",
        columns=(*codes("Package"), *numbers(*(ROUTE_LABELS[route] for route in routes), "Sum")),
        rows=(
            *((package.name, *_numbers([package], routes)) for package in shown),
            *([(count(len(rest), "more package"), *_numbers(rest, routes))] if rest else []),
            *_left_out(report, routes),
            ("All packages", *(f"{report.under(route):,}" for route in routes), f"{report.assessed:,}"),
        ),
        has_total=True,
    )
    by_state = Table(
        caption="The same names by where they stand today",
        columns=(*texts("Where they stand", "Could somebody else register them?"), *numbers("Names")),
        rows=(
            *((item.state.label, item.state.exposure, f"{item.names:,}") for item in report.states if item.names),
            ("Sum", "", f"{report.assessed:,}"),
        ),
        has_total=True,
    )
    meanings = Table(
        caption="What the routes mean",
        columns=texts("Route", "Meaning"),
        rows=tuple((ROUTE_LABELS[route], ROUTE_MEANINGS[route]) for route in routes),
    )
    return by_package, by_state, meanings


def _numbers(packages: Sequence[PackageReport], routes: Sequence[Route]) -> tuple[str, ...]:
    """How many of the packages' names are under each route, and all of them."""
    totals = _count_routes(packages)
    return (*(f"{totals[route]:,}" for route in routes), f"{totals.total():,}")


def _count_routes(packages: Sequence[PackageReport]) -> Counter[Route]:
    totals: Counter[Route] = Counter()
    for package in packages:
        totals.update({total.route: total.names for total in package.totals})
    return totals


def _left_out(report: Report, routes: Sequence[Route]) -> Iterator[tuple[str, ...]]:
    """The names of packages that a public report leaves out, so that the columns add up."""
    shown = _count_routes(report.packages)
    rest = [report.under(route) - shown[route] for route in routes]
    if any(rest):
        yield ("left out", *(f"{number:,}" for number in rest), f"{sum(rest):,}")


def _calendar(report: Report) -> Table:
    asked = report.asked_targets
    return Table(
        caption="What is sent on which day",
        columns=(
            *texts("Day", "Not before"),
            *codes("Name", "Points to"),
            *texts("Mode", "State by the ledger"),
            *codes("The index's typo check will name"),
        ),
        rows=tuple(
            (
                f"Day {day.day}",
                day.date.isoformat(),
                entry.name,
                mark_unasked(entry.target, asked),
                entry.mode or "",
                _progress(entry),
                ", ".join(dict.fromkeys(flag.matched for flag in entry.flagged_as)),
            )
            for day in report.calendar
            for entry in day.entries
        ),
    )


def _progress(entry: NameEntry) -> str:
    if entry.state is State.PLANNED:
        return "waiting"
    return f"held since {entry.since.date().isoformat()}" if entry.since else entry.state.label


def _held(report: Report) -> Table:
    return Table(
        caption="Names that the ledger proves to be held",
        columns=(*codes("Name", "Points to"), *texts("Mode", "Since"), *codes("Version", "sha256 of its files")),
        rows=tuple(
            (
                item.name,
                item.target,
                item.mode or "adopted",
                item.since.date().isoformat(),
                item.version,
                " ".join(sha256 for _, sha256 in item.files),
            )
            for item in report.held
        ),
    )


def _changes(report: Report, limit: int) -> Table:
    """New and dropped names that no decision was about are told in one line."""
    labels = {state.value: state.label for state in State}
    is_minor = {change: not (change.before and change.after) for change in report.changes}
    told = [change for change in report.changes if not is_minor[change] or _is_telling(change)]
    shown = told[: limit * _CHANGES_A_LIMIT]
    rest = len(report.changes) - len(shown)
    return Table(
        caption=f"{count(len(report.changes), 'name')} changed",
        columns=(*codes("Name", "For"), *texts("Before", "Now")),
        rows=tuple(
            (
                change.name,
                change.target,
                labels.get(change.before, change.before) or "not assessed",
                labels.get(change.after, change.after) or "not assessed any more",
            )
            for change in shown
        )
        or ((("No name", "", "", "all others as before"),) if report.against else ()),
        note=f"{count(rest, 'more name')}: {rest:,} came in or dropped out that need no decision." if rest else "",
    )


def _is_telling(change: Change) -> bool:
    """Whether a name that is new, or gone, was or is more than watched."""
    return (change.before or change.after) not in _QUIET_STATES


def _seen(report: Report, limit: int) -> Table:
    seen = sorted(
        (entry for entry in report.entries if entry.name_class is NameClass.OBSERVED),
        key=lambda entry: (-entry.score, entry.name),
    )
    return Table(
        caption="What was seen, the likeliest names first",
        columns=(*codes("Name", "For"), *texts("Where it stands", "What was seen")),
        rows=tuple((entry.name, entry.target, entry.state.label, "; ".join(entry.evidence)) for entry in seen[:limit]),
        note=_rest(len(seen) - len(seen[:limit]), "name"),
    )


def _strangers(report: Report, limit: int) -> Table:
    theirs = sorted(
        (entry for entry in report.entries if entry.state in _STRANGERS),
        key=lambda entry: (entry.state is not State.LOOK_ALIKE, -entry.score, entry.name),
    )
    judged = sum(entry.state is State.LOOK_ALIKE for entry in theirs)
    shown = theirs[: max(limit, judged)]
    rest = _rest(len(theirs) - len(shown), "name")
    said = {(entry.state.label, _why(entry.reasons)) for entry in shown}
    if len(said) == 1 and len(shown) > 1:
        # What is the same of all is said once.
        [(state, why)] = said
        by_package: dict[NormalizedName, list[str]] = defaultdict(list)
        for entry in shown:
            by_package[entry.target].append(entry.name)
        return Table(
            caption=f"{count(len(theirs), 'name')}, {state}, the likeliest first. {why}",
            columns=codes("Package", "Names"),
            rows=tuple((package, ", ".join(names)) for package, names in by_package.items()),
            note=rest,
        )
    return Table(
        caption=f"{count(len(theirs), 'name')}, those that a person judged first, then the likeliest",
        columns=(*codes("Name", "For"), *texts("State", "Why")),
        rows=tuple((entry.name, entry.target, entry.state.label, _why(entry.reasons)) for entry in shown),
        note=rest,
    )


def _route_table(package: PackageReport, route: Route, limit: int) -> Table:
    entries = package.by_route(route)
    shown = entries if route in FULL_ROUTES else entries[:limit]
    return Table(
        caption=f"{ROUTE_LABELS[route]}: {count(len(entries), 'name')} for {package.name}",
        columns=(*codes("Name"), *texts("How likely", "State", "Why")),
        rows=tuple(
            (entry.name, how_likely(entry.name_class, entry.score), entry.state.label, _why(entry.reasons))
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


def _coverage(report: Report, limit: int) -> Table:
    status = dict.fromkeys(report.planned, "planned") | {item.name: "held" for item in report.held}
    befores = (0.0, *(point.covered for point in report.coverage))
    shown = report.coverage[: report.reserved + limit]
    return Table(
        caption="What each further name adds",
        columns=(
            *numbers("Names"),
            *codes("Name"),
            *texts("Reserved"),
            *numbers("Adds", "Covered"),
            Column(label="Covered, drawn", is_drawing=True),
        ),
        rows=tuple(
            (
                f"{point.names:,}",
                point.name,
                status.get(point.name, ""),
                percent(max(point.covered - before, 0.0)),
                percent(point.covered),
                "█" * round(min(1.0, max(0.0, point.covered)) * _BAR_WIDTH),
            )
            for before, point in zip(befores, shown, strict=False)
        ),
        note=_rest(len(report.coverage) - len(shown), "name"),
    )


def _deferred(report: Report, limit: int) -> Table:
    shown = report.deferred[:limit]
    return Table(
        caption=f"Deferred: {count(len(report.deferred), 'name')} for which there is no room",
        columns=(*codes("Name", "Would point to"), *texts("How likely", "Why"), *codes("Key to change")),
        rows=tuple((item.name, item.target, likelihood(item.score), _why([item.reason]), item.key) for item in shown),
        note=_rest(len(report.deferred) - len(shown), "name"),
    )


def _other_policy(report: Report, limit: int) -> Table:
    by_change: dict[tuple[Route, Route, str], list[str]] = defaultdict(list)
    for difference in report.other_policy:
        why = _why([difference.reason] if difference.reason else [])
        by_change[difference.route, difference.other_route, why].append(difference.name)
    shown = sorted(by_change.items(), key=lambda item: -len(item[1]))[:limit]
    rest = len(report.other_policy) - sum(len(names) for _, names in shown)
    return Table(
        caption=f"What the other policy would do (this plan's is '{report.policy.value}')",
        columns=(*texts("Now", "With the other policy"), *numbers("Names"), *codes("Which"), *texts("Why")),
        rows=tuple(
            (ROUTE_LABELS[now], ROUTE_LABELS[other], f"{len(names):,}", join_words(names, limit=limit), why)
            for (now, other, why), names in shown
        ),
        note=_rest(rest, "name"),
    )


def _settled(report: Report) -> Table:
    expected = {State.PLANNED, State.HELD, State.UNVERIFIED}
    return Table(
        caption="Planned, but settled otherwise by the index",
        columns=(*codes("Name", "Would point to"), *texts("What the ledger says")),
        rows=tuple(
            (entry.name, entry.target, entry.state.label)
            for entry in report.entries
            if entry.ordinal is not None and entry.state not in expected
        ),
    )


def _letters(report: Report) -> Table:
    return Table(
        caption="What the index's administrators were asked and told",
        columns=(*texts("Sent", "Kind"), *codes("Name"), *texts("Answer", "Answered")),
        rows=tuple(
            (letter.sent.isoformat(), letter.kind, name, *find_answer(letter, name))
            for letter in report.letters
            for name in letter.names
        ),
    )


def find_answer(letter: SentLetter, name: NormalizedName) -> tuple[str, str]:
    """What the administrators answered about a name of a letter, in a word, and on which day; empty: on none."""
    if letter.kind not in REQUESTS:
        return "none needed", ""
    answers = {answered: (answer.value, date.isoformat()) for answered, answer, date in reversed(letter.answers)}
    return answers.get(name, ("none yet", ""))


def _targets(report: Report) -> Table:
    looked_up = {proof.target: (proof.verdict.value, proof.text) for proof in report.targets}
    proved = dict.fromkeys(report.proved_targets, (OwnershipVerdict.PROVED.value, _PROVED_BEFORE))
    unproved = dict.fromkeys(report.unproved_targets, (NOT_PROVED, "never looked up"))
    # What was looked up comes first, and wins.
    return Table(
        caption="Are the packages that placeholders point to the organization's own?",
        columns=(*codes("Package"), *texts("Proof", "Detail")),
        rows=tuple((target, *found) for target, found in (looked_up | proved | unproved | looked_up).items()),
    )


def _warnings(report: Report, limit: int) -> Table:
    """What is about the whole plan first, then about names that are sent, then the others."""
    planned = frozenset(report.planned)
    warnings = sorted(
        report.warnings, key=lambda warning: bool(warning.names) and 1 + planned.isdisjoint(warning.names)
    )
    shown = warnings[:_MOST_ROWS]
    return Table(
        caption="Findings and warnings",
        columns=(*codes("Rule"), *texts("What", "Names, or what to do")),
        rows=(
            *((finding.rule, finding.message, finding.fix) for finding in report.findings),
            *((warning.reason.rule, warning.reason.text, join_words(warning.names, limit=limit)) for warning in shown),
        ),
        note=_rest(len(warnings) - len(shown), "warning"),
    )


def _rehearsal(report: Report) -> Table:
    by_outcome: dict[str, list[str]] = defaultdict(list)
    for receipt in report.rehearsal:
        by_outcome[receipt.outcome].append(receipt.name)
    return Table(
        caption="What the index on this machine answered",
        columns=(*texts("Outcome"), *numbers("Names"), *codes("Which")),
        rows=tuple(
            (outcome, f"{len(names):,}", ", ".join(sorted(names))) for outcome, names in sorted(by_outcome.items())
        ),
    )


def _provenance(report: Report) -> Table:
    made = report.provenance
    snapshot = made.snapshot
    facts = (
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
    return Table(
        caption="Digests of everything that the plan was made from",
        columns=(*texts("What"), *codes("Value")),
        rows=tuple(fact for fact in facts if fact[1]),
    )
