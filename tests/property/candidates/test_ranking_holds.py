from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import NormalizedName, canonicalize_name

from namehold.candidates.explain import explain_names
from namehold.candidates.model import Candidate
from namehold.candidates.rank import EVIDENCE_FLOOR, Family, Row, find_allowed, shortlist
from namehold.candidates.techniques import TECHNIQUES
from namehold.candidates.techniques.subjects import context_of, subjects_of
from namehold.candidates.weights import load_weights
from namehold.candidates.wordlists import popular_names
from namehold.names import MAX_NAME_LENGTH
from namehold.portfolio.packages import Package, Surface, SurfaceKind

POPULAR = popular_names().ranks
WEIGHTS = load_weights()
NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")

words = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=12)
names = st.lists(words, min_size=1, max_size=5).map("-".join)
surfaces = st.builds(
    Surface,
    kind=st.sampled_from(list(SurfaceKind)),
    value=st.one_of(names, st.text(max_size=20)),
    source=st.just("test"),
)
packages = st.builds(
    lambda name, found, companions: Package(
        name=NormalizedName(name),
        spelled=name,
        surfaces=tuple(found),
        companions=tuple(NormalizedName(item) for item in companions),
    ),
    names,
    st.lists(surfaces, max_size=3),
    st.lists(names, max_size=2),
)


def ranked(package: Package, siblings: tuple[Package, ...], limit: int) -> tuple[Candidate, ...]:
    family = Family.of((package, *siblings))
    return explain_names(
        shortlist(package, family=family, weights=WEIGHTS, popular=POPULAR, limit=limit), weights=WEIGHTS
    )


def check(found: tuple[Candidate, ...], package: Package, siblings: tuple[Package, ...], limit: int) -> None:
    assert len(found) <= limit
    assert len({item.name for item in found}) == len(found)
    for item in found:
        assert NAME.fullmatch(item.name)
        assert canonicalize_name(item.name, validate=True) == item.name
        assert len(item.name) <= MAX_NAME_LENGTH
        assert item.name != package.name
        assert item.name not in {sibling.name for sibling in siblings}
        assert item.target == package.name
        assert item.evidence
        assert 0.0 < item.score.value < 1.0


@given(packages, st.lists(packages, max_size=3).map(tuple), st.integers(1, 150))
def test_every_candidate_is_a_valid_name_of_nobody_in_the_portfolio(
    package: Package, siblings: tuple[Package, ...], limit: int
) -> None:
    found = ranked(package, siblings, limit)
    check(found, package, siblings, limit)
    assert found == ranked(package, siblings, limit)


def made_names(package: Package) -> set[str]:
    """Every name that a technique makes for the package, whatever it is worth."""
    context = context_of(
        package,
        vocabulary=WEIGHTS.vocabulary,
        namespaces=frozenset(),
        is_little_known=package.name not in POPULAR,
    )
    found: set[str] = set()
    for subject in subjects_of(package, context):
        text = subject.text
        for technique in (item for item in TECHNIQUES if subject.mark in item.subjects):
            if technique.generate:
                found.update(name for _, names in technique.generate(subject, context) for name in names)
            forms = technique.templates(WEIGHTS.vocabulary, subject.usage) if technique.templates else ()
            for before, behind, _ in forms:
                # What the text says already isn't said twice.
                if not (text.endswith(behind) if behind else text.startswith(before)):
                    found.add(before + text + behind)
    return found


@given(packages, st.integers(0, 80), st.integers(-60, 20), st.booleans())
def test_a_list_is_the_beginning_of_all_that_can_be_listed(
    package: Package, siblings: int, beyond: int, with_surfaces: bool
) -> None:
    def listed(limit: int) -> tuple[Row, ...]:
        return shortlist(
            package, family=family, weights=WEIGHTS, popular=POPULAR, limit=limit, with_surfaces=with_surfaces
        ).rows

    family = Family(names=frozenset({package.name}), namespaces=frozenset())
    # Some of the best are siblings.
    family = Family(names=family.names | {row[0] for row in listed(80)[:siblings]}, namespaces=frozenset())
    whole = listed(1_000_000)
    assert {row[0] for row in whole} == set(find_allowed(made_names(package), package=package, family=family))
    # About where the names above the floor end, a list needs rarer ones.
    above = sum(parts[0][0] >= EVIDENCE_FLOOR for _, _, parts in whole)
    limit = max(1, above + beyond)
    shown = listed(limit)
    assert shown[:limit] == whole[:limit]
    # Behind them stand surfaces alone, in the same order.
    assert [row for row in whole if row in shown] == list(shown)


@pytest.mark.parametrize("limit", [1, 100, 3_000])
@pytest.mark.parametrize(
    "name",
    [
        "a",
        "0",
        "1234567890",
        "a" * 200,
        "ab" * 100,
        "-".join("abcdefghij"),
        "-".join("abcdefghijklmnopqrstuvwxyz"),
        "-".join(["python"] * 8),
        "py",
        "py-py",
        "python",
        "x-1-2-3",
    ],
)
def test_odd_names_neither_explode_nor_crash(name: str, limit: int) -> None:
    package = Package(name=NormalizedName(name), spelled=name)
    check(ranked(package, (), limit), package, (), limit)
