"""Asks an index how people reach our own packages, and compares that with what names.yaml says.

    found, releases = discover_packages(portfolio, names, web=index, simple=..., index=..., now=now, read=releases)
    edits = edits_of(found, portfolio)

A package that can't be read is a row with its reason; the others are read all the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from packaging.utils import NormalizedName, canonicalize_name

from namehold.errors import ExitCode, IndexError_, NameholdError
from namehold.evidence.package_files import Discovery, discover_package
from namehold.evidence.releases import ReadFile, ReadPackage, ReleasesRead
from namehold.index import WebReader
from namehold.portfolio import (
    CLAIMED_SOURCE,
    SURFACE_LISTS,
    Entry,
    Package,
    PackageEdit,
    Portfolio,
    Surface,
    SurfaceKind,
)

#: Which of a package's lists in names.yaml holds which kind of surface. Aliases stand in no file of a package.
LISTS: Mapping[SurfaceKind, str] = {kind: key for kind, key in SURFACE_LISTS.items() if kind is not SurfaceKind.ALIAS}
_COMPANIONS = "companions"

#: Values of which case, dots and dashes make a difference; all others are project names.
_EXACT = frozenset({"imports", "namespaces", "commands", "entry_points"})

#: More values than these in one list are no strings by which people reach a package.
MAX_VALUES_A_LIST = 200

#: So many packages in a row that the index didn't answer for, and none before: it is not there.
_UNANSWERED_MAX = 3

_MAX_SOURCE_LENGTH = 200


class ValueStatus(StrEnum):
    """What a value is to names.yaml.

    CLAIMED: only names.yaml says so, the package's files don't. GONE: discovery wrote it once, and the latest release
    doesn't have it any more. UNFIT: it is in the files and no value that names.yaml takes.
    """

    NEW = "new"
    KNOWN = "known"
    CLAIMED = "claimed"
    GONE = "gone"
    IGNORED = "ignored"
    UNFIT = "unfit"


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveredValue:
    """One value of one package's list. `since_last` is 'appeared' or 'gone', compared with the last discovery."""

    package: NormalizedName
    key: str
    value: str
    change: ValueStatus
    source: str = ""
    since_last: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageDiscovery:
    """What the index says about one package, and why it wasn't read or added (`error`).

    `left_out` counts values beyond the bound.
    """

    name: NormalizedName
    time: dt.datetime
    found: Discovery | None = None
    error: str = ""
    fix: str = ""
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveryReport:
    """One discovery, and the last one of every package that it didn't look at."""

    index: str
    time: dt.datetime
    packages: tuple[PackageDiscovery, ...]
    findings: tuple[DiscoveredValue, ...]

    @property
    def asked(self) -> tuple[PackageDiscovery, ...]:
        """The packages that this discovery looked at."""
        return tuple(item for item in self.packages if item.time == self.time)

    @property
    def exit_code(self) -> ExitCode:
        """4 if no package could be read, 13 if some couldn't be read or added."""
        if not any(item.error for item in self.asked):
            return ExitCode.DONE
        is_empty = all(item.found is None for item in self.asked)
        return ExitCode.INDEX_UNUSABLE if is_empty else ExitCode.PARTLY_FAILED


def discover_packages(
    portfolio: Portfolio,
    names: Sequence[NormalizedName],
    *,
    web: WebReader,
    simple: str,
    index: str,
    now: dt.datetime,
    last: DiscoveryReport | None = None,
    read: ReleasesRead | None = None,
    report: Callable[[NormalizedName], None] = lambda _: None,
) -> tuple[DiscoveryReport, ReleasesRead]:
    """What the index whose simple interface is at `simple` says about each of `names`, in their order.

    `last` is an earlier report: it tells what has appeared and what is gone, and keeps the packages not named now.
    `read` is the record of the releases that were read so far; the one that is returned has the new ones, too.
    """
    read = read or ReleasesRead(index=index)
    packages = {package.name: package for package in portfolio.packages}
    before = {item.name: item for item in last.packages} if last is not None else {}
    asked: list[PackageDiscovery] = []
    findings: list[DiscoveredValue] = []
    read_now: list[ReadPackage] = []
    for name in names:
        item = _ask(name, web=web, simple=simple, now=now, known=read.files_of(name), earlier=asked)
        if item.found is not None:
            read_now.append(ReadPackage(name=name, files=item.found.files))
            # The record has them; a report of what was found doesn't repeat them.
            item = replace(item, found=replace(item.found, files=()))
        section = _section_of(name, portfolio) if item.found is not None else ""
        if section:
            error = f"it stands under `{section}` in names.yaml, so it was not added to `packages`"
            item = replace(item, error=error, fix="delete it there, then call again")
        asked.append(item)
        package = packages.get(name) or Package(name=name, spelled=str(name))
        if item.found is not None:
            earlier = before[name].found if name in before else None
            findings += _compare(package, item.found, last=earlier)
        report(name)
    kept = [item for item in before.values() if item.name not in set(names) and item.name in packages]
    found = DiscoveryReport(index=index, time=now, packages=(*asked, *kept), findings=tuple(findings))
    return found, read.with_packages(read_now)


def edits_of(report: DiscoveryReport, portfolio: Portfolio) -> tuple[PackageEdit, ...]:
    """What is to be written into names.yaml: new values, sources of bare ones, packages that it lacks."""
    listed = {package.name for package in portfolio.packages}
    date = report.time.date()
    edits = []
    for item in report.asked:
        mine = [finding for finding in report.findings if finding.package == item.name]
        added = tuple(_entry(finding, date) for finding in mine if finding.change is ValueStatus.NEW)
        claims = {
            (LISTS[surface.kind], surface.value)
            for package in portfolio.packages
            if package.name == item.name
            for surface in package.surfaces
            if surface.source == CLAIMED_SOURCE and surface.kind in LISTS
        }
        sourced = tuple(
            _entry(finding, date)
            for finding in mine
            if finding.change is ValueStatus.KNOWN and (finding.key, finding.value) in claims
        )
        if not item.error and (added or sourced or item.name not in listed):
            edits.append(PackageEdit(name=item.name, added=added, sourced=sourced))
    return tuple(edits)


