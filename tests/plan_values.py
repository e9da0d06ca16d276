"""Hand-made values for tests of assessment, planning and guards: an invented organization and its index."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from packaging.utils import NormalizedName, canonicalize_name

from namehold.candidates.model import Candidate, Channel, Clue, Score
from namehold.documents import digest
from namehold.index.model import IndexProfile, Quota
from namehold.index.rules.names import TypoCorpus, check_names
from namehold.ledger.model import HeldName, Holdings
from namehold.placeholder.model import SourceTree
from namehold.plan.assess import Assessor
from namehold.plan.model import Action, Assessment
from namehold.plan.territory import Territory
from namehold.portfolio.model import Account, Mode, NameClass, Organization, Package, Portfolio, Surface, SurfaceKind
from namehold.snapshot.file import Snapshot

AS_OF = dt.date(2026, 11, 22)
QUOTA = Quota(limit=4, window_s=86_400)
#: Well-known projects of others, with ranks.
POPULAR = {
    name: rank for rank, name in enumerate(map(canonicalize_name, ("requests", "numpy", "flask", "acme-http")), 1)
}
DICTIONARY = frozenset({"tool", "gripper", "robot"})

PROFILE = IndexProfile(
    nickname="pypi",
    upload="https://index.invalid/legacy/",
    simple="https://index.invalid/simple/",
    json="https://index.invalid/json/",
    is_public=True,
    is_loopback=False,
    shows_ownership=True,
    has_similarity_rule=True,
    has_stdlib_rule=True,
    quota=QUOTA,
)


def name(text: str) -> NormalizedName:
    return canonicalize_name(text)


def surface(kind: SurfaceKind, value: str) -> Surface:
    return Surface(kind=kind, value=value, source="names.yaml")


def package(text: str, *surfaces: Surface, **values: Any) -> Package:
    return Package(name=name(text), spelled=text, surfaces=surfaces, **values)


def portfolio(*packages: Package, **values: Any) -> Portfolio:
    return Portfolio(
        organization=Organization(name="Acme Robotics", contact="security@acme-robotics.dev"),
        account=Account(index="pypi", username="acme-reserve"),
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


def held(text: str, target: str = "acme-tool") -> HeldName:
    return HeldName(
        name=name(text),
        target=name(target),
        mode=Mode.REDIRECT,
        version="0.0.1",
        since=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        files=(),
        action_digest="",
    )


def snapshot(*listed: str, complete: bool = True, taken: dt.date = AS_OF, index: str = "pypi") -> Snapshot:
    names = [name(text) for text in listed]
    return Snapshot.of(names, index=index, source="test", taken=taken, complete=complete)


def territory(owned: Portfolio) -> Territory:
    return Territory(owned, popular=POPULAR, dictionary=DICTIONARY)


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
        territory=territory(owned),
        view=seen,
        corpus=corpus,
    )
    return assessor.assess(candidates, owned.policy)


class PlainRenderer:
    """A renderer whose 'template' is the values themselves: changed values give other bytes."""

    digest = "sha256:templates"

    def render(self, action: Action, owned: Portfolio) -> SourceTree:
        rendered = digest({"action": action.digest, "organization": owned.organization})
        return SourceTree(name=action.name, version=action.version, mode=action.mode, files=(), digest=rendered)
