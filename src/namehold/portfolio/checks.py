"""What no single value shows: names listed twice, contradictions, names that point nowhere, limits between keys.

The checks read the file's plain values, not its shape, so that they hold for the sound parts of a file that has
faults elsewhere: all errors come at once. What doesn't fit the shape is skipped here; the shape says so.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from packaging.utils import NormalizedName

from namehold.documents import as_list, as_table
from namehold.errors import Diagnostic
from namehold.index import INDEX_QUOTA, KNOWN_INDEXES, NICKNAME
from namehold.names import is_valid, normalize, ultranormalize
from namehold.portfolio.model import EVIDENCE_KINDS, MAX_NAMES_A_PACKAGE, SURFACE_LISTS, Account, Budget, Portfolio
from namehold.portfolio.yaml import Document, Location

# A name stands under one of these; `observed` is evidence, not a decision, and may name any but a package.
_DECISIONS = ("packages", "internal", "future", "always", "never", "look_alikes", "unrelated")
#: Surfaces that may become names of their own, and so may be confirmed.
_CONFIRMABLE = ("imports", "commands", "aliases", "former")
_SURFACES = tuple(SURFACE_LISTS.values())
#: Lists of which the values are compared letter by letter.
_EXACT = frozenset({"imports", "namespaces", "commands", "entry_points", "holders", "ignore"})
# Words of mailboxes that outlive a person. A mailbox without any is only warned about.
_ROLES = re.compile(
    r"abuse|admins?|advisories|bugs|cert|ci|community|conduct|contacts?|core|csirt|dev(s|el|elopers?)?|disclosure|dist"
    r"|foss|hello|help|helpdesk|info|infosec|infra|legal|list|mail|maintainers?|names|office|ops|oss|osspo|open|ospo"
    r"|opensource|owners?|pack(ages?|aging)|platform|product|projects?|psirt|pypi|python|register|registry|releases?"
    r"|reports|reservations?|sdk|sec|secops|security|service|soc|software|source|support|team|tech|trademarks?|trust|web"
    r"|webmaster"
)


#: The nearest name is looked for so many times in one list: each time takes a look at every known one.
_MAX_OFFERS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    """A valid name where the file lists it."""

    section: str
    name: NormalizedName
    spelled: str
    location: Location
    item: dict[str, Any]


def cross_check(document: Document) -> list[Diagnostic]:
    """Everything that is wrong between the values of a file, and what a person should look at."""
    checks: tuple[Callable[[_File], Iterator[Diagnostic]], ...] = (
        _find_duplicate_names,
        _find_contradictions,
        _find_duplicate_values,
        _find_unknown_packages,
        _find_unknown_confirmed,
        _find_ignored,
        _find_similar_packages,
        _find_impossible_counts,
        _find_modes_without_placeholder,
        _find_budget_faults,
        _find_index_faults,
        _find_repeated_endpoints,
        _find_publishing_demo,
        _find_personal_contact,
    )
    file = _File(document)
    return [diagnostic for check in checks for diagnostic in check(file)]


def find_days_to_come(document: Document, today: dt.date) -> Iterator[Diagnostic]:
    """Warnings of observations that are dated in the future; somewhere it may be tomorrow already.

    Such a date is told to strangers as evidence, and nothing newer ever takes the observation's place.
    """
    file = _File(document)
    for item in (item for kind in EVIDENCE_KINDS for item in file.listed(kind)):
        day = item.item.get("date")
        if type(day) is dt.date and day > today + dt.timedelta(days=1):
            place = (*item.location[:2], "date")
            message = f"`{item.spelled}` is said to be observed on {day}, in the future"
            yield document.warning("config-future", place, message, fix="write the day of the observation")


def find_days_over(document: Document, today: dt.date) -> Iterator[Diagnostic]:
    """A warning of a review date that is over: no new placeholder can promise it."""
    day = as_table(document.values.get("policy")).get("review_date")
    if type(day) is dt.date and day <= today:
        message = f"the review of {day} was to be done by now; new placeholders promise the end of next year"
        fix = "record the reviews (namehold status --reviewed NAME), then write the next day or delete the key"
        yield document.warning("config-past", ("policy", "review_date"), message, fix=fix)


def cross_check_evidence(document: Document, portfolio: Portfolio) -> list[Diagnostic]:
    """The same of an evidence.yaml, and which observations say nothing about the packages of `portfolio`."""
    file = _File(document)
    found: list[Diagnostic] = []
    for kind in EVIDENCE_KINDS:
        found += _repeated(file, tuple(file.listed(kind)), "`{}` from this source", "package", "source")
        found += _find_impossible_counts(file, kind)
        found += _find_unused_observations(file, kind, {package.name for package in portfolio.packages})
    return found


class _File:
    """The plain values of a file, as far as they are sound."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.packages = tuple(self.listed("packages"))

    def mapping(self, section: str) -> dict[str, Any]:
        """A section that is a mapping; empty where it isn't."""
        return as_table(self.document.values.get(section))

    def listed(self, section: str, key: str = "name") -> Iterator[_Listed]:
        """The valid names of a section that is a list of names, or of mappings with a name under `key`."""
        for position, entry in enumerate(as_list(self.document.values.get(section))):
            item = entry if isinstance(entry, dict) else {key: entry}
            spelled = item.get(key)
            if isinstance(spelled, str) and is_valid(spelled):
                place: Location = (section, position, key) if isinstance(entry, dict) else (section, position)
                yield _Listed(section=section, name=normalize(spelled), spelled=spelled, location=place, item=item)

    def texts(self, package: _Listed, *keys: str) -> Iterator[tuple[str, Location]]:
        """The texts of these lists of a package, with their places."""
        for key in keys:
            yield from _texts(self.document, (*package.location[:2], key))

    def line(self, location: Location) -> int:
        """The line in which a value stands."""
        return self.document.place(location).line


