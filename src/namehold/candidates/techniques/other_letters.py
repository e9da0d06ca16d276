"""Any other single letter put in or exchanged: each one rare, together a good part of one-edit attacks.

A vowel of a word's first syllable is taken for another one as rarely.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from namehold.candidates.techniques.keyboard import LETTERS, NEIGHBOURS, VOWELS
from namehold.candidates.techniques.technique import (
    Batches,
    Context,
    Subject,
    indices_by_place,
    typo_technique,
)
from namehold.candidates.techniques.vowels import OTHER_VOWELS, is_first_syllable


@cache
def _far_from(left: str, right: str) -> str:
    """The letters that aren't beside the keys that they are put between."""
    near = NEIGHBOURS.get(left, "") + left + NEIGHBOURS.get(right, "") + right
    return "".join(letter for letter in LETTERS if letter not in near)


@cache
def _instead_of(right: str) -> str:
    """The letters that are taken for another one, but a vowel for a vowel and near keys: techniques of their own."""
    if right not in NEIGHBOURS:
        return ""
    others = (letter for letter in LETTERS if letter != right and letter not in NEIGHBOURS[right])
    return "".join(letter for letter in others if not (letter in VOWELS and right in VOWELS))


def _generate(subject: Subject, context: Context) -> Batches:  # noqa: ARG001 -- one shape for all techniques
    text = subject.text
    for place, indices in indices_by_place((*subject.places, "at-end")).items():
        yield ("other-letter", place, "other-letter:more"), _put_in(text, indices)
        yield ("other-letter", place, "other-letter:instead"), _exchange(text, indices)


def _put_in(text: str, indices: Iterable[int]) -> Iterator[str]:
    for index in indices:
        before, behind = text[:index], text[index:]
        for letter in _far_from(before[-1:], behind[:1]):
            yield before + letter + behind


def _exchange(text: str, indices: Iterable[int]) -> Iterator[str]:
    for index in indices:
        old, before, behind = text[index : index + 1], text[:index], text[index + 1 :]
        letters = _instead_of(old)
        if old in OTHER_VOWELS and is_first_syllable(before):
            letters += OTHER_VOWELS[old]
        for letter in letters:
            yield before + letter + behind


TECHNIQUE = typo_technique("other-letter", "another letter put in or exchanged", _generate, many=True)
