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
from typing import NamedTuple

from namehold.index.model import Answer, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """One meaning of an answer.

    `outcome` UNVERIFIED: the index says that it took the file, which it has yet to show.
    `stops_run`: nothing else may be sent in this run. `may_exist`: the name or file may be on the index now, ours
    or a stranger's, and the index must be asked. `may_cost_slot`: a new project's slot may be spent.
    `fix` is what a person does.
    """

    rule: str
    outcome: Outcome
    fix: str
    stops_run: bool = False
    may_exist: bool = False
    may_cost_slot: bool = False


class _Rule(NamedTuple):
    """A pattern of the index's message under a status, and what it means."""

    status: HTTPStatus
    pattern: str
    meaning: Meaning

    def fits(self, answer: Answer) -> bool:
        return answer.status == self.status and re.search(self.pattern, answer.message, re.IGNORECASE) is not None


def _mean(rule: str, outcome: Outcome, fix: str, effects: str = "") -> Meaning:
    """A meaning; `effects`: 's' it stops the run, 'e' the name or file may exist, 'c' it may cost a slot."""
    return Meaning(
        rule=rule,
        outcome=outcome,
        fix=fix,
        stops_run="s" in effects,
        may_exist="e" in effects,
        may_cost_slot="c" in effects,
    )


def _row(  # noqa: PLR0917 -- the cells of a table's row
    status: HTTPStatus, pattern: str, rule: str, outcome: Outcome, fix: str, effects: str = ""
) -> _Rule:
    return _Rule(status, pattern, _mean(rule, outcome, fix, effects))


_ASKED_LATER = "the index is asked what it took, now and by the next run; nothing is sent again before"
_CHECK_MISSED_IT = "report this: the local checks should have found it"
_PROTECTED = "nothing: the index refuses this name to everyone, which protects it"

_ACCEPTED = _mean("accepted", Outcome.UNVERIFIED, "the index is asked until it shows the file", "ec")
_LOST_CONNECTION = _mean("no-answer", Outcome.INDETERMINATE, _ASKED_LATER, "sec")
_SERVER_ERROR = _mean("server-error", Outcome.INDETERMINATE, _ASKED_LATER, "sec")
_REDIRECTED = _mean(
    "redirected",
    Outcome.REFUSED_UNKNOWN,
    "compare the upload address with the index's documentation (https, a slash at its end)",
    "s",
)
_NOT_UNDERSTOOD = _mean(
    "not-understood",
    Outcome.REFUSED_UNKNOWN,
    "read the index's words, and report them to namehold if they are the public index's",
    "sec",
)
_REFUSED = _mean(
    "refused",
    Outcome.AUTHENTICATION_FAILED,
    "the index refuses the account or the token, in words of its own: read them",
    "s",
)

_BAD, _NO, _CONFLICT, _HASTE = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.CONFLICT,
    HTTPStatus.TOO_MANY_REQUESTS,
)
_AUTH, _FILE = Outcome.AUTHENTICATION_FAILED, Outcome.REFUSED_FILE

#: Status, pattern, and the meaning's rule, outcome, fix and effects; the first row that fits decides, so a specific
#: text comes before a general one.
# fmt: off
_RULES = (
    _row(_HASTE, "",
     "quota", Outcome.RATE_LIMITED, "wait for the next slot; the refused attempt didn't make the wait longer", "s"),
    _row(_BAD, r"too similar to an existing project",
     "similar", Outcome.REFUSED_SIMILAR, _PROTECTED),
    _row(_BAD, r"isn't allowed \(conflict with Python Standard Library",
     "stdlib", Outcome.REFUSED_STDLIB, _PROTECTED),
    _row(_BAD, r"^The name '.*' isn't allowed\.",
     "prohibited", Outcome.REFUSED_PROHIBITED,
     "nothing: the administrators refuse this name to everyone, and their word is final"),
    _row(_BAD, r"invalid value for Name\b|^The name '.*' is invalid",
     "name-shape", Outcome.REFUSED_INVALID, "take the name out of names.yaml"),
    _row(_BAD, r"Non-user identities cannot create new projects",
     "no-user", _AUTH, "use an account's token: a trusted publisher can't create a project", "sc"),
    _row(_BAD, r"Organization account owning this project is inactive",
     "organization-inactive", _AUTH, "put the organization's account on the index in order", "s"),
    _row(_CONFLICT, "",
     "exists", Outcome.LOST_RACE, "the index is asked who holds the name", "e"),
    _row(_NO, r"isn't allowed to upload to project",
     "not-ours", Outcome.LOST_RACE,
     "the index is asked who holds the name: a stranger, or an archived project of our own", "e"),
    _row(_NO, r"does not have a verified primary email",
     "unverified-email", _AUTH, "verify the account's primary e-mail address on the index", "s"),
    _row(_NO, r"two-factor authentication",
     "two-factor", _AUTH, "turn on two-factor authentication for the account", "s"),
    _row(_NO, r"Invalid API Token",
     "token", _AUTH, "the token can't create this name: use a valid account token", "sc"),
    _row(_NO, r"Username/Password authentication is no longer supported|Invalid or non-existent authentication",
     "credentials", _AUTH, "make a new account token on the index and put it into the keyring", "s"),
    _row(_NO, r"Read-only mode|temporarily disabled|uploads? (?:is|are) disabled|"
         r"registration (?:has been |is )?disabled",
     "registration-closed", Outcome.REGISTRATION_DISABLED,
     "the index takes no uploads or no new projects at the moment: look at its status page, try tomorrow", "s"),
    _row(_NO, r"SSL is required",
     "redirected", Outcome.REFUSED_UNKNOWN, _REDIRECTED.fix, "s"),
    _row(_BAD, r"File already exists",
     "file-exists", _FILE, "the index is asked whose bytes these are", "e"),
    _row(_BAD, r"previously used by a file that has since been deleted",
     "file-name-spent", _FILE, "raise the placeholder's version: a deleted file's name stays spent", "e"),
    _row(_BAD, r"Only one sdist may be uploaded per release|older than 14 days",
     "release-closed", _FILE, "publish the change as a new version", "e"),
    _row(_BAD, r"Invalid distribution file|Wheel '|Binary wheel|Filename '|[Ff]ilename for|Version in filename|"
         r"description failed to render|digest supplied|does not exist in distribution file|attestations|"
         r"Invalid file extension",
     "bad-file", _FILE, _CHECK_MISSED_IT, "ec"),
    _row(_BAD, r"core-metadata|See .*specifications|Invalid value for|message digest|payload does not have a file",
     "bad-metadata", _FILE, _CHECK_MISSED_IT),
)
# fmt: on


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
