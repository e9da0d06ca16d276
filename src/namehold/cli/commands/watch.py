"""`namehold watch`: who holds the names that are taken, and what a person has found about them."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from packaging.utils import NormalizedName

from namehold.cli.options import FormatOption, OutputOption, PlanArgument, option, refuse_idle
from namehold.cli.output import Format, emit
from namehold.cli.session import Session, session_of
from namehold.cli.workspace import Inputs, Workspace
from namehold.errors import ExitCode, UsageError
from namehold.files import InnerPath
from namehold.index import Relation
from namehold.index.access import KeptAnswers
from namehold.ledger import LetterKind, SentLetter
from namehold.letters import find_open_letter
from namehold.names import normalize
from namehold.plan import Plan
from namehold.portfolio import Portfolio
from namehold.snapshot import Snapshot, load_file
from namehold.text import Table, count, texts
from namehold.watch import ListChanges, Lookout, Verdict, WatchReport, find_brands, look_up, watch_lists

EPILOG = """\
Examples:

  namehold watch                                 the taken names of the last plan, best first

  namehold watch --limit 20 --refresh            the first twenty, asked again now

  namehold watch --before old.json --after new.json     what came, went and changed near your packages

  namehold watch --look-alike acme-tol --note 'Same readme, other code'

  namehold watch --unrelated acme-tools          a person looked at it: it is somebody's honest project

