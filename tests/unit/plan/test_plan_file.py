"""A plan in a file: its actions are read without its assessments, and those only where they are asked for."""

from __future__ import annotations

import json
import os
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from packaging.utils import NormalizedName
from tests.harness.values import every_route_plan

from namehold import documents
from namehold.errors import InputError
from namehold.plan import dump_plan, file, read_plan
from namehold.plan.model import Assessment, Plan
from namehold.portfolio.model import Route

PLAN = every_route_plan()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "plan.json"
    path.write_text("".join(dump_plan(PLAN)), encoding="utf-8")
    return path


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the assessments that were decoded one by one."""
    names: list[str] = []
    load = documents.load_line

    def listen(kind: str, type_: type[Any], line: bytes, *, path: str) -> Any:
        value = load(kind, type_, line, path=path)
        if isinstance(value, Assessment):
            names.append(value.candidate.name)
        return value

    monkeypatch.setattr(documents, "load_line", listen)
    return names


def test_a_plan_is_read_back_as_it_was_made(path: Path) -> None:
    plan = read_plan(path)
    assert replace(plan, assessments=tuple(plan.assessments)) == PLAN
    assert len(plan.assessments) == len(PLAN.assessments)
    assert (plan.assessments[0], plan.assessments[1:]) == (PLAN.assessments[0], PLAN.assessments[1:])


def test_the_actions_are_read_without_any_assessment(path: Path, decoded: list[str]) -> None:
    assert read_plan(path).actions == PLAN.actions
    assert decoded == []


def test_only_the_assessments_that_are_asked_for_are_decoded(path: Path, decoded: list[str]) -> None:
    plan = read_plan(path)
    wanted = [item.candidate.name for item in PLAN.by_route(Route.REQUEST)]
    assert plan.by_route(Route.REQUEST) == PLAN.by_route(Route.REQUEST)
    assert set(wanted) <= set(decoded) < {item.candidate.name for item in PLAN.assessments}
    decoded.clear()
    assert plan.find(wanted[:1]) == PLAN.find(wanted[:1])
    assert set(decoded) < {item.candidate.name for item in PLAN.assessments}


def test_what_the_plan_does_not_know_is_not_found(path: Path) -> None:
    plan = read_plan(path)
    assert plan.find([PLAN.actions[0].target]) == PLAN.find([PLAN.actions[0].target])
    assert plan.find([]) == {}
    # In the plan's order, whatever was asked for before.
    asked = [item.candidate.name for item in PLAN.assessments]
    for names in (asked[2:4], asked[:3], asked[1:2], asked):
        assert list(plan.find(names)) == names


def rewritten(order: Callable[[dict[str, Any]], dict[str, Any]], **how: Any) -> str:
    return json.dumps(order(json.loads("".join(dump_plan(PLAN)))), **how)


@pytest.mark.parametrize(
    "text",
    [
        rewritten(lambda document: document, indent=1),
        rewritten(lambda document: document),
        rewritten(lambda document: dict(sorted(document.items())), indent=2),
        # As the version before wrote it: one item a line, with other keys after the assessments.
        "".join(dump_plan(PLAN))
        .replace('"assessments":[\n', '"assessments":[\n', 1)
        .replace("\n]\n}\n", '\n],\n"more":1\n}\n'),
    ],
    ids=["indented", "one-line", "sorted", "more-keys-behind"],
)
def test_a_file_of_another_layout_is_read_all_the_same(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    plan = read_plan(path)
    assert replace(plan, assessments=tuple(plan.assessments)) == PLAN


@pytest.mark.parametrize("cut", [2, 3, 40])
def test_a_file_that_was_cut_off_is_no_plan(path: Path, cut: int) -> None:
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(InputError, match="can't be read"):
        read_plan(path)


def test_a_damaged_assessment_is_told_when_it_is_read(path: Path) -> None:
    before, _, after = path.read_text("utf-8").rpartition('"route":"none"')
    path.write_text(f'{before}"route":"elsewhere"{after}', encoding="utf-8")
    plan = read_plan(path)
    assert plan.actions == PLAN.actions
    with pytest.raises(InputError) as caught:
        list(plan.assessments)
    assert "route" in caught.value.diagnostics()[0].message


@pytest.mark.parametrize("indent", [None, 1])
def test_all_that_is_wrong_with_an_assessment_is_told_at_once(path: Path, indent: int | None) -> None:
    """However the file is laid out: a person who edits it corrects everything, and then tries again."""
    head, _, rest = path.read_text("utf-8").partition('"assessments":[\n')
    first, _, others = rest.partition("\n")
    item = json.loads(first.rstrip(","))
    item["route"] = "elsewhere"
    item["candidate"]["score"]["value"] = "0.5"
    item["candidate"]["evidence"][0]["weight"] = None
    del item["check"]["availability"]
    text = f'{head}"assessments":[\n{json.dumps(item)},\n{others}'
    path.write_text(text if indent is None else json.dumps(json.loads(text), indent=indent), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        list(read_plan(path).assessments)
    told = [fault.message.partition(": ")[0].removeprefix("assessments.0.") for fault in caught.value.diagnostics()]
    assert told == ["candidate.evidence.0.weight", "candidate.score", "check.availability", "route"]


def test_another_plan_written_meanwhile_is_never_read_for_this_one(path: Path) -> None:
    plan = read_plan(path)
    other = path.with_suffix(".new")
    other.write_text("".join(dump_plan(replace(PLAN, assessments=PLAN.assessments[:1]))), encoding="utf-8")
    other.replace(path)
    with pytest.raises(InputError, match="has changed since it was read"):
        list(plan.assessments)


def test_a_name_that_can_not_be_one_is_refused(path: Path) -> None:
    first = replace(PLAN.actions[0], name=NormalizedName("../outside"))
    path.write_text("".join(dump_plan(replace(PLAN, actions=(first, *PLAN.actions[1:])))), encoding="utf-8")
    with pytest.raises(InputError, match="can't be a plan") as caught:
        read_plan(path)
    assert "'../outside' is no normalized name" in caught.value.diagnostics()[0].message


@pytest.mark.parametrize("day", [0, -1, 36_601, 10**30])
def test_a_day_without_a_date_is_refused(path: Path, day: int) -> None:
    first = replace(PLAN.actions[0], day=day)
    path.write_text("".join(dump_plan(replace(PLAN, actions=(first, *PLAN.actions[1:])))), encoding="utf-8")
    with pytest.raises(InputError, match="can't be a plan") as caught:
        read_plan(path)
    assert f"day {day} of '{first.name}' can't be right" in caught.value.diagnostics()[0].message


def test_the_file_is_one_document_of_its_kind() -> None:
    text = "".join(dump_plan(PLAN))
    loaded = documents.load("plan", Plan, text, path="plan.json")
    assert replace(loaded, assessments=tuple(loaded.assessments)) == PLAN
    assert list(json.loads(text))[-1] == "assessments"


def test_a_name_without_any_evidence_is_no_assessment(path: Path) -> None:
    document = json.loads(path.read_text("utf-8"))
    document["assessments"][0]["candidate"]["evidence"] = []
    path.write_text(json.dumps(document), "utf-8")
    with pytest.raises(InputError, match="doesn't fit"):
        read_plan(path)


@pytest.mark.parametrize("begin", ["{\n", '{\n"outlines":[\n', '{\n"assessments":[\n'])
def test_a_line_without_end_is_refused_without_being_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begin: str
) -> None:
    monkeypatch.setattr(file, "_MOST_HELD", 1_000_000)
    monkeypatch.setattr(file, "MOST_BYTES", 5_000_000)
    path = tmp_path / "plan.json"
    path.write_text(begin, "utf-8")
    os.truncate(path, 20_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="holds more than 5,000,000 bytes"):
            read_plan(path)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()
