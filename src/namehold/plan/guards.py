"""What must hold for a whole plan before anything is sent; every finding names what to change.

    refuse(find_plan_refusals(plan, portfolio=..., holdings=..., profile=..., territory=...))
    refuse(find_apply_refusals(plan, portfolio=..., holdings=..., profile=..., now=..., fresh_plan=...))

Guards look at everything before the first byte leaves, never one by one on the way. They repeat what assessment and
planning have seen to, because a plan is a file: it may be old, or written by somebody else.
No key of names.yaml and no flag lifts a guard.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from namehold.errors import Diagnostic, SnapshotError, StalePlan, UnsafePlan
from namehold.index import SNAPSHOT_MAX_AGE_DAYS, IndexProfile, SnapshotInfo, is_same_account
from namehold.ledger import Holdings, LetterKind, count_by_package, names_ever_held
from namehold.plan.approvals import (
    APPROVAL_LASTS_DAYS,
    action_digest,
    approvals_of,
    covered_actions,
    find_approved,
    find_unrehearsed,
)
from namehold.plan.model import Action, Plan, Reason
from namehold.plan.territory import Territory
from namehold.portfolio import MAX_NAMES_A_PACKAGE, MAX_NAMES_AN_ACCOUNT, Mode, NameClass, Portfolio

#: Findings under these rules say that the plan is out of date, not that it is unsafe: make it anew.
STALE_RULES: Final = frozenset(
    {"guard-stale-policy", "guard-stale-templates", "guard-stale-account", "guard-stale-action", "guard-plan-edited"}
)

#: Domains that RFC 2606 and RFC 6761 keep for examples and tests: nobody answers there.
_EXAMPLE_DOMAINS: Final = ("example", "test", "invalid", "localhost", "example.com", "example.net", "example.org")


def find_plan_refusals(
    plan: Plan, *, portfolio: Portfolio, holdings: Holdings, profile: IndexProfile, territory: Territory
) -> tuple[Diagnostic, ...]:
    """Why `plan` may not be carried out, whoever approves it; empty if nothing stands against it.

    The ceilings bind public indexes only; the others bind everywhere.
    """
    findings = [*_find_wrong_targets(plan, portfolio), *_find_foreign_names(plan, territory)]
    if profile.is_public:
        findings += _find_ceilings(plan, holdings)
    return tuple(findings)


def find_apply_refusals(
    plan: Plan,
    *,
    portfolio: Portfolio,
    holdings: Holdings,
    profile: IndexProfile,
    now: dt.datetime,
    fresh_plan: Plan,
) -> tuple[Diagnostic, ...]:
    """Why the first byte of `plan` may not leave `now`; empty if nothing stands against it.

    `plan` is what was approved, `fresh_plan` the plan that the same inputs give now
    (`workflow.plan.make_plan(..., as_of=plan.provenance.as_of)`: with the same date, so that review dates agree).
    `holdings` is the ledger of the plan's index. An action that merely no longer holds is no refusal: it is dropped
    (`find_dropped`). Publishing and approval don't bind an index on loopback.

    The age of the snapshot is a matter of its own (`require_fresh_snapshot`, exit 4).
    """
    findings = [
        *_find_other_index(plan, portfolio, holdings, profile),
        *find_edits(plan),
        *_find_stale(plan, portfolio, fresh_plan),
        *_find_wrong_targets(plan, portfolio),
    ]
    if profile.is_public:
        findings += [
            *_find_ceilings(plan, holdings),
            *_find_demo(portfolio),
            *_find_unannounced(plan, fresh_plan, portfolio, holdings, now.date()),
            *_find_unrehearsed(plan, holdings),
        ]
    if not profile.is_loopback:
        findings += [
            *_find_undecided(holdings),
            *find_unpublished(portfolio),
            *_find_unapproved(plan, holdings, profile, now),
        ]
    return tuple(findings)


def refuse(findings: Iterable[Diagnostic]) -> None:
    """Nothing if there are no findings; else raises UnsafePlan, or StalePlan if the plan is only out of date."""
    diagnostics = tuple(findings)
    if not diagnostics:
        return
    if all(finding.rule in STALE_RULES for finding in diagnostics):
        raise StalePlan(
            "the plan is out of date; nothing was sent",
            hint="namehold plan, then look at what has changed and approve again",
            diagnostics=diagnostics,
        )
    raise UnsafePlan(
        "a guard refuses the plan; nothing was sent",
        hint="mend what the lines above name, then: namehold plan",
        diagnostics=diagnostics,
    )


def find_dropped(plan: Plan, fresh_plan: Plan) -> tuple[tuple[Action, Reason], ...]:
    """The actions of `plan` that `fresh_plan` doesn't contain any more, each with why; the others still hold.

    A refresh may drop or delay an action; it never adds or changes one (`find_apply_refusals` refuses changes).
    """
    still = {action.name for action in fresh_plan.actions}
    assessed = {item.candidate.name: item for item in fresh_plan.assessments}
    deferred = {item.name: item.reason for item in fresh_plan.deferred}
    dropped: list[tuple[Action, Reason]] = []
    for action in plan.actions:
        if action.name in still:
            continue
        fresh = assessed.get(action.name)
        if fresh is None:
            reason = Reason(rule="not-derived", text="Nothing in names.yaml leads to this name any more.")
        else:
            reason = deferred.get(action.name, fresh.reasons[0])
        dropped.append((action, reason))
    return tuple(dropped)


def require_fresh_snapshot(snapshot: SnapshotInfo | None, *, today: dt.date, profile: IndexProfile) -> None:
    """Nothing if the list of names is good enough to act on a public index.

    Raises SnapshotError if there is none, it is incomplete, of another index, or more than `SNAPSHOT_MAX_AGE_DAYS` old.
    """
    if not profile.is_public:
        return
    hint = "namehold snapshot update"
    if snapshot is None:
        raise SnapshotError(f"there is no list of the names on {profile.nickname}", hint=hint)
    if snapshot.index != profile.nickname:
        raise SnapshotError(f"the list of names is one of {snapshot.index}, not of {profile.nickname}", hint=hint)
    if not snapshot.complete:
        raise SnapshotError("the list of names is incomplete: what isn't in it may exist", hint=hint)
    if snapshot.is_stale(today):
        raise SnapshotError(
            f"the list of names is {snapshot.age_days(today)} days old; {SNAPSHOT_MAX_AGE_DAYS} days are the most",
            hint=hint,
        )


def _find_wrong_targets(plan: Plan, portfolio: Portfolio) -> list[Diagnostic]:
    """Actions that lead to nothing of the organization's, or to what isn't on the index yet."""
    packages = {package.name: package for package in portfolio.packages}
    internal = {item.name for item in portfolio.internal}
    findings = []
    for action in plan.actions:
        target = packages.get(action.target)
        if target is None and not (action.mode is Mode.REFUSE and action.name in internal):
            findings.append(
                Diagnostic(
                    message=f"{action.name} points to {action.target}, which is none of the organization's packages",
                    rule="guard-target",
                    fix=f"list {action.target} under packages, or put {action.name} under never",
                )
            )
        elif target is not None and not target.published and action.mode is Mode.REDIRECT:
            findings.append(
                Diagnostic(
                    message=f"{action.name} would redirect to {action.target}, which isn't published",
                    rule="guard-target-unpublished",
                    fix=f"publish {action.target} first, then remove its published: false",
                )
            )
    return findings


def _find_foreign_names(plan: Plan, territory: Territory) -> list[Diagnostic]:
    """Actions on names that belong to somebody else, or to everybody."""
    assessed = {item.candidate.name: item.candidate for item in plan.assessments}
    findings = []
    for action in plan.actions:
        candidate = assessed.get(action.name)
        is_typo = candidate is None or candidate.name_class is NameClass.TYPO
        obstacle = territory.find_obstacle(action.name, target=action.target, is_typo=is_typo)
        if obstacle is not None:
            findings.append(
                Diagnostic(
                    message=f"{action.name} can't be reserved: {obstacle.text}",
                    rule=f"guard-{obstacle.rule}",
                    fix=f"put {action.name} under never in names.yaml, then plan again",
                )
            )
    return findings


def _find_ceilings(plan: Plan, holdings: Holdings) -> list[Diagnostic]:
    """More names than an account or a package may hold over the ledger's life."""
    ever = names_ever_held(holdings)
    new = [action for action in plan.actions if action.name not in ever]
    findings = []
    if len(ever) + len(new) > MAX_NAMES_AN_ACCOUNT:
        findings.append(
            Diagnostic(
                message=f"{len(ever)} names held, {len(new)} planned: more than {MAX_NAMES_AN_ACCOUNT} an account",
                rule="guard-account-ceiling",
                fix="lower budget.total; ask the index's administrators to prohibit names instead",
            )
        )
    by_package = count_by_package(holdings)
    by_package.update(action.target for action in new)
    findings += [
        Diagnostic(
            message=f"{count} names for {target} are more than {MAX_NAMES_A_PACKAGE} a package",
            rule="guard-package-ceiling",
            fix="lower budget.per_package; ask the index's administrators to prohibit names instead",
        )
        for target, count in sorted(by_package.items())
        if count > MAX_NAMES_A_PACKAGE
    ]
    return findings


