"""When a project counts as ours without having been sent by us, and what the ledger then says about it.

refusal = find_refusal(state, portfolio)
if refusal is None:
ledger.append(make_adoption(state, target=package, time=now))
"""

from __future__ import annotations

import datetime as dt

from packaging.utils import NormalizedName

from namehold.errors import Diagnostic
from namehold.index import ProjectState, ProjectStatus, latest_release
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
    elif state.unknown_status:
        rule, text = "adopt-status-unknown", f"{name} can't be judged: {state.unknown_status}"
        fix = "look at its page on the index, or use a newer namehold"
    elif state.ownership is None:
        rule, text = "adopt-not-shown", f"the index doesn't show who owns {name}"
        fix = "a project without a release shows no owner: publish one, or leave it"
    elif not is_under_account_or_holder(state.ownership, portfolio):
        rule, text = "adopt-others", f"the index shows neither the account nor a holder as an owner of {name}"
        fix = "if its owner is one of yours, add the user to account.holders; else it isn't yours to adopt"
    else:
        return None
    return Diagnostic(message=text, rule=rule, fix=fix)


def make_adoption(state: ProjectState, *, target: NormalizedName, time: dt.datetime) -> Adopted:
    """What the ledger keeps: the name, the package, the latest release and every file with its digest. No user.

    The version is 0 if no file has one, so that every later version is a higher one.
    """
    release = latest_release(state.files)
    return Adopted(
        name=state.name,
        target=target,
        version=str(release.version) if release is not None else "0",
        files=tuple((file.filename, file.sha256) for file in state.files),
        serial=state.serial,
        time=time,
    )
