"""From one call of `watch` to the next: which neighbours still wait for a person, what is looked up, what is news.

changes = carry_open(watch_lists(before, after, lookout, …), last, …)
changes, seen = look_up_neighbours(changes, seen, portfolio=portfolio, reader=reader, listed_by=before.taken_by, …)
find_watch_news(report.with_changes(changes), last)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from packaging.utils import NormalizedName

from namehold.errors import IndexError_
from namehold.index import IndexReader, ProjectState, Relation, first_upload
from namehold.portfolio import Portfolio
from namehold.text import count
from namehold.watch.holders import is_telling, judge_holder
from namehold.watch.neighbours import ListChanges, Neighbour, Verdict
from namehold.watch.taken import UNANSWERED_MAX, WatchReport, ask_once

#: How the reason of a neighbour begins that couldn't be looked up.
NOT_ANSWERED: Final = "it couldn't be looked up"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenProject:
    """What a look-up showed of who holds a project: it stays in the private cache, and names people.

    `owners` are its users, or its organization on the index; `first_upload` is None where no file is shown.
    """

    name: NormalizedName
    first_upload: dt.datetime | None = None
    owners: tuple[str, ...] = ()

    @classmethod
    def of(cls, state: ProjectState) -> SeenProject:
        """What is seen now."""
        shown = state.ownership
        owners = () if shown is None else (shown.organization,) if shown.organization else tuple(sorted(shown.users))
        return cls(name=state.name, first_upload=first_upload(state), owners=owners)

    def shares_owners(self, other: SeenProject) -> bool:
        """Whether one of the owners is the same."""
        return not set(self.owners).isdisjoint(other.owners)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenProjects:
    """The projects of one index that were looked up, as they were seen last."""

    index: str
    projects: tuple[SeenProject, ...] = ()


def carry_open(
    changes: ListChanges,
    last: WatchReport | None,
    *,
    listed: Collection[NormalizedName],
    verdicts: Mapping[NormalizedName, Verdict],
) -> ListChanges:
    """`changes` with the neighbours of the last report for which no verdict has come.

    `listed` are those of them that the newer list has, `verdicts` what is known today. What has changed since stands
    only where the lists put it.
    """
    if last is None:
        return changes
    moved = {item.name for item in (*changes.new, *changes.changed, *changes.gone)}

    def waiting(items: Iterable[Neighbour]) -> tuple[Neighbour, ...]:
        return tuple(
            item
            for item in items
            if item.verdict.is_open and item.name in listed and item.name not in moved and item.name not in verdicts
        )

    return replace(
        changes,
        new=(*changes.new, *waiting(last.new)),
        changed=(*changes.changed, *waiting(last.changed)),
        again=(*changes.again, *waiting(last.again)),
    )


def look_up_neighbours(
    changes: ListChanges,
    seen: SeenProjects,
    *,
    portfolio: Portfolio,
    reader: IndexReader,
    listed_by: dt.datetime,
    limit: int,
    pause: Callable[[], None] = lambda: None,
    report: Callable[[NormalizedName], None] = lambda _: None,
) -> tuple[ListChanges, SeenProjects]:
    """The neighbours on which nothing is known yet, each looked up once and judged, and what was seen.

    A project that was on the older list and whose first file is younger than that list was registered again, unless
    an owner of it is the same as before. One that can't be looked up stays so; the next call asks again.

    Args:
        changes: What the lists tell.
        seen: What earlier look-ups saw.
        portfolio: Whose account and packages count as ours.
        reader: The index.
        listed_by: When the older list was taken.
        limit: How many projects are looked up at most.
        pause: Called between two projects.
        report: Called with each name after it was looked up.
    """
    known = {item.name: item for item in seen.projects}
    targets: dict[NormalizedName, ProjectState | IndexError_] = {}
    packages = {package.name for package in portfolio.packages}
    judged: dict[NormalizedName, Neighbour] = {}
    renewed: set[NormalizedName] = set()
    asked = unanswered = 0
    old = {item.name for item in changes.changed}
    for item in sorted((*changes.new, *changes.again, *changes.changed), key=lambda item: not item.wanted):
        if item.verdict is not Verdict.NOT_LOOKED_UP or asked == limit or unanswered == UNANSWERED_MAX:
            continue
        if isinstance(failed := targets.get(item.near), IndexError_):
            # A package's page that can't be read says nothing of the names near others.
            judged[item.name] = replace(item, why=f"{NOT_ANSWERED}: {failed.message}")
            continue
        if asked:
            pause()
        asked += 1
        try:
            target = ask_once(item.near, reader, targets) if item.near in packages else None
            state = reader.project(item.name)
        except IndexError_ as error:
            unanswered += 1
            judged[item.name] = replace(item, why=f"{NOT_ANSWERED}: {error.message}")
            continue
        unanswered = 0
        now, before = SeenProject.of(state), known.get(item.name)
        is_again = _is_registered_again(now, before, listed_by=listed_by if item.name in old else None)
        if is_again:
            renewed.add(item.name)
        is_moved = before is not None and bool(before.owners) and not now.shares_owners(before)
        note = "it was registered again" if is_again else "its owner has changed" if is_moved else ""
        judged[item.name] = _judge(item, state, target, portfolio=portfolio, note=note)
        known[item.name] = now
        report(item.name)

    def told(items: Iterable[Neighbour], *, is_again: bool) -> tuple[Neighbour, ...]:
        return tuple(judged.get(item.name, item) for item in items if (item.name in renewed) is is_again)

    looked = replace(
        changes,
        new=told(changes.new, is_again=False),
        changed=told(changes.changed, is_again=False),
        again=(
            *told((*changes.new, *changes.changed), is_again=True),
            *(judged.get(item.name, item) for item in changes.again),
        ),
    )
    return looked, replace(seen, projects=tuple(known[name] for name in sorted(known)))


def _is_registered_again(now: SeenProject, before: SeenProject | None, *, listed_by: dt.datetime | None) -> bool:
    """`listed_by` None: the older list hadn't this project."""
    if now.first_upload is None:
        return False
    if before is not None and before.first_upload is not None:
        return now.first_upload > before.first_upload and not now.shares_owners(before)
    return listed_by is not None and now.first_upload > listed_by


