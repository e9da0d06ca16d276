"""What is counted over an index's whole list of names: words, letters, and which words go with which names."""

from __future__ import annotations

import collections
import csv
import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from packaging.utils import canonicalize_name

from namehold.candidates.techniques.affixes import LATELY
from namehold.candidates.techniques.shapes import PLAIN, shape_of_words
from namehold.candidates.techniques.technique import Vocabulary
from namehold.candidates.weights import word_logs

#: Words that are put on together count as one (`-mcp-server`).
MOST_WORDS_PUT_ON = 2
#: How much more often a word is put on names of one usage than on others, from at least twice to at most half as often.
USAGE_CLASSES = (
    (2.0, "far-more-often"),
    (1.25, "more-often"),
    (0.8, "usual"),
    (0.5, "less-often"),
    (0.0, "far-less-often"),
)
#: What counts beside the counted number and its expectation: few cases prove nothing.
USAGE_PRIOR = 5.0
#: A word that names run together is one that stands in so many names.
LEAST_PART = 60
#: Words of the last year that aren't among the suffixes of all years, and the share at which one counts at least.
NEW_SUFFIXES = 60
LEAST_SHARE = 1e-4
#: On so many names of the last year a word counts as standing that isn't in the table of the commonest: half as many as
#: the last one there (28).
RARE_LATELY = 14
#: The steps in which the part is told that names of the last year are of all that bear a word.
FIFTHS = 5
_BUILD = re.compile(r"cu\d+")
SUFFIXES, PREFIXES, GLUED_SUFFIXES, GLUED_PREFIXES = 300, 150, 80, 50


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Words counted on the index: on how many other projects' whole names each stands.

    `bands` gives each word's label the label of its class of frequency.
    """

    vocabulary: Vocabulary
    words: dict[str, dict[str, int]]
    bands: dict[str, str]


def read_last_words(path: Path) -> tuple[dict[str, int], dict[str, int]]:
    """From a table (word,last_release_2026,last_release_earlier): on how many names of each time each last word stands.

    Builds for a version of a platform (`cu13`) are no words of the year.
    """
    with path.open(newline="", encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if not _BUILD.fullmatch(row["word"])]
    lately, earlier = ({row["word"]: int(row[f"last_release_{time}"]) for row in rows} for time in ("2026", "earlier"))
    return lately, earlier


def count_words(
    index_names: Sequence[str], popular: Collection[str], lately: Mapping[str, int], earlier: Mapping[str, int]
) -> Counts:
    """Counts what stands behind and before whole names of other projects.

    Words on popular projects count as much as words on all, since popular projects are the ones that are imitated.
    `lately` are last words of projects of the last year with their numbers: the commonest are among the suffixes.
    `earlier` are the numbers of projects of the years before, where they are known.
    """
    every = set(index_names)
    counts: dict[str, tuple[collections.Counter[str], collections.Counter[str]]] = {
        key: (collections.Counter(), collections.Counter()) for key in ("suffixes", "prefixes")
    }
    glued: dict[str, collections.Counter[str]] = {
        key: collections.Counter() for key in ("glued_suffixes", "glued_prefixes")
    }
    plain = {name for name in popular if "-" not in name and len(name) > 4}
    for name in index_names:
        for key, word, base in affixes_of(name):
            if base in every:
                counts[key][0][word] += 1
                counts[key][1][word] += base in popular
        if "-" not in name:
            for index in range(5, len(name)):
                if len(name) - index <= 8:
                    glued["glued_suffixes"][name[index:]] += name[:index] in plain
                    glued["glued_prefixes"][name[:-index]] += name[-index:] in plain
    chosen: dict[str, dict[str, int]] = {}
    bands: dict[str, str] = {}
    for key, size in (("suffixes", SUFFIXES), ("prefixes", PREFIXES)):
        everywhere, on_popular = counts[key]
        share = {
            word: (number / everywhere.total() + on_popular[word] / on_popular.total()) / 2
            for word, number in everywhere.items()
            if number >= 40 or on_popular[word] >= 15
        }
        chosen[key] = _most(share, everywhere, size)
        if key == "suffixes":
            new = [word for word in sorted(lately, key=lambda word: (-lately[word], word)) if word not in chosen[key]]
            chosen[key] |= {word: everywhere[word] for word in new[:NEW_SUFFIXES]}
        share = {word: share.get(word, LEAST_SHARE) for word in chosen[key]}
        written = "word:-{}" if key == "suffixes" else "word:{}-"
        bands |= {written.format(word): f"band:{key}:{_band(share[word])}" for word in chosen[key]}
    for key, size in (("glued_suffixes", GLUED_SUFFIXES), ("glued_prefixes", GLUED_PREFIXES)):
        total = glued[key].total()
        share = {word: number / total for word, number in glued[key].items() if number >= 8 and len(word) > 1}
        chosen[key] = _most(share, glued[key], size)
        written = "word:+{}" if key == "glued_suffixes" else "word:{}+"
        bands |= {written.format(word): f"band:{key}:{_band(share[word])}" for word in chosen[key]}
    bands |= {f"{label}{LATELY}": f"{band}{LATELY}" for label, band in bands.items() if label.startswith("word:-")}
    heads = collections.Counter(name.split("-")[0] for name in popular if "-" in name)
    namespaces = frozenset(word for word, number in heads.items() if number >= 8)
    vocabulary = Vocabulary(
        suffixes=tuple(chosen["suffixes"]),
        prefixes=tuple(chosen["prefixes"]),
        glued_suffixes=tuple(chosen["glued_suffixes"]),
        glued_prefixes=tuple(chosen["glued_prefixes"]),
        generic=frozenset(word for word, number in counts["suffixes"][0].items() if number >= 150),
        namespaces=namespaces,
        bigrams=_bigrams(popular),
        usages=count_usages(index_names, chosen, namespaces),
        lately={word: _doublings(number) for word, number in lately.items()},
        growing=_growing(lately, earlier),
        words=word_logs(count_parts(index_names)),
    )
    return Counts(vocabulary=vocabulary, words=chosen, bands=bands)


def affixes_of(name: str) -> Iterator[tuple[str, str, str]]:
    """(suffixes or prefixes, the word, the rest) for one and two words at either end; the rest has three letters."""
    tokens = name.split("-")
    for length in range(1, min(MOST_WORDS_PUT_ON, len(tokens) - 1) + 1):
        for key, word, base in (
            ("suffixes", tokens[-length:], tokens[:-length]),
            ("prefixes", tokens[:length], tokens[length:]),
        ):
            rest = "-".join(base)
            if len(rest) > 2:
                yield key, "-".join(word), rest


def count_usages(
    index_names: Sequence[str], chosen: Mapping[str, Mapping[str, int]], families: frozenset[str]
) -> dict[str, dict[str, str]]:
    """By usage, how much more often each word is put on such names than on others; what is usual is left out.

    `says-api-client`: on a whole name that shows the shape (`acme-client-py` beside `acme-client`).
    `is-api-client`: on a name without a shape that also bears words of it (`acme-py` beside `acme-client`).
    A word of the shape itself is left out of the latter: that it stands beside another of its kind says little.
    """
    every = set(index_names)
    written = {"suffixes": "-{}", "prefixes": "{}-"}
    says: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    roles: dict[str, set[str]] = collections.defaultdict(set)
    for name in index_names:
        for key, word, base in affixes_of(name):
            if word in chosen[key]:
                if base in every:
                    says[f"says-{shape_of_words(base.split('-'), families)}"][written[key].format(word)] += 1
                if key == "suffixes":
                    roles[base].add(word)
    beside = {
        usage: {word: often for word, often in classes.items() if _usage_shown_by(word) != usage}
        for usage, classes in _classify(_count_beside(roles)).items()
    }
    return {**_classify(says), **beside}


def _count_beside(roles: Mapping[str, set[str]]) -> dict[str, collections.Counter[str]]:
    """By the shape that one word behind a name without a shape shows, the other words behind it."""
    beside: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for stem, words in roles.items():
        if shape_of_words(stem.split("-"), ()) == PLAIN:
            for word in words:
                for usage in {_usage_shown_by(other) for other in words if other != word} - {f"is-{PLAIN}"}:
                    beside[usage][f"-{word}"] += 1
    return beside


@cache
def _usage_shown_by(word: str) -> str:
    """The usage of names that also bear `word`."""
    return f"is-{shape_of_words(word.strip('-').split('-'), ())}"


def _classify(counts: Mapping[str, collections.Counter[str]]) -> dict[str, dict[str, str]]:
    """Each usage's words by how much more often they occur than in all usages together, suffixes and prefixes apart."""
    found: dict[str, dict[str, str]] = {usage: {} for usage in sorted(counts)}
    whole = sum(counts.values(), collections.Counter())
    for is_suffix in (True, False):
        words = sorted(word for word in whole if word.startswith("-") is is_suffix)
        total = sum(whole[word] for word in words)
        for usage, of_word in counts.items():
            part = sum(of_word[word] for word in words) / max(1, total)
            for word in words:
                lift = (of_word[word] + USAGE_PRIOR) / (whole[word] * part + USAGE_PRIOR)
                often = next(often for bound, often in USAGE_CLASSES if lift >= bound)
                if often != "usual":
                    found[usage][word] = often
    return found


