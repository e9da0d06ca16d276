from __future__ import annotations

import ast
import json
import os
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from packaging.utils import NormalizedName
from tests.harness.values import PROFILE, action, full_portfolio

from namehold import __version__
from namehold.errors import TemplateError
from namehold.placeholder.model import SourceTree
from namehold.placeholder.render import Templates, bundled_templates
from namehold.placeholder.values import project_page, template_values, web_address
from namehold.placeholder.writers import write_markdown, write_python
from namehold.portfolio.model import Mode
from namehold.portfolio.packages import Package
from namehold.text import single_line


@pytest.fixture(scope="module")
def templates() -> Templates:
    return Templates(None, PROFILE)


def text(tree: SourceTree, path: str) -> str:
    return next(file.text for file in tree.files if file.path == path)


@pytest.mark.parametrize("mode", list(Mode))
def test_a_readme_carries_everything_that_a_reader_needs(templates: Templates, mode: Mode) -> None:
    readme = text(templates.render(action(mode=mode), full_portfolio()), "README.md")
    first = readme[:600]
    assert "`acme-tol` is a placeholder" in first
    assert "pip install Acme_Tool" in first
    assert "<https://index.example/project/acme-tool/>" in first
    assert "Acme Robotics" in first
    for part in (
        "Acme Robotics Ltd.",
        "Organization on this index: acme",
        "`security@acme.example`",
        "one letter of acme-tool left out (distance 1)",
        "within 14 days",
        "PEP 541",
        "2027-12-31",
        "<https://acme.example/names>",
        "sha256:" + "ab" * 32,
        f"namehold {__version__}",
        "reservation.json",
        "no network",
    ):
        assert part in readme


@pytest.mark.parametrize("mode", list(Mode))
def test_metadata_say_who_and_what_for(templates: Templates, mode: Mode) -> None:
    project = tomllib.loads(text(templates.render(action(mode=mode), full_portfolio()), "pyproject.toml"))["project"]
    assert project["description"] == (
        "Name held by Acme Robotics to protect users of Acme_Tool. Install Acme_Tool instead."
    )
    assert project["authors"] == [{"name": "Acme Robotics"}]
    assert project["keywords"] == ["namehold-placeholder"]
    assert project["classifiers"] == ["Development Status :: 7 - Inactive"]
    assert project["version"] == "0.0.1"
    assert project["license"] == "0BSD"
    assert project["urls"] == {
        "Homepage": "https://index.example/project/acme-tool/",
        "Organization": "https://acme.example/",
        "Reservations": "https://acme.example/names",
    }


@pytest.mark.parametrize(
    ("mode", "dependencies", "paths"),
    [
        (Mode.REDIRECT, ["Acme_Tool"], {"acme_tol_notice.py"}),
        (Mode.SIGNPOST, [], {"acme_tol.py"}),
        (Mode.REFUSE, [], {"backend/refusal.py"}),
    ],
)
def test_each_mode_ships_its_own_files_and_dependencies(
    templates: Templates, mode: Mode, dependencies: list[str], paths: set[str]
) -> None:
    tree = templates.render(action(mode=mode), full_portfolio())
    common = {"LICENSE", "README.md", "pyproject.toml", "reservation.json"}
    assert {file.path for file in tree.files} == common | paths
    assert tomllib.loads(text(tree, "pyproject.toml"))["project"]["dependencies"] == dependencies


def test_a_refusing_backend_needs_nothing_to_be_installed(templates: Templates) -> None:
    tree = templates.render(action(mode=Mode.REFUSE), full_portfolio())
    assert tomllib.loads(text(tree, "pyproject.toml"))["build-system"] == {
        "requires": [],
        "build-backend": "refusal",
        "backend-path": ["backend"],
    }


def test_a_machine_finds_all_of_it_in_one_file(templates: Templates) -> None:
    reservation = json.loads(text(templates.render(action(), full_portfolio()), "reservation.json"))
    assert reservation["schema"] == "namehold/reservation/1"
    assert reservation["name"] == "acme-tol"
    assert reservation["target"] == "acme-tool"
    assert reservation["mode"] == "redirect"
    assert reservation["organization"]["name"] == "Acme Robotics"
    assert reservation["organization"]["index_organization"] == "acme"
    assert reservation["reasons"] == [
        {"rule": "typo-omission", "text": "one letter of acme-tool left out (distance 1)"}
    ]
    assert reservation["review_date"] == "2027-12-31"
    assert reservation["release"] == {
        "contact": "security@acme.example",
        "answer_days": 14,
        "policy": "https://peps.python.org/pep-0541/",
    }
    assert reservation["action_digest"] == "sha256:" + "ab" * 32
    assert reservation["behavior"]["uses_network"] is False


