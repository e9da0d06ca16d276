"""The strings that techniques start from, and what techniques may know besides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from packaging.utils import canonicalize_name

from namehold.candidates.techniques import python_parts, shapes
from namehold.candidates.techniques.digits import without_version
from namehold.candidates.techniques.technique import (
    ONLY_AS_IT_IS,
    PYTHON_WORDS,
    SURFACES,
    WHOLE,
    Context,
    Subject,
    Usage,
    Vocabulary,
    place_marks,
    word_class,
)
from namehold.names import is_normalized
from namehold.portfolio import CLAIMED_SOURCE, Package, Surface, SurfaceKind

#: Longer strings yield nothing, because people don't type them.
LONGEST_SUBJECT = 80
#: What is left of a name must be long enough to stand for the project: without `python` and version digits, and
#: without a word that is glued to it.
_SHORTEST_BARE, _SHORTEST_STEM = 3, 4
#: Of so many imports, commands ... of one package, none is what it is known by.
_MANY_SURFACES = 4


def namespaces_of(siblings: Iterable[Package]) -> frozenset[str]:
    """First words that two or more packages share."""
    first = Counter(package.name.split("-")[0] for package in siblings if "-" in package.name)
    return frozenset(word for word, count in first.items() if count > 1)


def context_of(
    package: Package, *, vocabulary: Vocabulary, namespaces: frozenset[str], is_little_known: bool = False
) -> Context:
    """What techniques may know about a package besides the subject."""
    extras = [canonicalize_name(item.value) for item in package.surfaces if item.kind is SurfaceKind.EXTRA]
    companions = tuple(dict.fromkeys(word for word in (*package.companions, *extras) if is_normalized(word)))
    return Context(
        vocabulary=vocabulary,
        namespaces=namespaces,
        companions=companions,
        is_little_known=is_little_known,
        crowded=crowded_kinds(package),
    )


def crowded_kinds(package: Package) -> frozenset[str]:
    """The kinds of surfaces of which the package has many."""
    kinds = Counter(map(kind_of_surface, package.surfaces))
    return frozenset(kind for kind, count in kinds.items() if count >= _MANY_SURFACES)


def subjects_of(package: Package, context: Context) -> Iterator[Subject]:
    """The strings that techniques start from, each once: the name, its surfaces, then its parts."""
    project = Surface(kind=SurfaceKind.PROJECT, value=package.name, source=CLAIMED_SOURCE)
    seen: set[str] = set()
    families = context.vocabulary.namespaces
    whole = shapes.shape_of(package, families)
    for text, mark, surface in (
        (package.name, "project", project),
        *_surfaces(package),
        *((text, mark, project) for text, mark in _parts(package.name, context)),
    ):
        if text not in seen and len(text) <= LONGEST_SUBJECT and is_normalized(text):
            seen.add(text)
            tokens = tuple(text.split("-"))
            says_python = not PYTHON_WORDS.isdisjoint(tokens)
            usage = Usage(shapes.usage_of(tokens, families, whole), context.is_little_known, says_python)
            # No slips start from a part of a name.
            places = place_marks(tokens, context) if mark in WHOLE else ()
            yield Subject(text=text, tokens=tokens, places=places, mark=mark, surface=surface, usage=usage)


def _surfaces(package: Package) -> Iterator[tuple[str, str, Surface]]:
    """The surfaces that may be names, the kinds that people come from to other names first."""
    marked = [(kind_of_surface(surface), surface) for surface in package.surfaces]
    for kinds in (SURFACES, ONLY_AS_IT_IS):
        for kind, surface in marked:
            if kind in kinds:
                yield canonicalize_name(surface.value), kind, surface


def kind_of_surface(surface: Surface) -> str:
    """The kind of a surface as rates know it: people hardly ask for a module within a module (`submodule`).

    A namespace within a namespace is as rarely asked for, and counts as one.
    """
    is_inner = "." in surface.value and surface.kind in {SurfaceKind.IMPORT, SurfaceKind.NAMESPACE}
    return "submodule" if is_inner else surface.kind.value


def _parts(name: str, context: Context) -> Iterator[tuple[str, str]]:
    """Parts of a name that people take for the whole, or for the family of siblings that it belongs to.

    Each holds a word of the package or its siblings: `django` alone, or `python`, leads to others.
    """
    for text, mark in _cut(name, context):
        if any(word_class(word, context) in {"own", "namespace"} for word in text.split("-")):
            yield text, mark


def _cut(name: str, context: Context) -> Iterator[tuple[str, str]]:
    bare = without_version(python_parts.bare(name, context.vocabulary))
    if len(bare) >= _SHORTEST_BARE:
        yield bare, "bare"
    tokens = name.split("-")
    stem = name
    if name.endswith(context.vocabulary.glued_suffixes):
        stem = name.removesuffix(
            max(filter(tokens[-1].endswith, context.vocabulary.glued_suffixes), key=len, default="")
        )
    # A doubled letter shows an ending, and no word put on (the `er` of snapshotter), but behind a word (`shelldb`).
    is_inflected = stem[-1:] == stem[-2:-1] and stem.rpartition("-")[2] not in context.vocabulary.words
    if len(stem) >= _SHORTEST_STEM and not stem.endswith("-") and not is_inflected:
        yield stem, "stem-glued"
    if len(tokens) > 1:
        is_role = word_class(tokens[-1], context) in {"generic", "python"}
        is_own = word_class(tokens[0], context) == "own"
        yield "-".join(tokens[:-1]), "stem-generic" if is_role else "stem-own"
        yield tokens[0], "head-own" if is_own else "head-shared"
        yield "-".join(tokens[1:]), "tail-own" if is_own else "tail-shared"
