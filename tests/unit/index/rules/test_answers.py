from __future__ import annotations

import datetime as dt

import pytest

from namehold.index.model import Answer, Outcome, parse_date
from namehold.index.rules.answers import meanings, read_answer

SEE = "See https://INDEX/help/#project-name for more information."

#: (status, the index's words, outcome, flags: [s]tops the run, may [e]xist on the index, may have [c]ost a slot)
CASES = [
    (200, "OK", Outcome.UNVERIFIED, "ec"),
    (200, "Welcome to the hotel's network", Outcome.UNVERIFIED, "ec"),
    (201, "Created", Outcome.UNVERIFIED, "ec"),
    (429, "Too many new projects created", Outcome.RATE_LIMITED, "s"),
    (429, "", Outcome.RATE_LIMITED, "s"),
    (400, f"The name 'acmetool' is too similar to an existing project. {SEE}", Outcome.REFUSED_SIMILAR, ""),
    (
        400,
        f"The name 'os-path' isn't allowed (conflict with Python Standard Library module). {SEE}",
        Outcome.REFUSED_STDLIB,
        "",
    ),
    (400, f"The name 'acme-x' isn't allowed. {SEE}", Outcome.REFUSED_PROHIBITED, ""),
    (400, "'-acme' is an invalid value for Name.", Outcome.REFUSED_INVALID, ""),
    (400, "The name '-acme' is invalid.", Outcome.REFUSED_INVALID, ""),
    (409, "The name 'acme-x' already exists", Outcome.LOST_RACE, "e"),
    (409, "Package 'acme_x-0.0.1.tar.gz' already exists! Please use --force.", Outcome.LOST_RACE, "e"),
    (409, "The name 'acme-x' is in a namespace that belongs to somebody else", Outcome.REFUSED_UNKNOWN, "e"),
    (409, "The prefix 'acme' was granted to another organization", Outcome.REFUSED_UNKNOWN, "e"),
    (403, "'acme-x' lies in a namespace of another organization", Outcome.REFUSED_UNKNOWN, "e"),
    (403, "The user 'acme' isn't allowed to upload to project 'acme-namespace'.", Outcome.LOST_RACE, "e"),
    (403, "All rights reserved, says a proxy", Outcome.AUTHENTICATION_FAILED, "se"),
    (409, "words that nobody knows", Outcome.REFUSED_UNKNOWN, "ec"),
    (409, "", Outcome.REFUSED_UNKNOWN, "ec"),
    (403, f"The user 'acme' isn't allowed to upload to project 'acme-x'. {SEE}", Outcome.LOST_RACE, "e"),
    (400, "File already exists ('a-0.0.1.tar.gz', with blake2_256 hash 'ab').", Outcome.REFUSED_FILE, "e"),
    (400, "This filename was previously used by a file that has since been deleted.", Outcome.REFUSED_FILE, "e"),
    (400, "Only one sdist may be uploaded per release.", Outcome.REFUSED_FILE, "e"),
    (400, "Uploading new files to releases older than 14 days is not allowed.", Outcome.REFUSED_FILE, "e"),
    (400, "Invalid distribution file. File is not a tarfile", Outcome.REFUSED_FILE, "ec"),
    (400, "Filename 'x' is invalid, should be 'y'.", Outcome.REFUSED_FILE, "ec"),
    (400, "The description failed to render for 'text/markdown'.", Outcome.REFUSED_FILE, "ec"),
    (400, "'x' is not a valid classifier. See https://INDEX/core-metadata", Outcome.REFUSED_FILE, ""),
    (400, "Upload payload does not have a file.", Outcome.REFUSED_FILE, ""),
    (403, "Invalid or non-existent authentication information.", Outcome.AUTHENTICATION_FAILED, "s"),
    (403, "Username/Password authentication is no longer supported.", Outcome.AUTHENTICATION_FAILED, "s"),
    (403, "Invalid API Token: token is not valid for project: 'x'", Outcome.AUTHENTICATION_FAILED, "sc"),
    (403, "Invalid API Token: token is expired", Outcome.AUTHENTICATION_FAILED, "sc"),
    (403, "User 'acme' does not have a verified primary email address.", Outcome.AUTHENTICATION_FAILED, "s"),
    (403, "User 'acme' does not have two-factor authentication enabled.", Outcome.AUTHENTICATION_FAILED, "s"),
    (400, "Non-user identities cannot create new projects.", Outcome.AUTHENTICATION_FAILED, "sc"),
    (400, "Organization account owning this project is inactive.", Outcome.AUTHENTICATION_FAILED, "s"),
    (403, "Forbidden, says a proxy", Outcome.AUTHENTICATION_FAILED, "se"),
    (401, "", Outcome.AUTHENTICATION_FAILED, "se"),
    (407, "", Outcome.AUTHENTICATION_FAILED, "se"),
    (403, "Read-only mode: Uploads are temporarily disabled.", Outcome.REGISTRATION_DISABLED, "s"),
    (403, "New uploads are temporarily disabled.", Outcome.REGISTRATION_DISABLED, "s"),
    (403, "New project registration temporarily disabled.", Outcome.REGISTRATION_DISABLED, "s"),
    (403, "SSL is required", Outcome.REFUSED_UNKNOWN, "s"),
    (301, "Moved Permanently", Outcome.REFUSED_UNKNOWN, "s"),
    (308, "An upload was attempted to /legacy", Outcome.REFUSED_UNKNOWN, "s"),
    (400, "words that nobody knows", Outcome.REFUSED_UNKNOWN, "sec"),
    (404, "Not Found", Outcome.REFUSED_UNKNOWN, "sec"),
    (413, "Too large", Outcome.REFUSED_UNKNOWN, "sec"),
    (408, "", Outcome.INDETERMINATE, "sec"),
    (500, "Internal Server Error", Outcome.INDETERMINATE, "sec"),
    (502, "", Outcome.INDETERMINATE, "sec"),
    (503, "The name 'x' is too similar to an existing project.", Outcome.INDETERMINATE, "sec"),
    (599, "", Outcome.INDETERMINATE, "sec"),
    (100, "", Outcome.INDETERMINATE, "sec"),
    (999, "", Outcome.INDETERMINATE, "sec"),
    (None, "the connection ended", Outcome.INDETERMINATE, "sec"),
]


