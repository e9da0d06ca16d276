from __future__ import annotations

import ast
from pathlib import Path

import pytest
from packaging.requirements import InvalidRequirement, Requirement

from namehold.index.rules.requirements import parse_requirement, read_requirement

_SOURCE = Path(__file__).parents[4] / "src"
#: packaging's readers that go into themselves: it reads a marker's parentheses by recursion.
_READERS = {"Requirement", "Marker"}


def nest(depth: int) -> str:
    return "a; " + "(" * depth + "os_name == 'a'" + ")" * depth


def test_a_requirement_is_read() -> None:
    text = "acme-tool[cli]>=1; (os_name == 'a' and (python_version > '3' or extra == 'b'))"
    assert read_requirement(text) == Requirement(text)
    assert read_requirement(nest(20)) == Requirement(nest(20))


@pytest.mark.parametrize(
    "text", ["", "no requirement!", "a; (", nest(21), nest(493), nest(900), "a; " + "(" * 1900, "a" * 2001]
)
def test_what_is_none_or_beyond_the_limits_is_refused_in_one_way(text: str) -> None:
    assert read_requirement(text) is None
    with pytest.raises(InvalidRequirement):
        parse_requirement(text)


def test_no_other_module_reads_requirements_by_itself() -> None:
    readers = {
        path.relative_to(_SOURCE).as_posix()
        for path in _SOURCE.rglob("*.py")
        for text in [path.read_text(encoding="utf-8")]
        if any(reader in text for reader in _READERS)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and _called(node.func) in _READERS
    }
    assert readers == {"namehold/index/rules/requirements.py"}


def _called(function: ast.expr) -> str:
    """The last part of the name that is called: 'b' of `a.b()`."""
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
