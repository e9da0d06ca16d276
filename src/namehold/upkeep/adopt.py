"""When a project counts as ours without having been sent by us, and what the ledger then says about it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    NormalizedName,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

from namehold.errors import Diagnostic
from namehold.index import ProjectState, ProjectStatus
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
    if state.ownership is None:
        return Diagnostic(
            message=f"the index doesn't show who owns {state.name}",
            rule="adopt-not-shown",
            fix="a project without a release shows no owner: publish one, or leave it",
        )
    if not is_ours(portfolio, state.ownership):
        return Diagnostic(
            message=f"the index shows nobody of names.yaml as an owner of {state.name}",
            rule="adopt-others",
            fix="if its owner is one of yours, add the user to account.holders; else it isn't yours to adopt",
        )
    return None


def make_adoption(state: ProjectState, *, target: NormalizedName) -> dict[str, Any]:
    """What the ledger keeps: the name, the package, the latest version and every file with its digest. No user."""
    return {
        "name": state.name,
        "target": target,
        "version": _latest_version([file.filename for file in state.files]),
        "files": [[file.filename, file.sha256] for file in state.files],
        "serial": state.serial,
    }


def _latest_version(filenames: list[str]) -> str:
    """The highest version among the files; 0 if none has one, so that every later version is a higher one."""
    versions: list[Version] = []
    for filename in filenames:
        with suppress(InvalidWheelFilename, InvalidSdistFilename):
            is_wheel = filename.endswith(".whl")
            versions.append(parse_wheel_filename(filename)[1] if is_wheel else parse_sdist_filename(filename)[1])
    return str(max(versions, default="0"))
