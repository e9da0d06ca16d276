"""The files that run namehold are safe as they are printed."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.harness.workflows import SCHEDULE, put_program, run_script, script_of, text_of, workflow

from namehold.index.profiles import profile
from namehold.publish.schedule import PUBLISHING_TEXT, Schedule, Scheduler, is_source, needs_digest, write_publishing

#: The jobs of GitHub's workflow that get secrets.
WITH_SECRETS = ("apply", "run")
_REFUSE, _KEEP = "Refuse to publish names that are still open", "Keep the ledger"


def steps_of(job: str) -> list[dict[str, Any]]:
    return list(workflow()["jobs"][job]["steps"])


def test_the_workflow_is_yaml_with_least_permissions_and_pinned_actions() -> None:
    read = workflow()
    assert read["permissions"] == {}
    assert {name: job["permissions"] for name, job in read["jobs"].items()} == {
        "propose": {"contents": "read", "pull-requests": "write"},
        "plan": {"contents": "read"},
        "apply": {"contents": "write"},
        "run": {"contents": "write"},
    }
    used = [step["uses"] for job in read["jobs"].values() for step in job["steps"] if "uses" in step]
    assert used
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", use) for use in used)
    assert re.fullmatch(r"\d+ \d+ \* \* \*", read["on"]["schedule"][0]["cron"])
    assert "pull_request_target" not in read["on"]


def test_no_job_of_a_pull_request_sees_a_secret() -> None:
    jobs = workflow()["jobs"]
    assert {name for name, job in jobs.items() if "secrets." in str(job)} == set(WITH_SECRETS)
    assert all("environment" in jobs[name] for name in WITH_SECRETS)
    assert all("environment" not in jobs[name] for name in jobs.keys() - set(WITH_SECRETS))


@pytest.mark.parametrize(("job", "step"), [("apply", "Apply"), ("run", "Run")])
def test_the_workflow_gives_the_token_to_one_step_of_a_job_only(job: str, step: str) -> None:
    assert [item["name"] for item in steps_of(job) if "NAMEHOLD_TOKEN" in str(item)] == [step]


def test_a_job_approves_only_the_digest_that_a_person_saw() -> None:
    (apply,) = [step for step in steps_of("apply") if step.get("name") == "Apply"]
    assert apply["env"]["DIGEST"] == "${{ needs.plan.outputs.digest }}"
    assert '--approve "$DIGEST"' in apply["run"]
    scheduled = script_of(workflow(), "run", "Run")
    assert re.findall(r".*--approve.*", scheduled) == [
        'if [ -n "$APPROVE" ]; then set -- "$@" --approve "$APPROVE"; fi'
    ]
    assert all("--approve" not in str(steps_of(job)) for job in ("propose", "plan"))


@pytest.mark.parametrize("job", WITH_SECRETS)
def test_the_workflow_commits_nothing_but_the_ledger(job: str) -> None:
    added = re.findall(r"git add .*", "\n".join(step.get("run", "") for step in steps_of(job)))
    assert added == ['git add --force -- "$STATE"/ledger-*.jsonl || exit 0']


@pytest.mark.parametrize("job", WITH_SECRETS)
@pytest.mark.parametrize(
    ("step", "is_publishable", "environment", "is_refused"),
    [
        (_REFUSE, True, {"PRIVATE": "false", "NAMEHOLD_KEY": ""}, True),
        (_REFUSE, False, {"PRIVATE": "false", "NAMEHOLD_KEY": "ab"}, True),
        (_REFUSE, True, {"PRIVATE": "false", "NAMEHOLD_KEY": "ab"}, False),
        (_KEEP, False, {"PRIVATE": "false"}, True),
        (_KEEP, False, {"PRIVATE": ""}, True),
        (_KEEP, True, {"PRIVATE": "false"}, False),
        (_KEEP, False, {"PRIVATE": "true"}, False),
    ],
)
def test_in_a_public_repository_no_ledger_that_tells_open_names_is_kept(
    tmp_path: Path, job: str, step: str, *, is_publishable: bool, environment: dict[str, str], is_refused: bool
) -> None:
    """The steps' own shell text, run with programs that write down how they are called."""
    names = [item.get("name") for item in steps_of(job)]
    assert names.index(_REFUSE) < names.index("Apply" if job == "apply" else "Run") < names.index(_KEEP)
    chosen = steps_of(job)[names.index(step)]
    assert chosen["if"] == ("always()" if step == _KEEP else "github.event.repository.visibility != 'private'")
    (tmp_path / ".namehold").mkdir()
    (tmp_path / ".namehold" / "ledger-pypi.jsonl").touch()
    programs = {"namehold": "exit 0" if is_publishable else "exit 11", "git": '[ "$*" != "diff --cached --quiet" ]'}
    for name, text in programs.items():
        put_program(tmp_path, name, f'echo "{name} $*" >> calls\n{text}')
    given = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "CONFIG": "names.yaml", "STATE": ".namehold", "BRANCH": "main"}
    done = run_script(chosen["run"], tmp_path, **given, **environment)
    calls = (tmp_path / "calls").read_text("utf-8") if (tmp_path / "calls").exists() else ""
    assert (done.code != 0) == is_refused
    assert ("git push" in calls) == (step == _KEEP and not is_refused)
    assert ("--publishable" in calls) == (environment["PRIVATE"] != "true" and environment.get("NAMEHOLD_KEY") != "")


