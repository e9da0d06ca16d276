"""Whose name is it? What belongs to others, or to everybody, is never reserved and never requested.

Three rules, none of which a policy, an override or an observation lifts:

1. A word of the dictionary, or a name of one or two characters, belongs to everybody.
2. A typing error belongs to the most popular package at its smallest edit distance.
3. A combosquat belongs to the package whose whole name it contains after its affix is removed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Final

from packaging.utils import NormalizedName
from rapidfuzz import process
from rapidfuzz.distance import OSA

from namehold import names
from namehold.plan.model import Reason
from namehold.portfolio import Package, Portfolio, SurfaceKind

#: Shorter names belong to everybody: there are few of them.
SHORTEST_NAME: Final = 3

#: A token of this many characters counts also where a name runs it together with others (`acmetool`).
SHORTEST_RUN_TOGETHER: Final = 4

#: Beyond this many edits two names aren't mistaken for each other (Pollock and Zamora 1983: 90-95 % have one error).
FARTHEST_TYPO_EDITS: Final = 2

#: Words that say what a package does or what it is written in, never whose it is.
ROLE_WORDS: Final = frozenset(
    # One text, because a list of 150 literals takes a page.
    """
    adapter addon addons agent agents ai api apis app apps async auth backend base beta bin binding
    bindings bot bridge builder cli client clients cloud code common connector contrib core cpp css csv
    data db demo dev django docs driver engine example examples ext extension extensions extra extras
    fastapi flask framework frontend generator graphql grpc helper helpers http https hub integration
    interface io java js json kit lang lib library libs lite llm loader local logger logging main mcp
    middleware ml mock model models module modules net new next nightly node official open parser
    platform plugin plugins pre pro project proto protobuf proxy py pypi pytest python python2 python3
    py2 py3 remote rest rpc rs runner runtime rust sdk server serverless service services shared simple
    skill skills sphinx sql stable stubs suite sync task tasks test testing tests toml tool toolbox
    toolkit tools ts types typing ui util utils v1 v2 v3 validator web wrapper xml yaml
    """.split()  # noqa: SIM905 -- see above
)

#: Kinds of surfaces that are facts of a package, as against what people happen to call it.
_FACTS: Final = frozenset({SurfaceKind.IMPORT, SurfaceKind.NAMESPACE, SurfaceKind.COMMAND, SurfaceKind.FORMER})

#: Kinds of surfaces that are strings for the package itself, so that a slip in one is a slip towards the package.
_OWN: Final = _FACTS | {SurfaceKind.ALIAS, SurfaceKind.ENTRY_POINT, SurfaceKind.DOCUMENTED}

_UNRANKED: Final = 1 << 31


class Territory:
    """Who has the better claim on a name: the portfolio, a well-known project of others, or everybody.

    `popular` maps names to ranks from 1; it stands in for all projects that people may have meant.
    """

    def __init__(
        self, portfolio: Portfolio, *, popular: Mapping[NormalizedName, int], dictionary: Collection[str]
    ) -> None:
        self._popular = popular
        self._dictionary = dictionary
        self._projects = frozenset(package.name for package in portfolio.packages)
        ranks: dict[NormalizedName, int] = {}
        facts: set[NormalizedName] = set()
        strings: dict[NormalizedName, list[NormalizedName]] = {}
        for package in portfolio.packages:
            rank = popular.get(package.name, _UNRANKED)
            surfaces = surface_names(package)
            strings[package.name] = [package.name, *surfaces]
            for name in strings[package.name]:
                ranks[name] = min(rank, ranks.get(name, _UNRANKED))
            facts |= {name for name, kind in surfaces.items() if kind in _FACTS or self.own_token(name, package.name)}
        self._own_ranks = ranks
        self._own_facts = facts
        self._strings = strings

    def find_obstacle(self, name: NormalizedName, *, target: NormalizedName, is_typo: bool) -> Reason | None:
        """Why `name` may be neither reserved nor requested; None if nothing stands against it."""
        if len(name) < SHORTEST_NAME:
            return Reason(rule="too-short", text="A name of one or two characters belongs to everybody.")
        if name in self._dictionary:
            return Reason(rule="dictionary-word", text="A word of the language belongs to everybody.")
        owner = self.find_other_owner(name, target=target, is_typo=is_typo)
        text = f"People who type this more likely mean {owner}, which isn't the organization's."
        return Reason(rule="others-territory", text=text) if owner is not None else None

    def find_other_owner(
        self, name: NormalizedName, *, target: NormalizedName, is_typo: bool = True
    ) -> NormalizedName | None:
        """The well-known project of others that has the better claim on `name`, None if the portfolio has it.

        `is_typo` looks two edits far where nothing lies nearer, but never farther than `target` itself.
        """
        if name in self._popular and name not in self._projects:
            return name
        if name in self._own_facts:
            return None
        return self._other_typed(name, target, is_typo=is_typo) or self._other_contained(name)

    def own_token(self, name: NormalizedName, project: NormalizedName) -> str | None:
        """The token of `project`'s own that `name` carries (see `own_tokens`); None if it carries none.

        A name carries a token if one of its words is that token, or, for tokens of four characters or more, if it
        starts or ends with it (`acmetool`, `pyacme`).
        """
        words = set(name.split("-"))
        run = name.replace("-", "")
        for token in self.own_tokens(project):
            is_long = len(token) >= SHORTEST_RUN_TOGETHER
            if token in words or (is_long and (run.startswith(token) or run.endswith(token))):
                return token
        return None

    def own_tokens(self, project: NormalizedName) -> tuple[str, ...]:
        """The words of a project's name that say whose it is, the most telling first.

        Role words (`ROLE_WORDS`) say nothing. Of the others the first counts always, because owners put their brand
        there; a further one counts where it has four characters or more and isn't a word of the dictionary. The
        whole name without its dashes counts too.
        """
        telling = [word for word in project.split("-") if word not in ROLE_WORDS]
        further = [w for w in telling[1:] if len(w) >= SHORTEST_RUN_TOGETHER and w not in self._dictionary]
        return tuple(dict.fromkeys([*telling[:1], *further, project.replace("-", "")]))

    def _other_typed(self, name: NormalizedName, target: NormalizedName, *, is_typo: bool) -> NormalizedName | None:
        neighbours = self._known.within_one_edit(name)
        ours = min((self._own_ranks[near] for near in neighbours if near in self._own_ranks), default=None)
        theirs = min(filter(self._is_others, neighbours), key=self._popular.__getitem__, default=None)
        if theirs is not None:
            return theirs if ours is None or self._popular[theirs] < ours else None
        if ours is not None or not is_typo:
            return None
        return self._other_typed_farther(name, target)

    def _other_typed_farther(self, name: NormalizedName, target: NormalizedName) -> NormalizedName | None:
        """As `_other_typed`, two edits away: for the few names that lie that far from their target."""
        edits = min((OSA.distance(name, text) for text in self._strings.get(target, ())), default=0)
        if edits != FARTHEST_TYPO_EDITS:
            return None
        near = process.extract(name, self._others, scorer=OSA.distance, score_cutoff=FARTHEST_TYPO_EDITS, limit=None)
        theirs = min((found for found, _, _ in near), key=self._popular.__getitem__, default=None)
        ours = self._popular.get(target, _UNRANKED)
        return theirs if theirs is not None and self._popular[theirs] < ours else None

    @cached_property
    def _known(self) -> _Neighbourhood:
        return _Neighbourhood(self._own_ranks.keys() | self._popular.keys())

    @cached_property
    def _others(self) -> list[NormalizedName]:
        return [name for name in self._popular if name not in self._projects]

    def _other_contained(self, name: NormalizedName) -> NormalizedName | None:
        """The longest well-known name that is left when role words are taken off both ends, unless ours is as long."""
        tokens = name.split("-")
        runs = [
            NormalizedName("-".join(tokens[start:end]))
            for start in range(len(tokens))
            for end in range(start + 1, len(tokens) + 1)
            if end - start < len(tokens) and ROLE_WORDS.issuperset(tokens[:start] + tokens[end:])
        ]
        for run in sorted(runs, key=len, reverse=True):
            if run in self._own_ranks:
                return None
            if self._is_others(run) and run not in ROLE_WORDS:
                return run
        return None

    def _is_others(self, name: NormalizedName) -> bool:
        return name in self._popular and name not in self._projects


class _Neighbourhood:
    """The known names within one edit of a name, found without trying its thousand edits.

    One edit leaves the first or the second half of the known name whole, unless it swaps the two characters in the
    middle; so halves are looked up, and only what is found there is compared.
    """

    def __init__(self, known: Collection[NormalizedName]) -> None:
        self._known = known
        self._by_half: dict[tuple[int, str, bool], list[NormalizedName]] = defaultdict(list)
        for name in known:
            half = len(name) // 2
            self._by_half[len(name), name[:half], False].append(name)
            self._by_half[len(name), name[half:], True].append(name)

    def within_one_edit(self, name: NormalizedName) -> list[NormalizedName]:
        """The other known names at one edit: an omission, insertion, substitution or swap of neighbours."""
        size = len(name)
        found: list[NormalizedName] = []
        for length in (size - 1, size, size + 1):
            half = length // 2
            found += self._by_half.get((length, name[:half], False), ())
            found += self._by_half.get((length, name[size - (length - half) :], True), ())
        half = size // 2
        swapped = NormalizedName(f"{name[: half - 1]}{name[half]}{name[half - 1]}{name[half + 1 :]}") if half else name
        if swapped in self._known:
            found.append(swapped)
        return [near for near in dict.fromkeys(found) if OSA.distance(name, near, score_cutoff=1) == 1]


def surface_names(package: Package) -> dict[NormalizedName, SurfaceKind]:
    """The surfaces of a package that could be project names, normalized; its own name isn't among them.

    A dotted import stands for itself (`acme.tool` as `acme-tool`); of several kinds, the first one counts.
    """
    found: dict[NormalizedName, SurfaceKind] = {}
    for surface in package.surfaces:
        if surface.kind in _OWN and names.is_valid(surface.value):
            found.setdefault(names.normalize(surface.value), surface.kind)
    found.pop(package.name, None)
    return found
