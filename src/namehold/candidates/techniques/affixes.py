"""A word put behind or before a name: `-sdk`, `-cli`, `aws-`. The words are counted over many packages.

Which words are usual depends on what the name is: `-server` is put on an API client more often than on a
plug-in. It also changes with the years (`-mcp`, `-agent`): around little-known projects, most of which are new, words
count as often as they stand in names of the last year besides those of all years.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from namehold.candidates.techniques.technique import PARTS, WHOLE, Marks, Template, Usage, Vocabulary, combo_technique

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

    def dashed(place: str, before: str, behind: str) -> Template:
        word = before or behind
        steps = _STEPS.get(often.get(word, ""), ())
        known = f"word:{word}{LATELY if behind and usage.is_little_known else ''}"
        lately = _lately(behind[1:], vocabulary, usage)
        return _template(before, behind, (f"affix:{place}", known, *lately, *steps))

    for word in vocabulary.suffixes:
        yield dashed("behind", "", f"-{word}")
    for word in vocabulary.prefixes:
        yield dashed("before", f"{word}-", "")
    for word in vocabulary.glued_suffixes:
        yield _template("", word, ("affix:glued-behind", f"word:+{word}", *_lately(word, vocabulary, usage)))
    for word in vocabulary.glued_prefixes:
        yield _template(word, "", ("affix:glued-before", f"word:{word}+"))


@cache
def _template(before: str, behind: str, marks: Marks) -> Template:
    """One template, which many usages share."""
    return Template(before, behind, ("affix", *marks))


def _lately(word: str, vocabulary: Vocabulary, usage: Usage) -> Marks:
    """How often names of the last year end in a word, and whether more and more do: one mark a step."""
    if not usage.is_little_known:
        return ()
    often, growing = vocabulary.lately.get(word, 0), vocabulary.growing.get(word, 0)
    return ("affix:lately",) * often + ("affix:lately-growing",) * growing


TECHNIQUE = combo_technique("affix", "a common word put on the name", templates=_templates, subjects=WHOLE | PARTS)
