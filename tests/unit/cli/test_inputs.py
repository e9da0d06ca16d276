"""What a call gives: lists of names, files that aren't there or are damaged, options that go nowhere."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from tests.harness.cli import call

from namehold.cli.lists import read_input, read_list, read_names
from namehold.errors import InputError
from namehold.portfolio.read import load_portfolio

_ROOT = Path(__file__).parents[3]
_LIST = ("--snapshot", "names.txt", "--as-of", "2026-11-22")


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The worked example, with its plan."""
    folder = tmp_path_factory.mktemp("planned")
    (folder / "names.yaml").write_text((_ROOT / "names.yaml").read_text("utf-8"), "utf-8")
    (folder / "names.txt").write_text("acme-robotics-sdk\npython-gripwright\n", "utf-8")
    assert call("plan", *_LIST, "--quiet", cwd=folder).code == 0
    return folder


@pytest.fixture
def folder(tmp_path: Path, planned: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it for one test."""
    shutil.copytree(planned, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


# --------------------------------------------------------------------------- lists


def test_a_list_may_have_comments_and_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes("\ufeffAcme_Tool  # the oldest\r\n\r\n# none\r\nacme.tool\r\nacme-sdk".encode())
    assert read_names(path) == ("acme-tool", "acme-sdk")
    assert [(entry.text, entry.line) for entry in read_list(path)] == [
        ("Acme_Tool", 1),
        ("acme.tool", 4),
        ("acme-sdk", 5),
    ]


def test_every_bad_name_of_a_list_has_its_line(folder: Path) -> None:
    (folder / "list.txt").write_text("acme-tool\nacme tool\n\n-acme\n", "utf-8")
    with pytest.raises(InputError) as caught:
        read_names(Path("list.txt"))
    assert [item.location for item in caught.value.diagnostics()] == ["list.txt:2", "list.txt:4"]


@pytest.mark.parametrize("line", ["acme-tool\n", "\n", "\r", "#\r\n"])
def test_a_list_of_endless_lines_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.setattr("namehold.cli.lists._MAX_LINES", 10)
    path = tmp_path / "list.txt"
    path.write_bytes(line.encode() * 10)
    assert len(read_list(path)) <= 10
    path.write_bytes(line.encode() * 11)
    with pytest.raises(InputError, match="more than 10 lines"):
        read_list(path)


def test_of_endless_bad_names_the_first_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("namehold.cli.lists._MAX_TOLD", 2)
    path = tmp_path / "list.txt"
    path.write_text("acme tool\n" * 9, "utf-8")
    with pytest.raises(InputError, match="2 names or more can't be read") as caught:
        read_names(path)
    assert [item.location for item in caught.value.diagnostics()] == [f"{path}:1", f"{path}:2"]


def test_a_closed_standard_input_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a job has it that was started with `<&-`."""
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(InputError, match="standard input can't be read: it is closed"):
        read_input(Path("-"))


def test_standard_input_is_read_no_further_than_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("namehold.cli.lists._MAX_BYTES", 10)
    done = call("check", "-r", "-", *_LIST[:2], stdin="acme-tool\n" * 100, env={"NAMEHOLD_OFFLINE": "1"})
    assert done.code == 3
    assert "it holds more than 10 bytes" in done.err


@pytest.mark.parametrize("is_closed", [True, False])
def test_a_standard_input_that_gives_nothing_is_told(monkeypatch: pytest.MonkeyPatch, is_closed: bool) -> None:
    """`<&-` closes it; `0>FILE` lets it be written only."""
    with Path(os.devnull).open("wb") as written, open(written.fileno(), closefd=False) as stream:
        monkeypatch.setattr("sys.stdin", None if is_closed else stream)
        with pytest.raises(InputError, match=r"standard input can't be read: (?:it is closed|Bad file)"):
            read_list(Path("-"))


@pytest.mark.parametrize("limit", ["namehold.files.MOST_BYTES", "namehold.documents._MOST_VALUES"])
def test_a_kept_file_that_is_too_large_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    (folder / ".namehold/plan.json").write_text(json.dumps({"schema": "namehold/plan/1", "x": [0] * 99}), "utf-8")
    monkeypatch.setattr(limit, 50)
    done = call("report", env={"NAMEHOLD_OFFLINE": "1"})
    assert done.code == 3
    assert "holds more than 50" in done.err


def test_what_is_no_text_is_no_list(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"list\.txt can't be read: it is no UTF-8 text"):
        read_names(path)


def test_a_package_that_is_given_twice_is_one(folder: Path) -> None:
    packages = ("--package", "Acme_Tool", "--package", "acme-tool")
    given = ("--organization", "Acme", "--contact", "security@acme-robotics.dev", "--username", "acme", *packages)
    assert call("init", "new.yaml", *given).code == 0
    assert [item.name for item in load_portfolio(folder / "new.yaml").portfolio.packages] == ["acme-tool"]


# --------------------------------------------------------------------------- options


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("status --head sha256:1", ["--head"]),
        ("status --verify x --decide a=b --renew c", ["--decide", "--renew"]),
        ("status --rebuild x --renew c", ["--renew"]),
        ("rehearse --user a --port 3", ["--port", "--user"]),
        ("rehearse --user-quota 20/1h", ["--user-quota"]),
        ("rehearse --serve plan.json --faults 0", ["PLAN", "--faults"]),
        ("build --verify x acme --source y", ["PLAN or NAME", "--source"]),
        ("build --source y --output-dir z", ["--output-dir"]),
        ("register --verify x --output y", ["--output"]),
        ("register --format json", ["--format"]),
        ("watch --note x", ["--note"]),
        ("letter --sent 2026-11-22 --note x", ["--note"]),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(folder: Path, words: str, named: list[str]) -> None:
    done = call(*words.split())
    assert done.code == 2
    said, _ = done.err.splitlines()
    assert said.startswith("namehold: no effect with")
    assert said.endswith(f": {', '.join(named)}")
    assert not (folder / "y").exists()


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("digests", ["", "ab", f"{'ab' * 32},x"])
def test_a_workflow_pins_what_it_installs_from_an_index(digests: str) -> None:
    source = ("schedule", "github", "--from", "https://index.acme.example/simple/")
    done = call(*source, "--sha256", digests)
    assert (done.code, "--sha256 DIGEST" in done.err) == (2, True)
    done = call(*source, "--sha256", f"sha256:{'AB' * 32}")
    assert (done.code, f"--hash=sha256:{'ab' * 32}" in done.out) == (0, True)
    done = call("schedule", "github", "--from", "vendor/namehold.whl", "--sha256", "ab" * 32)
    assert (done.code, "no effect without --from https://INDEX/: --sha256" in done.err) == (2, True)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("scheduler", ["github", "gitlab"])
@pytest.mark.parametrize(
    "path", ["my folder", "${{ github.token }}", "a\nb", "it's", "a: b", "@a", "-a", "$(id)", "*", "Ü"]
)
def test_a_workflow_takes_only_a_path_that_means_nothing_else(scheduler: str, path: str) -> None:
    config = Path(path) / "names.yaml"
    config.parent.mkdir()
    config.write_bytes(Path("names.yaml").read_bytes())
    done = call("schedule", scheduler, "--from", "vendor/namehold.whl", f"--config={config}")
    assert (done.code, done.out) == (2, "")
    assert "a workflow can't take the path" in done.err


@pytest.mark.parametrize("scheduler", ["github", "gitlab"])
def test_a_workflow_does_not_hold_where_the_checkout_lies_on_this_machine(folder: Path, scheduler: str) -> None:
    here = folder / "a\nb"
    here.mkdir()
    (here / "names.yaml").write_bytes((folder / "names.yaml").read_bytes())
    done = call("schedule", scheduler, "--from", "vendor/namehold.whl", cwd=here)
    assert done.code == 0
    assert str(folder) not in done.out


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("scheduler", ["cron", "systemd"])
@pytest.mark.parametrize("path", ["a\nb/names.yaml", "a\udcffb/names.yaml", "a/b\udcff.yaml"])
def test_a_schedule_takes_no_path_that_its_lines_can_not_hold(scheduler: str, path: str) -> None:
    config = Path(path)
    config.parent.mkdir()
    config.write_bytes(Path("names.yaml").read_bytes())
    done = call("schedule", scheduler, f"--config={config}")
    assert (done.code, done.out) == (2, "")
    assert "a schedule can't hold the path" in done.err


# --------------------------------------------------------------------------- what is missing or damaged


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("words", "code", "following"),
    [
        ("status --verify nope", 3, "namehold status --verify LEDGER"),
        ("build --verify nope", 3, "namehold build"),
        ("audit nope.whl", 3, "namehold build"),
        ("rehearse nope.json", 3, "namehold plan"),
        ("plan --snapshot nope", 3, "name a file"),
        ("check acme --snapshot nope", 3, "name a file"),
        ("check acme --snapshot .", 3, "name a file"),
        ("snapshot import nope", 3, "name a file"),
        ("watch --before nope --after nope", 3, "name a file"),
        ("plan --config .", 3, "call again with --config FILE"),
        ("audit acme-tol --offline", 4, "leave --offline out"),
        ("letter prohibit acme-tol --offline", 4, "leave --offline out"),
        ("watch --offline", 4, "leave --offline out"),
    ],
)
def test_what_is_missing_or_forbidden_has_one_exit_code_and_a_next_step(words: str, code: int, following: str) -> None:
    done = call(*words.split())
    assert done.code == code
    assert done.err.splitlines()[-1].startswith(f"Next: {following}")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "words",
    [
        "audit acme-tol",
        "watch",
        "scan https://forge.acme.example/tool.git",
        "probe --endpoint https://models.acme.example/v1 --model small",
    ],
)
def test_where_the_variable_forbids_the_network_leaving_out_the_option_is_not_advised(
    words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NAMEHOLD_OFFLINE", "1")
    done = call(*words.split())
    assert done.err.splitlines()[-1].startswith("Next: unset NAMEHOLD_OFFLINE"), done.err
    assert "--offline" not in done.err


@pytest.mark.parametrize(
    "text",
    ['{"schema": "namehold/plan/1"', '{"schema": "namehold/plan/2"}', '{"schema": "namehold/plan/1"}', "[" * 9000],
)
def test_a_damaged_plan_is_made_anew(folder: Path, text: str) -> None:
    (folder / "plan.json").write_text(text, "utf-8")
    done = call("rehearse", "plan.json")
    assert done.code == 3
    assert done.err.splitlines()[-1] == "Next: namehold plan"


def test_a_damaged_rehearsal_is_made_anew(folder: Path) -> None:
    (folder / ".namehold" / "rehearsal.json").write_text("{}", "utf-8")
    done = call("report")
    assert done.code == 3
    assert done.err.splitlines()[-1] == "Next: namehold rehearse"


def test_missing_templates_are_named_with_the_key_to_mend(folder: Path) -> None:
    text = (folder / "names.yaml").read_text("utf-8")
    assert "\npolicy: cautious" in text
    (folder / "names.yaml").write_text(
        text.replace("\npolicy: cautious", "\npolicy: {name: cautious, templates: nope}"), "utf-8"
    )
    done = call("plan", *_LIST)
    assert done.code == 3
    assert "Next: correct policy.templates in names.yaml" in done.err


def test_with_nothing_to_reserve_plan_and_report_dont_send_people_in_a_circle(folder: Path) -> None:
    text = (folder / "names.yaml").read_text("utf-8")
    (folder / "names.yaml").write_text(
        text.replace("\npolicy: cautious", "\npolicy: {name: cautious, threshold: 1.0}"), "utf-8"
    )
    assert call("plan", *_LIST).code == 0
    actions = json.loads((folder / ".namehold" / "plan.json").read_text("utf-8"))["actions"]
    (folder / "names.txt").write_text("\n".join(["acme-robotics-sdk", *(item["name"] for item in actions)]), "utf-8")
    shown = call("plan", *_LIST)
    assert shown.code == 0
    assert "nothing to reserve" in shown.out
    assert "namehold report" not in shown.err


def test_status_without_an_account_has_no_hole_in_its_sentence(folder: Path) -> None:
    (folder / "names.yaml").write_text("packages: [gripwright]\n", "utf-8")
    done = call("status", "--offline")
    assert (done.code, done.out) == (0, "")
    assert done.err.splitlines()[0] == "0 names held on pypi; 0 findings. Ledger head: none."


def test_a_schedule_in_a_file_says_where(folder: Path) -> None:
    done = call("schedule", "cron", "-o", "crontab")
    assert (done.code, done.err.splitlines()[0]) == (0, "Written: crontab")
    assert (folder / "crontab").is_file()
