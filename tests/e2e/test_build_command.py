"""`namehold build` on a plan, as a person calls it."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.harness.cli import Done, call
from tests.harness.desk import NAMES, Desk
from tests.harness.values import action, bare_plan, full_portfolio

from namehold import documents
from namehold.errors import InputError
from namehold.index.profiles import profile
from namehold.ledger.file import read
from namehold.ledger.model import PlanApproved
from namehold.placeholder import reference
from namehold.placeholder.build import PlaceholderBuilder
from namehold.placeholder.render import Templates
from namehold.plan.model import Action, Plan
from namehold.portfolio.model import Account, Mode, Policy
from namehold.portfolio.read import load_portfolio

_ROOT = Path(__file__).parents[2]

_NAMES = """\
demo: true
organization:
  name: Acme Robotics
  contact: security@acme.example
account:
  index: testpypi
  username: acme
packages:
  - name: acme-tool
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """names.yaml and its plan with one name in each mode."""
    (tmp_path / "names.yaml").write_text(_NAMES, encoding="utf-8")
    write_plan(tmp_path, Templates(None, profile("testpypi")))
    return tmp_path


def write_plan(folder: Path, templates: Templates) -> None:
    portfolio = load_portfolio(folder / "names.yaml").portfolio
    actions = [action(f"acme-{mode}-me", mode) for mode in Mode]
    planned = tuple(replace(item, tree_digest=templates.render(item, portfolio).digest) for item in actions)
    (folder / ".namehold").mkdir(exist_ok=True)
    (folder / ".namehold" / "plan.json").write_text(documents.dump("plan", plan(planned)), encoding="utf-8")


def test_no_secret_is_left_to_the_programs_that_build(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, str]] = []
    build = PlaceholderBuilder.build_all

    def spy(self: PlaceholderBuilder, *arguments: Any, **more: Any) -> Any:
        seen.append(dict(os.environ))
        return build(self, *arguments, **more)

    monkeypatch.setattr(PlaceholderBuilder, "build_all", spy)
    secrets = {"NAMEHOLD_TOKEN": "pypi-secret-a", "TWINE_PASSWORD": "pypi-secret-b"}
    assert call("build", cwd=project, env=secrets).code == 0
    (environment,) = seen
    assert not {"pypi-secret-a", "pypi-secret-b"} & set(environment.values())


@pytest.mark.parametrize("command", ["build", "rehearse", "report", "apply"])
@pytest.mark.parametrize(
    "edit", [{"index": "x/../../../elsewhere"}, {"name": "../../elsewhere"}, {"target": "Acme_Tool"}], ids=str
)
def test_a_plan_whose_names_would_lead_elsewhere_is_refused(project: Path, command: str, edit: dict[str, str]) -> None:
    made = json.loads((project / ".namehold" / "plan.json").read_text("utf-8"))
    if "index" in edit:
        made.update(edit)
    else:
        made["actions"][0].update(edit)
    (project / "hostile.json").write_text(json.dumps(made), "utf-8")
    before = sorted(project.parent.rglob("*"))
    refused = call(command, "--config", str(project / "names.yaml"), str(project / "hostile.json"))
    assert refused.code == InputError.exit_code
    diagnostic, said, *_ = refused.err.splitlines()
    assert "can't be a plan" in said
    assert next(iter(edit.values())) in diagnostic
    assert sorted(project.parent.rglob("*")) == before


def plan(actions: tuple[Action, ...]) -> Plan:
    owned = replace(full_portfolio(), account=Account(index="testpypi", username="acme"), policy=Policy())
    return bare_plan(owned, actions, quota=None, as_of=dt.date(2026, 11, 1))


def run(folder: Path, *words: str) -> Done:
    return call("build", *words, cwd=folder)


def test_everything_in_the_plan_is_built_beside_it(project: Path) -> None:
    done = run(project)
    assert done.code == 0, done.err
    assert done.out.splitlines()[0].split() == ["name", "mode", "file", "bytes", "sha256"]
    assert len(list((project / ".namehold" / "dist").iterdir())) == 5
    assert done.err.splitlines()[-1].startswith("Next: namehold rehearse ")


