"""`namehold doctor` as people call it, and what `namehold plan` makes of its proofs."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from email.utils import format_datetime
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from tests.harness.desk import Desk, desk_of
from tests.harness.raw_server import answering, server

from namehold.rehearsal.seeds import make_wheel

TOOL = NormalizedName("acme-tool")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    packages = "packages:\n  - {name: acme-tool, former: [acme-tool-classic]}\n"
    with desk_of(tmp_path, packages, names=["acme-tool"]) as made:
        yield made


def findings_of(desk: Desk, *words: str, token: str | None = None) -> tuple[int, dict[str, str]]:
    done = desk.call("doctor", "--format", "json", *words, token=token)
    assert done.out, done.err
    return done.code, {check["rule"]: check["finding"] for check in json.loads(done.out)["checks"]}


def test_a_sound_desk_has_no_red_line(desk: Desk) -> None:
    code, found = findings_of(desk)
    assert code == 0, found
    assert found["ownership-account"] == "proved"
    assert found["account-separate"] == "a risk"
    assert found["account-configured"] == "not provable before the first upload"
    assert found["clock-skew"] == "proved"


def test_a_missing_an_unfit_and_a_scoped_token_are_red(desk: Desk) -> None:
    code, found = findings_of(desk, token="")
    assert (code, found["token-missing"]) == (11, "missing")
    code, found = findings_of(desk, token=f'"{desk.index.mint_token("acme")}"')
    assert (code, found["token-unfit"]) == (11, "contradicted")
    scoped = desk.index.mint_token("acme", caveats=[[1, ["acme-tool"]]])
    code, found = findings_of(desk, token=scoped)
    assert (code, found["token-scope"]) == (11, "contradicted")


def test_a_strangers_package_is_red_and_its_names_wait_from_then_on(desk: Desk) -> None:
    code, _, err = desk.plan()
    assert code == 0, err
    desk.index.state.delete_project(TOOL)
    desk.index.state.add_project(TOOL, owner="mallory")
    code, out, err = desk.call("doctor")
    assert code == 11, err
    assert "mallory" not in out + err
    code, out, err = desk.call("plan", "--snapshot", "names.txt", "--offline")
    assert code == 0, err
    plan = desk.document("plan.json")
    assert plan["actions"] == []
    assert {item["reason"]["rule"] for item in plan["deferred"] if item["target"] == TOOL} >= {"ownership-others"}

    # The claims have changed, so that what was shown under the old ones says nothing.
    desk.edit("username: acme", "username: mallory")
    code, out, err = desk.call("plan", "--snapshot", "names.txt", "--offline")
    assert code == 0, err
    assert "not proved yet" in out


@pytest.mark.parametrize("published", ["", ", published: false"], ids=["published", "nothing published"])
def test_a_log_in_page_is_no_index_whatever_is_published(tmp_path: Path, published: str) -> None:
    page = "<!DOCTYPE html><html><body><form action=/login><input name=user></form></body></html>"
    text = (
        "HTTP/1.1 200 OK\r\nDate: {now}\r\nContent-Type: text/html\r\n"
        f"Content-Length: {len(page)}\r\nConnection: close\r\n\r\n{page}"
    ).format(now=format_datetime(dt.datetime.now(dt.UTC), usegmt=True))
    with (
        desk_of(tmp_path, f"packages:\n  - {{name: acme-tool{published}}}\n") as desk,
        server(answering(text)) as (at, _),
    ):
        desk.config.write_text(re.sub(r"http://127\.0\.0\.1:\d+/", at.removesuffix("legacy/"), desk.config.read_text()))
        done = desk.call("doctor", "--format", "json")
    checks = {check["rule"]: check for check in json.loads(done.out)["checks"]}
    assert (done.code, checks["index-reachable"]["finding"]) == (11, "contradicted")
    assert "this page lists no file of" in checks["index-reachable"]["text"]


def test_the_plan_shows_whose_the_packages_are(desk: Desk) -> None:
    _, before, _ = desk.plan()
    assert "not proved yet: namehold doctor asks the index" in before
    assert desk.call("doctor")[0] == 0
    _, after, _ = desk.plan()
    assert "proved: the index shows 'acme' as an owner" in after


def test_packages_that_are_proved_alike_share_a_line_and_the_next_step_is_the_plan(desk: Desk) -> None:
    for other in ("acme-kit", "acme-sim"):
        desk.index.state.add_project(NormalizedName(other), owner="acme")
    desk.edit("packages:\n", "packages:\n  - acme-kit\n  - acme-sim\n")
    code, out, err = desk.call("doctor")
    assert code == 0, err
    (line,) = [line for line in out.splitlines() if line.startswith("whose acme")]
    assert line.startswith("whose acme-kit, acme-sim, acme-tool are")
    assert "Next: namehold plan" in err
    whole = desk.call("doctor", "--verbose").out
    assert sum(line.startswith("whose acme") for line in whole.splitlines()) == 3
    checks = json.loads(desk.call("doctor", "--format", "json").out)["checks"]
    assert [check["package"] for check in checks if check["package"]] == ["acme-kit", "acme-sim", "acme-tool"]


def test_an_index_that_is_not_there_is_a_line_not_an_error(desk: Desk) -> None:
    desk.edit(desk.index.base_url, "http://127.0.0.1:9")
    code, found = findings_of(desk)
    assert (code, found["index-reachable"], found["clock-skew"]) == (11, "contradicted", "not looked at")


def test_offline_a_public_index_is_not_asked(desk: Desk) -> None:
    desk.edit("index: trial", "index: testpypi")
    addresses = re.compile(r"^index:\n(  .*\n)+", re.MULTILINE)
    desk.config.write_text(addresses.sub("", desk.config.read_text("utf-8")), "utf-8")
    _, found = findings_of(desk, "--offline")
    assert found["index-reachable"] == "not looked at"
    assert found["ownership-unseen"] == "not looked at"
    assert found["token-index"] == "contradicted"


def test_a_declaration_that_is_missing_is_there_to_be_copied(desk: Desk) -> None:
    desk.index.state.delete_project(TOOL)
    desk.index.state.add_project(TOOL, owner="acme-release")
    desk.edit("username: acme", "username: acme\n  holders: [acme-release]")
    code, out, err = desk.call("doctor")
    assert code == 11, err
    line = f"namehold-reserved-by: {desk.index.base_url}/user/acme/"
    assert line in out.splitlines()
    assert json.loads(desk.call("doctor", "--format", "json")[1])["declaration"] == line

    label, _, address = line.partition(": ")
    desk.index.state.delete_project(TOOL)
    desk.index.state.add_project(
        TOOL, owner="acme-release", files=[make_wheel(TOOL, "2.0", project_urls={label: address})]
    )
    code, out, err = desk.call("doctor")
    assert code == 0, out
    assert line not in out
    assert f"the link {label} in its metadata declares 'acme'" in out
