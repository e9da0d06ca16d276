"""What must hold for a whole plan before anything is sent; every finding names what to change.

    refuse(find_plan_refusals(plan, portfolio=..., holdings=..., profile=..., territory=...))
    refuse(find_apply_refusals(plan, portfolio=..., holdings=..., profile=..., now=..., fresh_plan=...))

Guards look at everything before the first byte leaves, never one by one on the way. They repeat what assessment and
planning have seen to, because a plan is a file: it may be old, or written by other people.
No key of names.yaml and no option lifts a guard. A new guard is one row in a table below and one function.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from namehold.errors import Diagnostic, SnapshotError
from namehold.index import SNAPSHOT_MAX_AGE_DAYS, IndexProfile, SnapshotInfo, is_same_account
from namehold.ledger import Holdings, LetterKind, count_by_package, names_ever_held, tell_undecided
from namehold.plan.checks.approvals import (
    APPROVAL_LASTS_DAYS,
    action_digest,
    approvals_of,
    covered_actions,
    find_approved,
    find_unrehearsed,
    why_not_approved,
)
from namehold.plan.checks.content import without_figures
from namehold.plan.model import Action, Plan, Reason
from namehold.plan.refusals import RefusalRule, Values, find_refusals
from namehold.portfolio import MAX_NAMES_A_PACKAGE, MAX_NAMES_AN_ACCOUNT, Mode, Portfolio
from namehold.text import is_example_host

if TYPE_CHECKING:
    from namehold.plan.territory import Territory


@dataclass(frozen=True, slots=True, kw_only=True)
class _Planned:
    """A plan, and what every guard may ask about it."""

    plan: Plan
    portfolio: Portfolio
    holdings: Holdings
    profile: IndexProfile

    @property
    def new_actions(self) -> list[Action]:
        """The actions on names that the account never held."""
        ever = names_ever_held(self.holdings)
        return [action for action in self.plan.actions if action.name not in ever]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Approved(_Planned):
    """A plan that is about to be carried out at `now`, and the one that the same inputs give now."""

    fresh_plan: Plan
    now: dt.datetime


def find_plan_refusals(
    plan: Plan, *, portfolio: Portfolio, holdings: Holdings, profile: IndexProfile, territory: Territory
) -> tuple[Diagnostic, ...]:
    """Why `plan` may not be carried out, even if it is approved; empty if nothing stands against it.

    The ceilings bind public indexes only; the others bind everywhere.
    """
    case = _Planned(plan=plan, portfolio=portfolio, holdings=holdings, profile=profile)
    return (
        *find_refusals(_TARGETS, case),
        *_refuse_others_names(case, territory),
        *(find_refusals(_CEILINGS, case) if profile.is_public else ()),
    )


def find_apply_refusals(
    plan: Plan, *, portfolio: Portfolio, holdings: Holdings, profile: IndexProfile, now: dt.datetime, fresh_plan: Plan
) -> tuple[Diagnostic, ...]:
    """Why the first byte of `plan` may not leave; empty if nothing stands against it.

    An action that merely no longer holds is no refusal: it is dropped (`find_dropped`). Publishing and approval don't
    bind an index on loopback. The age of the snapshot is checked elsewhere (`require_fresh_snapshot`, exit 4).

    Args:
        plan: What was approved.
        portfolio: names.yaml as it is now.
        holdings: The ledger of the plan's index.
        profile: The index that would be sent to.
        now: The time, in UTC.
        fresh_plan: The plan that the same inputs give now, made for the same date, so that review dates agree.
    """
    case = _Approved(plan=plan, portfolio=portfolio, holdings=holdings, profile=profile, fresh_plan=fresh_plan, now=now)
    return (
        *find_refusals((*_BELONGING, _EDITED, *_STALE), case),
        *find_refusals(_TARGETS, case),
        *((*find_refusals(_CEILINGS, case), *find_refusals(_PUBLIC, case)) if profile.is_public else ()),
        *(find_refusals(_BEYOND_LOOPBACK, case) if not profile.is_loopback else ()),
    )


def find_edits(plan: Plan) -> tuple[Diagnostic, ...]:
    """The finding on a plan that was edited by hand; empty if its digest fits its actions."""
    return (_EDITED.state(),) if _is_edited(plan) else ()


def find_unpublished(portfolio: Portfolio) -> tuple[Diagnostic, ...]:
    """The finding on an organization that hasn't decided to publish; empty if it has."""
    return () if portfolio.publishing.enabled else (_UNPUBLISHED.state(),)


