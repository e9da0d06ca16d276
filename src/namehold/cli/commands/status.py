"""`namehold status`: what is held, what is open, and where ledger, index and portfolio disagree."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from packaging.utils import NormalizedName

from namehold import report
from namehold.cli.kept import find_plan, load_kept
from namehold.cli.lists import read_names
from namehold.cli.options import FormatOption, OutputOption, option, refuse_idle
from namehold.cli.output import Format, emit, line_width, render_table, write_text
from namehold.cli.session import Session, session_of, warn
from namehold.cli.workspace import Workspace
from namehold.errors import ExitCode, IndexError_, InputError, UsageError
from namehold.index import KNOWN_INDEXES, IndexProfile, ask_each, is_same_account
from namehold.ledger import (
    Decided,
    Holdings,
    Reviewed,
    find_open_in_plain,
    fold_events,
    read,
    read_holdings,
    require_owner,
)
from namehold.names import normalize
from namehold.portfolio import Account, Organization, Portfolio
from namehold.text import Table, count, texts
from namehold.upkeep import UNREAD, Drift, Status, make_status

if TYPE_CHECKING:
    from namehold.index.access import HttpIndex

#: What a ledger and names.yaml tell, whatever the index shows.
_NOT_ABOUT_THE_INDEX = frozenset({"drift-target-gone", "drift-unproven", "drift-undecided"})

EPILOG = """\
Examples:

  namehold status                                ledger against index and names.yaml; exit 11 if they disagree

  namehold status --offline                      without asking the index

  namehold status --verify ledger.jsonl          is this ledger whole, and is it of this head?
  namehold status --verify ledger.jsonl --head sha256:...
  namehold status --verify ledger.jsonl --publishable    does it tell of a name that is still open?

  namehold status --rebuild names.txt            what a lost or older ledger lacks, from what the index shows
  namehold status --rebuild other/ledger.jsonl   the names of another ledger of the same account

  namehold status --decide acme-tol='They prohibited it; we agree.'

  namehold status --reviewed acme-tol            you looked again at it, as its placeholder promises
