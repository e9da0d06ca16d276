"""The first screen: at most ten sentences that tell a person what to do and what to expect."""

from __future__ import annotations

import shlex
from typing import NamedTuple

from namehold.index import SNAPSHOT_MAX_AGE_DAYS
from namehold.letters import PATIENCE_DAYS, find_open_letter
from namehold.portfolio import Route
from namehold.report.model import Headline, Report
from namehold.report.words import SAFE_STATES, State
from namehold.text import count, join_words, percent

#: With a title and a blank line the first screen has twelve lines.
MOST_HEADLINES = 10

_NAMES_SHOWN = 4

#: As many reasons as fit beside each other.
_GROUPS_SHOWN = 4


class _Line(NamedTuple):
    """What one line says, the command to call, and in few words what a person has to do; empty: nothing."""

    text: str
    command: str = ""
    task: str = ""


def make_first_screen(report: Report, *, plan_path: str) -> tuple[Headline, ...]:
    """What a person does today first, then where things stand; at most `MOST_HEADLINES`."""
    path = f" {shlex.quote(plan_path)}" if plan_path else ""
    fix = _attention(report)
    lines = (
        ("Today", _trouble(report, path) or _step(report, path)),
        ("Write", _letter(report)),
        ("Fix", fix),
        # Ten lines have room for one of the two: a mistake is set right first.
        ("Confirm", None if fix else _confirm(report)),
        ("Safe without a reservation", _safe(report)),
        ("Unprotected", _unprotected(report)),
        ("Targets", _targets(report)),
        ("Held for good", _held(report)),
        ("Where to stop", _where_to_stop(report)),
        ("Data", _data(report)),
        ("Sums", _sums(report)),
    )
    return tuple(
        Headline(label=label, text=line.text, command=line.command, task=line.task) for label, line in lines if line
    )[:MOST_HEADLINES]


def _trouble(report: Report, path: str) -> _Line | None:
    """What must be set right before the plan is looked at."""
    edits = [finding.message for finding in report.findings if finding.rule == "guard-plan-edited"]
    if report.undecided:
        gone = join_words(report.undecided, limit=_NAMES_SHOWN)
        text = f"Ask the administrators why {gone} is gone; nothing is sent before."
        command = f"namehold status --decide {report.undecided[0]}='WHAT THEY SAID'"
        return _Line(text, command, f"ask why {count(len(report.undecided), 'name')} vanished")
    if report.unproved:
        text = f"Ask the index what became of {count(len(report.unproved), 'name')}; nothing is sent twice."
        return _Line(text, f"namehold apply{path}", f"find out about {count(len(report.unproved), 'upload')}")
    if edits:
        return _Line(f"Plan again: {edits[0]}.", "namehold plan", "plan again")
    return None


def _step(report: Report, path: str) -> _Line:
    """The plan's next step: rehearse, decide, approve, send, wait."""
    # Planned names of which the ledger says nothing yet, in the order of sending.
    waiting = [entry for day in report.calendar for entry in day.entries if entry.state is State.PLANNED]
    if not waiting:
        return _quiet(report)
    next_names = [entry.name for entry in waiting if entry.day == waiting[0].day]
    names = join_words(next_names, limit=_NAMES_SHOWN)
    switched_off = [finding.fix for finding in report.findings if finding.rule == "guard-publishing"]
    if not report.is_rehearsed:
        text = f"the plan's {count(len(waiting), 'reservation')} on this machine; first in line: {names}."
        if any(item.reason.rule == "incomplete" for item in report.warnings):
            text = f"Write into names.yaml who holds the names, then rehearse {text}"
            return _Line(text, f"namehold rehearse{path}", "complete names.yaml")
        return _Line(f"Rehearse {text}", f"namehold rehearse{path}", "rehearse the plan")
    if switched_off:
        text = f"Decide whether to publish ({names} first): {switched_off[0]}."
        return _Line(text, "namehold doctor", "decide whether to publish")
    if not report.is_approved:
        text = f"Read day {waiting[0].day} of the calendar ({names}), then approve and send."
        return _Line(
            text, f"namehold apply{path} --approve {report.action_digest}", f"approve {count(len(waiting), 'upload')}"
        )
    if report.next_slot:
        slot = report.next_slot.strftime("%Y-%m-%d %H:%M UTC")
        return _Line(f"Wait: the next slot opens {slot}; then send {names}.", f"namehold apply{path}")
    return _Line(f"Send {names}.", f"namehold apply{path}", f"send {count(len(next_names), 'name')}")


def _quiet(report: Report) -> _Line:
    """What is said where no reservation waits."""
    if report.under(Route.RESERVE) - report.in_state(State.DEFERRED):
        text = "Nothing to send: the ledger has settled every planned name. Plan again when packages change."
        return _Line(text, "namehold plan")
    if report.provenance.snapshot is None:
        text = "Fetch the list of the index's names, then plan again: without it nothing is reserved or asked for."
        return _Line(text, "namehold snapshot update", "fetch the list of names")
    if report.letter:
        return _Line("Nothing to upload: no name is worth a reservation under this policy and budget.")
    # To plan again would say the same: what changes by itself is who registers names.
    text = "Nothing to send: no name is worth a reservation under this policy and budget. Look again in a month."
    return _Line(text, "namehold watch")


