"""What a name in a document is: ours, anybody's to take, a stranger's near ours, refused, unrelated, or not known.

    judge = Judge(portfolio, view=snapshot, held=holdings.names)
    judge.of(use)                                   # Judgement(verdict=UNREGISTERED, instead="acme-tool", …)

Near ours is a project within an edit or two of a package's name, with its words in another order, or with the
similarity key of a package or of what a package is reached by. A package's name among other words isn't near: plug-ins
are called so. Pure.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Final

from packaging.utils import NormalizedName, canonicalize_name

from namehold.evidence import is_template
from namehold.index import IndexProfile, SnapshotView
from namehold.index.rules import Availability, NameCheck, Protection, TypoCorpus, check_names
from namehold.names import edits_of_mistakes, is_valid, ultranormalize
from namehold.portfolio import Portfolio, SurfaceKind
from namehold.scan.model import Judgement, Use, Verdict

#: Strings by which people reach a package, and under which they may look for its project.
_REACHED_BY: Final = frozenset(
    {SurfaceKind.IMPORT, SurfaceKind.NAMESPACE, SurfaceKind.COMMAND, SurfaceKind.ALIAS, SurfaceKind.FORMER}
)
#: Words of sentences that the dictionary is too short for.
_SMALL_WORDS: Final = frozenset({"egg", "eggs", "no", "now", "docs"})
#: So many edits at most are looked for in the whole list, for what an unregistered name may have meant.
_FARTHEST: Final = 2


class Judge:
    """Judges names against a portfolio and an index's list of names.

    Args:
        portfolio: whose documents they are; None: no organization's, so that nothing is ours.
        view: the index's list of names; None, or one that isn't complete: what it lacks stays unverified.
        profile: the index, for its rules.
        held: names that the account holds.
        popular: well-known projects with their ranks, to choose among a stranger's that may have been meant.
        modules: the project that ships each module, as far as it is known.
        words: words of the language and of the trade, which a sentence may hold.
        today: the day on which a person's verdicts must still hold; None: they all do.
        is_index: whether an address that a document declares is this index: what comes from another one is private.
    """

    def __init__(
        self,
        portfolio: Portfolio | None,
        *,
        view: SnapshotView | None,
        profile: IndexProfile | None = None,
        held: Collection[NormalizedName] = (),
        popular: Mapping[NormalizedName, int] = {},
        modules: Mapping[str, NormalizedName] = {},
        words: Collection[str] = frozenset(),
        is_index: Callable[[str], bool] = lambda _: False,
        today: dt.date | None = None,
    ) -> None:
        from namehold.snapshot import NearNames  # noqa: PLC0415 -- brings numpy along

        self._view, self._profile, self._popular = view, profile, popular
        self._modules, self._is_index, self._words = modules, is_index, words
        packages = portfolio.packages if portfolio is not None else ()
        self._open = {package.name for package in packages if not package.published}
        self._ours = {package.name for package in packages} - self._open | set(held)
        self._packages = NearNames.of(package.name for package in packages)
        verdicts = portfolio.unrelated if portfolio is not None else ()
        self._unrelated = frozenset(item.name for item in verdicts if today is None or item.holds(today=today))
        self._look_alikes = {item.name: item.package for item in portfolio.look_alikes} if portfolio is not None else {}
        self._internal = {item.name for item in portfolio.internal} if portfolio is not None else set()
        self._own_modules: dict[str, NormalizedName] = {}
        self._reached: dict[NormalizedName, NormalizedName] = {}
        self._keys: dict[str, NormalizedName] = {}
        for package in packages:
            self._keys.setdefault(ultranormalize(package.name), package.name)
        for name, surface in ((package.name, surface) for package in packages for surface in package.surfaces):
            if surface.kind in {SurfaceKind.IMPORT, SurfaceKind.NAMESPACE}:
                self._own_modules.setdefault(surface.value.partition(".")[0], name)
            if surface.kind in _REACHED_BY and is_valid(surface.value):
                self._reached.setdefault(canonicalize_name(surface.value), name)
                self._keys.setdefault(ultranormalize(surface.value), name)
        # A name stands in many places of a document.
        self._judge = cache(self._judge_name)

    def name_of(self, use: Use) -> NormalizedName:
        """The project that a use is about: of a module, the one that ships it, as far as it is known."""
        if not use.module:
            return use.name
        return self._own_modules.get(use.module) or self._modules.get(use.module) or use.name

    def owns_module(self, module: str) -> bool:
        """Whether a package of ours ships this module, by the portfolio."""
        return module in self._own_modules

    def is_no_name(self, use: Use, said: Judgement) -> bool:
        """Whether a name that `said` calls unregistered is a template's, or a word of the sentence that it stands in.

        What is near ours is always a name.
        """
        if said.verdict is not Verdict.UNREGISTERED or said.instead in self._names or use.name in self._internal:
            return False
        return is_template(use.name) or (use.is_loose and all(map(self._is_word, use.name.split("-"))))

    def _is_word(self, text: str) -> bool:
        """Whether a text is a word, as it stands in the dictionary or with a usual ending."""
        stems = (text.removesuffix(ending) for ending in ("", "s", "ed", "d", "ing"))
        return text in _SMALL_WORDS or any(stem in self._words or f"{stem}e" in self._words for stem in stems)

    def of(self, use: Use) -> Judgement:
        """What the name that is used is."""
        said = self._of(use)
        is_of_table = use.module in self._modules and use.module not in self._own_modules
        if is_of_table and said.verdict is Verdict.UNREGISTERED:
            # The table is made from the index's projects: what the list lacks has been renamed, or removed, since.
            return Judgement(verdict=Verdict.UNVERIFIED, why=f"{self.name_of(use)} ships a module {use.module}.")
        return said

    def _of(self, use: Use) -> Judgement:
        name = self.name_of(use)
        if use.module and use.module not in self._own_modules and use.module not in self._modules:
            return Judgement(
                verdict=Verdict.UNVERIFIED, why=f"Which project ships the module {use.module} isn't known."
            )
        if use.source and not self._is_index(use.source):
            if name in self._ours:
                return self._judge(name)
            return Judgement(verdict=Verdict.PRIVATE, why="The document declares another source for it.")
        return self._judge(name)

    def _judge_name(self, name: NormalizedName) -> Judgement:
        if name in self._ours:
            return Judgement(verdict=Verdict.OURS)
        said = check_names([name], view=self._view, corpus=TypoCorpus(()), profile=self._profile)[0]
        match said.availability:
            case Availability.TAKEN:
                return self._judge_taken(name)
            case Availability.UNREGISTERED:
                return self._judge_open(name)
            case Availability.BLOCKED:
                return Judgement(verdict=Verdict.REFUSED, instead=self._meant_by_refused(name, said), why=said.reason)
            case _:
                return Judgement(verdict=Verdict.UNVERIFIED, why=said.reason)

    def _judge_taken(self, name: NormalizedName) -> Judgement:
        """Of a project of the index that isn't ours."""
        if name in self._open:
            return Judgement(verdict=Verdict.OURS)
        if name in self._look_alikes:
            return _look_alike(self._look_alikes[name], "A person found that it imitates {}.")
        if name not in self._unrelated and (package := self._near_ours(name)):
            return _look_alike(package, "A stranger's project of this name is near {}.")
        return Judgement(verdict=Verdict.UNRELATED)

    def _judge_open(self, name: NormalizedName) -> Judgement:
        """Of a name that is on the list of no index."""
        if name in self._open:
            return Judgement(verdict=Verdict.UNREGISTERED, why="A package of yours that isn't published yet.")
        if name in self._internal:
            why = "A name of yours that is used inside only: say which index it comes from."
            return Judgement(verdict=Verdict.UNREGISTERED, why=why)
        package = self._reached.get(name) or self._near_ours(name) or self._named_in(name)
        if package:
            return Judgement(
                verdict=Verdict.UNREGISTERED, instead=package, why=f"Anybody can register it; {package} is yours."
            )
        near = self._near_strangers(name)
        if near:
            why = f"Anybody can register it; {near}, a stranger's project, is near it."
            return Judgement(verdict=Verdict.UNREGISTERED, instead=near, why=why)
        return Judgement(verdict=Verdict.UNREGISTERED, why="Anybody can register it.")

    def _meant_by_refused(self, name: NormalizedName, said: NameCheck) -> str:
        if said.protection is Protection.STDLIB:
            return ""
        return self._near_ours(name) or next(iter(said.similar_to), "")

    def _near_ours(self, name: NormalizedName) -> NormalizedName | None:
        """The package that a name may be taken for."""
        key = self._keys.get(ultranormalize(name))
        if key:
            return key
        for near in self._packages.within(name, _FARTHEST):
            if near.edits <= edits_of_mistakes(near.name):
                return near.name
        return next((near.name for near in self._packages.with_turned_words(name)), None)

    def _named_in(self, name: NormalizedName) -> NormalizedName | None:
        """The package whose name a name has among its words; the longest one."""
        words = name.split("-")
        runs = (
            "-".join(words[at : at + size]) for size in range(len(words), 0, -1) for at in range(len(words) - size + 1)
        )
        return next(
            (NormalizedName(run) for run in runs if ultranormalize(run) in self._keys and run in self._names), None
        )

    @property
    def _names(self) -> Collection[str]:
        return self._ours | self._open

    def _near_strangers(self, name: NormalizedName) -> NormalizedName | None:
        """The best known project of the list that a name may be taken for, of those with the fewest edits."""
        if self._view is None or not edits_of_mistakes(name):
            return None
        near = self._view.near(name, edits=edits_of_mistakes(name))
        order = sorted(near, key=lambda other: (near[other], self._popular.get(other, sys.maxsize), other))
        return order[0] if order else None


def _look_alike(package: NormalizedName, why: str) -> Judgement:
    return Judgement(verdict=Verdict.LOOK_ALIKE, instead=package, why=why.format(package))
