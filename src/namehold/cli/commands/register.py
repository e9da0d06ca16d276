"""`namehold register`: the public register of the organization's names, written and checked."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from packaging.utils import NormalizedName, is_normalized_name

from namehold import __version__, documents, report
from namehold.cli.kept import ask_plan
from namehold.cli.options import FormatOption, PlanOption, option, refuse_idle
from namehold.cli.output import Format, emit, write_text
from namehold.cli.session import Session, session_of, typed
from namehold.cli.workspace import Workspace
from namehold.errors import Diagnostic, ExitCode, InputError, UsageError
from namehold.files import read_input
from namehold.index import KNOWN_INDEXES, IndexProfile, ProjectState
from namehold.ledger import Holdings, fold_events, read
from namehold.placeholder import find_reservation_file
from namehold.plan import Plan
from namehold.text import Table, count, texts

#: A register of 100 held names has some 100 kB.
_MAX_BYTES = 32 * 1024 * 1024
#: An account holds a hundred at most; the others are names that the administrators prohibited.
_MOST_NAMES = 1_000
_JSON, _PAGE, _SALT = "register.json", "index.html", "register.salt"
_SALT_BYTES = 32

EPILOG = """\
Examples:

  namehold register -o public/names              index.html and register.json, ready to publish

  namehold register --verify public/names        against the ledger here and the index; exit 11 if they disagree

  namehold register --verify names --config none.yaml   somebody else's, against the index alone
