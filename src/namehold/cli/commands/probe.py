"""`namehold probe`: which projects language models tell for the organization's packages, and which don't exist."""

from __future__ import annotations

import datetime as dt
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from namehold import evidence
from namehold.cli.fetching import warn_if_stale
from namehold.cli.options import FormatOption, OutputOption, option, refuse_idle
from namehold.cli.output import Format, emit
from namehold.cli.session import Session, session_of
from namehold.cli.workspace import Workspace
from namehold.errors import CredentialError, ExitCode, IndexError_, InputError, UsageError
from namehold.files import read_input
from namehold.text import Table, count, texts

if TYPE_CHECKING:
    from decimal import Decimal

    from packaging.utils import NormalizedName

    from namehold.portfolio import Portfolio, Probing
    from namehold.snapshot import Snapshot

EPILOG = """\
Examples:

  namehold probe                                       the endpoints and models under `probe` in names.yaml

  namehold probe --show-prompts                        what would be asked, word for word; asks nothing

  namehold probe --endpoint http://127.0.0.1:11434/v1 --model smollm2 \\
      --runs 2 --max-calls 100

  namehold probe --from answers.jsonl                  answers made elsewhere: text, and perhaps model, prompt, date

Exit codes: 0 done or stopped at a limit, 4 no call was answered, 13 some calls failed (call again to go on).
"""

#: Answers to a thousand prompts are some MB.
_MAX_BYTES = 256 * 1024 * 1024
#: Reasons why calls failed that are told.
_MOST_REASONS = 5


