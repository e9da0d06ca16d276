"""A vowel taken for another.

The first syllable of a word is heard best and hardly ever got wrong: of the popular labelled targets' names with a
vowel exchanged, 1 of 2,393 was used where it is the word's first, as rarely as with any other letter, to which they are
left (`other_letters.py`). Behind it 21 of 3,933 were used: 11 of 1,004 whose new vowel stands in a syllable beside it,
too (`pysereal`), and 10 of 2,929 others; 9 of 556 whose new vowel is `e` (`certefi`), and 2 of 956 where one of the two
is `y` (`pycripto`). So few tell no more apart: which vowel for which, and how well it goes with its neighbours, taught
one target's names and promised too much for the next one's.
"""

from __future__ import annotations

from functools import cache

from namehold.candidates.techniques.keyboard import VOWELS
from namehold.candidates.techniques.technique import KEPT, Batches, Context, Marks, Subject, typo_technique

_IN_ORDER = "aeiouy"
#: By vowel: each other one.
OTHER_VOWELS = {letter: _IN_ORDER.replace(letter, "") for letter in _IN_ORDER}


def is_first_syllable(before: str) -> bool:
    """Whether no vowel stands in a word before what follows `before`; the `y` that begins a word is none (yaml)."""
    return VOWELS.isdisjoint(before.rpartition("-")[2].lstrip("y"))


def _generate(subject: Subject, context: Context) -> Batches:  # noqa: ARG001 -- one shape for all techniques
    text = subject.text
    indices = [index for index, letter in enumerate(text) if letter in VOWELS]
    # Of each vowel the one before it and the one behind it.
    vowels = ["", *map(text.__getitem__, indices), ""]
    for index, *around in zip(indices, vowels, vowels[2:], strict=False):
        place, letter, before, behind = subject.places[index], text[index], text[:index], text[index + 1 :]
        if place == KEPT or is_first_syllable(before):
            continue
        for vowel in OTHER_VOWELS[letter]:
            yield _marks(place, letter, vowel, _ECHO[vowel in around]), (before + vowel + behind,)


#: The mark of a vowel that stands in a syllable beside it, too; of others none.
_ECHO = ("", "vowel:echo")


@cache
def _marks(place: str, letter: str, vowel: str, echo: str) -> Marks:
    marks = ["vowel", place]
    if vowel == "e":
        marks.append("vowel:to-e")
    if "y" in (letter, vowel):
        marks.append("vowel:with-y")
    if echo:
        marks.append(echo)
    return tuple(marks)


TECHNIQUE = typo_technique("vowel", "a vowel taken for another", _generate)
