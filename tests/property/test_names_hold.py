"""Laws of the name rules, over names of every shape."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import NormalizedName, is_normalized_name
from rapidfuzz.distance import OSA

from namehold.errors import InvalidName
from namehold.names import (
    TypoCorpus,
    is_valid,
    module_name,
    normalize,
    one_edit_neighbours,
    stdlib_names,
    ultranormalize,
)

spelled = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,20}[A-Za-z0-9])?", fullmatch=True)
normalized = st.from_regex(r"[a-z0-9]{1,5}(-[a-z0-9]{1,5}){0,3}", fullmatch=True).map(NormalizedName)
short = st.from_regex(r"[ab]{1,3}(-[ab]{1,2}){0,2}", fullmatch=True)


@given(spelled)
def test_normalizing_is_idempotent_and_keeps_the_similarity_key(text: str) -> None:
    name = normalize(text)
    assert normalize(name) == name
    assert is_normalized_name(name)
    assert ultranormalize(name) == ultranormalize(text)


@given(spelled)
def test_the_similarity_key_is_idempotent_and_has_no_separator_and_no_look_alike(text: str) -> None:
    key = ultranormalize(text)
    assert ultranormalize(key) == key
    assert not set(key) & set("._-lio")
    assert key == key.lower()


@given(st.text(max_size=30))
def test_any_text_is_either_normalized_or_refused(text: str) -> None:
    if is_valid(text):
        assert is_normalized_name(normalize(text))
    else:
        try:
            normalize(text)
        except InvalidName:
            return
        raise AssertionError(text)


@given(normalized)
def test_neighbours_are_one_edit_away_valid_and_told_once(name: NormalizedName) -> None:
    neighbours = one_edit_neighbours(name)
    assert len(set(neighbours)) == len(neighbours)
    for neighbour in neighbours:
        assert OSA.distance(name, neighbour) == 1
        assert normalize(neighbour) == neighbour


@given(short.map(NormalizedName), short.map(NormalizedName))
def test_no_neighbour_is_missing(one: NormalizedName, other: NormalizedName) -> None:
    assert (OSA.distance(one, other) == 1) == (other in one_edit_neighbours(one))


@given(st.lists(normalized, unique=True, max_size=20))
def test_modules_are_importable_and_differ_where_names_differ(names: list[NormalizedName]) -> None:
    modules = [module_name(name) for name in names]
    assert len(set(modules)) == len(names)
    for module in modules:
        compile(f"import {module}", "<test>", "exec")


@given(st.sets(short, min_size=1, max_size=12), short)
def test_shortcuts_change_no_answer_of_the_typo_checks(corpus: set[str], name: str) -> None:
    # Each check again, in its plainest form: try everything in order.
    inserted = [
        name[:at] + letter + name[at:]
        for at in range(len(name) + 1)
        for letter in "abcdefghijklmnopqrstuvwxyz1234567890.-_"
    ]
    expected: dict[str, bool] = {
        "repeated_characters": any(
            name[: found.start()] + name[found.start() + 1 :] in corpus for found in re.finditer(r"(.)(?=\1)", name)
        ),
        "omitted_characters": len(name) >= 4 and any(text in corpus for text in inserted),
    }
    flags = TypoCorpus(corpus).flags(name)
    first = next((check for check, hit in expected.items() if hit), None)
    if first is not None:
        assert flags[0][0] == first
    if flags and flags[0][0] == "omitted_characters":
        assert flags[0][1] == next(text for text in inserted if text in corpus)
    if flags and flags[0][0] == "swapped_words":
        assert sorted(flags[0][1].split("-")) == sorted(name.split("-"))
        assert flags[0][1] != name


@given(st.sampled_from(sorted(stdlib_names())))
def test_names_of_the_standard_library_are_normalized(name: NormalizedName) -> None:
    assert normalize(name) == name
