"""`python` and `py` glued to, moved around or exchanged on a name."""

from __future__ import annotations

from collections.abc import Iterator

from namehold.generators.technique import Context, Draft, Subject, Technique
from namehold.models import NameClass

_SHAPES = (
    "python-{}",
    "{}-python",
    "py-{}",
    "py{}",
    "{}-py",
    "{}py",
    "python3-{}",
    "{}-python3",
    "python{}",
    "{}python",
)
_GLUED = ("python", "py")
_SHORTEST = 3


def bare(text: str) -> str:
    """`text` without a glued or dashed `python`/`py` at either end; `text` itself if there is none."""
    for word in _GLUED:
        if text.startswith(word) and len(text) - len(word) >= _SHORTEST:
            return text[len(word) :].strip("-")
        if text.endswith(word) and len(text) - len(word) >= _SHORTEST:
            return text[: -len(word)].strip("-")
    return text


def _generate(subject: Subject, context: Context) -> Iterator[Draft]:  # noqa: ARG001 -- one shape for all techniques
    text = subject.text
    core = bare(text)
    has_part = "python-part:has-one" if core != text else "python-part:has-none"
    if core != text:
        glued = "glued" if "-" not in (text.removesuffix(core)[-1:], text.removeprefix(core)[:1]) else "dashed"
        front = "front" if text.endswith(core) else "behind"
        yield core, ("python-part", f"python-part:without-{glued}-{front}")
    for shape in _SHAPES:
        name = shape.format(core)
        if name != text:
            yield name, ("python-part", f"python-part:{shape.format('x')}", has_part)


TECHNIQUE = Technique(
    name="python-part",
    title="'python' or 'py' put on, dropped or moved",
    name_class=NameClass.COMBO,
    generate=_generate,
    subjects=frozenset({"project", "import", "command", "alias", "former", "stem"}),
)
