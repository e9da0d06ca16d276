"""`namehold status` after a plan was carried out: drift, decisions, verification, renewals."""

from __future__ import annotations

import datetime as dt
import json
import re
import xmlrpc.client
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.utils import NormalizedName
from tests.harness.cli import call
from tests.harness.desk import NAMES, Desk, Origin, desk_of

from namehold.errors import LedgerError
from namehold.index.model import ProjectStatus
from namehold.index.profiles import profile
from namehold.ledger.file import Ledger, read, read_holdings
from namehold.ledger.model import Observed
from namehold.rehearsal.state import IndexState


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Origin]:
    with desk_of(tmp_path_factory.mktemp("origin")) as made:
        for done in (made.plan(), made.apply()):
            assert done.code == 0, done.err
        yield Origin(made)


@pytest.fixture
def desk(origin: Origin, tmp_path: Path) -> Desk:
    """With a plan that was carried out."""
    return origin.copy(tmp_path / "desk")


def test_what_the_administrators_took_stops_until_a_person_writes_it_down(desk: Desk) -> None:
    desk.index.state.prohibit(NormalizedName(NAMES[0]))
    code, out, _ = desk.call("status", "--format", "json")
    assert code == 11
    assert [(item["rule"], item["name"]) for item in json.loads(out)["drift"]] == [("drift-vanished", NAMES[0])]
    sent = len(desk.index.state.uploads)

    code, _, err = desk.apply()
    assert code == 6
    assert f"--decide {NAMES[0]}=" in err
    assert read_holdings(desk.ledger).undecided == (NAMES[0],)

    for wrong in ("acme-toolbox", f"{NAMES[0]}=", "acme-tool=It is ours."):
        assert desk.call("status", "--decide", wrong)[0] == 2
    code, _, err = desk.call("status", "--decide", f"{NAMES[0]}=They prohibited it.")
    assert code == 0, err
    assert read(desk.ledger).events[-1].value.decision == "They prohibited it."  # type: ignore[attr-defined]  # a decision
    code, _, err = desk.apply()
    assert code == 0, err
    assert len(desk.index.state.uploads) == sent


def test_an_answer_is_written_down_where_names_yaml_calls_a_public_index_by_another_name(tmp_path: Path) -> None:
    public, now = profile("pypi"), dt.datetime.now(dt.UTC)
    (tmp_path / "names.yaml").write_text(
        "organization: {name: Acme, contact: security@acme-robotics.dev}\n"
        "account: {index: mirror, username: acme}\n"
        f"index: {{upload: '{public.upload}', simple: '{public.simple}'}}\n"
        "packages: [acme-tool]\n",
        "utf-8",
    )
    path = tmp_path / ".namehold" / "ledger-pypi.jsonl"
    with Ledger.open(path, index="pypi", username="acme", organization="Acme", time=now) as ledger:
        ledger.append(Observed(name=NormalizedName("acme-tol"), found="vanished", time=now))
    answer = ["--offline", "--decide", "acme-tol=They prohibited it."]
    done = call("status", "--config", str(tmp_path / "names.yaml"), *answer)
    assert done.code == 0, done.err
    assert read_holdings(path).undecided == ()


@pytest.mark.parametrize("opened", [{"index": "pypi", "username": "somebody"}, {"index": "other", "username": "acme"}])
@pytest.mark.parametrize("words", ["status", "plan", "register", "handover acme-tol", "letter"])
def test_no_command_takes_somebody_elses_ledger_for_ours(tmp_path: Path, opened: dict[str, str], words: str) -> None:
    (tmp_path / "names.yaml").write_text(
        "organization: {name: Acme, contact: security@acme-robotics.dev}\n"
        "account: {index: pypi, username: acme}\n"
        "packages: [acme-tool]\n",
        "utf-8",
    )
    path = tmp_path / ".namehold" / "ledger-pypi.jsonl"
    values: dict[str, Any] = {**opened, "organization": "Somebody", "time": dt.datetime.now(dt.UTC)}
    Ledger.open(path, **values).close()
    done = call(*words.split(), "--offline", "--config", str(tmp_path / "names.yaml"))
    assert done.code == LedgerError.exit_code
    assert "belongs to" in done.err