def test_machines_get_sizes_and_digests(project: Path) -> None:
    done = run(project, "acme-refuse-me", "--format", "json", "--output-dir", "out")
    document = json.loads(done.out)
    assert document["schema"] == "namehold/build/1"
    (file,) = document["files"]
    content = (project / "out" / file["filename"]).read_bytes()
    assert file["filename"] == "acme_refuse_me-0.0.1.tar.gz"
    assert file["sha256"] == hashlib.sha256(content).hexdigest()
    assert file["size"] == len(content)
    assert [path.name for path in (project / "out").iterdir()] == ["acme_refuse_me-0.0.1.tar.gz"]


def test_a_second_run_gives_the_same_bytes(project: Path) -> None:
    first = run(project, "--format", "csv").out
    assert run(project, ".namehold/plan.json", "--format", "csv").out == first


def test_a_plan_that_names_yaml_has_left_behind_is_refused(project: Path) -> None:
    (project / "names.yaml").write_text(_NAMES.replace("Acme Robotics", "Acme Machines"), encoding="utf-8")
    done = run(project)
    assert done.code == 6
    assert "plan-stale" in done.err
    assert not (project / ".namehold" / "dist").exists()


def test_own_templates_are_found_beside_names_yaml(project: Path) -> None:
    (project / "mine" / "redirect").mkdir(parents=True)
    (project / "mine" / "redirect" / "README.md.j2").write_text("# Nothing\n", encoding="utf-8")
    (project / "names.yaml").write_text(_NAMES + "policy:\n  templates: mine\n", encoding="utf-8")
    done = run(project)
    assert done.code == 3
    assert "placeholder-transparency" in done.err


def test_names_and_plans_that_do_not_exist_are_named(project: Path) -> None:
    stranger = run(project, "acme-stranger")
    assert stranger.code == 2
    assert "acme-redirect-me" in stranger.err
    missing = run(project, "nowhere.json")
    assert missing.code == 3
    assert "nowhere.json" in missing.err


def test_a_file_is_verified_by_rebuilding_it_from_its_own_source(project: Path) -> None:
    run(project, "--output-dir", "out")
    for mode in Mode:
        done = run(project, "--verify", f"out/acme_{mode}_me-0.0.1.tar.gz", "--format", "json")
        assert done.code == 0, done.err
        document = json.loads(done.out)
        assert [file["same"] for file in document["files"]] == [True] * (1 if mode is Mode.REFUSE else 2)
        assert "hatchling" in document["tools"]
        assert "zlib" in document["tools"]


def test_other_bytes_under_the_same_source_are_found(project: Path) -> None:
    run(project, "--output-dir", "out")
    wheel = project / "out" / "acme_redirect_me-0.0.1-py3-none-any.whl"
    wheel.write_bytes(wheel.read_bytes() + b"\0")
    done = run(project, "--verify", "out/acme_redirect_me-0.0.1.tar.gz")
    assert done.code == 11
    assert "DIFFERS" in done.out


def test_the_reference_says_of_each_file_whether_another_builder_gives_its_bytes(project: Path) -> None:
    """With own templates as with ours; a refusing placeholder's own backend gives nothing to compare with."""
    (project / "mine" / "redirect").mkdir(parents=True)
    own = (_ROOT / "templates" / "redirect" / "README.md.j2").read_text("utf-8")
    (project / "mine" / "redirect" / "README.md.j2").write_text(f"{own}\nAsk us for more.\n", "utf-8")
    (project / "names.yaml").write_text(_NAMES + "policy:\n  templates: mine\n", encoding="utf-8")
    write_plan(project, Templates(project / "mine", profile("testpypi")))
    done = run(project, "--reference", "--format", "json", "--output-dir", "out")
    assert done.code == 0, done.err
    assert [(file["mode"], file["same"]) for file in json.loads(done.out)["files"]] == [
        *[("redirect", True)] * 2,
        *[("signpost", True)] * 2,
        ("refuse", None),
    ]
    assert len(list((project / "out").iterdir())) == 5


def test_bytes_that_another_builder_does_not_give_are_a_finding(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "fixed_environment", nullcontext)
    done = run(project, "--reference")
    assert done.code == 11
    assert [line.rpartition("  ")[2] for line in done.out.splitlines()] == [
        "with build",
        *["DIFFERS"] * 4,
        "no reference",
    ]


def test_what_is_not_built_has_no_reference(project: Path) -> None:
    assert run(project, "--reference", "--source", "trees").code == 2
    assert run(project, "--reference", "--verify", "acme.tar.gz").code == 2


