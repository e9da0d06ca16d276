"""A part of the name taken for the whole: a namespace or `python-` in front, a role word behind left out.

Most names that every language model invents are made so (NAMES_SCIENCE, finding 5).
"""

from __future__ import annotations

from collections.abc import Iterator

from namehold.generators.technique import Context, Draft, Subject, Technique
from namehold.models import NameClass

_MOST_WORDS = 8
PYTHON_WORDS = frozenset({"py", "python", "python2", "python3", "py3", "py2"})


def word_class(word: str, context: Context) -> str:
    """What a word is worth: `python`, `namespace` of the siblings, well-known `family`, `generic` or `own`."""
    if word in PYTHON_WORDS:
        return "python"
    if word in context.namespaces:
        return "namespace"
    if word in context.vocabulary.generic:
        return "generic"
    if word in context.vocabulary.namespaces:
        return "family"
    return "own"


def _generate(subject: Subject, context: Context) -> Iterator[Draft]:
    tokens = subject.tokens
    count = len(tokens)
    if not 1 < count <= _MOST_WORDS:
        return
    yield "".join(tokens), ("part", "part:whole-joined")
    classes = [word_class(word, context) for word in tokens]
    for start in range(count):
        for end in range(start + 1, count + 1):
            length = end - start
            if length == count:
                continue
            head = f"part:without-head-{'+'.join(classes[:start])}" if start else ""
            tail = f"part:without-tail-{'+'.join(classes[end:])}" if end < count else ""
            keeps = f"part:keeps-{min(length, 3)}-{classes[start] if length == 1 else 'words'}"
            marks = ("part", *filter(None, (head, tail)), keeps)
            yield "-".join(tokens[start:end]), marks
            if length > 1:
                yield "".join(tokens[start:end]), (*marks, "part:joined")
    for index in range(1, count - 1):
        rest = (*tokens[:index], *tokens[index + 1 :])
        yield "-".join(rest), ("part", f"part:without-middle-{classes[index]}")


TECHNIQUE = Technique(
    name="part",
    title="a part of the name taken for the whole",
    name_class=NameClass.COMBO,
    generate=_generate,
    subjects=frozenset({"project", "import", "alias", "former"}),
)
