"""What people call the package besides its name: its imports, commands, aliases and former names themselves."""

from __future__ import annotations

from namehold.candidates.techniques.technique import SURFACES, Batches, Context, Subject, Technique
from namehold.portfolio import NameClass


def _generate(subject: Subject, context: Context) -> Batches:  # noqa: ARG001 -- one shape for all techniques
    yield ("surface", f"surface:{subject.mark}"), (subject.text,)


TECHNIQUE = Technique(
    "surface",
    "what people call the package besides its name",
    _generate,
    subjects=SURFACES,
    name_class=NameClass.SURFACE,
)