Exit codes: 0 nothing to look at, 11 possible look-alikes or neighbours wait for a person, 4 and 13 all or some failed.
"""

#: Looked up within this time, a name isn't asked for again: an interrupted run goes on where it ended.
_FRESH_S = 86_400.0
#: Between two names on an index that isn't this machine's.
_PAUSE_S = 0.5


def _list_option(text: str, metavar: str) -> Any:
    return option(text, metavar=metavar, exists=True, dir_okay=False)


def watch(
    ctx: typer.Context,
    plan: PlanArgument = None,
    limit: Annotated[
        int, option("Names that one run looks up.", min=1, max=2_000, metavar="N", show_default=True)
    ] = 200,
    refresh: Annotated[bool, option("Ask again about what was looked up today.", "--refresh")] = False,
    look_alike: Annotated[str | None, option("Your verdict: it imitates one of your packages.", metavar="NAME")] = None,
    unrelated: Annotated[str | None, option("Your verdict: it has nothing to do with them.", metavar="NAME")] = None,
    note: Annotated[str, option("What was found; name no person.", metavar="TEXT")] = "",
    before: Annotated[Path | None, _list_option("An older list of the index, as a file.", "OLD")] = None,
    after: Annotated[Path | None, _list_option("A newer one: compare the two, look nothing up.", "NEW")] = None,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> ExitCode:
    """Look up who holds the names that a plan found taken, each once, and tell it without naming anybody.

    A project is ours, a co-maintainer's, possibly a look-alike, or shows no sign of that; only a person says which.
    Verdicts are kept in names.yaml. Answers of the index stay in the private cache.
    """
    workspace = Workspace(session_of(ctx))
    if before is not None or after is not None:
        asked = {"--refresh": refresh, "--look-alike": look_alike, "--unrelated": unrelated, "--note": note}
        refuse_idle({"[PLAN]": plan, **asked}, "where two lists are compared")
        return _compare(workspace, before, after, form, output)
    verdicts = {"look_alikes": look_alike, "unrelated": unrelated}
    is_judging = any(name is not None for name in verdicts.values())
    if not is_judging:
        refuse_idle({"--note": note}, "without a verdict: --look-alike NAME or --unrelated NAME")
    if is_judging:
        return _judge(workspace, plan, verdicts, note=note)
    planned = workspace.plan(plan)
    workspace.require_network("watch")
    cache = KeptAnswers(_cache_folder(workspace), fresh_s=0 if refresh else _FRESH_S)
    found = _look_up(workspace, planned, cache, limit=limit)
    emit(_table(found), "watch", found, form, output)
    counts = sorted(cache.counts.items())
    workspace.session.detail(", ".join(f"{count(number, 'answer')} {what}" for what, number in counts))
    _say(workspace.session, found, workspace.holdings().letters)
    return found.exit_code


def _look_up(workspace: Workspace, plan: Plan, cache: KeptAnswers, *, limit: int) -> WatchReport:
    asked_before = 0

    def pause() -> None:
        # What the cache answered cost the index nothing.
        nonlocal asked_before
        asked = cache.counts["new"] + cache.counts["unchanged"]
        if asked > asked_before and not workspace.profile.is_loopback:
            time.sleep(_PAUSE_S)
        asked_before = asked

    total = min(limit, len(plan.find_taken()))
    with workspace.index(cache=cache) as reader, workspace.session.count_off("Looking up", total) as advance:
        return look_up(
            plan.find_taken(),
            workspace.portfolio,
            index=plan.index,
            reader=reader,
            now=dt.datetime.now(dt.UTC).replace(microsecond=0),
            limit=limit,
            pause=pause,
            report=advance,
        )


def _compare(
    workspace: Workspace, before: Path | None, after: Path | None, form: Format, output: Path | None
) -> ExitCode:
    """What two lists in files tell, with no look-up."""
    if before is None or after is None:
        raise UsageError("a comparison takes two lists", fix="namehold watch --before OLD --after NEW")
    nickname = workspace.profile.nickname
    (_, old), (_, new) = (load_file(path, index=nickname) for path in (before, after))
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    changes = _watch(workspace, old, new, today=now.date())
    found = WatchReport(index=nickname, time=now, names=(), left=0).with_changes(changes)
    emit(_changes_table(found), "watch", found, form, output)
    _say_changes(workspace, found)
    if not (old.has_serials and new.has_serials):
        workspace.session.say("A list without serials doesn't tell which projects have changed.")
    return found.exit_code


def _watch(workspace: Workspace, before: Snapshot, after: Snapshot, *, today: dt.date) -> ListChanges:
    """The neighbours of the portfolio among what differs between two lists."""
    inputs = replace(workspace.inputs(), view=before)
    return watch_lists(
        before,
        after,
        _lookout(inputs, today=today),
        portfolio=inputs.portfolio,
        held=[item.name for item in inputs.holdings.held],
        today=today,
    )


def _lookout(inputs: Inputs, *, today: dt.date) -> Lookout:
    brands = find_brands(inputs.portfolio, inputs.territory(as_of=today), dictionary=inputs.dictionary.words)
    return Lookout(inputs.portfolio, brands=brands, general=inputs.general)


def _cache_folder(workspace: Workspace) -> InnerPath:
    """Private by all means; what a private index answers stays beside names.yaml."""
    session, profile = workspace.session, workspace.profile
    return (session.cache if profile.is_public else session.state / "cache") / "answers" / profile.nickname


def _judge(workspace: Workspace, plan: Path | None, verdicts: Mapping[str, str | None], *, note: str) -> ExitCode:
    """Writes a person's verdict into names.yaml, by the list that it stands in."""
    # A neighbour that the lists told may be judged without a plan.
    is_planned = plan is not None or workspace.plan_path.exists()
    taken = dict(workspace.plan(plan).find_taken()) if is_planned else {}
    listed = workspace.snapshot()
    today = dt.datetime.now(dt.UTC).date()
    entries: list[tuple[str, dict[str, str | dt.date | int]]] = []
    for section, text in verdicts.items():
        if text is None:
            continue
        name = normalize(text)
        if name not in taken:
            taken[name] = _nearest_package(workspace, name, listed, today=today)
        _refuse_judged(name, workspace.portfolio, workspace)
        package = taken[name] if section == "look_alikes" else ""
        entry: dict[str, str | dt.date | int] = {"name": name, "package": package, "date": today, "note": note}
        if section == "unrelated" and listed is not None:
            entry["serial"] = listed.serials([name]).get(name, 0)
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
        near = _lookout(replace(workspace.inputs(), view=listed), today=today).find([name]).packages
        if name in near:
            return near[name]
    raise UsageError(
        f"{name} is none of the plan's taken names and no neighbour on the kept list", fix="namehold watch shows them"
    )


