"""Is the account fit to reserve? One line a question: proved, contradicted, or not provable before the first upload.

    checks = examine(AccountFacts(...))

Pure: the edges gather the facts (workflow/doctor.py), this says what they mean and what to do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from namehold.errors import CredentialError, ExitCode, IndexError_, LedgerError
from namehold.index import (
    MAX_CLOCK_SKEW_S,
    SNAPSHOT_MAX_AGE_DAYS,
    HttpIndex,
    IndexProfile,
    LocatedToken,
    SnapshotInfo,
    TokenConditions,
    read_conditions,
)
from namehold.ledger import Holdings, fold_events, read
from namehold.ownership.pages import check_ownership
from namehold.ownership.prove import OwnershipProof, OwnershipRule, Verdict
from namehold.portfolio import Portfolio

#: A token that ends sooner than this is worth a word: a campaign takes weeks.
_EXPIRES_SOON = dt.timedelta(days=30)


class Finding(StrEnum):
    """What is known about one question. RISK: allowed, and better otherwise. UNSEEN: it wasn't looked at."""

    PROVED = "proved"
    CONTRADICTED = "contradicted"
    UNPROVABLE = "not provable before the first upload"
    RISK = "a risk"
    UNSEEN = "not looked at"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """The answer to one question: `rule` is a stable identifier, `fix` what to do where something is to be done."""

    rule: str
    what: str
    finding: Finding
    text: str
    fix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """Everything that a verdict needs. `index_host` is the host that the index's tokens carry.

    `token_place` is empty where there is no token (then `token_problem` says why). `conditions` belong to the token.
    `index_time` None: the index wasn't asked, or didn't answer (`index_problem`); `now` is this machine's time.
    `proofs` None: ownership wasn't looked at. `ledger_problem` tells why the ledger can't be used.
    """

    portfolio: Portfolio
    profile: IndexProfile
    holdings: Holdings
    now: dt.datetime
    index_host: str = ""
    token_place: str = ""
    token_problem: str = ""
    token_fix: str = ""
    conditions: TokenConditions | None = None
    is_offline: bool = False
    index_time: dt.datetime | None = None
    index_problem: str = ""
    proofs: tuple[OwnershipProof, ...] | None = None
    snapshot: SnapshotInfo | None = None
    ledger_problem: str = ""
    ledger_events: int = 0
    free_slots: int | None = None
    next_slot: dt.datetime | None = None


def examine(facts: AccountFacts) -> tuple[Check, ...]:
    """Every question with its answer, in the order in which a person would ask."""
    return (
        *_token(facts),
        *_account(facts),
        *_targets(facts),
        *_index(facts),
        _slots(facts),
        _snapshot(facts),
        _ledger(facts),
    )


def _token(facts: AccountFacts) -> Iterator[Check]:
    what = "where the token comes from"
    if not facts.token_place:
        yield Check(
            rule="token-missing", what=what, finding=Finding.CONTRADICTED, text=facts.token_problem, fix=facts.token_fix
        )
        return
    yield Check(
        rule="token-place",
        what=what,
        finding=Finding.PROVED,
        text=(
            f"from {facts.token_place}; never from an option, which every user of this machine could read. "
            "Trusted publishing can't stand in for it: it serves projects that exist, and can't create names"
        ),
    )
    conditions = facts.conditions
    if conditions is None or not conditions.is_readable:
        yield Check(
            rule="token-opaque", what="what the token may do", finding=Finding.UNPROVABLE,
            text="it is no macaroon: it says nothing of itself and can't be narrowed to one name",
        )  # fmt: skip
        return
    yield _scope(facts, conditions)
    yield _expiry(facts, conditions)


