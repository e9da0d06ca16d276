"""Neighbours that a newer list shows are looked up once each, and one page that can't be read keeps no other away."""

from __future__ import annotations

import datetime as dt

from packaging.utils import NormalizedName

from namehold.errors import IndexError_
from namehold.index.model import ProjectState
from namehold.portfolio.model import Account, Organization, Portfolio
from namehold.portfolio.packages import Package
from namehold.snapshot.nearness import Nearness
from namehold.watch.follow import NOT_ANSWERED, SeenProjects, look_up_neighbours
from namehold.watch.neighbours import ListChanges, Neighbour, Verdict

NOW = dt.datetime(2026, 11, 29, tzinfo=dt.UTC)
FORM, TOOL = NormalizedName("acme-form"), NormalizedName("acme-tool")
PORTFOLIO = Portfolio(
    organization=Organization(name="Acme Robotics", contact="security@acme.example"),
    account=Account(index="pypi", username="acme-reserve"),
    packages=tuple(Package(name=name, spelled=name) for name in (FORM, TOOL)),
)


def test_a_package_that_cant_be_read_holds_up_the_neighbours_of_no_other() -> None:
    asked: list[NormalizedName] = []

    class Reader:
        def project(self, name: NormalizedName, *, known_serial: int = 0) -> ProjectState:  # noqa: ARG002 -- the port's
            asked.append(name)
            if name == TOOL:
                raise IndexError_("it answered 500")
            return ProjectState(name=name, exists=True)

        def now(self) -> dt.datetime:
            return NOW

    near = [*((f"acme-too{letter}", TOOL) for letter in "abcde"), ("acme-from", FORM)]
    new = tuple(Neighbour(name=NormalizedName(name), near=package, how=Nearness.EDITS) for name, package in near)
    found, seen = look_up_neighbours(
        ListChanges(new=new),
        SeenProjects(index="pypi"),
        portfolio=PORTFOLIO,
        reader=Reader(),
        listed_by=NOW,
        limit=10,
    )
    assert {item.why for item in found.new if item.near == TOOL} == {f"{NOT_ANSWERED}: it answered 500"}
    assert [item.verdict for item in found.new if item.near == FORM] != [Verdict.NOT_LOOKED_UP]
    assert [item.name for item in seen.projects] == ["acme-from"]
    assert asked.count(TOOL) == 1
