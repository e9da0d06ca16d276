"""The rehearsal index gives the answers that the real index's software gave (August 2026), area by area."""

from __future__ import annotations

import html
import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.harness.replaying import Case, Replay

from namehold import rehearsal
from namehold.index.model import Quota

_CASES: list[Case] = [
    json.loads(line) for line in (Path(__file__).parents[1] / "data" / "index_answers.jsonl").read_text().splitlines()
]
_AREAS = {area: list(cases) for area, cases in itertools.groupby(_CASES, key=lambda case: str(case["area"]))}

# The software's own defaults, under which the answers were recorded; one area was recorded with a short window.
_USER_QUOTAS = {"ratelimit-window": Quota(limit=3, window_s=6)}
_USER_QUOTA = Quota(limit=20, window_s=3600)
_ADDRESS_QUOTA = Quota(limit=40, window_s=3600)


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as client:
        yield client


@pytest.mark.parametrize("area", _AREAS)
def test_area_is_answered_as_recorded(area: str, client: httpx.Client) -> None:
    quota = _USER_QUOTAS.get(area, _USER_QUOTA)
    with rehearsal.start(user_quota=quota, address_quota=_ADDRESS_QUOTA) as index:
        replay = Replay(index, client)
        wrong = [
            (number, case.get("case", case.get("name")), difference)
            for number, case in enumerate(_AREAS[area], start=1)
            if (difference := _difference(replay, case))
        ]
    assert wrong == []


def _difference(replay: Replay, case: Case) -> str:
    """How the answer differs from the recorded one; empty if it doesn't."""
    response = replay.play(case)
    reason = replay.reason_of(response)
    if response.status_code != case.get("status", 200):
        return f"status {response.status_code} {reason}"
    if reason != replay.expected_reason(case):
        return f"reason {reason}"
    if _shown_quota(response) != _expected_quota(case):
        return f"quota {response.headers.get('RateLimit')}, {response.headers.get('RateLimit-Policy')}"
    if "body" in case and replay.placed(response.text) != case["body"]:
        return f"body {response.text!r}"
    # The reason phrase knows only ISO 8859-1; the body has the text as it is.
    if "get" not in case and "?" not in reason and reason not in html.unescape(replay.placed(response.text)):
        return f"body without the reason: {response.text!r}"
    return ""


def _shown_quota(response: httpx.Response) -> tuple[str, str]:
    return response.headers.get("RateLimit", ""), response.headers.get("RateLimit-Policy", "")


def _expected_quota(case: Case) -> tuple[str, str]:
    """The quota's headers; the short window was recorded without the address's part, which had the whole left."""
    if "left" not in case:
        return "", ""
    user = _USER_QUOTAS.get(case["area"], _USER_QUOTA)
    ip_left, ip_reset, user_left, user_reset = case["left"]
    left = (
        f'"project.create.ip";r={_ADDRESS_QUOTA.limit if ip_left is None else ip_left}'
        f";t={_ADDRESS_QUOTA.window_s if ip_reset is None else ip_reset}, "
        f'"project.create.user";r={user_left};t={user_reset}'
    )
    policy = (
        f'"project.create.ip";q={_ADDRESS_QUOTA.limit};w={_ADDRESS_QUOTA.window_s};pk=:ip:, '
        f'"project.create.user";q={user.limit};w={user.window_s};pk=:user:'
    )
    return left, policy


def test_every_area_is_there() -> None:
    assert set(_AREAS) >= {
        "create",
        "similar",
        "stdlib",
        "prohibited",
        "ratelimit",
        "ratelimit-burn",
        "auth",
        "attenuate",
    }
    assert len(_CASES) == 366
