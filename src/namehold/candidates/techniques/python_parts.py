"""`python` and `py` put on, dropped or moved: `python-x`, `x-py`, `pyx`."""

from __future__ import annotations

from collections.abc import Iterator

from namehold.candidates.techniques.technique import Batch, Context, Subject, Technique
from namehold.portfolio import NameClass

_SHAPES = (
    ("python-", ""),
    ("", "-python"),
    ("py-", ""),
    ("py", ""),
    ("", "-py"),
    ("", "py"),
    ("python3-", ""),
    ("", "-python3"),
    ("python", ""),
    ("", "python"),
)
_SHORTEST = 3


def bare(text: str) -> str:
    """`text` without `python` or `py` at one end, glued or dashed; `text` itself if it has none or little else."""
    for word in ("python", "py"):
        for rest in (text.removeprefix(word), text.removesuffix(word)):
            if rest != text and len(rest.strip("-")) >= _SHORTEST:
                return rest.strip("-")
    return text


def _generate(subject: Subject, context: Context) -> Iterator[Batch]:  # noqa: ARG001 -- one shape for all techniques
    text = subject.text
    core = bare(text)
    has_part = "python-part:has-one" if core != text else "python-part:has-none"
    if core != text:
        end = "front" if text.endswith(core) else "end"
        seam = "dash" if "-" in text.replace(core, "", 1) else "glue"
        yield ("python-part", f"python-part:drop-at-{end}-{seam}"), (core,)
    for before, behind in _SHAPES:
        name = before + core + behind
        if name != text:
            yield ("python-part", f"python-part:{before}x{behind}", has_part), (name,)


TECHNIQUE = Technique(
    name="python-part",
    title="'python' or 'py' put on, dropped or moved",
    name_class=NameClass.COMBO,
    generate=_generate,
    subjects=frozenset({"project", "import", "command", "alias", "former", "stem-generic"}),
)
