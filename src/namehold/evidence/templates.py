"""Names that stand for any name: `your-package`, `package_name`, `foo`."""

from __future__ import annotations

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


def is_template(name: str) -> bool:
    """Whether `name` stands for any name: `your-package`, `package_name`, `mypackage`, `foo`."""
    parts = canonicalize_name(name).split("-")
    if all(part in _TEMPLATE_WORDS for part in parts) and not _TEMPLATE_CORES.isdisjoint(parts):
        return True
    joined = "".join(parts)
    return any(joined.startswith(first) and joined[len(first) :] in _JOINED_CORES for first in _JOINED_TEMPLATES)