def _find_contradictions(file: _File) -> Iterator[Diagnostic]:
    first: dict[NormalizedName, _Listed] = {}
    for section in _DECISIONS:
        for item in file.listed(section):
            earlier = first.setdefault(item.name, item)
            if earlier.section == section:
                continue
            if section == "look_alikes" and earlier.section == "packages":
                message = f"`{item.spelled}` is a package of your own, so it can't be a look-alike"
                yield file.document.fault(
                    "config-own-look-alike", item.location, message, fix="delete the verdict or the package"
                )
                continue
            where = f"`{earlier.section}` (line {file.line(earlier.location)})"
            message = f"`{item.spelled}` stands under `{section}` and under {where}"
            yield file.document.fault("config-contradiction", item.location, message, fix="keep it in one of them")
    packages = {item.name: item for item in file.packages}
    for item in file.listed("observed"):
        if item.name in packages:
            message = f"`{item.spelled}` is a package of your own (line {file.line(packages[item.name].location)})"
            fix = "delete the observation: people asked for the right name"
            yield file.document.fault("config-contradiction", item.location, message, fix=fix)


def _find_duplicate_names(file: _File) -> Iterator[Diagnostic]:
    """A name twice in one list; an observation is another one with another source or date."""
    for section in _DECISIONS:
        yield from _repeated(file, tuple(file.listed(section)), "`{}`")
    yield from _repeated(file, tuple(file.listed("namespaces", "prefix")), "`{}`")
    yield from _repeated(file, tuple(file.listed("renew")), "`{}`")
    yield from _repeated(file, tuple(file.listed("observed")), "`{}` from this source on this day", "source", "date")


