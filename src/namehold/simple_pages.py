"""A project's page in the simple interface, from either form: JSON (PEP 691) or HTML (PEP 503).

    read_html_page(text)["files"]

The HTML form is brought into the keys of the JSON form; small private indexes have only that one.
"""

from __future__ import annotations

import datetime as dt
from html.parser import HTMLParser
from typing import Any

#: The JSON form's media type.
SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"
#: What is accepted where both forms will do, the JSON form preferred.
EITHER_FORM = f"{SIMPLE_JSON}, application/json;q=0.5, text/html;q=0.1"


class _Anchors(HTMLParser):
    """The links of a page, and the status marker (PEP 792) among its metadata."""

    def __init__(self) -> None:
        super().__init__()
        self.files: list[dict[str, Any]] = []
        self.status = ""
        self._link: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        if tag == "a":
            self._link = found
        elif tag == "meta" and found.get("name") == "pypi:project-status":
            self.status = found.get("content", "")

    def handle_data(self, data: str) -> None:
        if self._link.get("href") and data.strip():
            address, _, fragment = self._link["href"].partition("#")
            algorithm, _, digest = fragment.partition("=")
            self.files.append(
                {
                    "filename": data.strip(),
                    "url": address,
                    "hashes": {algorithm: digest} if digest else {},
                    "yanked": "data-yanked" in self._link,
                }
            )
            self._link = {}


def read_html_page(text: str) -> dict[str, Any]:
    """The links of an HTML page as `files` of the JSON form; any page has a reading, a log-in page has no files."""
    anchors = _Anchors()
    anchors.feed(text)
    return {"files": anchors.files, **({"project-status": {"status": anchors.status}} if anchors.status else {})}


def read_time(value: object) -> dt.datetime | None:
    """A file's `upload-time` (PEP 700) as UTC, which it is where it names no zone; None where there is none.

    Raises TypeError or ValueError for what is no time.
    """
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise TypeError("an upload time is a text")
    time = dt.datetime.fromisoformat(value)
    try:
        return time.astimezone(dt.UTC) if time.tzinfo else time.replace(tzinfo=dt.UTC)
    except OverflowError:
        raise ValueError("an upload time lies beyond the calendar") from None
