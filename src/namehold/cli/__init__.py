"""The command line: the only reader of the environment, the only writer to standard output, the exit codes.

    sys.exit(run_reporting_errors(app))

A command is a module of its own name in `commands`, with one `app = typer.Typer()`, and is imported only when it is
called, so that `namehold --version` does not pay for twine, httpx or pydantic. `workspace` is where the parts meet.
"""

from __future__ import annotations

from namehold.cli.main import app, main

__all__ = ["app", "main"]
