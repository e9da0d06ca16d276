"""The report as one self-contained HTML page: no script, no request, every text from outside escaped."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from namehold.report.model import Report
from namehold.report.sections import DEFAULT_LIMIT, make_sections
from namehold.report.words import SAFE_STATES, State
from namehold.text import count, percent, visible

_WIDTH, _HEIGHT = 640, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 624, 14, 222

#: More points than this can't be told apart in the drawing.
_MOST_POINTS = 300

#: A label to the right of its mark must still fit into the drawing.
_LABEL_ROOM = 245


def render_html(report: Report, *, limit: int = DEFAULT_LIMIT) -> str:
    """The whole report as one page; lists that need no decision are cut to `limit` rows and say so."""
    return render_page(
        "report.html.jinja",
        tool=report.provenance.tool,
        report=report,
        sections=make_sections(report, limit=limit),
        shares=_shares(report),
        drawing=_drawing(report),
    )


def render_page(template: str, **values: Any) -> str:
    """One of this package's templates as a self-contained page; every text in `values` is escaped and made visible."""

    def shown(value: Any) -> Any:
        return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = Environment(
        loader=FunctionLoader(lambda name: files("namehold.report").joinpath(name).read_text("utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(template).render(**values)


def _shares(report: Report) -> list[dict[str, str | int]]:
    """The bar under the first screen: who could still register how many of the assessed names."""
    held = report.in_state(State.HELD)
    planned = report.in_state(State.PLANNED, State.UNVERIFIED)
    safe = report.in_state(*SAFE_STATES) - held
    shares = (
        ("safe", safe, "safe without a reservation"),
        ("held", held, "held"),
        ("planned", planned, "planned or under way"),
        ("open", report.assessed - safe - held - planned, "unprotected and not planned"),
    )
    return [{"kind": kind, "names": names, "label": f"{names:,} {what}"} for kind, names, what in shares if names]


def _drawing(report: Report) -> dict[str, object] | None:
    """The coverage curve in the coordinates of its SVG; None: there is nothing to draw."""
    if not report.coverage:
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
        "description": f"{percent(covered)} covered with {count(last, 'name')} held or planned, "
        f"{percent(spots[-1][1])} with {count(most, 'name')}. The table below holds the numbers.",
        "names": count(most, "name"),
        "mark_x": x(last),
        "mark_y": y(covered),
        "mark_label": f"held or planned: {count(last, 'name')}, {percent(covered)}" if last else "",
        "mark_text_x": x(last) + 10 if fits else x(last) - 10,
        "mark_anchor": "start" if fits else "end",
        "lines": [{"y": y(share), "label": percent(share)} for share in (0.0, 0.25, 0.5, 0.75, 1.0)],
    }
