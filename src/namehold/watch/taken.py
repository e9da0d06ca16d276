"""Looks up who holds names that are taken.

    report = look_up(plan.find_taken(), portfolio, index=plan.index, reader=reader, now=now, limit=200)

One name after the other, each once, with a pause between them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from packaging.utils import NormalizedName

from namehold.errors import ExitCode, IndexError_
from namehold.index import IndexReader, ProjectState, ProjectStatus, Relation
from namehold.portfolio import Portfolio
from namehold.watch.holders import ONLY_HOLDS, judge_holder
from namehold.watch.neighbours import ListChanges, Neighbour, OtherNames

#: After so many names in a row without an answer the index counts as unreachable.
UNANSWERED_MAX: Final = 3

#: A person's verdicts, as a report words them.
_LOOK_ALIKE: Final = "look-alike"
_UNRELATED: Final = "unrelated"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenName:
    """One taken name, in neutral words: no person is named. `verdict` is a person's, from names.yaml.

    `relation` None: it wasn't looked up (`error` says why). `first_release` and `files` are the index's, `serial` is
    that of its last change on the index's list, as far as the list tells it.
    """

    name: NormalizedName
    target: NormalizedName
    relation: Relation | None = None
    signs: tuple[str, ...] = ()
    first_release: dt.date | None = None
    files: int = 0
    status: ProjectStatus | None = None
    summary: str = ""
    verdict: str = ""
    error: str = ""
    serial: int | None = None

    @property
    def only_holds(self) -> bool:
        """Whether the project says of itself that it is nothing but a held name."""
        return ONLY_HOLDS in self.signs


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchReport:
    """Who holds the names, in the order of looking; `left` counts those beyond this run's limit.

    `new`, `gone`, `changed`, `again` and `others` are what two lists of the index tell (`neighbours.ListChanges`).
    """

    index: str
    time: dt.datetime
    names: tuple[TakenName, ...]
    left: int
    new: tuple[Neighbour, ...] = ()
    gone: tuple[Neighbour, ...] = ()
    changed: tuple[Neighbour, ...] = ()
    again: tuple[Neighbour, ...] = ()
    others: tuple[OtherNames, ...] = ()

    @property
    def to_judge(self) -> tuple[TakenName, ...]:
        """The names that a person should look at: they may imitate, and there is no verdict yet."""
        return tuple(item for item in self.names if item.relation is Relation.POSSIBLE and not item.verdict)

    def with_changes(self, changes: ListChanges) -> WatchReport:
        """The same report with what two lists tell."""
        return replace(
            self,
            new=changes.new,
            gone=changes.gone,
            changed=changes.changed,
            again=changes.again,
            others=changes.others,
        )

    @property
    def told(self) -> tuple[tuple[str, Neighbour], ...]:
        """The neighbours, each with what the lists say of it."""
        lists = {"new": self.new, "again": self.again, "changed": self.changed, "gone": self.gone}
        return tuple((what, item) for what, items in lists.items() for item in items)

    @property
    def unjudged(self) -> tuple[Neighbour, ...]:
        """The neighbours of the lists that a person should look at."""
        return tuple(item for _, item in self.told if item.verdict.is_open)

    @property
    def is_empty(self) -> bool:
        """Whether it tells of no project."""
        return not (self.names or self.told)

    @property
    def exit_code(self) -> ExitCode:
        """11 if a person should look at something, 4 if nothing could be looked up, 13 if something couldn't."""
        asked = [item for item in self.names if item.relation is not None or item.error]
        failed = sum(bool(item.error) for item in asked)
        if failed:
            return ExitCode.INDEX_UNUSABLE if failed == len(asked) else ExitCode.PARTLY_FAILED
        return ExitCode.FINDINGS if self.to_judge or self.unjudged else ExitCode.DONE


def look_up(
    taken: Sequence[tuple[NormalizedName, NormalizedName]],
    portfolio: Portfolio,
    *,
    index: str,
    reader: IndexReader,
    now: dt.datetime,
    limit: int,
    pause: Callable[[], None] = lambda: None,
    report: Callable[[NormalizedName], None] = lambda _: None,
) -> WatchReport:
    """Who holds the first `limit` taken names that no person has called unrelated; one failure stops no other name.

    Args:
        taken: (name, target), in the order of looking.
        portfolio: Whose account and packages count as ours, and a person's verdicts.
        index: The index's nickname.
        reader: The index.
        now: The time of the report, in UTC.
        limit: How many names are looked up at most.
        pause: Called between two names.
        report: Called with each name after it was looked up.
    """
    verdicts = {item.name: f"{_LOOK_ALIKE} ({item.date})" for item in portfolio.look_alikes}
    today = now.date()
    verdicts |= {item.name: _UNRELATED for item in portfolio.unrelated if item.holds(today=today)}
    targets: dict[NormalizedName, ProjectState | IndexError_] = {}
    rows: list[TakenName] = []

    def look(name: NormalizedName, target: NormalizedName, verdict: str) -> TakenName:
        try:
            real = ask_once(target, reader, targets)
            state = reader.project(name)
        except IndexError_ as error:
            return TakenName(name=name, target=target, verdict=verdict, error=error.message)
        holder = judge_holder(state, target=real, portfolio=portfolio)
        first = min((file.uploaded for file in state.files if file.uploaded), default=None)
        return TakenName(
            name=name,
            target=target,
            relation=holder.relation,
            signs=holder.signs,
            first_release=first.date() if first else None,
            files=len(state.files),
            status=state.status if state.exists else None,
            summary=holder.summary,
            verdict=verdict,
        )

    asked = unanswered = 0
    for name, target in taken:
        verdict = verdicts.get(name, "")
        if verdict == _UNRELATED:
            rows.append(TakenName(name=name, target=target, verdict=verdict))
            continue
        if asked == limit or unanswered == UNANSWERED_MAX:
            continue
        if isinstance(failed := targets.get(target), IndexError_):
            # A package's page that can't be read says nothing of the names around others.
            rows.append(TakenName(name=name, target=target, verdict=verdict, error=failed.message))
            continue
        if asked:
            pause()
        asked += 1
        row = look(name, target, verdict)
        unanswered = unanswered + 1 if row.error else 0
        rows.append(row)
        report(name)
    return WatchReport(index=index, time=now, names=tuple(rows), left=len(taken) - len(rows))


def ask_once(
    package: NormalizedName, reader: IndexReader, known: dict[NormalizedName, ProjectState | IndexError_]
) -> ProjectState:
    """What the index says of a package, from `known` where it was asked before. Raises IndexError_, then and again."""
    if package not in known:
        try:
            known[package] = reader.project(package)
        except IndexError_ as error:
            known[package] = error
    found = known[package]
    if isinstance(found, IndexError_):
        raise found
    return found
