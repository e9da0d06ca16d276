"""`--verbose` says more in every command, and never in the data."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest
from tests.harness.cli import call
from tests.harness.desk import CONFIG, PACKAGES

from namehold import __version__

#: A call of each command that ends soon; whether it succeeds doesn't matter here.
CALLS = [
    *(["init", "names.yaml"], ["discover"], ["doctor"], ["names", "acme-tool"], ["check", "acme-tol"], ["plan"]),
    *(["explain", "acme-tol"], ["build"], ["rehearse"], ["apply"], ["run"], ["status"], ["report"], ["register"]),
    *(["letter"], ["watch"], ["adopt", "acme-tol"], ["audit", "acme-tol"], ["snapshot", "info"], ["schema"]),
    *(["handover", "acme-tol"], ["scan", "names.yaml"], ["probe", "--from", "names.yaml"], ["key", "show"]),
    *(["schedule", "cron"], ["demo", "--into", "names.yaml"]),
]


@pytest.mark.parametrize("words", CALLS, ids=lambda words: words[0])
def test_every_command_says_more(words: list[str], tmp_path: Path) -> None:
    address = "http://127.0.0.1:9/"
    text = CONFIG.format(upload=f"{address}legacy/", simple=f"{address}simple/", json=f"{address}pypi/") + PACKAGES
    (tmp_path / "names.yaml").write_text(text, "utf-8")
    done = call(*words, "--verbose", cwd=tmp_path, env={"NAMEHOLD_OFFLINE": "1", "NAMEHOLD_TOKEN": ""})
    more = f"namehold {__version__} on Python {platform.python_version()}, names.yaml: "
    assert more in done.err
    assert more not in done.out
