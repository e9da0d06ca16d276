"""Of an index that doesn't answer no more packages are asked about; one that has other troubles is asked on."""

from __future__ import annotations

import datetime as dt

import pytest
from packaging.utils import NormalizedName

from namehold.errors import ExitCode, IndexError_
from namehold.evidence.discover import discover_packages
from namehold.index.model import Fetched
from namehold.portfolio.model import Account, Organization, Portfolio

NAMES = [NormalizedName(f"acme-{letter}") for letter in "abcde"]
PORTFOLIO = Portfolio(
    organization=Organization(name="Acme Robotics", contact="security@acme.example"),
    account=Account(index="private", username="acme"),
    packages=(),
)


@pytest.mark.parametrize(
    ("problem", "asked"), [("it can't be reached", NAMES[:3]), ("its JSON has another form", NAMES)]
)
def test_an_index_that_cant_be_reached_is_asked_about_three_packages(problem: str, asked: list[NormalizedName]) -> None:
    addresses: list[str] = []

    class Web:
        def get(self, url: str, **_: object) -> Fetched:
            addresses.append(url)
            raise IndexError_(problem)

    found, _ = discover_packages(
        PORTFOLIO,
        NAMES,
        web=Web(),
        simple="http://127.0.0.1/simple/",
        index="private",
        now=dt.datetime(2026, 11, 29, tzinfo=dt.UTC),
    )
    assert addresses == [f"http://127.0.0.1/simple/{name}/" for name in asked]
    assert all(problem in item.error for item in found.asked[: len(asked)])
    assert all("not asked" in item.error for item in found.asked[len(asked) :])
    assert found.exit_code is ExitCode.INDEX_UNUSABLE
