"""Finds the names that a text tells to install."""

from __future__ import annotations

import re
from typing import Final

NAME_IN_TEXT: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")

#: Words of a sentence where a name could stand ('install it instead').
NO_NAMES: Final = frozenset({"a", "from", "instead", "it", "that", "the", "this"})
#: What people are told to install: by a command, or in words ('Install acme-tool instead').
INSTALL_COMMAND: Final = re.compile(
    r"(?:\b(?:pip3?|uv|poetry|pipenv|conda)(?:[ \t]+pip)?[ \t]+(?:install|add)[ \t]+(?:-{1,2}[\w-]+[ \t]+)*"
    r"|\binstall[ \t]+(?=\S+[ \t]+instead))[`'\"]?([A-Za-z0-9][A-Za-z0-9._-]*)",
    re.IGNORECASE,
)
