"""What changed since an earlier report, and the report without the names that anybody could still register."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from packaging.utils import NormalizedName, canonicalize_name

from namehold.errors import InputError
from namehold.ledger import LetterAnswer, SentLetter
from namehold.portfolio import NameClass
from namehold.report.model import Change, NameEntry, Report
from namehold.report.words import PUBLIC_STATES

#: Lines of the first screen that name only what is held or proved, and no command.
_PUBLIC_LINES = frozenset({"Safe without a reservation", "Unprotected", "Targets", "Held for good", "Data", "Sums"})

#: What may be a name within a sentence.
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class _EarlierEntry:
    name: NormalizedName
    target: NormalizedName
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _EarlierPackage:
    entries: tuple[_EarlierEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierReport:
    """What a comparison needs of a report's JSON document, by any version of namehold."""

    index: str
    organization: str
    as_of: dt.date
    packages: tuple[_EarlierPackage, ...]
    is_public: bool = False


def compare(report: Report, against: EarlierReport) -> Report:
    """The report with what changed since the earlier one.

    Raises InputError if that is a report on another index or organization, or a public one, which lacks names.
    """
    if (against.index, against.organization) != (report.index, report.organization) or against.is_public:
        what = "a public one" if against.is_public else f"about {against.organization} on {against.index}"
        raise InputError(
            f"the earlier report is {what}, so it can't be compared with this one",
            fix="namehold report -o NAME.json writes a report that later ones can be compared with",
        )
    before = {entry.name: entry for package in against.packages for entry in package.entries}
    after = {entry.name: entry for entry in report.entries}
    return replace(
        report,
        against=against.as_of,
        changes=tuple(
            Change(
                name=name,
                target=(after.get(name) or before[name]).target,
                before=before[name].state if name in before else "",
                after=after[name].state.value if name in after else "",
            )
            for name in sorted(before.keys() | after.keys())
            if name not in before or name not in after or before[name].state != after[name].state
        ),
    )


def hide_open_names(report: Report) -> Report:
    """The report for strangers: no name that somebody could still register, and no text that says one.

    Lists of such names are left out whole; sums and the picture stay, since a number is no name. So are names used only
    inside and those of projects to come, and all names for a package that isn't published.
    """
    secret = set(_find_secret(report)) - {item.name for item in report.held}
    hidden = {entry.name for entry in report.entries if entry.state not in PUBLIC_STATES or entry.target in secret}
    hidden |= secret
    hidden |= {item.name for item in report.deferred}
    hidden |= {*report.letter, *report.unconfirmed, *report.unproved, *report.undecided}
    hidden -= {item.name for item in report.held}
    packages = tuple(
        replace(
            package,
            entries=tuple(_without(entry, hidden) for entry in package.entries if entry.name not in hidden),
        )
        for package in report.packages
        if package.name not in secret
    )
    return replace(
        report,
        first_screen=tuple(replace(line, command="") for line in report.first_screen if line.label in _PUBLIC_LINES),
        packages=packages,
        calendar=(),
        coverage=(),
        planned=(),
        unproved=(),
        undecided=(),
        letters=tuple(letter for letter in map(_granted, report.letters) if letter.names),
        deferred=(),
        other_policy=(),
        warnings=(),
        findings=(),
        rehearsal=(),
        letter=(),
        unconfirmed=(),
        wishes=(),
        changes=tuple(
            change for change in report.changes if change.after in PUBLIC_STATES and change.target not in secret
        ),
        is_public=True,
        left_out=sum(len(package.entries) for package in report.packages)
        - sum(len(package.entries) for package in packages),
    )


def _find_secret(report: Report) -> Iterator[NormalizedName]:
    """What only the organization knows that it has: inside names, projects to come, packages not published yet."""
    for entry in report.entries:
        if entry.name_class in {NameClass.INTERNAL, NameClass.FUTURE}:
            yield entry.name
        if any(reason.rule == "target-unpublished" for reason in entry.reasons):
            yield entry.target


def _granted(letter: SentLetter) -> SentLetter:
    """The letter as far as its names can't be registered any more."""
    granted = {name for name, answer, _ in letter.answers if answer is LetterAnswer.GRANTED}
    return replace(
        letter,
        names=tuple(name for name in letter.names if name in granted),
        answers=tuple(answer for answer in letter.answers if answer[0] in granted),
    )


def _without(entry: NameEntry, hidden: Collection[NormalizedName]) -> NameEntry:
    """The entry without the sentences that say a hidden name."""
    return replace(
        entry,
        reasons=tuple(reason for reason in entry.reasons if not _says(reason.text, hidden)),
        warnings=(),
        evidence=tuple(text for text in entry.evidence if not _says(text, hidden)),
        similar_to=tuple(name for name in entry.similar_to if name not in hidden),
        factors=(),
    )


def _says(text: str, names: Collection[NormalizedName]) -> bool:
    return any(canonicalize_name(word.rstrip("._-")) in names for word in _WORD.findall(text))
