"""`namehold status`: what is held, what is open, and where ledger, index and portfolio disagree."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from packaging.utils import NormalizedName
from rich.markup import escape

from namehold import documents
from namehold.cli.inputs import (
    find_profile,
    ledger_path,
    load_plan,
    plan_path,
    read_own_holdings,
    read_portfolio,
    require_network,
)
from namehold.cli.lists import read_names
from namehold.cli.output import Format, FormatOption, OutputOption, Table, emit
from namehold.cli.session import Session, refuse_idle, session_of, typed
from namehold.errors import ExitCode, IndexError_, InputError, UsageError
from namehold.index import KNOWN_INDEXES, HttpIndex, IndexProfile
from namehold.index import profile as known_profile
from namehold.ledger import EventKind, Holdings, Ledger, fold_events, read, read_holdings
from namehold.names import normalize
from namehold.portfolio import Account, Organization, Portfolio, add_to_section, make_renewal_entry, save, show_section
from namehold.text import count
from namehold.upkeep import Drift, Status, find_unrecorded, make_status

app = typer.Typer()

#: What a ledger and names.yaml tell, whatever the index shows.
_NOT_ABOUT_THE_INDEX = frozenset({"drift-target-gone", "drift-unproven", "drift-undecided"})

_EPILOG = """\
Examples:

  namehold status                                ledger against index and names.yaml; exit 11 if they disagree

  namehold status --offline                      without asking the index

  namehold status --verify ledger.jsonl          is this ledger whole, and is it of this head?
  namehold status --verify ledger.jsonl --head sha256:...

  namehold status --rebuild names.txt            a lost ledger, from what the index shows of these names

  namehold status --decide acme-tol='They prohibited it; we agree.'
"""


@app.command(epilog=_EPILOG)
def status(
    ctx: typer.Context,
    verify: Annotated[
        Path | None,
        typer.Option(
            metavar="LEDGER",
            show_default=False,
            help="Check this ledger: its chain line by line, and against the index.",
        ),
    ] = None,
    head: Annotated[
        str,
        typer.Option(
            metavar="DIGEST", show_default=False, help="With --verify: a published head that it must contain."
        ),
    ] = "",
    rebuild: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            show_default=False,
            help="Write a lost ledger anew from the index, for the names in a plan or a list, one a line.",
        ),
    ] = None,
    decide: Annotated[
        str,
        typer.Option(
            metavar="NAME=TEXT",
            show_default=False,
            help="Write down what the index's administrators said about a name that they took away.",
        ),
    ] = "",
    renew: Annotated[
        str,
        typer.Option(
            metavar="NAME[=PACKAGE]",
            show_default=False,
            help="Write a later version into names.yaml for a placeholder with stale advice; PACKAGE: it leads there.",
        ),
    ] = "",
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Compare the ledger with the index and with names.yaml.

    Reads only. A name that we held and that is gone stops every further run until --decide records the answer of the
    index's administrators; it is never planned again.
    """
    session = session_of(ctx)
    if verify is None:
        refuse_idle({"--head": head}, "without --verify LEDGER")
    else:
        refuse_idle({"--rebuild": rebuild, "--decide": decide, "--renew": renew}, "with --verify")
        _verify(session, verify, head, form=form, output=output)
        return
    if rebuild is not None:
        refuse_idle({"--decide": decide, "--renew": renew}, "with --rebuild")
        _rebuild(session, rebuild, form=form, output=output)
        return
    portfolio = read_portfolio(session)
    profile = find_profile(portfolio)
    path = ledger_path(session, profile.nickname)
    if renew:
        require_network(session, profile, what="--renew")
    if decide:
        _decide(path, portfolio, decide)
    holdings = read_own_holdings(session, index=profile.nickname, username=portfolio.account.username)
    now = dt.datetime.now(dt.UTC)
    if profile.is_loopback or not session.offline:
        with (
            HttpIndex(profile, contact=portfolio.organization.contact, policy=session.policy) as reader,
            session.progress() as progress,
        ):
            task = progress.add_task("Asking the index", total=len(holdings.held))
            found = make_status(
                holdings,
                portfolio=portfolio,
                profile=profile,
                reader=reader if holdings.held else None,
                now=now,
                report=lambda _: progress.advance(task),
            )
            unrecorded = _unrecorded(session, reader, holdings, portfolio=portfolio, profile=profile)
            found = replace(found, drift=(*found.drift, *unrecorded))
    else:
        found = make_status(holdings, portfolio=portfolio, profile=profile, reader=None, now=now)
    if renew:
        _renew(session, found, portfolio, renew)
        return
    emit(_table(found), lambda: documents.dump("status", found), form=form, output=output)
    _say(session, found)
    if found.exit_code:
        raise typer.Exit(found.exit_code)


