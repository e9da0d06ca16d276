"""What people call the package besides its name: its imports, commands, aliases and former names themselves."""

from __future__ import annotations

from namehold.candidates.techniques.technique import SURFACES, Batches, Context, Subject, Technique
from namehold.portfolio import NameClass


def _generate(subject: Subject, context: Context) -> Batches:
    crowd = ("surface:one-of-many",) if subject.mark in context.crowded else ()
    yield ("surface", f"surface:{subject.mark}", *crowd), (subject.text,)


TECHNIQUE = Technique(
    "surface",
    "what people call the package besides its name",
    _generate,
    subjects=SURFACES,
    name_class=NameClass.SURFACE,
)
