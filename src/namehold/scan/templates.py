"""Names in documents that stand for any name: `somepackage1`, `package-a`, `foobar`, `tmp-name`."""

from __future__ import annotations

import re
from typing import Final

from packaging.utils import NormalizedName

#: The usual nonsense words of examples, alone or glued together.
_NONSENSE: Final = re.compile(r"(?:foo|bar|baz|qux|quux|corge|grault|garply|waldo|spam|eggs|ham)+")
#: What a name is called that stands for another: with a word before it, glued or not, or a letter or number behind it.
_CORE: Final = r"(?:package|pkg|project|dependency|dep|library|lib|module|distribution|dist|plugin|requirement)s?"
_BEFORE: Final = (
    r"(?:some|any|your|my|the|this|that|other|another|new|old|test|dummy|fake|sample|example|demo|invalid|missing"
    r"|unknown|nonexistent|non-existent|broken|local|private|internal|external|a|b|c)"
)
_STANDS_FOR: Final = re.compile(
    rf"{_BEFORE}-?(?:{_BEFORE}-?)?{_CORE}(?:-?name)?(?:-?[a-z0-9])?"
    rf"|{_CORE}(?:-?name)?-?(?:[a-z]|[0-9]+)|{_CORE}-name|{_CORE}|(?:package|pkg)-[a-z]+|[a-z]|(?:{_BEFORE}-)?[a-z]*-?file-?name"
    r"|(?:name|placeholder)(?:-of)?(?:-the)?(?:-package|-project)?|already-?installed|not-?installed"
)


def stands_for_names(name: NormalizedName) -> bool:
    """Whether a name is a template's: no project, and nothing that anybody would install."""
    bare = name.rstrip("0123456789").rstrip("-") or name
    return any(pattern.fullmatch(text) for pattern in (_NONSENSE, _STANDS_FOR) for text in (name, bare))
