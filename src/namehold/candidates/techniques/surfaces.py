"""What people call the package besides its name: its imports, commands, aliases and former names themselves."""

from __future__ import annotations

from collections.abc import Iterator

from namehold.candidates.techniques.technique import SURFACES, Batch, Context, Subject, Technique
from namehold.portfolio import NameClass


def _generate(subject: Subject, context: Context) -> Iterator[Batch]:  # noqa: ARG001 -- one shape for all techniques
    yield ("surface", f"surface:{subject.mark}"), (subject.text,)


TECHNIQUE = Technique(
    name="surface",
    title="what people call the package besides its name",
    name_class=NameClass.SURFACE,
    generate=_generate,
    subjects=SURFACES,
)
