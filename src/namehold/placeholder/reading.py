"""What a wheel or sdist says it is, read without trusting it; nothing of it is executed or written.

    with path.open("rb") as stream:
        read_placeholder(path.name, stream).is_placeholder

Metadata and `reservation.json` are read where installers look for them and nowhere else.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, BinaryIO, Final

from packaging.metadata import parse_email
from packaging.utils import InvalidName, NormalizedName, canonicalize_name

from namehold.index import Archive, ArchiveLimits, HostileArchive, open_archive
from namehold.index.rules import read_requirement
from namehold.mentions import NO_NAMES, find_installed, says_held
from namehold.names import has_name_shape
from namehold.placeholder.page import Page, render_page
from namehold.placeholder.rules import KEYWORD, RESERVATION_FILE, RESERVATION_SCHEMA
from namehold.placeholder.shape import code_file, sdist_files, wheel_files
from namehold.portfolio import Mode
from namehold.text import count

#: A reader of a project's page sees about this much before scrolling, in characters.
FIRST_LINES_CHARACTERS: Final = 800
#: A placeholder is a few files of some kilobytes. Of a larger package, which somebody may ask about as well, the list
#: of files is read, and no more of their texts than this, in bytes.
_LIMITS: Final = ArchiveLimits(members=20_000, member_bytes=250_000, listing_bytes=200_000_000, kept_bytes=2_000_000)
_TEXT_BYTES: Final = 2_000_000
#: Code of fewer characters does nothing of use.
_STUB_CHARACTERS: Final = 1_000
#: Endings of what Python imports or runs by itself.
CODE_ENDINGS: Final = (".py", ".pyc", ".pyd", ".so", ".pth", ".pyi", ".dll", ".dylib")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceholderFile:
    """What was read of one wheel or sdist.

    `top` is the folder that its metadata lie in (a wheel's own `.dist-info`, an sdist's only folder); empty where there
    is no such one. `paths` are all paths in the archive, `texts` those that were read; `unread` could be texts, too,
    but are too large. `reservation` is empty without a `reservation.json` of a known schema.
    """

    filename: str
    top: str
    fields: dict[str, Any]
    paths: tuple[str, ...]
    texts: dict[str, str]
    reservation: dict[str, Any]
    unread: tuple[str, ...] = ()

    @property
    def is_wheel(self) -> bool:
        """Whether it is a wheel; else it is an sdist."""
        return self.filename.endswith(".whl")

    @property
    def name(self) -> NormalizedName:
        """The name in the metadata; `unnamed` where there is none."""
        try:
            return canonicalize_name(str(self.fields.get("name", "")), validate=True)
        except InvalidName:
            return NormalizedName("unnamed")

    @property
    def mode(self) -> Mode | None:
        """What the reservation says; None without one."""
        try:
            return Mode(str(self.reservation.get("mode")))
        except ValueError:
            return None

    @property
    def expected(self) -> frozenset[str]:
        """The paths that a placeholder of this name and mode has in such a file; without a mode, those of any mode."""
        return frozenset(
            path
            for mode in ([self.mode] if self.mode else list(Mode))
            for path in (
                wheel_files(self.name, mode, info=self.top)
                if self.is_wheel
                else {f"{self.top}/{file}" for file in sdist_files(self.name, mode)}
            )
        )

    def mode_of(self, path: str) -> Mode | None:
        """The mode whose code lies at this path; None where no placeholder of this name has any."""
        inner = path if self.is_wheel else path.partition("/")[2]
        return next((mode for mode in Mode if code_file(self.name, mode) == inner), None)

    @property
    def code(self) -> tuple[str, ...]:
        """The paths of what Python imports or runs."""
        return tuple(path for path in self.paths if path.endswith(CODE_ENDINGS))

    @property
    def page(self) -> Page:
        """The description as the index shows it; as it is where the index can't render it."""
        description = str(self.fields.get("description", ""))
        page = render_page(description, str(self.fields.get("description_content_type", "")))
        return page if page.is_rendered else Page(text=description, is_rendered=False)

    @property
    def is_placeholder(self) -> bool:
        """Whether it means to hold a name: by its files or its words."""
        summary = str(self.fields.get("summary", ""))
        said = f"{summary}\n{str(self.fields.get('description', ''))[:FIRST_LINES_CHARACTERS]}"
        return (
            any(PurePosixPath(path).name == RESERVATION_FILE for path in self.paths)
            or KEYWORD in self.fields.get("keywords", ())
            or says_held(said, is_all=self._has_little)
            or any(canonicalize_name(name) != self.name for name in find_installed(summary))
        )

    @property
    def is_silent(self) -> bool:
        """Whether there is nothing in it to use: no code that does anything but build it, one requirement at most.

        A wheel of anything else, a program or a font, has files beside its metadata.
        """
        of_no_use = {path for path in self.code if _is_idle(path, self.texts.get(path))}
        files = {path for path in self.paths if not path.startswith(f"{self.top}/") and not path.endswith("/py.typed")}
        has_files = self.is_wheel and bool(files - of_no_use)
        has_code = any(path not in of_no_use for path in self._used_code)
        return not has_code and not has_files and len(self.fields.get("requires_dist", ())) <= 1

    @property
    def _used_code(self) -> tuple[str, ...]:
        """Its code, but for what only builds it."""
        return tuple(path for path in self.code if PurePosixPath(path).name != "setup.py")

    @property
    def _has_little(self) -> bool:
        """Whether its code, all of which was read, is a stub."""
        return sum(len(self.texts.get(path, " " * _STUB_CHARACTERS)) for path in self._used_code) < _STUB_CHARACTERS

    def describe(self) -> str:
        """What it is, where it is no placeholder: `80 files of code, 6 requirements`."""
        required = count(len(self.fields.get("requires_dist", ())), "requirement")
        files = len(self.code)
        return f"{files:,} {'file' if files == 1 else 'files'} of code, {required}"