def find_dropped(plan: Plan, fresh_plan: Plan) -> tuple[tuple[Action, Reason], ...]:
    """The actions of `plan` that `fresh_plan` no longer contains, each with why; the others still hold.

    A refresh may drop or delay an action; it never adds or changes one (`find_apply_refusals` refuses changes).
    """
    still = {action.name for action in fresh_plan.actions}
    gone_names = [action.name for action in plan.actions if action.name not in still]
    why = {name: item.reasons[0] for name, item in fresh_plan.find(gone_names).items()}
    why |= {item.name: item.reason for item in fresh_plan.deferred}
    gone = Reason(rule="not-derived", text="Nothing in names.yaml leads to this name any more.")
    return tuple((action, why.get(action.name, gone)) for action in plan.actions if action.name not in still)


def require_fresh_snapshot(snapshot: SnapshotInfo | None, *, today: dt.date, profile: IndexProfile) -> None:
    """Nothing if the list of names is good enough to act on a public index.

    Raises SnapshotError if there is none, it is incomplete, of another index, from a file, or more than
    `SNAPSHOT_MAX_AGE_DAYS` old.
    """
    if not profile.is_public:
        return
    problem = ""
    if snapshot is None:
        problem = f"there is no list of the names on {profile.nickname}"
    elif snapshot.index != profile.nickname:
        problem = f"the list of names is one of {snapshot.index}, not of {profile.nickname}"
    elif snapshot.source != profile.simple:
        problem = f"the list of names came from {snapshot.source}, not from {profile.nickname} itself"
    elif not snapshot.complete:
        problem = "the list of names is incomplete: what isn't in it may exist"
    elif snapshot.is_stale(today):
        age_days = snapshot.age_days(today)
        problem = f"the list of names is {age_days} days old; {SNAPSHOT_MAX_AGE_DAYS} days are the most"
    if problem:
        raise SnapshotError(problem, fix="namehold snapshot update")


# ------------------------------------------------------------------- where names lead to, and whose they are


def _strange_targets(case: _Planned) -> Iterator[Values]:
    """Only an internal name that refuses its installation may lead to nothing of the organization's."""
    packages = {package.name for package in case.portfolio.packages}
    internal = {item.name for item in case.portfolio.internal}
    for action in case.plan.actions:
        if action.target not in packages and not (action.mode is Mode.REFUSE and action.name in internal):
            yield {"name": action.name, "target": action.target}


def _unpublished_targets(case: _Planned) -> Iterator[Values]:
    unpublished = {package.name for package in case.portfolio.packages if not package.published}
    for action in case.plan.actions:
        if action.target in unpublished and action.mode is Mode.REDIRECT:
            yield {"name": action.name, "target": action.target}


def _refuse_others_names(case: _Planned, territory: Territory) -> Iterator[Diagnostic]:
    for action in case.plan.actions:
        obstacle = territory.find_obstacle(action.name, target=action.target)
        if obstacle is not None:
            # "guard-too-short", "guard-dictionary-word", "guard-others-territory", "guard-unowned-name" and so on
            rule, fix = f"guard-{obstacle.rule}", f"put {action.name} under never in names.yaml, then plan again"
            yield Diagnostic(message=f"{action.name} can't be reserved: {obstacle.text}", rule=rule, fix=fix)


_TARGETS: Final = (
    RefusalRule(
        "guard-target",
        _strange_targets,
        "{name} points to {target}, which is none of the organization's packages",
        "list {target} under packages, or put {name} under never",
    ),
    RefusalRule(
        "guard-target-unpublished",
        _unpublished_targets,
        "{name} would redirect to {target}, which isn't published",
        "publish {target} first, then remove its published: false",
    ),
)

# ------------------------------------------------------------------- how many


