"""`namehold letter`: ready text for the index's administrators, and a record of what was sent and answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from packaging.utils import NormalizedName
from rich.markup import escape

from namehold import documents
from namehold.candidates import load_dictionary
from namehold.cli.inputs import (
    find_profile,
    ledger_path,
    load_plan,
    plan_path,
    read_own_holdings,
    read_portfolio,
    require_network,
)
from namehold.cli.output import Format, FormatOption, OutputOption, Table, emit, write_text
from namehold.cli.session import Session, refuse_idle, session_of
from namehold.errors import Diagnostic, UnsafePlan, UsageError
from namehold.index import HttpIndex
from namehold.ledger import EventKind, Ledger, LetterAnswer, LetterKind, SentLetter
from namehold.letters import (
    PATIENCE_DAYS,
    REQUESTS,
    Letter,
    LetterFacts,
    find_letter_refusals,
    find_open_letter,
    select_names,
    targets_of,
    write_letter,
)
from namehold.names import normalize
from namehold.ownership import check_ownership
from namehold.plan import Plan
from namehold.portfolio import Portfolio

app = typer.Typer()

_EPILOG = """\
Examples:

  namehold letter prohibit                       the best 15 names that the plan would ask for

  namehold letter prohibit acme-tol -o letter.txt

  namehold letter --sent 2026-11-22              you sent the letter that was written last

  namehold letter --answer granted acme-tol      they answered; without names it is about all of them

  namehold letter                                what was asked, when, and what they answered
"""


@app.command(epilog=_EPILOG)
def letter(
    ctx: typer.Context,
    kind: Annotated[
        str,
        typer.Argument(
            metavar="[prohibit|announce|namespace|report|transfer]",
            show_default=False,
            help="What the letter is for. Left out: the letters so far, or with --sent and --answer the last one.",
        ),
    ] = "",
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", show_default=False, help="Default: what the plan says.")
    ] = None,
    plan: Annotated[
        Path | None,
        typer.Option("--plan", metavar="FILE", show_default=False, help="The plan. Default: .namehold/plan.json."),
    ] = None,
    note: Annotated[
        str, typer.Option("--note", metavar="TEXT", show_default=False, help="Your own words, added to the letter.")
    ] = "",
    sent: Annotated[
        dt.datetime | None,
        typer.Option(
            "--sent", formats=["%Y-%m-%d"], metavar="DATE", help="Record that the letter written last was sent."
        ),
    ] = None,
    answer: Annotated[
        LetterAnswer | None,
        typer.Option("--answer", show_default=False, help="Record the administrators' answer to the open letter."),
    ] = None,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Write a letter to the index's administrators; you send it, namehold never does.

    Unregistered names go by private mail only. At most 15 names a letter, one open request at a time, no reminder
    before 60 days. On the day of the letter the index is asked whether each name is still unregistered.
    """
    session = session_of(ctx)
    if sent is not None and answer is not None:
        raise UsageError("--sent and --answer are two records", hint="give one of them")
    chosen, asked = _split(kind, names or [], is_record=sent is not None or answer is not None)
    if chosen is None:
        refuse_idle({"--note": note, "--plan": plan}, "without a letter to write")
    portfolio = read_portfolio(session)
    if sent is not None:
        _record_sent(session, portfolio, sent.date())
    elif answer is not None:
        _record_answer(session, portfolio, answer, asked)
    elif chosen is None:
        _show_history(session, portfolio, form=form, output=output)
    else:
        planned = load_plan(plan or plan_path(session))
        _write(session, portfolio, planned, chosen, asked, note=note, form=form, output=output)


def _split(kind: str, names: Sequence[str], *, is_record: bool) -> tuple[LetterKind | None, tuple[NormalizedName, ...]]:
    """The kind and the names; where an answer is recorded, the first word may be a name already."""
    known = {item.value: item for item in LetterKind}
    if kind in known or not kind:
        return known.get(kind), tuple(normalize(name) for name in names)
    if is_record:
        return None, tuple(normalize(name) for name in (kind, *names))
    raise UsageError(f"there is no letter of the kind {kind!r}", hint=f"one of {', '.join(known)}")


def _draft_path(session: Session) -> Path:
    """Where the letter written last lies, so that `--sent` knows what was in it."""
    return session.state / "letter.json"


def _write(
    session: Session,
    portfolio: Portfolio,
    plan: Plan,
    kind: LetterKind,
    asked: tuple[NormalizedName, ...],
    *,
    note: str,
    form: Format,
    output: Path | None,
) -> None:
    index = find_profile(portfolio)
    require_network(session, index, what="a letter")
    holdings = read_own_holdings(session, index=index.nickname, username=portfolio.account.username)
    names = tuple(dict.fromkeys(asked)) or select_names(kind, plan=plan, portfolio=portfolio, holdings=holdings)
    now = dt.datetime.now(dt.UTC)
    nothing_asked = LetterFacts(
        plan=plan, portfolio=portfolio, holdings=holdings, proofs=(), looked_up={}, words=(), now=now, note=note
    )
    # What stands against the letter anyway is said before the index is asked anything.
    needs_the_index = {"letter-unconfirmed", "letter-target"}
    _refuse(item for item in find_letter_refusals(kind, names, nothing_asked) if item.rule not in needs_the_index)
    with HttpIndex(index, contact=portfolio.organization.contact, policy=session.policy) as reader:
        looked_up = {} if kind is LetterKind.NAMESPACE else {name: (reader.project(name).exists, now) for name in names}
        proofs = check_ownership(
            portfolio,
            targets_of(kind, names, plan=plan, portfolio=portfolio),
            index=reader,
            web=reader,
            profile=index,
            now=now,
        )
    facts = LetterFacts(
        plan=plan,
        portfolio=portfolio,
        holdings=holdings,
        proofs=proofs,
        looked_up=looked_up,
        words=load_dictionary().words,
        now=now,
        note=note,
    )
    _refuse(find_letter_refusals(kind, names, facts))
    written = write_letter(kind, names, facts)
    document = documents.dump("letter", written)
    write_text(document, _draft_path(session))
    write_text(document if form is Format.JSON else written.body, output)
    _say(session, written)