def _refuse_judged(name: NormalizedName, portfolio: Portfolio, workspace: Workspace) -> None:
    """Raises UsageError for a name that has a verdict already."""
    from namehold.portfolio import find_line  # noqa: PLC0415 -- the YAML library

    look_alikes = [verdict.name for verdict in portfolio.look_alikes]
    unrelated = [verdict.name for verdict in portfolio.unrelated]
    verdicts = (
        ("look_alikes", "look-alike", look_alikes),
        ("unrelated", "unrelated", unrelated),
    )
    for section, word, names in verdicts:
        if name in names:
            line = find_line(workspace.read_config(), section, name)
            message = f"{name} already has the verdict {word} (line {line} of {workspace.session.config})"
            raise UsageError(message, fix="delete that first, then call again")


def _table(found: WatchReport) -> Table:
    rows = [
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
    lists = (("new", found.new), ("again", found.again), ("changed", found.changed), ("gone", found.gone))
    rows = [
        (item.name, item.near, str(item.how), what, str(item.verdict), str(item.serial or ""))
        for what, items in lists
        for item in items
    ]
    return Table(columns=texts("name", "near", "how", "what", "verdict", "serial"), rows=rows)


def _say_changes(workspace: Workspace, found: WatchReport) -> None:
    """What is planned or wanted and has been taken comes first, then the sums."""
    session = workspace.session
    wanted = _wanted(workspace)
    for item in found.new:
        if item.name in wanted and item.verdict is not Verdict.OURS:
            session.say(f"{item.name} was {wanted[item.name]}, and somebody has registered it.", style="red")
    session.say(
        f"Near your packages: {len(found.new)} new, {len(found.changed)} changed, {len(found.gone)} gone. "
        "A name that is gone from the list isn't free: a quarantined project isn't listed."
    )
    for other in found.others:
        session.say(f"With '{other.brand}', on which many others build: {count(other.number, 'further name')}.")
    if found.unjudged:
        name = found.unjudged[0].name
        session.next_step(f"look at {name}, then: namehold watch --look-alike {name} (or --unrelated {name})")


def _wanted(workspace: Workspace) -> dict[NormalizedName, str]:
    """Names that we were going to register, or that only we may use, and which of the two."""
    portfolio = workspace.portfolio
    wanted = dict.fromkeys(portfolio.future, "kept for a package to come")
    wanted |= {item.name: "internal" for item in portfolio.internal}
    if workspace.plan_path.exists():
        wanted |= {action.name: "planned" for action in workspace.plan().actions}
    return wanted


def _say(session: Session, found: WatchReport, letters: Sequence[SentLetter]) -> None:
    sums = Counter(item.relation for item in found.names if item.relation is not None)
    parts = ", ".join(f"{sums[relation]} {relation}" for relation in Relation if sums[relation])
    session.say(f"{count(len(found.names), 'taken name')}: {parts or 'nothing looked up'}.")
    if found.left:
        session.say(f"{count(found.left, 'name')} beyond this run's bound: call again, or with a larger --limit.")
    for item in found.names:
        if item.relation in {Relation.OURS, Relation.CO_MAINTAINED}:
            session.say(f"{item.name} is {item.relation}: namehold adopt {item.name} counts it among the held names.")
    for item in found.to_judge:
        if item.only_holds:
            session.say(f"{item.name} is a placeholder by its own words: it can be asked for (PEP 541).")
    letter = find_open_letter(letters)
    asked = letter.unanswered if letter is not None and letter.kind is LetterKind.TRANSFER else ()
    open_names = [item for item in found.to_judge if item.name not in asked]
    if not open_names:
        session.next_step("namehold letter" if found.to_judge else "namehold plan")
    elif open_names[0].only_holds:
        name = open_names[0].name
        session.next_step(f"write to its owner; without an answer: namehold letter transfer {name} --note TEXT")
    else:
        name = open_names[0].name
        session.next_step(f"look at {name}, then: namehold watch --look-alike {name} (or --unrelated {name})")
