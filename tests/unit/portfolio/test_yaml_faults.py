"""A file that is no YAML is told in plain words, where it is to be corrected, and how."""

from __future__ import annotations

import pytest

from namehold.errors import ConfigError, Diagnostic
from namehold.portfolio.read import read_portfolio

_SOUND = """\
organization:
  name: Acme
  contact: security@acme-robotics.dev
packages:
  - name: acme-tool
    imports: [acme]
"""
_PACKAGE = "- name: acme-tool\n    imports: [acme]"


def _faults(text: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(ConfigError) as caught:
        read_portfolio(text.encode(), path="names.yaml")
    return caught.value.diagnostics()


@pytest.mark.parametrize(
    ("old", "new", "place", "message", "fix"),
    [
        ("  name: Acme", "\tname: Acme", (2, 1), "a tab in the indentation", "spaces"),
        ("    imports", "  \timports", (6, 3), "a tab in the indentation", "spaces"),
        ("name: Acme", "name:Acme", (2, 7), "no space behind the colon of `name`", "`name: Acme`"),
        ("- name: acme-tool", "- name:acme-tool", (5, 9), "no space behind the colon of `name`", "`name: acme-tool`"),
        ("  - name", "  -name", (5, 3), "no space behind this dash", "`- name: acme-tool`"),
        ("  contact: ", "  contact ", (3, 3), "no ': ' behind a key", "`key: value`"),
        ("name: Acme", "name = Acme", (2, 3), "no ': ' behind a key", "`key: value`"),
        ("packages:", "packages", (4, 1), "no ': ' behind a key", "`key: value`"),
        ("packages:\n  - name", "packages: - name", (4, 11), "a list can't begin here", "in the line below"),
        ("Acme", '"Acme', (2, 9), 'the quote " that opens here', 'write " behind the text'),
        ("Acme", "'Acme", (2, 9), "the quote ' that opens here", "write ' behind the text"),
        ("Acme\n", '"Acme\n  legal_name: "Acme"\n', (2, 9), 'the quote " that opens here', 'write "'),
        ("Acme", "'Acme's tools'", (2, 15), "behind the closing quote", '"Acme\'s tools"'),
        ("Acme", '"Acme" Ltd # ours', (2, 16), "behind the closing quote", "'\"Acme\" Ltd'"),
        ("Acme", "[Acme] Robotics", (2, 16), "behind the closing bracket", '"[Acme] Robotics"'),
        ("Acme", "{Acme} Robotics", (2, 16), "behind the closing bracket", '"{Acme} Robotics"'),
        ("[acme]", "[acme", (6, 14), "the bracket [ that opens here", "write ]"),
        ("[acme]", "[acme]]", (6, 20), "this `]` closes nothing", "delete it"),
        ("[acme]", "[acme,,x]", (6, 20), "a value is missing here", "comma"),
        ("  contact", "   contact", (3, 4), "indented by 3 spaces", "by 0 or 2 spaces"),
        ("  contact", " contact", (3, 2), "indented by 1 space,", "by 0 or 2 spaces"),
        ("    imports", "   imports", (6, 4), "indented by 3 spaces", "by 0 or 4 spaces"),
        ("    imports", "  imports", (6, 3), "indented by 2 spaces", "by 0 or 4 spaces"),
        ("    imports: [acme]", " - name: acme-x", (6, 2), "indented by 1 space,", "by 2 spaces"),
        ("Acme", "@acme", (2, 9), "can't begin with '@'", '"@acme"'),
        ("[acme]", "[@acme, x]", (6, 15), "can't begin with '@'", '"@acme"'),
        ("Acme", "`acme`", (2, 9), "can't begin with '`'", '"`acme`"'),
        ("Acme", "%acme", (2, 9), "can't begin with '%'", '"%acme"'),
        ("organization:\n", "%acme\norganization:\n", (1, 1), "can't begin with '%'", '"%acme"'),
        ("Acme", "*Acme*", (2, 9), "can't begin with '*'", '"*Acme*"'),
        ("Acme", "|acme", (2, 9), "can't begin with '|'", '"|acme"'),
        ("Acme", ">=1.0", (2, 9), "can't begin with '>'", '">=1.0"'),
        ("Acme", "&Acme", (2, 9), "the anchor &Acme", "quotes round a text that begins with &"),
        ("Acme", "!acme", (2, 9), "the tag !acme", "needs quotes"),
        ("Acme", "#1 Acme", (2, 3), "`name` has no value", "begins with # is a comment"),
        ("Acme", "Acme: the company", (2, 13), "can't hold ': '", '"Acme: the company"'),
        ("Acme", '"Acme"# ours', (2, 15), "a comment needs a space before its #", "put a space before #"),
        ("Acme", "'Acme'#1", (2, 15), "a comment needs a space", "quotes round the whole text"),
        ("[acme]", "[acme,# ours\n      x]", (6, 20), "a comment needs a space", "put a space"),
        ("[acme]", "[acme]# ours", (6, 20), "a comment needs a space", "put a space"),
        ("Acme", "|-# ours\n    Acme", (2, 11), "a comment needs a space", "put a space"),
        # What it takes along is missing then: the cause is told, not what follows from it.
        ("[acme]", '["acme"#x]', (6, 21), "a comment needs a space", "put a space"),
        ("[acme]", '["acme"#x, y: {]', (6, 21), "a comment needs a space", "put a space"),
        ("[acme]", "[[acme]#x\n      ]]", (6, 21), "a comment needs a space", "put a space"),
        ("name: Acme", '"name":# ours', (2, 9), "no space behind the colon of", '`"name": # ours`'),
        ("Acme", '"Ac\\0me"', (2, 9), "invisible characters: U+0000", "delete"),
        ("acme-tool", '"acme\\etool"', (5, 11), "invisible characters: U+001B", "delete"),
        ("[acme]", '["ac\\Nme"]', (6, 15), "invisible characters: U+0085", "delete"),
        ("contact", '"con\\u200btact"', (3, 3), "invisible characters: U+200B", "delete"),
        ("organization:\n", "%YAML 1.3\n---\norganization:\n", (1, 1), "the directive %YAML", "delete the line"),
        ("organization:\n", "%YAML 2.0\n---\norganization:\n", (1, 1), "the directive %YAML", "delete the line"),
        ("organization:\n", "%YAML 1\n---\norganization:\n", (1, 1), "the directive %YAML", "delete the line"),
        ("organization:\n", "%YAML 1.2 x\n---\norganization:\n", (1, 1), "the directive %YAML", "delete the line"),
        ("organization:\n", "%YAML 1.2\n%YAML 1.2\n---\norganization:\n", (2, 1), "the directive %YAML", "delete"),
        ("[acme]", "[:acme, x]", (6, 15), "can't begin or end with ':'", '":acme"'),
        ("[acme]", "[acme:]", (6, 15), "can't begin or end with ':'", '"acme:"'),
        ("[acme]", "[?acme]", (6, 15), "a ? begins a key", "quotes round a text that begins with ?"),
        ("[acme]", "[x, ?acme: y]", (6, 18), "a ? begins a key", "quotes round a text that begins with ?"),
        (_PACKAGE, "- {name: acme-tool, ?imports: [acme]}", (5, 23), "a ? begins a key", "begins with ?"),
        (_PACKAGE, '- {name: acme-tool, ?"imports": [acme]}', (5, 23), "a ? begins a key", "begins with ?"),
        ("Acme", '"C:\\Acme"', (2, 12), "a backslash begins an escape", "single quotes"),
        ("name: Acme", "name:\u00a0Acme", (2, 8), "NO-BREAK SPACE", "plain space"),
        ("  name: Acme", "\u00a0\u00a0name: Acme", (2, 1), "NO-BREAK SPACE", "plain space"),
        ("name: Acme", "name\uff1aAcme", (2, 7), "FULLWIDTH COLON", "plain colon"),
        ("Acme", "\u201cAcme: the company\u201d", (2, 9), "LEFT DOUBLE QUOTATION MARK", "plain"),
        ("  - name", "  \u2013 name", (5, 3), "EN DASH", "hyphen"),
        ("  - name", "<<<<<<< HEAD\n  - name", (5, 1), "a merge conflict", "keep one side"),
        ("    imports: [acme]\n", "---\npackages: []\n", (6, 1), "another document begins here", "keep one document"),
        ("    imports: [acme]\n", "...\npackages: []\n", (7, 1), "'...', which ends the file", "delete the line"),
    ],
)
def test_what_is_no_yaml_is_told_with_place_cause_and_fix(
    old: str, new: str, place: tuple[int, int], message: str, fix: str
) -> None:
    assert old in _SOUND
    for text in (_SOUND.replace(old, new, 1), _SOUND.replace(old, new, 1).replace("\n", "\r\n")):
        (fault,) = _faults(text)
        assert (fault.line, fault.column) == place
        assert message in fault.message
        assert "this is no YAML" not in fault.message
        assert fix in fault.fix


def test_a_glued_comment_hides_no_fault_of_another_line() -> None:
    faults = _faults(_SOUND.replace("Acme", '"Acme"# ours', 1).replace("[acme]", "[acme", 1))
    assert [(fault.line, fault.column) for fault in faults] == [(2, 15), (6, 14)]
    assert "the bracket [ that opens here" in faults[1].message


@pytest.mark.parametrize(
    ("text", "place", "message", "fix"),
    [
        ('{\n  "packages": [{"name": "x"}]\n  "demo": true\n}', (3, 3), "a comma is missing", "put a comma"),
        ('{\n  "packages": [{"name": "x"}]\n', (1, 1), "the bracket { that opens here", "write }"),
        ('{\n  // ours\n  "packages": ["x"]\n}', (2, 3), "`//` begins no comment", "#"),
        ('[organization]\nname = "Acme"\n', (2, 1), "can't follow it", "`key: value` lines"),
        ('name = "Acme"\npackages = ["x"]\n', (1, 1), "the file holds a text", "begin with `packages:`"),
        ("packages:\n  - name:acme-tool\n", (2, 5), "'name:acme-tool' is no valid", "a space behind the colon"),
        ("- acme-tool\n", (1, 1), "the file holds a list", "begin with `packages:`"),
    ],
)
def test_another_kind_of_file_is_told_as_such(text: str, place: tuple[int, int], message: str, fix: str) -> None:
    (fault,) = _faults(text)
    assert (fault.line, fault.column) == place
    assert message in fault.message
    assert fix in fault.fix
