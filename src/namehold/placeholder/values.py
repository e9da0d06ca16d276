"""What a placeholder says: the values that its templates show."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urljoin, urlsplit

from packaging.utils import NormalizedName

from namehold import __version__
from namehold.errors import Diagnostic, TemplateError
from namehold.index import IndexProfile
from namehold.placeholder.rules import CLASSIFIER, KEYWORD, PEP_541, RESERVATION_SCHEMA
from namehold.placeholder.shape import is_collision, placeholder_module
from namehold.plan import Action
from namehold.portfolio import Mode, Organization, Package, Portfolio
from namehold.text import single_line

#: What the index cuts or refuses in other fields (names, summary) leaves room for an organization's name of this size.
ORGANIZATION_NAME_MAX_CHARACTERS: Final = 200
#: Longer texts and addresses are no contact that a person reads (and browsers cut addresses at about this length).
_FIELD_MAX_CHARACTERS: Final = 2_000
#: Characters of an address that can't end it in markup.
_URL_SAFE: Final = "/:?&=+$,;~*'%-._#@!"
#: What a decoder puts in the place of bytes that it can't read; a placeholder's files must hold none.
_LOST: Final = "\N{REPLACEMENT CHARACTER}"
#: What a placeholder says about the organization.
ORGANIZATION_FIELDS: Final = (
    "name",
    "legal_name",
    "homepage",
    "contact",
    "policy_page",
    "index_organization",
    "register_page",
    "source_page",
)
#: The organization's own pages.
_PAGES: Final = ("homepage", "policy_page", "register_page", "source_page")


def project_page(profile: IndexProfile, name: NormalizedName) -> str:
    """The address of a project's page for people on this index, from the profile's own addresses.

    A public index has one at `/project/<name>/` beside its simple interface; of any other only the latter is known.
    """
    if profile.is_public:
        return urljoin(profile.simple, f"../project/{name}/")
    return urljoin(profile.simple, f"{name}/")


def template_values(action: Action, portfolio: Portfolio, profile: IndexProfile) -> dict[str, Any]:
    """What templates may use: texts on one line each, lists of them, and nothing that runs."""
    organization = portfolio.organization
    module = placeholder_module(action.name, action.mode)
    if is_collision(action.name, action.mode, portfolio):
        message = f"its module {module} is an import or command of one of the portfolio's packages"
        raise _wrong_mode(action, "placeholder-collision", message, instead=Mode.REDIRECT)
    target = _target(action, portfolio)
    is_published = target is not None and target.published
    if action.mode is Mode.REDIRECT and not is_published:
        message = f"{action.target} isn't a published package of the portfolio, so nothing can depend on it"
        raise _wrong_mode(action, "placeholder-target", message, instead=Mode.SIGNPOST)
    who = _who(organization)
    spelled = target.spelled if target is not None else str(action.target)
    advice = make_advice(action.mode, spelled, who["name"], is_published=is_published)
    page = project_page(profile, action.target) if is_published else ""
    ends = action.withdraw_on.isoformat() if action.withdraw_on else ""
    values: dict[str, Any] = {
        "name": str(action.name),
        "version": action.version,
        "mode": str(action.mode),
        "module": module,
        "target": spelled,
        "target_is_published": is_published,
        "target_page": page,
        "organization": who,
        "summary": make_summary(who["name"], spelled, advice=advice, ends=ends),
        "withdraw_on": ends,
        "notice": "",
        "dependencies": [spelled] if action.mode is Mode.REDIRECT else [],
        "reasons": [single_line(reason.text).replace(_LOST, "?") for reason in action.reasons],
        "answer_days": portfolio.policy.answer_days,
        "review_date": action.review_date.isoformat(),
        "action_digest": action.digest,
        "tool": action.tool or f"namehold {__version__}",
        "keyword": KEYWORD,
        "classifier": CLASSIFIER,
        "pep_541": PEP_541,
        "links": [{"label": label, "url": url} for label, url in make_links(who, page).items()],
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


def _wrong_mode(action: Action, rule: str, message: str, *, instead: Mode) -> TemplateError:
    fault = Diagnostic(message=message, rule=rule, fix=f"choose the mode {instead} for {action.name}")
    return TemplateError(f"{action.name} can't be a {action.mode}", diagnostics=(fault,))


def _target(action: Action, portfolio: Portfolio) -> Package | None:
    """The package that the name may be mistaken for; None where that isn't on an index (internal names)."""
    try:
        return portfolio.package(action.target)
    except KeyError:
        return None


