"""The rehearsal index's parts that need no wire: windows, clocks, tokens, strangers, seeds."""

from __future__ import annotations

import datetime as dt

import pytest
from packaging.utils import NormalizedName

from namehold import rehearsal
from namehold.errors import UsageError
from namehold.index.model import Quota
from namehold.rehearsal.clocks import RealClock, SteppedClock
from namehold.rehearsal.limits import CreationLimits, SlidingWindow
from namehold.rehearsal.seeds import make_wheel
from namehold.rehearsal.strangers import ListedStrangers
from namehold.rehearsal.tokens import ProjectContext, TokenStore, append_caveats

_NOW = dt.datetime(2026, 1, 5, 9, 0, tzinfo=dt.UTC)
_CONTEXT = ProjectContext(project_id="p-1", spelled="Acme.Tool", normalized="acme-tool")


@pytest.mark.parametrize(
    ("text", "limit", "window_s"),
    [("4/24h", 4, 86_400), ("20/h", 20, 3600), ("3/6s", 3, 6), ("1/15m", 1, 900), ("0/1d", 0, 86_400)],
)
def test_quota_is_read(text: str, limit: int, window_s: int) -> None:
    assert rehearsal.parse_quota(text) == Quota(limit=limit, window_s=window_s)


@pytest.mark.parametrize("text", ["", "4", "4/", "4/24", "four/24h", "-1/h", "4/0h", "4/24w", "4/24h/h"])
def test_other_words_are_no_quota(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        rehearsal.parse_quota(text)
    assert "4/24h" in str(caught.value.diagnostics()[0])


def test_slots_return_one_by_one_a_second_after_the_window() -> None:
    window = SlidingWindow(Quota(limit=2, window_s=60))
    window.hit("acme", _NOW)
    window.hit("acme", _NOW + dt.timedelta(seconds=30))

    def left(seconds: float) -> tuple[int, int]:
        now = _NOW + dt.timedelta(seconds=seconds)
        return window.remaining("acme", now), window.reset_s("acme", now)

    assert left(30) == (0, 30)
    assert left(59.5) == (0, 0)
    assert left(60) == (0, 0)
    assert left(60.001) == (1, 29)
    assert left(91) == (2, 60)
    assert window.remaining("bob", _NOW) == 2


def test_address_and_account_are_counted_apart() -> None:
    limits = CreationLimits(
        addresses=SlidingWindow(Quota(limit=1, window_s=60)), users=SlidingWindow(Quota(limit=3, window_s=60))
    )
    limits.hit(address="192.0.2.1", user="acme", now=_NOW)

    assert not limits.has_room(address="192.0.2.1", user="bob", now=_NOW)
    assert limits.has_room(address="192.0.2.2", user="acme", now=_NOW)
    assert limits.headers(address="192.0.2.1", user="acme", now=_NOW) == (
        ("RateLimit", '"project.create.ip";r=0;t=60, "project.create.user";r=2;t=60'),
        ("RateLimit-Policy", '"project.create.ip";q=1;w=60;pk=:ip:, "project.create.user";q=3;w=60;pk=:user:'),
    )


@pytest.mark.parametrize("clock", [SteppedClock(), RealClock()])
def test_clocks_go_forward_only(clock: SteppedClock | RealClock) -> None:
    before = clock.now()
    clock.advance(86_401)

    assert clock.now() - before >= dt.timedelta(seconds=86_401)
    assert clock.now().utcoffset() == dt.timedelta(0)
    with pytest.raises(ValueError, match="back"):
        clock.advance(-1)


def test_stepped_clock_stands_still() -> None:
    clock = SteppedClock(_NOW)
    assert clock.now() == clock.now() == _NOW


def _denial(store: TokenStore, token: str, *, now: dt.datetime = _NOW) -> str | None:
    return store.find_denial(token, context=_CONTEXT, user_id="u-1", now=now)


@pytest.mark.parametrize(
    ("caveat", "denial"),
    [
        ([1, ["acme-tool"]], None),
        ([1, ["acme"]], "project-scoped token is not valid for project: 'Acme.Tool'"),
        ([2, ["p-1"]], None),
        ([2, []], "project-scoped token is not valid for project: 'Acme.Tool'"),
        ([3, "u-1"], None),
        ([3, "u-2"], "current user does not match user restriction in token"),
        ([0, 1_767_603_601, 1_767_603_600], None),
        ([0, 1_767_603_600, 1_767_603_000], "token is expired"),
        ([0, 1_767_604_000, 1_767_603_601], "token is expired"),
        ([0, "soon"], "invalid values for fields"),
        (["nope"], "caveat has unknown tag: nope"),
        ({}, "caveat must be an array"),
        ({"version": 1, "permissions": "user"}, None),
    ],
)
def test_caveat_of_a_narrowed_token(caveat: list[object], denial: str | None) -> None:
    store = TokenStore()
    token = append_caveats(store.mint("acme"), [caveat])
    assert _denial(store, token) == denial


def test_every_caveat_must_hold() -> None:
    store = TokenStore()
    token = append_caveats(store.mint("acme"), [[1, ["acme-tool"]], [1, ["bob"]], [3, "u-2"]])
    assert _denial(store, token) == (
        "project-scoped token is not valid for project: 'Acme.Tool', "
        "current user does not match user restriction in token"
    )


def test_caveat_of_another_token_proves_nothing() -> None:
    store, other = TokenStore(), TokenStore()
    mine, foreign = store.mint("acme"), other.mint("acme")

    assert store.find(mine) is not None
    assert store.find(foreign) is None
    assert store.find("") is store.find("pypi-") is store.find("nonsense") is None
    with pytest.raises(ValueError, match="no API token"):
        append_caveats("nonsense", [[1, []]])


def test_key_of_a_token_is_never_shown() -> None:
    store = TokenStore()
    minted = store.find(store.mint("acme"))
    assert minted is not None
    assert minted.key not in repr(minted)


def test_strangers_are_found_by_their_key() -> None:
    strangers = ListedStrangers([NormalizedName("longlib-io"), NormalizedName("acme-tool")])

    tool, other = NormalizedName("acme-tool"), NormalizedName("acmet001")
    assert strangers.existing((tool, other)) == {tool}
    assert strangers.similar((tool, other)) == {other: (tool,)}
    assert list(strangers.names()) == ["acme-tool", "longlib-io"]


def test_seeds_are_the_same_every_time() -> None:
    name = NormalizedName("acme-tool")
    assert make_wheel(name) == make_wheel(name)
    assert make_wheel(name, "2.0")[0] == "acme_tool-2.0-py3-none-any.whl"
