"""What a placeholder may run and hold: a few whole modules and a few files, compared as they are.

    find_code_faults("import socket", path="acme_tol.py", mode=Mode.SIGNPOST)[0].rule  # 'placeholder-network'

A list of harmless words can't do that: names can be bound anew, so that `print` runs anything. Here the whole syntax
tree is compared with the module that the bundled templates give, and only two texts in it may differ: the docstring
and NOTICE. Templates, built files, strangers' files and what is rebuilt are all judged by these two functions.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice
from pathlib import PurePosixPath
from typing import Final

from packaging.utils import NormalizedName

from namehold.errors import Diagnostic
from namehold.names import module_name
from namehold.placeholder.rules import RESERVATION_FILE, text_fault
from namehold.portfolio import Mode, Portfolio, taken_modules
from namehold.text import find_hidden

#: Longer lines of code hide things from a reader; a notice's line stays well below.
CODE_LINE_MAX_CHARACTERS: Final = 1000
#: A notice is some hundred characters; what is far longer isn't parsed.
CODE_MAX_CHARACTERS: Final = 20_000
#: Of one kind in one file: a hostile file may hold any number.
FAULTS_MAX: Final = 100
#: As much of a line as tells which one it is, in characters.
_SHOWN_CHARACTERS: Final = 60
#: In these first lines a comment can choose the encoding of the file (PEP 263).
_COOKIE_LINES: Final = 2
#: Where the code of a `refuse` placeholder lies in its sdist.
_BACKEND: Final = "backend/refusal.py"

#: The hooks of PEP 517 and PEP 660 with their parameters, in the order of the bundled template.
_HOOKS: Final = (
    "get_requires_for_build_wheel(config_settings=None)",
    "get_requires_for_build_editable(config_settings=None)",
    "get_requires_for_build_sdist(config_settings=None)",
    "build_wheel(wheel_directory, config_settings=None, metadata_directory=None)",
    "build_editable(wheel_directory, config_settings=None, metadata_directory=None)",
    "build_sdist(sdist_directory, config_settings=None)",
)
#: All code that there is, mode by mode. Above it stands a docstring or nothing; NOTICE is any one text.
_MODULES: Final = {
    Mode.REDIRECT: """\
import warnings
NOTICE = ""
if __name__ == "__main__":
    print(NOTICE)
else:
    warnings.warn(NOTICE, stacklevel=2)
""",
    Mode.SIGNPOST: """\
NOTICE = ""
if __name__ != "__main__":
    raise ImportError(NOTICE, name=__name__)
print(NOTICE)
""",
    Mode.REFUSE: 'NOTICE = ""\n' + "".join(f"def {hook}:\n    raise SystemExit(NOTICE)\n" for hook in _HOOKS),
}

#: What such a name means to a reader who wants to know what the code does; the verdict never depends on it.
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

#: Files of other people's placeholders that hold no code, by their last part and by their ending.
_DOCUMENTS: Final = frozenset(
    {
        "AUTHORS",
        "CHANGELOG",
        "CHANGES",
        "COPYING",
        "INSTALLER",
        "LICENCE",
        "LICENSE",
        "MANIFEST.in",
        "NOTICE",
        "PKG-INFO",
        "README",
        "zip-safe",
        "not-zip-safe",
    }
)
_DOCUMENT_ENDINGS: Final = (".md", ".rst", ".txt")


# --------------------------------------------------------------------------- files


def placeholder_module(name: NormalizedName, mode: Mode) -> str:
    """The one module that a placeholder ships; empty for `refuse`, which ships none.

    A redirect's has a suffix, so that it can't meet the real package's module; a signpost's is what people import.
    """
    if mode is Mode.REFUSE:
        return ""
    return module_name(name) + ("_notice" if mode is Mode.REDIRECT else "")


def code_file(name: NormalizedName, mode: Mode) -> str:
    """The path of a placeholder's only code in its source tree; in a wheel it is the same."""
    return _BACKEND if mode is Mode.REFUSE else f"{placeholder_module(name, mode)}.py"


def is_collision(name: NormalizedName, mode: Mode, portfolio: Portfolio) -> bool:
    """Whether a placeholder in this mode would ship a module under an import or command of the portfolio."""
    return placeholder_module(name, mode).lower() in taken_modules(portfolio)


def placeholder_files(name: NormalizedName, mode: Mode) -> frozenset[str]:
    """The paths in a placeholder's source tree, all of them: what else lies there could change what a build does."""
    return frozenset({"LICENSE", "README.md", "pyproject.toml", RESERVATION_FILE, code_file(name, mode)})


def sdist_files(name: NormalizedName, mode: Mode) -> frozenset[str]:
    """The paths below the top folder of a placeholder's sdist, all of them."""
    return placeholder_files(name, mode) | {"PKG-INFO"}


def wheel_files(name: NormalizedName, mode: Mode, *, info: str) -> frozenset[str]:
    """The paths in a placeholder's wheel, all of them. `info` is the name of its `.dist-info` folder (PEP 427)."""
    fixed = ("METADATA", "RECORD", "WHEEL", f"extra_metadata/{RESERVATION_FILE}", "licenses/LICENSE")
    return frozenset({code_file(name, mode), *(f"{info}/{path}" for path in fixed)})


