"""What a text tells to install: commands of any installer, and sentences."""

from __future__ import annotations

import pytest

from namehold.mentions import find_installed


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("pip install acme-tool", ["acme-tool"]),
        ("Run `pip install -U --pre acme-tool==1.0` now.", ["acme-tool"]),
        ("(pip3 install 'acme.tool[fast]')", ["acme.tool"]),
        ("uv add acme_tool; poetry add acme-sdk.", ["acme_tool", "acme-sdk"]),
        ("uv pip install acme-tool", ["acme-tool"]),
        ("python -m pip install acme-tool-", ["acme-tool"]),
        ("Install acme-tool instead.", ["acme-tool"]),
        ("Install `acme-tool` instead of this", ["acme-tool"]),
        ("pip install it", []),
        ("install acme-tool", []),
        ("npm install acme-tool", []),
        ("pip install", []),
        ("pip install -r", []),
        ("pip install ../acme", []),
        ("pip install é", []),
        ("pip install\nacme-tool", []),
        ("# Acme\n\npip install acme-tool\nInstall acme-sdk instead\n", ["acme-tool", "acme-sdk"]),
        ("pip install pip install acme", ["pip", "acme"]),
        ("-pip -install -pip -install acme", ["acme"]),
    ],
)
def test_names_after_commands_and_in_sentences(text: str, names: list[str]) -> None:
    assert list(find_installed(text)) == names
