from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.utils import NormalizedName, canonicalize_name
from tests.harness.cli import call

from namehold.candidates.rank import Family, Shortlist, shortlist
from namehold.candidates.weights import load_weights
from namehold.candidates.wordlists import PopularNames
from namehold.cli.commands import names
from namehold.portfolio.packages import Package


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_json_has_what_it_promises() -> None:
    done = call("names", "Acme.Tool", "requests", "--limit", "5", "--format", "json")
    assert done.code == 0
    document = json.loads(done.out)
    assert document["schema"] == "namehold/names/1"
    assert [item["package"] for item in document["packages"]] == ["acme-tool", "requests"]
    for item in document["packages"]:
        scores = [candidate["score"] for candidate in item["candidates"]]
        assert len(scores) == 5
        assert scores == sorted(scores, reverse=True)
        for candidate in item["candidates"]:
            assert candidate["evidence"]
            assert all(piece["technique"] and candidate["name"] in piece["detail"] for piece in candidate["evidence"])


def test_a_mistyped_popular_package_is_asked_about_on_standard_error() -> None:
    done = call("names", "tqmd", "--limit", "3", "--format", "list")
    assert done.code == 0
    assert len(done.out.splitlines()) == 3
    assert re.search(r"tqmd: did you mean tqdm\? It is number \d+ by downloads", done.err)


@pytest.mark.parametrize(
    ("package", "why"),
    [("tqdm", "popular itself"), ("acme-tool", "near none"), ("rqe", "short"), ("tqmd", "ours"), ("tqmd", "this one")],
)
def test_no_other_package_is_asked_about(package: str, why: str, tmp_path: Path) -> None:
    if why == "this one":
        (tmp_path / "pyproject.toml").write_text(f'[project]\nname = "{package.upper()}"\n')
    if why == "ours":
        assert call("init", "--yes", "--package", package).code == 0
    done = call("names", package, "--limit", "3")
    assert done.code == 0
    assert "did you mean" not in done.err


def test_the_most_downloaded_of_the_much_used_projects_near_a_name_is_meant() -> None:
    much_used = ["acme-tol", "acme-tools", *(f"project-{number}" for number in range(5_000)), "zebra"]
    popular = PopularNames(
        ranks={NormalizedName(name): rank for rank, name in enumerate(much_used, start=1)}, source="", digest=""
    )
    assert popular.meant_by(NormalizedName("acme-tool")) == "acme-tol"
    assert popular.meant_by(NormalizedName("zebrra")) is None


def test_a_bad_names_yaml_does_not_stop_the_question(tmp_path: Path) -> None:
    (tmp_path / "names.yaml").write_text("packages: [")
    done = call("names", "tqmd", "--limit", "3")
    assert done.code == 0
    assert "did you mean tqdm" in done.err


def test_all_formats_hold_the_same_names() -> None:
    shown = {}
    for form in ("list", "jsonl", "csv", "table", "json"):
        done = call("names", "acme-tool", "--limit", "7", "--format", form)
        assert done.code == 0
        shown[form] = done.out
    names = shown["list"].splitlines()
    assert len(names) == 7
    assert json.loads(shown["jsonl"]) == {"target": "acme-tool", "candidates": names}
    assert [row["name"] for row in csv.DictReader(io.StringIO(shown["csv"]))] == names
    assert [line.split()[2] for line in shown["table"].splitlines()[1:]] == names
    candidates = json.loads(shown["json"])["packages"][0]["candidates"]
    assert [item["name"] for item in candidates] == names
    scores = [row["score"] for row in csv.DictReader(io.StringIO(shown["csv"]))]
    # JSON has six decimals, which may round to the other four.
    assert [item["score"] for item in candidates] == pytest.approx([float(score) for score in scores], abs=1e-4)
    assert [line.split()[3] for line in shown["table"].splitlines()[1:]] == scores


