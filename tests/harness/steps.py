"""How much work a reader does, counted and not timed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType


def count_steps(run: Callable[[], object]) -> int:
    """How many calls of functions, of Python's own too, `run` makes. Work inside of one call counts once."""
    steps = 0

    def count(_frame: FrameType, event: str, _what: object) -> None:
        nonlocal steps
        steps += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        run()
    finally:
        sys.setprofile(before)
    return steps
