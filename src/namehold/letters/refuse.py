"""When a letter must not be sent: every reason, with its rule and what to do. One row a rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from packaging.utils import NormalizedName

from namehold.errors import Diagnostic
from namehold.index import SNAPSHOT_MAX_AGE_DAYS
from namehold.ledger import LetterAnswer, LetterKind
from namehold.letters.choose import (
    ABOUT_OTHERS,
    FAMILY_MEMBERS,
    MOST_NAMES_A_LETTER,
    PATIENCE_DAYS,
    PRIVATE,
    REQUESTS,
    LetterFacts,
    find_answered,
    find_families,
    find_open_letter,
    targets_of,
)
from namehold.letters.likeness import likeness_of
from namehold.ownership import OwnershipVerdict
from namehold.plan import Assessment, RefusalRule, Values, find_refusals
from namehold.portfolio import Route
from namehold.text import count

#: The route that the plan must give the names of a kind.
_ROUTES: Final = {LetterKind.PROHIBIT: Route.REQUEST, LetterKind.REPORT: Route.FLAG}


_NO_NAME: Final = NormalizedName("")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A letter that is asked for, and the one of its names that is looked at; for a namespace that is a prefix."""

    kind: LetterKind
    names: Sequence[NormalizedName]
    facts: LetterFacts
    assessed: Mapping[NormalizedName, Assessment]
    name: NormalizedName = _NO_NAME

    @property
    def was_found(self) -> bool | None:
        """Whether the index had a project of this name today; None where it wasn't asked today."""
        exists, time = self.facts.looked_up.get(self.name, (None, None))
        return exists if time is not None and time.date() == self.facts.now.date() else None


def find_letter_refusals(
    kind: LetterKind, names: Sequence[NormalizedName], facts: LetterFacts
) -> tuple[Diagnostic, ...]:
    """Everything that stands against this letter today; empty if it may be written."""
    letter = _Asked(kind=kind, names=names, facts=facts, assessed=facts.plan.find(names))
    rules = _PREFIX_RULES if kind is LetterKind.NAMESPACE else _NAME_RULES
    return (
        *find_refusals(_LETTER_RULES, letter),
        *(item for name in names for item in find_refusals(rules, replace(letter, name=name))),
        *find_refusals(_PROOF_RULES, letter),
    )


# ------------------------------------------------------------------- the letter as a whole


def _nothing(letter: _Asked) -> Iterator[Values]:
    if letter.names:
        return
    if letter.kind in _ROUTES and letter.facts.plan.lacks_list:
        why = ": the plan has no complete list of the index's names, and asks for none without it"
        yield {"why": why, "fix": "namehold snapshot update (or: namehold snapshot import FILE), then: namehold plan"}
    else:
        yield {"why": "", "fix": "name one, or see `namehold report` for what was asked already"}


def _waiting(letter: _Asked) -> Iterator[Values]:
    waiting = find_open_letter(letter.facts.holdings.letters)
    if letter.kind not in REQUESTS or waiting is None:
        return
    patient_until = waiting.sent + dt.timedelta(days=PATIENCE_DAYS)
    is_silent = letter.facts.now.date() >= patient_until
    silent = ", or `--answer silent` if there is none" if is_silent else ""
    yield {"letter": waiting, "names": count(len(waiting.unanswered), "name"), "until": patient_until, "silent": silent}


_LETTER_RULES: Final[tuple[RefusalRule[_Asked], ...]] = (
    RefusalRule(
        "letter-nothing",
        _nothing,
        "there is no name for a letter of the kind {case.kind}{why}",
        "{fix}",
    ),
    RefusalRule(
        "letter-size",
        lambda letter: len(letter.names) > MOST_NAMES_A_LETTER,
        f"there are more names than the {MOST_NAMES_A_LETTER} of one letter",
        f"give at most {MOST_NAMES_A_LETTER}, the ones that matter most",
    ),
    RefusalRule(
        "letter-open",
        _waiting,
        "the letter of {letter.sent} about {names} has no answer yet; one is open at a time, "
        "and there is no reminder before {until}",
        "record the answer with `namehold letter --answer granted` or `declined`{silent}",
    ),
    RefusalRule(
        "letter-stale-plan",
        lambda letter: (letter.facts.now.date() - letter.facts.plan.provenance.as_of).days > SNAPSHOT_MAX_AGE_DAYS,
        f"the plan of {{case.facts.plan.provenance.as_of}} is more than {SNAPSHOT_MAX_AGE_DAYS} days old",
        "make a new one: namehold plan",
    ),
)

# ------------------------------------------------------------------- each name


def _not_announced(letter: _Asked) -> bool:
    is_planned = letter.name in {action.name for action in letter.facts.plan.actions}
    return letter.kind is LetterKind.ANNOUNCE and letter.name in letter.assessed and not is_planned


def _other_route(letter: _Asked) -> Iterator[Values]:
    item, wanted = letter.assessed.get(letter.name), _ROUTES.get(letter.kind)
    if item is not None and wanted not in {None, item.route}:
        yield {"route": item.route, "wanted": wanted, "why": item.reasons[0].text}


def _declined(letter: _Asked) -> Iterator[Values]:
    declined = find_answered(letter.kind, letter.facts.holdings, LetterAnswer.DECLINED)
    if letter.name in declined:
        yield {"date": declined[letter.name]}


