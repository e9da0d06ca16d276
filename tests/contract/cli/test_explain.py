"""`namehold explain`: why a name stands where it stands, what would change that, and which route it has."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from packaging.utils import NormalizedName, canonicalize_name
from ruamel.yaml import YAML
from tests.harness.cli import Done, call

from namehold import candidates
from namehold.candidates import derive, what_if
from namehold.candidates.rank import Shortlist, shortlist
from namehold.candidates.wordlists import PopularNames, popular_names
from namehold.cli.commands import explain
from namehold.portfolio.packages import Package

_ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def lists() -> dict[Any, Shortlist]:
    """The lists of names that were made for this module's tests, by everything that they are made from."""
    return {}


@pytest.fixture(autouse=True)
def _each_list_is_made_once(lists: dict[Any, Shortlist], monkeypatch: pytest.MonkeyPatch) -> None:
    """Dozens of calls look at the same few lists, and making those is nearly all of their time."""
    make = shortlist

    def look(package: Package, *, popular: Mapping[NormalizedName, int], **options: Any) -> Shortlist:
        # Of the popular projects nothing changes here but the rank of the package itself.
        others = (options.get(part) for part in ("family", "limit", "with_surfaces"))
        key = (package, popular.get(package.name), *others)
        if key not in lists:
            lists[key] = make(package, popular=popular, **options)
        return lists[key]

    for module in (derive, what_if):
        monkeypatch.setattr(module, "shortlist", look)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The worked example, with a made-up list of the index's names."""
    (tmp_path / "names.yaml").write_text((_ROOT / "names.yaml").read_text())
    (tmp_path / "names.txt").write_text("acme-robotics-sdk\npython-gripwright\nroverlink-mqtt\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def plan() -> Done:
    return call("plan", "--snapshot", "names.txt", "--as-of", "2026-11-22")


def explained(*words: str) -> dict[str, Any]:
    """What `explain` says as JSON."""
    done = call("explain", *words, "--format", "json")
    assert done.code == 0, done.err
    document: dict[str, Any] = json.loads(done.out)
    return document


def told(*words: str) -> str:
    """What `explain` prints for people."""
    done = call("explain", *words)
    assert done.code == 0, done.err
    return done.out


def edit(change: Callable[[dict[str, Any]], None]) -> None:
    """Changes the values of names.yaml."""
    path, yaml = Path("names.yaml"), YAML(typ="safe")
    yaml.representer.ignore_aliases = lambda _: True
    values = yaml.load(path)
    change(values)
    with path.open("w") as stream:
        yaml.dump(values, stream)


def table(text: str, first_column: str) -> list[dict[str, str]]:
    """The rows of the printed table whose first column is called so."""
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(first_column + "  "))
    starts = [match.start() for match in re.finditer(r"(?<=  )\S|^\S", lines[start])]
    columns = [slice(*pair) for pair in zip(starts, [*starts[1:], None], strict=True)]
    block = lines[start : lines.index("", start)]
    return [
        dict(zip((block[0][column].strip() for column in columns), cells, strict=True))
        for cells in ([line[column].strip() for column in columns] for line in block[1:])
    ]


def test_a_name_is_explained_without_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shown = told("Requets", "--package", "requests")
    assert "requets is number" in shown
    assert "two neighbouring letters swapped" in shown or "a letter left out" in shown
    assert "That is not the risk of an attack" in shown
    assert "What would change it" in shown
    assert "no plan yet" in shown


def test_without_names_yaml_the_package_must_be_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = call("explain", "requets")
    assert done.code == 2
    assert "--package" in done.err


def test_a_name_that_nothing_leads_to_is_said_to_be_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shown = told("zebra", "--package", "requests")
    assert shown.startswith("zebra isn't among the first 2,000 names that may be taken for requests.\n")


def test_a_package_is_not_taken_for_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert told("Requests", "--package", "requests") == "requests is the package itself.\n"


