"""A group that imports a command's module when the command is called, and gives every command the shared options."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from typer.core import TyperGroup
from typer.main import get_command

from namehold.cli.session import SHARED_OPTIONS, session_of
from namehold.errors import NameholdError

#: Each command is a module of its own name in this package; the order is that of the line, and of `--help`.
COMMANDS = (
    "init",
    "demo",
    "names",
    "check",
    "explain",
    "discover",
    "doctor",
    "plan",
    "build",
    "audit",
    "rehearse",
    "apply",
    "run",
    "status",
    "adopt",
    "report",
    "watch",
    "letter",
    "register",
    "handover",
    "snapshot",
    "schema",
    "schedule",
)

_COMPLETION = frozenset({"install_completion", "show_completion"})


class LazyGroup(TyperGroup):
    """Lists `COMMANDS`; loads only what is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 -- the signature is typer's
        """All command names, in the order of the line."""
        return list(COMMANDS)

    def invoke(self, ctx: Any) -> Any:
        """Runs the command; the commands that an error's hint names are about the same names.yaml."""
        try:
            return super().invoke(ctx)
        except NameholdError as error:
            error.hint = session_of(ctx).with_config(error.hint)
            raise

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 -- the signature is typer's
        """The command, with the shared options; None if there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"namehold.cli.{cmd_name}")
        command = get_command(module.app)
        command.name = cmd_name
        for leaf in _leaves(command):
            leaf.params.extend(get_command(SHARED_OPTIONS).params)
        # Completion is installed once, for the whole program; each module's own app would offer it again.
        command.params = [param for param in command.params if param.name not in _COMPLETION]
        return command


def _leaves(command: Any) -> list[Any]:
    """The commands that take arguments: the command itself, or those of a group."""
    if isinstance(command, TyperGroup):
        return [leaf for child in command.commands.values() for leaf in _leaves(child)]
    return [command]
