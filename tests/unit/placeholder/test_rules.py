from __future__ import annotations

import pytest
from packaging.utils import NormalizedName
from tests.harness.values import full_portfolio

from namehold.placeholder.project import find_project_faults
from namehold.placeholder.rules import find_leftovers, find_remote_parts
from namehold.placeholder.shape import find_code_faults, is_collision, placeholder_module
from namehold.portfolio.model import Mode, taken_modules

HARMLESS = '''"""Says a notice."""

import warnings

NOTICE = "use acme-tool"

if __name__ == "__main__":
    print(NOTICE)
else:
    warnings.warn(NOTICE, stacklevel=2)
'''


def rules(source: str) -> set[str]:
    return {fault.rule for fault in find_code_faults(source, path="module.py", mode=Mode.REDIRECT)}


def test_a_module_that_only_says_a_notice_has_no_faults() -> None:
    assert find_code_faults(HARMLESS, path="module.py", mode=Mode.REDIRECT) == ()


def test_a_module_of_another_mode_is_a_fault() -> None:
    assert find_code_faults(HARMLESS, path="module.py", mode=Mode.SIGNPOST) != ()


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ("import socket", "network"),
        ("import urllib.request", "network"),
        ("from http import client", "network"),
        ("import requests as r", "network"),
        ("import os", "code"),
        ("from . import other", "code"),
        ("exec('1')", "obfuscation"),
        ("eval('1')", "obfuscation"),
        ("compile('1', '', 'exec')", "obfuscation"),
        ("__import__('o' + 's')", "obfuscation"),
        ("import base64", "obfuscation"),
        ("print.__class__.__builtins__", "obfuscation"),
        ("\uff45\uff58\uff45\uff43('1')", "obfuscation"),
        ("n\u0430me = 'cyrillic a'", "obfuscation"),
        ("x = '\u202e'", "obfuscation"),
        ("x = '" + "a" * 2000 + "'", "obfuscation"),
        ("open('/etc/passwd')", "code"),
        ("def build_wheel(a):\n    return 1", "code"),
        ("def anything(a):\n    raise SystemExit('no')", "code"),
        ("@print\ndef build_wheel(a):\n    raise SystemExit('no')", "code"),
        ("class A: pass", "code"),
        ("for a in 'b': print(a)", "code"),
        ("(lambda: 1)()", "code"),
        ("raise ImportError(open('x'))", "code"),
        ("print(f'{1}')", "code"),
        ("def broken(:", "code"),
    ],
)
def test_code_beyond_a_notice_is_a_fault(source: str, rule: str) -> None:
    assert f"placeholder-{rule}" in rules(source)


def test_faults_say_where_they_are() -> None:
    fault = find_code_faults("NOTICE = 'x'\nimport socket\n", path="module.py", mode=None)[0]
    assert (fault.path, fault.line) == ("module.py", 2)
    assert fault.fix


def test_null_bytes_are_a_fault_rather_than_a_crash() -> None:
    assert "placeholder-obfuscation" in rules("x = 1\x00")


def test_a_redirect_ships_a_module_that_nobody_imports_by_mistake() -> None:
    assert placeholder_module(NormalizedName("acme-tol"), Mode.REDIRECT) == "acme_tol_notice"
    assert placeholder_module(NormalizedName("acme-tol"), Mode.SIGNPOST) == "acme_tol"
    assert placeholder_module(NormalizedName("acme-tol"), Mode.REFUSE) == ""


@pytest.mark.parametrize("name", ["class", "3d-acme", "none"])
@pytest.mark.parametrize("mode", [Mode.REDIRECT, Mode.SIGNPOST])
def test_modules_are_valid_identifiers(name: str, mode: Mode) -> None:
    module = placeholder_module(NormalizedName(name), mode)
    assert module.isidentifier()
    __import__("ast").parse(f"import {module}")


def test_imports_and_commands_of_every_package_are_taken() -> None:
    assert taken_modules(full_portfolio()) == {"acme_tool", "acmetool", "acme_run", "acme_private"}


@pytest.mark.parametrize(
    ("name", "mode", "collides"),
    [
        ("acmetool", Mode.SIGNPOST, True),
        ("acme-run", Mode.SIGNPOST, True),
        ("acmetool", Mode.REDIRECT, False),
        ("acmetool", Mode.REFUSE, False),
        ("acme-other", Mode.SIGNPOST, False),
    ],
)
def test_a_signpost_under_a_real_import_or_command_collides(name: str, mode: Mode, collides: bool) -> None:
    assert is_collision(NormalizedName(name), mode, full_portfolio()) is collides


