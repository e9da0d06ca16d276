"""What `namehold watch` works on: two lists of the index, what the last call told, and what look-ups showed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from packaging.utils import NormalizedName

from namehold import documents
from namehold.cli.kept import load_kept
from namehold.cli.output import write_text
from namehold.cli.workspace import Inputs, SystemClock, Workspace
from namehold.errors import SnapshotError
from namehold.files import InnerPath
from namehold.index.access import KeptAnswers
from namehold.plan import Plan
from namehold.snapshot import Snapshot, SnapshotStore
from namehold.watch import (
    ListChanges,
    Lookout,
    SeenProjects,
    TakenName,
    Verdict,
    WatchReport,
    carry_open,
    find_brands,
    find_verdicts,
    look_up,
    look_up_neighbours,
    watch_lists,
)

#: Looked up within this time, a taken name isn't asked for again: an interrupted run goes on where it ended.
_FRESH_S = 86_400.0
#: Between two names on an index that isn't this machine's.
_PAUSE_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """The newest list of the index, and the one that it is compared with: the last one of which `watch` has told."""

    before: Snapshot
    after: Snapshot


class Watcher:
    """One call of `watch` in a workspace, at a time in UTC."""

    def __init__(self, workspace: Workspace, *, now: dt.datetime, limit: int, refresh: bool = False) -> None:
        self.workspace, self.now, self._limit = workspace, now, limit
        self._nickname = workspace.profile.nickname
        self._told = SnapshotStore(workspace.session.state / "watch")
        self._record = workspace.session.state / f"watch-{self._nickname}.json"
        last = load_kept(self._record, "watch", WatchReport)
        #: What the last call told on this index; None at the first one.
        self.last = last if last is not None and last.index == self._nickname else None
        self.cache = KeptAnswers(self._private, fresh_s=0 if refresh else _FRESH_S)

    # ------------------------------------------------------------------ two lists

    def find_lists(self, newest: Snapshot | None) -> Lists | None:
        """The list that was told last, else the one that the index had before, and the newest; None without one."""
        if newest is None:
            return None
        try:
            before = self._told.open(self._nickname)
        except SnapshotError as error:
            self.workspace.session.say(f"{error.message}; the list before the newest one is used.")
            before = None
        before = before or self.workspace.snapshot_store(self.workspace.profile).open_earlier(self._nickname)
        return Lists(before=before, after=newest) if before is not None else None

    def follow(self, lists: Lists, plan: Plan | None) -> ListChanges:
        """The neighbours that the lists tell, and those that still wait for a person; looked up where that is allowed.

        Lists that lack names tell nothing.
        """
        if not (lists.before.info.complete and lists.after.info.complete):
            self.workspace.session.say("One of the two lists isn't complete, so that they aren't compared.")
            return ListChanges()
        inputs = self.workspace.inputs()
        changes = ListChanges()
        if not lists.before.is_same_list(lists.after):
            changes = compare(inputs, lists.before, lists.after, today=self.now.date(), plan=plan)
        told = self.last.told if self.last is not None else ()
        waiting = {item.name for what, item in told if what != "gone"}
        verdicts = find_verdicts(
            inputs.portfolio,
            held=[item.name for item in inputs.holdings.held],
            today=self.now.date(),
            serials=lists.after.serials(waiting),
        )
        changes = carry_open(changes, self.last, listed=lists.after.existing(waiting), verdicts=verdicts)
        return self._look_up(changes, lists) if self.workspace.can_ask() else changes

    def _look_up(self, changes: ListChanges, lists: Lists) -> ListChanges:
        asked = [item for items in (changes.new, changes.again, changes.changed) for item in items]
        if all(item.verdict is not Verdict.NOT_LOOKED_UP for item in asked):
            return changes
        place = self._private / "seen.json"
        seen = load_kept(place, "seen", SeenProjects) or SeenProjects(index=self._nickname)
        # A project that has changed must be seen as it is now: no answer of this day is used unasked.
        cache = KeptAnswers(self._private, fresh_s=0)
        session = self.workspace.session
        with self.workspace.index(cache=cache) as reader, session.count_off("Looking up", len(asked)) as advance:
            found, seen = look_up_neighbours(
                changes,
                seen,
                portfolio=self.workspace.portfolio,
                reader=reader,
                listed_by=lists.before.taken_by,
                limit=self._limit,
                pause=self._pause(cache),
                report=advance,
            )
        write_text(documents.dump("seen", seen), place)
        return found

    # ------------------------------------------------------------------ taken names of the plan

    def look_up_taken(self, plan: Plan, newest: Snapshot | None, *, only_new: bool) -> WatchReport:
        """Who holds the plan's taken names. `only_new`: what was looked up and hasn't changed since isn't asked for."""
        taken = plan.find_taken()
        serials = newest.serials([name for name, _ in taken]) if newest is not None else {}
        known = self._known(serials) if only_new else {}
        left = [pair for pair in taken if pair[0] not in known]
        session, total = self.workspace.session, min(self._limit, len(left))
        if not left:
            found = WatchReport(index=self._nickname, time=self.now, names=(), left=0)
        else:
            with self.workspace.index(cache=self.cache) as reader, session.count_off("Looking up", total) as advance:
                found = look_up(
                    left,
                    self.workspace.portfolio,
                    index=plan.index,
                    reader=reader,
                    now=self.now,
                    limit=self._limit,
                    pause=self._pause(self.cache),
                    report=advance,
                )
        rows = known | {row.name: replace(row, serial=serials.get(row.name)) for row in found.names}
        return replace(found, names=tuple(rows[name] for name, _ in taken if name in rows))

    def _known(self, serials: Mapping[NormalizedName, int]) -> dict[NormalizedName, TakenName]:
        """The rows of the last call that still hold; one that a person has judged is made anew."""
        portfolio = self.workspace.portfolio
        judged = {item.name for item in (*portfolio.look_alikes, *portfolio.unrelated)}
        rows: Sequence[TakenName] = self.last.names if self.last is not None else ()
        return {
            row.name: row
            for row in rows
            if row.relation is not None
            and row.name not in judged
            and not row.verdict
            and serials.get(row.name) == row.serial
        }

    # ------------------------------------------------------------------ from one call to the next

    def keep(self, report: WatchReport, newest: Snapshot | None) -> None:
        """Writes down what was told, and then of which list: a call that is killed in between tells it once more.

        A list that lacks names is none that a later one can be compared with.
        """
        write_text(documents.dump("watch", report), self._record)
        if newest is not None and newest.info.complete:
            try:
                told = self._told.open(self._nickname)
            except SnapshotError:
                told = None
            if told is None or not told.is_same_list(newest) or told.taken_by != newest.taken_by:
                self._told.replace(newest)

    def _pause(self, cache: KeptAnswers) -> Callable[[], None]:
        asked_before = 0

        def pause() -> None:
            # What the cache answered cost the index nothing.
            nonlocal asked_before
            asked = cache.counts["new"] + cache.counts["unchanged"]
            if asked > asked_before and not self.workspace.profile.is_loopback:
                SystemClock.sleep(_PAUSE_S)
            asked_before = asked

        return pause

    @property
    def _private(self) -> InnerPath:
        """A folder whose answers name people."""
        return self.workspace.cache(self.workspace.profile) / "answers" / self._nickname


def compare(
    inputs: Inputs, before: Snapshot, after: Snapshot, *, today: dt.date, plan: Plan | None = None
) -> ListChanges:
    """The neighbours of the portfolio among what differs between two lists."""
    return watch_lists(
        before,
        after,
        make_lookout(replace(inputs, view=before), today=today, plan=plan),
        portfolio=inputs.portfolio,
        held=[item.name for item in inputs.holdings.held],
        today=today,
    )


def make_lookout(inputs: Inputs, *, today: dt.date, plan: Plan | None = None) -> Lookout:
    """Finds what is near the portfolio, and what the plan was going to reserve."""
    territory = inputs.territory(as_of=today)
    brands = partial(find_brands, inputs.portfolio, territory, dictionary=inputs.dictionary.words)
    planned = {action.name: action.target for action in plan.actions} if plan is not None else {}
    return Lookout(inputs.portfolio, brands=brands, general=inputs.general, planned=planned)
