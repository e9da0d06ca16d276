"""What counts names reads their outlines: the same as the assessments say, from memory or from a file of any layout."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.harness.values import every_route_plan

from namehold.errors import InputError
from namehold.plan import model
from namehold.plan.file import dump_plan, read_plan
from namehold.plan.model import outline_of
from namehold.portfolio.model import Route

PLAN = every_route_plan()
OUTLINES = [outline_of(item) for item in PLAN.assessments]


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_the_outlines_of_a_file_say_what_its_assessments_say(tmp_path: Path) -> None:
    plan = read_plan(written(tmp_path / "plan.json", "".join(dump_plan(PLAN))))
    assert list(plan.outlines()) == OUTLINES == list(PLAN.outlines())
    for route in Route:
        assert list(plan.outlines(route)) == [item for item in OUTLINES if item.route is route]


def test_lines_of_another_layout_are_decoded(tmp_path: Path) -> None:
    lines = "".join(dump_plan(PLAN)).splitlines()
    start = lines.index('"assessments":[') + 1
    for number in range(start, len(lines) - 2):
        text = lines[number].rstrip(",")
        item = json.loads(text)
        # The keys in another order, or spaces between them.
        turned = dict(reversed(item.items())) if number % 2 else item
        lines[number] = json.dumps(turned) + ("," if lines[number].endswith(",") else "")
    plan = read_plan(written(tmp_path / "plan.json", "\n".join(lines) + "\n"))
    assert list(plan.outlines()) == OUTLINES
    wanted = [PLAN.assessments[0].candidate.name, PLAN.assessments[-1].candidate.name]
    assert plan.find(wanted) == PLAN.find(wanted)


@pytest.mark.parametrize("old_new", [('"route":"watch"', '"route":"nowhere"'), ('"value":', '"value":"x"+')])
@pytest.mark.parametrize("has_outlines", [True, False])
def test_a_line_that_is_no_assessment_is_refused(tmp_path: Path, old_new: tuple[str, str], has_outlines: bool) -> None:
    text = "".join(dump_plan(PLAN)).replace(*old_new)
    plan = read_plan(written(tmp_path / "plan.json", text if has_outlines else without_outlines(text)))
    with pytest.raises(InputError):
        list(plan.each_assessment() if has_outlines else plan.outlines())


def without_outlines(text: str) -> str:
    """The file as versions before wrote it."""
    start, end = text.index('"outlines":['), text.index('"assessments":[')
    return text[:start] + text[end:]


def test_a_file_of_an_earlier_version_has_the_same_outlines(tmp_path: Path) -> None:
    plan = read_plan(written(tmp_path / "plan.json", without_outlines("".join(dump_plan(PLAN)))))
    assert list(plan.outlines()) == OUTLINES
    assert [plan.by_route(route) for route in Route] == [PLAN.by_route(route) for route in Route]
    assert (plan.find_taken(), plan.find_unconfirmed()) == (PLAN.find_taken(), PLAN.find_unconfirmed())


@pytest.mark.parametrize(
    "damage",
    [
        lambda block: block[0].pop(),
        lambda block: block[1].append(0),
        lambda block: block[1].__setitem__(0, len(block[3])),
        lambda block: block[1].__setitem__(0, -1),
        lambda block: block[2].__setitem__(0, "many"),
        lambda block: block[3][0].__setitem__(1, "nowhere"),
        lambda block: block.pop(),
    ],
)
def test_outlines_that_are_none_are_refused(tmp_path: Path, damage: Callable[[Any], object]) -> None:
    lines = "".join(dump_plan(PLAN)).splitlines()
    number = lines.index('"outlines":[') + 1
    block = json.loads(lines[number])
    damage(block)
    lines[number] = json.dumps(block)
    plan = read_plan(written(tmp_path / "plan.json", "\n".join(lines) + "\n"))
    assert plan.actions == PLAN.actions
    with pytest.raises(InputError):
        list(plan.outlines())


def test_many_blocks_are_read_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "_BLOCK_NAMES", 3)
    plan = read_plan(written(tmp_path / "plan.json", "".join(dump_plan(PLAN))))
    assert list(plan.outlines()) == OUTLINES
    assert len(list(plan.blocks())) == -(-len(OUTLINES) // 3)
    for item in PLAN.assessments:
        assert plan.find([item.candidate.name]) == {item.candidate.name: item}
    assert [plan.by_route(route) for route in Route] == [PLAN.by_route(route) for route in Route]
    assert (plan.find_taken(), plan.find_unconfirmed()) == (PLAN.find_taken(), PLAN.find_unconfirmed())
