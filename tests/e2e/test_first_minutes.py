"""The first minutes of somebody who has one package and nothing else: a plan, before anybody is asked for a contact."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.harness.cli import call
from tests.harness.desk import Desk, desk_of

#: A names.yaml without organization, contact and user name.
_BARE = """\
account:
  index: trial
index:
  upload: {upload}
  simple: {simple}
  json: {json}
"""
_PACKAGE = """\
packages:
  - name: acme-tool
    imports: [acme_toolbox]
    commands: [acme-toolctl]
"""
_MISSING = "names.yaml lacks organization.name, organization.contact, account.username"


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Desk]:
    with desk_of(tmp_path, _PACKAGE, config=_BARE) as made:
        yield made


def _planned(desk: Desk) -> list[str]:
    return sorted(action["name"] for action in desk.document("plan.json")["actions"])


# ------------------------------------------------------------------- what may be missing


def test_a_plan_needs_no_contact_and_says_once_what_is_missing(bare: Desk) -> None:
    done = bare.plan()
    assert done.code == 0, done.err
    assert done.err.count(_MISSING) == 1
    assert _planned(bare) == ["acme-toolbox"]
    report = bare.call("report")
    assert report.code == 0, report.err
    assert (report.out + report.err).count(_MISSING) == 1
    assert "the maintainers of acme-tool" in report.out
    page = bare.call("report", "--format", "html")
    assert page.code == 0
    assert page.out.count(_MISSING) == 1


def test_nothing_that_is_missing_keeps_a_name_out_of_the_plan(bare: Desk, tmp_path: Path) -> None:
    bare.plan()
    routes = {item["candidate"]["name"]: item["route"] for item in bare.document("plan.json")["assessments"]}
    (tmp_path / "whole").mkdir()
    whole = (
        bare.config.read_text("utf-8")
        .replace("account:", "account:\n  username: acme")
        .replace("packages:", "organization: {name: Gearbox, contact: https://gearbox.dev/security}\npackages:")
    )
    (tmp_path / "whole" / "names.yaml").write_text(whole, "utf-8")
    done = bare.call("plan", "--snapshot", "names.txt", "--config", "whole/names.yaml", "--format", "json")
    assert done.code == 0, done.err
    assert "lacks" not in done.err
    whole_routes = {item["candidate"]["name"]: item["route"] for item in json.loads(done.out)["assessments"]}
    assert {name: whole_routes[name] for name in routes} == routes


@pytest.mark.parametrize(
    "words",
    [
        ("build",),
        ("rehearse",),
        ("apply", "--approve", "sha256:0"),
        ("run",),
        ("letter", "prohibit"),
        ("register", "-o", "public"),
        ("handover", "acme-toolbox"),
        ("adopt", "acme-toolbox", "--yes"),
    ],
)
def test_what_builds_or_sends_names_every_missing_key(bare: Desk, words: tuple[str, ...]) -> None:
    bare.plan()
    kept = {path.name for path in bare.state.iterdir()}
    done = bare.call(*words)
    assert done.code == 3, done.err
    assert done.rules == ["config-incomplete"] * 3
    assert {path.name for path in bare.state.iterdir()} == kept


def test_a_planned_name_can_be_looked_at_before_there_is_a_contact(bare: Desk) -> None:
    bare.plan()
    done = bare.call("plan", "--show", "acme-toolbox")
    assert done.code == 0, done.err
    assert "Name held by the maintainers of acme-tool" in done.out
    assert "contact-is-missing.invalid" in done.out


def test_nothing_is_said_of_who_owns_a_package_while_no_account_is_named(bare: Desk) -> None:
    found = bare.call("discover")
    assert "isn't proved to be yours" not in found.err
    doctor = bare.call("doctor")
    assert "account.username" in doctor.out
    assert doctor.code == 11
    assert bare.call("doctor", "--format", "json").out.count('"holder-missing"') == 3
    bare.plan()
    assert _planned(bare) == ["acme-toolbox"]


def test_a_rehearsal_of_nothing_leaves_nothing_in_the_ledger(tmp_path: Path) -> None:
    """Else every later command would speak of a rehearsal that doesn't count."""
    with desk_of(tmp_path, "packages: [gripwright]\n") as desk:
        assert desk.plan()[0] == 0
        assert _planned(desk) == []
        code, out, err = desk.call("rehearse")
        assert (code, out) == (0, ""), err
        assert "0 of 0 names held" in err
        assert not desk.ledger.exists()
        # Beside its own package the account has nothing that could be adopted, and adopt says so.
        desk.edit("[gripwright]", "[acme-tool]")
        code, out, err = desk.call("adopt", "--all")
        assert (code, out) == (0, ""), err
        assert "lists no project of the account" in err


# ------------------------------------------------------------------- the list of names


def test_plan_fetches_the_list_where_there_is_none(bare: Desk) -> None:
    done = bare.call("plan")
    assert done.code == 0, done.err
    assert "Fetching the list of all names on trial, once: none is kept here." in done.err
    assert _planned(bare) == ["acme-toolbox"]
    again = bare.call("plan")
    assert "Fetching" not in again.err


def test_plan_fetches_the_list_where_the_kept_one_is_stale(bare: Desk) -> None:
    bare.call("snapshot", "import", "names.txt", "--date", "2026-01-02")
    done = bare.call("plan")
    assert "once: the kept one is of 2026-01-02." in done.err
    assert json.loads(bare.call("snapshot", "info", "--format", "json").out)["age_days"] <= 1


