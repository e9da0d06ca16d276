"""The quota's window, whatever the times of the attempts."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from namehold.index.model import Quota
from namehold.rehearsal.limits import SlidingWindow

_START = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
_WINDOW_S = 60


@given(limit=st.integers(0, 5), pauses_s=st.lists(st.integers(0, 70), max_size=60))
def test_never_more_hits_than_the_limit_in_any_window(limit: int, pauses_s: list[int]) -> None:
    window = SlidingWindow(Quota(limit=limit, window_s=_WINDOW_S))
    now, hits = _START, list[dt.datetime]()
    for pause_s in pauses_s:
        now += dt.timedelta(seconds=pause_s)
        if window.remaining("acme", now):
            window.hit("acme", now)
            hits.append(now)
    for hit in hits:
        assert sum(hit <= other <= hit + dt.timedelta(seconds=_WINDOW_S) for other in hits) <= limit


@given(limit=st.integers(1, 5), pauses_s=st.lists(st.integers(0, 70), min_size=1, max_size=40))
def test_whoever_waits_a_second_longer_than_told_is_let_in(limit: int, pauses_s: list[int]) -> None:
    window = SlidingWindow(Quota(limit=limit, window_s=_WINDOW_S))
    now = _START
    for pause_s in pauses_s:
        now += dt.timedelta(seconds=pause_s)
        if not window.remaining("acme", now):
            now += dt.timedelta(seconds=window.reset_s("acme", now) + 1)
        assert window.remaining("acme", now) > 0
        window.hit("acme", now)
