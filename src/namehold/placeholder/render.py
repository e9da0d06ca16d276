"""Templates in, source tree out: the same action, portfolio, index and templates give the same bytes.

    Templates(None, profile).render(action, portfolio).files

A template is `<path>.j2` under the mode's folder or under `common`; `__module__` in a path stands for the name of the
placeholder's module, and a file whose name starts with `_` is only included by others.
An organization's own folder has the same layout and replaces file by file.

Values can't break out of where they stand, and no template can forget to escape one: every file type has its own
environment, which writes each value as a whole literal (TOML, Python) or as text without markup (Markdown).
"""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from packaging.utils import NormalizedName

from namehold.documents import digest
from namehold.errors import Diagnostic, StalePlan, TemplateError, UsageError
from namehold.files import InnerPath, Place
from namehold.index import IndexProfile
from namehold.placeholder.folder import SUFFIX, TEMPLATE_MAX_CHARACTERS, check_folder, read_layer
from namehold.placeholder.model import SourceFile, SourceTree, TreeRenderer, tree_digest
from namehold.placeholder.page import find_field_faults, find_page_faults
from namehold.placeholder.project import find_project_faults
from namehold.placeholder.rules import RESERVATION_FILE, SUMMARY_MAX_CHARACTERS, find_leftovers
from namehold.placeholder.shape import find_code_faults, placeholder_files
from namehold.placeholder.values import make_reservation, template_values
from namehold.plan import Action, Plan, Reason
from namehold.portfolio import Account, Mode, Organization, Package, Portfolio

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

_PLAIN_FILES: Final = "keep plain files alone in the folder of templates: no link, pipe or device"
_MODULE: Final = "__module__"
_COMMON: Final = "common"


def bundled_templates() -> Path:
    """The folder of the templates that ship with namehold: inside the wheel, or beside `src` in a checkout."""
    inside = Path(__file__).parents[1] / "templates"
    return inside if inside.is_dir() else Path(__file__).parents[3] / "templates"


