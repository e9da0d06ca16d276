"""`python -m build` and twine are the reference for what namehold builds and checks in its own process."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from tests.placeholders import PROFILE, action, portfolio
from twine.package import PackageFile

from namehold.placeholder.build import SOURCE_DATE_EPOCH_S, PlaceholderBuilder, write_tree
from namehold.placeholder.render import Templates
from namehold.portfolio.model import Mode


@pytest.mark.parametrize("mode", [Mode.REDIRECT, Mode.SIGNPOST])
def test_the_build_tool_gives_the_same_bytes_from_the_same_tree(
    tmp_path: Path, mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = Templates(None, PROFILE).render(action(mode=mode), portfolio())
    ours = {item.filename: item.sha256 for item in PlaceholderBuilder().build(tree, tmp_path / "ours")}
    write_tree(tree, tmp_path / "source")
    (tmp_path / "source" / ".git").mkdir()  # the root of a repository, as where such a source is published
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(SOURCE_DATE_EPOCH_S))
    # Without options `build` makes the wheel from the sdist, so this proves that the sdist is whole as well.
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(tmp_path / "theirs")]
    subprocess.run([*command, str(tmp_path / "source")], check=True, capture_output=True)
    theirs = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (tmp_path / "theirs").iterdir()}
    assert theirs == ours


def test_the_build_tool_is_refused_by_a_refusing_placeholder(tmp_path: Path) -> None:
    write_tree(Templates(None, PROFILE).render(action(mode=Mode.REFUSE), portfolio()), tmp_path)
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "Install Acme_Tool instead." in done.stdout + done.stderr
    assert "refusal.py" not in done.stdout + done.stderr


@pytest.mark.parametrize("mode", list(Mode))
def test_twine_finds_nothing_and_sends_what_was_checked(tmp_path: Path, mode: Mode) -> None:
    tree = Templates(None, PROFILE).render(action(mode=mode), portfolio())
    built = PlaceholderBuilder().build(tree, tmp_path)
    command = [sys.executable, "-m", "twine", "check", "--strict", *(item.path for item in built)]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    for item in built:
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
