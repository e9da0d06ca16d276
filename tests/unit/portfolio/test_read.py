"""names.yaml: what it says, and everything that is wrong with it at once."""

from __future__ import annotations

import datetime as dt
import json
import re
from functools import partial
from pathlib import Path

import pytest

from namehold.errors import ConfigError, Diagnostic, ExitCode
from namehold.portfolio import yaml
from namehold.portfolio.model import InternalName, Mode, PolicyName, Route
from namehold.portfolio.packages import NameClass, SurfaceKind
from namehold.portfolio.read import json_schema, load_portfolio, read_portfolio, require_complete
from namehold.portfolio.rules import RULES
from namehold.portfolio.starter import make_starter

_ROOT = Path(__file__).parents[3]

MINIMAL = """\
organization:
  name: Acme Robotics
  contact: https://acme-robotics.dev/security
account: {index: pypi, username: acme-reserve}
packages: [acme-tool]
"""


def _reasons(text: str | bytes) -> tuple[Diagnostic, ...]:
    content = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(ConfigError) as caught:
        read_portfolio(content, path="names.yaml")
    assert caught.value.exit_code is ExitCode.INVALID_INPUT
    return caught.value.diagnostics()


def _warnings(text: str) -> tuple[Diagnostic, ...]:
    return read_portfolio(text.encode(), path="names.yaml").warnings


# --------------------------------------------------------------------------- what a file says


def test_one_package_needs_five_lines() -> None:
    assert len(MINIMAL.splitlines()) == 5
    loaded = read_portfolio(MINIMAL.encode(), path="names.yaml")
    assert loaded.warnings == ()
    portfolio = loaded.portfolio
    assert [package.name for package in portfolio.packages] == ["acme-tool"]
    assert portfolio.policy.name is PolicyName.CAUTIOUS
    assert (portfolio.budget.total, portfolio.budget.per_package, portfolio.budget.floor) == (10, 3, 1)
    assert (portfolio.budget.per_day, portfolio.budget.keep_slots) == (None, 0)
    assert not portfolio.publishing.enabled
    assert not portfolio.demo


def test_every_key_reaches_the_portfolio(tmp_path: Path) -> None:
    path = tmp_path / "names.yaml"
    path.write_text(
        """\
organization:
  name: Acme Robotics
  legal_name: Acme Robotics Ltd
  homepage: https://acme-robotics.dev/
  contact: security@acme-robotics.dev
  policy_page: https://acme-robotics.dev/names
  index_organization: acme
account:
  index: warehouse
  username: acme-reserve
  holders: [acme-release]
packages:
  - name: Acme_Tool
    imports: [acme_tool, {value: acme.tool, source: a wheel, date: 2026-01-02}]
    commands: [acmectl]
    aliases: [acmetool-py]
    former: [old-acme]
    companions: [numpy, acme-sdk]
    confirmed: [acmectl]
  - name: acme-sdk
    published: false
internal: [acme-payroll, {name: acme-secrets, ask: refuse}, {name: acme-keys, ask: request}]
future: [Acme.Next]
observed:
  - {name: acme-client, package: acme-tool, source: survey, date: 2026-02-03, count: 3, of: 50, link: "https://s.dev/1"}
always:
  - {name: acme-toool, package: acme-tool, reason: support sees it weekly, route: reserve, mode: signpost}
never:
  - acme-fans
  - {name: acme-club, reason: it is theirs}
namespaces: [{prefix: acmeverse, since: 2026-03-04}]
look_alikes: [{name: acme-tol, package: acme-tool, date: 2026-04-05, note: same readme}]
policy:
  name: protective
  threshold: 0.5
  routes: {typo: watch, surface: request}
  modes: {observed: redirect}
  review_date: 2027-06-30
  answer_days: 7
  candidates: 40
  templates: house
budget: {total: 20, per_package: 4, floor: 2, per_day: 2, keep_slots: 1}
publishing: {enabled: true, announced: 2026-05-06}
index:
  upload: http://127.0.0.1:3141/legacy/
  simple: http://127.0.0.1:3141/simple/
  json: http://127.0.0.1:3141/pypi/
  ownership: attested
""",
        encoding="utf-8",
    )
    portfolio = load_portfolio(path).portfolio

    assert portfolio.organization.index_organization == "acme"
    assert portfolio.account.holders == ("acme-release",)
    tool = portfolio.packages[0]
    assert (tool.name, tool.spelled) == ("acme-tool", "Acme_Tool")
    assert [(item.kind, item.value, item.source, item.date) for item in tool.surfaces] == [
        (SurfaceKind.IMPORT, "acme_tool", "names.yaml", None),
        (SurfaceKind.IMPORT, "acme.tool", "a wheel", dt.date(2026, 1, 2)),
        (SurfaceKind.COMMAND, "acmectl", "names.yaml", None),
        (SurfaceKind.ALIAS, "acmetool-py", "names.yaml", None),
        (SurfaceKind.FORMER, "old-acme", "names.yaml", None),
    ]
    assert tool.companions == ("numpy", "acme-sdk")
    assert tool.confirmed == ("acmectl",)
    assert not portfolio.packages[1].published
    assert [(item.ask, item.mode) for item in portfolio.internal] == [
        (None, None),
        (Route.RESERVE, Mode.REFUSE),
        (Route.REQUEST, None),
    ]
    assert isinstance(portfolio.internal[0], InternalName)
    assert portfolio.future == ("acme-next",)
    seen = portfolio.observed[0]
    assert (seen.name, seen.package, seen.count, seen.of, seen.link) == (
        "acme-client",
        "acme-tool",
        3,
        50,
        "https://s.dev/1",
    )
    assert (portfolio.always[0].route, portfolio.always[0].mode) == (Route.RESERVE, Mode.SIGNPOST)
    assert [item.name for item in portfolio.never] == ["acme-fans", "acme-club"]
    assert portfolio.namespaces[0].since == dt.date(2026, 3, 4)
    assert portfolio.look_alikes[0].note == "same readme"
    assert portfolio.policy.routes == ((NameClass.SURFACE, Route.REQUEST), (NameClass.TYPO, Route.WATCH))
    assert portfolio.policy.modes == ((NameClass.OBSERVED, Mode.REDIRECT),)
    assert portfolio.policy.review_date == dt.date(2027, 6, 30)
    assert (portfolio.budget.floor, portfolio.budget.keep_slots) == (2, 1)
    assert portfolio.publishing.announced == dt.date(2026, 5, 6)
    assert portfolio.index is not None
    assert portfolio.index.json == "http://127.0.0.1:3141/pypi/"
    assert portfolio.digest.startswith("sha256:")