"""

#: What a call does, by the option that asks for it (none: it compares), and the options that go with it.
_GOES_WITH = {"--verify": {"--head", "--publishable"}, "--rebuild": set(), "": {"--decide", "--reviewed", "--renew"}}


def status(
    ctx: typer.Context,
    verify: Annotated[
        Path | None, option("Check this ledger: its chain line by line, and against the index.", metavar="LEDGER")
    ] = None,
    head: Annotated[str, option("With --verify: a published head that it must contain.", metavar="DIGEST")] = "",
    publishable: Annotated[
        bool,
        option("With --verify: a finding for each line that tells of names which may still be open.", "--publishable"),
    ] = False,
    rebuild: Annotated[
        Path | None,
        option(
            "Enter what a lost or older ledger lacks, as the index shows it, for the names in a plan, in another "
            "ledger, or in a list, one a line.",
            metavar="FILE",
        ),
    ] = None,
    decide: Annotated[
        str,
        option(
            "Write down what the index's administrators said about a name that they took away.", metavar="NAME=TEXT"
        ),
    ] = "",
    reviewed: Annotated[
        str,
        option("Record that you looked again at a held name, as its placeholder promises.", metavar="NAME[,NAME…]"),
    ] = "",
    renew: Annotated[
        str,
        option(
            "Write a later version into names.yaml for a placeholder with stale advice; PACKAGE: it leads there.",
            metavar="NAME[=PACKAGE]",
        ),
    ] = "",
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> ExitCode:
    """Compare the ledger with the index and with names.yaml.

    Reads only. A name that we held and that is gone stops every further run until --decide records the answer of the
    index's administrators; it is never planned again.
    """
    given = {
        "--verify": verify,
        "--rebuild": rebuild,
        "--head": head,
        "--publishable": publishable,
        "--decide": decide,
        "--reviewed": reviewed,
        "--renew": renew,
    }
    action = next((name for name in _GOES_WITH if given.get(name)), "")
    idle = {name: value for name, value in given.items() if name not in {action, *_GOES_WITH[action]}}
    refuse_idle(idle, f"with {action}" if action else "without --verify LEDGER")
    workspace = Workspace(session_of(ctx))
    if verify is not None:
        return _verify(workspace, verify, head, form, output, is_for_publishing=publishable)
    if rebuild is not None:
        return _rebuild(workspace, rebuild, form, output)
    if renew:
        workspace.require_network("--renew")
    if decide:
        _decide(workspace, decide)
    if reviewed:
        _review(workspace, reviewed)
    found = _compare(workspace)
    if renew:
        return _renew(workspace, found, renew)
    if form is Format.TABLE:
        from namehold.portfolio import renew_lines  # noqa: PLC0415 -- start-up time

        # What a person copies is data.
        table = render_table(_table(found), form, width=line_width(output))
        write_text("\n\n".join(filter(None, [table, renew_lines(item.renewal for item in found.drift)])), output)
    else:
        emit(_table(found), "status", found, form, output)
    _say(workspace.session, found)
    return found.exit_code


# --------------------------------------------------------------------------- comparing


def _compare(workspace: Workspace) -> Status:
    """Ledger, index and names.yaml against each other."""
    portfolio, profile, holdings = workspace.portfolio, workspace.profile, workspace.holdings()
    workspace.say_unread(holdings)
    registered = _find_registered_head(workspace, holdings)
    if registered and registered not in {event.digest for event in workspace.events()}:
        warn(_LOST_HEAD)
    if not workspace.can_ask():
        return make_status(holdings, portfolio=portfolio, profile=profile, reader=None, now=dt.datetime.now(dt.UTC))
    with workspace.index() as reader:
        found = _ask(workspace.session, reader, holdings, portfolio=portfolio, profile=profile)
        return replace(found, drift=(*found.drift, *_unrecorded(workspace, reader, holdings, found.drift)))


def _ask(
    session: Session, reader: HttpIndex, holdings: Holdings, *, portfolio: Portfolio, profile: IndexProfile
) -> Status:
    with session.count_off("Asking the index", len(holdings.held)) as advance:
        return make_status(
            holdings,
            portfolio=portfolio,
            profile=profile,
            reader=reader if holdings.held else None,
            now=dt.datetime.now(dt.UTC),
            report=advance,
        )


def _unrecorded(
    workspace: Workspace, index: HttpIndex, holdings: Holdings, known: Collection[Drift]
) -> tuple[Drift, ...]:
    """Reservations of ours that the ledger lacks, among the account's projects.

    Of a page that couldn't be read `known` tells already.
    """
    from namehold.upkeep import find_unrecorded, list_account  # noqa: PLC0415 -- start-up time

    session, portfolio = workspace.session, workspace.portfolio
    plan = find_plan(workspace)
    planned = tuple(action.name for action in plan.actions) if plan is not None else ()
    listed = list_account(index, portfolio=portfolio, planned=planned, holdings=holdings)
    if listed.unlisted:
        session.detail(f"{listed.unlisted}; names that the ledger lacks are looked for in plan and ledger alone.")
    unread = {item.name for item in known if item.rule == UNREAD}
    found = find_unrecorded(
        [name for name in listed.names if name not in unread],
        holdings,
        portfolio=portfolio,
        profile=workspace.profile,
        reader=index,
        web=index,
    )
    if found.left:
        session.say(f"{count(found.left, 'more project')} of this user weren't looked at.")
    return (*found.drift, *found.unread)


def _renew(workspace: Workspace, found: Status, text: str) -> ExitCode:
    """Writes the later version that a finding proposes into names.yaml; nothing is sent before a person approves."""
    name_text, separator, package_text = text.partition("=")
    name = normalize(name_text)
    proposed = {item.name: item.renewal for item in found.drift if item.renewal is not None}
    renewal = proposed.get(name)
    if renewal is None:
        raise UsageError(
            f"no stale advice of {name} waits for a later version",
            fix=f"names that do: {', '.join(proposed) or 'none'}; a version that names.yaml asks for is in the plan",
        )
    if separator:
        package = normalize(package_text)
        packages = [item.name for item in workspace.portfolio.packages]
        if package not in packages:
            raise UsageError(f"{package} is no package of names.yaml", fix=f"its packages: {', '.join(packages)}")
        renewal = replace(renewal, package=package)
    workspace.write_entries(("renew", renewal.entry))
    asked_for = f"{workspace.session.config} asks for {name} {renewal.version}"
    workspace.session.say(f"{asked_for}; it costs no slot and waits for approval.")
    workspace.session.next_step("namehold plan")
    return ExitCode.DONE


def _decide(workspace: Workspace, text: str) -> None:
    """Writes a person's record of the administrators' answer."""
    name_text, separator, decision = text.partition("=")
    if not separator or not decision.strip():
        raise UsageError("--decide takes NAME=TEXT", fix="for example: --decide acme-tol='They prohibited it.'")
    name = normalize(name_text)
    undecided = workspace.holdings().undecided
    if name not in undecided:
        waiting = ", ".join(undecided) or "none"
        raise UsageError(f"nothing is to be decided about {name}", fix=f"names to decide about: {waiting}")
    with workspace.ledger() as book:
        book.append(Decided(name=name, decision=decision.strip(), time=dt.datetime.now(dt.UTC)))


def _review(workspace: Workspace, text: str) -> None:
    """Writes down that a person did the promised review of these names."""
    names = [normalize(name.strip()) for name in text.split(",") if name.strip()]
    held = {item.name for item in workspace.holdings().held}
    strange = [name for name in names if name not in held]
    if strange or not names:
        raise UsageError(
            f"not held: {', '.join(strange) or 'no name is given'}", fix="name what `namehold status` lists as held"
        )
    with workspace.ledger() as book:
        for name in names:
            book.append(Reviewed(name=name, time=dt.datetime.now(dt.UTC)))
    workspace.session.say(f"Recorded: {count(len(names), 'review')}.")


# --------------------------------------------------------------------------- checking and writing anew


def _verify(
    workspace: Workspace, path: Path, head: str, form: Format, output: Path | None, *, is_for_publishing: bool
) -> ExitCode:
    """Whether a ledger's chain is whole, goes back to a published head, and agrees with its index. Needs no key."""
    if not path.is_file():
        raise InputError(f"there is no ledger at {path}", fix="namehold status --verify LEDGER; it lies in .namehold")
    reading = read(path)
    digests = frozenset(event.digest for event in reading.events)
    has_head = not head or head in digests
    holdings = fold_events(reading.events)
    in_plain = find_open_in_plain(reading.events) if is_for_publishing else ()
    registered = _find_registered_head(workspace, holdings)
    is_cut = bool(registered) and registered not in digests
    drift, unreadable = _compare_any(workspace, holdings)
    # What wasn't seen neither agrees nor disagrees.
    is_unseen = drift is None or (bool(drift) and all(item.rule == UNREAD for item in drift))
    session = workspace.session
    result = {
        "ledger": str(path),
        "index": holdings.index,
        "username": holdings.username,
        "events": len(reading.events),
        "sealed": holdings.unread,
        "head": reading.head,
        "torn_bytes": len(reading.torn),
        "is_whole": not reading.torn,
        "has_published_head": has_head if head else None,
        "has_registered_head": not is_cut if registered else None,
        "is_publishable": not in_plain if is_for_publishing else None,
        "held": len(holdings.held),
        "agrees_with_index": None if is_unseen else not drift,
    }
    rows = [(key.replace("_", " "), str(value)) for key, value in result.items() if value is not None]
    if is_unseen:
        rows.append(("agrees with index", "not asked" if drift is None else "not known"))
    rows += [(item.name, item.text) for item in drift or ()]
    table = Table(columns=texts("what", "value"), rows=rows)
    emit(table, "ledger-check", result | {"findings": drift or (), "open_in_plain": in_plain}, form, output)
    if not has_head:
        session.say("The published head isn't in this ledger: it isn't the one that was published, or lines are gone.")
    if is_cut:
        session.say(_LOST_HEAD)
    if in_plain:
        lines = ", ".join(map(str, in_plain))
        session.say(f"Don't publish it: names that may still be open can be read or guessed from lines {lines}.")
    if reading.torn:
        session.say("The last line was torn by a crash; the next run cuts it off and records that it did.")
    session.say(f"{count(len(reading.events), 'event')}, chained without a gap.")
    if drift is None:
        session.say("The index wasn't asked.")
    if unreadable is not None:
        raise unreadable
    session.next_step("namehold status")
    return ExitCode.FINDINGS if drift or is_cut or in_plain or not has_head else ExitCode.DONE


