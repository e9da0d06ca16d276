"""Which release of a project is its latest, for everybody who asks."""

from __future__ import annotations

import datetime as dt

import pytest
from packaging.utils import NormalizedName
from tests.harness.wheels import make_wheel

from namehold.index.model import INDEX_QUOTA, IndexFile, Ownership, ProjectState, Role, latest_release, latest_version
from namehold.rehearsal.clocks import SteppedClock
from namehold.rehearsal.limits import CreationLimits, SlidingWindow
from namehold.rehearsal.state import IndexState
from namehold.rehearsal.strangers import strangers_of
from namehold.upkeep.adopt import make_adoption

TOOL = NormalizedName("acme-tool")


def wheel(version: str, *, is_yanked: bool = False) -> IndexFile:
    return IndexFile(filename=f"acme_tool-{version}-py3-none-any.whl", sha256="", is_yanked=is_yanked)


@pytest.mark.parametrize(
    ("files", "version", "is_yanked", "is_prerelease"),
    [
        ((wheel("1.0"), wheel("2.0rc1")), "1.0", False, False),
        ((wheel("1.0"), wheel("3.0", is_yanked=True)), "1.0", False, False),
        ((wheel("1.0rc1"), wheel("2.0.dev1")), "2.0.dev1", False, True),
        ((wheel("1.0rc1"), wheel("2.0", is_yanked=True)), "1.0rc1", False, True),
        ((wheel("1.0", is_yanked=True), wheel("2.0", is_yanked=True)), "2.0", True, False),
        ((wheel("1.10"), wheel("1.9")), "1.10", False, False),
    ],
)
def test_the_highest_that_is_neither_yanked_nor_a_pre_release_else_the_highest_that_is_left(
    files: tuple[IndexFile, ...], version: str, *, is_yanked: bool, is_prerelease: bool
) -> None:
    release = latest_release(files)
    assert release is not None
    assert (str(release.version), release.is_yanked, release.version.is_prerelease) == (
        version,
        is_yanked,
        is_prerelease,
    )


def test_files_without_a_version_make_no_release() -> None:
    assert latest_release((IndexFile(filename="acme_tool-1.0.exe", sha256=""),)) is None
    assert latest_version(()) is None


@pytest.mark.parametrize(
    "name", ["acme_tool-{}-py3-none-any.whl", "acme_tool-1-{}-py3-none-any.whl", "acme_tool-{}.tar.gz"]
)
def test_a_listed_file_whose_name_no_file_can_have_makes_no_release(name: str) -> None:
    listed = IndexFile(filename=name.format("9" * 5_000), sha256="")
    assert latest_release((listed,)) is None
    release = latest_release((listed, wheel("1.0")))
    assert release is not None
    assert str(release.version) == "1.0"


def test_a_yanked_file_of_a_release_that_is_not_yanked_is_left_out() -> None:
    sdist = IndexFile(filename="acme_tool-1.0.tar.gz", sha256="")
    release = latest_release((wheel("1.0", is_yanked=True), sdist))
    assert release is not None
    assert release.files == (sdist,)


def test_an_adoption_does_not_take_a_pre_release_for_the_held_version() -> None:
    state = ProjectState(
        name=TOOL,
        exists=True,
        files=(wheel("1.0"), wheel("2.0rc1")),
        ownership=Ownership(roles=(Role(role="Owner", user="acme"),)),
    )
    assert make_adoption(state, target=TOOL, time=dt.datetime(2026, 11, 28, tzinfo=dt.UTC)).version == "1.0"


def test_the_rehearsal_index_answers_alike() -> None:
    windows = SlidingWindow(INDEX_QUOTA)
    limits = CreationLimits(addresses=windows, users=windows)
    state = IndexState(clock=SteppedClock(), limits=limits, strangers=strangers_of(()))
    files = [make_wheel(TOOL, version) for version in ("1.0", "2.0rc1")]
    project = state.add_project(TOOL, owner="acme", files=files)
    assert project.latest is not None
    assert str(project.latest.version) == "1.0"
