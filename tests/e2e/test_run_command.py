"""`namehold run` as a scheduler calls it, against an index on this machine."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
from typing import Any

import pytest
from packaging.utils import NormalizedName
from tests.harness.applying import KEY
from tests.harness.cli import call
from tests.harness.desk import NAMES, Desk

from namehold.errors import IndexError_, NameholdError, SnapshotError
from namehold.index.access.policy import ClientPolicy
from namehold.index.model import ProjectStatus, Quota
from namehold.ledger.file import Ledger, read, read_holdings
from namehold.snapshot.store import SnapshotStore

NOW = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _key_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger's key, as a scheduler has it: approvals outlast their run."""
    monkeypatch.setenv("NAMEHOLD_KEY", KEY.reveal())


def run(desk: Desk, *options: str, token: str | None = None) -> tuple[int, dict[str, Any], str]:
    code, out, err = desk.call("run", "--format", "json", *options, token=token)
    return code, json.loads(out), err


def names(items: list[dict[str, Any]]) -> list[str]:
    return sorted(item["name"] for item in items)


def test_a_package_that_was_archived_is_told_by_every_command(desk: Desk) -> None:
    assert desk.plan().code == 0
    desk.index.state.set_status(NormalizedName("acme-tool"), ProjectStatus.ARCHIVED)
    done = desk.apply()
    assert {item["outcome"] for item in json.loads(done.out)["receipts"]} == {"skipped"}
    assert done.err.splitlines()[-1] == "Next: namehold status"
    code, told, err = run(desk, "--snapshot", "names.txt")
    assert (code, {item["rule"] for item in told["waiting"]}) == (0, {"target-retired"}), err
    assert names(told["waiting"]) == NAMES
    assert all("acme-tool is archived on the index" in item["text"] for item in told["waiting"])
    assert "it is archived" in desk.call("doctor").out
    desk.index.state.set_status(NormalizedName("acme-tool"), ProjectStatus.ACTIVE)
    assert {item["rule"] for item in run(desk, "--snapshot", "names.txt")[1]["waiting"]} == {"approval"}
    assert desk.index.state.uploads == []


def test_from_the_first_report_to_the_last_name(desk: Desk) -> None:
    # Without an approval, and without any token, it only reports.
    code, first, err = run(desk, token="")
    assert code == 10, err
    assert first["schema"] == "namehold/run/1"
    assert names(first["waiting"]) == NAMES
    assert {item["rule"] for item in first["waiting"]} == {"approval"}
    assert desk.index.state.uploads == []
    digest = first["action_digest"]
    assert err.strip().splitlines()[-1] == f"Next: namehold run --approve {digest}"

    # Another digest approves nothing.
    code, refused, err = run(desk, "--approve", "sha256:of-another-plan")
    assert (code, refused["done"]) == (6, [])
    assert digest in err
    assert "approval" not in [event.kind for event in read(desk.ledger).events]

    code, second, err = run(desk, "--approve", digest)
    assert code == 0, err
    assert names(second["done"]) == NAMES
    assert (second["waiting"], second["failed"], second["skipped"], second["drift"]) == ([], [], [], [])

    # Again: nothing to do, nothing sent, nothing new.
    sent, events = len(desk.index.state.uploads), len(read(desk.ledger).events)
    code, third, err = run(desk, "--only-new")
    assert code == 0, err
    assert (third["done"], third["waiting"], third["held"]) == ([], [], 3)
    # Nothing is sent again; the new names were asked about once, and a third run has nothing to write down.
    later = [event.kind for event in read(desk.ledger).events[events:]]
    assert (len(desk.index.state.uploads), later) == (sent, ["look"])
    run(desk)
    assert len(read(desk.ledger).events) == events + 1


def test_what_is_added_waits_for_its_own_approval_while_the_rest_goes_on(desk: Desk) -> None:
    desk.index.state.limits.users.quota = Quota(limit=1, window_s=86_400)
    _, before, _ = run(desk)
    code, first, err = run(desk, "--approve", before["action_digest"])
    assert (code, len(first["done"]), len(first["waiting"])) == (12, 1, 2)
    assert first["next_slot"]
    assert "Next slot: " in err

    desk.edit("[acme_toolbox]", "[acme_toolbox, acme_toolkit]")
    desk.index.state.limits.users.quota = Quota(limit=4, window_s=86_400)
    ledger_says_full, second, _ = run(desk)
    assert ledger_says_full == 12
    assert {item["name"]: item["rule"] for item in second["waiting"]}["acme-toolkit"] == "approval"
    assert "acme-toolkit" not in {upload.name for upload in desk.index.state.uploads}


