"""What an index's answer to an upload means: every answer has exactly one meaning.

    read_answer(answer).outcome

The texts are the public index's own (Warehouse); other indexes' words end under the status that they come with.
What can't be understood is never taken for a success or a refusal: it is INDETERMINATE and the index is asked.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from namehold.index.model import Answer, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """One meaning of an answer.

    `outcome` UNVERIFIED: the index says that it took the file, which it has yet to show.
    `stops_run`: nothing else may be sent in this run. `may_exist`: the name or file may be on the index now, ours
    or a stranger's, and the index must be asked. `may_cost_slot`: a new project's slot may be spent.
    `advice` is what a person does.
    """

    rule: str
    outcome: Outcome
    advice: str
    stops_run: bool = False
    may_exist: bool = False
    may_cost_slot: bool = False


@dataclass(frozen=True, slots=True)
class _Rule:
    """A pattern of the index's message under a status; the first rule that fits decides."""

    status: HTTPStatus
    pattern: str
    meaning: Meaning

    def fits(self, answer: Answer) -> bool:
        return answer.status == self.status and re.search(self.pattern, answer.message, re.IGNORECASE) is not None


_ACCEPTED = Meaning(
    rule="accepted",
    outcome=Outcome.UNVERIFIED,
    advice="the index is asked until it shows the file",
    may_exist=True,
    may_cost_slot=True,
)
_LOST_CONNECTION = Meaning(
    rule="no-answer",
    outcome=Outcome.INDETERMINATE,
    advice="the index is asked what it took, now and by the next run; nothing is sent again before",
    stops_run=True,
    may_exist=True,
    may_cost_slot=True,
)
_SERVER_ERROR = Meaning(
    rule="server-error",
    outcome=Outcome.INDETERMINATE,
    advice="the index is asked what it took, now and by the next run; nothing is sent again before",
    stops_run=True,
    may_exist=True,
    may_cost_slot=True,
)
_REDIRECTED = Meaning(
    rule="redirected",
    outcome=Outcome.REFUSED_UNKNOWN,
    advice="compare the upload address with the index's documentation (https, a slash at its end)",
    stops_run=True,
)
_NOT_UNDERSTOOD = Meaning(
    rule="not-understood",
    outcome=Outcome.REFUSED_UNKNOWN,
    advice="read the index's words, and report them to namehold if they are the public index's",
    stops_run=True,
    may_exist=True,
    may_cost_slot=True,
)


def _auth(rule: str, advice: str, *, may_cost_slot: bool = False) -> Meaning:
    return Meaning(
        rule=rule,
        outcome=Outcome.AUTHENTICATION_FAILED,
        advice=advice,
        stops_run=True,
        may_cost_slot=may_cost_slot,
    )


_REFUSED = _auth("refused", "the index refuses the account or the token, in words of its own: read them")


def _file(rule: str, advice: str, *, may_exist: bool = False, may_cost_slot: bool = False) -> Meaning:
    return Meaning(
        rule=rule, outcome=Outcome.REFUSED_FILE, advice=advice, may_exist=may_exist, may_cost_slot=may_cost_slot
    )


_CLOSED = Meaning(
    rule="registration-closed",
    outcome=Outcome.REGISTRATION_DISABLED,
    advice="the index takes no uploads or no new projects at the moment: look at its status page, try tomorrow",
    stops_run=True,
)

_BAD, _NO, _CONFLICT = HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT

