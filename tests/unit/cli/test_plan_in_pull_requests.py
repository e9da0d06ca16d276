"""`plan --format markdown` and `--against`: what a team reads in a pull request."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from tests.harness.cli import call

_ROOT = Path(__file__).parents[3]
LIST = ("--snapshot", "names.txt", "--as-of", "2026-11-22")


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The worked example with its plan in `before.json`, and then with a reservation more, to be copied."""
    folder = tmp_path_factory.mktemp("planned")
    text = (_ROOT / "names.yaml").read_text()
    (folder / "names.yaml").write_text(text)
    (folder / "names.txt").write_text("acme-robotics-sdk\npython-gripwright\nroverlink-mqtt\nacme-robotic-sdk\n")
    assert call("plan", *LIST, "-o", "before.json", cwd=folder).code == 0
    asked = "always:\n  - {name: griprwight, package: python-gripwright, reason: typed often}\n"
    (folder / "names.yaml").write_text(text.replace("always:\n", asked))
    return folder


@pytest.fixture
def folder(planned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(planned, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def open_names(path: Path) -> set[str]:
    """Every assessed name that anybody could register, but for the words of the organization's own name."""
    found = json.loads(path.read_text())["assessments"]
    names = {item["candidate"]["name"] for item in found if item["check"]["availability"] == "unregistered"}
    return names - {"acme", "robotics"}


def test_a_comment_fits_a_screen_folds_the_rest_and_lists_what_changed(folder: Path) -> None:
    comment = call("plan", *LIST, "--against", "before.json", "--format", "markdown").out
    assert comment.startswith("<!-- namehold plan -->\n### namehold: ")
    unfolded = re.sub(r"<details>.*?</details>", "", comment, flags=re.DOTALL)
    assert len(unfolded.splitlines()) <= 35
    assert len(comment) < 65_536
    digest = json.loads((folder / ".namehold" / "plan.json").read_text())["action_digest"]
    assert digest in unfolded
    (row,) = [line for line in comment.splitlines() if line.startswith("| added | griprwight |")]
    assert "The organization asks for it by name: typed often" in row
    assert re.search(r"\| not listed \| Reserve, day \d", row)


@pytest.mark.usefixtures("folder")
def test_a_table_says_what_changed_too() -> None:
    table = call("plan", *LIST, "--against", "before.json").out
    assert "Changed since the earlier plan" in table


def test_a_surface_that_is_gone_takes_its_name_along(folder: Path) -> None:
    text = (folder / "names.yaml").read_text()
    (folder / "names.yaml").write_text(text.replace("    former: [acme-robotics-api]\n", ""))
    changes = call("plan", *LIST, "--against", "before.json", "--format", "markdown").out
    (dropped,) = [line for line in changes.splitlines() if line.startswith("| dropped |")]
    assert dropped.startswith("| dropped | acme-robotics-api | acme-robotics-sdk | Reserve, day 2 | ")


@pytest.mark.parametrize("content", [None, "{"])
def test_an_earlier_plan_that_cannot_be_read_is_told_before_anything_is_planned(
    folder: Path, content: str | None
) -> None:
    if content is not None:
        (folder / "main.json").write_text(content)
    (folder / ".namehold" / "plan.json").unlink(missing_ok=True)

    done = call("plan", *LIST, "--against", "main.json")

    assert done.code == 3
    following = "make the plan to compare with, on the other branch: namehold plan --output main.json"
    assert done.err.splitlines()[-1] == f"Next: {following}"
    assert not (folder / ".namehold" / "plan.json").exists()


def test_the_next_step_reads_the_plan_where_it_was_written(folder: Path) -> None:
    done = call("plan", "--snapshot", "names.txt", "--offline", "-o", "new.json")
    assert "new.json" in done.err.splitlines()[-1]
    (folder / "names.yaml").write_text("packages: [gripwright]\n")
    done = call("plan", "--snapshot", "names.txt", "--offline", "-o", "new.json")
    following = done.err.splitlines()[-1].removeprefix("Next: namehold ")
    assert "new.json" in following
    assert call(*following.split()).code == 0


def test_without_a_change_it_says_so(folder: Path) -> None:
    (folder / "names.yaml").write_text((_ROOT / "names.yaml").read_text())
    comment = call("plan", *LIST, "--against", "before.json", "--format", "markdown").out
    assert "no change" in comment
    assert "| added |" not in comment


def test_in_public_no_open_name_is_told_anywhere(folder: Path) -> None:
    done = call("plan", *LIST, "--against", "before.json", "--format", "markdown", "--public")
    hidden = open_names(folder / ".namehold" / "plan.json")
    words = set(re.findall(r"[a-z0-9][a-z0-9._-]*", f"{done.out}\n{done.err}".lower()))
    assert hidden
    assert hidden & words == set()
    assert re.search(r"\*\*Against the branch that it goes into: \d+ added", done.out)
    assert re.search(r"\| Reserve \| \d+ \|", done.out)


def test_a_hostile_reason_stays_text(folder: Path) -> None:
    text = (folder / "names.yaml").read_text()
    hostile = "<img src=x onerror=alert(1)> </details> @everyone [x](https://evil.example)"
    (folder / "names.yaml").write_text(text.replace("source: prompt survey of five models", f"source: '{hostile}'", 1))
    comment = call("plan", *LIST, "--against", "before.json", "--format", "markdown").out
    html = MarkdownIt("commonmark").enable("table").render(comment)
    assert "<img" not in html
    assert 'evil.example"' not in html
    assert html.count("</details>") == html.count("<details>")


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (("--against", "before.json", "--format", "csv"), "--against"),
        (("--against", "before.json", "--format", "json"), "--against"),
        (("--public",), "--public"),
        (("--show", "gripright", "--against", "before.json"), "--against"),
    ],
)
def test_an_option_without_effect_is_refused(folder: Path, words: tuple[str, ...], option: str) -> None:
    done = call("plan", *words)
    assert done.code == 2
    assert option in done.err


def test_a_plan_about_somebody_else_is_no_comparison(folder: Path) -> None:
    other = (folder / "before.json").read_text().replace('"organization":"Acme Robotics"', '"organization":"Else"')
    (folder / "other.json").write_text(other)
    done = call("plan", *LIST, "--against", "other.json")
    assert done.code == 3
    assert "about Else on pypi" in done.err


@pytest.mark.parametrize("public", [(), ("--public",)], ids=["private", "public"])
def test_a_plan_without_a_list_says_so_before_its_numbers(folder: Path, public: tuple[str, ...]) -> None:
    comment = call("plan", "--offline", "--as-of", "2026-11-22", "--format", "markdown", *public).out
    unfolded = re.sub(r"<details>.*?</details>", "", comment, flags=re.DOTALL)
    assert unfolded.index("There is no list of the names on pypi") < unfolded.index("| route |")
    assert comment.count("There is no list") == 1
