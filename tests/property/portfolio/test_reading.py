"""Whatever a names.yaml holds: comments and order don't count, values do, and no file ends in anything but reasons."""

from __future__ import annotations

import datetime as dt
import io
import string
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it has no stubs of its own
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from tests.harness.names import LETTERS, dashed, word

from namehold.errors import ConfigError, Diagnostic
from namehold.names import normalize
from namehold.portfolio.model import Portfolio
from namehold.portfolio.read import json_schema, read_portfolio
from namehold.portfolio.rules import RULES
from namehold.portfolio.starter import make_starter
from namehold.portfolio.yaml import read_document
from namehold.text import find_hidden

_EXAMPLE = (Path(__file__).parents[3] / "names.yaml").read_text(encoding="utf-8")

_names = dashed(
    word(LETTERS, 9, shortest=3).filter(lambda head: head[0].isalpha() and not head.startswith(("my", "your"))),
    word(LETTERS, 6),
    2,
)
_words = word(string.ascii_letters, 12, shortest=3).map("Acme ".__add__)
_dates = st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1))


@st.composite
def _files(draw: st.DrawFn) -> dict[str, Any]:
    """The values of a sound names.yaml."""
    names = draw(st.lists(_names, min_size=6, max_size=12, unique=True))
    owned, listed = names[:3], names[3:]
    packages: list[Any] = [{"name": name, "published": draw(st.booleans())} for name in owned]
    packages[0] |= {"imports": [owned[0].replace("-", "_")], "commands": [listed[0]], "confirmed": [listed[0]]}
    return {
        "organization": {"name": draw(_words), "contact": "security@acme-robotics.dev", "legal_name": draw(_words)},
        "account": {"index": draw(st.sampled_from(["pypi", "testpypi"])), "username": "acme-reserve"},
        "packages": packages,
        "observed": [
            {"name": listed[1], "package": owned[1], "source": draw(_words), "date": draw(_dates), "count": 2}
        ],
        "always": [{"name": name, "package": owned[0], "reason": draw(_words)} for name in listed[2:]],
        "policy": {
            "name": draw(st.sampled_from(["cautious", "protective"])),
            "threshold": draw(st.floats(0, 1)),
            "routes": draw(st.dictionaries(st.sampled_from(["typo", "combo", "surface"]), st.just("watch"))),
            "answer_days": draw(st.integers(1, 90)),
        },
        "budget": {
            "total": draw(st.integers(0, 100)),
            "per_package": draw(st.integers(3, 10)),
            "floor": draw(st.integers(0, 3)),
        },
    }


def _shuffled(draw: st.DrawFn, value: Any) -> Any:
    """The same values with every mapping's keys in another order."""
    if isinstance(value, dict):
        return {key: _shuffled(draw, value[key]) for key in draw(st.permutations(list(value)))}
    return [_shuffled(draw, item) for item in value] if isinstance(value, list) else value


def _written(values: dict[str, Any]) -> str:
    return str(yaml.dump(values, Dumper=yaml.CSafeDumper, sort_keys=False))


def _written_by_another(value: Any, *, flow: bool | None) -> str:
    stream = io.StringIO()
    writer = YAML(typ="rt")  # the safe writer sorts keys
    writer.default_flow_style = flow
    writer.width = 10_000
    writer.dump(value, stream)
    return stream.getvalue()


def _digest(text: str) -> str:
    return read_portfolio(text.encode(), path="names.yaml").portfolio.digest


@settings(max_examples=30)
@given(data=st.data(), values=_files())
def test_comments_and_the_order_of_keys_leave_the_digest_alone(data: st.DataObject, values: dict[str, Any]) -> None:
    plain = _written(values)
    lines = _written(_shuffled(data.draw, values)).splitlines()  # type: ignore[arg-type]  # DataObject.draw is a DrawFn
    for position in data.draw(st.lists(st.integers(0, len(lines)), max_size=5)):
        lines.insert(position, data.draw(st.sampled_from(["# why: because", "", "   # indented", "#"])))
    assert _digest("\n".join(lines) + "\n") == _digest(plain)


@settings(max_examples=30)
@given(data=st.data(), values=_files())
def test_another_value_is_another_digest(data: st.DataObject, values: dict[str, Any]) -> None:
    before = _digest(_written(values))
    section, key, value = data.draw(
        st.sampled_from(
            [
                ("organization", "name", "Acme Submarines"),
                ("account", "username", "somebody-else"),
                ("policy", "candidates", 99),
                ("budget", "keep_slots", 1),
                ("budget", "per_day", 1),
            ]
        )
    )
    values[section] = {**values[section], key: value}
    assert _digest(_written(values)) != before


@cache
def _validator() -> Any:
    return jsonschema.Draft202012Validator(json_schema(), format_checker=jsonschema.FormatChecker())


@settings(max_examples=30)
@given(values=_files())
def test_what_namehold_takes_the_schema_takes_too(values: dict[str, Any]) -> None:
    read_portfolio(_written(values).encode(), path="")
    _validator().validate(_as_json(values))


