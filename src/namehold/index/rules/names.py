"""What the index would answer for a name, and why: every rule that can be looked up without asking it.

The order is the index's own (Warehouse's checks on a new project): shape, standard library, existing project,
prohibited list, similarity. The first that holds is the protection; a name that is protected needs nothing from us.

>>> check_names(["os"], view=None, corpus=TypoCorpus(()))[0].protection
<Protection.STDLIB: 'stdlib'>
"""

from __future__ import annotations

import string
from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from itertools import permutations

from packaging.utils import NormalizedName, canonicalize_name

from namehold.index.model import IndexProfile
from namehold.index.ports import SnapshotView
from namehold.names import are_normalized, shape_fault
from namehold.records import Record

#: How many well-known projects the index compares a new name with; ours are the most popular bundled names.
TYPO_CORPUS_SIZE = 10_000


class Availability(StrEnum):
    """What is known about a name on the index. UNKNOWN is never acted on; UNREGISTERED never means 'free'."""

    UNREGISTERED = "unregistered"
    OURS = "ours"
    TAKEN = "taken"
    FOREIGN = "foreign"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


class Protection(StrEnum):
    """Why the index would refuse the name to everyone."""

    INVALID = "invalid"
    STDLIB = "stdlib"
    SIMILAR = "similar"
    EXISTS = "exists"
    PROHIBITED = "prohibited"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class TypoFlag:
    """A background check of the index that a new name would trip: it tells the administrators, it blocks nothing."""

    check: str
    matched: NormalizedName


class NameCheck(Record, frozen=True, kw_only=True):
    """What the index would answer for a name, and why. `name` is what was asked, as it was asked."""

    name: str
    normalized: NormalizedName | None
    availability: Availability
    protection: Protection
    similar_to: tuple[NormalizedName, ...] = ()
    flagged_as: tuple[TypoFlag, ...] = ()
    reason: str = ""


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
    # A plan asks about 10,000 names, all of them normalized.
    faults: dict[str, str | None] = {} if are_normalized(asked) else {text: shape_fault(text) for text in asked}
    names = {
        text: canonicalize_name(text) if faults else NormalizedName(text) for text in asked if not faults.get(text)
    }
    listed = view.alike(list(names.values())) if view is not None else {}
    stdlib = stdlib_names() if profile is None or profile.has_stdlib_rule else frozenset()
    has_similarity_rule = profile is None or profile.has_similarity_rule
    is_complete = view is not None and view.info.complete
    checks = []
    for text in asked:
        if text not in names:
            checks.append(
                NameCheck(
                    name=text,
                    normalized=None,
                    availability=Availability.BLOCKED,
                    protection=Protection.INVALID,
                    reason=faults[text] or "",
                )
            )
            continue
        name = names[text]
        others = listed.get(name, ())
        is_listed = name in others
        if is_listed:
            others = tuple(other for other in others if other != name)
        # In the index's order; the first rule that holds is the protection.
        protection = Protection.NONE
        if name in stdlib:
            protection = Protection.STDLIB
        elif is_listed:
            protection = Protection.EXISTS
        elif name in prohibited:
            protection = Protection.PROHIBITED
        elif has_similarity_rule and others:
            protection = Protection.SIMILAR
        if is_listed:  # some projects are older than the rule that would refuse their name today
            availability = Availability.TAKEN
        elif protection is not Protection.NONE:
            availability = Availability.BLOCKED
        else:
            availability = Availability.UNREGISTERED if is_complete else Availability.UNKNOWN
        # Background checks look at new projects, so never at a name that the index refuses.
        flags = corpus.flags(name) if protection is Protection.NONE else ()
        checks.append(
            NameCheck(
                name=text,
                normalized=name,
                availability=availability,
                protection=protection,
                similar_to=others,
                flagged_as=tuple(TypoFlag(check=check, matched=NormalizedName(matched)) for check, matched in flags),
                reason=_reason(name, availability, protection, others, view),
            )
        )
    return tuple(checks)


_REASONS = {
    Protection.STDLIB: "The index refuses '{name}' to everyone: a module of Python's standard library is called so.",
    Protection.EXISTS: "'{name}' is a project on the index already; who holds it was not looked up.",
    Protection.PROHIBITED: "The index's administrators have prohibited '{name}': it is refused to everyone.",
    Protection.SIMILAR: "The index refuses '{name}' to everyone, the owner of {others} included: "
    "it reads the two as the same name.",
}


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
    if protection in _REASONS:
        return _REASONS[protection].format(name=name, others=_named(others) if others else "")
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


# Warehouse's map of keyboard and visual slips: a character of the NEW name, and what may have been meant by it.
_SLIPS: dict[str, tuple[str, ...]] = {
    row[0]: tuple(row[1:])
    for row in (
        *("12qil", "21qw3", "32we4", "43er5", "54rt6s", "65ty7", "76yu8", "87ui9", "98io0", "09op-"),
        *("q12wa", "w23esaq", "e34rdsw", "r45tfde", "t56ygfr", "y67uhti", "u78ijyv", "i189olkjuy", "o90pli", "p0-o"),
        *("aqwsz", "swdxza5", "derfcxs", "frgvcd", "gthbvf", "hyjnbg", "juikmnh", "kiolmj", "liopk1"),
        *("zasx", "xzsdc", "cxdfv", "vcfgbu", "bvghn", "nbhjm", "mnjk"),
        *("-_0p.", "_-0p.", ".-_"),
    )
}
_SLIPS |= {typed: (*_SLIPS[typed], meant) for typed, meant in {"w": "vv", "m": "rn", "-": "", "_": "", ".": ""}.items()}

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
    def _sorted(self) -> tuple[list[str], list[str]]:
        """The corpus's names, and the same read from their ends, each sorted: those with one beginning are together."""
        return sorted(self._names), sorted(name[::-1] for name in self._names)

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
        if len(name) < _MIN_OMISSION_LENGTH:
            return []
        # A name with one character more begins with the first half of this one, or ends with its second half. The index
        # tries every character in the first place, then in the second.
        middle, (forward, backward) = (len(name) + 1) // 2, self._sorted
        likely = [*_beginning(forward, name[:middle])]
        likely += [longer[::-1] for longer in _beginning(backward, name[middle:][::-1])]
        found = []
        for longer in likely:
            if len(longer) == len(name) + 1:
                at = next(at for at in range(len(longer)) if longer[at + 1 :] == name[at:])
                if longer[:at] == name[:at] and longer[at] in _INSERTED:
                    found.append((at, _INSERTED.index(longer[at]), longer))
        return [longer for _, _, longer in sorted(found)]

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


def _beginning(names: Sequence[str], start: str) -> Sequence[str]:
    """Those of sorted names that begin so; each character of a name is below U+007F."""
    return names[bisect_left(names, start) : bisect_left(names, f"{start}\x7f")]
