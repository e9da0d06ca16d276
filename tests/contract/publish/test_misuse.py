"""Everything that namehold refuses to be used for, one test a misuse; the README's 'will not do' rests on these."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from tests.harness.applying import NOW, PORTFOLIO, make_plan, stage
from tests.harness.values import PROFILE, action

import namehold
from namehold.candidates.wordlists import general_words, load_dictionary, popular_names
from namehold.errors import ConfigError, Diagnostic, ExitCode, TemplateError, UnsafePlan
from namehold.index.model import ProjectState, ProjectStatus
from namehold.ledger.model import Holdings
from namehold.placeholder.build import PlaceholderBuilder
from namehold.placeholder.render import Templates
from namehold.plan.checks.guards import find_apply_refusals, find_plan_refusals
from namehold.plan.territory import Territory
from namehold.portfolio.read import read_portfolio

_ROOT = Path(__file__).parents[3]
_NAMES = """\
organization: {{name: Acme Robotics, contact: "{contact}"}}
account: {{index: pypi, username: acme}}
packages: [acme-tool]
{more}
"""


def refusals(*names: str) -> tuple[Diagnostic, ...]:
    """What stands against a plan with these names on a public index."""
    plan = make_plan(names, Templates(None, PROFILE))
    territory = Territory(
        PORTFOLIO, popular=popular_names().ranks, dictionary=load_dictionary().words, general=general_words()
    )
    return find_plan_refusals(plan, portfolio=PORTFOLIO, holdings=Holdings(), profile=PROFILE, territory=territory)


def test_targets_that_the_account_doesnt_own(tmp_path: Path) -> None:
    with stage(tmp_path, owned={NormalizedName("acme-tool"): "stranger"}) as here:
        result = here.run(here.plan("acme-tol"))
        assert result.exit_code is ExitCode.FINDINGS
        assert [proof.rule for proof in result.unproved] == ["ownership-others"]
        assert here.index.state.uploads == []


@pytest.mark.parametrize("name", ["requets", "numpyy"])
def test_names_around_popular_packages_of_others(name: str) -> None:
    (found,) = refusals(name)
    assert found.rule == "guard-others-territory"
    assert name in found.message


def test_words_of_the_dictionary() -> None:
    (found,) = refusals("garden")
    assert found.rule == "guard-dictionary-word"


def test_more_names_than_the_ceilings() -> None:
    rules = {found.rule for found in refusals(*(f"acme-tool-{number}" for number in range(101)))}
    assert {"guard-account-ceiling", "guard-package-ceiling"} <= rules


def test_a_budget_above_the_ceiling_lifts_nothing() -> None:
    with pytest.raises(ConfigError) as caught:
        read_portfolio(_NAMES.format(contact="security@acme.dev", more="budget: {total: 101}").encode(), path="")
    assert {found.rule for found in caught.value.diagnostics()} <= {"config-budget", "config-value"}


@pytest.mark.parametrize("contact", ["", "nowhere", "security@example.com", "https://example.org/security"])
def test_a_contact_that_leads_nowhere(contact: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_portfolio(_NAMES.format(contact=contact, more="").encode(), path="")
    assert any("contact" in found.message or "contact" in found.fix for found in caught.value.diagnostics())


def test_a_contact_at_a_domain_for_examples_is_refused_before_anything_is_sent() -> None:
    plan = make_plan(["acme-tol"], Templates(None, PROFILE))
    found = find_apply_refusals(
        plan, portfolio=PORTFOLIO, holdings=Holdings(), profile=PROFILE, now=NOW, fresh_plan=plan
    )
    assert "guard-contact" in {item.rule for item in found}


@pytest.mark.parametrize(
    ("path", "text", "rule"),
    [
        ("redirect/setup.py.j2", "print('built')\n", "template-file"),
        ("redirect/pyproject.toml.j2", '{% include "_x" %}', "template-render"),
        ("redirect/__module__.py.j2", "import os\nNOTICE = {{ notice }}\n", "placeholder-code"),
        ("redirect/__module__.py.j2", "import urllib.request\nNOTICE = {{ notice }}\n", "placeholder-network"),
        ("redirect/__module__.py.j2", "exec({{ notice }})\n", "placeholder-obfuscation"),
        ("refuse/backend/refusal.py.j2", "import subprocess\nNOTICE = {{ notice }}\n", "placeholder-code"),
        (
            "redirect/README.md.j2",
            '![x](https://count.acme.dev/x.png){% include "_facts.md.j2" %}',
            "placeholder-telemetry",
        ),
        ("redirect/README.md.j2", "Nothing to see here.\n", "placeholder-transparency"),
    ],
)
def test_templates_that_run_reach_hide_count_or_keep_silent(tmp_path: Path, path: str, text: str, rule: str) -> None:
    template = tmp_path / path
    template.parent.mkdir(parents=True)
    template.write_text(text, encoding="utf-8")
    with pytest.raises(TemplateError) as caught:
        Templates(tmp_path, PROFILE)
    assert rule in {found.rule for found in caught.value.diagnostics()}


def test_names_under_our_account_that_this_ledger_lacks(tmp_path: Path) -> None:
    """A second ledger, or a lost one: the ceilings would count anew."""
    with stage(tmp_path) as here:
        other = replace(action("acme-tol", reason="another ledger's reason"), digest="sha256:" + "cd" * 32)
        built = PlaceholderBuilder().build(here.renderer.render(other, PORTFOLIO), tmp_path / "elsewhere")
        files = [(item.filename, Path(item.path).read_bytes()) for item in built]
        here.index.state.add_project(NormalizedName("acme-tol"), owner="acme", files=files)
        with pytest.raises(UnsafePlan, match="1 reservation that this ledger lacks") as refused:
            here.run(here.plan("acme-tol", "acme-too"))
        assert refused.value.exit_code is ExitCode.GUARD_REFUSED
        (finding,) = refused.value.diagnostics()
        assert finding.rule == "unrecorded"
        assert "namehold adopt acme-tol" in finding.fix
        assert here.index.state.uploads == []


def test_names_that_the_ledger_lacks_are_looked_for_within_a_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from namehold.upkeep import account  # noqa: PLC0415 -- this test alone

    monkeypatch.setattr(account, "UNRECORDED_LOOKS_MAX", 2)
    names = [NormalizedName(f"acme-website-{number}") for number in range(5)]
    with stage(tmp_path) as here:
        asked: list[str] = []

        class Counting:
            def project(self, name: NormalizedName, *, known_serial: int = 0) -> ProjectState:  # noqa: ARG002 -- the port's signature
                asked.append(name)
                return here.reader.project(name)

            def now(self) -> dt.datetime:
                return here.reader.now()

        found = account.find_unrecorded(
            names,
            Holdings(),
            portfolio=PORTFOLIO,
            profile=here.index.profile,
            reader=Counting(),
            web=here.reader,
        )
        assert (found.drift, found.left, asked) == ((), 3, names[:2])


def test_nothing_points_people_to_creation_paths_that_skip_the_limiter() -> None:
    """An organization's project form and pending publishers: they are for people, and not for many names."""
    texts = [
        *(_ROOT / "docs").rglob("*.md"),
        *Path(namehold.__file__).parent.rglob("*.py"),
        *(_ROOT / "templates").rglob("*.j2"),
    ]
    texts.append(_ROOT / "README.md")
    skipping = ("/manage/organization/", "/manage/account/publishing")
    assert [path for path in texts if any(way in path.read_text(encoding="utf-8") for way in skipping)] == []


@pytest.mark.parametrize("status", [ProjectStatus.ARCHIVED, ProjectStatus.QUARANTINED, None])
def test_advice_that_has_gone_stale_is_found(tmp_path: Path, status: ProjectStatus | None) -> None:
    from namehold.upkeep.status import make_status  # noqa: PLC0415 -- this test alone

    with stage(tmp_path) as here:
        here.run(here.plan("acme-tol"))
        target = NormalizedName("acme-tool")
        if status is None:
            here.index.state.delete_project(target)
        else:
            here.index.state.set_status(target, status)
        found = make_status(
            here.holdings, portfolio=PORTFOLIO, profile=here.index.profile, reader=here.reader, now=here.clock.now()
        )
        (drift,) = found.drift
        assert (drift.rule, drift.name) == ("drift-advice-stale", "acme-tol")
        assert "acme-tool" in drift.text
