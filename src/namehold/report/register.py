"""The public register: every name that the organization holds or had prohibited, for anyone to check.

    register = make_register(portfolio, holdings, events, plan=plan, salt=salt, today=today)
    documents.dump("register", register); render_register(register)
    find_register_faults(register, holdings=..., heads=..., states=..., reservations=...)

Names that are still open appear only as a count and a salted digest: a list of them would be a shopping list. The salt
stays with the organization; people who are given it later, and the names, can check that they were on the list that
day.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from packaging.utils import NormalizedName, canonicalize_name

from namehold.documents import as_table
from namehold.errors import Diagnostic
from namehold.index import Outcome, ProjectState
from namehold.ledger import Holdings, LedgerEvent, LetterAnswer, LetterAnswered, LetterKind, Receipt, Sight, sight
from namehold.plan import Assessment, Plan, told_to_others
from namehold.portfolio import Account, Mode, Organization, Portfolio, Route
from namehold.report.html import render_page
from namehold.report.sections import join_sentences
from namehold.text import Table, codes, count, texts, visible

#: Routes whose names can still be registered by others.
_OPEN_ROUTES = frozenset({Route.RESERVE, Route.REQUEST, Route.WATCH})

#: Reasons that don't tell strangers why a name was taken: that it is held, or what names.yaml says of it.
_NO_REASONS = frozenset({"held", "held-unproved", "never", "prohibited"})

_WRITE_AGAIN = "write the register again: namehold register"


class RegisterStanding(StrEnum):
    """Why others can't register a name of the register."""

    HELD = "held"
    PROHIBITED = "prohibited"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredName:
    """One name of the register. `files` are (file name, sha256); a prohibited name has none, nor mode and version."""

    name: NormalizedName
    standing: RegisterStanding
    target: str
    since: dt.date
    why: str
    mode: Mode | None = None
    version: str = ""
    files: tuple[tuple[str, str], ...] = ()
    action_digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """What the organization publishes about its names. `open_digest` is over the salt and the open names, sorted."""

    organization: str
    homepage: str
    contact: str
    policy_page: str
    index: str
    index_organization: str
    username: str
    answer_days: int
    as_of: dt.date
    names: tuple[RegisteredName, ...]
    open_names: int
    open_digest: str
    ledger_head: str
    tool: str

    @property
    def held(self) -> tuple[RegisteredName, ...]:
        """The names that a placeholder holds."""
        return tuple(item for item in self.names if item.standing is RegisterStanding.HELD)

    @property
    def prohibited(self) -> tuple[RegisteredName, ...]:
        """The names that the administrators prohibited."""
        return tuple(item for item in self.names if item.standing is RegisterStanding.PROHIBITED)


def make_register(
    portfolio: Portfolio,
    holdings: Holdings,
    events: Iterable[LedgerEvent],
    *,
    plan: Plan | None,
    salt: str,
    today: dt.date,
    tool: str,
) -> Register:
    """The register as the ledger proves it.

    Args:
        portfolio: names.yaml: who publishes the register.
        holdings: the ledger, folded.
        events: the ledger's events; they tell since when a name is prohibited.
        plan: gives the reasons and the names that are still open; None: neither.
        salt: goes before the open names into their digest; kept by the organization.
        today: the day of the register.
        tool: name and version of what writes it.
    """
    assessed = plan.assessments if plan is not None else ()
    whys = _whys(assessed, portfolio.organization.name)
    held_names = {item.name for item in holdings.held}
    names = [
        *(
            RegisteredName(
                name=item.name,
                standing=RegisterStanding.HELD,
                target=item.target,
                since=item.since.date(),
                why=whys[item.name][1] if item.name in whys else f"Easily taken for {item.target}.",
                mode=item.mode,
                version=item.version,
                files=item.files,
                action_digest=item.action_digest,
            )
            for item in holdings.held
        ),
        *(
            RegisteredName(name=name, standing=RegisterStanding.PROHIBITED, target=target, since=date, why=why)
            for name, date in _prohibitions(events, holdings).items()
            for target, why in [whys.get(name, ("", "Asked for by its owner."))]
            if name not in held_names
        ),
    ]
    settled = {item.name for item in names}
    still_open = {item.candidate.name for item in assessed if item.route in _OPEN_ROUTES} - settled
    organization = portfolio.organization
    return Register(
        organization=organization.name,
        homepage=organization.homepage,
        contact=organization.contact,
        policy_page=organization.policy_page,
        index=portfolio.account.index,
        index_organization=organization.index_organization,
        username=portfolio.account.username,
        answer_days=portfolio.policy.answer_days,
        as_of=today,
        names=tuple(sorted(names, key=lambda item: item.name)),
        open_names=len(still_open),
        open_digest=digest_open_names(still_open, salt=salt),
        ledger_head=holdings.head,
        tool=tool,
    )


