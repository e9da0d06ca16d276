"""Is a target really ours? User name and organization in names.yaml are claims; the index's own record is the proof.

    prove(portfolio, TargetFacts(...)).verdict

The rule, all of which must hold (docs/explanation/ownership.md):

1. the index's `ownership` of the target shows the reserving account, the organization on the index, or a holder;
2. where it doesn't show the reserving account as an Owner, the target declares that account in the one form that there
   is for it (`declaration.py`): a Maintainer may be a guest, and holders and organization are claims of names.yaml;
3. the target is older than 180 days, or its organization on the index holds one that is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from packaging.utils import NormalizedName

from namehold.errors import Diagnostic
from namehold.index import IndexProfile, Ownership, ProjectStatus, is_same_account
from namehold.ownership.declaration import LABEL, PAGES_COUNT_DAYS, WELL_KNOWN, account_address
from namehold.portfolio import Portfolio

#: What stands beside a package that the index was never asked about: it counts as ours until `apply` asks.
NOT_PROVED: Final = "not proved yet"
#: A younger project gives no standing: it could have been made for the sake of the names around it.
MIN_TARGET_AGE_DAYS = 180


class OwnershipVerdict(StrEnum):
    """What is known about a claim. UNPROVABLE: the index can't show it, or shows it only later."""

    PROVED = "proved"
    CONTRADICTED = "contradicted"
    UNPROVABLE = "unprovable"


class OwnershipRule(StrEnum):
    """By which rule a claim stands or falls (stable identifiers)."""

    ACCOUNT_OWNS = "ownership-account"
    DECLARED = "ownership-declared"
    ATTESTED = "ownership-attested"
    NOT_THERE = "ownership-target-missing"
    NOT_SHOWN = "ownership-not-shown"
    QUARANTINED = "ownership-quarantined"
    UNKNOWN_STATUS = "ownership-status-unknown"
    UNREAD = "ownership-unread"
    OTHERS_OWN = "ownership-others"
    UNDECLARED = "ownership-undeclared"
    AGE_UNKNOWN = "ownership-age-unknown"
    TOO_YOUNG = "ownership-too-young"


