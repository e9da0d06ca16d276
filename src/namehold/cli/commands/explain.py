"""`namehold explain`: why a name stands where it stands, what would change it, and what is done about it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, NamedTuple

import typer
from packaging.utils import NormalizedName

from namehold import documents
from namehold.candidates import ASSUMED, DEEPEST, Candidate, Channel, Clue, Places, WhatIf, load_weights, popular_names
from namehold.cli.kept import ask_plan
from namehold.cli.options import FormatOption, OutputOption, argument, option
from namehold.cli.output import Format, line_width, render_table, wrap_text, write_text
from namehold.cli.session import session_of
from namehold.cli.workspace import Workspace
from namehold.errors import UsageError
from namehold.names import normalize
from namehold.plan import Assessment, Deferred, Plan
from namehold.portfolio import Account, Evidence, NameClass, Organization, Package, Portfolio
from namehold.text import Table, count, texts

#: What stands for names.yaml where there is none: an empty portfolio.
_UNCONFIGURED = Portfolio(
    organization=Organization(name="", contact=""), account=Account(index="", username=""), packages=()
)
#: Larger chances aren't told from certainty.
_NEARLY_ALWAYS = 0.995
#: A remainder below this share of a rate is rounding.
_LEAST_SHARE = 1e-6

_CHANNELS = {
    Channel.TYPO: "a person mistypes the name, or an attacker hopes so",
    Channel.COMBO: "an attacker puts words together so that it looks related",
    Channel.MODEL: "a language model invents the name",
    Channel.OWNER: "owners of other packages reserve such names (alone, a reason to watch and no more)",
    Channel.DECLARED: "names.yaml or evidence.yaml says so",
}

EPILOG = """\
Examples:

  namehold explain acme-tols                                with names.yaml: for the package it is taken for

  namehold explain python-requests --package requests       without any configuration

  namehold explain acme-tols --format json                  for a script
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything that is known about one name.

    `package` is the one that it is taken for, None: none of names.yaml. `declared` is what names.yaml says of the name
    itself, as a sentence; empty: nothing. `is_own`: it is a package, and taken for none. `rank` counts from 1 in the
    package's list; None: it is in no package's list. `further` is the chance (0 to 1) of all ways to the name that are
    too rare to be listed as evidence. `assessment` and `deferred` are the plan's, unless it is older than names.yaml.
    """

    name: NormalizedName
    package: NormalizedName | None
    declared: str
    is_own: bool
    rank: int | None
    candidate: Candidate | None
    further: float
    changes: tuple[WhatIf, ...]
    assessment: Assessment | None
    deferred: Deferred | None
    has_plan: bool
    is_plan_old: bool


class _Planned(NamedTuple):
    """What the last plan says of a name."""

    is_old: bool
    assessment: Assessment | None = None
    deferred: Deferred | None = None


def explain(
    ctx: typer.Context,
    name: Annotated[str, argument("The name to explain, in any spelling.", "NAME")],
    package: Annotated[
        str | None, option("The package that it is taken for. Default: the likeliest of names.yaml.", "--package", "-p")
    ] = None,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Say why a name stands where it stands in a package's list, what would change it, and its route.

    Every figure is 'if the package is attacked or asked for'; none is the risk of an attack.
    """
    workspace = Workspace(session_of(ctx))
    wanted = normalize(name)
    found = _explain(workspace, wanted, package)
    if form is Format.JSON:
        text = documents.dump("explanation", found)
    elif form is Format.TABLE:
        width = line_width(output)
        paragraphs = _paragraphs(found, width=width, has_factors=workspace.session.verbose)
        # A table has several lines, which fit.
        text = "\n".join(part if "\n" in part else wrap_text(part, width) for part in paragraphs)
    else:
        text = render_table(_factors(found), form)
    write_text(text, output)
    needs_plan = workspace.has_config and (found.is_plan_old or not found.has_plan)
    workspace.session.next_step("namehold plan" if needs_plan else f"namehold check {wanted}")


