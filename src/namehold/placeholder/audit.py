"""FORM: what the file of a placeholder, ours or a stranger's, declares, and whether it is harmless.

    with path.open("rb") as stream:
        findings = judge_form(read_placeholder(path.name, stream))

Nothing of the file is executed or written. A good form proves no claim: who holds the name is asked in `claim`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, BinaryIO, Final

from packaging.metadata import parse_email
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidName, NormalizedName, canonicalize_name

from namehold.index import ArchiveLimits, open_archive
from namehold.mentions import INSTALL_COMMAND, NAME_IN_TEXT, NO_NAMES
from namehold.placeholder.rules import (
    CLASSIFIER,
    KEYWORD,
    RESERVATION_FILE,
    RESERVATION_SCHEMA,
    TEXT_RULES,
    find_code_faults,
    find_leftovers,
    find_project_faults,
    find_text_faults,
    make_rules,
    placeholder_files,
)
from namehold.portfolio import Mode

#: A reader of a project's page sees about this much before scrolling, in characters.
FIRST_LINES_CHARACTERS: Final = 800
#: A placeholder is a few files of some kilobytes; what is far beyond that isn't read, let alone parsed.
_LIMITS: Final = ArchiveLimits(members=1_000, member_bytes=250_000, listing_bytes=2_000_000)
_NAMES_OF_METADATA: Final = ("METADATA", "PKG-INFO")

#: What stands for an author where none is named.
_NOBODY: Final = re.compile(
    r"(?:the )?(?:(?:development|security|dev) team|maintainers?|author|unknown|none|your name)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFinding:
    """A requirement that isn't met, and what was found instead."""

    rule: str
    severity: str
    found: str
    fix: str
    path: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceholderFile:
    """What was read of one wheel or sdist: all paths in the archive, texts by path; `reservation` {}: there is none."""

    filename: str
    fields: dict[str, Any]
    paths: tuple[str, ...]
    texts: dict[str, str]
    reservation: dict[str, Any]


_FORM_RULES: Final = make_rules(
    "form",
    ("summary", "error", "the summary says that the name is held and what to install instead", "say both"),
    ("pointer", "error", "the first lines name what to install, or link to it", "open with `pip install REAL`"),
    ("who", "error", "the metadata name who holds it, and a contact that can be reached", "give author and contact"),
    ("why", "error", "the description says why this name is held", "say why"),
    ("behavior", "warning", "the description says what it does and doesn't do", "say so"),
    ("release", "error", "a way to claim the name is promised, with the index's policy", "say how to claim it"),
    ("review", "warning", "a date of the next review is given", "give a date"),
    ("machine", "warning", f"{RESERVATION_FILE} says all of it for machines", "add it"),
    ("metadata", "warning", "licence, Requires-Python, links, classifier and keyword are given", "give them"),
    ("command", "error", "it adds no command", "remove the entry points"),
    ("dependency", "error", "it depends on nothing but the real project, without a version", "remove the others"),
    ("build", "error", "no code runs at build time outside `refuse`", "use a static build"),
    ("files", "error", "it holds no files but those that a placeholder needs", "remove the others"),
    ("size", "error", "its release is a few small files, whole and safe to read", "keep to one wheel and one sdist"),
)
#: FORM, requirement by requirement.
RULES: Final = (*_FORM_RULES, *TEXT_RULES)
_RULES: Final = {rule.id: rule for rule in RULES}


def read_placeholder(filename: str, stream: BinaryIO) -> PlaceholderFile:
    """What can be judged of the file in `stream`. Raises HostileArchive (InputError) for what isn't safe to read."""
    with open_archive(filename, stream, _LIMITS) as archive:
        paths = (*archive.names, *archive.others)
        texts = {path: archive.read(path).decode("utf-8", "replace") for path in archive.names if _is_text(path)}
    metadata = next((texts[path] for path in sorted(texts, key=len) if path.endswith(_NAMES_OF_METADATA)), "")
    try:
        raw = dict(parse_email(metadata)[0])
    except RecursionError:
        # Parts of a message in parts of a message: no metadata look like that.
        raw = {}
    reservation = next((text for path, text in texts.items() if PurePosixPath(path).name == RESERVATION_FILE), "")
    return PlaceholderFile(
        filename=filename, fields=raw, paths=paths, texts=texts, reservation=_read_reservation(reservation)
    )


