"""Whatever endpoints answer and wherever a survey is stopped: its limits hold, and every prompt gets its turn."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from namehold.evidence import Call, Cost, Prompt, Survey, make_calls
from namehold.evidence.chat import Reply, ReplyKind
from namehold.evidence.prompts import PromptKind
from namehold.portfolio import Probing
from namehold.portfolio.model import ProbedModel, ProbeEndpoint

_ENDPOINTS = tuple(
    ProbeEndpoint(
        url=f"https://models{number}.acme-robotics.dev/v1",
        models=tuple(ProbedModel(name=name, input_price=1.0, output_price=float(number + 1)) for name in "ab"),
    )
    for number in range(2)
)
_PROMPTS = tuple(
    Prompt(package=canonicalize_name("acme"), kind=PromptKind.HOW, language="en", text=f"How {number * 'x'}?")
    for number in range(3)
)
_CALLS = make_calls(_PROMPTS, Probing(endpoints=_ENDPOINTS, runs=3, answer_tokens=100))

_REPLIES = st.one_of(
    st.builds(
        Reply,
        kind=st.just(ReplyKind.ANSWERED),
        prompt_tokens=st.none() | st.integers(0, 200),
        answer_tokens=st.none() | st.integers(0, 100),
    ),
    st.builds(
        Reply,
        kind=st.sampled_from([ReplyKind.BUSY, ReplyKind.BROKEN, ReplyKind.REFUSED, ReplyKind.UNSENT, ReplyKind.LOCKED]),
        why=st.just("why"),
        retry_after_s=st.sampled_from([0.0, 3.0, 1000.0]),
    ),
)
#: How many calls may be under way, and what comes of each one after the other.
_WAYS = st.tuples(st.integers(1, 5), st.lists(_REPLIES, max_size=80))


def _go(survey: Survey, concurrency: int, replies: list[Reply]) -> tuple[list[Call], list[tuple[str, Reply | None]]]:
    """Makes calls until the replies are used up or the survey ends; the calls, and the record for another run."""
    under_way: list[Call] = []
    asked: list[Call] = []
    record: list[tuple[str, Reply | None]] = []
    now_s = 0.0
    while True:
        while len(under_way) < concurrency and (call := survey.start(now_s)) is not None:
            under_way.append(call)
            asked.append(call)
            worst = sum((each.worst for each in under_way), survey.spent)
            assert worst.fits(survey.limits)
        if not under_way:
            if survey.ending is not None:
                break
            assert survey.wait_s(now_s) > 0
            now_s += survey.wait_s(now_s)
            continue
        if not replies:
            break
        reply, call = replies.pop(), under_way.pop(0)
        survey.finish(call, reply, now_s)
        record += [] if reply.kind is ReplyKind.UNSENT else [(call.key, reply)]
        now_s += 0.1
    return asked, [*record, *((call.key, None) for call in under_way)]


@given(_WAYS, st.integers(0, 40), st.integers(0, 20_000))
def test_no_limit_is_passed_whatever_comes_back(way: tuple[int, list[Reply]], calls: int, tokens: int) -> None:
    limits = Cost(calls=calls, tokens=tokens, money=Decimal(tokens) / 1_000_000)
    survey = Survey(_CALLS, limits)
    _go(survey, way[0], way[1])
    assert survey.spent.fits(limits)


@given(_WAYS, _WAYS)
def test_a_run_that_was_killed_is_gone_on_with_and_counts_the_same(
    one: tuple[int, list[Reply]], other: tuple[int, list[Reply]]
) -> None:
    limits = Cost(calls=60, tokens=1_000_000, money=None)
    first = Survey(_CALLS, limits)
    _, record = _go(first, *one)
    second = Survey(_CALLS, limits, before=record)
    assert second.spent == sum((call.worst for call in first.under_way.values()), first.spent)
    assert set(second.answered) == set(first.answered)
    asked, _ = _go(second, *other)
    assert not {call.key for call in asked} & set(first.answered)
    assert second.spent.calls <= limits.calls


@given(st.integers(1, 5), st.integers(0, 40))
def test_every_prompt_of_every_model_has_its_turn(concurrency: int, answers: int) -> None:
    replies = [Reply(kind=ReplyKind.ANSWERED, prompt_tokens=1, answer_tokens=1)] * answers
    asked, _ = _go(Survey(_CALLS, Cost(calls=100, tokens=1_000_000, money=None)), concurrency, replies)
    times = Counter({(call.endpoint, call.model, call.prompt): 0 for call in _CALLS})
    times.update((call.endpoint, call.model, call.prompt) for call in asked)
    assert max(times.values()) - min(times.values()) <= 1
