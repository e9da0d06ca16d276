"""Writes values into YAML so that every reader takes them for the same values."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

# Written without quotes; everything else gets them. YAML 1.2 reads each of these as text.
_PLAIN = re.compile(r"(https?://)?[A-Za-z][A-Za-z0-9_.@/-]*( [A-Za-z0-9_.@/-]+)*")
# Read as something other than text by YAML 1.2, or by YAML 1.1, which some editors still speak.
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})


def write_scalar(text: str) -> str:
    """`text` as YAML: bare where that is safe, else in double quotes (JSON's, which YAML 1.2 includes)."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    # Python's JSON leaves DEL and the C1 controls bare, which YAML forbids.
    quoted = json.dumps(text, ensure_ascii=False)
    return re.sub("[\x7f-\x9f\ufeff\ufffe\uffff\ud800-\udfff]", lambda match: f"\\u{ord(match[0]):04x}", quoted)


def write_mapping(values: Mapping[str, object]) -> str:
    """A mapping in one line: `{name: acme, date: 2026-12-31}`. Values are texts, numbers, dates and such mappings.

    What is empty (None or '') is left out, as names.yaml and evidence.yaml have it.
    """
    given = {key: value for key, value in values.items() if value is not None and value != ""}
    return f"{{{', '.join(f'{key}: {_written(value)}' for key, value in given.items())}}}"


def _written(value: object) -> str:
    if isinstance(value, Mapping):
        return write_mapping(value)
    return write_scalar(value) if isinstance(value, str) else str(value)