def _scope(facts: AccountFacts, conditions: TokenConditions) -> Check:
    what = "what the token may do"
    if facts.profile.is_public and conditions.domain and conditions.domain != facts.index_host:
        return Check(
            rule="token-index", what=what, finding=Finding.CONTRADICTED,
            text=f"it was made by another index than {facts.profile.nickname}",
            fix=f"make an account token on {facts.profile.nickname}",
        )  # fmt: skip
    if conditions.is_project_scoped:
        return Check(
            rule="token-scope", what=what, finding=Finding.CONTRADICTED,
            text="it is for single projects, so it can't create names, and each try would cost a slot",
            fix="make a token whose scope is the entire account; namehold narrows it for each upload",
        )  # fmt: skip
    more = f" ({conditions.unknown} of an unknown kind, for the index to judge)" if conditions.unknown else ""
    return Check(
        rule="token-scope", what=what, finding=Finding.PROVED,
        text=f"no condition of its own limits it to projects{more}; each upload gets one narrowed to one name",
    )  # fmt: skip


def _expiry(facts: AccountFacts, conditions: TokenConditions) -> Check:
    what, fix = "how long the token holds", "make a new account token on the index"
    now = facts.index_time or facts.now
    if conditions.begins is not None and now < conditions.begins:
        text = f"it holds from {conditions.begins:%Y-%m-%d %H:%M} UTC on only"
        return Check(rule="token-expiry", what=what, finding=Finding.CONTRADICTED, text=text, fix=fix)
    if conditions.expires is None:
        return Check(rule="token-expiry", what=what, finding=Finding.PROVED, text="it has no end of its own")
    text = f"until {conditions.expires:%Y-%m-%d %H:%M} UTC"
    if now >= conditions.expires:
        return Check(rule="token-expiry", what=what, finding=Finding.CONTRADICTED, text=f"it ended: {text}", fix=fix)
    if conditions.expires - now < _EXPIRES_SOON:
        return Check(rule="token-expiry", what=what, finding=Finding.RISK, text=f"it ends soon: {text}", fix=fix)
    return Check(rule="token-expiry", what=what, finding=Finding.PROVED, text=text)


def _account(facts: AccountFacts) -> Iterator[Check]:
    username = facts.portfolio.account.username
    what = "whose the token is"
    is_proved = any(item.action_digest for item in facts.holdings.held)
    if facts.holdings.username and facts.holdings.username != username:
        yield Check(
            rule="account-configured", what=what, finding=Finding.CONTRADICTED,
            text=f"the ledger belongs to {facts.holdings.username}, names.yaml says {username}",
            fix="set account.username back: one organization reserves from one account",
        )  # fmt: skip
    elif is_proved:
        yield Check(
            rule="account-configured", what=what, finding=Finding.PROVED,
            text=f"the index shows what was sent with it under {username}",
        )  # fmt: skip
    else:
        yield Check(
            rule="account-configured", what=what, finding=Finding.UNPROVABLE,
            text=(
                f"a token carries no name; the first reservation is one name, which the index must show under "
                f"{username} before a second is sent"
            ),
        )  # fmt: skip
    what = "two-factor and verified mail"
    if is_proved and facts.profile.is_public:
        text = "the index let the account create a project, which it does with both only"
        yield Check(rule="account-secured", what=what, finding=Finding.PROVED, text=text)
    else:
        yield Check(
            rule="account-secured", what=what, finding=Finding.UNPROVABLE,
            text="the index shows it to nobody, and refuses new projects to accounts without",
            fix="look at the account's page: a second factor, and a verified primary address that is a role mailbox",
        )  # fmt: skip


