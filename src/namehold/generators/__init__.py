"""The registry of techniques: which one-file modules derive names, and what they start from.

for technique in TECHNIQUES:
    for subject in subjects_of(package):
        if subject.mark in technique.subjects:
            drafts = technique.generate(subject, context)
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from packaging.utils import canonicalize_name

from namehold.generators import (
    affixes,
    companions,
    digits,
    doubling,
    look_alikes,
    neighbouring_keys,
    omission,
    other_letters,
    parts,
    plural,
    python_parts,
    surfaces,
    transposition,
    vowels,
    word_order,
)
from namehold.generators.technique import Context, Draft, Marks, Subject, Technique, Vocabulary
from namehold.models import Package, Surface, SurfaceKind

__all__ = [
    "TECHNIQUES",
    "Context",
    "Draft",
    "Marks",
    "Subject",
    "Technique",
    "Vocabulary",
    "namespaces_of",
    "subjects_of",
]

TECHNIQUES: tuple[Technique, ...] = (
    surfaces.TECHNIQUE,
    parts.TECHNIQUE,
    python_parts.TECHNIQUE,
    omission.TECHNIQUE,
    transposition.TECHNIQUE,
    doubling.TECHNIQUE,
    plural.TECHNIQUE,
    digits.TECHNIQUE,
    vowels.TECHNIQUE,
    neighbouring_keys.TECHNIQUE,
    look_alikes.TECHNIQUE,
    other_letters.TECHNIQUE,
    word_order.TECHNIQUE,
    affixes.TECHNIQUE,
    companions.TECHNIQUE,
)

#: Surfaces that techniques start from, and the mark of each.
_STARTING = {
    SurfaceKind.IMPORT: "import",
    SurfaceKind.NAMESPACE: "import",
    SurfaceKind.COMMAND: "command",
    SurfaceKind.ENTRY_POINT: "command",
    SurfaceKind.ALIAS: "alias",
    SurfaceKind.FORMER: "former",
    SurfaceKind.REPOSITORY: "alias",
    SurfaceKind.DOCUMENTED: "alias",
}
#: Longer surfaces yield nothing: nobody types them, and file names must fit.
LONGEST_SUBJECT = 80
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def namespaces_of(siblings: Iterable[Package]) -> frozenset[str]:
    """First words that two or more packages share."""
    first = Counter(package.name.split("-")[0] for package in siblings if "-" in package.name)
    return frozenset(word for word, count in first.items() if count > 1)


def subjects_of(package: Package) -> Iterator[Subject]:
    """The strings that techniques start from, each once, the project's name first."""
    project = Surface(kind=SurfaceKind.PROJECT, value=package.name, source="names.yaml")
    seen: set[str] = set()

    def subject(text: str, mark: str, surface: Surface) -> Iterator[Subject]:
        if text not in seen and len(text) <= LONGEST_SUBJECT and _NAME.fullmatch(text):
            seen.add(text)
            yield Subject(text=text, tokens=tuple(text.split("-")), mark=mark, surface=surface)

    yield from subject(package.name, "project", project)
    for surface in package.surfaces:
        mark = _STARTING.get(surface.kind)
        if mark:
            yield from subject(canonicalize_name(surface.value), mark, surface)
    name = package.name
    tokens = name.split("-")
    bare = python_parts.bare(name).rstrip("0123456789").strip("-")
    yield from subject(bare, "bare", project)
    if len(tokens) > 1:
        yield from subject("-".join(tokens[:-1]), "stem", project)
        yield from subject(tokens[0], "head", project)
        yield from subject("-".join(tokens[1:]), "tail", project)
