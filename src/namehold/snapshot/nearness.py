"""How one name is near another: the answers of `near`, for those that don't search themselves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from packaging.utils import NormalizedName


class Nearness(StrEnum):
    """How one name is near another, the nearest first."""

    SAME_KEY = "same-key"
    EDITS = "edits"
    TURNED_WORDS = "turned-words"
    ADDED_WORDS = "added-words"
    INSIDE = "inside"


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A name of the list, how it is near the name that was asked about, and how many edits away (EDITS; else 0)."""

    name: NormalizedName
    how: Nearness
    edits: int = 0
