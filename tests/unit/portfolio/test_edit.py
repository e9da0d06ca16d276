"""What discovery writes back changes nothing else in names.yaml."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namehold.errors import ConfigError, InputError
from namehold.portfolio.edit import Entry, PackageEdit, add_to_section, edit_packages, save
from namehold.portfolio.model import Portfolio
from namehold.portfolio.packages import Surface, SurfaceKind
from namehold.portfolio.read import read_portfolio

DAY = dt.date(2026, 11, 22)
HEAD = """\
organization: {name: Acme Robotics, contact: security@acme-robotics.dev}
account: {index: pypi, username: acme-reserve}
"""
FILE = """\
# What we own.
organization:
    name: "Acme Robotics"   # quoted
    contact: security@acme-robotics.dev

account: {index: pypi, username: acme-reserve}

packages:
  # the oldest
  - name: acme-tool   # our tool
    # modules:
    imports: [acme_tool]  # one
    commands:
      - acmectl           # the command
      # more to come

  # the bare one
  - acme-sdk     # bare
  - {name: acme-core, imports: [acme_core]}

# what nothing must be done about
never: [acme-x]
"""


def entry(key: str, value: str, source: str = "acme_tool-1.0-py3-none-any.whl") -> Entry:
    return Entry(key=key, value=value, source=source, date=DAY)


def edited(text: str, *edits: PackageEdit) -> str:
    return edit_packages(text.encode(), edits, path="names.yaml").decode()


def portfolio(text: str) -> Portfolio:
    return read_portfolio(text.encode(), path="names.yaml").portfolio


def test_every_line_that_was_there_stays_and_new_ones_stand_where_they_belong() -> None:
    after = edited(
        FILE,
        PackageEdit(name="acme-tool", added=(entry("commands", "acme-ui"), entry("extras", "vision"))),
        PackageEdit(name="acme-sdk", added=(entry("imports", "acme_sdk"), Entry(key="companions", value="numpy"))),
        PackageEdit(name="acme-core", added=(entry("imports", "acme_speed"), entry("commands", "acme-core-run"))),
        PackageEdit(name="acme-new", added=(entry("imports", "acme_new"),)),
    )
    source = "source: acme_tool-1.0-py3-none-any.whl, date: 2026-11-22"
    assert (
        after
        == f"""\
# What we own.
organization:
    name: "Acme Robotics"   # quoted
    contact: security@acme-robotics.dev

account: {{index: pypi, username: acme-reserve}}

packages:
  # the oldest
  - name: acme-tool   # our tool
    # modules:
    imports: [acme_tool]  # one
    commands:
      - acmectl           # the command
      - {{value: acme-ui, {source}}}
    extras:
      - {{value: vision, {source}}}
      # more to come

  # the bare one
  - name: acme-sdk     # bare
    imports:
      - {{value: acme_sdk, {source}}}
    companions:
      - numpy
  - {{name: acme-core, imports: [acme_core, {{value: acme_speed, {source}}}], \
commands: [{{value: acme-core-run, {source}}}]}}
  - name: acme-new
    imports:
      - {{value: acme_new, {source}}}

# what nothing must be done about
never: [acme-x]
"""
    )
    surfaces = portfolio(after).packages[0].surfaces
    assert (
        Surface(kind=SurfaceKind.EXTRA, value="vision", source="acme_tool-1.0-py3-none-any.whl", date=DAY) in surfaces
    )


def test_a_bare_claim_that_the_index_confirms_gets_its_source() -> None:
    after = edited(FILE, PackageEdit(name="Acme_Tool", sourced=(entry("imports", "acme_tool"),)))
    assert "imports: [{value: acme_tool, source: acme_tool-1.0-py3-none-any.whl, date: 2026-11-22}]  # one" in after
    assert (
        after.replace("{value: acme_tool, source: acme_tool-1.0-py3-none-any.whl, date: 2026-11-22}", "acme_tool")
        == FILE
    )


def test_nothing_to_do_gives_the_same_bytes() -> None:
    assert edited(FILE) == FILE
    assert edited(FILE, PackageEdit(name="acme-tool")) == FILE


@pytest.mark.parametrize(
    "packages",
    [
        "packages: [acme-tool]\n",
        "packages: [ acme-tool, ]\n",
        "packages: [{name: acme-tool, commands: []}]\n",
        "packages:\n- acme-tool\n",
        "packages:\n-   acme-tool\n",
        "packages:\n- name: acme-tool\n  commands: []\n",
        "packages:\n- name: acme-tool\n  commands: [\n    old,  # kept\n    ]\n",
        "packages:\n- name: acme-tool\n  commands:\n  - old\n",
        "packages:\n- name: acme-tool\n  published: true\nnever:\n- name: x-y\n  reason: |-\n    one line\n",
        "packages:\n  - name: acme-tool\n    commands:\n      - old",
        "packages:\n  - acme-tool",
        "packages:\n  -\n    name: acme-tool\n",
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_every_way_to_write_a_list_can_be_added_to(packages: str, newline: str, mark: str) -> None:
    before = mark + (HEAD + packages).replace("\n", newline)
    edit = PackageEdit(name="acme-tool", added=(entry("commands", "acme-ui"), entry("extras", "x-ray")))
    after = edit_packages(before.encode(), [edit], path="names.yaml").decode()
    package = portfolio(after).packages[0]
    assert [item.value for item in package.surfaces if item.value != "old"] == ["acme-ui", "x-ray"]
    assert after.startswith(mark + HEAD.replace("\n", newline))
    assert after.count("\n") == after.count(newline)


@given(st.text(min_size=1, max_size=20))
def test_no_value_breaks_out_of_its_place(value: str) -> None:
    edit = PackageEdit(name="acme-tool", added=(entry("commands", "acme-ui", source=value),))
    try:
        after = edited(FILE, edit)
    except (ConfigError, InputError):
        return
    (added,) = [item for item in portfolio(after).packages[0].surfaces if item.value == "acme-ui"]
    assert added.source == value


def test_what_names_yaml_forbids_is_never_the_result() -> None:
    with pytest.raises(ConfigError):
        edited(FILE, PackageEdit(name="acme-tool", added=(entry("commands", "acme run"),)))


def test_a_verdict_goes_into_its_list_which_is_made_if_there_is_none() -> None:
    values: dict[str, str | dt.date] = {"name": "acme-tol", "package": "acme-tool", "date": DAY, "note": "Same: readme"}
    once = add_to_section(FILE.encode(), "look_alikes", values, path="names.yaml")
    twice = add_to_section(once, "look_alikes", values | {"name": "acme-tl"}, path="names.yaml").decode()
    assert twice.startswith(FILE)
    assert [item.name for item in portfolio(twice).look_alikes] == ["acme-tol", "acme-tl"]
    assert portfolio(twice).look_alikes[0].note == "Same: readme"


def test_saving_keeps_mode_and_link_and_refuses_a_file_that_somebody_else_edits(tmp_path: Path) -> None:
    real, link = tmp_path / "real.yaml", tmp_path / "names.yaml"
    real.write_bytes(b"before")
    real.chmod(0o640)
    link.symlink_to(real)
    save(link, before=b"before", after=b"after")
    assert link.is_symlink()
    assert (real.read_bytes(), real.stat().st_mode & 0o777) == (b"after", 0o640)
    with pytest.raises(InputError, match="edited meanwhile"):
        save(link, before=b"before", after=b"lost")
    assert real.read_bytes() == b"after"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["names.yaml", "real.yaml"]