def test_every_kind_of_surface_that_discovery_finds_has_its_list() -> None:
    text = MINIMAL.replace(
        "[acme-tool]",
        "[{name: acme-tool, namespaces: [acme], entry_points: [pytest11], extras: [vision], "
        "repositories: [robot-tool], ignore: [tests]}]",
    )
    (package,) = read_portfolio(text.encode(), path="").portfolio.packages
    assert [(surface.kind, surface.value) for surface in package.surfaces] == [
        (SurfaceKind.NAMESPACE, "acme"),
        (SurfaceKind.ENTRY_POINT, "pytest11"),
        (SurfaceKind.EXTRA, "vision"),
        (SurfaceKind.REPOSITORY, "robot-tool"),
    ]
    assert package.ignored == ("tests",)


@pytest.mark.parametrize("written", ["2026-02-03", '"2026-02-03"'])
def test_a_date_may_be_quoted(written: str) -> None:
    text = MINIMAL + f"namespaces: [{{prefix: acme, since: {written}}}]\n"
    assert read_portfolio(text.encode(), path="").portfolio.namespaces[0].since == dt.date(2026, 2, 3)


def test_a_byte_order_mark_and_windows_line_ends_carry_no_meaning() -> None:
    plain = read_portfolio(MINIMAL.encode(), path="").portfolio
    windows = read_portfolio(b"\xef\xbb\xbf" + MINIMAL.replace("\n", "\r\n").encode(), path="").portfolio
    assert windows == plain


def test_an_observation_is_no_decision() -> None:
    text = MINIMAL + (
        "observed:\n"
        "  - {name: acme-cli, package: acme-tool, source: survey, date: 2026-01-01}\n"
        "  - {name: acme-cli, package: acme-tool, source: survey, date: 2026-02-01}\n"
        "never: [acme-cli]\n"
    )
    assert _warnings(text) == ()


# --------------------------------------------------------------------------- what is wrong with a file

_OBSERVED = "observed:\n  - {name: acme-client, package: acme-tool, source: survey, date: 2026-01-01"
_ALWAYS = "always:\n  - {name: acme-client, package: acme-tool, reason: seen weekly"

_TOKEN = "pypi-" + "AgEIcHlwaS5v" * 15
_ACCOUNT = "account: {index: pypi, username: acme-reserve}\n"
_PRIVATE = "index: {upload: 'http://127.0.0.1/', simple: 'http://127.0.0.1/simple/'}\n"

