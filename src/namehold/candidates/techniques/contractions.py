"""Words cut short: `sklearn` for scikit-learn, `hf-hub` for huggingface-hub, initials, consonants."""

from __future__ import annotations

from namehold.candidates.techniques.keyboard import VOWELS
from namehold.candidates.techniques.splitting import compound
from namehold.candidates.techniques.technique import SURFACES, Batches, Context, Subject, combo_technique

#: Fewer letters don't stand for one project.
_LEAST_INITIALS = 3


def _generate(subject: Subject, context: Context) -> Batches:
    first, *others = subject.tokens
    consonants = first[0] + "".join(letter for letter in first[1:] if letter not in VOWELS)
    if not others:
        if len(consonants) >= _LEAST_INITIALS:
            yield ("contraction", "contraction:consonants"), (consonants,)
        return
    if len(subject.tokens) >= _LEAST_INITIALS:
        yield ("contraction", "contraction:initials"), ("".join(token[0] for token in subject.tokens),)
    parts = compound(first, context.vocabulary.words)
    if len(parts) > 1:
        # People cut a first word short only to the initials of its parts: scikit to sk, huggingface to hf.
        initials = "".join(part[0] for part in parts)
        yield ("contraction", "contraction:first-word", "contraction:glued"), (initials + "".join(others),)
        yield ("contraction", "contraction:first-word", "contraction:dashed"), ("-".join((initials, *others)),)


TECHNIQUE = combo_technique("contraction", "words cut short", _generate, subjects=SURFACES | {"project"})