def digest_open_names(names: Collection[NormalizedName], *, salt: str) -> str:
    """`sha256:` over the salt and the sorted names, one a line; without the salt the names can't be guessed."""
    text = "\n".join([salt, *sorted(names)])
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _whys(assessed: Iterable[Assessment], organization: str) -> dict[NormalizedName, tuple[str, str]]:
    """Target and reasons of every assessed name, as strangers read them."""
    return {
        item.candidate.name: (
            item.candidate.target,
            join_sentences(
                told_to_others(reason, organization, target=item.candidate.target)
                for reason in item.reasons
                if reason.rule not in _NO_REASONS
            )
            or join_sentences(evidence.detail for evidence in item.candidate.evidence),
        )
        for item in assessed
    }


def _prohibitions(events: Iterable[LedgerEvent], holdings: Holdings) -> dict[NormalizedName, dt.date]:
    """Names that the administrators granted us to prohibit, or that the index refused as prohibited, and since when.

    A name that only vanished isn't among them: it may be prohibited or not.
    """
    read = tuple(events)
    refused = {
        event.value.name: event.time.date()
        for event in read
        if isinstance(event.value, Receipt) and event.value.outcome is Outcome.REFUSED_PROHIBITED
    }
    granted = {
        name: date
        for letter in holdings.letters
        if letter.kind is LetterKind.PROHIBIT
        for name, answer, date in letter.answers
        if answer is LetterAnswer.GRANTED
    }
    # Who has no key sees the answers and no letter.
    granted |= {
        name: event.value.date
        for event in read
        if isinstance(event.value, LetterAnswered)
        and (event.value.kind, event.value.answer) == (LetterKind.PROHIBIT, LetterAnswer.GRANTED)
        for name in event.value.names
    }
    return refused | granted


def render_register(register: Register) -> str:
    """The register as one self-contained page."""
    return render_page("register.html.jinja", tool=register.tool, register=register, tables=_tables(register))


def _tables(register: Register) -> Sequence[Table]:
    held = Table(
        caption=f"Held by a placeholder: {count(len(register.held), 'name')}",
        columns=(*codes("Name", "Protects users of"), *texts("Since", "Why"), *codes("sha256 of its files")),
        rows=tuple(
            (item.name, item.target, item.since.isoformat(), item.why, " ".join(sha256 for _, sha256 in item.files))
            for item in register.held
        ),
    )
    prohibited = Table(
        caption=f"Prohibited for everybody by the index's administrators: {count(len(register.prohibited), 'name')}",
        columns=(*codes("Name", "Protects users of"), *texts("Since", "Why")),
        rows=tuple((item.name, item.target, item.since.isoformat(), item.why) for item in register.prohibited),
    )
    return [table for table in (held, prohibited) if table.rows]


