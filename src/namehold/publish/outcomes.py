"""What became of a name, from what the index shows of it and from what it answered last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from namehold.index import Answer, Outcome, ProjectState
from namehold.index.rules import Meaning
from namehold.ledger import Intent, Sight

#: Outcomes that end a run before the index has judged the name: it waits as before.
STOPPING: Final = frozenset({Outcome.RATE_LIMITED, Outcome.AUTHENTICATION_FAILED, Outcome.REGISTRATION_DISABLED})

#: Outcomes of names that should have been held and aren't (exit 13).
FAILED: Final = frozenset(
    {Outcome.LOST_RACE, Outcome.REFUSED_FILE, Outcome.REFUSED_INVALID, Outcome.REFUSED_UNKNOWN, Outcome.INDETERMINATE}
)

#: What a sight says about an intent on which the index was silent, or that it accepted.
READINGS: Final[Mapping[Sight, tuple[Outcome, str]]] = {
    Sight.OURS: (Outcome.HELD, "the index shows our files under our account"),
    Sight.STRANGER: (Outcome.LOST_RACE, "a stranger registered it first"),
    Sight.OTHER: (Outcome.SKIPPED, "it is ours, with other files than were sent"),
    Sight.ABSENT: (Outcome.UNVERIFIED, "the index accepted it and doesn't show it yet; asked again later"),
    Sight.UNCLEAR: (Outcome.UNVERIFIED, "the index doesn't show yet who holds it; asked again later"),
    Sight.QUARANTINED: (Outcome.UNVERIFIED, "the index's administrators have quarantined it"),
}

#: Not a stranger's work: the index took our upload, and the token isn't our account's.
UNDER_OTHER_ACCOUNT: Final = (
    Outcome.UNVERIFIED,
    "the index took our upload and shows it under another account than ours",
)


def judge_answer(
    seen: Sight | None, meaning: Meaning, answer: Answer, *, is_own_answer: bool, is_taken: bool
) -> tuple[Outcome, str]:
    """What became of a name, from what the index shows and from what it answered last.

    `is_taken`: it took our upload, by its own answer or by a file of ours that it shows.
    """
    said = meaning.outcome
    if seen is Sight.OURS or (seen is Sight.STRANGER and (is_taken or meaning.may_exist)):
        return UNDER_OTHER_ACCOUNT if seen is Sight.STRANGER and is_taken else READINGS[seen]
    match seen:
        case Sight.PARTLY if said is Outcome.REFUSED_FILE:
            return Outcome.HELD, f"the index shows one of our files and refuses the other: {answer.message}"
        case Sight.PARTLY:
            open_as = Outcome.UNVERIFIED if said is Outcome.UNVERIFIED else Outcome.INDETERMINATE
            text = "the index shows one of our files; the next run asks for the other, or sends it"
            # What it said to the other one is why a person has to do something, or not.
            words = "" if said is Outcome.UNVERIFIED else answer.message
            return open_as, f"{text}; it said: {words}" if words else text
        case Sight.ABSENT if said is Outcome.UNVERIFIED and not is_own_answer:
            return Outcome.INDETERMINATE, "an answer said yes, but not as the index does (a network's log-in page?)"
        case Sight.OTHER if said is Outcome.LOST_RACE:
            return Outcome.SKIPPED, f"it is ours and takes no files (archived?): {answer.message}"
        case None if said is Outcome.UNVERIFIED:
            return said, "the index said yes and can't be read; asked again later"
    if seen is not None and said is Outcome.UNVERIFIED:
        return READINGS[seen]
    return said, answer.message or meaning.fix


def find_shown_files(intent: Intent, state: ProjectState | None) -> tuple[tuple[str, str], ...]:
    """Our files as the index shows them."""
    if state is None:
        return ()
    ours = set(intent.files)
    return tuple((item.filename, item.sha256) for item in state.files if (item.filename, item.sha256) in ours)