def _is_text(path: str) -> bool:
    name = PurePosixPath(path).name
    known = {*_NAMES_OF_METADATA, RESERVATION_FILE, "entry_points.txt", "pyproject.toml", "setup.cfg"}
    return name in known or name.endswith((".py", ".pth"))


def _read_reservation(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    is_ours = isinstance(document, dict) and document.get("schema") == RESERVATION_SCHEMA
    return document if is_ours and isinstance(document.get("dependencies", []), list) else {}


def judge_form(placeholder: PlaceholderFile) -> tuple[AuditFinding, ...]:
    """Every requirement that the file doesn't meet, in the order of `RULES`, then what its code does."""
    return (*_words(placeholder), *_declared(placeholder), *_held(placeholder), *_contents(placeholder))


def find_targets(placeholder: PlaceholderFile) -> tuple[NormalizedName, ...]:
    """Every project that the file points to, sorted: a claim must hold for each of them.

    What reservation.json says alone could be another project than the one that people are told to install.
    """
    fields = placeholder.fields
    said = f"{fields.get('summary', '')}\n{fields.get('description', '')}"
    named = [
        *([str(placeholder.reservation["target"])] if placeholder.reservation.get("target") else []),
        *(text for requirement in fields.get("requires_dist", []) if (text := _project_of(requirement))),
        *(match.group(1).rstrip(".") for match in INSTALL_COMMAND.finditer(said)),
    ]
    found = {canonicalize_name(name) for name in named if NAME_IN_TEXT.fullmatch(name)}
    return tuple(sorted(found - {_name_of(placeholder)} - NO_NAMES))


def _project_of(requirement: str) -> str:
    try:
        return Requirement(requirement).name
    except InvalidRequirement:
        return ""


def _words(placeholder: PlaceholderFile) -> Iterator[AuditFinding]:
    """What people are told, in the summary and the description."""
    summary = str(placeholder.fields.get("summary", ""))
    text = str(placeholder.fields.get("description", ""))
    contacts = _contacts(placeholder, text)
    if not re.search(r"\b(?:placeholder|held|reserved|instead|not the|wrong)\b", summary, re.IGNORECASE):
        yield find_fault("summary", f"the summary is {summary!r}" if summary else "there is no summary")
    if not re.search(r"(?:pip|uv|poetry|install|use)\s+\S|https?://", text[:FIRST_LINES_CHARACTERS], re.IGNORECASE):
        yield find_fault("pointer", "nothing to install is named there")
    author = placeholder.fields.get("author") or placeholder.fields.get("author_email")
    if not author or _NOBODY.fullmatch(author):
        yield find_fault("who", f"{author!r} doesn't say who it is" if author else "no holder is named")
    elif not contacts:
        yield find_fault("who", f"{author} is named, without a contact")
    if not re.search(r"\b(?:why|because|protect|prevent|typo|confus|mistak|probably meant)", text, re.IGNORECASE):
        yield find_fault("why", "no reason is given")
    if not re.search(r"no (?:code|network|dependenc)|depends on", text, re.IGNORECASE):
        yield find_fault("behavior", "nothing is said about it")
    if not re.search(r"PEP 541|pep-0541|hand (?:the name |it )?over|transfer", text, re.IGNORECASE):
        yield find_fault("release", "nothing is said about it")
    if not placeholder.reservation.get("review_date") and not re.search(r"review[^\n]*20\d\d", text, re.IGNORECASE):
        yield find_fault("review", "there is none")


def _contacts(placeholder: PlaceholderFile, text: str) -> list[str]:
    """Addresses of a contact: labelled links, addresses after 'contact', mailboxes; no leftovers."""
    urls = placeholder.fields.get("project_urls", {})
    labelled = [url for label, url in urls.items() if label.lower() in {"issues", "security", "contact", "bug tracker"}]
    linked = re.findall(r"\bcontact\W{1,6}(https?://\S+)", text, re.IGNORECASE)
    # Only from the start of a run of letters: tried at each of them, a long run takes the square of its length.
    mailboxes = re.findall(
        r"(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.-]+", text + str(placeholder.fields.get("author_email", ""))
    )
    return [address for address in (*labelled, *linked, *mailboxes) if not find_leftovers(address, path="")]


def _declared(placeholder: PlaceholderFile) -> Iterator[AuditFinding]:
    """What tools read: metadata, the reservation, dependencies, commands."""
    fields = placeholder.fields
    if not placeholder.reservation:
        yield find_fault("machine", "there is none of a known schema")
    elif canonicalize_name(str(placeholder.reservation.get("name"))) != _name_of(placeholder):
        yield find_fault("machine", f"it is about {placeholder.reservation.get('name')!r}, not {fields.get('name')!r}")
    missing = [
        what
        for what, is_there in (
            ("licence", fields.get("license_expression") or fields.get("license")),
            ("Requires-Python", fields.get("requires_python")),
            ("links", fields.get("project_urls") or fields.get("home_page")),
            (f"classifier {CLASSIFIER}", CLASSIFIER in fields.get("classifiers", ())),
            (f"keyword {KEYWORD}", KEYWORD in fields.get("keywords", ())),
        )
        if not is_there
    ]
    if missing:
        yield find_fault("metadata", f"missing: {', '.join(missing)}")
    commands = [path for path in placeholder.paths if path.endswith("entry_points.txt") or ".data/scripts/" in path]
    if commands:
        yield find_fault("command", "entry points are declared", path=commands[0])
    requirements = fields.get("requires_dist", [])
    if len(requirements) > 1 or any(not _is_bare(text) for text in requirements):
        yield find_fault("dependency", f"it requires {', '.join(requirements)}")
    elif placeholder.reservation and [canonicalize_name(text) for text in requirements] != _promised(placeholder):
        yield find_fault("dependency", f"it requires {requirements}, and {RESERVATION_FILE} says something else")


def _promised(placeholder: PlaceholderFile) -> list[str]:
    return [canonicalize_name(str(item)) for item in placeholder.reservation.get("dependencies", ())]


def _is_bare(text: str) -> bool:
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return False
    return not (requirement.specifier or requirement.url or requirement.marker or requirement.extras)


def _held(placeholder: PlaceholderFile) -> Iterator[AuditFinding]:
    """Files that it doesn't need: settings of a builder, or binary code, would run beside the judged texts."""
    if placeholder.filename.endswith(".whl"):
        rest = [
            path
            for path in placeholder.paths
            if not path.split("/")[0].endswith(".dist-info") and not path.endswith(".py")
        ]
    else:
        top = placeholder.paths[0].split("/")[0] if placeholder.paths else ""
        files = placeholder_files(_name_of(placeholder), _mode_of(placeholder))
        rest = sorted(set(placeholder.paths) - {f"{top}/{file}" for file in (*files, "PKG-INFO")})
    for path in rest:
        yield find_fault("files", "a placeholder doesn't need it", path=path)


def _name_of(placeholder: PlaceholderFile) -> NormalizedName:
    """The name in the metadata; `unnamed` where there is none."""
    try:
        return canonicalize_name(str(placeholder.fields.get("name", "")), validate=True)
    except InvalidName:
        return NormalizedName("unnamed")


def _mode_of(placeholder: PlaceholderFile) -> Mode:
    """What the reservation says; without one a placeholder is judged as what ships a module under its own name."""
    try:
        return Mode(str(placeholder.reservation.get("mode")))
    except ValueError:
        return Mode.SIGNPOST


def _contents(placeholder: PlaceholderFile) -> Iterator[AuditFinding]:
    """What the files do, by the rules that templates are linted with."""
    for path, text in sorted(placeholder.texts.items()):
        name = PurePosixPath(path).name
        if name.endswith((".py", ".pth")):
            if name.endswith(".pth") or name in {"setup.py", "hatch_build.py"}:
                yield find_fault("build", f"{name} runs code by itself", path=path)
            faults = find_code_faults(text, path=path)
        elif name == "pyproject.toml":
            dependencies = tuple(str(item) for item in placeholder.reservation.get("dependencies", ()))
            faults = find_project_faults(
                text, path=path, name=_name_of(placeholder), mode=_mode_of(placeholder), dependencies=dependencies
            )
        elif name in _NAMES_OF_METADATA:
            faults = (*find_text_faults(text, path=path, required=()), *find_leftovers(text, path=path))
        else:
            continue
        for fault in faults:
            yield AuditFinding(
                rule=fault.rule, severity="error", found=fault.message, fix=fault.fix, path=path, line=fault.line
            )


def find_fault(rule: str, found: str, *, path: str = "") -> AuditFinding:
    """A finding under the rule `form-<rule>`."""
    known = _RULES[f"form-{rule}"]
    return AuditFinding(rule=known.id, severity=known.severity, found=found, fix=known.fix, path=path)
