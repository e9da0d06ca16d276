"""A word put behind or before a name: `-sdk`, `-cli`, `aws-`. The words are counted over many packages.

Which words are usual depends on what the name is: `-server` is put on an API client more often than on a
plug-in. It also changes with the years (`-mcp`, `-agent`): around little-known projects, most of which are new, words
count as often as they stand in names of the last year besides those of all years.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from namehold.candidates.techniques.technique import (
    PARTS,
    PYTHON_WORDS,
    WHOLE,
    Marks,
    Template,
    Usage,
    Vocabulary,
    combo_technique,
)

#: How much more often a word stands on names of the kind than on others, in steps up or down, by the classes of the
#: weights file: one mark a step, so that two steps count twice.
_STEPS = {
    "far-more-often": ("affix:fits-its-kind",) * 2,
    "more-often": ("affix:fits-its-kind",),
    "less-often": ("affix:unlike-its-kind",),
    "far-less-often": ("affix:unlike-its-kind",) * 2,
}

#: Behind the label of a word that is put on a little-known project's name: a word has a factor of its own there.
LATELY = ":lately"


def _templates(vocabulary: Vocabulary, usage: Usage) -> Iterator[Template]:
    often = vocabulary.usages.get(usage.shape, {})
    for template in _plain(vocabulary, usage._replace(shape="")):
        before, behind, marks = template
        if usage.says_python and (before or behind).strip("-") in PYTHON_WORDS:
            continue
        steps = _STEPS.get(often.get(before or behind, ""))
        yield Template(before, behind, marks + steps) if steps else template


@lru_cache(maxsize=8)
def _plain(vocabulary: Vocabulary, usage: Usage) -> tuple[Template, ...]:
    """The templates on names of no kind, which those of each kind differ from in a few words."""
    lately = LATELY if usage.is_little_known else ""

    def behind(place: str, end: str, word: str, known: str) -> Template:
        return Template("", end, ("affix", f"affix:{place}", f"word:{known}", *_lately(word, vocabulary, usage)))

    return (
        *(behind("behind", f"-{word}", word, f"-{word}{lately}") for word in vocabulary.suffixes),
        *(Template(f"{word}-", "", ("affix", "affix:before", f"word:{word}-")) for word in vocabulary.prefixes),
        *(behind("glued-behind", word, word, f"+{word}") for word in vocabulary.glued_suffixes),
        *(Template(word, "", ("affix", "affix:glued-before", f"word:{word}+")) for word in vocabulary.glued_prefixes),
    )


def _lately(word: str, vocabulary: Vocabulary, usage: Usage) -> Marks:
    """How often names of the last year end in a word, and whether more and more do: one mark a step."""
    if not usage.is_little_known:
        return ()
    often, growing = vocabulary.lately.get(word, 0), vocabulary.growing.get(word, 0)
    return ("affix:lately",) * often + ("affix:lately-growing",) * growing


TECHNIQUE = combo_technique("affix", "a common word put on the name", templates=_templates, subjects=WHOLE | PARTS)
