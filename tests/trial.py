"""The worked names.yaml of commands that are tried against an index on this machine."""

from __future__ import annotations

from namehold.rehearsal.running import RunningIndex

_CONFIG = """\
organization:
  name: Acme Robotics
  contact: https://acme-robotics.example/security
  homepage: https://acme-robotics.example/
account:
  index: trial
  username: acme
index:
  upload: {upload}
  simple: {simple}
  json: {json}
demo: true
"""


def trial_config(index: RunningIndex, rest: str) -> str:
    """An invented organization on `index`; `rest` holds its packages and whatever else the test needs."""
    return _CONFIG.format(upload=index.upload_url, simple=index.simple_url, json=index.json_url) + rest
