"""A key hit beside the right one, instead of it or together with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from namehold.candidates.techniques.keyboard import NEIGHBOURS, VOWELS
from namehold.candidates.techniques.technique import (
    Batches,
    Context,
    Subject,
    indices_by_place,
    typo_technique,
)

#: The letters whose keys touch a key, but no vowel for a vowel, which is a technique of its own.
_INSTEAD = {
    letter: "".join(key for key in keys if not (key in VOWELS and letter in VOWELS))
    for letter, keys in NEIGHBOURS.items()
}
#: What is typed where two keys are hit together.
_TOGETHER = {
    letter: [pair for key in keys for pair in (letter + key, key + letter)] for letter, keys in NEIGHBOURS.items()
}


def _generate(subject: Subject, context: Context) -> Batches:  # noqa: ARG001 -- one shape for all techniques
    text = subject.text
    for place, indices in indices_by_place(subject.places).items():
        for kind, typed in (("neighbouring-key:instead", _INSTEAD), ("neighbouring-key:together", _TOGETHER)):
            yield ("neighbouring-key", place, kind), _type(text, indices, typed)


def _type(text: str, indices: Iterable[int], typed: Mapping[str, Iterable[str]]) -> Iterator[str]:
    for index in indices:
        before, behind = text[:index], text[index + 1 :]
        for keys in typed.get(text[index], ()):
            yield before + keys + behind


TECHNIQUE = typo_technique("neighbouring-key", "a key beside the right one", _generate, many=True)
