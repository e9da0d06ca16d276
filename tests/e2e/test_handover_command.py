"""`namehold handover` as a person calls it."""

from __future__ import annotations

import json
from pathlib import Path

from packaging.utils import NormalizedName
from tests.harness.applying import stage
from tests.harness.cli import Done, call
from tests.harness.desk import CONFIG, write_config


def test_it_says_what_a_person_does_next(tmp_path: Path) -> None:
    with stage(tmp_path) as here:
        here.run(here.plan(NormalizedName("acme-tol")))
        config = CONFIG.replace("index: trial", "index: rehearsal")
        write_config(tmp_path / "names.yaml", here.index, "packages: [acme-tool]\n", config=config)
        (tmp_path / ".namehold").mkdir()
        (tmp_path / ".namehold" / "ledger-rehearsal.jsonl").write_bytes(here.ledger_path.read_bytes())

        def hand_over(*words: str) -> Done:
            return call("handover", *words, cwd=tmp_path)

        shown = hand_over("acme-tol", "--to", "The Tol project")
        assert shown.code == 0, shown.err
        assert "acme-tol 0.0.1 goes to The Tol project" in shown.out
        assert "version: 0.0.2" in shown.out
        assert "version: 0.0.2" not in shown.err
        document = json.loads(hand_over("acme-tol", "--format", "json").out)
        assert (document["schema"], document["stage"]) == ("namehold/handover/1", "unwarned")
        early = hand_over("acme-tol", "--to", "The Tol project", "--done")
        assert early.code == 6
        assert "people still install it" in early.err
        assert hand_over("acme-other").code == 2
        blank = hand_over("acme-tol", "--to", "\u3164", "--done")
        assert blank.code == 2
        assert "--to is empty" in blank.err
