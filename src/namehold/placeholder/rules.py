"""What a placeholder must carry and must never do, as pure rules over text: no file is read, no code is run.

Rendered templates are checked with these rules, and so are the files that `audit` judges.

    find_code_faults("import socket", path="module.py")[0].rule  # 'placeholder-network'

The list of what a placeholder carries follows the index's name retention policy (PEP 541: an empty or unexplained
project is name squatting) and what its administrators and users have objected to.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from packaging.utils import NormalizedName

from namehold.errors import Diagnostic
from namehold.names import module_name
from namehold.portfolio import Mode, Portfolio, taken_modules
from namehold.text import find_hidden

#: The `schema` of the machine-readable file that every placeholder holds.
RESERVATION_SCHEMA: Final = "namehold/reservation/1"
RESERVATION_FILE: Final = "reservation.json"
#: By these a search finds every placeholder on an index.
KEYWORD: Final = "namehold-placeholder"
CLASSIFIER: Final = "Development Status :: 7 - Inactive"
PEP_541: Final = "https://peps.python.org/pep-0541/"
#: Longest summary that the index takes, in characters (Warehouse, form field `summary`).
SUMMARY_MAX_CHARACTERS: Final = 512
#: Longer lines of code hide things from a reader; a notice's line stays well below.
CODE_LINE_MAX_CHARACTERS: Final = 1000
#: Of one kind in one file: a hostile file may hold any number.
FAULTS_MAX: Final = 100

BUILD_HOOKS: Final = frozenset(
    {
        "build_editable",
        "build_sdist",
        "build_wheel",
        "get_requires_for_build_editable",
        "get_requires_for_build_sdist",
        "get_requires_for_build_wheel",
    }
)
_NETWORK_MODULES: Final = frozenset(
    {
        "aiohttp",
        "asyncio",
        "ftplib",
        "http",
        "httpcore",
        "httpx",
        "imaplib",
        "poplib",
        "pycurl",
        "requests",
        "smtplib",
        "socket",
        "socketserver",
        "ssl",
        "telnetlib",
        "urllib",
        "urllib3",
        "webbrowser",
        "websockets",
        "xmlrpc",
    }
)
_OBFUSCATION: Final = frozenset(
    {
        "__builtins__",
        "__import__",
        "base64",
        "binascii",
        "bz2",
        "chr",
        "codecs",
        "compile",
        "ctypes",
        "eval",
        "exec",
        "getattr",
        "globals",
        "gzip",
        "importlib",
        "locals",
        "lzma",
        "marshal",
        "pickle",
        "setattr",
        "vars",
        "zlib",
    }
)
_HARMLESS_CALLS: Final = frozenset({"ImportError", "SystemExit", "print", "warnings.warn"})
_HARMLESS_NODES: Final = (
    ast.Assign,
    ast.Attribute,
    ast.Call,
    ast.Compare,
    ast.Constant,
    ast.Eq,
    ast.Expr,
    ast.FunctionDef,
    ast.If,
    ast.Import,
    ast.Load,
    ast.Module,
    ast.Name,
    ast.NotEq,
    ast.Raise,
    ast.Store,
    ast.alias,
    ast.arg,
    ast.arguments,
    ast.keyword,
)
_LEFTOVERS: Final = re.compile(
    r"yourusername|your-name-here|test@test\.com|\bexample\.(?:com|net|org)\b|//(?:download_)?url\.com\b|lorem ipsum",
    re.IGNORECASE,
)
_REMOTE_IMAGE: Final = re.compile(r"!\[|<\s*(?:img|iframe|script|object|embed|link|style|video|audio)\b", re.IGNORECASE)
_PROJECT_KEYS: Final = frozenset(
    {
        "authors",
        "classifiers",
        "dependencies",
        "description",
        "keywords",
        "license",
        "license-files",
        "name",
        "readme",
        "requires-python",
        "urls",
        "version",
    }
)
_BUILD_KEYS: Final = frozenset({"ignore-vcs", "targets"})
_TARGET_KEYS: Final = {
    "sdist": {"core-metadata-version", "only-include"},
    "wheel": {"core-metadata-version", "extra-metadata", "only-include"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One requirement: `id` is stable, `fix` says how a placeholder meets it."""

    id: str
    severity: str
    requirement: str
    fix: str


def make_rules(prefix: str, *rows: tuple[str, str, str, str]) -> tuple[Rule, ...]:
    """Rules from rows of (id after the prefix, severity, requirement, fix)."""
    return tuple(
        Rule(id=f"{prefix}-{name}", severity=severity, requirement=requirement, fix=fix)
        for name, severity, requirement, fix in rows
    )


#: What a text in a placeholder may say and do.
TEXT_RULES: Final = make_rules(
    "placeholder",
    ("code", "error", "it says a notice and does nothing else", "keep to the statements of the bundled templates"),
    ("dependency", "error", "it depends on the real project alone", "let the template name `dependencies` alone"),
    ("leftover", "error", "no words of a template are left", "write the real value"),
    (
        "metadata",
        "error",
        "it has a placeholder's fields and no others",
        "keep the fields of the bundled templates",
    ),
    ("network", "error", "it doesn't use the network", "remove it"),
    ("obfuscation", "error", "a reader sees everything that it does", "write it so that a reader understands it"),
    ("telemetry", "error", "reading it isn't seen elsewhere", "remove what is loaded from elsewhere"),
    ("transparency", "error", "it names everything that readers need", "let the template name the value"),
)
_RULES: Final = {rule.id: rule for rule in TEXT_RULES}


