"""PyPA's `build` and twine are the reference for what namehold builds and checks in its own process."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.harness.values import PROFILE, action, full_portfolio
from twine.package import PackageFile

from namehold.errors import BuildError
from namehold.placeholder.build import PlaceholderBuilder, write_tree
from namehold.placeholder.model import Distribution, SourceFile
from namehold.placeholder.reference import build_reference
from namehold.placeholder.render import Templates
from namehold.placeholder.verify import read_tree
from namehold.portfolio.model import Mode


@pytest.mark.parametrize("mode", [Mode.REDIRECT, Mode.SIGNPOST])
def test_the_build_tool_gives_the_same_bytes_from_the_same_tree(tmp_path: Path, mode: Mode) -> None:
    tree = Templates(None, PROFILE).render(action(mode=mode), full_portfolio())
    ours = {item.filename: item.sha256 for item in PlaceholderBuilder().build(tree, tmp_path / "ours")}
    assert build_reference(tree, tmp_path / "reference") == ours
    assert {path.name for path in (tmp_path / "reference").iterdir()} == set(ours)


def test_a_tree_that_namehold_did_not_render_is_not_run(tmp_path: Path) -> None:
    rendered = Templates(None, PROFILE).render(action(), full_portfolio())
    _, sdist = PlaceholderBuilder().build(rendered, tmp_path / "ours")
    changed = replace(rendered, files=(*rendered.files, SourceFile(path="setup.py", text="raise SystemExit(1)")))
    for tree in (read_tree(Path(sdist.path)), changed):
        with pytest.raises(BuildError, match="wasn't rendered by namehold"):
            build_reference(tree, tmp_path / "reference")
    assert not (tmp_path / "reference").exists()


def test_a_refusing_placeholder_has_no_reference(tmp_path: Path) -> None:
    tree = Templates(None, PROFILE).render(action(mode=Mode.REFUSE), full_portfolio())
    with pytest.raises(BuildError, match="can't be built by its own backend"):
        build_reference(tree, tmp_path)


def test_the_build_tool_is_refused_by_a_refusing_placeholder(tmp_path: Path) -> None:
    write_tree(Templates(None, PROFILE).render(action(mode=Mode.REFUSE), full_portfolio()), tmp_path)
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "Install Acme_Tool instead." in done.stdout + done.stderr
    assert "refusal.py" not in done.stdout + done.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[Mode, tuple[Distribution, ...]]:
    """The files of a placeholder in each mode."""
    templates, builder = Templates(None, PROFILE), PlaceholderBuilder()
    return {
        mode: builder.build(templates.render(action(mode=mode), full_portfolio()), tmp_path_factory.mktemp(mode))
        for mode in Mode
    }


def test_twine_finds_nothing(built: dict[Mode, tuple[Distribution, ...]]) -> None:
    files = [item.path for mode in Mode for item in built[mode]]
    done = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", *files], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("PASSED") == len(files)


@pytest.mark.parametrize("mode", list(Mode))
def test_twine_sends_what_was_checked(built: dict[Mode, tuple[Distribution, ...]], mode: Mode) -> None:
    for item in built[mode]:
        sent = dict(PackageFile.from_filename(item.path, comment=None).metadata_dictionary())
        ours: dict[str, list[str]] = {}
        for field, value in item.metadata:
            ours.setdefault(field, []).append(value)
        for field, values in ours.items():
            assert _as_form(sent[field]) == values, field


def _as_form(value: object) -> list[str]:
    if isinstance(value, dict):
        return [f"{label}, {url}" for label, url in value.items()]
    return [str(part) for part in value] if isinstance(value, list) else [str(value)]
