"""Two slips in one name: rare one by one (1 in 10,000), so made only where the list has room for them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations_with_replacement, pairwise

from namehold.candidates.techniques.technique import SURFACES, Batches, Context, Subject, typo_technique

#: For longer names the pairs would be too many.
_LONGEST = 30


def _omissions(text: str) -> Iterator[str]:
    return (text[:index] + text[index + 1 :] for index, letter in enumerate(text) if not letter.isdigit())


def _doublings(text: str) -> Iterator[str]:
    return (text[: index + 1] + text[index:] for index, letter in enumerate(text) if not letter.isdigit())


def _transpositions(text: str) -> Iterator[str]:
    return (
        text[:index] + right + left + text[index + 2 :]
        for index, (left, right) in enumerate(pairwise(text))
        if not (left.isdigit() or right.isdigit())
    )


_SLIPS = {"omission": _omissions, "doubling": _doublings, "transposition": _transpositions}


def _generate(subject: Subject, context: Context) -> Batches:  # noqa: ARG001 -- one shape for all techniques
    text = subject.text
    if len(text) > _LONGEST:
        return
    for one, other in combinations_with_replacement(_SLIPS, 2):
        yield ("two-edits", f"two-edits:{one}+{other}"), _pairs(text, one, other)


def _pairs(text: str, one: str, other: str) -> Iterator[str]:
    seen = {text}
    for between in _SLIPS[one](text):
        for name in _SLIPS[other](between):
            if name not in seen:
                seen.add(name)
                yield name


TECHNIQUE = typo_technique("two-edits", "two slips at once", _generate, subjects=SURFACES | {"project"}, many=True)
