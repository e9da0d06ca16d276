"""What an earlier command kept, for commands that do without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from namehold import documents
from namehold.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from namehold.cli.workspace import Workspace
    from namehold.files import Place
    from namehold.plan import Plan

T = TypeVar("T")


def find_plan(workspace: Workspace) -> Plan | None:
    """The last plan; None where there is none, or one that can't be read, which is said.

    What it assesses is read later, and may be damaged: who needs that asks with `ask_plan`.
    """
    return ask_plan(workspace, lambda plan: plan)


def ask_plan(workspace: Workspace, ask: Callable[[Plan], T]) -> T | None:
    """What `ask` finds in the last plan; None where there is none, or one that can't be read so far, which is said.

    Another version of namehold, a full disk or a merge may have left it so.
    """
    if not workspace.plan_path.exists():
        return None
    try:
        return ask(workspace.plan())
    except InputError as error:
        workspace.session.say(
            f"{error.message}. It counts for nothing here; write it again: namehold plan", label="Warning"
        )
        return None


def load_kept(path: Place, kind: str, type_: type[T]) -> T | None:
    """What an earlier command kept; None if there is nothing, or nothing that can be read: it can be had again."""
    try:
        return documents.load(kind, type_, path.read_text(encoding="utf-8"), path=str(path))
    except (OSError, UnicodeDecodeError, InputError):
        return None
