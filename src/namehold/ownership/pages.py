"""Asks the index who owns each target, and looks for its declaration where the index alone doesn't prove it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from packaging.utils import NormalizedName

from namehold.documents import digest
from namehold.errors import IndexError_
from namehold.index import (
    IndexProfile,
    IndexReader,
    ProjectState,
    ProjectStatus,
    WebReader,
    ask_each,
    first_upload,
    is_loopback,
    latest_release,
)
from namehold.ownership.declaration import (
    LABEL,
    PAGES_COUNT_DAYS,
    README_FILES,
    account_address,
    home_pages,
    is_label_of,
    is_line_of,
    is_paragraph_of,
    readmes,
)
from namehold.ownership.prove import OwnershipProof, OwnershipRule, TargetFacts, is_owner, prove
from namehold.portfolio import Portfolio

#: A file with one line and a README need no megabytes, and a project has a home page and a repository.
_MAX_PAGE_BYTES = 200_000
_MAX_HOMES, _MAX_REPOSITORIES = 2, 2
_HTTPS_PORT: Final = 443
#: A name of several parts, the last of which is no number: every other form is an IP address or a machine nearby.
_PUBLIC_HOST: Final = re.compile(r"(?:[a-z0-9_-]+\.)+(?P<top>[a-z][a-z0-9-]*)\.?")
#: Last parts that lead nowhere but into one's own network (RFC 6761, 6762 and 8375; ICANN keeps the others free).
_PRIVATE_DOMAINS: Final = frozenset({"arpa", "corp", "home", "internal", "lan", "local", "localdomain", "localhost"})


#: The version of the rules of proof; a higher one makes every kept proof void.
PROOF_RULES: Final = 2

#: Of any other marker people are told not to begin with the project; an unknown one says nothing.
_LIVING: Final = frozenset({ProjectStatus.ACTIVE, ProjectStatus.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnershipRecord:
    """The last proofs of all targets on one index, kept for commands that work offline.

    `claims` is a digest of what names.yaml claimed at that time, and `rules` the version of the rules of proof; under
    other claims or rules the proofs say nothing.
    """

    index: str
    claims: str
    time: dt.datetime
    proofs: tuple[OwnershipProof, ...]
    # What was kept before the rules had a version was proved by the first ones.
    rules: int = 1

    def is_about(self, portfolio: Portfolio) -> bool:
        """Whether these proofs are of this index and of what names.yaml claims now, by today's rules."""
        asked = (self.index, self.claims, self.rules)
        return asked == (portfolio.account.index, claims_of(portfolio), PROOF_RULES)


def claims_of(portfolio: Portfolio) -> str:
    """A digest of everything in names.yaml that a proof depends on."""
    attested = portfolio.index.ownership if portfolio.index is not None else ""
    return digest((portfolio.account, portfolio.organization.index_organization, attested))


def record_proofs(
    portfolio: Portfolio, proofs: Sequence[OwnershipProof], *, last: OwnershipRecord | None, now: dt.datetime
) -> OwnershipRecord:
    """The record with these proofs, and those of `last` that are of other targets and still say something.

    That a page couldn't be read says nothing of its owner, and isn't kept.
    """
    kept_proofs = last.proofs if last is not None and last.is_about(portfolio) else ()
    told = [proof for proof in proofs if proof.rule is not OwnershipRule.UNREAD]
    merged = {proof.target: proof for proof in (*kept_proofs, *told)}
    listed = {package.name for package in portfolio.packages} | {proof.target for proof in told}
    kept = tuple(merged[target] for target in sorted(merged) if target in listed)
    return OwnershipRecord(
        index=portfolio.account.index, claims=claims_of(portfolio), time=now, proofs=kept, rules=PROOF_RULES
    )


