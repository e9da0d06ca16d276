"""Changes valid bytes: as bytes, as lines, as JSON, and as archives whose members change.

Each function takes the bytes and a source of chance, and gives other bytes. Sizes stay near those of the original,
but for a few long runs: a parser that takes the square of a length shows it there.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import stat
import struct
import tarfile
import warnings
import zipfile
import zlib
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeAlias

Mutator: TypeAlias = Callable[[bytes, Random], bytes]

#: Characters and values at the edges of what parsers expect.
_WORDS = (
    b"", b"\0", b"\n", b"\r\n", b"\t", b" ", b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"[", b"]", b"{", b"}", b"<",
    b">", b"<!--", b"<![foo", b"&#x110000;", b"'", b'"', b"`", b"\\", b"\\ud800", b"\xe2\x80\xae", b"\xf0\x9f\xa6\x84",
    b"../", b"/", b"//", b"C:\\", b"@", b"://", b"#", b"%", b"%2e", b":", b"::", b"-", b"--", b"_", b".", b"=", b"|",
    b"null", b"true", b"-1", b"1e999", b"9" * 400, b"9999-12-31T23:59:59Z", b"0001-01-01", b"pip install ", b"--a ",
    b"review 20", b"contact ", b"https://", b"import os\n", b"exec(", b"*", b"&a ", b"*a", b"!x ", b"? ", b"|\n", b"- ",
)  # fmt: skip

_TEXTS = (
    "", " ", "\n", "\0", "\ud800", "\u202e", "\U0001f984", "é", "acme-tool", "Acme_Tool", "../x", "/etc/passwd",
    "https://acme.example/", "http://[", "https://u:p/w@acme.example/#", "2026-02-30", "2026-11-28",
    "9999-12-31T23:59:59+23:59", "0001-01-01T00:00:00Z", "sha256:" + "0" * 64, "0" * 64, "1.0", "1.0.0.0.x", "[/bold]",
    "{{ 7*7 }}", "<b>", "| a | b |", "held", "redirect", "typo", "x" * 2_000, "a-" * 2_000,
    "9" * 5_000,
)  # fmt: skip

_VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**31, 2**64, 10**30, 0.5, -0.0, 1e308, float("inf"), float("nan"), [], {}, [[]], [{}],
    {"a": 1}, [1], ["a"],
)  # fmt: skip


def change_bytes(content: bytes, chance: Random) -> bytes:
    """A few bytes put in, left out, doubled, swapped or replaced."""
    at = chance.randint(0, len(content))
    length = chance.choice((0, 1, 1, 2, 4, 16, 200))
    piece = content[at : at + length]
    match chance.randrange(6):
        case 0:
            piece = chance.choice(_WORDS)
        case 1:
            piece = piece * chance.choice((0, 2, 3, 50))
        case 2:
            piece = chance.choice(_WORDS) * chance.choice((1, 2, 1_000))
        case 3:
            other = chance.randint(0, len(content))
            piece = content[other : other + length]
        case 4:
            piece = chance.randbytes(length)
        case _:
            piece = bytes((byte ^ 1 << chance.randrange(8)) for byte in piece)
    return content[:at] + piece + content[at + length :]


def change_lines(content: bytes, chance: Random) -> bytes:
    """Lines left out, doubled, moved, indented, or with another value behind their colon or equals sign."""
    lines = content.split(b"\n")
    at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    line = lines[at]
    match chance.randrange(7):
        case 0:
            del lines[at]
        case 1:
            lines.insert(other, line)
        case 2:
            lines[at], lines[other] = lines[other], lines[at]
        case 3:
            lines[at] = b"  " * chance.randrange(4) + line.lstrip()
        case 4:
            mark = chance.choice((b":", b"="))
            head, found, _ = line.partition(mark)
            lines[at] = head + found + b" " + chance.choice(_WORDS) if found else chance.choice(_WORDS)
        case 5:
            key = chance.choice(lines).partition(b":")[0]
            lines.insert(at, key + b": " + json.dumps(_odd(chance)).encode())
        case _:
            lines[at] = change_bytes(line, chance)
    return b"\n".join(lines)


def change_json(content: bytes, chance: Random) -> bytes:
    """Values of a JSON document replaced, left out, renamed or repeated; it stays JSON."""
    document = json.loads(content)
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        document = change_value(document, chance)
    text = json.dumps(document, ensure_ascii=True, indent=chance.choice((None, 1)))
    return text.encode()


def change_value(value: Any, chance: Random) -> Any:
    """A value with one change somewhere in it."""
    places = list(_places(value))
    if not places:
        return _odd(chance)
    parent, key = chance.choice(places)
    match chance.randrange(7):
        case 0:
            del parent[key]
        case 1 if isinstance(parent, dict):
            parent[str(chance.choice(_TEXTS))] = parent.pop(key)
        case 1:
            parent.insert(key, parent[key])
        case 2:
            source, other = chance.choice(places)
            # A copy: a document that holds itself can't be written.
            parent[key] = json.loads(json.dumps(source[other])) if other in _keys(source) else None
        case 3 if isinstance(parent[key], str):
            parent[key] = _change_text(parent[key], chance)
        case 4 if isinstance(parent[key], list):
            parent[key] = parent[key] * chance.choice((0, 2, 20))
        case _:
            parent[key] = _odd(chance)
    return value


def _keys(parent: Any) -> Any:
    return parent if isinstance(parent, dict) else range(len(parent))


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every place of a value in a document, as what holds it and its key there."""
    found, left = [], [value]
    while left:
        parent = left.pop()
        if isinstance(parent, dict | list):
            for key in _keys(parent):
                found.append((parent, key))
                left.append(parent[key])
    return found


