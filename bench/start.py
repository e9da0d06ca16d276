"""How long the program takes to start, beside the same program printing its version.

    python -m bench.start [--runs 5]

The commands take turns, so that other work on the machine meets all of them. Each figure is the least processor time
of a started program (user and system, its children included).
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile

COMMANDS = ("--version", "--help", "plan --help", "apply --help", "status --help", "check x", "names x")


def processor_s(words: str, folder: str) -> float:
    """Processor seconds of one call in `folder`, which has no names.yaml."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "namehold", *words.split()],
        cwd=folder,
        env={"NAMEHOLD_OFFLINE": "1", "NAMEHOLD_CACHE": folder},
        capture_output=True,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print a row for each command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        for words in COMMANDS:
            processor_s(words, folder)  # writes the compiled modules
        least = dict.fromkeys(COMMANDS, float("inf"))
        for _ in range(runs):
            for words in COMMANDS:
                least[words] = min(least[words], processor_s(words, folder))
    for words, seconds in least.items():
        print(f"| `namehold {words}` | {seconds:.3f} | {seconds / least['--version']:.1f} |")


if __name__ == "__main__":
    main()
