"""From names.yaml to a plan: derive, check, assess, select, render. Offline, without credentials, the same every time.

plan = make_plan(portfolio, view=snapshot, holdings=holdings, renderer=templates, weights=weights,
                 popular=popular_names.ranks, dictionary=words, as_of=today, quota=profile.quota)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import count
from typing import Final

from packaging.utils import NormalizedName

from namehold import __version__
from namehold.candidates import Candidate, Clue, Score, Weights, derive_candidates
from namehold.documents import digest
from namehold.index import IndexProfile, Quota, SnapshotView
from namehold.index.rules import TYPO_CORPUS_SIZE, TypoCorpus, check_names
from namehold.ledger import Holdings
from namehold.ownership import OwnershipProof
from namehold.plan.actions import plan_actions, plan_renewals
from namehold.plan.assess import Assessor
from namehold.plan.budget import Selection, select
from namehold.plan.checks.approvals import action_digest, freeze
from namehold.plan.checks.content import parts_of
from namehold.plan.checks.standing import ReleaseRecord, find_organizations, find_standing, warn_of_claims
from namehold.plan.checks.waiting import split_waiting, why_targets_wait
from namehold.plan.model import Action, Assessment, Plan, PolicyDifference, Provenance, Renderer
from namehold.plan.routes import ACTING
from namehold.plan.territory import Territory
from namehold.plan.users import find_audiences, users_of
from namehold.plan.warn import find_warnings
from namehold.plan.wishes import find_unlisted, find_wishes
from namehold.portfolio import Evidence, Policy, PolicyName, Portfolio

_NO_EVIDENCE = Evidence()
#: What releases show before any was read.
_NO_RELEASES: Final[ReleaseRecord] = {}
#: About this share of a plan's time is gone when the candidates are there (measured with 100 packages).
_DERIVED: Final = 0.5
#: Of one candidate in so many it is told that it was looked at.
_TOLD_EACH: Final = 100


def make_plan(
    portfolio: Portfolio,
    *,
    view: SnapshotView | None,
    holdings: Holdings,
    renderer: Renderer,
    weights: Weights,
    popular: Mapping[NormalizedName, int],
    dictionary: Collection[str],
    general: Collection[str],
    as_of: dt.date,
    quota: Quota | None,
    profile: IndexProfile | None = None,
    evidence: Evidence = _NO_EVIDENCE,
    proofs: Collection[OwnershipProof] = (),
    releases: ReleaseRecord = _NO_RELEASES,
    report: Callable[[float], None] = lambda _: None,
) -> Plan:
    """What to do with every name that the portfolio gives reason to look at; the same arguments give the same plan.

    Args:
        portfolio: names.yaml.
        view: The list of the index's names; None leaves every name unknown.
        holdings: The ledger of the index and account.
        renderer: The placeholder templates.
        weights: What each technique's evidence counts.
        popular: Well-known projects with their ranks, from 1.
        dictionary: Words that belong to everybody.
        general: Words that say what a package does, never whose it is.
        as_of: The plan's first day.
        quota: The index's, as its answers said last if the ledger knows it; None: no limit.
        profile: Which rules the index has; None: all of the public ones'.
        evidence: What adds to the observations of names.yaml.
        proofs: What the index showed last about who owns the packages; names around those without proof wait.
        releases: Which surfaces the packages' releases show, and since when.
        report: Called with the share of the work that is done, from 0 to 1.

    Raises:
        TemplateError: A placeholder can't be rendered.
    """
    asked, portfolio = portfolio, portfolio.with_evidence(evidence)
    holdings = _without_lost(holdings, view)
    derived = count(1)
    candidates = derive_candidates(
        portfolio,
        weights=weights,
        popular=popular,
        with_factors=False,
        report=lambda _: report(_DERIVED * next(derived) / len(portfolio.packages)),
    )
    # But for the background checks: those are asked only about names that are acted on, and most are only watched.
    checks = check_names(
        [candidate.name for candidate in candidates],
        view=view,
        corpus=TypoCorpus(()),
        prohibited=holdings.prohibited,
        profile=profile,
    )
    audiences = find_audiences(portfolio, popular=popular, view=view)
    assessor = Assessor(
        portfolio,
        checks=dict(zip((candidate.name for candidate in candidates), checks, strict=True)),
        holdings=holdings,
        territory=make_territory(
            portfolio,
            view=view,
            holdings=holdings,
            popular=popular,
            dictionary=dictionary,
            general=general,
            as_of=as_of,
            profile=profile,
            releases=releases,
            proofs=proofs,
        ),
        view=view,
        corpus=_typo_corpus(tuple(sorted(popular, key=popular.__getitem__)[:TYPO_CORPUS_SIZE])),
        as_of=as_of,
    )

    def select_from(assessments: tuple[Assessment, ...], policy: Policy) -> Selection:
        if profile is None or profile.is_public:
            assessments = warn_of_claims(assessments, portfolio, releases)
        return select(
            assessments,
            portfolio=portfolio,
            holdings=holdings,
            quota=quota,
            policy=policy,
            has_similarity_rule=profile is None or profile.has_similarity_rule,
            users=users_of(audiences),
        )

    assessed = assessor.assess(
        _told(candidates, lambda share: report(_DERIVED + (1 - _DERIVED) * share)), portfolio.policy
    )
    selection = select_from(assessed, portfolio.policy)
    other = other_policy(portfolio.policy)
    renewals = plan_renewals(portfolio, holdings, as_of=as_of)
    planned = plan_actions(selection, portfolio=portfolio, holdings=holdings, quota=quota, as_of=as_of)
    possible, held_back = split_waiting(
        (*renewals, *planned), why_targets_wait(proofs, today=as_of, portfolio=portfolio)
    )
    shown = portfolio.with_stand_ins()

    def render(action: Action) -> Action:
        """The action with what a person approves of its placeholder, and with the values that an approval froze."""
        approvable = replace(action, parts=parts_of(action, shown, renderer))
        frozen = freeze(approvable, holdings, on=as_of, profile=profile)
        return replace(frozen, tree_digest=renderer.render(frozen, shown).digest)

    actions = tuple(map(render, possible))
    snapshot = view.info if view is not None else None
    wishes = find_wishes(
        asked, selection=selection, actions=actions, held_back=held_back, holdings=holdings, as_of=as_of
    )
    return Plan(
        index=portfolio.account.index,
        account=portfolio.account,
        organization=portfolio.owner,
        policy=portfolio.policy,
        budget=portfolio.budget,
        quota=quota,
        actions=actions,
        deferred=(*held_back, *selection.deferred),
        assessments=tuple(map(_brief, selection.assessments)),
        coverage=selection.coverage,
        audiences=audiences,
        wishes=wishes,
        other_policy=find_differences(selection, select_from(assessor.reassess(assessed, other), other)),
        warnings=(
            *find_unlisted(portfolio, view=view, popular=popular),
            *find_warnings(
                actions,
                selection,
                portfolio=portfolio,
                holdings=holdings,
                snapshot=snapshot,
                profile=profile,
                as_of=as_of,
                wishes=wishes,
            ),
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
        action_digest=action_digest(actions),
    )


def _told(candidates: Sequence[Candidate], report: Callable[[float], None]) -> Iterator[Candidate]:
    """The candidates; of some it is told, as they are taken, which share of them was."""
    for number, candidate in enumerate(candidates):
        if number % _TOLD_EACH == 0:
            report(number / len(candidates))
        yield candidate


def make_territory(
    portfolio: Portfolio,
    *,
    view: SnapshotView | None,
    holdings: Holdings,
    popular: Mapping[NormalizedName, int],
    dictionary: Collection[str],
    general: Collection[str],
    as_of: dt.date,
    profile: IndexProfile | None = None,
    releases: ReleaseRecord = _NO_RELEASES,
    proofs: Collection[OwnershipProof] = (),
) -> Territory:
    """Who has the better claim on a name, for the same arguments as `make_plan`."""
    is_public = profile is None or profile.is_public
    return Territory(
        portfolio,
        popular=popular,
        dictionary=dictionary,
        general=general,
        view=view,
        standing=find_standing(portfolio, releases, as_of=as_of, is_public=is_public),
        organizations=find_organizations(proofs),
        held=frozenset(item.name for item in holdings.held),
    )


@lru_cache(maxsize=2)
def _typo_corpus(names: tuple[str, ...]) -> TypoCorpus:
    """The corpus of these names, which is slow to make; the popular names are the same in every plan of a process."""
    return TypoCorpus(names)


def _without_lost(holdings: Holdings, view: SnapshotView | None) -> Holdings:
    """The ledger without what was about to be sent and isn't on the index's list: it may never have arrived.

    Such a name is planned as if new, so that the run which finds out can send it. It asks the index first.
    """
    there = view.existing(holdings.open_intents) if view is not None else frozenset()
    lost = frozenset(holdings.open_intents) - there
    return replace(
        holdings,
        open_intents=tuple(name for name in holdings.open_intents if name not in lost),
        unproven=tuple(intent for intent in holdings.unproven if intent.name not in lost),
    )


def _brief(item: Assessment) -> Assessment:
    """The assessment as a plan carries it: each piece of evidence once, in its strongest channel, and no factors.

    `explain` computes them all anew; thousands of names would make the file a large one.
    """
    candidate, evidence, score = item.candidate, item.candidate.evidence, item.candidate.score
    if len(evidence) == 1 and not score.factors:
        return item
    if len(evidence) > 1:
        clues: dict[tuple[str, str], Clue] = {}
        for clue in sorted(evidence, key=lambda clue: (-clue.weight, clue.channel)):
            clues.setdefault((clue.technique, clue.detail), clue)
        evidence = tuple(clues.values())
    if score.factors:
        score = Score(value=score.value, channels=score.channels)
    brief = Candidate(name=candidate.name, target=candidate.target, evidence=evidence, score=score)
    return item.changed(candidate=brief)


def find_differences(mine: Selection, other: Selection) -> tuple[PolicyDifference, ...]:
    """The names that are acted on under one policy and not, or otherwise, under the other; in the plan's order."""
    others = {item.candidate.name: item for item in other.assessments}
    pairs = ((item, others[item.candidate.name]) for item in mine.assessments)
    return tuple(
        PolicyDifference(
            name=item.candidate.name,
            target=item.candidate.target,
            route=item.route,
            other_route=changed.route,
            reason=changed.reasons[0],
        )
        for item, changed in pairs
        if item.route is not changed.route and not ACTING.isdisjoint((item.route, changed.route))
    )


def other_policy(policy: Policy) -> Policy:
    """The same policy under the other name."""
    name = PolicyName.PROTECTIVE if policy.name is PolicyName.CAUTIOUS else PolicyName.CAUTIOUS
    return replace(policy, name=name)