def _judge(
    item: Neighbour, state: ProjectState, target: ProjectState | None, *, portfolio: Portfolio, note: str
) -> Neighbour:
    """The neighbour with what the look-up says of it. Only what shows its own purpose is called unrelated."""
    holder = judge_holder(state, target=target, portfolio=portfolio)
    match holder.relation:
        case Relation.OURS:
            verdict, why = Verdict.OURS, "the index shows it as the organization's"
        case Relation.CO_MAINTAINED:
            verdict, why = Verdict.OURS, f"somebody with a role on {item.near} has one here"
        case Relation.GONE:
            verdict, why = Verdict.UNRELATED, "the index has no such project any more"
        case Relation.POSSIBLE:
            verdict, why = Verdict.POSSIBLE, "; ".join(holder.signs)
        case _ if state.files and is_telling(state.summary):
            first = first_upload(state)
            since = f", first release {first.date()}" if first is not None else ""
            verdict, why = (
                Verdict.UNRELATED,
                f"{count(len(state.files), 'file')}{since}, its own summary: {holder.summary}",
            )
        case _:
            verdict, why = Verdict.POSSIBLE, "nothing shows what it is for"
    if note and verdict is Verdict.UNRELATED and state.exists:
        verdict = Verdict.POSSIBLE
    return replace(item, verdict=verdict, why="; ".join(filter(None, (note, why))))


def find_watch_news(report: WatchReport, last: WatchReport | None) -> WatchReport:
    """`report` with only what the last one hadn't.

    A change of a project that is still called unrelated is no news, and neither are the names that the ledger has.
    """

    def new(items: Iterable[Neighbour], known: Iterable[Neighbour]) -> tuple[Neighbour, ...]:
        told = {(item.name, item.serial, item.verdict) for item in known}
        return tuple(
            item
            for item in items
            if (item.name, item.serial, item.verdict) not in told and (item.verdict is not Verdict.OURS or item.why)
        )

    old = last or WatchReport(index=report.index, time=report.time, names=(), left=0)
    rows = {(row.name, row.relation, row.signs, row.verdict) for row in old.names}
    return replace(
        report,
        names=tuple(
            row for row in report.names if row.error or (row.name, row.relation, row.signs, row.verdict) not in rows
        ),
        new=new(report.new, old.new),
        gone=new(report.gone, old.gone),
        changed=tuple(item for item in new(report.changed, old.changed) if item.verdict.is_open),
        again=new(report.again, old.again),
    )
