"""names.yaml: read, checked and explained.

    >>> portfolio = load_portfolio(Path("names.yaml")).portfolio
    >>> portfolio.packages[0].name
    'gripwright'

Everything that is wrong with a file is reported at once, each reason with its place, its rule and its fix.
The rules are listed in `RULES`, and in docs/reference/configuration.md for people.
The YAML library and pydantic are imported when a file is loaded, not with this package.
"""

from __future__ import annotations

from namehold.config.loading import (
    LoadedPortfolio,
    find_text_fault,
    json_schema,
    load_portfolio,
    read_portfolio,
)
from namehold.config.rules import RULES
from namehold.config.starter import starter

__all__ = [
    "RULES",
    "LoadedPortfolio",
    "find_text_fault",
    "json_schema",
    "load_portfolio",
    "read_portfolio",
    "starter",
]
