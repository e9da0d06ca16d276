"""What the account holds on the index and this ledger doesn't know of: a lost ledger, or a second one.

    names = list_account(reader, portfolio=portfolio, planned=(), holdings=holdings).names
    found = find_unrecorded(names, holdings, portfolio=portfolio, profile=profile, reader=reader, web=reader).drift

The ceilings bind the account, whatever files there are. Names that the ledger lacks are names beyond the ceilings.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from packaging.utils import NormalizedName

from namehold.errors import IndexError_, UnlistedError
from namehold.index import AccountReader, IndexProfile, IndexReader, WebReader, ask_each
from namehold.ledger import Holdings, Sight, names_ever_held, sight
from namehold.placeholder import look_for_reservation
from namehold.portfolio import Portfolio
from namehold.upkeep.drift import Drift, tell_unread

#: How many names that the ledger lacks are looked at: each takes a page and some bytes of a file or two.
UNRECORDED_LOOKS_MAX: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountNames:
    """The names to look at, the likeliest first. `unlisted` says why the index lists none; empty where it does."""

    names: tuple[NormalizedName, ...]
    unlisted: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrecorded:
    """What the account holds and the ledger lacks, each with what to do (`drift`).

    `planned` are names that a plan is about to record; `left` is how many names weren't looked at. `plain` are the
    projects that surely hold no reservation, each with its serial (0: not told). `unread` tells of those whose page
    can't be read: what they hold isn't known.
    """

    drift: tuple[Drift, ...] = ()
    planned: frozenset[NormalizedName] = frozenset()
    left: int = 0
    plain: tuple[tuple[NormalizedName, int], ...] = ()
    unread: tuple[Drift, ...] = ()


def list_account(
    reader: AccountReader, *, portfolio: Portfolio, planned: Sequence[NormalizedName], holdings: Holdings
) -> AccountNames:
    """The account's projects; without a list of those, the names of plan and ledger. Raises IndexError_."""
    known = (*planned, *sorted(dict(holdings.settled)))
    if not portfolio.account.username:
        return AccountNames(names=known, unlisted="names.yaml names no account")
    try:
        listed = reader.user_packages(portfolio.account.username)
    except UnlistedError as error:
        return AccountNames(names=known, unlisted=error.message)
    # An organization's projects are in no user's list.
    is_hidden = bool(portfolio.organization.index_organization)
    on_list = frozenset(listed)
    likeliest = (name for name in known if is_hidden or name in on_list)
    return AccountNames(names=tuple(dict.fromkeys((*likeliest, *listed))))


def find_unrecorded(
    names: Sequence[NormalizedName],
    holdings: Holdings,
    *,
    portfolio: Portfolio,
    profile: IndexProfile,
    reader: IndexReader,
    web: WebReader,
    planned: Mapping[NormalizedName, str] = {},
    plain: Collection[NormalizedName] = (),
) -> Unrecorded:
    """Those of `names` that are ours with our `reservation.json` and not in the ledger.

    What the ledger says was held once counts there. A name of `planned` whose file has that action's digest is what the
    plan is about to record, and counts as planned. At most UNRECORDED_LOOKS_MAX are asked about; `plain` aren't.
    Raises IndexError_ (see `ask_each`).
    """
    recorded = names_ever_held(holdings).union(plain)
    strange = [name for name in dict.fromkeys(names) if name not in recorded]
    found: list[Drift] = []
    known: set[NormalizedName] = set()
    others: list[tuple[NormalizedName, int]] = []
    unread: list[Drift] = []

    def look(name: NormalizedName) -> None:
        state = reader.project(name)
        # Without a file to compare with, OTHER is: the index shows it as ours.
        seen = sight(state, files=(), portfolio=portfolio, shows_ownership=profile.shows_ownership)
        if seen is not Sight.OTHER:
            return
        reservation, is_sure = look_for_reservation(state, web=web, profile=profile)
        if reservation and name in planned and reservation.get("action_digest") == planned[name]:
            known.add(name)
        elif reservation:
            text = "the index shows it under our account with a reservation.json, and this ledger lacks it"
            fix = f"restore the ledger from a copy, or enter it: namehold adopt {name}; all such: namehold adopt --all"
            found.append(Drift(rule="drift-unrecorded", name=name, text=text, fix=fix))
        elif is_sure and state.files:
            others.append((name, state.serial or 0))

    def leave_out(name: NormalizedName, error: IndexError_) -> None:
        unread.append(tell_unread(name, error))

    looked = strange[:UNRECORDED_LOOKS_MAX] if profile.shows_ownership else ()
    # It has told what the account holds, or that it tells no one.
    for _ in ask_each(looked, look, leave_out=leave_out, has_answered=True):
        pass
    return Unrecorded(
        drift=tuple(found),
        planned=frozenset(known),
        left=len(strange[UNRECORDED_LOOKS_MAX:]),
        plain=tuple(others),
        unread=tuple(unread),
    )
