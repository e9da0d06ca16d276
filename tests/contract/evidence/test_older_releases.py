"""What older releases show: read once, kept beside the ledger, and a ground for a reservation once it is old enough."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import pytest
from packaging.utils import NormalizedName
from tests.harness.values import PROFILE, QUOTA, PlainRenderer
from tests.harness.wheels import make_wheel

from namehold import documents, rehearsal
from namehold.candidates import general_words, load_dictionary, load_weights, popular_names
from namehold.errors import InputError
from namehold.evidence.discover import discover_packages, edits_of
from namehold.evidence.package_files import Discovery, discover_package, show_again
from namehold.evidence.releases import ReadFile, ReadPackage, ReleasesRead
from namehold.index.access.http import HttpIndex
from namehold.ledger import Holdings
from namehold.plan import Plan, make_plan
from namehold.portfolio import Portfolio, Route, Surface, SurfaceKind
from namehold.portfolio.edit import edit_packages
from namehold.portfolio.read import read_portfolio
from namehold.rehearsal.running import RunningIndex
from namehold.snapshot import Snapshot

HUB = NormalizedName("voltgrid-hub")
CLI = NormalizedName("voltgrid-cli")
NAMES = b"""\
organization: {name: Voltgrid, contact: "security@voltgrid-labs.dev"}
account: {index: pypi, username: voltgrid}
packages: [voltgrid-hub]
"""
hub = partial(make_wheel, "voltgrid-hub", modules=["voltgrid_hub"])


@pytest.fixture
def index() -> Iterator[RunningIndex]:
    with rehearsal.start(users=["voltgrid"]) as running:
        running.state.add_project(HUB, owner="voltgrid", files=())
        yield running


@pytest.fixture
def web(index: RunningIndex) -> Iterator[HttpIndex]:
    with HttpIndex(index.profile, contact="security@voltgrid-labs.dev", sleep=lambda _: None) as reader:
        yield reader


def read(index: RunningIndex, web: HttpIndex, known: Sequence[ReadFile] = ()) -> Discovery:
    return discover_package(HUB, web=web, simple=index.simple_url, now=index.clock.now(), known=known)


def command(found: Sequence[Surface], value: str) -> Surface | None:
    wanted = (SurfaceKind.COMMAND, value)
    return next((surface for surface in found if (surface.kind, surface.value) == wanted), None)


def plan_of(portfolio: Portfolio, record: ReleasesRead, *, as_of: dt.date) -> Plan:
    # A stranger holds the bare word, so that it isn't the organization's own.
    listed = [*popular_names().ranks, HUB, NormalizedName("voltgrid")]
    return make_plan(
        portfolio,
        view=Snapshot.of(listed, index="pypi", source="a test", taken=as_of),
        holdings=Holdings(),
        renderer=PlainRenderer(),
        weights=load_weights(),
        popular=popular_names().ranks,
        dictionary=load_dictionary().words,
        general=general_words(),
        as_of=as_of,
        quota=QUOTA,
        profile=PROFILE,
        releases=record.shown(),
    )


def test_a_command_that_a_release_dropped_is_reserved_on_the_first_day(index: RunningIndex, web: HttpIndex) -> None:
    index.state.add_release(HUB, hub("0.9", scripts=["voltgrid-cli"]), age_days=300)
    index.state.add_release(HUB, hub("1.0", scripts=["vg"]), age_days=20)
    portfolio = read_portfolio(NAMES, path="names.yaml").portfolio
    found, record = discover_packages(
        portfolio, [HUB], web=web, simple=index.simple_url, index="pypi", now=index.clock.now()
    )
    after = read_portfolio(
        edit_packages(NAMES, edits_of(found, portfolio), path="names.yaml"), path="names.yaml"
    ).portfolio
    plan = plan_of(after, record, as_of=index.clock.now().date())
    assert [(action.name, action.day) for action in plan.actions] == [("voltgrid-cli", 1)]
    (assessment,) = plan.find([CLI]).values()
    assert (assessment.route, assessment.warnings[1:]) == (Route.RESERVE, ())
    assert assessment.standing is not None
    assert (assessment.standing.package, assessment.standing.value) == (HUB, "voltgrid-cli")
    # Without the record the same names.yaml opens nothing.
    (watched,) = plan_of(after, ReleasesRead(index="pypi"), as_of=index.clock.now().date()).find([CLI]).values()
    assert watched.route is Route.WATCH


def test_each_surface_knows_its_first_and_its_last_release(index: RunningIndex, web: HttpIndex) -> None:
    for version, age_days, scripts in (("0.1", 900, ["vg-old"]), ("1.5", 400, ["vg-old", "vg"]), ("2.0", 3, ["vg"])):
        index.state.add_release(HUB, hub(version, scripts=scripts), age_days=age_days)
    found = read(index, web).surfaces
    today = index.clock.now().date()
    old, new = command(found, "vg-old"), command(found, "vg")
    assert old is not None
    assert old.first_release is not None
    assert old.last_release is not None
    assert (old.first_release.version, old.first_release.date) == ("0.1", today - dt.timedelta(days=900))
    assert (old.last_release.version, old.source) == ("1.5", "voltgrid_hub-1.5-py3-none-any.whl")
    assert new is not None
    assert new.first_release is not None
    assert new.last_release is not None
    assert (new.first_release.version, new.last_release.version) == ("1.5", "2.0")


def test_what_only_old_releases_had_beside_modules_and_commands_is_left_out(
    index: RunningIndex, web: HttpIndex
) -> None:
    index.state.add_release(HUB, hub("1.0", extras=["legacy"], requires_dist=["left-behind"]), age_days=400)
    index.state.add_release(HUB, hub("2.0", extras=["fast"], requires_dist=["numpy"]), age_days=3)
    found = read(index, web)
    assert {item.value for item in found.surfaces if item.kind is SurfaceKind.EXTRA} == {"fast"}
    assert found.companions == ("numpy",)


def test_a_file_that_was_read_is_never_asked_for_again(index: RunningIndex, web: HttpIndex) -> None:
    index.state.add_release(HUB, hub("1.0", scripts=["vg-old"]), age_days=400)
    index.state.add_release(HUB, hub("2.0", scripts=["vg"]), age_days=3)
    first = read(index, web)
    record = ReleasesRead(index="pypi", packages=(ReadPackage(name=HUB, files=first.files),))
    text = "".join(documents.dump_records("releases", record))
    kept = documents.load("releases", ReleasesRead, text, path="releases-pypi.json")
    assert kept == record
    again = read(index, web, kept.files_of(HUB))
    assert again.requests == 1
    assert (again.surfaces, again.companions) == (first.surfaces, first.companions)
    # A new release costs its own reading, no more.
    index.state.add_release(HUB, hub("2.1", scripts=["vg"]))
    assert read(index, web, kept.files_of(HUB)).requests == 2


def test_a_record_of_an_earlier_reader_is_read_anew_and_stands_until_then() -> None:
    file = ReadFile(filename="voltgrid_hub-1.0-py3-none-any.whl", sha256="0" * 64, version="1.0", uploaded=None)
    record = ReleasesRead(index="pypi", packages=(ReadPackage(name=HUB, files=(file,), reader=0),))
    assert record.files_of(HUB) == ()
    assert list(record.shown()) == [HUB]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", "latest"),
        ("uploaded", "2020-01-01T00:00:00"),
        ("uploaded", "9999-12-31T23:59:59-23:00"),
        ("uploaded", 1e300),
        ("shows", [["password", "acme"]]),
        ("shows", "everything"),
    ],
)
def test_a_record_that_holds_anything_else_is_refused_as_a_whole(field: str, value: object) -> None:
    file: dict[str, object] = {"filename": "a-1.whl", "sha256": "", "version": "1", "uploaded": None, field: value}
    document = {"schema": "namehold/releases/1", "index": "pypi", "packages": [{"name": "acme", "files": [file]}]}
    with pytest.raises(InputError):
        documents.load("releases", ReleasesRead, json.dumps(document), path="releases-pypi.json")


def test_a_damaged_older_file_holds_nothing_up(index: RunningIndex, web: HttpIndex) -> None:
    index.state.add_release(HUB, hub("1.0", scripts=["vg-old"]), age_days=400)
    index.state.add_release(HUB, hub("2.0", scripts=["vg"]), age_days=3)
    project = index.state.project(HUB)
    assert project is not None
    # What a broken mirror would serve; the index itself refuses such an upload.
    object.__setattr__(project.ordered_releases[0].files[0], "content", b"PK\x03\x04 no archive at all")
    found = read(index, web)
    assert command(found.surfaces, "vg") is not None
    assert [bool(file.problem) for file in found.files] == [False, True]
    assert read(index, web, found.files).requests == 1


@pytest.mark.parametrize(
    "ages",
    [
        {f"{major}.{minor}": 2000 - 100 * major - minor for major in range(16) for minor in range(3)},
        {f"0.{minor}": 900 - minor for minor in range(40)},
    ],
    ids=["sixteen majors", "one major"],
)
def test_few_releases_are_read_the_first_and_the_last_among_them(
    index: RunningIndex, web: HttpIndex, ages: dict[str, int]
) -> None:
    for version, age_days in ages.items():
        index.state.add_release(HUB, hub(version), age_days=age_days)
    versions = [file.version for file in read(index, web).files]
    assert len(versions) <= 12
    assert versions[0] == list(ages)[-1]
    assert next(iter(ages)) in versions


# --------------------------------------------------------------------------- what apply asks


def forged(version: str, filename: str, sha256: str, *, uploaded: dt.datetime) -> ReadFile:
    return ReadFile(
        filename=filename, sha256=sha256, version=version, uploaded=uploaded,
        shows=((SurfaceKind.COMMAND, "voltgrid-cli"),),
    )  # fmt: skip


def test_a_record_proves_nothing_by_itself(index: RunningIndex, web: HttpIndex) -> None:
    index.state.add_release(HUB, hub("1.0", scripts=["vg"]), age_days=400)
    index.state.add_release(HUB, hub("2.0", scripts=["vg", "voltgrid-cli"]), age_days=3)
    project = index.state.project(HUB)
    assert project is not None
    (old,) = project.ordered_releases[0].files
    long_ago = index.clock.now() - dt.timedelta(days=400)
    lies = [
        forged("1.0", old.filename, old.digests["sha256"], uploaded=long_ago),
        forged("0.1", "voltgrid_hub-0.1-py3-none-any.whl", "0" * 64, uploaded=long_ago),
    ]
    shown = show_again(HUB, [CLI], known=lies, web=web, simple=index.simple_url)
    surface = command(shown, "voltgrid-cli")
    # The latest release has it, and it is young.
    assert surface is not None
    assert surface.first_release is not None
    assert surface.first_release.date == (index.clock.now() - dt.timedelta(days=3)).date()


def test_the_day_of_a_release_is_the_index_s_not_the_record_s(index: RunningIndex, web: HttpIndex) -> None:
    index.state.add_release(HUB, hub("2.0", scripts=["voltgrid-cli"]), age_days=3)
    (file,) = read(index, web).files
    lie = replace(file, uploaded=index.clock.now() - dt.timedelta(days=999))
    shown = show_again(HUB, [CLI], known=[lie], web=web, simple=index.simple_url)
    surface = command(shown, "voltgrid-cli")
    assert surface is not None
    assert surface.first_release is not None
    assert surface.first_release.date == (index.clock.now() - dt.timedelta(days=3)).date()
    # And so discovery doesn't take the record's file for the index's.
    assert read(index, web, [lie]).files == (file,)


def test_a_file_that_was_deleted_shows_nothing_any_more(index: RunningIndex, web: HttpIndex) -> None:
    index.state.add_release(HUB, hub("1.0", scripts=["voltgrid-cli"]), age_days=400)
    index.state.add_release(HUB, hub("2.0", scripts=["vg"]), age_days=3)
    known = read(index, web).files
    assert command(show_again(HUB, [CLI], known=known, web=web, simple=index.simple_url), "voltgrid-cli") is not None
    index.state.delete_file(HUB, "voltgrid_hub-1.0-py3-none-any.whl")
    assert command(show_again(HUB, [CLI], known=known, web=web, simple=index.simple_url), "voltgrid-cli") is None
    assert command(read(index, web, known).surfaces, "voltgrid-cli") is None
