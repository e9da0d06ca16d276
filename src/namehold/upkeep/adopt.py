"""When a project counts as ours without having been sent by us, and what the ledger then says about it.

refusal = find_refusal(state, portfolio)
if refusal is None:
ledger.append(make_adoption(state, target=package, time=now))
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from contextlib import suppress

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
from namehold.ledger import Adopted
from namehold.ownership import is_under_account_or_holder
from namehold.portfolio import Portfolio


def find_refusal(state: ProjectState, portfolio: Portfolio) -> Diagnostic | None:
    """Why the project can't be adopted; None if the index shows it as ours."""
    name = state.name
    if not state.exists:
        rule, text, fix = "adopt-missing", f"the index has no project {name}", "namehold plan: it may be reserved"
    elif state.status is ProjectStatus.QUARANTINED:
        rule, text = "adopt-quarantined", f"the index's administrators have quarantined {name}"
        fix = "ask them first"
    elif state.ownership is None:
        rule, text = "adopt-not-shown", f"the index doesn't show who owns {name}"
        fix = "a project without a release shows no owner: publish one, or leave it"
    elif not is_under_account_or_holder(state.ownership, portfolio):
        rule, text = "adopt-others", f"the index shows nobody of names.yaml as an owner of {name}"
        fix = "if its owner is one of yours, add the user to account.holders; else it isn't yours to adopt"
    else:
        return None
    return Diagnostic(message=text, rule=rule, fix=fix)


def make_adoption(state: ProjectState, *, target: NormalizedName, time: dt.datetime) -> Adopted:
    """What the ledger keeps: the name, the package, the latest release and every file with its digest. No user."""
    return Adopted(
        name=state.name,
        target=target,
        version=_latest_release(file.filename for file in state.files),
        files=tuple((file.filename, file.sha256) for file in state.files),
        serial=state.serial,
        time=time,
    )


def _latest_release(filenames: Iterable[str]) -> str:
    """The highest final version among the files, else the highest; 0 if there is none, below every later version."""
    versions: list[Version] = []
    for filename in filenames:
        with suppress(InvalidWheelFilename, InvalidSdistFilename):
            is_wheel = filename.endswith(".whl")
            versions.append(parse_wheel_filename(filename)[1] if is_wheel else parse_sdist_filename(filename)[1])
    return str(max([item for item in versions if not item.is_prerelease] or versions, default="0"))