def _targets(facts: AccountFacts) -> Iterator[Check]:
    if facts.proofs is None:
        published = sum(package.published for package in facts.portfolio.packages)
        yield Check(
            rule="ownership-unseen", what="whose the packages are", finding=Finding.UNSEEN,
            text=f"{_unseen(facts)}: {published} packages", fix="namehold doctor, without --offline",
        )  # fmt: skip
        return
    words = {
        Verdict.PROVED: Finding.PROVED,
        Verdict.CONTRADICTED: Finding.CONTRADICTED,
        Verdict.UNPROVABLE: Finding.CONTRADICTED,
    }
    for proof in facts.proofs:
        # What no index shows stops an apply as a contradiction does.
        yield Check(
            rule=str(proof.rule), what=f"whose {proof.target} is", finding=words[proof.verdict],
            text=proof.text, fix=proof.fix,
        )  # fmt: skip
    own = [proof.target for proof in facts.proofs if proof.rule is OwnershipRule.ACCOUNT_OWNS]
    what = "an account of its own for reservations"
    if own:
        yield Check(
            rule="account-separate", what=what, finding=Finding.RISK,
            text=(
                f"{facts.portfolio.account.username} owns {', '.join(own[:3])}{' and more' if len(own) > 3 else ''}: "  # noqa: PLR2004 -- what fits a line
                "a quarantine of one placeholder would freeze its releases too"
            ),
            fix="reserve from an account that owns no package, name the owner under account.holders, "
            "and name the new account on a page that the packages link to",
        )  # fmt: skip
    elif facts.proofs and all(proof.rule is OwnershipRule.PAGE_NAMES_ACCOUNT for proof in facts.proofs):
        text = "it owns none of the packages: a quarantined placeholder stops no release"
        yield Check(rule="account-separate", what=what, finding=Finding.PROVED, text=text)
    elif facts.proofs:
        # A proof that failed for another reason doesn't tell who the owners are.
        text = "the lines above come first: who owns the packages isn't settled"
        yield Check(rule="account-separate", what=what, finding=Finding.UNPROVABLE, text=text)


def _index(facts: AccountFacts) -> Iterator[Check]:
    what = "the index answers"
    if facts.index_time is None:
        if facts.index_problem:
            yield Check(
                rule="index-reachable", what=what, finding=Finding.CONTRADICTED, text=facts.index_problem,
                fix="look at the network and at the index's addresses",
            )  # fmt: skip
        else:
            yield Check(rule="index-reachable", what=what, finding=Finding.UNSEEN, text=_unseen(facts))
        yield Check(rule="clock-skew", what="the clocks agree", finding=Finding.UNSEEN, text=_unseen(facts))
        return
    yield Check(rule="index-reachable", what=what, finding=Finding.PROVED, text=f"{facts.profile.nickname} answers")
    skew_s = abs((facts.index_time - facts.now).total_seconds())
    is_close = skew_s <= MAX_CLOCK_SKEW_S
    yield Check(
        rule="clock-skew",
        what="the clocks agree",
        finding=Finding.PROVED if is_close else Finding.CONTRADICTED,
        text=f"they differ by {skew_s:.0f} s; up to {MAX_CLOCK_SKEW_S} s a narrowed token's times hold",
        fix="" if is_close else "set this machine's clock",
    )


def _slots(facts: AccountFacts) -> Check:
    what = "slots for new names"
    if facts.free_slots is None:
        return Check(rule="quota", what=what, finding=Finding.PROVED, text="nothing is known to limit them")
    seen = "as the index said last" if facts.holdings.quota else "as the index allows everybody; it hasn't said yet"
    if facts.free_slots:
        return Check(rule="quota", what=what, finding=Finding.PROVED, text=f"{facts.free_slots} free now, {seen}")
    when = f"; the next one at {facts.next_slot:%Y-%m-%d %H:%M} UTC" if facts.next_slot else ""
    return Check(rule="quota", what=what, finding=Finding.PROVED, text=f"none free now{when}, {seen}")


def _snapshot(facts: AccountFacts) -> Check:
    what = "the list of the index's names"
    info, fix = facts.snapshot, "namehold snapshot update"
    if info is None:
        finding = Finding.CONTRADICTED if facts.profile.is_public else Finding.RISK
        return Check(rule="snapshot", what=what, finding=finding, text="there is none", fix=fix)
    today = facts.now.date()
    text = f"{info.count:,} names, {info.age_days(today)} days old"
    if not info.complete:
        text = f"incomplete: what isn't in it may exist ({text})"
    elif not info.is_stale(today):
        return Check(rule="snapshot", what=what, finding=Finding.PROVED, text=text)
    else:
        text = f"{text}; {SNAPSHOT_MAX_AGE_DAYS} are the most"
    finding = Finding.CONTRADICTED if facts.profile.is_public else Finding.RISK
    return Check(rule="snapshot", what=what, finding=finding, text=text, fix=fix)


