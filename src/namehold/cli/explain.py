"""`namehold explain`: why a name stands where it stands, what would change it, and what is done about it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated

import typer
from packaging.utils import NormalizedName

from namehold import bundled, documents, scoring
from namehold.cli.inputs import load_plan, plan_path, read_portfolio
from namehold.cli.output import Format, FormatOption, OutputOption, Table, render_table, write_text
from namehold.cli.session import Session, session_of
from namehold.errors import UsageError
from namehold.models import Assessment, Candidate, Channel, Package, Portfolio
from namehold.names import normalize

app = typer.Typer()

#: How far down a package's list a name is looked for: first as far as `names` lists by default, then to the bottom.
LOOKED_AT = (100, 2_000)
#: The popularity rank that 'if it were well known' supposes.
WELL_KNOWN_RANK = 500

_CHANNELS = {
    Channel.TYPO: "a person mistypes the name, or an attacker hopes so",
    Channel.COMBO: "an attacker puts words together so that it looks related",
    Channel.MODEL: "a language model invents the name",
    Channel.OWNER: "owners of other packages reserve such names (alone, a reason to watch and no more)",
    Channel.DECLARED: "names.yaml says so",
}

_EPILOG = """\
Examples:

  namehold explain acme-tols                                with names.yaml: for the package it is taken for

  namehold explain python-requests --package requests       without any configuration

  namehold explain acme-tols --format json                  for a script
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What would give the name another place."""

    supposed: str
    score: float
    rank: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything that is known about one name. `rank` counts from 1; None: the name isn't derived."""

    name: NormalizedName
    package: NormalizedName
    rank: int | None
    listed: int
    candidate: Candidate | None
    changes: tuple[Change, ...]
    assessment: Assessment | None
    has_plan: bool


