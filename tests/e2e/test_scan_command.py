"""`namehold scan` as a person, a script, a workflow and a hook call it."""

from __future__ import annotations

import datetime as dt
import json
import os
import shlex
import socket
import subprocess
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it has no stubs of its own
import pytest
from ruamel.yaml import YAML
from tests.harness.cli import Done, call

_CONFIG = """\
organization: {name: Acme Robotics, contact: "https://acme-robotics.dev/security"}
account: {index: pypi, username: acme-reserve}
packages:
  - {name: acme-tool, imports: [acme_toolbox]}
"""
_README = """\
# Acme

Run `pip install acme-tool` or `pip install acme-toolz acme-tols requests`.
"""
_SCHEMA = Path(__file__).parents[1] / "contract" / "data" / "sarif-2.1.0.json"
_SARIF = jsonschema.Draft4Validator(json.loads(_SCHEMA.read_text("utf-8")))


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("names.yaml").write_text(_CONFIG, "utf-8")
    Path("names.txt").write_text("acme-tool\nacme-tols\nrequests\n", "utf-8")
    Path("site/docs").mkdir(parents=True)
    Path("site/docs/README.md").write_text(_README, "utf-8")


def scan(*words: str) -> Done:
    return call("scan", *words, "--snapshot", "names.txt", env={"NAMEHOLD_OFFLINE": "1"})


def found(done: Done) -> list[dict[str, Any]]:
    document = json.loads(done.out)
    assert document["schema"] == "namehold/scan/1"
    return list(document["findings"])


def test_findings_have_their_place_and_what_to_write_instead() -> None:
    done = scan("site", "--format", "json")
    assert done.code == 11
    assert json.loads(done.out)["scanned"] == 1
    keys = ("name", "file", "line", "column", "carrier", "verdict", "instead")
    assert [tuple(item[key] for key in keys) for item in found(done)] == [
        ("acme-toolz", "docs/README.md", 3, 45, "markdown", "unregistered", "acme-tool"),
        ("acme-tols", "docs/README.md", 3, 56, "markdown", "look-alike", "acme-tool"),
    ]


def test_findings_in_test_data_are_told_apart_with_a_way_to_leave_them_out() -> None:
    for folder in ("site/tests/data", "site/src/Fixtures"):
        Path(folder).mkdir(parents=True)
        Path(folder, "README.md").write_text(_README, "utf-8")
    done = scan("site")
    assert done.code == 11
    assert "4 findings under src/Fixtures/, tests/: if these are test data" in done.err
    assert "test data" not in scan("site/docs").err


def test_all_lists_every_mention() -> None:
    assert [(item["name"], item["verdict"]) for item in found(scan("site", "--all", "--format", "json"))] == [
        ("acme-tool", "ours"),
        ("acme-toolz", "unregistered"),
        ("acme-tols", "look-alike"),
        ("requests", "unrelated"),
    ]


def test_a_sound_document_ends_with_0_and_no_document_with_14() -> None:
    Path("sound.md").write_text("pip install acme-tool\n", "utf-8")
    assert scan("sound.md").code == 0
    Path("empty").mkdir()
    done = scan("empty", "--format", "json")
    assert (done.code, json.loads(done.out)) == (14, {"schema": "namehold/scan/1", "scanned": 0, "findings": []})
    assert scan("missing").code == 3


def test_the_table_names_place_and_correction() -> None:
    done = scan("site")
    assert "docs/README.md:3:45" in done.out
    assert "acme-tool" in done.out
    assert "Write acme-tool instead." in done.err


def test_annotations_lead_to_the_file_from_where_the_workflow_stands() -> None:
    done = scan("site", "--format", "github")
    assert done.out.splitlines()[0].startswith(
        "::error file=site/docs/README.md,line=3,col=45,title=unregistered::acme-toolz"
    )
    assert len(done.out.splitlines()) == 2
    Path("sound.md").write_text("pip install acme-tool\n", "utf-8")
    assert scan("sound.md", "--format", "github").out == ""


def test_a_file_name_can_forge_no_annotation() -> None:
    Path("site/a,b%0A::error file=x::y.md").write_text("pip install acme-toolz\n", "utf-8")
    lines = scan("site", "--format", "github").out.splitlines()
    assert len(lines) == 3
    assert "file=site/a%2Cb%250A%3A%3Aerror file=x%3A%3Ay.md,line=1," in lines[0]


def test_an_accepted_mention_is_no_finding_until_its_day() -> None:
    def accept(day: dt.date) -> None:
        entry = f"accepted_mentions:\n  - {{name: acme-toolz, reason: our warning, until: {day}}}\n"
        Path("names.yaml").write_text(_CONFIG + entry, "utf-8")

    today = dt.datetime.now(dt.UTC).date()
    accept(today)
    assert [item["name"] for item in found(scan("site", "--format", "json"))] == ["acme-tols"]
    accepted = found(scan("site", "--all", "--format", "json"))[1]
    assert (accepted["verdict"], accepted["accepted"]) == ("unregistered", "our warning")
    accept(today - dt.timedelta(days=1))
    done = scan("site", "--format", "json")
    assert [item["name"] for item in found(done)] == ["acme-toolz", "acme-tols"]
    assert "acme-toolz is reported again" in done.err