def test_the_same_values_give_the_same_tree_and_other_values_another(templates: Templates) -> None:
    first = templates.render(action(), full_portfolio())
    assert Templates(None, PROFILE).render(action(), full_portfolio()) == first
    assert templates.render(action(reason="another"), full_portfolio()).digest != first.digest
    assert templates.render(action(), full_portfolio(name="Other")).digest != first.digest
    assert templates.render(replace(action(), ordinal=9, day=3, score=0.1), full_portfolio()).digest == first.digest


def test_links_come_from_the_profile() -> None:
    private = replace(PROFILE, simple="https://packages.acme.example/root/simple/", is_public=False)
    assert project_page(PROFILE, NormalizedName("acme-tool")) == "https://index.example/project/acme-tool/"
    assert project_page(private, NormalizedName("x")) == "https://packages.acme.example/root/simple/x/"
    readme = text(Templates(None, private).render(action(), full_portfolio()), "README.md")
    assert "https://packages.acme.example/root/simple/acme-tool/" in readme


@pytest.mark.parametrize(
    ("contact", "label"),
    [("https://acme.example/security", "Security"), ("https://code.example/acme/issues", "Issues")],
)
def test_a_contact_on_the_web_is_a_project_link(templates: Templates, contact: str, label: str) -> None:
    tree = templates.render(action(), full_portfolio(contact=contact))
    assert tomllib.loads(text(tree, "pyproject.toml"))["project"]["urls"][label] == contact
    assert f"<{contact}>" in text(tree, "README.md")


def test_one_package_of_one_person_needs_neither_website_nor_company(templates: Templates) -> None:
    bare = full_portfolio(homepage="", legal_name="", policy_page="", index_organization="")
    tree = templates.render(action(), bare)
    assert tomllib.loads(text(tree, "pyproject.toml"))["project"]["urls"] == {
        "Homepage": "https://index.example/project/acme-tool/"
    }
    assert "Website" not in text(tree, "README.md")


def test_a_signpost_may_point_to_what_is_not_on_the_index(templates: Templates) -> None:
    tree = templates.render(action("acme-privat", Mode.SIGNPOST, target="acme-private"), full_portfolio())
    readme = text(tree, "README.md")
    assert "pip install" not in readme
    assert "not on this index" in readme


def test_a_refusal_of_an_internal_name_points_to_the_own_index(templates: Templates) -> None:
    tree = templates.render(action("acme-internal", Mode.REFUSE, target="acme-internal"), full_portfolio())
    assert "Install it from the index of Acme Robotics instead." in text(tree, "pyproject.toml")
    assert "pip install" not in text(tree, "README.md")


def test_nothing_can_depend_on_what_is_not_published(templates: Templates) -> None:
    with pytest.raises(TemplateError) as caught:
        templates.render(action("acme-privat", target="acme-private"), full_portfolio())
    assert [fault.rule for fault in caught.value.diagnostics()] == ["placeholder-target"]


@pytest.mark.parametrize("name", ["acmetool", "acme-run"])
def test_a_signpost_never_takes_the_place_of_a_real_module(templates: Templates, name: str) -> None:
    with pytest.raises(TemplateError) as caught:
        templates.render(action(name, Mode.SIGNPOST), full_portfolio())
    assert [fault.rule for fault in caught.value.diagnostics()] == ["placeholder-collision"]
    assert "redirect" in caught.value.diagnostics()[0].fix
    assert templates.render(action(name, Mode.REDIRECT), full_portfolio()).mode is Mode.REDIRECT


@pytest.mark.parametrize(
    "organization",
    [
        {"name": ""},
        {"name": "\u202e\u200b"},
        {"name": "\u3164\u200d\u115f"},
        {"contact": " "},
        {"homepage": "javascript:alert(1)"},
        {"policy_page": "not an address"},
        {"name": "a" * 201},
        {"homepage": "https://example.com/"},
    ],
)
def test_organizations_that_cannot_be_shown_are_refused(templates: Templates, organization: dict[str, Any]) -> None:
    with pytest.raises(TemplateError) as caught:
        templates.render(action(), full_portfolio(**organization))
    assert caught.value.diagnostics()


def test_a_lost_character_is_told_of_names_yaml_and_not_of_a_rendered_file(templates: Templates) -> None:
    with pytest.raises(TemplateError) as caught:
        templates.render(action(), full_portfolio(legal_name="Acme\ufffd"))
    assert [fault.path for fault in caught.value.diagnostics()] == [None]
    assert "organization.legal_name" in caught.value.diagnostics()[0].message