@pytest.mark.parametrize(("status", "message", "outcome", "flags"), CASES)
def test_every_answer_has_one_meaning(status: int | None, message: str, outcome: Outcome, flags: str) -> None:
    meaning = read_answer(Answer(status=status, message=message))
    found = zip("sec", (meaning.stops_run, meaning.may_exist, meaning.may_cost_slot), strict=True)
    assert (meaning.outcome, "".join(letter for letter, is_set in found if is_set)) == (outcome, flags)
    assert meaning.fix


def test_every_meaning_is_met_by_a_case() -> None:
    met = {read_answer(Answer(status=status, message=message)).rule for status, message, *_ in CASES}
    assert {meaning.rule for meaning in meanings()} == met


def test_a_name_that_repeats_a_rules_words_fools_nobody() -> None:
    # The index quotes the name that was sent; only its own words count.
    answer = Answer(status=400, message="'x' is not a valid classifier: The name 'y' isn't allowed. core-metadata")
    assert read_answer(answer).outcome is Outcome.REFUSED_FILE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sun, 22 Nov 2026 12:00:00 GMT", dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)),
        ("Sun, 22 Nov 2026 12:00:00", dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)),
        ("Sun, 22 Nov 2026 14:00:00 +0200", dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)),
        ("", None),
        ("soon", None),
        ("Sun, 40 Nov 2026 12:00:00 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None),
    ],
)
def test_dates_of_answers(text: str, expected: dt.datetime | None) -> None:
    assert parse_date(text) == expected
