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


def judge_answer(seen: Sight | None, meaning: Meaning, answer: Answer, *, is_own_answer: bool) -> tuple[Outcome, str]:
    """What became of a name, from what the index shows and from what it answered last."""
    said = meaning.outcome
    if seen is Sight.OURS or (seen is Sight.STRANGER and meaning.may_exist):
        return READINGS[seen]
    match seen:
        case Sight.PARTLY if said is Outcome.REFUSED_FILE:
            return Outcome.HELD, f"the index shows one of our files and refuses the other: {answer.message}"
        case Sight.PARTLY:
            open_as = Outcome.UNVERIFIED if said is Outcome.UNVERIFIED else Outcome.INDETERMINATE
            return open_as, "the index shows one of our files; the next run asks for the other, or sends it"
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
