"""The index's rules for the files themselves: sdists and wheels."""

from __future__ import annotations

import io
import os.path
import re
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from configparser import Error as ConfigParserError
from configparser import RawConfigParser
from csv import reader
from typing import TYPE_CHECKING

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    NormalizedName,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from namehold.index.rules.form import Fields, Refusal, metadata_of

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
    | android_\d+_(?:armeabi_v7a|arm64_v8a|x86|x86_64)""",
    re.VERBOSE,
)


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
        return _tar_fault(content)
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return "File is not a zipfile"
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _zip_fault(archive, filename, len(content))
    except zipfile.BadZipFile:
        return "None"


def _tar_fault(content: bytes) -> str | None:
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            names = archive.getnames()
    except (tarfile.TarError, OSError, EOFError):
        return "File is not a tarfile"
    top = _top_of(names)
    if top in {".", "/", ""}:
        return "Incorrect number of top-level directories in sdist"
    target = _join(top, "PKG-INFO")
    return None if target in names else f"PKG-INFO not found at {target}"


def _zip_fault(archive: zipfile.ZipFile, filename: str, size: int) -> str | None:
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    if unpacked > _BOMB_MIN_BYTES and unpacked / size > _BOMB_RATIO:
        return f"File exceeds compression ratio of {_BOMB_RATIO}"
    if any(member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for member in members):
        return "File does not use a supported compression type"
    names = archive.namelist()
    if filename.endswith(".zip"):
        top = _top_of(names)
        if top in {".", "/", ""}:
            return "Incorrect number of top-level directories in sdist"
        target = _join(top, "PKG-INFO")
        return None if target in names else f"PKG-INFO not found at {target}"
    parts = filename.split("-", 2)
    if len(parts) < 3:  # noqa: PLR2004 -- name, version and the rest
        return "Unable to parse name and version from wheel filename"
    target = f"{parts[0]}-{parts[1]}.dist-info/WHEEL"
    return None if target in names else f"WHEEL not found at {target}"


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
    except InvalidSdistFilename:
        return Refusal(message=f"Invalid source distribution filename: {filename}")
    if found != normalized and metadata.version.is_postrelease and filename.count("-") > 1:
        # `1.0-1` is a spelling of `1.0.post1`: then the name ends one hyphen earlier.
        name = filename.rpartition("-")[0].rpartition("-")[0]
        found = canonicalize_name(name) if _is_version(filename[len(name) + 1 : -len(".tar.gz")]) else found
    if found != normalized:
        return Refusal(message=f"Start filename for {metadata.name!r} with {escaped!r}.")
    expected = f"{escaped}-{metadata.version}.tar.gz"
    if filename != expected:
        return Refusal(message=f"Filename {filename!r} is invalid, should be {expected!r}.")
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        names = archive.getnames()
    return _find_license_refusal(metadata, filename, names, lambda license_file: _join(_top_of(names), license_file))


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _find_license_refusal(
    metadata: Metadata, filename: str, names: Sequence[str], place: Callable[[str], str]
) -> Refusal | None:
    """Every License-File lies where PEP 639 puts it."""
    for license_file in metadata.license_files or []:
        if place(license_file) not in names:
            return Refusal(
                message=f"License-File {license_file} does not exist in distribution file {filename} "
                f"at {place(license_file)}"
            )
    return None


def _find_wheel_refusal(metadata: Metadata, filename: str, content: bytes) -> Refusal | None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        folder = "-".join(filename.split("-", 2)[:2]) + ".dist-info"
        names = archive.namelist()
        return (
            _find_wheel_name_refusal(metadata, filename)
            or _find_license_refusal(
                metadata, filename, names, lambda license_file: f"{folder}/licenses/{license_file}"
            )
            or _find_record_refusal(archive, filename, folder)
            or _find_wheel_metadata_refusal(archive, filename, folder)
        )


def _find_wheel_name_refusal(metadata: Metadata, filename: str) -> Refusal | None:
    """Name, version and tags in the file's name (PEP 427, PEP 491)."""
    normalized: NormalizedName = canonicalize_name(metadata.name)
    escaped = normalized.replace("-", "_")
    try:
        name, version, _, tags = parse_wheel_filename(filename)
    except InvalidWheelFilename as error:
        return Refusal(message=str(error))
    for platform in sorted({tag.platform for tag in tags}):
        if not _PLATFORMS.fullmatch(platform):
            return Refusal(message=f"Binary wheel '{filename}' has an unsupported platform tag '{platform}'.")
    if name != normalized:
        return Refusal(message=f"Start filename for {metadata.name!r} with {escaped!r}.")
    spelled = filename.partition("-")[0]
    if spelled != escaped:
        return Refusal(
            message=f"Filename {filename!r} should contain the normalized project name {escaped!r}, not {spelled!r}."
        )
    if version != metadata.version:
        return Refusal(message=f"Version in filename should be '{metadata.version}' not '{version}'.")
    return None


def _find_record_refusal(archive: zipfile.ZipFile, filename: str, folder: str) -> Refusal | None:
    """RECORD is there and lists exactly the archive's files.

    The index announced for 2026 that it refuses a wheel whose RECORD differs; that text was not observed.
    """
    path = f"{folder}/RECORD"
    try:
        record = archive.read(path).decode()
    except KeyError:
        return Refusal(message=f"Wheel '{filename}' does not contain the required RECORD file: {path}")
    # RECORD lists itself or not; its signatures are never listed (PEP 427).
    free = {path, f"{path}.jws", f"{path}.p7s"}
    listed = {row[0] for row in reader(record.splitlines()) if row} - free
    held = {name for name in archive.namelist() if not name.endswith("/")} - free
    if listed != held:
        return Refusal(message=f"Wheel '{filename}' has a RECORD file that does not match its contents: {path}")
    return None


def _find_wheel_metadata_refusal(archive: zipfile.ZipFile, filename: str, folder: str) -> Refusal | None:
    names = archive.namelist()
    path = f"{folder}/METADATA"
    if path not in names:
        return Refusal(message=f"Wheel '{filename}' does not contain the required METADATA file: {path}")
    entry_points = f"{folder}/entry_points.txt"
    if entry_points in names and not _are_entry_points(archive.read(entry_points)):
        return Refusal(message=f"Wheel '{filename}' has invalid entry points defined in the entry_points.txt file")
    return None


def _are_entry_points(content: bytes) -> bool:
    """Whether the file follows the entry points specification: an INI file of `name = module:object [extras]`."""
    parser = RawConfigParser(delimiters=("=",), strict=True)
    try:
        parser.read_string(content.decode())
    except (ConfigParserError, UnicodeDecodeError):
        return False
    value = re.compile(r"\s*[\w.]+\s*(?::\s*[\w.]+\s*)?(?:\[[^\]]*\]\s*)?")
    return all(
        value.fullmatch(parser.get(group, name)) for group in parser.sections() for name in parser.options(group)
    )


def metadata_file_of(filename: str, content: bytes) -> bytes | None:
    """The bytes of METADATA in a wheel or PKG-INFO at the top of an sdist; None where there is none to be read."""
    try:
        if filename.endswith(".whl"):
            folder = "-".join(filename.split("-", 2)[:2]) + ".dist-info"
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                return archive.read(f"{folder}/METADATA")
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as sdist:
            names = [name for name in sdist.getnames() if name.count("/") == 1 and name.endswith("/PKG-INFO")]
            member = sdist.extractfile(names[0]) if names else None
            return member.read() if member else None
    except (KeyError, OSError, EOFError, tarfile.TarError, zipfile.BadZipFile):
        return None
