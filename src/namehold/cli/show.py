"""`namehold plan --show NAME`: what the index will show of one planned name, to be read before it is approved."""

from __future__ import annotations

import tempfile
from pathlib import Path

from namehold import documents
from namehold.cli.output import Format, write_text
from namehold.cli.session import typed
from namehold.cli.workspace import Workspace
from namehold.errors import UsageError
from namehold.names import normalize
from namehold.plan import Plan, refuse
from namehold.plan.checks import each_digest, find_edits
from namehold.text import visible_lines

#: Fields of the upload form that say nothing to people: digests, and what is the same for every placeholder.
_SILENT = frozenset(
    {
        ":action",
        "blake2_256_digest",
        "description",
        "filetype",
        "md5_digest",
        "metadata_version",
        "protocol_version",
        "pyversion",
        "sha256_digest",
    }
)


def show(workspace: Workspace, name: str, *, form: Format, output: Path | None) -> None:
    """Writes fields, page and code of one action of the kept plan, taken from its built files.

    Raises UsageError for a name that the plan doesn't reserve, StalePlan if it would be built otherwise now.
    """
    from namehold.placeholder import PlaceholderBuilder, render_page, render_plan  # noqa: PLC0415 -- hatchling

    if form not in {Format.TABLE, Format.JSON}:
        raise UsageError(f"a placeholder can't be shown as {form}", fix="--format table or --format json")
    plan: Plan = workspace.plan()
    refuse(find_edits(plan))
    digests = dict(zip((action.name for action in plan.actions), each_digest(plan), strict=True))
    (tree,) = render_plan(plan, workspace.portfolio.with_stand_ins(), workspace.templates(), names=[normalize(name)])
    with tempfile.TemporaryDirectory(prefix="namehold-show-") as scratch:
        built = PlaceholderBuilder().build(tree, Path(scratch))
    # Wheel and sdist say the same; the sdist is there in every mode.
    fields = [(field, value) for field, value in built[-1].metadata if field not in _SILENT]
    sent = dict(built[-1].metadata)
    page = render_page(sent.get("description", ""), sent.get("description_content_type", ""))
    files = {file.path: file.text for file in tree.files if file.path != "README.md"}
    if form is Format.JSON:
        value = {
            "name": tree.name,
            "action_digest": digests[tree.name],
            "tree_digest": tree.digest,
            "fields": fields,
            "page": page.text,
            "description": sent.get("description", ""),
        }
        write_text(documents.dump("placeholder", value | {"files": files}), output)
    else:
        rows = [f"{field}: {value}" for field, value in fields]
        code = [f"{path}\n\n{text.rstrip()}" for path, text in files.items() if path.endswith(".py")]
        approved = f"Approved as {digests[tree.name]}, with files {tree.digest}"
        parts = [f"{tree.name} as the index shows it", "\n".join(rows), "Page", page.text, *code, approved]
        write_text(visible_lines("\n\n".join(parts)), output)
    workspace.session.next_step(f"namehold rehearse {typed(workspace.plan_path)}")