def test_a_summary_that_the_index_would_cut_is_refused(templates: Templates) -> None:
    long = Package(name=NormalizedName("a" * 180), spelled="a" * 180)
    with pytest.raises(TemplateError) as caught:
        templates.render(action(target=long.name), full_portfolio((long,), name="b" * 180))
    assert "512" in caught.value.diagnostics()[0].message


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("Acme\nRobotics", "Acme Robotics"),
        ("Acme\u2028Robotics", "Acme Robotics"),
        ("Acme \u202eRobotics\u202c", "Acme Robotics"),
        ("a\x00b\x1b[31mc", "ab[31mc"),
        ("  Zażółć 漢字 🦾 ", "Zażółć 漢字 🦾"),
    ],
)
def test_one_line_reads_as_it_is(raw: str, clean: str) -> None:
    assert single_line(raw) == clean


@pytest.mark.parametrize(
    ("raw", "written"),
    [
        ("a*b*", r"a\*b\*"),
        ("[x](y)", r"\[x\](y)"),
        ("<b>", "&lt;b&gt;"),
        ("- item", r"\- item"),
        ("12. item", r"12\. item"),
        ("well-known v1.2", "well-known v1.2"),
        ("https://x", r"https\://x"),
        ("a@b", r"a\@b"),
        ("&amp;", "&amp;amp;"),
        ("@acme", r"\@acme"),
        ("1) item", r"1\) item"),
        (":tada:", r"\:tada:"),
        ("at 12:30", "at 12:30"),
    ],
)
def test_markdown_text_renders_as_itself(raw: str, written: str) -> None:
    assert write_markdown(raw) == written


@pytest.mark.parametrize(
    "address",
    ['https://acme.example/a b<c>`d`"e"', "https://acme.example/)](x)", "http://x/\\", "https://ac\nme.example/<b>"],
)
def test_addresses_cannot_end_early_in_markup(address: str) -> None:
    assert not set(web_address(address)) & set('<>`"()[]\\ ')


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("http://[::1]:8080/a[1](x)/", "http://[::1]:8080/a%5B1%5D%28x%29/"),
        ("http://[::1]#[1]", "http://[::1]#%5B1%5D"),
        # What stands beside them in the host is none of an address of IPv6.
        ("http://[::1](x)/", "http://%5B::1%5D%28x%29/"),
        ("http://[::1]@acme.example/", "http://%5B::1%5D@acme.example/"),
    ],
)
def test_brackets_stay_round_an_ipv6_host_alone(address: str, written: str) -> None:
    assert web_address(address) == written


@pytest.mark.parametrize("text", ["javascript:alert(1)", "acme.example", "https://", "//acme.example", "http://["])
def test_other_texts_are_no_web_addresses(text: str) -> None:
    with pytest.raises(ValueError, match="isn't a web address"):
        web_address(text)


def test_python_literals_of_several_lines_stay_readable() -> None:
    written = write_python("a\n'b'\n")
    assert written == "(\n    'a\\n'\n    \"'b'\\n\"\n)"
    assert ast.literal_eval(written) == "a\n'b'\n"


# --------------------------------------------------------------------------- an organization's own templates


def own(folder: Path, path: str, content: str) -> Path:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8")
    return folder


def rules_of(folder: Path) -> set[str]:
    with pytest.raises(TemplateError) as caught:
        Templates(folder, PROFILE)
    return {fault.rule for fault in caught.value.diagnostics()}


def test_an_own_template_replaces_one_file_of_one_mode(tmp_path: Path, templates: Templates) -> None:
    bundled = (bundled_templates() / "redirect" / "README.md.j2").read_text(encoding="utf-8")
    folder = own(tmp_path, "redirect/README.md.j2", bundled + "\nWith kind regards, {{ organization.name }}.\n")
    theirs = Templates(folder, PROFILE)
    assert "With kind regards, Acme Robotics." in text(theirs.render(action(), full_portfolio()), "README.md")
    signpost = action(mode=Mode.SIGNPOST)
    assert theirs.render(signpost, full_portfolio()) == templates.render(signpost, full_portfolio())
    assert theirs.digest != templates.digest


def test_line_ends_of_a_checkout_do_not_change_the_bytes(tmp_path: Path, templates: Templates) -> None:
    for path in sorted(bundled_templates().rglob("*.j2")):
        copy = tmp_path / path.relative_to(bundled_templates())
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert Templates(tmp_path, PROFILE).render(action(), full_portfolio()) == templates.render(
        action(), full_portfolio()
    )


