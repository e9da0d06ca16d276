"""From names.yaml to a plan: derive, check, assess, select, render. Offline, without credentials, the same every time.

plan = make_plan(portfolio, view=snapshot, holdings=holdings, renderer=templates, weights=weights,
                 popular=popular_names.ranks, dictionary=words, as_of=today, quota=profile.quota)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from packaging.utils import NormalizedName

from namehold import __version__
from namehold.candidates import Candidate, Clue, Score, Weights, derive_candidates
from namehold.documents import digest
from namehold.index import (
    SNAPSHOT_MAX_AGE_DAYS,
    TYPO_CORPUS_SIZE,
    IndexProfile,
    Quota,
    SnapshotInfo,
    SnapshotView,
    TypoCorpus,
    check_names,
)
from namehold.ledger import Holdings
from namehold.plan.actions import plan_actions, plan_renewals
from namehold.plan.approvals import action_digest
from namehold.plan.assess import Assessor
from namehold.plan.budget import CONFUSABLE_RULES, Selection, select
from namehold.plan.model import Action, Plan, PolicyDifference, Provenance, Reason, Renderer
from namehold.plan.routes import ACTING, refused_overrides
from namehold.plan.standing import warn_of_claims
from namehold.plan.territory import Territory
from namehold.portfolio import Evidence, Policy, PolicyName, Portfolio

_NO_EVIDENCE = Evidence()


def make_plan(
    portfolio: Portfolio,
    *,
    view: SnapshotView | None,
    holdings: Holdings,
    renderer: Renderer,
    weights: Weights,
    popular: Mapping[NormalizedName, int],
    dictionary: Collection[str],
    as_of: dt.date,
    quota: Quota | None,
    profile: IndexProfile | None = None,
    evidence: Evidence = _NO_EVIDENCE,
) -> Plan:
    """What to do with every name that the portfolio gives reason to look at.

    `popular` has ranks from 1; `quota` is the index's (what its answers said last, if the ledger knows it);
    `profile` says which rules the index has, None: all of the public ones'.
    `evidence` adds to what names.yaml observed.
    The same arguments give the same plan. Raises TemplateError if a placeholder can't be rendered.
    """
    portfolio = portfolio.with_evidence(evidence)
    candidates = derive_candidates(portfolio, weights=weights, popular=popular)
    names = [candidate.name for candidate in candidates]
    # The corpus is asked only about names that are acted on: most names are only watched.
    checks = check_names(names, view=view, corpus=TypoCorpus(()), prohibited=holdings.prohibited, profile=profile)
    assessor = Assessor(
        portfolio,
        checks=dict(zip(names, checks, strict=True)),
        holdings=holdings,
        territory=Territory(portfolio, popular=popular, dictionary=dictionary),
        view=view,
        corpus=TypoCorpus(sorted(popular, key=popular.__getitem__)[:TYPO_CORPUS_SIZE]),
    )

    def selection_under(policy: Policy) -> Selection:
        assessments = assessor.assess(candidates, policy)
        if profile is None or profile.is_public:
            assessments = warn_of_claims(assessments, portfolio)
        return select(assessments, portfolio=portfolio, holdings=holdings, quota=quota, policy=policy)

    selection = selection_under(portfolio.policy)
    planned = plan_actions(selection, portfolio=portfolio, holdings=holdings, quota=quota, as_of=as_of)
    renewed = plan_renewals(portfolio, holdings, as_of=as_of)
    planned = (*renewed, *(replace(action, ordinal=action.ordinal + len(renewed)) for action in planned))
    actions = tuple(replace(action, tree_digest=renderer.render(action, portfolio).digest) for action in planned)
    snapshot = view.info if view is not None else None
    return Plan(
        index=portfolio.account.index,
        account=portfolio.account,
        organization=portfolio.organization.name,
        policy=portfolio.policy,
        budget=portfolio.budget,
        quota=quota,
        actions=actions,
        deferred=selection.deferred,
        assessments=tuple(replace(item, candidate=_brief(item.candidate)) for item in selection.assessments),
        coverage=selection.coverage,
        other_policy=find_differences(selection, selection_under(other_policy(portfolio.policy))),
        warnings=find_warnings(
            actions, selection, portfolio=portfolio, holdings=holdings, snapshot=snapshot, as_of=as_of
        ),
        provenance=Provenance(
            tool=f"namehold {__version__}",
            as_of=as_of,
            portfolio=portfolio.digest,
            snapshot=snapshot,
            ledger_head=holdings.head,
            weights=weights.digest,
            popular=digest(tuple(popular)),
            templates=renderer.digest,
            evidence=evidence.digest,
        ),
        action_digest=action_digest(actions, portfolio.policy),
    )


def _brief(candidate: Candidate) -> Candidate:
    """The candidate as a plan carries it: each piece of evidence once, in its strongest channel, and no factors.

    `explain` computes them all anew; thousands of names would make the file a large one.
    """
    clues: dict[tuple[str, str], Clue] = {}
    for item in sorted(candidate.evidence, key=lambda item: (-item.weight, item.channel)):
        clues.setdefault((item.technique, item.detail), item)
    return replace(
        candidate,
        evidence=tuple(clues.values()),
        score=Score(value=candidate.score.value, channels=candidate.score.channels),
    )


def find_differences(mine: Selection, other: Selection) -> tuple[PolicyDifference, ...]:
    """The names that are acted on under one policy and not, or otherwise, under the other; in the plan's order."""
    other_routes = {item.candidate.name: item.route for item in other.assessments}
    return tuple(
        PolicyDifference(
            name=item.candidate.name,
            target=item.candidate.target,
            route=item.route,
            other_route=other_routes[item.candidate.name],
        )
        for item in mine.assessments
        if item.route is not other_routes[item.candidate.name]
        and not ACTING.isdisjoint((item.route, other_routes[item.candidate.name]))
    )


