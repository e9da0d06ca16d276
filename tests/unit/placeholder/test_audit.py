from __future__ import annotations

import io
import json
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from tests.harness.cli import call
from tests.harness.values import PROFILE, action, full_portfolio

from namehold.errors import InputError
from namehold.index.archives import open_archive
from namehold.index.model import Ownership, ProjectState, Role
from namehold.placeholder.audit import RULES, AuditFinding, judge_form
from namehold.placeholder.build import PlaceholderBuilder
from namehold.placeholder.claim import Claim, judge_claim
from namehold.placeholder.reading import PlaceholderFile, find_targets, read_placeholder
from namehold.placeholder.render import Templates
from namehold.portfolio.model import Mode


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    for mode in Mode:
        tree = Templates(None, PROFILE).render(action(f"acme-{mode}-me", mode), full_portfolio())
        PlaceholderBuilder().build(tree, folder)
    return folder


@pytest.mark.parametrize("mode", list(Mode))
def test_an_organization_with_a_mailbox_and_no_home_page_meets_them_too(tmp_path: Path, mode: Mode) -> None:
    owned = full_portfolio()
    owned = replace(
        owned,
        organization=replace(owned.organization, homepage="", policy_page="", contact="names@acme-robotics.dev"),
    )
    tree = Templates(None, PROFILE).render(action(f"acme-{mode}-me", mode), owned)
    for file in PlaceholderBuilder().build(tree, tmp_path):
        with Path(file.path).open("rb") as stream:
            assert judge_form(read_placeholder(file.filename, stream)) == ()


def rules(files: dict[str, str]) -> set[str]:
    """Rules that an sdist with these files breaks."""
    return {finding.rule for finding in findings(files)}


