"""`namehold report` from a plan on disk and the ledger beside names.yaml."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from tests.harness.applying import KEY
from tests.harness.cli import Done, call
from tests.harness.values import ACTION_DIGEST, NOON, every_route_plan

from namehold import documents
from namehold.errors import InputError, UsageError
from namehold.index.model import Outcome
from namehold.ledger.file import Ledger
from namehold.ledger.model import Intent, PlanRehearsed, Receipt
from namehold.portfolio.model import Mode


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a plan, whose path has a space."""
    folder = tmp_path / "acme names"
    state = folder / ".namehold"
    state.mkdir(parents=True)
    (state / "plan.json").write_text(documents.dump("plan", every_route_plan()), "utf-8")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("NAMEHOLD_KEY", KEY.reveal())
    return folder


def run(*words: str) -> Done:
    return call("report", *words)


def test_without_arguments_it_shows_the_first_screen_of_the_last_plan(home: Path) -> None:
    result = run("--as-of", "2026-11-04")

    assert result.code == 0
    lines = result.out.splitlines()
    assert lines[0] == "Names of Acme Robotics on pypi"
    assert lines[2].startswith("Today: Rehearse the plan's 3 reservations")
    assert lines.index("", 3) <= 12
    assert "namehold rehearse" in result.err


def test_nothing_is_said_to_be_sent_while_publishing_is_switched_off(home: Path) -> None:
    (home / "names.yaml").write_text(
        "organization: {name: Acme Robotics, contact: security@acme-robotics.dev}\n"
        "account: {index: pypi, username: acme-names}\n"
        "packages: [acme-tool, acme-robotics-sdk]\n",
        "utf-8",
    )
    with Ledger.open(
        home / ".namehold" / "ledger-pypi.jsonl",
        index="pypi",
        username="acme-names",
        organization="Acme",
        time=NOON,
        find_key=lambda: KEY,
    ) as ledger:
        ledger.append(PlanRehearsed(action_digest=ACTION_DIGEST, time=NOON))
    today = json.loads(run("--format", "json").out)["first_screen"][0]
    assert "publishing.enabled" in today["text"]
    assert "apply" not in today["command"]


@pytest.mark.parametrize("twice", [True, False])
def test_an_edited_plan_is_made_anew_before_anything_else(home: Path, twice: bool) -> None:
    path = home / ".namehold" / "plan.json"
    plan = json.loads(path.read_text("utf-8"))
    if twice:
        plan["actions"].append(plan["actions"][0])
    else:
        plan["actions"][0]["target"] = "requests"
    path.write_text(json.dumps(plan), "utf-8")
    assert run().err.rstrip().endswith("Next: namehold plan")


def test_the_ledger_of_the_plans_index_is_read(home: Path) -> None:
    path = home / ".namehold" / "ledger-pypi.jsonl"
    with Ledger.open(
        path, index="pypi", username="acme-names", organization="Acme Robotics", time=NOON, find_key=lambda: KEY
    ) as ledger:
        ledger.append(PlanRehearsed(action_digest=ACTION_DIGEST, time=NOON))

    document = json.loads(run("--format", "json", "--as-of", "2026-11-04").out)

    assert document["is_rehearsed"] is True
    assert document["first_screen"][0]["command"] == f"namehold apply --approve {ACTION_DIGEST}"


@pytest.mark.parametrize(("digest", "is_rehearsed"), [(ACTION_DIGEST, True), ("sha256:" + "00" * 32, False)])
def test_the_last_rehearsal_counts_if_it_was_one_of_this_plan(home: Path, digest: str, is_rehearsed: bool) -> None:
    receipts = [
        Receipt(
            name=action.name,
            target=action.target,
            outcome=Outcome.HELD,
            message="",
            time=NOON,
            action_digest=action.digest,
        )
        for action in every_route_plan().actions
    ]
    document = documents.dump("rehearsal", {"action_digest": digest, "receipts": receipts, "uploads": 6})
    (home / ".namehold" / "rehearsal.json").write_text(document, "utf-8")

    assert json.loads(run("--format", "json").out)["is_rehearsed"] is is_rehearsed


def test_a_held_name_whose_package_left_names_yaml_is_a_finding(home: Path) -> None:
    (home / "names.yaml").write_text(
        """\
organization: {name: Acme Robotics, contact: https://acme-robotics.example/security}
account: {index: pypi, username: acme-names}
demo: true
packages: [acme-other]
""",
        "utf-8",
    )
    path = home / ".namehold" / "ledger-pypi.jsonl"
    intent = Intent(
        name=NormalizedName("acme-cli"),
        target=NormalizedName("acme-tool"),
        mode=Mode.REDIRECT,
        version="0.0.1",
        files=(("acme_cli-0.0.1.tar.gz", "ab" * 32),),
        action_digest="sha256:1",
        time=NOON,
    )
    receipt = Receipt(
        name=intent.name, target=intent.target, outcome=Outcome.HELD, message="", action_digest="sha256:1", time=NOON
    )
    with Ledger.open(path, index="pypi", username="acme-names", organization="Acme Robotics", time=NOON) as ledger:
        ledger.append(intent)
        ledger.append(receipt)

    shown = run().out

    assert "Fix: acme-cli: it points to acme-tool, which names.yaml has no longer" in shown
    assert "Held for good: 1 name, proved by the ledger: acme-cli." in shown


@pytest.mark.parametrize(
    ("filename", "start"),
    [("r.html", "<!DOCTYPE html>"), ("r.md", "# Names of"), ("r.json", '{\n "schema": "namehold/report/1"')],
)
def test_the_files_name_chooses_the_format(home: Path, filename: str, start: str) -> None:
    result = run("-o", filename)

    assert result.code == 0
    assert result.out == ""
    assert (home / filename).read_text("utf-8").startswith(start)
    assert filename in result.err


def test_an_asked_for_format_wins_over_the_files_name(home: Path) -> None:
    run("-o", "r.html", "--format", "markdown")

    assert (home / "r.html").read_text("utf-8").startswith("# Names of")


def test_the_same_inputs_give_the_same_bytes(home: Path) -> None:
    for form in ("table", "markdown", "html", "json"):
        first, second = (run("--format", form, "--as-of", "2026-11-04T09:00").out for _ in range(2))
        assert first == second


def test_another_plan_is_named_in_the_commands(home: Path) -> None:
    (home / ".namehold" / "plan.json").rename(home / "first week.json")

    assert "namehold rehearse 'first week.json'" in run("first week.json").out


def test_a_missing_plan_says_how_to_make_one(home: Path) -> None:
    (home / ".namehold" / "plan.json").unlink()

    refused = run()

    assert refused.code == InputError.exit_code
    assert refused.err.splitlines()[-1] == "Next: namehold plan"


def test_quiet_means_data_only(home: Path) -> None:
    assert run("--quiet").err == ""


def test_brief_is_the_first_screen_alone(home: Path) -> None:
    whole, brief = run("--as-of", "2026-11-04"), run("--brief", "--as-of", "2026-11-04")

    assert len(brief.out.splitlines()) <= 14
    assert whole.out.startswith(brief.out)
    assert run("--brief", "--format", "html").code == UsageError.exit_code
