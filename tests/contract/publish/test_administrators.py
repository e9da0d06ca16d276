"""The index's administrators, an owner or a stranger change what we hold, by release, file or role."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from tests.harness.applying import PORTFOLIO, Stage, Upload, stage

from namehold.errors import ExitCode, UnsafePlan
from namehold.index.model import Answer, Outcome, ProjectState, ProjectStatus, Token
from namehold.index.ports import BuiltFile
from namehold.ledger.model import Decided, Observed, Sighting
from namehold.rehearsal.state import IndexState
from namehold.upkeep.drift import find_drift

NAME, OTHER = NormalizedName("acme-tol"), NormalizedName("acme-tooll")
TOOL = NormalizedName("acme-tool")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path) as made:
        yield made


def drift(here: Stage) -> list[str]:
    """What status finds."""
    states = {item.name: here.reader.project(item.name) for item in here.holdings.held}
    found = find_drift(here.holdings, portfolio=here.portfolio, states=states, shows_ownership=True)
    assert all(item.text and item.fix for item in found)
    return [item.rule for item in found]


def delete_all_files(state: IndexState) -> None:
    project = state.project(NAME)
    assert project is not None
    for file in project.files:
        state.delete_file(NAME, file.filename)


def _give_away(state: IndexState) -> None:
    """Deleted and made anew by somebody else: nothing there is ours."""
    state.delete_project(NAME)
    state.add_project(NAME, owner="mallory")


@pytest.mark.parametrize(
    ("act", "found"),
    [
        (lambda state: state.withhold_release(NAME, "0.0.1"), Sighting.FILES_GONE),
        (delete_all_files, Sighting.FILES_GONE),
        (_give_away, Sighting.FILES_GONE),
        (lambda state: state.delete_project(NAME), Sighting.VANISHED),
        (lambda state: state.set_status(NAME, ProjectStatus.QUARANTINED), Sighting.QUARANTINED),
    ],
    ids=["release withheld", "all files deleted", "somebody else's now", "project removed", "project quarantined"],
)
def test_where_none_of_our_files_is_left_everything_stops_until_a_person_decides(
    here: Stage, act: Callable[[IndexState], None], found: Sighting
) -> None:
    plan = here.plan(NAME, OTHER)
    here.run(here.plan(NAME))
    act(here.index.state)
    before = len(here.index.state.uploads)
    for _ in range(2):
        with pytest.raises(UnsafePlan, match=NAME) as caught:
            here.run(plan)
        assert caught.value.exit_code is ExitCode.GUARD_REFUSED
    assert len(here.index.state.uploads) == before
    seen = [event.value for event in here.events if isinstance(event.value, Observed)]
    assert [(item.name, item.found) for item in seen] == [(NAME, found)]
    assert (here.holdings.undecided, here.held) == ((NAME,), [])
    assert drift(here) == ["drift-undecided"]
    with here.open_ledger() as ledger:
        ledger.append(Decided(name=NAME, decision="They removed it.", time=here.clock.now()))
    # It is never sent again, the others go on.
    assert [receipt.name for receipt in here.run(plan).receipts] == [OTHER]


def test_status_tells_it_before_any_run_wrote_it_down(here: Stage) -> None:
    here.run(here.plan(NAME))
    here.index.state.withhold_release(NAME, "0.0.1")
    assert drift(here) == ["drift-files-gone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """A reader whose first answers about a held name come from before its files were there."""

    here: Stage
    first: list[ProjectState]

    def project(self, name: NormalizedName, *, known_serial: int = 0) -> ProjectState:
        return (
            self.first.pop()
            if name == NAME and self.first
            else self.here.reader.project(name, known_serial=known_serial)
        )

    def now(self) -> dt.datetime:
        return self.here.reader.now()

    def user_packages(self, username: str) -> tuple[NormalizedName, ...]:
        return self.here.reader.user_packages(username)


def test_a_cache_that_is_behind_is_asked_again(here: Stage) -> None:
    here.run(here.plan(NAME))
    empty = ProjectState(name=NAME, exists=True)
    result = here.run(
        here.plan(NAME, OTHER), reader=Behind(here=here, first=[empty, ProjectState(name=NAME, exists=False)])
    )
    assert (result.exit_code, here.held) == (ExitCode.DONE, [NAME, OTHER])
    assert "observation" not in here.kinds


def test_a_release_that_is_withheld_just_after_it_was_taken(here: Stage) -> None:
    """The name of an upload that the index took, and that it shows as an empty project since."""

    def take_and_withhold(upload: Upload, file: BuiltFile, token: Token) -> Answer:
        answer = upload(file, token)
        here.index.state.withhold_release(NAME, "0.0.1")
        return answer

    here.uploader.faults[2] = take_and_withhold
    plan = here.plan(NAME)
    assert [item.outcome for item in here.run(plan).receipts] == [Outcome.UNVERIFIED]
    here.clock.advance(86_401)
    result = here.run(plan)
    assert (result.exit_code, here.holdings.undecided) == (ExitCode.GUARD_REFUSED, (NAME,))
    assert drift(here) == ["drift-undecided"]


def test_an_earlier_version_that_is_there_is_no_loss(here: Stage) -> None:
    here.run(here.plan(NAME))
    here.run(here.later_plan(NAME))
    here.index.state.withhold_release(NAME, "0.0.2")
    assert drift(here) == ["drift-file-missing"]
    result = here.run(here.plan(OTHER))
    assert ([item.rule for item in result.drift], here.holdings.undecided) == (["drift-file-missing"], ())


@pytest.mark.parametrize(
    ("act", "rule"),
    [
        (lambda state: state.yank(NAME, "0.0.1", "no use"), "drift-yanked"),
        (lambda state: state.set_status(NAME, ProjectStatus.ARCHIVED), "drift-archived"),
        (lambda state: state.add_role(NAME, "mallory"), "drift-role"),
        (lambda state: state.add_role(NAME, "mallory", "Owner"), "drift-role"),
        (lambda state: state.delete_file(NAME, "acme_tol-0.0.1.tar.gz"), "drift-file-missing"),
        (lambda state: state.set_status(NAME, ProjectStatus.UNKNOWN), "drift-status-unknown"),
    ],
    ids=["yanked", "archived", "maintainer", "owner", "file deleted", "unknown marker"],
)
def test_what_weakens_a_placeholder_is_told_before_the_first_byte_and_the_others_go_on(
    here: Stage, act: Callable[[IndexState], None], rule: str
) -> None:
    here.run(here.plan(NAME))
    here.run(here.plan(NAME))
    assert drift(here) == []
    act(here.index.state)
    assert drift(here) == [rule]
    here.clock.advance(7 * 86_400)
    result = here.run(here.plan(NAME, OTHER))
    assert [(item.rule, item.name) for item in result.drift] == [(rule, NAME)]
    assert (result.exit_code, here.held) == (ExitCode.FINDINGS, [NAME, OTHER])
    # It is asked about again in the next run, and nothing of it stands in the ledger: it may be about people.
    assert [item.rule for item in here.run(here.plan(NAME, OTHER)).drift] == [rule]
    assert "observation" not in here.kinds
    assert "mallory" not in here.ledger_path.read_text()
    assert not any("mallory" in item.text + item.fix for item in result.drift)


def test_holders_of_names_yaml_are_no_strangers(here: Stage) -> None:
    here.run(here.plan(NAME))
    here.portfolio = replace(PORTFOLIO, account=replace(PORTFOLIO.account, holders=("Acme-Dev",)))
    here.index.state.add_role(NAME, "acme-dev")
    assert drift(here) == []
