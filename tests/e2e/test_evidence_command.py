"""`namehold evidence`: all of it is shown, what is taken out changes the plan back, and a list needs its provenance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.harness.cli import Done, call

_CONFIG = """\
organization: {name: Acme Robotics, contact: "https://acme-robotics.dev/security"}
account: {index: pypi, username: acme-reserve}
packages: [acme-tool, acme-sdk]
observed:
  - {name: acme-help, package: acme-tool, source: help channel, date: 2026-11-01}
"""
_COUNTS = "count: 3, of: 50, runs: 2, of_runs: 5, prompts: 1, of_prompts: 10"
_EVIDENCE = f"""\
probed:
  - {{name: acme-turbo, package: acme-tool, source: model m1, date: 2026-11-28, {_COUNTS}}}
  - {{name: acme-turbo, package: acme-tool, source: model m2, date: 2026-11-27, count: 1, of: 50}}
documented:
  - {{name: acme-sdkk, package: acme-sdk, source: README.md, date: 2026-11-26}}
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("names.yaml").write_text(_CONFIG, "utf-8")
    Path("evidence.yaml").write_text(_EVIDENCE, "utf-8")
    Path("names.txt").write_text("acme-tool\nacme-sdk\nacme-tool-kit\n", "utf-8")
    assert namehold("snapshot", "import", "names.txt").code == 0


def namehold(*words: str) -> Done:
    return call(*words, env={"NAMEHOLD_OFFLINE": "1", "NAMEHOLD_CACHE": str(Path("cache").absolute())})


def listed(*words: str) -> list[dict[str, Any]]:
    done = namehold("evidence", "list", *words, "--format", "json")
    assert done.code == 0
    document = json.loads(done.out)
    assert document["schema"] == "namehold/evidence/1"
    return list(document["evidence"])


def plan() -> dict[str, Any]:
    assert namehold("plan", "--as-of", "2026-11-28", "--format", "json", "-o", "p.json").code == 0
    made: dict[str, Any] = json.loads(Path("p.json").read_text("utf-8"))
    return made


def test_all_of_it_is_shown_with_source_date_counts_and_file() -> None:
    rows = [tuple(row[key] for key in ("kind", "name", "source", "date", "count", "of", "file")) for row in listed()]
    assert rows == [
        ("probed", "acme-turbo", "model m1", "2026-11-28", 3, 50, "evidence.yaml"),
        ("probed", "acme-turbo", "model m2", "2026-11-27", 1, 50, "evidence.yaml"),
        ("documented", "acme-sdkk", "README.md", "2026-11-26", 1, None, "evidence.yaml"),
        ("observed", "acme-help", "help channel", "2026-11-01", 1, None, "names.yaml"),
    ]
    table = namehold("evidence", "list", "acme-turbo", "--source", "model m1")
    assert table.out.splitlines()[1].split()[-8:] == ["50", "2", "of", "5", "1", "of", "10", "evidence.yaml"]
    assert "1 observation." in table.err


@pytest.mark.parametrize(
    ("words", "left"),
    [
        (["acme-turbo"], 2),
        (["Acme.Turbo", "acme_sdkk"], 1),
        (["--source", "model m1"], 3),
        (["--package", "acme-sdk"], 3),
        (["--kind", "probed"], 2),
        (["acme-turbo", "--source", "model m2"], 3),
    ],
)
def test_what_is_meant_is_taken_out_and_nothing_else(words: list[str], left: int) -> None:
    done = namehold("evidence", "remove", *words, "--format", "json")
    assert done.code == 0
    assert len(json.loads(done.out)["evidence"]) == 4 - left
    assert len(listed()) == left


def test_without_it_the_plan_is_the_one_from_before() -> None:
    Path("evidence.yaml").rename("aside")
    before = plan()
    Path("aside").rename("evidence.yaml")
    assert plan()["provenance"]["evidence"].startswith("sha256:")
    assert namehold("evidence", "remove", "acme-turbo", "acme-sdkk").code == 0
    assert not Path("evidence.yaml").exists()
    assert plan() == before