def test_sarif_has_each_place_and_keeps_what_is_accepted_as_suppressed() -> None:
    entry = "accepted_mentions:\n  - {name: acme-tols, reason: our warning, until: 2999-01-01, file: docs/README.md}\n"
    Path("names.yaml").write_text(_CONFIG + entry, "utf-8")
    cell = {"cell_type": "code", "source": "1\n!pip install acme-toolz"}
    Path("site/a b.ipynb").write_text(json.dumps({"cells": [cell]}), "utf-8")
    done = scan("site", "--format", "sarif")
    assert done.code == 11
    assert list(_SARIF.iter_errors(json.loads(done.out))) == []
    (run,) = json.loads(done.out)["runs"]
    notebook, mention, accepted = run["results"]
    place = notebook["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "site/a%20b.ipynb"
    assert place["region"] == {"startLine": 1, "startColumn": 1}
    assert "notebook cell 1, line 2" in notebook["message"]["text"]
    assert mention["locations"][0]["physicalLocation"]["region"] == {"startLine": 3, "startColumn": 45}
    assert "suppressions" not in mention
    assert accepted["suppressions"] == [{"kind": "external", "justification": "our warning"}]
    assert {result["ruleId"] for result in run["results"]} <= {rule["id"] for rule in run["tool"]["driver"]["rules"]}


def test_the_hook_for_other_repositories_finds_the_same_without_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """As pre-commit calls it: the hook's entry, the user's `args`, then the changed files."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the hook asked for an address")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    hooks = YAML(typ="safe").load((Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text("utf-8"))
    (hook,) = [hook for hook in hooks if hook["id"] == "namehold-scan"]
    program, *words = shlex.split(hook["entry"])
    assert (program, hook["language"], hook["types"]) == ("namehold", "python", ["text"])
    Path("notes.txt").write_text("nothing to install\n", "utf-8")
    done = call(*words, "--snapshot", "names.txt", "--format", "json", "site/docs/README.md", "notes.txt")
    assert done.code == 11
    assert json.loads(done.out)["scanned"] == 2
    assert [item["name"] for item in found(done)] == ["acme-toolz", "acme-tols"]
    # A commit that changes nothing to install passes.
    assert call(*words, "--snapshot", "names.txt", "notes.txt").code == 0


def test_sarif_has_the_bytes_of_a_file_whose_name_is_no_text() -> None:
    Path(os.fsdecode(b"a\xff.md")).write_text("pip install acme-toolz\n", "utf-8")
    done = scan(os.fsdecode(b"a\xff.md"), "--format", "sarif")
    (result,) = json.loads(done.out)["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%FF.md"


def test_sarif_without_a_finding_is_valid_too() -> None:
    Path("sound.md").write_text("pip install acme-tool\n", "utf-8")
    done = scan("sound.md", "--format", "sarif")
    assert (done.code, list(_SARIF.iter_errors(json.loads(done.out)))) == (0, [])
    assert list(_SARIF.iter_errors({"version": "2.1.0"}))


def test_without_a_list_an_unseen_name_is_unverified_and_no_finding(tmp_path: Path) -> None:
    done = call("scan", "site", "--all", "--format", "json", env={"NAMEHOLD_CACHE": str(tmp_path / "cache")})
    assert done.code == 0
    assert {item["verdict"] for item in found(done)} == {"ours", "unverified"}
    assert "unverified" in done.err


def test_unregistered_names_meant_for_a_package_lead_the_plan() -> None:
    Path("site/other.md").write_text("pip install something-else reqests acme-toool\n", "utf-8")
    assert scan("site", "--evidence").code == 11
    text = Path("evidence.yaml").read_text("utf-8")
    assert "{name: acme-toolz, package: acme-tool, source: docs/README.md," in text
    assert "something-else" not in text
    assert "reqests" not in text
    done = call("plan", "--snapshot", "names.txt", "--format", "json", env={"NAMEHOLD_OFFLINE": "1"})
    assert done.code == 0, done.err
    plan = json.loads(Path(".namehold/plan.json").read_text("utf-8"))
    # `acme-toolz` may be meant for a project named toolz, so it is watched.
    assert plan["actions"][0]["name"] == "acme-toool"


# ------------------------------------------------------------------ repositories


def git(*words: str, cwd: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(cwd), "GIT_CONFIG_NOSYSTEM": "1"}
    named = ("-c", "user.name=x", "-c", "user.email=x@x.example", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *named, *words], cwd=cwd, env=environment, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git("init", "-q", cwd=folder)
    (folder / "README.md").write_text("pip install acme-toolz\n", "utf-8")
    (folder / "link.md").symlink_to("/etc/hostname")
    (folder / ".gitattributes").write_text("*.md filter=evil\n", "utf-8")
    git("add", "-A", cwd=folder)
    git("commit", "-qm", "x", cwd=folder)
    return folder


def test_a_repository_is_copied_and_read_and_nothing_is_left(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = repository.parent / "room"
    room.mkdir()
    monkeypatch.setenv("TMPDIR", str(room))
    monkeypatch.setattr("tempfile.tempdir", None)
    done = scan(f"file://{repository}", "--format", "json")
    assert done.code == 11, done.err
    assert [(item["name"], item["file"], item["line"]) for item in found(done)] == [("acme-toolz", "README.md", 1)]
    assert list(room.iterdir()) == []


@pytest.mark.parametrize("bomb", ["one large file", "many empty files"])
def test_a_repository_that_grows_too_large_is_given_up_and_nothing_is_left(
    repository: Path, monkeypatch: pytest.MonkeyPatch, bomb: str
) -> None:
    if bomb == "one large file":
        (repository / "zeros.md").write_bytes(bytes(5_000_000))
    else:
        for number in range(600):
            (repository / f"{number}.md").touch()
    git("add", "-A", cwd=repository)
    git("commit", "-qm", "y", cwd=repository)
    room = repository.parent / "room"
    room.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(room))
    monkeypatch.setattr("namehold.scan.clone._MOST_BYTES", 2_000_000)
    done = scan(f"file://{repository}")
    assert done.code == 3
    assert "takes more than 2,000,000 bytes on the disk" in done.err
    assert list(room.iterdir()) == []


@pytest.mark.parametrize(
    "address",
    [
        "ext::sh -c touch% pwned",
        "ext::touch pwned",
        "fd::17",
        "ssh://-oProxyCommand=touch pwned/x",
        "file://--upload-pack=x/y",
    ],
)
def test_an_address_that_git_takes_for_a_program_or_an_option_is_refused(address: str) -> None:
    done = call("scan", address)
    assert done.code == 2, done.err
    assert not Path("pwned").exists()


def test_offline_no_other_machine_is_asked_and_a_missing_repository_is_told(tmp_path: Path) -> None:
    assert scan("https://git.acme.example/tool.git").code == 2
    done = scan(f"file://{tmp_path}/nothing")
    assert done.code == 3
    assert "can't be copied" in done.err


# ------------------------------------------------------------------ check -r


def check(*words: str, stdin: str = "") -> Done:
    return call("check", *words, "--snapshot", "names.txt", stdin=stdin, env={"NAMEHOLD_OFFLINE": "1"})


_REQUIREMENTS = "# acme-old\nrequests>=2\nacme-tool\n"


@pytest.mark.parametrize(("line", "code"), [("", 0), ("acme-toolz==1\n", 11), ("acme-tols\n", 11), ("acmetool\n", 0)])
def test_check_finds_what_a_requirements_file_would_install(line: str, code: int) -> None:
    Path("requirements.txt").write_text(_REQUIREMENTS + line, "utf-8")
    for words, stdin in ((["-r", "requirements.txt"], ""), (["-r", "-"], _REQUIREMENTS + line)):
        done = check(*words, "--format", "json", stdin=stdin)
        assert done.code == code, done.err
        document = json.loads(done.out)
        assert [item["name"] for item in document["names"]][:2] == ["requests", "acme-tool"]
        assert [item["line"] for item in document["findings"]] == ([4] if code else [])


def test_check_of_requirements_tells_place_and_correction() -> None:
    done = check("-r", "-", "json", stdin="acme-toolz\n")
    assert "<stdin>:1:1: unregistered: acme-toolz" in done.err
    assert "Write acme-tool instead." in done.err
    assert "json" in done.out


@pytest.mark.parametrize(
    ("listed", "config", "instead"),
    [
        ("flask\n", "", "flask"),
        # What isn't on the list corrects nothing, and a name of the portfolio is meant as it is written.
        ("", "", ""),
        ("flask\n", "  - {name: flaks, published: false}\n", ""),
        ("flask\n", "internal: [flaks]\n", ""),
    ],
)
def test_check_of_requirements_corrects_a_short_name_as_the_index_would_flag_it(
    listed: str, config: str, instead: str
) -> None:
    Path("names.yaml").write_text(_CONFIG + config, "utf-8")
    Path("names.txt").write_text("acme-tool\n" + listed, "utf-8")
    done = check("-r", "-", "--format", "json", stdin="flaks>=2\n")
    assert done.code == 11, done.err
    assert [(item["name"], item["instead"]) for item in json.loads(done.out)["findings"]] == [("flaks", instead)]
    assert ("Write flask instead." in done.err) == bool(instead)


def test_check_needs_names_or_a_file_that_can_be_read() -> None:
    assert check().code == 2
    assert check("-r", "missing.txt").code == 3