# One row a fault: what is added to the sound file, or replaces a part of it; `§` marks the place that is reported.
_FAULTS = [
    ("§organisation: x\n", "config-unknown-key"),
    ("budget: {§totals: 3}\n", "config-unknown-key"),
    ("always: [§{name: tool-for-acme, package: acme-tool}]\n", "config-missing-key"),
    ("observed: [§{name: tool-for-acme, package: acme-tool, source: a model}]\n", "config-missing-key"),
    (("[acme-tool]", "§[]"), "config-value"),
    (("[acme-tool]", "§acme-tool"), "config-type"),
    (("[acme-tool]", "[§3.10]"), "config-type"),
    (("[acme-tool]", "[§[acme-tool]]"), "config-type"),
    (("Acme Robotics", "§2026"), "config-type"),
    ("publishing: {enabled: §yes}\n", "config-type"),
    ("publishing: {enabled: §1}\n", "config-type"),
    ('budget: {total: §"3"}\n', "config-type"),
    ("budget: {total: §true}\n", "config-type"),
    ("budget: §3\n", "config-type"),
    ("policy: {review_date: §soon}\n", "config-type"),
    ("policy: {review_date: §2026-02-30}\n", "config-value"),
    ("policy: {review_date: §2026-02-03T10:00:00}\n", "config-type"),
    ("policy: §careful\n", "config-value"),
    ("policy: {threshold: §1.5}\n", "config-value"),
    ("policy: {threshold: §.nan}\n", "config-value"),
    ("policy: {routes: {§typpo: watch}}\n", "config-value"),
    ("policy: {routes: {typo: §protected}}\n", "config-value"),
    ("policy: {answer_days: §0}\n", "config-value"),
    (_OBSERVED + ", count: 9, of: §3}\n", "config-value"),
    (("contact: https://acme-robotics.dev/security", "§contact:"), "config-leftover"),
    (("Acme Robotics", '§""'), "config-leftover"),
    (("Acme Robotics", "§~"), "config-leftover"),
    (("Acme Robotics", "§Your Organization"), "config-leftover"),
    (("Acme Robotics", "§UNKNOWN"), "config-leftover"),
    (("Acme Robotics", "§<name>"), "config-leftover"),
    (("Acme Robotics", '§"{{ name }}"'), "config-leftover"),
    (("acme-reserve", "§yourusername"), "config-leftover"),
    (("[acme-tool]", "[§your-package]"), "config-leftover"),
    (("https://acme-robotics.dev/security", "§test@test.com"), "config-leftover"),
    (("https://acme-robotics.dev/security", "§security@example.com"), "config-leftover"),
    (("https://acme-robotics.dev/security", "§https://docs.example.org/x"), "config-leftover"),
    (("https://acme-robotics.dev/security", "§security@acme.example"), "config-leftover"),
    (("https://acme-robotics.dev/security", "§https://localhost/x"), "config-leftover"),
    ("never:\n  §-\n", "config-leftover"),
    (("Acme Robotics", "§|\n    Acme\n    Robotics"), "config-text"),
    (("Acme Robotics", f"§{'A' * 201}"), "config-text"),
    (("Acme Robotics", '§" Acme"'), "config-text"),
    (("Acme Robotics", "Acme §\u202e scitoboR"), "config-invisible"),
    (("Acme Robotics", '§"Acme \\u202e scitoboR"'), "config-invisible"),
    (("Acme Robotics", '§"Acme \\e[31m"'), "config-invisible"),
    (("Acme Robotics", '"Acme \\u§d800"'), "config-yaml"),
    ("# a comment §\u2066 that reads otherwise\n", "config-invisible"),
    (("https://acme-robotics.dev/security", "§ask at the desk"), "config-contact"),
    (("https://acme-robotics.dev/security", "§mailto:security@acme.dev"), "config-contact"),
    (("https://acme-robotics.dev/security", "§security@acme"), "config-address"),
    (("https://acme-robotics.dev/security", "§ftp://acme.dev/"), "config-address"),
    (("https://acme-robotics.dev/security", "§https://user:secret@acme.dev/"), "config-address"),
    (("https://acme-robotics.dev/security", "§https://[::1/"), "config-address"),
    (("[acme-tool]", "[§acme tool]"), "config-name"),
    (("[acme-tool]", "[§\u0430cme-tool]"), "config-name"),
    (("[acme-tool]", "[{name: acme-tool, imports: [§acme-tool]}]"), "config-import"),
    (("[acme-tool]", "[{name: acme-tool, imports: [{value: §class}]}]"), "config-import"),
    (("[acme-tool]", "[{name: acme-tool, commands: [§acme run]}]"), "config-command"),
    (("[acme-tool]", "[{name: acme-tool, entry_points: [§acme plugins]}]"), "config-group"),
    (("acme-reserve", "§reserve@acme.dev"), "config-username"),
    (("acme-reserve", f"§{_TOKEN}"), "config-username"),
    (("[acme-tool]", "[acme-tool, §Acme_Tool]"), "config-duplicate"),
    (("[acme-tool]", "[{name: acme-tool, aliases: [acme, §ACME]}]"), "config-duplicate"),
    (("[acme-tool]", "[{name: acme-tool, former: [§acme.tool]}]"), "config-duplicate"),
    ("never: [acme, §acme]\n", "config-duplicate"),
    ("namespaces: [{prefix: a, since: 2026-01-01}, {prefix: §A, since: 2026-01-01}]\n", "config-duplicate"),
    (
        _OBSERVED + "}\n  - {source: survey, date: 2026-01-01, name: §acme_client, package: acme-tool}\n",
        "config-duplicate",
    ),
    (_ALWAYS + "}\nnever: [§acme-client]\n", "config-contradiction"),
    ("internal: [acme-x]\nfuture: [§acme_x]\n", "config-contradiction"),
    ("never: [acme-x]\nunrelated: [§acme_x]\n", "config-contradiction"),
    (("[acme-tool]", "[{name: acme-tool, ignore: [acmectl], commands: [§acmectl]}]"), "config-contradiction"),
    ("future: [§acme-tool]\n", "config-contradiction"),
    (_OBSERVED.replace("acme-client", "§acme.tool") + "}\n", "config-contradiction"),
    (_ALWAYS + ", route: watch, mode: §redirect}\n", "config-contradiction"),
    (
        ("[acme-tool]", "[{name: acme-tool, commands: [acmectl], confirmed: [§acmectl]}]\nnever: [acmectl]"),
        "config-contradiction",
    ),
    (_OBSERVED.replace("package: acme-tool", "package: §acme-tol") + "}\n", "config-unknown-package"),
    (_ALWAYS.replace("package: acme-tool", "package: §robotics") + "}\n", "config-unknown-package"),
    (("[acme-tool]", "[{name: acme-tool, confirmed: [§acmectl]}]"), "config-unconfirmable"),
    ("look_alikes: [{name: §acme-tool, package: acme-tool, date: 2026-01-01}]\n", "config-own-look-alike"),
    ("budget: {total: §101}\n", "config-budget"),
    ("budget: {per_package: §11}\n", "config-budget"),
    ("budget: {keep_slots: §4}\n", "config-budget"),
    ("budget: {per_package: 2, floor: §3}\n", "config-budget"),
    ("budget: {floor: §4}\n", "config-budget"),
    ("budget: {floor: §11}\n", "config-value"),
    (("index: pypi", "index: §devpi"), "config-index"),
    ((_ACCOUNT, _ACCOUNT.replace("pypi", "§acme/../..") + _PRIVATE), "config-index"),
    ("index: §{upload: http://10.0.0.1/, simple: http://10.0.0.1/}\n", "config-index"),
    ("demo: true\npublishing: {enabled: §true}\n", "config-demo"),
    ("notify: [§{to: mail, variable: NAMEHOLD_NOTIFY_A}]\n", "config-notify"),
    ("notify: [{to: mail, recipient: §nobody}]\n", "config-notify"),
    ("§account: {index: pypi, username: other}\n", "config-duplicate-key"),
    ("future: §&names [acme-x]\n", "config-yaml-feature"),
    ("future: §!!set [acme-x]\n", "config-yaml-feature"),
    ("? §[a]\n: 1\n", "config-yaml-feature"),
    ("publishing: {§<<: {enabled: false}}\n", "config-yaml-feature"),
    ("§---\nnever: [acme]\n", "config-yaml"),
    ("budget:\n§\ttotal: 3\n", "config-yaml"),
    ("future: §[acme\n", "config-yaml"),
]


