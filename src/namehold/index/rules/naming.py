"""What the index would answer for a name, and why: every rule that can be looked up without asking it.

The order is the index's own (Warehouse's checks on a new project): shape, standard library, existing project,
prohibited list, similarity. The first that holds is the protection; a name that is protected needs nothing from us.
"""

from __future__ import annotations

import string
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import permutations

from packaging.utils import NormalizedName, canonicalize_name

from namehold.index.model import Availability, IndexProfile, NameCheck, Protection, TypoFlag
from namehold.index.ports import SnapshotView
from namehold.names import normalize, shape_fault

#: How many well-known projects the index compares a new name with; ours are the most popular bundled names.
TYPO_CORPUS_SIZE = 10_000


def check_names(
    asked: Sequence[str],
    *,
    view: SnapshotView | None,
    corpus: TypoCorpus,
    prohibited: Collection[NormalizedName] = (),
    profile: IndexProfile | None = None,
) -> tuple[NameCheck, ...]:
    """One answer for each of `asked`, in the same order.

    `view` is the index's list of names; None if there is none. `corpus` approximates what the index's typo checks
    compare with. `prohibited` are names that the caller knows to be prohibited: the index publishes no such list, so
    without it a prohibited name reads as unregistered. `profile` says which rules the index has; None: the public
    index's, all of them.
    """
    rules = _Rules(
        stdlib=profile is None or profile.has_stdlib_rule,
        similarity=profile is None or profile.has_similarity_rule,
        prohibited=frozenset(prohibited),
        is_complete=view is not None and view.info.complete,
    )
    faults = {text: shape_fault(text) for text in asked}
    names = {text: normalize(text) for text, fault in faults.items() if fault is None}
    listed = view.existing(list(names.values())) if view is not None else frozenset()
    similar = view.similar(list(names.values())) if view is not None else {}
    checks = []
    for text in asked:
        fault = faults[text]
        if fault is not None:
            checks.append(_invalid(text, fault))
            continue
        name = names[text]
        others = similar.get(name, ())
        protection = rules.protection(name, is_listed=name in listed, others=others)
        availability = rules.availability(protection, is_listed=name in listed)
        checks.append(
            NameCheck(
                name=text,
                normalized=name,
                availability=availability,
                protection=protection,
                similar_to=others,
                flagged_as=_flags(name, corpus) if protection is Protection.NONE else (),
                reason=_reason(name, availability, protection, others, view),
            )
        )
    return tuple(checks)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    """What this index refuses, as far as it is public."""

    stdlib: bool
    similarity: bool
    prohibited: frozenset[NormalizedName]
    is_complete: bool

    def protection(self, name: NormalizedName, *, is_listed: bool, others: Sequence[NormalizedName]) -> Protection:
        if self.stdlib and is_stdlib(name):
            return Protection.STDLIB
        if is_listed:
            return Protection.EXISTS
        if name in self.prohibited:
            return Protection.PROHIBITED
        if self.similarity and others:
            return Protection.SIMILAR
        return Protection.NONE

    def availability(self, protection: Protection, *, is_listed: bool) -> Availability:
        if is_listed:  # some projects are older than the rule that would refuse their name today
            return Availability.TAKEN
        if protection is not Protection.NONE:
            return Availability.BLOCKED
        return Availability.UNREGISTERED if self.is_complete else Availability.UNKNOWN


def _flags(name: NormalizedName, corpus: TypoCorpus) -> tuple[TypoFlag, ...]:
    """What the index's background checks would say: they look at new projects, so never at a name it refuses."""
    return tuple(TypoFlag(check=check, matched=NormalizedName(matched)) for check, matched in corpus.flags(name))


def _invalid(text: str, fault: str) -> NameCheck:
    return NameCheck(
        name=text,
        normalized=None,
        availability=Availability.BLOCKED,
        protection=Protection.INVALID,
        reason=fault,
    )


def _reason(
    name: NormalizedName,
    availability: Availability,
    protection: Protection,
    others: Sequence[NormalizedName],
    view: SnapshotView | None,
) -> str:
    """One plain sentence."""
    if protection is Protection.STDLIB and availability is Availability.TAKEN:
        return (
            f"'{name}' is a project on the index already, older than the rule that refuses "
            "names of standard-library modules."
        )
    if protection is Protection.STDLIB:
        return f"The index refuses '{name}' to everyone: a module of Python's standard library is called so."
    if protection is Protection.EXISTS:
        return f"'{name}' is a project on the index already; who holds it was not looked up."
    if protection is Protection.PROHIBITED:
        return f"The index's administrators have prohibited '{name}': it is refused to everyone."
    if protection is Protection.SIMILAR:
        return (
            f"The index refuses '{name}' to everyone, the owner of {_named(others)} included: "
            "it reads the two as the same name."
        )
    if availability is Availability.UNREGISTERED:
        return (
            f"'{name}' is not in the index's list of names; "
            "it may still be prohibited, which only an upload or the administrators can tell."
        )
    if view is None:
        return f"Without a list of the index's names it isn't known whether '{name}' is registered."
    return f"'{name}' is not in the list at hand, but that list isn't complete, so it may be registered."


def _named(others: Sequence[NormalizedName]) -> str:
    first = f"'{others[0]}'"
    return first if len(others) == 1 else f"{first} and {len(others) - 1} more"


