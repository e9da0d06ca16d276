"""Whose name is it? What goes to a stranger is never reserved and never requested; what has no owner is watched.

    territory = Territory(portfolio, popular=ranks, dictionary=words, general=words, view=snapshot)
    territory.claim(name)                          # ours, a stranger's, without an owner, or one with a foreign word
    territory.find_obstacle(name, target=package)  # why the name is neither reserved nor requested; None: it may be

Nothing that a claimant writes opens a stranger's territory. In this order:

1. A surface that old releases show (`plan.standing`) is ours, unless a better ranked project is one edit away.
2. A name of own words and general words is ours, and so is one of our plug-ins in a row (`pytest-cov-asyncio`).
   A word, or words in a row, of a package is an own word if it is a package itself, or no project is called so, or
   most projects that bear it are ours and one of them is better known. So is a word of the organization's name, where
   the index's own record shows that organization as the owner of a package.
3. A typing error belongs to the nearest project of the whole index; of two as near ones to the better ranked.
   Each word in which it differs from ours belongs to the nearest project likewise: a stranger's project and another
   word are no typing error for ours, which misspells the one or the other. A ranked project without its last letters
   is that project, also where an unknown one is nearer.
4. Everything else has no own word, or a foreign word beside one.

Ranks are the public ones, never a number in names.yaml. The rule was measured on honest and on abusive portfolios.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property, lru_cache
from string import digits
from typing import TYPE_CHECKING, Final

from packaging.utils import NormalizedName

from namehold import names
from namehold.index import SnapshotView
from namehold.plan.model import Reason, Standing
from namehold.plan.words import MOST_WORDS, count_words, differing_runs, has_other_word, runs_of
from namehold.portfolio import Package, Portfolio, Route, SurfaceKind

if TYPE_CHECKING:
    from namehold.snapshot import NearNames

#: Shorter names belong to everybody: there are few of them.
SHORTEST_NAME: Final = 3
#: A word of this many characters counts also where it is run together with a general one (`pyacme`, `acmectl`).
SHORTEST_RUN_TOGETHER: Final = 3
#: Beyond this many edits two names aren't mistaken for each other (Pollock and Zamora 1983: 90-95 % have one error).
FARTHEST_TYPO_EDITS: Final = 2
#: A name this long is taken for ours at two edits, too: shorter ones are near to everything.
_FAR_FROM: Final = 6
#: Up to so many letters no stranger that isn't ranked counts as a neighbour; below the second, one edit; else two.
_UNRANKED_NEVER, _UNRANKED_FAR_FROM = 5, 9
#: From this many names of strangers with a brand on, the brand is an open ecosystem (`flask-*`): a name with it and a
#: foreign word is as likely to be an honest plug-in.
OPEN_ECOSYSTEM_NAMES: Final = 5
#: A stranger's project of so many letters is a brand also where it is run together with other letters.
_SHORTEST_GLUED: Final = 5
#: Beside a word of the language only projects of these first ranks are meant rather than the word.
_FAMILIAR: Final = 2000

#: Kinds of surfaces that are strings for the package itself, so that a name with one may be meant for it.
_OWN: Final = frozenset(
    {SurfaceKind.IMPORT, SurfaceKind.NAMESPACE, SurfaceKind.COMMAND, SurfaceKind.FORMER}
    | {SurfaceKind.ALIAS, SurfaceKind.ENTRY_POINT, SurfaceKind.DOCUMENTED}
)

_UNRANKED: Final = 1 << 31


class Whose(StrEnum):
    """Whose a name is."""

    OURS = "ours"
    STRANGERS = "strangers"
    UNOWNED = "unowned"
    FOREIGN_WORD = "foreign-word"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Whose a name is, and why.

    `part` is the own word in it, empty if it has none; `leads`: it stands at the beginning. `other` is the stranger's
    project that is as near or nearer, or the foreign word. `standing` is the surface that makes the name ours, where
    no own word does; `organization` the one on the index whose name is one of the own words.
    """

    whose: Whose
    part: str = ""
    leads: bool = False
    other: str = ""
    standing: Standing | None = None
    organization: str = ""


