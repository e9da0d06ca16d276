"""What a discovery writes is a valid names.yaml, whatever the packages are called and require."""

from __future__ import annotations

import datetime as dt

import pytest
from packaging.utils import NormalizedName
from tests.harness.wheels import make_wheel

from namehold import rehearsal
from namehold.evidence.discover import discover_packages, edits_of
from namehold.index import IndexChoice, private_profile
from namehold.index.access import HttpIndex
from namehold.portfolio.edit import edit_packages
from namehold.portfolio.read import read_portfolio

_NAMES = """\
organization: {name: Acme Robotics, contact: "https://acme-robotics.dev/security"}
account: {index: house, username: acme}
index: {upload: "http://127.0.0.1/", simple: "http://127.0.0.1/simple/"}
packages: [acme-cov, acme-sdk]
future: [acme-next]
"""
_NOW = dt.datetime(2026, 11, 28, tzinfo=dt.UTC)


@pytest.fixture
def content() -> bytes:
    return _NAMES.encode()


def test_projects_that_look_like_own_ones_and_names_decided_elsewhere_hold_nothing_up(content: bytes) -> None:
    portfolio = read_portfolio(content, path="names.yaml").portfolio
    names = [NormalizedName(text) for text in ("acme-next", "acme-cov", "acme-sdk")]
    with rehearsal.start(users=["acme"]) as server:
        for name in names:
            wheel = make_wheel(name, "1.0", scripts=[f"{name}-run"], requires_dist=["acme-co", "acme-cover"])
            server.state.add_project(name, owner="acme", files=[wheel])
        choice = IndexChoice(upload=server.upload_url, simple=server.simple_url)
        profile = private_profile(choice, nickname="house")
        with HttpIndex(profile, contact="security@acme.example", sleep=lambda _: None) as index:
            found, _ = discover_packages(portfolio, names, web=index, simple=profile.simple, index="house", now=_NOW)
    after = edit_packages(content, edits_of(found, portfolio), path="names.yaml")
    loaded = read_portfolio(after, path="names.yaml")
    assert loaded.warnings == ()
    assert [package.name for package in loaded.portfolio.packages] == ["acme-cov", "acme-sdk"]
    assert {package.companions for package in loaded.portfolio.packages} == {("acme-co", "acme-cover")}
    assert [(item.name, "`future`" in item.error) for item in found.asked if item.error] == [("acme-next", True)]
    assert found.exit_code == 13