def test_only_new_tells_what_the_last_run_did_not(desk: Desk) -> None:
    assert names(run(desk)[1]["waiting"]) == NAMES
    code, again, _ = run(desk, "--only-new")
    assert (code, again["waiting"]) == (10, [])
    code, out, err = desk.call("run", "--only-new", "--quiet")
    assert (code, out, err) == (10, "", "")
    # A full report is still a full one.
    assert names(run(desk)[1]["waiting"]) == NAMES


def test_a_name_that_was_taken_away_comes_first_and_stops_every_run(desk: Desk) -> None:
    _, before, _ = run(desk)
    run(desk, "--approve", before["action_digest"])
    desk.index.state.prohibit(NormalizedName("acme-toolbox"))
    code, out, err = desk.call("run")
    assert code == 6
    assert out.startswith("STOPPED: the index took away acme-toolbox.")
    assert "namehold status --decide acme-toolbox=" in err
    asked = len(desk.index.state.uploads)
    code, out, _ = desk.call("run", "--format", "markdown", "--only-new")
    assert code == 6
    assert out.startswith("STOPPED: the index took away acme-toolbox.")
    assert len(desk.index.state.uploads) == asked
    assert desk.call("status", "--decide", "acme-toolbox=They prohibited it; we agree.")[0] in {0, 11}
    code, after, err = run(desk)
    assert code == 0, err
    assert "acme-toolbox" not in names(after["waiting"])
    assert sorted(item.name for item in read_holdings(desk.ledger).held) == ["acme-tool-classic", "acme-toolctl"]


def test_approved_names_without_a_token_say_where_to_put_one(desk: Desk) -> None:
    _, before, _ = run(desk)
    code, result, err = run(desk, "--approve", before["action_digest"], token="")
    assert code == 5
    assert re.search(r"keyring set namehold:127\.0\.0\.1:\d+ acme@trial", err)
    assert result["stopped"]["exit_code"] == 5
    # The approval stands: the scheduled run, which has the token, goes on with it.
    code, later, err = run(desk)
    assert code == 0, err
    assert names(later["done"]) == NAMES


def test_a_lost_ledger_is_rebuilt_from_the_index_and_agrees_with_it(desk: Desk) -> None:
    _, before, _ = run(desk)
    run(desk, "--approve", before["action_digest"])
    held = {
        item.name: (item.target, item.mode, item.version, set(item.files)) for item in read_holdings(desk.ledger).held
    }
    listed = desk.folder / "held.txt"
    listed.write_text("\n".join([*NAMES, "acme-tool", "never-there"]), "utf-8")
    content = desk.ledger.read_bytes()
    assert desk.call("status", "--rebuild", "held.txt")[0] == 0
    assert desk.ledger.read_bytes() == content  # nothing is missing
    desk.ledger.unlink()

    code, out, err = desk.call("status", "--rebuild", "held.txt", "--format", "json")
    assert code == 0, err
    obstacles = {item["name"]: item["obstacle"] for item in json.loads(out)["names"]}
    assert [name for name, obstacle in obstacles.items() if not obstacle] == NAMES
    assert "reservation.json" in obstacles["acme-tool"]
    rebuilt = read_holdings(desk.ledger)
    assert {item.name: (item.target, item.mode, item.version, set(item.files)) for item in rebuilt.held} == held
    assert len(rebuilt.slot_times) == len(NAMES)
    code, after, err = run(desk)
    assert (code, after["waiting"]) == (0, []), err

    code, out, _ = desk.call("status", "--verify", str(desk.ledger), "--head", rebuilt.head, "--format", "json")
    checked = json.loads(out)
    assert (code, checked["agrees_with_index"], checked["has_published_head"]) == (0, True, True)
    desk.index.state.delete_project(NormalizedName("acme-toolctl"))
    code, out, _ = desk.call("status", "--verify", str(desk.ledger), "--format", "json")
    assert (code, json.loads(out)["agrees_with_index"]) == (11, False)


def test_a_rehearsal_with_faults_says_what_it_survived_and_opens_no_way(desk: Desk) -> None:
    desk.plan()
    options = ("rehearse", "--snapshot", "names.txt", "--faults", "7")
    code, out, err = desk.call(*options)
    assert code == 0, err
    assert out.splitlines()[0].split() == ["fault", "times", "survived"]
    assert {line.split()[-1] for line in out.splitlines()[1:]} == {"yes"}
    assert "0 of the lasting rules broken" in err
    assert not (desk.folder / ".namehold" / "rehearsal.json").exists()
    assert read_holdings(desk.ledger).rehearsals == ()
    first, second = (json.loads(desk.call(*options, "--format", "json")[1])["faults"] for _ in range(2))
    assert first == second


