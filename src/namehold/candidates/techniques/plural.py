"""Singular for plural and the other way round, in any word of the name."""

from __future__ import annotations

import string

from namehold.candidates.techniques.technique import Batches, Context, Subject, typo_technique


def _generate(subject: Subject, context: Context) -> Batches:  # noqa: ARG001 -- one shape for all techniques
    tokens = subject.tokens
    for index, token in enumerate(tokens):
        stem = token.rstrip(string.digits)
        if not stem:
            continue
        if stem != token:
            changed, kind = f"{stem}s{token[len(stem) :]}", "plural:before-digit"
        elif token.endswith("s"):
            changed, kind = token[:-1], "plural:drop"
        else:
            changed, kind = f"{token}s", "plural:add"
        place = "plural:last-word" if index == len(tokens) - 1 else "plural:inner-word"
        yield ("plural", place, kind), ("-".join((*tokens[:index], changed, *tokens[index + 1 :])),)


TECHNIQUE = typo_technique("plural", "singular for plural", _generate)