def _letter(report: Report) -> _Line | None:
    """The open letter, because only one is open at a time; else the next one."""
    waiting = find_open_letter(report.letters)
    if waiting is not None:
        age_days = (report.as_of - waiting.sent).days
        text = (
            f"Nothing: the letter of {waiting.sent.isoformat()} about {count(len(waiting.unanswered), 'name')} "
            f"waits for its answer ({count(age_days, 'day')})."
        )
        command = f"namehold letter --answer granted|declined{'|silent' if age_days >= PATIENCE_DAYS else ''}"
        return _Line(text, command)
    if not report.letter:
        return None
    number = report.in_state(State.TO_REQUEST)
    names = join_words(report.letter, limit=_NAMES_SHOWN)
    best = f"the best {len(report.letter)} of " if number > len(report.letter) else ""
    text = f"Ask the administrators privately to prohibit {best}{count(number, 'name')}: {names}."
    # The letter to send says who asks; the draft needs no name.
    is_incomplete = any(item.reason.rule == "incomplete" for item in report.warnings)
    return _Line(text, f"namehold letter prohibit{' --draft' if is_incomplete else ''}", "send one letter")


def _attention(report: Report) -> _Line | None:
    """What `status` found; today's line says what guards have against the plan."""
    unlisted = [item.reason.text for item in report.warnings if item.reason.rule == "package-not-listed"]
    if unlisted:
        return _Line(unlisted[0], "namehold plan", "correct names.yaml")
    messages = [finding.message for finding in report.findings if not finding.rule.startswith("guard-")]
    if not messages:
        return None
    rest = f" And {count(len(messages) - 1, 'more finding')}." if len(messages) > 1 else ""
    return _Line(f"{messages[0]}{rest}", "namehold status", f"look at {count(len(messages), 'finding')}")


def _confirm(report: Report) -> _Line | None:
    """Names that only a person can tell to be the package's own."""
    if not report.unconfirmed:
        return None
    number = count(len(report.unconfirmed), "name")
    names = join_words(report.unconfirmed, limit=_NAMES_SHOWN)
    text = f"List what is your own in the list 'confirmed' of its package in names.yaml, and leave the rest: {names}."
    return _Line(text, f"namehold explain {report.unconfirmed[0]}", f"confirm {number}")


def _safe(report: Report) -> _Line:
    safe = [total for total in report.states if total.is_safe and total.names and total.state is not State.HELD]
    parts = [f"{total.names:,} {total.state.label}" for total in safe]
    return _Line(f"{'; '.join(parts) or 'none of the assessed names'}.")


def _unprotected(report: Report) -> _Line:
    """The number and, largest groups first, why; the table of states holds them all."""
    totals = sorted((total for total in report.states if not total.is_safe and total.names), key=lambda t: -t.names)
    number = sum(total.names for total in totals)
    if not number:
        return _Line("none of the assessed names.")
    parts = [f"{total.names:,} {total.state.label}" for total in totals[:_GROUPS_SHOWN]]
    rest = sum(total.names for total in totals[_GROUPS_SHOWN:])
    parts += [f"{rest:,} for other reasons"] if rest else []
    return _Line(f"{number:,} of {count(report.assessed, 'name')}: {', '.join(parts)}.")


def _targets(report: Report) -> _Line:
    proved, unproved = len(report.proved_targets), report.unproved_targets
    if not unproved:
        if proved:
            return _Line(f"{count(proved, 'real package')} proved to be the organization's.")
        # The plan marks the packages of requests as not proved yet: here stands who looks them up.
        return _Line(f"none needs proof{'; the letter looks up whose they are' if report.letter else ''}.")
    names = join_words(unproved, limit=_NAMES_SHOWN)
    number = f"{proved:,} proved, {len(unproved):,} not proved ({names})"
    return _Line(f"{number}; apply looks up their owners before it sends.")


def _held(report: Report) -> _Line:
    if not report.held:
        return _Line("no name yet; a published name is kept for good.")
    names = join_words([item.name for item in report.held], limit=_NAMES_SHOWN)
    return _Line(f"{count(len(report.held), 'name')}, proved by the ledger: {names}.")


def _where_to_stop(report: Report) -> _Line:
    if not report.coverage:
        return _Line("here: no reservation would add anything.")
    covered = report.coverage[report.reserved - 1].covered if report.reserved else 0.0
    beyond = [point for point in report.coverage[report.reserved :] if point.covered > covered]
    names = f"{count(report.reserved, 'name')} held or planned"
    done = f"{percent(covered)} of what reservations can cover under this policy, with {names}"
    if not beyond:
        return _Line(f"{done}; stop there, more names would add nothing.")
    more = f"the next would add {percent(beyond[0].covered - covered)}"
    if len(beyond) > 1:
        more += f", all {len(beyond):,} others together {percent(beyond[-1].covered - covered)}"
    return _Line(f"{done}; {more}.")


def _data(report: Report) -> _Line:
    snapshot = report.provenance.snapshot
    made = f"plan of {report.provenance.as_of.isoformat()}"
    if snapshot is None or report.snapshot_age_days is None:
        return _Line(
            f"no list of the index's names, so no name counts as unregistered; {made}.", "namehold snapshot update"
        )
    age = f"{count(report.snapshot_age_days, 'day')} old"
    whole = "complete" if snapshot.complete else "NOT complete"
    text = f"{count(snapshot.count, 'name')} of {snapshot.taken.isoformat()} ({age}, {whole}); {made}."
    if report.snapshot_age_days > SNAPSHOT_MAX_AGE_DAYS:
        return _Line(f"Too old. {text}", "namehold snapshot update")
    return _Line(text)


def _sums(report: Report) -> _Line:
    safe = report.in_state(*SAFE_STATES)
    names = f"{count(report.assessed, 'name')} assessed, each once"
    return _Line(f"{names}: {safe:,} safe + {report.assessed - safe:,} unprotected.")
