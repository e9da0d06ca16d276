"""Where a name stands among those that may be taken for a package, and what would give it another place.

    places = Places("acme-tols", portfolio, weights=load_weights(), popular=popular_names().ranks)
    place = places.best()
    changes = places.changes(place)

A place under a supposition is found as the real one is, from values that say what is supposed: when it comes true, the
name gets that place.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from packaging.utils import NormalizedName

from namehold.candidates.attribution import Attribution, from_portfolio
from namehold.candidates.derive import derive_candidates, either, unite
from namehold.candidates.explain import explain_names
from namehold.candidates.model import Candidate
from namehold.candidates.rank import Family, shortlist
from namehold.candidates.weights import Weights
from namehold.portfolio import AlwaysName, Observation, Package, Portfolio

#: How far down a package's list a name is looked for; its own surfaces are found wherever they stand.
DEEPEST: Final = 2_000
#: How far down it is looked for at first: a list of this length costs a twentieth, and most names stand in it.
_SHALLOW = 100
#: The popularity rank that 'if it were well known' supposes.
WELL_KNOWN_RANK: Final = 500
#: Changes of a score by less than this share of it aren't told.
_LEAST_CHANGE = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedName:
    """A name in one package's list, what names.yaml declares included.

    `rank` counts from 1; None: the name is in no list, because it stands for itself (it is internal, or a project to
    come) or is only asked for.
    """

    candidate: Candidate
    rank: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """What would give the name another place, and which one: with what score, for which package, at which rank.

    `rank` is None where the name would be in no package's first `DEEPEST` names; its score is then 0.
    """

    supposed: str
    score: float
    package: NormalizedName
    rank: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """All that a package's list is made from, but for its family. `popularity` is its rank, None: little known."""

    package: Package
    observed: tuple[Observation, ...]
    always: tuple[AlwaysName, ...]
    popularity: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What the beginning of a package's list shows of the name; `beyond` is the most it can be worth further down."""

    place: RankedName | None
    beyond: float


