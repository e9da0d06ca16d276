"""The printed workflow's own shell text from a proposal to held names, against an index on this machine."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from ruamel.yaml import YAML
from tests.harness.applying import KEY
from tests.harness.desk import NAMES, Desk
from tests.harness.serving import serving
from tests.harness.workflows import git, put_program, run_script, script_of, workflow

from namehold.ledger.file import read_holdings
from namehold.publish.schedule import Scheduler
from namehold.report.comment import COMMENT_MARK
from namehold.snapshot import SnapshotStore

_ROOT = Path(__file__).parents[2]
_COMMENT = f"{COMMENT_MARK}\nnew & better"
#: A surface that a pull request adds.
_ADDED = "commands: [acme-toolctl]", "commands: [acme-toolctl, acme-toolbelt]"


@pytest.fixture
def repository(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The desk as a repository with one commit; the programs that a runner has, and a cache folder of its own."""
    for words in (("init", "--quiet", "--initial-branch=main"), ("add", "names.yaml")):
        git(desk.folder, *words)
    commit(desk, "first")
    monkeypatch.setenv("NAMEHOLD_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    monkeypatch.delenv("NAMEHOLD_TOKEN", raising=False)
    return desk


def commit(desk: Desk, message: str) -> str:
    who = "-c", "user.name=acme", "-c", "user.email=acme@acme.example"
    git(desk.folder, *who, "commit", "--quiet", "--all", "--message", message)
    return git(desk.folder, "rev-parse", "HEAD").strip()


def step(desk: Desk, job: str, name: str, *, is_private: bool = True, **more: str) -> int:
    """The exit code of one step of the workflow."""
    given = {
        "CONFIG": "names.yaml",
        "STATE": ".namehold",
        "PRIVATE": "true" if is_private else "false",
        "COMMENT": str(desk.folder / "comment.md"),
    }
    done = run_script(script_of(workflow(), job, name), desk.folder, **(given | more))
    assert desk.token not in done.out + done.err
    if not is_private:
        assert not any(open_name in done.out + done.err for open_name in (*NAMES, "acme-toolbelt"))
    return done.code


def propose(desk: Desk, *, is_private: bool = True) -> str:
    """The comment on a pull request that adds a command."""
    base = git(desk.folder, "rev-parse", "HEAD").strip()
    desk.edit(*_ADDED)
    commit(desk, "Add a command")
    assert step(desk, "propose", "Plan", is_private=is_private, BASE=base) == 0
    assert git(desk.folder, "worktree", "list").count("\n") == 1
    return (desk.folder / "comment.md").read_text("utf-8")


def planned(desk: Desk, *, is_private: bool = True) -> str:
    """The digest that the job of the branch shows."""
    assert step(desk, "plan", "Plan", is_private=is_private) == 0
    output = dict(line.split("=", 1) for line in Path(os.environ["GITHUB_OUTPUT"]).read_text("utf-8").splitlines())
    assert int(output["names"]) == len(desk.document("plan.json")["actions"])
    return output["digest"]


def apply(desk: Desk, digest: str) -> int:
    assert step(desk, "apply", "Plan again") == 0
    return step(desk, "apply", "Apply", NAMEHOLD_TOKEN=desk.token, NAMEHOLD_KEY=KEY.reveal(), DIGEST=digest)


def test_a_proposal_tells_what_it_adds(repository: Desk) -> None:
    comment = propose(repository)
    assert "| added | acme-toolbelt | acme-tool | not listed | " in comment
    assert "| added | acme-toolbox " not in comment
    assert repository.index.state.uploads == []


def test_a_proposal_brings_no_list_of_names(repository: Desk, tmp_path: Path) -> None:
    """Neither for the index of its branch, nor for another one that it names."""
    told = tmp_path / "told.txt"
    told.write_text("acme-toolbelt\n", "utf-8")
    SnapshotStore(repository.state / "snapshots").import_file(told, index="trial")
    git(repository.folder, "add", "--force", ".namehold/snapshots")
    assert "| added | acme-toolbelt | acme-tool | not listed | " in propose(repository)


def test_in_public_a_proposal_tells_numbers_alone(repository: Desk) -> None:
    comment = propose(repository, is_private=False)
    assert "1 added" in comment
    assert not any(name in comment for name in (*NAMES, "acme-toolbelt"))


@pytest.mark.parametrize(
    ("ci", "contact"),
    [
        (
            {"GITHUB_SERVER_URL": "https://git.example", "GITHUB_REPOSITORY": "acme/names"},
            "https://git.example/acme/names",
        ),
        ({"CI_PROJECT_URL": "https://lab.example/acme/names"}, "https://lab.example/acme/names"),
    ],
    ids=["github", "gitlab"],
)
def test_the_first_names_yaml_gets_a_list_from_where_it_doesnt_say(
    repository: Desk, tmp_path: Path, ci: dict[str, str], contact: str
) -> None:
    """Without a list, a first proposal says that nothing is to be reserved, whatever it names."""
    programs = tmp_path / "programs"
    programs.mkdir()
    put_program(programs, "namehold", f'echo "$PWD $*" >> "{tmp_path}/calls"')
    script = script_of(workflow(), "propose", "Plan")
    done = run_script(
        f'PATH="{programs}:$PATH"\n{script}',
        repository.folder,
        **{"CONFIG": "names.yaml", "STATE": ".namehold", "PRIVATE": "false", "BASE": "0" * 40, **ci},
        COMMENT=str(tmp_path / "comment.md"),
    )
    assert done.code == 0, done.err
    fetched, planned_ = (tmp_path / "calls").read_text("utf-8").splitlines()
    place, _, words = fetched.partition(" ")
    assert words == f"snapshot update --quiet --contact {contact}"
    assert not (Path(place) / "names.yaml").exists()
    assert place != str(repository.folder)
    assert planned_ == f"{repository.folder} plan --offline --quiet --config names.yaml --format markdown --public"


@pytest.mark.parametrize(
    ("job", "name", "command"),
    [("plan", "Plan", "rehearse"), ("apply", "Plan again", "plan"), ("apply", "Apply", "apply"), ("run", "Run", "run")],
)
def test_in_public_a_call_that_fails_says_its_exit_code_and_no_name(
    tmp_path: Path, job: str, name: str, command: str
) -> None:
    put_program(tmp_path, "namehold", f'if [ "$1" = {command} ]; then echo open-name; echo open-name >&2; exit 4; fi')
    given = {"CONFIG": "names.yaml", "STATE": ".namehold", "PRIVATE": "false", "COMMENT": str(tmp_path / "comment.md")}
    script = f'PATH="{tmp_path}:$PATH"\n{script_of(workflow(), job, name)}'
    done = run_script(script, tmp_path, **given, DIGEST="", APPROVE="", GITHUB_OUTPUT=os.devnull)
    assert done.code == 4
    assert "ended with exit code 4" in done.out
    assert "open-name" not in done.out + done.err


def test_a_proposal_that_cant_be_read_fails_with_the_place(repository: Desk) -> None:
    repository.edit("packages:", "packagse:")
    head = git(repository.folder, "rev-parse", "HEAD").strip()
    assert step(repository, "propose", "Plan", BASE=head) == 3


def test_what_a_person_released_is_what_is_sent(repository: Desk) -> None:
    digest = planned(repository)
    assert digest in Path(os.environ["GITHUB_STEP_SUMMARY"]).read_text("utf-8")
    assert repository.index.state.uploads == []
    assert apply(repository, digest) == 0
    assert sorted(read_holdings(repository.ledger).names) == NAMES


def test_a_plan_that_changed_after_the_release_sends_nothing(repository: Desk) -> None:
    digest = planned(repository)
    repository.edit(*_ADDED)
    assert apply(repository, digest) == 6
    assert repository.index.state.uploads == []


def test_in_public_the_job_of_the_branch_shows_the_digest_and_no_name(repository: Desk) -> None:
    digest = planned(repository, is_private=False)
    summary = Path(os.environ["GITHUB_STEP_SUMMARY"]).read_text("utf-8")
    assert digest in summary
    assert not any(name in summary for name in NAMES)


@pytest.mark.parametrize(
    ("earlier", "method", "place"),
    [("", "POST", "repos/acme/names/issues/7/comments"), ("42\n41", "PATCH", "repos/acme/names/issues/comments/42")],
)
def test_a_comment_takes_the_place_of_the_last_one(tmp_path: Path, earlier: str, method: str, place: str) -> None:
    answer = f'echo "$@" >> "{tmp_path}/calls"\ncase "$*" in *--paginate*) printf "%s\\n" "{earlier}" ;; esac'
    put_program(tmp_path, "gh", answer)
    (tmp_path / "comment.md").write_text(_COMMENT)
    done = run_script(
        script_of(workflow(), "propose", "Comment"),
        tmp_path,
        PATH=f"{tmp_path}:{os.environ['PATH']}",
        GITHUB_REPOSITORY="acme/names",
        NUMBER="7",
        COMMENT="comment.md",
    )
    assert done.code == 0, done.err
    asked, sent = (tmp_path / "calls").read_text("utf-8").splitlines()
    assert f'startswith("{COMMENT_MARK}")' in asked
    assert sent == f"api --silent --method {method} {place} --field body=@comment.md"


class Notes(HTTPServer):
    """The two answers of GitLab that the script reads, and what was sent to it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _NotesHandler)
        self.sent: list[tuple[str, str, str]] = []
        self.has_note = False


class _NotesHandler(BaseHTTPRequestHandler):
    server: Notes

    def do_GET(self) -> None:
        mine = {"id": 9, "author": {"id": 5}, "body": f"{COMMENT_MARK}\nold"}
        other = {"id": 8, "author": {"id": 6}, "body": f"{COMMENT_MARK}\nnot mine"}
        body = {"id": 5} if self.path == "/user" else [other, *([mine] if self.server.has_note else [])]
        self.send_response(200 if self.headers["PRIVATE-TOKEN"] == "t0ken" else 401)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def do_POST(self) -> None:
        (text,) = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())["body"]
        self.server.sent.append((self.command, self.path, text))
        self.send_response(200)
        self.end_headers()

    def do_PUT(self) -> None:
        self.do_POST()

    def log_message(self, *_: object) -> None:
        """Nothing: the test's output is no server's log."""


@pytest.fixture
def notes() -> Iterator[Notes]:
    server = Notes()
    with serving(server):
        yield server


@pytest.mark.parametrize(("has_note", "expected"), [(False, ("POST", "/notes")), (True, ("PUT", "/notes/9"))])
def test_a_note_on_a_merge_request_takes_the_place_of_our_own_last_one(
    notes: Notes, tmp_path: Path, *, has_note: bool, expected: tuple[str, str]
) -> None:
    notes.has_note = has_note
    script = (_ROOT / "src/namehold/data/schedule/note.sh").read_text("utf-8")
    (tmp_path / "comment.md").write_text(_COMMENT)
    done = run_script(
        script,
        tmp_path,
        CI_API_V4_URL=f"http://127.0.0.1:{notes.server_port}",
        CI_PROJECT_ID="3",
        CI_MERGE_REQUEST_IID="7",
        NAMEHOLD_NOTE_TOKEN="t0ken",
        COMMENT="comment.md",
    )
    assert done.code == 0, done.err
    ((method, path, text),) = notes.sent
    assert (method, path.removeprefix("/projects/3/merge_requests/7")) == expected
    assert text == _COMMENT


def test_gitlab_gives_secrets_to_protected_environments_alone() -> None:
    jobs = {name: job for name, job in workflow(Scheduler.GITLAB).items() if not name.startswith(".")}
    assert {name: job.get("environment") for name, job in jobs.items()} == {
        "namehold-propose": None,
        "namehold-plan": None,
        "namehold-apply": "namehold",
        "namehold-run": "namehold-daily",
    }
    (script,) = jobs["namehold-apply"]["script"]
    assert '--approve "$digest"' in script
    assert "--approve" not in str(jobs["namehold-run"]) + str(jobs["namehold-plan"]) + str(jobs["namehold-propose"])


def test_the_action_is_pinned_and_its_scripts_are_those_of_the_workflow(repository: Desk) -> None:
    action = YAML(typ="safe").load((_ROOT / "action.yml").read_text("utf-8"))
    steps = {item.get("name", item.get("uses")): item for item in action["runs"]["steps"]}
    assert all(
        "@" in item["uses"] and len(item["uses"].split("@")[1]) == 40 for item in steps.values() if "uses" in item
    )
    assert "secrets" not in str(action)
    assert not [item for item in steps.values() if "${{" in item.get("run", "")]
    done = run_script(
        steps["Plan"]["run"],
        repository.folder,
        CONFIG="names.yaml",
        EVENT="push",
        PRIVATE="true",
        RUNNER_TEMP=str(repository.folder),
        COMMENT=str(repository.folder / "comment.md"),
        GITHUB_ACTION_PATH=str(_ROOT),
    )
    assert done.code == 0, done.err
    assert repository.document("plan.json")["action_digest"] in Path(os.environ["GITHUB_OUTPUT"]).read_text("utf-8")
