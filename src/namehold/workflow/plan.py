"""From names.yaml to a plan: derive, check, assess, select, render. Offline, without credentials, the same every time.

plan = make_plan(portfolio, view=snapshot, holdings=holdings, renderer=templates, weights=weights,
                 popular=popular_names.ranks, dictionary=words, as_of=today, quota=profile.quota)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import replace

from packaging.utils import NormalizedName

from namehold import __version__, scoring
from namehold.assessment import Assessor, Territory
from namehold.checking import TYPO_CORPUS_SIZE, check_names
from namehold.digests import digest
from namehold.guards import action_digest
from namehold.models import (
    Candidate,
    Evidence,
    Holdings,
    IndexProfile,
    Plan,
    Policy,
    Portfolio,
    Provenance,
    Quota,
    Score,
)
from namehold.names import TypoCorpus
from namehold.planning import (
    Selection,
    find_differences,
    find_warnings,
    other_policy,
    plan_actions,
    plan_renewals,
    select,
)
from namehold.ports import Renderer, SnapshotView
from namehold.standing import warn_of_claims


def make_plan(
    portfolio: Portfolio,
    *,
    view: SnapshotView | None,
    holdings: Holdings,
    renderer: Renderer,
    weights: scoring.Weights,
    popular: Mapping[NormalizedName, int],
    dictionary: Collection[str],
    as_of: dt.date,
    quota: Quota | None,
    profile: IndexProfile | None = None,
) -> Plan:
    """What to do with every name that the portfolio gives reason to look at.

    `popular` has ranks from 1; `quota` is the index's (what its answers said last, if the ledger knows it);
    `profile` says which rules the index has, None: all of the public ones'.
    The same arguments give the same plan. Raises TemplateError if a placeholder can't be rendered.
    """
    candidates = scoring.derive(portfolio, weights=weights, popular=popular)
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
        ),
        action_digest=action_digest(actions, portfolio.policy),
    )


def _brief(candidate: Candidate) -> Candidate:
    """The candidate as a plan carries it: each piece of evidence once, in its strongest channel, and no factors.

    `explain` computes them all anew; thousands of names would make the file a large one.
    """
    evidence: dict[tuple[str, str], Evidence] = {}
    for item in sorted(candidate.evidence, key=lambda item: (-item.weight, item.channel)):
        evidence.setdefault((item.technique, item.detail), item)
    return replace(
        candidate,
        evidence=tuple(evidence.values()),
        score=Score(value=candidate.score.value, channels=candidate.score.channels),
    )