def probe(
    ctx: typer.Context,
    transcripts: Annotated[
        Path | None, option("Answers made elsewhere, one JSON object a line.", "--from", metavar="FILE")
    ] = None,
    endpoint: Annotated[
        str | None, option("Ask here instead of where names.yaml says; ends in /v1.", "--endpoint", metavar="URL")
    ] = None,
    model: Annotated[list[str] | None, option("A model of the endpoint; may be repeated.", "--model")] = None,
    runs: Annotated[
        int | None, option("How often each prompt is asked. Default: names.yaml's, else 3.", min=1, max=100)
    ] = None,
    max_calls: Annotated[
        int | None, option("The most calls of this survey, over all its runs.", "--max-calls", min=0)
    ] = None,
    show_prompts: Annotated[bool, option("Print the prompts and ask nothing.", "--show-prompts")] = False,
    no_write: Annotated[bool, option("Leave evidence.yaml as it is.", "--no-write")] = False,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> ExitCode:
    """Ask language models about your packages, count the projects that they tell, and say which are invented.

    Only names that no one else can register stand in a prompt. A name counts as invented only by a complete list of the
    index's names; those are entered in evidence.yaml, which `plan` reads. Called again, it goes on where it stopped.
    """
    workspace = Workspace(session_of(ctx))
    if transcripts is not None:
        given = {"--endpoint": endpoint, "--model": model, "--runs": runs, "--show-prompts": show_prompts}
        refuse_idle({**given, "--max-calls": max_calls is not None}, "with --from")
        answers = evidence.read_transcripts(_read(transcripts), path=str(transcripts))
        _tell(workspace, answers, {}, form, output, writes=not no_write)
        return ExitCode.DONE
    portfolio, view = workspace.portfolio, workspace.snapshot()
    probing = _choose(portfolio.probing, endpoint, model or (), runs)
    prompts = _prompts(workspace, portfolio, probing, view)
    calls = evidence.make_calls(prompts, probing)
    limits = evidence.find_limits(calls, probing, most_calls=max_calls)
    if show_prompts:
        _show(workspace.session, prompts, calls, limits, form, output)
        return ExitCode.DONE
    if not probing.endpoints:
        raise UsageError(
            "there is no model to ask",
            fix="list endpoints under `probe` in names.yaml, or give --endpoint URL --model NAME",
        )
    survey, answered = _ask(workspace, probing, calls, limits, is_typed=endpoint is not None)
    facts = {
        "calls": survey.spent.calls,
        "tokens": survey.spent.tokens,
        "money": _number(survey.spent.money),
        "answered": len(survey.answered),
        "left": survey.left,
        "failed": len(survey.failed),
        "ending": survey.ending,
    }
    _say_end(workspace.session, survey)
    _tell(workspace, answered, facts, form, output, writes=not no_write)
    if not survey.answered and survey.spent.calls + len(survey.failed):
        return ExitCode.INDEX_UNUSABLE
    return ExitCode.PARTLY_FAILED if survey.failed or survey.excess else ExitCode.DONE


# ------------------------------------------------------------------ what is asked


def _choose(probing: Probing, endpoint: str | None, models: Sequence[str], runs: int | None) -> Probing:
    """What names.yaml says, or the endpoint of the command line."""
    if endpoint is not None:
        url = endpoint.rstrip("/")
        if not models:
            raise UsageError("--endpoint needs a model", fix="name one or several: --model NAME")
        probing = probing.at(_require_address(url), models)
    elif models:
        raise UsageError("--model needs an endpoint", fix="give its address: --endpoint URL")
    places = tuple(replace(place, url=_without_localhost(place.url)) for place in probing.endpoints)
    return replace(probing, endpoints=places, runs=probing.runs if runs is None else runs)


def _without_localhost(url: str) -> str:
    """The address with this machine's own number in the place of `localhost`.

    What a name leads to is for somebody else to decide, a proxy among them; the number leads nowhere else.
    """
    parts = urlsplit(url)
    if parts.hostname != "localhost":
        return url
    return parts._replace(netloc=f"127.0.0.1{f':{parts.port}' if parts.port else ''}").geturl()


def _require_address(url: str) -> str:
    """The address. Raises UsageError for one that is none, or that holds a secret."""
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    # What stands behind a question mark is often a key, and would be shown and kept with the address.
    if not is_address or set("@?#") & set(url) or not urlsplit(url).path.endswith("/v1"):
        raise UsageError(
            "--endpoint takes the address of an OpenAI-compatible endpoint up to /v1, without a user or key",
            fix="for example: --endpoint http://127.0.0.1:11434/v1",
        )
    return url


def _prompts(
    workspace: Workspace, portfolio: Portfolio, probing: Probing, view: Snapshot | None
) -> tuple[evidence.Prompt, ...]:
    names = evidence.PromptNames(
        portfolio,
        view=view,
        held=[item.name for item in workspace.holdings().held],
        planned=_planned(workspace),
        profile=workspace.profile,
    )
    year = dt.datetime.now(dt.UTC).year
    return evidence.make_prompts(portfolio, names=names, year=year, languages=probing.languages)


def _planned(workspace: Workspace) -> frozenset[NormalizedName]:
    """The names that the last plan would reserve or ask for, now or later; none where there is no plan."""
    from namehold.portfolio import Route  # noqa: PLC0415 -- start-up time

    if not workspace.plan_path.exists():
        return frozenset()
    plan = workspace.plan()
    routed = (item.name for route in (Route.RESERVE, Route.REQUEST) for item in plan.outlines(route))
    actions, deferred = (item.name for item in plan.actions), (item.name for item in plan.deferred)
    return frozenset(routed).union(actions, deferred)


def _show(
    session: Session,
    prompts: Sequence[evidence.Prompt],
    calls: Sequence[evidence.Call],
    limits: evidence.Cost,
    form: Format,
    output: Path | None,
) -> None:
    rows = [(item.package, item.kind, item.language, item.text) for item in prompts]
    table = Table(columns=texts("package", "kind", "language", "prompt"), rows=rows)
    most = {"calls": limits.calls, "tokens": limits.tokens, "money": _number(limits.money)}
    emit(table, "prompts", {"prompts": prompts, "calls": len(calls), "most": most}, form, output, is_private=True)
    session.say(
        f"{count(len(prompts), 'prompt')}, {count(len(calls), 'call')}, {_describe(limits)}. Nothing was asked."
    )
    session.next_step("to ask, call the same without --show-prompts")


# ------------------------------------------------------------------ asking


def _ask(
    workspace: Workspace, probing: Probing, calls: Sequence[evidence.Call], limits: evidence.Cost, *, is_typed: bool
) -> tuple[evidence.Survey, tuple[evidence.Answer, ...]]:
    """Makes the calls that are left, and keeps what came of each; the survey, and all its answers."""
    session = workspace.session
    if limits.money is not None and any(call.worst.money is None for call in calls):
        raise InputError(
            "there is a limit in money, but not every model has its prices",
            fix="give input_price and output_price for each model under `probe`, or delete `most_money`",
        )
    keys = {place.url: _key(session, place.url, is_typed=is_typed) for place in probing.endpoints}

    def open_client(url: str) -> evidence.ChatClient:
        return evidence.ChatClient(url, key=keys[url], contact=workspace.contact, policy=session.policy)

    with closing(evidence.Transcript.open(session.state / "probe.jsonl")) as transcript:
        survey = evidence.Survey(calls, limits, before=evidence.calls_made(transcript.entries))
        if survey.left and survey.ending is None:
            session.say(f"{count(survey.left, 'call')} to make, {count(len(survey.answered), 'answer')} kept.")
            session.say(f"In all {_describe(limits)}; spent before: {_describe(survey.spent, limit='')}.")
            _require_yes(session, probing, limits)
            with session.count_off("Asking", survey.left) as advance:
                evidence.ask_models(
                    survey,
                    transcript,
                    open_client=open_client,
                    concurrency=probing.concurrency,
                    now=lambda: dt.datetime.now(dt.UTC),
                    report=lambda call, reply: advance(call) if reply.is_answer else None,
                )
        return survey, evidence.kept_answers(transcript.entries, survey.answered)


def _key(session: Session, url: str, *, is_typed: bool) -> str:
    """The endpoint's key, empty if it has none; an endpoint elsewhere needs the network.

    Raises IndexError_ where that is forbidden or can't be used, CredentialError for a key that would be sent in plain.
    """
    from namehold.index import is_loopback  # noqa: PLC0415 -- only a survey needs them
    from namehold.index.access import find_key  # noqa: PLC0415 -- see above

    is_here = is_loopback(url)
    if session.offline and not is_here:
        raise IndexError_(f"{url} is on another machine, which {session.offline_by} forbids", fix=session.way_online)
    session.policy.proxy_for(url)
    key = find_key(url, session.environment, is_typed=is_typed)
    if key and not is_here and not url.startswith("https:"):
        raise CredentialError(
            f"the key for {url} would be sent unencrypted", fix="give an address that begins with https://"
        )
    return key


def _require_yes(session: Session, probing: Probing, limits: evidence.Cost) -> None:
    """A person's word before prompts leave this machine or cost money. Raises UsageError without one."""
    from namehold.index import is_loopback  # noqa: PLC0415 -- only a survey needs it

    is_here = all(is_loopback(place.url) for place in probing.endpoints)
    if session.yes or (is_here and limits.money == 0):
        return
    hosts = ", ".join(sorted({urlsplit(place.url).netloc for place in probing.endpoints}))
    question = f"Ask {hosts}, {_describe(limits)}"
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError(f"{question}? Nothing was asked", fix="read namehold probe --show-prompts, then add --yes")
    if not typer.confirm(question, err=True):
        raise UsageError("nothing was asked", fix="namehold probe --show-prompts shows the prompts")


def _number(money: Decimal | None) -> float | None:
    return None if money is None else float(money)


def _describe(cost: evidence.Cost, limit: str = "at most ") -> str:
    money = f", {cost.money:,.4f} in money" if cost.money else ""
    return f"{limit}{count(cost.calls, 'call')}, {cost.tokens:,} tokens{money}"


# ------------------------------------------------------------------ what came of it


def _tell(
    workspace: Workspace,
    answers: Sequence[evidence.Answer],
    facts: Mapping[str, object],
    form: Format,
    output: Path | None,
    *,
    writes: bool,
) -> None:
    """Prints every name that the answers tell, and enters the invented ones in evidence.yaml."""
    from namehold.portfolio import EVIDENCE_FILE, add_observations, save_evidence  # noqa: PLC0415 -- start-up time

    session, view = workspace.session, workspace.snapshot()
    answers = _dated_until_today(answers, session)
    counted = evidence.count_names(
        answers,
        workspace.portfolio,
        view=view,
        held=[item.name for item in workspace.holdings().held],
        profile=workspace.profile,
    )
    found = counted.names
    emit(_table(found), "probe", {"names": found, **facts}, form, output, is_private=True)
    sums = Counter(item.verdict for item in found)
    parts = ", ".join(f"{sums[verdict]} {verdict}" for verdict in evidence.NameVerdict if sums[verdict])
    session.say(f"{count(len(answers), 'answer')}, {count(len(found), 'name')}: {parts or 'none told'}.")
    if facts and not answers:
        session.next_step("see why no model answered, then call the same again")
        return
    if view is None or not view.info.complete:
        session.say("There is no complete list of the index's names here, so no name counts as invented.")
        session.next_step("namehold snapshot import FILE")
        return
    warn_if_stale(session, view.info)
    before = workspace.evidence
    after = add_observations(before, counted.observations)
    if writes and after != before:
        save_evidence(session.config.with_name(EVIDENCE_FILE), after)
        session.say(f"evidence.yaml: {count(len(counted.observations), 'observation')} of invented names entered.")
    session.next_step("namehold plan")


def _dated_until_today(answers: Sequence[evidence.Answer], session: Session) -> list[evidence.Answer]:
    """The answers, those of days to come without their date: nothing newer could take the place of what they tell."""
    today = dt.datetime.now(dt.UTC).date()
    dated = [replace(item, date="") if item.day is not None and item.day > today else item for item in answers]
    if early := sum(old.date != new.date for old, new in zip(answers, dated, strict=True)):
        session.say(f"{count(early, 'answer')} dated in the future: without evidence until the date is corrected.")
    return dated


def _say_end(session: Session, survey: evidence.Survey) -> None:
    """Says what keeps a survey from being whole."""
    if survey.excess:
        session.say(f"The survey has ended: {survey.excess}. Nothing more is asked with these parameters.")
    elif survey.ending is evidence.Ending.LIMIT:
        session.say(f"Stopped at the limit, {_describe(survey.limits)}; {count(survey.left, 'call')} left.")
    reasons = Counter(survey.failed.values())
    for why, number in reasons.most_common(_MOST_REASONS):
        session.say(f"{count(number, 'call')} without an answer: {why}.")


def _read(path: Path) -> bytes:
    try:
        return read_input(path, most_bytes=_MAX_BYTES)
    except OSError as error:
        raise InputError(f"{path} can't be read: {error.strerror}", fix="give a file with answers") from None


def _table(found: tuple[evidence.CountedName, ...]) -> Table:
    rows = [(item.name, str(item.seen), str(item.of), ", ".join(item.models), str(item.verdict)) for item in found]
    return Table(columns=texts("name", "seen", "of", "models", "verdict"), rows=rows)