def _find_demo(portfolio: Portfolio) -> list[Diagnostic]:
    """An invented organization, or one whose contact nobody can reach, has no place on a public index."""
    if portfolio.demo:
        return [
            Diagnostic(
                message="this portfolio is a demo: its organization is invented",
                rule="guard-demo",
                fix="write your own names.yaml (namehold init), without 'demo: true'",
            )
        ]
    contact = portfolio.organization.contact
    host = (contact.rpartition("@")[2] if "://" not in contact else urlsplit(contact).hostname or "").lower()
    if any(host == domain or host.endswith(f".{domain}") for domain in _EXAMPLE_DOMAINS):
        return [
            Diagnostic(
                message=f"the contact {contact} leads nowhere: {host} is kept for examples (RFC 2606)",
                rule="guard-contact",
                fix="set organization.contact to an address where people get an answer",
            )
        ]
    return []


def _find_other_index(plan: Plan, portfolio: Portfolio, holdings: Holdings, profile: IndexProfile) -> list[Diagnostic]:
    """A plan, a ledger or an account that belongs elsewhere."""
    findings = []
    if plan.index != profile.nickname:
        findings.append(
            Diagnostic(
                message=f"the plan is for {plan.index}, not for {profile.nickname}",
                rule="guard-index",
                fix="plan again with the account.index that you mean",
            )
        )
    if holdings.username and not is_same_account(holdings.username, portfolio.account.username):
        findings.append(
            Diagnostic(
                message=f"the ledger belongs to {holdings.username}, names.yaml says {portfolio.account.username}",
                rule="guard-one-account",
                fix="set account.username back: one organization reserves from one account",
            )
        )
    if plan.account != portfolio.account or plan.organization != portfolio.organization.name:
        findings.append(
            Diagnostic(
                message="the plan was made for another account or organization than names.yaml names now",
                rule="guard-stale-account",
                fix="plan again",
            )
        )
    return findings


