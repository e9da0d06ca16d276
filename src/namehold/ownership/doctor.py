"""Is the account fit to reserve? One check a question: proved, missing, contradicted, or not provable yet.

    found = diagnose(portfolio, profile=profile, ledger_path=path, snapshot=info, find_token=find, index=index, now=now)
    found.exit_code, found.checks

`diagnose` gathers the facts at the edges; `examine` is pure and says what they mean and what to do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from packaging.utils import NormalizedName

from namehold.errors import CredentialError, ExitCode, IndexError_, LedgerError, NoToken
from namehold.files import Place
from namehold.index import (
    MAX_CLOCK_SKEW_S,
    SNAPSHOT_MAX_AGE_DAYS,
    IndexProfile,
    SnapshotInfo,
    TokenConditions,
    is_same_account,
)
from namehold.index.access import DIRECT, ClientPolicy, HttpIndex, LocatedToken, is_of_another_index, read_conditions
from namehold.ledger import Holdings, fold_events, read
from namehold.ownership.declaration import declaration_of
from namehold.ownership.pages import check_ownership
from namehold.ownership.prove import OwnershipProof, OwnershipRule, OwnershipVerdict
from namehold.portfolio import Portfolio
from namehold.text import count, duration

#: A token that ends sooner than this is a risk: a campaign takes weeks.
_EXPIRES_SOON = dt.timedelta(days=30)
#: A name to ask an index for where there is no package of one's own: it tells nothing of the organization.
_ANY_PROJECT: Final = NormalizedName("namehold")
#: How many packages fit into a line.
_MAX_LISTED = 3


class DoctorFinding(StrEnum):
    """What is known about one question.

    MISSING: what it asks for isn't there. RISK: allowed, but not the best choice. UNSEEN: it wasn't looked at.
    """

    PROVED = "proved"
    MISSING = "missing"
    CONTRADICTED = "contradicted"
    UNPROVABLE = "not provable before the first upload"
    RISK = "a risk"
    UNSEEN = "not looked at"


#: Nothing is sent before these are fixed.
_BLOCKING: Final = frozenset({DoctorFinding.MISSING, DoctorFinding.CONTRADICTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorCheck:
    """The answer to one question: `rule` is a stable identifier, `fix` what to do where something is to be done.

    `package` is the one that the question is about; empty: it is about the account.
    """

    rule: str
    what: str
    finding: DoctorFinding
    text: str
    fix: str = ""
    package: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """Everything that a verdict needs.

    `token_place` is empty where there is none, or an unfit one (then `token_problem` says why). `conditions` belong to
    the token.
    `index_time` None: the index wasn't asked, or didn't answer (`index_problem`); `now` is this machine's time.
    `proofs` None: ownership wasn't looked at. `ledger_problem` tells why the ledger can't be used.
    `route` and `certificates` say how the index is reached, `network_problem` why it can't be.
    """

    portfolio: Portfolio
    profile: IndexProfile
    holdings: Holdings
    now: dt.datetime
    token_place: str = ""
    token_problem: str = ""
    token_fix: str = ""
    is_token_missing: bool = False
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
    route: str = ""
    certificates: str = ""
    network_problem: str = ""
    network_fix: str = ""


@dataclass(frozen=True, slots=True)
class _Row:
    """One rule: its question, and its fix, which is given with these findings."""

    what: str
    fix: str = ""
    findings_to_fix: frozenset[DoctorFinding] = _BLOCKING | {DoctorFinding.RISK}


_ROWS: Final[Mapping[str, _Row]] = {
    "token-missing": _Row("where the token comes from"),
    "token-unfit": _Row("where the token comes from"),
    "token-place": _Row("where the token comes from"),
    "token-opaque": _Row("what the token may do"),
    "token-index": _Row("what the token may do", "make an account token on {index}"),
    "token-scope": _Row(
        "what the token may do", "make a token whose scope is the entire account; namehold narrows it for each upload"
    ),
    "token-expiry": _Row("how long the token holds", "make a new account token on the index"),
    "holder-missing": _Row("who holds the names", "write {key} into names.yaml"),
    "publishing": _Row(
        "whether the organization publishes",
        "once the organization has decided to, set publishing.enabled: true in names.yaml; planning needs nothing",
    ),
    "account-configured": _Row(
        "whose the token is", "set account.username back: one organization reserves from one account"
    ),
    "account-secured": _Row(
        "two-factor and verified mail",
        "look at the account's page: a second factor, and a verified primary address that is a role mailbox",
        frozenset({DoctorFinding.UNPROVABLE}),
    ),
    "ownership-unseen": _Row(
        "whose the packages are",
        "call again as soon as the index may be asked and answers",
        frozenset({DoctorFinding.UNSEEN}),
    ),
    "account-separate": _Row(
        "an account of its own for reservations",
        "reserve from an account that owns no package, name the owner under account.holders, "
        "and let the packages declare the new account (ownership-undeclared says how)",
    ),
    "network-route": _Row("how the index is reached"),
    "network-certificates": _Row("which certificates are trusted"),
    "index-reachable": _Row("the index answers", "look at the network and at the index's addresses"),
    "clock-skew": _Row("the clocks agree", "set this machine's clock"),
    "quota": _Row("slots for new names"),
    "snapshot": _Row("the list of the index's names", "namehold snapshot update"),
    "ledger": _Row(
        "the ledger is whole", "restore the file from a copy; nothing is sent on the word of a damaged ledger"
    ),
    "ledger-undecided": _Row(
        "the ledger is whole", "find out why, then: namehold status --decide {name}='WHAT THEY SAID'"
    ),
}


def examine(facts: AccountFacts) -> tuple[DoctorCheck, ...]:
    """Every question with its answer, in the order in which a person would ask."""
    return (
        # Who holds the names comes first: a token is one account's.
        *_holder(facts),
        *_token(facts),
        *_account(facts),
        *_targets(facts),
        *_network(facts),
        *_index(facts),
        _slots(facts),
        _snapshot(facts),
        _ledger(facts),
        # The switch comes last: it is no advice to publish while a proof is missing.
        *_publishing(facts),
    )


def _check(rule: str, finding: DoctorFinding, text: str, **words: str) -> DoctorCheck:
    """The check of one row of the table; `words` are the ones that its fix needs."""
    row = _ROWS[rule]
    fix = row.fix.format_map(words) if finding in row.findings_to_fix else ""
    return DoctorCheck(rule=rule, what=row.what, finding=finding, text=text, fix=fix)


def _token(facts: AccountFacts) -> Iterator[DoctorCheck]:
    if not facts.token_place:
        if facts.is_token_missing:
            found = _check("token-missing", DoctorFinding.MISSING, facts.token_problem)
        else:
            found = _check("token-unfit", DoctorFinding.CONTRADICTED, facts.token_problem)
        yield replace(found, fix=facts.token_fix)
        return
    text = (
        f"from {facts.token_place}; never from an option, which every user of this machine could read. "
        "Trusted publishing can't stand in for it: it serves projects that exist, and can't create names"
    )
    yield _check("token-place", DoctorFinding.PROVED, text)
    conditions = facts.conditions
    if conditions is None or not conditions.is_readable:
        text = "it is no macaroon: it says nothing of itself and can't be narrowed to one name"
        yield _check("token-opaque", DoctorFinding.UNPROVABLE, text)
        return
    yield _scope(facts, conditions)
    yield _expiry(facts, conditions)


def _scope(facts: AccountFacts, conditions: TokenConditions) -> DoctorCheck:
    index = facts.profile.nickname
    if conditions.domain and is_of_another_index(conditions, facts.profile):
        text = f"it was made by another index than {index}"
        return _check("token-index", DoctorFinding.CONTRADICTED, text, index=index)
    if conditions.is_project_scoped:
        text = "it is for single projects, so it can't create names, and each try would cost a slot"
        return _check("token-scope", DoctorFinding.CONTRADICTED, text)
    more = f" ({conditions.unknown} of an unknown kind, for the index to judge)" if conditions.unknown else ""
    text = f"no condition of its own limits it to projects{more}; each upload gets one narrowed to one name"
    return _check("token-scope", DoctorFinding.PROVED, text)


def _expiry(facts: AccountFacts, conditions: TokenConditions) -> DoctorCheck:
    now = facts.index_time or facts.now
    if conditions.begins is not None and now < conditions.begins:
        text = f"it isn't valid before {conditions.begins:%Y-%m-%d %H:%M} UTC"
        return _check("token-expiry", DoctorFinding.CONTRADICTED, text)
    if conditions.expires is None:
        return _check("token-expiry", DoctorFinding.PROVED, "it has no end of its own")
    text = f"until {conditions.expires:%Y-%m-%d %H:%M} UTC"
    if now >= conditions.expires:
        return _check("token-expiry", DoctorFinding.CONTRADICTED, f"it ended: {text}")
    if conditions.expires - now < _EXPIRES_SOON:
        return _check("token-expiry", DoctorFinding.RISK, f"it ends soon: {text}")
    return _check("token-expiry", DoctorFinding.PROVED, text)


def _holder(facts: AccountFacts) -> Iterator[DoctorCheck]:
    for key in facts.portfolio.missing:
        text = f"names.yaml lacks {key}; names are planned without it, and nothing is approved, built or sent"
        yield _check("holder-missing", DoctorFinding.MISSING, text, key=key)


def _publishing(facts: AccountFacts) -> Iterator[DoctorCheck]:
    if facts.profile.is_loopback:
        return
    if facts.portfolio.publishing.enabled:
        yield _check("publishing", DoctorFinding.PROVED, "publishing.enabled is true")
    else:
        text = "publishing is switched off: names are planned and rehearsed, and nothing is sent"
        yield _check("publishing", DoctorFinding.MISSING, text)


def _account(facts: AccountFacts) -> Iterator[DoctorCheck]:
    username, known = facts.portfolio.account.username, facts.holdings.username
    if not username:
        return
    is_proved = any(item.action_digest for item in facts.holdings.held)
    if known and not is_same_account(known, username):
        text = f"the ledger belongs to {known}, names.yaml says {username}"
        yield _check("account-configured", DoctorFinding.CONTRADICTED, text)
    elif is_proved:
        text = f"the index shows what was sent with it under {username}"
        yield _check("account-configured", DoctorFinding.PROVED, text)
    else:
        text = (
            f"a token carries no name; the first reservation is one name, which the index must show under {username} "
            "before a second is sent"
        )
        yield _check("account-configured", DoctorFinding.UNPROVABLE, text)
    if is_proved and facts.profile.is_public:
        text = "the index let the account create a project, which it does with both only"
        yield _check("account-secured", DoctorFinding.PROVED, text)
    else:
        text = "the index doesn't show it, and refuses new projects to accounts without"
        yield _check("account-secured", DoctorFinding.UNPROVABLE, text)


def _targets(facts: AccountFacts) -> Iterator[DoctorCheck]:
    if facts.proofs is None:
        published = sum(package.published for package in facts.portfolio.packages)
        yield _check("ownership-unseen", DoctorFinding.UNSEEN, f"{_unseen(facts)}: {count(published, 'package')}")
        return
    for proof in facts.proofs:
        if proof.verdict is OwnershipVerdict.PROVED:
            finding = DoctorFinding.RISK if proof.retired else DoctorFinding.PROVED
        elif proof.verdict is OwnershipVerdict.UNPROVABLE or proof.rule is OwnershipRule.UNDECLARED:
            # A proof that isn't there stops an apply as a contradiction does.
            finding = DoctorFinding.MISSING
        else:
            finding = DoctorFinding.CONTRADICTED
        yield DoctorCheck(
            rule=str(proof.rule),
            what=f"whose {proof.target} is",
            finding=finding,
            text=f"{proof.text}{f'; it is {proof.retired}: only refusals are sent around it' if proof.retired else ''}",
            fix=proof.fix,
            package=proof.target,
        )
    if facts.proofs:
        yield _separate(facts, facts.proofs)


def _separate(facts: AccountFacts, proofs: Sequence[OwnershipProof]) -> DoctorCheck:
    """Whether the account that reserves owns packages of its own."""
    own = [proof.target for proof in proofs if proof.rule is OwnershipRule.ACCOUNT_OWNS]
    if own:
        listed = ", ".join(own[:_MAX_LISTED]) + (" and more" if len(own) > _MAX_LISTED else "")
        text = (
            f"{facts.portfolio.account.username} owns {listed}: a quarantine of one placeholder would freeze its "
            "releases too"
        )
        return _check("account-separate", DoctorFinding.RISK, text)
    if all(proof.rule is OwnershipRule.DECLARED for proof in proofs):
        text = "it owns none of the packages: a quarantined placeholder stops no release"
        return _check("account-separate", DoctorFinding.PROVED, text)
    if all(proof.verdict is OwnershipVerdict.PROVED for proof in proofs):
        text = "names.yaml attests whose the packages are; this index doesn't show their owners"
        return _check("account-separate", DoctorFinding.UNPROVABLE, text)
    # A proof that failed for another reason doesn't tell who the owners are.
    text = "the lines above come first: who owns the packages isn't settled"
    return _check("account-separate", DoctorFinding.UNPROVABLE, text)


def _network(facts: AccountFacts) -> Iterator[DoctorCheck]:
    """Proxies and certificates, as reading and uploading use them; the next line tells whether the index answers."""
    if facts.network_problem:
        wrong = _check("network-route", DoctorFinding.CONTRADICTED, facts.network_problem)
        yield replace(wrong, fix=facts.network_fix)
        return
    tried = DoctorFinding.PROVED if facts.index_time is not None else DoctorFinding.UNSEEN
    if facts.route:
        yield _check("network-route", tried, facts.route)
    if facts.certificates:
        yield _check("network-certificates", tried, facts.certificates)


def _index(facts: AccountFacts) -> Iterator[DoctorCheck]:
    if facts.index_problem:
        # A log-in page answers, too, and has a clock, but shows no project.
        yield _check("index-reachable", DoctorFinding.CONTRADICTED, facts.index_problem)
    elif facts.index_time is None:
        yield _check("index-reachable", DoctorFinding.UNSEEN, _unseen(facts))
    else:
        yield _check("index-reachable", DoctorFinding.PROVED, f"{facts.profile.nickname} answers")
    if facts.index_time is None:
        yield _check("clock-skew", DoctorFinding.UNSEEN, _unseen(facts))
        return
    skew_s = abs((facts.index_time - facts.now).total_seconds())
    finding = DoctorFinding.PROVED if skew_s <= MAX_CLOCK_SKEW_S else DoctorFinding.CONTRADICTED
    text = f"they differ by {duration(skew_s)}; up to {MAX_CLOCK_SKEW_S} s a narrowed token's times hold"
    yield _check("clock-skew", finding, text)


def _slots(facts: AccountFacts) -> DoctorCheck:
    if facts.free_slots is None:
        return _check("quota", DoctorFinding.PROVED, "nothing is known to limit them")
    seen = "as the index said last" if facts.holdings.quota else "as the index allows every account; it hasn't said yet"
    if facts.free_slots:
        return _check("quota", DoctorFinding.PROVED, f"{facts.free_slots} free now, {seen}")
    when = f"; the next one at {facts.next_slot:%Y-%m-%d %H:%M} UTC" if facts.next_slot else ""
    return _check("quota", DoctorFinding.PROVED, f"none free now{when}, {seen}")


def _snapshot(facts: AccountFacts) -> DoctorCheck:
    info, today = facts.snapshot, facts.now.date()
    fault, text = DoctorFinding.MISSING, "there is none"
    if info is not None:
        fault = DoctorFinding.CONTRADICTED
        text = f"{count(info.count, 'name')}, {count(info.age_days(today), 'day')} old"
    if info is not None and info.complete and not info.is_stale(today):
        return _check("snapshot", DoctorFinding.PROVED, text)
    if info is not None and not info.complete:
        text = f"incomplete: what isn't in it may exist ({text})"
    elif info is not None:
        text = f"{text}; {SNAPSHOT_MAX_AGE_DAYS} are the most"
    return _check("snapshot", fault if facts.profile.is_public else DoctorFinding.RISK, text)


def _ledger(facts: AccountFacts) -> DoctorCheck:
    undecided = facts.holdings.undecided
    if facts.ledger_problem:
        return _check("ledger", DoctorFinding.CONTRADICTED, facts.ledger_problem)
    if undecided:
        text = f"it is, but {', '.join(undecided)} was sent by us and isn't ours on the index"
        return _check("ledger-undecided", DoctorFinding.CONTRADICTED, text, name=undecided[0])
    text = (
        f"{count(facts.ledger_events, 'line')}, chained without a gap" if facts.ledger_events else "there is none yet"
    )
    return _check("ledger", DoctorFinding.PROVED, text)


def _unseen(facts: AccountFacts) -> str:
    return "offline" if facts.is_offline else facts.index_problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """All checks; `proofs` are those of a look at the index, None where there was none.

    `declaration` is the line that packages without proof are to have somewhere, ready to paste; empty if none lacks it.
    """

    index: str
    username: str
    time: dt.datetime
    checks: tuple[DoctorCheck, ...]
    proofs: tuple[OwnershipProof, ...] | None
    declaration: str = ""

    @property
    def to_fix(self) -> tuple[DoctorCheck, ...]:
        """What is missing or contradicted: nothing is sent before that is fixed."""
        return tuple(check for check in self.checks if check.finding in _BLOCKING)

    @property
    def exit_code(self) -> ExitCode:
        """11 if anything is to be fixed."""
        return ExitCode.FINDINGS if self.to_fix else ExitCode.DONE


def diagnose(
    portfolio: Portfolio,
    *,
    profile: IndexProfile,
    ledger_path: Place,
    snapshot: SnapshotInfo | None,
    find_token: Callable[[], LocatedToken],
    index: HttpIndex | None,
    now: dt.datetime,
    policy: ClientPolicy = DIRECT,
) -> Diagnosis:
    """Everything that can be known about the account now; `index` None: nothing is asked over the network.

    What can't be had is a line with its reason, never an error.
    """
    facts = AccountFacts(
        portfolio=portfolio,
        profile=profile,
        holdings=Holdings(),
        now=now,
        snapshot=snapshot,
        is_offline=index is None,
    )
    facts = _with_network(facts, policy)
    facts = _with_index(_with_token(_with_ledger(facts, ledger_path), find_token), index)
    slots = facts.holdings.slots(quota=profile.quota, budget=portfolio.budget, now=now)
    is_undeclared = any(proof.rule is OwnershipRule.UNDECLARED for proof in facts.proofs or ())
    return Diagnosis(
        index=profile.nickname,
        username=portfolio.account.username,
        time=now,
        checks=examine(replace(facts, free_slots=slots.free, next_slot=slots.next_slot)),
        proofs=facts.proofs,
        declaration=declaration_of(profile, portfolio.account.username) if is_undeclared else "",
    )


def _with_network(facts: AccountFacts, policy: ClientPolicy) -> AccountFacts:
    """How reading and uploading go; what the environment names is read, too."""
    profile = facts.profile
    try:
        reading, sending = (policy.describe_route(address) for address in (profile.simple, profile.upload))
        is_secure = any(address.startswith("https:") for address in (profile.simple, profile.upload))
        if is_secure:
            policy.make_context()
    except IndexError_ as error:
        return replace(facts, network_problem=error.message, network_fix=error.fix)
    route = reading if reading == sending else f"reading: {reading}; uploading: {sending}"
    return replace(facts, route=route, certificates=policy.describe_certificates() if is_secure else "")


def _with_ledger(facts: AccountFacts, path: Place) -> AccountFacts:
    try:
        events = read(path).events
        return replace(facts, holdings=fold_events(events), ledger_events=len(events))
    except LedgerError as error:
        return replace(facts, ledger_problem=error.message)


def _with_token(facts: AccountFacts, find_token: Callable[[], LocatedToken]) -> AccountFacts:
    try:
        found = find_token()
    except CredentialError as error:
        is_missing = isinstance(error, NoToken)
        return replace(facts, token_problem=error.message, token_fix=error.fix, is_token_missing=is_missing)
    return replace(facts, token_place=found.place, conditions=read_conditions(found.token))


def _with_index(facts: AccountFacts, index: HttpIndex | None) -> AccountFacts:
    """What the index says, as far as it is asked and answers."""
    if index is None:
        return facts
    targets = [package.name for package in facts.portfolio.packages if package.published]
    try:
        facts = replace(facts, index_time=index.now())
        if not targets:
            # A log-in page has a clock, too: only a question for a project tells it from an index.
            index.project(_ANY_PROJECT)
        proofs = check_ownership(facts.portfolio, targets, index=index, web=index, profile=facts.profile, now=facts.now)
    except IndexError_ as error:
        return replace(facts, index_problem=error.message)
    return replace(facts, proofs=proofs)