def findings(files: dict[str, str]) -> tuple[AuditFinding, ...]:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, text in files.items():
            member = tarfile.TarInfo(f"acme_tol-0.0.1/{path}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    buffer.seek(0)
    return judge_form(read_placeholder("acme_tol-0.0.1.tar.gz", buffer))


def files_of(path: Path) -> dict[str, str]:
    with path.open("rb") as stream, open_archive(path.name, stream) as archive:
        return {name.split("/", 1)[1]: archive.read(name).decode() for name in archive.names}


@pytest.mark.parametrize("mode", list(Mode))
def test_everything_that_namehold_builds_meets_every_requirement(built: Path, mode: Mode) -> None:
    paths = sorted(built.glob(f"acme_{mode}_me*"))
    assert paths
    for path in paths:
        with path.open("rb") as stream:
            assert judge_form(read_placeholder(path.name, stream)) == ()


def test_an_empty_placeholder_meets_no_requirement_on_words() -> None:
    found = rules({"PKG-INFO": "Metadata-Version: 2.1\nName: acme-tol\nVersion: 0.0.1\n"})
    words = ("summary", "pointer", "who", "why", "behavior", "release", "review", "machine", "metadata")
    assert found == {f"form-{word}" for word in words}


@pytest.mark.parametrize(
    ("path", "old", "new", "rule"),
    [
        ("PKG-INFO", "Summary: ", "Summary: A fine tool\nOld-Summary: ", "form-summary"),
        ("PKG-INFO", "Author: Acme Robotics\n", "", "form-who"),
        ("PKG-INFO", "Requires-Python: >=3.8\n", "", "form-metadata"),
        ("PKG-INFO", "Requires-Dist: acme-tool\n", "Requires-Dist: acme-tool==1.0\n", "form-dependency"),
        ("PKG-INFO", "Requires-Dist: acme-tool\n", "Requires-Dist: other\n", "form-dependency"),
        ("PKG-INFO", "Requires-Dist: acme-tool\n", "", "form-dependency"),
        ("PKG-INFO", "Requires-Dist: acme-tool\n", f"Requires-Dist: a; {'(' * 900}\n", "form-dependency"),
        ("PKG-INFO", "## Who holds", "![x](https://count.example/x.png) ## Who", "placeholder-telemetry"),
        ("reservation.json", "namehold/reservation/1", "other/1", "form-machine"),
        ("reservation.json", '"name": "acme-redirect-me"', '"name": "requests"', "form-machine"),
        ("reservation.json", "{", "[", "form-machine"),
        ("acme_redirect_me_notice.py", "import warnings", "import warnings, socket", "placeholder-network"),
        (
            "pyproject.toml",
            "[tool.hatch.build]",
            "[tool.hatch.build.hooks.custom]\n[tool.hatch.build]",
            "placeholder-code",
        ),
    ],
)
def test_what_is_missing_or_too_much_is_found(built: Path, path: str, old: str, new: str, rule: str) -> None:
    files = files_of(built / "acme_redirect_me-0.0.1.tar.gz")
    assert old in files[path]
    files[path] = files[path].replace(old, new, 1)
    assert rule in rules(files)


@pytest.mark.parametrize(
    ("author", "text", "is_found"),
    [
        ("Acme Robotics", "Contact: https://acme.example/security", False),
        ("Acme Robotics", "Write to names@acme.example.", False),
        ("Acme Robotics", "See https://acme.example/", True),
        ("Acme Robotics", "Write to test@test.com.", True),
        ("Development Team", "Contact: https://acme.example/security", True),
        ("", "Contact: https://acme.example/security", True),
    ],
)
def test_who_it_is_and_where_they_answer_must_be_real(author: str, text: str, is_found: bool) -> None:
    metadata = f"Metadata-Version: 2.1\nName: acme-tol\nVersion: 0.0.1\nAuthor: {author}\n\n{text}\n"
    assert ("form-who" in rules({"PKG-INFO": metadata})) is is_found


def test_code_that_runs_by_itself_is_found(built: Path) -> None:
    files = files_of(built / "acme_redirect_me-0.0.1.tar.gz")
    assert "form-build" in rules(files | {"setup.py": "print('x')\n"})
    assert "form-build" in rules(files | {"x.pth": "import os\n"})
    assert "form-command" in rules(files | {"x.egg-info/entry_points.txt": "[console_scripts]\na = b:c\n"})


@pytest.mark.parametrize("path", ["hatch.toml", "setup.cfg", "backend/refusal.py", "x.so", "src/README.md"])
def test_an_sdist_with_more_files_than_a_placeholder_needs_is_found(built: Path, path: str) -> None:
    files = files_of(built / "acme_redirect_me-0.0.1.tar.gz")
    assert "form-files" not in rules(files)
    assert "form-files" in rules(files | {path: ""})


def test_a_link_in_an_sdist_is_found() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        link = tarfile.TarInfo("acme_tol-0.0.1/hatch.toml")
        link.type, link.linkname = tarfile.SYMTYPE, "README.md"
        archive.addfile(link)
    buffer.seek(0)
    found = judge_form(read_placeholder("acme_tol-0.0.1.tar.gz", buffer))
    assert ("form-files", "acme_tol-0.0.1/hatch.toml") in {(finding.rule, finding.path) for finding in found}


def test_a_file_in_a_wheel_that_nobody_can_read_is_found(built: Path) -> None:
    content = io.BytesIO((built / "acme_redirect_me-0.0.1-py3-none-any.whl").read_bytes())
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr("acme_tool.cpython-311-x86_64-linux-gnu.so", b"")
    (finding,) = judge_form(read_placeholder("acme_redirect_me-0.0.1-py3-none-any.whl", content))
    assert (finding.rule, finding.path) == ("form-files", "acme_tool.cpython-311-x86_64-linux-gnu.so")


def test_what_is_far_larger_than_a_placeholder_is_not_even_parsed() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.py", b"a\n" * 130_000)
    content.seek(0)
    read = read_placeholder("a-1-py3-none-any.whl", content)
    assert (read.texts, read.unread) == ({}, ("a.py",))
    assert ("form-size", "a.py") in {(finding.rule, finding.path) for finding in judge_form(read)}


@pytest.mark.parametrize(
    ("files", "rule"),
    [
        ({"reservation.json": '{"schema": "namehold/reservation/1", "dependencies": 5}'}, "form-machine"),
        ({"reservation.json": '{"schema": "namehold/reservation/1", "mode": [1], "name": {}}'}, "form-machine"),
        ({"PKG-INFO": "Content-Type: message/rfc822\n\n" * 5000}, "form-metadata"),
        ({"a.py": f"a{'.b' * 900}()\n"}, "placeholder-code"),
        ({"a.py": f"a{'.b' * 20_000}()\n"}, "placeholder-code"),
        ({"a.py": f"{'(' * 5000}{')' * 5000}\n"}, "placeholder-code"),
        ({"pyproject.toml": f"a={'[' * 5000}{']' * 5000}"}, "placeholder-metadata"),
        ({"pyproject.toml": f"a={'1' * 5000}"}, "placeholder-metadata"),
    ],
)
def test_files_that_are_built_to_break_their_reader_are_findings(files: dict[str, str], rule: str) -> None:
    assert rule in rules({"PKG-INFO": "Metadata-Version: 2.1\nName: acme-tol\nVersion: 0.0.1\n"} | files)


def test_a_file_that_is_full_of_faults_doesnt_flood_the_findings() -> None:
    texts = {"PKG-INFO": "Name: a\n\n" + "![x](y) test@test.com " * 5000, "a.py": "f()\n" * 5000}
    assert {"placeholder-telemetry", "placeholder-leftover", "placeholder-code"} < rules(texts)
    assert len(findings(texts)) < 400


@pytest.mark.parametrize("field", ["Author", "Author-email", "Summary", "Requires-Dist"])
def test_a_strangers_long_text_doesnt_flood_the_findings(field: str) -> None:
    """Every line of a table is as wide as the widest one."""
    metadata = f"Metadata-Version: 2.1\nName: acme-tol\nVersion: 0.0.1\n{field}: a>={'1' * 90_000}\n"
    found = findings({"PKG-INFO": metadata})
    assert any("11111" in finding.found for finding in found)
    assert max(len(finding.found) for finding in found) < 400


@pytest.mark.parametrize("name", ["", "../x", "-", "ä", "a" * 5000])
def test_a_name_that_is_none_is_judged_all_the_same(name: str) -> None:
    assert "form-machine" in rules({"PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\n"})


def test_deeply_nested_json_is_no_reservation() -> None:
    assert "form-machine" in rules({"PKG-INFO": "Name: a\n", "reservation.json": "[" * 100_000})


def test_what_is_no_package_is_refused() -> None:
    with pytest.raises(InputError):
        read_placeholder("acme_tol-0.0.1-py3-none-any.whl", io.BytesIO(b"no archive"))


def state(
    name: str, *users: str, organization: str | None = None, exists: bool = True, role: str = "Owner"
) -> ProjectState:
    owners = Ownership(organization=organization, roles=tuple(Role(role=role, user=user) for user in users))
    return ProjectState(name=NormalizedName(name), exists=exists, ownership=owners)


@pytest.mark.parametrize(
    ("held", "real", "verdict"),
    [
        (state("a", "acme"), state("b", "acme", "other"), Claim.AGREES),
        (state("a", organization="acme"), state("b", organization="acme"), Claim.AGREES),
        (state("a", "stranger"), state("b", "acme"), Claim.NOT_CHECKED),
        (state("a", organization="strange"), state("b", organization="acme"), Claim.NOT_CHECKED),
        (state("a"), state("b", "acme"), Claim.NOT_CHECKED),
        (state("a", "guest"), state("b", "guest", role="Maintainer"), Claim.NOT_CHECKED),
        (state("a", "guest", role="Maintainer"), state("b", "guest"), Claim.NOT_CHECKED),
        (state("a", "acme"), state("b", "acme", exists=False), Claim.NOT_CHECKED),
        (state("a", "acme"), replace(state("b"), ownership=None), Claim.NOT_CHECKED),
    ],
)
def test_the_index_proves_a_claim(held: ProjectState, real: ProjectState, verdict: Claim) -> None:
    assert judge_claim(held, real)[0] is verdict


@pytest.mark.parametrize(
    ("declared", "verdict"),
    [("the link in its metadata", Claim.AGREES), ("", Claim.CONTRADICTED), (None, Claim.NOT_CHECKED)],
)
def test_a_declaration_of_the_real_project_proves_a_claim(declared: str | None, verdict: Claim) -> None:
    held, real = state("acme-tol", "acme-holdings"), state("acme-tool", "acme-release")
    assert judge_claim(held, real, declared)[0] is verdict


def test_a_maintainer_of_both_needs_a_declaration() -> None:
    held, real = state("acme-tol", "guest"), state("acme-tool", "guest", role="Maintainer")
    assert judge_claim(held, real, "")[0] is Claim.CONTRADICTED
    assert judge_claim(held, real, "the link in its metadata")[0] is Claim.AGREES


def test_without_an_owner_of_the_placeholder_no_declaration_proves_anything() -> None:
    assert judge_claim(state("acme-tol"), state("acme-tool", "acme"), "README.md")[0] is Claim.NOT_CHECKED


def pointing(**fields: object) -> tuple[str, ...]:
    reservation = {"target": fields.pop("target")} if "target" in fields else {}
    return find_targets(
        PlaceholderFile(
            filename="acme_tol-0.0.1.tar.gz",
            fields={"name": "acme_tol"} | fields,
            top="",
            paths=(),
            texts={},
            reservation=reservation,
        )
    )


def test_everything_that_a_placeholder_points_to_is_a_target() -> None:
    assert pointing(description="Run `pip install -U Acme_Tool` rather than pip install acme-tol.") == ("acme-tool",)
    assert pointing(summary="Install acme-tool instead. Don't install it instead of that.") == ("acme-tool",)
    assert pointing(requires_dist=["acme-tool[all]>=1"], target="acme-cover") == ("acme-cover", "acme-tool")
    assert pointing(description="uv add acme-tool; uv pip install other") == ("acme-tool", "other")
    assert pointing(description="Nothing to see.", requires_dist=["?"]) == ()


def test_the_command_finds_nothing_in_what_was_built(built: Path) -> None:
    done = call("audit", str(built), "--format", "json")
    assert done.code == 0
    document = json.loads(done.out)
    assert document["schema"] == "namehold/audit/1"
    assert [file["form"] for file in document["files"]] == [[]] * 5
    assert {file["claim"]["verdict"] for file in document["files"]} == {"not-checked"}


def test_the_command_reports_findings_for_people_and_for_code_scanning(tmp_path: Path) -> None:
    path = tmp_path / "acme_tol-0.0.1.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("acme_tol-0.0.1/PKG-INFO"), io.BytesIO(b""))
    table = call("audit", str(path))
    assert table.code == 11
    assert "form-summary" in table.out
    sarif = json.loads(call("audit", str(path), "--format", "sarif").out)
    assert sarif["version"] == "2.1.0"
    assert {result["level"] for result in sarif["runs"][0]["results"]} == {"error", "warning"}


def test_nothing_to_judge_is_an_error(tmp_path: Path) -> None:
    assert call("audit", str(tmp_path)).code == InputError.exit_code
    assert call("audit", str(tmp_path / "a-1.tar.gz")).code == InputError.exit_code


def test_the_reference_lists_every_rule_as_it_is() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "audit.md").read_text(encoding="utf-8")
    for rule in RULES:
        assert f"| `{rule.id}` | {rule.severity} | {rule.requirement} |" in page