def test_what_the_audit_finds_fault_with_is_not_rebuilt(project: Path) -> None:
    run(project, "acme-redirect-me", "--output-dir", "out")
    path = project / "out" / "acme_redirect_me-0.0.1.tar.gz"
    with tarfile.open(path) as archive:
        members = {item.name: archive.extractfile(item).read() for item in archive}  # type: ignore[union-attr]  # files
    settings = "acme_redirect_me-0.0.1/pyproject.toml"
    members[settings] += b'[tool.hatch.build.hooks.custom]\npath = "x.py"\n'
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    done = run(project, "--verify", str(path))
    assert done.code == 3
    assert "the audit has findings" in done.err


def test_the_source_can_be_published_and_built_by_anybody(project: Path) -> None:
    done = run(project, "acme-redirect-me", "--source", "public")
    assert done.code == 0, done.err
    names = {path.name for path in (project / "public" / "acme-redirect-me-0.0.1").iterdir()}
    assert {"pyproject.toml", "README.md", "LICENSE", "reservation.json", "acme_redirect_me_notice.py"} == names


def test_source_trees_come_with_a_workflow_that_builds_the_same_bytes(project: Path) -> None:
    run(project, "--output-dir", "ours")
    done = run(project, "acme-redirect-me", "--source", "trees")
    assert done.code == 0, done.err
    assert "publish.yml" in done.err
    run(project, "--source", "trees")  # the rest; the first tree stays a choice
    text = (project / "trees" / ".github" / "workflows" / "publish.yml").read_text("utf-8")
    workflow = YAML(typ="safe").load(text)
    choices = workflow["on"]["workflow_dispatch"]["inputs"]["name"]["options"]
    assert choices == [f"acme-{mode}-me-0.0.1" for mode in sorted(Mode)]
    (step,) = [step for step in workflow["jobs"]["build"]["steps"] if step.get("name") == "Build"]
    for choice in choices:
        environment = os.environ | step["env"] | {"NAME": choice, "RUNNER_TEMP": str(project / "runner")}
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
        command = ["bash", "-e", "-c", step["run"]]
        subprocess.run(command, cwd=project / "trees", env=environment, check=True, capture_output=True)
    theirs = {path.name: path.read_bytes() for path in (project / "runner" / "dist").iterdir()}
    assert theirs == {path.name: path.read_bytes() for path in (project / "ours").iterdir()}


# --------------------------------------------------------------------------- namehold plan --show


@pytest.mark.parametrize("mode", list(Mode))
def test_a_planned_name_is_shown_as_the_index_will_show_it(project: Path, mode: Mode) -> None:
    name = f"acme-{mode}-me"
    done = call("plan", "--show", name, cwd=project)
    assert done.code == 0, done.err
    assert "summary: Name held by Acme Robotics to protect users of acme-tool. Install acme-tool instead." in done.out
    assert f"{name} is a placeholder" in done.out
    assert "security@acme.example" in done.out
    assert "NOTICE = (" in done.out
    document = json.loads(call("plan", "--show", name, "--format", "json", cwd=project).out)
    assert document["page"] in done.out
    assert document["description"].startswith("# ")
    plan = json.loads((project / ".namehold" / "plan.json").read_text("utf-8"))
    (action,) = (item for item in plan["actions"] if item["name"] == name)
    assert document["tree_digest"] == action["tree_digest"]
    assert f"Approved as {document['action_digest']}, with files {document['tree_digest']}" in done.out


def test_the_digest_that_is_shown_is_the_one_that_the_approval_names(desk: Desk) -> None:
    assert desk.plan().code == 0
    shown = {}
    for name in NAMES:
        shown[name] = json.loads(desk.call("plan", "--show", name, "--format", "json").out)["action_digest"]
    digest = desk.document("plan.json")["action_digest"]
    assert desk.apply("--approve", digest).code == 0
    (approval,) = (event.value for event in read(desk.ledger).events if isinstance(event.value, PlanApproved))
    assert sorted(approval.actions) == sorted(shown.values())


def test_only_planned_names_are_shown_and_nothing_is_planned_meanwhile(project: Path) -> None:
    before = (project / ".namehold" / "plan.json").read_bytes()
    assert call("plan", "--show", "acme-other", cwd=project).code == 2
    assert call("plan", "--show", "acme-redirect-me", "--check", cwd=project).code == 2
    assert call("plan", "--show", "acme-redirect-me", cwd=project).code == 0
    assert (project / ".namehold" / "plan.json").read_bytes() == before
