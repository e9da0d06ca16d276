"""`namehold probe`: which projects language models tell for the organization's packages, and which don't exist."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from namehold.cli.options import FormatOption, OutputOption, option
from namehold.cli.output import Format, emit
from namehold.cli.session import session_of
from namehold.cli.workspace import Workspace
from namehold.errors import InputError
from namehold.evidence import CountedName, NameVerdict, count_names, read_transcripts
from namehold.files import read_input
from namehold.text import Table, count, texts

EPILOG = """\
Examples:

  namehold probe --from answers.jsonl                  one JSON object a line: text, and perhaps model, prompt, date

  namehold probe --from answers.jsonl --format json
"""

#: Answers to a thousand prompts are some MB.
_MAX_BYTES = 256 * 1024 * 1024


def probe(
    ctx: typer.Context,
    transcripts: Annotated[
        Path, option("Answers made elsewhere, one JSON object a line.", "--from", metavar="FILE", dir_okay=False)
    ],
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Count the projects that answers of language models tell to install or import, and say which are invented.

    Needs no network, key or account. A name counts as invented only by a complete list of the index's names.
    """
    workspace = Workspace(session_of(ctx))
    answers = read_transcripts(_read(transcripts), path=str(transcripts))
    view = workspace.snapshot()
    found = count_names(
        answers,
        workspace.portfolio,
        view=view,
        held=[item.name for item in workspace.holdings().held],
        profile=workspace.profile,
    )
    emit(_table(found), "probe", {"names": found}, form, output, is_private=True)
    session = workspace.session
    sums = Counter(item.verdict for item in found)
    parts = ", ".join(f"{sums[verdict]} {verdict}" for verdict in NameVerdict if sums[verdict])
    session.say(f"{count(len(answers), 'answer')}, {count(len(found), 'name')}: {parts or 'none told'}.")
    if view is None or not view.info.complete:
        session.say("There is no complete list of the index's names here, so no name counts as invented.")
        session.next_step("namehold snapshot import FILE")
    else:
        workspace.warn_if_stale(view.info)
        session.next_step("namehold plan")


def _read(path: Path) -> bytes:
    try:
        return read_input(path, most_bytes=_MAX_BYTES)
    except OSError as error:
        raise InputError(f"{path} can't be read: {error.strerror}", fix="give a file with answers") from None


def _table(found: tuple[CountedName, ...]) -> Table:
    rows = [(item.name, str(item.seen), str(item.of), ", ".join(item.models), str(item.verdict)) for item in found]
    return Table(columns=texts("name", "seen", "of", "models", "verdict"), rows=rows)
