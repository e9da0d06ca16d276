"""What an earlier command kept, for commands that do without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from namehold.errors import InputError

if TYPE_CHECKING:
    from namehold.cli.workspace import Workspace
    from namehold.plan import Plan


def find_plan(workspace: Workspace) -> Plan | None:
    """The last plan; None where there is none, or one that can't be read, which is said.

    Another version of namehold, a full disk or a merge may have left it so.
    """
    if not workspace.plan_path.exists():
        return None
    try:
        return workspace.plan()
    except InputError as error:
        workspace.session.say(
            f"{error.message}. It counts for nothing here; write it again: namehold plan", label="Warning"
        )
        return None
