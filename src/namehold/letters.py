"""Ready text for letters to the index's administrators; a person sends them, namehold never does.

    names = select_names(LetterKind.PROHIBIT, plan=plan, holdings=holdings)
    refuse(find_letter_refusals(LetterKind.PROHIBIT, names, ...))
    write_letter(LetterKind.PROHIBIT, names, ...).body

Few, small and complete requests: one paid person and volunteers answer them. A letter that names unregistered names
is a private mail and never a post in a tracker, which would be a shopping list. Prohibiting a name deletes a project
that holds it (Warehouse), so each name's absence is confirmed on the day of the letter.
"""

from __future__ import annotations

import datetime as dt
import textwrap
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from packaging.utils import NormalizedName

from namehold.digests import digest
from namehold.errors import Diagnostic
from namehold.models import (
    SNAPSHOT_MAX_AGE_DAYS,
    Assessment,
    Holdings,
    LetterAnswer,
    LetterKind,
    Mode,
    Plan,
    Portfolio,
    Route,
    SentLetter,
)
from namehold.ownership import OwnershipProof, Verdict
from namehold.wording import count, visible

#: As many names as a volunteer can look at one by one.
MOST_NAMES_A_LETTER: Final = 15

#: No reminder before this many days.
PATIENCE_DAYS: Final = 60

#: Kinds that wait for an answer; an organization has one of them open at a time.
REQUESTS: Final = frozenset({LetterKind.PROHIBIT, LetterKind.NAMESPACE, LetterKind.TRANSFER})

#: Kinds that name names which anybody could still register.
PRIVATE: Final = frozenset({LetterKind.PROHIBIT, LetterKind.ANNOUNCE})

#: Kinds whose names must not be registered on the day of the letter, and kinds whose names must be.
_ABSENT: Final = PRIVATE
_PRESENT: Final = frozenset({LetterKind.REPORT, LetterKind.TRANSFER})

#: A family of names is a prefix that this many of the organization's packages share.
_FAMILY_MEMBERS: Final = 2

#: Lines of the body are at most this long, in characters, as mail programs show them whole.
_MAIL_WIDTH: Final = 76

#: Pieces of evidence that stand beside a name.
_EVIDENCE_SHOWN: Final = 3

#: What the index can do for namespaces; PEP 752 was accepted in June 2026.
_NAMESPACE_STATE: Final = (
    "PEP 752 (implicit namespaces) was accepted in June 2026; "
    "the index's implementation was still open in August 2026. "
    "If applications aren't taken yet, please tell us when they are, and drop this letter."
)

