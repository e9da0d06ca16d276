"""Measurements, each started as `python -m bench.NAME`; the results stand in RESULTS.md.

They and the programs that they start talk to no index: what they need of one is a file, given by an option.
"""

import os
from pathlib import Path

os.environ["NAMEHOLD_OFFLINE"] = "1"


def as_installed(folder: Path) -> dict[str, str]:
    """The environment of a program that was installed: the first run compiles its modules, in `folder`, for all."""
    places = {"NAMEHOLD_CACHE": str(folder / "cache"), "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    return os.environ | places | {"PYTHONDONTWRITEBYTECODE": ""}