def test_a_ledger_is_verified_by_anybody_against_a_published_head(desk: Desk, tmp_path: Path) -> None:
    reading = read(desk.ledger)
    early, copy = reading.events[2].digest, tmp_path / "copy.jsonl"
    intended = reading.events[1].value.name  # type: ignore[attr-defined]  # an intent
    content = desk.ledger.read_bytes()
    copy.write_bytes(content)
    assert desk.call("status", "--verify", str(copy), "--head", early)[0] == 0

    copy.write_bytes(b"".join(content.splitlines(keepends=True)[:2]))  # lines at the end are gone
    code, out, _ = desk.call("status", "--verify", str(copy), "--format", "json")
    found = json.loads(out)["findings"]
    assert (code, {item["rule"] for item in found}) == (11, {"drift-unrecorded"})  # the index shows what is missing
    assert {item["name"] for item in found} == set(NAMES) - {intended}
    assert desk.call("status", "--verify", str(copy), "--offline")[0] == 0
    assert desk.call("status", "--verify", str(copy), "--offline", "--head", early)[0] == 11

    copy.write_bytes(content.replace(b'"username":"acme"', b'"username":"evil"'))
    code, _, err = desk.call("status", "--verify", str(copy))
    assert code == 6
    assert "line 1" in err
    assert desk.call("status", "--verify", str(tmp_path / "none.jsonl"))[0] == 3


def test_a_register_shows_that_lines_at_the_end_are_gone(desk: Desk) -> None:
    assert desk.call("register")[0] == 0
    content = desk.ledger.read_bytes()
    assert desk.call("status", "--verify", str(desk.ledger), "--offline")[0] == 0

    desk.ledger.write_bytes(b"".join(content.splitlines(keepends=True)[:-1]))
    code, out, err = desk.call("status", "--verify", str(desk.ledger), "--offline", "--format", "json")
    assert (code, json.loads(out)["has_registered_head"]) == (11, False)
    assert "lines are gone" in err
    assert "lines are gone" in desk.call("status", "--offline")[2]


def test_the_chains_verdict_needs_no_network(desk: Desk) -> None:
    """The index can't be reached any more; whether the ledger is whole is told all the same."""
    config = desk.folder / "names.yaml"
    config.write_text(config.read_text("utf-8").replace(desk.index.base_url, "http://127.0.0.1:9"), "utf-8")
    whole, ledger = desk.ledger.read_bytes(), str(desk.ledger)
    for options, exit_code in ((["--offline"], 0), ([], 4)):
        code, out, err = desk.call("status", "--verify", ledger, *options)
        assert code == exit_code, err
        assert re.search(r"agrees with index +not asked", out)
        assert "chained without a gap" in err
    desk.ledger.write_bytes(whole.replace(b'"username":"acme"', b'"username":"evil"'))
    for options in (["--offline"], []):
        code, _, err = desk.call("status", "--verify", ledger, *options)
        assert (code, "damaged in line 1" in err) == (6, True)
        code, _, err = desk.call("status", *options)
        assert (code, "damaged in line 1" in err) == (6, True)


def _without(desk: Desk) -> None:
    """The ledger is lost, and somebody else's project and a plain one of ours stand beside the reservations."""
    desk.ledger.unlink()
    desk.index.state.add_project(NormalizedName("acme-website"), owner="acme")
    desk.index.state.add_project(NormalizedName("acme-toolx"), owner="stranger")


def test_reservations_that_this_ledger_lacks_are_found_and_entered(desk: Desk) -> None:
    _without(desk)
    code, out, err = desk.call("status", "--format", "json")
    assert code == 11, err
    found = json.loads(out)["drift"]
    assert sorted((item["rule"], item["name"]) for item in found) == [("drift-unrecorded", name) for name in NAMES]
    assert all(f"namehold adopt {item['name']}" in item["fix"] for item in found)
    for name in NAMES:
        code, _, err = desk.call("adopt", name, "--for", "acme-tool", "--yes")
        assert code == 0, err
    code, out, err = desk.call("status", "--format", "json")
    assert (code, json.loads(out)["drift"]) == (0, []), err