def _repeated(file: _File, items: tuple[_Listed, ...], what: str, *also: str) -> Iterator[Diagnostic]:
    """What is listed a second time in one list, with the same values under the keys `also`."""
    first: dict[tuple[str, ...], _Listed] = {}
    for item in items:
        earlier = first.setdefault((item.name, *(str(item.item.get(key)) for key in also)), item)
        if earlier is not item:
            spelling = "" if earlier.spelled == item.spelled else f", spelled `{earlier.spelled}`"
            message = f"{what.format(item.spelled)} is already listed in line {file.line(earlier.location)}{spelling}"
            yield file.document.fault("config-duplicate", item.location, message, fix="keep one of them")


def _find_duplicate_values(file: _File) -> Iterator[Diagnostic]:
    """The same text twice in one of a package's lists, or the package's own name as another name of it."""
    lists: list[tuple[Location, str]] = [(("account",), "holders")]
    lists += [
        (item.location[:2], key) for item in file.packages for key in (*_SURFACES, "companions", "confirmed", "ignore")
    ]
    for location, key in lists:
        seen: dict[str, Location] = {}
        for value, place in _texts(file.document, (*location, key)):
            same = value if key in _EXACT else _normalized(value)
            earlier = seen.setdefault(same, place)
            if earlier != place:
                message = f"`{value}` is already listed in line {file.line(earlier)}"
                yield file.document.fault("config-duplicate", place, message, fix="keep one of them")
    for item in file.packages:
        for value, place in file.texts(item, "aliases", "former", "companions", "confirmed"):
            if _normalized(value) == item.name:
                message, fix = f"`{value}` is the package itself", f"delete it under `{place[2]}`"
                yield file.document.fault("config-duplicate", place, message, fix=fix)


def _find_unknown_packages(file: _File) -> Iterator[Diagnostic]:
    known = {item.name for item in file.packages}
    offers = itertools.chain(itertools.repeat(known, _MAX_OFFERS), itertools.repeat(frozenset[NormalizedName]()))
    for section in ("observed", "always", "look_alikes", "renew"):
        for item in file.listed(section):
            target = item.item.get("package")
            if isinstance(target, str) and is_valid(target) and normalize(target) not in known:
                message = f"`{target}` is not listed under `packages`"
                fix = _nearest(normalize(target), next(offers)) or "add the package, or name the one that was meant"
                yield file.document.fault("config-unknown-package", (*item.location[:2], "package"), message, fix=fix)


def _find_unknown_confirmed(file: _File) -> Iterator[Diagnostic]:
    forbidden: dict[str, Location] = {item.name: item.location for item in file.listed("never")}
    asked = {item.name for item in (*file.listed("observed"), *file.listed("always"))}
    for item in file.packages:
        surfaces = asked | {_normalized(value) for value, _ in file.texts(item, *_CONFIRMABLE)}
        offers = itertools.chain(itertools.repeat(surfaces, _MAX_OFFERS), itertools.repeat(set[str]()))
        for value, place in file.texts(item, "confirmed"):
            name = _normalized(value)
            if name in forbidden:
                message = f"`{value}` stands under `never` too (line {file.line(forbidden[name])})"
                yield file.document.fault("config-contradiction", place, message, fix="keep it in one of them")
            elif name not in surfaces:
                message = f"`{value}` is no import, command, alias, former, `observed` or `always` name"
                fix = _nearest(name, next(offers)) or "list it there first"
                yield file.document.fault("config-unconfirmable", place, message, fix=fix)


def _find_ignored(file: _File) -> Iterator[Diagnostic]:
    """What is listed although the same package says to ignore it."""
    for item in file.packages:
        ignored = dict(file.texts(item, "ignore"))
        for value, place in file.texts(item, *_SURFACES, "companions"):
            if value in ignored:
                message = f"`{value}` stands under `ignore` too (line {file.line(ignored[value])})"
                yield file.document.fault("config-contradiction", place, message, fix="keep it in one of them")