#: In this order: a specific text before a general one.
_RULES: tuple[_Rule, ...] = (
    _Rule(
        HTTPStatus.TOO_MANY_REQUESTS,
        "",
        Meaning(
            rule="quota",
            outcome=Outcome.RATE_LIMITED,
            advice="wait for the next slot; the refused attempt didn't make the wait longer",
            stops_run=True,
        ),
    ),
    _Rule(
        _BAD,
        r"too similar to an existing project",
        Meaning(
            rule="similar",
            outcome=Outcome.REFUSED_SIMILAR,
            advice="nothing: the index refuses this name to everyone, which protects it",
        ),
    ),
    _Rule(
        _BAD,
        r"isn't allowed \(conflict with Python Standard Library",
        Meaning(
            rule="stdlib",
            outcome=Outcome.REFUSED_STDLIB,
            advice="nothing: the index refuses this name to everyone, which protects it",
        ),
    ),
    _Rule(
        _BAD,
        r"^The name '.*' isn't allowed\.",
        Meaning(
            rule="prohibited",
            outcome=Outcome.REFUSED_PROHIBITED,
            advice="nothing: the administrators refuse this name to everyone, and their word is final",
        ),
    ),
    _Rule(
        _BAD,
        r"invalid value for Name\b|^The name '.*' is invalid",
        Meaning(rule="name-shape", outcome=Outcome.REFUSED_INVALID, advice="take the name out of names.yaml"),
    ),
    _Rule(
        _BAD,
        r"Non-user identities cannot create new projects",
        _auth("no-user", "use an account's token: a trusted publisher can't create a project", may_cost_slot=True),
    ),
    _Rule(
        _BAD,
        r"Organization account owning this project is inactive",
        _auth("organization-inactive", "put the organization's account on the index in order"),
    ),
    _Rule(
        _CONFLICT,
        "",
        Meaning(
            rule="exists",
            outcome=Outcome.LOST_RACE,
            advice="the index is asked who holds the name",
            may_exist=True,
        ),
    ),
    _Rule(
        _NO,
        r"isn't allowed to upload to project",
        Meaning(
            rule="not-ours",
            outcome=Outcome.LOST_RACE,
            advice="the index is asked who holds the name: a stranger, or an archived project of our own",
            may_exist=True,
        ),
    ),
    _Rule(
        _NO,
        r"does not have a verified primary email",
        _auth("unverified-email", "verify the account's primary e-mail address on the index"),
    ),
    _Rule(
        _NO,
        r"two-factor authentication",
        _auth("two-factor", "turn on two-factor authentication for the account"),
    ),
    _Rule(
        _NO,
        r"Invalid API Token",
        _auth("token", "the token can't create this name: use a valid account token", may_cost_slot=True),
    ),
    _Rule(
        _NO,
        r"Username/Password authentication is no longer supported|Invalid or non-existent authentication",
        _auth("credentials", "make a new account token on the index and put it into the keyring"),
    ),
    _Rule(
        _NO,
        r"Read-only mode|temporarily disabled|uploads? (?:is|are) disabled|registration (?:has been |is )?disabled",
        _CLOSED,
    ),
    _Rule(_NO, r"SSL is required", _REDIRECTED),
    _Rule(
        _BAD,
        r"File already exists",
        _file("file-exists", "the index is asked whose bytes these are", may_exist=True),
    ),
    _Rule(
        _BAD,
        r"previously used by a file that has since been deleted",
        _file("file-name-spent", "raise the placeholder's version: a deleted file's name stays spent", may_exist=True),
    ),
    _Rule(
        _BAD,
        r"Only one sdist may be uploaded per release|older than 14 days",
        _file("release-closed", "publish the change as a new version", may_exist=True),
    ),
    _Rule(
        _BAD,
        r"Invalid distribution file|Wheel '|Binary wheel|Filename '|[Ff]ilename for|Version in filename|"
        r"description failed to render|digest supplied|does not exist in distribution file|attestations|"
        r"Invalid file extension",
        _file("bad-file", "report this: the local checks should have found it", may_cost_slot=True, may_exist=True),
    ),
    _Rule(
        _BAD,
        r"core-metadata|See .*specifications|Invalid value for|message digest|payload does not have a file",
        _file("bad-metadata", "report this: the local checks should have found it"),
    ),
)


def read_answer(answer: Answer) -> Meaning:
    """The one meaning of an answer to an upload."""
    status = answer.status
    if status is None:
        return _LOST_CONNECTION
    for rule in _RULES:
        if rule.fits(answer):
            return rule.meaning
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return _ACCEPTED
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return _REDIRECTED
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED}:
        return _REFUSED
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.REQUEST_TIMEOUT:
        return _NOT_UNDERSTOOD
    return _SERVER_ERROR


def parse_date(text: str) -> dt.datetime | None:
    """The UTC time in an answer's `Date` (RFC 9110); None if it is none."""
    try:
        date = parsedate_to_datetime(text)
        return date.replace(tzinfo=dt.UTC) if date.tzinfo is None else date.astimezone(dt.UTC)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def meanings() -> tuple[Meaning, ...]:
    """Every meaning that an answer can have, once, in the order of the rules."""
    others = (_ACCEPTED, _REFUSED, _LOST_CONNECTION, _SERVER_ERROR, _REDIRECTED, _NOT_UNDERSTOOD)
    return tuple(dict.fromkeys([*(rule.meaning for rule in _RULES), *others]))