@pytest.mark.parametrize(("change", "rule"), _FAULTS)
def test_a_fault_is_reported_once_with_rule_place_and_fix(change: str | tuple[str, str], rule: str) -> None:
    marked = MINIMAL + change if isinstance(change, str) else MINIMAL.replace(*change)
    before, mark, after = marked.partition("§")
    assert mark
    errors = [item for item in _reasons(before + after) if item.severity == "error"]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    assert [(item.rule, item.line, item.column) for item in errors] == [(rule, line, column)]
    assert errors[0].fix
    assert errors[0].path == "names.yaml"


def test_a_bound_is_written_as_people_write_it() -> None:
    (fault,) = _reasons(MINIMAL.replace("[acme-tool]", "[{name: acme-tool, users: 2000000}]"))
    assert fault.fix == "write at most 1,000,000"


def test_a_review_date_that_is_over_is_told_from_its_day_on() -> None:
    content = (MINIMAL + "policy: {review_date: 2026-06-30}\n").encode()
    read = partial(read_portfolio, content, path="names.yaml")
    (warning,) = read(today=dt.date(2026, 6, 30)).warnings
    assert (warning.rule, "2026-06-30" in warning.message) == ("config-past", True)
    assert read(today=dt.date(2026, 6, 29)).warnings == ()