def _find_similar_packages(file: _File) -> Iterator[Diagnostic]:
    first: dict[str, _Listed] = {}
    for item in file.packages:
        earlier = first.setdefault(ultranormalize(item.name), item)
        if earlier.name != item.name:
            message = (
                f"`{item.spelled}` and `{earlier.spelled}` (line {file.line(earlier.location)}) are one name to the "
                "index's similarity rule; only one of them can be registered there"
            )
            fix = "check the spelling, or delete the one that isn't on the index"
            yield file.document.warning("config-similar", item.location, message, fix=fix)


#: What was counted, and among how many.
_COUNTS = (("count", "of"), ("runs", "of_runs"), ("prompts", "of_prompts"))


def _find_impossible_counts(file: _File, section: str = "observed") -> Iterator[Diagnostic]:
    for item in file.listed(section):
        for part, whole in _COUNTS:
            count, of = item.item.get(part, 1), item.item.get(whole)
            if isinstance(count, int) and isinstance(of, int) and count > of > 0:
                noun = "answers" if part == "count" else part
                yield file.document.fault(
                    "config-value",
                    (*item.location[:2], whole),
                    f"{count} {noun} of {of} can't be",
                    fix=f"correct `{part}` or `{whole}`",
                )


def _find_repeated_endpoints(file: _File) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for position, entry in enumerate(as_list(file.mapping("probe").get("endpoints"))):
        url = as_table(entry).get("url")
        if isinstance(url, str) and url.rstrip("/") in seen:
            message = "this endpoint is listed already"
            place: Location = ("probe", "endpoints", position, "url")
            yield file.document.fault("config-duplicate", place, message, fix="put all its models under one entry")
        elif isinstance(url, str):
            seen.add(url.rstrip("/"))


def _find_unused_observations(file: _File, kind: str, own: set[NormalizedName]) -> Iterator[Diagnostic]:
    for item in file.listed(kind):
        target = item.item.get("package")
        if item.name in own:
            message, place = f"`{item.spelled}` is a package of your own now; the observation isn't used", item.location
        elif isinstance(target, str) and is_valid(target) and normalize(target) not in own:
            message = f"`{target}` is not listed under `packages` in names.yaml; the observation isn't used"
            place = (*item.location[:2], "package")
        else:
            continue
        fix = "delete it, or correct the names" if item.name not in own else "delete it"
        yield file.document.warning("evidence-unused", place, message, fix=fix)


def _find_modes_without_placeholder(file: _File) -> Iterator[Diagnostic]:
    for item in file.listed("always"):
        route = item.item.get("route")
        if "mode" in item.item and route in ("request", "watch"):
            message = f"`mode` says what a placeholder does, but the route `{route}` publishes none"
            place: Location = (*item.location[:2], "mode")
            yield file.document.fault("config-contradiction", place, message, fix="delete `mode`, or choose reserve")


def _find_budget_faults(file: _File) -> Iterator[Diagnostic]:
    budget = file.mapping("budget")
    floor, most = budget.get("floor"), budget.get("per_package", Budget().per_package)
    if isinstance(floor, int) and isinstance(most, int) and most < floor <= MAX_NAMES_A_PACKAGE:
        message = f"`floor`: {floor} names for each package are more than the {most} of `per_package`"
        fix = f"write {most} or less, or raise per_package"
        yield file.document.fault("config-budget", ("budget", "floor"), message, fix=fix)
    kept, day = budget.get("keep_slots", 0), budget.get("per_day")
    nickname = file.mapping("account").get("index", Account().index)
    if isinstance(kept, bool) or not isinstance(kept, int) or nickname not in KNOWN_INDEXES:
        return
    if kept >= INDEX_QUOTA.limit:
        message = (
            f"`keep_slots`: {kept} of the quota's {INDEX_QUOTA.limit} slots a day would leave none to reserve with"
        )
        fix = f"keep at most {INDEX_QUOTA.limit - 1}"
        yield file.document.fault("config-budget", ("budget", "keep_slots"), message, fix=fix)
    elif isinstance(day, int) and day > INDEX_QUOTA.limit - kept > 0:
        message = f"`per_day`: the quota allows {INDEX_QUOTA.limit} a day and {kept} are kept; {day} won't be reached"
        fix = f"write {INDEX_QUOTA.limit - kept} or less, or delete the key"
        yield file.document.warning("config-budget", ("budget", "per_day"), message, fix=fix)