@cache
def stdlib_names() -> frozenset[NormalizedName]:
    """Names that the index refuses because a module of some Python version's standard library is called so.

    Every dotted prefix of every module counts, without `-_.` at its ends (`_bootlocale` forbids `bootlocale`), after
    PEP 503 (`os.path` forbids `os-path`). The similarity key plays no part: `js0n` is accepted.
    Source: Warehouse, which builds its list from the same library, `stdlib-list`.
    """
    from stdlib_list import short_versions, stdlib_list  # noqa: PLC0415 -- start-up time

    modules = {module for version in short_versions for module in stdlib_list(version)}
    prefixes = {".".join(parts[:end]) for parts in (m.split(".") for m in modules) for end in range(1, len(parts) + 1)}
    return frozenset(canonicalize_name(prefix.strip("-_.")) for prefix in prefixes)


def is_stdlib(name: NormalizedName) -> bool:
    """Whether the index refuses `name` as a module of the standard library."""
    return name in stdlib_names()


# Warehouse's map of keyboard and visual slips: for a character of the NEW name, what may have been meant by it.
_SLIPS: dict[str, Iterable[str]] = {
    "1": "2qil",
    "2": "1qw3",
    "3": "2we4",
    "4": "3er5",
    "5": "4rt6s",
    "6": "5ty7",
    "7": "6yu8",
    "8": "7ui9",
    "9": "8io0",
    "0": "9op-",
    "q": "12wa",
    "w": (*"23esaq", "vv"),
    "e": "34rdsw",
    "r": "45tfde",
    "t": "56ygfr",
    "y": "67uhti",
    "u": "78ijyv",
    "i": "189olkjuy",
    "o": "90pli",
    "p": "0-o",
    "a": "qwsz",
    "s": "wdxza5",
    "d": "erfcxs",
    "f": "rgvcd",
    "g": "thbvf",
    "h": "yjnbg",
    "j": "uikmnh",
    "k": "iolmj",
    "l": "iopk1",
    "z": "asx",
    "x": "zsdc",
    "c": "xdfv",
    "v": "cfgbu",
    "b": "vghn",
    "n": "bhjm",
    "m": (*"njk", "rn"),
    "-": (*"_0p.", ""),
    "_": (*"-0p.", ""),
    ".": (*"-_", ""),
}

#: What `omitted_characters` inserts, in the order in which it tries.
_INSERTED = string.ascii_lowercase + "1234567890.-_"
_MIN_OMISSION_LENGTH = 4
_MAX_SWAPPED_WORDS = 8


class TypoCorpus:
    """The index's background checks of a new name against well-known ones.

    After a project is created, Warehouse compares its name with the 10,000 most depended-on projects and tells the
    administrators; it blocks nothing. Which 10,000 those are isn't public: the bundled popular names stand in for them,
    so an answer is an approximation. The checks themselves are Warehouse's, oddities included: a name of the corpus
    with a doubled letter counts as `swapped_characters` of itself.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)

    def flags(self, name: str) -> tuple[tuple[str, str], ...]:
        """(check, matched name) of the first check that `name` trips, as the index reports it; empty if none.

        The index asks with the normalized name. It stops at its first hit, so there is never more than one.
        """
        if not self._names:
            return ()
        checks = (
            ("repeated_characters", self._repeated_characters),
            ("omitted_characters", self._omitted_characters),
            ("swapped_characters", self._swapped_characters),
            ("swapped_words", self._swapped_words),
            ("common_typos", self._common_typos),
        )
        for check, meant_by in checks:
            tried = meant_by(name)
            if not self._names.isdisjoint(tried):
                return ((check, next(meant for meant in tried if meant in self._names)),)
        return ()

    @cached_property
    def _with_one_omission(self) -> frozenset[str]:
        """Every name of the corpus with one character left out: says at once that inserting one leads nowhere."""
        return frozenset(name[:at] + name[at + 1 :] for name in self._names for at in range(len(name)))

    @cached_property
    def _by_words(self) -> dict[tuple[str, ...], tuple[str, ...]]:
        """The names of two to eight words by their sorted words: spares trying up to 40,320 orders."""
        groups: dict[tuple[str, ...], tuple[str, ...]] = {}
        for name in self._names:
            if "-" in name:
                key = tuple(sorted(name.split("-")))
                groups[key] = (*groups.get(key, ()), name)
        return groups

    @staticmethod
    def _repeated_characters(name: str) -> list[str]:
        return [name[:at] + name[at + 1 :] for at in range(len(name) - 1) if name[at] == name[at + 1]]

    def _omitted_characters(self, name: str) -> list[str]:
        if len(name) < _MIN_OMISSION_LENGTH or name not in self._with_one_omission:
            return []
        return [name[:at] + character + name[at:] for at in range(len(name) + 1) for character in _INSERTED]

    @staticmethod
    def _swapped_characters(name: str) -> list[str]:
        return [name[:at] + name[at + 1] + name[at] + name[at + 2 :] for at in range(len(name) - 1)]

    def _swapped_words(self, name: str) -> list[str]:
        words = name.split("-")
        if not 1 < len(words) <= _MAX_SWAPPED_WORDS:
            return []
        others = [other for other in self._by_words.get(tuple(sorted(words)), ()) if other != name]
        if len(others) <= 1:
            return others
        return [order for order in map("-".join, permutations(words)) if order != name]

    @staticmethod
    def _common_typos(name: str) -> list[str]:
        return [name[:at] + meant + name[at + 1 :] for at, typed in enumerate(name) for meant in _SLIPS.get(typed, ())]
