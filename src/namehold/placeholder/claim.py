"""CLAIM: whether the index agrees that one owner holds a placeholder and the project that it points to.

    judged = judge_name(NormalizedName("acme-tol"), index=reader, web=reader, profile=profile)
    judged.claims[0].verdict

Beside it stands the FORM of each file of the latest release. The two verdicts never merge: a good form doesn't prove
who is behind it. Nothing that is downloaded is written to disk or executed.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final, TypedDict
from urllib.parse import urljoin

from packaging.utils import NormalizedName

from namehold.errors import IndexError_, InputError
from namehold.index import IndexFile, IndexProfile, IndexReader, ProjectState, WebReader, latest_release
from namehold.ledger import owner_of
from namehold.mentions import says_held
from namehold.ownership import account_address, find_declaration
from namehold.placeholder.audit import AuditFinding, find_fault
from namehold.placeholder.judging import Judgement, judge_files
from namehold.placeholder.reading import PlaceholderFile, read_placeholder
from namehold.placeholder.rules import make_rules

#: A placeholder has some kilobytes; a larger file isn't one.
MAX_FILE_BYTES: Final = 1_000_000
#: One wheel and one sdist are what a placeholder needs.
MAX_FILES: Final = 4
#: All files of one release are judged in no more than this, in seconds.
_JUDGING_LIMIT_S: Final = 20.0
#: A placeholder points to one project, or to few.
_MAX_TARGETS: Final = 4

#: What the index says of a claim, as rules for code scanning; never part of FORM.
CLAIM_RULES: Final = make_rules(
    "claim",
    ("agrees", "none", "one owner holds both projects", ""),
    (
        "contradicted",
        "error",
        "the index shows another owner, and the real project doesn't declare that one",
        "tell the index's administrators",
    ),
    (
        "not-checked",
        "warning",
        "the index doesn't tell who holds both, and the real project declares no other account",
        "let the real project declare the account (namehold doctor prints the line)",
    ),
)


class Claim(StrEnum):
    """Whether the index agrees that one owner holds both names."""

    AGREES = "agrees"
    CONTRADICTED = "contradicted"
    NOT_CHECKED = "not-checked"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedFile:
    """FORM of one file: everything that its declarations lack and its code does too much."""

    filename: str
    form: tuple[AuditFinding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedClaim:
    """CLAIM towards one project that the placeholder points to; `target` is empty where it points to none."""

    target: str
    verdict: Claim
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedName:
    """Both verdicts on a name on the index.

    `version` is that of its latest release, `holder` the one that the index shows; empty where there is none.
    `other` says what it is where it is no placeholder; then there is nothing to judge.
    """

    name: NormalizedName
    version: str
    status: str
    holder: str
    files: tuple[JudgedFile, ...]
    claims: tuple[JudgedClaim, ...]
    other: str = ""

    @classmethod
    def unread(cls, name: NormalizedName, why: str) -> JudgedName:
        """Of a name about which the index gives no usable answer."""
        claim = JudgedClaim(target="", verdict=Claim.NOT_CHECKED, reason=why)
        return cls(name=name, version="", status="", holder="", files=(), claims=(claim,))

    @property
    def is_in_order(self) -> bool:
        """Whether nothing was found in its form AND its claims are proved: less is not the owner's word."""
        has_findings = any(file.form for file in self.files)
        is_proved = all(item.verdict is Claim.AGREES for item in self.claims)
        return bool(self.other) or (is_proved and not has_findings)