def test_a_token_in_the_place_of_the_user_name_is_not_shown() -> None:
    (fault,) = _reasons(MINIMAL.replace("acme-reserve", _TOKEN))
    assert _TOKEN[:20] not in str(fault)


def test_every_rule_is_tried_here() -> None:
    warnings = {"config-similar", "config-personal-contact"}
    dated = {"config-future", "config-past"}
    elsewhere = {"config-incomplete", "config-file", "config-encoding", "evidence-unused", *dated}
    assert {rule for _, rule in _FAULTS} | warnings | elsewhere == set(RULES)


def test_all_faults_come_at_once_in_the_order_of_the_file() -> None:
    text = """\
organization: {name: UNKNOWN, contact: nobody}
acount: {index: pypi, username: acme}
packages: [acme-tool, acme_tool, "acme tool"]
never: [acme-tool]
budget: {total: 500}
"""
    assert [(item.line, item.rule) for item in _reasons(text)] == [
        (1, "config-leftover"),
        (1, "config-contact"),
        (2, "config-unknown-key"),
        (3, "config-duplicate"),
        (3, "config-name"),
        (4, "config-contradiction"),
        (5, "config-budget"),
    ]


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        (MINIMAL + "polcy: cautious\n", "did you mean `policy`?"),
        (MINIMAL + "look-alikes: []\n", "did you mean `look_alikes`?"),
        (MINIMAL + "per_package: 3\n", "it belongs under `budget`"),
        (MINIMAL + "budget: {packages: [a]}\n", "it belongs at the top level"),
        (MINIMAL.replace("pypi", "tespypi"), "did you mean `testpypi`?"),
        (
            _OBSERVED.join([MINIMAL, "}\n"]).replace("package: acme-tool", "package: acme-tol"),
            "did you mean `acme-tool`?",
        ),
    ],
)
def test_a_slip_is_answered_by_what_was_meant(text: str, fix: str) -> None:
    assert [item.fix for item in _reasons(text)] == [fix]


def test_a_ceiling_says_that_nothing_lifts_it() -> None:
    (reason,) = _reasons(MINIMAL + "budget: {total: 1000}\n")
    assert "100" in reason.fix
    assert "no key or flag" in reason.fix


def test_a_secret_in_an_address_is_not_repeated() -> None:
    (reason,) = _reasons(MINIMAL.replace("https://acme", "https://bot:hunter2@acme"))
    assert "hunter2" not in str(reason)


def test_messages_hold_nothing_that_acts_on_a_terminal() -> None:
    reasons = _reasons(MINIMAL + 'packages2: ["\\e[31mred"]\n"\\e[2J": 1\nnever: ["\\u202e"]\n')
    assert reasons
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202e]", "".join(map(str, reasons)))


# --------------------------------------------------------------------------- warnings


def test_packages_that_the_index_takes_for_one_are_a_warning() -> None:
    (warning,) = _warnings(MINIMAL.replace("[acme-tool]", "[acme-tool, acmet00l]"))
    assert (warning.rule, warning.severity, warning.line, warning.column) == ("config-similar", "warning", 5, 23)


@pytest.mark.parametrize(
    ("contact", "warned"),
    [
        ("mara.lind@acme-robotics.dev", True),
        ("acme@acme-robotics.dev", True),
        ("security@acme-robotics.dev", False),
        ("python-maintainers+names@acme-robotics.dev", False),
        ("Open.Source@acme-robotics.dev", False),
    ],
)
def test_a_persons_mailbox_is_a_warning(contact: str, warned: bool) -> None:
    rules = [item.rule for item in _warnings(MINIMAL.replace("https://acme-robotics.dev/security", contact))]
    assert rules == (["config-personal-contact"] if warned else [])


def test_warnings_come_with_the_errors_too() -> None:
    reasons = _reasons(MINIMAL.replace("[acme-tool]", "[acme-tool, acmet00l]") + "polcy: cautious\n")
    assert [(item.rule, item.severity) for item in reasons] == [
        ("config-similar", "warning"),
        ("config-unknown-key", "error"),
    ]


# --------------------------------------------------------------------------- demos


def test_example_addresses_are_fine_in_a_demo_only() -> None:
    text = MINIMAL.replace("acme-robotics.dev", "acme-robotics.example")
    assert read_portfolio(("demo: true\n" + text).encode(), path="").portfolio.demo
    assert [item.rule for item in _reasons(text)] == ["config-leftover"]


def test_a_demo_takes_no_other_leftovers() -> None:
    assert [item.rule for item in _reasons("demo: true\n" + MINIMAL.replace("acme-reserve", "yourusername"))] == [
        "config-leftover"
    ]


