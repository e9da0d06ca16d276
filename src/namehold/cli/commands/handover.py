"""`namehold handover`: give a held name back, step by step."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from namehold.cli.options import FormatOption, OutputOption, argument, option
from namehold.cli.output import Format, emit, line_width, render_table, write_text
from namehold.cli.session import session_of
from namehold.cli.workspace import Workspace
from namehold.errors import UsageError
from namehold.index import ProjectState
from namehold.names import normalize
from namehold.text import Table, single_line, texts, visible_lines
from namehold.upkeep import Handover, Stage, find_handover, record_handover

EPILOG = """\
Examples:

  namehold handover acme-tol --to 'The Tol project'           what to do next, step by step

  namehold handover acme-tol                                  no claim: a request to prohibit it

  namehold handover acme-tol --to 'The Tol project' --done    it is done: into the ledger
"""


def handover(
    ctx: typer.Context,
    name: Annotated[str, argument("A name that the ledger holds.")],
    to: Annotated[str, option("Who gets it. Default: it is prohibited.", metavar="WHO")] = "",
    done: Annotated[bool, option("A person did the steps: record it.", "--done")] = False,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Give a held name to a person with a claim on it, or release it; nothing is deleted.

    A last version warns for 90 days first. Sends nothing: a person does the steps in the index's web interface.
    """
    workspace = Workspace(session_of(ctx))
    workspace.require_complete()
    session, portfolio, now = workspace.session, workspace.portfolio, dt.datetime.now(dt.UTC)
    who = single_line(to)
    if to and not who:
        raise UsageError("--to is empty")
    found = find_handover(normalize(name), workspace.holdings(), portfolio=portfolio, to=who, today=now.date())
    if done:
        with workspace.ledger() as ledger:
            record_handover(found, ledger=ledger, state=_look(workspace, found), now=now)
        session.say(f"{found.name} is handed over{f' to {who}' if who else ''}; it is never planned again.")
        session.next_step("namehold register, and publish it")
        return
    if form is Format.TABLE:
        # What a person copies is data, as the steps are.
        texts_to_copy = [text for text in (found.snippet, found.letter) if text]
        table = render_table(_table(found), form, width=line_width(output))
        write_text("\n\n".join([table, *map(visible_lines, texts_to_copy)]), output)
    else:
        emit(_table(found), "handover", found, form, output)
    session.next_step(_next(found))


def _look(workspace: Workspace, found: Handover) -> ProjectState | None:
    """What the index shows now; None where it mustn't be asked."""
    if not workspace.can_ask():
        return None
    with workspace.index() as reader:
        return reader.project(found.name)


def _table(found: Handover) -> Table:
    rows = [(str(number), step) for number, step in enumerate(found.steps, start=1)]
    end = f"goes to {found.to}" if found.to else "is given up: the administrators prohibit it"
    caption = f"{found.name} {found.version} {end}"
    return Table(columns=texts("step", "what a person does"), rows=rows, caption=caption)


def _next(found: Handover) -> str:
    if found.stage is Stage.UNWARNED:
        return "namehold plan, once names.yaml has the lines"
    if found.stage is Stage.WARNING:
        return f"namehold handover {found.name} on {found.ready_on}"
    return "the steps above, in the index's web interface"
