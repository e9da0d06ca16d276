"""Says in plain words which ways lead to a listed name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from namehold.candidates.rank import Listed, Parts, Way
from namehold.candidates.techniques.technique import Subject, Technique

#: Ways below this share of a name's whole rate aren't told.
EVIDENCE_SHARE = 0.1


def reasons(listed: Listed) -> tuple[Way, ...]:
    """The ways to a listed name that matter, strongest first; at least one."""
    return tuple(map(Way._make, strongest(listed.parts)))


def strongest(ways: Sequence[Parts]) -> list[Parts]:
    """Those of the ways to a name, strongest first, that matter; at least one."""
    found = list(ways)
    least = EVIDENCE_SHARE * sum([rate for rate, _, _ in found])
    while len(found) > 1 and found[-1][0] < least:
        found.pop()
    return found


def detail_of(way: Way, name: str) -> str:
    """One way to a name, in plain words."""
    return describe(way.technique, way.subject, name)


def describe(technique: Technique, subject: Subject, name: str) -> str:
    """A technique that leads from a subject to a name, in plain words."""
    return f"{lead_of(technique, subject.mark)}: {change_of(subject.text, name)}"


@cache
def lead_of(technique: Technique, mark: str) -> str:
    """A technique's title and, where that isn't the project's name, what it starts from."""
    return technique.title if mark == "project" else f"{technique.title} from {_STARTS[mark]}"


def change_of(text: str, name: str) -> str:
    """From which string a way leads to which name."""
    # A command that is the name itself leads nowhere else.
    return text if text == name else f"{text} → {name}"


#: What a subject's mark means to people.
_STARTS = {
    "bare": "the bare name",
    "import": "an import",
    "command": "a command",
    "alias": "an alias",
    "former": "a former name",
    "submodule": "a module within a module",
    "namespace": "a namespace",
    "repository": "a repository",
    "stem-glued": "the name without the word glued to it",
    "stem-generic": "the name without its role word",
    "stem-own": "the name without its last word",
    "head-shared": "the namespace",
    "head-own": "the first word",
    "tail-shared": "the name without its namespace",
    "tail-own": "the name without its first word",
}
