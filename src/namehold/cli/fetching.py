"""The index's list of names, fetched for the commands that need it, with the bytes that came so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from namehold.cli.session import Session
from namehold.cli.workspace import SystemClock, Workspace
from namehold.errors import IndexError_, SnapshotError
from namehold.text import count

if TYPE_CHECKING:
    from namehold.index import IndexProfile, SnapshotInfo
    from namehold.snapshot import Stored

#: No public index has had fewer names for years (November 2026: several hundred thousand each).
_FEWEST_OF_PUBLIC = 100_000
#: Of a public index's names far fewer than one in so many are deleted in a month.
_RARELY_GONE = 100


def fetch_list(workspace: Workspace, index: IndexProfile, *, contact: str, may_shrink: bool = False) -> Stored:
    """Downloads the list of this index's names and keeps it; `contact` is told to the index's operators.

    `may_shrink`: it may have less than half of the names in the kept list.
    Raises IndexError_ or SnapshotError; the old list stays then.
    """
    session = workspace.session
    with session.progress() as bar:
        task = bar.add_task(f"Names of {index.nickname} (kB)", total=None)
        return workspace.snapshot_store(index).update(
            index,
            contact=contact,
            may_shrink=may_shrink,
            policy=session.policy,
            today=SystemClock().now().date(),
            offline=session.offline,
            sleep=SystemClock.sleep,
            progress=lambda done, total: bar.update(
                task, completed=done // 1000, total=total // 1000 if total else None
            ),
        )


def bring_list(workspace: Workspace) -> None:
    """Fetches the list of names.yaml's index where none is kept or the kept one is too old, if the index may be asked.

    A list that is damaged is fetched anew. Where that fails it is said, and the old list or none is used.
    """
    index, session = workspace.profile, workspace.session
    if not workspace.can_ask():
        return
    try:
        kept = workspace.snapshot()
    except SnapshotError as error:
        session.say(f"{error.message}; it is fetched anew.")
        kept = None
    if kept is not None and not kept.info.is_stale(SystemClock().now().date()):
        return
    why = f"the kept one is of {kept.info.taken}" if kept is not None else "none is kept here"
    session.say(f"Fetching the list of all names on {index.nickname}, once: {why}.")
    try:
        stored = fetch_list(workspace, index, contact=workspace.contact)
    except (IndexError_, SnapshotError) as error:
        used = f"The list of {kept.info.taken} is used" if kept is not None else "This plan does without"
        session.say(f"The list can't be fetched: {error.in_one_line()}. {used}.", fg="yellow")
    else:
        session.say(f"{index.nickname}: {count(stored.info.count, 'name')}, taken {stored.info.taken}.")
        warn_of_list(session, stored, index=index)


def warn_of_list(session: Session, stored: Stored, *, index: IndexProfile) -> None:
    """Says so if a list that was just kept can't be the whole list of this index, lost many names, or is old."""
    known = stored.info
    if stored.gone * _RARELY_GONE > known.count + stored.gone:
        session.say(
            f"{count(stored.gone, 'name')} of the list before {'is' if stored.gone == 1 else 'are'} not in this one "
            f"of {known.count:,}. If {known.index} didn't delete so many, the list is broken: what it lacks counts as "
            "unregistered.",
            fg="yellow",
        )
    if index.is_public and known.complete and known.count < _FEWEST_OF_PUBLIC:
        session.say(
            f"{known.index} has far more names than {known.count:,}: a list that lacks some needs --partial, else "
            "what it lacks counts as unregistered.",
            fg="yellow",
        )
    warn_if_stale(session, known)


def warn_if_stale(session: Session, known: SnapshotInfo) -> None:
    """Says so if a list of names is older than a plan should rely on."""
    from namehold.index import SNAPSHOT_MAX_AGE_DAYS  # noqa: PLC0415 -- start-up time

    today = SystemClock().now().date()
    if known.is_stale(today):
        age = count(known.age_days(today), "day")
        session.say(
            f"The list is {age} old, more than {SNAPSHOT_MAX_AGE_DAYS}: names may have been registered since.",
            fg="yellow",
        )
