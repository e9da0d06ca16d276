"""`namehold letter`: ready text for the index's administrators, and a record of what was sent and answered."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from packaging.utils import NormalizedName

from namehold import documents
from namehold.cli.options import FormatOption, OutputOption, PlanOption, argument, option, refuse_idle
from namehold.cli.output import Format, emit, write_text
from namehold.cli.session import Session, session_of
from namehold.cli.workspace import Inputs, Workspace
from namehold.errors import Diagnostic, UnsafePlan, UsageError
from namehold.evidence import show_again
from namehold.files import InnerPath
from namehold.index import ProjectState, WebReader, first_upload
from namehold.ledger import LetterAnswer, LetterAnswered, LetterKind, LetterSent, SentLetter
from namehold.letters import (
    ABOUT_OTHERS,
    PATIENCE_DAYS,
    REQUESTS,
    Letter,
    LetterFacts,
    find_letter_refusals,
    find_open_letter,
    select_names,
    targets_of,
    without_packages,
    write_letter,
)
from namehold.names import normalize
from namehold.ownership import OwnershipProof, check_ownership, find_waiting, why_waiting
from namehold.plan import Plan, Reason
from namehold.plan.checks import judge_by_proved, require_fresh_snapshot
from namehold.portfolio import Portfolio, Surface
from namehold.report import find_answer
from namehold.text import Table, texts
from namehold.watch import find_signs

EPILOG = """\
Examples:

  namehold letter prohibit                       the best 15 names that the plan would ask for

  namehold letter prohibit --draft               to read it first, without network

  namehold letter prohibit acme-tol -o letter.txt

  namehold letter --sent 2026-11-22              you sent the letter that was written last

  namehold letter --answer granted acme-tol      they answered; without names it is about all of them

  namehold letter                                what was asked, when, and what they answered
"""


#: What stands against a letter as long as the index wasn't asked.
_NEEDS_THE_INDEX = frozenset({"letter-unconfirmed", "letter-target", "letter-older"})
#: What stands against sending a letter today, and not against reading it.
_FORBIDS_SENDING = frozenset({"letter-open", "letter-stale-plan", "letter-note"})


def letter(
    ctx: typer.Context,
    kind: Annotated[
        str,
        argument(
            "What the letter is for. Left out: the letters so far, or with --sent and --answer the last one.",
            "[prohibit|announce|namespace|report|transfer]",
        ),
    ] = "",
    names: Annotated[list[str] | None, argument("Default: what the plan says.", "[NAME]...")] = None,
    plan: PlanOption = None,
    note: Annotated[str, option("Your own words, added to the letter.", metavar="TEXT")] = "",
    draft: Annotated[
        bool, option("Write it without asking the index, to read and discuss; it isn't for sending.", "--draft")
    ] = False,
    sent: Annotated[
        dt.datetime | None,
        option("Record that the letter written last was sent.", formats=["%Y-%m-%d"], metavar="DATE"),
    ] = None,
    answer: Annotated[LetterAnswer | None, option("Record the administrators' answer to the open letter.")] = None,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Write a letter to the index's administrators; you send it, namehold never does.

    Unregistered names go by private mail only. At most 15 names a letter, one open request at a time, no reminder
    before 60 days. On the day of the letter the index is asked whether each name is still unregistered; --draft doesn't
    ask, and its text isn't for sending.
    """
    workspace = Workspace(session_of(ctx))
    if sent is not None and answer is not None:
        raise UsageError("--sent and --answer are two records", fix="give one of them")
    chosen, asked = _split(kind, names or [], is_record=sent is not None or answer is not None)
    if chosen is None:
        refuse_idle({"--note": note, "--plan": plan, "--draft": draft}, "without a letter to write")
    if sent is not None:
        _record_sent(workspace, sent.date())
    elif answer is not None:
        _record_answer(workspace, answer, asked)
    elif chosen is None:
        _show_history(workspace, form, output)
    else:
        made = workspace.plan(plan)
        written = _write(workspace, made, chosen, asked, note=note, is_draft=draft)
        document = documents.dump("letter", written)
        if not draft:
            write_text(document, _draft_path(workspace.session))
        # What a person copies is data: the subject and the recipient, too.
        text = f"Subject: {written.subject}\nTo: {written.send_to}\n\n{written.body}"
        write_text(document if form is Format.JSON else text, output, is_private=True)
        _say(workspace.session, written, made)


