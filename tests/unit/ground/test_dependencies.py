from __future__ import annotations

import ast
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_ROOT = Path(__file__).parents[3]


def _imported() -> set[str]:
    """First parts of the modules that the code imports, its own and Python's left out."""
    statements = [
        node for path in (_ROOT / "src").rglob("*.py") for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    ]
    names = {name.name for node in statements if isinstance(node, ast.Import) for name in node.names}
    names |= {node.module for node in statements if isinstance(node, ast.ImportFrom) and node.module}
    # `_typeshed` exists for type checkers only.
    return {name.split(".")[0] for name in names} - sys.stdlib_module_names - {"namehold", "_typeshed"}


def test_a_library_is_declared_if_and_only_if_the_code_imports_it() -> None:
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {canonicalize_name(Requirement(text).name) for text in project["dependencies"]}
    distributions = packages_distributions()
    # Several distributions may share the first part of a module's name.
    found = {module: declared.intersection(map(canonicalize_name, distributions[module])) for module in _imported()}
    assert not [module for module, names in found.items() if not names]
    assert set().union(*found.values()) == declared