def test_hosted_runners_are_said_to_share_addresses() -> None:
    assert "share their addresses with strangers" in text_of(Scheduler.GITHUB)


@pytest.mark.parametrize("scheduler", list(Scheduler))
def test_no_text_carries_a_token_or_an_unfilled_value(scheduler: Scheduler) -> None:
    text = text_of(scheduler)
    assert not re.search(r"(?<![\w@])@[a-z]+\b", re.sub(r"actions/[\w-]+@\w+|namehold@\S+", "", text))
    assert "pypi-" not in text


def test_a_folder_with_spaces_stays_one_argument() -> None:
    assert "cd '/srv/name hold' || exit 1;" in text_of(Scheduler.CRON)


def test_paths_are_quoted_as_each_scheduler_reads_them() -> None:
    odd = Schedule(
        organization="Acme", version="0.1.0", folder='/srv/a "b" 50%', config="names.yaml", state=".namehold",
        program="/opt/name hold/namehold",
    )  # fmt: skip
    cron = text_of(Scheduler.CRON, odd)
    assert "cd '/srv/a \"b\" 50\\%' || exit 1;" in cron
    assert "; '/opt/name hold/namehold' run" in cron
    assert not re.search(r"(?<!\\)%", cron)
    unit = text_of(Scheduler.SYSTEMD, odd)
    assert 'WorkingDirectory=/srv/a "b" 50%%\n' in unit
    assert 'ReadWritePaths="/srv/a \\"b\\" 50%%"\n' in unit
    assert "SuccessExitStatus=10 12 130\n" in unit
    assert "NAMEHOLD_CACHE=/var/cache/namehold\nCacheDirectory=namehold\n" in unit
    assert 'ExecStart="/opt/name hold/namehold" run --config names.yaml --only-new\n' in unit


def test_a_dollar_sign_is_doubled_in_commands_alone() -> None:
    """systemd puts variables into commands only: with `$$` the folder to write to would be one that isn't there."""
    odd = Schedule(
        organization="Acme", version="0.1.0", folder="/srv/a$b", config="c$d.yaml", state=".namehold", program="/opt/nh"
    )
    unit = text_of(Scheduler.SYSTEMD, odd)
    assert "WorkingDirectory=/srv/a$b\n" in unit
    assert "ReadWritePaths=/srv/a$b\n" in unit
    assert "ExecStart=/opt/nh run --config c$$d.yaml --only-new\n" in unit


def test_the_workflow_lets_a_person_approve_without_putting_their_words_into_a_script() -> None:
    read = workflow()
    assert set(read["on"]["workflow_dispatch"]["inputs"]) == {"approve"}
    steps = [step for job in read["jobs"].values() for step in job["steps"]]
    assert not [step["name"] for step in steps if "${{" in step.get("run", "")]


def test_organizations_don_t_all_come_at_the_same_minute() -> None:
    def minute(name: str) -> str:
        schedule = Schedule(
            organization=name,
            version="0.1.0",
            folder="/srv",
            config="names.yaml",
            state=".namehold",
            program="namehold",
        )
        return text_of(Scheduler.CRON, schedule).splitlines()[-1].split()[0]

    assert len({minute(f"Acme {i}") for i in range(20)}) > 5
    assert minute("Acme") == minute("Acme")


def publishing_text() -> str:
    text = files("namehold").joinpath("data", "schedule", PUBLISHING_TEXT).read_text("utf-8")
    return write_publishing(text, {"acme-tol-0.0.2", "1e5-0.0.2"}, hatchling="1.27.0", epoch_s=1_577_836_800)


def test_publishing_is_started_by_a_person_who_chooses_one_tree() -> None:
    publishing = YAML(typ="safe").load(publishing_text())
    assert set(publishing["on"]) == {"workflow_dispatch"}
    ((key, choice),) = publishing["on"]["workflow_dispatch"]["inputs"].items()
    assert (key, choice["type"], choice["options"]) == ("name", "choice", ["1e5-0.0.2", "acme-tol-0.0.2"])


def test_publishing_needs_no_token_and_lets_one_job_prove_who_it_is() -> None:
    text = publishing_text()
    publishing = YAML(typ="safe").load(text)
    assert publishing["permissions"] == {}
    jobs = publishing["jobs"]
    assert {name: job["permissions"] for name, job in jobs.items()} == {
        "build": {"contents": "read"},
        "publish": {"id-token": "write"},
    }
    assert jobs["publish"]["environment"] == "placeholders"
    assert not [step for step in jobs["publish"]["steps"] if "run" in step]
    assert "secrets." not in text
    assert "password" not in text


