"""What `run`, `watch` and `scan` tell the places of names.yaml: as findings, and their delivery."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from namehold import documents
from namehold.cli.kept import load_kept
from namehold.cli.output import write_text
from namehold.cli.session import warn
from namehold.cli.workspace import SystemClock, Workspace
from namehold.errors import ExitCode, NameholdError
from namehold.notices import Finding, Message, Outbox, add_news, deliver
from namehold.text import count

if TYPE_CHECKING:
    from packaging.utils import NormalizedName

    from namehold.portfolio import Portfolio
    from namehold.publish import RunResult
    from namehold.scan import Mention
    from namehold.watch import WatchReport

#: Ends of a run after which a person has nothing to do: done, and no slot today.
_USUAL = frozenset({ExitCode.DONE, ExitCode.QUOTA})


def tell(workspace: Workspace, command: str, findings: Iterable[Finding], *, what: str = "") -> None:
    """Tells each place what this call found and the last call of the same command (about the same `what`) didn't.

    Nothing that goes wrong here changes how the command ends: it is said on standard error, and what wasn't delivered
    is sent by the next call.
    """
    places = workspace.portfolio.notify if workspace.has_config else ()
    if not places:
        return
    from namehold.notices import Sender  # noqa: PLC0415 -- brings the HTTP library along

    session, path = workspace.session, workspace.session.state / f"notices-{command}.json"
    kept = load_kept(path, "notices", Outbox) or Outbox()
    found = Message(
        source=f"{command} {what}".rstrip(),
        organization=workspace.portfolio.organization.name,
        index=workspace.profile.nickname,
        time=SystemClock().now(),
        findings=tuple(findings),
    )

    def save(outbox: Outbox) -> None:
        write_text(documents.dump("notices", outbox), path)

    sender = Sender(
        policy=session.policy,
        environment=session.environment,
        contact=workspace.contact,
        offline=session.offline,
    )
    try:
        outbox = add_news(kept, found, places)
        if outbox != kept:
            save(outbox)
        failures = deliver(outbox, places, send=sender.send, save=save)
    except NameholdError as error:
        warn(f"namehold: people weren't told: {error.message}")
        return
    for failure in failures:
        dropped = f", but {count(failure.missed, 'older finding')} won't be told any more" if failure.missed else ""
        warn(f"namehold: {failure.error.message}; what it wasn't told waits for the next call{dropped}")


def find_in_run(result: RunResult) -> Iterator[Finding]:
    """What a run found. All but what is done may be about names that anybody could still register."""
    for name in result.undecided:
        text = f"{name}: the index took it away; every run stops until you write down what its administrators said"
        yield Finding(key=f"undecided {name}", name=name, text=text, is_open=True)
    for due in result.reviews_due:
        text = f"{due.name}: the review that was promised by {due.date} is due"
        yield Finding(key=f"review {due.name} {due.date}", name=due.name, text=text)
    for label, items in result.lists:
        for item in items:
            key, text = f"{label} {item.name} {item.rule}", f"{item.name}: {label}: {item.text}"
            yield Finding(key=key, name=item.name, text=text, is_open=label != "done")
    for drift in result.drift:
        text = f"{drift.name}: {drift.text}"
        yield Finding(key=f"drift {drift.rule} {drift.name}", name=drift.name, text=text, is_open=True)
    if result.stopped is not None and result.stopped.exit_code not in _USUAL:
        message = result.stopped.message
        yield Finding(key=f"stopped {message}", name="", text=f"The run stopped: {message}", is_open=True)


def find_unsaid(portfolio: Portfolio) -> frozenset[NormalizedName]:
    """Names of names.yaml that no stranger knows yet: internal ones, later ones, and packages that aren't published."""
    unpublished = (package.name for package in portfolio.packages if not package.published)
    return frozenset(item.name for item in portfolio.internal).union(portfolio.future, unpublished)


def find_in_watch(report: WatchReport, *, unsaid: Collection[str] = frozenset()) -> Iterator[Finding]:
    """What `watch` found: of the taken names those that a person should look at.

    A name that is gone from the list may be free; that a name is internal or kept for later is no stranger's business.
    `unsaid` are names of ours that no stranger knows (`find_unsaid`): what is near one of them tells it.
    """
    said = {"new": "is new", "again": "was registered again", "changed": "has changed", "gone": "is gone from the list"}
    for what, item in report.told:
        wanted = f" It was {item.wanted} here." if item.wanted and what != "gone" else ""
        near = f", near {item.near} ({item.how})" if item.near != item.name else ""
        why = f": {item.verdict}" + (f", {item.why}" if item.why else "")
        yield Finding(
            key=f"{what} {item.name} {item.serial} {item.verdict}",
            name=item.name,
            text=f"{item.name} {said[what]}{near}{why}.{wanted}",
            is_open=what == "gone" or item.wanted in {"internal", "future"} or item.near in unsaid,
        )
    for row in report.to_judge:
        text = f"{row.name}, a stranger's project, may be a look-alike of {row.target}: {'; '.join(row.signs)}."
        key = f"taken {row.name} {' '.join(row.signs)}"
        yield Finding(key=key, name=row.name, text=text, is_open=row.target in unsaid)


def find_in_scan(mentions: Iterable[Mention], *, unsaid: Collection[str] = frozenset()) -> Iterator[Finding]:
    """What a scan found: each name once a file. `unsaid` is as in `find_in_watch`."""
    from namehold.scan import Verdict, describe  # noqa: PLC0415 -- only `scan` pays for it

    for mention in mentions:
        if mention.is_finding:
            yield Finding(
                key=f"{mention.verdict} {mention.name} {mention.file}",
                name=mention.name,
                text=f"{mention.file}:{mention.line}: {describe(mention)}",
                is_open=mention.verdict is Verdict.UNREGISTERED or mention.instead in unsaid,
            )
