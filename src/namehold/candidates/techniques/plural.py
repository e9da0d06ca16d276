"""Singular and plural confused, in the last word of the name, or in another one that stands in the plural.

People put a word in the plural, the more so if names bear its plural (`themes`, `dateutils`), and rarely a coined name
(`werkzeugs`): of the labelled targets' last words, 7 of 56 plurals that many names bear were used, 10 of 179 others
that the dictionary has (`icalendars`), and 4 of 341 of coined names. That many names bear a form counts for the last
word only: of 19 other words with such a form none was used.
"""

from __future__ import annotations

import math

from namehold.candidates.techniques.digits import without_version
from namehold.candidates.techniques.keyboard import VOWELS
from namehold.candidates.techniques.technique import Batches, Context, Subject, Vocabulary, typo_technique, word_class
from namehold.candidates.wordlists import load_dictionary

#: Endings in `s` that are no plural: `dangerous`, `class`, `status`, `analysis`.
_SINGULAR_ENDINGS = ("ss", "us", "is")
#: Endings after which the plural has `es`.
_HISSING = ("s", "x", "z", "ch", "sh")
#: A word of which there is a plural has at least three letters behind its last digit (`ai`, the `k` of `newspaper3k`).
_SHORTEST_WORD = 3
#: Shorter ends stand in coined names by chance (the `corns` of uvicorns); words of names are fewer (`utils`).
_SHORTEST_END, _SHORTEST_END_OF_NAMES = 6, 5


def singular_of(word: str, vocabulary: Vocabulary) -> str | None:
    """The singular of an English plural; None for a word that is none, as far as its ending tells.

    Of a word in `-ies` it is the known word, if there is one: `country`, `movie`, none of `series`.
    """
    if not word.endswith("s") or word.endswith(_SINGULAR_ENDINGS) or _is_short(word[:-1]) or VOWELS.isdisjoint(word):
        return None
    if word.endswith("ies") and not _is_short(word[:-2]):
        known = (text for text in (f"{word[:-3]}y", word[:-1]) if sense_of(text, vocabulary) != "none")
        return max(known, key=lambda text: vocabulary.words.get(text, -math.inf), default=None)
    stem = word[:-2]
    return stem if word.endswith("es") and stem.endswith(("ss", "x", "ch", "sh")) else word[:-1]


def plural_of(word: str) -> str | None:
    """The plural of an English word; None for short ones, in `s`, and in `y`: people don't come to `numpies`."""
    if _is_short(word) or word.endswith("s") or (word.endswith("y") and word[-2] not in "aeiou"):
        return None
    return f"{word}es" if word.endswith(_HISSING) else f"{word}s"


def _is_short(word: str) -> bool:
    return len(word) < _SHORTEST_WORD or not word[-_SHORTEST_WORD:].isalpha()


def sense_of(text: str, vocabulary: Vocabulary) -> str:
    """What `text` is, or ends in: a `names-word` that many names bear, a `word` of the dictionary, or `none`."""
    english = load_dictionary().words
    if text in vocabulary.words or not vocabulary.words.keys().isdisjoint(_ends(text, _SHORTEST_END_OF_NAMES)):
        return "names-word"
    return "word" if text in english or not english.isdisjoint(_ends(text, _SHORTEST_END)) else "none"


def _ends(text: str, shortest: int) -> list[str]:
    return [text[start:] for start in range(len(text) - shortest + 1)]


def _generate(subject: Subject, context: Context) -> Batches:
    tokens = subject.tokens
    for index, token in enumerate(tokens):
        stem = without_version(token)
        is_last = index == len(tokens) - 1
        changed, kind = singular_of(stem, context.vocabulary), "plural:drop"
        word = word_class(token, context)
        # `pythons-jose`, `googles-cloud`, `acme-pythons` are no slips: a plural is put on the last word.
        if changed is None and (word == "own" or (is_last and word != "python")):
            changed, kind = plural_of(stem), "plural:add"
        if changed is not None:
            place = "plural:last-word" if is_last else "plural:inner-word"
            digits = token[len(stem) :]
            sense = sense_of(changed, context.vocabulary)
            if sense == "names-word" and not is_last:
                sense = "word"
            coined = ("plural:coined",) if kind == "plural:add" and sense == "none" else ()
            before_digit = ("plural:before-digit",) if digits else ()
            marks = ("plural", place, kind, *before_digit, f"plural:gives-{sense}", *coined)
            yield marks, ("-".join((*tokens[:index], changed + digits, *tokens[index + 1 :])),)


TECHNIQUE = typo_technique("plural", "singular and plural confused", _generate)
