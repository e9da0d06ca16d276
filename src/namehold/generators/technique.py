"""What a technique is: one way by which a person, a model or an owner comes from a package to another name.

A technique yields drafts: cheap pairs of a name and its *marks*, labels that the learned weights know, the
technique's own name first. `scoring` turns marks into rates, and only the drafts that survive into evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from namehold.models import NameClass, Surface

#: Labels of a draft: technique, then modifiers. Equal marks have equal rates, so a rate is computed once.
Marks = tuple[str, ...]
Draft = tuple[str, Marks]

#: What people take for the package's name; which techniques start from it.
WHOLE = frozenset({"project", "bare", "import", "command", "alias", "former"})
PARTS = frozenset({"stem", "head", "tail"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One string that techniques start from: a surface, or a part of it that people take for the whole.

    `text` is normalized, `tokens` are its words, `mark` says how it came about (`project`, `import`, `bare` ...).
    """

    text: str
    tokens: tuple[str, ...]
    mark: str
    surface: Surface


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Words that were counted over many packages: what stands behind, before or beside a name.

    `namespaces` lead the names of many projects (`django`, `aws`), `generic` words say what a package is and not
    which one (`client`, `sdk`).
    """

    suffixes: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    generic: frozenset[str] = frozenset()
    namespaces: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a technique may know besides the subject.

    `namespaces` are the leading words that the package shares with its siblings.
    """

    vocabulary: Vocabulary
    namespaces: frozenset[str] = frozenset()
    companions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Technique:
    """One technique: `title` names it for people, `generate` yields its drafts, `subjects` are what it starts from."""

    name: str
    title: str
    name_class: NameClass
    generate: Callable[[Subject, Context], Iterable[Draft]]
    subjects: frozenset[str] = WHOLE


def position_mark(technique: str, index: int, length: int) -> str:
    """Where an edit falls: people rarely get the first letters wrong (NAMES_SCIENCE: 6 % of one-edit attacks)."""
    if index == 0:
        return f"{technique}:first"
    if index == length - 1:
        return f"{technique}:last"
    if index == 1:
        return f"{technique}:second"
    if index == length - 2:
        return f"{technique}:last-but-one"
    return f"{technique}:inside"
