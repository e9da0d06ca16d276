"""The package's name run together with a project or extra that is used with it (`fastapi-requests`)."""

from __future__ import annotations

from collections.abc import Iterator

from namehold.candidates.techniques.technique import WHOLE, Batch, Context, Subject, Technique
from namehold.portfolio import NameClass


def _generate(subject: Subject, context: Context) -> Iterator[Batch]:
    for companion in context.companions:
        yield ("companion", "companion:behind"), (f"{subject.text}-{companion}",)
        yield ("companion", "companion:before"), (f"{companion}-{subject.text}",)


TECHNIQUE = Technique(
    name="companion",
    title="run together with a project that is used with it",
    name_class=NameClass.COMBO,
    generate=_generate,
    subjects=WHOLE,
)