def test_what_names_yaml_says_is_left_to_a_person() -> None:
    done = namehold("evidence", "remove", "acme-help")
    assert done.code == 3
    assert "1 observation of names.yaml stay" in done.err
    assert Path("names.yaml").read_text("utf-8") == _CONFIG


def test_everything_at_once_is_never_meant_by_nothing() -> None:
    assert namehold("evidence", "remove").code == 2
    assert namehold("evidence", "list", "--kind", "heard").code == 2
    assert len(listed()) == 4


def test_a_list_counts_only_with_its_source_date_and_licence() -> None:
    Path("list.txt").write_text("acme-tool-client\nacme-tool-kit\nacme-tool\nunrelated-name\n", "utf-8")
    provenance = {"--source": "Acme's list", "--date": "2026-10-01", "--licence": "CC-BY-4.0"}
    for missing in provenance:
        words = [word for key, value in provenance.items() if key != missing for word in (key, value)]
        assert namehold("evidence", "import", "list.txt", *words).code == 2
    assert len(listed()) == 4
    words = [word for pair in provenance.items() for word in pair]
    done = namehold("evidence", "import", "list.txt", *words)
    assert done.code == 0
    (row,) = listed("--source", "Acme's list")
    assert (row["name"], row["package"], row["date"], row["licence"]) == (
        "acme-tool-client",
        "acme-tool",
        "2026-10-01",
        "CC-BY-4.0",
    )
    assert "2 observations left out" in done.err  # one is on the list, one is ours; the other is about no package


def test_a_list_may_be_about_one_package() -> None:
    Path("list.txt").write_text("unrelated-name\n", "utf-8")
    words = ["--source", "s", "--date", "2026-10-01", "--licence", "MIT"]
    assert namehold("evidence", "import", "list.txt", *words, "--package", "nobody").code == 3
    assert namehold("evidence", "import", "list.txt", *words, "--package", "acme-sdk").code == 0
    assert [row["package"] for row in listed("unrelated-name")] == ["acme-sdk"]


def test_another_evidence_file_is_taken_in_with_a_licence() -> None:
    Path("other.yaml").write_text(_EVIDENCE.replace("acme-turbo", "acme-hyper"), "utf-8")
    assert namehold("evidence", "import", "other.yaml").code == 2
    assert namehold("evidence", "import", "other.yaml", "--licence", "our own").code == 0
    assert {row["licence"] for row in listed("acme-hyper")} == {"our own"}


def test_nothing_is_taken_in_without_a_complete_list_of_the_index() -> None:
    assert namehold("snapshot", "import", "names.txt", "--partial").code == 0
    Path("other.yaml").write_text(_EVIDENCE, "utf-8")
    assert namehold("evidence", "import", "other.yaml", "--licence", "our own").code == 4


@pytest.mark.parametrize("limit", ["MOST_OBSERVATIONS", "MAX_FILE_BYTES"])
def test_what_could_not_be_read_again_is_not_taken_in(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    Path("list.txt").write_text("acme-tool-blue\nacme-tool-red\n", "utf-8")
    monkeypatch.setattr(f"namehold.portfolio.evidence.{limit}", 4)
    words = ("--source", "a list", "--date", "2026-10-01", "--licence", "CC0")
    done = namehold("evidence", "import", "list.txt", *words)
    assert done.code == 3
    assert "couldn't be read again; it was left alone" in done.err
    assert Path("evidence.yaml").read_text("utf-8") == _EVIDENCE


def test_a_list_from_the_future_or_without_names_is_refused() -> None:
    Path("list.txt").write_text("not a name\n", "utf-8")
    words = ["--source", "s", "--licence", "MIT", "--date"]
    assert namehold("evidence", "import", "list.txt", *words, "2999-01-01").code == 2
    assert namehold("evidence", "import", "list.txt", *words, "2026-01-01").code == 3
    assert namehold("evidence", "import", "nothing.yaml").code == 3
    Path("other.yaml").write_text(_EVIDENCE.replace("2026-11-28", "2999-01-01"), "utf-8")
    assert namehold("evidence", "import", "other.yaml", "--licence", "MIT").code == 2