def placeholder_module(name: NormalizedName, mode: Mode) -> str:
    """The one module that a placeholder ships; empty for `refuse`, which ships none.

    A redirect's has a suffix, so that it can't meet the real package's module; a signpost's is what people import.
    """
    if mode is Mode.REFUSE:
        return ""
    return module_name(name) + ("_notice" if mode is Mode.REDIRECT else "")


def placeholder_files(name: NormalizedName, mode: Mode) -> frozenset[str]:
    """The paths in a placeholder's source tree, all of them: what else lies there could change what a build does."""
    code = "backend/refusal.py" if mode is Mode.REFUSE else f"{placeholder_module(name, mode)}.py"
    return frozenset({"LICENSE", "README.md", "pyproject.toml", RESERVATION_FILE, code})


def is_collision(name: NormalizedName, mode: Mode, portfolio: Portfolio) -> bool:
    """Whether a placeholder in this mode would ship a module under an import or command of the portfolio."""
    return placeholder_module(name, mode).lower() in taken_modules(portfolio)


def find_code_faults(source: str, *, path: str) -> tuple[Diagnostic, ...]:
    """What goes beyond saying a notice in Python source: an allow-list, so that nothing new slips through.

    Allowed: string constants, `import warnings`, a test of `__name__`, printing, warning, raising ImportError or
    SystemExit, and functions that are the hooks of PEP 517 and PEP 660. The first FAULTS_MAX are told.
    """
    return tuple(islice(_code_faults(source, path), FAULTS_MAX))


def _code_faults(source: str, path: str) -> Iterator[Diagnostic]:
    yield from _text_faults(source, path)
    try:
        tree = ast.parse(source)
        yield from _identifier_faults(source, path)
        for node in ast.walk(tree):
            yield from _node_faults(node, path)
    except (SyntaxError, ValueError, RecursionError, MemoryError, tokenize.TokenError) as error:
        line = error.lineno if isinstance(error, SyntaxError) else None
        yield _fault("code", f"this can't be read as Python: {error}", path, line)


def _node_faults(node: ast.AST, path: str) -> Iterator[Diagnostic]:
    line = getattr(node, "lineno", None)
    for name in _names_in(node):
        root = name.split(".")[0]
        if root in _NETWORK_MODULES:
            yield _fault("network", f"{name} reaches the network", path, line)
        elif root in _OBFUSCATION:
            yield _fault("obfuscation", f"{name} can hide what runs", path, line)
        elif isinstance(node, ast.Import | ast.ImportFrom) and name != "warnings":
            yield _fault("code", f"import of {name}: a placeholder needs none but warnings", path, line)
    if isinstance(node, ast.ImportFrom | ast.Import):
        return
    if not isinstance(node, _HARMLESS_NODES):
        yield _fault("code", f"{type(node).__name__}: a placeholder says a notice and does nothing else", path, line)
    elif isinstance(node, ast.Call) and ast.unparse(node.func) not in _HARMLESS_CALLS:
        yield _fault("code", f"call of {ast.unparse(node.func)}: only a notice may be said", path, line)
    elif isinstance(node, ast.FunctionDef) and (node.name not in BUILD_HOOKS or node.decorator_list):
        yield _fault("code", f"function {node.name}: only hooks of PEP 517 may be defined", path, line)