def _odd(chance: Random) -> Any:
    return json.loads(json.dumps(chance.choice(_VALUES))) if chance.random() < 0.5 else chance.choice(_TEXTS)


def _change_text(text: str, chance: Random) -> str:
    at = chance.randint(0, len(text))
    return text[:at] + str(chance.choice(_TEXTS)) + text[at + chance.choice((0, 0, 1, 5)) :]


#: Paths that no honest archive has, or no placeholder.
_PATHS = (
    "", ".", "..", "../x.py", "/x.py", "C:x.py", "a//b.py", "a\\b.py", "a\nb.py", "a" * 5_000, "x" * 200 + ".py",
    "setup.py", "setup.cfg", "x.pth", "x.so", "hatch_build.py", "sitecustomize.py", "acme_tool/__init__.py",
    "pyproject.toml", "reservation.json", "a/b/c/d/e/f/__init__.py", "src/acme_tool/core.py",
    "acme_tol-0.0.1.data/scripts/acme", "acme_tol-0.0.1.data/purelib/x.py", "acme_tol-0.0.1.dist-info/entry_points.txt",
    "other-1.dist-info/METADATA",
    "acme_tol-0.0.1/acme_tol.egg-info/entry_points.txt", "acme_tol-0.0.1/acme_tol.egg-info/top_level.txt",
    "acme_tol-0.0.1/setup.py", "acme_tol-0.0.1/src/acme/__init__.py", "acme_tol-0.0.1/PKG-INFO", "folder/",
)  # fmt: skip

_CONTENTS = (
    b"", b"import os\nos.system('id')\n", b"[console_scripts]\nacme = acme:main\n", b"[other]\nx = y\n",
    b"acme acme_core\n", b"[project.scripts]\nacme = 'x'\n", b"a = " + b"[" * 3_000,
    b"a = " + b"1" * 5_000, b"\xff\xfe", b"x" * 300_000,
    (b"Metadata-Version: 2.1\nName: acme-tol\nVersion: 1\nSummary: held\nProvides-Extra: fast\nRequires-Dist: acme\n"
     b"Project-URL: Former name, https://acme.example/old-tool\nHome-page: https://code.example/acme/tool\n\nBody\n"),
)  # fmt: skip


