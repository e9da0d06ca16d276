"""How long `audit NAME` takes where an index answers one kind of question as slowly as it can.

    python -m bench.slow_audit

Printed: what is slow and how, seconds by the clock, exit code. Exit code 1 if one takes more than `MOST_S`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from packaging.utils import NormalizedName
from tests.harness.desk import CONFIG
from tests.harness.slow_index import HEADS, addresses_at, slow_index
from tests.harness.wheels import make_wheel

from namehold import rehearsal

MOST_S = 60.0
TOL, TOOL = NormalizedName("acme-tol"), NormalizedName("acme-tool")
SLOW = {
    "the name's page": (f"/simple/{TOL}/",),
    "the name's record": (f"/pypi/{TOL}/",),
    "its files": ("/packages/",),
    "the real project's record": (f"/pypi/{TOOL}/",),
    "everything": ("/",),
}


def main() -> None:
    worst = 0.0
    with rehearsal.start(users=["acme"]) as index:
        index.state.add_project(TOOL, owner="acme")
        text = "This name is reserved. pip install acme-tool"
        files = [make_wheel(TOL, version="1.0", description=text) for _ in range(1)]
        files += [(files[0][0].replace("py3-none", f"py3{minor}-none"), files[0][1]) for minor in (11, 12, 13)]
        index.state.add_project(TOL, owner="acme", files=files)
        for what, slow in SLOW.items():
            for head, start in HEADS.items():
                # Every connection drips for longer than `audit` waits.
                with slow_index(index, slow=slow, head=start, most=10_000) as (base, _):
                    seconds, code = audit(base)
                worst = max(worst, seconds)
                print(f"{what:<28}{head:<10}{seconds:>7.1f}{code:>5}", flush=True)
    print(f"{'worst':<38}{worst:>7.1f}")
    sys.exit(worst > MOST_S)


def audit(base: str) -> tuple[float, int]:
    with tempfile.TemporaryDirectory() as folder:
        config = CONFIG.format(**addresses_at(base)) + "packages: [acme-tool]\n"
        Path(folder, "names.yaml").write_text(config, "utf-8")
        command = [sys.executable, "-m", "namehold", "audit", TOL]
        # Not offline: the index is on this machine.
        environment = {key: value for key, value in os.environ.items() if key != "NAMEHOLD_OFFLINE"}
        started = time.monotonic()
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    return time.monotonic() - started, done.returncode


if __name__ == "__main__":
    main()