def other_policy(policy: Policy) -> Policy:
    """The same policy under the other name."""
    name = PolicyName.PROTECTIVE if policy.name is PolicyName.CAUTIOUS else PolicyName.CAUTIOUS
    return replace(policy, name=name)


def find_warnings(
    actions: Sequence[Action],
    selection: Selection,
    *,
    portfolio: Portfolio,
    holdings: Holdings,
    snapshot: SnapshotInfo | None,
    as_of: dt.date,
) -> tuple[Reason, ...]:
    """What a person should know about the plan as a whole; what is about one name stands beside that name."""
    warnings = [
        *_snapshot_warnings(selection, snapshot, index=portfolio.account.index, as_of=as_of),
        *(
            Reason(
                rule="override-ignored",
                text=f"policy.routes.{name_class}: '{route}' is no route for this class; the default stays.",
            )
            for name_class, route in refused_overrides(portfolio.policy)
        ),
    ]
    held = {item.name for item in holdings.held}
    strange = sorted(item.name for item in portfolio.renewals if item.name not in held)
    if strange:
        text = f"names.yaml asks for a later version of what isn't held (renew): {', '.join(strange)}."
        warnings.append(Reason(rule="renewal-not-held", text=text))
    if holdings.undecided:
        names = ", ".join(sorted(holdings.undecided))
        text = (
            f"The index took these names away, and apply stops until its administrators' answer is recorded: {names}."
        )
        warnings.append(Reason(rule="names-vanished", text=text))
    flagged = sum(bool(action.flagged_as) for action in actions)
    if flagged:
        text = (
            f"{flagged} of the planned names will show up in the index's background checks: "
            "tell its administrators before the first upload."
        )
        warnings.append(Reason(rule="administrators-first", text=text))
    confusable = sum(action.reasons[0].rule in CONFUSABLE_RULES for action in actions)
    if confusable:
        text = f"{confusable} of the planned names were never the organization's own: the index may remove them."
        warnings.append(Reason(rule="index-may-remove", text=text))
    return tuple(warnings)


def _snapshot_warnings(
    selection: Selection, snapshot: SnapshotInfo | None, *, index: str, as_of: dt.date
) -> Iterator[Reason]:
    unknown = sum(item.reasons[0].rule == "unknown" for item in selection.assessments)
    if snapshot is None or not snapshot.complete:
        what = "no list" if snapshot is None else "no complete list"
        text = f"There is {what} of the names on {index}: {unknown} names can't be planned until there is one."
        yield Reason(rule="no-snapshot" if snapshot is None else "partial-snapshot", text=text)
    if snapshot is None:
        return
    if snapshot.index != index:
        text = f"The list of names is one of {snapshot.index}, not of {index}."
        yield Reason(rule="other-snapshot", text=text)
    age_days = snapshot.age_days(as_of)
    if snapshot.is_stale(as_of):
        text = (
            f"The list of names is {age_days} days old; apply to a public index takes at most {SNAPSHOT_MAX_AGE_DAYS}."
        )
        yield Reason(rule="old-snapshot", text=text)
    elif age_days < 0:
        yield Reason(rule="future-snapshot", text=f"The list of names is dated {snapshot.taken}, after this plan.")
