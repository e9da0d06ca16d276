"""Looks up who holds the planned names that are taken: one after the other, each once, politely.

report = look_up(plan, portfolio, reader=index, now=now, limit=200)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from packaging.utils import NormalizedName

from namehold.errors import ExitCode, IndexError_
from namehold.index import IndexReader, ProjectState, ProjectStatus
from namehold.plan import Assessment, Plan
from namehold.portfolio import Portfolio
from namehold.watch.holders import Relation, judge_holder

#: First reasons of names that somebody else holds.
_TAKEN_RULES = frozenset({"taken", "look-alike"})

#: So many names in a row that the index didn't answer for: it is not there.
_UNANSWERED_MAX = 3


#: A person's verdicts, as a report words them.
LOOK_ALIKE, UNRELATED = "look-alike", "unrelated"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenName:
    """One taken name, in neutral words: no person is named. `verdict` is a person's, from names.yaml.

    `relation` None: it wasn't looked up (`error` says why). `first_release` and `files` are the index's.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchReport:
    """All taken names of a plan, in the plan's order; `left` counts those beyond this run's bound."""

    index: str
    time: dt.datetime
    names: tuple[TakenName, ...]
    left: int

    @property
    def to_judge(self) -> tuple[TakenName, ...]:
        """The names that a person should look at: they may imitate, and nobody has said yet."""
        return tuple(item for item in self.names if item.relation is Relation.POSSIBLE and not item.verdict)

    @property
    def exit_code(self) -> ExitCode:
        """11 if a person should look at something, 4 if nothing could be looked up, 13 if something couldn't."""
        asked = [item for item in self.names if item.relation is not None or item.error]
        failed = sum(bool(item.error) for item in asked)
        if failed:
            return ExitCode.INDEX_UNUSABLE if failed == len(asked) else ExitCode.PARTLY_FAILED
        return ExitCode.FINDINGS if self.to_judge else ExitCode.DONE


def find_taken(plan: Plan) -> tuple[Assessment, ...]:
    """The assessed names that somebody holds, best first."""
    return tuple(item for item in plan.assessments if item.reasons[0].rule in _TAKEN_RULES)


def look_up(
    plan: Plan,
    portfolio: Portfolio,
    *,
    reader: IndexReader,
    now: dt.datetime,
    limit: int,
    pause: Callable[[], None] = lambda: None,
    report: Callable[[NormalizedName], None] = lambda _: None,
) -> WatchReport:
    """Who holds the first `limit` taken names that no person has called unrelated; one that fails holds up no other.

    `pause` is called between two names.
    """
    verdicts = {item.name: f"{LOOK_ALIKE} ({item.date})" for item in portfolio.look_alikes}
    verdicts |= dict.fromkeys(portfolio.unrelated, UNRELATED)
    targets: dict[NormalizedName, ProjectState | None] = {}
    rows: list[TakenName] = []
    asked = unanswered = 0
    taken = find_taken(plan)
    for item in taken:
        name, target = item.candidate.name, item.candidate.target
        verdict = verdicts.get(name, "")
        if verdict == UNRELATED:
            rows.append(TakenName(name=name, target=target, verdict=verdict))
            continue
        if asked == limit or unanswered == _UNANSWERED_MAX:
            continue
        if asked:
            pause()
        asked += 1
        row = _look_up_one(name, target, verdict, portfolio=portfolio, reader=reader, targets=targets)
        unanswered = unanswered + 1 if row.error else 0
        rows.append(row)
        report(name)
    return WatchReport(index=plan.index, time=now, names=tuple(rows), left=len(taken) - len(rows))


def _look_up_one(
    name: NormalizedName,
    target: NormalizedName,
    verdict: str,
    *,
    portfolio: Portfolio,
    reader: IndexReader,
    targets: dict[NormalizedName, ProjectState | None],
) -> TakenName:
    try:
        if target not in targets:
            targets[target] = reader.project(target)
        state = reader.project(name)
    except IndexError_ as error:
        return TakenName(name=name, target=target, verdict=verdict, error=error.message)
    holding = judge_holder(state, target=targets[target], portfolio=portfolio)
    first = min((file.uploaded for file in state.files if file.uploaded), default=None)
    return TakenName(
        name=name,
        target=target,
        relation=holding.relation,
        signs=holding.signs,
        first_release=first.date() if first else None,
        files=len(state.files),
        status=state.status if state.exists else None,
        summary=holding.summary,
        verdict=verdict,
    )
