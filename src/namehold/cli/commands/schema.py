"""`namehold schema`: the JSON Schema of names.yaml, for editors, and the check of such a file."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Annotated

import typer

from namehold import portfolio
from namehold.cli.options import OutputOption, argument, option, refuse_idle
from namehold.cli.output import write_text
from namehold.cli.session import Session, session_of
from namehold.errors import ConfigError, Diagnostic
from namehold.text import count

EPILOG = """\
Examples:

  namehold schema -o names.schema.json

  namehold schema --check names.yaml             every mistake with its line and its correction; exit 3 if there is one

Make this the first line of names.yaml: # yaml-language-server: $schema=names.schema.json
"""


def schema(
    ctx: typer.Context,
    files: Annotated[list[Path] | None, argument("What --check reads. Default: names.yaml.", "[FILE]...")] = None,
    check: Annotated[bool, option("Check names.yaml instead, without network.", "--check")] = False,
    output: OutputOption = None,
) -> None:
    """Print the JSON Schema of names.yaml, with which editors complete, explain and check it."""
    session = session_of(ctx)
    if check:
        refuse_idle({"--output": output}, "with --check")
        _check(files or [session.config], session)
        return
    refuse_idle({"FILE": files}, "without --check")
    write_text(json.dumps(portfolio.json_schema(), indent=1, ensure_ascii=False), output)
    if output is not None:
        session.say(f"The schema is in {output}.")
        session.next_step(f"write in {session.config.name}'s first line: # yaml-language-server: $schema={output}")


def _check(files: list[Path], session: Session) -> None:
    """Raises ConfigError with the mistakes of all files at once."""
    faults: list[Diagnostic] = []
    for path in files:
        try:
            loaded = portfolio.load_portfolio(path, today=dt.datetime.now(dt.UTC).date())
        except ConfigError as error:
            faults += error.diagnostics()
        else:
            session.say(f"{path}: {count(len(loaded.portfolio.packages), 'package')}, no mistake.")
            for warning in loaded.warnings:
                session.say(str(warning))
    if faults:
        raise ConfigError(
            f"{count(len(faults), 'mistake')} in {', '.join(map(str, files))}",
            diagnostics=tuple(faults),
            fix="correct the lines above; docs/reference/configuration.md explains every key",
        )
    session.next_step("namehold plan")
