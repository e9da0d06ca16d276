"""The HTML report's size, the time and memory to make it, and how fast a browser shows and searches it.

    python -m bench.report --data DIR [--packages 55 1000] [--runs 3]

DIR holds `index_names.txt.gz` (one name a line). The packages are the most used ones of the shipped list. The time is
processor time, beside that of a program that only prints its version. The browser is a Chromium, and its time is
processor time of the page's own thread: until the table can be searched, and for each key until the table is laid out
again. Nothing is sent anywhere.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.harness.browser import open_browser

from bench import as_installed
from bench.plan import write_portfolio
from namehold.candidates import popular_names

#: As somebody types, corrects and types something else; the table is laid out after each key.
KEYS = ("r", "re", "req", "re", "r", "", "d", "dj", "dja")
TYPE = """
(keys) => {
  const search = document.getElementById("search");
  for (const text of keys) {
    search.value = text;
    search.dispatchEvent(new Event("input"));
    document.body.offsetHeight;
  }
}
"""


if TYPE_CHECKING:
    from playwright.sync_api import Browser


def measure(*words: str, folder: Path) -> tuple[float, float]:
    """Processor seconds and peak megabytes of one call of namehold in `folder`."""
    command = [sys.executable, "-m", "namehold", *words]
    process = subprocess.Popen(command, cwd=folder, env=as_installed(folder), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"namehold {' '.join(words)} failed")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def measure_browser(browser: Browser, address: str) -> tuple[float, float]:
    """Processor milliseconds of a page's own thread until it can be used, and for each key."""
    page = browser.new_page()
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent_ms() -> float:
        metrics = {item["name"]: item["value"] for item in session.send("Performance.getMetrics")["metrics"]}
        return float(metrics["TaskDuration"]) * 1000

    page.goto(address)
    page.evaluate("document.body.offsetHeight")
    ready_ms = spent_ms()
    page.evaluate(TYPE, KEYS)
    keys_ms = (spent_ms() - ready_ms) / len(KEYS)
    page.close()
    return ready_ms, keys_ms


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
            size_mb, memory_mb = page.stat().st_size / 1e6, max(run[1][1] for run in runs)
            print(
                f"{number:5} packages  {size_mb:5.2f} MB  {memory_mb:5.0f} MB memory"
                f"  {made_s:5.2f} s, {made_s - bare_s:5.2f} s beside a bare start ({made_s / bare_s:.1f} times)"
            )
            ready_ms, keys_ms = measure_browser(browser, page.as_uri())
            print(f"        in the browser: ready after {ready_ms:.0f} ms; a keystroke takes {keys_ms:.0f} ms")


if __name__ == "__main__":
    main()
