"""`namehold check` and `namehold snapshot` as a person calls them."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.harness.cli import call

from namehold.snapshot import SnapshotStore


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def listing(tmp_path: Path) -> Path:
    path = tmp_path / "names.txt.gz"
    path.write_bytes(gzip.compress(b"acme-tool\nrequests\n-not-a-name\nlonglib-io\n"))
    return path


_SCRIPT = Path(sys.executable).with_name("namehold")


@pytest.mark.parametrize("program", [[sys.executable, "-m", "namehold"], [str(_SCRIPT)]], ids=["module", "script"])
def test_the_installed_program_answers_as_a_call_in_process(program: list[str]) -> None:
    for words in (["check", "acme-tool", "--format", "json"], ["check"], ["snapshot", "info"]):
        done = subprocess.run([*program, *words], capture_output=True, text=True, check=False)
        # The usage says how the program was called.
        told = done.stderr.replace("python -m namehold", "namehold")
        assert (done.returncode, done.stdout, told) == call(*words)


def answers(text: str) -> dict[str, dict[str, Any]]:
    document = json.loads(text)
    assert list(document) == ["schema", "names"]
    assert document["schema"] == "namehold/check/1"
    return {entry["name"]: entry for entry in document["names"]}


def test_check_works_without_anything(tmp_path: Path) -> None:
    done = call("check", "acme-tool", "Json", "requsts", "\u0430cme", "--format", "json")
    assert done.code == 0, done.err
    told = answers(done.out)
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
    assert "approximate" in done.err
    assert done.err.splitlines()[-1].startswith("Next: namehold snapshot import")
    assert list(tmp_path.iterdir()) == []


def test_check_reads_a_list_without_keeping_it(tmp_path: Path, listing: Path) -> None:
    done = call("check", "acme-t00l", "Acme_Tool", "acme-tol", "--snapshot", str(listing), "-f", "json")
    assert done.code == 0, done.err
    told = answers(done.out)
    assert (told["acme-t00l"]["protection"], told["acme-t00l"]["similar_to"]) == ("similar", ["acme-tool"])
    assert (told["Acme_Tool"]["availability"], told["Acme_Tool"]["protection"]) == ("taken", "exists")
    assert told["acme-tol"]["availability"] == "unregistered"
    assert "1 line without a name" in done.err
    again = call("check", "acme-tol", "--format", "json")
    assert answers(again.out)["acme-tol"]["availability"] == "unknown"


def test_an_imported_list_is_used_by_check_and_told_by_info(tmp_path: Path, listing: Path) -> None:
    done = call("snapshot", "import", str(listing), "--date", "2026-01-05")
    assert done.code == 0, done.err
    assert done.out == ""
    assert f"{listing}:3: warning[snapshot-line]" in done.err.replace("\n", "")
    assert "pypi: 3 names, complete, taken 2026-01-05." in done.err
    info = json.loads(call("snapshot", "info", "--format", "json").out)
    assert info["schema"] == "namehold/snapshot/1"
    assert (info["index"], info["count"], info["complete"], info["taken"]) == ("pypi", 3, True, "2026-01-05")
    checked = call("check", "acme-tol", "--format", "csv")
    (row,) = csv.DictReader(io.StringIO(checked.out))
    assert row["availability"] == "unregistered"
    assert "2026-01-05" in checked.err


def test_a_partial_list_leaves_unseen_names_unknown(tmp_path: Path, listing: Path) -> None:
    call("snapshot", "import", str(listing), "--partial")
    done = call("check", "acme-tol", "acme-tool", "--format", "json")
    told = answers(done.out)
    assert (told["acme-tol"]["availability"], told["acme-tool"]["availability"]) == ("unknown", "taken")


def private_project(folder: Path, *, port: int = 1) -> Path:
    """A folder with a names.yaml for a private index, at this port of this machine."""
    folder.mkdir()
    (folder / "names.yaml").write_text(
        "organization: {name: Acme Robotics, contact: security@acme-robotics.dev}\n"
        "account: {index: internal, username: acme-bot}\n"
        f"index: {{upload: http://127.0.0.1:{port}/upload/, simple: http://127.0.0.1:{port}/simple/}}\n"
        "packages: [{name: acme-tool}]\n"
    )
    return folder


def test_a_private_index_has_its_own_list_in_every_project(tmp_path: Path, listing: Path) -> None:
    ours, also_ours = private_project(tmp_path / "ours"), private_project(tmp_path / "also-ours")
    another = private_project(tmp_path / "another", port=2)
    done = call("snapshot", "import", str(listing), cwd=ours)
    assert done.code == 0, done.err
    assert [path.name for path in ours.iterdir()] == ["names.yaml"]
    assert call("snapshot", "info", cwd=also_ours).code == 0
    # The same word for another index, and the public one, have lists of their own.
    assert call("snapshot", "info", cwd=another).code == 4
    assert call("snapshot", "info", "--index", "pypi", cwd=ours).code == 4


def test_a_list_that_came_with_a_checkout_is_no_list(tmp_path: Path, listing: Path) -> None:
    """It could say of any name that it is taken or free, and digests without a key prove nothing."""
    checkout = private_project(tmp_path / "checkout")
    for brought in (checkout / ".namehold", checkout / ".namehold" / "cache"):
        SnapshotStore(brought / "snapshots").import_file(listing, index="internal")
    done = call("check", "acme-tool", "--format", "json", cwd=checkout)
    assert answers(done.out)["acme-tool"]["availability"] == "unknown"


@pytest.mark.parametrize(
    "variables", [{"NAMEHOLD_CACHE": ".namehold/cache"}, {"NAMEHOLD_CACHE": ".cache"}, {"XDG_CACHE_HOME": ".cache"}]
)
def test_a_cache_that_a_checkout_can_fill_is_told(
    tmp_path: Path, listing: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    checkout = private_project(tmp_path / "checkout")
    monkeypatch.delenv("NAMEHOLD_CACHE", raising=False)
    for variable, folder in variables.items():
        monkeypatch.setenv(variable, str(checkout / folder))
    call("snapshot", "import", str(listing), cwd=checkout)
    done = call("check", "acme-tool", "--quiet", cwd=checkout)
    assert done.err.count("where a checkout can bring others along; set NAMEHOLD_CACHE") == 1


def test_a_cache_that_a_checkouts_link_leads_elsewhere_is_told(
    tmp_path: Path, listing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = private_project(tmp_path / "checkout")
    (tmp_path / "elsewhere").mkdir()
    (checkout / ".cache").symlink_to(tmp_path / "elsewhere")
    monkeypatch.setenv("NAMEHOLD_CACHE", str(checkout / ".cache"))
    call("snapshot", "import", str(listing), cwd=checkout)
    assert "where a checkout can bring others along" in call("check", "acme-tool", cwd=checkout).err


def test_the_cache_of_a_names_yaml_in_the_home_folder_is_no_danger(
    tmp_path: Path, listing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = private_project(tmp_path / "home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("NAMEHOLD_CACHE", str(home / ".cache"))
    call("snapshot", "import", str(listing), cwd=home)
    done = call("check", "acme-tool", cwd=home)
    assert "where a checkout can bring others along" not in done.err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["snapshot", "info"], 4),
        (["snapshot", "import", "nowhere.txt"], 3),
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
def test_what_can_not_be_done_ends_in_its_exit_code(tmp_path: Path, words: list[str], code: int) -> None:
    (tmp_path / "garbage").write_bytes(b"\x00\x01\n\x02\n")
    (tmp_path / "good").write_text("acme-tool\n")
    done = call(*words)
    assert done.code == code, done.err
    assert done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("words", [["check"], ["snapshot", "import"], ["snapshot", "update"], ["snapshot", "info"]])
def test_help_shows_examples(words: list[str]) -> None:
    done = call(*words, "--help")
    assert done.code == 0
    assert "Examples" in done.out
    assert f"namehold {' '.join(words)}" in done.out


def test_a_short_list_of_a_public_index_is_doubted(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("acme-tool\n", "utf-8")
    doubted = call("snapshot", "import", "names.txt", cwd=tmp_path)
    assert doubted.code == 0
    assert "pypi: 1 name, complete" in doubted.err
    assert "pypi has far more names than 1" in doubted.err
    assert "--partial" in doubted.err
    assert "far more names" not in call("snapshot", "import", "names.txt", "--partial", cwd=tmp_path).err
    rows = dict(line.split(maxsplit=1) for line in call("snapshot", "info", cwd=tmp_path).out.splitlines())
    assert (rows["complete"], rows["stale"]) == ("no", "no")
    assert "etag" not in rows


@pytest.mark.parametrize("more", [0, 40])
def test_a_list_that_lost_most_of_its_names_replaces_the_kept_one_only_on_a_persons_word(
    tmp_path: Path, more: int
) -> None:
    """However many other names it has: then it is another index's."""
    (tmp_path / "names.txt").write_text("".join(f"acme-{number}\n" for number in range(20)), "utf-8")
    others = "".join(f"other-{number}\n" for number in range(more))
    (tmp_path / "cut.txt").write_text(f"acme-1\nacme-2\n{others}", "utf-8")
    assert call("snapshot", "import", "names.txt", cwd=tmp_path).code == 0
    refused = call("snapshot", "import", "cut.txt", cwd=tmp_path)
    assert refused.code == 4
    assert "cut.txt has 2 of the 20 names in the kept list" in refused.err
    assert "--smaller" in refused.err
    assert "20" in call("snapshot", "info", cwd=tmp_path).out
    assert call("snapshot", "import", "cut.txt", "--smaller", cwd=tmp_path).code == 0