def _unlike(letter: _Asked) -> Iterator[Values]:
    item = letter.assessed.get(letter.name)
    if letter.kind in ABOUT_OTHERS and item is not None:
        target = item.candidate.target
        if not likeness_of(letter.name, target):
            yield {"target": target}


def _not_younger(letter: _Asked) -> Iterator[Values]:
    item = letter.assessed.get(letter.name)
    if letter.kind not in ABOUT_OTHERS or item is None or not letter.was_found:
        return
    target = item.candidate.target
    first, ours = (letter.facts.released.get(name) for name in (letter.name, target))
    if first is None or ours is None:
        yield {"target": target, "why": "the index doesn't show which of the two is older"}
    elif first <= ours:
        yield {"target": target, "why": f"it was first released on {first:%Y-%m-%d}, and {target} on {ours:%Y-%m-%d}"}


def _obstacle(letter: _Asked) -> Iterator[Values]:
    if letter.kind not in ABOUT_OTHERS and letter.name in letter.facts.obstacles:
        yield {"why": letter.facts.obstacles[letter.name].text}


_DECLINED: Final = RefusalRule(
    "letter-declined",
    _declined,
    "the administrators declined {case.name} on {date}",
    "leave it out; to reserve a name instead, list it under `always` in names.yaml",
)

_TERRITORY: Final = RefusalRule(
    "letter-territory",
    _obstacle,
    "{case.name} isn't yours to ask for: {why}",
    "leave it out",
)

_NAME_RULES: Final[tuple[RefusalRule[_Asked], ...]] = (
    RefusalRule(
        "letter-unplanned",
        lambda letter: letter.name not in letter.assessed,
        "the plan doesn't know {case.name}",
        "list it in names.yaml (`always`, with a reason) and plan again",
    ),
    RefusalRule(
        "letter-route",
        _not_announced,
        "the plan doesn't reserve {case.name}",
        "announce what the plan's calendar holds",
    ),
    RefusalRule(
        "letter-route",
        _other_route,
        "the plan routes {case.name} to {route}, not to {wanted}: {why}",
        "leave it out, or change what names.yaml says of it and plan again",
    ),
    _TERRITORY,
    RefusalRule(
        "letter-settled",
        lambda letter: letter.name in letter.facts.holdings.prohibited,
        "{case.name} is prohibited already",
        "leave it out",
    ),
    _DECLINED,
    RefusalRule(
        "letter-unconfirmed",
        lambda letter: letter.was_found is None,
        "the index wasn't asked today whether it has a project {case.name}",
        "write the letter while the index can be reached, and send it on the same day",
    ),
    RefusalRule(
        "letter-exists",
        lambda letter: letter.was_found is True and letter.kind in PRIVATE,
        "the index has a project {case.name}; prohibiting it would delete that project",
        "make a new plan against a fresh list of the index's names",
    ),
    RefusalRule(
        "letter-absent",
        lambda letter: letter.was_found is False and letter.kind in ABOUT_OTHERS,
        "the index has no project {case.name}",
        "leave it out, and plan again",
    ),
    RefusalRule(
        "letter-unlike",
        _unlike,
        "nothing in the name {case.name} is like {target}: what names.yaml says of it is no finding",
        "leave it out; the index's help page says how to report malware, and PEP 541 how to ask for an abandoned name",
    ),
    RefusalRule(
        "letter-older",
        _not_younger,
        "{case.name} isn't shown to be younger than {target}: {why}",
        "leave it out: what was there before isn't in the way; PEP 541 says how to ask for it in your own words",
    ),
)

_PREFIX_RULES: Final[tuple[RefusalRule[_Asked], ...]] = (
    RefusalRule(
        "letter-no-family",
        lambda letter: letter.name not in find_families(letter.facts.portfolio),
        f"fewer than {FAMILY_MEMBERS} published packages share the prefix {{case.name}}, or a grant covers it",
        "apply for a prefix that the organization's packages share",
    ),
    _TERRITORY,
    _DECLINED,
    RefusalRule(
        "letter-generic-prefix",
        lambda letter: letter.name in letter.facts.words,
        "{case.name} is a word of the dictionary and belongs to everybody",
        "apply for a longer prefix of your own",
    ),
)

# ------------------------------------------------------------------- what the sender must show and say


def _unproved(letter: _Asked) -> Iterator[Values]:
    proofs = {proof.target: proof for proof in letter.facts.proofs}
    for target in targets_of(letter.kind, letter.names, plan=letter.facts.plan, portfolio=letter.facts.portfolio):
        proof = proofs.get(target)
        if proof is None:
            fix = "write the letter while the index can be reached"
            yield {"target": target, "why": "the index wasn't asked", "fix": fix}
        elif proof.verdict is not OwnershipVerdict.PROVED:
            yield {"target": target, "why": proof.text, "fix": proof.fix}


_PROOF_RULES: Final[tuple[RefusalRule[_Asked], ...]] = (
    RefusalRule("letter-target", _unproved, "{target} isn't proved to be yours: {why}", "{fix}"),
    RefusalRule(
        "letter-note",
        lambda letter: letter.kind is LetterKind.TRANSFER and not letter.facts.note.strip(),
        "a transfer needs your own words: when and how you tried to reach the owner, and why the name",
        "add them with --note; PEP 541 says what counts as abandoned",
    ),
)
