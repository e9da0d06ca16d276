"""One letter left out: the commonest slip of the keyboard (Pollock and Zamora 1983).

Sounds that come twice are dropped most easily (haplology): `sqlachemy` for sqlalchemy.
"""

from __future__ import annotations

from functools import cache

from namehold.candidates.techniques.keyboard import KINDS_OF_KEY
from namehold.candidates.techniques.technique import KEPT, Batches, Context, Marks, Subject, typo_technique


def _generate(subject: Subject, context: Context) -> Batches:
    text = subject.text
    bigrams = context.vocabulary.bigrams
    # Of each letter: what stands before and behind it, and one further; a space where that is nothing.
    befores, behinds = f" {text}", f"{text[1:]} "
    echoes = zip(f"  {text}", f"{text[2:]}  ", strict=False)
    around = zip(text, befores, behinds, echoes, subject.places, strict=False)
    for index, (letter, before, behind, echo, place) in enumerate(around):
        if letter != before and place != KEPT:  # either of two equal letters may be dropped: one name
            kind = "doubled" if letter == behind else KINDS_OF_KEY[letter]
            marks = _marks(place, kind, bigrams.get(before + behind, "edge"), _ECHO[letter in echo])
            yield marks, (text[:index] + text[index + 1 :],)
    for index in range(len(text) - 3):
        if text[index : index + 2] == text[index + 2 : index + 4]:
            yield ("omission", "omission:syllable"), (text[:index] + text[index + 2 :],)


#: The mark of a letter that stands a second time beside its neighbour; of others none.
_ECHO = ("", "omission:echo")


@cache
def _marks(place: str, kind: str, pair: str, echo: str) -> Marks:
    marks = ("omission", place, f"omission:{kind}", f"omission:then-{pair}")
    return (*marks, echo) if echo else marks


TECHNIQUE = typo_technique("omission", "a letter left out", _generate)
