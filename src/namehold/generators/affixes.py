"""A word put behind or before a name: `-sdk`, `-cli`, `aws-`. The words are counted over many packages."""

from __future__ import annotations

from collections.abc import Iterator

from namehold.generators.technique import PARTS, WHOLE, Technique, Template, Vocabulary
from namehold.models import NameClass


def _templates(vocabulary: Vocabulary) -> Iterator[Template]:
    for word in vocabulary.suffixes:
        yield Template("", f"-{word}", ("affix", "affix:behind", f"word:-{word}"))
    for word in vocabulary.prefixes:
        yield Template(f"{word}-", "", ("affix", "affix:before", f"word:{word}-"))
    for word in vocabulary.glued_suffixes:
        yield Template("", word, ("affix", "affix:glued-behind", f"word:+{word}"))
    for word in vocabulary.glued_prefixes:
        yield Template(word, "", ("affix", "affix:glued-before", f"word:{word}+"))


TECHNIQUE = Technique(
    name="affix",
    title="a common word put on the name",
    name_class=NameClass.COMBO,
    templates=_templates,
    subjects=WHOLE | PARTS,
)