@pytest.mark.usefixtures("folder")
def test_with_names_yaml_the_package_is_found_and_the_plan_tells_the_route() -> None:
    shown = call("explain", "gripwright")
    assert shown.code == 0
    assert "may be taken for python-gripwright" in shown.out
    assert "no plan yet" in shown.out
    assert "namehold plan" in shown.err
    assert plan().code == 0
    assert "Route: reserve." in told("gripwright")


@pytest.mark.usefixtures("folder")
def test_taking_a_surface_away_changes_the_place() -> None:
    document = json.loads(told("roverlink-flash", "--format", "json"))
    assert document["schema"] == "namehold/explanation/1"
    assert document["package"] == "roverlink-mqtt"
    without = next(change for change in document["changes"] if "command roverlink-flash" in change["supposed"])
    assert without["score"] < document["candidate"]["score"]["value"]
    assert document["candidate"]["score"]["factors"]


@pytest.mark.usefixtures("folder")
def test_an_observed_name_is_explained_by_its_observation() -> None:
    assert "seen 7 times in 50 answers" in told("gripwright-client")


@pytest.mark.usefixtures("folder")
def test_the_factors_can_be_had_as_a_table_for_programs() -> None:
    assert told("gripwright", "--format", "csv").startswith("channel,factor,times,log-weight\n")


# --------------------------------------------------------------------------- what would change it

_KEYS = {"import": "imports", "command": "commands", "alias": "aliases", "former": "former"}


