"""One canonical form for everything that is digested or approved: the same values give the same bytes."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from typing import Any


def as_plain(value: Any) -> Any:
    """Dataclasses, tuples, dates and enums as what JSON has; a dataclass's fields keep their order.

    Raises TypeError for anything else that JSON lacks.
    """
    if isinstance(value, str):  # StrEnum included: json writes its value
        return str(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [as_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): as_plain(item) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    raise TypeError(f"{type(value).__name__} has no canonical form")


def canonical_json(value: Any) -> bytes:
    """`value` as UTF-8 JSON with sorted keys and no white space (RFC 8785 in spirit; floats as Python writes them)."""
    return json.dumps(as_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(value: Any) -> str:
    """`sha256:` and the hexadecimal digest of the canonical form of `value`."""
    return "sha256:" + hashlib.sha256(canonical_json(value)).hexdigest()
