"""The same inputs on every run: however valid ones are changed, each parser answers or refuses in our own words."""

from __future__ import annotations

from random import Random

import pytest

from tests.fuzz.parsers import PARSERS

#: `make fuzz-parsers` tries as many as the minutes allow, and new ones each time.
INPUTS = 150


@pytest.mark.parametrize("name", PARSERS)
def test_valid_inputs_are_read(name: str) -> None:
    parser = PARSERS[name]
    for label, content in parser.seeds():
        parser.judge(label, content)


@pytest.mark.parametrize("name", PARSERS)
def test_changed_inputs_are_read_or_refused(name: str) -> None:
    parser = PARSERS[name]
    for number in range(INPUTS):
        parser.judge(*parser.make(Random(f"{name}:0:{number}")))  # noqa: S311 -- inputs, no secret


def test_an_input_is_made_again_from_its_number() -> None:
    for name, parser in PARSERS.items():
        first, again = (parser.make(Random(f"{name}:1:2")) for _ in range(2))  # noqa: S311 -- inputs, no secret
        assert first == again
