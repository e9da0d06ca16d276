"""The package's name run together with a project or extra that is used with it (`fastapi-requests`)."""

from __future__ import annotations

from namehold.candidates.techniques.technique import WHOLE, Batches, Context, Subject, combo_technique


def _generate(subject: Subject, context: Context) -> Batches:
    for companion in context.companions:
        yield ("companion", "companion:behind"), (f"{subject.text}-{companion}",)
        yield ("companion", "companion:before"), (f"{companion}-{subject.text}",)


TECHNIQUE = combo_technique("companion", "run together with a project that is used with it", _generate, subjects=WHOLE)