"""


def register(
    ctx: typer.Context,
    output: Annotated[
        Path | None, option("Where to write. Default: .namehold/register.", "--output", "-o", metavar="FOLDER")
    ] = None,
    plan: PlanOption = None,
    as_of: Annotated[
        dt.datetime | None, option("The day of the register. Default: today.", formats=["%Y-%m-%d"], metavar="DATE")
    ] = None,
    verify: Annotated[Path | None, option("Check a register instead of writing one.", metavar="FOLDER")] = None,
    form: FormatOption = Format.TABLE,
) -> ExitCode:
    """Write the public register: every name held or prohibited, why, since when, and how to ask for it.

    Names that are still open are a count and a salted digest; the salt stays in .namehold. Works offline.
    """
    if verify is None:
        refuse_idle({"--format": form is not Format.TABLE}, "without --verify")
    workspace = Workspace(session_of(ctx))
    session = workspace.session
    if verify is not None:
        refuse_idle({"--output": output, "--plan": plan, "--as-of": as_of}, "with --verify")
        return _verify(workspace, verify, form)
    folder = output or session.state / "register"
    workspace.require_complete()
    made = report.make_register(
        workspace.portfolio,
        workspace.holdings(),
        workspace.events(),
        plan=workspace.plan(plan) if plan else ask_plan(workspace, _read_whole),
        salt=_salt(session),
        today=(as_of or dt.datetime.now(dt.UTC)).date(),
        tool=f"namehold {__version__}",
    )
    write_text(documents.dump("register", made), folder / _JSON)
    write_text(report.render_register(made), folder / _PAGE)
    session.say(f"{folder / _PAGE} and {_JSON}", label="Written")
    session.next_step(f"publish the folder, then: namehold register --verify {typed(folder)}")
    return ExitCode.DONE


def _read_whole(plan: Plan) -> Plan:
    """The plan with its assessments in memory, so that a damaged one is found at once."""
    return replace(plan, assessments=tuple(plan.assessments))


def _salt(session: Session) -> str:
    """The organization's salt, made once; without it the digest of the open names could be guessed.

    Raises InputError for one that isn't as it was made: an empty one hides nothing.
    """
    path = session.state / _SALT
    if not path.is_file():
        write_text(secrets.token_hex(_SALT_BYTES), path)
    salt = path.read_text("utf-8").strip()
    if not re.fullmatch(f"[0-9a-f]{{{2 * _SALT_BYTES}}}", salt):
        raise InputError(
            f"{path} holds no salt of {2 * _SALT_BYTES} hexadecimal digits: the names that are still open could be "
            "guessed from the register",
            fix="restore it from a copy, or delete it: the next register gets a new one, and another digest",
        )
    return salt


# --------------------------------------------------------------------------- checking


def _verify(workspace: Workspace, folder: Path, form: Format) -> ExitCode:
    path = folder / _JSON
    text = _read(path)
    if text is None:
        raise InputError(f"there is no {_JSON} in {folder}", fix="namehold register")
    made = documents.load("register", report.Register, text, path=str(path))
    strange = [item.name for item in made.names if not is_normalized_name(item.name)]
    if strange:
        raise InputError(f"{path} can't be a register of namehold's: {strange[0]!r} is no normalized name")
    index = _find_index(workspace, made)
    holdings, heads = _read_ledger(workspace, made)
    states: dict[NormalizedName, ProjectState] = {}
    reservations: dict[NormalizedName, Mapping[str, Any]] = {}
    if workspace.can_ask(index):
        if len(made.names) > _MOST_NAMES:
            raise InputError(
                f"{path} lists {len(made.names):,} names, and the index is asked about {_MOST_NAMES:,} at most",
                fix=f"check its page and the ledger alone: namehold register --verify {typed(folder)} --offline",
            )
        with (
            workspace.index(index, contact=made.contact) as reader,
            workspace.session.count_off("Asking the index", len(made.names)) as advance,
        ):
            held = frozenset(item.name for item in made.held)
            for item in made.names:
                states[item.name] = reader.project(item.name)
                if item.name in held:
                    reservations[item.name] = find_reservation_file(states[item.name], web=reader, profile=index)
                advance(item)
    faults = report.find_register_faults(
        made,
        page=_read(folder / _PAGE),
        holdings=holdings,
        heads=heads,
        states=states,
        reservations=reservations,
        shows_ownership=index.shows_ownership,
    )
    unknown = report.unknown_of(made)
    if faults or form is not Format.TABLE:
        # A header without rows would say nothing.
        emit(_table(faults), "register-check", {"findings": faults, "unknown": unknown}, form, None)
    against = [f"its page, {len(states)} of {len(made.names)} names on the index"]
    against.append("the ledger" if holdings is not None else "no ledger (none here of this register)")
    workspace.session.say(f"Checked against {', '.join(against)}: {count(len(faults), 'finding')}.")
    workspace.session.say(unknown)
    return ExitCode.FINDINGS if faults else ExitCode.DONE


def _find_index(workspace: Workspace, made: report.Register) -> IndexProfile:
    """The index of names.yaml where the register is ours; else the known one that the register names."""
    is_ours = workspace.has_config and workspace.portfolio.account.index == made.index
    if not is_ours and made.index not in KNOWN_INDEXES:
        raise UsageError(
            f"the address of the index {made.index} isn't known",
            fix="give the names.yaml that has its addresses: --config",
        )
    return workspace.find_index(made.index)


def _read_ledger(workspace: Workspace, made: report.Register) -> tuple[Holdings | None, frozenset[str]]:
    """The ledger beside names.yaml and the digests of its events; nothing where it isn't the register's."""
    path = workspace.ledger_path(made.index)
    if not workspace.has_config or not path.is_file():
        return None, frozenset()
    reading = read(path)
    return fold_events(reading.events), frozenset(event.digest for event in reading.events)


def _read(path: Path) -> str | None:
    """The text of a file; None if there is none."""
    try:
        return read_input(path, most_bytes=_MAX_BYTES).decode("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise InputError(f"{path} can't be read: {reason}") from None


def _table(faults: tuple[Diagnostic, ...]) -> Table:
    rows = [(fault.rule, fault.message, fault.fix) for fault in faults]
    return Table(columns=texts("rule", "finding", "what to do"), rows=rows, caption="Register")