_LOST_HEAD = (
    "The head that the last public register names isn't in this ledger: lines are gone. Restore the file from a copy."
)


def _find_registered_head(workspace: Workspace, holdings: Holdings) -> str:
    """The ledger's head in the register that was written here last; empty if there is none of this account."""
    path = workspace.session.state / "register" / "register.json"
    made = load_kept(path, "register", report.Register) if path.exists() else None
    if made is None or made.index != holdings.index or not is_same_account(made.username, holdings.username):
        return ""
    return made.ledger_head


def _compare_any(workspace: Workspace, holdings: Holdings) -> tuple[tuple[Drift, ...] | None, IndexError_ | None]:
    """Where the index shows something else than a ledger of anybody's, and why it couldn't be read.

    None if it wasn't asked: a public index is known by its nickname, of a private one only names.yaml knows the
    address. Reservations under the account that the ledger lacks show that its last lines are gone.
    """
    own = workspace.portfolio if workspace.has_config else None
    is_own = (
        own is not None
        and own.account.index == holdings.index
        and is_same_account(own.account.username, holdings.username)
    )
    if own is not None and is_own:
        owner = own
    elif holdings.index in KNOWN_INDEXES:
        account = Account(index=holdings.index, username=holdings.username)
        owner = Portfolio(organization=Organization(name="", contact=""), account=account, packages=())
    else:
        return None, None
    if workspace.session.offline:
        return None, None
    if not holdings.held and not is_own:
        return (), None
    profile = workspace.find_index(holdings.index)
    try:
        with workspace.index(profile, contact=owner.organization.contact) as reader:
            found = _ask(workspace.session, reader, holdings, portfolio=owner, profile=profile)
            lacking = _unrecorded(workspace, reader, holdings, found.drift) if is_own else ()
    except IndexError_ as error:
        return None, error
    drift = tuple(item for item in found.drift if item.rule not in _NOT_ABOUT_THE_INDEX)
    return (*drift, *lacking), None