class Places:
    """The places of one name in the lists of a portfolio's packages, or of `package` alone."""

    def __init__(
        self,
        name: NormalizedName,
        portfolio: Portfolio,
        *,
        package: Package | None = None,
        weights: Weights,
        popular: Mapping[NormalizedName, int],
    ) -> None:
        self._name = name
        self._portfolio = portfolio
        self._weights = weights
        self._popular = popular
        self._family = Family.of(portfolio.packages)
        self._attribution = Attribution.of(portfolio.packages)
        self._is_for_itself = package is None
        self._cases = tuple(
            _Case(
                package=target,
                observed=tuple(item for item in portfolio.observed if item.package == target.name),
                always=tuple(item for item in portfolio.always if item.package == target.name),
                popularity=popular.get(target.name),
            )
            for target in (portfolio.packages if package is None else (package,))
        )
        # A supposition changes one package's list: the others are looked through once.
        self._look = cache(self._look_up)

    def best(self) -> RankedName | None:
        """The place for the package that the name belongs to; None if nothing leads to the name."""
        return self._best_of(self._cases)

    def changes(self, place: RankedName | None) -> Iterator[WhatIf]:
        """The name's place under suppositions about the package of `place`, as far as they make a difference.

        Without a place only a single package can be supposed about.
        """
        target = place.candidate.target if place is not None else None
        concerned = [case for case in self._cases if target in {None, case.package.name}]
        if len(concerned) != 1:
            return
        (case,) = concerned
        score = place.candidate.score.value if place is not None else 0.0
        for text, supposed in self._suppositions(case, place):
            other = self._best_of(tuple(supposed if item is case else item for item in self._cases))
            value = other.candidate.score.value if other is not None else 0.0
            if not math.isclose(value, score, rel_tol=_LEAST_CHANGE, abs_tol=1e-6):
                yield WhatIf(
                    supposed=text,
                    score=value,
                    package=other.candidate.target if other is not None else case.package.name,
                    rank=other.rank if other is not None else None,
                )

    def _suppositions(self, case: _Case, place: RankedName | None) -> Iterator[tuple[str, _Case]]:
        package = case.package
        if case.popularity is None or case.popularity > WELL_KNOWN_RANK:
            text = f"if {package.name} were among the {WELL_KNOWN_RANK} most popular projects"
            yield text, replace(case, popularity=WELL_KNOWN_RANK)
        else:
            yield f"if {package.name} were little known", replace(case, popularity=None)
        # A package may have hundreds of surfaces; those that aren't evidence for the name hardly touch its place.
        shown = {item.surface for item in place.candidate.evidence} if place is not None else set()
        for surface in package.surfaces:
            if surface in shown:
                rest = tuple(item for item in package.surfaces if item != surface)
                text = f"if the {surface.kind} {surface.value} weren't a surface of {package.name}"
                yield text, replace(case, package=replace(package, surfaces=rest))
        if all(item.name != self._name for item in case.observed):
            seen = Observation(
                name=self._name, package=package.name, source="supposed", date=dt.date.min, count=100, of=100
            )
            text = f"if it were observed for {package.name} (names.yaml, `observed`), in each of 100 answers"
            yield text, replace(case, observed=(*case.observed, seen))

    def _best_of(self, cases: tuple[_Case, ...]) -> RankedName | None:
        looks = [(case, self._look(case, _SHALLOW)) for case in cases]
        places = [look.place for _, look in looks if look.place is not None]
        if self._is_for_itself:
            own = self._declared(replace(self._portfolio, observed=(), always=())).get(self._name)
            places += [RankedName(candidate=own, rank=None)] if own is not None else []
        # A list is made longer only where the name could still be worth more than it is elsewhere.
        known = max((place.candidate.score.value for place in places), default=0.0)
        carried = self._attribution.carried(self._name)
        for case, look in looks:
            may_be_worth_more = look.beyond >= known and look.beyond > 0
            if look.place is None and (may_be_worth_more or case.package.name == carried):
                deeper = self._look(case, DEEPEST).place
                places += [deeper] if deeper is not None else []
        if not places:
            return None
        best = self._attribution.best([place.candidate for place in places])
        return next(place for place in places if place.candidate is best)

    def _look_up(self, case: _Case, depth: int) -> _Look:
        """The name's place among the package's first `depth` names, its surfaces and what is declared for it."""
        package, popular = case.package, self._popular
        if case.popularity != popular.get(package.name):
            popular = dict(popular)
            popular.pop(package.name, None)
            popular |= {package.name: case.popularity} if case.popularity is not None else {}
        found = shortlist(
            package, family=self._family, weights=self._weights, popular=popular, limit=depth, with_surfaces=True
        )
        declared = self._declared(
            replace(self._portfolio, observed=case.observed, always=case.always, internal=(), future=())
        )
        for item in from_portfolio(self._portfolio, (package,)):
            declared[item.name] = unite(declared[item.name], item) if item.name in declared else item
        values = {NormalizedName(name): value for name, value, _ in found.rows}
        is_whole = depth == DEEPEST or len(values) < depth
        if not is_whole and not declared.keys() <= values.keys():
            # What is declared may be derived as well, and is worth both together.
            return self._look(case, DEEPEST)
        beyond = 0.0 if is_whole else found.rows[depth - 1][1]
        values |= {name: either(values.get(name, 0.0), item.score.value) for name, item in declared.items()}
        if self._name not in values:
            return _Look(place=None, beyond=beyond)
        only = replace(found, rows=tuple(row for row in found.rows if row[0] == self._name))
        parts = [*explain_names(only, weights=self._weights), *filter(None, (declared.get(self._name),))]
        candidate = unite(parts[0], parts[1]) if len(parts) > 1 else parts[0]
        ranked = sorted(values, key=lambda name: (-values[name], name))
        # A wish alone gives no rate, and so no place.
        rank = ranked.index(self._name) + 1 if values[self._name] else None
        return _Look(place=RankedName(candidate=candidate, rank=rank), beyond=beyond)

    def _declared(self, portfolio: Portfolio) -> dict[NormalizedName, Candidate]:
        """The names that a portfolio declares besides what its packages give."""
        bare = replace(portfolio, packages=())
        return {item.name: item for item in derive_candidates(bare, weights=self._weights, popular=self._popular)}