def _ledger(facts: AccountFacts) -> Check:
    what = "the ledger is whole"
    if facts.ledger_problem:
        return Check(
            rule="ledger", what=what, finding=Finding.CONTRADICTED, text=facts.ledger_problem,
            fix="restore the file from a copy; nothing is sent on the word of a damaged ledger",
        )  # fmt: skip
    if facts.holdings.undecided:
        return Check(
            rule="ledger-undecided", what=what, finding=Finding.CONTRADICTED,
            text=f"it is, but {', '.join(facts.holdings.undecided)} was sent by us and isn't ours on the index",
            fix=f"find out why, then: namehold status --decide {facts.holdings.undecided[0]}='WHAT THEY SAID'",
        )  # fmt: skip
    text = f"{facts.ledger_events} lines, chained without a gap" if facts.ledger_events else "there is none yet"
    return Check(rule="ledger", what=what, finding=Finding.PROVED, text=text)


def _unseen(facts: AccountFacts) -> str:
    if facts.is_offline:
        return "not looked at: offline"
    return f"not looked at: {facts.index_problem}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """All checks; `proofs` are those of a look at the index, None where there was none."""

    index: str
    username: str
    time: dt.datetime
    checks: tuple[Check, ...]
    proofs: tuple[OwnershipProof, ...] | None

    @property
    def exit_code(self) -> ExitCode:
        """11 if anything is contradicted."""
        is_red = any(check.finding is Finding.CONTRADICTED for check in self.checks)
        return ExitCode.FINDINGS if is_red else ExitCode.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What the index said, as far as it was asked and answered."""

    time: dt.datetime | None = None
    problem: str = ""
    proofs: tuple[OwnershipProof, ...] | None = None


def diagnose(
    portfolio: Portfolio,
    *,
    profile: IndexProfile,
    ledger_path: Path,
    snapshot: SnapshotInfo | None,
    find_token: Callable[[], LocatedToken],
    index: HttpIndex | None,
    now: dt.datetime,
) -> Diagnosis:
    """Everything that can be known about the account now; `index` None: nothing is asked over the network.

    What can't be had is a line with its reason, never an error.
    """
    reading, holdings, ledger_problem = _read_ledger(ledger_path)
    seen = _look(portfolio, profile, index, now)
    slots = holdings.slots(quota=profile.quota, budget=portfolio.budget, now=now)
    token, problem, fix = _locate(find_token)
    facts = AccountFacts(
        portfolio=portfolio,
        profile=profile,
        holdings=holdings,
        now=now,
        index_host=urlsplit(profile.simple).hostname or "",
        token_place=token.place if token is not None else "",
        token_problem=problem,
        token_fix=fix,
        conditions=read_conditions(token.token) if token is not None else None,
        is_offline=index is None,
        index_time=seen.time,
        index_problem=seen.problem,
        proofs=seen.proofs,
        snapshot=snapshot,
        ledger_problem=ledger_problem,
        ledger_events=reading,
        free_slots=slots.free,
        next_slot=slots.next_slot,
    )
    return Diagnosis(
        index=profile.nickname,
        username=portfolio.account.username,
        time=now,
        checks=examine(facts),
        proofs=seen.proofs,
    )


def _read_ledger(path: Path) -> tuple[int, Holdings, str]:
    """(lines, what they fold to, why they can't be used)."""
    try:
        events = read(path).events
        return len(events), fold_events(events), ""
    except LedgerError as error:
        return 0, Holdings(), error.message


def _locate(find_token: Callable[[], LocatedToken]) -> tuple[LocatedToken | None, str, str]:
    try:
        return find_token(), "", ""
    except CredentialError as error:
        return None, error.message, error.hint


def _look(portfolio: Portfolio, profile: IndexProfile, index: HttpIndex | None, now: dt.datetime) -> _Seen:
    if index is None:
        return _Seen()
    try:
        time = index.now()
    except IndexError_ as error:
        return _Seen(problem=error.message)
    targets = [package.name for package in portfolio.packages if package.published]
    try:
        proofs = check_ownership(portfolio, targets, index=index, web=index, profile=profile, now=now)
    except IndexError_ as error:
        return _Seen(time=time, problem=error.message)
    return _Seen(time=time, proofs=proofs)