def test_a_run_that_overlaps_with_another_ends_with_0_and_one_line(desk: Desk) -> None:
    with Ledger.open(desk.ledger, index="trial", username="acme", organization="Acme Robotics", time=NOW):
        done = desk.call("run", "--snapshot", "names.txt")
        assert (done.code, done.out) == (0, "")
        assert done.err.count("\n") == 1
        assert "another run holds the ledger" in done.err
        assert desk.call("run", "--snapshot", "names.txt", "--approve", "sha256:" + "0" * 64).code == 6


def test_a_review_stays_due_in_every_report_until_it_is_recorded(desk: Desk) -> None:
    code, first, _ = run(desk)
    code, _, err = run(desk, "--approve", first["action_digest"])
    assert code == 0, err
    desk.edit("threshold: 0.001", "threshold: 0.001, review_date: 2026-01-01")
    for _ in range(2):
        done = desk.call("run", "--snapshot", "names.txt", "--only-new", "--quiet")
        assert "Promised reviews are due" in done.out
        assert "--reviewed acme-tool-classic," in done.out
    assert desk.call("status", "--reviewed", "acme-none").code == 2
    done = desk.call("status", "--reviewed", "acme-tool-classic,acme-toolbox, Acme_ToolCtl")
    assert "Recorded: 3 reviews." in done.err, done.err
    assert "reviews are due" not in desk.call("run", "--snapshot", "names.txt").out


def test_the_table_of_a_run_fits_the_terminal_and_breaks_no_name(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = desk.call("run", "--snapshot", "names.txt").out.split("\n\n")[1].splitlines()
    assert max(map(len, whole)) > 60
    monkeypatch.setattr("namehold.cli.commands.run.line_width", lambda _: 60)
    fitted = desk.call("run", "--snapshot", "names.txt").out.split("\n\n")[1]
    assert max(map(len, fitted.splitlines())) <= 60
    assert {line.split()[1] for line in whole[1:]} <= set(fitted.split())


def test_a_brief_report_has_no_sums_of_what_it_leaves_out(desk: Desk) -> None:
    run(desk)
    desk.edit("commands: [acme-toolctl]", "commands: [acme-toolctl, acme-runner]")
    done = desk.call("run", "--snapshot", "names.txt", "--only-new")
    assert "new since the last run" in done.out
    assert " waiting;" not in done.out
    assert "New since the last run: 1 name waits for approval" in done.err


def test_the_list_that_a_run_refreshes_goes_through_the_proxy(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[ClientPolicy] = []

    def update(self: SnapshotStore, *_: object, policy: ClientPolicy, **__: object) -> None:
        seen.append(policy)
        raise IndexError_("not today")

    monkeypatch.setattr(SnapshotStore, "update", update)
    desk.call("snapshot", "import", "names.txt", "--date", "2026-01-01")
    call("run", cwd=desk.folder, env={"NAMEHOLD_TOKEN": desk.token, "HTTPS_PROXY": "http://proxy.test:3128"})
    assert [policy.https and policy.https.shown for policy in seen] == ["proxy.test:3128"]


@pytest.mark.parametrize(
    ("error", "age_days", "is_told"),
    [
        (SnapshotError("it lost half of its names", fix="see whether it is whole"), 1, True),
        (IndexError_("it isn't there", fix="see whether it is on"), 1, False),
        (IndexError_("it isn't there", fix="see whether it is on"), 30, True),
    ],
)
def test_a_list_that_waits_for_a_person_is_told_to_a_silent_scheduler(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, error: NameholdError, age_days: int, *, is_told: bool
) -> None:
    def update(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(SnapshotStore, "update", update)
    taken = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=age_days)
    assert desk.call("snapshot", "import", "names.txt", "--date", str(taken)).code == 0
    told = f"The list of names of {taken} is used: {error.message}. Fix: {error.fix}\n"
    assert desk.call("run", "--only-new", "--quiet").err == (told if is_told else "")
    assert told in desk.call("run", "--only-new").err


def test_a_list_that_is_dated_in_the_future_is_asked_for_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def update(*_: object, **__: object) -> None:
        raise IndexError_("not today")

    monkeypatch.setattr(SnapshotStore, "update", update)
    os.utime(desk.folder / "names.txt", (32503590000, 32503590000))
    assert desk.call("snapshot", "import", "names.txt").code == 0
    assert "is used: not today" in desk.call("run").err
