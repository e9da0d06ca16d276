"""`namehold demo`: the main job from beginning to end on an invented organization, offline."""

from __future__ import annotations

import shlex
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from namehold import documents, evidence, portfolio, publish, rehearsal
from namehold.candidates import popular_names
from namehold.cli.options import option
from namehold.cli.output import unwritable, write_text
from namehold.cli.session import Session, session_of
from namehold.errors import UsageError
from namehold.portfolio import Portfolio

#: Marks a folder that a demo made, and that the next demo may therefore write anew.
_MARK = ".namehold-demo"
#: A stranger's project beside the popular ones, so that a name of the example is taken.
_STRANGERS = ("acme",)
#: The embedded index's list of names has about a megabyte.
_MAX_LIST_BYTES = 64 * 1024 * 1024


EPILOG = "Examples:\n\n  namehold demo\n\n  namehold demo --into /tmp/demo && open /tmp/demo/report.html"


def demo(
    ctx: typer.Context,
    into: Annotated[
        Path, option("Where it is made; a folder of an earlier demo is reused.", metavar="FOLDER", show_default=True)
    ] = Path("namehold-demo"),
) -> None:
    """Run the whole line on an invented organization: derive, assess, plan, build, rehearse, report.

    Everything happens on this machine: the index is embedded and answers like the real one.
    The commands are shown as you would type them.
    """
    session = session_of(ctx)
    config = _prepare(into)
    names = _ask_index(portfolio.load_portfolio(config).portfolio, into)
    shared = ["--config", str(config), "--quiet"]
    html, markdown = into / "report.html", into / "plan.md"
    steps = (
        ["plan", "--snapshot", str(names), "--format", "markdown", "--output", str(markdown)],
        ["build", "--format", "json", "--output", str(into / "files.json")],
        ["rehearse", "--snapshot", str(names), "--format", "markdown", "--output", str(into / "rehearsal.md")],
        ["report", "--output", str(html)],
        ["report", "--brief"],
    )
    for step in steps:
        session.say(f"$ namehold {shlex.join(step)} --config {shlex.quote(str(config))}", bold=True)
        _run([*step, *shared])
    _say_what_was_made(session, into, html, markdown)


def _prepare(into: Path) -> Path:
    """The folder with the worked example's names.yaml; only an empty folder or a demo's own is written to."""
    try:
        if into.is_dir() and any(into.iterdir()) and not (into / _MARK).exists():
            raise UsageError(f"{into} holds something else than a demo", fix="namehold demo --into ANOTHER-FOLDER")
        into.mkdir(parents=True, exist_ok=True)
        (into / _MARK).touch()
    except FileExistsError:
        raise UsageError(f"{into} is no folder", fix="namehold demo --into ANOTHER-FOLDER") from None
    except OSError as error:
        raise unwritable(into, error) from None
    write_text(_example(), into / "names.yaml")
    return into / "names.yaml"


def _example() -> str:
    """The worked example: inside the wheel beside the other data, in a checkout at its top."""
    shipped = files("namehold").joinpath("data", "names.yaml")
    if shipped.is_file():
        return shipped.read_text(encoding="utf-8")
    return (Path(__file__).parents[4] / "names.yaml").read_text(encoding="utf-8")


def _ask_index(example: Portfolio, into: Path) -> Path:
    """What an index would tell about the example: a complete list of names, whose path is returned, and its releases.

    Both are read over HTTP from an embedded index on which the organization has its packages for more than a year.
    """
    from namehold.index.access import HttpIndex  # noqa: PLC0415 -- start-up time

    look_alikes = {verdict.name for verdict in example.look_alikes}
    published = [package.name for package in example.packages if package.published]
    with (
        rehearsal.start(
            strangers=frozenset({*popular_names().ranks, *look_alikes, *_STRANGERS}),  # type: ignore[arg-type]  # normalized as written
        ) as index,
        HttpIndex(index.profile, contact=example.organization.contact) as reader,
    ):
        publish.play_situation(index, example)
        json_form = "application/vnd.pypi.simple.v1+json"
        answer = reader.get(index.simple_url, accept=json_form, max_bytes=_MAX_LIST_BYTES)
        _, releases = evidence.discover_packages(
            example,
            published,
            web=reader,
            simple=index.simple_url,
            index=example.account.index,
            now=index.clock.now(),
        )
    names = into / "index-names.json"
    write_text(answer.content.decode(), names)
    state = into / ".namehold"
    write_text("".join(documents.dump_records("releases", releases)), state / f"releases-{example.account.index}.json")
    return names


def _run(arguments: list[str]) -> None:
    """One command of namehold, in this process, as if it had been typed. Its errors are ours."""
    from typer.main import get_command  # noqa: PLC0415 -- see below

    from namehold.cli import app as namehold  # noqa: PLC0415 -- the whole command line imports its commands late

    code = get_command(namehold).main(args=arguments, prog_name="namehold", standalone_mode=False)
    if isinstance(code, int) and code:
        raise typer.Exit(code)


def _say_what_was_made(session: Session, into: Path, html: Path, markdown: Path) -> None:
    made = {
        into / "names.yaml": "what the organization wrote down",
        markdown: "every name, its route and why",
        into / ".namehold" / "plan.json": "the plan, with the digest that a person approves",
        into / ".namehold" / "dist": "the placeholders, built and checked",
        into / "rehearsal.md": "what the embedded index answered, name by name",
        html: "the report for the people who decide",
    }
    session.say("\nMade:")
    for path, what in made.items():
        session.say(f"  {path}  {what}")
    session.next_step(f"look at {html}; then write down your own packages: namehold init")
