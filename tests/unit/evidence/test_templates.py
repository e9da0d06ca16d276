"""Which names stand for any name, for every reader of texts alike."""

from __future__ import annotations

import pytest

from namehold.candidates import popular_names
from namehold.evidence import is_template

TEMPLATES = [
    *("foobar", "spam", "foo2", "somepackage1", "pkg1", "plugin", "project-1", "unknown-package", "local-dependency"),
    *("yourpackage1", "new-lib", "distribution", "my-awesome-package", "the-package-you-want", "your-lib-here"),
    *("python-package", "myapp", "xyz", "package_a", "invalid-dep", "AlreadyInstalled", "your-file-name", "x"),
]


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_name_of_examples_is_a_template(name: str) -> None:
    assert is_template(name)


@pytest.mark.parametrize("name", ["package-requests", "pkg-acme", "projectq", "wheel-filename", "h2", "q", "acme-lib"])
def test_a_name_with_a_word_of_its_own_is_none(name: str) -> None:
    assert not is_template(name)


def test_no_well_known_project_is_a_template_but_those_of_tutorials() -> None:
    assert {name for name in popular_names().ranks if is_template(name)} == {"lib", "sampleproject"}
