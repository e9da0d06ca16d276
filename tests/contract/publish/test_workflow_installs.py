"""The step of the printed workflow that installs namehold from an index of one's own, with a real pip."""

from __future__ import annotations

import hashlib
import os
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from tests.harness.applying import Stage, stage
from tests.harness.clients import PIP_SETTINGS
from tests.harness.wheels import make_wheel
from tests.harness.workflows import SCHEDULE, script_of, workflow

_OWN = "https://index.acme.example/simple/"


def install(here: Stage, target: Path, *digests: str) -> subprocess.CompletedProcess[str]:
    """The line that installs namehold, from the index on this machine into a folder."""
    script = script_of(workflow(schedule=replace(SCHEDULE, source=_OWN, sha256=digests)), "run", "Install")
    (line,) = (line for line in script.splitlines() if _OWN in line)
    line = line.replace(_OWN, here.index.simple_url)
    line = line.replace("python -I -m", f"{shlex.quote(sys.executable)} -I -m")
    line = line.replace("pip install", f"pip install --no-cache-dir --target {shlex.quote(str(target))}")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PIP_")} | PIP_SETTINGS
    return subprocess.run(
        ["bash", "-e", "-c", line], env=environment, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.mark.parametrize("is_changed", [False, True])
def test_only_the_file_with_the_given_hash_is_installed(tmp_path: Path, *, is_changed: bool) -> None:
    with stage(tmp_path) as here:
        filename, content = make_wheel("namehold", "0.1.0")
        digest = hashlib.sha256(content).hexdigest()
        if is_changed:
            # The index gives out another file under the same name and version.
            filename, content = make_wheel("namehold", "0.1.0", summary="Something else.")
        here.index.state.add_project(NormalizedName("namehold"), owner="acme", files=[(filename, content)])
        done = install(here, tmp_path / "installed", digest)
        assert (done.returncode == 0) is not is_changed, done.stderr
        assert ("HASH" in done.stderr) is is_changed
        assert (tmp_path / "installed").exists() is not is_changed
