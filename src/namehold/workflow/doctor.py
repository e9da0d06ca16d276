"""Gathers what `account.examine` judges: the token's own words, the index, the targets' owners, the files at hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from namehold import ledger, pacing
from namehold.account import AccountFacts, Check, Finding, examine
from namehold.credentials import LocatedToken, read_conditions
from namehold.errors import CredentialError, ExitCode, IndexError_, LedgerError
from namehold.index import HttpIndex
from namehold.models import Holdings, IndexProfile, Portfolio, SnapshotInfo
from namehold.ownership import OwnershipProof
from namehold.workflow.ownership import check_ownership


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
    slots = pacing.slots(
        holdings.slot_times,
        quota=holdings.quota or profile.quota,
        budget=portfolio.budget,
        closed=holdings.closed_until,
        now=now,
    )
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
        events = ledger.read(path).events
        return len(events), ledger.fold(events), ""
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
