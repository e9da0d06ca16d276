"""A word put behind or before a name: `-sdk`, `-cli`, `aws-`. The words are counted over many packages."""

from __future__ import annotations

from collections.abc import Iterator

from namehold.generators.technique import PARTS, WHOLE, Context, Draft, Subject, Technique
from namehold.models import NameClass


def _generate(subject: Subject, context: Context) -> Iterator[Draft]:
    text, tokens = subject.text, subject.tokens
    for word in context.vocabulary.suffixes:
        if word != tokens[-1]:
            yield f"{text}-{word}", ("affix", "affix:behind", f"word:-{word}")
            yield f"{text}{word}", ("affix", "affix:glued-behind", f"word:-{word}")
    for word in context.vocabulary.prefixes:
        if word != tokens[0]:
            yield f"{word}-{text}", ("affix", "affix:before", f"word:{word}-")
            yield f"{word}{text}", ("affix", "affix:glued-before", f"word:{word}-")


TECHNIQUE = Technique(
    name="affix",
    title="a common word put on the name",
    name_class=NameClass.COMBO,
    generate=_generate,
    subjects=WHOLE | PARTS,
)
