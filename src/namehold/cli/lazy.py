"""A group that imports a command's module when the command is called, and gives every command the shared options."""

from __future__ import annotations

import platform
import re
import time
from collections.abc import Callable, Iterable
from functools import cache, partial
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from namehold import __version__
from namehold.cli.commands import COMMANDS, GROUPS
from namehold.cli.mistakes import require_command, told_as_errors
from namehold.cli.options import SHARED_OPTIONS
from namehold.cli.plainly import read_plainly
from namehold.cli.session import session_of
from namehold.errors import ExitCode, NameholdError

_COMPLETION = frozenset({"install_completion", "show_completion"})
#: Columns of a help: more are broken by many a terminal.
_WIDTH = 80
#: An example in the text below a command's help, and behind it what it does.
_EXAMPLE = re.compile(r"(?m)^ +(?P<call>namehold .*?)(?:(?P<gap> {2,})(?P<told>\S.*))?$")


class LazyGroup(TyperGroup):
    """Lists `COMMANDS` with their lines of help; loads the one that is called."""

    def get_params(self, ctx: Any) -> Any:
        """The group's own options."""
        return read_plainly(super().get_params(ctx))

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 -- the signature is typer's
        """All command names, in the order of the line."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 -- the signature is typer's
        """The command's name and line of help, which is all that a list of commands needs; None if there is none."""
        return TyperCommand(cmd_name, help=COMMANDS[cmd_name]) if cmd_name in COMMANDS else None

    def make_context(self, info_name: str | None, args: list[str], *more: Any, **options: Any) -> Any:
        """The context of a call; a mistake in it is told as ours."""
        with told_as_errors(tuple(args)):
            return super().make_context(info_name, args, *more, **options)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is called, whole."""
        if not ctx.resilient_parsing:
            require_command(args[0])
        name, command, rest = super().resolve_command(ctx, args)
        return name, load_command(name) if command is not None and name is not None else command, rest

    def invoke(self, ctx: Any) -> Any:
        """Runs the command, which returns its exit code; an error's fix names the same names.yaml as the call."""
        started_s = time.perf_counter()
        try:
            with told_as_errors(caller=ctx):
                code = super().invoke(ctx)
        except NameholdError as error:
            error.fix = session_of(ctx).with_config(error.fix)
            raise
        except (KeyboardInterrupt, typer.Abort):
            # Typer would say something of its own beside what `main` says.
            raise typer.Exit(ExitCode.INTERRUPTED) from None
        except EOFError as error:
            # A file that ends too early: typer would take it for an interrupt. (At a prompt it is an Abort.)
            raise RuntimeError("what was read ended too early") from error
        finally:
            session = session_of(ctx)
            session.detail(
                f"namehold {__version__} on Python {platform.python_version()}, {session.config}: "
                f"{time.perf_counter() - started_s:.1f} s."
            )
        if code:
            raise typer.Exit(code)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The help in plain columns: typer's own, drawn by rich, needs three times as long as the whole program."""
        super(TyperGroup, self).format_help(ctx, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Every command with its whole line of help, in the groups and the order in which they are used."""
        is_plain = session_of(ctx).no_color
        widest = max(map(len, COMMANDS))
        for title, names in GROUPS.items():
            with formatter.section(title):
                # One width, so that the lines of all groups begin in one column.
                padded = {name: name.ljust(widest) for name in names}
                formatter.write_dl(
                    [
                        (text if is_plain else typer.style(text, fg="cyan", bold=True), COMMANDS[name])
                        for name, text in padded.items()
                    ]
                )


@cache
def load_command(name: str) -> Any:
    """The command of this name: the function of its module, or the module's own group; with the shared options.

    It is the same object at every call.
    """
    module = import_module(f"namehold.cli.commands.{name}")
    app = getattr(module, "app", None) or typer.Typer()
    if hasattr(module, name):
        app.command(epilog=module.EPILOG)(getattr(module, name))
    command: Any = get_command(app)
    command.name = name
    command.rich_markup_mode = None
    for leaf in _leaves(command):
        # Plain columns, as in the list of commands: rich takes longer to load than the command.
        leaf.rich_markup_mode = None
        leaf.short_help = _first_paragraph(leaf)
        leaf.epilog = _EXAMPLE.sub(_show_example, leaf.epilog or "")
        leaf.params.extend(get_command(SHARED_OPTIONS).params)
    for each in {command, *_leaves(command)}:
        each.get_params = partial(_params_of, each.get_params)
    if isinstance(command, TyperGroup):
        # The first example of each of its commands.
        firsts = [leaf.epilog.split("\n\n")[1] for leaf in _leaves(command)]
        command.epilog = "\n\n".join(["Examples:", *firsts])
    # Completion is installed once, for the whole program; each module's own app would offer it again.
    command.params = [param for param in command.params if param.name not in _COMPLETION]
    return command


def _params_of(by_typer: Callable[[Any], Iterable[Any]], ctx: Any) -> list[Any]:
    """A command's parameters, the option --help among them, which typer makes at the call."""
    return read_plainly(by_typer(ctx))


def _show_example(line: re.Match[str]) -> str:
    """An example's line; what it says below its command where both don't fit beside each other."""
    # After this mark a paragraph's lines stay as they are.
    mark = "\b\n" if line.string[: line.start()].endswith("\n\n") else ""
    if line["told"] and len(line[0]) > _WIDTH:
        return f"{mark}{line['call']}\n    {line['told']}"
    return f"{mark}{line[0].lstrip()}"


def _first_paragraph(command: Any) -> str:
    """A command's line in a list of commands, whole."""
    return " ".join((command.help or "").strip().split("\n\n")[0].split())


def _leaves(command: Any) -> list[Any]:
    """The commands that take arguments: the command itself, or those of a group."""
    if isinstance(command, TyperGroup):
        return [leaf for child in command.commands.values() for leaf in _leaves(child)]
    return [command]