def _refuse(findings: Iterable[Diagnostic]) -> None:
    """Nothing if there are no findings; else raises UnsafePlan with all of them."""
    if diagnostics := tuple(findings):
        raise UnsafePlan("no letter was written", hint="namehold report", diagnostics=diagnostics)


def _say(session: Session, written: Letter) -> None:
    session.say(f"[bold]Subject:[/bold] {escape(written.subject)}")
    session.say(f"[bold]To:[/bold] {escape(written.send_to)}")
    session.next_step(f"send it today, then: namehold letter --sent {written.written.isoformat()}")


# --------------------------------------------------------------------------- what was sent and answered


def _open_ledger(session: Session, portfolio: Portfolio, now: dt.datetime) -> Ledger:
    index = find_profile(portfolio)
    return Ledger.open(
        ledger_path(session, index.nickname),
        index=index.nickname,
        username=portfolio.account.username,
        organization=portfolio.organization.name,
        time=now,
    )


def _record_sent(session: Session, portfolio: Portfolio, date: dt.date) -> None:
    path = _draft_path(session)
    if not path.is_file():
        raise UsageError("no letter was written here", hint="namehold letter prohibit")
    written = documents.load("letter", Letter, path.read_text("utf-8"), path=str(path))
    if date != written.written:
        raise UsageError(
            f"the letter was written on {written.written.isoformat()}, and its names were looked up on that day only",
            hint="a letter is sent on the day it is written; write it again",
        )
    now = dt.datetime.now(dt.UTC)
    with _open_ledger(session, portfolio, now) as ledger:
        if any(item.digest == written.digest for item in ledger.holdings().letters):
            raise UsageError("this letter is recorded as sent already", hint="namehold letter")
        data = {
            "event": "sent",
            "letter": written.digest,
            "kind": written.kind.value,
            "names": list(written.names),
            "date": date.isoformat(),
        }
        ledger.append(EventKind.LETTER, data, time=now)
    path.unlink()
    if written.kind in REQUESTS:
        session.next_step("wait for the answer, then: namehold letter --answer granted|declined|silent")
    else:
        session.next_step("namehold report")


def _record_answer(
    session: Session, portfolio: Portfolio, answer: LetterAnswer, asked: tuple[NormalizedName, ...]
) -> None:
    now = dt.datetime.now(dt.UTC)
    with _open_ledger(session, portfolio, now) as ledger:
        waiting = find_open_letter(ledger.holdings().letters)
        if waiting is None:
            raise UsageError("no letter waits for an answer", hint="namehold letter")
        _require_answerable(waiting, answer, asked, today=now.date())
        data = {
            "event": "answered",
            "letter": waiting.digest,
            "answer": answer.value,
            "names": list(asked or waiting.unanswered),
            "date": now.date().isoformat(),
        }
        ledger.append(EventKind.LETTER, data, time=now)
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
        raise UsageError(f"the open letter doesn't wait for {', '.join(strays)}", hint="namehold letter")
    patient_until = waiting.sent + dt.timedelta(days=PATIENCE_DAYS)
    if answer is LetterAnswer.SILENT and today < patient_until:
        raise UsageError(
            f"the letter was sent on {waiting.sent.isoformat()}; silence counts from {patient_until.isoformat()}",
            hint="wait; volunteers answer",
        )


def _show_history(session: Session, portfolio: Portfolio, *, form: Format, output: Path | None) -> None:
    """Every name that was asked for, with its age and answer."""
    today = dt.datetime.now(dt.UTC).date()
    index = find_profile(portfolio).nickname
    letters = read_own_holdings(session, index=index, username=portfolio.account.username).letters
    rows = [
        (item.sent.isoformat(), f"{(today - item.sent).days}", item.kind.value, name, _answer_of(item, name))
        for item in letters
        for name in item.names
    ]
    table = Table(columns=("sent", "days ago", "kind", "name", "answer"), rows=rows, title="Letters")
    emit(table, lambda: documents.dump("letters", {"letters": letters}), form=form, output=output)
    is_waiting = find_open_letter(letters) is not None
    session.next_step("namehold letter --answer granted|declined|silent" if is_waiting else "namehold report")


def _answer_of(item: SentLetter, name: NormalizedName) -> str:
    if item.kind not in REQUESTS:
        return "none needed"
    return next((answer.value for answered, answer, _ in item.answers if answered == name), "none yet")