def _split(kind: str, names: Sequence[str], *, is_record: bool) -> tuple[LetterKind | None, tuple[NormalizedName, ...]]:
    """The kind and the names; where an answer is recorded, the first word may be a name already."""
    known = {item.value: item for item in LetterKind}
    if kind in known or not kind:
        return known.get(kind), tuple(normalize(name) for name in names)
    if is_record:
        return None, tuple(normalize(name) for name in (kind, *names))
    raise UsageError(f"there is no letter of the kind {kind!r}", fix=f"one of {', '.join(known)}")


def _draft_path(session: Session) -> InnerPath:
    """Where the letter written last lies, so that `--sent` knows what was in it."""
    return session.state / "letter.json"


def _write(
    workspace: Workspace,
    plan: Plan,
    kind: LetterKind,
    asked: tuple[NormalizedName, ...],
    *,
    note: str,
    is_draft: bool,
) -> Letter:
    if not is_draft:
        workspace.require_complete()
        workspace.require_network("a letter to send", instead=f"namehold letter {kind} --draft, to read it now")
    inputs, now = workspace.inputs(), dt.datetime.now(dt.UTC)
    portfolio, holdings = inputs.portfolio, inputs.holdings
    if not is_draft:
        require_fresh_snapshot(inputs.view.info if inputs.view else None, today=now.date(), profile=inputs.profile)
    given = tuple(dict.fromkeys(asked))
    select = partial(select_names, kind, plan=plan, portfolio=portfolio, holdings=holdings)
    # A draft is read with what was kept of the packages; a letter asks anew.
    known = find_waiting(inputs.proofs, today=now.date()) if is_draft else {}
    names = given or select(waiting=known) or select()
    facts = LetterFacts(
        plan=plan,
        portfolio=portfolio,
        holdings=holdings,
        proofs=(),
        looked_up={},
        words=inputs.dictionary.words,
        now=now,
        note=note,
        is_draft=is_draft,
        obstacles=_find_obstacles(kind, plan, names, inputs, as_of=now.date()),
    )
    # What stands against the letter anyway is said before the index is asked anything.
    found = [item for item in find_letter_refusals(kind, names, facts) if item.rule not in _NEEDS_THE_INDEX]
    _refuse(item for item in found if not is_draft or item.rule not in _FORBIDS_SENDING)
    if is_draft:
        for item in found:
            workspace.session.say(str(replace(item, severity="warning")))
        return write_letter(kind, names, facts)
    with workspace.index() as reader:
        ask = partial(check_ownership, inputs.portfolio, index=reader, web=reader, profile=workspace.profile, now=now)
        proofs: tuple[OwnershipProof, ...] = ()
        waiting: dict[NormalizedName, OwnershipProof] = {}
        looked_at: set[NormalizedName] = set()
        while new := set(targets := targets_of(kind, names, plan=plan, portfolio=portfolio)) - looked_at:
            looked_at |= new
            proofs += ask(new)
            waiting = find_waiting(proofs, today=now.date())
            # A package without proof holds back its own names alone; what a person names is refused with the reason.
            if not given and (fewer := select(waiting=waiting)):
                names, portfolio = fewer, without_packages(inputs.portfolio, waiting)
        asked_for = () if kind is LetterKind.NAMESPACE else names
        states = {name: reader.project(name) for name in (*asked_for, *(targets if kind in ABOUT_OTHERS else ()))}
        # Whose packages an organization owns makes its words ours; what was kept of that may be old, or forged.
        packages = {package.name for package in portfolio.packages}
        with_owner = (proof.target for proof in inputs.proofs if proof.organization and proof.target in packages)
        proofs += ask(set(with_owner) - looked_at)
        inputs = replace(inputs, proofs=proofs)
        shown = _read_again(kind, names, inputs, web=reader, as_of=now.date())
        # Packages without proof make no name of another one the organization's.
        by_proved = judge_by_proved(
            _targets(kind, names, plan=plan, portfolio=portfolio, without=waiting),
            packages=[package.name for package in portfolio.packages if package.published],
            proofs=proofs,
            territory=partial(inputs.territory, as_of=now.date(), shown=shown),
            prove=ask,
        )
    obstacles = _find_obstacles(kind, plan, names, inputs, as_of=now.date(), shown=shown)
    facts = replace(
        facts,
        portfolio=portfolio,
        obstacles=_but_words(kind, by_proved) | obstacles,
        proofs=tuple(proof for proof in proofs if proof.target in targets),
        looked_up={name: (states[name].exists, now) for name in asked_for},
        released={name: first_upload(state) for name, state in states.items()},
        signs=_signs(plan, asked_for, states) if kind is LetterKind.TRANSFER else {},
    )
    _refuse(find_letter_refusals(kind, names, facts))
    for proof in waiting.values():
        workspace.session.say(f"Left out are the names around {proof.target}: {why_waiting(proof)}")
    return write_letter(kind, names, facts)