def _explain(workspace: Workspace, wanted: NormalizedName, package: str | None) -> Explanation:
    portfolio = workspace.portfolio if workspace.has_config else None
    if package is None and portfolio is None:
        raise UsageError(
            f"there is no {workspace.session.config} that says which package {wanted} is taken for",
            fix=f"namehold explain {wanted} --package PACKAGE",
        )
    evidence = workspace.evidence if portfolio is not None else Evidence()
    ours = (portfolio or _UNCONFIGURED).with_evidence(evidence)
    asked = _find_package(package, ours) if package is not None else None
    is_own = wanted in {item.name for item in (*ours.packages, asked) if item is not None}
    family = ours if asked is None or asked in ours.packages else replace(ours, packages=(*ours.packages, asked))
    places = Places(wanted, family, package=asked, weights=load_weights(), popular=popular_names().ranks)
    place = places.best() if not is_own else None
    candidate = place.candidate if place is not None else None
    asked_for = asked.name if asked is not None else None
    made_from = (ours.digest, evidence.digest)
    planned = ask_plan(workspace, lambda plan: _look_up(wanted, plan, made_from)) if portfolio is not None else None
    return Explanation(
        name=wanted,
        package=candidate.target if candidate is not None else asked_for,
        declared=_find_declaration(wanted, ours, asked),
        is_own=is_own,
        rank=place.rank if place is not None else None,
        candidate=candidate,
        further=_find_further(candidate) if candidate is not None else 0.0,
        changes=tuple(places.changes(place)) if not is_own else (),
        assessment=planned.assessment if planned is not None else None,
        deferred=planned.deferred if planned is not None else None,
        has_plan=planned is not None,
        is_plan_old=planned is not None and planned.is_old,
    )


def _look_up(name: NormalizedName, plan: Plan, made_from: tuple[str, str]) -> _Planned:
    """What a plan says of a name; nothing if it wasn't made from names.yaml and evidence.yaml of these digests."""
    if (plan.provenance.portfolio, plan.provenance.evidence) != made_from:
        return _Planned(is_old=True)
    return _Planned(
        is_old=False,
        assessment=plan.find([name]).get(name),
        deferred=next((item for item in plan.deferred if item.name == name), None),
    )


def _find_package(text: str, portfolio: Portfolio) -> Package:
    """The package as names.yaml has it, else by its name alone."""
    name = normalize(text)
    return next((item for item in portfolio.packages if item.name == name), Package(name=name, spelled=text))


def _find_declaration(name: NormalizedName, portfolio: Portfolio, asked: Package | None) -> str:
    """What names.yaml says of a name itself, whatever it may be taken for; empty if it says nothing."""
    if any(item.name == name for item in portfolio.packages):
        return f"{name} is one of your own packages."
    if asked is not None and asked.name == name:
        return f"{name} is the package itself."
    if any(item.name == name for item in portfolio.internal):
        return f"{name} is declared in names.yaml: a name used only inside."
    if name in portfolio.future:
        return f"{name} is declared in names.yaml: a name for a project to come."
    return next(
        (f"names.yaml says never to {name}: {item.reason}" for item in portfolio.never if item.name == name), ""
    )


def _find_further(candidate: Candidate) -> float:
    """The chance of the ways to a name that its evidence leaves out."""
    if candidate.score.value == 1.0:
        return 0.0
    whole = -math.log1p(-candidate.score.value)
    rest = whole - sum(math.exp(item.weight) for item in candidate.evidence)
    return -math.expm1(-rest) if rest > whole * _LEAST_SHARE else 0.0