def check_ownership(
    portfolio: Portfolio,
    targets: Iterable[NormalizedName],
    *,
    index: IndexReader,
    web: WebReader,
    profile: IndexProfile,
    now: dt.datetime,
    has_answered: bool = False,
) -> tuple[OwnershipProof, ...]:
    """A proof for each target, sorted by name; none while names.yaml names no account: nothing can be proved of it.

    Raises IndexError_ where the index can't be read (see `ask_each`, also for `has_answered`); one whose page alone
    can't be is one without proof.
    """
    if not portfolio.account.username:
        return ()

    def look(name: NormalizedName) -> TargetFacts:
        return find_facts(index.project(name), portfolio=portfolio, web=web, profile=profile, now=now)

    facts = [*ask_each(sorted(set(targets)), look, leave_out=_unread, has_answered=has_answered)]
    return prove(portfolio, facts, now=now, profile=profile)


def _unread(name: NormalizedName, error: IndexError_) -> TargetFacts:
    way_on = error.fix or "call again later"
    return TargetFacts(
        name=name, exists=False, ownership=None, first_release=None, obstacle=error.message, way_on=way_on
    )


def find_facts(
    state: ProjectState, *, portfolio: Portfolio, web: WebReader, profile: IndexProfile, now: dt.datetime
) -> TargetFacts:
    """What decides whose a project is; its declaration is looked for only where its index record doesn't do."""
    account = portfolio.account.username
    is_unclear = state.ownership is not None and not is_owner(state.ownership, account)
    addresses = (account_address(profile, account),)
    return TargetFacts(
        name=state.name,
        exists=state.exists,
        ownership=state.ownership,
        first_release=first_upload(state),
        serial=state.serial,
        unknown_status=state.unknown_status,
        retired=str(state.status) if state.exists and state.status not in _LIVING else "",
        declared=(find_declaration(state, addresses, web=web, profile=profile, now=now) if is_unclear else None) or "",
    )


def find_declaration(
    state: ProjectState, addresses: Collection[str], *, web: WebReader, profile: IndexProfile, now: dt.datetime
) -> str | None:
    """Where the project declares one of these accounts (`account_address`), as a phrase; empty if it doesn't.

    None: its metadata don't, and its pages count no longer, because its latest release is too old.
    The project's publisher chooses the links, so none of them may lead to this machine or into its network.
    """
    if is_label_of(state.project_urls, addresses):
        return f"the link {LABEL} in its metadata"
    if not _has_young_release(state, now):
        return None
    links = [item for item in state.project_urls if _is_safe_to_ask(item[1], profile)]
    for page in home_pages(links)[:_MAX_HOMES]:
        if is_line_of(_read(page, web, only_plain=True), addresses):
            return page
    for place in readmes(links)[:_MAX_REPOSITORIES]:
        for file in README_FILES:
            address = place.replace("{file}", file)
            if text := _read(address, web):
                if is_paragraph_of(text, file, addresses):
                    return address
                break
    return ""


def _has_young_release(state: ProjectState, now: dt.datetime) -> bool:
    """Whether the release whose links the index shows is young enough for the linked pages to count."""
    release = latest_release(state.files)
    times = [file.uploaded for file in release.files if file.uploaded] if release is not None else []
    return bool(times) and now - max(times) < dt.timedelta(days=PAGES_COUNT_DAYS)


def _read(address: str, web: WebReader, *, only_plain: bool = False) -> str:
    """The text at this very address; empty where there is none: what can't be read proves nothing.

    `only_plain`: an HTML page counts for nothing, because it may be one on which strangers write.
    """
    try:
        answer = web.get(address, accept="text/plain, */*;q=0.1", max_bytes=_MAX_PAGE_BYTES, outside=True)
    except IndexError_:
        return ""
    is_there = answer.status == HTTPStatus.OK and answer.url == address
    if not is_there or (only_plain and answer.media_type != "text/plain"):
        return ""
    return answer.content.decode("utf-8", "replace")


def _is_safe_to_ask(address: str, profile: IndexProfile) -> bool:
    """Whether an address is encrypted and leads to a public name; on a rehearsal's index, to this machine, too.

    Anybody on the way could write into an unencrypted page, and on another port another user's program may answer.
    """
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        # An address that is none leads nowhere.
        return False
    host = _PUBLIC_HOST.fullmatch(parts.hostname or "")
    is_named = host is not None and host["top"] not in _PRIVATE_DOMAINS
    is_public = parts.scheme == "https" and is_named and "@" not in parts.netloc and port in {None, _HTTPS_PORT}
    return is_public or (profile.is_loopback and is_loopback(address))
