"""A package index on 127.0.0.1 that judges uploads as the real one does.

from namehold import rehearsal

with rehearsal.start(users=["acme-bot"]) as index:
    token = index.mint_token("acme-bot")
    index.upload_url, index.simple_url
"""

from typing import TYPE_CHECKING

from namehold import load_late

if TYPE_CHECKING:
    from namehold.rehearsal.clocks import SteppedClock
    from namehold.rehearsal.faults import Faults
    from namehold.rehearsal.limits import parse_quota
    from namehold.rehearsal.running import RunningIndex, serve_forever, start
    from namehold.rehearsal.seeds import make_wheel
    from namehold.rehearsal.state import IndexState
else:
    __getattr__ = load_late(
        __name__, clocks="SteppedClock", faults="Faults", limits="parse_quota", running="RunningIndex serve_forever "
        "start", seeds="make_wheel", state="IndexState")

__all__ = [
    "Faults", "IndexState", "make_wheel", "parse_quota", "RunningIndex", "serve_forever", "start", "SteppedClock",
]
