"""When a project counts as ours without having been sent by us, and what the ledger then says about it.

refusal = find_refusal(found, portfolio)
if refusal is None:
    ledger.append(make_adoption(found.state, target=package, time=now))
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from packaging.utils import NormalizedName

from namehold.errors import Diagnostic
from namehold.index import (
    IndexProfile,
    IndexReader,
    Ownership,
    ProjectState,
    ProjectStatus,
    WebReader,
    first_upload,
    latest_release,
)
from namehold.ledger import Adopted
from namehold.ownership import (
    OwnershipProof,
    OwnershipVerdict,
    check_ownership,
    find_facts,
    is_owner,
    is_under_account_or_holder,
    refusal_of,
)
from namehold.portfolio import Portfolio


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoptee:
    """What the index shows of a project and of the package that it is to be held for.

    `proof` is of the package; `declared` says where the project itself declares the reserving account, or is empty.
    """

    state: ProjectState
    target: ProjectState
    proof: OwnershipProof
    declared: str = ""


def look_at(
    name: NormalizedName,
    target: NormalizedName,
    *,
    portfolio: Portfolio,
    index: IndexReader,
    web: WebReader,
    profile: IndexProfile,
    now: dt.datetime,
    proof: OwnershipProof | None = None,
) -> Adoptee:
    """Asks the index about both projects; `proof` is the target's, if it was asked for already. Raises IndexError_."""
    state = index.project(name)
    if proof is None:
        (proof,) = check_ownership(portfolio, (target,), index=index, web=web, profile=profile, now=now)
    return Adoptee(
        state=state,
        target=index.project(target),
        proof=proof,
        declared=find_facts(state, portfolio=portfolio, web=web, profile=profile, now=now).declared,
    )


def find_refusal(found: Adoptee, portfolio: Portfolio) -> Diagnostic | None:
    """Why the project can't be adopted; None if the index shows it as ours, by more than a word of names.yaml."""
    state = found.state
    name = state.name
    obstacle = find_obstacle(state, portfolio)
    if obstacle is not None:
        return obstacle
    if found.proof.verdict is not OwnershipVerdict.PROVED:
        return refusal_of(found.proof)
    if state.ownership is None or _is_proved(state.ownership, found.target.ownership, portfolio) or found.declared:
        return None
    return Diagnostic(
        message=f"nothing but names.yaml says that the owner of {name} is one of yours",
        rule="adopt-unproved",
        fix=f"let its owner make {portfolio.account.username} an Owner, or an owner of {found.proof.target}; "
        "or let it declare the account, as namehold doctor says",
    )


def find_obstacle(state: ProjectState, portfolio: Portfolio) -> Diagnostic | None:
    """Why the project can't be adopted for any package; None if the index shows one of our accounts as its owner.

    That alone is no proof: see `find_refusal`.
    """
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
        fix = "if it is yours, let its owner add the account on the index; else it isn't yours to adopt"
    else:
        return None
    return Diagnostic(message=text, rule=rule, fix=fix)


def _is_proved(shown: Ownership, target: Ownership | None, portfolio: Portfolio) -> bool:
    """Whether the account owns it, or one who owns the package, which is proved to be ours."""
    if is_owner(shown, portfolio.account.username):
        return True
    if target is None:
        return False
    owners = [role.user for role in shown.roles if is_owner(shown, role.user)]
    return any(is_owner(target, user) for user in owners) or shown.has_organization(target.organization or "")


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
        uploaded=min(uploaded, time) if (uploaded := first_upload(state)) is not None else None,
    )
