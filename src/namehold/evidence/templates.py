"""Names that stand for any name: `your-package`, `package_name`, `SomePackage1`, `foobar`."""

from __future__ import annotations

import re
from typing import Final

from packaging.utils import canonicalize_name

#: A name of nothing but these words stands for any name: `your-package-name`.
_TEMPLATE_WORDS: Final = frozenset(
    {"a", "an", "any", "dependency", "dist", "example", "here", "lib", "library", "module", "my", "name", "new", "of"}
    | {"other", "package", "packages", "pkg", "placeholder", "project", "some", "that", "the", "this", "x", "your"}
    | {"you", "want", "need", "to", "install", "like", "desired", "chosen", "required", "awesome", "cool", "own"}
    | {"app", "foo", "bar", "baz", "python", "correct", "actual", "sample", "dummy", "test", "xyz", "xxx", "abc"}
)
#: At least one of them has to be there: `python-test` may be a project.
_TEMPLATE_CORES: Final = frozenset(
    {"bar", "baz", "dependency", "foo", "library", "module", "my", "package", "packages", "pkg", "placeholder"}
    | {"project", "some", "xxx", "xyz", "your"}
)
_JOINED_TEMPLATES: Final = ("your", "my", "some", "the", "")
_JOINED_CORES: Final = frozenset(
    {"package", "packages", "packagename", "project", "projectname", "module", "modulename", "library", "libraryname"}
    | {"pkg", "pkgname", "lib", "app", "package_name"}
)

#: The usual nonsense words of examples, alone or glued together.
_NONSENSE: Final = re.compile(r"(?:foo|bar|baz|qux|quux|corge|grault|garply|waldo|spam|eggs|ham)+")
#: What a name is called that stands for another: with a word before it, glued or not, or a letter behind it.
_CORE: Final = r"(?:package|pkg|project|dependency|dep|library|lib|module|distribution|dist|plugin|requirement)s?"
_BEFORE: Final = (
    r"(?:some|any|your|my|the|this|that|other|another|new|old|test|dummy|fake|sample|example|demo|invalid|missing"
    r"|unknown|nonexistent|non-existent|broken|local|private|internal|external|a|b|c)"
)
_STANDS_FOR: Final = re.compile(
    rf"{_BEFORE}-?(?:{_BEFORE}-?)?{_CORE}(?:-?name)?(?:-[a-z])?|{_CORE}(?:-?name)?(?:-[a-z])?"
    rf"|(?:{_BEFORE}-)?(?:{_CORE}-)?file-?name"
    r"|(?:name|placeholder)(?:-of)?(?:-the)?(?:-package|-project)?|already-?installed|not-?installed"
)
#: Letters that stand for a name; others are projects, and with a number behind them all are: `q`, `h2`, `b2`.
_LETTERS: Final = frozenset("abcxyz")


def is_template(name: str) -> bool:
    """Whether `name` is a template's: no project, and nothing that anybody would install.

    So are `your-package`, `package_name`, `mypackage`, `pkg2`, `foo`. What has a word of its own is a name, also
    after 'package': `pkg-acme`.
    """
    normalized = canonicalize_name(name)
    parts = normalized.split("-")
    if all(part in _TEMPLATE_WORDS for part in parts) and not _TEMPLATE_CORES.isdisjoint(parts):
        return True
    joined = "".join(parts)
    if any(joined.startswith(first) and joined[len(first) :] in _JOINED_CORES for first in _JOINED_TEMPLATES):
        return True
    bare = normalized.rstrip("0123456789").rstrip("-")
    return normalized in _LETTERS or any(pattern.fullmatch(bare) for pattern in (_NONSENSE, _STANDS_FOR))
