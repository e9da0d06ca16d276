"""A vowel taken for another."""

from __future__ import annotations

from namehold.candidates.techniques.technique import Batches, Context, Subject, place_marks, typo_technique

_IN_ORDER = "aeiouy"
#: By vowel: each other one, with the marks of taking it for that.
_OTHERS = {
    letter: tuple(
        (vowel, f"vowel:to-{vowel}", f"vowel:pair-{''.join(sorted(letter + vowel))}")
        for vowel in _IN_ORDER
        if vowel != letter
    )
    for letter in _IN_ORDER
}
#: How rarely two letters follow each other, as marks; the rarer, the later in the alphabet.
_FITS = {often: f"vowel:fit-{rareness}" for rareness, often in enumerate(("often", "sometimes", "rarely", "never"))}


def _generate(subject: Subject, context: Context) -> Batches:
    text = subject.text
    places = place_marks(subject, context)
    bigrams = context.vocabulary.bigrams
    for index, letter in enumerate(text):
        if letter in _OTHERS:
            place, before, behind = places[index], text[:index], text[index + 1 :]
            left, right = before[-1:], behind[:1]
            # At an end of the name there are no two letters: nothing is rare there.
            without_left, without_right = "never" if left else "often", "never" if right else "often"
            for vowel, to, pair in _OTHERS[letter]:
                fit = _FITS[bigrams.get(left + vowel, without_left)]
                fit_behind = _FITS[bigrams.get(vowel + right, without_right)]
                fit = max(fit, fit_behind)
                yield ("vowel", place, to, pair, fit), (before + vowel + behind,)


TECHNIQUE = typo_technique("vowel", "a vowel taken for another", _generate)
