"""Makes the pictures of the report in docs/pictures/ anew: the worked example's page, as a Chromium shows it.

    python -m docs.make_screenshots [FOLDER]

Nothing but this machine is asked. The pictures differ from the last ones if the page, its date or the browser's fonts
do.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.harness.browser import open_browser

PICTURES = Path(__file__).parent / "pictures"

#: Name, width, height and theme of each picture.
VIEWS = (
    ("report.png", 1180, 900, "light"),
    ("report-dark.png", 1180, 900, "dark"),
    ("report-phone.png", 390, 844, "dark"),
)


def main(folder: Path) -> None:
    """Run the demo, and take its report from the top, and the table of names with a row unfolded."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, open_browser() as browser:
        place = Path(scratch) / "demo"
        subprocess.run(  # noqa: S603 -- our own program
            [sys.executable, "-m", "namehold", "demo", "--into", str(place)],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"NAMEHOLD_OFFLINE": "1", "NAMEHOLD_CACHE": scratch},
        )
        address = (place / "report.html").as_uri()
        for name, width, height, theme in VIEWS:
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=theme)  # type: ignore[arg-type]  # a literal
            page.goto(address)
            page.screenshot(path=folder / name)
            page.close()
        page = browser.new_page(viewport={"width": 1180, "height": 900})
        page.goto(address)
        page.get_by_label("Search").fill("gripwr")
        page.locator("#names-table summary").nth(1).click()
        page.evaluate("document.getElementById('names').scrollIntoView()")
        page.screenshot(path=folder / "report-names.png", clip={"x": 0, "y": 0, "width": 1180, "height": 620})
        page.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES)
