"""One invented organization, Acme Robotics: its index, portfolios, candidates, plans, ledger and placeholders."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from typing import Any

from packaging.utils import NormalizedName, canonicalize_name

from namehold.candidates.model import Candidate, Channel, Clue, Score
from namehold.candidates.wordlists import general_words
from namehold.documents import canonical_json
from namehold.index.model import IndexProfile, Outcome, Quota, SnapshotInfo
from namehold.index.rules.names import Availability, NameCheck, Protection, TypoCorpus, TypoFlag, check_names
from namehold.ledger.model import Approval, HeldName, Holdings
from namehold.placeholder.model import SourceFile, SourceTree, tree_digest
from namehold.plan.assess import Assessor
from namehold.plan.checks.approvals import action_digest
from namehold.plan.make import make_territory
from namehold.plan.model import Action, Assessment, CoveragePoint, Deferred, Plan, PolicyDifference, Provenance, Reason
from namehold.plan.territory import Territory
from namehold.portfolio.model import Account, Budget, Mode, Organization, Policy, Portfolio, Route
from namehold.portfolio.packages import NameClass, Package, Surface, SurfaceKind
from namehold.snapshot.file import Snapshot

DAY = dt.date(2026, 11, 2)
NOON = dt.datetime(2026, 11, 2, 12, tzinfo=dt.UTC)
AS_OF = dt.date(2026, 11, 22)
QUOTA = Quota(limit=4, window_s=86_400)
TOOL, SDK = NormalizedName("acme-tool"), NormalizedName("acme-robotics-sdk")
#: Well-known projects of others, with ranks.
POPULAR = {
    name: rank for rank, name in enumerate(map(canonicalize_name, ("requests", "numpy", "flask", "acme-http")), 1)
}
DICTIONARY = frozenset({"tool", "gripper", "robot"})

PROFILE = IndexProfile(
    nickname="pypi",
    upload="https://upload.index.example/legacy/",
    simple="https://index.example/simple/",
    json="https://index.example/pypi/",
    is_public=True,
    is_loopback=False,
    shows_ownership=True,
    has_similarity_rule=True,
    has_stdlib_rule=True,
    quota=QUOTA,
)

ORGANIZATION = Organization(
    name="Acme Robotics",
    contact="security@acme.example",
    homepage="https://acme.example/",
    legal_name="Acme Robotics Ltd.",
    policy_page="https://acme.example/names",
    index_organization="acme",
)

ACCOUNT = Account(index="pypi", username="acme-names")

PACKAGES = (
    Package(
        name=NormalizedName("acme-tool"),
        spelled="Acme_Tool",
        surfaces=(
            Surface(kind=SurfaceKind.IMPORT, value="acmetool.core", source="names.yaml"),
            Surface(kind=SurfaceKind.COMMAND, value="acme-run", source="names.yaml"),
        ),
    ),
    Package(name=NormalizedName("acme-private"), spelled="acme-private", published=False),
)


def name(text: str) -> NormalizedName:
    """`text`, which the test knows to be normalized (or means not to be)."""
    return NormalizedName(text)


def surface(kind: SurfaceKind, value: str) -> Surface:
    return Surface(kind=kind, value=value, source="names.yaml")


def package(text: str, *surfaces: Surface, **values: Any) -> Package:
    return Package(name=name(text), spelled=text, surfaces=surfaces, **values)


def portfolio(*packages: Package, **values: Any) -> Portfolio:
    """What a plan is made for: these packages, acme-tool by default."""
    return Portfolio(
        organization=Organization(name="Acme Robotics", contact="security@acme-robotics.dev"),
        account=ACCOUNT,
        packages=packages or (package("acme-tool"),),
        **values,
    )


def candidate(
    text: str,
    target: str = "acme-tool",
    *,
    name_class: NameClass = NameClass.TYPO,
    channel: Channel = Channel.TYPO,
    score: float = 0.2,
) -> Candidate:
    evidence = Clue(
        technique=str(name_class),
        channel=channel,
        name_class=name_class,
        surface=Surface(kind=SurfaceKind.PROJECT, value=target, source="names.yaml"),
        detail=f"{target} -> {text}",
        weight=math.log(score) if score else -20.0,
    )
    return Candidate(name=name(text), target=name(target), evidence=(evidence,), score=Score(value=score))


def full_portfolio(packages: tuple[Package, ...] = PACKAGES, **organization: Any) -> Portfolio:
    """What a placeholder is rendered for: an organization that says all that it can about itself."""
    return Portfolio(
        organization=replace(ORGANIZATION, **organization),
        account=ACCOUNT,
        packages=packages,
    )


def snapshot(*listed: str, complete: bool = True, taken: dt.date = AS_OF, index: str = "pypi") -> Snapshot:
    names = [name(text) for text in listed]
    return Snapshot.of(names, index=index, source="test", taken=taken, complete=complete)


def territory(owned: Portfolio, *, view: Snapshot | None = None, holdings: Holdings | None = None) -> Territory:
    """What the portfolio owns on a private index, where every surface counts."""
    return make_territory(
        owned,
        view=view,
        holdings=holdings or Holdings(),
        popular=POPULAR,
        dictionary=DICTIONARY,
        general=general_words(),
        as_of=AS_OF,
        profile=replace(PROFILE, is_public=False),
    )


def assessed(
    owned: Portfolio,
    *candidates: Candidate,
    listed: tuple[str, ...] = (),
    view: Snapshot | None = None,
    has_list: bool = True,
    holdings: Holdings | None = None,
) -> tuple[Assessment, ...]:
    """The candidates, assessed against a complete list of `listed` names (or `view`, or none at all)."""
    holdings = holdings or Holdings()
    seen = view or (snapshot(*listed) if has_list else None)
    names = [item.name for item in candidates]
    corpus = TypoCorpus(POPULAR)
    checks = check_names(names, view=seen, corpus=corpus, prohibited=holdings.prohibited)
    assessor = Assessor(
        owned,
        checks=dict(zip(names, checks, strict=True)),
        holdings=holdings,
        territory=territory(owned, view=seen, holdings=holdings),
        view=seen,
        corpus=corpus,
        as_of=AS_OF,
    )
    return assessor.assess(candidates, owned.policy)


def action(
    name: str = "acme-tol",
    mode: Mode = Mode.REDIRECT,
    *,
    target: str = "acme-tool",
    reason: str = "one letter of acme-tool left out (distance 1)",
    tree_digest: str = "",
) -> Action:
    return Action(
        ordinal=1,
        day=1,
        name=NormalizedName(name),
        target=NormalizedName(target),
        mode=mode,
        version="0.0.1",
        reasons=(Reason(rule="typo-omission", text=reason),),
        warnings=(),
        flagged_as=(),
        review_date=dt.date(2027, 12, 31),
        score=0.5,
        gain=0.5,
        digest="sha256:" + "ab" * 32,
        tree_digest=tree_digest,
    )


def assessment(
    text: str,
    route: Route,
    *,
    target: NormalizedName = TOOL,
    rate: float = 0.01,
    name_class: NameClass = NameClass.TYPO,
    availability: Availability = Availability.UNREGISTERED,
    protection: Protection = Protection.NONE,
    reason: str = "an adjacent transposition of the project's name",
    warnings: tuple[Reason, ...] = (),
) -> Assessment:
    """One assessed name with one piece of evidence."""
    surface = Surface(kind=SurfaceKind.PROJECT, value=target, source="names.yaml")
    evidence = Clue(
        technique="transposition",
        channel=Channel.TYPO,
        name_class=name_class,
        surface=surface,
        detail=f"{text} for {target}",
        weight=math.log(rate) if rate else -math.inf,
    )
    return Assessment(
        candidate=Candidate(name=name(text), target=target, evidence=(evidence,), score=Score(value=rate)),
        check=NameCheck(name=text, normalized=name(text), availability=availability, protection=protection),
        route=route,
        mode=Mode.REDIRECT if route is Route.RESERVE else None,
        reasons=(Reason(rule=f"route-{route.value}", text=reason),),
        warnings=warnings,
    )


def _reservation(item: Assessment, *, ordinal: int, day: int) -> Action:
    """The reservation of an assessed name."""
    return Action(
        ordinal=ordinal,
        day=day,
        name=item.candidate.name,
        target=item.candidate.target,
        mode=Mode.REDIRECT,
        version="0.0.1",
        reasons=item.reasons,
        warnings=item.warnings,
        flagged_as=(TypoFlag(check="swap", matched=item.candidate.target),) if ordinal == 1 else (),
        review_date=dt.date(2027, 12, 31),
        score=item.candidate.score.value,
        gain=item.candidate.score.value,
        digest=f"sha256:{ordinal:064x}",
    )


def make_plan(
    assessments: tuple[Assessment, ...],
    *,
    planned: tuple[str, ...] = (),
    organization: str = "Acme Robotics",
    deferred: tuple[Deferred, ...] = (),
    other_policy: tuple[PolicyDifference, ...] = (),
    warnings: tuple[Reason, ...] = (),
    a_day: int = 2,
) -> Plan:
    """A plan over these assessments that sends `planned`, `a_day` a day."""
    by_name = {item.candidate.name: item for item in assessments}
    actions = tuple(
        _reservation(by_name[name(text)], ordinal=number, day=1 + (number - 1) // a_day)
        for number, text in enumerate(planned, start=1)
    )
    reservable = [*planned, *(item.name for item in deferred)]
    return Plan(
        index="pypi",
        account=ACCOUNT,
        organization=organization,
        policy=Policy(),
        budget=Budget(),
        quota=Quota(limit=a_day, window_s=86_400),
        actions=actions,
        deferred=deferred,
        assessments=assessments,
        coverage=tuple(
            CoveragePoint(names=number, name=name(text), gain=0.5**number, covered=1 - 0.5**number)
            for number, text in enumerate(reservable, start=1)
        ),
        other_policy=other_policy,
        warnings=warnings,
        provenance=Provenance(
            tool="namehold 0.1.0",
            as_of=DAY,
            portfolio="sha256:" + "01" * 32,
            snapshot=SnapshotInfo(
                index="pypi",
                source="list.txt.gz",
                taken=dt.date(2026, 11, 1),
                count=700_000,
                digest="sha256:" + "02" * 32,
                complete=True,
            ),
            ledger_head="",
            weights="sha256:" + "03" * 32,
            popular="sha256:" + "04" * 32,
            templates="sha256:" + "05" * 32,
        ),
        action_digest=action_digest(actions),
    )


def every_route_plan() -> Plan:
    """Three reservations over two days, one deferred, and at least one name for every other route and state."""
    swapped = Reason(rule="class-warning", text="A redirect teaches the wrong name for good.")
    assessments = (
        assessment("acme-cli", Route.RESERVE, rate=0.4, name_class=NameClass.SURFACE, reason="a command of acme-tool"),
        assessment("acmetools", Route.RESERVE, rate=0.3, name_class=NameClass.OBSERVED, warnings=(swapped,)),
        assessment("acme-robotics", Route.RESERVE, target=SDK, rate=0.2, name_class=NameClass.SURFACE),
        assessment("acme-sdk", Route.RESERVE, target=SDK, rate=0.1, name_class=NameClass.SURFACE),
        assessment("acme-tol", Route.REQUEST, rate=0.028),
        assessment("acme-robotcs-sdk", Route.REQUEST, target=SDK, rate=0.03),
        assessment("acme-client", Route.NAMESPACE, name_class=NameClass.COMBO, rate=0.01),
        *(assessment(f"acme-too{letter}", Route.WATCH, rate=0.001) for letter in "abcdefghijkm"),
        assessment("acme-t00l", Route.PROTECTED, availability=Availability.BLOCKED, protection=Protection.SIMILAR),
        assessment("acne-tool", Route.FLAG, availability=Availability.FOREIGN, rate=0.005),
        assessment("acme", Route.NONE, availability=Availability.TAKEN, reason="taken; holder not looked up"),
        assessment("acme-robotics-sdk2", Route.NONE, availability=Availability.OURS, target=SDK, reason="our own"),
        assessment("acme-billing", Route.NONE, name_class=NameClass.INTERNAL, reason="set the client to one index"),
        assessment("acme-next", Route.NONE, name_class=NameClass.FUTURE, reason="publish a first real release"),
        assessment("acme-lab", Route.NONE, availability=Availability.UNKNOWN, reason="the list is not complete"),
        assessment("acme-word", Route.NONE, reason="a word of the dictionary"),
    )
    deferred = (
        Deferred(
            name=name("acme-sdk"),
            target=SDK,
            score=0.1,
            reason=Reason(rule="budget-total", text="the budget of 3 names is spent"),
            key="budget.total",
        ),
    )
    other = tuple(
        PolicyDifference(
            name=name(text),
            target=target,
            route=Route.REQUEST,
            other_route=Route.RESERVE,
            reason=Reason(rule="likely-typo", text=f"A likely typing error for {target}."),
        )
        for text, target in (("acme-tol", TOOL), ("acme-robotcs-sdk", SDK))
    )
    return make_plan(
        assessments,
        planned=("acme-cli", "acmetools", "acme-robotics"),
        deferred=deferred,
        other_policy=other,
        warnings=(Reason(rule="flagged-batch", text="Tell the administrators before a batch that looks like typos."),),
    )


def held(text: str, target: str = TOOL) -> HeldName:
    """A name that the ledger proves to be held."""
    return HeldName(
        name=name(text),
        target=name(target),
        mode=Mode.REDIRECT,
        version="0.0.1",
        since=NOON,
        files=((f"{text.replace('-', '_')}-0.0.1.tar.gz", "f1" * 32),),
        action_digest="sha256:" + "11" * 32,
    )


#: What a person approves who approves `every_route_plan()`.
ACTION_DIGEST = every_route_plan().action_digest


def approval(digest: str) -> Approval:
    """Given at noon of the first day."""
    return Approval(digest=digest, time=NOON, address="sha256:" + "ad" * 32)


def first_day_done() -> Holdings:
    """The ledger after day 1: one name held, one that the index refused as too similar."""
    return Holdings(
        index="pypi",
        username=ACCOUNT.username,
        head="sha256:" + "0b" * 32,
        held=(held("acme-cli"),),
        settled=((name("acmetools"), Outcome.REFUSED_SIMILAR.value),),
        approvals=(approval(ACTION_DIGEST),),
        rehearsals=(ACTION_DIGEST,),
    )


class PlainRenderer:
    """A renderer whose 'template' is the values themselves: changed values give other bytes."""

    digest = "sha256:templates"

    def render(self, action: Action, owned: Portfolio) -> SourceTree:
        shown = {"action": action.digest, "tool": action.tool, "organization": owned.organization}
        files = (SourceFile(path="reservation.json", text=canonical_json(shown).decode()),)
        return SourceTree(
            name=action.name, version=action.version, mode=action.mode, files=files, digest=tree_digest(files)
        )


def bare_plan(
    portfolio: Portfolio, actions: tuple[Action, ...], *, quota: Quota | None, as_of: dt.date, templates: str = ""
) -> Plan:
    """A plan of these actions, and of nothing else."""
    return Plan(
        index=portfolio.account.index,
        account=portfolio.account,
        organization=portfolio.organization.name,
        policy=portfolio.policy,
        budget=portfolio.budget,
        quota=quota,
        actions=actions,
        deferred=(),
        assessments=(),
        coverage=(),
        other_policy=(),
        warnings=(),
        provenance=Provenance(
            tool="namehold",
            as_of=as_of,
            portfolio="",
            snapshot=None,
            ledger_head="",
            weights="",
            popular="",
            templates=templates,
        ),
        action_digest=action_digest(actions),
    )
