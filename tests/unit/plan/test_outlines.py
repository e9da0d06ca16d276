"""What counts names reads their outlines: the same as the assessments say, from memory or from a file of any layout."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.harness.values import NOON, every_route_plan

from namehold.errors import InputError
from namehold.ledger.model import Holdings
from namehold.plan import model
from namehold.plan.file import dump_plan, read_plan
from namehold.plan.model import outline_of
from namehold.portfolio.model import Route
from namehold.report.make import make_report
from namehold.report.model import Report

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


def without_digest(text: str) -> str:
    """The file as it was written before the outlines had a digest."""
    return re.sub(r'"outlined":"[0-9a-f]{64}",\n', "", text)


@pytest.mark.parametrize("earlier", [without_outlines, without_digest])
def test_a_file_of_an_earlier_version_has_the_same_outlines(tmp_path: Path, earlier: Callable[[str], str]) -> None:
    text = "".join(dump_plan(PLAN))
    assert earlier(text) != text
    plan = read_plan(written(tmp_path / "plan.json", earlier(text)))
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


def shorten(block: Any) -> None:
    """Leaves half of the names out of all three columns."""
    for column in block[:3]:
        del column[len(column) // 2 :]


def move(block: Any) -> None:
    """Gives the first name the kind of the last."""
    block[1][0] = block[1][-1]


def swap(block: Any) -> None:
    block[0][0], block[0][-1] = block[0][-1], block[0][0]


def rename(block: Any) -> None:
    block[0][0] = "acme-elsewhere"


def rate(block: Any) -> None:
    block[2][0] += 0.5


def change_outlines(text: str, change: Callable[[Any], None], *, is_signed: bool) -> str:
    """The file with its one block changed; `is_signed`: with the digest that fits."""
    lines = text.splitlines()
    number = lines.index('"outlines":[') + 1
    block = json.loads(lines[number])
    change(block)
    lines[number] = json.dumps(block, separators=(",", ":"))
    if is_signed:
        lines[number + 2] = f'"outlined":"{hashlib.sha256(lines[number].encode()).hexdigest()}",'
    return "\n".join(lines) + "\n"


def reports(path: Path) -> dict[bool, Report | None]:
    """The brief and the whole report on a plan's file; None where it is refused."""
    made: dict[bool, Report | None] = {}
    for is_brief in (True, False):
        try:
            made[is_brief] = make_report(read_plan(path), Holdings(), now=NOON, is_brief=is_brief)
        except InputError:
            made[is_brief] = None
    return made


@pytest.mark.parametrize("change", [shorten, move, swap, rename, rate])
def test_outlines_that_were_changed_are_refused_by_the_brief_report_and_the_whole_one(
    tmp_path: Path, change: Callable[[Any], None]
) -> None:
    text = change_outlines("".join(dump_plan(PLAN)), change, is_signed=False)
    assert reports(written(tmp_path / "plan.json", text)) == {True: None, False: None}


@pytest.mark.parametrize("change", [shorten, move, swap, rename, rate])
def test_outlines_with_another_digest_that_say_something_else_are_refused_where_both_are_read(
    tmp_path: Path, change: Callable[[Any], None]
) -> None:
    text = change_outlines("".join(dump_plan(PLAN)), change, is_signed=True)
    path = written(tmp_path / "plan.json", text)
    assert reports(path)[False] is None
    plan = read_plan(path)
    with pytest.raises(InputError, match="say different things"):
        list(plan.each_assessment())


@pytest.mark.parametrize(("column", "place"), [(0, 0), (3, 0)])
def test_a_text_that_is_no_name_is_refused(tmp_path: Path, column: int, place: int) -> None:
    def escape(block: Any) -> None:
        if column == 0:
            block[0][place] = "../../elsewhere"
        else:
            block[3][place][0] = "../../elsewhere"

    text = change_outlines("".join(dump_plan(PLAN)), escape, is_signed=True)
    plan = read_plan(written(tmp_path / "plan.json", text))
    with pytest.raises(InputError, match="no normalized name"):
        list(plan.outlines())


@pytest.mark.parametrize("change", [move, swap, rename, rate])
def test_a_name_that_is_looked_up_is_compared_with_its_outline(tmp_path: Path, change: Callable[[Any], None]) -> None:
    text = change_outlines("".join(dump_plan(PLAN)), change, is_signed=True)
    plan = read_plan(written(tmp_path / "plan.json", text))
    with pytest.raises(InputError, match="say different things"):
        plan.find([item.name for item in plan.outlines()])


@pytest.mark.parametrize("part", [slice(0, 1), slice(-1, None), slice(2, 5)])
def test_assessments_that_are_missing_are_told(tmp_path: Path, part: slice) -> None:
    lines = "".join(dump_plan(PLAN)).splitlines()
    start = lines.index('"assessments":[') + 1
    items = [line.rstrip(",") for line in lines[start:-2]]
    del items[part]
    text = "\n".join([*lines[:start], ",\n".join(items), *lines[-2:]]) + "\n"
    plan = read_plan(written(tmp_path / "plan.json", text))
    with pytest.raises(InputError, match="say different things"):
        list(plan.each_assessment())
    with pytest.raises(InputError, match="say different things"):
        plan.find([item.name for item in OUTLINES])


def test_whole_outlines_make_both_reports_say_the_same(tmp_path: Path) -> None:
    made = reports(written(tmp_path / "plan.json", "".join(dump_plan(PLAN))))
    brief, whole = made[True], made[False]
    assert brief is not None
    assert whole is not None
    assert (brief.assessed, brief.totals, brief.states) == (whole.assessed, whole.totals, whole.states)


def test_many_blocks_are_read_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "_BLOCK_NAMES", 3)
    plan = read_plan(written(tmp_path / "plan.json", "".join(dump_plan(PLAN))))
    assert list(plan.outlines()) == OUTLINES
    assert len(list(plan.blocks())) == -(-len(OUTLINES) // 3)
    for item in PLAN.assessments:
        assert plan.find([item.candidate.name]) == {item.candidate.name: item}
    assert [plan.by_route(route) for route in Route] == [PLAN.by_route(route) for route in Route]
    assert (plan.find_taken(), plan.find_unconfirmed()) == (PLAN.find_taken(), PLAN.find_unconfirmed())