def judge_name(name: NormalizedName, *, index: IndexReader, web: WebReader, profile: IndexProfile) -> JudgedName:
    """Both verdicts on `name`, from the files of its latest release and the index's own records.

    Args:
        name: a name on the index.
        index: reads the project and those that it points to.
        web: reads files, and the pages that a real project links to.
        profile: the index.

    Raises:
        IndexError_: the index can't be read.
        InputError: it has no such project.
    """
    state = index.project(name)
    if not state.exists:
        raise InputError(
            f"the index {profile.nickname} has no project {name}: there is nothing to judge",
            fix=f"namehold check {name} says whether anybody could register it",
        )
    release = latest_release(state.files)
    files = release.files if release is not None else ()
    fetched = [_fetch(file, state, web=web, profile=profile) for file in files[:MAX_FILES]]
    judged = [item for item in fetched if isinstance(item, Judgement)]
    judged += judge_files([item for item in fetched if not isinstance(item, Judgement)], within_s=_JUDGING_LIMIT_S)
    found = _Found(
        name=name,
        version=str(release.version) if release is not None else "",
        status=f"{state.status} ({state.marker})" if state.unknown_status else str(state.status),
        holder=owner_of(state),
    )
    others = [item.other for item in judged if item.other]
    # An sdist that only fetches what its wheels hold is silent, and no placeholder; a silent wheel is one beside any
    # other file.
    has_wheel = any(item.other and item.is_wheel for item in judged)
    is_tool = all(item.other or (item.is_silent and has_wheel and not item.is_wheel) for item in judged)
    if others and is_tool and not says_held(state.summary):
        return JudgedName(**found, files=(), claims=(), other=others[-1])
    forms = [_as_shown(item, state) for item in judged]
    if not files:
        forms.append(JudgedFile(filename="", form=(find_fault("size", "there is no release, so nothing says why"),)))
    if len(files) > MAX_FILES:
        message = f"its latest release has {len(files)} files; {MAX_FILES} were looked at"
        forms.append(JudgedFile(filename="", form=(find_fault("size", message),)))
    targets = sorted({target for item in judged for target in item.targets})
    claims = _judge_claims(state, targets, index=index, web=web, profile=profile)
    return JudgedName(**found, files=tuple(forms), claims=claims)


class _Found(TypedDict):
    """What is said of every name that is on the index."""

    name: NormalizedName
    version: str
    status: str
    holder: str


def _as_shown(judgement: Judgement, state: ProjectState) -> JudgedFile:
    """The file's own form, and what the index shows of it otherwise: what is uploaded beside a file may differ."""
    form = judgement.form
    for what, shown, own in (
        ("summary", state.summary, judgement.summary),
        ("description", state.description, judgement.description),
    ):
        if own and shown and shown.split() != own.split():
            form += (find_fault("shown", f"the index shows another {what} than the one in the file"),)
    return JudgedFile(filename=judgement.filename, form=form)


def has_reservation(state: ProjectState, *, web: WebReader, profile: IndexProfile) -> bool:
    """Whether a file of the latest release holds our `reservation.json`: namehold made it. Raises nothing."""
    return bool(find_reservation_file(state, web=web, profile=profile))


def find_reservation_file(state: ProjectState, *, web: WebReader, profile: IndexProfile) -> Mapping[str, Any]:
    """The first `reservation.json` in the files of the latest release; empty if there is none. Raises nothing."""
    return look_for_reservation(state, web=web, profile=profile)[0]


def look_for_reservation(
    state: ProjectState, *, web: WebReader, profile: IndexProfile
) -> tuple[Mapping[str, Any], bool]:
    """What `find_reservation_file` gives, and whether that is sure: every file was read, or is none of a placeholder.

    Raises nothing.
    """
    release = latest_release(state.files)
    is_sure = True
    for file in release.files[:MAX_FILES] if release is not None else ():
        fetched = _fetch(file, state, web=web, profile=profile)
        if isinstance(fetched, Judgement):
            is_sure = is_sure and bool(fetched.other)
            continue
        with suppress(InputError):
            reservation = read_placeholder(fetched[0], io.BytesIO(fetched[1])).reservation
            if reservation:
                return reservation, True
    return {}, is_sure


def _judge_claims(
    state: ProjectState, targets: list[NormalizedName], *, index: IndexReader, web: WebReader, profile: IndexProfile
) -> tuple[JudgedClaim, ...]:
    if not targets:
        return (JudgedClaim(target="", verdict=Claim.NOT_CHECKED, reason="it points to no project on the index"),)
    claims = []
    for target in targets[:_MAX_TARGETS]:
        try:
            real = index.project(target)
            verdict, reason = judge_claim(state, real)
            if verdict is not Claim.AGREES and real.exists:
                declared = _find_declaration(state, real, index=index, web=web, profile=profile)
                verdict, reason = judge_claim(state, real, declared)
        except IndexError_ as error:
            claims.append(JudgedClaim(target=target, verdict=Claim.NOT_CHECKED, reason=error.message))
            continue
        claims.append(JudgedClaim(target=target, verdict=verdict, reason=reason))
    claims += [
        JudgedClaim(target=target, verdict=Claim.NOT_CHECKED, reason="it points to too many projects to be one's name")
        for target in targets[_MAX_TARGETS:]
    ]
    return tuple(claims)


