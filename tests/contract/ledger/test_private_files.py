"""What tells open names is readable by its owner alone, and the index is asked about names only."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from tests.harness.applying import index_now
from typer.testing import CliRunner

from namehold.cli import app
from namehold.errors import InputError
from namehold.index.access.http import HttpIndex

CONFIG = """\
demo: true
organization: {name: Acme, contact: "security@acme-robotics.dev", homepage: "https://acme-robotics.dev/"}
account: {index: pypi, username: acme}
packages: [{name: acme-tool, imports: [acme_toolctl]}]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "names.yaml").write_text(CONFIG, "utf-8")
    (tmp_path / "n.txt").write_text("acme-tool\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    before = os.umask(0o022)
    yield tmp_path
    os.umask(before)


def call(words: str) -> int:
    return CliRunner().invoke(app, words.split(), catch_exceptions=False).exit_code


def test_plan_rehearsal_ledger_and_built_files_are_their_owners_alone(folder: Path) -> None:
    for words in (
        "plan --snapshot n.txt", "plan --snapshot n.txt -o my.json", "build", "build --output-dir built",
        "rehearse --snapshot n.txt --format json -o rehearsed.json", "report -o report.md --format markdown",
    ):  # fmt: skip
        assert call(words) == 0, words

    found = [path for name in (".namehold", "built") for path in (folder / name).rglob("*")]
    names = {path.name for path in found}
    assert {"plan.json", "rehearsal.json", "ledger-pypi.jsonl", "dist"} <= names
    assert [name for name in names if name.endswith(".whl")]
    for path in (*found, *map(folder.joinpath, (".namehold", "built", "my.json", "rehearsed.json", "report.md"))):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_text_that_is_no_normalized_name_never_becomes_a_part_of_an_address() -> None:
    with index_now(users=["acme"]) as index, HttpIndex(index.profile, contact="") as reader:
        for text in ("x/../../admin/api?token=1#", "Acme", "..", "", "a%2fb", "a b", "\u0430cme"):
            with pytest.raises(InputError, match="no normalized name"):
                reader.project(NormalizedName(text))


def test_a_register_with_another_text_for_a_name_is_refused_before_anything_is_asked(folder: Path) -> None:
    assert call("plan --snapshot n.txt") == 0
    assert call("register -o public") == 0
    path = folder / "public" / "register.json"
    made = json.loads(path.read_text("utf-8"))
    made["names"] = [
        {"name": "x/../../admin", "standing": "held", "target": "acme-tool", "since": "2026-11-01", "why": ""}
    ]
    path.write_text(json.dumps(made), "utf-8")
    with pytest.raises(InputError, match="no normalized name"):
        call("register --verify public --offline")
