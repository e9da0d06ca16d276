"""A lost or an older ledger is completed from the index, each name as old as it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from tests.harness.applying import Stage, stage

from namehold.index.model import ProjectStatus
from namehold.ledger.model import HandedOver, Observed, Sighting
from namehold.rehearsal.seeds import make_wheel
from namehold.upkeep.rebuild import FoundName, find_reservation, record

OLD, LATER = ["acme-tol", "acme-too"], ["acme-tols", "acme-toos"]
TOL = NormalizedName("acme-tol")
_DAY_S = 86_400


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path) as made:
        yield made


def rebuild(here: Stage, names: Sequence[str]) -> list[FoundName]:
    """What was found, in the order of `names`; all of it that can be is in the ledger afterwards."""
    with here.open_ledger() as ledger:
        found = [
            find_reservation(
                NormalizedName(name), holdings=ledger.holdings(), portfolio=here.portfolio, index=here.reader,
                web=here.reader, profile=here.index.profile,
            )
            for name in names
        ]  # fmt: skip
        record(found, ledger, now=here.clock.now())
    return found


def test_an_older_ledger_gets_the_names_that_it_lacks(here: Stage) -> None:
    first = here.clock.now()
    here.run(here.plan(*OLD))
    older = here.ledger_path.read_bytes()
    here.clock.advance(2 * _DAY_S)
    second = here.clock.now()
    here.run(here.plan(*OLD, *LATER))
    here.clock.advance(3 * _DAY_S)
    here.ledger_path.write_bytes(older)

    found = rebuild(here, [*OLD, *LATER, "acme-tool", "acme-nowhere"])
    assert [item.obstacle for item in found[:2]] == ["the ledger has it already"] * 2
    assert [item.obstacle for item in found[2:4]] == ["", ""]
    assert all(item.obstacle for item in found[4:])
    assert here.ledger_path.read_bytes().startswith(older)
    assert [(item.name, item.since.date()) for item in here.holdings.held] == [
        *((name, first.date()) for name in OLD),
        *((name, second.date()) for name in LATER),
    ]
    # Their slots were spent then: today's are free.
    assert [time.date() for time in here.holdings.slot_times] == [first.date()] * 2 + [second.date()] * 2
    content = here.ledger_path.read_bytes()
    rebuild(here, [*OLD, *LATER])
    assert here.ledger_path.read_bytes() == content
    result = here.run(here.plan(*OLD, *LATER))
    assert (result.stopped, result.drift, result.receipts) == (None, (), ())


def test_a_later_version_that_the_ledger_lacks_is_entered_without_a_slot(here: Stage) -> None:
    here.run(here.plan("acme-tol"))
    older = here.ledger_path.read_bytes()
    here.clock.advance(_DAY_S)
    here.run(here.later_plan(TOL))
    (held,) = here.holdings.held
    here.ledger_path.write_bytes(older)
    rebuild(here, ["acme-tol"])
    (again,) = here.holdings.held
    assert (again.version, set(again.files), again.since) == ("0.0.2", set(held.files), held.since)
    assert len(here.holdings.slot_times) == 1

    here.ledger_path.unlink()
    rebuild(here, ["acme-tol"])
    (anew,) = here.holdings.held
    assert (anew.version, set(anew.files)) == ("0.0.2", set(held.files))
    assert (anew.since, len(here.holdings.slot_times)) == (held.since, 1)


def test_the_end_that_a_version_warns_of_is_known_again(here: Stage) -> None:
    end = (here.clock.now() + dt.timedelta(days=200)).date()
    here.run(here.plan("acme-tol"))
    here.clock.advance(_DAY_S)
    here.run(here.later_plan(TOL, withdraw_on=end))
    (held,) = here.holdings.held
    here.clock.advance(_DAY_S)
    here.ledger_path.unlink()
    rebuild(here, ["acme-tol"])
    (again,) = here.holdings.held
    assert (again.withdraw_on, again.since, again.warned_since) == (end, held.since, held.warned_since)
    assert again.warned_since == again.since + dt.timedelta(days=1)


def test_what_was_given_back_or_taken_away_stays_so(here: Stage) -> None:
    here.run(here.plan(*OLD))
    with here.open_ledger() as ledger:
        now = here.clock.now()
        ledger.append(HandedOver(name=TOL, to="Tol", how="transferred", version="0.0.1", checked=False, time=now))
        ledger.append(Observed(name=NormalizedName("acme-too"), found=Sighting.FILES_GONE, time=now))
    content = here.ledger_path.read_bytes()
    found = rebuild(here, OLD)
    assert [item.obstacle for item in found] == [
        "the ledger says what became of it: handed-over",
        "the ledger says what became of it: files-gone",
    ]
    assert here.ledger_path.read_bytes() == content


@pytest.mark.parametrize(
    ("change", "obstacle", "files", "told"),
    [
        ("yanked", "", 2, "drift-yanked"),
        ("archived", "", 2, "drift-archived"),
        ("half", "", 1, ""),
        ("deleted", "it has no files", 0, "it is already ours, without a file"),
    ],
)
def test_a_name_is_found_again_as_it_stands(here: Stage, change: str, obstacle: str, files: int, told: str) -> None:
    here.run(here.plan("acme-tol"))
    state = here.index.state
    if change == "yanked":
        state.yank(TOL, "0.0.1")
    elif change == "archived":
        state.set_status(TOL, ProjectStatus.ARCHIVED)
    shown = state.project(TOL)
    assert shown is not None
    gone = {"half": 1, "deleted": 2}.get(change, 0)
    for file in shown.files[:gone]:
        state.delete_file(TOL, file.filename)
    here.ledger_path.unlink()

    (found,) = rebuild(here, ["acme-tol"])
    assert (found.obstacle, [len(item.files) for item in here.holdings.held]) == (obstacle, [files] if files else [])
    result = here.run(here.plan("acme-tol"))
    assert result.stopped is None
    said = [*(item.rule for item in result.drift), *(item.message for item in result.receipts)]
    assert len(said) == bool(told)
    assert all(text.startswith(told) for text in said)


def test_a_file_that_says_nothing_of_us_is_not_entered_beside_ours(here: Stage) -> None:
    here.run(here.plan("acme-tol"))
    here.index.state.add_release(TOL, make_wheel(TOL, "0.0.3"))
    content = here.ledger_path.read_bytes()
    (found,) = rebuild(here, ["acme-tol"])
    assert "not every file" in found.obstacle
    assert here.ledger_path.read_bytes() == content
