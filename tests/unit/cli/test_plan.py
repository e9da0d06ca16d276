from __future__ import annotations

import csv
import io
import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.harness import values
from tests.harness.cli import Done, call

import namehold
from namehold.cli.commands.plan import _actions, _as_csv
from namehold.plan import reasons
from namehold.plan.routes import ALLOWED_ROUTES, DEFAULT_ROUTES
from namehold.portfolio.model import PolicyName, Route
from namehold.portfolio.packages import NameClass
from namehold.report.words import ROUTE_LABELS, ROUTE_ORDER

_ROOT = Path(__file__).parents[3]
_PACKAGE = Path(namehold.__file__).parent


LIST = ("--snapshot", "names.txt", "--as-of", "2026-11-22")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The worked example, with a made-up list of the index's names."""
    monkeypatch.chdir(tmp_path)
    return written(tmp_path)


def written(folder: Path) -> Path:
    (folder / "names.yaml").write_text((_ROOT / "names.yaml").read_text())
    (folder / "names.txt").write_text("acme-robotics-sdk\npython-gripwright\nroverlink-mqtt\nacme-robotic-sdk\n")
    return folder


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What `plan` says about the worked example, and the file that it writes."""

    shown: Done
    content: str


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Planned:
    folder = written(tmp_path_factory.mktemp("planned"))
    shown = call("plan", *LIST, cwd=folder)
    return Planned(shown=shown, content=(folder / ".namehold" / "plan.json").read_text())


def test_the_plan_is_written_beside_names_yaml_and_shown(planned: Planned) -> None:
    shown = planned.shown
    assert shown.code == 0
    document = json.loads(planned.content)
    assert document["schema"] == "namehold/plan/1"
    assert [action["day"] for action in document["actions"]] == sorted(action["day"] for action in document["actions"])
    for action in document["actions"]:
        assert action["name"] in shown.out
        assert action["tree_digest"].startswith("sha256:")
    assert "namehold rehearse .namehold/plan.json" in shown.err
    routes = {item["route"] for item in document["assessments"]}
    assert routes == {"protected", "reserve", "request", "namespace", "watch", "flag", "none"}


def test_the_plans_file_stays_short_each_reason_once_and_no_factor_of_the_ranking(planned: Planned) -> None:
    for item in json.loads(planned.content)["assessments"]:
        candidate = item["candidate"]
        clues = [(clue["technique"], clue["detail"]) for clue in candidate["evidence"]]
        assert len(clues) == len(set(clues)), candidate["name"]
        assert not candidate["score"].get("factors"), candidate["name"]


def test_the_next_command_can_be_pasted_wherever_names_yaml_is(folder: Path) -> None:
    config = folder / "our [own] names" / "my names.yaml"
    config.parent.mkdir()
    (folder / "names.yaml").rename(config)
    here = folder / "elsewhere"
    here.mkdir()
    made = config.parent / ".namehold" / "plan.json"
    for words in (["plan", "--snapshot", "../names.txt", "--as-of", "2026-11-22"], ["build", str(made), "gripwright"]):
        done = call(*words, "--config", str(config), cwd=here)
        assert done.code == 0
        said = done.err.splitlines()[-1].removeprefix("Next: ")
        assert shlex.split(said) == ["namehold", "rehearse", "--config", str(config), str(made)]


def test_what_an_error_advises_is_about_the_same_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = call("plan", "--config", "other names.yaml")
    assert done.code == 3
    assert done.err.splitlines()[-1] == "Next: namehold init --config 'other names.yaml'"
    monkeypatch.setenv("NAMEHOLD_CONFIG", "other names.yaml")
    done = call("plan")
    assert done.code == 3
    assert done.err.splitlines()[-1] == "Next: namehold init"


def test_an_empty_variable_says_nothing_of_where_names_yaml_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAMEHOLD_CONFIG", "")
    assert call("plan", *LIST).code == 0
    assert (folder / ".namehold" / "plan.json").is_file()


def test_the_same_inputs_give_the_same_bytes(folder: Path, planned: Planned) -> None:
    call("plan", *LIST, "-o", "again.json")
    assert (folder / "again.json").read_text() == planned.content


def test_check_says_by_its_exit_code_that_something_is_pending(folder: Path) -> None:
    assert call("plan", *LIST, "--check").code == 10
    done = call("plan", "--check", "--offline")
    assert done.code == 0  # without a list of names nothing is acted on
    assert "snapshot" in done.err


def test_the_sums_of_every_format_agree(folder: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(call("plan", *LIST, "--format", "csv").out)))
    document = json.loads(call("plan", *LIST, "--format", "json").out)
    assert [row["name"] for row in rows] == [item["candidate"]["name"] for item in document["assessments"]]
    assert len({row["name"] for row in rows}) == len(rows)
    assert sum(1 for row in rows if row["day"]) == len(document["actions"])
    assert f"| **all assessed names** | **{len(rows)}** |" in call("plan", *LIST, "--format", "markdown").out


def test_every_table_of_a_name_calls_its_score_so(folder: Path) -> None:
    planned = csv.DictReader(io.StringIO(call("plan", *LIST, "--format", "csv").out))
    reported = csv.DictReader(io.StringIO(call("report", "--format", "csv").out))
    scores = {row["name"]: row["score"] for row in planned}
    assert {row["name"]: row["score"] for row in reported} == scores
    document = json.loads(call("report", "--format", "json").out)
    entries = [entry for package in document["packages"] for entry in package["entries"]]
    assert {entry["name"]: f"{entry['score']:.6f}" for entry in entries} == scores


def test_the_plans_csv_writes_users_as_plain_numbers(folder: Path) -> None:
    config = folder / "names.yaml"
    text = config.read_text("utf-8")
    config.write_text(text.replace("- name: servoforge-core", "- users: 1000000\n    name: servoforge-core"), "utf-8")
    rows = csv.DictReader(io.StringIO(call("plan", *LIST, "--format", "csv").out))
    assert {row["users"] for row in rows if row["target"] == "servoforge-core"} == {"1000000"}


def test_the_plan_says_how_likely_each_name_is(planned: Planned) -> None:
    reserve = planned.shown.out.partition("\nReserve\n")[2].partition("\n\n")[0]
    assert "how likely" in reserve
    assert re.search(r"(likely|possible), \d in [\d,]+ \(", reserve)


def test_a_later_version_of_a_name_that_no_list_has_is_shown_without_a_rate() -> None:
    """A person may have adopted any name."""
    parked = values.action("acme-parked")
    later = values.bare_plan(values.full_portfolio(), (parked,), quota=None, as_of=values.AS_OF)
    (row,) = _actions(later, ()).rows
    assert (row[1], row[4]) == ("acme-parked", "held")


def test_a_later_version_of_a_name_that_no_list_has_is_in_the_csv() -> None:
    later = values.bare_plan(values.full_portfolio(), (values.action("acme-parked"),), quota=None, as_of=values.AS_OF)
    (row,) = csv.DictReader(io.StringIO(_as_csv(later)))
    assert (row["name"], row["route"], row["score"]) == ("acme-parked", "reserve", "")
    assert row["rule"]


def test_the_plan_calls_routes_what_the_report_calls_them(planned: Planned) -> None:
    shown = planned.shown.out
    sums = [line.rpartition("  ")[0].strip() for line in shown.partition("Every name once\n")[2].splitlines()[1:]]
    assert sums == [*(ROUTE_LABELS[route] for route in ROUTE_ORDER), "all assessed names"]
    for route in (Route.FLAG, Route.REQUEST):
        assert f"  {ROUTE_LABELS[route]}  " in shown


def test_trying_the_other_policy_leaves_the_kept_plan_alone(folder: Path, planned: Planned) -> None:
    kept = folder / ".namehold" / "plan.json"
    kept.parent.mkdir()
    kept.write_text(planned.content)
    assert call("plan", *LIST, "--policy", "protective").code == 0
    assert kept.read_text() == planned.content
    assert call("plan", *LIST, "--policy", "protective", "-o", "trial.json").code == 0
    assert json.loads((folder / "trial.json").read_text())["policy"]["name"] == "protective"


def test_the_documented_table_is_the_table_that_routes() -> None:
    text = (_ROOT / "docs" / "explanation" / "routes.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| [^|]+ (\| \w+ \| \w+ \| [a-z, ]+) \|$", text, re.MULTILINE))
    assert list(rows) == [str(name_class) for name_class in NameClass]
    for name_class in NameClass:
        _, cautious, protective, allowed = (cell.strip() for cell in rows[name_class].split("|"))
        assert cautious == DEFAULT_ROUTES[PolicyName.CAUTIOUS][name_class]
        assert protective == DEFAULT_ROUTES[PolicyName.PROTECTIVE][name_class]
        assert set(allowed.split(", ")) == set(ALLOWED_ROUTES[name_class])


def test_every_rule_id_is_documented() -> None:
    sources = [*(_ROOT / "src/namehold/plan").glob("*.py")]
    used = {rule for source in sources for rule in re.findall(r'rule="([a-z-]+)"', source.read_text())}
    refused = (*reasons._REFUSED_US.values(), *reasons._REFUSED_ALL.values())
    used |= reasons._ROUTES.keys() | reasons._TEXTS.keys() | {rule for rule, _ in refused}
    guards = set(re.findall(r'"(guard-[a-z-]+)"', (_ROOT / "src/namehold/plan/checks/guards.py").read_text()))
    documents = ("docs/explanation/routes.md", "docs/reference/plan.md")
    documented = set(re.findall(r"`([a-z-]+)`", "".join((_ROOT / path).read_text() for path in documents)))
    assert used | guards <= documented
