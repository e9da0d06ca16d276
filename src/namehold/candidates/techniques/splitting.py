"""Words that a name runs together, written apart: `django-rest-framework` for djangorestframework."""

from __future__ import annotations

from collections.abc import Mapping

from namehold.candidates.techniques.technique import WHOLE, Batches, Context, Subject, combo_technique, word_class

#: Shorter strings are one word.
_SHORTEST = 6
#: Longer ones are several words, even if many names bear them (djangorestframework).
_LONGEST_WORD = 14


def split_words(token: str, words: Mapping[str, float]) -> tuple[str, ...]:
    """The likeliest way to read `token` as known words; `token` itself where there is none, or it is one.

    `words` are natural logarithms of frequencies. Of all ways the one of the largest sum wins (dynamic programming).
    """
    return (token,) if token in words else compound(token, words)


def compound(token: str, words: Mapping[str, float]) -> tuple[str, ...]:
    """The known words that `token` is made of, even if it is known as a whole (sqlalchemy); else `token` itself."""
    if len(token) < _SHORTEST:
        return (token,)
    # By each end that words lead to: the best way there.
    best: dict[int, tuple[float, tuple[str, ...]]] = {0: (0.0, ())}
    for start in range(len(token)):
        if start in best:
            sum_of_logs, before = best[start]
            for end in range(start + 1, min(start + _LONGEST_WORD, len(token)) + 1):
                word = token[start:end]
                if word in words and word != token:
                    way = (sum_of_logs + words[word], (*before, word))
                    best[end] = max(best.get(end, way), way)
    return best[len(token)][1] if len(token) in best else (token,)


def _generate(subject: Subject, context: Context) -> Batches:
    known = context.vocabulary.words
    words = [word for token in subject.tokens for word in split_words(token, known)]
    if len(words) > len(subject.tokens):
        yield ("splitting", "splitting:whole"), ("-".join(words),)
        if word_class(words[0], context) in {"python", "namespace", "family"}:
            yield ("splitting", "splitting:without-head"), ("-".join(words[1:]),)
        return
    # What is no known word wasn't parted above.
    parts = [word for token in subject.tokens for word in (compound(token, known) if token in known else (token,))]
    if len(parts) > len(subject.tokens):
        yield ("splitting", "splitting:compound"), ("-".join(parts),)


TECHNIQUE = combo_technique("splitting", "words written apart", _generate, subjects=WHOLE)