def test_packages_come_from_a_file_or_from_standard_input(tmp_path: Path) -> None:
    text = "# ours\nacme-tool\n\nAcme_Tool\nacme-sdk\n"
    (tmp_path / "packages.txt").write_text(text)
    done = call("names", "--from", "packages.txt", "--format", "jsonl")
    assert done.code == 0
    from_file = done.out
    done = call("names", "--from", "-", "--format", "jsonl", stdin=text)
    assert done.code == 0
    assert done.out == from_file
    rows = [json.loads(line) for line in from_file.splitlines()]
    assert [row["target"] for row in rows] == ["acme-tool", "acme-sdk"]
    assert "acme-sdk" not in rows[0]["candidates"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("source", ["packages.txt", "-"])
def test_a_list_that_windows_wrote_is_read_from_a_file_and_from_standard_input(
    source: str, encoding: str, tmp_path: Path
) -> None:
    content = "\ufeffacme-tool\r\nacme-sdk\r\n".encode(encoding)
    (tmp_path / "packages.txt").write_bytes(content)
    done = call("names", "--from", source, "--format", "jsonl", cwd=tmp_path, stdin=content)
    assert (done.code, [json.loads(line)["target"] for line in done.out.splitlines()]) == (0, ["acme-tool", "acme-sdk"])


def test_surfaces_from_a_table_take_part(tmp_path: Path) -> None:
    (tmp_path / "surfaces.csv").write_text("target,kind,value\nAcme_Tool,import,acme_grip\n")
    done = call("names", "acme-tool", "--surfaces", "surfaces.csv", "--format", "list", "--limit", "1")
    assert done.code == 0
    assert done.out == "acme-grip\n"


def test_surfaces_of_packages_that_were_not_asked_for_are_told(tmp_path: Path) -> None:
    rows = ["acme-tool,import,acme_grip", *(f"acme-tol{number},command,grip" for number in range(7))]
    (tmp_path / "surfaces.csv").write_text("\n".join(["target,kind,value", *rows]))
    shown = call("names", "acme-tool", "--surfaces", "surfaces.csv", "--format", "list", "--limit", "1")
    assert shown.code == 0
    assert shown.out == "acme-grip\n"
    told = (
        "surfaces.csv has surfaces of 7 packages not asked for: acme-tol0, acme-tol1, acme-tol2, acme-tol3, acme-tol4"
    )
    assert f"{told} and 2 more\n" in shown.err


@pytest.mark.parametrize(
    ("words", "step"),
    [
        (["acme-tool"], "namehold init --yes --package acme-tool; in the package's repository: namehold init --yes\n"),
        (["acme-tool", "acme-arm"], "namehold init ("),
        (["acme-tool", "--surfaces", "surfaces.csv"], "namehold init ("),
        (["acme-tool", "--config", "here.yaml"], "namehold plan --config here.yaml ("),
    ],
)
def test_explain_is_the_next_step_only_where_it_has_the_same_figures(
    tmp_path: Path, words: list[str], step: str
) -> None:
    (tmp_path / "surfaces.csv").write_text("target,kind,value\nacme-tool,import,acme_grip\n")
    (tmp_path / "here.yaml").touch()
    done = call("names", *words)
    assert done.code == 0
    assert f"Next: {step}" in done.err


def test_csv_is_written_package_by_package() -> None:
    made: list[str] = []

    def rank() -> Iterator[Shortlist]:
        for name in map(canonicalize_name, ("acme-tool", "acme-arm")):
            package = Package(name=name, spelled=name)
            family = Family.of((package,))
            yield shortlist(package, family=family, weights=load_weights(), popular={}, limit=3)
            made.append(name)

    pieces = map(str, names._render(rank(), names.NamesFormat.CSV, width=None))
    assert next(pieces) == "package,rank,name,score,why\n"
    assert next(pieces).startswith("acme-tool,1,")
    assert made == []
    assert next(pieces).startswith("acme-arm,1,")


def test_every_bad_name_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "packages.txt").write_text("acme-tool\n-bad\nfine\nbad name\n")
    shown = call("names", "--from", "packages.txt")
    assert shown.code == 3
    assert "packages.txt:2:" in shown.err
    assert "packages.txt:4:" in shown.err
    assert shown.out == ""


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("package,kind\nacme,import\n", "surfaces.csv:1"),
        ("target,kind,value\nacme,import,a\nacme,gizmo,b\n", "surfaces.csv:3"),
        ("target,kind,value\nacme,import\n", "surfaces.csv:2"),
    ],
)
def test_a_bad_table_of_surfaces_is_told_with_its_line(tmp_path: Path, content: str, told: str) -> None:
    (tmp_path / "surfaces.csv").write_text(content)
    done = call("names", "acme", "--surfaces", "surfaces.csv")
    assert done.code == 3
    assert told in done.err


def test_a_file_that_is_not_there_is_told() -> None:
    done = call("names", "--from", "nothing.txt")
    assert done.code == 3
    assert "nothing.txt can't be read" in done.err


def test_no_package_is_a_wrong_call() -> None:
    done = call("names")
    assert done.code == 2
    assert "namehold names PACKAGE" in done.err


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    done = call("names", "acme-tool", "--format", "json", "-o", "names.json")
    assert (done.code, done.out) == (0, "")
    assert json.loads((tmp_path / "names.json").read_text())["packages"]


def test_explain_shows_the_rows_of_the_ranking_only_when_asked() -> None:
    short = call("explain", "python-requests", "--package", "requests")
    assert "log-weight" not in short.out
    assert re.search(r"\d+ factors of the ranking: with --verbose\.", short.out)
    assert "log-weight" in call("explain", "python-requests", "--package", "requests", "--verbose").out
    assert "log-weight" in call("explain", "python-requests", "--package", "requests", "--format", "csv").out
