"""A fictional organization's plan and ledger, with every route and every state, for tests of what reads them."""

from __future__ import annotations

import datetime as dt
import math

from packaging.utils import NormalizedName

from namehold.candidates.model import Candidate, Channel, Clue, Score
from namehold.index.model import Outcome, Quota, SnapshotInfo
from namehold.index.rules.names import Availability, NameCheck, Protection, TypoFlag
from namehold.ledger.model import Approval, HeldName, Holdings
from namehold.plan.approvals import action_digest
from namehold.plan.model import Action, Assessment, CoveragePoint, Deferred, Plan, PolicyDifference, Provenance, Reason
from namehold.portfolio.model import Account, Budget, Mode, NameClass, Policy, Route, Surface, SurfaceKind

DAY = dt.date(2026, 11, 2)
NOON = dt.datetime(2026, 11, 2, 12, tzinfo=dt.UTC)
TOOL, SDK = NormalizedName("acme-tool"), NormalizedName("acme-robotics-sdk")


def name(text: str) -> NormalizedName:
    """`text`, which the test knows to be normalized (or means not to be)."""
    return NormalizedName(text)


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


def action(item: Assessment, *, ordinal: int, day: int) -> Action:
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
        action(by_name[name(text)], ordinal=number, day=1 + (number - 1) // a_day)
        for number, text in enumerate(planned, start=1)
    )
    reservable = [*planned, *(item.name for item in deferred)]
    return Plan(
        index="pypi",
        account=Account(index="pypi", username="acme-names"),
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
        action_digest=action_digest(actions, Policy()),
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
        PolicyDifference(name=name(text), target=target, route=Route.REQUEST, other_route=Route.RESERVE)
        for text, target in (("acme-tol", TOOL), ("acme-robotcs-sdk", SDK))
    )
    return make_plan(
        assessments,
        planned=("acme-cli", "acmetools", "acme-robotics"),
        deferred=deferred,
        other_policy=other,
        warnings=(Reason(rule="flagged-batch", text="Tell the administrators before a batch that looks like typos."),),
    )


def held(text: str, *, target: NormalizedName = TOOL) -> HeldName:
    """A name that the ledger proves to be held."""
    return HeldName(
        name=name(text),
        target=target,
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
        username="acme-names",
        head="sha256:" + "0b" * 32,
        held=(held("acme-cli"),),
        settled=((name("acmetools"), Outcome.REFUSED_SIMILAR.value),),
        approvals=(approval(ACTION_DIGEST),),
        rehearsals=(ACTION_DIGEST,),
    )
