"""The words of a name in another order."""

from __future__ import annotations

from namehold.candidates.techniques.technique import SURFACES, Batches, Context, Subject, combo_technique

_MOST_WORDS = 8


def _generate(subject: Subject, context: Context) -> Batches:  # noqa: ARG001 -- one shape for all techniques
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


TECHNIQUE = combo_technique("word-order", "the words in another order", _generate, subjects=SURFACES | {"project"})
