"""A vowel taken for another."""

from __future__ import annotations

from functools import cache

from namehold.candidates.techniques.technique import Batches, Context, Marks, Subject, typo_technique

_IN_ORDER = "aeiouy"
#: By vowel: each other one.
_OTHERS = {letter: _IN_ORDER.replace(letter, "") for letter in _IN_ORDER}
#: How rarely two letters follow each other.
_RARENESS = {often: rareness for rareness, often in enumerate(("often", "sometimes", "rarely", "never"))}


def _generate(subject: Subject, context: Context) -> Batches:
    text = subject.text
    bigrams = context.vocabulary.bigrams
    for index, (letter, place) in enumerate(zip(text, subject.places, strict=True)):
        if letter in _OTHERS:
            before, behind = text[:index], text[index + 1 :]
            left, right = before[-1:], behind[:1]
            # At an end of the name there are no two letters: nothing is rare there.
            without_left, without_right = "never" if left else "often", "never" if right else "often"
            for vowel in _OTHERS[letter]:
                fit, fit_behind = bigrams.get(left + vowel, without_left), bigrams.get(vowel + right, without_right)
                yield _marks(place, letter, vowel, fit, fit_behind), (before + vowel + behind,)


@cache
def _marks(place: str, letter: str, vowel: str, *fits: str) -> Marks:
    pair = "".join(sorted(letter + vowel))
    rarest = max(map(_RARENESS.__getitem__, fits))
    return ("vowel", place, f"vowel:to-{vowel}", f"vowel:pair-{pair}", f"vowel:fit-{rarest}")


TECHNIQUE = typo_technique("vowel", "a vowel taken for another", _generate)
