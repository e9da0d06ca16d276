"""Which call is next, what it may cost, and how a survey ends."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest
from packaging.utils import canonicalize_name

from namehold.evidence import Call, Cost, Ending, Prompt, Survey, find_limits, make_calls
from namehold.evidence.chat import Reply, ReplyKind
from namehold.evidence.prompts import PromptKind
from namehold.portfolio import Probing
from namehold.portfolio.model import ProbedModel, ProbeEndpoint

HERE, THERE = "http://127.0.0.1:1/v1", "http://127.0.0.1:2/v1"


def prompt(number: int) -> Prompt:
    return Prompt(package=canonicalize_name("acme"), kind=PromptKind.HOW, language="en", text=f"How {number}?")


def probing(*endpoints: ProbeEndpoint, runs: int = 2, **limits: float) -> Probing:
    places = endpoints or (ProbeEndpoint(url=HERE, models=(ProbedModel(name="a"), ProbedModel(name="b"))),)
    return Probing(endpoints=places, runs=runs, answer_tokens=100, **limits)  # type: ignore[arg-type]  # limits as given


def made(number: int = 3, way: Probing | None = None) -> tuple[Call, ...]:
    return make_calls([prompt(each) for each in range(number)], way or probing())


def survey(calls: tuple[Call, ...], **limits: int) -> Survey:
    return Survey(calls, find_limits(calls, probing(), **limits))


ANSWER = Reply(kind=ReplyKind.ANSWERED, text="x", prompt_tokens=10, answer_tokens=20)
BUSY = Reply(kind=ReplyKind.BUSY, why="it answered 503")
BROKEN = Reply(kind=ReplyKind.BROKEN, why="it answered with a page in HTML")
REFUSED = Reply(kind=ReplyKind.REFUSED, why="it answered 400")


def run(todo: Survey, reply: Reply = ANSWER, most: int = 1000) -> list[Call]:
    """Makes one call after the other."""
    asked: list[Call] = []
    now_s = 0.0
    while len(asked) < most:
        call = todo.start(now_s)
        if call is None:
            if todo.ending is not None:
                break
            now_s += todo.wait_s(now_s)
            continue
        asked.append(call)
        todo.finish(call, reply, now_s)
    return asked


def test_each_prompt_goes_to_each_model_before_any_is_asked_again() -> None:
    calls = made()
    asked = run(survey(calls))
    assert asked == list(calls)
    assert [(call.prompt.text, call.model) for call in asked[:3]] == [("How 0?", "a"), ("How 0?", "b"), ("How 1?", "a")]
    assert {call.run for call in asked[:6]} == {0}


@pytest.mark.parametrize("most", range(13))
def test_a_stopped_survey_has_asked_each_k_or_k_plus_one_times(most: int) -> None:
    calls = made()
    times = Counter({(call.prompt.text, call.model): 0 for call in calls})
    times.update((call.prompt.text, call.model) for call in run(survey(calls), most=most))
    assert max(times.values()) - min(times.values()) <= 1


def test_a_paused_endpoint_is_waited_for_before_the_next_round() -> None:
    way = probing(*(ProbeEndpoint(url=url, models=(ProbedModel(name="a"),)) for url in (HERE, THERE)))
    todo = survey(made(2, way))
    first = todo.start(0.0)
    assert first is not None
    todo.finish(first, BUSY, 0.0)
    rest = [todo.start(0.1) for _ in range(3)]
    assert [call.endpoint for call in rest if call is not None] == [THERE, THERE]
    assert todo.wait_s(0.1) > 0
    assert todo.start(2.0) == first


def test_calls_under_way_are_counted_with_their_worst_case() -> None:
    calls = made()
    worst = calls[0].worst.tokens
    todo = Survey(calls, Cost(calls=100, tokens=2 * worst, money=None))
    one, two = todo.start(0.0), todo.start(0.0)
    assert one is not None
    assert two is not None
    assert todo.start(0.0) is None
    assert todo.ending is None
    todo.finish(one, ANSWER, 0.0)
    assert todo.start(0.0) is None  # 30 tokens spent and one worst case under way leave less than another worst case
    todo.finish(two, ANSWER, 0.0)
    assert todo.start(0.0) is not None


def test_money_is_a_limit_like_the_others() -> None:
    model = ProbedModel(name="a", input_price=1.0, output_price=10.0)
    way = probing(ProbeEndpoint(url="https://models.acme-robotics.dev/v1", models=(model,)), most_money=0.003)
    calls = made(9, way)
    limits = find_limits(calls, way)
    todo = Survey(calls, limits)
    asked = run(todo, Reply(kind=ReplyKind.ANSWERED, text="x"))  # it doesn't say what it billed
    assert limits.money == Decimal("0.003")
    assert todo.ending is Ending.LIMIT
    assert 0 < len(asked) < len(calls)
    assert todo.spent.money is not None
    assert todo.spent.money + calls[0].worst.money > limits.money >= todo.spent.money  # type: ignore[operator]  # has prices


def test_a_model_elsewhere_without_a_price_has_no_cost_in_money() -> None:
    way = probing(ProbeEndpoint(url="https://models.acme-robotics.dev/v1", models=(ProbedModel(name="a"),)))
    assert find_limits(made(1, way), way).money is None
    assert find_limits(made(1), probing()).money == 0


def test_most_calls_counts_every_call_that_left() -> None:
    calls = made()
    todo = survey(calls, most_calls=5)
    assert len(run(todo, BUSY)) == 5
    assert (todo.ending, todo.spent.calls, todo.spent.tokens) == (Ending.LIMIT, 5, 0)


def test_no_more_calls_fail_than_the_limit_lets_through() -> None:
    todo, now_s = survey(made(), most_calls=2), 0.0
    while todo.ending is None:
        call = todo.start(now_s)
        assert call is not None
        todo.finish(call, Reply(kind=ReplyKind.UNSENT, why="it can't be reached"), now_s)
        now_s += todo.wait_s(now_s)
    assert (todo.ending, len(todo.failed), todo.left, todo.spent.calls) == (Ending.FAILED, 2, 10, 0)


def test_a_call_that_never_left_costs_nothing() -> None:
    todo = survey(made())
    call = todo.start(0.0)
    assert call is not None
    todo.finish(call, Reply(kind=ReplyKind.UNSENT, why="it can't be reached"), 0.0)
    assert todo.spent == Cost()
    assert todo.start(1.0) == call


@pytest.mark.parametrize("billed", [{"answer_tokens": 101}, {"prompt_tokens": 100_000}])
def test_an_endpoint_that_bills_more_than_was_asked_ends_the_survey(billed: dict[str, int]) -> None:
    todo = survey(made())
    call, other = todo.start(0.0), todo.start(0.0)
    assert call is not None
    assert other is not None
    reply = Reply(kind=ReplyKind.ANSWERED, text="x", **billed)  # type: ignore[arg-type]  # figures as given
    todo.finish(call, reply, 0.0)
    assert todo.start(0.0) is None
    assert todo.under_way
    todo.finish(other, ANSWER, 0.0)
    assert todo.ending is Ending.EXCESS
    assert "billed" in todo.excess
    again = Survey(made(), find_limits(made(), probing()), before=[(call.key, reply)])
    assert (again.start(0.0), again.ending) == (None, Ending.EXCESS)


def test_what_is_busy_is_left_alone_longer_each_time_and_then_given_up() -> None:
    todo, waits, now_s = survey(made()), [], 0.0
    while todo.ending is None:
        call = todo.start(now_s)
        assert call is not None
        todo.finish(call, BUSY, now_s)
        waits.append(todo.wait_s(now_s))
        now_s += waits[-1]
    assert waits[:6] == [1, 2, 4, 8, 16, 30]
    assert todo.ending is Ending.FAILED
    assert len(todo.failed) == 12


def test_an_endpoint_is_asked_by_one_call_until_it_is_back() -> None:
    todo = survey(made())
    under_way = [todo.start(0.0) for _ in range(4)]
    for call in under_way:
        assert call is not None
        todo.finish(call, BUSY, 0.5)
    assert todo.wait_s(0.5) == 1.0  # four calls that were under way are one pause
    one = todo.start(2.0)
    assert one is not None
    assert todo.start(2.0) is None
    todo.finish(one, ANSWER, 2.1)
    assert todo.start(2.1) is not None
    assert todo.start(2.1) is not None


def test_an_endpoint_that_is_not_there_is_given_up_sooner() -> None:
    todo = survey(made())
    assert len(run(todo, Reply(kind=ReplyKind.UNSENT, why="it can't be reached"))) == 4
    assert (todo.ending, todo.spent) == (Ending.FAILED, Cost())


@pytest.mark.parametrize(("asked_s", "wait_s"), [(0.0, 1.0), (42.0, 42.0)])
def test_a_wait_that_is_asked_for_is_kept(asked_s: float, wait_s: float) -> None:
    todo = survey(made())
    call = todo.start(0.0)
    assert call is not None
    todo.finish(call, Reply(kind=ReplyKind.BUSY, why="it answered 429", retry_after_s=asked_s), 0.0)
    assert todo.wait_s(0.0) == wait_s


def test_an_endpoint_that_wants_us_back_tomorrow_is_given_up_for_now() -> None:
    todo = survey(made())
    call = todo.start(0.0)
    assert call is not None
    todo.finish(call, Reply(kind=ReplyKind.BUSY, why="it answered 429", retry_after_s=86_400), 0.0)
    assert todo.ending is Ending.FAILED
    assert set(todo.failed.values()) == {"it answered 429, and wants us back in 24 hours"}


def test_a_call_without_an_answer_is_made_three_times_and_a_refused_one_once() -> None:
    calls = made(1, probing(runs=1))[:1]
    assert len(run(Survey(calls, find_limits(calls, probing())), BROKEN)) == 3
    assert len(run(Survey(calls, find_limits(calls, probing())), REFUSED)) == 1


def test_three_failures_in_a_row_end_the_questions_to_a_model_and_to_no_other() -> None:
    todo, asked = survey(made(9)), Counter[str]()
    while (call := todo.start(0.0)) is not None:
        asked[call.model] += 1
        todo.finish(call, REFUSED if call.model == "a" else ANSWER, 0.0)
    assert asked == {"a": 3, "b": 18}
    assert todo.ending is Ending.FAILED
    assert len(todo.failed) == 18


def test_a_wrong_key_ends_the_questions_to_its_endpoint_at_once() -> None:
    todo = survey(made())
    assert len(run(todo, Reply(kind=ReplyKind.LOCKED, why="it answered 401"))) == 1
    assert len(todo.failed) == 12


def test_an_earlier_run_is_gone_on_with() -> None:
    calls = made()
    before = [(calls[0].key, ANSWER), (calls[1].key, None), (calls[2].key, BROKEN), ("sha256:another", ANSWER)]
    todo = Survey(calls, find_limits(calls, probing()), before=before)
    assert (todo.left, len(todo.answered), todo.spent.calls) == (11, 1, 3)
    assert todo.spent.tokens == 30 + 2 * calls[1].worst.tokens
    assert run(todo) == list(calls[1:])
    assert todo.ending is Ending.DONE


def test_more_runs_of_the_same_survey_keep_its_answers() -> None:
    few, more = made(2, probing(runs=1)), made(2, probing(runs=3))
    todo = Survey(more, find_limits(more, probing()), before=[(call.key, ANSWER) for call in few])
    assert todo.left == len(more) - len(few)


def test_without_a_limit_in_calls_there_are_some_to_spare() -> None:
    assert find_limits(made(3), probing()).calls == 12 + 20
    assert find_limits(made(100), probing()).calls == 400 + 100
    assert find_limits(made(3), probing(most_calls=7)).calls == 7
    assert find_limits(made(3), probing(most_calls=7), most_calls=9).calls == 9