PROJECT = """
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"
[project]
name = "acme-tol"
version = "0.0.1"
description = "d"
readme = "README.md"
requires-python = ">=3.8"
license = "0BSD"
license-files = ["LICENSE"]
authors = [{ name = "Acme Robotics" }]
keywords = ["namehold-placeholder"]
classifiers = ["Development Status :: 7 - Inactive"]
dependencies = ["acme-tool"]
"""


def project_rules(source: str) -> set[str]:
    faults = find_project_faults(
        source,
        path="pyproject.toml",
        name=NormalizedName("acme-tol"),
        mode=Mode.REDIRECT,
        dependencies=("acme-tool",),
    )
    return {fault.rule for fault in faults}


def test_a_plain_project_has_no_faults() -> None:
    assert project_rules(PROJECT) == set()


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('["hatchling>=1.27"]', '["hatchling>=1.27", "evil"]', "code"),
        ('["hatchling>=1.27"]', '["hatchling @ https://evil.example/h.whl"]', "code"),
        ('["hatchling>=1.27"]', '["hatchling-evil"]', "code"),
        ('"hatchling.build"', '"setuptools.build_meta"', "code"),
        ('"hatchling.build"', '"hatchling.build"\nbackend-path = ["."]', "code"),
        ('["acme-tool"]', '["acme-tool", "other"]', "dependency"),
        ('["acme-tool"]', '["acme-tool==1.0"]', "dependency"),
        ('["acme-tool"]', '["acme-tool"]\nscripts = { acme-run = "x:y" }', "metadata"),
        ('["acme-tool"]', '["acme-tool"]\ndynamic = ["urls"]', "metadata"),
        ('["acme-tool"]', '["acme-tool"]\n[tool.hatch.build.hooks.custom]\n', "code"),
        ('["acme-tool"]', '["acme-tool"]\n[tool.hatch.build.targets.wheel.hooks.custom]\n', "code"),
        ('["acme-tool"]', '["acme-tool"]\n[tool.hatch.metadata.hooks.custom]\n', "code"),
        ('["acme-tool"]', '["acme-tool"]\n[tool.setuptools]\n', "code"),
        ('["acme-tool"]', '["acme-tool"]\n[tool.hatch.build.targets.sdist]\nonly-include = ["/etc"]\n', "code"),
        ('["acme-tool"]', '["acme-tool"]\n[tool.hatch.build.targets.wheel]\nonly-include = ["."]\n', "code"),
        (
            '["acme-tool"]',
            '["acme-tool"]\n[tool.hatch.build.targets.wheel.extra-metadata]\n"~/.netrc" = "LICENSE"\n',
            "code",
        ),
        ('license = "0BSD"', 'license = { file = "/etc/passwd" }', "metadata"),
        ('"namehold-placeholder"', '"other"', "metadata"),
        ("7 - Inactive", "5 - Production/Stable", "metadata"),
        ('requires-python = ">=3.8"', "", "metadata"),
        ('name = "acme-tol"', "name = acme-tol", "metadata"),
    ],
)
def test_projects_that_run_code_or_hide_what_they_are_have_faults(old: str, new: str, rule: str) -> None:
    assert old in PROJECT
    assert f"placeholder-{rule}" in project_rules(PROJECT.replace(old, new))


def test_texts_load_nothing_from_elsewhere() -> None:
    text = "![badge](https://count.example/x.png) <img src=x> write to us"
    faults = find_remote_parts(text, path="README.md")
    assert [fault.rule for fault in faults] == ["placeholder-telemetry", "placeholder-telemetry"]


@pytest.mark.parametrize("text", ["github.com/yourusername/x", "test@test.com", "https://www.example.com/"])
def test_words_that_somebody_forgot_to_replace_are_found(text: str) -> None:
    assert [fault.rule for fault in find_leftovers(text, path="README.md")] == ["placeholder-leftover"]


def test_reserved_domains_of_other_kinds_are_fine() -> None:
    assert find_leftovers("https://acme.example/ and my-example.computer", path="README.md") == ()
