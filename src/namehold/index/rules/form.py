"""What the index checks in an uploaded file and its form, in its order, with its texts.

Bytes and fields in, a refusal out (None: nothing to refuse):

    >>> filename, content = "acme_tool-0.0.1.tar.gz", b"no archive"
    >>> find_archive_refusal(fields_of_file(filename, content), filename, content).message
    'Invalid distribution file. File is not a tarfile'

Used twice: a placeholder is checked before anything is sent, and the rehearsal index answers with it.
What depends on the index's state (who owns the name, quota, duplicates, the release's age) isn't here.

The order is that of Warehouse, the index's own server software (observed and read in August 2026):

1. `find_form_refusal`: the form's own fields, then the core metadata. Costs no slot of the quota.
2. `find_envelope_refusal`: the description renders, the file's name has an allowed ending, the digests are right.
3. (state: the same file again, a file name used before, a release older than 14 days, a second sdist)
4. `find_archive_refusal`: a readable archive with its metadata, the exact file name, licence files, wheel contents.

From step 2 on a refusal of a NEW name costs a slot: the index has already counted the project that it takes back.
"""

from __future__ import annotations

import email.utils
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, cast, get_type_hints

from namehold.index.rules.description import render_description
from namehold.names import MAX_FILE_NAME_LENGTH, has_name_shape

if TYPE_CHECKING:
    from packaging.metadata import Metadata, RawMetadata


#: A form: every field with all its values, in the order in which they were sent.
Fields = Mapping[str, Sequence[str]]

#: Stands for the index's own address in its texts until a caller gives another.
HELP_BASE = "https://INDEX"

#: A release this old takes no further file (Warehouse, since 2026).
RELEASE_OPEN_DAYS = 14

_SEE = "See https://packaging.python.org/specifications/"
_CORE_METADATA = f"{_SEE}core-metadata for more information."
_LOCAL_VERSIONS = f"{_SEE}version-specifiers/#local-version-identifiers for more information."

