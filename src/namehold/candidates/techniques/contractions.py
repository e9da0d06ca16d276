"""Words cut short: `sklearn` for scikit-learn, the initials of all words, the consonants alone."""

from __future__ import annotations

from namehold.candidates.techniques.keyboard import VOWELS
from namehold.candidates.techniques.technique import SURFACES, Batches, Context, Subject, combo_technique, word_class

#: Fewer letters don't stand for one project.
_LEAST_INITIALS = 3
_HEAD_LENGTHS = (1, 2, 3)


def _generate(subject: Subject, context: Context) -> Batches:
    first, *others = subject.tokens
    consonants = first[0] + "".join(letter for letter in first[1:] if letter not in VOWELS)
    if not others:
        if len(consonants) >= _LEAST_INITIALS:
            yield ("contraction", "contraction:consonants"), (consonants,)
        return
    if len(subject.tokens) >= _LEAST_INITIALS:
        yield ("contraction", "contraction:initials"), ("".join(token[0] for token in subject.tokens),)
    rest = "".join(others)
    kind = f"contraction:cuts-{word_class(first, context)}"
    for length in _HEAD_LENGTHS:
        if length < len(first):
            yield ("contraction", f"contraction:first-word-to-{length}", kind), (first[:length] + rest,)
    # Two consonants stand for the first word: the first and a later one, not the second, which is a beginning.
    for place, letters in (("inner", consonants[2:-1]), ("last", consonants[2:][-1:])):
        marks = ("contraction", f"contraction:first-word-to-{place}-consonant", kind)
        yield marks, (consonants[0] + letter + rest for letter in letters)


TECHNIQUE = combo_technique("contraction", "words cut short", _generate, subjects=SURFACES | {"project"})