def find_register_faults(
    register: Register,
    *,
    page: str | None,
    holdings: Holdings | None,
    heads: Collection[str],
    states: Mapping[NormalizedName, ProjectState],
    reservations: Mapping[NormalizedName, Mapping[str, Any]],
    shows_ownership: bool,
) -> tuple[Diagnostic, ...]:
    """Where the register disagrees with its own page, with the ledger, and with what the index shows.

    It can't find out who the organization is: `unknown_of` says so.

    Args:
        register: the document.
        page: the page beside it; None: there is none.
        holdings: the ledger, folded; None: it isn't at hand.
        heads: the digests of all events of the ledger; empty without it.
        states: what the index shows; names that aren't in it weren't looked up.
        reservations: the `reservation.json` of each name that was looked up and has one.
        shows_ownership: whether the index tells who holds a project.
    """
    message = "the page isn't what this version of namehold makes of the JSON beside it"
    return (
        *([_fault("register-page", message, fix=_WRITE_AGAIN)] if page != render_register(register) else []),
        *(_ledger_faults(register, holdings, heads) if holdings is not None else ()),
        *_index_faults(register, states, reservations, shows_ownership=shows_ownership),
    )


def unknown_of(register: Register) -> str:
    """What no check of a register can tell, as a sentence for people: anybody may write a name into one."""
    page = visible(register.homepage)
    where = f"is at {page}, linked from there" if page else "is on a site that is theirs: it names none"
    return (
        f"Not known: who {visible(register.organization)} is. The index shows accounts, and a register is its writer's "
        f"word; look whether this one {where}."
    )


def _ledger_faults(register: Register, holdings: Holdings, heads: Collection[str]) -> Iterable[Diagnostic]:
    if register.ledger_head not in heads:
        fix = "check the right ledger; if it is, the ledger was rewritten since the register was published"
        yield _fault("register-head", "the register's ledger head isn't an event of the ledger", fix=fix)
    held = {item.name: item for item in holdings.held}
    for item in register.held:
        if item.name not in held:
            yield _fault("register-not-held", f"the ledger doesn't hold {item.name}")
        elif (held[item.name].files, held[item.name].target) != (item.files, item.target):
            yield _fault("register-differs", f"the ledger holds {item.name} with other files or for another package")
    for name in sorted(set(held) - {item.name for item in register.held}):
        yield _fault("register-missing", f"the ledger holds {name}, and the register doesn't list it")
    for item in register.prohibited:
        if item.name not in holdings.prohibited:
            yield _fault("register-not-prohibited", f"the ledger doesn't know that {item.name} is prohibited")


def _index_faults(
    register: Register,
    states: Mapping[NormalizedName, ProjectState],
    reservations: Mapping[NormalizedName, Mapping[str, Any]],
    *,
    shows_ownership: bool,
) -> Iterable[Diagnostic]:
    claimant = Portfolio(
        organization=Organization(
            name=register.organization, contact=register.contact, index_organization=register.index_organization
        ),
        account=Account(index=register.index, username=register.username),
        packages=(),
    )
    for item in register.names:
        state = states.get(item.name)
        if state is None:
            continue
        if item.standing is RegisterStanding.PROHIBITED:
            if state.exists:
                yield _fault("register-exists", f"{item.name} is said to be prohibited, and the index has a project")
            continue
        seen = sight(state, files=item.files, portfolio=claimant, shows_ownership=shows_ownership)
        if seen is not Sight.OURS:
            yield _fault("register-index", f"the index doesn't confirm that {item.name} is held: {seen.value}")
        elif why := _unreserved(item, reservations.get(item.name, {}), register.organization):
            fix = "ask its writer: without it, nothing but the register says who holds the name, and what for"
            yield _fault("register-reservation", f"{item.name}: {why}", fix=fix)


def _unreserved(item: RegisteredName, reservation: Mapping[str, Any], organization: str) -> str:
    """Why a placeholder's own `reservation.json` doesn't say what the register says; empty if it does."""
    if not reservation:
        return "its files hold no reservation.json, so they don't say that it is held"
    if as_table(reservation, "organization").get("name") != organization:
        return f"its reservation.json names another organization than {visible(organization)}"
    said = tuple(canonicalize_name(str(reservation.get(key, ""))) for key in ("name", "target"))
    return "" if said == (item.name, item.target) else "its reservation.json is about another name or package"


def _fault(rule: str, message: str, *, fix: str = f"find out why, then {_WRITE_AGAIN}") -> Diagnostic:
    return Diagnostic(message=message, rule=rule, fix=fix)