@dataclass(frozen=True, slots=True)
class _Neighbour:
    """A project near a name, in the order of nearness: edits, then rank."""

    edits: int
    rank: int
    name: str

    @property
    def order(self) -> tuple[int, int, str]:
        return self.edits, self.rank, self.name


class Territory:
    """Who has the better claim on a name: the portfolio, a project of others, or neither.

    Args:
        portfolio: Whose names are asked about.
        popular: Well-known projects with their ranks from 1; those of the portfolio among them.
        dictionary: Words that belong to everybody.
        general: Words that say what a package does, never whose it is.
        view: The index's list of names; None: only the well-known ones are known.
        standing: Surfaces that old releases show, by their names (`plan.standing.find_standing`).
        organizations: Organizations that the index shows as owners, each with the packages that it owns.
        held: Names that the account holds: they are no strangers'.
    """

    def __init__(
        self,
        portfolio: Portfolio,
        *,
        popular: Mapping[NormalizedName, int],
        dictionary: Collection[str],
        general: Collection[str],
        view: SnapshotView | None = None,
        standing: Mapping[NormalizedName, Standing] = {},
        organizations: Mapping[NormalizedName, Collection[NormalizedName]] = {},
        held: Collection[NormalizedName] = (),
    ) -> None:
        self._popular = popular
        self._dictionary = dictionary
        self._general = general
        self._view = view
        self._projects = {package.name: popular.get(package.name, _UNRANKED) for package in portfolio.packages}
        self._held = frozenset(held)
        self._projects_with, self._held_with = count_words(self._projects), count_words(self._held)
        self._standing = dict(standing)
        self._organizations = {
            name: min((self._projects[package] for package in owned if package in self._projects), default=_UNRANKED)
            for name, owned in organizations.items()
        }
        self._imports = [
            name
            for name, surface in standing.items()
            if surface.kind is SurfaceKind.IMPORT and "." not in surface.value
        ]
        self._confirmed = {(package.name, name) for package in portfolio.packages for name in package.confirmed}
        self._asked = {item.name for item in portfolio.observed} | {item.name for item in portfolio.always}
        #: Asking for an internal name by name is confirming it.
        self._asked_internal = {item.name for item in portfolio.internal if item.ask in {Route.RESERVE, Route.REQUEST}}
        # What portfolios and policies have no part in is looked up once for each name.
        self.claim = cache(self._claim)
        self._is_own_part = cache(self._find_out_own_part)
        self._is_mostly_ours = cache(self._find_out_mostly_ours)

    def find_obstacle(
        self, name: NormalizedName, *, target: NormalizedName, if_confirmed: bool = False
    ) -> Reason | None:
        """Why `name` may be neither reserved nor requested; None if nothing stands against it.

        `if_confirmed`: as if a person had confirmed the name in names.yaml.
        """
        if len(name) < SHORTEST_NAME:
            return Reason(rule="too-short", text="A name of one or two characters belongs to everybody.")
        if name in self._dictionary:
            return Reason(rule="dictionary-word", text="A word of the language belongs to everybody.")
        claim = self.claim(name)
        match claim.whose:
            case Whose.OURS:
                return None
            case Whose.STRANGERS:
                text = f"People who type this more likely mean {claim.other}, which isn't the organization's."
                return Reason(rule="others-territory", text=text)
            case Whose.UNOWNED if claim.other:
                text = f"It is as near to {claim.other}, which isn't the organization's, as to its own projects."
                return Reason(rule="unowned-name", text=text)
            case Whose.UNOWNED:
                text = (
                    "It has no word of the organization's own, and no project of its own is near: the index may remove "
                    "what was never the organization's own (PEP 541)."
                )
                return Reason(rule="unowned-name", text=text)
        is_confirmed = if_confirmed or (target, name) in self._confirmed
        return self._foreign_obstacle(name, claim, is_confirmed=is_confirmed)

    def shared_word(self, name: NormalizedName, package: NormalizedName) -> str:
        """The first word of a package's name that `name` has, too; empty if it has none that says whose it is."""
        own = set(package.split("-")) - set(self._general)
        return next((word for word in name.split("-") if word in own and len(word) >= SHORTEST_NAME), "")

    def _foreign_obstacle(self, name: NormalizedName, claim: Claim, *, is_confirmed: bool) -> Reason | None:
        """A name with a foreign word: a person may confirm one that was seen and begins with an own word."""
        is_asked = (is_confirmed and name in self._asked) or name in self._asked_internal
        if not claim.leads or not is_asked:
            text = f"'{claim.other}' isn't a word of the organization's: '{name}' may belong to others."
            return Reason(rule="foreign-word", text=text)
        if not self.is_open_ecosystem(claim.part):
            return None
        text = f"Strangers publish {OPEN_ECOSYSTEM_NAMES} names or more with '{claim.part}': it may be a plug-in's."
        return Reason(rule="open-ecosystem", text=text)

    def own_parts(self, package: NormalizedName) -> tuple[NormalizedName, ...]:
        """The words, and words in a row, of a package's name that are the organization's own, without repetition."""
        words = package.split("-")[:MOST_WORDS]
        spans = ((start, end) for start in range(len(words)) for end in range(start + 1, len(words) + 1))
        parts = dict.fromkeys("-".join(words[start:end]) for start, end in spans)
        return tuple(NormalizedName(part) for part in parts if self._is_own_part(part))

    def is_open_ecosystem(self, part: str) -> bool:
        """Whether strangers publish so many names with these words that one more says nothing about us."""
        return self._count_strangers(part) >= OPEN_ECOSYSTEM_NAMES

    # ----------------------------------------------------------------- whose it is

    def _claim(self, name: NormalizedName) -> Claim:
        if name in self._projects or name in self._held:
            return Claim(whose=Whose.OURS)
        if self._exists(name):
            return Claim(whose=Whose.STRANGERS, other=name)
        words = name.split("-")
        part, left = self._read(words)
        if left and self._are_plug_ins(words):
            left = []
        other, standing = "", None
        if part and not left:
            built_on = (
                found for reading in (words, *self._unglued(words, part)) if (found := self._built_on(reading, part))
            )
            other = self._stranger_beside(name, part) or next(built_on, "")
        if name in self._standing and (other or left or not part):
            standing = self._standing[name]
            other = self._better_ranked(name, self._projects[standing.package])
        elif left or not part:
            return self._typed(name) or self._claim_rest(name, words, part, left)
        whose = Whose.STRANGERS if other else Whose.OURS
        organization = "" if standing is not None else self._organization_in(name, part)
        return Claim(whose=whose, part=part, other=other, standing=standing, organization=organization)

    def _claim_rest(self, name: NormalizedName, words: list[str], part: str, left: list[str]) -> Claim:
        """Whose a name is that is neither of own words nor a typing error for ours."""
        edits = 2 if part else 1
        nearest = min((item.order for item in self._strangers(name, within=edits, unranked=edits)), default=None)
        other = nearest[2] if nearest is not None else self._built_on(words, "")
        if other:
            return Claim(whose=Whose.STRANGERS, part=part, other=other)
        if part:
            leads = name == part or name.startswith(f"{part}-")
            return Claim(whose=Whose.FOREIGN_WORD, part=part, leads=leads, other=left[0])
        return Claim(whose=Whose.UNOWNED)

    def _read(self, words: list[str]) -> tuple[str, list[str]]:
        """The longest own part in a row of words, and the words beside it that are neither own nor general."""
        if len(words) > MOST_WORDS:
            return "", words
        spans = [(start, end) for start in range(len(words)) for end in range(start + 1, len(words) + 1)]
        spans.sort(key=lambda span: span[0] - span[1])
        for start, end in spans:
            part = "-".join(words[start:end])
            if self._is_own_part(part):
                beside = words[:start] + words[end:]
                return part, [word for word in beside if not self._is_plain(word)]
        # A general word may be glued to several words in a row, too: `acme-toolctl` is `acme-tool` with `ctl`.
        for start, end in spans:
            glued = self._glued_part("-".join(words[start:end]))
            if glued:
                return glued, [word for word in words[:start] + words[end:] if not self._is_plain(word)]
        return "", words

    def _are_plug_ins(self, words: list[str]) -> bool:
        """Whether a name has plug-ins of our own in a row: `pytest-cov-asyncio` where we have all three packages."""
        head = words[0]
        is_head = head in self._projects and self._is_own_part(head)
        return is_head and all(f"{head}-{word}" in self._projects for word in words[1:])

    def _is_plain(self, word: str) -> bool:
        """Whether a word beside an own one says nothing about whose the name is."""
        return word in self._general or self._is_own_part(word) or bool(self._glued_part(word))

    def _glued_part(self, word: str) -> str:
        """The own part that the word, or words in a row, run together with a general word; empty if there is none."""
        for at in range(1, len(word)):
            first, last = word[:at], word[at:]
            for part, general in ((first, last), (last, first)):
                if len(part) >= SHORTEST_RUN_TOGETHER and general in self._general and self._is_own_part(part):
                    return part
        return ""

    def _typed(self, name: NormalizedName) -> Claim | None:
        """Whose a typing error is; None if none of our strings is near enough."""
        mine = min((item.order for item in self._our_neighbours(name)), default=None)
        if mine is None or (mine[0] > 1 and len(name) < _FAR_FROM):
            return None
        edits, rank, meant = mine
        if has_other_word(name, meant):
            return None
        built_on = self._spelled_out(name, meant, rank) or self._meant_word(name, meant, rank)
        if built_on:
            return Claim(whose=Whose.STRANGERS, other=built_on)
        # Beside a ranked one of ours, unranked ones matter only where they are nearer.
        unranked = edits - (rank < _UNRANKED)
        nearest = min((item.order for item in self._strangers(name, within=edits, unranked=unranked)), default=None)
        if nearest is not None and nearest[1] == _UNRANKED and _is_cut_ending(name, meant) and rank < _UNRANKED:
            nearest = None
        if nearest is None or nearest[0] > edits or (nearest[0] == edits and rank < nearest[1]):
            organization = self._organization_in(meant, meant)
            return Claim(whose=Whose.OURS, standing=self._standing_alone(meant), organization=organization)
        is_nearer = nearest[0] < edits or nearest[1] < rank
        return Claim(whose=Whose.STRANGERS if is_nearer else Whose.UNOWNED, other=nearest[2])

    def _our_neighbours(self, name: NormalizedName) -> Iterator[_Neighbour]:
        for near in self._strings.within(name, FARTHEST_TYPO_EDITS):
            if near.name in self._projects or self._is_own_part(near.name):
                yield _Neighbour(near.edits, self._own_rank(near.name), near.name)
            elif near.name in self._standing:
                package = self._standing[near.name].package
                yield _Neighbour(near.edits, self._projects[package], near.name)
        turned = self._turned.get(tuple(sorted(name.split("-"))))
        if turned is not None:
            yield _Neighbour(1, self._projects[turned], turned)

    def _strangers(self, name: str, *, within: int, unranked: int) -> Iterator[_Neighbour]:
        """The projects of others near a name: of those without a rank only what isn't near by chance.

        `unranked` is within how many edits those matter at all: only for them the whole list is searched.
        """
        far = min(unranked, 0 if len(name) <= _UNRANKED_NEVER else 1 if len(name) < _UNRANKED_FAR_FROM else 2)
        found = self._near_popular(name, within)
        if self._view is not None and far:
            found |= self._view.near(NormalizedName(name), edits=far)
        for near, edits in found.items():
            if near not in self._projects and near not in self._held and near != name:
                yield _Neighbour(edits, self._popular.get(near, _UNRANKED), near)

    def _stranger_beside(self, name: str, part: str) -> str:
        """The stranger's project that takes a name of own and general words; empty if there is none.

        Beside a package's whole name only a better ranked one does. Beside other own words every one does that isn't
        less known: a claimant may call a package `adblock-decodre-x`.
        """
        rank = self._own_rank(part)
        core = "-".join(word for word in name.split("-") if word not in self._general)
        if part == core and part in self._projects:
            return self._better_ranked(name, rank)
        texts, unranked = dict.fromkeys((name, core)), int(rank == _UNRANKED)
        near = (item.order for text in texts for item in self._strangers(text, within=1, unranked=unranked))
        nearest = min((item for item in near if item[1] <= rank), default=None)
        return nearest[2] if nearest is not None else ""

    def _better_ranked(self, name: str, rank: int) -> str:
        """The better ranked project of others within one edit of the name; empty if there is none."""
        near = [other for other in self._near_popular(name, 1) if other not in self._projects]
        best = min(near, key=self._popular.__getitem__, default=None)
        return best if best is not None and self._popular[best] < rank else ""

    def _near_popular(self, name: str, edits: int) -> dict[NormalizedName, int]:
        near = self._known.within(NormalizedName(name), edits)
        turned = self._known.with_turned_words(NormalizedName(name))
        return {item.name: item.edits for item in near} | {item.name: 1 for item in turned}

    def _spelled_out(self, name: str, meant: str, rank: int) -> str:
        """The stranger's project whose name stands beside words of the language, where ours misspells it or them.

        `paypal-checkout` is no typing error for a claimant's `paypal-checkoutt`. Empty if there is none, or if ours is
        better ranked. An unknown project that is called by a word of the language is no brand.
        """
        other = NormalizedName(self._built_on(name.split("-"), "", self._plain))
        if not other or (other in self._dictionary and other not in self._popular):
            return ""
        is_ours_too = self._built_on(meant.split("-"), "", self._plain) == other
        return "" if is_ours_too or rank < self._popular.get(other, _UNRANKED) else other

    def _meant_word(self, name: str, meant: str, rank: int) -> str:
        """The stranger's project that a word, or words in a row, of the name rather mean than ours; empty if none does.

        `pytorch-cuda12` and `pytorc-cuda12` are no typing errors for a claimant's `pytorhc-cuda12`, beside any other
        word: each word in which the two differ goes to the nearest project, of two as near ones to the better ranked
        one.
        """
        if sorted(name.split("-")) == sorted(meant.split("-")):
            return ""
        for typed, own in differing_runs(name, meant):
            if typed in self._general or typed in self._projects or typed in self._held:
                continue
            best = min(rank, self._popular.get(NormalizedName(own), _UNRANKED))
            if self._popular.get(NormalizedName(typed), _UNRANKED) < min(best, self._least_rank_beside(own)):
                return typed
            other = self._glued_brand(typed, meant, best)
            if other:
                return other
            if typed == name:
                continue
            is_own = self._is_own_part(own) and not self._better_ranked(own, best)
            if not own or is_own or len(typed) <= _UNRANKED_NEVER:
                continue
            # Beside a word of the language or an unknown project of that name, unknown ones are no brand.
            is_plain = own in self._dictionary or self._exists(NormalizedName(own))
            if self._exists(NormalizedName(typed)) and not is_plain:
                return typed
            is_plain = is_plain or typed in self._dictionary
            unranked = int(best == _UNRANKED and not is_plain)
            strangers = self._strangers(typed, within=1, unranked=unranked)
            near = (item.order for item in strangers if item.name != own)
            nearest = min((item for item in near if item[1] < best or (item[1] == best and not is_plain)), default=None)
            if nearest is not None:
                return nearest[2]
        return ""

    def _least_rank_beside(self, word: str) -> int:
        """The rank that a project must be below for its name to be meant rather than the word (`visions`, `vision`)."""
        return _FAMILIAR if word in self._dictionary else _UNRANKED

    def _glued_brand(self, word: str, meant: str, rank: int) -> str:
        """The better ranked project that begins or ends a word and isn't in what was meant; empty if there is none."""
        if "-" in word:
            return ""
        for at in range(len(word) - 1, _SHORTEST_GLUED - 1, -1):
            for part in (word[:at], word[-at:]):
                if part in meant or self._popular.get(NormalizedName(part), _UNRANKED) >= rank:
                    continue
                # Another digit is another version of the same: `hcl2json5` for `hcl2json3`.
                if part not in self._projects and not any(f"{part[:-1]}{digit}" in meant for digit in digits):
                    return part
        return ""

    def _unglued(self, words: list[str], part: str) -> Iterator[list[str]]:
        """A name's words with a general one parted from the first or last: `pyacme-tool` as `py`, `acme` and `tool`.

        Own words, and those of the own part, stay whole.
        """
        for place in {0, len(words) - 1}:
            word = words[place]
            is_own = word in part.split("-") or self._is_own_part(word)
            for at in range(1, 0 if is_own else len(word)):
                if word[:at] in self._general if place == 0 else word[at:] in self._general:
                    yield [*words[:place], word[:at], word[at:], *words[place + 1 :]]

    def _built_on(self, words: list[str], part: str, plain: Collection[str] = ()) -> str:
        """The stranger's project that is left when general words are taken off a name; empty if there is none.

        Beside an own part only a longer one counts, general words at its ends left out: a claimant may call a package
        `python-paypal-x`. Where the part is a package, or most projects that bear it are
        ours, that must be ranked, too: an unknown project with our own word in it may be a squatter's. `plain` are the
        words that may be taken off, if not the general ones alone.
        """
        plain = plain or self._general
        is_firm = part in self._projects or (bool(part) and self._is_mostly_ours(part))
        core = "-".join(word for word in part.split("-") if word not in self._general)
        if len(words) > MOST_WORDS:
            return ""
        spans = [(start, end) for start in range(len(words)) for end in range(start + 1, len(words) + 1)]
        for start, end in sorted(spans, key=lambda span: span[0] - span[1]):
            run = NormalizedName("-".join(words[start:end]))
            beside = words[:start] + words[end:]
            if not beside or run in self._general:
                continue
            if not all(word in plain or (not is_firm and part and self._is_own_part(word)) for word in beside):
                continue
            if run == part == core or run in self._projects:
                return ""
            if run in self._held or not (run in self._popular or (not is_firm and core in run and self._exists(run))):
                continue
            return run
        return ""

    # ----------------------------------------------------------------- own words

    def _find_out_own_part(self, part: str) -> bool:
        """Whether a word, or words in a row, of our packages is our own: see rule 2.

        A word that isn't a package itself opens nothing around a stranger's project that is as well ranked: a claimant
        may call a package `old-requestss`. Two edits away only ranked projects count: nearly every invented word of
        nine letters has some unknown project there by chance.
        """
        if part in self._projects:
            return part not in self._general
        if part not in self._parts or part in self._general or len(part) < 2 or part.isdigit():  # noqa: PLR2004
            return False
        if self._exists(NormalizedName(part)):
            is_better_known = self._parts[part] < self._popular.get(NormalizedName(part), _UNRANKED)
            if not (is_better_known and self._is_mostly_ours(part)):
                return False
        within = 1 if len(part) < _UNRANKED_FAR_FROM else FARTHEST_TYPO_EDITS
        near = self._strangers(part, within=within, unranked=int(self._parts[part] == _UNRANKED))
        return all(item.rank > self._parts[part] for item in near)

    def _find_out_mostly_ours(self, word: str) -> bool:
        """Whether most projects that bear a word are ours."""
        if "-" in word or self._view is None:
            return False
        mine = self._projects_with[word]
        # Of as many names as ours and twice the packages more, the strangers' are the majority or all are told.
        bearers = self._view.containing(word, limit=2 * mine + self._held_with[word])
        return sum(name not in self._projects and name not in self._held for name in bearers) < mine

    def _own_rank(self, part: str) -> int:
        """The best rank of the packages that bear an own part."""
        return min(self._projects.get(NormalizedName(part), _UNRANKED), self._parts.get(part, _UNRANKED))

    def _organization_in(self, name: str, part: str) -> str:
        """The organization whose name, or a word of it, is own in this name; empty if all of it is our packages'."""
        runs = (part, *name.split("-"))
        return next((found for run in runs if (found := self._words_of_organizations.get(run))), "")

    def _standing_alone(self, text: str) -> Standing | None:
        """The surface of this name, if it is neither a package nor an own word."""
        if text in self._projects or self._is_own_part(text):
            return None
        return self._standing.get(NormalizedName(text))

    @cached_property
    def _parts(self) -> dict[str, int]:
        """Every word, and words in a row with and without dashes, of ours, with the best rank that bears it."""
        found = self._parts_of_packages
        return {run: self._organizations[name] for run, name in self._words_of_organizations.items()} | found

    @cached_property
    def _parts_of_packages(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for project, rank in self._projects.items():
            for run in runs_of(project):
                found[run] = min(rank, found.get(run, _UNRANKED))
        return found

    @cached_property
    def _words_of_organizations(self) -> dict[str, NormalizedName]:
        """Words, and words in a row, of the organizations' names that no package of ours bears."""
        runs = {run: name for name in self._organizations for run in runs_of(name)}
        return {run: name for run, name in runs.items() if run not in self._parts_of_packages}

    @cached_property
    def _strings(self) -> NearNames:
        """What a typing error may have been meant for: packages, their own words, imports that releases show."""
        return _near_of(*self._projects, *map(NormalizedName, self._parts), *self._imports)

    @cached_property
    def _turned(self) -> dict[tuple[str, ...], NormalizedName]:
        """Our packages of several words by their sorted words, the best ranked of each."""
        by_rank = sorted(self._projects, key=self._projects.__getitem__, reverse=True)
        return {tuple(sorted(name.split("-"))): name for name in by_rank if "-" in name}

    @cached_property
    def _plain(self) -> frozenset[str]:
        """Words that say nothing about whose a name is."""
        return _united(frozenset(self._general), frozenset(self._dictionary))

    @cached_property
    def _known(self) -> NearNames:
        return _near_of(*self._popular)

    def _exists(self, name: NormalizedName) -> bool:
        return name in self._popular or (self._view is not None and bool(self._view.existing((name,))))

    def _count_strangers(self, brand: str) -> int:
        """How many names of strangers carry `brand`, counted no farther than the rule needs."""
        ours = {name for name in self._held | self._projects.keys() if brand in name}
        limit = OPEN_ECOSYSTEM_NAMES + len(ours)
        listed = self._view.containing(brand, limit=limit) if self._view is not None else ()
        return sum(name not in ours for name in listed)


@lru_cache(maxsize=4)
def _near_of(*names: NormalizedName) -> NearNames:
    """Kept, as a process that plans again and again asks for the same well-known names each time."""
    # Loaded where it is needed: it brings numpy along.
    from namehold.snapshot import NearNames  # noqa: PLC0415

    return NearNames.of(names)


@lru_cache(maxsize=2)
def _united(general: frozenset[str], dictionary: frozenset[str]) -> frozenset[str]:
    """All these words, likewise."""
    return general | dictionary


def _is_cut_ending(name: str, meant: str) -> bool:
    """Whether a name is another one without its last letters: `kubernet` for `kubernetes`."""
    return len(name) >= _FAR_FROM and meant.startswith(name)


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
