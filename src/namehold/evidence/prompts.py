"""What language models are asked about the packages of a portfolio. Pure.

    [prompt.text for prompt in make_prompts(portfolio, names=names, year=2026)]

A prompt leaves the organization, and who reads it may register what stands in it. So only names that no one else can
take any more stand in prompts: those of published packages and of held names, those on the index's list, and those
that the index refuses to everyone. A prompt in which another name would stand is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final

from packaging.utils import NormalizedName, canonicalize_name

from namehold.index import IndexProfile, SnapshotView
from namehold.index.rules import is_stdlib
from namehold.names import ultranormalize
from namehold.portfolio import Package, Portfolio, SurfaceKind

#: Prompts for one package in one language: of topics, imports and commands the first ones are asked about.
_MOST_EACH: Final = 2
#: What names.yaml says in words, at most so many characters of it in one prompt.
_MOST_LETTERS: Final = 200
#: Letters that the index's similarity rule takes for one another: a name with the other one is refused.
_SAME: Final = (("o", "0"), ("l", "1"), ("i", "l"), ("0", "o"), ("1", "l"))


class PromptKind(StrEnum):
    """What a prompt asks for."""

    HOW = "how"
    WHICH = "which"
    INSTALL = "install"
    NEWS = "news"
    TYPO = "typo"
    CODE = "code"
    COMMAND = "command"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One question about `package`, verbatim; `language` is `en` or one of names.yaml's `languages`."""

    package: NormalizedName
    kind: PromptKind
    language: str
    text: str


@cache
def _texts() -> Mapping[str, Mapping[PromptKind, str]]:
    """The text of each kind of prompt, by language: `data/prompts.json`."""
    content = json.loads(files("namehold").joinpath("data/prompts.json").read_text(encoding="utf-8"))
    return {language: {PromptKind(kind): text for kind, text in each.items()} for language, each in content.items()}


class PromptNames:
    """Which names may stand in a prompt, and which never do."""

    def __init__(
        self,
        portfolio: Portfolio,
        *,
        view: SnapshotView | None,
        held: Collection[NormalizedName],
        planned: Collection[NormalizedName],
        profile: IndexProfile,
    ) -> None:
        """`view` is the index's list (None: there is none), `planned` what a plan would reserve or ask for."""
        published = {package.name for package in portfolio.packages if package.published}
        if view is not None and view.info.complete:
            # What names.yaml calls published may be misspelled, or still to come.
            published &= view.existing(published)
        unpublished = {package.name for package in portfolio.packages} - published
        self._profile = profile
        self._secret = {item.name for item in portfolio.internal}.union(portfolio.future, planned, unpublished)
        self._secret -= set(held) | published
        self._ours = (published | set(held)) - self._secret
        values = {item.value for package in portfolio.packages for item in package.surfaces}
        surfaces = set(map(canonicalize_name, values))
        wished = {item.name for item in portfolio.always} | {item.name for item in portfolio.observed}
        asked = (
            surfaces
            | wished
            | {_top_of(name) for name in values}
            | {canonicalize_name(_slip(name)) for name in published}
        )
        self._listed = view.existing(asked) if view is not None else frozenset()
        similar = view.similar(asked) if view is not None else {}
        self._similar = frozenset(similar) if profile.has_similarity_rule else frozenset()
        self._keys = {ultranormalize(name) for name in self._ours} if profile.has_similarity_rule else set()
        open_names = {name for name in surfaces | wished if not self.can_stand(name)} | self._secret
        self._open = {ultranormalize(name) for name in open_names}
        self._own = {ultranormalize(name) for name in self._ours}
        self._longest = max((name.count("-") + 1 for name in open_names | self._ours), default=0)

    def can_stand(self, text: str) -> bool:
        """Whether a name is no secret and can't be registered by somebody else."""
        name = canonicalize_name(text)
        if name in self._secret:
            return False
        is_taken = name in self._ours or name in self._listed
        is_refused = name in self._similar or ultranormalize(name) in self._keys
        return is_taken or is_refused or (self._profile.has_stdlib_rule and is_stdlib(name))

    def is_clean(self, text: str) -> bool:
        """Whether no open or secret name stands in `text`, in any spelling, but inside one of our own names."""
        words = [word for word in re.split(r"[^a-z0-9]+", text.lower()) if word]
        runs = [
            (start, end, ultranormalize("-".join(words[start:end])))
            for start in range(len(words))
            for end in range(start + 1, min(start + self._longest, len(words)) + 1)
        ]
        own = [(start, end) for start, end, key in runs if key in self._own]
        return all(
            any(first <= start and end <= last for first, last in own) for start, end, key in runs if key in self._open
        )


def make_prompts(
    portfolio: Portfolio, *, names: PromptNames, year: int, languages: Iterable[str] = ()
) -> tuple[Prompt, ...]:
    """The prompts for every published package, each text once; `languages` are asked besides English.

    The same portfolio, names and year give the same prompts in the same order.
    """
    found: dict[str, Prompt] = {}
    for package in portfolio.packages:
        if not package.published or not names.can_stand(package.name):
            continue
        for language in ("en", *languages):
            for kind, values in _questions(package, names):
                text = _texts()[language][kind].format(**values, year=year)
                if names.is_clean(text):
                    prompt = Prompt(package=package.name, kind=kind, language=language, text=text)
                    found.setdefault(text, prompt)
    return tuple(found.values())


def _questions(package: Package, names: PromptNames) -> Iterator[tuple[PromptKind, dict[str, str]]]:
    """Each question about a package, with the words that fill its text."""
    said = [text[:_MOST_LETTERS] for text in (*package.topics, package.summary.rstrip(".")) if text]
    topics = [text for text in said if names.is_clean(text)][:_MOST_EACH] or [package.spelled]
    imports = _values(package, SurfaceKind.IMPORT, names)
    yield PromptKind.HOW, {"name": package.spelled}
    for topic in topics:
        yield PromptKind.WHICH, {"topic": topic}
        yield PromptKind.INSTALL, {"topic": topic}
    yield PromptKind.NEWS, {"name": package.spelled}
    slip = _slip(package.spelled.lower())
    if names.can_stand(slip):
        yield PromptKind.TYPO, {"typo": slip}
    for surface in imports or [package.spelled]:
        yield PromptKind.CODE, {"surface": surface}
    for surface in _values(package, SurfaceKind.COMMAND, names):
        yield PromptKind.COMMAND, {"surface": surface}


def _values(package: Package, kind: SurfaceKind, names: PromptNames) -> list[str]:
    values = (item.value for item in package.surfaces if item.kind is kind)
    # Who reads `import acme.tool` may register `acme`.
    found = [value for value in values if names.can_stand(value) and names.can_stand(_top_of(value))]
    return found[:_MOST_EACH]


def _top_of(surface: str) -> NormalizedName:
    """The name of the module that a dotted import begins with."""
    return canonicalize_name(surface.partition(".")[0])


def _slip(name: str) -> str:
    """A typing error of a package's name that the index refuses to everyone: its similarity key is the package's."""
    joined = re.sub(r"[-_.]", "", name)
    if joined != name:
        return joined
    for letter, other in _SAME:
        if letter in name:
            return name.replace(letter, other, 1)
    middle = len(name) // 2
    return f"{name[:middle]}-{name[middle:]}"
