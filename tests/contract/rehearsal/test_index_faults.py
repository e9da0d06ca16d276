"""Faults of the rehearsal index: each does what it says, is counted, and comes again by its seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import httpx
import pytest
from packaging.utils import canonicalize_name
from tests.harness.replaying import Replay

from namehold import rehearsal
from namehold.index.model import ProjectStatus, Quota
from namehold.rehearsal.faults import RIVAL, Fault, Faults

_NAME = canonicalize_name("acme-tool")


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as client:
        yield client


def _only(kind: Fault, *, at_most: int = 1) -> Faults:
    return Faults(seed=1, rates={kind: 1.0}, at_most=at_most, slow_s=0.0)


def _upload(replay: Replay, name: str = _NAME, **more: object) -> httpx.Response:
    return replay.play({"name": name, **more})


def test_connection_dropped_before_the_upload_is_judged(client: httpx.Client) -> None:
    with rehearsal.start(faults=_only(Fault.DROPPED_BEFORE)) as index:
        with pytest.raises(httpx.RemoteProtocolError):
            _upload(Replay(index, client))
        assert index.state.project(_NAME) is None
        assert index.state.uploads == []
        assert index.state.faults_injected == {Fault.DROPPED_BEFORE: 1}


def test_connection_dropped_after_the_upload_is_kept(client: httpx.Client) -> None:
    with rehearsal.start(faults=_only(Fault.DROPPED_AFTER)) as index:
        replay = Replay(index, client)
        with pytest.raises(httpx.RemoteProtocolError):
            _upload(replay)
        assert index.state.project(_NAME) is not None
        # The same bytes once more are taken, and cost nothing.
        assert _upload(replay).status_code == 200
        assert [upload.spent_slot for upload in index.state.uploads] == [True, False]


def test_error_although_the_upload_is_kept(client: httpx.Client) -> None:
    with rehearsal.start(faults=_only(Fault.ERROR_AFTER)) as index:
        assert _upload(Replay(index, client)).status_code == 500
        assert index.state.project(_NAME) is not None


def test_error_is_not_injected_where_nothing_was_kept(client: httpx.Client) -> None:
    with rehearsal.start(faults=_only(Fault.ERROR_AFTER)) as index:
        assert _upload(Replay(index, client), "json").status_code == 400
        assert not index.state.faults_injected


def test_storm_of_429_says_nothing_of_the_quota_and_passes(client: httpx.Client) -> None:
    with rehearsal.start(faults=_only(Fault.STORM)) as index:
        replay = Replay(index, client)
        answers = [_upload(replay) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [429, 429, 429, 200]
        assert "RateLimit" not in answers[0].headers
        assert index.state.faults_injected == {Fault.STORM: 3}


def test_stale_read_shows_what_was_there_before_the_upload(client: httpx.Client) -> None:
    with rehearsal.start(faults=_only(Fault.STALE_READ, at_most=2)) as index:
        replay = Replay(index, client)
        _upload(replay)
        path = f"/simple/{_NAME}/"
        assert [replay.get(path).status_code for _ in range(3)] == [404, 404, 200]


def test_rival_is_faster(client: httpx.Client) -> None:
    outcomes = set()
    for seed in range(6):
        with rehearsal.start(faults=Faults(seed=seed, rates={Fault.RIVAL: 1.0}, at_most=1)) as index:
            outcomes.add(_upload(Replay(index, client)).status_code)
            assert index.state.rivals_took == [_NAME]
            assert index.state.holdings_of(RIVAL)
    # The very name was taken: not ours to upload to; a confusable one was: too similar.
    assert outcomes == {403, 400}


def test_administrators_act_on_a_name_that_is_held(client: httpx.Client) -> None:
    seen = set()
    for seed in range(12):
        with rehearsal.start(faults=Faults(seed=seed, rates={Fault.ADMINISTRATOR: 1.0}, at_most=1)) as index:
            assert _upload(Replay(index, client)).status_code == 200
            ((name, what),) = index.state.administrators_acted
            project = index.state.project(_NAME)
            assert name == _NAME
            assert (project is None) == (what in {"removed", "prohibited"})
            assert (_NAME in index.state.prohibited) == (what == "prohibited")
            assert project is None or project.status is ProjectStatus.QUARANTINED
            seen.add(what)
    assert seen == {"removed", "prohibited", "quarantined"}


def test_quota_changes_underway(client: httpx.Client) -> None:
    with rehearsal.start(faults=_only(Fault.QUOTA_CHANGED), user_quota=Quota(limit=5, window_s=3600)) as index:
        answer = _upload(Replay(index, client))
        assert answer.status_code == 200
        assert ";q=5;" not in answer.headers["RateLimit-Policy"].rpartition(", ")[2]


def test_portal_answers_200_and_keeps_nothing(client: httpx.Client) -> None:
    with rehearsal.start(faults=_only(Fault.PORTAL)) as index:
        answer = _upload(Replay(index, client))
        assert answer.status_code == 200
        assert "sign in" in answer.text
        assert index.state.project(_NAME) is None


def test_wrong_headers_replace_the_quota(client: httpx.Client) -> None:
    seen = set()
    for seed in range(12):
        with rehearsal.start(faults=Faults(seed=seed, rates={Fault.WRONG_HEADERS: 1.0}, at_most=1)) as index:
            answer = _upload(Replay(index, client))
            assert answer.status_code == 200
            seen.add(answer.headers.get("RateLimit"))
    assert None in seen
    assert '"project.create.ip";r=4;t=86400, "project.create.user";r=4;t=86400' not in seen


def test_slow_body_is_whole(client: httpx.Client) -> None:
    with rehearsal.start(faults=_only(Fault.SLOW_BODY)) as index:
        answer = _upload(Replay(index, client))
        assert answer.text.endswith("</html>")
        assert index.state.faults_injected == {Fault.SLOW_BODY: 1}


def test_reads_fail_by_a_lost_connection_or_503(client: httpx.Client) -> None:
    seen = set()
    for seed in range(8):
        with rehearsal.start(faults=Faults(seed=seed, rates={Fault.READ_FAILED: 1.0}, at_most=1)) as index:
            replay = Replay(index, client)
            try:
                seen.add(replay.get("/").status_code)
            except httpx.RemoteProtocolError:
                seen.add(0)
            assert replay.get("/").status_code == 200
    assert seen == {0, 503}


def test_same_seed_brings_the_same_faults(client: httpx.Client) -> None:
    def run(seed: int) -> tuple[list[int], Mapping[str, int]]:
        rates = dict.fromkeys(Fault, 0.15)
        with rehearsal.start(
            faults=Faults(seed=seed, rates=rates, slow_s=0.0), user_quota=Quota(limit=50, window_s=3600)
        ) as index:
            replay, statuses = Replay(index, client), []
            for number in range(25):
                try:
                    statuses.append(_upload(replay, f"acme-part-{number}").status_code)
                except httpx.RemoteProtocolError:
                    statuses.append(0)
            return statuses, dict(index.state.faults_injected)

    first = run(7)
    assert first == run(7)
    assert first != run(8)
    assert sum(first[1].values()) > 0
