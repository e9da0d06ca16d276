"""`namehold watch`: who holds the names that are taken, and what a person has found about them."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from namehold import documents
from namehold.cli.inputs import find_profile, load_plan, plan_path, read_portfolio, require_network
from namehold.cli.output import Format, FormatOption, OutputOption, Table, emit
from namehold.cli.session import Session, refuse_idle, session_of
from namehold.errors import UsageError
from namehold.index import HttpIndex, IndexProfile, KeptAnswers
from namehold.names import normalize
from namehold.plan import Plan
from namehold.portfolio import add_to_section, find_line, save
from namehold.text import count
from namehold.watch import Relation, WatchReport, find_taken, look_up

app = typer.Typer()

_EPILOG = """\
Examples:

  namehold watch                                 the taken names of the last plan, best first

  namehold watch --limit 20 --refresh            the first twenty, asked again now

  namehold watch --look-alike acme-tol --note 'Same readme, other code'

  namehold watch --unrelated acme-tools          a person looked at it: it is somebody's honest project

Exit codes: 0 nothing to look at, 11 possible look-alikes wait for a person, 4 and 13 all or some failed.
"""

#: Looked up within this time, a name isn't asked for again: an interrupted run goes on where it ended.
_FRESH_S = 86_400.0
#: Between two names on an index that isn't this machine's.
_PAUSE_S = 0.5


@app.command(epilog=_EPILOG)
def watch(
    ctx: typer.Context,
    plan: Annotated[
        Path | None, typer.Argument(metavar="[PLAN]", show_default=False, help="Default: .namehold/plan.json.")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=2_000, metavar="N", help="Names that one run looks up.")
    ] = 200,
    refresh: Annotated[bool, typer.Option("--refresh", help="Ask again about what was looked up today.")] = False,
    look_alike: Annotated[
        str | None,
        typer.Option(
            "--look-alike", metavar="NAME", show_default=False, help="Your verdict: it imitates one of your packages."
        ),
    ] = None,
    unrelated: Annotated[
        str | None,
        typer.Option(
            "--unrelated", metavar="NAME", show_default=False, help="Your verdict: it has nothing to do with them."
        ),
    ] = None,
    note: Annotated[
        str, typer.Option("--note", metavar="TEXT", show_default=False, help="What was found; name no person.")
    ] = "",
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Look up who holds the names that a plan found taken, each once, and tell it without naming anybody.

    A project is ours, a co-maintainer's, unrelated, or possibly a look-alike; that it imitates, only a person says.
    Verdicts are kept in names.yaml. Answers of the index stay in the private cache.
    """
    session = session_of(ctx)
    if look_alike is None and unrelated is None:
        refuse_idle({"--note": note}, "without a verdict: --look-alike NAME or --unrelated NAME")
    planned = load_plan(plan or plan_path(session))
    if look_alike is not None or unrelated is not None:
        _judge(session, planned, look_alike=look_alike, unrelated=unrelated, note=note)
        return
    portfolio = read_portfolio(session)
    profile = find_profile(portfolio)
    require_network(session, profile, what="watch")
    cache = KeptAnswers(_cache_folder(session, profile), fresh_s=0 if refresh else _FRESH_S)
    with (
        HttpIndex(profile, contact=portfolio.organization.contact, policy=session.policy, cache=cache) as reader,
        session.progress() as progress,
    ):
        task = progress.add_task("Looking up", total=min(limit, len(find_taken(planned))))
        asked_before = 0

        def pause() -> None:
            # What the cache answered cost the index nothing.
            nonlocal asked_before
            asked = cache.counts["new"] + cache.counts["unchanged"]
            if asked > asked_before and not profile.is_loopback:
                time.sleep(_PAUSE_S)
            asked_before = asked

        found = look_up(
            planned,
            portfolio,
            reader=reader,
            now=dt.datetime.now(dt.UTC).replace(microsecond=0),
            limit=limit,
            pause=pause,
            report=lambda _: progress.advance(task),
        )
    emit(_table(found), lambda: documents.dump("watch", found), form=form, output=output)
    session.detail(", ".join(f"{count(number, 'answer')} {what}" for what, number in sorted(cache.counts.items())))
    _say(session, found)
    if found.exit_code:
        raise typer.Exit(found.exit_code)


def _cache_folder(session: Session, profile: IndexProfile) -> Path:
    """Private by all means; what a private index answers stays beside names.yaml."""
    return (session.cache if profile.is_public else session.state / "cache") / "answers" / profile.nickname


def _judge(session: Session, plan: Plan, *, look_alike: str | None, unrelated: str | None, note: str) -> None:
    """Writes a person's verdict into names.yaml."""
    taken = {item.candidate.name: item.candidate.target for item in find_taken(plan)}
    content = session.config.read_bytes() if session.config.is_file() else b""
    read_portfolio(session)
    today = dt.datetime.now(dt.UTC).date()
    after = content
    for text, section in ((look_alike, "look_alikes"), (unrelated, "unrelated")):
        if text is None:
            continue
        name = normalize(text)
        if name not in taken:
            raise UsageError(f"{name} is none of the plan's taken names", hint="namehold watch shows them")
        for verdict, word in (("look_alikes", "look-alike"), ("unrelated", "unrelated")):
            line = find_line(content, verdict, name)
            if line is not None:
                message = f"{name} already has the verdict {word} (line {line} of {session.config})"
                raise UsageError(message, hint="delete that first, then call again")
        entry: dict[str, str | dt.date] = {"name": name}
        if section == "look_alikes":
            entry["package"] = taken[name]
        entry |= {"date": today} | ({"note": note} if note else {})
        after = add_to_section(after, section, entry, path=str(session.config))
    save(session.config, before=content, after=after)
    session.say(escape(f"{session.config} has the verdict."))
    session.next_step("namehold plan")


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
    columns = ("name", "for", "what it is", "verdict", "why", "first release", "files", "status", "summary")
    return Table(columns=columns, rows=rows)


def _say(session: Session, found: WatchReport) -> None:
    sums = Counter(item.relation for item in found.names if item.relation is not None)
    parts = ", ".join(f"{sums[relation]} {relation}" for relation in Relation if sums[relation])
    session.say(f"{count(len(found.names), 'taken name')}: {parts or 'nothing looked up'}.")
    if found.left:
        session.say(f"{count(found.left, 'name')} beyond this run's bound: call again, or with a larger --limit.")
    for item in found.names:
        if item.relation in {Relation.OURS, Relation.CO_MAINTAINED}:
            session.say(f"{item.name} is {item.relation}: namehold adopt {item.name} counts it among the held names.")
    if found.to_judge:
        name = found.to_judge[0].name
        session.next_step(f"look at {name}, then: namehold watch --look-alike {name} (or --unrelated {name})")
    else:
        session.next_step("namehold plan")