def is_document(path: str, *, info: str) -> bool:
    """Whether a file beyond the expected ones holds no code, and makes nothing look installed that isn't.

    `info` is the wheel's own `.dist-info` folder; empty in an sdist.
    """
    parts = PurePosixPath(path).parts
    is_of_another = bool(info) and parts[0] != info and parts[0].endswith((".data", ".dist-info", ".egg-info"))
    return not is_of_another and (parts[-1] in _DOCUMENTS or parts[-1].endswith(_DOCUMENT_ENDINGS))


# --------------------------------------------------------------------------- code


def find_code_faults(source: str, *, path: str, mode: Mode | None) -> tuple[Diagnostic, ...]:
    """What a file of Python has beyond a placeholder's module of this mode; None: of any mode.

    No faults means: this is that module, but for the words of its docstring and its NOTICE. The first FAULTS_MAX are
    told.
    """
    return tuple(islice(_code_faults(source, path, tuple(Mode) if mode is None else (mode,)), FAULTS_MAX))


def _code_faults(source: str, path: str, modes: tuple[Mode, ...]) -> Iterator[Diagnostic]:
    if len(source) > CODE_MAX_CHARACTERS:
        yield text_fault("code", f"it has {len(source)} characters, and a notice some hundred", path)
        return
    yield from _text_faults(source, path)
    try:
        tree = ast.parse(source)
        if not any(_dump(tree) == _expected(mode) for mode in modes):
            yield from _named_faults(tree, path)
            yield _shape_fault(tree, source, path, modes)
        yield from _identifier_faults(source, path)
    except (SyntaxError, ValueError, RecursionError, MemoryError, tokenize.TokenError) as error:
        line = error.lineno if isinstance(error, SyntaxError) else None
        why = error.msg if isinstance(error, SyntaxError) else "it is nested too deeply, or damaged"
        yield text_fault("code", f"this can't be read as Python: {why}", path, line)


@cache
def _expected(mode: Mode) -> tuple[str, ...]:
    return _dump(ast.parse(_MODULES[mode]))


def _dump(tree: ast.Module) -> tuple[str, ...]:
    """The statements of a module, each whole, without a docstring and with an empty NOTICE."""
    return tuple(_dump_statement(statement) for statement in _statements(tree))


def _statements(tree: ast.Module) -> list[ast.stmt]:
    return tree.body[1:] if ast.get_docstring(tree, clean=False) is not None else tree.body


def _dump_statement(statement: ast.stmt) -> str:
    match statement:
        case ast.Assign(targets=targets, value=ast.Constant(value=str())):
            # The name that it is stored under stays in the dump: NOTICE alone is expected.
            return ast.dump(ast.Assign(targets=targets, value=ast.Constant(value="")))
        case _:
            return ast.dump(statement)


def _shape_fault(tree: ast.Module, source: str, path: str, modes: tuple[Mode, ...]) -> Diagnostic:
    """The first statement that no placeholder has; else that they aren't all there, once and in order."""
    known = {statement for mode in modes for statement in _expected(mode)}
    for statement in _statements(tree):
        if _dump_statement(statement) not in known:
            shown = source.split("\n")[statement.lineno - 1].strip()[:_SHOWN_CHARACTERS]
            return text_fault("code", f"`{shown}` isn't part of a placeholder's notice", path, statement.lineno)
    return text_fault("code", f"it isn't the whole module of a {' or '.join(modes)}: NOTICE and what says it", path)


def _named_faults(tree: ast.Module, path: str) -> Iterator[Diagnostic]:
    """What readers should know of foreign code: that it reaches the network, or may hide what runs."""
    for rule, known, what in (
        ("network", _NETWORK_MODULES, "reaches the network"),
        ("obfuscation", _OBFUSCATION, "can hide what runs"),
    ):
        lines: dict[str, int | None] = {}
        for node in ast.walk(tree):
            for name in _names_in(node):
                if name.split(".")[0] in known:
                    lines.setdefault(name, getattr(node, "lineno", None))
        for name, line in lines.items():
            yield text_fault(rule, f"{name} {what}", path, line)


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
    """What makes the file another one to Python than to its reader."""
    for number, line in enumerate(source.split("\n"), start=1):
        if len(line) > CODE_LINE_MAX_CHARACTERS:
            yield text_fault("obfuscation", f"the line has {len(line)} characters", path, number)
        hidden = {f"U+{ord(line[at]):04X}" for at in find_hidden(line)}
        if hidden:
            shown = ", ".join(sorted(hidden))
            yield text_fault("obfuscation", f"the line holds characters that can't be seen: {shown}", path, number)
        if "\N{REPLACEMENT CHARACTER}" in line:
            yield text_fault("obfuscation", "the line holds bytes that aren't UTF-8", path, number)
        if number <= _COOKIE_LINES and line.lstrip().startswith("#") and re.search(r"coding[:=]", line):
            yield text_fault("obfuscation", "the line chooses how Python reads the bytes of the file", path, number)


def _identifier_faults(source: str, path: str) -> Iterator[Diagnostic]:
    # The syntax tree holds identifiers after NFKC, so the letters that were really written are in the tokens.
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NAME and not token.string.isascii():
            yield text_fault("obfuscation", f"the identifier {token.string!r} isn't ASCII", path, token.start[0])
