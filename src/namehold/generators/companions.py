"""The package's name run together with a project that is used with it (`fastapi-requests`)."""

from __future__ import annotations

from collections.abc import Iterator

from namehold.generators.technique import Context, Draft, Subject, Technique
from namehold.models import NameClass


def _generate(subject: Subject, context: Context) -> Iterator[Draft]:
    for companion in context.companions:
        yield f"{subject.text}-{companion}", ("companion", "companion:behind")
        yield f"{companion}-{subject.text}", ("companion", "companion:before")


TECHNIQUE = Technique(
    name="companion",
    title="run together with a project that is used with it",
    name_class=NameClass.COMBO,
    generate=_generate,
    subjects=frozenset({"project", "bare", "alias"}),
)
