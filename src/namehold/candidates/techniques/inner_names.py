"""What a package's files and links are called inside: modules within modules, namespaces, repositories.

People ask for them far less often than for a top-level module (`bench/read_surfaces.py` counts it), and a namespace is
shared with other projects by design: such a name isn't what the package is called.
"""

from __future__ import annotations

from namehold.candidates.techniques.surfaces import crowd_marks
from namehold.candidates.techniques.technique import ONLY_AS_IT_IS, Batches, Context, Subject, combo_technique


def _generate(subject: Subject, context: Context) -> Batches:
    yield ("inner-name", f"inner-name:{subject.mark}", *crowd_marks(subject, context)), (subject.text,)


TECHNIQUE = combo_technique(
    "inner-name", "a module within it, its namespace or its repository", _generate, subjects=ONLY_AS_IT_IS
)
