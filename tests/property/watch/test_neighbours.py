"""What is told of two lists is what a comparison of every name with every string of the portfolio finds."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import NormalizedName
from rapidfuzz.distance import OSA
from tests.harness.values import portfolio

from namehold.names import ultranormalize
from namehold.portfolio.model import Watching
from namehold.portfolio.packages import Package, Surface, SurfaceKind
from namehold.snapshot.file import Snapshot
from namehold.watch.neighbours import Brand, Lookout, watch_lists

_PACKAGES = {"acme-tool": "acme-toolbox", "robo": "roboctl", "io-l10-kit": "kit"}
GENERAL = {"kit", "cli", "py"}
OURS = replace(
    portfolio(),
    packages=tuple(
        Package(
            name=NormalizedName(name),
            spelled=name,
            surfaces=(Surface(kind=SurfaceKind.COMMAND, value=command, source="test"),),
        )
        for name, command in _PACKAGES.items()
    ),
    watching=Watching(one_edit_from=4, two_edits_from=8),
)
BRANDS = (
    Brand(text=NormalizedName("acme-tool"), package=NormalizedName("acme-tool")),
    Brand(text=NormalizedName("robo"), package=NormalizedName("robo"), is_open=True),
)

near_ours = st.sampled_from([*_PACKAGES, *_PACKAGES.values(), "acme-tool-cli", "robo-kit", "robo-dance", "tool-acme"])
letters = st.sampled_from("acemtolrbi10-")


@st.composite
def slipped(draw: st.DrawFn) -> NormalizedName:
    """A name of ours with up to three letters put in, taken out or exchanged."""
    text: str = draw(near_ours)
    for _ in range(draw(st.integers(min_value=0, max_value=3))):
        at = draw(st.integers(min_value=0, max_value=len(text)))
        text = text[:at] + draw(st.one_of(st.just(""), letters)) + text[at + draw(st.integers(0, 1)) :]
    return NormalizedName("-".join(word for word in text.split("-") if word) or "x")


def is_near(name: str) -> bool:
    """The rule, spelled out for one name."""
    if name in _PACKAGES:
        return False
    for package, command in _PACKAGES.items():
        for text in (package, *({command} - GENERAL)):
            edits = 2 if len(text) >= 8 else 1 if len(text) >= 4 else 0
            if OSA.distance(text, name) <= edits or ultranormalize(text) == ultranormalize(name):
                return True
            if "-" in text and sorted(text.split("-")) == sorted(name.split("-")):
                return True
    if "acme-tool" in name:
        return True
    rest = name.replace("robo", "-", 1).split("-")
    return "robo" in name and {word for word in rest if word} <= GENERAL


@given(st.lists(slipped(), max_size=30), st.lists(slipped(), max_size=30), st.data())
def test_neighbours_are_those_of_a_comparison_of_every_name(
    before: list[NormalizedName], after: list[NormalizedName], data: st.DataObject
) -> None:
    old = {name: data.draw(st.integers(min_value=1, max_value=3)) for name in before}
    new = {name: data.draw(st.integers(min_value=1, max_value=3)) for name in after}
    older, newer = (
        Snapshot.of(names, index="pypi", source="test", taken=dt.date(2026, 11, 1), serials=list(names.values()))
        for names in (old, new)
    )
    lookout = Lookout(OURS, brands=lambda _: BRANDS, general=GENERAL)
    # No surface counts as a stranger's here: that rule has its own test.
    held = frozenset(map(NormalizedName, _PACKAGES.values()))
    told = watch_lists(older, newer, lookout, portfolio=OURS, held=held, today=dt.date(2026, 11, 2))
    assert [item.name for item in told.new] == sorted(name for name in new.keys() - old.keys() if is_near(name))
    assert [item.name for item in told.gone] == sorted(name for name in old.keys() - new.keys() if is_near(name))
    changed = {name for name in old.keys() & new.keys() if old[name] != new[name]}
    # Without serials (an empty list has none) nothing is told as changed.
    expected = sorted(name for name in changed if is_near(name)) if old and new else []
    assert [item.name for item in told.changed] == expected
    named = {name for name in (new.keys() ^ old.keys()) | (changed if old and new else set()) if "robo" in name}
    untold = [name for name in named if not is_near(name) and name not in _PACKAGES]
    assert sum(item.number for item in told.others) == len(untold)