def find_edits(plan: Plan) -> list[Diagnostic]:
    """A plan whose digest doesn't fit its own actions, or that has a name twice, was edited by hand."""
    is_once = len({action.name for action in plan.actions}) == len(plan.actions)
    if is_once and action_digest(plan.actions, plan.policy) == plan.action_digest:
        return []
    return [
        Diagnostic(
            message="the plan's actions don't fit its action digest: it was edited",
            rule="guard-plan-edited",
            fix="change names.yaml instead, and plan again",
        )
    ]


def _find_stale(plan: Plan, portfolio: Portfolio, fresh_plan: Plan) -> list[Diagnostic]:
    """Whatever people approved and now reads otherwise: policy, templates, single actions."""
    findings = []
    if plan.policy != portfolio.policy:
        findings.append(
            Diagnostic(
                message="the policy in names.yaml has changed since the plan was made",
                rule="guard-stale-policy",
                fix="plan and approve again",
            )
        )
    if plan.provenance.templates != fresh_plan.provenance.templates:
        findings.append(
            Diagnostic(
                message="the templates have changed since the plan was made",
                rule="guard-stale-templates",
                fix="plan and approve again",
            )
        )
    fresh = {action.name: action for action in fresh_plan.actions}
    for action in plan.actions:
        now = fresh.get(action.name)
        if now is not None and _approved_part(now) != _approved_part(action):
            findings.append(
                Diagnostic(
                    message=f"the placeholder {action.name} would be another one than was approved",
                    rule="guard-stale-action",
                    fix="plan and approve again",
                )
            )
    return findings