def _paragraphs(found: Explanation, *, width: int | None, has_factors: bool) -> Iterator[str]:
    """The explanation for people; the rows of factors are for those who look into the ranking."""
    if found.declared:
        yield found.declared
    if found.is_own:
        return
    candidate = found.candidate
    if candidate is None:
        package = found.package or "any package of names.yaml"
        yield f"{found.name} isn't among the first {DEEPEST:,} names that may be taken for {package}."
    else:
        if found.rank is not None:
            yield f"{found.name} is number {found.rank:,} of the names that may be taken for {found.package}."
        if candidate.score.value:
            yield (
                f"If {found.package} is attacked or asked for, this name is used in about "
                f"{_in_a_hundred(candidate.score.value)} of 100 cases. That is not the risk of an attack."
            )
        else:
            yield "You asked for it in names.yaml; no data say how often it is used."
        tables = (_channels(candidate), _evidence(candidate, found.further), _factors(found))
        # What is only asked for has no channel.
        for table in [table for table in tables[: 3 if has_factors else 2] if table.rows]:
            yield from ("", render_table(table, Format.TABLE, width=width))
        if candidate.score.factors and not has_factors:
            yield from ("", f"{count(len(candidate.score.factors), 'factor')} of the ranking: with --verbose.")
        if {item.channel for item in candidate.evidence} == {Channel.OWNER}:
            yield from ("", "Its only evidence is other owners' habit: worth watching, not a slot.")
    yield ""
    if found.changes:
        yield "What would change it:"
        yield from (f"  {change.supposed}: {_outcome(change, found)}" for change in found.changes)
        yield ""
    yield from _route(found)


def _outcome(change: WhatIf, found: Explanation) -> str:
    """The place that a change would give the name; the package is told where it would be another one."""
    if change.rank is None:
        return f"not among the first {DEEPEST:,} names"
    other = f" of the names for {change.package}" if change.package != found.package else ""
    return f"{_in_a_hundred(change.score)} of 100, number {change.rank:,}{other}"


def _route(found: Explanation) -> Iterator[str]:
    if not found.has_plan:
        yield "Route: no plan yet."
    elif found.is_plan_old:
        yield "Route: the plan is older than names.yaml: namehold plan."
    elif found.assessment is None:
        yield (
            "Route: none. A plan holds the first names of each package (policy.candidates) and what names.yaml "
            "declares; this name isn't among them."
        )
    else:
        target = found.assessment.candidate.target
        other = f", as a name for {target}" if target != found.package else ""
        yield f"Route: {found.assessment.route}{other}."
        for reason in found.assessment.reasons:
            yield f"  {reason.text}"
        if found.deferred is not None:
            yield f"  It has to wait: {found.deferred.reason.text} ({found.deferred.key})"


def _in_a_hundred(value: float) -> str:
    """A probability as a number out of 100; what can hardly be told from certainty as more than 99."""
    return ">99" if value > _NEARLY_ALWAYS else _two_digits(100 * value)


def _two_digits(number: float) -> str:
    """A number with two significant digits, and never as a power of ten."""
    rounded = float(f"{number:.1e}")
    decimals = 1 - math.floor(math.log10(rounded)) if rounded > 0 else 0
    return f"{rounded:.{max(0, decimals)}f}"


def _channels(candidate: Candidate) -> Table:
    rows = [
        (str(channel), _in_a_hundred(value), _CHANNELS[channel])
        for channel, value in sorted(candidate.score.channels, key=lambda item: -item[1])
    ]
    return Table(columns=texts("channel", "of 100", "what happens"), rows=rows)


def _evidence(candidate: Candidate, further: float) -> Table:
    rows = [(item.technique, str(item.channel), _share(item), _how(item)) for item in candidate.evidence]
    if further:
        rows.append(("further ways", "", _in_a_hundred(further), "too rare to list"))
    return Table(columns=texts("evidence", "channel", "of 100", "how"), rows=rows)


def _share(item: Clue) -> str:
    """How often a clue alone makes the name used; a wish has no rate."""
    is_wish = item.channel is Channel.DECLARED and item.name_class is not NameClass.OBSERVED
    return "you asked for it" if is_wish else _in_a_hundred(-math.expm1(-math.exp(item.weight)))


def _how(item: Clue) -> str:
    """How the name comes about, and whether the figure was measured."""
    return f"{item.detail} (this rate is {item.source})" if item.source.startswith(ASSUMED) else item.detail


def _factors(found: Explanation) -> Table:
    factors = found.candidate.score.factors if found.candidate is not None else ()
    rows = [
        (str(factor.channel), factor.label, _two_digits(math.exp(factor.log_weight)), f"{factor.log_weight:+.2f}")
        for factor in factors
    ]
    return Table(columns=texts("channel", "factor", "times", "log-weight"), rows=rows)