class Templates:
    """Renders placeholders for one index; a `TreeRenderer`.

    `folder` holds an organization's own templates; None for the bundled ones alone.
    `profile` is the index that the plan is for (not the rehearsal's): placeholders link to it.
    Raises TemplateError with every fault at once if `folder` can't be used; its templates are linted by rendering
    each mode once with a sample.
    """

    def __init__(self, folder: Place | None, profile: IndexProfile) -> None:
        self._profile = profile
        bundled = bundled_templates()
        self._layers = [(mode, read_layer(bundled, mode)) for mode in (_COMMON, *Mode)]
        if folder is not None:
            own = InnerPath.of(folder)
            _check_walk(own)
            check_folder(own.path, {_COMMON, *Mode})
            self._layers += [(mode, read_layer(own.path, mode)) for mode in (_COMMON, *Mode)]
            self._check_language(own.path)
            self._lint_with_samples(own.path)

    @cached_property
    def digest(self) -> str:
        """Digest of all template files, overridden ones included."""
        return digest(self._layers)

    def render(self, action: Action, portfolio: Portfolio) -> SourceTree:
        """The placeholder's source tree. Raises TemplateError with every fault at once."""
        values = template_values(action, portfolio, self._profile)
        files = {RESERVATION_FILE: make_reservation(action, values)}
        mode = str(action.mode)
        for path in self._mode_files(mode):
            name = path.removesuffix(SUFFIX)
            if not PurePosixPath(name).name.startswith("_") or _MODULE in name:
                rendered = self._render_file(mode, path, values)
                files[name.replace(_MODULE, values["module"])] = rendered
        faults = _find_faults(tuple(files.items()), action.name, action.mode)
        if faults:
            raise TemplateError(
                f"the placeholder {action.name} must not be built as its templates say", diagnostics=faults
            )
        sources = tuple(SourceFile(path=path, text=files[path]) for path in sorted(files))
        return SourceTree(
            name=action.name, version=action.version, mode=action.mode, files=sources, digest=tree_digest(sources)
        )

    def _mode_files(self, mode: str) -> dict[str, str]:
        """Template path -> text for one mode; a later layer replaces an earlier one file by file."""
        files: dict[str, str] = {}
        for layer, texts in self._layers:
            if layer in {_COMMON, mode}:
                files.update(texts)
        return files

    @cached_property
    def _environments(self) -> dict[tuple[str, str], SandboxedEnvironment]:
        # Jinja2 is loaded where something is rendered or checked: most plans need only the templates' digest.
        from namehold.placeholder.writers import WRITERS, make_environment  # noqa: PLC0415 -- it brings jinja2 along

        texts = {mode: frozenset(self._mode_files(mode).items()) for mode in Mode}
        return {(mode, suffix): make_environment(texts[mode], suffix) for mode in Mode for suffix in WRITERS}

    def _render_file(self, mode: str, path: str, values: Mapping[str, Any]) -> str:
        from jinja2 import TemplateError as JinjaError  # noqa: PLC0415 -- see `_environments`

        from namehold.placeholder.writers import WRITERS  # noqa: PLC0415 -- see `_environments`

        suffix = PurePosixPath(path.removesuffix(SUFFIX)).suffix
        if suffix not in WRITERS:
            fault = _fault("template-file", f"files of type {suffix} aren't allowed", path, "remove the file")
            raise TemplateError(f"the template {path} can't be used", diagnostics=(fault,))
        try:
            return _cut_off(self._environments[mode, suffix].get_template(path).generate(values))
        except (JinjaError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as error:
            line = getattr(error, "lineno", None)
            fault = Diagnostic(
                message=f"{type(error).__name__}: {error}",
                rule="template-render",
                path=f"{mode}/{path}",
                line=line,
                fix="see the values that a template may use in the how-to on own templates",
            )
            raise TemplateError(f"the template {mode}/{path} doesn't render", diagnostics=(fault,)) from None

    def _check_language(self, folder: Path) -> None:
        """Raises TemplateError for what Jinja can do and a template may not; the bundled ones keep to it, too."""
        from namehold.placeholder.language import find_language_faults  # noqa: PLC0415 -- see `_environments`

        faults = dict.fromkeys(
            replace(fault, path=f"{mode}/{fault.path}")
            for mode in Mode
            for fault in find_language_faults(self._mode_files(mode))
        )
        if faults:
            raise TemplateError(f"the templates in {folder} can't be used", diagnostics=tuple(faults))

    def _lint_with_samples(self, folder: Path) -> None:
        faults: list[Diagnostic] = []
        for mode in Mode:
            action, portfolio = _sample(mode)
            try:
                self.render(action, portfolio)
            except TemplateError as error:
                faults += error.diagnostics()
        if faults:
            raise TemplateError(f"the templates in {folder} can't be used", diagnostics=tuple(dict.fromkeys(faults)))


def _check_walk(folder: InnerPath) -> None:
    """Raises TemplateError if a component of a folder's path, or an entry below it, is a link or no plain file."""
    try:
        if folder.exists():
            tuple(folder.files())
    except OSError as error:
        fault = _fault("template-file", f"{error.strerror}", folder.path, _PLAIN_FILES)
        raise TemplateError(f"the templates in {folder} can't be used", diagnostics=(fault,)) from None


def _cut_off(pieces: Iterator[str]) -> str:
    """The pieces of a rendered file. Raises ValueError for more than a file may have."""
    text, length = [], 0
    for piece in pieces:
        text.append(piece)
        length += len(piece)
        if length > TEMPLATE_MAX_CHARACTERS:
            raise ValueError(f"it becomes longer than {TEMPLATE_MAX_CHARACTERS:,} characters")
    return "".join(text)


@lru_cache(maxsize=64)  # a run renders the actions of its day when it plans, before it sends and when it builds
def _find_faults(files: tuple[tuple[str, str], ...], name: NormalizedName, mode: Mode) -> tuple[Diagnostic, ...]:
    """Every fault of a rendered placeholder, before it is built; `files` are paths and texts."""
    return tuple(_lint(dict(files), name, mode))


def _lint(files: Mapping[str, str], name: NormalizedName, mode: Mode) -> Iterator[Diagnostic]:
    expected = placeholder_files(name, mode)
    for path in sorted(set(files) ^ expected):
        problem = "isn't allowed in a placeholder" if path in files else "is missing"
        yield _fault(
            "template-file", f"{path} {problem}", f"{mode}/{path}", "keep to the files of the bundled templates"
        )
    reservation = json.loads(files[RESERVATION_FILE])
    for path in sorted(set(files) & expected - {RESERVATION_FILE}):
        shown = f"{mode}/{path}"
        if path.endswith(".py"):
            yield from find_code_faults(files[path], path=shown, mode=mode)
        if path == "pyproject.toml":
            yield from find_project_faults(
                files[path], path=shown, name=name, mode=mode, dependencies=tuple(reservation["dependencies"])
            )
            yield from _field_faults(reservation, files[path], shown)
        if path == "README.md":
            yield from find_page_faults(reservation, files[path], path=shown)
        else:
            yield from find_leftovers(files[path], path=shown)


def _field_faults(reservation: Mapping[str, Any], source: str, path: str) -> Iterator[Diagnostic]:
    """What the metadata will say otherwise than planned."""
    try:
        project = tomllib.loads(source)["project"]
        people = [str(value) for person in project["authors"] for value in person.values()]
        summary, urls = str(project["description"]), dict(project.get("urls", {}))
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        yield _fault("placeholder-metadata", "its [project] can't be read", path, "keep the bundled template's")
        return
    yield from find_field_faults(reservation, summary=summary, people=people, urls=urls, path=path)
    if len(summary) > SUMMARY_MAX_CHARACTERS:
        message = f"the summary has more than {SUMMARY_MAX_CHARACTERS} characters"
        yield _fault("placeholder-metadata", message, path, "shorten organization.name")


def _sample(mode: Mode) -> tuple[Action, Portfolio]:
    """An invented action for linting templates."""
    target = NormalizedName("sample-target")
    portfolio = Portfolio(
        organization=Organization(
            name="Sample Organization",
            contact="https://sample.invalid/security",
            homepage="https://sample.invalid/",
            policy_page="https://sample.invalid/names",
        ),
        account=Account(index="sample", username="sample"),
        packages=(Package(name=target, spelled="Sample-Target"),),
    )
    action = Action(
        ordinal=1,
        day=1,
        name=NormalizedName("sample-targte"),
        target=target,
        mode=mode,
        version="0.0.1",
        reasons=(Reason(rule="sample", text="a sample reason"),),
        warnings=(),
        flagged_as=(),
        review_date=dt.date(2000, 1, 1),
        score=0.0,
        gain=0.0,
        digest="sha256:" + "0" * 64,
    )
    return action, portfolio


def _fault(rule: str, message: str, path: Path | str, fix: str) -> Diagnostic:
    return Diagnostic(message=message, rule=rule, path=str(path), fix=fix)


def render_action(action: Action, portfolio: Portfolio, renderer: TreeRenderer) -> SourceTree:
    """The placeholder of one action, byte for byte the one that the plan was made for.

    Raises TemplateError if it can't be rendered, StalePlan if the plan's digest is of another one.
    """
    tree = renderer.render(action, portfolio)
    if action.tree_digest and action.tree_digest != tree.digest:
        fault = Diagnostic(
            message=f"{action.name} would now be built as {tree.digest}, the plan has {action.tree_digest}",
            rule="plan-stale",
            fix="plan again: names.yaml, the templates or namehold changed since",
        )
        raise StalePlan(f"the placeholder {action.name} isn't the planned one any more", diagnostics=(fault,))
    return tree


def render_plan(
    plan: Plan, portfolio: Portfolio, renderer: TreeRenderer, *, names: Collection[NormalizedName] = ()
) -> tuple[SourceTree, ...]:
    """The placeholders of the plan's actions in their order; only those in `names`, if any are given.

    Raises UsageError for a name that the plan doesn't reserve, otherwise what `render_action` raises.
    """
    planned = {action.name for action in plan.actions}
    strangers = sorted(set(names) - planned)
    if strangers:
        raise UsageError(
            f"the plan reserves nothing called {', '.join(strangers)}",
            fix=f"name some of: {', '.join(sorted(planned)) or 'nothing (the plan has no reservations)'}",
        )
    return tuple(
        render_action(action, portfolio, renderer) for action in plan.actions if not names or action.name in names
    )