_SUBJECTS: Final[Mapping[LetterKind, str]] = MappingProxyType(
    {
        LetterKind.PROHIBIT: "Request to prohibit {what} confusable with packages of {organization}",
        LetterKind.ANNOUNCE: "{organization} is about to reserve {what} confusable with its own packages",
        LetterKind.NAMESPACE: "Application for a namespace grant by {organization}: {what}",
        LetterKind.REPORT: "Report of {what} that may be taken for packages of {organization}",
        LetterKind.TRANSFER: "Request to transfer {what} to {organization} (PEP 541)",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter that a person sends. `names` are prefixes for a namespace; `digest` is over everything else.

    `send_to` says in words who gets it: namehold knows no address of the administrators, their own help page does.
    """

    kind: LetterKind
    subject: str
    body: str
    names: tuple[NormalizedName, ...]
    written: dt.date
    is_private: bool
    send_to: str
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFacts:
    """What is known on the day of the letter.

    `looked_up` says for each name whether the index had a project of that name, and when it was asked;
    `proofs` are of the targets; `words` belong to nobody; `note` is what the sender has to add in their own words.
    """

    plan: Plan
    portfolio: Portfolio
    holdings: Holdings
    proofs: Sequence[OwnershipProof]
    looked_up: Mapping[NormalizedName, tuple[bool, dt.datetime]]
    words: Collection[str]
    now: dt.datetime
    note: str = ""


# --------------------------------------------------------------------------- which names


def select_names(
    kind: LetterKind, *, plan: Plan, portfolio: Portfolio, holdings: Holdings
) -> tuple[NormalizedName, ...]:
    """The names of the next letter, best first, at most `MOST_NAMES_A_LETTER`; none for a transfer (a person names it).

    Names that were granted, declined or still wait for an answer are left out; silence may be asked again.
    """
    settled = holdings.names | frozenset(holdings.prohibited) | _asked(kind, holdings)
    match kind:
        case LetterKind.PROHIBIT:
            ranked = sorted((-item.candidate.score.value, item.candidate.name) for item in plan.by_route(Route.REQUEST))
            found = [name for _, name in ranked]
        case LetterKind.ANNOUNCE:
            found = [action.name for action in plan.actions if action.flagged_as] or [a.name for a in plan.actions]
        case LetterKind.REPORT:
            found = [item.candidate.name for item in plan.by_route(Route.FLAG)]
        case LetterKind.NAMESPACE:
            found = list(find_families(portfolio))
        case LetterKind.TRANSFER:
            found = []
    return tuple(name for name in found if name not in settled)[:MOST_NAMES_A_LETTER]


def find_families(portfolio: Portfolio) -> dict[NormalizedName, tuple[NormalizedName, ...]]:
    """Prefixes that two or more published packages share as their first word and no grant covers, with the packages."""
    members: dict[NormalizedName, list[NormalizedName]] = defaultdict(list)
    for package in portfolio.packages:
        if package.published:
            members[NormalizedName(package.name.split("-")[0])].append(package.name)
    granted = {grant.prefix for grant in portfolio.namespaces}
    return {
        prefix: tuple(sorted(names))
        for prefix, names in sorted(members.items())
        if len(names) >= _FAMILY_MEMBERS and prefix not in granted
    }


def targets_of(
    kind: LetterKind, names: Iterable[NormalizedName], *, plan: Plan, portfolio: Portfolio
) -> tuple[NormalizedName, ...]:
    """The organization's packages whose ownership the letter has to prove, sorted."""
    if kind is LetterKind.NAMESPACE:
        families = find_families(portfolio)
        return tuple(sorted({member for name in names for member in families.get(name, ())}))
    assessed = _assessed(plan)
    return tuple(sorted({assessed[name].candidate.target for name in names if name in assessed}))


def _asked(kind: LetterKind, holdings: Holdings) -> frozenset[NormalizedName]:
    """Names of this kind of request that wait for an answer, or got one that isn't silence."""
    waiting = {
        name for letter in holdings.letters if letter.kind is kind and kind in REQUESTS for name in letter.unanswered
    }
    return frozenset(waiting) | frozenset(_latest_answers(kind, holdings, LetterAnswer.GRANTED, LetterAnswer.DECLINED))


def _latest_answers(kind: LetterKind, holdings: Holdings, *answers: LetterAnswer) -> dict[NormalizedName, dt.date]:
    """The names whose latest answer to this kind of request is one of `answers`, with its date."""
    letters = (letter for letter in holdings.letters if letter.kind is kind)
    latest = {name: (answer, date) for letter in letters for name, answer, date in letter.answers}
    return {name: date for name, (answer, date) in latest.items() if answer in answers}


def _assessed(plan: Plan) -> dict[NormalizedName, Assessment]:
    return {item.candidate.name: item for item in plan.assessments}


# --------------------------------------------------------------------------- what a letter must not do


def find_open_letter(letters: Sequence[SentLetter]) -> SentLetter | None:
    """The request among `letters` (in the order of sending) that still waits for an answer."""
    return next((item for item in reversed(letters) if item.kind in REQUESTS and item.unanswered), None)


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
    declined = _latest_answers(kind, facts.holdings, LetterAnswer.DECLINED)
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
    item = _assessed(plan).get(name)
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
            message=f"fewer than {_FAMILY_MEMBERS} published packages share the prefix {prefix}, or a grant covers it",
            rule="letter-no-family",
            fix="apply for a prefix that the organization's packages share",
        )
    declined = _latest_answers(LetterKind.NAMESPACE, facts.holdings, LetterAnswer.DECLINED)
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
        if proof is None or proof.verdict is not Verdict.PROVED:
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


# --------------------------------------------------------------------------- the text


def write_letter(kind: LetterKind, names: Sequence[NormalizedName], facts: LetterFacts) -> Letter:
    """The letter about `names`, against which nothing stands (`find_letter_refusals`).

    It opens with the block to paste: one normalized name a line, then one comment line; proof of ownership, reason
    and evidence for each name, and the contact follow.
    """
    organization = visible(facts.portfolio.organization.name)
    what = f"the prefix {', '.join(names)}" if kind is LetterKind.NAMESPACE else count(len(names), "project name")
    subject = _SUBJECTS[kind].format(what=what, organization=organization)
    parts = [
        "\n".join(names),
        f"Comment: {subject}; {facts.now.date().isoformat()}; contact {visible(facts.portfolio.organization.contact)}",
        "Dear administrators,",
        _paragraphs(_purpose(kind, names, facts)),
        _ownership(kind, names, facts),
        _evidence(kind, names, facts),
        *([f"What we have to add:\n\n{_paragraphs(facts.note)}"] if facts.note.strip() else []),
        _closing(facts),
    ]
    letter = Letter(
        kind=kind,
        subject=subject,
        body="\n\n".join(parts) + "\n",
        names=tuple(names),
        written=facts.now.date(),
        is_private=kind in PRIVATE,
        send_to=_send_to(kind, facts.plan.index),
    )
    return replace(letter, digest=digest(letter))


def _send_to(kind: LetterKind, index: str) -> str:
    where = f"the administrators of {index}; the address is on the index's own help page"
    if kind in PRIVATE:
        return f"{where}; by private mail, never in a tracker: the names are still open to anyone"
    return f"{where}, which also says which form or tracker they take this in"


def _purpose(kind: LetterKind, names: Sequence[NormalizedName], facts: LetterFacts) -> str:
    organization = visible(facts.portfolio.organization.name)
    match kind:
        case LetterKind.PROHIBIT:
            return (
                f"{organization} publishes the packages below. The names above are easily taken for them. "
                "Please prohibit them for everybody, ourselves included: "
                "that protects users without any placeholder.\n\n"
                f"None of them was registered when we asked the index at {_looked_up(names, facts)}. "
                "Prohibiting a name deletes a project that holds it, so please look again before you do.\n\n"
                "We lay no claim to these names. If somebody has a legitimate use for one, we agree beforehand that it "
                "be freed for them, and need not be asked."
            )
        case LetterKind.ANNOUNCE:
            chosen = [action for action in facts.plan.actions if action.name in names]
            days = max(action.day for action in chosen)
            stops = any(action.mode is Mode.REFUSE for action in chosen)
            at_installation = "stops its own installation with that text," if stops else "runs nothing at installation,"
            return (
                f"{organization} publishes the packages below and is about to reserve the names above, "
                f"from the one account {visible(facts.portfolio.account.username)}, within the quota, over "
                f"{count(days, 'day')}. Your background check for typing errors will name some of them; "
                "this is why we tell you first.\n\n"
                f"Each placeholder says who holds the name and why, points to the real package, {at_installation} "
                "and promises an answer within "
                f"{count(facts.portfolio.policy.answer_days, 'day')} to anyone with a legitimate use. "
                "If you would rather prohibit the names, or not see them at all, tell us and we stop."
            )
        case LetterKind.NAMESPACE:
            return (
                f"{organization} applies for the namespace above. The packages below share it and are ours. "
                "A grant would cover the prefix itself and every name that begins with it and a dash.\n\n"
                f"{_NAMESPACE_STATE}"
            )
        case LetterKind.REPORT:
            return (
                f"{organization} publishes the packages below. "
                f"A person of ours has looked at the names above and thinks that "
                "users may take them for ours. We say nothing about the intent of those who hold them; "
                "please look yourselves."
            )
        case LetterKind.TRANSFER:
            return (
                f"{organization} publishes the packages below and asks for the names above under PEP 541. "
                f"The index showed a project of each name at {_looked_up(names, facts)}."
            )


def _looked_up(names: Sequence[NormalizedName], facts: LetterFacts) -> str:
    earliest = min(facts.looked_up[name][1] for name in names)
    return f"{earliest.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"


def _ownership(kind: LetterKind, names: Sequence[NormalizedName], facts: LetterFacts) -> str:
    organization = facts.portfolio.organization
    proofs = {proof.target: proof for proof in facts.proofs}
    lines = ["Who we are, and what is ours:", "", f"- {_identity(facts)}"]
    if organization.index_organization:
        lines.append(f"- organization on the index: {visible(organization.index_organization)}")
    lines.append(f"- account on the index: {visible(facts.portfolio.account.username)}")
    for target in targets_of(kind, names, plan=facts.plan, portfolio=facts.portfolio):
        proof = proofs[target]
        time = f"{proof.time.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"
        lines.append(_wrapped(f"- {target}: {visible(proof.text)} ({time})", indent="  "))
    return "\n".join(lines)


def _identity(facts: LetterFacts) -> str:
    organization = facts.portfolio.organization
    legal = f" ({visible(organization.legal_name)})" if organization.legal_name else ""
    page = f", {visible(organization.homepage)}" if organization.homepage else ""
    return f"{visible(organization.name)}{legal}{page}"


def _evidence(kind: LetterKind, names: Sequence[NormalizedName], facts: LetterFacts) -> str:
    if kind is LetterKind.NAMESPACE:
        families = find_families(facts.portfolio)
        lines = [f"- {name}: {', '.join(families[name])}" for name in names]
        return "\n".join(["The packages of each prefix:", "", *lines])
    assessed = _assessed(facts.plan)
    verdicts = {item.name: item for item in facts.portfolio.look_alikes}
    lines = []
    for name in names:
        item = assessed[name]
        reasons = " ".join(visible(reason.text) for reason in item.reasons)
        # The plan's reasons may tell the evidence already.
        pieces = [piece for piece in item.candidate.evidence if visible(piece.detail) not in reasons]
        details = dict.fromkeys(f"{piece.technique}: {visible(piece.detail)}" for piece in pieces[:_EVIDENCE_SHOWN])
        seen = f" ({'; '.join(details)})" if details else ""
        verdict = verdicts.get(name)
        looked = f" Looked at on {verdict.date.isoformat()}: {visible(verdict.note) or 'alike'}." if verdict else ""
        lines.append(_wrapped(f"- {name}, for {item.candidate.target}: {reasons}{seen}{looked}", indent="  "))
    return "\n".join(["Why each name:", "", *lines])


def _closing(facts: LetterFacts) -> str:
    organization = facts.portfolio.organization
    policy = [f"Our policy on names: {visible(organization.policy_page)}"] if organization.policy_page else []
    return "\n".join(
        [
            _wrapped(
                f"There is no hurry, and a no is an answer. We send no reminder within {PATIENCE_DAYS} days "
                "and no second request before this one is answered."
            ),
            "",
            "Thank you for looking after the index.",
            "",
            visible(organization.name),
            f"Contact: {visible(organization.contact)}",
            *policy,
        ]
    )


def _paragraphs(text: str) -> str:
    return "\n".join(_wrapped(visible(line)) for line in text.strip().splitlines())


def _wrapped(text: str, *, indent: str = "") -> str:
    """`text` in lines as mail has them; names are never broken."""
    return textwrap.fill(
        text, width=_MAIL_WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