# --------------------------------------------------------------------------- hostile files


def test_a_missing_file_says_how_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_portfolio(tmp_path / "names.yaml")
    assert "namehold init" in caught.value.fix
    assert [item.rule for item in caught.value.diagnostics()] == ["config-file"]


def test_a_folder_and_a_huge_file_are_refused(tmp_path: Path) -> None:
    huge = tmp_path / "huge.yaml"
    huge.write_bytes(b"#" * 3_000_000)
    for path in (tmp_path, huge):
        with pytest.raises(ConfigError) as caught:
            load_portfolio(path)
        assert [item.rule for item in caught.value.diagnostics()] == ["config-file"]


@pytest.mark.parametrize(
    ("content", "line", "column"),
    [(MINIMAL.encode() + b"# caf\xe9\n", 6, 6), (MINIMAL.encode("utf-16"), 1, 1), (b"\xef\xbb\xbf\xff", 1, 1)],
)
def test_bytes_that_are_no_utf_8_have_a_place(content: bytes, line: int, column: int) -> None:
    (reason,) = _reasons(content)
    assert (reason.rule, reason.line, reason.column) == ("config-encoding", line, column)


def test_a_billion_laughs_cost_nothing() -> None:
    levels = [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30)]
    text = "a0: &a0 [lol]\n" + "\n".join(levels) + "\n"
    assert {item.rule for item in _reasons(text)} >= {"config-yaml-feature"}


@pytest.mark.parametrize("text", ["a: " + "[" * 40 + "]" * 40, "[" * 100_000, "{a: " * 50_000, "- " * 50_000 + "a"])
def test_deep_nesting_ends_in_an_error(text: str) -> None:
    assert "config-yaml" in {item.rule for item in _reasons(text)}


@pytest.mark.parametrize("key", ["? " * 100, "[" * 100 + "]" * 100])
def test_a_key_that_is_nested_too_deeply_is_told(key: str) -> None:
    assert [item.message for item in _reasons(f"{key}: 1\n")] == ["a list or mapping as a key"]


@pytest.mark.parametrize(
    ("value", "tag"),
    [
        ("!!map x", "map"),
        ("!!map [a]", "map"),
        ("!!seq x", "seq"),
        ("!!seq {a: 1}", "seq"),
        ("!!str [a]", "str"),
        ("!!null {a: 1}", "null"),
        ("!!int {a: 1}", "int"),
        ("!!set {a}", "set"),
    ],
)
def test_a_tag_at_a_value_of_another_form_is_refused(value: str, tag: str) -> None:
    found = yaml.read_document(f"a: {value}\nb: 1\n".encode(), path="names.yaml")
    assert found.values == {"a": None, "b": 1}
    assert f"tag:yaml.org,2002:{tag}" in found.diagnostics[0].message


@pytest.mark.parametrize("text", ["%TAG !a! tag:a,2026:\n---\na: 1\n", "a: 1\n...\n%TAG ! x\n---\n"])
def test_a_directive_for_tags_is_refused_before_anything_is_parsed(text: str) -> None:
    """The parser takes the square of their number, and writes out their texts wherever a tag stands."""
    assert "the directive %TAG" in {item.message for item in _reasons(text)}


def test_what_is_nested_too_deeply_is_shown_where_it_is() -> None:
    for levels, column in ((20, 16), (900, 16), (5_000, 1_000)):
        found = _reasons(f"{MINIMAL}future: {'[' * levels}{']' * levels}\n")
        (reason,) = [item for item in found if item.rule == "config-yaml"]
        assert (reason.line, reason.column) == (6, len("future: ") + column)
        assert "16 levels" in reason.fix


def test_every_alias_is_reported_where_it_stands() -> None:
    text = MINIMAL.replace("[acme-tool]", "&ours [acme-tool]") + "internal: *ours\nfuture:\n  - *ours\n"
    found = [(item.line, item.column, item.message) for item in _reasons(text)]
    assert found == [(5, 11, "the anchor &ours"), (6, 11, "the alias *ours"), (8, 5, "the alias *ours")]


def test_a_date_with_a_time_is_told_from_a_date() -> None:
    (reason,) = _reasons(MINIMAL + "policy: {review_date: 2026-10-12T10:00:00Z}\n")
    assert reason.message == "`review_date`: this should be a date, not a date with a time"


def test_no_quotes_are_advised_for_several_values() -> None:
    (reason,) = _reasons(MINIMAL.replace("index: pypi", "index: {simple: x}"))
    assert reason.message == "`index`: this should be a text, not a mapping"
    assert reason.fix == "write one text; these keys belong under `index` at the top level"
    (reason,) = _reasons(MINIMAL + "future: [[acme-tol]]\n")
    assert reason.fix == "write one text"