def test_where_nobody_lists_a_users_projects_the_names_of_the_plan_are_looked_at(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    _without(desk)

    def refuse(*_: object) -> None:
        raise xmlrpc.client.Fault(-32500, "no list here")

    monkeypatch.setattr(IndexState, "holdings_of", refuse)
    code, out, err = desk.call("status", "--format", "json", "--verbose")
    assert code == 11, err
    assert sorted(item["name"] for item in json.loads(out)["drift"]) == sorted(NAMES)
    assert "in plan and ledger alone" in err
    (desk.state / "plan.json").unlink()
    assert desk.call("status")[0] == 0


def test_a_placeholder_with_stale_advice_is_renewed_on_a_persons_word(desk: Desk) -> None:
    name, config = "acme-toolbox", desk.config
    desk.index.state.set_status(NormalizedName("acme-tool"), ProjectStatus.ARCHIVED)
    code, out, err = desk.call("status", "--format", "json")
    assert code == 11, err
    proposed = {item["name"]: item["renewal"] for item in json.loads(out)["drift"]}
    assert sorted(proposed) == NAMES
    assert (proposed[name]["version"], proposed[name]["reason"]) == ("0.0.2", "acme-tool is archived on the index.")
    line = f'{{name: {name}, version: "0.0.2", reason: acme-tool is archived on the index.}}'
    # What a person copies is data.
    for command in ("status", "run"):
        _, section, lines = desk.call(command).out.partition("\nrenew:\n")
        assert section
        assert f"  - {line}\n" in lines
        assert lines.count("  - ") == len(NAMES)

    before = config.read_text("utf-8")
    for wrong in ("acme-website", f"{name}=strangers-tool"):
        assert desk.call("status", "--renew", wrong)[0] == 2
    assert config.read_text("utf-8") == before
    code, _, err = desk.call("status", "--renew", name)
    assert code == 0, err
    assert config.read_text("utf-8") == f"{before}renew:\n  - {line}\n"
    assert desk.call("status", "--renew", name)[0] == 2  # once is enough

    sent = len(desk.index.state.uploads)
    code, _, err = desk.plan()
    assert code == 0, err
    (action,) = desk.document("plan.json")["actions"]
    assert (action["name"], action["version"], action["target"]) == (name, "0.0.2", "acme-tool")
    assert [reason["rule"] for reason in action["reasons"]] == ["renewal"]
    assert len(desk.index.state.uploads) == sent
    code, _, err = desk.apply()
    assert code == 0, err
    assert {item.name: item.version for item in read_holdings(desk.ledger).held}[NormalizedName(name)] == "0.0.2"


def test_the_names_come_as_rows_for_other_programs(desk: Desk) -> None:
    code, out, _ = desk.call("status", "--format", "csv")
    assert code == 0
    held = [item.name for item in read_holdings(desk.ledger).held]
    assert [line.split(",")[0] for line in out.splitlines()] == ["name", *held]


@pytest.mark.parametrize("kind", ["cut", "of tomorrow"])
def test_a_plan_that_can_not_be_read_stops_nothing_that_does_without_one(desk: Desk, kind: str) -> None:
    path = desk.state / "plan.json"
    text = path.read_text("utf-8")
    path.write_text(text[:900] if kind == "cut" else text.replace("namehold/plan/1", "namehold/plan/2"), "utf-8")
    for words in (["status"], ["explain", NAMES[0]], ["register"]):
        done = desk.call(*words)
        assert done.code == 0, done.err
        assert "write it again: namehold plan" in done.err, words
    assert desk.call("report").code == 3


@pytest.mark.parametrize(
    "old_new", [('"outlines":[\n[[', '"outlines":[\n[["x",'), ('"candidate":{"name"', '"candidate":{"n"')]
)
def test_a_plan_whose_names_can_not_be_read_stops_nothing_that_does_without_one(
    desk: Desk, old_new: tuple[str, str]
) -> None:
    path = desk.state / "plan.json"
    text = path.read_text("utf-8")
    path.write_text(text.replace(*old_new), "utf-8")
    assert path.read_text("utf-8") != text
    for words in (["explain", NAMES[0]], ["register"]):
        done = desk.call(*words)
        assert done.code == 0, done.err
        assert "write it again: namehold plan" in done.err, words
    # No project that may be judged: that is all that stands against it.
    assert desk.call("watch", "--unrelated", "acme-nothing").code == 2
    assert desk.call("status").code == 0
    assert desk.call("report").code == 3
    assert desk.call("report", "--brief").code == 3


def test_a_plan_with_a_byte_order_mark_is_read(desk: Desk) -> None:
    path = desk.state / "plan.json"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert desk.call("report").code == 0