def _names_in(node: ast.AST) -> Iterable[str]:
    """The names that a node brings up, as they are written."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or "."]
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        return [node.attr]
    return []


def _text_faults(source: str, path: str) -> Iterator[Diagnostic]:
    for number, line in enumerate(source.split("\n"), start=1):
        if len(line) > CODE_LINE_MAX_CHARACTERS:
            yield _fault("obfuscation", f"the line has {len(line)} characters", path, number)
        hidden = {f"U+{ord(line[at]):04X}" for at in find_hidden(line)}
        if hidden:
            shown = ", ".join(sorted(hidden))
            yield _fault("obfuscation", f"the line holds characters that can't be seen: {shown}", path, number)


def _identifier_faults(source: str, path: str) -> Iterator[Diagnostic]:
    # The syntax tree holds identifiers after NFKC, so the letters that were really written are in the tokens.
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NAME and not token.string.isascii():
            yield _fault("obfuscation", f"the identifier {token.string!r} isn't ASCII", path, token.start[0])


def find_project_faults(
    source: str, *, path: str, name: NormalizedName, mode: Mode, dependencies: tuple[str, ...]
) -> tuple[Diagnostic, ...]:
    """Everything in a pyproject.toml that a placeholder called `name` has no use for.

    That is what runs code at build time, takes in other files than its own, adds a dependency, or hides what it is:
    a build by a file without faults executes nothing of the placeholder and reads nothing but the placeholder.
    """
    try:
        document = tomllib.loads(source)
    except (ValueError, RecursionError) as error:
        # ValueError: no TOML, or a number of more digits than Python reads.
        return (_fault("metadata", f"this can't be read as TOML: {error}", path),)
    return tuple(_project_faults(document, path, name, mode, dependencies))


def _project_faults(
    document: dict[str, Any], path: str, name: NormalizedName, mode: Mode, dependencies: tuple[str, ...]
) -> Iterator[Diagnostic]:
    system = _table(document.get("build-system"))
    if mode is Mode.REFUSE:
        expected = {"requires": [], "build-backend": "refusal", "backend-path": ["backend"]}
        if system != expected:
            yield _fault("code", f"build-system must be {expected}", path)
    elif (
        set(system) != {"requires", "build-backend"}
        or system["build-backend"] != "hatchling.build"
        or not re.fullmatch(r"\['hatchling[<>=!~0-9.,]*'\]", str(system["requires"]))
    ):
        yield _fault("code", "build-system must require hatchling alone and name hatchling.build", path)
    project = _table(document.get("project"))
    yield from _field_faults(project, path)
    if _list(project.get("dependencies")) != list(dependencies):
        wanted = ", ".join(dependencies) or "none"
        yield _fault("dependency", f"the dependencies must be: {wanted}; without a version", path)
    for key in sorted(set(document) - {"build-system", "project", "tool"}):
        yield _fault("code", f"[{key}] isn't allowed in a placeholder", path)
    yield from _tool_faults(_table(document.get("tool")), path, placeholder_files(name, mode))


def _field_faults(project: dict[str, Any], path: str) -> Iterator[Diagnostic]:
    """What [project] lacks, and what isn't allowed in it."""
    for key in sorted(set(project) - _PROJECT_KEYS):
        yield _fault("metadata", f"project.{key} isn't allowed in a placeholder", path)
    for key in sorted(_PROJECT_KEYS - {"urls"} - set(project)):
        yield _fault("metadata", f"project.{key} is missing", path)
    if project.get("readme", "README.md") != "README.md" or project.get("license-files", ["LICENSE"]) != ["LICENSE"]:
        yield _fault(
            "metadata", "readme and license-files must be README.md and LICENSE of the placeholder itself", path
        )
    if not isinstance(project.get("license", ""), str):
        yield _fault("metadata", "license must be an expression: a table can take in a file from elsewhere", path)
    if KEYWORD not in _list(project.get("keywords")):
        yield _fault("metadata", f"the keyword {KEYWORD} is missing", path)
    if CLASSIFIER not in _list(project.get("classifiers")):
        yield _fault("metadata", f"the classifier {CLASSIFIER} is missing", path)


def _tool_faults(tool: dict[str, Any], path: str, files: frozenset[str]) -> Iterator[Diagnostic]:
    """Settings of tools can run code at build time (hooks) or take in any file of the machine that builds.

    So only the few that choose files are allowed, and they may choose `files` alone.
    """
    hatch = _table(tool.get("hatch"))
    build = _table(hatch.get("build"))
    if set(tool) - {"hatch"} or set(hatch) - {"build"} or set(build) - _BUILD_KEYS:
        yield _fault("code", "only [tool.hatch.build] with its targets is allowed: no hooks, no other tool", path)
    for target, value in _table(build.get("targets")).items():
        settings = _table(value)
        if set(settings) - _TARGET_KEYS.get(target, set()):
            yield _fault("code", f"[tool.hatch.build.targets.{target}] may only choose files", path)
        extra = _table(settings.get("extra-metadata"))
        chosen = [*_list(settings.get("only-include")), *extra, *extra.values()]
        if any(item not in files for item in map(str, chosen)):
            yield _fault("code", f"[tool.hatch.build.targets.{target}] chooses files that no placeholder has", path)


def _table(value: Any) -> dict[str, Any]:
    """`value` where it is a table; nothing of any other type means anything in its place."""
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def find_text_faults(text: str, *, path: str, required: Iterable[tuple[str, str]]) -> tuple[Diagnostic, ...]:
    """What a text for people lacks (`required` holds pairs of what and the words), and what it must not hold."""
    faults = [
        _fault("transparency", f"{what} isn't named: {words!r}", path) for what, words in required if words not in text
    ]
    faults.extend(
        _fault("telemetry", f"{match.group()!r} makes readers load something from elsewhere", path)
        for match in islice(_REMOTE_IMAGE.finditer(text), FAULTS_MAX)
    )
    return tuple(faults)


def find_leftovers(text: str, *, path: str) -> tuple[Diagnostic, ...]:
    """Words that a person forgot to replace."""
    return tuple(
        _fault("leftover", f"{match.group()!r} is a leftover of a template", path)
        for match in islice(_LEFTOVERS.finditer(text), FAULTS_MAX)
    )


def _fault(rule: str, message: str, path: str, line: int | None = None) -> Diagnostic:
    known = _RULES[f"placeholder-{rule}"]
    return Diagnostic(message=message, rule=known.id, fix=known.fix, path=path, line=line)
