"""`namehold schema`: the JSON Schema of names.yaml, for editors."""

from __future__ import annotations

import json

import typer

from namehold import portfolio
from namehold.cli.options import OutputOption
from namehold.cli.output import write_text
from namehold.cli.session import session_of

EPILOG = """\
Examples:

  namehold schema -o names.schema.json

Then make this the first line of names.yaml: # yaml-language-server: $schema=names.schema.json
"""


def schema(ctx: typer.Context, output: OutputOption = None) -> None:
    """Print the JSON Schema of names.yaml, with which editors complete, explain and check it."""
    write_text(json.dumps(portfolio.json_schema(), indent=1, ensure_ascii=False), output)
    if output is not None:
        session = session_of(ctx)
        session.say(f"The schema is in {output}.")
        session.next_step(f"write in {session.config.name}'s first line: # yaml-language-server: $schema={output}")
