"""One name after the other is asked about: a page that fails is about its name, an index that fails about all."""

from __future__ import annotations

import pytest
from packaging.utils import NormalizedName

from namehold.errors import IndexBusy, IndexError_
from namehold.index.each import ask_each


def asked(answers: str, *, has_answered: bool = False) -> list[str]:
    """What is told of each name; a name that is `-` has no answer."""

    def ask(name: NormalizedName) -> str:
        if name.startswith("-"):
            raise IndexError_("no answer")
        return name

    names = [NormalizedName(each) for each in answers.split()]
    return list(ask_each(names, ask, leave_out=lambda _, error: error.message, has_answered=has_answered))


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ("", []),
        ("a b", ["a", "b"]),
        ("- b", ["no answer", "b"]),
        ("a -", ["a", "no answer"]),
        ("- - c - - f", ["no answer", "no answer", "c", "no answer", "no answer", "f"]),
    ],
)
def test_a_name_without_an_answer_is_left_out(answers: str, told: list[str]) -> None:
    assert asked(answers) == told


@pytest.mark.parametrize("answers", ["-", "- -", "a - - - e"])
def test_without_an_answer_to_all_or_three_in_a_row_the_index_is_unreachable(answers: str) -> None:
    with pytest.raises(IndexError_):
        asked(answers)


def test_an_index_that_has_answered_before_is_unreachable_after_three_in_a_row_only() -> None:
    assert asked("- -", has_answered=True) == ["no answer", "no answer"]
    with pytest.raises(IndexError_):
        asked("- - -", has_answered=True)


def test_a_busy_index_is_asked_no_further() -> None:
    def ask(name: NormalizedName) -> str:
        if name == "b":
            raise IndexBusy("it answered 429")
        return name

    found = ask_each([*map(NormalizedName, "abc")], ask, leave_out=lambda _, error: error.message)
    assert next(found) == "a"
    with pytest.raises(IndexBusy):
        next(found)