def make_advice(mode: Mode, target: str, organization: str, *, is_published: bool) -> str:
    """The sentence that tells what to do instead; `target` as it is spelled."""
    if is_published:
        return f"Install {target} instead."
    if mode is Mode.REFUSE:
        return f"Install it from the index of {organization} instead."
    return f"See {target} instead; it is not on this index."


def make_summary(organization: str, target: str, *, advice: str, ends: str) -> str:
    """The summary of a placeholder; `ends` is the day on which it is withdrawn, or empty."""
    ending = f"Ends on {ends}. " if ends else ""
    return f"{ending}Name held by {organization} to protect users of {target}. {advice}"


def _who(organization: Organization) -> dict[str, str]:
    """The organization's texts, cleaned. Raises TemplateError with every value that can't be shown."""
    who = {field: single_line(getattr(organization, field)) for field in ORGANIZATION_FIELDS}
    faults: list[Diagnostic] = []
    for field in ("name", "contact"):
        if not who[field]:
            message = f"organization.{field} is empty or can't be seen"
            faults.append(Diagnostic(message=message, rule="placeholder-transparency", fix="write it into names.yaml"))
    for field in ORGANIZATION_FIELDS:
        longest = ORGANIZATION_NAME_MAX_CHARACTERS if field == "name" else _FIELD_MAX_CHARACTERS
        wrongs = (
            (len(who[field]) > longest, f"is longer than {longest} characters"),
            (_LOST in who[field], "holds U+FFFD, which stands for a character that was lost"),
        )
        fix = "correct it in names.yaml"
        faults += [
            Diagnostic(message=f"organization.{field} {wrong}", rule="placeholder-metadata", fix=fix)
            for is_wrong, wrong in wrongs
            if is_wrong
        ]
    for field in _PAGES:
        if who[field] and not is_web_address(who[field]):
            message = f"organization.{field} isn't a web address: {who[field]!r}"
            faults.append(Diagnostic(message=message, rule="placeholder-metadata", fix="write it with https://"))
    if faults:
        raise TemplateError("the organization can't be shown on a placeholder", diagnostics=tuple(faults))
    for field in (*_PAGES, "contact"):
        if is_web_address(who[field]):
            who[field] = web_address(who[field])
    return who


def make_links(who: Mapping[str, str], page: str) -> dict[str, str]:
    """Project-URLs by label; only addresses that are known. `page` is the real project's."""
    contact = who["contact"] if is_web_address(who["contact"]) else ""
    links = {
        "Homepage": page or who["homepage"],
        "Organization": who["homepage"],
        "Security" if "security" in contact.lower() else "Issues": contact,
        "Source": who["source_page"],
        "Reservations": who["register_page"] or who["policy_page"],
    }
    return {label: url for label, url in links.items() if url}


#: The only part of an address that may have brackets: an IPv6 host, which ends there.
_IPV6_HOST = re.compile(r"https?://\[[0-9a-f:.]+\](?=[:/?#]|$)", re.IGNORECASE)
#: What Markdown reads as one character, in an address, too (`&lt;`): its first sign.
_CHARACTER_REFERENCE = re.compile(r"&(?=#?\w+;)", re.ASCII)


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
        raise ValueError(f"{text!r} isn't a web address")
    found = _IPV6_HOST.match(text)
    end = found.end() if found is not None else 0
    return _CHARACTER_REFERENCE.sub("%26", text[:end] + quote(text[end:], safe=_URL_SAFE))


def make_reservation(action: Action, values: Mapping[str, Any]) -> str:
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