def test_a_list_that_loses_names_step_by_step_is_told(tmp_path: Path) -> None:
    """Each step is small enough to be taken."""
    for left, told in ((200, ""), (199, ""), (110, "89 names of the list before are not in this one"), (220, "")):
        (tmp_path / "names.txt").write_text("".join(f"acme-{number}\n" for number in range(left)), "utf-8")
        taken = call("snapshot", "import", "names.txt", cwd=tmp_path)
        assert taken.code == 0
        assert ("of the list before" in taken.err, told in taken.err) == (bool(told), True)


def test_a_list_in_a_file_whose_name_is_no_text_can_be_planned_with(tmp_path: Path) -> None:
    (tmp_path / "names.yaml").write_text(
        "organization: {name: Acme, contact: security@acme-robotics.dev}\n"
        "account: {index: pypi, username: acme}\npackages: [acme-tool]\n",
        "utf-8",
    )
    odd = os.fsdecode(b"names\xff.txt")
    (tmp_path / odd).write_text("acme-tool\n", "utf-8")
    for words in (("snapshot", "import", odd), ("plan",), ("report", "-o", os.fsdecode(b"report\xff.html"))):
        done = call(*words, cwd=tmp_path)
        assert done.code == 0, done.err
    assert (tmp_path / os.fsdecode(b"report\xff.html")).is_file()
