"""`namehold audit NAME` against an index that answers like the real one."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from packaging.utils import NormalizedName
from tests.harness.cli import call
from tests.harness.desk import write_config
from tests.harness.values import action, full_portfolio
from tests.harness.wheels import make_wheel

from namehold import rehearsal
from namehold.errors import IndexError_, InputError
from namehold.index.access.http import HttpIndex
from namehold.index.model import Fetched, ProjectState
from namehold.placeholder.build import PlaceholderBuilder
from namehold.placeholder.claim import MAX_FILE_BYTES, Claim, JudgedName, judge_name, read_file
from namehold.placeholder.render import Templates
from namehold.portfolio.model import Mode
from namehold.rehearsal.running import RunningIndex

HELD = "This name is reserved."


@pytest.fixture
def index() -> Iterator[RunningIndex]:
    """acme holds acme-tool, whose releases were made a month ago; a stranger has an account, too."""
    with rehearsal.start(users=["acme", "stranger"]) as running:
        yield running


def own(index: RunningIndex, **links: str) -> None:
    project = index.state.add_project(NormalizedName("acme-tool"), owner="acme", project_urls=links)
    for file in project.files:
        # What stands on the index from its start is too old for the pages that it links to.
        object.__setattr__(file, "uploaded", index.clock.now() - dt.timedelta(days=30))


def hold(index: RunningIndex, owner: str, folder: Path, *, mode: Mode = Mode.REDIRECT) -> None:
    """acme-tol as namehold builds it, on the account of `owner`."""
    tree = Templates(None, index.profile).render(action("acme-tol", mode), full_portfolio())
    files = [
        (item.filename, Path(item.path).read_bytes()) for item in PlaceholderBuilder().build(tree, folder / "dist")
    ]
    index.state.add_project(NormalizedName("acme-tol"), owner=owner, files=files)


def judge(index: RunningIndex, name: str = "acme-tol") -> JudgedName:
    with HttpIndex(index.profile, contact="security@acme.example") as reader:
        return judge_name(NormalizedName(name), index=reader, web=reader, profile=index.profile)


@pytest.mark.parametrize("mode", list(Mode))
def test_the_owners_placeholder_is_in_order(index: RunningIndex, tmp_path: Path, mode: Mode) -> None:
    own(index)
    hold(index, "acme", tmp_path, mode=mode)
    judged = judge(index)
    assert [file.form for file in judged.files] == [()] * (1 if mode is Mode.REFUSE else 2)
    assert [(claim.target, claim.verdict) for claim in judged.claims] == [("acme-tool", Claim.AGREES)]
    assert (judged.holder, judged.version, judged.is_in_order) == ("acme", "0.0.1", True)


def test_a_faultless_form_on_a_strangers_account_proves_nothing(index: RunningIndex, tmp_path: Path) -> None:
    own(index, Homepage=f"{index.simple_url}acme-tool/")
    hold(index, "stranger", tmp_path)
    judged = judge(index)
    assert all(file.form == () for file in judged.files)
    assert judged.claims[0].verdict is Claim.CONTRADICTED
    assert not judged.is_in_order


def test_a_link_of_the_real_project_declares_the_account(index: RunningIndex, tmp_path: Path) -> None:
    own(index, **{"namehold-reserved-by": f"{index.base_url}/user/stranger/"})
    hold(index, "stranger", tmp_path)
    claim = judge(index).claims[0]
    assert claim.verdict is Claim.AGREES
    assert "namehold-reserved-by" in claim.reason


@pytest.mark.parametrize("label", ["Homepage", "Reservations", "Issues", "reserved-by"])
def test_a_page_that_merely_names_the_account_proves_nothing(index: RunningIndex, tmp_path: Path, label: str) -> None:
    index.state.add_project(NormalizedName("acme-names"), owner="acme", summary="Reserved by the account stranger.")
    own(index, **{label: f"{index.json_url}acme-names/json"})
    hold(index, "stranger", tmp_path)
    assert judge(index).claims[0].verdict is Claim.CONTRADICTED


def test_a_strangers_metadata_make_no_one_ask_this_machine(index: RunningIndex, tmp_path: Path) -> None:
    own(index, Homepage=f"{index.base_url}/acme/", Source=f"{index.base_url}/acme/acme-tool")
    hold(index, "stranger", tmp_path)
    elsewhere = replace(index.profile, is_loopback=False)
    asked: list[str] = []

    class Remembering(HttpIndex):
        def get(self, url: str, **options: Any) -> Fetched:
            asked.append(url)
            return super().get(url, **options)

    with Remembering(index.profile, contact="security@acme.example") as reader:
        judged = judge_name(NormalizedName("acme-tol"), index=reader, web=reader, profile=elsewhere)
    assert judged.claims[0].verdict is Claim.CONTRADICTED
    assert not [url for url in asked if "/acme/" in url or ".well-known" in url]


def test_a_claim_on_a_project_that_is_not_there_is_not_checked(index: RunningIndex, tmp_path: Path) -> None:
    hold(index, "acme", tmp_path)
    (claim,) = judge(index).claims
    assert claim.verdict is Claim.NOT_CHECKED
    assert claim.reason == "the index has no project acme-tool"


def test_a_cover_of_an_own_project_doesnt_hide_what_is_installed(index: RunningIndex) -> None:
    own(index)
    index.state.add_project(NormalizedName("cover"), owner="stranger")
    wheel = make_wheel(NormalizedName("acme-tol"), requires_dist=["cover"], description=f"{HELD} pip install acme-tool")
    index.state.add_project(NormalizedName("acme-tol"), owner="stranger", files=[wheel])
    verdicts = {claim.target: claim.verdict for claim in judge(index).claims}
    assert verdicts == {"cover": Claim.AGREES, "acme-tool": Claim.CONTRADICTED}


def test_only_the_latest_release_and_a_handful_of_files_are_read(index: RunningIndex) -> None:
    name = NormalizedName("acme-tol")
    files = [make_wheel(name, version=version, description=HELD) for version in ("1.0", "2.0", "3.0rc1")]
    files += [(files[1][0].replace("py3-none-any", f"cp3{minor}-none-any"), files[1][1]) for minor in range(9, 14)]
    index.state.add_project(name, owner="acme", files=files)
    judged = judge(index)
    assert judged.version == "2.0"
    assert len([file for file in judged.files if file.filename]) == 4
    assert judged.files[-1].form[0].rule == "form-size"


def test_a_project_without_a_release_says_nothing(index: RunningIndex) -> None:
    index.state.add_project(NormalizedName("acme-tol"), owner="acme", files=())
    judged = judge(index)
    assert [finding.rule for file in judged.files for finding in file.form] == ["form-size"]
    assert judged.claims[0].verdict is Claim.NOT_CHECKED


class Mirror:
    """A host of files that gives other bytes than the index lists."""

    def get(self, url: str, **_: Any) -> Fetched:
        return Fetched(url=url, status=200, headers=(), content=b"another file")


def test_a_file_that_isnt_the_listed_one_is_a_finding(index: RunningIndex, tmp_path: Path) -> None:
    own(index)
    hold(index, "acme", tmp_path)
    with HttpIndex(index.profile, contact="security@acme.example") as reader:
        judged = judge_name(NormalizedName("acme-tol"), index=reader, web=Mirror(), profile=index.profile)
    assert {finding.found for file in judged.files for finding in file.form} == {
        "its bytes aren't those that the index lists"
    }


def test_a_size_that_is_no_number_tells_nothing(index: RunningIndex, tmp_path: Path) -> None:
    hold(index, "acme", tmp_path)
    with HttpIndex(index.profile, contact="security@acme.example") as reader:
        state = reader.project(NormalizedName("acme-tol"))
        file = replace(state.files[0], size="abc")  # type: ignore[arg-type]  # an index may say anything
        read = read_file(file, state, web=reader, profile=index.profile)
    assert read is not None
    assert read.name == "acme-tol"


def test_an_archive_that_is_built_to_harm_is_a_finding(index: RunningIndex) -> None:
    filename, content = make_wheel(NormalizedName("acme-tol"))
    stream = io.BytesIO(content)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("../outside.py", "")
    index.state.add_project(NormalizedName("acme-tol"), owner="acme", files=[(filename, stream.getvalue())])
    (file,) = judge(index).files
    assert [finding.rule for finding in file.form] == ["form-size"]
    assert "leaves the archive" in file.form[0].found


# --------------------------------------------------------------------------- the command


@pytest.fixture
def folder(index: RunningIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """names.yaml for the index."""
    write_config(tmp_path / "names.yaml", index, "packages: [acme-tool]\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_is_this_really_the_owner_is_one_command(index: RunningIndex, folder: Path) -> None:
    own(index)
    hold(index, "acme", folder)
    done = call("audit", "Acme_Tol", "--format", "json")
    assert done.code == 0, done.err
    (judged,) = json.loads(done.out)["names"]
    assert judged["claims"] == [{"reason": "acme owns both", "target": "acme-tool", "verdict": "agrees"}]
    assert "CLAIM of acme-tol, held by acme: the index agrees; acme owns both." in done.err


def test_a_claim_that_isnt_proved_is_a_finding(index: RunningIndex, folder: Path) -> None:
    own(index, Homepage=f"{index.simple_url}acme-tool/")
    hold(index, "stranger", folder)
    table = call("audit", "acme-tol")
    assert table.code == 11
    assert "contradicted" in table.out
    assert "FORM: no findings in 2 files." in table.err
    (result,) = json.loads(call("audit", "acme-tol", "--format", "sarif").out)["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("claim-contradicted", "error")


def test_a_name_that_nobody_holds_cant_be_judged(folder: Path) -> None:
    assert call("audit", "acme-tol").code == InputError.exit_code


def test_without_a_network_only_files_can_be_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NAMEHOLD_OFFLINE", "1")
    assert call("audit", "acme-tol").code == IndexError_.exit_code


# --------------------------------------------------------------------------- what isn't a placeholder, and what is slow


def test_a_real_package_is_a_look_up(index: RunningIndex, folder: Path) -> None:
    index.state.add_project(NormalizedName("acme-tool"), owner="acme", files=[make_tool("acme-tool")])
    done = call("audit", "acme-tool")
    assert (done.code, done.out) == (0, "acme-tool: not a placeholder: 2 files of code, 0 requirements\n")


def make_tool(name: str, *, version: str = "1.0") -> tuple[str, bytes]:
    """A wheel with code in it."""
    filename, content = make_wheel(name, version)
    stream = io.BytesIO(content)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("acme_tool/core.py", "def scan(text):\n    return text\n")
    return filename, stream.getvalue()


def make_sdist(name: str, files: Mapping[str, bytes]) -> tuple[str, bytes]:
    """An sdist of version 1.0 with these files beside its metadata."""
    folder = f"{name.replace('-', '_')}-1.0"
    stream = io.BytesIO()
    members = {"PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode(), **files}
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for path, content in members.items():
            member = tarfile.TarInfo(f"{folder}/{path}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return f"{folder}.tar.gz", stream.getvalue()


@pytest.mark.parametrize(
    "decoy",
    [
        {"acme_tol.py": b"def scan(text):\n    return text\n"},
        {"data.bin": hashlib.shake_256(b"data").digest(MAX_FILE_BYTES)},
    ],
    ids=["code", "size"],
)
def test_a_silent_wheel_is_judged_whatever_lies_beside_it(
    decoy: dict[str, bytes], index: RunningIndex, folder: Path
) -> None:
    own(index)
    files = [make_wheel("acme-tol"), make_sdist("acme-tol", decoy)]
    index.state.add_project(NormalizedName("acme-tol"), owner="stranger", files=files)
    done = call("audit", "acme-tol")
    assert done.code == 11
    assert "form-summary" in done.out


def test_a_program_whose_sdist_only_fetches_it_is_a_look_up(index: RunningIndex, folder: Path) -> None:
    wheel = io.BytesIO()
    filename, content = make_wheel("acme-bin", modules=[])
    wheel.write(content)
    with zipfile.ZipFile(wheel, "a") as larger:
        larger.writestr("acme_bin-1.0.data/scripts/acme-bin", bytes(MAX_FILE_BYTES))
    files = [make_sdist("acme-bin", {"setup.py": b""}), (filename, wheel.getvalue())]
    index.state.add_project(NormalizedName("acme-bin"), owner="acme", files=files)
    done = call("audit", "acme-bin")
    assert done.code == 0
    assert done.out.startswith("acme-bin: not a placeholder: a file of 1,00")


def test_what_the_index_shows_must_be_in_the_files(index: RunningIndex, folder: Path) -> None:
    own(index)
    hold(index, "acme", folder)
    with HttpIndex(index.profile, contact="security@acme.example") as reader:
        shown = replace(reader.project(NormalizedName("acme-tol")), summary="Buy at pills.dev", description="Pills!")

        class Shown:
            """An index whose pages were filled in by hand."""

            def project(self, name: NormalizedName, *, known_serial: int = 0) -> ProjectState:  # noqa: ARG002 -- the port's
                return shown if name == shown.name else reader.project(name)

            def now(self) -> dt.datetime:
                return reader.now()

        judged = judge_name(NormalizedName("acme-tol"), index=Shown(), web=reader, profile=index.profile)
    assert {finding.rule for file in judged.files for finding in file.form} == {"form-shown"}


def test_questions_end_in_time_and_what_isnt_known_isnt_checked(index: RunningIndex, tmp_path: Path) -> None:
    own(index)
    hold(index, "acme", tmp_path)
    with HttpIndex(index.profile, contact="security@acme.example") as reader:
        state = reader.project(NormalizedName("acme-tol"))
    with HttpIndex(index.profile, contact="security@acme.example", within_s=0.0) as late:
        with pytest.raises(IndexError_, match="no time is left"):
            late.project(NormalizedName("acme-tol"))

        class Known:
            """An index that knows one project at once and has no time for others."""

            def project(self, name: NormalizedName, *, known_serial: int = 0) -> ProjectState:  # noqa: ARG002 -- the port's
                return state if name == state.name else late.project(name)

            def now(self) -> dt.datetime:
                return late.now()

        with HttpIndex(index.profile, contact="security@acme.example") as web:
            judged = judge_name(NormalizedName("acme-tol"), index=Known(), web=web, profile=index.profile)
    assert [(claim.target, claim.verdict) for claim in judged.claims] == [("acme-tool", Claim.NOT_CHECKED)]
    assert all(file.form == () for file in judged.files)
