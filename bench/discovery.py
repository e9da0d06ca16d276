"""What it costs to know one's own: discovery without downloading wheels, and looking up taken names only once.

    python -m bench.discovery

Real HTTP on loopback against the rehearsal index; the wheels are made here and don't compress.
On loopback bytes cost nearly nothing: the times show overhead, the bytes and requests show what a network would feel.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import tempfile
import time
from pathlib import Path

from packaging.utils import NormalizedName

from namehold import rehearsal
from namehold.evidence.discover import discover_packages
from namehold.index.access.cache import KeptAnswers
from namehold.index.access.http import HttpIndex
from namehold.portfolio.model import Account, Organization, Portfolio
from namehold.portfolio.packages import Package
from namehold.rehearsal.running import RunningIndex
from namehold.rehearsal.seeds import make_wheel
from namehold.watch.taken import look_up

NOW = dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.UTC)
CONTACT = "security@acme.example"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packages", type=int, default=50)
    parser.add_argument("--megabytes", type=float, default=3.0, help="of each wheel")
    parser.add_argument("--names", type=int, default=200)
    options = parser.parse_args()
    packages = [NormalizedName(f"acme-tool-{number}") for number in range(options.packages)]
    taken = [NormalizedName(f"acme-tol-{number}") for number in range(options.names)]
    with rehearsal.start(users=["acme"], strangers=frozenset(taken)) as index:
        wheels = {name: large_wheel(name, int(options.megabytes * 1_000_000)) for name in packages}
        for name, wheel in wheels.items():
            index.state.add_project(name, owner="acme", files=[wheel])
        portfolio = Portfolio(
            organization=Organization(name="Acme Robotics", contact=CONTACT),
            account=Account(index="rehearsal", username="acme"),
            packages=tuple(Package(name=name, spelled=name) for name in packages),
        )
        measure_discovery(index, portfolio, sum(len(content) for _, content in wheels.values()))
        measure_look_up(index, portfolio, taken)


def large_wheel(name: NormalizedName, size: int) -> tuple[str, bytes]:
    """A wheel with that many bytes of incompressible data before its metadata, as compiled ones have."""
    import io  # noqa: PLC0415 -- see below
    import zipfile  # noqa: PLC0415 -- only this function takes archives apart

    filename, small = make_wheel(
        name, requires_dist=("numpy>=2",), project_urls={"Source": f"https://code.acme.example/acme/{name}"}
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(small)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        new.writestr(f"{name.replace('-', '_')}/model.bin", random.Random(name).randbytes(size))  # noqa: S311 -- bytes that don't compress, the same each time
        for info in old.infolist():
            new.writestr(info, old.read(info))
    return filename, stream.getvalue()


def measure_discovery(index: RunningIndex, portfolio: Portfolio, wheel_bytes: int) -> None:
    names = [package.name for package in portfolio.packages]
    with HttpIndex(index.profile, contact=CONTACT) as web:
        started = time.perf_counter()
        found, _ = discover_packages(portfolio, names, web=web, simple=index.simple_url, index="rehearsal", now=NOW)
        discovery_s = time.perf_counter() - started
        read = [item.found for item in found.packages if item.found is not None]
        urls = [file.url for name in names for file in web.project(name).files]
        started = time.perf_counter()
        downloaded = sum(len(web.get(url, max_bytes=100_000_000).content) for url in urls)
        download_s = time.perf_counter() - started
    requests = [item.requests for item in read]
    bytes_read = sum(item.bytes_read for item in read)
    print(f"discovery of {len(read)} packages, {wheel_bytes / 1e6:.0f} MB of wheels")
    print(f"  bytes read              {bytes_read / 1e6:8.2f} MB  ({bytes_read / wheel_bytes:.2%} of the wheels)")
    print(f"  requests a package      {sum(requests) / len(requests):8.2f}     (most: {max(requests)})")
    print(f"  time                    {discovery_s:8.2f} s")
    print(f"  downloading them whole  {download_s:8.2f} s   ({downloaded / 1e6:.0f} MB)")


def measure_look_up(index: RunningIndex, portfolio: Portfolio, taken: list[NormalizedName]) -> None:
    pairs = [(name, portfolio.packages[0].name) for name in taken]
    with tempfile.TemporaryDirectory() as folder:
        print(f"look-up of {len(taken)} taken names")
        for label, fresh_s in (("cold cache", 0.0), ("warm cache", 0.0), ("looked up today", 86_400.0)):
            cache = KeptAnswers(Path(folder), fresh_s=fresh_s)
            with HttpIndex(index.profile, contact=CONTACT, cache=cache) as reader:
                started = time.perf_counter()
                found = look_up(pairs, portfolio, index="rehearsal", reader=reader, now=NOW, limit=len(taken))
                spent_s = time.perf_counter() - started
            counts = cache.counts
            asked = counts["new"] + counts["unchanged"]
            print(
                f"  {label:<16}{len(found.names):5} names, {asked:4} requests: {counts['new']:4} full, "
                f"{counts['unchanged']:4} not modified (304), {counts['fresh']:4} from the cache; {spent_s:.2f} s"
            )


if __name__ == "__main__":
    main()
