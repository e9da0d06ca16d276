"""What a run says: what is new since the last one, which reviews are due."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from packaging.utils import NormalizedName

from namehold import documents
from namehold.errors import ExitCode, InputError
from namehold.ledger.model import HeldName, Holdings
from namehold.portfolio.model import Mode, Policy
from namehold.publish.run import RunItem, RunResult, find_news, find_reviews_due
from namehold.upkeep.drift import Drift

NOW = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)


def item(name: str, rule: str) -> RunItem:
    return RunItem(name=NormalizedName(name), target=NormalizedName("acme-tool"), rule=rule, text=f"{rule} text")


def result(**values: object) -> RunResult:
    empty: dict[str, object] = dict.fromkeys(
        ("undecided", "reviews_due", "done", "failed", "skipped", "waiting", "drift", "diagnostics"), ()
    )
    rest = {
        "index": "trial", "organization": "Acme Robotics", "time": NOW, "action_digest": "sha256:1", "stopped": None,
        "next_slot": None, "is_narrowed": None, "held": 0, "head": "", "exit_code": ExitCode.DONE,
    }  # fmt: skip
    return RunResult(**(empty | rest | values))  # type: ignore[arg-type]  # a test names single fields


def held(name: str, since: dt.datetime) -> HeldName:
    return HeldName(
        name=NormalizedName(name), target=NormalizedName("acme-tool"), mode=Mode.REDIRECT, version="0.0.1",
        since=since, files=(), action_digest="",
    )  # fmt: skip


def test_everything_is_new_the_first_time() -> None:
    now = result(waiting=(item("acme-tol", "approval"),))
    assert find_news(now, None) == now


def test_what_the_last_run_said_is_not_said_again_until_it_changes() -> None:
    last = result(waiting=(item("acme-tol", "approval"), item("acme-too", "slot")))
    now = result(waiting=(item("acme-tol", "slot"), item("acme-too", "slot")), done=(item("acme-tools", "held"),))
    news = find_news(now, last)
    assert [(found.name, found.rule) for found in news.waiting] == [("acme-tol", "slot")]
    assert [found.name for found in news.done] == ["acme-tools"]


def test_findings_are_told_once_and_names_taken_away_every_time() -> None:
    drift = Drift(rule="drift-file-added", name=NormalizedName("acme-tol"), text="more files", fix="look")
    last = result(drift=(drift,), undecided=(NormalizedName("acme-too"),))
    news = find_news(replace(last, time=NOW + dt.timedelta(days=1)), last)
    assert news.drift == ()
    assert news.undecided == ("acme-too",)


def test_a_result_reads_back_as_it_was_written() -> None:
    written = result(failed=(item("acme-tol", "lost-race"),), exit_code=ExitCode.PARTLY_FAILED, next_slot=NOW)
    assert documents.load("run", RunResult, documents.dump("run", written), path="last-run.json") == written


def test_reviews_are_due_late_in_the_next_year_or_when_the_policy_says() -> None:
    holdings = Holdings(held=(held("acme-tol", NOW), held("acme-too", NOW.replace(year=2025))))
    last_day = dt.date(2026, 12, 31)
    assert find_reviews_due(holdings, Policy(), today=last_day - dt.timedelta(days=1)) == ()
    assert [found.name for found in find_reviews_due(holdings, Policy(), today=last_day)] == ["acme-too"]
    sooner = Policy(review_date=dt.date(2026, 6, 1))
    assert len(find_reviews_due(holdings, sooner, today=dt.date(2026, 6, 1))) == 2


def test_a_review_stays_due_until_it_is_recorded() -> None:
    first = held("acme-tol", NOW.replace(year=2025))
    years_later = dt.date(2031, 1, 1)
    assert find_reviews_due(Holdings(held=(first,)), Policy(), today=years_later)[0].date == dt.date(2026, 12, 31)
    due = find_reviews_due(Holdings(held=(first,)), Policy(), today=dt.date(2027, 1, 2))
    assert find_news(result(reviews_due=due), result(reviews_due=due)).reviews_due == due
    done = first.changed(reviewed=dt.datetime(2027, 1, 2, tzinfo=dt.UTC))
    for policy in (Policy(), Policy(review_date=dt.date(2026, 6, 1))):
        assert find_reviews_due(Holdings(held=(done,)), policy, today=dt.date(2028, 12, 30)) == ()
        assert find_reviews_due(Holdings(held=(done,)), policy, today=dt.date(2028, 12, 31))
    assert find_reviews_due(
        Holdings(held=(done,)), Policy(review_date=dt.date(2027, 3, 1)), today=dt.date(2027, 3, 1)
    ), "the policy's next day"


@pytest.mark.parametrize("text", ["[" * 100_000, '{"schema": ' + "1" * 10_000 + "}"], ids=["deep", "long"])
def test_a_document_that_python_cant_read_is_refused_like_any_other(text: str) -> None:
    with pytest.raises(InputError, match="can't be read"):
        documents.load("run", RunResult, text, path="last-run.json")
