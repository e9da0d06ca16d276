"""A checkout that somebody else has prepared: nothing outside of it is read, written or deleted by any command."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.harness.desk import Desk, desk_of

CANARY = "canary-5f2a91"

#: Where a checkout can prepare something, and the commands that use that place.
PLACES = {
    ".namehold": ["plan", "apply", "status"],
    ".namehold/plan.json": ["plan", "plan --show acme-toolbox", "apply", "report", "letter prohibit", "register"],
    ".namehold/rehearsal": ["rehearse", "report"],
    ".namehold/rehearsal/outbox": ["rehearse"],
    ".namehold/rehearsal/ledger-trial.jsonl": ["rehearse"],
    ".namehold/rehearsal.json": ["rehearse", "report"],
    ".namehold/outbox": ["apply", "run"],
    ".namehold/outbox/trial": ["apply", "run"],
    ".namehold/ledger-trial.jsonl": ["apply", "status", "register", "key new --output new.key", "key import given.key"],
    "given.key": ["key import given.key"],
    "new.key": ["key new --output new.key", "key show --output new.key"],
    ".namehold/ownership.json": ["plan", "doctor"],
    ".namehold/discovery.json": ["discover"],
    ".namehold/last-run.json": ["run --only-new"],
    ".namehold/letter.json": ["letter --sent 2026-11-01"],
    ".namehold/register": ["register"],
    ".namehold/register.salt": ["register"],
    ".namehold/dist": ["build"],
    ".namehold/watch": ["watch"],
    ".namehold/watch/trial.names": ["watch"],
    ".namehold/watch-trial.json": ["watch"],
    "evidence.yaml": ["plan", "discover"],
    "names.yaml": ["plan", "discover"],
}
FOLDERS = {".namehold", ".namehold/rehearsal", ".namehold/rehearsal/outbox", ".namehold/outbox"} | {
    ".namehold/outbox/trial",
    ".namehold/register",
    ".namehold/dist",
    ".namehold/watch",
}


def _cache_of(origin: Desk) -> Path:
    return origin.folder.with_name("cache")


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk with what commands leave behind, to be copied; the list of names is with the user."""
    folder = tmp_path_factory.mktemp("origin")
    with desk_of(folder) as desk, pytest.MonkeyPatch.context() as patch:
        patch.setenv("NAMEHOLD_CACHE", str(_cache_of(desk)))
        (folder / "evidence.yaml").write_text("observed: []\n", "utf-8")
        for words in ("snapshot import names.txt", "discover", "plan", "rehearse", "build", "register", "run", "watch"):
            done = desk.call(*words.split())
            assert done.code in {0, 10}, done.err
        yield desk


@pytest.fixture
def _list_of_names(origin: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAMEHOLD_CACHE", str(_cache_of(origin)))


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """What belongs to the person: a folder with files, laid out as an outbox is, too."""
    folder = tmp_path / "documents"
    for path in ("thesis/chapter.txt", f"{'0' * 64}/acme_tol.whl", "plan.json", "ledger-trial.jsonl", "trial/notes"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(f"{CANARY} {path}\n", "utf-8")
    return folder


def link_outside(place: Path, outside: Path, *, is_folder: bool) -> None:
    place.symlink_to(os.path.relpath(outside if is_folder else outside / "plan.json", place.parent))


def link_to_nothing(place: Path, outside: Path, *, is_folder: bool) -> None:
    place.symlink_to(os.path.relpath(outside / "new", place.parent))


def loop(place: Path, outside: Path, *, is_folder: bool) -> None:
    twin = place.with_name("twin")
    twin.symlink_to(place.name)
    place.symlink_to("twin")


def pipe(place: Path, outside: Path, *, is_folder: bool) -> None:
    os.mkfifo(place)


def endless_device(place: Path, outside: Path, *, is_folder: bool) -> None:
    place.symlink_to("/dev/full")


def hard_link_or_file(place: Path, outside: Path, *, is_folder: bool) -> None:
    """A second name of the person's file; where a folder belongs, a file."""
    os.link(outside / "plan.json", place)


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.usefixtures("_list_of_names")
@pytest.mark.parametrize("trap", [link_outside, link_to_nothing, loop, pipe, endless_device, hard_link_or_file])
@pytest.mark.parametrize("where", PLACES)
def test_no_command_leaves_a_hostile_checkout(
    origin: Desk, tmp_path: Path, outside: Path, where: str, trap: Callable[..., None]
) -> None:
    before = files_in(outside)
    # The commands share their readers: the two traps that differ most are tried with each.
    commands = PLACES[where] if trap in {link_outside, pipe} else PLACES[where][:1]
    for number, words in enumerate(commands):
        checkout = tmp_path / str(number)
        shutil.copytree(origin.folder, checkout)
        place = checkout / where
        if place.is_dir():
            shutil.rmtree(place)
        place.unlink(missing_ok=True)
        place.parent.mkdir(parents=True, exist_ok=True)
        trap(place, outside, is_folder=where in FOLDERS)
        done = Desk(folder=checkout, index=origin.index, token=origin.token).call(*words.split())
        told = done.out + done.err
        assert "this is a bug" not in told, told
        assert done.code in {0, 2, 3, 4, 5, 6, 10, 11, 12, 13}, (words, told)
        assert CANARY not in told, words
        assert files_in(outside) == before, words
        kept = [path for path in checkout.rglob("*") if path.is_file() and not path.is_symlink()]
        assert not any(CANARY.encode() in path.read_bytes() for path in kept if path.stat().st_nlink == 1), words


def test_only_what_namehold_made_is_deleted_where_a_rehearsal_begins(origin: Desk, tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    shutil.copytree(origin.folder, checkout)
    stage = checkout / ".namehold" / "rehearsal"
    for path in ("thesis/chapter.txt", "outbox/thesis/chapter.txt", f"outbox/{'0' * 64}/notes.txt"):
        (stage / path).parent.mkdir(parents=True, exist_ok=True)
        (stage / path).write_text("years of work", "utf-8")
    done = Desk(folder=checkout, index=origin.index, token=origin.token).call("rehearse")
    assert done.code == 0, done.err
    assert [path.read_text("utf-8") for path in stage.rglob("*.txt")] == ["years of work"] * 3