def _unrecorded(
    session: Session, index: HttpIndex, holdings: Holdings, *, portfolio: Portfolio, profile: IndexProfile
) -> tuple[Drift, ...]:
    """Reservations of ours that the ledger lacks, among the user's projects; where nobody lists those, in the plan."""
    path = plan_path(session)
    planned = tuple(action.name for action in load_plan(path).actions) if path.is_file() else ()
    try:
        listed = index.user_packages(portfolio.account.username)
    except IndexError_ as error:
        session.detail(escape(f"{error.message}; names that the ledger lacks are looked for in the plan alone."))
        names = planned
    else:
        # The likeliest first. An organization's projects are in nobody's list.
        is_hidden = bool(portfolio.organization.index_organization)
        names = (*(name for name in planned if is_hidden or name in listed), *listed)
    found, left = find_unrecorded(names, holdings, portfolio=portfolio, profile=profile, reader=index, web=index)
    if left:
        session.say(f"{count(left, 'more project')} of this user weren't looked at.")
    return found


def _renew(session: Session, found: Status, portfolio: Portfolio, text: str) -> None:
    """Writes the later version that a finding proposes into names.yaml; nothing is sent before a person approves."""
    name_text, separator, package_text = text.partition("=")
    name = normalize(name_text)
    proposed = {item.name: item.renewal for item in found.drift if item.renewal is not None}
    renewal = proposed.get(name)
    if renewal is None:
        raise UsageError(
            f"no stale advice of {name} waits for a later version",
            hint=f"names that do: {', '.join(proposed) or 'none'}; a version that names.yaml asks for is in the plan",
        )
    if separator:
        package = normalize(package_text)
        packages = [item.name for item in portfolio.packages]
        if package not in packages:
            raise UsageError(f"{package} is no package of names.yaml", hint=f"its packages: {', '.join(packages)}")
        renewal = replace(renewal, package=package)
    content = session.config.read_bytes()
    after = add_to_section(content, "renew", make_renewal_entry(renewal), path=str(session.config))
    save(session.config, before=content, after=after)
    session.say(escape(f"{session.config} asks for {name} {renewal.version}; it costs no slot and waits for approval."))
    session.next_step("namehold plan")


def _decide(path: Path, portfolio: Portfolio, text: str) -> None:
    """Writes a person's record of the administrators' answer."""
    name_text, separator, decision = text.partition("=")
    if not separator or not decision.strip():
        raise UsageError("--decide takes NAME=TEXT", hint="for example: --decide acme-tol='They prohibited it.'")
    name = normalize(name_text)
    now = dt.datetime.now(dt.UTC)
    undecided = read_holdings(path).undecided
    if name not in undecided:
        raise UsageError(
            f"nothing is to be decided about {name}",
            hint=f"names to decide about: {', '.join(undecided) or 'none'}",
        )
    with Ledger.open(
        path,
        index=find_profile(portfolio).nickname,
        username=portfolio.account.username,
        organization=portfolio.organization.name,
        time=now,
    ) as book:
        book.append(EventKind.DECISION, {"name": name, "decision": decision.strip()}, time=now)


def _verify(session: Session, path: Path, head: str, *, form: Format, output: Path | None) -> None:
    """Whether a ledger's chain is whole, goes back to a published head, and agrees with its index."""
    if not path.is_file():
        raise InputError(f"there is no ledger at {path}", hint="namehold status --verify LEDGER; it lies in .namehold")
    reading = read(path)
    has_head = not head or head in {event.digest for event in reading.events}
    holdings = fold_events(reading.events)
    drift = _compare(session, holdings)
    result = {
        "ledger": str(path),
        "index": holdings.index,
        "username": holdings.username,
        "events": len(reading.events),
        "head": reading.head,
        "torn_bytes": len(reading.torn),
        "is_whole": not reading.torn,
        "has_published_head": has_head if head else None,
        "held": len(holdings.held),
        "agrees_with_index": None if drift is None else not drift,
    }
    rows = [(key.replace("_", " "), str(value)) for key, value in result.items() if value is not None]
    rows += [(item.name, item.text) for item in drift or ()]
    emit(
        Table(columns=("what", "value"), rows=rows),
        lambda: documents.dump("ledger-check", result | {"findings": drift or ()}),
        form=form,
        output=output,
    )
    if not has_head:
        session.say("The published head isn't in this ledger: it isn't the one that was published, or lines are gone.")
    if reading.torn:
        session.say("The last line was torn by a crash; the next run cuts it off and records that it did.")
    session.say(f"{count(len(reading.events), 'event')}, chained without a gap.")
    if drift is None:
        session.say("The index wasn't asked.")
    session.next_step("namehold status")
    if drift or not has_head:
        raise typer.Exit(ExitCode.FINDINGS)


