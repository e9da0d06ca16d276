"""Laws of the name rules, over names of every shape."""

from __future__ import annotations

import string
from collections.abc import Iterator
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import NormalizedName, is_normalized_name
from tests.harness.names import LETTERS, dashed, word

from namehold.errors import InvalidName
from namehold.index.rules.names import _SLIPS, TypoCorpus, stdlib_names
from namehold.names import (
    are_normalized,
    is_normalized,
    is_valid,
    module_name,
    normalize,
    ultranormalize,
)

spelled = word(string.ascii_letters + string.digits + "._-", 22).map(lambda text: text.strip("._-")).filter(bool)
normalized = dashed(word(LETTERS, 5), word(LETTERS, 5), 3)


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


@given(st.lists(normalized, unique=True, max_size=20))
def test_modules_are_importable_and_differ_where_names_differ(names: list[NormalizedName]) -> None:
    modules = [module_name(name) for name in names]
    assert len(set(modules)) == len(names)
    for module in modules:
        compile(f"import {module}", "<test>", "exec")


def tried(name: str) -> Iterator[tuple[str, str]]:
    """Everything that the five checks try, in their order and in the plainest form."""
    places = range(len(name))
    yield from (
        ("repeated_characters", name[:at] + name[at + 1 :])
        for at in places
        if name[at : at + 1] == name[at + 1 : at + 2]
    )
    if len(name) >= 4:
        letters = "abcdefghijklmnopqrstuvwxyz1234567890.-_"
        yield from (
            ("omitted_characters", name[:at] + new + name[at:]) for at in range(len(name) + 1) for new in letters
        )
    yield from (("swapped_characters", name[:at] + name[at + 1] + name[at] + name[at + 2 :]) for at in places[:-1])
    orders = map("-".join, permutations(name.split("-")))
    yield from (("swapped_words", order) for order in orders if order != name)
    yield from (("common_typos", name[:at] + new + name[at + 1 :]) for at in places for new in _SLIPS[name[at]])


typed = dashed(word("abwm", 4), word("abwm", 2), 2)
meant = dashed(word("abwmvrn", 4), word("abwmvrn", 2), 2)


@given(st.sets(meant | typed, min_size=1, max_size=30), typed)
def test_shortcuts_change_no_answer_of_the_typo_checks(corpus: set[str], name: str) -> None:
    expected = next(((check, text) for check, text in tried(name) if text in corpus), None)
    assert TypoCorpus(corpus).flags(name) == (() if expected is None else (expected,))


@given(typed, st.data())
def test_every_kind_of_slip_is_seen(name: str, data: st.DataObject) -> None:
    wanted = data.draw(st.sampled_from(sorted({text for _, text in tried(name)} or {name})))
    expected = next(((check, text) for check, text in tried(name) if text == wanted), None)
    assert TypoCorpus([wanted]).flags(name) == (() if expected is None else (expected,))


@given(st.sampled_from(sorted(stdlib_names())))
def test_names_of_the_standard_library_are_normalized(name: NormalizedName) -> None:
    assert normalize(name) == name


@given(st.lists(st.text("ab1-_.\nÀ", max_size=8) | st.sampled_from(["a" * 200, "a" * 201, "", "a-b", "requests"])))
def test_many_names_are_judged_as_each_of_them(texts: list[str]) -> None:
    assert are_normalized(texts) == all(map(is_normalized, texts))
