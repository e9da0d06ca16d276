"""A mistyped call is told in two lines, and what was probably meant stands in the second."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.harness.cli import call

from namehold.cli.commands import COMMANDS, GROUPS


@pytest.mark.parametrize(
    ("words", "message", "step"),
    [
        ("paln", "there is no command 'paln'", "did you mean namehold plan? All: namehold --help"),
        ("zzz", "there is no command 'zzz'", "namehold --help"),
        ("help", "there is no command 'help'", "namehold --help"),
        ("version", "there is no command 'version'", "did you mean namehold --version? All: namehold --help"),
        (
            "snapshot updates",
            "there is no command 'updates' of namehold snapshot",
            "did you mean namehold snapshot update? All: namehold snapshot --help",
        ),
        (
            "plan --formats json",
            "namehold plan: there is no option --formats",
            "did you mean --format? All: namehold plan --help",
        ),
        (
            "--offline plan",
            "there is no option --offline before the command",
            "options stand after the command: namehold plan --offline",
        ),
        (
            "--config other.yaml plan --check",
            "there is no option --config before the command",
            "options stand after the command: namehold plan --check --config other.yaml",
        ),
        (
            "-q snapshot info",
            "there is no option -q before the command",
            "options stand after the command: namehold snapshot info -q",
        ),
        (
            "snapshot -q info",
            "there is no option -q before the command",
            "options stand after the command: namehold snapshot COMMAND -q",
        ),
        (
            "-q names names",
            "there is no option -q before the command",
            "options stand after the command: namehold names names -q",
        ),
        (
            "--nonsense",
            "there is no option --nonsense before the command",
            "options stand after the command: namehold COMMAND --nonsense",
        ),
        (
            "plan --format jsn",
            "namehold plan: invalid value for '--format' / '-f': 'jsn' is not one of …",
            "did you mean json? All: namehold plan --help",
        ),
        ("watch --since 2026-01-01", "namehold watch: there is no option --since", "namehold watch --help"),
        ("plan --of json", "namehold plan: there is no option --of", "namehold plan --help"),
        ("explain", "namehold explain: missing argument 'NAME'", "namehold explain [OPTIONS] NAME"),
        (
            "schedule",
            "namehold schedule: missing argument 'scheduler'. Choose from: github, gitlab, systemd, cron, lock",
            "namehold schedule [OPTIONS] scheduler",
        ),
        (
            "audit",
            "namehold audit: missing argument 'NAME|FILE|FOLDER...'",
            "namehold audit [OPTIONS] NAME|FILE|FOLDER...",
        ),
        ("plan extra", "namehold plan: this is more than it takes: extra", "namehold plan [OPTIONS]"),
        (
            "plan --as-of today",
            "namehold plan: invalid value for '--as-of': 'today' is no date: YYYY-MM-DD",
            "namehold plan --help",
        ),
        ("explain a b c", "namehold explain: this is more than it takes: b c", "namehold explain [OPTIONS] NAME"),
        ("plan --output", "namehold plan: option '--output' needs a value", "namehold plan --help"),
    ],
)
def test_a_mistake_says_what_was_meant(words: str, message: str, step: str) -> None:
    done = call(*words.split())
    assert (done.code, done.out) == (2, "")
    said = done.err.replace("'table', 'json', 'csv', 'markdown'", "…")
    assert said.splitlines() == [f"namehold: {message}", f"Next: {step}"]


@pytest.mark.parametrize("words", [(), ("snapshot",), ("key",)])
def test_a_group_without_a_command_shows_its_help(words: tuple[str, ...]) -> None:
    done = call(*words)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(" ".join(("Usage: namehold", *words)))


def test_help_has_a_short_form_everywhere() -> None:
    for words in ((), ("plan",), ("snapshot", "update")):
        assert call(*words, "-h").out == call(*words, "--help").out


def test_commands_are_shown_in_the_order_of_their_use() -> None:
    assert [name for names in GROUPS.values() for name in names] == list(COMMANDS)
    shown = call("--help").out
    places = [shown.index(f"\n{title}:\n") for title in GROUPS]
    assert list(GROUPS) == ["Start", "Look", "Decide", "Act", "Afterwards"]
    assert places == sorted(places)


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in {"snapshot", "key", "evidence"}])
def test_every_example_is_shown_on_a_line_of_its_own_and_without_markup(name: str) -> None:
    shown = call(name, "--help").out
    examples = shown[shown.index("Examples:") :]
    assert "[bold]" not in shown
    assert "\n  namehold " in examples or "\n  cat " in examples


def test_a_dash_as_the_output_is_standard_output_and_no_file(tmp_path: Path) -> None:
    written = call("schema", "--output", "-", cwd=tmp_path)
    assert (written.code, written.out) == (0, call("schema", cwd=tmp_path).out)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [("schema",), ("names", "acme-tool"), ("check", "acme-tol"), ("plan",)])
def test_a_folder_that_is_not_there_is_said_before_any_work_and_not_made(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    done = call(*words, "--output", "no/where/out.json", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines() == [
        "namehold: the folder of no/where/out.json doesn't exist",
        "Next: mkdir -p no/where, or correct the path",
    ]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        *("check", "check --format json", "names", "plan --snapshot", "snapshot info --index", "scan", "audit"),
        *("status --config", "key import"),
    ],
)
@pytest.mark.parametrize("secret", ["me:hunter2", "me:2026 hunter2", "me:2026/1 hunter2"])
def test_an_address_in_a_wrong_place_is_shown_without_its_password(words: str, secret: str) -> None:
    done = call(*words.split(), f"http://{secret}@acme.example/x")
    assert "acme.example" in done.out + done.err
    assert "hunter2" not in done.out + done.err


@pytest.mark.parametrize("words", ["schema --output", "plan --config"])
@pytest.mark.parametrize("secret", ["hunter2", "me:hunter2", "me:hunter2:/x", "me:hunter2/1", "me:2026 hunter2"])
def test_an_address_of_a_host_alone_is_shown_without_its_password(words: str, secret: str) -> None:
    done = call(*words.split(), f"http://{secret}@acme.example")
    assert "acme.example" in done.out + done.err
    assert "hunter2" not in done.out + done.err