def _section_of(name: NormalizedName, portfolio: Portfolio) -> str:
    """The list of names.yaml that has decided otherwise about a name, which so can't be added to `packages`."""
    lists: Mapping[str, Iterable[NormalizedName]] = {
        "future": portfolio.future,
        "unrelated": (item.name for item in portfolio.unrelated),
        "internal": (item.name for item in portfolio.internal),
        "always": (item.name for item in portfolio.always),
        "never": (item.name for item in portfolio.never),
        "look_alikes": (item.name for item in portfolio.look_alikes),
        "observed": (item.name for item in portfolio.observed),
    }
    return next((section for section, names in lists.items() if name in names), "")


def _ask(
    name: NormalizedName,
    *,
    web: WebReader,
    simple: str,
    now: dt.datetime,
    known: Sequence[ReadFile],
    earlier: Sequence[PackageDiscovery],
) -> PackageDiscovery:
    """What the index says about one package. If it answered for none of the first ones, it isn't asked any more."""
    if len(earlier) >= _UNANSWERED_MAX and all(item.error.startswith(_NOT_ANSWERED) for item in earlier):
        error, fix = f"{_NOT_ANSWERED}, so it was not asked", "check the network, then call again"
        return PackageDiscovery(name=name, time=now, error=error, fix=fix)
    try:
        found = discover_package(name, web=web, simple=simple, now=now, known=known)
    except NameholdError as error:
        is_unanswered = isinstance(error, IndexError_) and "can't be reached" in error.message
        text = f"{_NOT_ANSWERED}: {error.message}" if is_unanswered else error.message
        return PackageDiscovery(name=name, time=now, error=text, fix=error.fix)
    bounded = _bounded(found)
    left_out = len(found.surfaces) + len(found.companions) - len(bounded.surfaces) - len(bounded.companions)
    return PackageDiscovery(name=name, time=now, found=bounded, left_out=left_out)


_NOT_ANSWERED = "the index gives no answer"


def _bounded(found: Discovery) -> Discovery:
    """The discovery with at most so many values in each list, the shortest first: those are the ones people type."""
    kept: list[Surface] = []
    for kind in SurfaceKind:
        same = [surface for surface in found.surfaces if surface.kind is kind]
        kept += sorted(same, key=lambda item: (len(item.value), item.value))[:MAX_VALUES_A_LIST]
    order = {id(surface): place for place, surface in enumerate(found.surfaces)}
    return replace(
        found,
        surfaces=tuple(sorted(kept, key=lambda item: order[id(item)])),
        companions=found.companions[:MAX_VALUES_A_LIST],
    )


def _compare(package: Package, found: Discovery, *, last: Discovery | None) -> Iterator[DiscoveredValue]:
    """Every value that the files or names.yaml have, with what it is to names.yaml; in the order of the lists."""
    shown = _values_of(found.surfaces, found.companions)
    seen_last = _values_of(last.surfaces, last.companions) if last is not None else None
    listed = _values_of(package.surfaces, package.companions)
    for key, same in shown:
        value, source = shown[key, same]
        since_last = "appeared" if seen_last is not None and (key, same) not in seen_last else ""
        change = _change(Entry(key=key, value=value, source=source), package, is_listed=(key, same) in listed)
        yield DiscoveredValue(
            package=package.name, key=key, value=listed.get((key, same), (value,))[0],
            change=change, source=source, since_last=since_last,
        )  # fmt: skip
    missing: dict[tuple[str, str], tuple[str, str]] = {**(seen_last or {}), **listed}
    for (key, same), (value, source) in missing.items():
        if (key, same) in shown:
            continue
        is_lost = seen_last is not None and (key, same) in seen_last
        if key == _COMPANIONS and not is_lost:
            # A companion by hand is a relation that people know of; no file has to say so.
            continue
        is_claim = source == CLAIMED_SOURCE and not is_lost
        yield DiscoveredValue(
            package=package.name, key=key, value=value, change=ValueStatus.CLAIMED if is_claim else ValueStatus.GONE,
            source=source, since_last="gone" if is_lost else "",
        )  # fmt: skip


def _change(entry: Entry, package: Package, *, is_listed: bool) -> ValueStatus:
    if is_listed:
        return ValueStatus.KNOWN
    if entry.value in package.ignored:
        return ValueStatus.IGNORED
    is_fit = replace(entry, source=entry.source[:_MAX_SOURCE_LENGTH]).is_fit
    return ValueStatus.NEW if is_fit else ValueStatus.UNFIT


def _values_of(
    surfaces: Iterable[Surface], companions: Iterable[NormalizedName]
) -> dict[tuple[str, str], tuple[str, str]]:
    """(list, compared form) -> (value, source) of everything that a file or names.yaml has."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for surface in surfaces:
        key = LISTS.get(surface.kind)
        if key is not None:
            same = surface.value if key in _EXACT else canonicalize_name(surface.value)
            found.setdefault((key, same), (surface.value, surface.source))
    for name in companions:
        found.setdefault((_COMPANIONS, name), (name, ""))
    return found


def _entry(finding: DiscoveredValue, date: dt.date) -> Entry:
    if finding.key == _COMPANIONS:
        return Entry(key=finding.key, value=finding.value)
    return Entry(key=finding.key, value=finding.value, source=finding.source[:_MAX_SOURCE_LENGTH], date=date)
