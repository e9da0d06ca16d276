"""Words left out or joined: a part of the name taken for the whole, without `python-`, a namespace or a role word.

Most names that every language model invents are made so (74 % are import or bare names, Churilov 2026).
"""

from __future__ import annotations

from namehold.candidates.techniques.technique import SURFACES, Batches, Context, Subject, combo_technique, word_class

#: More words than this aren't taken apart: spans grow with the square.
_MOST_WORDS = 8
#: Counts above this make one class.
_MANY = 3


def _generate(subject: Subject, context: Context) -> Batches:
    tokens = subject.tokens
    count = len(tokens)
    if subject.mark == "stem-glued":
        yield ("part", "part:without-glued"), (subject.text,)
        return
    if not 1 < count <= _MOST_WORDS:
        return
    yield ("part", "part:all-joined"), ("".join(tokens),)
    classes = [word_class(word, context) for word in tokens]
    for start in range(count):
        for end in range(start + 1, count + 1):
            length = end - start
            if length == count:
                continue
            if all(kind in {"generic", "python"} for kind in classes[start:end]):
                continue  # `cloud` or `python-client` alone is anybody's
            keeps = classes[start] if length == 1 else "words"
            marks = (
                "part",
                f"part:without-head-{'+'.join(classes[:start])}" if start else "part:with-head",
                f"part:without-tail-{'+'.join(classes[end:])}" if end < count else "part:with-tail",
                f"part:keeps-{min(length, _MANY)}-{keeps}",
                f"part:drops-{'+'.join(sorted({*classes[:start], *classes[end:]}))}",
                f"part:drops-{min(count - length, _MANY)}",
            )
            yield marks, ("-".join(tokens[start:end]),)
            if length > 1:
                yield (*marks, "part:joined"), ("".join(tokens[start:end]),)
    for index in range(1, count - 1):
        rest = (*tokens[:index], *tokens[index + 1 :])
        yield ("part", f"part:without-middle-{classes[index]}"), ("-".join(rest),)


TECHNIQUE = combo_technique(
    "part", "words left out or joined", _generate, subjects=SURFACES | {"project", "stem-glued"}
)
