"""Which projects near the packages came, went and changed between two lists of an index.

    lookout = Lookout(portfolio, brands=partial(find_brands, portfolio, territory, dictionary=words), general=words)
    changes = watch_lists(before, after, lookout, portfolio=portfolio, held=held, today=today)
    [(item.name, item.near, item.how, item.verdict) for item in changes.new]

Nothing is looked up: a list tells names, and perhaps the serial of each project's last change.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from packaging.utils import NormalizedName, canonicalize_name

# A face, not its names: near.py brings numpy along, which only a comparison needs.
from namehold import snapshot
from namehold.plan import Territory, surface_names
from namehold.portfolio import Portfolio
from namehold.snapshot import Near, Nearness

if TYPE_CHECKING:
    from namehold.snapshot import Snapshot

#: Shorter words of a package's name are in too many names that have nothing to do with it.
_SHORTEST_BRAND: Final = 4


class Verdict(StrEnum):
    """What a neighbour is to us. A person says `unrelated` and `look-alike`; the rest follows from facts."""

    OURS = "ours"
    UNRELATED = "unrelated"
    LOOK_ALIKE = "look-alike"
    POSSIBLE = "possible"
    NOT_LOOKED_UP = "not-looked-up"

    @property
    def is_open(self) -> bool:
        """Whether a person should look at it."""
        return self in {Verdict.POSSIBLE, Verdict.NOT_LOOKED_UP}


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A project near one of our names: `near` is our package, `how` one of `Nearness`, `serial` its last change's.

    `near` is the name itself where it is one that names.yaml keeps for the organization's inside or its future.
    `serial` None: the lists don't tell it. `why` says what a look-up showed, without naming anybody.
    `wanted` is what the name was to us where only we were to have it: `planned`, `internal` or `future`.
    """

    name: NormalizedName
    near: NormalizedName
    how: Nearness
    verdict: Verdict = Verdict.NOT_LOOKED_UP
    serial: int | None = None
    why: str = ""
    wanted: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherNames:
    """How many names with `brand`, on which many strangers build, aren't told one by one."""

    brand: NormalizedName
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListChanges:
    """Neighbours that a newer list has, lacks and shows changed; `again` are those that were registered anew.

    Which of the changed ones were registered anew only a look-up tells.
    """

    new: tuple[Neighbour, ...] = ()
    gone: tuple[Neighbour, ...] = ()
    changed: tuple[Neighbour, ...] = ()
    again: tuple[Neighbour, ...] = ()
    others: tuple[OtherNames, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """Words that stand for `package`. Of an open one only names that have general words beside it are told."""

    text: NormalizedName
    package: NormalizedName
    is_open: bool = False


def find_brands(
    portfolio: Portfolio, territory: Territory, names: Iterable[NormalizedName], *, dictionary: Collection[str]
) -> tuple[Brand, ...]:
    """The packages' names and the own words in them (`Territory.own_parts`) that are in `names`, the longest first.

    A word of the language is a brand only where it is a package, or the first word of the organization's name, and then
    an open one. Whether strangers build on a word takes a search of the whole list, so that it is asked only of what
    some name has in it.
    """
    text = "\n".join(names)
    leading = canonicalize_name((portfolio.organization.name.split() or [""])[0])
    brands: dict[NormalizedName, Brand] = {}
    for package in portfolio.packages:
        if package.name not in text:
            continue
        is_open = package.name in dictionary or territory.is_open_ecosystem(package.name)
        brands[package.name] = Brand(text=package.name, package=package.name, is_open=is_open)
    for package in portfolio.packages:
        if not any(len(run) >= _SHORTEST_BRAND and run in text for run in _runs(package.name)):
            continue
        named = (leading,) if leading in package.name.split("-") else ()
        for part in (*territory.own_parts(package.name), *named):
            is_word = part in dictionary
            if part not in text or part in brands or len(part) < _SHORTEST_BRAND or (is_word and part != leading):
                continue
            is_open = is_word or territory.is_open_ecosystem(part)
            brands[part] = Brand(text=part, package=package.name, is_open=is_open)
    return tuple(sorted(brands.values(), key=lambda brand: (-len(brand.text), brand.text)))


def _runs(name: NormalizedName) -> Iterator[str]:
    """The words of a name, alone and in a row."""
    words = name.split("-")
    return ("-".join(words[at:end]) for at in range(len(words)) for end in range(at + 1, len(words) + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Names that are near, how, and to which package; and for each open brand how many names aren't told."""

    near: Mapping[NormalizedName, Near]
    packages: Mapping[NormalizedName, NormalizedName]
    others: Mapping[NormalizedName, int]


class Lookout:
    """Finds the names of a list that are near the portfolio.

    `general` are words that say what a package does, never whose it is; they are no strings to be near to.
    `brands` gives those that are in some of the names. `planned` are names that we were going to register, each with
    its package.
    """

    def __init__(
        self,
        portfolio: Portfolio,
        *,
        brands: Callable[[Collection[NormalizedName]], Sequence[Brand]],
        general: Collection[str],
        planned: Mapping[NormalizedName, NormalizedName] = {},
    ) -> None:
        self._brands = brands
        self._general = general
        self._watching = portfolio.watching
        self._own = frozenset(package.name for package in portfolio.packages)
        #: What people type for a package, its own name first, and what may not be registered by others at all.
        self._typed = [
            (text, package.name)
            for package in portfolio.packages
            for text in (package.name, *surface_names(package))
            if text == package.name or text not in general
        ]
        internal = [item.name for item in portfolio.internal]
        self._kept = [*((name, name) for name in (*internal, *portfolio.future)), *planned.items()]
        #: What each name that only we were to have was to us.
        self.wanted: Mapping[NormalizedName, str] = {
            **dict.fromkeys(portfolio.future, "future"),
            **dict.fromkeys(internal, "internal"),
            **dict.fromkeys(planned, "planned"),
        }

    def find(self, names: Collection[NormalizedName], *, strangers: Collection[NormalizedName] = ()) -> Found:
        """The names near ours.

        A name is told once, in its nearest way. `strangers`: our surfaces that are somebody else's projects, so that
        what is near them isn't near us.
        """
        order = {how: rank for rank, how in enumerate(Nearness)}
        found: dict[NormalizedName, Near] = {}
        packages: dict[NormalizedName, NormalizedName] = {}
        ranks: dict[NormalizedName, tuple[int, int]] = {}
        for item, package in self._all_near(names, strangers):
            rank = (order[item.how], item.edits)
            if item.name not in self._own and rank < ranks.get(item.name, (len(order), 0)):
                found[item.name], packages[item.name], ranks[item.name] = item, package, rank
        others: dict[NormalizedName, int] = {}
        untold: set[NormalizedName] = set()
        listed = snapshot.NearNames.of(names)
        for brand in self._brands(names):
            for item in listed.containing(brand.text):
                if item.name in self._own or item.name in found or item.name in untold:
                    continue
                if brand.is_open and not self._is_plain_beside(brand.text, item.name):
                    others[brand.text] = others.get(brand.text, 0) + 1
                    untold.add(item.name)
                else:
                    found[item.name], packages[item.name] = item, brand.package
        return Found(near=found, packages=packages, others=others)

    def _all_near(
        self, names: Collection[NormalizedName], strangers: Collection[NormalizedName]
    ) -> Iterator[tuple[Near, NormalizedName]]:
        listed, present = snapshot.NearNames.of(names), frozenset(names)
        for text, package in (*self._typed, *self._kept):
            if text in present:
                yield Near(name=text, how=Nearness.SAME_KEY), package
            yield from ((item, package) for item in listed.with_key(text))
        for text, package in self._typed:
            if text != package and text in strangers:
                continue
            edits = self._watching.edits_for(len(text))
            near = listed.within(text, edits) if edits else ()
            yield from ((item, package) for item in (*near, *listed.with_turned_words(text)))

    def _is_plain_beside(self, brand: NormalizedName, name: NormalizedName) -> bool:
        """Whether a name is the brand and general words, run together or not."""
        at = f"-{name}-".find(f"-{brand}-")
        at = at if at >= 0 else name.find(brand)
        rest = f"{name[:at]}-{name[at + len(brand) :]}"
        return all(word in self._general for word in rest.split("-") if word)


def watch_lists(
    before: Snapshot,
    after: Snapshot,
    lookout: Lookout,
    *,
    portfolio: Portfolio,
    held: Collection[NormalizedName],
    today: dt.date,
) -> ListChanges:
    """The neighbours among what has changed from the list `before` to `after`, with a person's verdicts.

    `held` are names that the account holds; a verdict that has ended by `today` doesn't count.
    """
    changes = after.compare(before)
    changed = changes.changed or ()
    names = (*changes.new, *changes.gone, *changed)
    surfaces = {name for package in portfolio.packages for name in surface_names(package)} - frozenset(held)
    found = lookout.find(names, strangers=after.existing(surfaces) & before.existing(surfaces))
    serials = {**before.serials(changes.gone), **after.serials((*changes.new, *changed))}
    verdicts = find_verdicts(portfolio, held=held, today=today, serials=serials)

    def told(names: Iterable[NormalizedName]) -> tuple[Neighbour, ...]:
        return tuple(
            Neighbour(
                name=name,
                near=found.packages[name],
                how=found.near[name].how,
                verdict=verdicts.get(name, Verdict.NOT_LOOKED_UP),
                serial=serials.get(name),
                wanted=lookout.wanted.get(name, ""),
            )
            for name in names
            if name in found.near
        )

    return ListChanges(
        new=tuple(sorted(told(changes.new), key=lambda item: not item.wanted)),
        gone=told(changes.gone),
        changed=told(changed),
        others=tuple(OtherNames(brand=brand, number=number) for brand, number in sorted(found.others.items())),
    )


def find_verdicts(
    portfolio: Portfolio,
    *,
    held: Collection[NormalizedName],
    today: dt.date,
    serials: Mapping[NormalizedName, int],
) -> dict[NormalizedName, Verdict]:
    """Names that are ours, and those that a person has judged, as long as the verdict holds."""
    judged = ((Verdict.LOOK_ALIKE, portfolio.look_alikes), (Verdict.UNRELATED, portfolio.unrelated))
    verdicts = {
        item.name: verdict
        for verdict, items in judged
        for item in items
        if item.holds(today=today, serial=serials.get(item.name))
    }
    return verdicts | dict.fromkeys(held, Verdict.OURS)
