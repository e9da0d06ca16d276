"""`namehold key`: makes the ledger's key, shows it and takes it over from another machine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from namehold import ledger
from namehold.cli.options import argument, option
from namehold.cli.output import write_text
from namehold.cli.session import Session, session_of, typed
from namehold.cli.workspace import Workspace
from namehold.errors import CredentialError, InputError, UsageError

app = typer.Typer(no_args_is_help=True, help="Make, show or take over the key that proves approvals in the ledger.")

_NEW_EPILOG = """\
Examples:

  namehold key new                            into the keyring, or the file that NAMEHOLD_KEY_FILE names

  namehold key new --output acme.key          into a new file that only you may read
"""
_SHOW_EPILOG = """\
Examples:

  namehold key show --output acme.key         a copy, in a new file that only you may read

  namehold key show                           on standard output, for a secret store
"""
_IMPORT_EPILOG = """\
Examples:

  namehold key import acme.key                into the keyring

  namehold key import - < acme.key            from standard input
"""

FileOption = Annotated[
    Path | None, option("A new file for the key, readable by its owner alone.", "--output", "-o", metavar="FILE")
]


@app.command("new", epilog=_NEW_EPILOG)
def new(ctx: typer.Context, output: FileOption = None) -> None:
    """Make a key. Who has it can approve plans and read which names of the ledger are still open.

    A key that is there stays: a second one would make every approval before it count for nothing.
    """
    workspace = Workspace(session_of(ctx))
    reading = ledger.read(workspace.ledger_path())
    found = workspace.key_entry.find()
    if found is not None:
        raise UsageError(f"there is a key in {found.place}", fix="namehold key show copies it")
    if ledger.fold_events(reading.events).unread:
        workspace.session.say("The ledger has lines of another key: they stay unread, and its approvals lapse.")
    if output is None:
        kept = workspace.key_entry.make()
        workspace.session.say(f"A key, kept in {kept.place}. Who has it can approve.")
        workspace.session.next_step("namehold key show --output FILE, and keep the copy in a safe place")
        return
    ledger.write_key_file(ledger.make_key(), output)
    _say_written(workspace.session, output)


@app.command("show", epilog=_SHOW_EPILOG)
def show(ctx: typer.Context, output: FileOption = None) -> None:
    """Print the key, or write it into a new file, to keep a copy or to move it to another machine."""
    workspace = Workspace(session_of(ctx))
    found = workspace.key_entry.find()
    if found is None:
        raise CredentialError("there is no key here", fix="namehold key new, or namehold key import FILE")
    if output is None:
        write_text(found.key.reveal(), None)
        return
    ledger.write_key_file(found.key, output)
    _say_written(workspace.session, output)


@app.command("import", epilog=_IMPORT_EPILOG)
def import_(
    ctx: typer.Context,
    file: Annotated[Path, argument("The key's file (mode 600, no link); - for standard input.", "FILE")],
) -> None:
    """Take over a key from another machine, into the keyring or the file that NAMEHOLD_KEY_FILE names."""
    workspace = Workspace(session_of(ctx))
    key = _read(file)
    found = workspace.key_entry.find()
    if found is not None and found.key.reveal() != key.reveal():
        raise UsageError(
            f"there is another key in {found.place}", fix="copy it (namehold key show --output FILE), then remove it"
        )
    kept = found or workspace.key_entry.keep(key)
    workspace.session.say(f"The key is kept in {kept.place}.")
    workspace.session.next_step("namehold status")


#: Of a line that should be a key; a pipe's may never end.
_LONGEST_LINE = 1_000


def _read(file: Path) -> ledger.LedgerKey:
    if str(file) == "-":
        return ledger.LedgerKey.parse(sys.stdin.readline(_LONGEST_LINE) if sys.stdin is not None else "")
    key = ledger.read_key_file(file)
    if key is None:
        raise InputError(f"there is no file {file}", fix="namehold key show --output FILE, on the machine that has it")
    return key


def _say_written(session: Session, output: Path) -> None:
    session.say(f"The key is in {output}, readable by its owner alone. Who has it can approve.")
    session.next_step(f"NAMEHOLD_KEY_FILE={typed(output)} in the environment, or: namehold key import {typed(output)}")