def test_the_worked_example_fits_the_schema() -> None:
    validator = _validator()
    validator.check_schema(validator.schema)
    values = _as_json(YAML(typ="safe", pure=True).load(_EXAMPLE))
    validator.validate(values)
    assert not validator.is_valid(values | {"polcy": "cautious"})
    assert not validator.is_valid(values | {"budget": {"total": 101}})


def _as_json(value: Any) -> Any:
    """What an editor's YAML 1.2 core schema makes of a value: dates are texts."""
    if isinstance(value, dict):
        return {key: _as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_json(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def _read(content: bytes) -> tuple[Portfolio | None, tuple[Diagnostic, ...]]:
    try:
        return read_portfolio(content, path="names.yaml").portfolio, ()
    except ConfigError as error:
        return None, error.diagnostics()


def _check_reasons(content: bytes) -> None:
    """A file is read, or every reason has a known rule, a fix, and a place inside the file."""
    portfolio, reasons = _read(content)
    lines = content.decode("utf-8", errors="replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert (portfolio is None) == any(item.severity == "error" for item in reasons)
    for item in reasons:
        assert item.rule in RULES
        assert item.fix
        assert 1 <= (item.line or 0) <= len(lines)
        assert (item.column or 0) >= 1
        assert item.message.isprintable()


@given(content=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode(errors="surrogatepass")))
def test_any_bytes_are_a_portfolio_or_reasons(content: bytes) -> None:
    _check_reasons(content)


@given(data=st.data())
def test_a_damaged_example_is_a_portfolio_or_reasons(data: st.DataObject) -> None:
    text = _EXAMPLE
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 30)))
        text = text[:start] + data.draw(st.sampled_from(_DAMAGE) | st.text(max_size=5)) + text[end:]
    _check_reasons(text.encode(errors="surrogatepass"))


_texts = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=20).filter(
    # Refused with an error, never read as another value: these at the start of a bare text in brackets, and what can't
    # be seen.
    lambda text: not text.startswith((":", "?")) and not find_hidden(text)
)
_plain = st.recursive(
    _texts
    | st.sampled_from(
        ["yes", "010", "0o7", "1_0", "=", "~", "null", "1e5", ".inf", "2026-01-02", "- a", "a: b", "#", "|"]
    )
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False)
    | st.booleans()
    | _dates,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_texts.map("a".__add__), inner, max_size=4),
    max_leaves=12,
)


@given(values=st.dictionaries(_words, _plain, max_size=4), flow=st.sampled_from([True, False, None]))
def test_values_that_another_library_writes_are_read_as_they_were(values: dict[str, Any], flow: bool | None) -> None:
    document = read_document(_written_by_another(values, flow=flow).encode(), path="")
    assert (document.values, document.diagnostics) == (values, ())


@given(data=st.data())
def test_what_two_libraries_can_read_has_the_same_values_in_both(data: st.DataObject) -> None:
    text = "".join(
        data.draw(st.lists(st.sampled_from([*_DAMAGE, "a", "b: c\n", "  ", "- d\n", "0o7", ","]), max_size=12))
    )
    document = read_document(text.encode(), path="")
    try:
        values = YAML(typ="safe", pure=True).load(text)
    except (YAMLError, ValueError, LookupError, TypeError, AssertionError, Warning):
        return
    # Anything but a mapping is refused later. A key is text here; the other library makes `null` as a key None.
    if not document.diagnostics and isinstance(values, dict) and _are_keys_texts(values):
        assert document.values == values


def _are_keys_texts(value: object) -> bool:
    """Whether every key of every mapping in it is text."""
    if isinstance(value, dict):
        return all(isinstance(key, str) and _are_keys_texts(inner) for key, inner in value.items())
    return not isinstance(value, list) or all(map(_are_keys_texts, value))


_DAMAGE = [
    "",
    "\n",
    "\t",
    ": ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    "&a ",
    "*a",
    "!x ",
    "'",
    '"',
    "|\n",
    "? ",
    "null",
    "1",
    "#",
    "%",
    "\r",
]


@given(
    organization=st.text(min_size=1, max_size=40),
    packages=st.lists(st.text(st.characters(codec="ascii"), min_size=1, max_size=12), min_size=1, max_size=4),
    username=st.text(min_size=1, max_size=20),
)
def test_a_starter_quotes_whatever_it_is_given(organization: str, packages: list[str], username: str) -> None:
    text = make_starter(organization=organization, contact="security@acme.dev", username=username, packages=packages)
    portfolio, reasons = _read(text.encode())
    # The values may be refused as values, but the file around them stands.
    broken = {"config-yaml", "config-yaml-feature", "config-type", "config-unknown-key", "config-missing-key"}
    assert not broken.intersection(item.rule for item in reasons)
    if portfolio is not None:
        assert portfolio.organization.name == organization
        assert portfolio.account.username == username
        assert [package.spelled for package in portfolio.packages] == packages
        assert [package.name for package in portfolio.packages] == [normalize(name) for name in packages]