#: Metadata versions that the index takes; `packaging` may know newer ones.
METADATA_VERSIONS = frozenset({"1.0", "1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "2.5"})

_EXTENSIONS = {"sdist": (".zip", ".tar.gz"), "bdist_wheel": (".whl",)}
_SUMMARY_MAX_CHARACTERS = 512
_URL_LABEL_MAX_CHARACTERS = 32
_CONTENT_TYPES = ("text/markdown", "text/plain", "text/x-rst")
_MARKDOWN_VARIANTS = ("CommonMark", "GFM")

# packaging's names of fields -> the form's, where they differ.
FORM_NAMES = {
    "platforms": "platform",
    "supported_platforms": "supported_platform",
    "license_files": "license_file",
    "import_names": "import_name",
    "import_namespaces": "import_namespace",
}

_HEX_DIGEST = re.compile(r"[A-Fa-f0-9]{64}")
_FILE_NAME = re.compile(r".+?(?P<extension>\.(?:tar\.gz|zip|whl))", re.IGNORECASE)
# A URI of RFC 3986's characters, a space, or what isn't ASCII (observed); the index takes only these two schemes.
_URL = re.compile(
    r"https?://?(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;= \u0080-\U0010ffff-]|%[0-9A-Fa-f]{2})+", re.IGNORECASE
)
_PORT = re.compile(r"https?://[^/?#]*:([0-9]+)(?:[/?#]|$)", re.IGNORECASE)
_PORT_MAX = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The index's answer: its status and its text, in the reason phrase and, unless `is_bare`, in the body."""

    message: str
    status: int = 400
    is_bare: bool = False


def find_form_refusal(fields: Fields) -> Refusal | None:
    """Step 1: name, file type, digests, then the core metadata."""
    fields = clean_fields(fields)
    return _find_name_refusal(fields) or _find_upload_field_refusal(fields) or _find_metadata_refusal(fields)


def refuse_first(*rows: tuple[bool, str], status: int = 400) -> Refusal | None:
    """The refusal with the text of the first row whose condition holds; None if none holds."""
    return next((Refusal(message=text, status=status) for holds, text in rows if holds), None)


def clean_fields(fields: Fields) -> Fields:
    """The form as the index reads it: `UNKNOWN` is what old tools wrote for nothing; a NUL is spelled out."""
    cleaned = {
        name: [value.replace("\x00", "\\x00") for value in values if value.strip() != "UNKNOWN"]
        for name, values in fields.items()
    }
    return {name: values for name, values in cleaned.items() if values}


def metadata_of(fields: Fields) -> Metadata:
    """The core metadata in a form that passed `find_form_refusal`."""
    from packaging.metadata import Metadata  # noqa: PLC0415 -- slow to import, and only uploads need it

    return Metadata.from_raw(_raw_metadata(clean_fields(fields))[0])


def first_value(fields: Fields, name: str) -> str:
    """The first value of a field; empty if it wasn't sent."""
    return (fields.get(name) or [""])[0]


def _find_name_refusal(fields: Fields) -> Refusal | None:
    name = first_value(fields, "name")
    shown = f"{name[:30]}...{name[-30:]}" if len(name) > 60 else name  # noqa: PLR2004 -- both ends, 30 characters each
    shape = "Start and end with a letter or numeral containing only ASCII numeric and '.', '_' and '-'."
    fault = shape if name else "This field is required."
    return refuse_first(
        (not has_name_shape(name), f"{shown!r} is an invalid value for Name. Error: {fault} {_CORE_METADATA}")
    )


def _find_upload_field_refusal(fields: Fields) -> Refusal | None:
    """The form's own fields, in alphabetical order, then what no single field is to blame for."""
    filetype, pyversion = first_value(fields, "filetype"), first_value(fields, "pyversion")
    digests = {kind: first_value(fields, f"{kind}_digest") for kind in ("md5", "sha256", "blake2_256")}
    is_damaged = {kind: bool(text) and not _HEX_DIGEST.fullmatch(text) for kind, text in digests.items()}
    rows = (
        (is_damaged["blake2_256"], "blake2_256_digest", "Use a valid, hex-encoded, BLAKE2 message digest."),
        (not filetype, "filetype", "This field is required."),
        (filetype not in _EXTENSIONS, "filetype", "Use a known file type."),
        (is_damaged["sha256"], "sha256_digest", "Use a valid, hex-encoded, SHA256 message digest."),
        (
            filetype == "sdist" and pyversion not in {"", "source"},
            "pyversion",
            "Use 'source' as Python version for an sdist.",
        ),
        (
            filetype != "sdist" and not pyversion,
            "pyversion",
            "Python version is required for binary distribution uploads.",
        ),
    )
    return refuse_first(
        ("protocol_version" in fields and first_value(fields, "protocol_version") != "1", "Unknown protocol version."),
        *((holds, f"Invalid value for {field}. Error: {text}") for holds, field, text in rows),
        (not any(digests.values()), "Error: Include at least one message digest."),
    )


def _find_metadata_refusal(fields: Fields) -> Refusal | None:
    """The rules of packaging, then the index's own; the first fault of the most important field is told."""
    from packaging.metadata import InvalidMetadata, Metadata  # noqa: PLC0415 -- slow to import

    from namehold.index.rules.requirements import read_requirement  # noqa: PLC0415 -- slow to import

    raw, unparsed = _raw_metadata(fields)
    if unparsed:
        return _metadata_refusal({field: f"{field!r} has invalid data" for field in unparsed})
    faults: dict[str, str] = {}
    content_type = raw.get("description_content_type")
    if content_type is not None and (fault := _content_type_fault(content_type)):
        # The index has words of its own for it; whether this metadata version knows the field is packaging's to say.
        faults["description-content-type"] = fault
        del raw["description_content_type"]
    unread = [text for text in raw.get("requires_dist", ()) if read_requirement(text) is None]
    if unread:
        # In packaging's words, which reads them by recursion and without a limit.
        faults["requires-dist"] = f"{unread[0]!r} is invalid for 'requires-dist'"
        del raw["requires_dist"]
    version = raw.get("version", "")
    if len(version) > MAX_FILE_NAME_LENGTH:
        # In packaging's words, which itself fails at a number of more digits than Python reads.
        faults["version"] = f"{version!r} is invalid for 'version'"
        del raw["version"]
    try:
        metadata = Metadata.from_raw(raw)
    except* InvalidMetadata as group:
        for error in group.exceptions:
            if isinstance(error, InvalidMetadata):
                faults.setdefault(error.field, str(error))
    if raw.get("metadata_version") not in {*METADATA_VERSIONS, None}:
        faults["metadata-version"] = f"{raw.get('metadata_version')!r} is not a valid metadata version"
    return _metadata_refusal(faults or _index_faults(metadata))


def _metadata_refusal(faults: Mapping[str, str]) -> Refusal | None:
    """Tells of the first field, the important ones before the others in alphabetical order."""
    for field in ("metadata-version", "name", "version", *sorted(faults)):
        if field in faults:
            text = faults[field]
            return Refusal(message=text if _SEE in text else f"{text.removesuffix('.')}. {_CORE_METADATA}")
    return None


@cache
def _raw_types() -> Mapping[str, Any]:
    """The fields of packaging's form and their types; evaluating them takes longer than reading a form."""
    from packaging.metadata import RawMetadata as Raw  # noqa: PLC0415 -- slow to import

    return get_type_hints(Raw)


def _raw_metadata(fields: Fields) -> tuple[RawMetadata, list[str]]:
    """The metadata in the raw form of packaging, and the fields that can't be read. Empty values count as absent."""
    raw: dict[str, Any] = {}
    unparsed: list[str] = []
    for name, kind in _raw_types().items():
        field = FORM_NAMES.get(name, name)
        values = [value for value in fields.get(field, ()) if value]
        if not values:
            continue
        if name == "project_urls":
            raw[name] = {label.strip(): url.strip() for label, _, url in (value.partition(",") for value in values)}
            if len(raw[name]) < len(values):
                unparsed.append(field)
        elif name == "keywords":
            raw[name] = [word.strip() for word in ",".join(values).split(",")]
        elif kind is not str:
            raw[name] = values
        elif len(values) == 1:
            raw[name] = values[0]
        else:
            unparsed.append(field)
    return cast("RawMetadata", raw), sorted(unparsed)


def _content_type_fault(text: str) -> str | None:
    message = email.message.Message()
    message["content-type"] = text
    # A header that can't be parsed reads as text/plain, so the text itself is looked at, too.
    kind = message.get_content_type()
    if kind not in _CONTENT_TYPES or kind not in text.lower():
        return f"'description-content-type' must be one of {list(_CONTENT_TYPES)}, not {text.partition(';')[0]!r}"
    charset = str(message.get_param("charset", "UTF-8"))
    if charset != "UTF-8":
        return f"'description-content-type' can only specify the UTF-8 charset, not {charset!r}"
    variant = str(message.get_param("variant", "GFM"))
    if kind == "text/markdown" and variant not in _MARKDOWN_VARIANTS:
        return f"valid Markdown variants for 'description-content-type' are {list(_MARKDOWN_VARIANTS)}, not {variant!r}"
    return None


def _index_faults(metadata: Metadata) -> dict[str, str]:
    """What the index demands beyond the core metadata specification: field -> what is wrong with it."""
    summary, version = metadata.summary or "", metadata.version
    has_two_licenses = bool(metadata.license and metadata.license_expression)
    links = [_project_url_fault(label, url) for label, url in (metadata.project_urls or {}).items()]
    direct = [str(requirement) for requirement in metadata.requires_dist or [] if requirement.url is not None]
    found = {
        "version": f"The use of local versions in '{version}' is not allowed. {_LOCAL_VERSIONS}"
        if version.local
        else None,
        "summary": f"'summary' field must be {_SUMMARY_MAX_CHARACTERS} characters or less."
        if len(summary) > _SUMMARY_MAX_CHARACTERS
        else None,
        "license": "License is deprecated when License-Expression is present. "
        "Only License-Expression should be present."
        if has_two_licenses
        else None,
        "author-email": _address_fault(metadata.author_email),
        "maintainer-email": _address_fault(metadata.maintainer_email),
        "classifier": _classifier_fault(metadata.classifiers or []),
        "home-page": _url_fault(metadata.home_page),
        "download-url": _url_fault(metadata.download_url),
        "project-url": next((fault for fault in links if fault), None),
        "requires-dist": f"Can't have direct dependency: {direct[0]}" if direct else None,
        "provides-dist": _requirement_fault(metadata.provides_dist),
        "obsoletes-dist": _requirement_fault(metadata.obsoletes_dist),
    }
    return {field: fault for field, fault in found.items() if fault}


def _requirement_fault(texts: Sequence[str] | None) -> str | None:
    """What is wrong with requirements that packaging doesn't look at."""
    from packaging.requirements import InvalidRequirement  # noqa: PLC0415 -- only uploads need it

    from namehold.index.rules.requirements import parse_requirement  # noqa: PLC0415 -- slow to import

    for text in texts or ():
        try:
            requirement = parse_requirement(text)
        except InvalidRequirement as error:
            return f"{text!r} is invalid: {error}"
        if requirement.url is not None:
            return f"Can't have direct dependency: {text!r}"
    return None


def _address_fault(text: str | None) -> str | None:
    """What the index's own library says of the address; whether its host takes mail isn't asked."""
    _, address = email.utils.parseaddr(text or "")
    if not address:
        return None
    import email_validator  # noqa: PLC0415 -- only an address needs it

    try:
        email_validator.validate_email(address, check_deliverability=False)
    except email_validator.EmailNotValidError as error:
        return f"{address!r} is not a valid email address: {error}"
    return None


def _classifier_fault(classifiers: Sequence[str]) -> str | None:
    from trove_classifiers import all_classifiers, deprecated_classifiers  # noqa: PLC0415 -- uploads alone need it

    for classifier in sorted(set(classifiers) - set(all_classifiers)):
        return f"{classifier!r} is not a valid classifier."
    for classifier in sorted(set(classifiers) & set(deprecated_classifiers)):
        instead = deprecated_classifiers[classifier]
        advice = f", use one of {instead} instead." if instead else "."
        return f"The classifier {classifier!r} has been deprecated{advice}"
    return None


def _project_url_fault(label: str, url: str) -> str | None:
    if not label:
        return "Must have a label"
    if len(label) > _URL_LABEL_MAX_CHARACTERS:
        return f"{label!r} must be {_URL_LABEL_MAX_CHARACTERS} characters or less."
    if not url:
        return "Must have a URL"
    return _url_fault(url)


def _url_fault(url: str | None) -> str | None:
    if url is None:
        return None
    port = _PORT.match(url)
    # As many digits as no port has: a number of any length takes time to read.
    is_port = port is None or (len(port[1]) <= len(str(_PORT_MAX)) and int(port[1]) <= _PORT_MAX)
    return None if _URL.fullmatch(url) and is_port else f"{url!r} is not a valid url"


def find_envelope_refusal(
    fields: Fields, filename: str, content: bytes, *, help_base: str = HELP_BASE
) -> Refusal | None:
    """Step 2: the description renders, the file's name is printable and ends well, the digests are the content's."""
    fields = clean_fields(fields)
    return (
        _find_description_refusal(fields, help_base)
        or _find_filename_refusal(filename, first_value(fields, "filetype"))
        or _find_digest_refusal(fields, content)
    )


def _find_description_refusal(fields: Fields, help_base: str) -> Refusal | None:
    description = first_value(fields, "description")
    content_type = first_value(fields, "description_content_type")
    if not description or render_description(description, content_type) is not None:
        return None
    subject = f"for '{content_type}'" if content_type else "in the default format of reStructuredText"
    return Refusal(
        message=f"The description failed to render {subject}. "
        f"See {help_base}/help/#description-content-type for more information."
    )


def _find_filename_refusal(filename: str, filetype: str) -> Refusal | None:
    found = _FILE_NAME.fullmatch(filename)
    extension = found["extension"] if found else ""
    has_controls = any(ord(character) < 32 or ord(character) == 127 for character in filename)  # noqa: PLR2004 -- ASCII's
    controls = (
        "Cannot upload a file with non-printable characters (ordinals 0-31) or the DEL character (ordinal 127) "
        "in the name."
    )
    unknown = (
        "Invalid file extension: Use .tar.gz, .whl or .zip extension. See "
        "https://www.python.org/dev/peps/pep-0527 and https://peps.python.org/pep-0715/ for more information"
    )
    unfit = (
        f"Invalid file extension: Extension {extension} is invalid for filetype {filetype}. "
        "See https://www.python.org/dev/peps/pep-0527 for more information."
    )
    return refuse_first(
        (has_controls, controls),
        ("/" in filename or "\\" in filename, "Cannot upload a file with '/' or '\\' in the name."),
        (not extension, unknown),
        (extension not in _EXTENSIONS.get(filetype, ()), unfit),
    )


def digests_of(content: bytes) -> dict[str, str]:
    """The digests by which the index knows a file: `md5`, `sha256` and `blake2_256`, in hexadecimal."""
    return {
        "md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
        "sha256": hashlib.sha256(content).hexdigest(),
        "blake2_256": hashlib.blake2b(content, digest_size=32).hexdigest(),
    }


def _find_digest_refusal(fields: Fields, content: bytes) -> Refusal | None:
    sent = ((first_value(fields, f"{kind}_digest").lower(), digest) for kind, digest in digests_of(content).items())
    return refuse_first(
        (
            any(value and value != digest for value, digest in sent),
            "The digest supplied does not match a digest calculated from the uploaded file.",
        )
    )
