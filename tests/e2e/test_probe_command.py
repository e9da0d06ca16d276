"""`namehold probe --from` as a script and a person call it, without network, key or account."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.harness.cli import Done, call

_CONFIG = """\
organization: {name: Acme Robotics, contact: "https://acme-robotics.dev/security"}
account: {index: pypi, username: acme-reserve}
packages:
  - {name: acme-tool, imports: [acme_toolbox]}
"""
_ANSWERS = [
    {"text": "Run `pip install Acme_Tool[fast]>=2`, then `pip install requests`.", "model": "b", "prompt": "How?"},
    {"text": "```python\nimport acme_toolbox, json\nimport acme_turbo.core\n```", "model": "a", "date": "2026-11-01"},
    {"text": "```\npip install acme-turbo os reque-sts\npip install acme.turbo\n```", "model": "b", "seed": 7},
    {"text": "There is no package for this."},
]
#: By a complete list: standard library and names that differ from a project's in hyphens alone are refused to everyone.
_VERDICTS = {
    "acme-tool": "ours",
    "acme-turbo": "invented",
    "os": "refused",
    "reque-sts": "refused",
    "requests": "real",
}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("names.yaml").write_text(_CONFIG, "utf-8")
    Path("names.txt").write_text("acme-tool\nrequests\n", "utf-8")
    Path("answers.jsonl").write_text("\n".join(json.dumps(answer) for answer in _ANSWERS), "utf-8")


def namehold(*words: str) -> Done:
    return call(*words, env={"NAMEHOLD_OFFLINE": "1", "NAMEHOLD_CACHE": str(Path("cache").absolute())})


def probed(*words: str) -> list[dict[str, Any]]:
    done = namehold("probe", "--from", "answers.jsonl", "--format", "json", *words)
    assert done.code == 0
    document = json.loads(done.out)
    assert document["schema"] == "namehold/probe/1"
    return list(document["names"])


def import_list() -> None:
    assert namehold("snapshot", "import", "names.txt").code == 0


def test_each_name_stands_once_with_its_counts_models_and_verdict() -> None:
    import_list()
    rows = [tuple(row[key] for key in ("name", "seen", "of", "models", "verdict")) for row in probed()]
    assert rows == [
        ("acme-tool", 2, 4, ["a", "b"], "ours"),
        ("acme-turbo", 2, 4, ["a", "b"], "invented"),
        ("os", 1, 4, ["b"], "refused"),
        ("reque-sts", 1, 4, ["b"], "refused"),
        ("requests", 1, 4, ["b"], "real"),
    ]


def test_without_a_complete_list_nothing_counts_as_invented_or_real() -> None:
    rows = {row["name"]: row["verdict"] for row in probed()}
    assert rows == {
        "acme-tool": "ours",
        "acme-turbo": "unverified",
        "os": "refused",
        "reque-sts": "unverified",
        "requests": "unverified",
    }


def test_a_listed_project_is_real_although_its_name_sounds_like_ours() -> None:
    Path("names.txt").write_text("acme-tool\nacme-turbo\nrequests\n", "utf-8")
    import_list()
    assert {row["name"]: row["verdict"] for row in probed()} == _VERDICTS | {"acme-turbo": "real"}


def test_a_table_tells_the_same_and_the_sums() -> None:
    import_list()
    done = namehold("probe", "--from", "answers.jsonl")
    assert done.code == 0
    assert {line.split()[0]: line.split()[-1] for line in done.out.splitlines()[1:]} == _VERDICTS
    assert "4 answers, 5 names: 1 ours, 1 invented, 1 real, 2 refused." in done.err


def test_invented_names_of_dated_answers_are_entered_in_evidence_and_shown() -> None:
    import_list()
    told = {"text": "pip install acme-turbo", "model": "m1", "date": "2026-11-28", "prompt": "How to use acme-tool?"}
    Path("answers.jsonl").write_text(json.dumps(told) + "\n", "utf-8")
    assert namehold("probe", "--from", "answers.jsonl", "--no-write").code == 0
    assert not Path("evidence.yaml").exists()
    assert namehold("probe", "--from", "answers.jsonl").code == 0
    (row,) = json.loads(namehold("evidence", "list", "--format", "json").out)["evidence"]
    assert (row["name"], row["package"], row["source"], row["date"]) == (
        "acme-turbo",
        "acme-tool",
        "model m1",
        "2026-11-28",
    )


def test_what_is_dated_in_the_future_is_no_evidence_and_is_told() -> None:
    import_list()
    told = {"text": "pip install acme-turbo", "model": "m1", "date": "2999-01-01", "prompt": "How to use acme-tool?"}
    Path("answers.jsonl").write_text(json.dumps(told) + "\n", "utf-8")
    done = namehold("probe", "--from", "answers.jsonl")
    assert (done.code, Path("evidence.yaml").exists()) == (0, False)
    assert "1 answer dated in the future" in done.err
    seen = "{name: acme-turbo, package: acme-tool, source: m1, date: 2999-01-01, count: 1, of: 2}"
    Path("evidence.yaml").write_text(f"probed:\n  - {seen}\n", "utf-8")
    assert "acme-turbo` is said to be observed on 2999-01-01, in the future" in namehold("evidence", "list").err


def test_no_answer_is_no_name() -> None:
    Path("answers.jsonl").write_text("\n", "utf-8")
    assert probed() == []


@pytest.mark.parametrize("line", ["pip install acme-tool", "[]", '{"model": "a"}', '{"text": 1}', '{"text": "a"'])
def test_a_line_that_holds_no_answer_is_told_with_its_number(line: str) -> None:
    Path("answers.jsonl").write_text(f'{{"text": "pip install acme-tool"}}\n\n{line}\n', "utf-8")
    done = namehold("probe", "--from", "answers.jsonl", "--format", "json")
    assert (done.code, done.out) == (3, "")
    assert "answers.jsonl:3: this line holds no answer" in done.err


def test_a_file_that_is_not_there_is_told() -> None:
    done = namehold("probe", "--from", "nothing.jsonl")
    assert done.code == 3
    assert "nothing.jsonl" in done.err