def count_parts(index_names: Iterable[str]) -> list[str]:
    """The words that names are made of, the most frequent first."""
    counts = collections.Counter(word for name in index_names if "-" in name for word in set(name.split("-")))
    known = [word for word, number in counts.items() if number >= LEAST_PART and len(word) > 2 and word.isalpha()]
    return sorted(known, key=lambda word: (-counts[word], word))


def _most(share: Mapping[str, float], counts: Mapping[str, int], size: int) -> dict[str, int]:
    words = [word for word in share if not _BUILD.fullmatch(word)]
    best = sorted(words, key=lambda word: (-share[word], word))[:size]
    return {word: counts[word] for word in best if canonicalize_name(word) == word}


def _band(share: float) -> int:
    """The class of a word's frequency: half powers of ten."""
    return round(2 * math.log10(share * 1e4))


def _doublings(number: int) -> int:
    """How often `RARE_LATELY` must be doubled to come nearest to `number`."""
    return round(math.log2(max(number, RARE_LATELY) / RARE_LATELY))


def _growing(lately: Mapping[str, int], earlier: Mapping[str, int]) -> dict[str, int]:
    """In fifths, which part of the names that end in each word are of the last year; only where both are known."""
    known = sorted(lately.keys() & earlier.keys())
    return {word: round(FIFTHS * lately[word] / (lately[word] + earlier[word])) for word in known}


def _bigrams(names: Iterable[str]) -> dict[str, str]:
    """How often the second character follows the first in popular names."""
    pairs: collections.Counter[str] = collections.Counter()
    firsts: collections.Counter[str] = collections.Counter()
    for name in names:
        pairs.update(name[index : index + 2] for index in range(len(name) - 1))
        firsts.update(name[:-1])
    signs = "abcdefghijklmnopqrstuvwxyz0123456789-"
    bounds = ((0.06, "often"), (0.015, "sometimes"), (0.003, "rarely"), (-1.0, "never"))
    return {
        one + other: next(
            word for bound, word in bounds if (pairs[one + other] + 0.5) / (firsts[one] + len(signs) / 2) > bound
        )
        for one in signs
        for other in signs
    }
