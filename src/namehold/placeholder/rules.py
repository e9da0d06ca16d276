"""What a placeholder must carry and must never do, as pure rules over text: no file is read, no code is run.

Rendered templates are checked with these rules, and so are the files that `audit` judges.

    find_leftovers("test@test.com", path="README.md")[0].rule  # 'placeholder-leftover'

The list of what a placeholder carries follows the index's name retention policy (PEP 541: an empty or unexplained
project is name squatting) and what its administrators and users have objected to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from namehold.errors import Diagnostic

#: The `schema` of the machine-readable file that every placeholder holds.
RESERVATION_SCHEMA: Final = "namehold/reservation/1"
RESERVATION_FILE: Final = "reservation.json"
#: By these a search finds every placeholder on an index.
KEYWORD: Final = "namehold-placeholder"
CLASSIFIER: Final = "Development Status :: 7 - Inactive"
PEP_541: Final = "https://peps.python.org/pep-0541/"
#: Longest summary that the index takes, in characters (Warehouse, form field `summary`).
SUMMARY_MAX_CHARACTERS: Final = 512
#: Of one kind in one file: a hostile file may hold any number.
FAULTS_MAX: Final = 100

_LEFTOVERS: Final = re.compile(
    r"yourusername|your-name-here|test@test\.com|\bexample\.(?:com|net|org)\b|//(?:download_)?url\.com\b|lorem ipsum",
    re.IGNORECASE,
)
_REMOTE_IMAGE: Final = re.compile(r"!\[|<\s*(?:img|iframe|script|object|embed|link|style|video|audio)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One requirement: `id` is stable, `fix` says how a placeholder meets it."""

    id: str
    severity: str
    requirement: str
    fix: str


def make_rules(prefix: str, *rows: tuple[str, str, str, str]) -> tuple[Rule, ...]:
    """Rules from rows of (id after the prefix, severity, requirement, fix)."""
    return tuple(
        Rule(id=f"{prefix}-{name}", severity=severity, requirement=requirement, fix=fix)
        for name, severity, requirement, fix in rows
    )


#: What a text in a placeholder may say and do.
TEXT_RULES: Final = make_rules(
    "placeholder",
    (
        "code",
        "error",
        "it says a notice and does nothing else",
        "keep the bundled code; NOTICE alone may differ",
    ),
    ("dependency", "error", "it depends on the real project alone", "let the template name `dependencies` alone"),
    (
        "hidden",
        "error",
        "the index's page shows every word that is in it",
        "remove comments, HTML and titles",
    ),
    ("leftover", "error", "no words of a template are left", "write the real value"),
    (
        "metadata",
        "error",
        "it has a placeholder's fields and no others",
        "keep the fields of the bundled templates",
    ),
    ("network", "error", "it doesn't use the network", "remove it"),
    ("obfuscation", "error", "a reader sees everything that it does", "write it so that a reader understands it"),
    ("telemetry", "error", "reading it isn't seen elsewhere", "remove what is loaded from elsewhere"),
    ("transparency", "error", "it names everything that readers need", "let the template name the value"),
)
_RULES: Final = {rule.id: rule for rule in TEXT_RULES}


def find_remote_parts(text: str, *, path: str) -> Iterator[Diagnostic]:
    """What a text for people makes its readers load from elsewhere."""
    for match in islice(_REMOTE_IMAGE.finditer(text), FAULTS_MAX):
        yield text_fault("telemetry", f"{match.group()!r} makes readers load something from elsewhere", path)


def find_leftovers(text: str, *, path: str) -> tuple[Diagnostic, ...]:
    """Words that a person forgot to replace."""
    return tuple(
        text_fault("leftover", f"{match.group()!r} is a leftover of a template", path)
        for match in islice(_LEFTOVERS.finditer(text), FAULTS_MAX)
    )


def text_fault(rule: str, message: str, path: str, line: int | None = None) -> Diagnostic:
    """A fault under the rule `placeholder-<rule>`."""
    known = _RULES[f"placeholder-{rule}"]
    return Diagnostic(message=message, rule=known.id, fix=known.fix, path=path, line=line)
