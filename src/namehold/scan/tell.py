"""A scan's findings for other programs: SARIF 2.1.0 (OASIS), and annotations of GitHub's workflows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote

from namehold import __version__, documents
from namehold.scan.model import FINDINGS, NOTEBOOK_CELL, Mention, Verdict
from namehold.text import visible

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_RULES: Final[Mapping[Verdict, str]] = {
    Verdict.UNREGISTERED: "A document tells people to install a name that anybody can register.",
    Verdict.LOOK_ALIKE: "A document tells people to install a stranger's project whose name is near a package's.",
}


def describe(mention: Mention) -> str:
    """A finding in one or two sentences, with what to write instead."""
    what = f"{mention.name}: {mention.why}" if mention.why else f"{mention.name} is {mention.verdict}."
    cell = f" ({mention.carrier}, line {mention.line})" if mention.carrier.startswith(NOTEBOOK_CELL) else ""
    return what + (f" Write {mention.instead} instead." if mention.instead else "") + cell


def write_sarif(mentions: Iterable[tuple[str, Mention]]) -> str:
    """A SARIF log with one result for each finding, the accepted ones as suppressed; each comes with its file's path.

    Lines of a notebook count within a cell, so that its results stand at the file's first line and name the cell.
    """
    results = [_result(path, mention) for path, mention in mentions if mention.verdict in FINDINGS]
    driver = {
        "name": "namehold",
        "version": __version__,
        "rules": [{"id": str(rule), "shortDescription": {"text": text}} for rule, text in _RULES.items()],
    }
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return documents.show_json(log, indent=1) + "\n"


def write_annotations(mentions: Iterable[tuple[str, Mention]]) -> str:
    """One line for each finding that isn't accepted, as GitHub's workflows read them."""
    lines = []
    for path, mention in mentions:
        if mention.is_finding:
            line, column = _place(mention)
            place = f"file={_property(path)},line={line},col={column},title={_property(str(mention.verdict))}"
            lines.append(f"::error {place}::{_data(describe(mention))}\n")
    return "".join(lines)


def _result(path: str, mention: Mention) -> dict[str, Any]:
    line, column = _place(mention)
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(path.encode("utf-8", "surrogateescape"))},
            "region": {"startLine": line, "startColumn": column},
        }
    }
    if mention.carrier.startswith(NOTEBOOK_CELL):
        location["logicalLocations"] = [{"fullyQualifiedName": mention.carrier}]
    result: dict[str, Any] = {
        "ruleId": str(mention.verdict),
        "level": "error",
        "message": {"text": visible(describe(mention))},
        "locations": [location],
    }
    if mention.accepted:
        result["suppressions"] = [{"kind": "external", "justification": mention.accepted}]
    return result


def _place(mention: Mention) -> tuple[int, int]:
    return (1, 1) if mention.carrier.startswith(NOTEBOOK_CELL) else (mention.line, mention.column)


def _data(text: str) -> str:
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
