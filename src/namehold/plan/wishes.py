"""What becomes of everything that names.yaml asks for by name, and which of its packages the index doesn't have.

A wish that can't be met is a warning; every wish has a line of its own, met or not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from packaging.utils import NormalizedName
from packaging.version import Version

from namehold.index import SnapshotView
from namehold.ledger import HeldName, Holdings
from namehold.plan.budget import Selection
from namehold.plan.model import Action, Deferred, Reason, Wish
from namehold.plan.routes import ACTING
from namehold.portfolio import Portfolio, Route
from namehold.text import count

#: What the routes that end a wish are called in a line about it.
_OUTCOMES: Final[Mapping[Route, str]] = {
    Route.REQUEST: "asked for in the next letters",
    Route.PROTECTED: "not possible: the index refuses it to everyone",
    Route.NAMESPACE: "covered by a grant",
    Route.WATCH: "watched only",
    Route.FLAG: "held by others",
    Route.NONE: "nothing is done",
    Route.RESERVE: "waits",
}

#: A name is offered for another one if it is so near: a misspelling has one or two slips.
_NEAR_EDITS: Final = 2


def find_wishes(
    portfolio: Portfolio,
    *,
    selection: Selection,
    actions: Sequence[Action],
    held_back: Sequence[Deferred],
    holdings: Holdings,
    as_of: dt.date,
) -> tuple[Wish, ...]:
    """One line for each `always`, internal name with `ask`, `observed`, `confirmed` and `renew` of names.yaml."""
    asked = [
        *(("always", item.name, item.package) for item in portfolio.always),
        *(("internal", item.name, item.name) for item in portfolio.internal if item.ask in ACTING),
        *(("observed", item.name, item.package) for item in portfolio.observed),
        *(("confirmed", name, package.name) for package in portfolio.packages for name in package.confirmed),
    ]
    chosen = {item.name: item.route for item in portfolio.always}
    planned = {action.name: action for action in actions}
    held = {item.name: item for item in holdings.held}
    waiting = {item.name: item.reason for item in (*selection.deferred, *held_back)}
    wanted = {name for _, name, _ in asked}
    found = {item.candidate.name: item for item in selection.assessments if item.candidate.name in wanted}

    def answer(kind: str, name: NormalizedName, package: NormalizedName) -> Wish:
        outcome, why, is_met = "nothing is done", "Nothing in names.yaml leads to it.", False
        if name in held:
            outcome, why, is_met = f"held since {held[name].since:%Y-%m-%d}", "The ledger has the proof.", True
        elif name in planned:
            outcome, why, is_met = f"reserve on day {planned[name].day}", planned[name].reasons[0].text, True
        elif name in waiting:
            outcome, why = "waits", waiting[name].text
        elif name in found:
            item = found[name]
            is_met = item.route in {Route.REQUEST, chosen.get(name)} - {Route.RESERVE}
            outcome, why = _OUTCOMES[item.route], item.reasons[0].text
        return Wish(kind=kind, name=name, package=package, outcome=outcome, why=why, is_met=is_met)

    return (*(answer(*item) for item in asked), *_renewals(portfolio, planned, held, as_of=as_of))


def _renewals(
    portfolio: Portfolio,
    planned: Mapping[NormalizedName, Action],
    held: Mapping[NormalizedName, HeldName],
    *,
    as_of: dt.date,
) -> Iterator[Wish]:
    for item in portfolio.renewals:
        now = held.get(item.name)
        outcome, why, is_met = "not possible", "The ledger doesn't hold the name.", False
        if now is not None and Version(now.version) == Version(item.version):
            outcome, why, is_met = "done", f"Version {item.version} is held.", True
        elif now is not None and Version(now.version) > Version(item.version):
            why = f"Version {now.version} is held, and the index takes later ones only."
        elif now is not None and not now.can_become(item.version):
            why = f"It doesn't go on in the numbering of {now.version}: write {now.next_version}."
        elif now is not None and item.is_over(as_of):
            why = f"It would warn of an end that has come ({item.withdraw_on})."
        elif now is not None and item.name in planned:
            outcome, why, is_met = f"version {item.version} on day {planned[item.name].day}", item.reason, True
        elif now is not None:
            outcome, why = "waits", "The name is settled otherwise, or its package waits."
        package = item.package or (now.target if now is not None else item.name)
        yield Wish(kind="renew", name=item.name, package=package, outcome=outcome, why=why, is_met=is_met)


def find_unlisted(
    portfolio: Portfolio, *, view: SnapshotView | None, popular: Mapping[NormalizedName, int]
) -> tuple[Reason, ...]:
    """A warning for each published package that the complete list of its index hasn't, with the name that may be meant.

    A misspelled package gives false calm: nothing is planned around the real one.
    """
    if view is None or not view.info.complete or view.info.index != portfolio.account.index:
        return ()
    names = [package.name for package in portfolio.packages if package.published]
    listed = view.existing(names)
    return tuple(_unlisted(name, view, popular) for name in names if name not in listed)


def _unlisted(name: NormalizedName, view: SnapshotView, popular: Mapping[NormalizedName, int]) -> Reason:
    last = max(popular.values(), default=0) + 1
    near = [
        *((0, other) for other in view.similar((name,)).get(name, ())),
        *((edits, other) for other, edits in view.near(name, edits=_NEAR_EDITS).items()),
    ]
    likely = min(near, key=lambda item: (popular.get(item[1], last), item), default=None)
    meant = f"Did you mean {likely[1]}? " if likely is not None else ""
    text = (
        f"{name} isn't among the {count(view.info.count, 'name')} of {view.info.index} ({view.info.taken}). {meant}"
        "Correct it in names.yaml, or write published: false if it isn't published yet."
    )
    return Reason(rule="package-not-listed", text=text)