def _approved_part(action: Action) -> Action:
    """The action without its place in the plan, its score, and what is only said about it."""
    return replace(action, ordinal=0, day=0, score=0.0, gain=0.0, warnings=(), flagged_as=())


def _find_undecided(holdings: Holdings) -> list[Diagnostic]:
    """Names that we held and that the index took away: its administrators' word is final."""
    return [
        Diagnostic(
            message=f"{name} was held and is gone from the index: its administrators may have removed it",
            rule="guard-vanished",
            fix=f"ask them, record the answer for {name} (namehold status), and only then go on",
        )
        for name in holdings.undecided
    ]


def find_unpublished(portfolio: Portfolio) -> list[Diagnostic]:
    """An organization that hasn't decided to publish."""
    if portfolio.publishing.enabled:
        return []
    return [
        Diagnostic(
            message="publishing is switched off",
            rule="guard-publishing",
            fix="set publishing.enabled: true in names.yaml once the organization has decided",
        )
    ]


def _find_unapproved(plan: Plan, holdings: Holdings, profile: IndexProfile, now: dt.datetime) -> list[Diagnostic]:
    """Every index that isn't on loopback needs a person's approval of exactly these actions, not too long ago."""
    if len(find_approved(plan, holdings, now=now, profile=profile)) == len(plan.actions):
        return []
    ever = {item.digest for item in approvals_of(holdings, profile) if item.time <= now}
    lapsed = len(covered_actions(plan, ever)) == len(plan.actions)
    return [
        Diagnostic(
            message=(
                f"the approval of these actions is more than {APPROVAL_LASTS_DAYS} days old"
                if lapsed
                else "nobody has approved these actions"
            ),
            rule="guard-approval-lapsed" if lapsed else "guard-approval",
            fix=f"read the plan, then: namehold apply PLAN --approve {plan.action_digest}",
        )
    ]


def _find_unrehearsed(plan: Plan, holdings: Holdings) -> list[Diagnostic]:
    """What has never run against an index that enforces the real rules isn't tried on the real one first."""
    missing = find_unrehearsed(plan, holdings)
    if not missing:
        return []
    return [
        Diagnostic(
            message=f"{len(missing)} of {len(plan.actions)} actions were never rehearsed",
            rule="guard-rehearsal",
            fix="namehold rehearse PLAN",
        )
    ]


def _find_unannounced(
    plan: Plan, fresh_plan: Plan, portfolio: Portfolio, holdings: Holdings, today: dt.date
) -> list[Diagnostic]:
    """Names that the index's background checks will report to its administrators, who must know of them before.

    No approval covers what a plan's file says about the checks, so that what holds now counts as well.
    """
    announced = portfolio.publishing.announced
    if announced is not None and announced <= today:
        return []
    told = {
        name for letter in holdings.letters if letter.kind is LetterKind.ANNOUNCE for name in letter.names
    } | holdings.names
    now_flagged = {action.name for action in fresh_plan.actions if action.flagged_as}
    flagged = [
        action.name
        for action in plan.actions
        if (action.flagged_as or action.name in now_flagged) and action.name not in told
    ]
    if not flagged:
        return []
    return [
        Diagnostic(
            message=f"the index will flag {len(flagged)} of these names to its administrators, who weren't told: "
            + ", ".join(flagged),
            rule="guard-announcement",
            fix="write to them first (namehold letter announce), then set publishing.announced to that day",
        )
    ]
