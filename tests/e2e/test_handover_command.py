"""`namehold handover` as a person calls it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from packaging.utils import NormalizedName
from tests.applying import stage

_NAMES = """\
demo: true
organization: {{name: Acme Robotics, contact: "https://acme-robotics.example/security"}}
account: {{index: rehearsal, username: acme}}
index: {{upload: "{upload}", simple: "{simple}", json: "{json}"}}
packages: [acme-tool]
"""


def test_it_says_what_a_person_does_next(tmp_path: Path) -> None:
    with stage(tmp_path) as here:
        here.run(here.plan(NormalizedName("acme-tol")))
        index = here.index
        (tmp_path / "names.yaml").write_text(
            _NAMES.format(upload=index.upload_url, simple=index.simple_url, json=index.json_url), encoding="utf-8"
        )
        (tmp_path / ".namehold").mkdir()
        (tmp_path / ".namehold" / "ledger-rehearsal.jsonl").write_bytes(here.ledger_path.read_bytes())

        def call(*words: str) -> subprocess.CompletedProcess[str]:
            command = [sys.executable, "-m", "namehold", "handover", *words]
            return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

        shown = call("acme-tol", "--to", "The Tol project")
        assert shown.returncode == 0, shown.stderr
        assert "acme-tol 0.0.1 goes to The Tol project" in shown.stdout
        assert "version: 0.0.2" in shown.stderr
        document = json.loads(call("acme-tol", "--format", "json").stdout)
        assert (document["schema"], document["stage"]) == ("namehold/handover/1", "unwarned")
        early = call("acme-tol", "--to", "The Tol project", "--done")
        assert early.returncode == 6
        assert "people still install it" in early.stderr
        assert call("acme-other").returncode == 2
        blank = call("acme-tol", "--to", "\u3164", "--done")
        assert blank.returncode == 2
        assert "--to names nobody" in blank.stderr
