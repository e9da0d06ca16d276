"""When a project counts as ours without having been sent by us, and what the ledger then says about it."""

from __future__ import annotations

from typing import Any

from packaging.utils import NormalizedName

from namehold.errors import Diagnostic
from namehold.index import ProjectState, ProjectStatus, latest_release
from namehold.ownership import is_ours
from namehold.portfolio import Portfolio


def find_refusal(state: ProjectState, portfolio: Portfolio) -> Diagnostic | None:
    """Why the project can't be adopted; None if the index shows it as ours."""
    if not state.exists:
        return Diagnostic(
            message=f"the index has no project {state.name}",
            rule="adopt-missing",
            fix="namehold plan: it may be reserved",
        )
    if state.status is ProjectStatus.QUARANTINED:
        return Diagnostic(
            message=f"the index's administrators have quarantined {state.name}",
            rule="adopt-quarantined",
            fix="ask them first",
        )
    if state.unknown_status:
        return Diagnostic(
            message=f"{state.name} can't be judged: {state.unknown_status}",
            rule="adopt-status-unknown",
            fix="look at its page on the index, or use a newer namehold",
        )
    if state.ownership is None:
        return Diagnostic(
            message=f"the index doesn't show who owns {state.name}",
            rule="adopt-not-shown",
            fix="a project without a release shows no owner: publish one, or leave it",
        )
    if not is_ours(portfolio, state.ownership):
        return Diagnostic(
            message=f"the index shows neither the account nor a holder of names.yaml as an owner of {state.name}",
            rule="adopt-others",
            fix="if its owner is one of yours, add the user to account.holders; else it isn't yours to adopt",
        )
    return None


def make_adoption(state: ProjectState, *, target: NormalizedName) -> dict[str, Any]:
    """What the ledger keeps: the name, the package, the latest version and every file with its digest. No user.

    The version is 0 if no file has one, so that every later version is a higher one.
    """
    release = latest_release(state.files)
    return {
        "name": state.name,
        "target": target,
        "version": str(release.version) if release is not None else "0",
        "files": [[file.filename, file.sha256] for file in state.files],
        "serial": state.serial,
    }
