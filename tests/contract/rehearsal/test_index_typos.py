"""The background checks flag what the real index's software flagged, with its corpus of five names (August 2026)."""

from __future__ import annotations

import pytest

from namehold.index.rules.naming import TypoCorpus

_CORPUS = ("acme-tool", "event-stream", "numpy", "python-dateutil", "requests")

# Name, as it was given -> the check that it trips and the name that it is taken for.
_OBSERVED = {
    "acme-tool": ("swapped_characters", "acme-tool"),
    "acme-toool": ("repeated_characters", "acme-tool"),
    "amce-tool": ("swapped_characters", "acme-tool"),
    "acme.tool": ("common_typos", "acme-tool"),
    "acme_tool": ("common_typos", "acme-tool"),
    "tool-acme": ("swapped_words", "acme-tool"),
    "acmd-tool": ("common_typos", "acme-tool"),
    "acrne-tool": None,
    "acme-tool2": None,
    "acme-t00l": None,
    "acme-tool-sdk": None,
    "acme-tool-py": None,
    "rrequests": ("repeated_characters", "requests"),
    "requesst": ("swapped_characters", "requests"),
    "nunpy": ("common_typos", "numpy"),
    "numppy": ("repeated_characters", "numpy"),
    "dateutil-python": ("swapped_words", "python-dateutil"),
    "python-date-util": ("common_typos", "python-dateutil"),
    "dateutil": None,
    "nmpy": ("omitted_characters", "numpy"),
    "num": None,
    "stream-event": ("swapped_words", "event-stream"),
    "python-dateutils": None,
}


@pytest.mark.parametrize(("name", "expected"), _OBSERVED.items())
def test_name_is_flagged_as_observed(name: str, expected: tuple[str, str] | None) -> None:
    flags = TypoCorpus(_CORPUS).flags(name)

    assert (flags[0] if flags else None) == expected
