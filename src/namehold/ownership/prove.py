"""Is a target really ours? Username and organization in names.yaml are claims; the index's own record is the proof.

    prove(portfolio, TargetFacts(...)).verdict

The rule, all of which must hold (docs/explanation/ownership.md):

1. the index's `ownership` of the target shows the reserving account, the organization on the index, or a holder;
2. where that isn't the reserving account itself, a page that the target's own latest metadata links to says that it is
   an account;
3. the target is older than 180 days, or its organization on the index holds one that is.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from packaging.utils import NormalizedName

from namehold.errors import Diagnostic
from namehold.index import IndexProfile, Ownership
from namehold.portfolio import Portfolio

#: A younger project gives no standing: whoever wants a name could make a project for it first.
MIN_TARGET_AGE_DAYS = 180


class Verdict(StrEnum):
    """What is known about a claim. UNPROVABLE: the index can't show it, or shows it only later."""

    PROVED = "proved"
    CONTRADICTED = "contradicted"
    UNPROVABLE = "unprovable"


class OwnershipRule(StrEnum):
    """By which rule a claim stands or falls (stable identifiers)."""

    ACCOUNT_OWNS = "ownership-account"
    PAGE_NAMES_ACCOUNT = "ownership-page"
    ATTESTED = "ownership-attested"
    NOT_THERE = "ownership-target-missing"
    NOT_SHOWN = "ownership-not-shown"
    UNKNOWN_STATUS = "ownership-status-unknown"
    OTHERS_OWN = "ownership-others"
    NO_PAGE = "ownership-no-page"
    TOO_YOUNG = "ownership-too-young"


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFacts:
    """What the index says about one target now.

    `ownership` None: the index shows none. `first_release` None: no file, or no time shown.
    `unknown_status` says of a status marker that isn't known which one it is; empty where it is known.
    `pages` are the texts of pages that the latest metadata links to, by address; none on which strangers write.
    """

    name: NormalizedName
    exists: bool
    ownership: Ownership | None
    first_release: dt.datetime | None
    serial: int | None = None
    unknown_status: str = ""
    pages: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnershipProof:
    """The verdict on one target, with its rule, a sentence, the fix, and when and at which serial it was looked at."""

    target: NormalizedName
    verdict: Verdict
    rule: OwnershipRule
    text: str
    fix: str
    time: dt.datetime
    serial: int | None = None


def prove(
    portfolio: Portfolio, targets: Sequence[TargetFacts], *, now: dt.datetime, profile: IndexProfile
) -> tuple[OwnershipProof, ...]:
    """A proof for each target, in the order given.

    All targets are looked at together, because an organization's older project vouches for its younger ones.
    `attested` in names.yaml counts on indexes that aren't public only.
    """
    attested = not profile.is_public and portfolio.index is not None and portfolio.index.ownership == "attested"
    elder = _organizations_with_elder(targets, now)
    host = index_host(profile)
    return tuple(_prove_one(portfolio, facts, now=now, attested=attested, elder=elder, host=host) for facts in targets)


def _prove_one(
    portfolio: Portfolio, facts: TargetFacts, *, now: dt.datetime, attested: bool, elder: frozenset[str], host: str
) -> OwnershipProof:
    account = portfolio.account.username

    def proof(verdict: Verdict, rule: OwnershipRule, text: str, fix: str = "") -> OwnershipProof:
        return OwnershipProof(
            target=facts.name, verdict=verdict, rule=rule, text=text, fix=fix, time=now, serial=facts.serial
        )

    unjudged = _find_unjudged(facts, proof)
    if unjudged is not None:
        return unjudged
    if attested:
        return proof(Verdict.PROVED, OwnershipRule.ATTESTED, "attested in names.yaml for this private index")
    if facts.ownership is None:
        return proof(
            Verdict.UNPROVABLE, OwnershipRule.NOT_SHOWN, f"the index doesn't show who owns {facts.name}",
            "on a private index set `index.ownership: attested`; on a public one publish a release first",
        )  # fmt: skip
    how = _standing(portfolio, facts.ownership)
    if how is None:
        return proof(
            Verdict.CONTRADICTED, OwnershipRule.OTHERS_OWN,
            f"the index shows neither {account!r} nor another holder in names.yaml as an owner of {facts.name}",
            "correct account.username, account.holders or organization.index_organization; or leave the package out",
        )  # fmt: skip
    if not _is_old_enough(facts, now) and facts.ownership.organization not in elder:
        return proof(
            Verdict.CONTRADICTED, OwnershipRule.TOO_YOUNG,
            f"{facts.name} is younger than {MIN_TARGET_AGE_DAYS} days and gives no standing yet",
            "wait, or move it into your organization on the index, which holds an older project",
        )  # fmt: skip
    if account in facts.ownership.users:
        return proof(Verdict.PROVED, OwnershipRule.ACCOUNT_OWNS, f"the index shows {account!r} as an owner")
    pages = facts.pages or {}
    page = next((address for address, text in pages.items() if declares_account(text, account, host=host)), None)
    if page is None:
        return proof(
            Verdict.CONTRADICTED, OwnershipRule.NO_PAGE,
            f"{how}, but no page that {facts.name}'s latest metadata links to names the account {account!r}",
            "write on a linked page of your own (no issue tracker, forum or wiki) or in the repository's README: "
            f"'Names are reserved by the account {account}.'",
        )  # fmt: skip
    return proof(Verdict.PROVED, OwnershipRule.PAGE_NAMES_ACCOUNT, f"{how}, and {page} names {account!r}")


