"""`namehold watch`: who registers names near the packages, who holds those that are taken, and what a person found."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from packaging.utils import NormalizedName

from namehold.cli.kept import ask_plan, find_plan
from namehold.cli.options import FormatOption, OutputOption, PlanArgument, option, refuse_idle
from namehold.cli.output import Format, emit
from namehold.cli.session import Session, session_of, typed
from namehold.cli.telling import find_in_watch, find_unsaid, tell
from namehold.cli.watching import Watcher, compare, make_lookout
from namehold.cli.workspace import Workspace
from namehold.errors import ExitCode, UsageError
from namehold.index import Relation
from namehold.ledger import LetterKind, SentLetter
from namehold.letters import find_open_letter
from namehold.names import normalize
from namehold.portfolio import Portfolio
from namehold.snapshot import Snapshot, load_file
from namehold.text import Table, count, texts
from namehold.watch import NOT_ANSWERED, Neighbour, Verdict, WatchReport, find_watch_news

EPILOG = """\
Examples:

  namehold watch                                 what is new near your packages, and the taken names of the last plan

  namehold watch --only-new --quiet              for a scheduler: nothing is printed where nothing is new

  namehold watch --limit 20 --refresh            twenty names at most, asked again now

  namehold watch --before old.json --after new.json     what came, went and changed between two lists in files

  namehold watch --look-alike acme-tol --note 'Same readme, other code'

  namehold watch --unrelated acme-tools --by 'security team' --until 2027-06-30