def _too_many_names(case: _Planned) -> Iterator[Values]:
    held, planned = len(names_ever_held(case.holdings)), len(case.new_actions)
    if held + planned > MAX_NAMES_AN_ACCOUNT:
        yield {"held": held, "planned": planned, "most": MAX_NAMES_AN_ACCOUNT, "moved": _moved(case.portfolio)}


def _moved(portfolio: Portfolio) -> str:
    """What is to be said of names that stand under the organization on the index: no list has them."""
    organization = portfolio.organization.index_organization
    return f"; names moved to the organization {organization} count as the ledger has them" if organization else ""


def _too_many_a_package(case: _Planned) -> Iterator[Values]:
    by_package = count_by_package(case.holdings)
    by_package.update(action.target for action in case.new_actions)
    for target, number in sorted(by_package.items()):
        if number > MAX_NAMES_A_PACKAGE:
            moved = _moved(case.portfolio)
            yield {"target": target, "number": number, "most": MAX_NAMES_A_PACKAGE, "moved": moved}


#: Both count over the ledger's life: a name that was given up counts, too.
_CEILINGS: Final = (
    RefusalRule(
        "guard-account-ceiling",
        _too_many_names,
        "{held} names held, {planned} planned: more than {most} an account{moved}",
        "lower budget.total; ask the index's administrators to prohibit names instead",
    ),
    RefusalRule(
        "guard-package-ceiling",
        _too_many_a_package,
        "{number} names for {target} are more than {most} a package{moved}",
        "lower budget.per_package; ask the index's administrators to prohibit names instead",
    ),
)

# ------------------------------------------------------------------- what belongs elsewhere


_BELONGING: Final[tuple[RefusalRule[_Approved], ...]] = (
    RefusalRule(
        "guard-incomplete",
        lambda case: ({"key": key} for key in case.portfolio.missing),
        "names.yaml lacks {key}",
        "write it into names.yaml, then plan again",
    ),
    RefusalRule(
        "guard-index",
        lambda case: case.plan.index != case.profile.nickname,
        "the plan is for {case.plan.index}, not for {case.profile.nickname}",
        "plan again with the account.index that you mean",
    ),
    RefusalRule(
        "guard-one-account",
        lambda case: (
            bool(case.holdings.username)
            and not is_same_account(case.holdings.username, case.portfolio.account.username)
        ),
        "the ledger belongs to {case.holdings.username}, names.yaml says {case.portfolio.account.username}",
        "set account.username back: one organization reserves from one account",
    ),
    RefusalRule(
        "guard-stale-account",
        lambda case: case.plan.account != case.portfolio.account or case.plan.organization != case.portfolio.owner,
        "the plan was made for another account or organization than names.yaml names now",
        "plan again",
    ),
)

# ------------------------------------------------------------------- what was approved and reads otherwise now


def _is_edited(plan: Plan) -> bool:
    """Whether the plan's digest doesn't fit its own actions, or a name stands in it twice."""
    is_once = len({action.name for action in plan.actions}) == len(plan.actions)
    return not is_once or action_digest(plan.actions) != plan.action_digest


def _changed_actions(case: _Approved) -> Iterator[Values]:
    fresh = {action.name: action for action in case.fresh_plan.actions}
    for action in case.plan.actions:
        if action.name in fresh and without_figures(fresh[action.name]) != without_figures(action):
            yield {"name": action.name}


_EDITED: Final[RefusalRule[_Approved]] = RefusalRule(
    "guard-plan-edited",
    lambda case: _is_edited(case.plan),
    "the plan's actions don't fit its action digest: it was edited",
    "change names.yaml instead, and plan again",
)

_PLAN_ANEW: Final = "plan and approve again"

_STALE: Final[tuple[RefusalRule[_Approved], ...]] = (
    RefusalRule(
        "guard-stale-action",
        _changed_actions,
        "the placeholder {name} would be another one than was approved",
        _PLAN_ANEW,
    ),
)

# ------------------------------------------------------------------- what a public index asks for


def _example_contact(case: _Approved) -> Iterator[Values]:
    contact = case.portfolio.organization.contact
    host = (contact.rpartition("@")[2] if "://" not in contact else urlsplit(contact).hostname or "").lower()
    if is_example_host(host) and not case.portfolio.demo:
        yield {"contact": contact, "host": host}


