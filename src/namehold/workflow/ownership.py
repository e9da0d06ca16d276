"""Asks the index who owns each target, and the linked pages where the index alone doesn't prove it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from packaging.utils import NormalizedName

from namehold.digests import digest
from namehold.errors import IndexError_
from namehold.models import IndexProfile, Portfolio, ProjectState
from namehold.ownership import OwnershipProof, TargetFacts, prove
from namehold.ports import IndexReader, WebReader
from namehold.profiles import is_loopback

#: A page that names the account needs no megabytes, and a project links to a handful of pages.
_MAX_PAGE_BYTES = 2_000_000
_MAX_PAGES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnershipRecord:
    """The last proofs of all targets on one index, kept for commands that work offline.

    `claims` is a digest of what names.yaml claimed at that time; under other claims the proofs say nothing.
    """

    index: str
    claims: str
    time: dt.datetime
    proofs: tuple[OwnershipProof, ...]


def claims_of(portfolio: Portfolio) -> str:
    """A digest of everything in names.yaml that a proof depends on."""
    attested = portfolio.index.ownership if portfolio.index is not None else ""
    return digest((portfolio.account, portfolio.organization.index_organization, attested))


def record_proofs(
    portfolio: Portfolio, proofs: Sequence[OwnershipProof], *, last: OwnershipRecord | None, now: dt.datetime
) -> OwnershipRecord:
    """The record with these proofs, and those of `last` that are of other targets and still say something."""
    claims = claims_of(portfolio)
    is_same = last is not None and (last.index, last.claims) == (portfolio.account.index, claims)
    merged = {proof.target: proof for proof in (*(last.proofs if last is not None and is_same else ()), *proofs)}
    listed = {package.name for package in portfolio.packages} | {proof.target for proof in proofs}
    kept = tuple(merged[target] for target in sorted(merged) if target in listed)
    return OwnershipRecord(index=portfolio.account.index, claims=claims, time=now, proofs=kept)


def check_ownership(
    portfolio: Portfolio,
    targets: Iterable[NormalizedName],
    *,
    index: IndexReader,
    web: WebReader,
    profile: IndexProfile,
    now: dt.datetime,
) -> tuple[OwnershipProof, ...]:
    """A proof for each target, sorted by name. Raises IndexError_ where the index can't be read."""
    facts = [_facts(portfolio, index.project(name), web) for name in sorted(set(targets))]
    return prove(portfolio, facts, now=now, is_public=profile.is_public)


def _facts(portfolio: Portfolio, state: ProjectState, web: WebReader) -> TargetFacts:
    times = [file.uploaded for file in state.files if file.uploaded]
    owns_itself = state.ownership is not None and portfolio.account.username in state.ownership.users
    return TargetFacts(
        name=state.name,
        exists=state.exists,
        ownership=state.ownership,
        first_release=min(times, default=None),
        serial=state.serial,
        # Pages are read only where they are needed: where the account isn't itself an owner.
        pages={} if owns_itself else read_pages(state, web),
    )


def read_pages(state: ProjectState, web: WebReader) -> dict[str, str]:
    """The texts of the pages that the latest metadata links to, as far as they can be read."""
    pages: dict[str, str] = {}
    for _, address in state.project_urls[:_MAX_PAGES]:
        try:
            is_private = urlsplit(address).scheme == "https" or is_loopback(address)
        except ValueError:
            # An address that is none leads nowhere.
            continue
        if not is_private:
            # Anybody on the way could write the account's name into an unencrypted page.
            continue
        try:
            answer = web.get(address, accept="text/html, text/plain, */*;q=0.1", max_bytes=_MAX_PAGE_BYTES)
        except IndexError_:
            # A page that can't be read proves nothing; the verdict says what is missing.
            continue
        if answer.status == HTTPStatus.OK:
            pages[address] = answer.content.decode("utf-8", "replace")
    return pages
