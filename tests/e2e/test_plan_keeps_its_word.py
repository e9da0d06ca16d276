"""What a plan reserves, the rehearsal holds: no wish leads to a name that the index or a guard refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.harness.cli import call
from tests.harness.desk import PACKAGES, desk_of

CONFIG = """\
organization:
  name: Acme Robotics
  contact: https://acme-robotics.example/security
account: {{index: {index}, username: acme}}
{addresses}demo: true
packages:
  - name: acme-tool
    # Two commands with one similarity key, and a plain word that no person has confirmed.
    commands: [acme-tool-cli, acme-toolcli, fleetdial]
  - name: acme-simulator
    published: false
    commands: [acme-simulator-run]
internal:
  # A placeholder that refuses, of an organization without a home page.
  - {{name: acme-tool-payroll, ask: refuse}}
always:
  - {{name: acme-simulator-cli, package: acme-simulator, reason: It comes soon}}
  - {{name: agent-notes, package: acme-tool, reason: Short}}
  - {{name: acmetool, package: acme-tool, reason: Other spelling}}
  - {{name: sys, package: acme-tool, reason: A module}}
observed:
  - {{name: acme-simulator-client, package: acme-simulator, source: a survey, date: 2026-10-01}}
renew:
  - {{name: acme-tool-old, version: 0.0.1, reason: Moved}}
"""
ADDRESSES = """\
index:
  upload: http://127.0.0.1:9/legacy/
  simple: http://127.0.0.1:9/simple/
"""
WISHES = {
    "acme-simulator-cli",
    "acme-simulator-client",
    "acme-tool-old",
    "acme-tool-payroll",
    "acmetool",
    "agent-notes",
    "sys",
}
#: A package's best command is likely enough to be planned, also beside what was asked for: a private index gives the
#: spelling of the package itself.
PLANNED = {
    "pypi": [{"acme-tool-cli", "acme-tool-payroll"}, {"acme-toolcli", "acme-tool-payroll"}],
    "trial": [{"acmetool", "acme-tool-cli", "acme-tool-payroll"}],
}


@pytest.mark.parametrize(("index", "addresses"), [("pypi", ""), ("trial", ADDRESSES)], ids=["public", "private"])
def test_nothing_is_planned_that_the_rehearsal_refuses_and_no_wish_disappears(
    index: str, addresses: str, tmp_path: Path
) -> None:
    (tmp_path / "names.yaml").write_text(CONFIG.format(index=index, addresses=addresses), "utf-8")
    (tmp_path / "names.txt").write_text("acme-tool\nanother-project\n", "utf-8")
    code, _, err = call("plan", "--snapshot", "names.txt", cwd=tmp_path)
    assert code == 0, err
    plan: dict[str, Any] = json.loads((tmp_path / ".namehold" / "plan.json").read_text("utf-8"))
    planned = {item["name"] for item in plan["actions"]}
    assert planned in PLANNED[index]
    assert {item["name"] for item in plan["wishes"]} == WISHES
    assert all(item["why"] for item in plan["wishes"])
    # What is asked for by name and can't be had is a warning, too.
    for name in ("acme-simulator-cli", "agent-notes", "sys"):
        assert f"names.yaml asks for {name} (always), and it isn't planned" in err

    code, out, err = call("rehearse", "--snapshot", "names.txt", "--format", "json", cwd=tmp_path)
    assert code == 0, err
    receipts = {item["name"]: item["outcome"] for item in json.loads(out)["receipts"]}
    assert receipts == dict.fromkeys(planned, "held")
    # Publishing is switched off: beyond this machine apply would refuse, and doctor says what else is missing.
    ways_on = {"pypi": "Next: namehold doctor", "trial": "Next: namehold apply"}
    assert err.splitlines()[-1].startswith(ways_on[index])


def test_a_version_below_the_held_one_is_told_and_never_sent(tmp_path: Path) -> None:
    with desk_of(tmp_path, PACKAGES) as desk:
        assert desk.plan().code == 0
        approve = desk.document("plan.json")["action_digest"]
        assert desk.apply("--approve", approve, "--yes").code == 0
        uploads = len(desk.index.state.uploads)
        text = desk.config.read_text("utf-8")
        desk.config.write_text(text + "renew:\n  - {name: acme-toolbox, version: 0.0.0, reason: Moved}\n", "utf-8")
        code, _, err = desk.plan()
        assert (code, "acme-toolbox 0.0.0 (renew), which is below the held 0.0.1" in err) == (0, True)
        assert desk.document("plan.json")["actions"] == []
        assert [(item["name"], item["is_met"]) for item in desk.document("plan.json")["wishes"]] == [
            ("acme-toolbox", False)
        ]
        assert desk.call("rehearse").code == 0
        assert desk.apply().code == 0
        assert len(desk.index.state.uploads) == uploads