def _signs(
    plan: Plan, names: Sequence[NormalizedName], states: Mapping[NormalizedName, ProjectState]
) -> dict[NormalizedName, tuple[str, ...]]:
    """What the projects that are asked for say of themselves or have in common with our packages."""
    found = plan.find(tuple(names))
    return {name: find_signs(states[name], states.get(item.candidate.target)) for name, item in found.items()}


def _read_again(
    kind: LetterKind, names: Sequence[NormalizedName], inputs: Inputs, *, web: WebReader, as_of: dt.date
) -> Mapping[NormalizedName, tuple[Surface, ...]] | None:
    """What the index's files show now of the surfaces that make these names the organization's; None: none is needed.

    The kept record may come from anywhere: it only tells which files to read, as it does for `apply`.
    """
    if kind is LetterKind.NAMESPACE or not inputs.profile.is_public:
        return None
    territory, wanted = inputs.territory(as_of=as_of), defaultdict[NormalizedName, set[NormalizedName]](set)
    for standing in (territory.claim(name).standing for name in names):
        if standing is not None:
            wanted[standing.package].add(normalize(standing.value))
    return {
        package: show_again(
            package, values, known=inputs.releases.files_of(package), web=web, simple=inputs.profile.simple
        )
        for package, values in wanted.items()
    }


def _find_obstacles(
    kind: LetterKind,
    plan: Plan,
    names: Sequence[NormalizedName],
    inputs: Inputs,
    *,
    as_of: dt.date,
    shown: Mapping[NormalizedName, tuple[Surface, ...]] | None = None,
) -> dict[NormalizedName, Reason]:
    """The names that aren't the organization's by the index's list, whatever the plan's file says of them.

    Two packages with a stranger's word in front make no prefix of it either; words of the dictionary have a rule of
    their own.
    """
    territory = inputs.territory(as_of=as_of, shown=shown)
    targets = _targets(kind, names, plan=plan, portfolio=inputs.portfolio)
    found = ((name, territory.find_obstacle(name, target=target)) for name, target in targets.items())
    return _but_words(kind, {name: obstacle for name, obstacle in found if obstacle is not None})


def _but_words(kind: LetterKind, found: Mapping[NormalizedName, Reason]) -> dict[NormalizedName, Reason]:
    """The obstacles without those that a rule of its own knows: words of the dictionary as prefixes."""
    is_prefix = kind is LetterKind.NAMESPACE
    return {name: item for name, item in found.items() if not (is_prefix and item.rule == "dictionary-word")}


def _targets(
    kind: LetterKind,
    names: Sequence[NormalizedName],
    *,
    plan: Plan,
    portfolio: Portfolio,
    without: Collection[NormalizedName] = (),
) -> dict[NormalizedName, NormalizedName]:
    """The package that each name is asked for; `without` those around these packages, which are refused anyway."""
    if kind is LetterKind.NAMESPACE:
        found_for = ((name, targets_of(kind, [name], plan=plan, portfolio=portfolio)) for name in names)
        targets = {name: members[0] for name, members in found_for if members}
    else:
        targets = {name: item.candidate.target for name, item in plan.find(tuple(names)).items()}
    return {name: target for name, target in targets.items() if target not in without}


def _refuse(findings: Iterable[Diagnostic]) -> None:
    """Nothing if there are no findings; else raises UnsafePlan with all of them."""
    if diagnostics := tuple(findings):
        # A correction that is a command is the next step.
        fix = next((item.fix for item in diagnostics if item.fix.startswith("namehold ")), "namehold report")
        raise UnsafePlan("no letter was written", fix=fix, diagnostics=diagnostics)


