"""When a letter must not be sent: every reason, with its rule and what to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Final

from packaging.utils import NormalizedName

from namehold.errors import Diagnostic
from namehold.index import SNAPSHOT_MAX_AGE_DAYS
from namehold.ledger import LetterAnswer, LetterKind
from namehold.letters.choose import (
    FAMILY_MEMBERS,
    MOST_NAMES_A_LETTER,
    PATIENCE_DAYS,
    PRIVATE,
    REQUESTS,
    LetterFacts,
    assessed_by_name,
    find_families,
    find_open_letter,
    latest_answers,
    targets_of,
)
from namehold.ownership import OwnershipVerdict
from namehold.plan import Plan
from namehold.portfolio import Route
from namehold.text import count

#: Kinds whose names must not be registered on the day of the letter, and kinds whose names must be.
_ABSENT: Final = PRIVATE
_PRESENT: Final = frozenset({LetterKind.REPORT, LetterKind.TRANSFER})


def find_letter_refusals(
    kind: LetterKind, names: Sequence[NormalizedName], facts: LetterFacts
) -> tuple[Diagnostic, ...]:
    """Everything that stands against this letter today; empty if it may be written."""
    return (
        *_size_refusals(kind, names),
        *_waiting_refusals(kind, facts),
        *_age_refusals(facts),
        *(refusal for name in names for refusal in _name_refusals(kind, name, facts)),
        *_proof_refusals(kind, names, facts),
        *_note_refusals(kind, facts),
    )


def _size_refusals(kind: LetterKind, names: Sequence[NormalizedName]) -> Iterable[Diagnostic]:
    if not names:
        yield Diagnostic(
            message=f"there is no name for a letter of the kind {kind.value}",
            rule="letter-nothing",
            fix="name one, or see `namehold report` for what was asked already",
        )
    if len(names) > MOST_NAMES_A_LETTER:
        yield Diagnostic(
            message=f"{len(names)} names are more than the {MOST_NAMES_A_LETTER} of one letter",
            rule="letter-size",
            fix=f"give at most {MOST_NAMES_A_LETTER}, the ones that matter most",
        )


def _waiting_refusals(kind: LetterKind, facts: LetterFacts) -> Iterable[Diagnostic]:
    waiting = find_open_letter(facts.holdings.letters)
    if kind not in REQUESTS or waiting is None:
        return
    patient_until = waiting.sent + dt.timedelta(days=PATIENCE_DAYS)
    fix = "record the answer with `namehold letter --answer granted` or `declined`"
    if facts.now.date() >= patient_until:
        fix += ", or `--answer silent` if there is none"
    yield Diagnostic(
        message=(
            f"the letter of {waiting.sent.isoformat()} about {count(len(waiting.unanswered), 'name')} "
            "has no answer yet; "
            f"one is open at a time, and there is no reminder before {patient_until.isoformat()}"
        ),
        rule="letter-open",
        fix=fix,
    )


def _age_refusals(facts: LetterFacts) -> Iterable[Diagnostic]:
    age_days = (facts.now.date() - facts.plan.provenance.as_of).days
    if age_days > SNAPSHOT_MAX_AGE_DAYS:
        yield Diagnostic(
            message=f"the plan is {age_days} days old", rule="letter-stale-plan", fix="make a new one: namehold plan"
        )


def _name_refusals(kind: LetterKind, name: NormalizedName, facts: LetterFacts) -> Iterable[Diagnostic]:
    if kind is LetterKind.NAMESPACE:
        yield from _prefix_refusals(name, facts)
        return
    yield from _route_refusals(kind, name, facts.plan)
    if name in facts.holdings.prohibited:
        yield Diagnostic(message=f"{name} is prohibited already", rule="letter-settled", fix="leave it out")
    declined = latest_answers(kind, facts.holdings, LetterAnswer.DECLINED)
    if name in declined:
        yield _declined(name, declined[name])
    yield from _presence_refusals(kind, name, facts)


def _declined(name: NormalizedName, date: dt.date) -> Diagnostic:
    return Diagnostic(
        message=f"the administrators declined {name} on {date.isoformat()}",
        rule="letter-declined",
        fix="leave it out; to reserve a name instead, list it under `always` in names.yaml",
    )


def _route_refusals(kind: LetterKind, name: NormalizedName, plan: Plan) -> Iterable[Diagnostic]:
    wanted = {LetterKind.PROHIBIT: Route.REQUEST, LetterKind.REPORT: Route.FLAG}
    item = assessed_by_name(plan).get(name)
    if item is None:
        yield Diagnostic(
            message=f"the plan doesn't know {name}",
            rule="letter-unplanned",
            fix="list it in names.yaml (`always`, with a reason) and plan again",
        )
    elif kind is LetterKind.ANNOUNCE and name not in {action.name for action in plan.actions}:
        yield Diagnostic(
            message=f"the plan doesn't reserve {name}",
            rule="letter-route",
            fix="announce what the plan's calendar holds",
        )
    elif kind in wanted and item.route is not wanted[kind]:
        why = item.reasons[0].text if item.reasons else ""
        yield Diagnostic(
            message=f"the plan routes {name} to {item.route.value}, not to {wanted[kind].value}: {why}",
            rule="letter-route",
            fix="leave it out, or change what names.yaml says of it and plan again",
        )


def _presence_refusals(kind: LetterKind, name: NormalizedName, facts: LetterFacts) -> Iterable[Diagnostic]:
    exists, time = facts.looked_up.get(name, (None, None))
    if exists is None or time is None or time.date() != facts.now.date():
        yield Diagnostic(
            message=f"nobody has looked today whether the index has a project {name}",
            rule="letter-unconfirmed",
            fix="write the letter while the index can be reached, and send it on the same day",
        )
    elif exists and kind in _ABSENT:
        consequence = "; prohibiting it would delete that project" if kind is LetterKind.PROHIBIT else ""
        yield Diagnostic(
            message=f"the index has a project {name}{consequence}",
            rule="letter-exists",
            fix="make a new plan against a fresh list of the index's names",
        )
    elif not exists and kind in _PRESENT:
        yield Diagnostic(
            message=f"the index has no project {name}", rule="letter-absent", fix="leave it out, and plan again"
        )


def _prefix_refusals(prefix: NormalizedName, facts: LetterFacts) -> Iterable[Diagnostic]:
    if prefix not in find_families(facts.portfolio):
        yield Diagnostic(
            message=f"fewer than {FAMILY_MEMBERS} published packages share the prefix {prefix}, or a grant covers it",
            rule="letter-no-family",
            fix="apply for a prefix that the organization's packages share",
        )
    declined = latest_answers(LetterKind.NAMESPACE, facts.holdings, LetterAnswer.DECLINED)
    if prefix in declined:
        yield _declined(prefix, declined[prefix])
    if prefix in facts.words:
        yield Diagnostic(
            message=f"{prefix} is a word of the dictionary and belongs to nobody",
            rule="letter-generic-prefix",
            fix="apply for a longer prefix of your own",
        )


def _proof_refusals(kind: LetterKind, names: Sequence[NormalizedName], facts: LetterFacts) -> Iterable[Diagnostic]:
    proofs = {proof.target: proof for proof in facts.proofs}
    for target in targets_of(kind, names, plan=facts.plan, portfolio=facts.portfolio):
        proof = proofs.get(target)
        if proof is None or proof.verdict is not OwnershipVerdict.PROVED:
            why = proof.text if proof else "nobody has asked the index"
            yield Diagnostic(
                message=f"{target} isn't proved to be yours: {why}",
                rule="letter-target",
                fix=(proof.fix if proof else "") or "write the letter while the index can be reached",
            )


def _note_refusals(kind: LetterKind, facts: LetterFacts) -> Iterable[Diagnostic]:
    if kind is LetterKind.TRANSFER and not facts.note.strip():
        yield Diagnostic(
            message="a transfer needs your own words: when and how you tried to reach the owner, and why the name",
            rule="letter-note",
            fix="add them with --note; PEP 541 says what counts as abandoned",
        )
