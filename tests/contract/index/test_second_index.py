"""Against another index server than our own: pypiserver, which has the HTML form only and shows no owners."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from packaging.utils import NormalizedName
from tests.harness.index_servers import pypiserver
from tests.harness.values import portfolio
from tests.harness.wheels import make_wheel

from namehold.errors import IndexError_
from namehold.evidence.discover import ValueStatus, discover_packages
from namehold.evidence.package_files import discover_package
from namehold.index.access.http import HttpIndex
from namehold.index.model import IndexChoice, IndexProfile
from namehold.index.profiles import private_profile
from namehold.ownership.pages import check_ownership
from namehold.ownership.prove import OwnershipRule, OwnershipVerdict
from namehold.portfolio.packages import SurfaceKind

TOOL = NormalizedName("acme-tool")
NOW = dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running pypiserver; it never looks at another index."""
    folder = tmp_path_factory.mktemp("packages")
    wheels = (
        make_wheel("acme-tool", "1.0", scripts=["acme-old"]),
        make_wheel(
            "acme-tool",
            "2.0",
            modules=["acme_tool", "acme.cloud"],
            scripts=["acmectl"],
            requires_dist=["numpy"],
            extras=["vision"],
            project_urls={"Source": "https://code.acme.example/acme/robot-tool"},
            payload_bytes=2_000_000,
        ),
    )
    for filename, content in wheels:
        (folder / filename).write_bytes(content)
    (folder / "acme_broken-1.0-py3-none-any.whl").write_bytes(b"no archive")
    with pypiserver(folder, "--disable-fallback", "--hash-algo", "sha256", "--server", "wsgiref") as address:
        yield address


@pytest.fixture
def profile(base: str) -> IndexProfile:
    return private_profile(IndexChoice(upload=base, simple=f"{base}simple/"), nickname="house")


@pytest.fixture
def index(profile: IndexProfile) -> Iterator[HttpIndex]:
    with HttpIndex(profile, contact="security@acme.example", sleep=lambda _: None) as reader:
        yield reader


def test_its_wheels_are_understood(index: HttpIndex, profile: IndexProfile) -> None:
    found = discover_package(TOOL, web=index, simple=profile.simple, now=dt.datetime.now(dt.UTC))
    values = {(surface.kind, surface.value) for surface in found.surfaces}
    assert {
        (SurfaceKind.IMPORT, "acme_tool"),
        (SurfaceKind.IMPORT, "acme.cloud"),
        (SurfaceKind.NAMESPACE, "acme"),
        (SurfaceKind.COMMAND, "acmectl"),
        (SurfaceKind.COMMAND, "acme-old"),
        (SurfaceKind.EXTRA, "vision"),
        (SurfaceKind.REPOSITORY, "robot-tool"),
    } == values
    assert (found.version, found.companions) == ("2.0", ("numpy",))
    assert found.requests <= 4
    assert found.bytes_read < 2_000_000 * 0.05, "it serves ranges, so that the wheel isn't downloaded"


def test_a_broken_file_is_one_packages_matter(index: HttpIndex, profile: IndexProfile) -> None:
    found, _ = discover_packages(
        portfolio(),
        [NormalizedName("acme-broken"), NormalizedName("acme-nowhere"), TOOL],
        web=index,
        simple=profile.simple,
        index="house",
        now=NOW,
    )
    assert [bool(item.error) for item in found.packages] == [True, True, False]
    assert any(finding.change is ValueStatus.NEW for finding in found.findings)
    assert found.exit_code == 13


def test_existence_and_digests_come_from_the_html_form(index: HttpIndex) -> None:
    state = index.project(TOOL)
    assert state.exists
    assert [item.filename for item in state.files] == [
        "acme_tool-1.0-py3-none-any.whl",
        "acme_tool-2.0-py3-none-any.whl",
    ]
    assert all(len(item.sha256) == 64 for item in state.files)
    assert not index.project(NormalizedName("acme-nowhere")).exists


@pytest.mark.parametrize(
    ("ownership", "verdict", "rule"),
    [
        ("shown", OwnershipVerdict.UNPROVABLE, OwnershipRule.NOT_SHOWN),
        ("attested", OwnershipVerdict.PROVED, OwnershipRule.ATTESTED),
    ],
)
def test_owners_are_not_shown_so_that_somebody_has_to_attest(
    index: HttpIndex, profile: IndexProfile, ownership: str, verdict: OwnershipVerdict, rule: OwnershipRule
) -> None:
    owned = portfolio(index=IndexChoice(upload=profile.upload, simple=profile.simple, ownership=ownership))
    (proof,) = check_ownership(owned, [TOOL], index=index, web=index, profile=profile, now=NOW)
    assert (proof.verdict, proof.rule) == (verdict, rule)


def test_it_lists_no_users_projects_and_says_so(index: HttpIndex) -> None:
    with pytest.raises(IndexError_, match="doesn't list a user's projects"):
        index.user_packages("acme")