@app.command(epilog=_EPILOG)
def explain(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name to explain, in any spelling.")],
    package: Annotated[
        str | None,
        typer.Option("--package", "-p", help="The package that it is taken for. Default: the likeliest of names.yaml."),
    ] = None,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Say why a name stands where it stands in a package's list, what would change it, and its route.

    Every figure is 'if the package is attacked or asked for'; none is the risk of an attack.
    """
    session = session_of(ctx)
    wanted = normalize(name)
    portfolio = read_portfolio(session) if session.config.exists() else None
    found = _explain(wanted, package, portfolio, session)
    if form is Format.JSON:
        text = documents.dump("explanation", found)
    elif form is Format.TABLE:
        text = "\n".join(_paragraphs(found))
    else:
        text = render_table(_factors(found), form)
    write_text(text, output)
    session.next_step("namehold plan" if portfolio is not None and not found.has_plan else f"namehold check {wanted}")


def _explain(wanted: NormalizedName, package: str | None, portfolio: Portfolio | None, session: Session) -> Explanation:
    members = portfolio.packages if portfolio is not None else ()
    if package is not None:
        chosen = normalize(package)
        targets = tuple(item for item in members if item.name == chosen) or (Package(name=chosen, spelled=package),)
    elif portfolio is not None:
        targets = members
    else:
        raise UsageError(
            f"there is no {session.config} that says which package {wanted} is taken for",
            hint=f"namehold explain {wanted} --package PACKAGE",
        )
    family = scoring.Family.of({item.name: item for item in (*members, *targets)}.values())
    popular = bundled.popular_names().ranks
    places = [_Place.find(wanted, target, family, popular) for target in targets]
    if not places:
        raise UsageError("names.yaml lists no package", hint=f"namehold explain {wanted} --package PACKAGE")
    best = min(places, key=lambda place: (-place.score, place.package.name))
    candidate = best.candidate
    if portfolio is not None:
        derived = scoring.derive(portfolio, weights=bundled.weights(), popular=popular)
        declared = next((item for item in derived if item.name == wanted), None)
        if declared is not None and (candidate is None or declared.score.value > candidate.score.value):
            candidate = declared
    path = plan_path(session)
    plan = load_plan(path) if portfolio is not None and path.exists() else None
    assessed = next((item for item in plan.assessments if item.candidate.name == wanted), None) if plan else None
    return Explanation(
        name=wanted,
        package=candidate.target if candidate is not None else best.package.name,
        rank=best.rank if candidate is None or candidate.target == best.package.name else None,
        listed=best.listed,
        candidate=candidate,
        changes=tuple(_changes(best, family, popular)),
        assessment=assessed,
        has_plan=plan is not None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a name stands in one package's list."""

    wanted: NormalizedName
    package: Package
    rank: int | None
    listed: int
    candidate: Candidate | None

    @property
    def score(self) -> float:
        return self.candidate.score.value if self.candidate is not None else 0.0

    @classmethod
    def find(
        cls,
        wanted: NormalizedName,
        package: Package,
        family: scoring.Family,
        popular: Mapping[NormalizedName, int],
    ) -> _Place:
        """Looks the name up among the package's first names."""
        weights = bundled.weights()
        rank = None
        for limit in LOOKED_AT:
            found = scoring.shortlist(package, family=family, weights=weights, popular=popular, limit=limit)
            rank = next((place for place, item in enumerate(found.names, start=1) if item.name == wanted), None)
            if rank is not None:
                break
        only = replace(found, names=found.names[rank - 1 : rank] if rank else ())
        candidates = scoring.explain(only, weights=weights)
        return cls(
            wanted=wanted,
            package=package,
            rank=rank,
            listed=len(found.names),
            candidate=candidates[0] if candidates else None,
        )


def _changes(place: _Place, family: scoring.Family, popular: Mapping[NormalizedName, int]) -> Iterator[Change]:
    """The same name under other suppositions, as far as they make a difference."""
    package = place.package
    known = popular.get(package.name)
    suppositions: list[tuple[str, Package, Mapping[NormalizedName, int]]] = []
    if known is None or known > WELL_KNOWN_RANK:
        text = f"if {package.name} were among the {WELL_KNOWN_RANK} most popular projects"
        suppositions.append((text, package, {**popular, package.name: WELL_KNOWN_RANK}))
    else:
        others = {name: rank for name, rank in popular.items() if name != package.name}
        suppositions.append((f"if {package.name} were little known", package, others))
    for surface in package.surfaces:
        rest = tuple(item for item in package.surfaces if item != surface)
        text = f"if the {surface.kind} {surface.value} weren't a surface of it"
        suppositions.append((text, replace(package, surfaces=rest), popular))
    for text, supposed, ranks in suppositions:
        other = _Place.find(place.wanted, supposed, family, ranks)
        if not math.isclose(other.score, place.score, rel_tol=0.01, abs_tol=1e-6):
            yield Change(supposed=text, score=other.score, rank=other.rank)
    yield Change(
        supposed="if it were observed (names.yaml, `observed`), in every answer",
        score=-math.expm1(math.log1p(-place.score) - scoring.DECLARED_RATE),
        rank=1,
    )


def _paragraphs(found: Explanation) -> Iterator[str]:
    """The explanation for people."""
    candidate = found.candidate
    if candidate is None:
        yield f"{found.name}: no technique comes from {found.package} to this name, nor does names.yaml declare it."
    else:
        place = f"number {found.rank} of the names" if found.rank else "declared in names.yaml"
        yield f"{found.name} is {place} that may be taken for {found.package}."
        yield (
            f"If {found.package} is attacked or asked for, this name is used in about "
            f"{_in_a_hundred(candidate.score.value)} of 100 cases. That is not the risk of an attack."
        )
        yield ""
        yield render_table(_channels(candidate), Format.TABLE)
        yield ""
        yield render_table(_evidence(candidate), Format.TABLE)
        yield ""
        yield render_table(_factors(found), Format.TABLE)
        if {item.channel for item in candidate.evidence} == {Channel.OWNER}:
            yield ""
            yield "Its only evidence is other owners' habit: worth watching, not a slot."
    yield ""
    yield "What would change it:"
    for change in found.changes:
        place = f"number {change.rank}" if change.rank else "not in the list"
        yield f"  {change.supposed}: {_in_a_hundred(change.score)} of 100, {place}"
    yield ""
    yield from _route(found)


def _route(found: Explanation) -> Iterator[str]:
    if not found.has_plan:
        yield "Route: no plan yet."
    elif found.assessment is None:
        yield "Route: the plan doesn't hold this name (it lies below the names that are assessed a package)."
    else:
        yield f"Route: {found.assessment.route}."
        for reason in found.assessment.reasons:
            yield f"  {reason.text}"


def _in_a_hundred(value: float) -> str:
    """A probability as a number out of 100, with two significant digits."""
    return f"{100 * value:.2g}"


def _channels(candidate: Candidate) -> Table:
    rows = [
        (str(channel), _in_a_hundred(value), _CHANNELS[channel])
        for channel, value in sorted(candidate.score.channels, key=lambda item: -item[1])
    ]
    return Table(columns=("channel", "of 100", "what happens"), rows=rows)


def _evidence(candidate: Candidate) -> Table:
    rows = [
        (item.technique, str(item.channel), _in_a_hundred(-math.expm1(-math.exp(item.weight))), item.detail)
        for item in candidate.evidence
    ]
    return Table(columns=("evidence", "channel", "of 100", "how"), rows=rows)


def _factors(found: Explanation) -> Table:
    factors = found.candidate.score.factors if found.candidate is not None else ()
    rows = [
        (str(factor.channel), factor.label, f"{math.exp(factor.log_weight):.2g}", f"{factor.log_weight:+.2f}")
        for factor in factors
    ]
    return Table(columns=("channel", "factor", "times", "log-weight"), rows=rows)
