"""The HTML report's size, the time and memory to make it, and how fast a browser shows and searches it.

    python -m bench.report --data DIR [--packages 55 1000] [--runs 3]

DIR holds `index_names.txt.gz` (one name a line). The packages are the most used ones of the shipped list. The time is
processor time, beside that of a program that only prints its version. Keystrokes are measured in a Chromium, from the
input to the laid-out table; the page has 5,000 names. Nothing is sent anywhere.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.plan import write_portfolio
from namehold.candidates import popular_names
from tests.harness.browser import open_browser

#: From the page's first byte to a search that is typed, and each keystroke, in milliseconds.
TYPE = """
async () => {
  const search = document.getElementById("search"), times = [];
  for (const text of ["r", "re", "req", "re", "r", "", "d", "dj", "dja"]) {
    const start = performance.now();
    search.value = text;
    search.dispatchEvent(new Event("input"));
    document.body.offsetHeight;
    times.push(performance.now() - start);
  }
  return times;
}
"""
READY = "() => performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"


def measure(*words: str, folder: Path) -> tuple[float, float]:
    """Processor seconds and peak megabytes of one call of namehold in `folder`."""
    environment = os.environ | {"NAMEHOLD_CACHE": str(folder / "cache"), "NAMEHOLD_OFFLINE": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "namehold", *words], cwd=folder, env=environment, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"namehold {' '.join(words)} failed")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    """Print a row for each size of the organization, then one for the browser."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--packages", type=int, nargs="+", default=[55, 1000])
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    names = [name for name in popular_names().ranks if name[0].isalpha()]
    with tempfile.TemporaryDirectory() as temporary, open_browser() as browser:
        folder = Path(temporary)
        write_portfolio(folder / "names.yaml", names[:1])
        list_of_names = (arguments.data / "index_names.txt.gz").resolve()
        measure("snapshot", "import", str(list_of_names), "--quiet", folder=folder)
        for number in arguments.packages:
            write_portfolio(folder / "names.yaml", names[:number])
            measure("plan", "--quiet", folder=folder)
            page = folder / "report.html"
            # In turns, so that other work on the machine meets both.
            runs = [
                (measure("--version", folder=folder), measure("report", "-q", "-o", str(page), folder=folder))
                for _ in range(arguments.runs)
            ]
            bare_s, made_s = (min(run[part][0] for run in runs) for part in range(2))
            print(
                f"{number:5} packages  {page.stat().st_size / 1e6:5.2f} MB  {max(run[1][1] for run in runs):5.0f} MB memory"
                f"  {made_s:5.2f} s, {made_s - bare_s:5.2f} s beside a bare start ({made_s / bare_s:.1f} times)"
            )
            opened = browser.new_page()
            opened.goto(page.as_uri())
            ready_ms, times_ms = opened.evaluate(READY), sorted(opened.evaluate(TYPE))
            print(
                f"        in the browser: ready after {ready_ms:.0f} ms, a keystroke takes {times_ms[len(times_ms) // 2]:.0f}"
                f" ms, the slowest of {len(times_ms)} {times_ms[-1]:.0f} ms"
            )
            opened.close()


if __name__ == "__main__":
    main()
