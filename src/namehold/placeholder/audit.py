"""FORM: what the file of a placeholder, ours or a stranger's, declares, and whether it is harmless.

    with path.open("rb") as stream:
        findings = judge_form(read_placeholder(path.name, stream))

Nothing of the file is executed or written. A good form proves no claim: who holds the name is asked in `claim`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from packaging.utils import canonicalize_name

from namehold.errors import Diagnostic
from namehold.index.rules import read_requirement
from namehold.placeholder.page import find_field_faults, find_hidden_text, find_page_faults
from namehold.placeholder.project import find_project_faults
from namehold.placeholder.reading import CODE_ENDINGS, FIRST_LINES_CHARACTERS, PlaceholderFile
from namehold.placeholder.rules import (
    CLASSIFIER,
    KEYWORD,
    RESERVATION_FILE,
    TEXT_RULES,
    find_leftovers,
    find_remote_parts,
    make_rules,
)
from namehold.placeholder.shape import find_code_faults, is_document
from namehold.portfolio import Mode
from namehold.text import shorten

#: More files than this are none of a placeholder.
_MAX_FILES: Final = 100
#: Characters of what was found that are told: it may be a stranger's text, and a table is as wide as its widest cell.
_MOST_TOLD: Final = 300
#: What stands for an author where none is named.
_NOBODY: Final = re.compile(
    r"(?:the )?(?:(?:development|security|dev) team|maintainers?|author|unknown|none|your name)", re.IGNORECASE
)
_YEAR: Final = re.compile(r"20\d\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFinding:
    """A requirement that isn't met, and what was found instead."""

    rule: str
    severity: str
    found: str
    fix: str
    path: str = ""
    line: int | None = None


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
    ("shown", "error", "the index shows what its files say", "upload the files as they were built"),
    (
        "size",
        "error",
        "its release is a few small files, whole and safe to read",
        "keep to one wheel and one sdist, each as it was built",
    ),
)
#: FORM, requirement by requirement.
RULES: Final = (*_FORM_RULES, *TEXT_RULES)
_RULES: Final = {rule.id: rule for rule in RULES}


def judge_form(placeholder: PlaceholderFile) -> tuple[AuditFinding, ...]:
    """Every requirement that the file doesn't meet, in the order of `RULES`, then what its code does."""
    return (*_words(placeholder), *_declared(placeholder), *_held(placeholder), *_contents(placeholder))


def _words(placeholder: PlaceholderFile) -> Iterator[AuditFinding]:
    """What people are told, in the summary and on the page."""
    summary = str(placeholder.fields.get("summary", ""))
    text = placeholder.page.text
    contacts = _contacts(placeholder, text)
    if not re.search(r"\b(?:placeholder|held|reserved|instead|not the|wrong)\b", summary, re.IGNORECASE):
        yield find_fault("summary", f"the summary is {summary!r}" if summary else "there is no summary")
    first = text[:FIRST_LINES_CHARACTERS]
    if not re.search(r"\b(?:pip|uv|poetry|install|use)\s+\S|https?://", first, re.IGNORECASE):
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
    if not placeholder.reservation.get("review_date") and not any(map(_is_review, text.split("\n"))):
        yield find_fault("review", "there is none")


def _is_review(line: str) -> bool:
    """Whether a line speaks of a review, and then of a year."""
    _, word, rest = line.lower().partition("review")
    return bool(word) and _YEAR.search(rest) is not None


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
    elif canonicalize_name(str(placeholder.reservation.get("name"))) != placeholder.name:
        yield find_fault("machine", f"it is about {placeholder.reservation.get('name')!r}, not {fields.get('name')!r}")
    elif placeholder.mode is None:
        yield find_fault("machine", "it names no mode")
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
    requirement = read_requirement(text)
    return requirement is not None and not (
        requirement.specifier or requirement.url or requirement.marker or requirement.extras
    )


