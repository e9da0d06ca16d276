"""What people call the package besides its name: its imports, commands, aliases and former names themselves."""

from __future__ import annotations

from namehold.candidates.techniques.technique import SURFACES, Batches, Context, Marks, Subject, Technique
from namehold.portfolio import NameClass


def crowd_marks(subject: Subject, context: Context) -> Marks:
    """The mark of a surface that is one of many of its kind."""
    return ("surface:one-of-many",) if subject.mark in context.crowded else ()


def _generate(subject: Subject, context: Context) -> Batches:
    yield ("surface", f"surface:{subject.mark}", *crowd_marks(subject, context)), (subject.text,)


TECHNIQUE = Technique(
    "surface",
    "what people call the package besides its name",
    _generate,
    subjects=SURFACES,
    name_class=NameClass.SURFACE,
)
