"""A held name is asked about when the list says that it changed, and at least once a week; nothing is asked twice."""

from __future__ import annotations

import datetime as dt

import pytest
from packaging.utils import NormalizedName

from namehold.index.model import ProjectState
from namehold.ledger.model import HeldName
from namehold.publish.looks import RecallingReader, RememberingReader, find_doubtful
from namehold.snapshot.file import Snapshot

NOW = dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.UTC)
NAME = NormalizedName("acme-tol")
OTHER = NormalizedName("acme-tool")


def held(*, looked_days_ago: float | None = 1, serial: int = 7, since_days_ago: int = 30) -> HeldName:
    looked = None if looked_days_ago is None else NOW - dt.timedelta(days=looked_days_ago)
    return HeldName(
        name=NAME,
        target=OTHER,
        mode=None,
        version="0.0.1",
        since=NOW - dt.timedelta(days=since_days_ago),
        files=(),
        action_digest="d",
        looked=looked,
        serial=serial,
    )


def listing(*, has_name: bool = True, serial: int = 7, complete: bool = True, taken_days_ago: int = 0) -> Snapshot:
    names = [OTHER, NAME] if has_name else [OTHER]
    return Snapshot.of(
        names,
        index="pypi",
        source="made up",
        taken=NOW.date() - dt.timedelta(days=taken_days_ago),
        complete=complete,
        serials=[5, serial] if has_name else [5],
    )


@pytest.mark.parametrize(
    ("item", "listed", "is_asked"),
    [
        (held(), listing(), False),
        (held(), None, False),
        (held(looked_days_ago=None), listing(), True),
        (held(looked_days_ago=6.4), listing(), False),
        (held(looked_days_ago=6.5), listing(), True),
        # A look in the future says nothing: a clock was wrong.
        (held(looked_days_ago=-1), listing(), True),
        (held(), listing(serial=8), True),
        # Unknown serials can't differ.
        (held(), listing(serial=0), False),
        (held(serial=0), listing(serial=8), False),
        (held(), listing(has_name=False), True),
        # A list that isn't complete, or as old as the name, may lack it.
        (held(), listing(has_name=False, complete=False), False),
        (held(since_days_ago=0), listing(has_name=False), False),
    ],
)
def test_who_is_asked_about(item: HeldName, listed: Snapshot | None, is_asked: bool) -> None:
    assert find_doubtful((item,), listed, now=NOW) == ((item,) if is_asked else ())


def test_what_was_asked_in_this_run_is_recalled_and_not_asked_again() -> None:
    class Counting:
        count = 0

        def project(self, name: NormalizedName, *, known_serial: int = 0) -> ProjectState:  # noqa: ARG002 -- the port's signature
            self.count += 1
            return ProjectState(name=name, exists=False, serial=self.count)

        def now(self) -> dt.datetime:
            return NOW

        def user_packages(self, username: str) -> tuple[NormalizedName, ...]:
            raise AssertionError(username)

    reader = Counting()
    asked = RememberingReader.of(reader)
    assert RememberingReader.of(asked) is asked
    recalling = RecallingReader(asked=asked)
    assert [asked.project(NAME).serial, recalling.project(NAME).serial, recalling.project(OTHER).serial] == [1, 1, 2]
    # Who looks again before sending gets the index's word of now.
    assert asked.project(NAME).serial == 3
    assert (recalling.project(NAME).serial, reader.count, recalling.now(), asked.now()) == (3, 3, NOW, NOW)
