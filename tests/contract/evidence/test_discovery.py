"""Discovery against a real HTTP index, with wheels that a real backend built, and with broken and hostile ones."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from build import ProjectBuilder
from packaging.utils import NormalizedName

from namehold import rehearsal
from namehold.errors import IndexError_
from namehold.evidence.package_files import Discovery, discover_package
from namehold.index.access.http import HttpIndex
from namehold.index.archives import HostileArchive
from namehold.index.model import ProjectStatus
from namehold.portfolio.packages import SurfaceKind
from namehold.rehearsal.running import RunningIndex

TOOL = NormalizedName("acme-tool")

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "acme-tool"
version = "1.2"
description = "Tools for robots"
requires-python = ">=3.9"
dependencies = ["acme-core >= 1"]
[project.optional-dependencies]
vision = ["numpy"]
[project.scripts]
acme = "acme_tool:main"
[project.gui-scripts]
acme-ui = "acme_tool:main"
[project.entry-points.pytest11]
acme = "acme_tool:plugin"
[project.urls]
Source = "https://code.acme.example/acme/robot-tool"
[tool.hatch.build.targets.wheel]
packages = ["acme_tool", "acme"]
[tool.hatch.build.targets.sdist]
include = ["acme_tool", "acme"]
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A wheel of more than a megabyte and an sdist, by file name."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "pyproject.toml").write_text(PYPROJECT)
    for package in ("acme_tool", "acme/cloud"):
        (folder / package).mkdir(parents=True)
        (folder / package / "__init__.py").write_text("")
    (folder / "acme_tool" / "model.bin").write_bytes(os.urandom(2_000_000))
    out = tmp_path_factory.mktemp("dist")
    builder = ProjectBuilder(folder)
    for kind in ("wheel", "sdist"):
        builder.build(kind, out)
    return {path.name: path.read_bytes() for path in Path(out).iterdir()}


@pytest.fixture
def index() -> Iterator[RunningIndex]:
    with rehearsal.start(users=["acme-holdings"]) as running:
        yield running


def found_at(index: RunningIndex, name: NormalizedName = TOOL) -> Discovery:
    with HttpIndex(index.profile, contact="security@acme.example", sleep=lambda _: None) as web:
        return discover_package(name, web=web, simple=index.simple_url, now=index.clock.now())


def values(found: Discovery, kind: SurfaceKind) -> set[str]:
    return {surface.value for surface in found.surfaces if surface.kind is kind}


def test_a_large_wheel_is_understood_from_a_few_percent_of_its_bytes(
    index: RunningIndex, built: dict[str, bytes]
) -> None:
    index.state.add_project(TOOL, owner="acme-holdings", files=built.items())
    found = found_at(index)
    assert values(found, SurfaceKind.IMPORT) == {"acme_tool", "acme.cloud"}
    assert values(found, SurfaceKind.NAMESPACE) == {"acme"}
    assert values(found, SurfaceKind.COMMAND) == {"acme", "acme-ui"}
    assert values(found, SurfaceKind.ENTRY_POINT) == {"pytest11"}
    assert values(found, SurfaceKind.EXTRA) == {"vision"}
    assert values(found, SurfaceKind.REPOSITORY) == {"robot-tool"}
    assert found.companions == ("acme-core", "numpy")
    assert found.version == "1.2"
    wheel = next(content for name, content in built.items() if name.endswith(".whl"))
    assert found.requests <= 3
    assert found.bytes_read < len(wheel) * 0.05


def test_facts_name_the_file_that_they_stand_in(index: RunningIndex, built: dict[str, bytes]) -> None:
    index.state.add_project(TOOL, owner="acme-holdings", files=built.items())
    sources = {surface.source.removeprefix("METADATA of ") for surface in found_at(index).surfaces}
    assert sources == {"acme_tool-1.2-py3-none-any.whl"}


def test_an_sdist_is_the_last_resort_and_is_not_executed(index: RunningIndex, built: dict[str, bytes]) -> None:
    sdist = {name: content for name, content in built.items() if name.endswith(".tar.gz")}
    index.state.add_project(TOOL, owner="acme-holdings", files=sdist.items())
    found = found_at(index)
    assert found.read_from == "acme_tool-1.2.tar.gz"
    assert values(found, SurfaceKind.COMMAND) == {"acme", "acme-ui"}
    assert "acme_tool" in values(found, SurfaceKind.IMPORT)


def test_status_and_times_come_along(index: RunningIndex) -> None:
    index.state.add_project(TOOL, owner="acme-holdings")
    index.state.set_status(TOOL, ProjectStatus.ARCHIVED)
    found = found_at(index)
    assert found.status is ProjectStatus.ARCHIVED
    assert found.first_release is not None
    assert found.first_release == found.latest_release
    assert found.serial is not None


def test_a_project_without_a_release_has_no_surfaces(index: RunningIndex) -> None:
    index.state.add_project(TOOL, owner="acme-holdings", files=())
    found = found_at(index)
    assert (found.surfaces, found.version, found.read_from) == ((), "", "")


def test_an_unknown_project_is_an_error_with_the_way_out(index: RunningIndex) -> None:
    with pytest.raises(IndexError_, match="knows no project") as caught:
        found_at(index)
    assert "published: false" in caught.value.fix


def _wheel(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 no archive at all",
        _wheel({"../../evil.py": b"", "acme_tool-1.dist-info/METADATA": b"Name: acme-tool\n"}),
        _wheel({"acme_tool-1.dist-info/METADATA": b"Name: acme-tool\n" + b"\n" * 9_000_000}),
    ],
    ids=["garbage", "path", "bomb"],
)
def test_a_hostile_wheel_is_refused_by_name(index: RunningIndex, built: dict[str, bytes], content: bytes) -> None:
    index.state.add_project(TOOL, owner="acme-holdings", files=built.items())
    project = index.state.project(TOOL)
    assert project is not None
    for release in project.releases.values():
        # What a broken mirror would serve; the index itself refuses such an upload.
        for file in release.files:
            object.__setattr__(file, "content", content)
    with pytest.raises(HostileArchive) as caught:
        found_at(index)
    assert caught.value.diagnostics()[0].path == "acme_tool-1.2-py3-none-any.whl"
