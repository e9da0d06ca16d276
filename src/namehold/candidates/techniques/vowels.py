"""A vowel taken for another.

The first syllable of a word is heard best and hardly ever got wrong: of the popular labelled targets' names with a
vowel exchanged, 1 of 2,393 was used where it is the word's first, as rarely as with any other letter, to which they are
left (`other_letters.py`). Behind it 21 of 3,933 were used: 11 of 1,004 whose new vowel stands in a syllable beside it,
too (`pysereal`), and 10 of 2,929 others.
"""

from __future__ import annotations

from functools import cache

from namehold.candidates.techniques.keyboard import VOWELS
from namehold.candidates.techniques.technique import KEPT, Batches, Context, Marks, Subject, typo_technique

_IN_ORDER = "aeiouy"
#: By vowel: each other one.
OTHER_VOWELS = {letter: _IN_ORDER.replace(letter, "") for letter in _IN_ORDER}
#: How rarely two letters follow each other.
_RARENESS = {often: rareness for rareness, often in enumerate(("often", "sometimes", "rarely", "never"))}


def is_first_syllable(before: str) -> bool:
    """Whether no vowel stands in a word before what follows `before`; the `y` that begins a word is none (yaml)."""
    return VOWELS.isdisjoint(before.rpartition("-")[2].lstrip("y"))


def _generate(subject: Subject, context: Context) -> Batches:
    text = subject.text
    bigrams = context.vocabulary.bigrams
    indices = [index for index, letter in enumerate(text) if letter in VOWELS]
    # Of each vowel the one before it and the one behind it.
    vowels = ["", *map(text.__getitem__, indices), ""]
    for index, *around in zip(indices, vowels, vowels[2:], strict=False):
        place, before, behind = subject.places[index], text[:index], text[index + 1 :]
        if place == KEPT or is_first_syllable(before):
            continue
        # At the end of the name there are no two letters: nothing is rare there.
        left, right, without_right = before[-1], behind[:1], "never" if behind else "often"
        for vowel in OTHER_VOWELS[text[index]]:
            fits = bigrams.get(left + vowel, "never"), bigrams.get(vowel + right, without_right)
            yield _marks(place, text[index], vowel, *fits, is_echo=vowel in around), (before + vowel + behind,)


@cache
def _marks(place: str, letter: str, vowel: str, *fits: str, is_echo: bool) -> Marks:
    pair = "".join(sorted(letter + vowel))
    rarest = max(map(_RARENESS.__getitem__, fits))
    echo = ("vowel:echo",) if is_echo else ()
    return ("vowel", place, f"vowel:to-{vowel}", f"vowel:pair-{pair}", f"vowel:fit-{rarest}", *echo)


TECHNIQUE = typo_technique("vowel", "a vowel taken for another", _generate)
