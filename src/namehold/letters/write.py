"""Ready text for letters to the index's administrators; a person sends them, namehold never does.

    names = select_names(LetterKind.PROHIBIT, plan=plan, holdings=holdings)
    refuse(find_letter_refusals(LetterKind.PROHIBIT, names, ...))
    write_letter(LetterKind.PROHIBIT, names, ...).body

Few, small and complete requests: one paid person and volunteers answer them. A letter that names unregistered names
is a private mail and never a post in a tracker, where attackers would read the names. Prohibiting a name deletes a
project that holds it (Warehouse), so each name's absence is confirmed on the day of the letter.
"""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from packaging.utils import NormalizedName

from namehold.candidates import Channel, Clue
from namehold.documents import digest
from namehold.ledger import LetterKind
from namehold.letters.choose import ABOUT_OTHERS, PATIENCE_DAYS, PRIVATE, LetterFacts, find_families, targets_of
from namehold.letters.likeness import likeness_of
from namehold.plan import Action, told_to_others
from namehold.portfolio import Mode, Route
from namehold.text import count, join_words, visible

#: Lines of the body are at most this long, in characters, as mail programs show them whole.
_MAIL_WIDTH: Final = 76

#: Pieces of evidence that stand beside a name.
_EVIDENCE_SHOWN: Final = 3

#: Routes whose reasons are written for strangers.
_TOLD: Final = frozenset({Route.RESERVE, Route.REQUEST, Route.FLAG})

#: What the index can do for namespaces; PEP 752 was accepted in June 2026.
_NAMESPACE_STATE: Final = (
    "PEP 752 (implicit namespaces) was accepted in June 2026; "
    "the index's implementation was still open in August 2026. "
    "If applications aren't taken yet, please tell us when they are, and drop this letter."
)

