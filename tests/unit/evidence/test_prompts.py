"""What language models are asked: which prompts there are, and which names never stand in one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pytest
from packaging.utils import canonicalize_name
from tests.harness.values import snapshot

from namehold.evidence import Prompt, PromptNames, make_prompts
from namehold.index import profile
from namehold.names import ultranormalize
from namehold.portfolio import Portfolio, read_portfolio

_HEAD = """\
organization: {name: Acme Robotics, contact: "https://acme-robotics.dev/security"}
account: {index: pypi, username: acme-reserve}
"""
_TOOL = """\
packages:
  - name: Acme-Tool
    imports: [acme_toolbox, acme_tool]
    commands: [acme-ctl, acme-tool]
    summary: Calibrates grippers of every maker.
    topics: [gripper calibration, hand-eye calibration]
"""


def portfolio(text: str) -> Portfolio:
    return read_portfolio((_HEAD + text).encode(), path="names.yaml").portfolio


def prompts(
    text: str,
    *,
    listed: Collection[str] | None = None,
    planned: Collection[str] = (),
    held: Collection[str] = (),
    languages: Collection[str] = (),
) -> tuple[Prompt, ...]:
    given = portfolio(text)
    names = PromptNames(
        given,
        view=None if listed is None else snapshot(*listed),
        held=[canonicalize_name(name) for name in held],
        planned=[canonicalize_name(name) for name in planned],
        profile=profile("pypi"),
    )
    return make_prompts(given, names=names, year=2026, languages=languages)


def said(found: Collection[Prompt]) -> str:
    return "\n".join(prompt.text for prompt in found).lower()


def test_every_kind_is_asked_with_the_words_of_the_portfolio() -> None:
    found = prompts(_TOOL, listed=["acme-tool", "acme-toolbox", "acme-ctl"])
    by_kind: dict[str, list[str]] = {}
    for prompt in found:
        by_kind.setdefault(prompt.kind, []).append(prompt.text)
    assert set(by_kind) == {"how", "which", "install", "news", "typo", "code", "command"}
    assert any("gripper calibration" in text for text in by_kind["which"])
    assert all("2026" in text for text in by_kind["news"])
    assert any("acme_toolbox" in text for text in by_kind["code"])
    assert any("acme-ctl" in text for text in by_kind["command"])
    assert {prompt.package for prompt in found} == {"acme-tool"}


def test_a_second_language_asks_the_same() -> None:
    both = prompts(_TOOL, languages=["de"])
    english = [prompt for prompt in both if prompt.language == "en"]
    german = [prompt for prompt in both if prompt.language == "de"]
    assert [prompt.kind for prompt in english] == [prompt.kind for prompt in german]
    assert not {prompt.text for prompt in english} & {prompt.text for prompt in german}
    assert tuple(english) == prompts(_TOOL)


@pytest.mark.parametrize("language", ["de", "es", "fr"])
def test_every_language_fills_every_text(language: str) -> None:
    for prompt in prompts(_TOOL, listed=["acme-tool", "acme-toolbox", "acme-ctl"], languages=[language]):
        assert "{" not in prompt.text


def test_an_import_or_command_that_is_still_open_stands_in_no_prompt() -> None:
    for listed in (None, ["acme-tool"]):
        found = said(prompts(_TOOL, listed=listed))
        assert "acme_toolbox" not in found
        assert "acme-ctl" not in found
        assert "acme_tool" in found


def test_a_held_name_is_ours_and_may_stand() -> None:
    assert "acme_toolbox" in said(prompts(_TOOL, held=["acme-toolbox"]))


@pytest.mark.parametrize(
    "more",
    [
        "internal: [gripper-calibration]\n",
        "future: [Gripper.Calibration]\n",
        "always: [{name: grippercalibration, package: acme-tool, reason: wanted}]\n",
        "observed: [{name: gripper_calibration, package: acme-tool, source: m1, date: 2026-11-01}]\n",
        "  - {name: gripper-calibration, published: false}\n",
    ],
)
def test_words_that_spell_an_open_name_leave_the_prompt_out(more: str) -> None:
    found = said(prompts(_TOOL + more))
    assert "gripper calibration" not in found
    assert "hand-eye calibration" in found


def test_what_a_plan_would_reserve_stands_in_no_prompt() -> None:
    assert "gripper calibration" not in said(prompts(_TOOL, planned=["gripper-calibration"]))


def test_an_internal_name_that_a_stranger_has_registered_stays_a_secret() -> None:
    text = "packages: [{name: acme-tool, topics: [acme payroll runs]}]\ninternal: [acme-payroll]\n"
    assert "payroll" not in said(prompts(text, listed=["acme-tool", "acme-payroll"]))


def test_an_open_name_inside_our_own_is_no_reason_to_be_silent() -> None:
    text = "packages: [{name: acme-robotics-sdk, imports: [acme_robotics]}]\n"
    found = prompts(text, listed=["acme-robotics-sdk"])
    assert found
    assert "acme_robotics" not in said(found)


def test_an_unpublished_package_is_asked_nothing_about() -> None:
    found = prompts("packages: [acme-tool, {name: acme-next, published: false}]\n")
    assert {prompt.package for prompt in found} == {"acme-tool"}
    assert "acme-next" not in said(found)


def test_a_package_that_a_complete_list_lacks_is_asked_nothing_about() -> None:
    text = "packages: [acme-tool, acme-nxet]\n"
    found = prompts(text, listed=["acme-tool"])
    assert {prompt.package for prompt in found} == {"acme-tool"}
    assert "acme-nxet" not in said(found)
    assert {prompt.package for prompt in prompts(text, listed=["acme-tool", "acme-nxet"])} == {"acme-tool", "acme-nxet"}
    assert "acme-nxet" in said(prompts(text))


def test_a_dotted_import_stands_only_where_its_first_module_may() -> None:
    text = "packages: [{name: acme-tool, imports: [acme.tool]}]\n"
    assert "acme.tool" not in said(prompts(text, listed=["acme-tool"]))
    assert "acme.tool" in said(prompts(text, listed=["acme-tool", "acme"]))


@pytest.mark.parametrize("name", ["acme-tool", "gripwright", "baxter", "acme_robotics.sdk", "x2"])
def test_a_typing_error_is_one_that_the_index_refuses_to_everyone(name: str) -> None:
    (asked,) = (prompt.text for prompt in prompts(f"packages: [{name}]\n") if prompt.kind == "typo")
    word = asked.split("install ")[1].split(".")[0]
    assert canonicalize_name(word) != canonicalize_name(name)
    assert ultranormalize(canonicalize_name(word)) == ultranormalize(canonicalize_name(name))


def test_no_typing_error_is_asked_about_where_the_index_would_take_it() -> None:
    given = portfolio("packages: [acme-tool]\n")
    private = replace(profile("testpypi"), has_similarity_rule=False)
    names = PromptNames(given, view=None, held=(), planned=(), profile=private)
    assert "typo" not in {prompt.kind for prompt in make_prompts(given, names=names, year=2026)}
