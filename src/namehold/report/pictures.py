"""The report's pictures in the coordinates of their SVG, each with the sentence that says the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from namehold.report.model import Report
from namehold.report.words import standing_of
from namehold.text import count, figure, percent

_WIDTH, _HEIGHT = 440, 230
_LEFT, _RIGHT, _TOP, _BOTTOM = 50, 430, 30, 196

#: With fewer points there is nothing to see.
_FEWEST_POINTS = 3

#: More points than this can't be told apart in the drawing.
_MOST_POINTS = 300

#: A label to the right of its mark must still fit into the drawing.
_LABEL_ROOM = 190

#: Days and slots of the calendar that a phone can show.
_MOST_DAYS, _MOST_SLOTS = 8, 8
_DAY, _SLOT = 52, 18

#: Where the calendar's slots begin, below the dates.
_DATES = 20

#: Room for the bracket that shows one window of the quota.
_BRACKET = 30


def draw_curve(report: Report) -> dict[str, object] | None:
    """The coverage curve in the coordinates of its SVG; None: there is nothing to draw."""
    if len(report.coverage) < _FEWEST_POINTS:
        return None
    most = len(report.coverage)

    def x(names: int) -> float:
        return round(_LEFT + (_RIGHT - _LEFT) * names / most, 1)

    def y(covered: float) -> float:
        return round(_BOTTOM - (_BOTTOM - _TOP) * min(max(covered, 0.0), 1.0), 1)

    def line(spots: Sequence[tuple[int, float]]) -> str:
        return "M" + " L".join(f"{x(names)} {y(share)}" for names, share in spots)

    spots = [(0, 0.0), *((number, point.covered) for number, point in enumerate(report.coverage, start=1))]
    step = max(1, len(spots) // _MOST_POINTS)
    drawn = [*spots[:-1:step], spots[-1]]
    last = report.reserved
    covered = spots[last][1]
    # Where all names are planned, the curve's end is no second figure.
    rest = f", {percent(spots[-1][1])} with {count(most, 'name')}" if last < most else ""
    fits = x(last) + _LABEL_ROOM < _RIGHT
    return {
        "width": _WIDTH,
        "height": _HEIGHT,
        "left": _LEFT,
        "right": _RIGHT,
        "bottom": _BOTTOM,
        "path": line(drawn),
        "area": f"{line([*(spot for spot in drawn if spot[0] <= last), spots[last]])} "
        f"L{x(last)} {_BOTTOM} L{_LEFT} {_BOTTOM} Z",
        "description": f"{percent(covered)} covered with {count(last, 'name')} held or planned{rest}.",
        "names": count(most, "name"),
        "mark_x": x(last),
        "mark_y": y(covered),
        "mark_label": f"we stop here: {count(last, 'name')}, {percent(covered)}" if last else "",
        # Above all, where no curve goes.
        "mark_text_y": _TOP - 12,
        "mark_anchor": "start" if fits else "end",
        "lines": [{"y": y(share), "label": percent(share)} for share in (0.0, 0.25, 0.5, 0.75, 1.0)],
    }


def draw_calendar(report: Report) -> dict[str, object] | None:
    """The windows of the quota with their slots; None: nothing is sent."""
    if not report.calendar:
        return None
    limit = report.quota.limit if report.quota else max(len(day.entries) for day in report.calendar)
    shown = report.calendar[:_MOST_DAYS]
    height = min(max(limit, *(len(day.entries) for day in shown)), _MOST_SLOTS)
    columns = []
    for place, day in enumerate(shown):
        kinds = [standing_of(entry.state).value for entry in day.entries][:height]
        kinds += ["free"] * (min(limit, height) - len(kinds))
        columns.append(
            {
                "x": place * _DAY,
                "label": f"{day.date.day} {day.date:%b}",
                "slots": [(kind, _DATES + _SLOT * at) for at, kind in enumerate(kinds)],
            }
        )
    bottom = _DATES + _SLOT * height
    return {
        "width": _MOST_DAYS * _DAY,
        "height": bottom + (_BRACKET if report.quota else 0),
        "columns": columns,
        "middle": _DAY // 2,
        "bracket": f"M4 {bottom} v5 h{_DAY - 8} v-5" if report.quota else "",
        "bracket_y": bottom + 20,
        "window": f"{_window(report)}: {count(limit, 'slot')}" if report.quota else "",
        "description": _describe_calendar(report),
    }


def _window(report: Report) -> str:
    hours = dt.timedelta(seconds=report.quota.window_s if report.quota else 0) / dt.timedelta(hours=1)
    return "1 hour" if hours == 1 else f"{figure(hours)} hours"


def _describe_calendar(report: Report) -> str:
    names = sum(len(day.entries) for day in report.calendar)
    first, last = report.calendar[0].date, report.calendar[-1].date
    when = f"on {first.isoformat()}" if first == last else f"from {first.isoformat()} to {last.isoformat()}"
    text = f"{count(names, 'upload')} {when}."
    if report.quota:
        text += f" The index accepts {count(report.quota.limit, 'new name')} in any {_window(report)}."
    if len(report.calendar) > _MOST_DAYS:
        text += f" The picture shows the first {_MOST_DAYS} of {len(report.calendar):,} days."
    slot = report.next_slot.strftime("%Y-%m-%d %H:%M UTC") if report.next_slot else "now"
    return f"{text} Next free slot: {slot}."
