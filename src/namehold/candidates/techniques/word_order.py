"""The words of a name in another order."""

from __future__ import annotations

from collections.abc import Iterator

from namehold.candidates.techniques.technique import SURFACES, Batch, Context, Subject, Technique
from namehold.portfolio import NameClass

_MOST_WORDS = 8


def _generate(subject: Subject, context: Context) -> Iterator[Batch]:  # noqa: ARG001 -- one shape for all techniques
    tokens = subject.tokens
    count = len(tokens)
    if not 1 < count <= _MOST_WORDS:
        return
    pair = f"word-order:of-{min(count, 3)}"
    for index in range(count - 1):
        swapped = (*tokens[:index], tokens[index + 1], tokens[index], *tokens[index + 2 :])
        yield ("word-order", pair), ("-".join(swapped),)
    if count > 2:  # noqa: PLR2004 -- with two words, turning is swapping
        yield ("word-order", "word-order:turned"), ("-".join((*tokens[1:], tokens[0])),)
        yield ("word-order", "word-order:turned"), ("-".join((tokens[-1], *tokens[:-1])),)


TECHNIQUE = Technique(
    name="word-order",
    title="the words in another order",
    name_class=NameClass.TYPO,
    generate=_generate,
    subjects=SURFACES | {"project"},
)