#: Each rule's verdict, why, and how to fix it.
_RULE_ROWS: Final[Mapping[OwnershipRule, tuple[OwnershipVerdict, str, str]]] = {
    OwnershipRule.ACCOUNT_OWNS: (OwnershipVerdict.PROVED, "the index shows {account!r} as an owner", ""),
    OwnershipRule.DECLARED: (OwnershipVerdict.PROVED, "{how}, and {declared} declares {account!r}", ""),
    OwnershipRule.ATTESTED: (OwnershipVerdict.PROVED, "attested in names.yaml for this private index", ""),
    OwnershipRule.NOT_THERE: (
        OwnershipVerdict.CONTRADICTED,
        "the index has no project {target}",
        "correct the name in names.yaml, or mark the package `published: false`",
    ),
    OwnershipRule.NOT_SHOWN: (
        OwnershipVerdict.UNPROVABLE,
        "the index doesn't show who owns {target}",
        "on a private index set `index.ownership: attested`; on a public one publish a release first",
    ),
    OwnershipRule.QUARANTINED: (
        OwnershipVerdict.UNPROVABLE,
        "the index's administrators have quarantined {target}, and show nothing more of it",
        "read the mail of its owners, and answer the administrators; nothing is published around it meanwhile",
    ),
    OwnershipRule.UNKNOWN_STATUS: (
        OwnershipVerdict.UNPROVABLE,
        "{unknown_status}",
        "look at its page on the index, or use a newer namehold; nothing is published around it meanwhile",
    ),
    OwnershipRule.UNREAD: (
        OwnershipVerdict.UNPROVABLE,
        "the index gives no usable answer about {target}: {obstacle}",
        "{way_on}; nothing is published around it meanwhile",
    ),
    OwnershipRule.OTHERS_OWN: (
        OwnershipVerdict.CONTRADICTED,
        "the index shows neither {account!r} nor another holder in names.yaml as an owner of {target}",
        "correct account.username, account.holders or organization.index_organization; or leave the package out",
    ),
    OwnershipRule.UNDECLARED: (
        OwnershipVerdict.CONTRADICTED,
        "{how}, but {target} doesn't declare that {account!r} reserves names around it",
        (
            f'publish a release with this line under [project.urls]: {LABEL} = "{{address}}"; or, while its latest '
            f"release is younger than {PAGES_COUNT_DAYS} days, write this line as a paragraph of its own into the "
            f"repository's README, or into {WELL_KNOWN} on its home page's host: {LABEL}: {{address}}"
        ),
    ),
    OwnershipRule.AGE_UNKNOWN: (
        OwnershipVerdict.UNPROVABLE,
        "the index doesn't show since when there are releases of {target}",
        "on a private index set `index.ownership: attested`; on a public one publish a release first",
    ),
    OwnershipRule.TOO_YOUNG: (
        OwnershipVerdict.CONTRADICTED,
        f"{{target}} is younger than {MIN_TARGET_AGE_DAYS} days and gives no standing yet{{from_day}}",
        "wait, or move it into your organization on the index, which holds an older project",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFacts:
    """What the index says about one target now.

    `ownership` None: the index shows none. `first_release` None: no file, or no time shown.
    `unknown_status` says of a status marker that isn't known which one it is; empty where it is known.
    `declared` says where the project declares the reserving account; empty where it doesn't, or wasn't looked at.
    `retired` is its status marker if it isn't active (archived, deprecated, quarantined), else empty.
    `obstacle` says why the index's answer about it can't be used, `way_on` what to do; nothing else is known then.
    """

    name: NormalizedName
    exists: bool
    ownership: Ownership | None
    first_release: dt.datetime | None
    serial: int | None = None
    unknown_status: str = ""
    declared: str = ""
    retired: str = ""
    obstacle: str = ""
    way_on: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnershipProof:
    """The verdict on one target, with its rule, a sentence, the fix, and when and at which serial it was looked at.

    `organization` is the one that the index shows as the owner; empty if it shows none.
    `until`: time alone stands against it, and from this day (UTC) on it doesn't any more; None where more does.
    `retired` is the project's status marker if it isn't active, else empty: whose it is doesn't depend on it.
    """

    target: NormalizedName
    verdict: OwnershipVerdict
    rule: OwnershipRule
    text: str
    fix: str
    time: dt.datetime
    serial: int | None = None
    until: dt.date | None = None
    organization: str = ""
    retired: str = ""

    @property
    def is_only_young(self) -> bool:
        """Whether nothing but the package's age stands against the claim: waiting is enough."""
        return self.rule is OwnershipRule.TOO_YOUNG


def prove(
    portfolio: Portfolio, targets: Sequence[TargetFacts], *, now: dt.datetime, profile: IndexProfile
) -> tuple[OwnershipProof, ...]:
    """A proof for each target, in the order given.

    All targets are looked at together, because an organization's older project vouches for its younger ones.
    `attested` in names.yaml counts on indexes that aren't public only.
    """
    attested = not profile.is_public and portfolio.index is not None and portfolio.index.ownership == "attested"
    elder = _organizations_with_elder(targets, now)
    address = account_address(profile, portfolio.account.username)
    return tuple(
        _prove_one(portfolio, facts, now=now, attested=attested, elder=elder, address=address) for facts in targets
    )


def _prove_one(
    portfolio: Portfolio, facts: TargetFacts, *, now: dt.datetime, attested: bool, elder: frozenset[str], address: str
) -> OwnershipProof:
    how = ""
    if facts.obstacle:
        rule = OwnershipRule.UNREAD
    elif not facts.exists:
        rule = OwnershipRule.NOT_THERE
    elif facts.unknown_status:
        rule = OwnershipRule.UNKNOWN_STATUS
    elif attested:
        rule = OwnershipRule.ATTESTED
    elif facts.ownership is None:
        is_quarantined = facts.retired == ProjectStatus.QUARANTINED
        rule = OwnershipRule.QUARANTINED if is_quarantined else OwnershipRule.NOT_SHOWN
    elif not (how := _holder_clause(facts.ownership, portfolio)):
        rule = OwnershipRule.OTHERS_OWN
    elif not _is_old_enough(facts, now) and facts.ownership.organization not in elder:
        rule = OwnershipRule.AGE_UNKNOWN if facts.first_release is None else OwnershipRule.TOO_YOUNG
    elif is_owner(facts.ownership, portfolio.account.username):
        rule = OwnershipRule.ACCOUNT_OWNS
    else:
        rule = OwnershipRule.DECLARED if facts.declared else OwnershipRule.UNDECLARED
    verdict, text, fix = _RULE_ROWS[rule]
    since = facts.first_release if rule is OwnershipRule.TOO_YOUNG else None
    until = _old_enough_on(since) if since is not None else None
    words = {
        "target": facts.name,
        "account": portfolio.account.username,
        "how": how,
        "declared": facts.declared,
        "address": address,
        "unknown_status": facts.unknown_status,
        "obstacle": facts.obstacle,
        "way_on": facts.way_on,
        "from_day": f": from {until} on it does" if until is not None else "",
    }
    return OwnershipProof(
        target=facts.name,
        verdict=verdict,
        rule=rule,
        text=text.format_map(words),
        fix=fix.format_map(words),
        time=now,
        serial=facts.serial,
        until=until,
        organization=(facts.ownership.organization or "") if facts.ownership is not None else "",
        retired=facts.retired,
    )


def refusal_of(proof: OwnershipProof) -> Diagnostic:
    """Why nothing is reserved for a target without proof."""
    return Diagnostic(
        message=f"{proof.target} isn't proved to be yours: {proof.text}", rule=str(proof.rule), fix=proof.fix
    )


def find_proved(proofs: Iterable[OwnershipProof], *, today: dt.date) -> frozenset[NormalizedName]:
    """The packages whose names don't wait, of those that were asked about."""
    proofs = tuple(proofs)
    return frozenset(proof.target for proof in proofs) - find_waiting(proofs, today=today).keys()


def find_waiting(proofs: Iterable[OwnershipProof], *, today: dt.date) -> dict[NormalizedName, OwnershipProof]:
    """The packages whose names wait, each with its last proof: it failed, and the day that it names hasn't come.

    Every command takes its answer from here, whether it asked just now or reads what was kept. A package that was
    never asked about doesn't wait: it is planned, and asked about before the first byte.
    """
    last = {proof.target: proof for proof in proofs}
    return {
        target: proof
        for target, proof in last.items()
        if proof.verdict is not OwnershipVerdict.PROVED and (proof.until is None or today < proof.until)
    }


def why_waiting(proof: OwnershipProof) -> str:
    """Why the names around a package wait, when that was seen, and what ends it, as sentences."""
    return f"{refusal_of(proof).message} (seen on {proof.time:%Y-%m-%d}). To go on: {proof.fix}."


def mark_unasked(target: NormalizedName, asked: Collection[NormalizedName]) -> str:
    """A package as lists of names show it: marked where the index was never asked whose it is."""
    return target if target in asked else f"{target} ({NOT_PROVED})"


def is_owner(shown: Ownership, username: str) -> bool:
    """Whether the index shows this user as an Owner: a Maintainer may publish, and be a guest."""
    return any(username and is_same_account(owner, username) for owner in shown.owners)


def is_under_account_or_holder(shown: Ownership, portfolio: Portfolio) -> bool:
    """Whether the index shows the account, the organization on the index, or a holder of names.yaml.

    Names that were sent from the account count without the holders: `ledger.is_under_account`.
    """
    return bool(_holder_clause(shown, portfolio))


def _holder_clause(shown: Ownership, portfolio: Portfolio) -> str:
    """Which of our users or organizations the index shows as an owner, as a clause; empty if none."""
    organization = portfolio.organization.index_organization
    if shown.has_user(portfolio.account.username):
        role = "an owner" if is_owner(shown, portfolio.account.username) else "a maintainer"
        return f"the index shows the account as {role}"
    if shown.has_organization(organization):
        return f"the index shows the organization {organization!r}"
    if any(map(shown.has_user, portfolio.account.holders)):
        return "the index shows a holder of names.yaml"
    return ""


def _is_old_enough(facts: TargetFacts, now: dt.datetime) -> bool:
    return facts.first_release is not None and now - facts.first_release >= dt.timedelta(days=MIN_TARGET_AGE_DAYS)


def _old_enough_on(first_release: dt.datetime) -> dt.date:
    """The first day (UTC) on the whole of which a target is old enough."""
    return first_release.astimezone(dt.UTC).date() + dt.timedelta(days=MIN_TARGET_AGE_DAYS + 1)


def _organizations_with_elder(targets: Iterable[TargetFacts], now: dt.datetime) -> frozenset[str]:
    """Organizations on the index that hold a target which is old enough."""
    return frozenset(
        facts.ownership.organization
        for facts in targets
        if facts.ownership and facts.ownership.organization and _is_old_enough(facts, now)
    )
