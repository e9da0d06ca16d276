"""The command line: the only reader of the environment, the only writer to standard output, the exit codes.

Each command lives in a module of its own name here and is imported only when it is called, so that
`namehold --version` does not pay for twine, httpx or pydantic.
A module holds one `app = typer.Typer()` with either one command or a group of them.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from namehold import __version__
from namehold.cli.lazy import LazyGroup
from namehold.cli.session import run_reporting_errors

app = typer.Typer(
    name="namehold",
    cls=LazyGroup,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help=(
        "Protects users of your packages from confusable and invented names: derives and ranks them, "
        "plans under the index's quota, rehearses, and carries out what was approved, from one account."
    ),
    epilog=(
        "Start: [bold]namehold init[/bold], then [bold]namehold plan[/bold]. "
        "Try it without anything of your own: [bold]namehold demo[/bold]."
    ),
)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"namehold {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Commands share their options; see `namehold COMMAND --help`."""


def main() -> None:
    """The console script: runs the command line and exits with its code."""
    sys.exit(run_reporting_errors(app))
