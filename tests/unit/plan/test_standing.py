"""A reservation rests on what the index shows, or on something else than a claim."""

from __future__ import annotations

import dataclasses

import pytest
from packaging.utils import canonicalize_name
from tests.harness.values import candidate, name, package, portfolio

from namehold.candidates.model import Candidate
from namehold.index.rules.names import Availability, NameCheck, Protection
from namehold.plan.checks.standing import find_grounds, lacks_standing, shown_values, warn_of_claims
from namehold.plan.model import Assessment, Reason
from namehold.portfolio.model import Portfolio, Route
from namehold.portfolio.packages import NameClass, Surface, SurfaceKind

CLAIM = Surface(kind=SurfaceKind.COMMAND, value="acme_ctl", source="names.yaml")
SEEN = dataclasses.replace(CLAIM, source="acme_tool-1.0-py3-none-any.whl")


def judged(item: Candidate, rule: str = "surface", route: Route = Route.RESERVE) -> Assessment:
    check = NameCheck(
        name=item.name, normalized=item.name, availability=Availability.UNREGISTERED, protection=Protection.NONE
    )
    return Assessment(candidate=item, check=check, route=route, reasons=(Reason(rule=rule, text="Why."),))


def resting_on(*surfaces: Surface, name_class: NameClass = NameClass.SURFACE) -> Candidate:
    base = candidate("acme-ctl", name_class=name_class)
    return base.changed(evidence=tuple(base.evidence[0].changed(surface=surface) for surface in surfaces))


def owning(*surfaces: Surface) -> Portfolio:
    return portfolio(package("acme-tool", *surfaces))


@pytest.mark.parametrize("kind", [SurfaceKind.COMMAND, SurfaceKind.IMPORT, SurfaceKind.NAMESPACE, SurfaceKind.FORMER])
def test_a_command_import_or_former_name_must_be_shown(kind: SurfaceKind) -> None:
    surface = dataclasses.replace(CLAIM, kind=kind)
    assert find_grounds(judged(resting_on(surface)), owning(surface)) == {"acme-ctl"}


def test_a_typing_error_for_a_claimed_command_rests_on_the_claim() -> None:
    item = resting_on(CLAIM, name_class=NameClass.TYPO)
    assert find_grounds(judged(item, rule="typo"), owning(CLAIM)) == {"acme-ctl"}


def test_what_rests_on_the_projects_own_name_too_needs_no_claim() -> None:
    project = Surface(kind=SurfaceKind.PROJECT, value="acme-tool", source="names.yaml")
    item = resting_on(CLAIM, project, name_class=NameClass.TYPO)
    assert find_grounds(judged(item, rule="typo"), owning(CLAIM)) == frozenset()


def test_the_command_itself_needs_to_be_shown_however_else_it_may_be_derived() -> None:
    project = Surface(kind=SurfaceKind.PROJECT, value="acme-tool", source="names.yaml")
    assert find_grounds(judged(resting_on(CLAIM, project)), owning(CLAIM)) == {"acme-ctl"}


@pytest.mark.parametrize("rule", ["always", "observed", "internal-refuse"])
def test_what_a_person_asked_for_or_saw_rests_on_that(rule: str) -> None:
    assert find_grounds(judged(resting_on(CLAIM), rule=rule), owning(CLAIM)) == frozenset()


def test_only_what_is_reserved_needs_standing() -> None:
    assert find_grounds(judged(resting_on(CLAIM), route=Route.REQUEST), owning(CLAIM)) == frozenset()


def test_spelling_and_kind_make_no_difference_but_a_persons_word_does() -> None:
    shown = [Surface(kind=SurfaceKind.IMPORT, value="Acme.CTL", source="a wheel")]
    assert not lacks_standing({canonicalize_name("acme-ctl")}, shown_values(shown))
    assert lacks_standing({canonicalize_name("acme-ctl")}, shown_values(shown, ignored=["Acme.CTL"]))


def test_an_extra_a_repository_or_a_shared_namespace_is_no_ground() -> None:
    kinds = (SurfaceKind.EXTRA, SurfaceKind.REPOSITORY, SurfaceKind.NAMESPACE)
    shown = [Surface(kind=kind, value="acme-ctl", source="x") for kind in kinds]
    assert shown_values(shown) == frozenset()


def test_the_plan_warns_of_what_no_release_shows_whatever_names_yaml_says_of_its_source() -> None:
    (warned,) = warn_of_claims([judged(resting_on(SEEN))], owning(SEEN), {})
    assert [warning.rule for warning in warned.warnings] == ["claimed-only"]
    assert "namehold discover acme-tool" in warned.warnings[0].text
    (quiet,) = warn_of_claims([judged(resting_on(CLAIM))], owning(CLAIM), {name("acme-tool"): (SEEN,)})
    assert quiet.warnings == ()