def _find_unjudged(facts: TargetFacts, proof: Callable[..., OwnershipProof]) -> OwnershipProof | None:
    """The proof for a target that isn't there, or whose status marker isn't known: its owners don't matter."""
    if not facts.exists:
        return proof(
            Verdict.CONTRADICTED, OwnershipRule.NOT_THERE, f"the index has no project {facts.name}",
            "correct the name in names.yaml, or mark the package `published: false`",
        )  # fmt: skip
    if facts.unknown_status:
        return proof(
            Verdict.UNPROVABLE, OwnershipRule.UNKNOWN_STATUS, facts.unknown_status,
            "look at its page on the index, or use a newer namehold; nothing is published around it meanwhile",
        )  # fmt: skip
    return None


def refusal_of(proof: OwnershipProof) -> Diagnostic:
    """Why nothing is reserved for a target without proof."""
    return Diagnostic(
        message=f"{proof.target} isn't proved to be yours: {proof.text}", rule=str(proof.rule), fix=proof.fix
    )


def find_contradicted(targets: Iterable[NormalizedName], proofs: Iterable[OwnershipProof]) -> tuple[Diagnostic, ...]:
    """The refusals of those targets that the index showed not to be ours when it was asked last."""
    last = {proof.target: proof for proof in proofs}
    found = [last[target] for target in dict.fromkeys(targets) if target in last]
    return tuple(
        dataclasses.replace(refusal, fix=f"{refusal.fix}; then: namehold doctor")
        for refusal in (refusal_of(proof) for proof in found if proof.verdict is Verdict.CONTRADICTED)
    )


def declares_account(text: str, account: str, *, host: str) -> bool:
    """Whether a page says of `account` that it is an account on the index: the words 'account NAME', or a link to it.

    A link is one to `host` (`index_host`): under the same name somebody else may be a user anywhere else.
    A mention proves nothing: a user name may be an ordinary word, and a page may thank whoever wrote to it.
    """
    if not account:
        return False
    word = re.escape(account)
    quote = r"(?:<[^<>]{1,40}>|[\s'\"`*:\u2018\u201c]){1,4}"
    link = rf"//{re.escape(host)}/(?:user|org)/{word}(?![\w.-])"
    return re.search(rf"{link}|\baccount{quote}{word}(?![\w-]|\.\w)", text, re.IGNORECASE) is not None


def index_host(profile: IndexProfile) -> str:
    """The host (with its port, where it has one) of the index's own pages, users' among them."""
    return urlsplit(profile.simple).netloc


def is_ours(portfolio: Portfolio, shown: Ownership) -> bool:
    """Whether the index shows the account, the organization on the index, or a holder of names.yaml."""
    return _standing(portfolio, shown) is not None


def _standing(portfolio: Portfolio, shown: Ownership) -> str | None:
    """By whom of ours the index shows the target to be owned, as a clause; None if by nobody of ours."""
    organization = portfolio.organization.index_organization
    if portfolio.account.username in shown.users:
        return "the index shows the account as an owner"
    if organization and shown.organization == organization:
        return f"the index shows the organization {organization!r}"
    if shown.users.intersection(portfolio.account.holders):
        return "the index shows a holder of names.yaml as an owner"
    return None


def _is_old_enough(facts: TargetFacts, now: dt.datetime) -> bool:
    return facts.first_release is not None and now - facts.first_release >= dt.timedelta(days=MIN_TARGET_AGE_DAYS)


def _organizations_with_elder(targets: Iterable[TargetFacts], now: dt.datetime) -> frozenset[str]:
    """Organizations on the index that hold a target which is old enough."""
    return frozenset(
        facts.ownership.organization
        for facts in targets
        if facts.ownership and facts.ownership.organization and _is_old_enough(facts, now)
    )
