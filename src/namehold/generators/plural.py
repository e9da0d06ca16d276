"""Singular for plural and the other way round, in any word of the name."""

from __future__ import annotations

from collections.abc import Iterator

from namehold.generators.technique import Context, Draft, Subject, Technique
from namehold.models import NameClass


def _generate(subject: Subject, context: Context) -> Iterator[Draft]:  # noqa: ARG001 -- one shape for all techniques
    tokens = subject.tokens
    for index, token in enumerate(tokens):
        place = "plural:last-word" if index == len(tokens) - 1 else "plural:inner-word"
        if token[-1].isdigit():
            changed, kind = token.rstrip("0123456789") + "s" + token[len(token.rstrip("0123456789")) :], "digit"
        elif token.endswith("s"):
            changed, kind = token[:-1], "drop"
        else:
            changed, kind = token + "s", "add"
        if changed:
            yield "-".join((*tokens[:index], changed, *tokens[index + 1 :])), ("plural", place, f"plural:{kind}")


TECHNIQUE = Technique(name="plural", title="singular for plural", name_class=NameClass.TYPO, generate=_generate)
