"""The command line: the only reader of the environment, the only writer to standard output, the exit codes.

    sys.exit(run_reporting_errors(app))

A command is a function in a module of its own name in `commands`, with its examples in `EPILOG`; it returns its exit
code. (A group of commands is an `app = typer.Typer()`.) A module is imported only when its command is called, and
reaches what needs a heavy library through the package that shows it, `report.render_register(...)`: so neither
`namehold --version` nor any `--help` pays for twine, httpx or pydantic. `workspace` is where the parts meet.
"""

from __future__ import annotations

from namehold.cli.main import app, main

__all__ = ["app", "main"]
