"""Which names a letter asks for, and which facts it rests on."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from packaging.utils import NormalizedName

from namehold.ledger import Holdings, LetterAnswer, LetterKind, SentLetter
from namehold.ownership import OwnershipProof
from namehold.plan import Plan, Reason, order_by_harm
from namehold.portfolio import Portfolio, Route

#: As many names as a volunteer can look at one by one.
MOST_NAMES_A_LETTER: Final = 15

#: No reminder before this many days.
PATIENCE_DAYS: Final = 60

#: Kinds that wait for an answer; an organization has one of them open at a time.
REQUESTS: Final = frozenset({LetterKind.PROHIBIT, LetterKind.NAMESPACE, LetterKind.TRANSFER})

#: Kinds that name names which anybody could still register.
PRIVATE: Final = frozenset({LetterKind.PROHIBIT, LetterKind.ANNOUNCE})

#: Kinds about a stranger's project: the index must show on the same day that it is there, like ours, and younger.
ABOUT_OTHERS: Final = frozenset({LetterKind.REPORT, LetterKind.TRANSFER})

#: A family of names is a prefix that this many of the organization's packages share.
FAMILY_MEMBERS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFacts:
    """What is known on the day of the letter.

    `looked_up` says for each name whether the index had a project of that name, and when it was asked;
    `released` says of names and targets when their first file was uploaded (None: the index shows no time);
    `signs` are what the index shows of a project that is asked for, in neutral words (`HolderFacts.signs`);
    `proofs` are of the targets; `words` belong to everybody; `note` is what the sender adds in their own words.
    `is_draft`: the index isn't asked, and what it would have shown today stays open in the letter.
    `obstacles` are names that may be neither reserved nor requested, also if the plan's file says so, each with why.
    """

    plan: Plan
    portfolio: Portfolio
    holdings: Holdings
    proofs: Sequence[OwnershipProof]
    looked_up: Mapping[NormalizedName, tuple[bool, dt.datetime]]
    words: Collection[str]
    now: dt.datetime
    note: str = ""
    is_draft: bool = False
    released: Mapping[NormalizedName, dt.datetime | None] = field(default_factory=dict)
    signs: Mapping[NormalizedName, Sequence[str]] = field(default_factory=dict)
    obstacles: Mapping[NormalizedName, Reason] = field(default_factory=dict)


def select_names(
    kind: LetterKind,
    *,
    plan: Plan,
    portfolio: Portfolio,
    holdings: Holdings,
    waiting: Collection[NormalizedName] = (),
) -> tuple[NormalizedName, ...]:
    """The names of the next letter, best first, at most `MOST_NAMES_A_LETTER`; none for a transfer (a person names it).

    Names that were granted, declined or still wait for an answer are left out; silence may be asked again.
    So are those around the packages that are `waiting` for their proof: the letter goes on without them.
    """
    settled = holdings.names | frozenset(holdings.prohibited) | _find_asked(kind, holdings)
    match kind:
        case LetterKind.PROHIBIT:
            open_requests = (
                item for item in plan.outlines(Route.REQUEST) if item.name not in settled and item.target not in waiting
            )
            found = list(order_by_harm(open_requests, plan.audiences))
        case LetterKind.ANNOUNCE:
            actions = [action for action in plan.actions if action.target not in waiting]
            found = [action.name for action in actions if action.flagged_as] or [action.name for action in actions]
        case LetterKind.REPORT:
            found = [item.name for item in plan.outlines(Route.FLAG) if item.target not in waiting]
        case LetterKind.NAMESPACE:
            found = list(find_families(without_packages(portfolio, waiting)))
        case LetterKind.TRANSFER:
            found = []
    return tuple(name for name in found if name not in settled)[:MOST_NAMES_A_LETTER]


def without_packages(portfolio: Portfolio, waiting: Collection[NormalizedName]) -> Portfolio:
    """The portfolio as a letter tells it that leaves out the packages without proof."""
    return portfolio.among({item.name for item in portfolio.packages} - set(waiting))


def find_families(portfolio: Portfolio) -> dict[NormalizedName, tuple[NormalizedName, ...]]:
    """Prefixes that two or more published packages share as their first word and no grant covers, with the packages."""
    members: dict[NormalizedName, list[NormalizedName]] = defaultdict(list)
    for package in portfolio.packages:
        if package.published:
            members[NormalizedName(package.name.split("-")[0])].append(package.name)
    granted = {grant.prefix for grant in portfolio.namespaces}
    return {
        prefix: tuple(sorted(names))
        for prefix, names in sorted(members.items())
        if len(names) >= FAMILY_MEMBERS and prefix not in granted
    }


def targets_of(
    kind: LetterKind, names: Iterable[NormalizedName], *, plan: Plan, portfolio: Portfolio
) -> tuple[NormalizedName, ...]:
    """The organization's packages whose ownership the letter must prove, sorted."""
    if kind is LetterKind.NAMESPACE:
        families = find_families(portfolio)
        return tuple(sorted({member for name in names for member in families.get(name, ())}))
    return tuple(sorted({item.candidate.target for item in plan.find(tuple(names)).values()}))


def _find_asked(kind: LetterKind, holdings: Holdings) -> frozenset[NormalizedName]:
    """Names of this kind of request that wait for an answer, or got one that isn't silence."""
    waiting = {
        name for letter in holdings.letters if letter.kind is kind and kind in REQUESTS for name in letter.unanswered
    }
    return frozenset(waiting) | frozenset(find_answered(kind, holdings, LetterAnswer.GRANTED, LetterAnswer.DECLINED))


def find_answered(kind: LetterKind, holdings: Holdings, *answers: LetterAnswer) -> dict[NormalizedName, dt.date]:
    """The names whose latest answer to this kind of request is one of `answers`, with its date."""
    letters = (letter for letter in holdings.letters if letter.kind is kind)
    latest = {name: (answer, date) for letter in letters for name, answer, date in letter.answers}
    return {name: date for name, (answer, date) in latest.items() if answer in answers}


def find_open_letter(letters: Sequence[SentLetter]) -> SentLetter | None:
    """The request among `letters` (in the order of sending) that still waits for an answer."""
    return next((item for item in reversed(letters) if item.kind in REQUESTS and item.unanswered), None)
