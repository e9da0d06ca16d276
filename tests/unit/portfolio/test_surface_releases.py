"""A surface says in which releases it was seen: names.yaml and the record of a discovery keep it."""

from __future__ import annotations

import datetime as dt

import pytest
from packaging.utils import NormalizedName

from namehold import documents
from namehold.errors import ConfigError
from namehold.portfolio import Package, Surface, SurfaceKind
from namehold.portfolio.edit import Entry, PackageEdit, edit_packages
from namehold.portfolio.packages import Release
from namehold.portfolio.read import read_portfolio

_NAMES = b"""\
organization: {name: Acme Robotics, contact: "https://acme-robotics.dev/security"}
account: {index: pypi, username: acme-reserve}
packages:
  - name: acme-tool
"""
_FIRST = Release(version="1.0", date=dt.date(2024, 1, 2))
_LAST = Release(version="2.1.0")


def test_what_is_written_about_releases_is_read_as_the_same() -> None:
    entry = Entry(
        key="commands", value="acme-cli", source="a wheel", date=dt.date(2026, 11, 28), first_release=_FIRST,
        last_release=_LAST,
    )  # fmt: skip
    after = edit_packages(_NAMES, [PackageEdit(name="acme-tool", added=(entry,))], path="names.yaml")
    assert b'first_release: {version: "1.0", date: 2024-01-02}, last_release: {version: "2.1.0"}}' in after
    (package,) = read_portfolio(after, path="names.yaml").portfolio.packages
    (surface,) = package.surfaces
    assert (surface.kind, surface.first_release, surface.last_release) == (SurfaceKind.COMMAND, _FIRST, _LAST)


def test_the_record_keeps_the_releases() -> None:
    surface = Surface(
        kind=SurfaceKind.COMMAND, value="acme-cli", source="a wheel", first_release=_FIRST, last_release=_LAST
    )
    package = Package(name=NormalizedName("acme-tool"), spelled="acme-tool", surfaces=(surface,))
    text = documents.dump("trial", package)
    assert documents.load("trial", Package, text, path="trial.json") == package
    older = text.replace('"first_release"', '"of_tomorrow"').replace('"last_release"', '"of_tomorrow_too"')
    assert documents.load("trial", Package, older, path="trial.json").surfaces[0].first_release is None


def test_a_version_that_yaml_reads_as_a_number_is_answered_by_quotes() -> None:
    text = _NAMES + b"    commands: [{value: acme-cli, first_release: {version: 1.0}}]\n"
    with pytest.raises(ConfigError) as caught:
        read_portfolio(text, path="names.yaml")
    (found,) = caught.value.diagnostics()
    assert (found.rule, found.line, found.fix) == ("config-type", 5, "put quotes round it if it is meant as text")
