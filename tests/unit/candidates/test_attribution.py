"""Which package a name belongs to, and the names that only the whole portfolio leads to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.harness.values import AS_OF, name, package, portfolio

from namehold.candidates import Candidate, Places, derive_candidates, load_weights, popular_names
from namehold.candidates.attribution import Attribution, organization_words
from namehold.portfolio.model import AlwaysName, Observation, Organization, Portfolio
from namehold.portfolio.packages import Package

#: A framework, a plug-in of it with a role word behind, one with a shortened part, and what that part is short for.
WEB, STORE, FMT, FORMS = "hexweb", "hexweb-sqlstore", "hexweb-fmt", "fmtforms"
#: A plug-in whose own word has two letters.
MODELS = "hexweb-ml"
FAMILY = tuple(map(package, (WEB, STORE, FMT, FORMS)))


def derive(*packages: Package, **values: Any) -> dict[str, Candidate]:
    owned: Portfolio = replace(portfolio(*packages), **values)
    found = derive_candidates(owned, weights=load_weights(), popular=popular_names().ranks)
    return {str(item.name): item for item in found}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"python-{WEB}", WEB),
        (f"{WEB}-python", WEB),
        (f"{WEB}-client", WEB),
        # Of two whole names the one of more words.
        (f"python-{STORE}", STORE),
        # A slip in the longer name, though the shorter one stands in it.
        ("hexweb-sqlstoer", STORE),
        ("hexweb-fm", FMT),
        ("hexwbe", WEB),
        ("fmtfroms", FORMS),
        # As near to both: a letter is what is left of a word, a digit is the version of what it stands behind.
        ("hexweb-m", MODELS),
        ("hexweb-2", WEB),
        ("hexweb-py", WEB),
    ],
)
def test_a_name_belongs_to_the_package_whose_whole_name_it_carries_then_to_the_nearest(
    text: str, expected: str
) -> None:
    attribution = Attribution.of((*FAMILY, package(MODELS)))
    assert attribution.choose(text, [name(target) for target in (STORE, FMT, FORMS, MODELS, WEB)]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FORMS, FORMS),
        (f"python-{FORMS}-client", FORMS),
        (f"python-{STORE}", STORE),
        # Of as many words the one of more letters.
        (f"{WEB}-{FORMS}", FORMS),
        (f"{WEB}s", None),
        ("-".join([WEB, *"abcdefg"]), WEB),
        ("-".join([WEB, *"abcdefgh"]), None),
    ],
)
def test_a_name_carries_a_package_as_whole_words_if_it_has_few(text: str, expected: str | None) -> None:
    assert Attribution.of(FAMILY).carried(text) == expected


@pytest.mark.parametrize("siblings", [FAMILY, FAMILY[::-1], FAMILY[:2]])
def test_siblings_take_no_name_that_carries_the_whole_name_of_another(siblings: tuple[Package, ...]) -> None:
    found = derive(*siblings)
    with_word = {text: str(item.target) for text, item in found.items() if f"-{WEB}" in text}
    assert with_word
    assert with_word[f"python-{WEB}"] == WEB
    carried = {text: str(item.target) for text, item in found.items() if text.startswith(f"{WEB}-python")}
    assert carried[f"{WEB}-python"] == WEB


def test_the_rate_is_that_of_the_package_it_belongs_to() -> None:
    text = f"python-{WEB}"
    assert derive(*FAMILY)[text].score.value == pytest.approx(derive(package(WEB))[text].score.value, rel=0.1)


def test_what_names_yaml_says_goes_before_everything() -> None:
    text = name(f"python-{WEB}")
    always = AlwaysName(name=text, package=name(STORE), reason="ours")
    assert derive(*FAMILY, always=(always,))[text].target == STORE
    seen = Observation(name=text, package=name(STORE), source="survey", date=AS_OF)
    assert derive(*FAMILY, observed=(seen,))[text].target == STORE


def test_every_name_stands_once_and_none_is_lost() -> None:
    alone = {text for each in FAMILY for text in derive(each)} - {each.name for each in FAMILY}
    together = derive(*FAMILY)
    lost = alone - together.keys()
    # A package's list depends on its siblings, whose names it never has; nearly all of it stays.
    assert len(lost) < len(alone) / 10


def test_the_place_that_explain_shows_is_for_the_same_package() -> None:
    places = Places(name(f"python-{WEB}"), portfolio(*FAMILY), weights=load_weights(), popular=popular_names().ranks)
    best = places.best()
    assert best is not None
    assert best.candidate.target == WEB


@pytest.mark.parametrize(
    ("organization", "words"),
    [
        ("Pallets", ("pallets",)),
        ("Hex Forge", ("hex-forge", "hexforge")),
        ("Hex & Söhne", ("hex-s-hne", "hexshne")),
        ("X", ()),
        ("株式会社", ()),
        ("-" * 5000, ()),
    ],
)
def test_the_words_of_an_organization(organization: str, words: tuple[str, ...]) -> None:
    owner = Organization(name=organization, contact="security@acme-robotics.dev")
    if organization == "Hex & Söhne":
        assert all(word.isascii() for word in organization_words(owner))
    else:
        assert organization_words(owner) == words


def test_the_organizations_own_word_makes_names_that_are_assumed() -> None:
    owner = Organization(name="Forge", contact="security@acme-robotics.dev")
    found = derive(package(WEB), package("forge-kit"), organization=owner)
    for text in (f"forge-{WEB}", f"{WEB}-forge"):
        assert found[text].target == WEB
        assert "assumed" in {clue.source for clue in found[text].evidence if clue.technique == "portfolio"}
    # A package that bears the word already gets it no second time.
    assert "forge-forge-kit" not in found


def test_a_short_part_is_written_out_as_the_companion_or_sibling_it_is_short_for() -> None:
    sibling = derive(*FAMILY)
    companion = derive(package(FMT, companions=(name(FORMS),)))
    for found in (sibling, companion):
        assert found["hexweb-fmtforms"].target == FMT
    assert "hexweb-fmtforms" not in derive(package(FMT))


def test_a_place_says_what_the_portfolio_leads_to() -> None:
    places = Places(name("hexweb-fmtforms"), portfolio(*FAMILY), weights=load_weights(), popular=popular_names().ranks)
    best = places.best()
    assert best is not None
    assert best.candidate.target == FMT
