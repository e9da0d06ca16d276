"""What the index would answer for a name, and why: every rule that can be looked up without asking it.

The order is the index's own (Warehouse's checks on a new project): shape, standard library, existing project,
prohibited list, similarity. The first that holds is the protection; a name that is protected needs nothing from us.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from packaging.utils import NormalizedName

from namehold.models import Availability, IndexProfile, NameCheck, Protection, TypoFlag
from namehold.names import TypoCorpus, is_stdlib, normalize, shape_fault
from namehold.ports import SnapshotView

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
    """What this index refuses, as far as anybody outside can know."""

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
        return f"Without a list of the index's names nobody can say here whether '{name}' is registered."
    return f"'{name}' is not in the list at hand, but that list isn't complete, so it may be registered."


def _named(others: Sequence[NormalizedName]) -> str:
    first = f"'{others[0]}'"
    return first if len(others) == 1 else f"{first} and {len(others) - 1} more"