def test_publishing_pins_what_it_runs_and_puts_no_choice_into_a_script() -> None:
    publishing = YAML(typ="safe").load(publishing_text())
    steps = [step for job in publishing["jobs"].values() for step in job["steps"]]
    used = [step["uses"] for step in steps if "uses" in step]
    assert used[-1].startswith("pypa/gh-action-pypi-publish@")
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", use) for use in used)
    (installing,) = [step["run"] for step in steps if step.get("name") == "Install"]
    assert re.search(r'"build==[\d.]+" "hatchling==1\.27\.0"', installing)
    assert not [step["name"] for step in steps if "${{" in step.get("run", "")]
    (building,) = [step for step in steps if step.get("name") == "Build"]
    assert building["env"]["SOURCE_DATE_EPOCH"] == "1577836800"


@pytest.mark.parametrize("job", ["propose", "plan", "apply", "run"])
def test_nothing_unhashed_is_installed_beside_the_token(job: str) -> None:
    (install,) = [step["run"] for step in steps_of(job) if step.get("name") == "Install"]
    lines = [line for line in install.splitlines() if "pip install" in line]
    assert "--require-hashes --no-deps --requirement .github/namehold-requirements.txt" in lines[0]
    assert lines[1].endswith("--no-deps ./vendor/namehold-0.1.0-py3-none-any.whl")
    locked = text_of(Scheduler.LOCK)
    wanted = [line for line in locked.splitlines() if re.match(r"[a-z0-9]", line)]
    assert wanted
    assert len(wanted) <= locked.count("--hash=sha256:")
    assert not re.search(r"^namehold==", locked, re.MULTILINE)
    assert "://" not in locked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vendor/namehold-0.1.0-py3-none-any.whl", True),
        (f"git+https://code.acme.example/tools/namehold@{'0a' * 20}", True),
        ("namehold", False),
        ("namehold==0.1.0", False),
        ("git+https://code.acme.example/tools/namehold@main", False),
        ("vendor/x.whl; touch y", False),
        ("https://index.acme.example/root/prod/+simple/", True),
        ("https://index.acme.example:8443/simple/", True),
        ("http://index.acme.example/simple/", False),
        ("https://me:hunter2@index.acme.example/simple/", False),
        ("https://index.acme.example/simple/?x=1", False),
        (profile("pypi").simple, False),
        (profile("testpypi").simple, False),
    ],
)
def test_where_namehold_comes_from_is_fixed(text: str, expected: bool) -> None:
    assert is_source(text) is expected


def test_from_an_index_of_ones_own_this_version_comes_and_from_no_other() -> None:
    source = "https://index.acme.example/simple/"
    digests = ("ab" * 32, "cd" * 32)
    written = text_of(Scheduler.GITHUB, replace(SCHEDULE, source=source, sha256=digests))
    wanted = f"namehold=={SCHEDULE.version} --hash=sha256:{digests[0]} --hash=sha256:{digests[1]}"
    line = f"pip install --quiet --no-deps --require-hashes --index-url {source} --requirement <(echo '{wanted}')\n"
    assert line in written
    assert "--extra-index-url" not in written


@pytest.mark.parametrize(
    ("source", "is_needed"),
    [
        ("https://index.acme.example/simple/", True),
        ("vendor/namehold-0.1.0-py3-none-any.whl", False),
        (f"git+https://code.acme.example/tools/namehold@{'0a' * 20}", False),
    ],
)
def test_a_digest_is_needed_where_the_source_does_not_name_the_bytes(source: str, *, is_needed: bool) -> None:
    assert needs_digest(source) is is_needed


def test_no_file_of_the_repository_sets_variables_of_the_job_with_the_token(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("as it was\n", "utf-8")
    (tmp_path / "plan.env").write_text("PIP_INDEX_URL=https://mallory.example/\n", "utf-8")
    (tmp_path / "comment.md").symlink_to("elsewhere")
    (tmp_path / ".namehold").mkdir()
    (tmp_path / ".namehold" / "plan.json").write_text('{"action_digest": "ab", "actions": []}', "utf-8")
    put_program(tmp_path, "namehold", "echo said")
    (script,) = workflow(Scheduler.GITLAB)["namehold-plan"]["script"]
    given = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "CONFIG": "names.yaml",
        "STATE": ".namehold",
        "PRIVATE": "true",
    }
    done = subprocess.run(
        ["bash", "-e", "-c", script], cwd=tmp_path, env={**os.environ, **given}, check=True, capture_output=True
    )
    assert b"said" in done.stdout
    assert (tmp_path / "plan.env").read_text("utf-8") == "digest=ab\nnames=0\n"
    assert (tmp_path / "elsewhere").read_text("utf-8") == "as it was\n"


def test_no_module_of_the_checkout_stands_for_one_of_pythons() -> None:
    """`python -c` and `python -m` look in the working folder first, which is what a proposal says it is."""
    folder = files("namehold").joinpath("data", "schedule")
    texts = [path.read_text("utf-8") for path in folder.iterdir() if path.name.endswith((".yml", ".sh"))]
    texts.append((Path(__file__).parents[3] / "action.yml").read_text("utf-8"))
    calls = re.findall(r"\bpython3?\"? (?=-)(.*)", "\n".join(texts))
    assert len(calls) >= 11
    assert [call for call in calls if not call.startswith(("-I -m ", "-I -c "))] == []
