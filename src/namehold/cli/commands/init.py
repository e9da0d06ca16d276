"""`namehold init`: a first names.yaml, annotated."""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from packaging.utils import canonicalize_name

from namehold.cli.lists import read_names
from namehold.cli.options import argument, option
from namehold.cli.output import write_text
from namehold.cli.session import Session, session_of
from namehold.errors import ConfigError, Diagnostic, UsageError
from namehold.portfolio import find_text_fault, make_starter, read_portfolio

app = typer.Typer()

#: Option -> the key that it fills, and the question for it.
_QUESTIONS = {
    "--organization": (("organization", "name"), "Organization, as placeholders name it"),
    "--contact": (("organization", "contact"), "Contact: a role mailbox, issue tracker or security policy"),
    "--username": (("account", "username"), "User name on the index that reserves"),
    "--package": (("packages", "name"), "Packages that you own, with spaces between"),
}


@app.command(
    epilog=(
        "Examples: [bold]namehold init[/bold] asks for what it needs. "
        "[bold]namehold init --organization 'Acme Robotics' --contact https://forge.example/acme/security "
        "--username acme-reserve --package acme-tool --package acme-robotics-sdk[/bold] asks nothing."
    )
)
def init(
    ctx: typer.Context,
    file: Annotated[Path | None, argument("Default: that of --config.", "[FILE]")] = None,
    package: Annotated[
        list[str] | None, option("A package that you own; repeat it.", "--package", metavar="NAME")
    ] = None,
    from_: Annotated[
        Path | None, option("A file with packages that you own, one a line.", "--from", metavar="LIST")
    ] = None,
    organization: Annotated[str | None, option("The name that placeholders show.", "--organization")] = None,
    contact: Annotated[
        str | None, option("A role mailbox, or the address of an issue tracker or security policy.", "--contact")
    ] = None,
    index: Annotated[
        str,
        option("Where the names are reserved: pypi or testpypi.", "--index", metavar="NICKNAME", show_default=True),
    ] = "pypi",
    username: Annotated[str | None, option("The account that reserves; never a token.", "--username")] = None,
) -> None:
    """Write a first names.yaml with every key explained. Asks only on a terminal; never overwrites a file."""
    session = session_of(ctx)
    path = file or session.config
    if os.path.lexists(path):
        raise UsageError(
            f"{path} exists already; init never overwrites", fix="edit it, or name another file: namehold init FILE"
        )
    given = {
        "--organization": organization or "",
        "--contact": contact or "",
        "--username": username or "",
        "--package": " ".join((*(package or ()), *(read_names(from_) if from_ else ()))),
    }
    values = _completed(given, path)
    text = make_starter(
        organization=values["--organization"],
        contact=values["--contact"],
        username=values["--username"],
        # However often and however spelled a package was given, it is one.
        packages=tuple({canonicalize_name(name): name for name in values["--package"].split()}.values()),
        index=index,
    )
    warnings = _checked(text, path)
    write_text(text, path)
    _say_what_follows(session, path, warnings)


def _completed(given: dict[str, str], path: Path) -> dict[str, str]:
    """All values, asked for where they are missing. Raises UsageError where nobody can be asked."""
    missing = [option for option, value in given.items() if not value.strip()]
    if missing and not (sys.stdin.isatty() and sys.stderr.isatty()):
        example = " ".join(f"{option} {'NAME' if option == '--package' else 'TEXT'}" for option in missing)
        raise UsageError(
            f"missing: {', '.join(missing)}; init asks for them only on a terminal",
            fix=f"namehold init {shlex.quote(str(path))} … {example}",
        )
    return {option: value if value.strip() else _ask(option) for option, value in given.items()}


def _ask(option: str) -> str:
    """An answer that names.yaml takes; asked again until it is one."""
    location, question = _QUESTIONS[option]

    def accept(answer: str) -> str:
        parts = answer.split() if option == "--package" else [answer.strip()]
        for part in parts or [""]:
            fault = find_text_fault(location, part)
            if fault:
                raise typer.BadParameter(fault)
        return " ".join(parts)

    return str(typer.prompt(question, value_proc=accept, err=True))


def _checked(text: str, path: Path) -> tuple[Diagnostic, ...]:
    """The warnings about the file to be. Raises UsageError: what is wrong with it came from the options."""
    try:
        return read_portfolio(text.encode(errors="replace"), path=str(path)).warnings
    except ConfigError as error:
        # There is no file yet that the reader could open at these places.
        reasons = tuple(replace(item, path=None, line=None, column=None) for item in error.diagnostics())
        raise UsageError("the values that were given don't make a names.yaml", diagnostics=reasons) from None


def _say_what_follows(session: Session, path: Path, warnings: tuple[Diagnostic, ...]) -> None:
    for warning in warnings:
        session.say(str(warning))
    session.say(f"{path} is written. Discovery reads from the index what your packages install.")
    session.config = path
    session.next_step("namehold discover")