def test_a_version_of_another_form_is_answered_by_an_example() -> None:
    (reason,) = _reasons(MINIMAL + "renew: [{name: acme-tol, version: 1.0.banana, reason: x}]\n")
    assert "pattern" not in reason.message
    assert reason.fix == "write it like 0.0.2: its version, above the held one"


@pytest.mark.parametrize("version", ["0.0.2", "2018.4.2", "0.0.post6", "1!2.1"])
def test_a_later_version_may_have_any_numbering(version: str) -> None:
    text = MINIMAL + f"renew: [{{name: acme-tol, version: '{version}', reason: x}}]\n"
    (renewal,) = read_portfolio(text.encode(), path="names.yaml").portfolio.renewals
    assert renewal.version == version


@pytest.mark.parametrize("version", ["2018.04.2", "1.0+local", "1.0rc1", "1.0.dev1", "v1.0", "1" * 10])
def test_a_later_version_is_a_final_release_in_its_normal_form(version: str) -> None:
    assert _reasons(MINIMAL + f"renew: [{{name: acme-tol, version: '{version}', reason: x}}]\n")


@pytest.mark.parametrize("number", ["9" * 10_000, "0x" + "f" * 10_000, "0b" + "1" * 20_000, "9" * 200])
def test_a_number_of_many_digits_is_an_error(number: str) -> None:
    (reason,) = _reasons(MINIMAL + f"budget: {{total: {number}}}\n")
    assert reason.rule == "config-value"
    assert len(reason.message) < 500
    assert "sys." not in reason.message


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n", "text\n", "\x00\x01"])
def test_what_is_no_mapping_is_refused(text: str) -> None:
    assert _reasons(text)


# --------------------------------------------------------------------------- schema, example and make_starter


def test_the_worked_example_is_sound_and_shows_every_list() -> None:
    loaded = load_portfolio(_ROOT / "names.yaml")
    assert loaded.warnings == ()
    portfolio = loaded.portfolio
    assert portfolio.demo
    assert not portfolio.publishing.enabled
    assert all(
        (
            portfolio.internal,
            portfolio.future,
            portfolio.observed,
            portfolio.always,
            portfolio.never,
            portfolio.namespaces,
            portfolio.look_alikes,
        )
    )
    kinds = {surface.kind for package in portfolio.packages for surface in package.surfaces}
    assert kinds == {SurfaceKind.IMPORT, SurfaceKind.COMMAND, SurfaceKind.ALIAS, SurfaceKind.FORMER}


def test_the_schema_in_the_docs_is_the_one_that_is_printed() -> None:
    written = (_ROOT / "docs" / "reference" / "names.schema.json").read_text(encoding="utf-8")
    assert json.loads(written) == json_schema()


def test_the_example_points_editors_to_its_schema() -> None:
    first = (_ROOT / "names.yaml").read_text(encoding="utf-8").splitlines()[0]
    found = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert found is not None
    assert (_ROOT / found[1]).is_file()


def test_the_docs_list_every_rule_and_every_key() -> None:
    page = (_ROOT / "docs" / "reference" / "configuration.md").read_text(encoding="utf-8")
    assert [rule for rule in RULES if f"`{rule}`" not in page] == []
    schema = json_schema()
    keys = set(schema["properties"])
    keys |= {key for shape in schema["$defs"].values() for key in shape.get("properties", ())}
    assert sorted(key for key in keys if f"`{key}`" not in page) == []


def test_the_minimal_file_of_the_docs_loads() -> None:
    page = (_ROOT / "docs" / "reference" / "configuration.md").read_text(encoding="utf-8")
    block = re.search(r"```yaml\n(organization:.*?)```", page, flags=re.DOTALL)
    assert block is not None
    assert len(block[1].splitlines()) == 5
    read_portfolio(block[1].encode(), path="")


def test_a_starter_says_what_it_was_given() -> None:
    text = make_starter(
        organization="Acme: Robotics", contact="security@acme.dev", username="no", packages=["acme-tool", "1e3"]
    )
    loaded = read_portfolio(text.encode(), path="")
    assert loaded.warnings == ()
    assert loaded.portfolio.organization.name == "Acme: Robotics"
    assert loaded.portfolio.account.username == "no"
    assert [package.spelled for package in loaded.portfolio.packages] == ["acme-tool", "1e3"]


