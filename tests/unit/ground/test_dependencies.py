from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import files
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_ROOT = Path(__file__).parents[3]


def _imported() -> set[str]:
    """First parts of the modules that the code imports, its own and Python's left out."""
    modules = [ast.parse(path.read_text(encoding="utf-8")) for path in (_ROOT / "src").rglob("*.py")]
    statements = [statement for module in modules for statement in _statements(module)]
    names = {name.name for node in statements if isinstance(node, ast.Import) for name in node.names}
    names |= {node.module for node in statements if isinstance(node, ast.ImportFrom) and node.module}
    # `_typeshed` exists for type checkers only.
    return {name.split(".")[0] for name in names} - sys.stdlib_module_names - {"namehold", "_typeshed"}


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Everything in a module but its expressions, which are most of it and hold no statement."""
    for inner in ast.iter_child_nodes(node):
        if not isinstance(inner, ast.expr):
            yield inner
            yield from _statements(inner)


def test_a_library_is_declared_if_and_only_if_the_code_imports_it() -> None:
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {canonicalize_name(Requirement(text).name) for text in project["dependencies"]}
    installed = {name: {path.parts[0].removesuffix(".py") for path in files(name) or ()} for name in declared}
    # Several distributions may share the first part of a module's name.
    found = {module: {name for name in declared if module in installed[name]} for module in _imported()}
    assert not [module for module, names in found.items() if not names]
    assert set().union(*found.values()) == declared
