"""Singular and plural confused, in the last word of the name, or in another one that stands in the plural.

People put a word in the plural (`themes`, `icalendars`), and rarely a coined name (`werkzeugs`): of the labelled
targets' last words, 14 of 230 such plurals of words were used and 6 of 348 of coined names.
"""

from __future__ import annotations

import string

from namehold.candidates.techniques.technique import Batches, Context, Subject, Vocabulary, typo_technique, word_class
from namehold.candidates.wordlists import load_dictionary

#: Endings in `s` that are no plural: `dangerous`, `class`, `status`, `analysis`.
_SINGULAR_ENDINGS = ("ss", "us", "is")
#: Endings after which the plural has `es`.
_HISSING = ("s", "x", "z", "ch", "sh")
_VOWELS_BEFORE_Y = frozenset("aeiou")
#: A plural has at least four letters: shorter words in `s` are initials (`aws`, `tls`).
_SHORTEST_PLURAL = 4
#: Shorter ends stand in coined names by chance (the `corns` of uvicorns).
_SHORTEST_END = 6


def singular_of(word: str) -> str | None:
    """The singular of an English plural; None for a word that is none, as far as its ending tells."""
    if len(word) < _SHORTEST_PLURAL or not word.endswith("s") or word.endswith(_SINGULAR_ENDINGS):
        return None
    if word.endswith("ies") and len(word) > _SHORTEST_PLURAL:
        return f"{word[:-3]}y"
    stem = word[:-2]
    return stem if word.endswith("es") and stem.endswith(("ss", "x", "ch", "sh")) else word[:-1]


def plural_of(word: str) -> str | None:
    """The plural of an English word; None for one in `s`, and for one in `y`: people don't come to `numpies`."""
    if word.endswith("s") or (word.endswith("y") and word[-2:-1] not in _VOWELS_BEFORE_Y):
        return None
    return f"{word}es" if word.endswith(_HISSING) else f"{word}s"


def is_word(text: str, vocabulary: Vocabulary) -> bool:
    """Whether `text` is a word or ends in one: a word of many names, or of the dictionary."""
    english = load_dictionary().words
    ends = (text[start:] for start in range(len(text) - _SHORTEST_END + 1))
    return text in vocabulary.words or text in english or any(end in english for end in ends)


def _generate(subject: Subject, context: Context) -> Batches:
    tokens = subject.tokens
    for index, token in enumerate(tokens):
        stem = token.rstrip(string.digits)
        if not stem:
            continue
        is_last = index == len(tokens) - 1
        changed, kind = singular_of(stem), "plural:drop"
        # `pythons-jose` and `googles-cloud` are no slips: a plural is put on the last word.
        if changed is None and (is_last or word_class(token, context) == "own"):
            changed, kind = plural_of(stem), "plural:add"
        if changed is not None:
            place = "plural:last-word" if is_last else "plural:inner-word"
            digits = token[len(stem) :]
            gives_word = is_word(changed, context.vocabulary)
            sense: tuple[str, ...] = ("plural:gives-word",) if gives_word else ("plural:gives-none",)
            if kind == "plural:add" and not gives_word:
                sense = (*sense, "plural:coined")
            marks = ("plural", place, "plural:before-digit" if digits else kind, *sense)
            yield marks, ("-".join((*tokens[:index], changed + digits, *tokens[index + 1 :])),)


TECHNIQUE = typo_technique("plural", "singular and plural confused", _generate)
