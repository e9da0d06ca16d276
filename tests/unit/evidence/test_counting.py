"""What answers become as evidence: which names, for which package, counted how."""

from __future__ import annotations

import pytest
from packaging.utils import canonicalize_name
from tests.harness.values import snapshot

from namehold.evidence import Answer, NameVerdict, count_names, find_package, judge_names, read_transcripts
from namehold.portfolio import Observation, Portfolio, find_text_fault, read_portfolio

_NAMES = b"""\
organization: {name: Acme Robotics, contact: "https://acme-robotics.dev/security"}
account: {index: pypi, username: acme-reserve}
packages: [acme-tool, acme-tool-kit, gripwright]
internal: [acme-payroll]
"""


@pytest.fixture
def portfolio() -> Portfolio:
    return read_portfolio(_NAMES, path="names.yaml").portfolio


def answer(text: str, **values: object) -> Answer:
    given = {"model": "m1", "date": "2026-11-28", "prompt": "How do I use gripwright?", **values}
    return Answer(text=text, **given)  # type: ignore[arg-type]  # the fields of an answer, as the tests give them


def observed(portfolio: Portfolio, *answers: Answer, listed: tuple[str, ...] = ("requests",)) -> list[Observation]:
    return list(count_names(answers, portfolio, view=snapshot(*listed)).observations)


def test_a_long_name_of_a_model_is_cut_to_what_evidence_may_hold(portfolio: Portfolio) -> None:
    # Cut in the middle of an emoji of several characters, it would end with one that doesn't show.
    for length in range(180, 200):
        (item,) = observed(portfolio, answer("pip install gripwright-x", model="m" * length + "👨‍👩‍👧" * 9))
        assert find_text_fault(("observed", "source"), item.source) == ""


@pytest.mark.parametrize(
    ("values", "package"),
    [
        ({"package": "Acme_Tool"}, "acme-tool"),
        ({"package": "acme-gone"}, None),
        ({"prompt": "How do I use Acme Tool Kit?"}, "acme-tool-kit"),
        ({"prompt": "How do I use acme-tool with gripwright?"}, None),
        ({"prompt": "How do I grip?"}, None),
        ({"prompt": ""}, None),
    ],
)
def test_an_answer_is_about_the_package_that_was_asked_about(
    portfolio: Portfolio, values: dict[str, str], package: str | None
) -> None:
    found = observed(portfolio, answer("pip install turbo-invented", **values))
    assert [item.package for item in found] == ([package] if package else [])


def test_a_name_that_holds_a_packages_name_is_about_it_whatever_was_asked(portfolio: Portfolio) -> None:
    found = observed(portfolio, answer("pip install acme-tool-kit-cli", prompt="How do I grip?"))
    assert [item.package for item in found] == ["acme-tool-kit"]
    assert find_package(canonicalize_name("python-gripwright-x"), portfolio) == "gripwright"
    assert find_package(canonicalize_name("acme-tool-gripwright"), portfolio) is None
    assert find_package(canonicalize_name("acme"), portfolio) is None


@pytest.mark.parametrize("values", [{"model": ""}, {"date": ""}, {"date": "yesterday"}])
def test_an_answer_without_its_model_or_date_is_no_evidence(portfolio: Portfolio, values: dict[str, str]) -> None:
    assert observed(portfolio, answer("pip install gripwright-pump", **values)) == []


def test_answers_runs_and_prompts_are_counted_for_each_model(portfolio: Portfolio) -> None:
    told, other = "pip install gripwright-pump", "pip install requests"
    answers = [
        answer(told, run=0, prompt="How do I use gripwright?", date="2026-11-26T10:00:00Z"),
        answer(told, run=1, prompt="How do I use gripwright?", date="2026-11-27"),
        answer(other, run=2, prompt="How do I use gripwright?"),
        answer(told, run=0, prompt="What is gripwright?"),
        answer(other, run=1, prompt="Why gripwright?"),
        answer(told, run=0, model="m2"),
    ]
    one, two = observed(portfolio, *answers)
    assert (one.source, one.count, one.of, str(one.date)) == ("model m1", 3, 5, "2026-11-28")
    assert (one.runs, one.of_runs, one.prompts, one.of_prompts) == (2, 3, 2, 3)
    assert (two.source, two.count, two.of, two.runs, two.of_runs) == ("model m2", 1, 1, 1, 1)


def test_what_is_not_known_is_not_counted(portfolio: Portfolio) -> None:
    (found,) = observed(portfolio, answer("pip install gripwright-pump", prompt="", package="gripwright"))
    assert (found.runs, found.of_runs, found.prompts, found.of_prompts) == (None, None, None, None)


def test_only_what_a_complete_list_lacks_is_invented(portfolio: Portfolio) -> None:
    names = {canonicalize_name(text) for text in ("acme-payroll", "requests", "re-quests", "os", "gripwright-pump")}
    complete = judge_names(names, portfolio, view=snapshot("requests"))
    assert {name for name, verdict in complete.items() if verdict is NameVerdict.INVENTED} == {"gripwright-pump"}
    assert complete[canonicalize_name("re-quests")] is NameVerdict.REFUSED
    for view in (None, snapshot("requests", complete=False)):
        assert NameVerdict.INVENTED not in judge_names(names, portfolio, view=view).values()
        assert count_names([answer("pip install gripwright-pump")], portfolio, view=view).observations == ()


def test_the_record_of_calls_is_read_as_answers() -> None:
    lines = (
        b'{"event":"asked","call":"a"}\n'
        b'{"event":"answered","call":"a","text":"pip install x","model":"m","run":2,"package":"p","finish":"length"}\n'
        b'{"event":"missed","call":"b","why":"it answered 503"}\n'
        b'{"text":"y","run":true}\n'
    )
    one, two = read_transcripts(lines, path="probe.jsonl")
    assert (one.text, one.run, one.package, one.finish) == ("pip install x", 2, "p", "length")
    assert (two.text, two.run) == ("y", None)
