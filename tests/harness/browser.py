"""A real Chromium for tests of pages: found on this machine, never downloaded.

`NAMEHOLD_CHROMIUM` names another one than those on the search path.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

#: How long a test waits for a browser: no slow machine fails one, and a browser that hangs ends.
PATIENCE_MS = 600_000
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str:
    """The path of a Chromium, or of Chrome. LookupError, with what to do, where there is none."""
    found = os.environ.get("NAMEHOLD_CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        raise LookupError("no Chromium is on this machine: install the package chromium (see CONTRIBUTING.md)")
    return found


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A browser without a window and without network but for this machine's."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 -- only tests in a browser need it

    with sync_playwright() as playwright:
        # Its sandbox needs rights that a container and root don't have; the pages here are our own.
        browser = playwright.chromium.launch(
            executable_path=find_chromium(),
            args=["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND"],
            timeout=PATIENCE_MS,
        )
        try:
            yield browser
        finally:
            browser.close()


if __name__ == "__main__":
    try:
        print(find_chromium())  # noqa: T201 -- for the Makefile
    except LookupError as error:
        raise SystemExit(str(error)) from None