def _find_declaration(
    placeholder: ProjectState, real: ProjectState, *, index: IndexReader, web: WebReader, profile: IndexProfile
) -> str | None:
    """Where the real project declares who holds the placeholder, as `find_declaration` says it. Raises IndexError_."""
    held = placeholder.ownership
    if held is None:
        return None
    addresses = [account_address(profile, user) for user in held.owners]
    if not addresses and held.organization:
        addresses = [account_address(profile, held.organization, kind="org")]
    return find_declaration(real, addresses, web=web, profile=profile, now=index.now())


def judge_claim(placeholder: ProjectState, target: ProjectState, declared: str | None = None) -> tuple[Claim, str]:
    """Whether one owner holds both projects, and the reason in words.

    The index's own records decide: one organization, or one user who is an Owner of both. A Maintainer may be a guest.
    Where they show no common owner, the target may declare an account that owns the placeholder.

    Args:
        placeholder: what the index shows of the placeholder.
        target: what the index shows of the project that it points to.
        declared: where the target declares who holds the placeholder; empty: nowhere; None: not all was looked at.
    """
    held, real = placeholder.ownership, target.ownership
    if not placeholder.exists or not target.exists:
        missing = placeholder.name if not placeholder.exists else target.name
        return Claim.NOT_CHECKED, f"the index has no project {missing}"
    if held is None or not (held.organization or held.owners):
        return Claim.NOT_CHECKED, f"the index doesn't show who owns {placeholder.name}"
    if real is not None and held.organization and held.organization == real.organization:
        return Claim.AGREES, f"the organization {held.organization} owns both"
    common = sorted(held.owners & real.owners) if real is not None else []
    if common:
        return Claim.AGREES, f"{', '.join(common)} owns both"
    holders = sorted(held.owners) or [str(held.organization)]
    if declared:
        return Claim.AGREES, f"{declared} of {target.name} declares {' or '.join(holders)}"
    if real is None or not (real.organization or real.users):
        return Claim.NOT_CHECKED, f"the index doesn't show who holds {target.name}, which doesn't declare that account"
    if declared is None:
        return Claim.NOT_CHECKED, (
            f"the index shows no common owner, the metadata of {target.name} declare no account, and its latest "
            "release is too old for its pages to count"
        )
    return Claim.CONTRADICTED, (
        f"{', '.join(holders)} owns {placeholder.name} and isn't an Owner of {target.name}, which doesn't declare that "
        "account"
    )


def read_file(file: IndexFile, state: ProjectState, *, web: WebReader, profile: IndexProfile) -> PlaceholderFile | None:
    """What one file says it is; None for one that can't be read safely. Nothing of it is judged or rendered."""
    fetched = _fetch(file, state, web=web, profile=profile)
    if isinstance(fetched, Judgement):
        return None
    filename, content = fetched
    try:
        return read_placeholder(filename, io.BytesIO(content))
    except InputError:
        return None


def _fetch(
    file: IndexFile, state: ProjectState, *, web: WebReader, profile: IndexProfile
) -> tuple[str, bytes] | Judgement:
    """Name and content of a file, else why there is none."""
    # An index may give anything for a size; the download is bounded in any case.
    if isinstance(file.size, int) and file.size > MAX_FILE_BYTES:
        message = f"it has {file.size:,} bytes, more than {MAX_FILE_BYTES:,}"
        return _unread(file, message, other=f"a file of {file.size:,} bytes")
    url = urljoin(f"{profile.simple}{state.name}/", file.url).partition("#")[0]
    try:
        answer = web.get(url, max_bytes=MAX_FILE_BYTES, as_file=True)
    except IndexError_ as error:
        return _unread(file, f"it can't be downloaded: {error.message}")
    if answer.status != HTTPStatus.OK:
        return _unread(file, f"it can't be downloaded: {answer.status}")
    if hashlib.sha256(answer.content).hexdigest() != file.sha256:
        return _unread(file, "its bytes aren't those that the index lists")
    return file.filename, answer.content


def _unread(file: IndexFile, found: str, *, other: str = "") -> Judgement:
    return Judgement(filename=file.filename, form=(find_fault("size", found),), other=other)
