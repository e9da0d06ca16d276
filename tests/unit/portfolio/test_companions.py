"""What `discover` writes as a companion is always valid: it may be anybody's project."""

from __future__ import annotations

import pytest

from namehold.portfolio.read import read_portfolio

_NAMES = """\
organization: {{name: Acme Robotics, contact: "https://acme-robotics.dev/security"}}
account: {{index: pypi, username: acme-reserve}}
packages: [{{name: {package}, companions: [{companion}]}}, other-package]
"""


@pytest.mark.parametrize(
    ("package", "companion"),
    [
        ("pytest-cov", "pytest"),
        ("flask-sqlalchemy", "sqlalchemy"),
        ("langgraph", "langgraph-sdk"),
        ("a-tool", "b-tool"),
    ],
)
def test_a_companion_that_looks_like_an_own_package_is_neither_an_error_nor_a_warning(
    package: str, companion: str
) -> None:
    loaded = read_portfolio(_NAMES.format(package=package, companion=companion).encode(), path="names.yaml")
    assert loaded.warnings == ()
    assert loaded.portfolio.packages[0].companions == (companion,)
