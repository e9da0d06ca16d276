"""`namehold letter` against an index on loopback: written, sent, answered, and gone from every list."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from tests.applying import index_now
from tests.trial import trial_config
from typer.testing import CliRunner, Result

from namehold.cli import app
from namehold.errors import UnsafePlan, UsageError
from namehold.ledger.file import Ledger, read_holdings
from namehold.ledger.model import Event, LetterKind, LetterSent
from namehold.rehearsal.running import RunningIndex

PACKAGES = """\
policy: {threshold: 0.0001}
packages:
  - name: acme-tool
"""


@dataclass(frozen=True)
class Desk:
    """A folder with names.yaml and a plan, and an index to ask."""

    folder: Path
    index: RunningIndex

    @property
    def ledger(self) -> Path:
        return self.folder / ".namehold" / "ledger-trial.jsonl"

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, [*arguments], catch_exceptions=False)

    def record(self, event: Event) -> None:
        now = dt.datetime.now(dt.UTC)
        with Ledger.open(self.ledger, index="trial", username="acme", organization="Acme Robotics", time=now) as ledger:
            ledger.append(event)

    def letter(self, *arguments: str) -> Result:
        return self.run("letter", *arguments)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with index_now(users=["acme", "stranger"]) as index:
        (tmp_path / "names.yaml").write_text(trial_config(index, PACKAGES), "utf-8")
        (tmp_path / "names.txt").write_text("acme-tool\nanother-project\n", "utf-8")
        monkeypatch.chdir(tmp_path)
        made = Desk(folder=tmp_path, index=index)
        assert made.run("plan", "--snapshot", "names.txt").exit_code == 0
        yield made


def today() -> str:
    return dt.datetime.now(dt.UTC).date().isoformat()


def names_of(body: str) -> list[str]:
    return body.split("\n\n", maxsplit=1)[0].splitlines()


def test_a_letter_is_written_sent_answered_and_its_names_leave_every_list(desk: Desk) -> None:
    written = desk.letter("prohibit")

    names = names_of(written.stdout)
    assert 2 <= len(names) <= 15
    assert "private mail, never in a tracker" in written.stderr
    assert not desk.ledger.exists()

    assert desk.letter("--sent", today()).exit_code == 0
    with pytest.raises(UnsafePlan) as second:
        desk.letter("prohibit")
    assert "letter-open" in {item.rule for item in second.value.diagnostics()}

    assert desk.letter("--answer", "granted", names[0]).exit_code == 0
    assert desk.letter("--answer", "declined").exit_code == 0

    holdings = read_holdings(desk.ledger)
    assert holdings.prohibited == (names[0],)
    desk.run("plan", "--snapshot", "names.txt")
    rows = {
        entry["name"]: entry["route"]
        for package in json.loads(desk.run("report", "--format", "json").stdout)["packages"]
        for entry in package["entries"]
    }
    assert rows[names[0]] == "protected"
    assert rows[names[1]] == "request"
    with pytest.raises(UnsafePlan) as again:
        desk.letter("prohibit", *names[:2])
    assert {item.rule for item in again.value.diagnostics()} >= {"letter-settled", "letter-declined"}


def test_a_name_that_was_registered_since_the_plan_is_refused(desk: Desk) -> None:
    name = names_of(desk.letter("prohibit").stdout)[0]
    desk.index.state.add_project(NormalizedName(name), owner="stranger")

    with pytest.raises(UnsafePlan) as refused:
        desk.letter("prohibit")

    assert [item.rule for item in refused.value.diagnostics()] == ["letter-exists"]


def test_a_target_of_somebody_else_is_refused(desk: Desk) -> None:
    config = desk.folder / "names.yaml"
    config.write_text(config.read_text("utf-8").replace("username: acme", "username: stranger"), "utf-8")

    with pytest.raises(UnsafePlan) as refused:
        desk.letter("prohibit")

    assert {item.rule for item in refused.value.diagnostics()} == {"letter-target"}


def test_nothing_is_asked_of_the_index_for_a_letter_that_is_refused_anyway(desk: Desk) -> None:
    with pytest.raises(UnsafePlan) as refused:
        desk.letter("prohibit", "requests")

    assert [item.rule for item in refused.value.diagnostics()] == ["letter-unplanned"]


def test_a_letter_is_sent_on_the_day_it_is_written(desk: Desk) -> None:
    desk.letter("prohibit")

    with pytest.raises(UsageError, match="looked up on that day only"):
        desk.letter("--sent", "2026-01-01")


def test_a_letter_is_recorded_once(desk: Desk) -> None:
    with pytest.raises(UsageError, match="no letter was written"):
        desk.letter("--sent", today())


def test_silence_counts_only_after_sixty_days(desk: Desk) -> None:
    long_ago = dt.datetime.now(dt.UTC) - dt.timedelta(days=60)
    sent = LetterSent(
        letter="sha256:" + "0d" * 32,
        kind=LetterKind.PROHIBIT,
        names=(NormalizedName("acme-tol"),),
        date=long_ago.date(),
        time=long_ago,
    )
    now = dt.datetime.now(dt.UTC)
    young = replace(sent, letter="sha256:" + "0e" * 32, date=now.date(), names=(NormalizedName("acme-tols"),), time=now)
    with Ledger.open(
        desk.ledger, index="trial", username="acme", organization="Acme Robotics", time=long_ago
    ) as ledger:
        ledger.append(sent)
    assert desk.letter("--answer", "silent").exit_code == 0
    with Ledger.open(
        desk.ledger, index="trial", username="acme", organization="Acme Robotics", time=long_ago
    ) as ledger:
        ledger.append(young)

    with pytest.raises(UsageError, match="silence counts from"):
        desk.letter("--answer", "silent")


def test_an_answer_about_a_name_that_was_not_asked_for_is_refused(desk: Desk) -> None:
    desk.letter("prohibit")
    desk.letter("--sent", today())

    with pytest.raises(UsageError, match="doesn't wait for another-project"):
        desk.letter("--answer", "granted", "another-project")


def test_the_history_tells_names_dates_and_answers(desk: Desk) -> None:
    names = names_of(desk.letter("prohibit").stdout)
    desk.letter("--sent", today())

    table = desk.letter().stdout

    assert all(name in table for name in names)
    assert "none yet" in table
    assert json.loads(desk.letter("--format", "json").stdout)["letters"][0]["kind"] == "prohibit"


def test_an_unknown_kind_is_a_usage_error(desk: Desk) -> None:
    with pytest.raises(UsageError, match="no letter of the kind 'nonsense'"):
        desk.letter("nonsense")
