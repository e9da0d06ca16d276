"""Which names honest portfolios lose by the rule of whose a name is, with the reason, and what abusers' ones get.

    python -m bench.territory --data names.txt.gz [--first 15] [--json FILE]

`--data` is a list of all names of the index, plain or gzip. Of each honest portfolio the first unregistered candidates
of each package are asked about, as they are ranked; of abusers' ones every name that they ask for, whatever names.yaml
says of it. No release is read and no owner looked up, so surfaces and organizations open nothing here.
`--json` writes the names that were asked about, for a comparison with another rule.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from packaging.utils import NormalizedName

from namehold.candidates import derive_candidates, general_words, load_dictionary, load_weights, popular_names
from namehold.ledger import Holdings
from namehold.plan import Territory, make_territory
from namehold.portfolio import Portfolio, read_portfolio
from namehold.snapshot import Snapshot, SnapshotStore

TODAY = dt.date(2026, 11, 28)

#: Each is one portfolio, but the last two: there every package is one of its own. The organization is called as the
#: first package, so that its name adds no word.
HONEST: Mapping[str, str] = {
    "a web framework's organization": (
        "flask jinja2 werkzeug click quart flask-sqlalchemy flask-wtf wtforms itsdangerous markupsafe blinker "
        "flask-login"
    ),
    "an organization of tools": "uv ruff ruff-lsp ty",
    "another one, with plug-ins": (
        "pytest pytest-cov pytest-xdist pytest-mock pytest-asyncio pytest-timeout pytest-randomly"
    ),
    "HTTP libraries": "httpx httpcore starlette uvicorn databases",
    "a hub of models": "huggingface-hub transformers datasets tokenizers accelerate diffusers safetensors",
    "the invented organization of the tutorial": (
        "acme-robotics-sdk python-gripwright roverlink-mqtt servoforge-core servoforge-vision"
    ),
    "packages of all kinds, each alone": (
        "requests stripe kubernetes langchain-anthropic acme-payments py-cpuinfo flake8 numpy pytest-snapshotter "
        "django-silk python-jose mcp-server-git huggingface-hub google-cloud-bigquery scikit-image zope-interface "
        "openai torch claude-agent-sdk hcl2json3 r2pipe s3fs q x2 pydantic-ai fastapi-users boto3-stubs"
    ),
    "little-known packages, each alone": (
        "zope-interface mcp-server-git rich-argparse tox-uv click-plugins pdfminer-six orjson jsonlines"
    ),
}
ALONE = "each alone"

_BRANDS = (
    "stripe-checkout openai-agents-gateway anthropic-billing huggingface-models nvidia-drivers tensorflow-windows "
    "pytorch-cuda12 whatsapp-business salesforce-crm netflix-metrics microsoft-copilot-chat kubernetes-operator-kit "
    "numpy-financials aws-bedrock-gateway coinbase-wallet metamask-wallet binance-trading-bot claude-code-sdk "
    "chatgpt-desktop gemini-cli-tools zoom-meetings-sdk paypal-checkout"
)
_TYPOS = " ".join(("requestss", "numpyy", "pandass", "cryptograpy", "djanggo", "boto33", "scikit-lern", "urllib33"))
_STRANGERS = (
    "taxonomy-resolvre adblock-decodre paypal-sdk netflix-sdk coinbase-cli requestss-cli numpyy-tools requests2"
)
#: Right names beside the abuser's own misspelled ones: the other word is in no dictionary.
_MISSPELLED = (
    "pytorhc-cuda12 tensorflwo-rocm7 numpyy-avx5122 kubernets-k3x9 requsts-zq9 fastapii-vueqq huggingfac-gguf9 "
    "strippe-zq9 weird-convertre-x9k2 zq9-pytorhc pytorhccuda13 my-pytorhc-cuda14 openaii-qwenq anthropicc-mcpq"
)
_RIGHT = (
    "pytorch-cuda12 pytorc-cuda12 pytorch-cuda13 tensorflow-rocm7 numpy-avx5122 numpy-avx512 kubernetes-k3x9 "
    "kubernete-k3x9 requests-zq9 request-zq9 fastapi-vueqq huggingface-gguf9 stripe-zq9 weird-converter-x9k2 "
    "weird-convertr-x9k2 zq9-pytorch pytorchcuda13 pytorch-cuda14 my-pytorch-cuda14 openai-qwenq anthropic-mcpq "
    "cuda12-pytorch pytorch-cuda1"
)
#: What an abuser has, and what he asks for around it.
ABUSIVE: Mapping[str, str] = {
    "my-old-junk": f"{_BRANDS} {_TYPOS} {_STRANGERS}",
    "paypal-junk2 old-requests2": f"{_BRANDS} {_TYPOS} {_STRANGERS}",
    "junk-requestss x-numpyy adblock-decodre-tool": f"{_BRANDS} {_TYPOS} {_STRANGERS}",
    "brand-netflix-x our-coinbase": f"{_BRANDS} {_TYPOS} {_STRANGERS}",
    "paypal-checkoutt coinbase-wallett netflix-sdkk": f"{_BRANDS} {_TYPOS} {_STRANGERS}",
    _MISSPELLED: _RIGHT,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=lambda text: Path(text).absolute(), required=True)
    parser.add_argument("--first", type=int, default=15)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        load = [sys.executable, "-m", "namehold", "snapshot", "import", str(options.data)]
        environment = {**os.environ, "NAMEHOLD_CACHE": folder}
        subprocess.run(load, env=environment, stdout=subprocess.DEVNULL, cwd=folder, check=True)
        snapshot = SnapshotStore(Path(folder) / "snapshots").open("pypi")
        if snapshot is None:
            sys.exit("the list of names can't be read")
        asked = {title: list(ask_honest(title, snapshot, options.first)) for title in HONEST}
        for title, rows in asked.items():
            show(title, rows)
        for packages, wanted in ABUSIVE.items():
            show(f"abuser with {packages}", list(ask_abusive(packages, wanted, snapshot)), are_lost=False)
    if options.json:
        options.json.write_text(json.dumps(asked, indent=1), encoding="utf-8")


#: A package, a name, and the rule and sentence by which it is lost; both empty where it isn't.
Row = tuple[str, str, str, str]


def ask_honest(title: str, snapshot: Snapshot, first: int) -> Iterator[Row]:
    packages = HONEST[title].split()
    for names in [[name] for name in packages] if title.endswith(ALONE) else [packages]:
        portfolio = portfolio_of(names)
        territory = territory_of(portfolio, snapshot)
        seen: Counter[str] = Counter()
        listed = list(derive_candidates(portfolio, weights=load_weights(), popular=popular_names().ranks))
        taken = snapshot.existing(tuple(candidate.name for candidate in listed))
        for candidate in listed:
            if candidate.name not in taken and seen[candidate.target] < first:
                seen[candidate.target] += 1
                yield ask(territory, candidate.name, candidate.target)


def ask_abusive(packages: str, wanted: str, snapshot: Snapshot) -> Iterator[Row]:
    portfolio = portfolio_of(packages.split())
    territory = territory_of(portfolio, snapshot)
    names = [NormalizedName(name) for name in wanted.split()]
    taken = snapshot.existing(tuple(names))
    for name in names:
        if name not in taken:
            yield ask(territory, name, portfolio.packages[0].name)


def ask(territory: Territory, name: NormalizedName, target: NormalizedName) -> Row:
    obstacle = territory.find_obstacle(name, target=target)
    return target, name, obstacle.rule if obstacle else "", obstacle.text if obstacle else ""


def show(title: str, rows: list[Row], *, are_lost: bool = True) -> None:
    ours = [name for _, name, rule, _ in rows if not rule]
    print(f"\n{title}: {len(ours)} of {len(rows)}")
    if not are_lost:
        print(f"   {' '.join(ours) or 'none'}")
        return
    by_reason: dict[str, list[str]] = defaultdict(list)
    for _, name, rule, text in rows:
        if rule:
            by_reason[f"{rule}: {text}"].append(name)
    for reason, names in sorted(by_reason.items()):
        print(f"   {' '.join(names)}: {reason}")


def portfolio_of(packages: list[str]) -> Portfolio:
    text = (
        f"organization: {{name: {packages[0]}, contact: 'https://code.quayline.dev/issues'}}\n"
        f"account: {{index: pypi, username: quayline}}\npackages: [{', '.join(packages)}]\n"
    )
    return read_portfolio(text.encode(), path="names.yaml").portfolio


def territory_of(portfolio: Portfolio, snapshot: Snapshot) -> Territory:
    return make_territory(
        portfolio,
        view=snapshot,
        holdings=Holdings(),
        popular=popular_names().ranks,
        dictionary=load_dictionary().words,
        general=general_words(),
        as_of=TODAY,
    )


if __name__ == "__main__":
    main()
