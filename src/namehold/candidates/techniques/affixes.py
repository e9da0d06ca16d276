"""A word put behind or before a name: `-sdk`, `-cli`, `aws-`. The words are counted over many packages.

Which words are usual depends on what the name is: `-server` is put on an API client more often than on a
plug-in. It also changes with the years (`-mcp`, `-agent`): around little-known projects, most of which are new, words
count as often as they stand in names of the last year besides those of all years.
"""

from __future__ import annotations

from collections.abc import Iterator

from namehold.candidates.techniques.technique import PARTS, WHOLE, Template, Usage, Vocabulary, combo_technique

#: How much more often a word stands on names of the kind than on others, in steps up or down, by the classes of the
#: weights file: one mark a step, so that two steps count twice.
_STEPS = {
    "far-more-often": ("affix:fits-its-kind",) * 2,
    "more-often": ("affix:fits-its-kind",),
    "less-often": ("affix:unlike-its-kind",),
    "far-less-often": ("affix:unlike-its-kind",) * 2,
}


def _templates(vocabulary: Vocabulary, usage: Usage) -> Iterator[Template]:
    often = vocabulary.usages.get(usage.shape, {})

    def dashed(place: str, before: str, behind: str) -> Template:
        word = before or behind
        steps = _STEPS.get(often.get(word, ""), ())
        lately = (
            (f"affix:lately-{vocabulary.lately.get(behind[1:], 'rare')}",) if behind and usage.is_little_known else ()
        )
        return Template(before, behind, ("affix", f"affix:{place}", f"word:{word}", *lately, *steps))

    for word in vocabulary.suffixes:
        yield dashed("behind", "", f"-{word}")
    for word in vocabulary.prefixes:
        yield dashed("before", f"{word}-", "")
    for word in vocabulary.glued_suffixes:
        yield Template("", word, ("affix", "affix:glued-behind", f"word:+{word}"))
    for word in vocabulary.glued_prefixes:
        yield Template(word, "", ("affix", "affix:glued-before", f"word:{word}+"))


TECHNIQUE = combo_technique("affix", "a common word put on the name", templates=_templates, subjects=WHOLE | PARTS)
