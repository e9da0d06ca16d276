"""What is near a name is what a comparison with every name of the list finds."""

from __future__ import annotations

import datetime as dt

from hypothesis import assume, given
from hypothesis import strategies as st
from packaging.utils import NormalizedName
from rapidfuzz.distance import OSA
from tests.harness.names import LETTERS, dashed, word

from namehold.names import ultranormalize
from namehold.snapshot import Near, NearNames, Nearness, Snapshot

# Few characters, so that names meet: look-alikes, swaps, words in another order.
few = dashed(word("a1lio0", 5), word("ao", 2), 2)
any_name = dashed(word(LETTERS, 12), word(LETTERS, 6), 3)
names = st.lists(few | any_name, max_size=40)


@given(names, few | any_name, st.integers(min_value=0, max_value=3))
def test_within_finds_what_measuring_every_name_finds(
    listed: list[NormalizedName], name: NormalizedName, edits: int
) -> None:
    measured = ((OSA.distance(name, near), near) for near in set(listed))
    expected = sorted((far, near) for far, near in measured if 0 < far <= edits)
    found = NearNames.of(listed).within(name, edits)
    assert [(near.edits, near.name) for near in found] == expected
    assert {near.how for near in found} <= {Nearness.EDITS}


@given(any_name, st.data())
def test_every_name_made_by_two_edits_is_found(name: NormalizedName, data: st.DataObject) -> None:
    slipped: str = name
    for _ in range(2):
        at = data.draw(st.integers(min_value=0, max_value=len(slipped)))
        letter = data.draw(st.sampled_from("az09"))
        kind = data.draw(st.sampled_from(["in", "out", "exchange"]))
        slipped = slipped[:at] + (letter if kind != "out" else "") + slipped[at + (kind != "in") :]
    # No list has a name of no letters.
    assume(slipped)
    near = NormalizedName(slipped)
    found = {item.name for item in NearNames.of([near, NormalizedName("zz-other")]).within(name, 2)}
    assert (near in found) is (near != name and OSA.distance(near, name) <= 2)


@given(names, few)
def test_turned_words_and_similarity_keys_agree_with_their_definitions(
    listed: list[NormalizedName], name: NormalizedName
) -> None:
    near, others = NearNames.of(listed), set(listed) - {name}
    turned = sorted(other for other in others if sorted(other.split("-")) == sorted(name.split("-")))
    keyed = sorted(other for other in others if ultranormalize(other) == ultranormalize(name))
    assert [item.name for item in near.with_turned_words(name)] == turned
    assert [item.name for item in near.with_key(name)] == keyed


@given(names, few)
def test_added_words_and_brands_inside_agree_with_their_definitions(
    listed: list[NormalizedName], brand: NormalizedName
) -> None:
    found = {item.name: item.how for item in NearNames.of(listed).containing(brand)}
    added = {other for other in set(listed) - {brand} if f"-{brand}-" in f"-{other}-"}
    inside = {other for other in set(listed) - {brand} - added if len(brand) >= 4 and brand in other}
    assert found == dict.fromkeys(added, Nearness.ADDED_WORDS) | dict.fromkeys(inside, Nearness.INSIDE)


@given(names, few)
def test_an_indexs_list_answers_as_its_names_do(listed: list[NormalizedName], name: NormalizedName) -> None:
    snapshot = Snapshot.of(listed, index="pypi", source="test", taken=dt.date(2026, 11, 1))
    found = NearNames.listed(snapshot).find(name)
    assert found == NearNames.of(listed).find(name)
    assert len({near.name for near in found}) == len(found)
    assert name not in {near.name for near in found}


def test_each_name_is_told_once_in_its_nearest_way() -> None:
    names = (
        "acme-t00l",
        "acme-too",
        "tool-acme",
        "acme-tool-extra",
        "my-acme-tool",
        "xacme-tools",
        "other",
        "acme-tool",
    )
    found = NearNames.of(map(NormalizedName, (*names, "acme-tool"))).find(NormalizedName("acme-tool"))
    assert found == (
        Near(name=NormalizedName("acme-t00l"), how=Nearness.SAME_KEY),
        Near(name=NormalizedName("acme-too"), how=Nearness.EDITS, edits=1),
        Near(name=NormalizedName("xacme-tools"), how=Nearness.EDITS, edits=2),
        Near(name=NormalizedName("tool-acme"), how=Nearness.TURNED_WORDS),
        Near(name=NormalizedName("acme-tool-extra"), how=Nearness.ADDED_WORDS),
        Near(name=NormalizedName("my-acme-tool"), how=Nearness.ADDED_WORDS),
    )
