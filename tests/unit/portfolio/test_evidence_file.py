"""evidence.yaml: what it says, what is wrong with it, and that writing it is stable."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from namehold.errors import ConfigError
from namehold.portfolio import Evidence, Observation, Portfolio, SurfaceKind, load_evidence
from namehold.portfolio.evidence import add_observations, read_evidence, write_evidence
from namehold.portfolio.read import read_portfolio

_NAMES = """\
organization: {name: Acme Robotics, contact: "https://acme-robotics.dev/security"}
account: {index: pypi, username: acme-reserve}
packages: [acme-tool, acme-sdk]
"""
_EVIDENCE = """\
probed:
  - {name: Acme.Client, package: acme-tool, source: model m1, date: 2026-11-28, count: 3, of: 50}
documented:
  - {name: acme-tol, package: acme-tool, source: "README.md:7", date: 2026-11-27, link: "https://acme-robotics.dev/x"}
observed:
  - {name: acme-kit, package: acme-sdk, source: help channel, date: 2026-11-26}
"""


@pytest.fixture
def portfolio() -> Portfolio:
    return read_portfolio(_NAMES.encode(), path="names.yaml").portfolio


def _seen(name: str, **changes: object) -> Observation:
    seen = Observation(
        name=canonicalize_name(name),
        package=canonicalize_name("acme-tool"),
        source="model m1",
        date=dt.date(2026, 11, 28),
        kind=SurfaceKind.PROBED,
    )
    return replace(seen, **changes)  # type: ignore[arg-type]  # the fields of an observation, as the tests below give them


def test_each_list_gives_its_kind_and_names_are_normalized(portfolio: Portfolio) -> None:
    loaded = read_evidence(_EVIDENCE.encode(), portfolio, path="evidence.yaml")
    assert loaded.warnings == ()
    assert [(item.kind, item.name, item.package, item.count, item.of) for item in loaded.evidence.observations] == [
        ("probed", "acme-client", "acme-tool", 3, 50),
        ("documented", "acme-tol", "acme-tool", 1, None),
        ("observed", "acme-kit", "acme-sdk", 1, None),
    ]


def test_no_file_is_no_evidence(portfolio: Portfolio, tmp_path: Path) -> None:
    loaded = load_evidence(tmp_path / "evidence.yaml", portfolio)
    assert (loaded.evidence.observations, loaded.evidence.digest, loaded.warnings) == ((), "", ())


def test_observations_of_both_files_reach_the_portfolio_and_its_digest_stays(portfolio: Portfolio) -> None:
    named = read_portfolio(
        (_NAMES + "observed: [{name: acme-x, package: acme-tool, source: survey, date: 2026-01-01}]\n").encode(),
        path="",
    ).portfolio
    evidence = read_evidence(_EVIDENCE.encode(), named, path="").evidence
    both = named.with_evidence(evidence)
    assert [item.name for item in both.observed] == ["acme-x", "acme-client", "acme-tol", "acme-kit"]
    assert both.digest == named.digest != portfolio.digest


@pytest.mark.parametrize(
    ("text", "rule", "fix"),
    [
        ("§probd: []\n", "config-unknown-key", "did you mean `probed`?"),
        (_EVIDENCE.replace("count: 3", "§cuont: 3"), "config-unknown-key", "did you mean `count`?"),
        (
            _EVIDENCE.replace("{name: acme-kit, package: acme-sdk", "§{name: acme-kit"),
            "config-missing-key",
            "add `package`",
        ),
        (_EVIDENCE.replace("of: 50", "of: §2"), "config-value", "correct `count` or `of`"),
        (_EVIDENCE.replace("count: 3", "count: §many"), "config-type", "write digits alone, without quotes"),
        (_EVIDENCE.replace("Acme.Client", "§acme client"), "config-name", "write the name as the index shows it"),
        ("§- a list\n", "config-yaml", "write `key: value` lines, indented below the key"),
        (
            _EVIDENCE + "  - {name: §acme_kit, package: acme-sdk, source: help channel, date: 2026-01-01}\n",
            "config-duplicate",
            "keep one of them",
        ),
    ],
)
def test_faults_have_place_rule_and_fix(portfolio: Portfolio, text: str, rule: str, fix: str) -> None:
    before, _, after = text.partition("§")
    with pytest.raises(ConfigError) as caught:
        read_evidence((before + after).encode(), portfolio, path="evidence.yaml")
    (found,) = caught.value.diagnostics()
    place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
    assert (found.path, found.line, found.column, found.rule, found.fix) == ("evidence.yaml", *place, rule, fix)


def test_what_is_about_no_package_any_more_is_a_warning_and_is_not_used(portfolio: Portfolio) -> None:
    text = (
        "probed:\n"
        "  - {name: acme-sdk, package: acme-tool, source: model m1, date: 2026-11-28}\n"
        "  - {name: acme-old, package: acme-gone, source: model m1, date: 2026-11-28}\n"
    )
    loaded = read_evidence(text.encode(), portfolio, path="evidence.yaml")
    assert [(item.rule, item.severity, item.line) for item in loaded.warnings] == [
        ("evidence-unused", "warning", 2),
        ("evidence-unused", "warning", 3),
    ]
    assert portfolio.with_evidence(loaded.evidence).observed == ()


def test_what_is_written_is_read_as_the_same_and_written_as_the_same(portfolio: Portfolio) -> None:
    evidence = read_evidence(_EVIDENCE.encode(), portfolio, path="").evidence
    text = write_evidence(evidence)
    again = read_evidence(text.encode(), portfolio, path="").evidence
    assert again == evidence
    assert write_evidence(again) == text


def test_one_observation_more_is_one_line_more_wherever_it_stands(portfolio: Portfolio) -> None:
    evidence = read_evidence(_EVIDENCE.encode(), portfolio, path="").evidence
    before = write_evidence(evidence).splitlines()
    after = write_evidence(add_observations(evidence, [_seen("acme-aaa", source='it says "no": {')])).splitlines()
    (line,) = [line for line in after if line not in before]
    assert [line for line in after if line in before] == before
    assert 'it says \\"no\\": {' in line


def test_a_newer_count_replaces_the_older_one_and_never_the_other_way_round() -> None:
    old = add_observations(Evidence(), [_seen("acme-client", count=3, of=50)])
    newer = _seen("acme-client", count=9, of=100, date=dt.date(2026, 12, 1))
    assert add_observations(old, [newer]).observations == (newer,)
    assert add_observations(add_observations(old, [newer]), old.observations).observations == (newer,)
    assert len(add_observations(old, [replace(newer, source="model m2")]).observations) == 2


def test_the_digest_is_over_what_is_said_not_how(portfolio: Portfolio) -> None:
    evidence = read_evidence(_EVIDENCE.encode(), portfolio, path="").evidence
    shuffled = "# a comment\n" + "".join(reversed([part + "}\n" for part in _EVIDENCE.split("}\n") if part]))
    assert read_evidence(shuffled.encode(), portfolio, path="").evidence.digest == evidence.digest
    assert add_observations(evidence, [_seen("acme-client", count=9, of=50)]).digest != evidence.digest


def test_the_example_of_an_evidence_file_in_the_docs_loads() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "configuration.md").read_text(encoding="utf-8")
    block = page.partition("## evidence.yaml")[2].partition("```yaml\n")[2].partition("```")[0]
    named = read_portfolio(_NAMES.replace("acme-tool", "gripwright").encode(), path="").portfolio
    loaded = read_evidence(block.encode(), named, path="")
    assert loaded.warnings == ()
    assert loaded.evidence.observations[0].of == 50