def _unannounced(case: _Approved) -> Iterator[Values]:
    """Names that the index's background checks will report to its administrators, who must know of them before.

    No approval covers what a plan's file says about the checks, so that what holds now counts as well.
    """
    announced = case.portfolio.publishing.announced
    if announced is not None and announced <= case.now.date():
        return
    letters = (letter for letter in case.holdings.letters if letter.kind is LetterKind.ANNOUNCE)
    told = case.holdings.names.union(*(letter.names for letter in letters))
    now_flagged = {action.name for action in case.fresh_plan.actions if action.flagged_as}
    flagged = [action.name for action in case.plan.actions if action.flagged_as or action.name in now_flagged]
    untold = [name for name in flagged if name not in told]
    if untold:
        yield {"number": len(untold), "names": ", ".join(untold)}


def _unrehearsed(case: _Approved) -> Iterator[Values]:
    missing = find_unrehearsed(case.plan, case.holdings)
    if missing:
        yield {"missing": len(missing), "planned": len(case.plan.actions)}


_PUBLIC: Final[tuple[RefusalRule[_Approved], ...]] = (
    RefusalRule(
        "guard-demo",
        lambda case: case.portfolio.demo,
        "this portfolio is a demo: its organization is invented",
        "write your own names.yaml (namehold init), without 'demo: true'",
    ),
    RefusalRule(
        "guard-contact",
        _example_contact,
        "the contact {contact} leads nowhere: {host} is kept for examples (RFC 2606)",
        "set organization.contact to an address where people get an answer",
    ),
    RefusalRule(
        "guard-announcement",
        _unannounced,
        "the index will flag {number} of these names to its administrators, who weren't told: {names}",
        "write to them first (namehold letter announce), then set publishing.announced to that day",
    ),
    # What has never run against an index that enforces the real rules isn't tried on the real one first.
    RefusalRule(
        "guard-rehearsal", _unrehearsed, "{missing} of {planned} actions were never rehearsed", "namehold rehearse PLAN"
    ),
)

# ------------------------------------------------------------------- what people must have said, beyond loopback


def _unapproved(case: _Approved, *, is_lapsed: bool) -> Iterator[Values]:
    """Exactly these actions need a person's approval that hasn't lapsed; `is_lapsed`: they had one."""
    plan, holdings, profile = case.plan, case.holdings, case.profile
    if len(find_approved(plan, holdings, now=case.now, profile=profile)) == len(plan.actions):
        return
    ever = {item.digest for item in approvals_of(holdings, profile) if item.time <= case.now}
    if is_lapsed is (len(covered_actions(plan, ever)) == len(plan.actions)):
        approved = {action.name for action in find_approved(plan, holdings, now=case.now, profile=profile)}
        left = [action for action in plan.actions if action.name not in approved]
        told = ((action.name, why_not_approved(action, holdings, now=case.now, profile=profile)) for action in left)
        changes = "; ".join(f"{name}: {why}" for name, why in told if why)
        yield {"digest": plan.action_digest, "days": APPROVAL_LASTS_DAYS, "changes": f" ({changes})" if changes else ""}


_UNPUBLISHED: Final[RefusalRule[_Approved]] = RefusalRule(
    "guard-publishing",
    lambda case: not case.portfolio.publishing.enabled,
    "publishing is switched off",
    "set publishing.enabled: true in names.yaml once the organization has decided",
)

_APPROVE: Final = "read the plan, then: namehold apply PLAN --approve {digest}"

_BEYOND_LOOPBACK: Final[tuple[RefusalRule[_Approved], ...]] = (
    RefusalRule(
        # The administrators' word on a name is final.
        "guard-vanished",
        lambda case: ({"name": name, "seen": seen} for name, seen in tell_undecided(case.holdings).items()),
        "{name}: {seen}",
        "find out what happened, record it for {name} (namehold status --decide), and only then go on",
    ),
    _UNPUBLISHED,
    RefusalRule(
        "guard-approval", partial(_unapproved, is_lapsed=False), "these actions aren't approved{changes}", _APPROVE
    ),
    RefusalRule(
        "guard-approval-lapsed",
        partial(_unapproved, is_lapsed=True),
        "the approval of these actions is more than {days} days old",
        _APPROVE,
    ),
)
