"""`namehold check` and `namehold snapshot` as a person calls them."""

from __future__ import annotations

import csv
import gzip
import io
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from namehold.cli import app
from namehold.cli.main import run_reporting_errors


@dataclass(frozen=True)
class Done:
    """What a call left behind."""

    returncode: int
    stdout: str
    stderr: str


Namehold = Callable[..., Done]


@pytest.fixture
def namehold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Namehold:
    """The command line in this process (starting Python for each call would take most of the time)."""
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["namehold", *words])
        capsys.readouterr()
        code = run_reporting_errors(app)
        told = capsys.readouterr()
        return Done(code, told.out, told.err)

    return call


@pytest.fixture
def listing(tmp_path: Path) -> Path:
    path = tmp_path / "names.txt.gz"
    path.write_bytes(gzip.compress(b"acme-tool\nrequests\n-not-a-name\nlonglib-io\n"))
    return path


def test_the_installed_program_answers(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "namehold", "check", "acme-tool", "--format", "json"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert answers(done.stdout)["acme-tool"]["availability"] == "unknown"


def answers(text: str) -> dict[str, dict[str, Any]]:
    document = json.loads(text)
    assert list(document) == ["schema", "names"]
    assert document["schema"] == "namehold/check/1"
    return {entry["name"]: entry for entry in document["names"]}


def test_check_works_without_anything(tmp_path: Path, namehold: Namehold) -> None:
    done = namehold("check", "acme-tool", "Json", "requsts", "\u0430cme", "--format", "json")
    assert done.returncode == 0, done.stderr
    told = answers(done.stdout)
    assert list(told["acme-tool"]) == [
        "name",
        "normalized",
        "availability",
        "protection",
        "similar_to",
        "flagged_as",
        "reason",
    ]
    assert told["acme-tool"]["availability"] == "unknown"
    assert (told["Json"]["normalized"], told["Json"]["protection"]) == ("json", "stdlib")
    assert told["requsts"]["flagged_as"] == [{"check": "omitted_characters", "matched": "requests"}]
    assert (told["\u0430cme"]["normalized"], told["\u0430cme"]["protection"]) == (None, "invalid")
    assert "approximate" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("Next: namehold snapshot import")
    assert list(tmp_path.iterdir()) == []


def test_check_reads_a_list_without_keeping_it(namehold: Namehold, tmp_path: Path, listing: Path) -> None:
    done = namehold("check", "acme-t00l", "Acme_Tool", "acme-tol", "--snapshot", str(listing), "-f", "json")
    assert done.returncode == 0, done.stderr
    told = answers(done.stdout)
    assert (told["acme-t00l"]["protection"], told["acme-t00l"]["similar_to"]) == ("similar", ["acme-tool"])
    assert (told["Acme_Tool"]["availability"], told["Acme_Tool"]["protection"]) == ("taken", "exists")
    assert told["acme-tol"]["availability"] == "unregistered"
    assert "1 line without a name" in done.stderr
    again = namehold("check", "acme-tol", "--format", "json")
    assert answers(again.stdout)["acme-tol"]["availability"] == "unknown"


def test_an_imported_list_is_used_by_check_and_told_by_info(namehold: Namehold, tmp_path: Path, listing: Path) -> None:
    done = namehold("snapshot", "import", str(listing), "--date", "2026-01-05")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert f"{listing}:3: warning[snapshot-line]" in done.stderr.replace("\n", "")
    assert "pypi: 3 names, complete, taken 2026-01-05." in done.stderr
    info = json.loads(namehold("snapshot", "info", "--format", "json").stdout)
    assert info["schema"] == "namehold/snapshot/1"
    assert (info["index"], info["count"], info["complete"], info["taken"]) == ("pypi", 3, True, "2026-01-05")
    checked = namehold("check", "acme-tol", "--format", "csv")
    (row,) = csv.DictReader(io.StringIO(checked.stdout))
    assert row["availability"] == "unregistered"
    assert "2026-01-05" in checked.stderr


def test_a_partial_list_leaves_unseen_names_unknown(namehold: Namehold, tmp_path: Path, listing: Path) -> None:
    namehold("snapshot", "import", str(listing), "--partial")
    done = namehold("check", "acme-tol", "acme-tool", "--format", "json")
    told = answers(done.stdout)
    assert (told["acme-tol"]["availability"], told["acme-tool"]["availability"]) == ("unknown", "taken")


def test_a_private_index_has_its_own_list_beside_names_yaml(namehold: Namehold, tmp_path: Path, listing: Path) -> None:
    (tmp_path / "names.yaml").write_text(
        "organization: {name: Acme Robotics, contact: security@acme-robotics.dev}\n"
        "account: {index: internal, username: acme-bot}\n"
        "index: {upload: http://127.0.0.1:1/upload/, simple: http://127.0.0.1:1/simple/}\n"
        "packages: [{name: acme-tool}]\n"
    )
    done = namehold("snapshot", "import", str(listing))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / ".namehold" / "snapshots" / "internal.names").is_file()
    assert namehold("snapshot", "info", "--index", "pypi").returncode == 4


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["snapshot", "info"], 4),
        (["snapshot", "import", "nowhere.txt"], 2),
        (["snapshot", "import", "garbage"], 4),
        (["snapshot", "import", "good", "--date", "2999-01-01"], 2),
        (["snapshot", "import", "good", "--date", "yesterday"], 2),
        (["snapshot", "import", "good", "--index", "nothing-known"], 3),
        (["snapshot", "update"], 2),
        (["snapshot", "update", "--offline"], 4),
        (["check"], 2),
        (["check", "a", "--snapshot", "garbage"], 4),
    ],
)
def test_what_can_not_be_done_ends_in_its_exit_code(
    namehold: Namehold, tmp_path: Path, words: list[str], code: int
) -> None:
    (tmp_path / "garbage").write_bytes(b"\x00\x01\n\x02\n")
    (tmp_path / "good").write_text("acme-tool\n")
    done = namehold(*words)
    assert done.returncode == code, done.stderr
    assert done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [["check"], ["snapshot", "import"], ["snapshot", "update"], ["snapshot", "info"]])
def test_help_shows_examples(namehold: Namehold, words: list[str]) -> None:
    done = namehold(*words, "--help")
    assert done.returncode == 0
    assert "Examples" in done.stdout
    assert f"namehold {' '.join(words)}" in done.stdout
