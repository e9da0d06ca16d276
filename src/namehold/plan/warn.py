"""What a person should know about a plan as a whole; what is about one name stands beside that name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from packaging.version import Version

from namehold.index import SNAPSHOT_MAX_AGE_DAYS, IndexProfile, SnapshotInfo
from namehold.index.rules import Availability
from namehold.ledger import Holdings, tell_undecided
from namehold.plan.budget import Selection
from namehold.plan.model import Action, Reason, Wish
from namehold.plan.routes import refused_overrides
from namehold.portfolio import Portfolio
from namehold.text import count, join_words

#: What is known of names that a first release can't have.
_NOT_TO_BE_HAD = frozenset({Availability.TAKEN, Availability.FOREIGN, Availability.BLOCKED})


def find_warnings(
    actions: Sequence[Action],
    selection: Selection,
    *,
    portfolio: Portfolio,
    holdings: Holdings,
    snapshot: SnapshotInfo | None,
    profile: IndexProfile | None,
    as_of: dt.date,
    wishes: Sequence[Wish] = (),
) -> tuple[Reason, ...]:
    """The plan's warnings; docs/reference/plan.md lists their rule ids."""
    return (
        *_warn_of_missing(portfolio),
        *_warn_of_wishes(wishes),
        *_warn_of_future(portfolio, selection),
        *_warn_of_snapshot(selection, snapshot, index=portfolio.account.index, as_of=as_of),
        *_warn_of_source(snapshot, profile),
        *_warn_of_names(actions, portfolio, holdings, as_of=as_of),
    )


def _warn_of_missing(portfolio: Portfolio) -> Iterator[Reason]:
    """What names.yaml may leave out while names are only looked at; it keeps no name out of the plan."""
    if portfolio.missing:
        text = (
            f"names.yaml lacks {join_words(portfolio.missing, limit=len(portfolio.missing))}: needed before anything "
            "is approved, built or sent. It keeps no name out of this plan."
        )
        yield Reason(rule="incomplete", text=text)


def _warn_of_wishes(wishes: Sequence[Wish]) -> Iterator[Reason]:
    """What names.yaml asks for and doesn't get; what waits for room is no more than that, and `renew` has its own.

    What was observed is evidence, not a wish for one route.
    """
    for wish in wishes:
        if not wish.is_met and wish.outcome != "waits" and wish.kind in {"always", "internal", "confirmed"}:
            text = f"names.yaml asks for {wish.name} ({wish.kind}), and it isn't planned: {wish.why}"
            yield Reason(rule="wish-not-planned", text=text)


def _warn_of_future(portfolio: Portfolio, selection: Selection) -> Iterator[Reason]:
    """Names of projects to come that the index has already or refuses: their owners choose others in time."""
    future = set(portfolio.future)
    for item in selection.assessments:
        if item.candidate.name in future and item.check.availability in _NOT_TO_BE_HAD:
            text = (
                f"{item.candidate.name} is kept for a project to come (future), and can't be registered any more: "
                f"{item.reasons[0].text} If that project is yours, list it under packages; else choose another name."
            )
            yield Reason(rule="future-not-free", text=text)


def _warn_of_renewals(portfolio: Portfolio, holdings: Holdings, *, as_of: dt.date) -> Iterator[Reason]:
    """Later versions that are none: the index takes what is above the held one only. And those that warn too late."""
    held = {item.name: item for item in holdings.held}
    for renewal in portfolio.renewals:
        now = held.get(renewal.name)
        if now is not None and now.can_become(renewal.version) and renewal.is_over(as_of):
            text = (
                f"names.yaml asks for {renewal.name} {renewal.version} (renew), which would warn of an end that has "
                f"come ({renewal.withdraw_on}): write a later `withdraw_on`, or delete the entry."
            )
            yield Reason(rule="renewal-over", text=text)
        if now is None or Version(renewal.version) == Version(now.version) or now.can_become(renewal.version):
            continue
        is_below = Version(renewal.version) < Version(now.version)
        why = f"is below the held {now.version}" if is_below else f"doesn't go on in the numbering of {now.version}"
        text = (
            f"names.yaml asks for {renewal.name} {renewal.version} (renew), which {why}: write {now.next_version}, "
            "or delete the entry."
        )
        yield Reason(rule="renewal-below-held" if is_below else "renewal-out-of-order", text=text)


def _warn_of_snapshot(
    selection: Selection, snapshot: SnapshotInfo | None, *, index: str, as_of: dt.date
) -> Iterator[Reason]:
    if snapshot is None or not snapshot.complete:
        unknown = sum(item.check.availability is Availability.UNKNOWN for item in selection.assessments)
        what = "no list" if snapshot is None else "no complete list"
        text = (
            f"There is {what} of the names on {index}: which of {count(unknown, 'name')} are registered is unknown, "
            "and none of them is reserved or asked for until there is one."
        )
        yield Reason(rule="no-snapshot" if snapshot is None else "partial-snapshot", text=text)
    if snapshot is None:
        return
    if snapshot.index != index:
        yield Reason(rule="other-snapshot", text=f"The list of names is one of {snapshot.index}, not of {index}.")
    age_days = snapshot.age_days(as_of)
    if snapshot.is_stale(as_of):
        most = f"apply to a public index takes at most {SNAPSHOT_MAX_AGE_DAYS}"
        yield Reason(rule="old-snapshot", text=f"The list of names is {age_days} days old; {most}.")
    elif age_days < 0:
        yield Reason(rule="future-snapshot", text=f"The list of names is dated {snapshot.taken}, after this plan.")


def _warn_of_source(snapshot: SnapshotInfo | None, profile: IndexProfile | None) -> Iterator[Reason]:
    if snapshot is None or profile is None or not profile.is_public:
        return
    # A file's name is no address: the index's own, for which twine is loaded, needn't be looked at.
    if "://" in snapshot.source and snapshot.source == profile.simple:
        return
    text = (
        f"The list of names came from {snapshot.source}; apply, run and letters need one from {profile.nickname} "
        "itself (namehold snapshot update)."
    )
    yield Reason(rule="list-from-elsewhere", text=text)


def _warn_of_names(
    actions: Sequence[Action], portfolio: Portfolio, holdings: Holdings, *, as_of: dt.date
) -> Iterator[Reason]:
    for name_class, route in refused_overrides(portfolio.policy):
        text = f"policy.routes.{name_class}: '{route}' is no route for this class; the default stays."
        yield Reason(rule="override-ignored", text=text)
    held = {item.name for item in holdings.held}
    yield from _warn_of_renewals(portfolio, holdings, as_of=as_of)
    strange = sorted(item.name for item in portfolio.renewals if item.name not in held)
    if strange:
        text = f"names.yaml asks for a later version of what isn't held (renew): {', '.join(strange)}."
        yield Reason(rule="renewal-not-held", text=text)
    if holdings.undecided:
        told = "; ".join(f"{name}: {seen}" for name, seen in sorted(tell_undecided(holdings).items()))
        text = f"apply stops until a person has recorded what became of these names. {told}."
        yield Reason(rule="names-vanished", text=text)
    flagged = sum(bool(action.flagged_as) for action in actions)
    if flagged:
        text = f"The index's background checks will flag {flagged} of the planned names: "
        yield Reason(rule="administrators-first", text=text + "tell its administrators before the first upload.")
    removable = sum(any(item.rule == "index-may-remove" for item in action.warnings) for action in actions)
    if removable:
        verb = "was" if removable == 1 else "were"
        text = f"{removable} of the planned names {verb} never the organization's own: the index may remove them."
        yield Reason(rule="index-may-remove", text=text)