_SUBJECTS: Final[Mapping[LetterKind, str]] = {
    LetterKind.PROHIBIT: "Request to prohibit {what} confusable with packages of {organization}",
    LetterKind.ANNOUNCE: "{organization} is about to reserve {what} confusable with its own packages",
    LetterKind.NAMESPACE: "Application for a namespace grant by {organization}: {what}",
    LetterKind.REPORT: "Report of {what} that may be taken for packages of {organization}",
    LetterKind.TRANSFER: "Request to transfer {what} to {organization} (PEP 541)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter that a person sends. `names` are prefixes for a namespace; `digest` is over everything else.

    `send_to` says in words who gets it: namehold knows no address of the administrators, their own help page does.
    `is_draft`: the index wasn't asked about its names that day, so it must not be sent.
    """

    kind: LetterKind
    subject: str
    body: str
    names: tuple[NormalizedName, ...]
    written: dt.date
    is_private: bool
    send_to: str
    is_draft: bool = False
    digest: str = ""


def write_letter(kind: LetterKind, names: Sequence[NormalizedName], facts: LetterFacts) -> Letter:
    """The letter about `names`, against which nothing stands (`find_letter_refusals`); a draft says that it is one.

    It opens with the block to paste: one normalized name a line, then one comment line; proof of ownership, reason
    and evidence for each name, and the contact follow.
    """
    organization = _name(facts)
    what = f"the prefix {', '.join(names)}" if kind is LetterKind.NAMESPACE else count(len(names), "project name")
    mark = "DRAFT, not confirmed today, don't send: " if facts.is_draft else ""
    subject = mark + _SUBJECTS[kind].format(what=what, organization=organization)
    parts = [
        *([_draft_notice(kind)] if facts.is_draft else []),
        "\n".join(names),
        f"Comment: {subject}; {facts.now.date().isoformat()}; contact {_contact(facts)}",
        "Dear administrators,",
        _paragraphs(_purpose(kind, names, facts)),
        _ownership(kind, names, facts),
        _evidence(kind, names, facts),
        *([f"What we add:\n\n{_paragraphs(facts.note)}"] if facts.note.strip() else []),
        _closing(facts),
    ]
    letter = Letter(
        kind=kind,
        subject=subject,
        body="\n\n".join(parts) + "\n",
        names=tuple(names),
        written=facts.now.date(),
        is_private=kind in PRIVATE,
        send_to="(a draft, not to be sent)" if facts.is_draft else _send_to(kind, facts.plan.index),
        is_draft=facts.is_draft,
    )
    return replace(letter, digest=digest(letter))


def _draft_notice(kind: LetterKind) -> str:
    return _wrapped(
        "DRAFT: not confirmed today, don't send. The index wasn't asked about these names and packages. "
        f"With network, namehold letter {kind} asks it and writes the letter to send."
    )


def _name(facts: LetterFacts) -> str:
    return visible(facts.portfolio.organization.name) or "[organization.name]"


def _contact(facts: LetterFacts) -> str:
    return visible(facts.portfolio.organization.contact) or "[organization.contact]"


def _username(facts: LetterFacts) -> str:
    return visible(facts.portfolio.account.username) or "[account.username]"


def _send_to(kind: LetterKind, index: str) -> str:
    where = f"the administrators of {index}; the address is on the index's own help page"
    if kind in PRIVATE:
        return f"{where}; by private mail, never in a tracker: anyone could still register the names"
    return f"{where}, which also says which form or tracker they take this in"


def _purpose(kind: LetterKind, names: Sequence[NormalizedName], facts: LetterFacts) -> str:
    organization = _name(facts)
    match kind:
        case LetterKind.PROHIBIT:
            return (
                f"{organization} publishes the packages below. The names above are easily taken for them. "
                "Please prohibit them for everybody, ourselves included: "
                "that protects users without any placeholder.\n\n"
                f"None of them was registered when we asked the index at {_looked_up(names, facts)}. "
                "Prohibiting a name deletes a project that holds it, so please look again before you do.\n\n"
                "We claim none of these names. If anyone has a legitimate use for one, we agree in advance that it is "
                "released to them; you don't need to ask us."
            )
        case LetterKind.ANNOUNCE:
            chosen = [action for action in facts.plan.actions if action.name in names]
            days = max(action.day for action in chosen)
            stops = any(action.mode is Mode.REFUSE for action in chosen)
            at_installation = "stops its own installation with that text," if stops else "runs nothing at installation,"
            return (
                f"{organization} publishes the packages below and is about to reserve the names above, "
                f"from the one account {_username(facts)}, within the quota, over "
                f"{count(days, 'day')}. {_tell_flags(chosen)}\n\n"
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
                "A person of ours has looked at the names above and thinks that "
                "users may take them for ours. What is marked as our statement is our opinion; apart from it "
                "we say nothing about those who hold them, or their intent. Please look yourselves."
            )
        case LetterKind.TRANSFER:
            return (
                f"{organization} publishes the packages below and asks for the names above under PEP 541. "
                f"The index showed a project of each name at {_looked_up(names, facts)}."
            )


def _tell_flags(actions: Sequence[Action]) -> str:
    """Why the administrators are told: their background checks may report these names. What we know is an estimate."""
    flagged = [action.name for action in actions if action.flagged_as]
    if not flagged:
        return (
            "As far as we can tell, your background check for typing errors will name none of them; we tell you first "
            "all the same."
        )
    return (
        f"By our estimate your background check for typing errors will name "
        f"{join_words(flagged, limit=len(flagged))}; this is why we tell you first."
    )


def _looked_up(names: Sequence[NormalizedName], facts: LetterFacts) -> str:
    if facts.is_draft:
        return "[the time of asking]"
    earliest = min(facts.looked_up[name][1] for name in names)
    return f"{earliest.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"


def _ownership(kind: LetterKind, names: Sequence[NormalizedName], facts: LetterFacts) -> str:
    organization = facts.portfolio.organization
    proofs = {proof.target: proof for proof in facts.proofs}
    lines = [_identity(facts)]
    if organization.index_organization:
        lines.append(f"organization on the index: {visible(organization.index_organization)}")
    lines.append(f"account on the index: {_username(facts)}")
    for target in targets_of(kind, names, plan=facts.plan, portfolio=facts.portfolio):
        if facts.is_draft:
            lines.append(f"{target}: not proved yet [what the index shows of its owner]")
            continue
        proof = proofs[target]
        time = f"{proof.time.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"
        lines.append(f"{target}: {visible(proof.text)} ({time})")
    return _list("Who we are, and what is ours:", lines)


def _identity(facts: LetterFacts) -> str:
    organization = facts.portfolio.organization
    legal = f" ({visible(organization.legal_name)})" if organization.legal_name else ""
    page = f", {visible(organization.homepage)}" if organization.homepage else ""
    return f"{_name(facts)}{legal}{page}"


def _evidence(kind: LetterKind, names: Sequence[NormalizedName], facts: LetterFacts) -> str:
    if kind is LetterKind.NAMESPACE:
        families = find_families(facts.portfolio)
        return _list("The packages of each prefix:", [f"{name}: {', '.join(families[name])}" for name in names])
    assessed = facts.plan.find(names)
    verdicts = {item.name: item for item in facts.portfolio.look_alikes}
    organization = _name(facts)
    lines = []
    for name in names:
        item = assessed[name]
        # Why the plan leaves a name alone is told in our own file's words, which mean nothing to strangers.
        verdict = verdicts.get(name)
        reasons = " ".join(
            told_to_others(reason, organization, target=item.candidate.target)
            for reason in item.reasons
            if item.route in _TOLD and not (verdict and reason.rule == "look-alike")
        )
        # The plan's reasons may tell the evidence already, as sentences; of a word for Python the first says it all.
        told = reasons.casefold()
        is_told = item.reasons[0].rule in {"python-word", "python-word-no-slot"}
        evidence = () if is_told else item.candidate.evidence
        pieces = [piece for piece in evidence if visible(piece.detail).casefold() not in told]
        seen = "; ".join(dict.fromkeys(_piece(piece, organization) for piece in pieces[:_EVIDENCE_SHOWN]))
        why = f"{reasons} ({seen})" if reasons and seen else reasons or f"{seen}."
        shown = _shown(name, item.candidate.target, facts) if kind in ABOUT_OTHERS else ""
        stated = (
            f" {organization} states ({verdict.date.isoformat()}): '{visible(verdict.note) or 'alike'}'."
            if verdict
            else ""
        )
        lines.append(f"{name}, for {item.candidate.target}: {shown}{why}{stated}")
    return _list("Why each name:", lines)


def _piece(piece: Clue, organization: str) -> str:
    """A piece of evidence; one that names.yaml gives is marked as the organization's statement."""
    text = f"{piece.technique}: {visible(piece.detail)}"
    return f"{organization} states: {text}" if piece.channel is Channel.DECLARED else text


def _shown(name: NormalizedName, target: NormalizedName, facts: LetterFacts) -> str:
    """What everybody can look up of a stranger's project, as the index showed it today: likeness, age and signs."""
    if facts.is_draft:
        return f"The name is {likeness_of(name, target)}. [when each was first released] "
    first, ours = (facts.released[each] for each in (name, target))
    assert first is not None  # noqa: S101 -- `find_letter_refusals` asks for both
    assert ours is not None  # noqa: S101
    return (
        f"The name is {likeness_of(name, target)}. The index showed on {facts.now:%Y-%m-%d}: {name} first released on "
        f"{first:%Y-%m-%d}, {target} on {ours:%Y-%m-%d}{''.join(f'; {sign}' for sign in facts.signs.get(name, ()))}. "
    )


def _closing(facts: LetterFacts) -> str:
    organization = facts.portfolio.organization
    policy = [f"Our policy on names: {visible(organization.policy_page)}"] if organization.policy_page else []
    return "\n".join(
        [
            _wrapped(
                f"There is no hurry, and we accept a refusal. We send no reminder within {PATIENCE_DAYS} days "
                "and no second request before this one is answered."
            ),
            "",
            "Thank you for looking after the index.",
            "",
            _name(facts),
            f"Contact: {_contact(facts)}",
            *policy,
        ]
    )


def _list(head: str, items: Sequence[str]) -> str:
    return "\n".join([head, "", *(_wrapped(f"- {item}", indent="  ") for item in items)])


def _paragraphs(text: str) -> str:
    return "\n".join(_wrapped(visible(line)) for line in text.strip().splitlines())


def _wrapped(text: str, *, indent: str = "") -> str:
    """`text` in lines as mail has them; names are never broken."""
    return textwrap.fill(
        text, width=_MAIL_WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
