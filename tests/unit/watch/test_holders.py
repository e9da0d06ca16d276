"""Who holds a taken name is told in neutral words, and only what a person should look at is called possible."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from packaging.utils import NormalizedName

from namehold.index.model import IndexFile, Ownership, ProjectState, ProjectStatus, Relation, Role
from namehold.portfolio.model import Account, Organization, Portfolio
from namehold.portfolio.packages import Package
from namehold.watch.holders import find_signs, judge_holder, neutral_summary

TOOL = NormalizedName("acme-tool")
PORTFOLIO = Portfolio(
    organization=Organization(name="Acme Robotics", contact="security@acme.example", index_organization="acme-org"),
    account=Account(index="pypi", username="acme-reserve", holders=("acme-release",)),
    packages=(Package(name=TOOL, spelled="acme-tool"),),
)


def owned_by(*users: str, organization: str | None = None) -> Ownership:
    return Ownership(organization=organization, roles=tuple(Role(role="Owner", user=user) for user in users))


TARGET = ProjectState(
    name=TOOL,
    exists=True,
    ownership=owned_by("acme-release", "old-colleague"),
    summary="Moves robots about.",
    project_urls=(("Source", "https://code.acme.example/acme/tool"),),
)
STRANGER = ProjectState(
    name=NormalizedName("acme-tol"),
    exists=True,
    ownership=owned_by("mallory"),
    files=(IndexFile(filename="acme_tol-1.0.tar.gz", sha256="00"),),
    summary="Counts tolls.",
)


def judged(**values: Any) -> Relation:
    return judge_holder(replace(STRANGER, **values), target=TARGET, portfolio=PORTFOLIO).relation


@pytest.mark.parametrize(
    ("values", "relation"),
    [
        ({}, Relation.NO_SIGN),
        ({"exists": False}, Relation.GONE),
        ({"ownership": owned_by("acme-reserve")}, Relation.OURS),
        ({"ownership": owned_by("somebody", "acme-release")}, Relation.OURS),
        ({"ownership": owned_by(organization="acme-org")}, Relation.OURS),
        ({"ownership": owned_by("old-colleague")}, Relation.CO_MAINTAINED),
        ({"ownership": None, "files": ()}, Relation.UNKNOWN),
        ({"summary": "Like Acme_Tool, faster."}, Relation.POSSIBLE),
    ],
)
def test_every_holder_is_one_thing_to_us(values: dict[str, Any], relation: Relation) -> None:
    assert judged(**values) is relation


@pytest.mark.parametrize(
    ("values", "sign"),
    [
        ({"summary": "A drop-in for acme.tool"}, "its summary names acme-tool"),
        ({"requires": (TOOL,)}, "it requires acme-tool"),
        ({"summary": "Empty placeholder package - reserved name"}, "it says that it only holds the name"),
        ({"description": "This name is reserved. Nothing is here."}, "it says that it only holds the name"),
        ({"summary": "moves  robots about"}, "its summary is that of acme-tool"),
        ({"files": (IndexFile(filename="acme_tool-1.0.tar.gz", sha256=""),)}, "a file of it is called acme-tool"),
        ({"project_urls": (("Home", "https://CODE.acme.example/acme/tool/"),)}, "it links to the pages of acme-tool"),
        ({"status": ProjectStatus.QUARANTINED}, "the index's administrators have quarantined it"),
    ],
)
def test_what_a_person_should_look_at_is_named(values: dict[str, Any], sign: str) -> None:
    assert find_signs(replace(STRANGER, **values), TARGET) == (sign,)


def test_a_word_within_a_word_and_a_forges_front_page_are_no_signs() -> None:
    innocent = replace(
        STRANGER,
        summary="For acme-toolbelts.",
        project_urls=(("Home", "https://code.acme.example/"), ("Odd", "http://[")),
    )
    assert find_signs(innocent, TARGET) == ()


def test_no_person_is_named() -> None:
    state = replace(STRANGER, summary="Mallory's tolls, by mallory <mallory@mail.example>\x1b[31m, mallory-free")
    text = neutral_summary(state)
    assert "mallory," not in text
    assert "mail.example" not in text
    assert "\x1b" not in text
    assert "mallory-free" in text


def test_a_long_summary_is_cut() -> None:
    assert len(neutral_summary(replace(STRANGER, summary="x" * 500))) == 120


def test_no_half_of_an_address_is_left_where_a_long_summary_is_cut() -> None:
    summary = "a@mail.example " * 130 + "x" * 40 + "mallory@mail.example" * 20
    assert "mallory" not in neutral_summary(replace(STRANGER, summary=summary))
