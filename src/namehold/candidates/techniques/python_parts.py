"""`python` and `py` put on, dropped or moved: `python-x`, `x-py`, `pyx`.

`python-x` and `python3-x` are also what Debian calls the package of a project or of its module x.
"""

from __future__ import annotations

from namehold.candidates.techniques.technique import (
    PYTHON_WORDS,
    Batches,
    Context,
    Subject,
    Vocabulary,
    combo_technique,
)

#: What is put before and behind the rest of a name.
_PUT_ON = tuple(
    (*shape.split("x"), f"python-part:{shape}")
    for shape in ["python-x", "x-python", "py-x", "pyx", "x-py", "xpy", "python3-x", "x-python3", "pythonx", "xpython"]
)
_SHORTEST = 3
#: `py` glued behind shorter words is part of the word (numpy, scipy).
_SHORTEST_BEFORE_PY = 4


def bare(text: str, vocabulary: Vocabulary) -> str:
    """`text` without `python` or `py` at one end, glued or dashed; `text` itself if it has none or little else."""
    for word in ("python", "py"):
        for rest in (text.removeprefix(word), text.removesuffix(word)):
            core = rest.strip("-")
            if rest == text or len(core) < _SHORTEST:
                continue
            if word == "python" or core != rest or _is_marker(text, rest, vocabulary):
                return core
    return text


def _is_marker(text: str, rest: str, vocabulary: Vocabulary) -> bool:
    """Whether the `py` that is glued to `rest` says 'for Python' and isn't part of the name.

    It is part of it in well-known names (the `pytest` of `pytest-cov`), and where what is left tells nothing (`test`)
    or is no word of its own (the `num` of numpy).
    """
    if text.startswith("py"):
        first, left = text.split("-", maxsplit=1)[0], rest.split("-", maxsplit=1)[0]
        return first not in vocabulary.namespaces and left not in vocabulary.generic
    left = rest.rsplit("-", maxsplit=1)[-1]
    return len(left) >= _SHORTEST_BEFORE_PY and left in vocabulary.words and left not in vocabulary.generic


def _generate(subject: Subject, context: Context) -> Batches:
    text = subject.text
    core = bare(text, context.vocabulary)
    has_part = "python-part:has-one" if core != text else "python-part:has-none"
    if core != text:
        end = "front" if text.endswith(core) else "end"
        seam = "dash" if "-" in text.replace(core, "", 1) else "glue"
        yield ("python-part", f"python-part:drop-at-{end}-{seam}"), (core,)
    if not PYTHON_WORDS.isdisjoint(core.split("-")):
        return
    for before, behind, mark in _PUT_ON:
        name = before + core + behind
        if name != text:
            yield ("python-part", mark, has_part), (name,)


TECHNIQUE = combo_technique(
    "python-part",
    "'python' or 'py' put on, dropped or moved",
    _generate,
    subjects=frozenset({"project", "import", "command", "alias", "former", "stem-generic"}),
)