def read_placeholder(filename: str, stream: BinaryIO) -> PlaceholderFile:
    """What can be judged of the file in `stream`. Raises HostileArchive (InputError) for what isn't safe to read."""
    with open_archive(filename, stream, _LIMITS) as archive:
        paths = (*archive.names, *archive.others)
        top = _top_of(paths, is_wheel=filename.endswith(".whl"))
        inner = "METADATA" if filename.endswith(".whl") else "PKG-INFO"
        folder = f"{top}/extra_metadata" if filename.endswith(".whl") else top
        first = (f"{top}/{inner}", f"{folder}/{RESERVATION_FILE}")
        texts, unread = _read_texts(archive, [*first, *(path for path in archive.names if _is_text(path))])
    return PlaceholderFile(
        filename=filename,
        top=top,
        fields=_read_fields(texts.get(first[0], "")),
        paths=paths,
        texts=texts,
        reservation=_read_reservation(texts.get(first[1], "")),
        unread=unread,
    )


def _top_of(paths: tuple[str, ...], *, is_wheel: bool) -> str:
    tops = {path.partition("/")[0] for path in paths if "/" in path}
    if is_wheel:
        tops = {top for top in tops if top.endswith(".dist-info")}
    return tops.pop() if len(tops) == 1 else ""


def _is_idle(path: str, text: str | None) -> bool:
    """Whether a module does nothing: it has a docstring and constants (`__version__ = "0.0.1"`), or nothing at all."""
    if text is None or not path.endswith(".py") or len(text) > _STUB_CHARACTERS:
        return False
    try:
        statements = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return all(
        isinstance(item, ast.Pass) or (isinstance(item, ast.Assign | ast.Expr) and isinstance(item.value, ast.Constant))
        for item in statements
    )


def _is_text(path: str) -> bool:
    name = PurePosixPath(path).name
    return name in {"entry_points.txt", "pyproject.toml", "setup.cfg"} or name.endswith((".py", ".pth"))


def _read_texts(archive: Archive, wanted: list[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Texts by path, and the paths of those that are too large or too many."""
    texts: dict[str, str] = {}
    unread: list[str] = []
    left, known = _TEXT_BYTES, set(archive.names)
    for path in dict.fromkeys(wanted):
        if path not in known:
            continue
        try:
            content = archive.read(path) if left > 0 else None
        except HostileArchive as error:
            if not any(fault.rule == "archive-size" for fault in error.diagnostics()):
                raise
            content = None
        if content is None:
            unread.append(path)
        else:
            left -= len(content)
            texts[path] = content.decode("utf-8", "replace")
    return texts, tuple(unread)


def _read_fields(metadata: str) -> dict[str, Any]:
    """Core metadata by the names that `packaging` gives them; the description is the body, or the header of that name.

    Only the headers are parsed as a message: a body could be parts of a message in parts of a message.
    """
    headers, _, body = metadata.replace("\r\n", "\n").partition("\n\n")
    fields = dict(parse_email(headers + "\n")[0])
    if body:
        fields["description"] = "\n\n".join(filter(None, (str(fields.get("description", "")), body)))
    return fields


def _read_reservation(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    is_ours = isinstance(document, dict) and document.get("schema") == RESERVATION_SCHEMA
    return document if is_ours and isinstance(document.get("dependencies", []), list) else {}


def find_targets(placeholder: PlaceholderFile) -> tuple[NormalizedName, ...]:
    """Every project that the file points to, sorted: a claim must hold for each of them.

    What reservation.json says alone could be another project than the one that people are told to install.
    """
    found = {canonicalize_name(name) for name in _pointers(placeholder) if has_name_shape(name)}
    return tuple(sorted(found - {placeholder.name} - NO_NAMES))


def _pointers(placeholder: PlaceholderFile) -> Iterator[str]:
    fields = placeholder.fields
    target = placeholder.reservation.get("target")
    yield from [target] if isinstance(target, str) else []
    for requirement in fields.get("requires_dist", []):
        if (read := read_requirement(requirement)) is not None:
            yield read.name
    for text in (str(fields.get("summary", "")), str(fields.get("description", "")), placeholder.page.text):
        yield from find_installed(text)
