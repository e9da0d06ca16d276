"""`namehold init`: a first names.yaml, annotated."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from packaging.utils import canonicalize_name

from namehold import documents, portfolio
from namehold.cli.lists import read_names
from namehold.cli.options import argument, option
from namehold.cli.output import write_text
from namehold.cli.session import Session, session_of
from namehold.errors import ConfigError, Diagnostic, UsageError
from namehold.files import InnerPath, resolve

if TYPE_CHECKING:
    from namehold.portfolio import ProjectFacts

#: Option -> the key that it fills, and the question for it.
_QUESTIONS = {
    "--organization": (("organization", "name"), "Organization, as placeholders name it; a person is one too"),
    "--contact": (("organization", "contact"), "Contact: a role mailbox, issue tracker or security policy"),
    "--username": (("account", "username"), "User name on the index that reserves"),
    "--package": (("packages", "name"), "Packages that you own, with spaces or commas between"),
}
#: What may be left out until something is approved, built or sent: option -> key.
_LATER = {
    "--organization": "organization.name",
    "--contact": "organization.contact",
    "--username": "account.username",
}

_PROJECT = "pyproject.toml"
#: What some projects have in its place: neither of them is read.
_OLDER_FILES = ("setup.cfg", "setup.py")
#: A file of a repository: longer ones aren't read.
_MAX_PROJECT_BYTES = 1_000_000
#: Folders with an `__init__.py` that are seldom what a package installs (setuptools leaves them out, too).
_NO_MODULES = frozenset(
    {"tests", "test", "docs", "doc", "examples", "example", "scripts", "tools", "benchmarks", "bench"}
)
#: More folders than these are no package's layout.
_MOST_FOLDERS = 200

EPILOG = """\
Examples:

  namehold init --yes                            in a repository: from its pyproject.toml, without a question

  namehold init                                  asks for what that file doesn't say

  namehold init --package acme-tool --package acme-robotics-sdk --yes

  namehold init --organization 'Acme Robotics' \\
      --contact https://forge.example/acme/security \\
      --username acme-reserve --package acme-tool
