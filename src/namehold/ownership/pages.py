"""Asks the index who owns each target, and the linked pages where the index alone doesn't prove it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from packaging.utils import NormalizedName

from namehold.documents import digest
from namehold.errors import IndexError_
from namehold.index import IndexProfile, IndexReader, ProjectState, WebReader, is_loopback
from namehold.ownership.prove import OwnershipProof, TargetFacts, prove
from namehold.portfolio import Portfolio

#: A page that names the account needs no megabytes, and a project links to a handful of pages.
_MAX_PAGE_BYTES = 2_000_000
_MAX_PAGES = 6
#: Pages on which strangers can write prove nothing about who keeps the project.
_OPEN_TO_STRANGERS: Final = re.compile(
    r"issue|tracker|discuss|forum|chat|wiki|communit|mailing|\bbugs?\b|pull|comment|question", re.IGNORECASE
)
#: A name of several parts, the last of which is no number: every other form is an IP address or a machine nearby.
_PUBLIC_HOST: Final = re.compile(r"(?:[a-z0-9_-]+\.)+(?P<top>[a-z][a-z0-9-]*)\.?")
#: Last parts that lead nowhere but into one's own network (RFC 6761, 6762 and 8375; ICANN keeps the others free).
_PRIVATE_DOMAINS: Final = frozenset({"arpa", "corp", "home", "internal", "lan", "local", "localdomain", "localhost"})


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
    facts = [_facts(portfolio, index.project(name), web=web, profile=profile) for name in sorted(set(targets))]
    return prove(portfolio, facts, now=now, profile=profile)


def _facts(portfolio: Portfolio, state: ProjectState, *, web: WebReader, profile: IndexProfile) -> TargetFacts:
    times = [file.uploaded for file in state.files if file.uploaded]
    owns_itself = state.ownership is not None and state.ownership.has_user(portfolio.account.username)
    return TargetFacts(
        name=state.name,
        exists=state.exists,
        ownership=state.ownership,
        first_release=min(times, default=None),
        serial=state.serial,
        unknown_status=state.unknown_status,
        # Pages are read only where they are needed: where the account isn't itself an owner.
        pages={} if owns_itself else read_pages(state, web=web, profile=profile),
    )


def read_pages(state: ProjectState, *, web: WebReader, profile: IndexProfile) -> dict[str, str]:
    """The texts of the pages that the latest metadata links to and its maintainers alone write, as far as readable.

    Whoever publishes the project chooses the addresses, so none of them may lead to this machine or into its network.
    """
    pages: dict[str, str] = {}
    allowed = [
        address
        for label, address in state.project_urls
        if _is_safe_to_ask(address, profile) and not _is_open_to_strangers(state.name, label, address)
    ]
    for address in allowed[:_MAX_PAGES]:
        try:
            answer = web.get(
                address, accept="text/html, text/plain, */*;q=0.1", max_bytes=_MAX_PAGE_BYTES, outside=True
            )
        except IndexError_:
            # A page that can't be read proves nothing; the verdict says what is missing.
            continue
        if answer.status == HTTPStatus.OK:
            pages[address] = answer.content.decode("utf-8", "replace")
    return pages


def _is_safe_to_ask(address: str, profile: IndexProfile) -> bool:
    """Whether an address is encrypted and leads to a public name; on a rehearsal's index, to this machine, too.

    Anybody on the way could write the account's name into an unencrypted page.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        # An address that is none leads nowhere.
        return False
    host = _PUBLIC_HOST.fullmatch(parts.hostname or "")
    is_public = parts.scheme == "https" and host is not None and host["top"] not in _PRIVATE_DOMAINS
    return is_public or (profile.is_loopback and is_loopback(address))


def _is_open_to_strangers(name: NormalizedName, label: str, address: str) -> bool:
    """Whether a page is one on which strangers write, by its label, its host without the last part, and its path.

    The project's own name in them says nothing: `code.example/acme/acme-wiki` is a repository like any other.
    """
    parts = urlsplit(address)
    own = re.compile(rf"(?<![\w-]){name.replace('-', '[-_.]')}(?![\w-])", re.IGNORECASE)
    host = (parts.hostname or "").rpartition(".")[0]
    places = (label, own.sub("", host, count=1), own.sub("", parts.path, count=1))
    return any(_OPEN_TO_STRANGERS.search(place) for place in places)