def _say(session: Session, written: Letter, plan: Plan) -> None:
    if written.kind is LetterKind.PROHIBIT:
        found = plan.find(written.names)
        for name in written.names:
            for warning in found[name].warnings:
                session.say(f"{name}: {warning.text}", label="Warning")
    if written.is_draft:
        session.next_step(f"with network, the letter to send: namehold letter {written.kind}")
        return
    session.next_step(f"send it today, then: namehold letter --sent {written.written.isoformat()}")


# --------------------------------------------------------------------------- what was sent and answered


def _record_sent(workspace: Workspace, date: dt.date) -> None:
    session = workspace.session
    path = _draft_path(session)
    if not path.is_file():
        raise UsageError("no letter was written here", fix="namehold letter prohibit")
    written = documents.load("letter", Letter, path.read_text("utf-8"), path=str(path))
    if date != written.written:
        raise UsageError(
            f"the letter was written on {written.written.isoformat()}, and its names were looked up on that day only",
            fix="a letter is sent on the day it is written; write it again",
        )
    with workspace.ledger() as ledger:
        if any(item.digest == written.digest for item in ledger.holdings().letters):
            raise UsageError("this letter is recorded as sent already", fix="namehold letter")
        now = dt.datetime.now(dt.UTC)
        ledger.append(LetterSent(letter=written.digest, kind=written.kind, names=written.names, date=date, time=now))
    path.unlink()
    if written.kind in REQUESTS:
        session.next_step("wait for the answer, then: namehold letter --answer granted|declined|silent")
    else:
        session.next_step("namehold report")


def _record_answer(workspace: Workspace, answer: LetterAnswer, asked: tuple[NormalizedName, ...]) -> None:
    session, now = workspace.session, dt.datetime.now(dt.UTC)
    with workspace.ledger() as ledger:
        waiting = find_open_letter(ledger.holdings().letters)
        if waiting is None:
            raise UsageError("no letter waits for an answer", fix="namehold letter")
        _require_answerable(waiting, answer, asked, today=now.date())
        names = asked or waiting.unanswered
        answered = LetterAnswered(
            letter=waiting.digest, kind=waiting.kind, answer=answer, names=names, date=now.date(), time=now
        )
        ledger.append(answered)
    if answer is LetterAnswer.GRANTED:
        if waiting.kind is LetterKind.NAMESPACE:
            session.say("Write the grant under `namespaces` in names.yaml, so that plans know of it.")
        session.next_step("namehold plan")
        return
    session.say("To reserve a name instead, list it under `always` in names.yaml, one by one, with your reason.")
    session.next_step("namehold report")


def _require_answerable(
    waiting: SentLetter, answer: LetterAnswer, asked: tuple[NormalizedName, ...], *, today: dt.date
) -> None:
    strays = [name for name in asked if name not in waiting.unanswered]
    if strays:
        raise UsageError(f"the open letter doesn't wait for {', '.join(strays)}", fix="namehold letter")
    patient_until = waiting.sent + dt.timedelta(days=PATIENCE_DAYS)
    if answer is LetterAnswer.SILENT and today < patient_until:
        raise UsageError(
            f"the letter was sent on {waiting.sent.isoformat()}; silence counts from {patient_until.isoformat()}",
            fix="wait; volunteers answer",
        )


def _show_history(workspace: Workspace, form: Format, output: Path | None) -> None:
    """Every name that was asked for, with its age and answer."""
    today = dt.datetime.now(dt.UTC).date()
    letters = workspace.holdings().letters
    rows = [
        (item.sent.isoformat(), f"{(today - item.sent).days}", item.kind, name, find_answer(item, name)[0])
        for item in letters
        for name in item.names
    ]
    table = Table(columns=texts("sent", "days ago", "kind", "name", "answer"), rows=rows, caption="Letters")
    emit(table, "letters", {"letters": letters}, form, output)
    if not letters:
        workspace.session.say("No letter was sent so far.")
        workspace.session.next_step("namehold letter prohibit --draft")
        return
    is_waiting = find_open_letter(letters) is not None
    workspace.session.next_step("namehold letter --answer granted|declined|silent" if is_waiting else "namehold report")
