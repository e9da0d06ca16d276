"""A template can neither grow without bound nor read what isn't a template."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.harness.values import PROFILE

from namehold.errors import TemplateError
from namehold.placeholder.folder import read_layer
from namehold.placeholder.language import find_language_faults
from namehold.placeholder.render import Templates, bundled_templates
from namehold.portfolio.model import Mode

BUNDLED = (bundled_templates() / "signpost" / "README.md.j2").read_text(encoding="utf-8")


def own(folder: Path, text: str, path: str = "signpost/README.md.j2") -> Path:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "code",
    [
        "{{ 'x' * 6000000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ ('x' * 1000000) | replace('x', 'y' * 4000) }}",
        "{% set a = 'x' * 100000 %}{{ [a, a] | join(a * 10000) }}",
        "{% for a in 'x' * 300000 %}{% for b in 'x' * 300000 %}{% endfor %}{% endfor %}",
        "{% for a in summary %}{% for b in summary %}{% endfor %}{% endfor %}",
        "{% for a in reasons recursive %}{{ loop(reasons) }}{% endfor %}",
        '{% include "README.md.j2" %}',
        "{% for a in reasons %}{% include '_facts.md.j2' %}{% endfor %}",
        "{% include name %}",
        "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
        "{{ not " + "not " * 200 + "name }}",
        "{{ " + "1" * 5000 + " }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{{ name.upper() }}",
        "{{ '{}'.format(name) }}",
        "{{ summary | replace('e', '" + "e" * 20_000 + "') }}",
        "{% for reason in reasons %}" + "{{ summary }}" * 2000 + "{% endfor %}",
        "x" * 40_000,
    ],
)
def test_a_template_that_could_grow_without_bound_is_refused(tmp_path: Path, code: str) -> None:
    with pytest.raises(TemplateError) as caught:
        Templates(own(tmp_path, f"{BUNDLED}\n{code}\n"), PROFILE)
    assert {fault.rule for fault in caught.value.diagnostics()} == {"template-render"}


def test_files_that_include_each_other_many_times_are_refused(tmp_path: Path) -> None:
    for level in range(20):
        own(tmp_path, f'{{% include "_{level + 1}.j2" %}}' * 2, f"common/_{level}.j2")
    own(tmp_path, "end", "common/_20.j2")
    with pytest.raises(TemplateError) as caught:
        Templates(own(tmp_path, BUNDLED + '{% include "_0.j2" %}'), PROFILE)
    assert "too much" in caught.value.diagnostics()[0].message


def test_the_bundled_templates_keep_to_the_language() -> None:
    for mode in ("common", *Mode):
        common = read_layer(bundled_templates(), "common")
        assert list(find_language_faults(common | read_layer(bundled_templates(), mode))) == []


def test_the_small_start_of_the_how_to_is_a_template(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "own-templates.md").read_text(encoding="utf-8")
    start = page.split("`redirect/README.md.j2`:")[1].split("```")[1]
    assert Templates(own(tmp_path, start.lstrip("\n"), "redirect/README.md.j2"), PROFILE).digest


@pytest.mark.parametrize("kind", ["link", "folder link", "pipe", "link of the folder"])
def test_what_isnt_a_regular_file_is_refused(tmp_path: Path, kind: str) -> None:
    folder = own(tmp_path / "templates", BUNDLED)
    (tmp_path / "secret.env").write_text("KEY=1", encoding="utf-8")
    (folder / "common").mkdir()
    if kind == "link":
        (folder / "common" / "_leak.md.j2").symlink_to("../../secret.env")
    elif kind == "folder link":
        (folder / "refuse").symlink_to("signpost")
    elif kind == "pipe":
        os.mkfifo(folder / "common" / "_leak.md.j2")
    else:
        (tmp_path / "other").symlink_to("templates")
        folder = tmp_path / "other"
    with pytest.raises(TemplateError) as caught:
        Templates(folder, PROFILE)
    assert caught.value.diagnostics()[0].rule in {"template-file", "template-folder"}