def _compare(session: Session, holdings: Holdings) -> tuple[Drift, ...] | None:
    """Where the index shows something else than a ledger of anybody's; None if it can't be asked from here.

    A public index is known by its nickname; of a private one only names.yaml knows the address.
    """
    if not holdings.held:
        return ()
    own = read_portfolio(session) if session.config.exists() else None
    if own is not None and (own.account.index, own.account.username) == (holdings.index, holdings.username):
        owner, profile = own, find_profile(own)
    elif holdings.index in KNOWN_INDEXES:
        account = Account(index=holdings.index, username=holdings.username)
        owner = Portfolio(organization=Organization(name="", contact=""), account=account, packages=())
        profile = known_profile(holdings.index)
    else:
        return None
    if session.offline and not profile.is_loopback:
        return None
    with (
        HttpIndex(profile, contact=owner.organization.contact, policy=session.policy) as reader,
        session.progress() as progress,
    ):
        task = progress.add_task("Asking the index", total=len(holdings.held))
        found = make_status(
            holdings,
            portfolio=owner,
            profile=profile,
            reader=reader,
            now=dt.datetime.now(dt.UTC),
            report=lambda _: progress.advance(task),
        )
    return tuple(item for item in found.drift if item.rule not in _NOT_ABOUT_THE_INDEX)


def _rebuild(session: Session, names: Path, *, form: Format, output: Path | None) -> None:
    """A new ledger of what the index shows as ours; one that is there stays as it is."""
    from namehold.upkeep import find_reservation, record  # noqa: PLC0415 -- only this mode pays for it

    portfolio = read_portfolio(session)
    profile = find_profile(portfolio)
    require_network(session, profile, what="--rebuild")
    path = ledger_path(session, profile.nickname)
    if path.exists():
        raise UsageError(
            f"there is a ledger at {path}, which knows more than the index does",
            hint=f"check it: namehold status --verify {typed(path)}",
        )
    asked = _names_in(names)
    with (
        HttpIndex(profile, contact=portfolio.organization.contact, policy=session.policy) as reader,
        session.progress() as progress,
    ):
        task = progress.add_task("Asking the index", total=len(asked))
        found = []
        for name in asked:
            found.append(find_reservation(name, portfolio=portfolio, index=reader, web=reader, profile=profile))
            progress.advance(task)
    now = dt.datetime.now(dt.UTC)
    with Ledger.open(
        path,
        index=profile.nickname,
        username=portfolio.account.username,
        organization=portfolio.organization.name,
        time=now,
    ) as book:
        number = record(found, book, now=now)
    rows = [
        (item.name, item.target or "", "left out" if item.obstacle else "held", item.obstacle or item.owner)
        for item in found
    ]
    emit(
        Table(columns=("name", "for", "state", "why"), rows=rows),
        lambda: documents.dump("rebuilt", {"ledger": str(path), "names": found}),
        form=form,
        output=output,
    )
    names_written = f"{number} of {count(len(found), 'name')} written into {path}."
    session.say(escape(f"{names_written} Approvals and letters can't be rebuilt."))
    session.next_step("namehold status")


def _names_in(path: Path) -> tuple[NormalizedName, ...]:
    """The names in a plan, or in a list with one a line."""
    if path.suffix == ".json":
        return tuple(action.name for action in load_plan(path).actions)
    return read_names(path)


def _table(found: Status) -> Table:
    drift: dict[str, list[str]] = {}
    for item in found.drift:
        drift.setdefault(item.name, []).append(item.text)
    rows: list[tuple[str, ...]] = [
        (
            item.name,
            item.target or "",
            item.state,
            f"{item.since:%Y-%m-%d}" if item.since else "",
            "; ".join(drift.pop(item.name, ())),
        )
        for item in found.names
    ]
    rows += [(name, "", "", "", "; ".join(texts)) for name, texts in drift.items()]
    return Table(columns=("name", "for", "state", "since", "what disagrees"), rows=rows)


def _say(session: Session, found: Status) -> None:
    held = count(sum(item.state == "held" for item in found.names), "name")
    asked = "the index agrees" if found.is_compared and not found.drift else count(len(found.drift), "finding")
    session.say(f"{held} held on {found.index} by {found.username}; {asked}. Ledger head: {found.head or 'none'}.")
    if found.next_slot is not None:
        session.say(f"No slot is free before {found.next_slot:%Y-%m-%d %H:%M} UTC.")
    for item in found.drift:
        session.say(f"{item.name}: {escape(item.text)}. {escape(item.fix)}.")
        if item.renewal is not None:
            session.say(escape(show_section("renew", make_renewal_entry(item.renewal))))
    session.next_step(
        "namehold apply" if any(item.state in {"open", "unverified"} for item in found.names) else "namehold report"
    )