def test_plan_does_without_a_list_that_cannot_be_fetched(bare: Desk) -> None:
    bare.edit(bare.index.simple_url, "http://127.0.0.1:9/simple/")
    done = bare.call("plan")
    assert done.code == 0, done.err
    assert "The list can't be fetched: " in done.err
    assert "This plan does without." in done.err
    assert "There is no list of the names on trial" in done.err


def test_plan_uses_the_old_list_where_no_new_one_can_be_had(bare: Desk) -> None:
    bare.edit(bare.index.simple_url, "http://127.0.0.1:9/simple/")
    bare.call("snapshot", "import", "names.txt", "--date", "2026-01-02")
    done = bare.call("plan")
    assert done.code == 0, done.err
    assert "The list of 2026-01-02 is used." in done.err
    assert _planned(bare) == ["acme-toolbox"]


def test_plan_asks_no_index_offline_and_says_what_is_unknown(tmp_path: Path) -> None:
    (tmp_path / "names.yaml").write_text("packages: [acme-tool]\n", "utf-8")
    done = call("plan", "--offline", cwd=tmp_path)
    assert done.code == 0, done.err
    assert "Fetching" not in done.err
    assert "There is no list of the names on pypi" in done.err
    assert re.search(r"which of [1-9]\d* names are registered is unknown", done.err)


# ------------------------------------------------------------------- the letter, before there is network


@pytest.fixture
def offline(tmp_path: Path) -> Path:
    """A folder with a plan for the public index, made without network and without a contact."""
    (tmp_path / "names.yaml").write_text("policy: {threshold: 0.0001}\npackages: [acme-tool]\n", "utf-8")
    (tmp_path / "names.txt").write_text("acme-tool\nrequests\n", "utf-8")
    done = call("plan", "--snapshot", "names.txt", "--offline", cwd=tmp_path)
    assert done.code == 0, done.err
    return tmp_path


def test_a_letter_can_be_read_without_network_and_says_that_it_is_no_letter_to_send(offline: Path) -> None:
    done = call("letter", "prohibit", "--draft", "--offline", cwd=offline)
    assert done.code == 0, done.err
    subject, to, _, *body = done.out.splitlines()
    assert subject.startswith("Subject: DRAFT, not confirmed today, don't send: Request to prohibit")
    assert to == "To: (a draft, not to be sent)"
    assert body[0].startswith("DRAFT: not confirmed today, don't send.")
    for text in ("[organization.name]", "[organization.contact]", "[account.username]", "[the time of asking]"):
        assert text in done.out
    assert done.err.splitlines()[-1] == "Next: with network, the letter to send: namehold letter prohibit"
    # What was never confirmed can't be recorded as sent.
    assert not (offline / ".namehold" / "letter.json").exists()


def test_each_reason_stands_once_in_a_letter(offline: Path) -> None:
    done = call("letter", "prohibit", "--draft", "--offline", cwd=offline)
    whys = done.out.partition("Why each name:")[2].partition("There is no hurry")[0].split("\n- ")[1:]
    assert len(whys) > 5
    for why in whys:
        sentences = [part.strip(" .)").casefold() for part in re.split(r"[.(;] ?|\w+: (?=\w)", " ".join(why.split()))]
        told = [sentence for sentence in sentences if len(sentence) > 12]
        assert len(told) == len(set(told)), why


def test_a_letter_to_send_offers_the_draft_where_there_is_no_network(offline: Path) -> None:
    whole = "organization: {name: Gearbox, contact: https://gearbox.dev/security}\naccount: {username: acme}\n"
    config = offline / "names.yaml"
    config.write_text(whole + config.read_text("utf-8"), "utf-8")
    done = call("letter", "prohibit", "--offline", cwd=offline)
    assert done.code == 4
    assert "namehold letter prohibit --draft" in done.err
    assert call("letter", "--draft", cwd=offline).code == 2


def test_a_draft_tells_what_stands_against_sending_it_and_a_foreign_name_gets_none(offline: Path) -> None:
    done = call("letter", "transfer", "requests", "--draft", "--offline", cwd=offline)
    assert done.code == 6
    assert "letter-unplanned" in done.rules
    plan = call("plan", "--snapshot", "names.txt", "--offline", "--as-of", "2026-01-02", cwd=offline)
    assert plan.code == 0
    old = call("letter", "prohibit", "--draft", "--offline", cwd=offline)
    assert old.code == 0, old.err
    assert old.rules == ["letter-stale-plan"]


# ------------------------------------------------------------------- the same formats everywhere


@pytest.mark.parametrize(
    "words",
    [
        ("names", "acme-tool", "--limit", "2"),
        ("check", "acme-tol"),
        ("explain", "acme-tol"),
        ("plan", "--snapshot", "names.txt"),
        ("report",),
        ("doctor",),
        ("discover", "--dry-run"),
        ("scan", "names.txt"),
        ("snapshot", "info"),
        ("letter",),
        ("status",),
        ("watch",),
    ],
    ids=lambda words: words[0],
)
def test_every_command_with_data_writes_the_same_formats(bare: Desk, words: tuple[str, ...]) -> None:
    bare.plan()
    bare.call("snapshot", "import", "names.txt")
    for form in ("table", "json", "csv", "markdown"):
        done = bare.call(*words, "--format", form)
        assert done.code in {0, 10, 11, 14}, done.err
        if form == "json":
            assert str(json.loads(done.out)["schema"]).startswith("namehold/")
        if form == "csv":
            rows = list(csv.reader(done.out.splitlines()))
            assert rows
            assert {len(row) for row in rows} == {len(rows[0])}