def change_wheel(content: bytes, chance: Random) -> bytes:
    """A zip archive with members changed, renamed, put in or left out, written anew with right check sums."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as before:
            members = [(info.filename, before.read(info)) for info in before.infolist()]
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, ValueError, zlib.error):
        return change_bytes(content, chance)
    stream = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "w") as after:
        # Two members of one path are what is wanted.
        warnings.simplefilter("ignore", UserWarning)
        for name, text in _change_members(members, chance):
            info = zipfile.ZipInfo("x")
            info.filename = name
            info.compress_type = chance.choice((zipfile.ZIP_DEFLATED,) * 40 + (zipfile.ZIP_STORED, zipfile.ZIP_BZIP2))
            if chance.random() < 0.01:
                info.external_attr = (stat.S_IFLNK | 0o777) << 16
            try:
                after.writestr(info, text)
            except (ValueError, struct.error):
                return change_bytes(content, chance)
    return stream.getvalue()


_KINDS = (tarfile.REGTYPE,) * 60 + (
    tarfile.SYMTYPE,
    tarfile.LNKTYPE,
    tarfile.FIFOTYPE,
    tarfile.DIRTYPE,
    tarfile.GNUTYPE_SPARSE,
)


_LONG_NUMBER = re.compile(rb"[0-9]{2000}")


def change_sdist(content: bytes, chance: Random) -> bytes:
    """The same for a packed tar archive; its headers, or its bytes before packing, change as well."""
    try:
        plain = gzip.decompress(content)
        if _LONG_NUMBER.search(plain):
            # Python's own tarfile takes the square of it in a special header; ours refuses such a header.
            return change_bytes(content, chance)
        with tarfile.open(fileobj=io.BytesIO(plain)) as before:
            members = [
                (member.name, handle.read() if (handle := before.extractfile(member)) else b"")
                for member in before.getmembers()
                if member.isfile()
            ]
    except (tarfile.TarError, OSError, EOFError, ValueError, RuntimeError, zlib.error):
        return change_bytes(content, chance)
    if chance.random() < 0.2:
        return gzip.compress(change_bytes(plain, chance), 1, mtime=0)
    stream = io.BytesIO()
    form = chance.choice((tarfile.PAX_FORMAT, tarfile.GNU_FORMAT))
    with tarfile.open(fileobj=stream, mode="w", format=form) as after:
        for name, text in _change_members(members, chance):
            member = tarfile.TarInfo(name)
            member.type = chance.choice(_KINDS)
            member.linkname = "x" if member.type in {tarfile.SYMTYPE, tarfile.LNKTYPE} else ""
            member.size = len(text) if member.type == tarfile.REGTYPE else 0
            if form == tarfile.PAX_FORMAT and chance.random() < 0.02:
                member.pax_headers = {chance.choice(("path", "size", "mtime", "x")): chance.choice(_PATHS)}
            try:
                after.addfile(member, io.BytesIO(text))
            except (ValueError, UnicodeError):
                return change_bytes(content, chance)
    return gzip.compress(stream.getvalue(), 1, mtime=0)


def _change_members(members: Sequence[tuple[str, bytes]], chance: Random) -> list[tuple[str, bytes]]:
    changed = list(members)
    for _ in range(chance.choice((1, 1, 2, 4))):
        at = chance.randrange(len(changed)) if changed else 0
        match chance.randrange(7) if changed else 0:
            case 0:
                changed.insert(at, (chance.choice(_PATHS), chance.choice(_CONTENTS)))
            case 1:
                name = change_bytes(changed[at][0].encode(), chance).decode("utf-8", "replace")
                changed[at] = (name, changed[at][1])
            case 2:
                changed.insert(at, changed[at])
            case 3 if len(changed) > 1:
                del changed[at]
            case 4 if changed[at][0].endswith(".json"):
                changed[at] = (changed[at][0], change_plain_json(changed[at][1], chance))
            case _:
                change = chance.choice((change_bytes, change_lines))
                changed[at] = (changed[at][0], change(changed[at][1], chance))
    return changed


def change_plain_json(content: bytes, chance: Random) -> bytes:
    """As `change_json`; what isn't JSON any more changes as bytes."""
    try:
        return change_json(content, chance)
    except (ValueError, RecursionError):
        return change_bytes(content, chance)