def _rebuild(workspace: Workspace, names: Path, form: Format, output: Path | None) -> ExitCode:
    """Enters what the index shows as ours and the ledger lacks; what the ledger says already stays as it is."""
    from namehold.upkeep import FoundName, find_reservation, record  # noqa: PLC0415 -- start-up time

    session, portfolio, profile = workspace.session, workspace.portfolio, workspace.profile
    workspace.require_network("--rebuild")
    path = workspace.ledger_path()
    asked = _names_in(workspace, names)
    found = []
    # Held for the whole time: no run changes it between the question and the answer.
    with workspace.ledger() as book, workspace.index() as reader:
        holdings = book.holdings()
        find = partial(
            find_reservation, holdings=holdings, portfolio=portfolio, index=reader, web=reader, profile=profile
        )
        unread: list[NormalizedName] = []

        def leave_out(name: NormalizedName, error: IndexError_) -> FoundName:
            unread.append(name)
            return FoundName(name=name, obstacle=error.message)

        with session.count_off("Asking the index", len(asked)) as advance:
            for item in ask_each(asked, find, leave_out=leave_out):
                found.append(item)
                advance(item.name)
        number = record(found, book, now=dt.datetime.now(dt.UTC))
    rows = [
        (
            item.name,
            item.releases[-1].target if item.releases else "",
            "left out" if item.obstacle else "entered",
            item.obstacle or item.owner,
        )
        for item in found
    ]
    table = Table(columns=texts("name", "for", "state", "why"), rows=rows)
    emit(table, "rebuilt", {"ledger": str(path), "names": found}, form, output)
    session.say(f"{number} of {count(len(found), 'name')} entered into {path}.")
    session.say("Approvals, reviews, decisions, letters and handovers of a lost ledger can't be rebuilt.")
    if unread:
        session.say(f"{count(len(unread), 'name')} couldn't be asked about: call again later.")
    session.next_step("namehold status")
    return ExitCode.PARTLY_FAILED if unread else ExitCode.DONE


def _names_in(workspace: Workspace, path: Path) -> tuple[NormalizedName, ...]:
    """The names in a plan, those that another ledger of this account holds or has sent, or those of a list."""
    if path.suffix == ".jsonl":
        if not path.is_file():
            raise InputError(f"there is no ledger at {path}", fix="name the file of the other ledger")
        account = workspace.portfolio.account
        other = read_holdings(path, find_key=workspace.find_key)
        require_owner(other, path, index=workspace.profile.nickname, username=account.username)
        workspace.say_unread(other)
        return tuple(sorted(other.names))
    if path.suffix == ".json":
        return tuple(action.name for action in workspace.plan(path).actions)
    return read_names(path)


# --------------------------------------------------------------------------- what people read


def _table(found: Status) -> Table:
    drift: dict[str, list[str]] = {}
    for item in found.drift:
        drift.setdefault(item.name, []).append(item.text)
    rows: list[tuple[str, ...]] = [
        (
            item.name,
            item.target or "",
            item.state,
            item.since.date().isoformat() if item.since else "",
            "; ".join(drift.pop(item.name, ())),
        )
        for item in found.names
    ]
    rows += [(name, "", "", "", "; ".join(texts)) for name, texts in drift.items()]
    return Table(columns=texts("name", "for", "state", "since", "what disagrees"), rows=rows)


def _say(session: Session, found: Status) -> None:
    held = count(sum(item.state == "held" for item in found.names), "name")
    asked = "the index agrees" if found.is_compared and not found.drift else count(len(found.drift), "finding")
    by = f" by {found.username}" if found.username else ""
    session.say(f"{held} held on {found.index}{by}; {asked}. Ledger head: {found.head or 'none'}.")
    if found.next_slot is not None:
        session.say(f"No slot is free before {found.next_slot:%Y-%m-%d %H:%M} UTC.")
    for item in found.drift:
        session.say(f"{item.name}: {item.text}. Fix: {item.fix}.")
    if any(item.state in {"open", "unverified"} for item in found.names):
        session.next_step("namehold apply")
    elif found.drift:
        # `report` would lead back here.
        session.next_step(f"see to {found.drift[0].name}: {found.drift[0].fix}")
    else:
        session.next_step("namehold report")