def _held(placeholder: PlaceholderFile) -> Iterator[AuditFinding]:
    """Files that it doesn't need: what is installed or built beside the judged texts isn't judged.

    One without code makes somebody else's placeholder untidy, and ours another one than was planned.
    """
    expected = placeholder.expected
    if len(placeholder.paths) > _MAX_FILES:
        yield find_fault("size", f"it has {len(placeholder.paths):,} files")
    for path in placeholder.unread:
        yield find_fault("size", "it is too large for a file of a placeholder", path=path)
    info = placeholder.top if placeholder.is_wheel else ""
    for path in sorted(set(placeholder.paths) - expected):
        if path.endswith(CODE_ENDINGS):
            yield find_fault("files", "a placeholder has one module, and this isn't it", path=path)
        elif placeholder.reservation or not is_document(path, info=info):
            yield find_fault("files", "a placeholder doesn't need it", path=path)
        else:
            yield find_fault("files", "a placeholder doesn't need it, though it holds no code", path=path, is_mild=True)
    if placeholder.reservation:
        for path in sorted(expected - set(placeholder.paths)):
            yield find_fault("files", "it is missing", path=path)


def _contents(placeholder: PlaceholderFile) -> Iterator[AuditFinding]:
    """What the files do and say, by the rules that templates are linted with."""
    metadata = f"{placeholder.top}/{'METADATA' if placeholder.is_wheel else 'PKG-INFO'}"
    yield from _findings(_page_faults(placeholder, metadata))
    for path, text in sorted(placeholder.texts.items()):
        name = PurePosixPath(path).name
        if name.endswith((".py", ".pth")):
            if name.endswith(".pth") or name in {"setup.py", "hatch_build.py"}:
                yield find_fault("build", f"{name} runs code by itself", path=path)
            yield from _findings(find_code_faults(text, path=path, mode=placeholder.mode_of(path)))
        elif name == "pyproject.toml":
            dependencies = tuple(str(item) for item in placeholder.reservation.get("dependencies", ()))
            mode = placeholder.mode or Mode.SIGNPOST
            yield from _findings(
                find_project_faults(text, path=path, name=placeholder.name, mode=mode, dependencies=dependencies)
            )


def _page_faults(placeholder: PlaceholderFile, path: str) -> Iterator[Diagnostic]:
    """What the page and the fields beside it say, lack or hide."""
    fields = placeholder.fields
    description = str(fields.get("description", ""))
    content_type = str(fields.get("description_content_type", ""))
    if not placeholder.reservation:
        yield from find_remote_parts(description, path=path)
        yield from find_leftovers(description, path=path)
        if description:
            yield from find_hidden_text(description, placeholder.page, content_type=content_type, path=path)
        return
    yield from find_page_faults(placeholder.reservation, description, content_type=content_type, path=path)
    people = [str(fields[key]) for key in _PEOPLE if fields.get(key)]
    odd = {key: str(fields[key]) for key in ("home_page", "download_url") if fields.get(key)}
    yield from find_field_faults(
        placeholder.reservation,
        summary=str(fields.get("summary", "")),
        people=people,
        urls=dict(fields.get("project_urls", {})) | odd,
        path=path,
    )


_PEOPLE: Final = ("author", "author_email", "maintainer", "maintainer_email")


def _findings(faults: Iterable[Diagnostic]) -> Iterator[AuditFinding]:
    for fault in faults:
        yield AuditFinding(
            rule=fault.rule,
            severity="error",
            found=shorten(fault.message, _MOST_TOLD),
            fix=fault.fix,
            path=fault.path or "",
            line=fault.line,
        )


def find_fault(rule: str, found: str, *, path: str = "", is_mild: bool = False) -> AuditFinding:
    """A finding under the rule `form-<rule>`; a mild one only warns."""
    known = _RULES[f"form-{rule}"]
    severity = "warning" if is_mild else known.severity
    return AuditFinding(rule=known.id, severity=severity, found=shorten(found, _MOST_TOLD), fix=known.fix, path=path)