Exit codes: 0 nothing to look at, 11 possible look-alikes or neighbours wait for a person, 4 and 13 all or some failed.
"""


def _list_option(text: str, metavar: str) -> Any:
    return option(text, metavar=metavar)


def watch(
    ctx: typer.Context,
    plan: PlanArgument = None,
    limit: Annotated[
        int, option("Names that one run looks up.", min=1, max=2_000, metavar="N", show_default=True)
    ] = 200,
    refresh: Annotated[bool, option("Ask again about what was looked up today.", "--refresh")] = False,
    only_new: Annotated[bool, option("Tell only what the last call didn't.", "--only-new")] = False,
    look_alike: Annotated[str | None, option("Your verdict: it imitates one of your packages.", metavar="NAME")] = None,
    unrelated: Annotated[str | None, option("Your verdict: it has nothing to do with them.", metavar="NAME")] = None,
    note: Annotated[str, option("What was found; name no person.", metavar="TEXT")] = "",
    by: Annotated[str, option("Who judged: a role, or one of your people.", metavar="TEXT")] = "",
    until: Annotated[
        dt.datetime | None,
        option("The last day on which the verdict counts (YYYY-MM-DD).", formats=["%Y-%m-%d"], metavar="DATE"),
    ] = None,
    before: Annotated[Path | None, _list_option("An older list of the index, as a file.", "OLD")] = None,
    after: Annotated[Path | None, _list_option("A newer one: compare the two, look nothing up.", "NEW")] = None,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> ExitCode:
    """Tell who registers names near your packages, and who holds the names that a plan found taken.

    The newest list of the index is compared with the one that was told last. Each new neighbour is looked up once: it
    is ours, unrelated, possibly a look-alike, or wasn't looked up; only a person says that it imitates.
    Verdicts are kept in names.yaml. Answers of the index stay in the private cache.
    """
    workspace = Workspace(session_of(ctx))
    judging = {"--note": note, "--by": by, "--until": until}
    if before is not None or after is not None:
        asked = {
            "--refresh": refresh,
            "--only-new": only_new,
            "--look-alike": look_alike,
            "--unrelated": unrelated,
            **judging,
        }
        refuse_idle({"[PLAN]": plan, **asked}, "where two lists are compared")
        return _compare(workspace, before, after, form, output)
    verdicts = {"look_alikes": look_alike, "unrelated": unrelated}
    if any(name is not None for name in verdicts.values()):
        return _judge(workspace, plan, verdicts, note=note, by=by, until=until.date() if until else None)
    refuse_idle(judging, "without a verdict: --look-alike NAME or --unrelated NAME")
    return _watch(workspace, plan, limit=limit, refresh=refresh, only_new=only_new, form=form, output=output)


def _watch(
    workspace: Workspace,
    path: Path | None,
    *,
    limit: int,
    refresh: bool,
    only_new: bool,
    form: Format,
    output: Path | None,
) -> ExitCode:
    session, newest = workspace.session, workspace.snapshot()
    watcher = Watcher(workspace, now=_now(), limit=limit, refresh=refresh)
    lists = watcher.find_lists(newest)
    has_plan = path is not None or workspace.plan_path.exists()
    # Without a list there is nothing else to work on.
    plan = workspace.plan(path) if has_plan or newest is None else None
    if plan is not None and lists is None:
        workspace.require_network("watch")
    found = WatchReport(index=workspace.profile.nickname, time=watcher.now, names=(), left=0)
    kept = watcher.last.names if watcher.last is not None else ()
    if plan is not None and workspace.can_ask():
        found = watcher.look_up_taken(plan, newest, only_new=only_new)
        kept = found.names
    if lists is not None:
        found = found.with_changes(watcher.follow(lists, plan))
    shown = find_watch_news(found, watcher.last) if only_new else found
    if output is not None or not (only_new and shown.is_empty):
        emit(_table(shown), "watch", shown, form, output)
        _say(workspace, shown, is_online=workspace.can_ask(), has_plan=plan is not None, has_lists=lists is not None)
    whole = replace(found, names=kept)
    tell(workspace, "watch", find_in_watch(find_watch_news(whole, None), unsaid=find_unsaid(workspace.portfolio)))
    watcher.keep(whole, newest)
    counts = sorted(watcher.cache.counts.items())
    session.detail(", ".join(f"{count(number, 'answer')} {what}" for what, number in counts))
    return shown.exit_code


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def _compare(
    workspace: Workspace, before: Path | None, after: Path | None, form: Format, output: Path | None
) -> ExitCode:
    """What two lists in files tell, with no look-up."""
    if before is None or after is None:
        raise UsageError("a comparison takes two lists", fix="namehold watch --before OLD --after NEW")
    nickname = workspace.profile.nickname
    (_, old), (_, new) = (load_file(path, index=nickname) for path in (before, after))
    now = _now()
    plan = find_plan(workspace)
    changes = compare(workspace.inputs(), old, new, today=now.date(), plan=plan)
    found = WatchReport(index=nickname, time=now, names=(), left=0).with_changes(changes)
    emit(_changes_table(found), "watch", found, form, output)
    _say_changes(workspace.session, found)
    kept = workspace.snapshot()
    if found.unjudged and (kept is None or not kept.existing([found.unjudged[0].name])):
        # A verdict is about a project of the kept list.
        name = found.unjudged[0].name
        workspace.session.next_step(f"look at {name}; for a verdict: namehold snapshot import {typed(after)}")
    else:
        _say_next(workspace.session, found, workspace.holdings().letters)
    if not (old.has_serials and new.has_serials):
        workspace.session.say("A list without serials doesn't tell which projects have changed.")
    return found.exit_code


def _judge(
    workspace: Workspace,
    plan: Path | None,
    verdicts: Mapping[str, str | None],
    *,
    note: str,
    by: str,
    until: dt.date | None,
) -> ExitCode:
    """Writes a person's verdict into names.yaml, by the list that it stands in.

    It has the project's serial on the kept list, so that it ends with the project's next change.
    """
    # A neighbour that the lists told may be judged without a plan.
    found = workspace.plan(plan).find_taken() if plan else ask_plan(workspace, lambda last: last.find_taken())
    taken = dict(found or ())
    listed = workspace.snapshot()
    today = dt.datetime.now(dt.UTC).date()
    entries: list[tuple[str, dict[str, str | dt.date | int]]] = []
    if until is not None and until < today:
        raise UsageError(f"--until {until} is over", fix="give the last day on which the verdict counts")
    for section, text in verdicts.items():
        if text is None:
            continue
        name = normalize(text)
        if name not in taken:
            taken[name] = _nearest_package(workspace, name, listed, today=today)
        _refuse_judged(name, workspace.portfolio, workspace)
        package = taken[name] if section == "look_alikes" else ""
        serial = listed.serials([name]).get(name) if listed is not None else None
        entry: dict[str, str | dt.date | int | None] = {
            "name": name,
            "package": package,
            "date": today,
            "note": note,
            "by": by,
            "until": until,
            "serial": serial,
        }
        entries.append((section, {key: value for key, value in entry.items() if value}))
    workspace.write_entries(*entries)
    workspace.session.say(f"{workspace.session.config} has the verdict.")
    workspace.session.next_step("namehold plan")
    return ExitCode.DONE


def _nearest_package(
    workspace: Workspace, name: NormalizedName, listed: Snapshot | None, *, today: dt.date
) -> NormalizedName:
    """The package that a project of the kept list is near to. Raises UsageError for any other name."""
    if listed is not None and listed.existing([name]):
        near = make_lookout(replace(workspace.inputs(), view=listed), today=today).find([name]).packages
        if name in near:
            return near[name]
    raise UsageError(
        f"{name} is none of the plan's taken names and no neighbour on the kept list", fix="namehold watch shows them"
    )


def _refuse_judged(name: NormalizedName, portfolio: Portfolio, workspace: Workspace) -> None:
    """Raises UsageError for a name that has a verdict already."""
    from namehold.portfolio import find_line  # noqa: PLC0415 -- the YAML library

    look_alikes = ("look_alikes", "look-alike", portfolio.look_alikes)
    for section, word, verdicts in (look_alikes, ("unrelated", "unrelated", portfolio.unrelated)):
        if any(verdict.name == name for verdict in verdicts):
            line = find_line(workspace.read_config(), section, name)
            message = f"{name} already has the verdict {word} (line {line} of {workspace.session.config})"
            raise UsageError(message, fix="delete that first, then call again")


def _table(found: WatchReport) -> Table:
    """What the lists tell first, then the taken names of the plan."""
    rows = [
        (item.name, item.near, f"{what}, {item.how}", str(item.verdict), item.why, "", "", "", "")
        for what, item in _told(found)
    ]
    rows += [
        (
            item.name,
            item.target,
            str(item.relation) if item.relation else ("" if item.verdict else "not looked up"),
            item.verdict,
            "; ".join(item.signs) or item.error,
            str(item.first_release or ""),
            str(item.files) if item.relation else "",
            str(item.status or ""),
            item.summary,
        )
        for item in found.names
    ]
    columns = texts("name", "for", "what it is", "verdict", "why", "first release", "files", "status", "summary")
    return Table(columns=columns, rows=rows)


def _changes_table(found: WatchReport) -> Table:
    rows = [
        (item.name, item.near, str(item.how), what, str(item.verdict), str(item.serial or ""))
        for what, item in _told(found)
    ]
    return Table(columns=texts("name", "near", "how", "what", "verdict", "serial"), rows=rows)


def _told(found: WatchReport) -> list[tuple[str, Neighbour]]:
    """The neighbours with what the lists say of each; those that only we were to have come first."""
    return sorted(found.told, key=lambda row: not (row[1].wanted and row[0] != "gone"))


#: What a name was that only we were to have.
_WANTED = {"planned": "planned", "internal": "internal", "future": "kept for a package to come"}


def _say_changes(session: Session, found: WatchReport) -> None:
    """What is planned or wanted and has been taken comes first, then the sums."""
    for item in (*found.new, *found.again):
        if item.wanted and item.verdict is not Verdict.OURS:
            session.say(f"{item.name} was {_WANTED[item.wanted]}, and somebody has registered it.", fg="red")
    again = f"{len(found.again)} registered again, " if found.again else ""
    session.say(
        f"Near your packages: {len(found.new)} new, {again}{len(found.changed)} changed, {len(found.gone)} gone. "
        "A name that is gone from the list isn't free: a quarantined project isn't listed."
    )
    for other in found.others:
        session.say(f"With '{other.brand}', on which many others build: {count(other.number, 'further name')}.")


def _say(workspace: Workspace, found: WatchReport, *, is_online: bool, has_plan: bool, has_lists: bool) -> None:
    session = workspace.session
    if has_lists:
        _say_changes(session, found)
    elif workspace.snapshot() is not None:
        session.say("There is one list of the index's names; the next one is compared with it.")
    if not is_online:
        session.say("Offline: nothing was looked up.")
    elif has_plan:
        _say_taken(session, found)
    if any(item.why.startswith(NOT_ANSWERED) for _, item in found.told):
        session.say("Some neighbours couldn't be looked up; the next call asks again.", fg="yellow")
    _say_next(session, found, workspace.holdings().letters)


def _say_taken(session: Session, found: WatchReport) -> None:
    sums = Counter(item.relation for item in found.names if item.relation is not None)
    parts = ", ".join(f"{sums[relation]} {relation}" for relation in Relation if sums[relation])
    session.say(f"{count(len(found.names), 'taken name')}: {parts or 'nothing looked up'}.")
    if found.left:
        session.say(f"{count(found.left, 'name')} beyond this run's bound: call again, or with a larger --limit.")
    for item in found.names:
        if item.relation in {Relation.OURS, Relation.CO_MAINTAINED}:
            session.say(f"{item.name} is {item.relation}: namehold adopt {item.name} counts it among the held names.")
        elif item.only_holds and not item.verdict:
            session.say(f"{item.name} is a placeholder by its own words: it can be asked for (PEP 541).")


def _say_next(session: Session, found: WatchReport, letters: Sequence[SentLetter]) -> None:
    letter = find_open_letter(letters)
    asked = letter.unanswered if letter is not None and letter.kind is LetterKind.TRANSFER else ()
    open_names = [item for item in found.to_judge if item.name not in asked]
    if found.unjudged:
        _say_look(session, found.unjudged[0].name)
    elif not open_names:
        session.next_step("namehold letter" if found.to_judge else "namehold plan")
    elif open_names[0].only_holds:
        name = open_names[0].name
        session.next_step(f"write to its owner; without an answer: namehold letter transfer {name} --note TEXT")
    else:
        _say_look(session, open_names[0].name)


def _say_look(session: Session, name: NormalizedName) -> None:
    session.next_step(f"look at {name}, then: namehold watch --look-alike {name} (or --unrelated {name})")