def _find_index_faults(file: _File) -> Iterator[Diagnostic]:
    nickname, addresses = file.mapping("account").get("index", Account().index), file.document.values.get("index")
    if not isinstance(nickname, str) or not nickname.strip():
        return
    if nickname not in KNOWN_INDEXES and addresses is None:
        message = f"the index `{nickname}` is unknown, and no addresses are given for it"
        fix = (
            _nearest(nickname.lower(), KNOWN_INDEXES)
            or f"choose {' or '.join(KNOWN_INDEXES)}, or add `index:` with its addresses"
        )
        yield file.document.fault("config-index", ("account", "index"), message, fix=fix)
    elif nickname in KNOWN_INDEXES and addresses is not None:
        message = f"addresses are given, but `account.index` is `{nickname}`, whose addresses are known"
        fix = "delete `index:`, or give the private index a nickname of its own under `account.index`"
        yield file.document.fault("config-index", ("index",), message, fix=fix)
    elif not NICKNAME.fullmatch(nickname):
        message = f"the nickname {nickname!r} becomes a part of file names, and can't be one"
        fix = "use letters and digits, with single dots, dashes and underscores between them: `acme-devpi`"
        yield file.document.fault("config-index", ("account", "index"), message, fix=fix)


def _find_publishing_demo(file: _File) -> Iterator[Diagnostic]:
    if file.document.values.get("demo") is True and file.mapping("publishing").get("enabled") is True:
        fix = "write `enabled: false`, or delete `demo: true` and write the file for a real organization"
        yield file.document.fault("config-demo", ("publishing", "enabled"), "a demo can't publish", fix=fix)


def _find_personal_contact(file: _File) -> Iterator[Diagnostic]:
    contact = file.mapping("organization").get("contact")
    if not isinstance(contact, str) or "@" not in contact or "://" in contact:
        return
    mailbox = contact.partition("@")[0].lower()
    if not any(_ROLES.fullmatch(word) for word in re.split(r"[^a-z]+", mailbox)):
        message = f"{contact!r} looks like a person's mailbox; placeholders are public and stay for years"
        fix = "give a role mailbox, or the address of an issue tracker or a security policy"
        yield file.document.warning("config-personal-contact", ("organization", "contact"), message, fix=fix)


def _texts(document: Document, location: Location) -> Iterator[tuple[str, Location]]:
    """The texts of a list, bare or as the `value` of a mapping, with their places."""
    value: Any = document.values
    for part in location:
        inside = isinstance(value, list) if isinstance(part, int) else isinstance(value, dict) and part in value
        value = value[part] if inside else None
    for position, entry in enumerate(as_list(value)):
        text = entry.get("value") if isinstance(entry, dict) else entry
        if isinstance(text, str) and text:
            yield text, (*location, position, "value") if isinstance(entry, dict) else (*location, position)


def _normalized(text: str) -> str:
    """A text as a name, if it can be one; an import's dots and a command's dashes are no difference."""
    return normalize(text) if is_valid(text) else text


def _nearest(text: str, known: Any) -> str:
    """A question that offers the nearest of `known`; empty where none is near."""
    from rapidfuzz import process  # noqa: PLC0415 -- only a file with a mistake pays for it
    from rapidfuzz.distance import Indel  # noqa: PLC0415

    near = process.extractOne(text, sorted(known), scorer=Indel.normalized_similarity, score_cutoff=0.75)
    return f"did you mean `{near[0]}`?" if near is not None else ""
