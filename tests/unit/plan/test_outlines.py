"""What counts names reads their outlines: the same as the assessments say, from memory or from a file of any layout."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.harness.values import every_route_plan

from namehold.errors import InputError
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
def test_a_line_that_is_no_assessment_is_refused(tmp_path: Path, old_new: tuple[str, str]) -> None:
    plan = read_plan(written(tmp_path / "plan.json", "".join(dump_plan(PLAN)).replace(*old_new)))
    with pytest.raises(InputError):
        list(plan.outlines())
