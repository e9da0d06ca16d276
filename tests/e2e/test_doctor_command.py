"""`namehold doctor` as people call it, and what `namehold plan` makes of its proofs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from tests.applying import index_now

from namehold.rehearsal.running import RunningIndex

TOOL = NormalizedName("acme-tool")
CONFIG = """\
organization: {{name: Acme Robotics, contact: "https://acme-robotics.example/security"}}
account: {{index: trial, username: acme}}
index: {{upload: "{upload}", simple: "{simple}", json: "{json}"}}
demo: true
packages:
  - {{name: acme-tool, former: [acme-tool-classic]}}
"""


@dataclass(frozen=True)
class Desk:
    folder: Path
    index: RunningIndex
    token: str

    def call(self, *arguments: str, token: str | None = None) -> tuple[int, str, str]:
        environment = dict(os.environ) | {"NAMEHOLD_TOKEN": self.token if token is None else token}
        done = subprocess.run(
            [sys.executable, "-m", "namehold", *arguments],
            cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
            check=False,
        )  # fmt: skip
        assert not self.token or self.token not in done.stdout + done.stderr
        return done.returncode, done.stdout, done.stderr

    def findings(self, *arguments: str, token: str | None = None) -> tuple[int, dict[str, str]]:
        code, out, err = self.call("doctor", "--format", "json", *arguments, token=token)
        assert out, err
        return code, {check["rule"]: check["finding"] for check in json.loads(out)["checks"]}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with index_now(users=["acme"]) as index:
        text = CONFIG.format(upload=index.upload_url, simple=index.simple_url, json=index.json_url)
        (tmp_path / "names.yaml").write_text(text, encoding="utf-8")
        (tmp_path / "names.txt").write_text("acme-tool\n", encoding="utf-8")
        yield Desk(folder=tmp_path, index=index, token=index.mint_token("acme"))


def test_a_sound_desk_has_no_red_line(desk: Desk) -> None:
    code, found = desk.findings()
    assert code == 0, found
    assert found["ownership-account"] == "proved"
    assert found["account-separate"] == "a risk"
    assert found["account-configured"] == "not provable before the first upload"
    assert found["clock-skew"] == "proved"


def test_a_missing_and_a_scoped_token_are_red(desk: Desk) -> None:
    code, found = desk.findings(token="")
    assert (code, found["token-missing"]) == (11, "contradicted")
    scoped = desk.index.mint_token("acme", caveats=[[1, ["acme-tool"]]])
    code, found = desk.findings(token=scoped)
    assert (code, found["token-scope"]) == (11, "contradicted")


def test_a_strangers_package_is_red_and_the_plan_refuses_it_from_then_on(desk: Desk) -> None:
    code, _, err = desk.call("plan", "--snapshot", "names.txt")
    assert code == 0, err
    desk.index.state.delete_project(TOOL)
    desk.index.state.add_project(TOOL, owner="mallory")
    code, out, err = desk.call("doctor")
    assert code == 11, err
    assert "mallory" not in out + err
    code, _, err = desk.call("plan", "--snapshot", "names.txt", "--offline")
    assert code == 6
    assert "acme-tool isn't proved to be yours" in err
    assert "then: namehold doctor" in err

    # The claims have changed, so that what was shown under the old ones says nothing.
    text = (desk.folder / "names.yaml").read_text(encoding="utf-8")
    (desk.folder / "names.yaml").write_text(text.replace("username: acme", "username: mallory"), encoding="utf-8")
    code, out, err = desk.call("plan", "--snapshot", "names.txt", "--offline")
    assert code == 0, err
    assert "not proved yet" in out


def test_the_plan_shows_whose_the_packages_are(desk: Desk) -> None:
    _, before, _ = desk.call("plan", "--snapshot", "names.txt")
    assert "not proved yet: namehold doctor asks the index" in before
    assert desk.call("doctor")[0] == 0
    _, after, _ = desk.call("plan", "--snapshot", "names.txt")
    assert "proved: the index shows 'acme' as an owner" in after


def test_an_index_that_is_not_there_is_a_line_not_an_error(desk: Desk) -> None:
    text = (desk.folder / "names.yaml").read_text(encoding="utf-8")
    gone = text.replace(desk.index.base_url, "http://127.0.0.1:9")
    (desk.folder / "names.yaml").write_text(gone, encoding="utf-8")
    code, found = desk.findings()
    assert (code, found["index-reachable"], found["clock-skew"]) == (11, "contradicted", "not looked at")


def test_offline_a_public_index_is_not_asked(desk: Desk) -> None:
    text = (desk.folder / "names.yaml").read_text(encoding="utf-8")
    lines = [line for line in text.replace("index: trial", "index: testpypi").splitlines() if "upload" not in line]
    (desk.folder / "names.yaml").write_text("\n".join(lines), encoding="utf-8")
    _, found = desk.findings("--offline")
    assert found["index-reachable"] == "not looked at"
    assert found["ownership-unseen"] == "not looked at"
    assert found["token-index"] == "contradicted"