@pytest.mark.parametrize(
    ("path", "content", "rule"),
    [
        ("redirect/README.md.j2", "# Nothing to see\n", "placeholder-transparency"),
        ("redirect/README.md.j2", "{{ nothing_like_it }}", "template-render"),
        ("redirect/README.md.j2", "{% if %}", "template-render"),
        ("redirect/README.md.j2", "{{ ''.__class__.__mro__ }}", "template-render"),
        ("redirect/README.md.j2", "{{ organization.homepage | random }}", "template-render"),
        ("redirect/README.md.j2", "![x](https://count.example/pixel.png)", "placeholder-telemetry"),
        ("signpost/__module__.py.j2", "import socket\n", "placeholder-network"),
        ("signpost/__module__.py.j2", "exec({{ notice }})\n", "placeholder-obfuscation"),
        ("signpost/__module__.py.j2", "import os\nos.remove('x')\n", "placeholder-code"),
        ("redirect/setup.py.j2", "print('hello')\n", "template-file"),
        ("redirect/hatch_build.py.j2", "print('hello')\n", "template-file"),
        ("redirect/logo.png.j2", "x", "template-file"),
        ("redirect/README.md", "without the suffix", "template-file"),
        ("unknown/README.md.j2", "an unknown mode", "template-file"),
        ("redirect/pyproject.toml.j2", "[build-system]\nrequires = []\n", "placeholder-code"),
        ("common/LICENSE.j2", "Copyright yourusername\n", "placeholder-leftover"),
        (
            "refuse/backend/refusal.py.j2",
            "def build_wheel(d):\n    print({{ notice }})\n    return ''\n",
            "placeholder-code",
        ),
    ],
)
def test_own_templates_that_hide_or_run_something_are_refused(
    tmp_path: Path, path: str, content: str, rule: str
) -> None:
    assert rule in rules_of(own(tmp_path, path, content))


def test_all_faults_of_all_modes_come_at_once(tmp_path: Path) -> None:
    own(tmp_path, "redirect/README.md.j2", "# Nothing\n")
    own(tmp_path, "signpost/__module__.py.j2", "import socket\n")
    assert rules_of(tmp_path) >= {"placeholder-transparency", "placeholder-network"}


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    assert rules_of(tmp_path / "nowhere") == {"template-folder"}


def test_templates_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "redirect").mkdir()
    (tmp_path / "redirect" / "README.md.j2").write_bytes(b"\xff\xfe")
    assert rules_of(tmp_path) == {"template-file"}


def test_the_example_of_the_how_to_can_be_used(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "own-templates.md").read_text(encoding="utf-8")
    example = page.split("`redirect/README.md.j2`:\n\n```\n")[1].split("```")[0]
    theirs = Templates(own(tmp_path, "redirect/README.md.j2", example), PROFILE)
    assert "# You are looking for Acme" in text(theirs.render(action(), full_portfolio()), "README.md")


def test_the_how_to_names_every_value_of_templates() -> None:
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "own-templates.md").read_text(encoding="utf-8")
    values = {*template_values(action(), full_portfolio(), PROFILE)} - {"organization"}
    assert {value for value in values if f"`{value}`" not in page} == set()


@pytest.mark.parametrize(
    "place", ["common/_leak.md.j2", "signpost", "common/_pipe.md.j2", "common/_twin.md.j2", "common/_loop.md.j2"]
)
def test_templates_are_plain_files_below_their_folder(tmp_path: Path, place: str) -> None:
    folder = tmp_path / "templates"
    (folder / "common").mkdir(parents=True)
    (tmp_path / "secret.env").write_text("KEY=canary", "utf-8")
    if place.startswith("common/_pipe"):
        os.mkfifo(folder / place)
    elif place.startswith("common/_twin"):
        (folder / place).hardlink_to(tmp_path / "secret.env")
    elif place.startswith("common/_loop"):
        (folder / place).symlink_to(folder / place)
    else:
        (folder / place).symlink_to(tmp_path / ("secret.env" if "." in place else ""))
    with pytest.raises(TemplateError) as caught:
        Templates(folder, PROFILE)
    (fault,) = caught.value.diagnostics()
    assert fault.rule == "template-file"
    assert "canary" not in fault.message


def test_a_part_of_the_folder_that_cant_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "templates"
    (folder / "common").mkdir(parents=True)
    (folder / "common" / "README.md.j2").write_text("x", "utf-8")
    scan = os.scandir

    def refuse(place: Any) -> Any:
        # The tests may run as root, who may read everything.
        if str(place).endswith("common"):
            raise PermissionError(13, "Permission denied", str(place))
        return scan(place)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(TemplateError) as caught:
        Templates(folder, PROFILE)
    (fault,) = caught.value.diagnostics()
    assert (fault.rule, fault.path) == ("template-file", str(folder / "common"))
