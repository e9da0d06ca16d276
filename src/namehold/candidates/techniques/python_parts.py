"""`python` and `py` put on, dropped or moved: `python-x`, `x-py`, `pyx`."""

from __future__ import annotations

from namehold.candidates.techniques.technique import Batches, Context, Subject, combo_technique

#: Where the words stand about the rest of a name, which is the `x`.
_SHAPES = "python-x x-python py-x pyx x-py xpy python3-x x-python3 pythonx xpython"
_SHORTEST = 3


def bare(text: str) -> str:
    """`text` without `python` or `py` at one end, glued or dashed; `text` itself if it has none or little else."""
    for word in ("python", "py"):
        for rest in (text.removeprefix(word), text.removesuffix(word)):
            if rest != text and len(rest.strip("-")) >= _SHORTEST:
                return rest.strip("-")
    return text


def _generate(subject: Subject, context: Context) -> Batches:  # noqa: ARG001 -- one shape for all techniques
    text = subject.text
    core = bare(text)
    has_part = "python-part:has-one" if core != text else "python-part:has-none"
    if core != text:
        end = "front" if text.endswith(core) else "end"
        seam = "dash" if "-" in text.replace(core, "", 1) else "glue"
        yield ("python-part", f"python-part:drop-at-{end}-{seam}"), (core,)
    for shape in _SHAPES.split():
        name = shape.replace("x", core)
        if name != text:
            yield ("python-part", f"python-part:{shape}", has_part), (name,)


TECHNIQUE = combo_technique(
    "python-part",
    "'python' or 'py' put on, dropped or moved",
    _generate,
    subjects=frozenset({"project", "import", "command", "alias", "former", "stem-generic"}),
)
