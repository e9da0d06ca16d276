"""What the ledger keeps of a project that was there before."""

from __future__ import annotations

import datetime as dt

import pytest
from packaging.utils import NormalizedName

from namehold.index.model import IndexFile, ProjectState
from namehold.ledger.model import Holdings
from namehold.portfolio.model import Account, Organization, Portfolio
from namehold.portfolio.packages import Package
from namehold.upkeep.adopt import make_adoption
from namehold.upkeep.takeover import list_candidates

NOW = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("filenames", "version"),
    [
        (["acme_tol-1.0-py3-none-any.whl", "acme_tol-2.0rc1-py3-none-any.whl"], "1.0"),
        (["acme_tol-1.0rc1.tar.gz", "acme_tol-1.0rc2.tar.gz"], "1.0rc2"),
        (["acme_tol-1.9.tar.gz", "acme_tol-1.10.tar.gz"], "1.10"),
        (["acme_tol.exe"], "0"),
        ([], "0"),
    ],
)
def test_the_held_version_is_that_of_the_latest_release(filenames: list[str], version: str) -> None:
    files = tuple(IndexFile(filename=filename, sha256="ab" * 32) for filename in filenames)
    state = ProjectState(name=NormalizedName("acme-tol"), exists=True, files=files, serial=7)

    adopted = make_adoption(state, target=NormalizedName("acme-tool"), time=NOW)

    assert (adopted.version, adopted.serial, adopted.time) == (version, 7, NOW)
    assert adopted.files == tuple((filename, "ab" * 32) for filename in filenames)


class LargeAccount:
    """An index that lists 1,500 projects of the account; it is asked nothing else here."""

    LISTED = tuple(NormalizedName(f"acme-{number:04}") for number in range(1_500))

    def user_packages(self, username: str) -> tuple[NormalizedName, ...]:
        return self.LISTED if username == "acme" else ()

    def project(self, name: NormalizedName, *, known_serial: int = 0) -> ProjectState:
        raise AssertionError(name, known_serial)

    def now(self) -> dt.datetime:
        return NOW


def test_every_project_of_a_large_account_is_judged() -> None:
    package = Package(name=NormalizedName("acme-tool"), spelled="acme-tool")
    portfolio = Portfolio(
        organization=Organization(name="Acme", contact=""),
        account=Account(index="pypi", username="acme"),
        packages=(package,),
    )
    found = list_candidates(LargeAccount(), portfolio=portfolio, targets={}, holdings=Holdings())
    assert found == LargeAccount.LISTED
