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
import re
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urljoin, urlsplit

from packaging.utils import NormalizedName

from namehold import __version__
from namehold.digests import digest
from namehold.errors import Diagnostic, TemplateError
from namehold.models import (
    Account,
    Action,
    IndexProfile,
    Mode,
    Organization,
    Package,
    Portfolio,
    Reason,
    SourceFile,
    SourceTree,
)
from namehold.transparency import (
    CLASSIFIER,
    KEYWORD,
    PEP_541,
    RESERVATION_FILE,
    RESERVATION_SCHEMA,
    SUMMARY_MAX_CHARACTERS,
    find_code_faults,
    find_leftovers,
    find_project_faults,
    find_text_faults,
    is_collision,
    is_hidden,
    placeholder_files,
    placeholder_module,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jinja2.sandbox import SandboxedEnvironment

_SUFFIX: Final = ".j2"
_MODULE: Final = "__module__"
_COMMON: Final = "common"
#: What the index cuts or refuses in other fields (names, summary) leaves room for an organization's name of this size.
ORGANIZATION_NAME_MAX_CHARACTERS: Final = 200
#: The organization's own pages.
_PAGES: Final = ("homepage", "policy_page", "register_page", "source_page")
_MAILBOX: Final = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+")
_URL_SAFE: Final = "/:?&=+$,;~*'%-._#@!"
#: Always special; what starts a list, heading or underline at the start of a line; what GitHub's Markdown links.
_MARKDOWN_SPECIAL: Final = re.compile(r"[\\`*_\[\]<>|&~]|^[-+=#]|:(?=//)|(?<=www)\.|@", re.IGNORECASE)


def bundled_templates() -> Path:
    """The folder of the templates that ship with namehold: inside the wheel, or beside `src` in a checkout."""
    inside = Path(__file__).parent / "templates"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "templates"


def project_page(profile: IndexProfile, name: NormalizedName) -> str:
    """The address of a project's page for people on this index, from the profile's own addresses.

    A public index has one at `/project/<name>/` beside its simple interface; of any other only the latter is known.
    """
    if profile.is_public:
        return urljoin(profile.simple, f"../project/{name}/")
    return urljoin(profile.simple, f"{name}/")


class Templates:
    """Renders placeholders for one index; satisfies `ports.Renderer`.

    `folder` holds an organization's own templates; None for the bundled ones alone.
    `profile` is the index that the plan is for (not the rehearsal's): placeholders link to it.
    Raises TemplateError with every fault at once if `folder` can't be used; its templates are linted by rendering
    each mode once with a sample.
    """

    def __init__(self, folder: Path | None, profile: IndexProfile) -> None:
        self._profile = profile
        bundled = bundled_templates()
        self._layers = [(mode, _read_layer(bundled, mode)) for mode in (_COMMON, *Mode)]
        if folder is not None:
            if not folder.is_dir():
                fault = _fault("template-folder", "there is no such folder", folder, "mend policy.templates")
                raise TemplateError(
                    f"templates can't be read from {folder}",
                    hint="mend policy.templates in names.yaml, then: namehold plan",
                    diagnostics=(fault,),
                )
            _check_layout(folder)
            self._layers += [(mode, _read_layer(folder, mode)) for mode in (_COMMON, *Mode)]
            self._lint_with_samples(folder)

    @cached_property
    def digest(self) -> str:
        """Digest of all template files, overridden ones included."""
        return digest(self._layers)

    def render(self, action: Action, portfolio: Portfolio) -> SourceTree:
        """The placeholder's source tree. Raises TemplateError with every fault at once."""
        values = _values(action, portfolio, self._profile)
        files = {RESERVATION_FILE: _reservation(action, values)}
        mode = str(action.mode)
        for path in self._mode_files(mode):
            name = path.removesuffix(_SUFFIX)
            if not PurePosixPath(name).name.startswith("_") or _MODULE in name:
                rendered = self._render_file(mode, path, values)
                files[name.replace(_MODULE, values["module"])] = rendered
        faults = tuple(_lint(files, action, values))
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
        return {
            (mode, suffix): _environment(self._mode_files(mode), write)
            for mode in Mode
            for suffix, write in _WRITERS.items()
        }

    def _render_file(self, mode: str, path: str, values: Mapping[str, Any]) -> str:
        from jinja2 import TemplateError as JinjaError  # noqa: PLC0415 -- only commands that render pay for it

        suffix = PurePosixPath(path.removesuffix(_SUFFIX)).suffix
        if suffix not in _WRITERS:
            fault = _fault("template-file", f"files of type {suffix} aren't allowed", path, "remove the file")
            raise TemplateError(f"the template {path} can't be used", diagnostics=(fault,))
        try:
            return self._environments[mode, suffix].get_template(path).render(values)
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


def tree_digest(files: tuple[SourceFile, ...]) -> str:
    """sha256 over the sorted paths and texts of a rendered placeholder."""
    return digest(sorted((file.path, file.text) for file in files))


# --------------------------------------------------------------------------- reading templates


def _read_layer(folder: Path, mode: str) -> dict[str, str]:
    """Relative path -> text of every template of one mode in one folder, sorted."""
    root = folder / mode
    paths = sorted(path for path in root.rglob(f"*{_SUFFIX}") if path.is_file())
    try:
        # Newlines are read universally: a checkout that has CRLF must give the same bytes.
        return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    except (OSError, UnicodeDecodeError) as error:
        fault = _fault("template-file", f"{error}", root, "write it as UTF-8 text")
        raise TemplateError(f"templates can't be read from {root}", diagnostics=(fault,)) from None


def _check_layout(folder: Path) -> None:
    """What lies in an organization's folder but would never be used is an error: somebody thinks that it works."""
    known = {_COMMON, *Mode}
    faults = [
        _fault(
            "template-file",
            "this isn't a template of any mode",
            path,
            f"name it <{'|'.join(sorted(known))}>/<file>{_SUFFIX}, or remove it",
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file() and (path.relative_to(folder).parts[0] not in known or path.suffix != _SUFFIX)
    ]
    if faults:
        raise TemplateError(f"the templates in {folder} can't be used", diagnostics=tuple(faults))


# --------------------------------------------------------------------------- writing values


class _Verbatim(str):
    """Text that a filter has already written for its file type."""

    __slots__ = ()


def _environment(files: dict[str, str], write: Callable[[Any], str]) -> SandboxedEnvironment:
    from jinja2 import DictLoader, StrictUndefined, Undefined  # noqa: PLC0415 -- only commands that render pay for it
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415 -- same

    def finalize(value: Any) -> str:
        if isinstance(value, Undefined):
            return str(value)  # raises, and names what is undefined
        return value if isinstance(value, _Verbatim) else write(value)

    # autoescape is for HTML alone; `finalize` is its equivalent for any file type, and covers every value.
    environment = ImmutableSandboxedEnvironment(
        loader=DictLoader(files),
        undefined=StrictUndefined,
        finalize=finalize,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.clear()
    allowed = {"default", "first", "join", "last", "length", "lower", "replace", "sort", "trim", "upper"}
    environment.filters = {name: code for name, code in environment.filters.items() if name in allowed}
    if write is escape_markdown:
        environment.filters |= {"code": _code, "url": _autolink, "contact": _contact, "bare_name": _bare_name}
    return environment


def single_line(text: str) -> str:
    """`text` as one line that reads as it is: white space collapsed; control, bidi and other unseen characters gone."""
    visible = (character for character in re.sub(r"\s+", " ", text) if not is_hidden(character))
    return " ".join("".join(visible).split())


def escape_markdown(value: Any) -> str:
    """`value` as Markdown text that renders as itself (CommonMark, backslash escapes of ASCII punctuation).

    `<` becomes an entity, so that the lint finds a tag of a template and never one in a value.
    """
    text = _MARKDOWN_SPECIAL.sub(r"\\\g<0>", str(value)).replace("\\<", "&lt;")
    return re.sub(r"^(\d+)([.)])", r"\1\\\2", text)  # an ordered list


def write_toml(value: Any) -> str:
    """`value` as a TOML value on one line; JSON's strings and arrays of strings are TOML's (TOML 1.0)."""
    return json.dumps(value, ensure_ascii=False)


def write_python(value: Any) -> str:
    """`value` as a Python literal; a text of several lines as one literal a line, in parentheses."""
    lines = str(value).splitlines(keepends=True)
    if len(lines) < 2:  # noqa: PLR2004 -- nothing to put in parentheses
        return repr(str(value))
    return "(\n" + "".join(f"    {line!r}\n" for line in lines) + ")"


#: File type -> how values are written in it. A file of any other type is refused.
_WRITERS: Final[dict[str, Callable[[Any], str]]] = {
    ".toml": write_toml,
    ".py": write_python,
    ".md": escape_markdown,
    "": str,
}


def _code(value: str) -> _Verbatim:
    """A code span (CommonMark): longer fences than any run of backticks inside."""
    longest = max((len(run) for run in re.findall(r"`+", value)), default=0)
    fence = "`" * (longest + 1)
    space = " " if longest else ""
    return _Verbatim(f"{fence}{space}{value}{space}{fence}")


def _autolink(value: str) -> _Verbatim:
    """`<address>`; raises ValueError for what is no web address."""
    return _Verbatim(f"<{web_address(value)}>")


def _contact(value: str) -> _Verbatim:
    """A web address as a link, a mailbox as code (nobody's mail program opens by mistake), other words as text."""
    if is_web_address(value):
        return _autolink(value)
    return _code(value) if _MAILBOX.fullmatch(value) else _Verbatim(escape_markdown(value))


def _bare_name(value: str) -> _Verbatim:
    """A project name as it stands in a code block; raises ValueError for anything else."""
    if not re.fullmatch(r"[A-Za-z0-9._-]+", value):
        raise ValueError(f"{value!r} is no project name")
    return _Verbatim(value)


def is_web_address(text: str) -> bool:
    """Whether `text` is an https or http address with a host."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"https", "http"} and bool(parts.hostname)


def web_address(text: str) -> str:
    """`text` with everything quoted that could end an address in markup (RFC 3986). Raises ValueError if it is none."""
    if not is_web_address(text):
        raise ValueError(f"{text!r} is no web address")
    return quote(text, safe=_URL_SAFE)


# --------------------------------------------------------------------------- values


def _values(action: Action, portfolio: Portfolio, profile: IndexProfile) -> dict[str, Any]:
    """What templates may use: texts on one line each, lists of them, and nothing that runs."""
    organization = portfolio.organization
    module = placeholder_module(action.name, action.mode)
    if is_collision(action.name, action.mode, portfolio):
        fault = Diagnostic(
            message=f"its module {module} is an import or command of one of the portfolio's packages",
            rule="placeholder-collision",
            fix=f"choose the mode redirect for {action.name}",
        )
        raise TemplateError(f"{action.name} can't be a {action.mode}", diagnostics=(fault,))
    target = _target(action, portfolio)
    is_published = target is not None and target.published
    if action.mode is Mode.REDIRECT and not is_published:
        fault = Diagnostic(
            message=f"{action.target} is no published package of the portfolio, so nothing can depend on it",
            rule="placeholder-target",
            fix=f"choose the mode signpost for {action.name}",
        )
        raise TemplateError(f"{action.name} can't be a redirect", diagnostics=(fault,))
    who = _who(organization)
    spelled = target.spelled if target is not None else str(action.target)
    advice = _advice(action, spelled, who["name"], is_published=is_published)
    page = project_page(profile, action.target) if is_published else ""
    ends = action.withdraw_on.isoformat() if action.withdraw_on else ""
    ending = f"Ends on {ends}. " if ends else ""
    values: dict[str, Any] = {
        "name": str(action.name),
        "version": action.version,
        "mode": str(action.mode),
        "module": module,
        "target": spelled,
        "target_is_published": is_published,
        "target_page": page,
        "organization": who,
        "summary": f"{ending}Name held by {who['name']} to protect users of {spelled}. {advice}",
        "withdraw_on": ends,
        "notice": "",
        "dependencies": [spelled] if action.mode is Mode.REDIRECT else [],
        "reasons": [single_line(reason.text) for reason in action.reasons],
        "answer_days": portfolio.policy.answer_days,
        "review_date": action.review_date.isoformat(),
        "action_digest": action.digest,
        "tool": f"namehold {__version__}",
        "keyword": KEYWORD,
        "classifier": CLASSIFIER,
        "pep_541": PEP_541,
        "links": _links(who, page),
    }
    values["notice"] = "\n".join(
        [
            f"{action.name} is a placeholder, not {spelled}.",
            advice,
            *([page] if page else [who["homepage"]] if who["homepage"] else []),
            f"The name is held by {who['name']} to protect users. Contact: {who['contact']}",
            *([f"From {ends} on it isn't: somebody else may publish under it."] if ends else []),
        ]
    )
    return values


def _target(action: Action, portfolio: Portfolio) -> Package | None:
    """The package that the name may be mistaken for; None where that isn't on an index (internal names)."""
    try:
        return portfolio.package(action.target)
    except KeyError:
        return None


def _advice(action: Action, target: str, organization: str, *, is_published: bool) -> str:
    if is_published:
        return f"Install {target} instead."
    if action.mode is Mode.REFUSE:
        return f"Install it from the index of {organization} instead."
    return f"See {target} instead; it is not on this index."


def _who(organization: Organization) -> dict[str, str]:
    """The organization's texts, cleaned. Raises TemplateError with every value that can't be shown."""
    who = {
        field: single_line(getattr(organization, field))
        for field in (
            "name",
            "legal_name",
            "homepage",
            "contact",
            "policy_page",
            "index_organization",
            "register_page",
            "source_page",
        )
    }
    faults: list[Diagnostic] = []
    for field in ("name", "contact"):
        if not who[field]:
            message = f"organization.{field} is empty or can't be seen"
            faults.append(Diagnostic(message=message, rule="placeholder-transparency", fix="write it into names.yaml"))
    if len(who["name"]) > ORGANIZATION_NAME_MAX_CHARACTERS:
        message = f"organization.name is longer than {ORGANIZATION_NAME_MAX_CHARACTERS} characters"
        faults.append(Diagnostic(message=message, rule="placeholder-metadata", fix="shorten it in names.yaml"))
    for field in _PAGES:
        if who[field] and not is_web_address(who[field]):
            message = f"organization.{field} is no web address: {who[field]!r}"
            faults.append(Diagnostic(message=message, rule="placeholder-metadata", fix="write it with https://"))
    if faults:
        raise TemplateError("the organization can't be shown on a placeholder", diagnostics=tuple(faults))
    for field in (*_PAGES, "contact"):
        if is_web_address(who[field]):
            who[field] = web_address(who[field])
    return who


def _links(who: Mapping[str, str], page: str) -> list[dict[str, str]]:
    """Project-URLs by label; only addresses that are known."""
    contact = who["contact"] if is_web_address(who["contact"]) else ""
    links = {
        "Homepage": page or who["homepage"],
        "Organization": who["homepage"],
        "Security" if "security" in contact.lower() else "Issues": contact,
        "Source": who["source_page"],
        "Reservations": who["register_page"] or who["policy_page"],
    }
    return [{"label": label, "url": url} for label, url in links.items() if url]


def _reservation(action: Action, values: Mapping[str, Any]) -> str:
    """The machine-readable file: everything that a person reads, and what the action's digest is made from."""
    refuses = action.mode is Mode.REFUSE
    document = {
        "schema": RESERVATION_SCHEMA,
        "name": action.name,
        "version": action.version,
        "mode": action.mode,
        "target": action.target,
        "target_page": values["target_page"],
        "organization": values["organization"],
        "reasons": [{"rule": reason.rule, "text": reason.text} for reason in action.reasons],
        "module": values["module"],
        "dependencies": values["dependencies"],
        "behavior": {
            "runs_code_at_install": refuses,
            "installs": not refuses,
            "uses_network": False,
            "collects_data": False,
        },
        "release": {
            "contact": values["organization"]["contact"],
            "answer_days": values["answer_days"],
            "policy": PEP_541,
        },
        "review_date": values["review_date"],
        "withdraw_on": values["withdraw_on"],
        "action_digest": action.digest,
        "tool": values["tool"],
    }
    return json.dumps(document, indent=1, ensure_ascii=True) + "\n"


# --------------------------------------------------------------------------- linting


def _lint(files: Mapping[str, str], action: Action, values: Mapping[str, Any]) -> Iterator[Diagnostic]:
    """Every fault of a rendered placeholder, before it is built."""
    mode = action.mode
    expected = placeholder_files(action.name, mode)
    for path in sorted(set(files) ^ expected):
        problem = "has no place in a placeholder" if path in files else "is missing"
        yield _fault(
            "template-file", f"{path} {problem}", f"{mode}/{path}", "keep to the files of the bundled templates"
        )
    for path in sorted(set(files) & expected - {RESERVATION_FILE}):
        shown = f"{mode}/{path}"
        if path.endswith(".py"):
            yield from find_code_faults(files[path], path=shown)
        if path == "pyproject.toml":
            yield from find_project_faults(
                files[path], path=shown, name=action.name, mode=mode, dependencies=tuple(values["dependencies"])
            )
        if path == "README.md":
            yield from find_text_faults(files[path], path=shown, required=_required_in_readme(values))
        yield from find_leftovers(files[path], path=shown)
    if len(values["summary"]) > SUMMARY_MAX_CHARACTERS:
        yield _fault(
            "placeholder-metadata",
            f"the summary has more than {SUMMARY_MAX_CHARACTERS} characters",
            f"{mode}/pyproject.toml",
            "shorten organization.name",
        )


def _required_in_readme(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What readers must be told, as the Markdown writes it."""
    organization = values["organization"]
    yield "the placeholder", _code(values["name"])
    if values["target_is_published"]:
        yield "the real package", f"pip install {values['target']}"
        yield "the real package's page", _autolink(values["target_page"])
    yield "the organization", escape_markdown(organization["name"])
    yield "the contact", _contact(organization["contact"])
    for reason in values["reasons"]:
        yield "the reason", escape_markdown(reason)
    yield "the days until an answer", f"{values['answer_days']} days"
    yield "the index's policy", PEP_541
    if values["withdraw_on"]:
        yield "the day on which it ends", escape_markdown(values["withdraw_on"])
    yield "the review date", escape_markdown(values["review_date"])
    yield "the digest of the decision", values["action_digest"]
    yield "the machine-readable file", RESERVATION_FILE


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
