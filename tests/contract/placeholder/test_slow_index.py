"""`audit NAME` ends, and says what it doesn't know, whichever of its questions an index answers a byte at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from tests.harness.cli import call
from tests.harness.desk import CONFIG
from tests.harness.slow_index import HEADS, addresses_at, slow_index
from tests.harness.wheels import make_wheel

from namehold import rehearsal
from namehold.cli.commands import audit
from namehold.errors import IndexError_
from namehold.rehearsal.running import RunningIndex

TOL, TOOL = NormalizedName("acme-tol"), NormalizedName("acme-tool")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningIndex]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(audit, "_QUESTIONS_LIMIT_S", 1.0)
    with rehearsal.start(users=["acme"]) as running:
        running.state.add_project(TOOL, owner="acme")
        held = make_wheel(TOL, description="This name is reserved. pip install acme-tool")
        running.state.add_project(TOL, owner="acme", files=[held])
        yield running


def audited(index: RunningIndex, slow: str, head: str, *, is_asked: bool = True) -> tuple[int, str, str]:
    """Exit code and output of the command where one kind of question is slow; it leaves before the last byte."""
    with slow_index(index, slow=(slow,), head=HEADS[head]) as (base, drip):
        Path("names.yaml").write_text(CONFIG.format(**addresses_at(base)) + "packages: [acme-tool]\n", "utf-8")
        done = call("audit", TOL, "--format", "json")
        assert not is_asked or drip.is_left.wait(10), "it doesn't wait for the last byte"
    return done.code, done.out, done.err


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("slow", [f"/simple/{TOL}/", f"/pypi/{TOL}/"])
def test_without_the_names_own_pages_nothing_is_judged(index: RunningIndex, slow: str, head: str) -> None:
    code, out, err = audited(index, slow, head)
    assert (code, out) == (IndexError_.exit_code, "")
    assert "no time is left" in err


@pytest.mark.parametrize("head", HEADS)
def test_a_file_that_doesnt_come_is_a_finding(index: RunningIndex, head: str) -> None:
    code, out, _ = audited(index, "/packages/", head)
    (judged,) = json.loads(out)["names"]
    assert code == 11
    assert "can't be downloaded" in judged["files"][0]["form"][0]["found"]


@pytest.mark.parametrize("head", HEADS)
def test_an_owner_who_isnt_told_isnt_checked(index: RunningIndex, head: str) -> None:
    # Judging the file may take all the time that there is.
    code, out, _ = audited(index, f"/pypi/{TOOL}/", head, is_asked=False)
    (judged,) = json.loads(out)["names"]
    assert code == 11
    assert [(claim["target"], claim["verdict"]) for claim in judged["claims"]] == [(TOOL, "not-checked")]
