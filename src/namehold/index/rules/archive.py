"""The index's rules for the files themselves, sdists and wheels, and all its rules for one upload in their order."""

from __future__ import annotations

import gzip
import io
import os.path
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from configparser import Error as ConfigParserError
from configparser import RawConfigParser
from contextlib import suppress
from csv import reader
from typing import TYPE_CHECKING, cast

from packaging.utils import (
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

from namehold.index.rules.form import (
    FORM_NAMES,
    HELP_BASE,
    Fields,
    Refusal,
    digests_of,
    find_envelope_refusal,
    find_form_refusal,
    metadata_of,
    refuse_first,
)

if TYPE_CHECKING:
    from packaging.metadata import Metadata


# An archive that unpacks to more than 50 times its size counts as a bomb, from 64 MiB on.
_BOMB_MIN_BYTES = 64 * 1024 * 1024
_BOMB_RATIO = 50

# Platform tags of wheels with an accompanying ABI specification (PEP 513, 571, 599, 600, 656, 730, 738).
_PLATFORMS = re.compile(
    r"""any | win32 | win_(?:arm64|amd64|ia64)
    | manylinux1_(?:x86_64|i686) | manylinux2010_(?:x86_64|i686)
    | manylinux2014_(?:x86_64|i686|aarch64|armv7l|ppc64|ppc64le|s390x)
    | linux_armv[67]l
    | manylinux_\d+_\d+_(?:x86_64|i686|aarch64|armv7l|ppc64|ppc64le|s390x|riscv64)
    | musllinux_\d+_\d+_(?:x86_64|i686|aarch64|armv7l|ppc64le|s390x|riscv64)
    | macosx_(?:10_\d+|(?:1[1-5]|26)_0)_(?:ppc|ppc64|i386|x86_64|arm64|intel|fat|fat3|fat64|universal|universal2)
    | ios_\d+_\d+_(?:arm64|x86_64)_(?:iphoneos|iphonesimulator)
    | android_\d+_(?:armeabi_v7a|arm64_v8a|x86|x86_64)
    | pyemscripten_\d+_\d+_wasm32""",
    re.VERBOSE,
)


# What the index's scan of content finds in a module that PyArmor made; larger files aren't scanned.
_PYARMOR = re.compile(rb"__pyarmor__\(__name__, __file__,|__pyarmor_(?:enter|exit|assert|bcc)__")
_SCANNED = (".py", ".pyc", ".pyd", ".so")
_SCANNED_MAX_BYTES = 10 * 1024 * 1024

_SCRIPT_NAME = re.compile(r"[\w.-]+")

# The end of a ZIP's central directory: its signature, its length, and where the length of the comment after it stands.
_ZIP_END, _ZIP_END_BYTES, _ZIP_COMMENT_AT = b"PK\x05\x06", 22, 20


def find_archive_refusal(fields: Fields, filename: str, content: bytes) -> Refusal | None:
    """Step 4: the archive and what must be in it. `fields` must have passed the steps before."""
    fault = _archive_fault(filename, content)
    if fault is not None:
        return Refusal(message=f"Invalid distribution file. {fault}")
    metadata = metadata_of(fields)
    if filename.endswith(".whl"):
        return _find_wheel_refusal(metadata, filename, content)
    return _find_sdist_refusal(metadata, filename, content)


def _archive_fault(filename: str, content: bytes) -> str | None:
    if filename.endswith(".tar.gz"):
        try:
            return _tar_fault(content)
        except (tarfile.TarError, OSError, EOFError):
            return "None" if _is_packed_nothing(content) else "File is not a tarfile"
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return "File is not a zipfile"
    if fault := _zip_frame_fault(content):
        return fault
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _zip_fault(archive, filename, len(content))
    except zipfile.BadZipFile:
        return "None"


def _zip_frame_fault(content: bytes) -> str | None:
    """Bytes before or after the archive, which programs read differently."""
    if not content.startswith(b"PK"):
        return "ZIP archive not accepted: Unknown record signature"
    end = content.rfind(_ZIP_END)
    comment = int.from_bytes(content[end + _ZIP_COMMENT_AT : end + _ZIP_END_BYTES], "little")
    return "ZIP archive not accepted: Trailing data" if end + _ZIP_END_BYTES + comment != len(content) else None


def _is_packed_nothing(content: bytes) -> bool:
    """Whether a gzip file holds no byte: the index has no words for that (observed)."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
            return not packed.read(1)
    except (OSError, EOFError, zlib.error):
        return False


def _tar_fault(content: bytes) -> str | None:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        if fault := _sdist_fault(archive.getnames()):
            return fault
        scanned = (
            archive.extractfile(member)
            for member in archive
            if member.isfile() and _is_scanned(member.name, member.size)
        )
        return _scan_fault(file.read() for file in scanned if file is not None)


def _is_scanned(path: str, size: int) -> bool:
    return path.endswith(_SCANNED) and size <= _SCANNED_MAX_BYTES


def _scan_fault(contents: Iterable[bytes]) -> str | None:
    """What the index's scan says of the modules in an archive (observed: one rule, about PyArmor)."""
    if any(_PYARMOR.search(content) for content in contents):
        return (
            "PyArmor-encrypted content is not allowed. "
            f"See {HELP_BASE}/policy/acceptable-use-policy/ for more information."
        )
    return None


def _tar_names(content: bytes) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        return archive.getnames()


def _sdist_fault(names: Sequence[str]) -> str | None:
    top = _top_of(names)
    if top in {".", "/", ""}:
        return "Incorrect number of top-level directories in sdist"
    # Observed: members that begin with `./` aren't found.
    target = _join(top.removeprefix("./"), "PKG-INFO")
    return None if target in names else f"PKG-INFO not found at {target}"


def _zip_fault(archive: zipfile.ZipFile, filename: str, size: int) -> str | None:
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    if unpacked > _BOMB_MIN_BYTES and unpacked / size > _BOMB_RATIO:
        return f"File exceeds compression ratio of {_BOMB_RATIO}"
    if any(member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for member in members):
        return "File does not use a supported compression type"
    if filename.endswith(".zip"):
        fault = _sdist_fault(archive.namelist())
    elif filename.count("-") < 2:  # noqa: PLR2004 -- between name, version and the rest
        fault = "Unable to parse name and version from wheel filename"
    else:
        target = f"{_wheel_folder(filename)}/WHEEL"
        fault = None if target in archive.namelist() else f"WHEEL not found at {target}"
    return fault or _scan_fault(
        archive.read(member) for member in members if _is_scanned(member.filename, member.file_size)
    )


def _wheel_folder(filename: str) -> str:
    """Where a wheel's metadata lies, by its file name (PEP 427)."""
    return "-".join(filename.split("-", 2)[:2]) + ".dist-info"


def _top_of(names: Sequence[str]) -> str:
    """What the index takes for an sdist's folder: all that its names have in common.

    So an sdist of a single file has no PKG-INFO where the index looks for it, and is refused.
    """
    return os.path.commonprefix(list(names))  # noqa: RUF071 -- character by character is what the index does


def _join(folder: str, name: str) -> str:
    return f"{folder}{name}" if folder.endswith("/") else f"{folder}/{name}"


def _find_sdist_refusal(metadata: Metadata, filename: str, content: bytes) -> Refusal | None:
    """The file's name is `<normalized name with _>-<version>.tar.gz` (PEP 625); the licence files are there."""
    normalized = canonicalize_name(metadata.name)
    escaped = normalized.replace("-", "_")
    try:
        found: str = parse_sdist_filename(filename)[0]
    except ValueError:  # one is InvalidSdistFilename; a number of more digits than Python reads is another
        return Refusal(message=f"Invalid source distribution filename: {filename}")
    if found != normalized and metadata.version.is_postrelease and filename.count("-") > 1:
        # `1.0-1` is a spelling of `1.0.post1`: then the name ends one hyphen earlier.
        name = filename.rpartition("-")[0].rpartition("-")[0]
        with suppress(ValueError):
            Version(filename[len(name) + 1 : -len(".tar.gz")])
            found = canonicalize_name(name)
    expected = f"{escaped}-{metadata.version}.tar.gz"
    refusal = refuse_first(
        (found != normalized, f"Start filename for {metadata.name!r} with {escaped!r}."),
        (filename != expected, f"Filename {filename!r} is invalid, should be {expected!r}."),
    )
    if refusal is not None:
        return refusal
    names = _tar_names(content)
    return _find_license_refusal(metadata, filename, names, lambda license_file: _join(_top_of(names), license_file))


def _find_license_refusal(
    metadata: Metadata, filename: str, names: Sequence[str], place: Callable[[str], str]
) -> Refusal | None:
    """Every License-File lies where PEP 639 puts it."""
    places = {license_file: place(license_file) for license_file in metadata.license_files or []}
    return refuse_first(
        *(
            (at not in names, f"License-File {license_file} does not exist in distribution file {filename} at {at}")
            for license_file, at in places.items()
        )
    )


def _find_wheel_refusal(metadata: Metadata, filename: str, content: bytes) -> Refusal | None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        folder, names = _wheel_folder(filename), archive.namelist()
        return (
            _find_wheel_name_refusal(metadata, filename)
            or _find_license_refusal(metadata, filename, names, lambda it: f"{folder}/licenses/{it}")
            or _find_missing_record_refusal(archive, filename, folder)
            or _find_wheel_metadata_refusal(archive, filename, folder)
        )


def _find_wheel_name_refusal(metadata: Metadata, filename: str) -> Refusal | None:
    """Name, version and tags in the file's name (PEP 427, PEP 491)."""
    normalized = canonicalize_name(metadata.name)
    escaped, spelled = normalized.replace("-", "_"), filename.partition("-")[0]
    try:
        name, version, _, tags = parse_wheel_filename(filename)
    except InvalidWheelFilename as error:
        return Refusal(message=str(error))
    except ValueError:
        # A number of more digits than Python reads.
        return Refusal(message=f"Invalid wheel filename: {filename!r}")
    return refuse_first(
        *(
            (
                _PLATFORMS.fullmatch(platform) is None,
                f"Binary wheel '{filename}' has an unsupported platform tag '{platform}'.",
            )
            for platform in sorted({tag.platform for tag in tags})
        ),
        (name != normalized, f"Start filename for {metadata.name!r} with {escaped!r}."),
        (
            spelled != escaped,
            f"Filename {filename!r} should contain the normalized project name {escaped!r}, not {spelled!r}.",
        ),
        (version != metadata.version, f"Version in filename should be '{metadata.version}' not '{version}'."),
    )


def _find_missing_record_refusal(archive: zipfile.ZipFile, filename: str, folder: str) -> Refusal | None:
    path = f"{folder}/RECORD"
    return refuse_first(
        (
            path not in archive.namelist(),
            f"Wheel '{filename}' does not contain the required RECORD file: {path}",
        )
    )


def _find_record_refusal(filename: str, content: bytes) -> Refusal | None:
    """RECORD lists exactly the files of a wheel that passed the steps before.

    The index takes a wheel whose RECORD differs, and writes a mail to the project's owners (observed in August 2026);
    it has announced that it will refuse one. So none is sent.
    """
    if not filename.endswith(".whl"):
        return None
    path = f"{_wheel_folder(filename)}/RECORD"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        record = archive.read(path).decode("utf-8", "replace")
        held = {name for name in archive.namelist() if not name.endswith("/")}
    # RECORD lists itself or not; its signatures are never listed (PEP 427).
    free = {path, f"{path}.jws", f"{path}.p7s"}
    listed = {row[0] for row in reader(record.splitlines()) if row}
    return refuse_first(
        (listed - free != held - free, f"Wheel '{filename}' has a RECORD file that does not match its contents: {path}")
    )


def _find_wheel_metadata_refusal(archive: zipfile.ZipFile, filename: str, folder: str) -> Refusal | None:
    names = archive.namelist()
    path, entry_points = f"{folder}/METADATA", f"{folder}/entry_points.txt"
    return refuse_first(
        (path not in names, f"Wheel '{filename}' does not contain the required METADATA file: {path}"),
        (
            entry_points in names and not _are_entry_points(archive.read(entry_points)),
            f"Wheel '{filename}' has invalid entry points defined in the entry_points.txt file",
        ),
    )


def _are_entry_points(content: bytes) -> bool:
    """Whether the file is an INI file whose scripts have names that are file names; the index looks at no value."""
    parser = RawConfigParser(delimiters=("=",), strict=True)
    # Names that differ in case alone are two names.
    parser.optionxform = str  # type: ignore[assignment, method-assign]  # the library's own way
    try:
        parser.read_string(content.decode())
    except (ConfigParserError, UnicodeDecodeError):
        return False
    groups = (group for group in ("console_scripts", "gui_scripts") if parser.has_section(group))
    return all(_SCRIPT_NAME.fullmatch(name) for group in groups for name in parser.options(group))


def metadata_file_of(filename: str, content: bytes) -> bytes | None:
    """The bytes of METADATA in a wheel or PKG-INFO at the top of an sdist; None where there is none to be read."""
    try:
        if filename.endswith(".whl"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                return archive.read(f"{_wheel_folder(filename)}/METADATA")
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as sdist:
            names = [name for name in sdist.getnames() if name.count("/") == 1 and name.endswith("/PKG-INFO")]
            member = sdist.extractfile(names[0]) if names else None
            return member.read() if member else None
    except (KeyError, OSError, EOFError, tarfile.TarError, zipfile.BadZipFile):
        return None


def find_refusal(fields: Fields, filename: str, content: bytes) -> Refusal | None:
    """Why this upload isn't sent: the index would refuse or object to it from any account; None if it wouldn't."""
    return (
        find_form_refusal(fields)
        or find_envelope_refusal(fields, filename, content)
        or find_archive_refusal(fields, filename, content)
        or _find_record_refusal(filename, content)
    )


def fields_of_file(filename: str, content: bytes) -> Fields:
    """The form that an uploader (twine) sends with this file: its metadata, its kind, its digests.

    A file whose metadata can't be read gives a form without metadata, which the index refuses.
    """
    from packaging.metadata import parse_email  # noqa: PLC0415 -- slow to import

    raw, _ = parse_email(metadata_file_of(filename, content) or b"")
    fields: dict[str, list[str]] = {}
    for name, value in raw.items():
        if isinstance(value, dict):
            values = [f"{label}, {url}" for label, url in value.items()]
        elif name == "keywords":
            values = [", ".join(cast("list[str]", value))]
        else:
            values = [value] if isinstance(value, str) else list(cast("list[str]", value))
        fields[FORM_NAMES.get(name, name)] = values
    is_wheel = filename.endswith(".whl")
    tags = filename.removesuffix(".whl").split("-")
    digests = digests_of(content)
    return fields | {
        "filetype": ["bdist_wheel" if is_wheel else "sdist"],
        "pyversion": [tags[-3] if is_wheel and len(tags) > 3 else "source"],  # noqa: PLR2004 -- PEP 427's three tags
        "sha256_digest": [digests["sha256"]],
        "blake2_256_digest": [digests["blake2_256"]],
    }
