"""`namehold register`: the public register of the organization's names, written and checked."""

from __future__ import annotations

import datetime as dt
import secrets
from pathlib import Path
from typing import Annotated

import typer
from packaging.utils import NormalizedName
from rich.markup import escape

from namehold import __version__, documents
from namehold.cli.inputs import find_profile, ledger_path, load_plan, plan_path, read_own_holdings, read_portfolio
from namehold.cli.output import Format, FormatOption, Table, emit, unwritable, write_text
from namehold.cli.session import Session, refuse_idle, session_of, typed
from namehold.errors import Diagnostic, ExitCode, InputError, UsageError
from namehold.index import HttpIndex, IndexProfile, ProjectState, profile
from namehold.ledger import Holdings, fold_events, read
from namehold.report import Register, find_register_faults, make_register, render_register
from namehold.text import count

app = typer.Typer()

_JSON, _PAGE, _SALT = "register.json", "index.html", "register.salt"

_EPILOG = """\
Examples:

  namehold register -o public/names              index.html and register.json, ready to publish

  namehold register --verify public/names        against the ledger here and the index; exit 11 if they disagree

  namehold register --verify names --config none.yaml   somebody else's, against the index alone
"""


@app.command(epilog=_EPILOG)
def register(
    ctx: typer.Context,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FOLDER", show_default=False, help="Where to write. Default: .namehold/register."
        ),
    ] = None,
    plan: Annotated[
        Path | None,
        typer.Option(
            "--plan", metavar="FILE", show_default=False, help="The plan with the reasons. Default: the last."
        ),
    ] = None,
    as_of: Annotated[
        dt.datetime | None,
        typer.Option("--as-of", formats=["%Y-%m-%d"], metavar="DATE", help="The day of the register. Default: today."),
    ] = None,
    verify: Annotated[
        Path | None,
        typer.Option("--verify", metavar="FOLDER", show_default=False, help="Check a register instead of writing one."),
    ] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Write the public register: every name held or prohibited, why, since when, and how to ask for it.

    Names that are still open are a count and a salted digest; the salt stays in .namehold. Works offline.
    """
    session = session_of(ctx)
    if verify is not None:
        refuse_idle({"--output": output, "--plan": plan, "--as-of": as_of}, "with --verify")
        _verify(session, verify, form=form)
        return
    folder = output or session.state / "register"
    portfolio = read_portfolio(session)
    index = find_profile(portfolio).nickname
    planned = plan or plan_path(session)
    made = make_register(
        portfolio,
        read_own_holdings(session, index=index, username=portfolio.account.username),
        read(ledger_path(session, index)).events,
        plan=load_plan(planned) if plan or planned.is_file() else None,
        salt=_salt(session),
        today=(as_of or dt.datetime.now(dt.UTC)).date(),
        tool=f"namehold {__version__}",
    )
    write_text(documents.dump("register", made), folder / _JSON)
    write_text(render_register(made), folder / _PAGE)
    session.say(f"[bold]Written:[/bold] {escape(str(folder / _PAGE))} and {_JSON}")
    session.next_step(f"publish the folder, then: namehold register --verify {escape(typed(folder))}")


def _salt(session: Session) -> str:
    """The organization's salt, made once; without it the digest of the open names could be guessed."""
    path = session.state / _SALT
    if not path.is_file():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(32) + "\n", "utf-8")
        except OSError as error:
            raise unwritable(path, error) from None
    return path.read_text("utf-8").strip()


# --------------------------------------------------------------------------- checking


def _verify(session: Session, folder: Path, *, form: Format) -> None:
    path = folder / _JSON
    text = _read(path)
    if text is None:
        raise InputError(f"there is no {_JSON} in {folder}", hint="namehold register")
    made = documents.load("register", Register, text, path=str(path))
    index = _find_index(session, made)
    holdings, heads = _read_ledger(session, made)
    states: dict[NormalizedName, ProjectState] = {}
    if not session.offline or index.is_loopback:
        with HttpIndex(index, contact=made.contact, policy=session.policy) as reader:
            states = {item.name: reader.project(item.name) for item in made.names}
    faults = find_register_faults(
        made,
        page=_read(folder / _PAGE),
        holdings=holdings,
        heads=heads,
        states=states,
        shows_ownership=index.shows_ownership,
    )
    emit(_table(faults), lambda: documents.dump("register-check", {"findings": faults}), form=form, output=None)
    against = [f"its page, {len(states)} of {len(made.names)} names on the index"]
    against.append("the ledger" if holdings is not None else "no ledger (none here of this register)")
    session.say(f"Checked against {', '.join(against)}: {count(len(faults), 'finding')}.")
    if faults:
        raise typer.Exit(ExitCode.FINDINGS)


def _find_index(session: Session, made: Register) -> IndexProfile:
    """The index of names.yaml where the register is ours; else the known one that the register names."""
    if session.config.is_file():
        portfolio = read_portfolio(session)
        if portfolio.account.index == made.index:
            return find_profile(portfolio)
    try:
        return profile(made.index)
    except InputError:
        raise UsageError(
            f"nobody knows where the index {made.index} is", hint="give the names.yaml that has its addresses: --config"
        ) from None


def _read_ledger(session: Session, made: Register) -> tuple[Holdings | None, frozenset[str]]:
    """The ledger beside names.yaml and the digests of its events; nothing where it isn't the register's."""
    path = ledger_path(session, made.index)
    if not session.config.is_file() or not path.is_file():
        return None, frozenset()
    reading = read(path)
    return fold_events(reading.events), frozenset(event.digest for event in reading.events)


def _read(path: Path) -> str | None:
    """The text of a file; None if there is none."""
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} can't be read: {error}") from None


def _table(faults: tuple[Diagnostic, ...]) -> Table:
    rows = [(fault.rule, fault.message, fault.fix) for fault in faults]
    return Table(columns=("rule", "finding", "what to do"), rows=rows, title="Register")
