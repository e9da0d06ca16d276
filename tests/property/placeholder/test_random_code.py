"""No program made of the parts of a placeholder's code passes, unless it is one of the bundled modules."""

from __future__ import annotations

import ast
import textwrap
from functools import cache

from hypothesis import given
from hypothesis import strategies as st
from tests.harness.values import PROFILE, action, full_portfolio

from namehold.placeholder.render import Templates
from namehold.placeholder.shape import find_code_faults
from namehold.portfolio.model import Mode

NAMES = st.sampled_from(["NOTICE", "print", "warnings", "__name__", "ImportError", "SystemExit", "posix"])
ATTRIBUTES = st.sampled_from(["warn", "sys", "system", "modules", "get", "__self__"])
KEYWORDS = st.sampled_from(["", "name=", "stacklevel=", "sep="])
EXPRESSIONS = st.recursive(
    st.one_of(NAMES, st.sampled_from(["''", "'__main__'", "'posix'", "2", "None", "f'{1}'"])),
    lambda inner: st.one_of(
        st.builds("({}).{}".format, inner, ATTRIBUTES),
        st.builds("({})({}{})".format, inner, KEYWORDS, inner),
        st.builds("({} == {})".format, inner, inner),
        st.builds("({} != {})".format, inner, inner),
    ),
    max_leaves=5,
)
HOOKS = st.sampled_from(["build_wheel", "build_sdist", "get_requires_for_build_wheel", "print"])
PARAMETERS = st.sampled_from(["", "print", "config_settings=None", "wheel_directory, config_settings=None"])


@cache
def modules() -> tuple[str, ...]:
    """The bundled modules as they are rendered."""
    trees = [Templates(None, PROFILE).render(action(mode=mode), full_portfolio()) for mode in Mode]
    return tuple(file.text for tree in trees for file in tree.files if file.path.endswith(".py"))


@cache
def parts() -> tuple[str, ...]:
    """Their statements."""
    return tuple(ast.unparse(statement) for text in modules() for statement in ast.parse(text).body)


STATEMENTS = st.recursive(
    st.one_of(
        st.builds("{} = {}".format, NAMES, EXPRESSIONS),
        EXPRESSIONS,
        EXPRESSIONS.map("raise {}".format),
        st.sampled_from(["import warnings", "import warnings as print", "pass", "del print"]),
        st.deferred(lambda: st.sampled_from(parts())),
    ),
    lambda inner: st.one_of(
        st.builds(
            lambda test, yes, no: f"if {test}:\n{indented(yes)}\nelse:\n{indented(no)}", EXPRESSIONS, inner, inner
        ),
        st.builds(lambda name, given, body: f"def {name}({given}):\n{indented(body)}", HOOKS, PARAMETERS, inner),
    ),
    max_leaves=4,
)


def indented(text: str) -> str:
    return textwrap.indent(text, "    ")


@st.composite
def changed(draw: st.DrawFn) -> str:
    """A bundled module with statements taken out, put in or written twice."""
    body = [ast.unparse(statement) for statement in ast.parse(draw(st.sampled_from(modules()))).body]
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(body)))
        body[at : at + draw(st.integers(0, 1))] = draw(st.lists(STATEMENTS, max_size=1))
    return "\n".join(body)


def plain(source: str) -> str:
    """Source without a docstring and without the words of NOTICE; nothing else of it may differ."""
    body = ast.parse(source).body
    texts = [ast.unparse(statement) for statement in body]
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        texts = texts[1:] if isinstance(body[0].value.value, str) else texts
    return "\n".join("NOTICE = 'n'" if is_text(text) else text for text in texts)


@cache
def bundled() -> frozenset[str]:
    return frozenset(map(plain, modules()))


def is_text(statement: str) -> bool:
    name, _, value = statement.partition(" = ")
    if name != "NOTICE":
        return False
    try:
        return isinstance(ast.literal_eval(value), str)
    except (SyntaxError, ValueError):
        return False


@given(st.one_of(changed(), st.lists(STATEMENTS, max_size=6).map("\n".join)))
def test_whatever_differs_from_the_bundled_modules_is_refused(source: str) -> None:
    is_bundled = plain(source) in bundled()
    assert (find_code_faults(source, path="m.py", mode=None) == ()) is is_bundled