def test_what_a_starter_shows_as_comments_loads_too() -> None:
    text = make_starter(organization="Acme", contact="security@acme.dev", username="acme", packages=["acme-tool"])
    # Prose begins with a capital letter, what can be used as it stands doesn't.
    shown = re.sub(r"^( *)# (?=[a-z -])", r"\1", text, flags=re.MULTILINE).replace(
        "the address of ", "https://acme.dev/ #"
    )
    portfolio = read_portfolio(shown.encode(), path="").portfolio
    assert portfolio.observed
    assert portfolio.always
    assert portfolio.packages[0].surfaces
    assert portfolio.organization.homepage


def test_the_nearest_name_is_looked_for_a_bounded_number_of_times() -> None:
    entries = "".join(f"  - {{name: n{number}, package: acme-too, reason: r}}\n" for number in range(60))
    fixes = [item.fix for item in _reasons(f"{MINIMAL}always:\n{entries}") if item.rule == "config-unknown-package"]
    assert [fix == "did you mean `acme-tool`?" for fix in fixes] == [True] * 50 + [False] * 10


def test_an_anchor_given_twice_is_a_reason_and_no_warning_of_python() -> None:
    assert {item.rule for item in _reasons(MINIMAL + "future: [&a x, &a y]\n")} == {"config-yaml-feature"}


def test_a_package_is_enough_to_look_at_names() -> None:
    loaded = read_portfolio(b"packages: [Acme_Tool]\n", path="names.yaml")
    portfolio = loaded.portfolio
    assert loaded.warnings == ()
    assert portfolio.account.index == "pypi"
    assert portfolio.missing == ("organization.name", "organization.contact", "account.username")
    assert portfolio.owner == "the maintainers of Acme_Tool"
    whole = read_portfolio(MINIMAL.encode(), path="names.yaml").portfolio
    assert whole.missing == ()
    assert whole.owner == "Acme Robotics"
    assert whole.with_stand_ins() == whole


def test_every_missing_key_is_told_with_its_place_before_anything_is_built() -> None:
    portfolio = read_portfolio(
        b"account: {username: acme-reserve}\npackages: [acme-tool]\n", path="names.yaml"
    ).portfolio
    with pytest.raises(ConfigError) as caught:
        require_complete(portfolio, path=Path("names.yaml"))
    assert [item.rule for item in caught.value.diagnostics()] == ["config-incomplete"] * 2
    assert ["`organization.name`" in str(caught.value.diagnostics()[0]), caught.value.fix != ""] == [True, True]
    require_complete(read_portfolio(MINIMAL.encode(), path="names.yaml").portfolio, path=Path("names.yaml"))


def test_addresses_without_a_nickname_are_no_public_index() -> None:
    text = """\
packages: [acme-tool]
index: {upload: "https://packages.acme.dev/legacy/", simple: "https://packages.acme.dev/simple/"}
"""
    assert [item.rule for item in _reasons(text)] == ["config-index"]


def test_a_file_of_too_many_values_is_refused_before_all_of_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml, "MAX_VALUES", 40)
    (reason,) = _reasons(MINIMAL + "future: [\n" + "a,\n" * 40 + "a]\n")
    assert (reason.rule, reason.message) == ("config-yaml", "more than 40 keys and values")
    assert reason.line is not None
    assert 10 < reason.line < 45


@pytest.mark.parametrize("line", ["key{0}: b\n", "future: b\n", "\u200b\n"])
def test_of_very_many_errors_the_first_thousand_are_told_and_all_are_counted(line: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_portfolio((MINIMAL + "".join(line.format(number) for number in range(1_200))).encode(), path="x")
    assert "has 12" in caught.value.message or "has 11" in caught.value.message
    assert len(caught.value.diagnostics()) <= 2_010


def test_what_stands_on_a_place_that_was_blamed_already_is_told_once() -> None:
    text = MINIMAL + "".join(f"k\u200b{number}: b\n" for number in range(300))
    rules = [item.rule for item in _reasons(text)]
    assert rules.count("config-invisible") == 300
    assert rules.count("config-unknown-key") == 300


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("package: [acme-tool]\n", "did you mean `packages`?"),
        ("packages: [acme-tool]\naccount: {index: PyPI}\n", "did you mean `pypi`?"),
        ("packages: [acme-tool]\ntotal: 3\n", "it belongs under `budget`"),
    ],
)
def test_a_mistyped_key_or_index_is_told_with_the_one_that_was_meant(text: str, fix: str) -> None:
    assert fix in [item.fix for item in _reasons(text)]


def test_a_missing_file_is_told_with_its_folder_and_the_one_that_lies_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_portfolio(tmp_path / "names.yaml")
    (reason,) = caught.value.diagnostics()
    assert str(tmp_path) in reason.message
    assert "namehold init" in reason.fix
    (tmp_path / "names.yml").write_text("packages: [acme-tool]\n", "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_portfolio(tmp_path / "names.yaml")
    (reason,) = caught.value.diagnostics()
    assert "rename names.yml" in reason.fix