"""


def init(
    ctx: typer.Context,
    file: Annotated[Path | None, argument("Default: that of --config.", "[FILE]")] = None,
    package: Annotated[list[str] | None, option("A package that you own; repeat it.", metavar="NAME")] = None,
    from_: Annotated[
        Path | None, option("A file with packages that you own, one a line.", "--from", metavar="LIST")
    ] = None,
    organization: Annotated[str | None, option("The name that placeholders show.")] = None,
    contact: Annotated[
        str | None, option("A role mailbox, or the address of an issue tracker or security policy.")
    ] = None,
    index: Annotated[
        str, option("Where the names are reserved: pypi or testpypi.", metavar="NICKNAME", show_default=True)
    ] = "pypi",
    username: Annotated[str | None, option("The account that reserves; never a token.")] = None,
) -> None:
    """Write a first names.yaml with every key explained. Asks only on a terminal; never overwrites a file.

    Where no package is named, it starts from the pyproject.toml beside it: name, commands, modules and addresses.
    Organization, contact and user name may follow later: they are needed before anything is approved, built or sent.
    """
    session = session_of(ctx)
    path = file or session.config
    if file is not None and file.suffix not in {".yaml", ".yml"}:
        raise UsageError(
            f"{file} would be the file to write, and it doesn't end in .yaml",
            fix=f"did you mean --package {shlex.quote(str(file))}?",
        )
    if os.path.lexists(path):
        raise UsageError(
            f"{path} exists already; init never overwrites",
            fix=f"namehold plan; or edit {path}, or name another file: namehold init FILE",
        )
    packages = (*(package or ()), *(read_names(from_) if from_ else ()))
    facts = portfolio.read_project("") if packages else _read_project(session, path)
    values = _completed(
        {
            "--organization": organization or "",
            "--contact": contact or facts.contact,
            "--username": username or "",
            "--package": " ".join(packages) or facts.name,
        },
        path,
        call="namehold init" if path == session.config else f"namehold init {shlex.quote(str(path))}",
        may_ask=not session.yes,
    )
    text = portfolio.make_starter(
        organization=values["--organization"],
        contact=values["--contact"],
        username=values["--username"],
        # However often and however spelled a package was given, it is one.
        packages=tuple({canonicalize_name(name): name for name in values["--package"].split()}.values()),
        index=index,
        homepage=facts.homepage,
        summary=facts.summary,
        commands=facts.commands,
        imports=facts.imports,
    )
    warnings = _checked(text, path)
    write_text(text, path)
    _say_what_follows(session, path, warnings, missing=[key for option, key in _LATER.items() if not values[option]])


def _read_project(session: Session, path: Path) -> ProjectFacts:
    """What the pyproject.toml beside the new file says, and says so; nothing where there is none, or none for us."""
    place = InnerPath(resolve(path).parent) / _PROJECT
    nothing = portfolio.read_project("")
    try:
        with place.open() as stream:
            content = stream.read(_MAX_PROJECT_BYTES + 1)
    except FileNotFoundError:
        for other in _OLDER_FILES:
            if (place.parent / other).is_file():
                session.say(f"{other} isn't read, only {_PROJECT}.")
        return nothing
    except OSError:
        session.say(f"{place} can't be read, and isn't used.")
        return nothing
    if len(content) > _MAX_PROJECT_BYTES:
        session.say(f"{place} has more than {_MAX_PROJECT_BYTES:,} bytes, and isn't used.")
        return nothing
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        session.say(f"{place} is no UTF-8 text, as TOML must be, and isn't used.")
        return nothing
    facts = portfolio.read_project(text, modules=_find_modules(place.parent))
    if not facts.name:
        is_toml = documents.load_toml(text) is not None
        why = "gives no name that an index takes under [project] or [tool.poetry]" if is_toml else "is no valid TOML"
        session.say(f"{place} {why}, and isn't used.")
        return nothing
    told = {
        "the package": facts.name,
        "commands": ", ".join(facts.commands),
        "modules": ", ".join(facts.imports),
        "the contact": facts.contact,
        "the homepage": facts.homepage,
    }
    session.say(f"From {_PROJECT}: {'; '.join(f'{what} {value}' for what, value in told.items() if value)}.")
    for fault in facts.refused:
        session.say(f"Left out: {fault}.")
    return facts


def _find_modules(folder: InnerPath) -> list[str]:
    """The modules that lie in `src/`; without any there, the one in the folder itself. No link is followed."""
    in_src = _modules_in(folder / "src")
    if in_src:
        return in_src
    here = [name for name in _modules_in(folder) if name not in _NO_MODULES]
    # Of several, any may be a helper that is never installed.
    return here if len(here) == 1 else []


def _modules_in(folder: InnerPath) -> list[str]:
    try:
        return [name for name in folder.names()[:_MOST_FOLDERS] if (folder / name / "__init__.py").is_file()]
    except OSError:
        return []


def _completed(given: dict[str, str], path: Path, *, call: str, may_ask: bool) -> dict[str, str]:
    """All values, asked for where they are missing; with `--yes` those that may follow later stay empty.

    `call` is the command that writes `path`, without its other options.
    Raises UsageError where no person can be asked.
    """
    missing = [option for option, value in given.items() if not value.strip()]
    if not may_ask:
        if "--package" in missing:
            raise UsageError(
                f"no package is named, and there is no {_PROJECT} with one in {path.absolute().parent}",
                fix=f"{call} --yes --package NAME, or call it in the package's repository",
            )
        return given
    if missing and not (sys.stdin.isatty() and sys.stderr.isatty()):
        known = " ".join(
            f"{option} {shlex.quote(part)}"
            for option, value in given.items()
            for part in (value.split() if option == "--package" else [value] if value.strip() else [])
        )
        asked = " ".join(f"{option} {'NAME' if option == '--package' else 'TEXT'}" for option in missing)
        later = "" if "--package" in missing else f"{call} {known} --yes, and write them later; or "
        raise UsageError(
            f"missing: {', '.join(missing)}; init asks for them only on a terminal",
            fix=f"{later}{' '.join(filter(None, (call, known, asked)))}",
        )
    return {option: value if value.strip() else _ask(option) for option, value in given.items()}


def _ask(option: str) -> str:
    """An answer that names.yaml takes; asked again until it is one. What may follow later may stay empty."""
    location, question = _QUESTIONS[option]

    def accept(answer: str) -> str:
        if not answer.strip() and option in _LATER:
            return ""
        parts = answer.replace(",", " ").split() if option == "--package" else [answer.strip()]
        for part in parts or [""]:
            fault = portfolio.find_text_fault(location, part)
            if fault:
                raise typer.BadParameter(fault)
        return " ".join(parts)

    if option not in _LATER:
        return str(typer.prompt(question, value_proc=accept, err=True))
    return str(typer.prompt(f"{question} (Enter: later)", value_proc=accept, default="", show_default=False, err=True))


def _checked(text: str, path: Path) -> tuple[Diagnostic, ...]:
    """The warnings about the file to be. Raises UsageError: what is wrong with it came from the options."""
    try:
        return portfolio.read_portfolio(text.encode(errors="replace"), path=str(path)).warnings
    except ConfigError as error:
        # There is no file yet that the reader could open at these places.
        reasons = tuple(replace(item, path=None, line=None, column=None) for item in error.diagnostics())
        raise UsageError("the values that were given don't make a names.yaml", diagnostics=reasons) from None


def _say_what_follows(
    session: Session, path: Path, warnings: tuple[Diagnostic, ...], *, missing: Sequence[str]
) -> None:
    for warning in warnings:
        session.say(str(warning))
    session.say(f"{path} is written. Discovery (namehold discover) reads from the index what your packages install.")
    if missing:
        session.say(f"Left out, and needed before anything is approved, built or sent: {', '.join(missing)}.")
    session.config = path
    session.next_step("namehold plan")
