"""What an index's answer to an upload means: every answer has exactly one meaning.

    read_answer(answer).outcome

The texts are the public index's own (Warehouse); other indexes' words end under the status that they come with.
What can't be understood is never taken for a success or a refusal: it is INDETERMINATE and the index is asked.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from namehold.index.model import Answer, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """One meaning of an answer.

    `outcome` UNVERIFIED: the index says that it took the file, which it has yet to show.
    `stops_run`: nothing else may be sent in this run. `may_exist`: the name or file may be on the index now, ours
    or a stranger's, and the index must be asked. `may_cost_slot`: a new project's slot may be spent.
    `is_strange`: the words aren't the index's known ones; a server in between may have said them after the index took
    the file. `fix` is what a person does.
    """

    rule: str
    outcome: Outcome
    fix: str
    stops_run: bool = False
    may_exist: bool = False
    may_cost_slot: bool = False
    is_strange: bool = False


class _Rule(NamedTuple):
    """Statuses, a pattern of the index's message under them, and what it means."""

    statuses: Collection[int | None]
    pattern: str
    meaning: Meaning

    def fits(self, answer: Answer) -> bool:
        return answer.status in self.statuses and re.search(self.pattern, answer.message, re.IGNORECASE) is not None


def _row(  # noqa: PLR0917 -- the cells of a table's row
    statuses: Collection[int | None], pattern: str, rule: str, outcome: Outcome, fix: str, effects: str = ""
) -> _Rule:
    """A rule; `effects`: 's' it stops the run, 'e' the name or file may exist, 'c' it may cost a slot, '?' strange."""
    meaning = Meaning(
        rule=rule,
        outcome=outcome,
        fix=fix,
        stops_run="s" in effects,
        may_exist="e" in effects,
        may_cost_slot="c" in effects,
        is_strange="?" in effects,
    )
    return _Rule(statuses, pattern, meaning)


_ASKED_LATER = "the index is asked what it took, now and by the next run; nothing is sent again before"
_READ_THEM = "read the index's words, and report them to namehold if they are the public index's"
_CHECK_MISSED_IT = "report this: the local checks should have found it"
_PROTECTED = "nothing: the index refuses this name to everyone, which protects it"
_WRONG_ADDRESS = "compare the upload address with the index's documentation (https, a slash at its end)"

_BAD, _NO, _CONFLICT, _HASTE, _ANY_REFUSAL = (400,), (403,), (409,), (429,), (*range(400, 408), *range(409, 500))
_AUTH, _FILE = Outcome.AUTHENTICATION_FAILED, Outcome.REFUSED_FILE

#: Statuses, pattern, and the meaning's rule, outcome, fix and effects; the first row that fits decides, so a specific
#: text comes before a general one, and texts come before mere statuses.
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
    _row(_CONFLICT, r"already (?:exists|been used|registered|taken|in use)",
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
    _row(_NO, r"Username/Password authentication is no longer supported",
     "password", _AUTH, "the index takes no passwords: use an account token, with the user __token__", "s"),
    _row(_NO, r"Invalid or non-existent authentication",
     "credentials", _AUTH,
     "the account is frozen, or the token was deleted, or it is a wrong one: the index says the same to all three. "
     "Look at the account's page and its mail before anything else; only where the account isn't frozen, use another "
     "token", "s"),
    _row(_NO, r"Read-only mode|temporarily disabled|uploads? (?:is|are) disabled|"
         r"registration (?:has been |is )?disabled",
     "registration-closed", Outcome.REGISTRATION_DISABLED,
     "the index takes no uploads or no new projects at the moment: look at its status page, try tomorrow", "s"),
    # Words of tomorrow (PEP 752): somebody else's namespace.
    _row((*_NO, *_CONFLICT), r"\b(?:namespace|reserved (?:name|prefix|for)|name is reserved|prefix '|granted to)",
     "namespace", Outcome.REFUSED_UNKNOWN,
     "look whose namespace the index means: if it is yours, its grant protects the name; else take the name out of "
     "names.yaml", "e"),
    _row(_CONFLICT, "",
     "conflict", Outcome.REFUSED_UNKNOWN, _READ_THEM, "ec?"),
    _row(_NO, r"SSL is required",
     "redirected", Outcome.REFUSED_UNKNOWN, _WRONG_ADDRESS, "s"),
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
    _row(range(200, 300), "",
     "accepted", Outcome.UNVERIFIED, "the index is asked until it shows the file", "ec"),
    _row(range(300, 400), "",
     "redirected", Outcome.REFUSED_UNKNOWN, _WRONG_ADDRESS, "s"),
    _row((401, 403, 407), "",
     "refused", _AUTH, "the index, or a proxy before it, refuses in words of its own: read them", "se?"),
    _row(_ANY_REFUSAL, "",
     "not-understood", Outcome.REFUSED_UNKNOWN,
     _READ_THEM, "sec?"),
    _row((None,), "",
     "no-answer", Outcome.INDETERMINATE, _ASKED_LATER, "sec"),
)
# fmt: on
#: What any other status means.
_SERVER_ERROR = _row((), "", "server-error", Outcome.INDETERMINATE, _ASKED_LATER, "sec").meaning


def read_answer(answer: Answer) -> Meaning:
    """The one meaning of an answer to an upload."""
    return next((rule.meaning for rule in _RULES if rule.fits(answer)), _SERVER_ERROR)


def meanings() -> tuple[Meaning, ...]:
    """Every meaning that an answer can have, once, in the order of the rules."""
    return tuple(dict.fromkeys([*(rule.meaning for rule in _RULES), _SERVER_ERROR]))
