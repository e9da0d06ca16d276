"""What a technique is: one way by which a person, a model or an owner comes from a package to another name.

A technique yields batches: *marks*, labels that the learned weights know, and the names that share them.
`rank.py` turns marks into a rate, makes the names of a batch only if the rate is high enough, and turns only the names
that are listed into candidates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import NamedTuple, TypeAlias

from namehold.portfolio import NameClass, Surface

#: The technique, then what makes it likelier or rarer. Equal marks have equal rates.
Marks = tuple[str, ...]
#: What a technique generates, batch by batch: names that share their marks. The names may be lazy; they are read once,
#: and later, if at all.
Batches: TypeAlias = Iterator[tuple[Marks, Iterable[str]]]

#: What people call a package besides its name, by kind of surface, and what people come from to other names.
SURFACES = frozenset({"import", "command", "alias", "former"})
#: Names of the package that people may ask for as they stand, and hardly come from to other names: modules within a
#: module (`subjects.py`), namespaces, which are shared with other projects by design, and repositories.
ONLY_AS_IT_IS = frozenset({"submodule", "namespace", "repository"})
#: Subjects that people take for the package's name, and parts of a name that stand for its family.
WHOLE = SURFACES | {"project", "bare"}
PARTS = frozenset({"stem-glued", "stem-generic", "stem-own", "head-shared", "head-own", "tail-shared", "tail-own"})

#: A word with its version, one digit.
VERSIONED = re.compile(r"[a-z]{2,}\d")
#: The place of a digit, or a letter beside one, that people keep (`place_marks`).
KEPT = "at-kept-digit"
#: What is kept of a word with digits: all of an abbreviation (`i18n`, `3d`); of others the one letter in front of a
#: number (`s3fs`), numbers of one or two digits, and what begins a longer one if it would then begin with 0 (`pg8000`).
_KEPT = re.compile(r"^[a-z]?(?:\d{1,2}[a-z])+(?:\d{1,2})?$|^[a-z](?=\d)|(?<!\d)(?:\d{1,2}(?!\d)|\d(?=0))")

PYTHON_WORDS = frozenset({"py", "python", "python2", "python3", "py3", "py2"})


class Usage(NamedTuple):
    """What decides which words are put on a name.

    `shape` is a key of `Vocabulary.usages`. Names around a little-known project bear the words of their year. A name
    that `says_python` isn't given another word for it: of 632 popular ones the index has one such name (`py-x`), of
    14,353 others 199 `python-x`, 165 `x-python`, 843 `pyx` ...
    """

    shape: str = ""
    is_little_known: bool = False
    says_python: bool = False


_PLAIN = Usage()


class Subject(NamedTuple):
    """One string that techniques start from: a surface, or a part of it that people take for the whole.

    `text` is normalized, `tokens` are its words, `mark` says how it came about (`project`, `import`, `bare` ...).
    `places` say where each letter stands; a part of a name has none, as no slips start there.
    `usage` says which words are usually put on such a name.
    """

    text: str
    tokens: tuple[str, ...]
    places: tuple[str, ...]
    mark: str
    surface: Surface
    usage: Usage = _PLAIN


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Vocabulary:
    """What was counted over many packages of an index.

    `suffixes` and `prefixes` stand behind and before other projects' whole names with a dash, the `glued_` ones
    without. `generic` words say what a package is and not which one (`client`), `namespaces` lead the names of many
    projects (`django`). `bigrams` says of two letters how often they follow each other.
    `usages` says for each usage (`shapes.usage_of`) which words (`-sdk`, `my-`) are put on such a name more or less
    often than on others. `lately` says of last words how often names released in the last year bear them, in doublings,
    and `growing` which part of all names that bear them these are, in fifths.
    `words` are words of names with the natural logarithm of their frequency.
    """

    suffixes: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    glued_suffixes: tuple[str, ...] = ()
    glued_prefixes: tuple[str, ...] = ()
    generic: frozenset[str] = frozenset()
    namespaces: frozenset[str] = frozenset()
    bigrams: Mapping[str, str] = field(default_factory=dict)
    usages: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    lately: Mapping[str, int] = field(default_factory=dict)
    growing: Mapping[str, int] = field(default_factory=dict)
    words: Mapping[str, float] = field(default_factory=dict)


class Context(NamedTuple):
    """What a technique may know besides the subject.

    `namespaces` are leading words that the package shares with its siblings; `companions` are projects and extras
    that are used with it. `is_little_known` says that it isn't among the popular projects. `crowded` are the kinds of
    surfaces of which the package has many: none of them is what it is known by.
    """

    vocabulary: Vocabulary
    namespaces: frozenset[str] = frozenset()
    companions: tuple[str, ...] = ()
    is_little_known: bool = False
    crowded: frozenset[str] = frozenset()


class Template(NamedTuple):
    """A name as `before` + subject + `behind`."""

    before: str
    behind: str
    marks: Marks

    def fill(self, text: str) -> str:
        """The name; empty where `text` has the words already."""
        before, behind = self.before, self.behind
        if (behind and text.endswith(behind)) or (before and text.startswith(before)):
            return ""
        return before + text + behind


@dataclass(frozen=True, slots=True, eq=False)
class Technique:
    """One technique: `title` names it for people, `subjects` are the marks of what it starts from.

    `generate` yields batches that depend on the subject's letters or words. `templates` are the same for every
    subject of one usage, so that they can be put in order once and only the best be tried. `many` says that there are
    hundreds of names, all of them unlikely: they come last, when it is known what a name must be worth to be listed.
    """

    name: str
    title: str
    generate: Callable[[Subject, Context], Batches] | None = None
    templates: Callable[[Vocabulary, Usage], Iterable[Template]] | None = None
    subjects: frozenset[str] = WHOLE
    many: bool = False
    name_class: NameClass = field(kw_only=True)


#: A technique whose names are typing errors, and one whose names have words added, dropped or cut.
typo_technique = partial(Technique, name_class=NameClass.TYPO)
combo_technique = partial(Technique, name_class=NameClass.COMBO)


def word_class(word: str, context: Context) -> str:
    """What a word tells: `python`, a `namespace` of the siblings, `generic`, a well-known `family`, or its `own`."""
    if word in PYTHON_WORDS:
        return "python"
    if word in context.namespaces:
        return "namespace"
    if word in context.vocabulary.generic:
        return "generic"
    if word in context.vocabulary.namespaces:
        return "family"
    return "own"


def place_marks(tokens: Sequence[str], context: Context) -> tuple[str, ...]:
    """Where each letter stands, one mark a letter (a dash counts as one).

    People rarely get first letters wrong (6 % of one-edit attacks). In a name of several words it also matters
    which word is hit; such marks have two parts, `at-first/in-last-word`.
    One or two digits that are no version are `KEPT`, and so is one letter before or between them: they say what the
    thing is (`s3fs`, `i18n`), and no labelled target with such digits was mistyped there. Longer numbers are typed like
    words (`rfc398` of rfc3986), but none begins with 0.
    """
    count = len(tokens)
    marks: list[str] = []
    for number, token in enumerate(tokens):
        if number:
            marks.append("at-dash")
        kind = word_class(token, context)
        order = "first" if number == 0 else "last" if number == count - 1 else "middle"
        word = f"/in-{kind}-word" if kind in {"python", "generic"} else f"/in-{order}-word"
        places = [*_places(len(token), word if count > 1 else "")]
        if not (token.isalpha() or VERSIONED.fullmatch(token)):
            for kept in _KEPT.finditer(token):
                places[slice(*kept.span())] = [KEPT] * len(kept[0])
        marks += places
    return tuple(marks)


def indices_by_place(places: Sequence[str]) -> dict[str, list[int]]:
    """Where each of these marks stands, but for what is kept."""
    found: dict[str, list[int]] = {}
    for index, place in enumerate(places):
        if place != KEPT:
            found.setdefault(place, []).append(index)
    return found


@cache
def _places(length: int, word: str) -> tuple[str, ...]:
    """The marks of a word's letters."""
    last = length - 1
    places = ["at-inside"] * length
    # The ends of a short word come before what lies beside them.
    for index, place in ((last - 1, "at-last-but-one"), (1, "at-second"), (last, "at-last"), (0, "at-first")):
        if 0 <= index <= last:
            places[index] = place
    return tuple(place + word for place in places)