def make_true(supposed: str, document: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Does what a line under 'What would change it' supposes."""
    package = document["package"]
    popular = dict(popular_names().ranks)
    if found := re.fullmatch(rf"if the (\S+) (\S+) weren't a surface of {package}", supposed):
        kind, value = found.groups()

        def remove(values: dict[str, Any]) -> None:
            item = next(item for item in values["packages"] if item["name"] == package)
            item[_KEYS[kind]].remove(value)
            item["confirmed"] = [name for name in item.get("confirmed", []) if name != value]

        edit(remove)
    elif supposed == f"if it were observed for {package} (names.yaml, `observed`), in each of 100 answers":
        seen = {"name": document["name"], "package": package, "source": "a survey", "date": dt.date(2026, 11, 1)}
        edit(lambda values: values["observed"].append({**seen, "count": 100, "of": 100}))
    else:
        assert supposed == f"if {package} were among the 500 most popular projects"
        popular[canonicalize_name(package)] = 500
        names = PopularNames(ranks=popular, source="", digest="")
        for module in (explain, candidates):
            monkeypatch.setattr(module, "popular_names", lambda: names)


def write_limbs(values: dict[str, Any]) -> None:
    """Packages that are near each other, with names that are declared for one of them."""
    day = dt.date(2026, 11, 1)
    survey = {"source": "a survey", "date": day, "count": 50, "of": 50}
    values["packages"] = [
        {"name": "acme-arm"},
        {"name": "acme-leg", "imports": ["acme_leg_control"], "commands": ["legctl", "acme-arms"]},
    ]
    values["observed"] = [
        {"name": "legctl", "package": "acme-leg", **survey},
        {"name": "acme-helper", "package": "acme-leg", **survey},
        {"name": "acme-wing", "package": "acme-arm", **survey},
        {"name": "acme-wing", "package": "acme-arm", **survey, "source": "another survey"},
        {"name": "acme-hand", "package": "acme-leg", **survey},
    ]
    values["always"] = [{"name": "acme-wing", "package": "acme-arm", "reason": "asked for every week"}]
    del values["never"], values["internal"], values["future"], values["look_alikes"], values["namespaces"]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("prepare", "name", "least"),
    [
        (None, "gripwright", 3),
        (None, "gripwright-cli", 3),
        (None, "fleetdial", 3),
        (None, "gripright", 1),
        (None, "servoforge-robotics", 3),
        (write_limbs, "acmeleg", 3),
        (write_limbs, "legctl", 0),
        (write_limbs, "acme-helper", 0),
        (write_limbs, "acme-arms", 2),
    ],
)
def test_whoever_makes_a_change_gets_what_was_told(
    monkeypatch: pytest.MonkeyPatch, prepare: Callable[[dict[str, Any]], None] | None, name: str, least: int
) -> None:
    if prepare is not None:
        edit(prepare)
    before = explained(name)
    assert len(before["changes"]) >= least
    original = Path("names.yaml").read_text()
    for change in before["changes"]:
        with monkeypatch.context() as patch:
            make_true(change["supposed"], before, patch)
            after = explained(name)
        Path("names.yaml").write_text(original)
        assert after["rank"] == change["rank"], change["supposed"]
        if change["rank"] is None:
            assert after["candidate"] is None
        else:
            assert after["package"] == change["package"]
            assert after["candidate"]["score"]["value"] == pytest.approx(change["score"])


@pytest.mark.usefixtures("folder")
def test_what_was_observed_is_not_supposed_to_be_observed() -> None:
    edit(write_limbs)
    seen = explained("acme-wing")
    assert seen["rank"] == 1
    assert not [change for change in seen["changes"] if "observed" in change["supposed"]]
    other = explained("acme-legs")
    # It is derived, too, and at a higher rate than the observed name that is a command.
    assert [change["rank"] for change in other["changes"] if "observed" in change["supposed"]] == [1]


@pytest.mark.usefixtures("folder")
def test_the_place_of_an_observed_name_counts_its_observation() -> None:
    found = explained("gripwright-client")
    assert found["candidate"]["score"]["value"] == pytest.approx(1 - math.exp(-3 * 7.5 / 51 * 7 / 37), abs=0.001)
    # What names.yaml merely asks for isn't before it, as a wish is no rate; the package's import is.
    assert found["rank"] == 2


@pytest.mark.usefixtures("folder")
def test_hundreds_of_surfaces_are_no_hundreds_of_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    searches = []
    search = shortlist

    def counted(*words: Any, **options: Any) -> Shortlist:
        searches.append(options["limit"])
        return search(*words, **options)

    for module in (derive, what_if):
        monkeypatch.setattr(module, "shortlist", counted)
    counts = []
    for commands in (2, 20):
        names = [f"grip{number}ctl" for number in range(commands)]
        edit(lambda values, names=names: values["packages"][1].update(commands=names))  # type: ignore[misc]
        searches.clear()
        assert explained("gripwright")["package"] == "python-gripwright"
        counts.append(len(searches))
    assert counts[0] == counts[1]


# --------------------------------------------------------------------------- which package, which place


@pytest.mark.parametrize("place", [1, 7, 60, 100, 700, 1000])
def test_the_place_is_the_row_in_the_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: int) -> None:
    monkeypatch.chdir(tmp_path)
    limit = 100 if place <= 100 else 2_000
    listed = call("names", "requests", "--limit", str(limit), "--format", "json")
    assert listed.code == 0
    row = json.loads(listed.out)["packages"][0]["candidates"][place - 1]
    found = explained(row["name"], "--package", "requests")
    assert found["rank"] == place
    assert found["candidate"]["score"]["value"] == pytest.approx(row["score"], abs=1e-6)


@pytest.mark.usefixtures("folder")
def test_the_package_that_was_asked_about_is_the_one_that_is_explained() -> None:
    edit(write_limbs)
    for_arm = told("acme-arms", "--package", "acme-arm")
    assert re.match(r"acme-arms is number \d+ of the names that may be taken for acme-arm\.\n", for_arm)
    for_leg = told("acme-arms", "--package", "acme-leg")
    assert re.match(r"acme-arms is number \d+ of the names that may be taken for acme-leg\.\n", for_leg)
    assert "a command: acme-arms" in for_leg
    assert "a command: acme-arms" not in for_arm
    assert "a survey" not in told("acme-wing", "--package", "acme-leg")


@pytest.mark.usefixtures("folder")
def test_what_names_yaml_says_of_a_name_itself_is_told() -> None:
    said = {
        "roverlink-mqtt": "roverlink-mqtt is one of your own packages.\n",
        "acme-robots": "names.yaml says never to acme-robots: A user group is called so; it is theirs\n",
        "acme-robotics-payroll": "acme-robotics-payroll is declared in names.yaml: a name used only inside.\n",
        "acme-robotics-telemetry": "acme-robotics-telemetry is declared in names.yaml: a name for a project to come.\n",
        "zebra": "zebra isn't among the first 2,000 names that may be taken for any package of names.yaml.\n",
    }
    for name, sentence in said.items():
        assert told(name).startswith(sentence)
    internal = explained("acme-robotics-payroll")
    assert (internal["package"], internal["rank"]) == ("acme-robotics-payroll", None)
    assert internal["candidate"]["score"]["value"] == 0.0


@pytest.mark.usefixtures("folder")
def test_a_name_that_is_only_asked_for_has_no_place_in_a_list() -> None:
    wish = {"name": "zebra", "package": "roverlink-mqtt", "reason": "the tutorial says so"}
    edit(lambda values: values["always"].append(wish))
    text = told("zebra")
    assert text.startswith("You asked for it in names.yaml; no data say how often it is used.\n")
    assert "is number" not in text
    assert "the tutorial says so" in text
    assert "\n\n\n" not in text
    assert (explained("zebra")["package"], explained("zebra")["rank"]) == ("roverlink-mqtt", None)


# --------------------------------------------------------------------------- the figures


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", ["gripwright", "gripwright-client", "gripwright-cli", "acme-robotic", "gripright"])
def test_the_printed_figures_are_those_of_the_document(name: str) -> None:
    document = explained(name)
    candidate = document["candidate"]
    text = told(name)
    (whole,) = re.findall(r"is used in about (\S+) of 100 cases", text)
    assert float(whole) == pytest.approx(100 * candidate["score"]["value"], rel=0.05)
    rows = [row for row in table(text, "evidence") if row["of 100"] != "you asked for it"]
    wishes = {"always", "internal", "future"}
    data = [item for item in candidate["evidence"] if item["technique"] not in wishes]
    assert len(rows) == len(data) + bool(document["further"])
    chances = [-math.expm1(-math.exp(item["weight"])) for item in data]
    chances += [document["further"]] if document["further"] else []
    assert [float(row["of 100"]) for row in rows] == pytest.approx([100 * chance for chance in chances], rel=0.05)
    channels = {row["channel"]: float(row["of 100"]) for row in table(text, "channel")}
    assert channels == pytest.approx({key: 100 * value for key, value in candidate["score"]["channels"]}, rel=0.05)
    for change in document["changes"]:
        line = text.partition(f"  {change['supposed']}: ")[2].partition("\n")[0]
        if change["rank"] is None:
            assert line == "not among the first 2,000 names"
        else:
            figure, place = line.removeprefix(">").split(" of 100, number ")
            assert float(figure) == pytest.approx(100 * change["score"], rel=0.05)
            assert place == f"{change['rank']:,}"


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", ["gripwright", "fleetdial", "gripright"])
def test_a_factor_is_the_power_of_its_weight(name: str) -> None:
    rows = list(csv.DictReader(io.StringIO(told(name, "--format", "csv"))))
    assert rows
    for row in rows:
        assert re.fullmatch(r"\d+(\.\d+)?", row["times"])
        assert float(row["times"]) == pytest.approx(math.exp(float(row["log-weight"])), rel=0.06)


@pytest.mark.usefixtures("folder")
def test_what_is_as_good_as_certain_is_more_than_99_of_100() -> None:
    def write_large_surveys(values: dict[str, Any]) -> None:
        write_limbs(values)
        values["observed"] = [item | {"count": 2_000, "of": 2_000} for item in values["observed"]]

    edit(write_large_surveys)
    assert "is used in about >99 of 100 cases" in told("acme-wing")


@pytest.mark.parametrize(("name", "package"), [("prompt-python", "prompt-toolkit"), ("requets", "requests")])
def test_the_evidence_adds_up_to_the_score(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, package: str
) -> None:
    monkeypatch.chdir(tmp_path)
    found = explained(name, "--package", package)
    rate = sum(math.exp(item["weight"]) for item in found["candidate"]["evidence"])
    rate -= math.log1p(-found["further"])
    assert -math.expm1(-rate) == pytest.approx(found["candidate"]["score"]["value"])
    assert ("further ways" in told(name, "--package", package)) is (found["further"] > 0)


@pytest.mark.usefixtures("folder")
def test_other_owners_habit_alone_is_told_to_be_no_reason() -> None:
    sentence = "Its only evidence is other owners' habit: worth watching, not a slot."
    for name, is_alone in (("gripwright-cli", True), ("gripwright", False)):
        assert (sentence in told(name)) is is_alone


# --------------------------------------------------------------------------- the route


@pytest.mark.usefixtures("folder")
def test_a_name_that_has_to_wait_is_told_to_wait_and_for_what() -> None:
    edit(lambda values: values.setdefault("budget", {}).update(total=6))
    assert plan().code == 0
    shown = told("acme-robotics-cli")
    assert "Route: reserve." in shown
    # Commands are rarely taken for the package.
    assert "It has to wait: What it would still cover is below the threshold. (policy.threshold)" in shown
    assert "has to wait" not in told("gripwright")


@pytest.mark.usefixtures("folder")
def test_a_plan_that_is_older_than_names_yaml_gives_no_route() -> None:
    assert plan().code == 0
    edit(lambda values: values["never"].append({"name": "gripwright", "reason": "a friend's"}))
    shown = call("explain", "gripwright")
    assert shown.code == 0
    assert "names.yaml says never to gripwright: a friend's" in shown.out
    assert "Route: the plan is older than names.yaml: namehold plan." in shown.out
    assert "Route: reserve" not in shown.out
    assert "Next: namehold plan" in shown.err


def _replace_outlines(lines: list[str]) -> None:
    lines[lines.index('"outlines":[') + 1] = '[["x"],[7],[1.0],[]]'


def _shorten_outlines(lines: list[str]) -> None:
    number = lines.index('"outlines":[') + 1
    *columns, kinds = json.loads(lines[number])
    lines[number] = json.dumps([*(column[: len(column) // 2] for column in columns), kinds], separators=(",", ":"))


def _damage_assessments(lines: list[str]) -> None:
    start = lines.index('"assessments":[') + 1
    lines[start:] = [line.replace('"route":"reserve"', '"route":"elsewhere"') for line in lines[start:]]


def _cut(lines: list[str]) -> None:
    del lines[len(lines) // 2 :]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("damage", [_replace_outlines, _shorten_outlines, _damage_assessments, _cut])
def test_a_damaged_plan_counts_for_nothing_and_is_told(damage: Callable[[list[str]], None]) -> None:
    assert plan().code == 0
    path = Path(".namehold/plan.json")
    lines = path.read_text("utf-8").split("\n")
    damage(lines)
    path.write_text("\n".join(lines), "utf-8")
    shown = call("explain", "gripwright")
    assert shown.code == 0, shown.err
    assert "may be taken for python-gripwright" in shown.out
    assert "Route: no plan yet." in shown.out
    assert "It counts for nothing here; write it again: namehold plan" in shown.err
    assert "Next: namehold plan" in shown.err
    assert explained("gripwright")["has_plan"] is False


@pytest.mark.usefixtures("folder")
def test_a_route_for_another_package_is_told_as_that() -> None:
    assert plan().code == 0
    assert "Route: reserve, as a name for python-gripwright." in told(
        "gripwright-client", "--package", "acme-robotics-sdk"
    )
    assert "Route: none. A plan holds the first names of each package" in told("zebra")
