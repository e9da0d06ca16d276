"""Nothing that a claimant writes opens what goes to a stranger; what is an organization's own stays its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache

import pytest
from hypothesis import given
from packaging.utils import NormalizedName
from tests.harness.names import LETTERS, dashed, word
from tests.harness.values import AS_OF, PROFILE, QUOTA, PlainRenderer, name

from namehold.candidates import general_words, load_dictionary, load_weights, popular_names
from namehold.ledger import Holdings
from namehold.ownership.prove import OwnershipProof, OwnershipRule, OwnershipVerdict
from namehold.plan import Plan, Territory, make_plan, make_territory
from namehold.plan.words import count_words
from namehold.portfolio import Evidence, Observation, Portfolio, Route, Surface, SurfaceKind
from namehold.portfolio.packages import Release
from namehold.portfolio.read import read_portfolio
from namehold.snapshot import Snapshot

TYPOSQUATS = ["requestss", "numpyy", "pandass", "cryptograpy", "djanggo", "boto33", "scikit-lern", "urllib33"]
BRANDS = [
    "stripe-checkout",
    "openai-agents-gateway",
    "anthropic-billing",
    "huggingface-models",
    "nvidia-drivers",
    "tensorflow-windows",
    "pytorch-cuda12",
    "whatsapp-business",
    "salesforce-crm",
    "netflix-metrics",
    "microsoft-copilot-chat",
    "kubernetes-operator-kit",
    "numpy-financials",
    "aws-bedrock-gateway",
    "coinbase-wallet",
    "metamask-wallet",
    "binance-trading-bot",
    "claude-code-sdk",
    "chatgpt-desktop",
    "gemini-cli-tools",
    "zoom-meetings-sdk",
    "paypal-checkout",
]
#: Projects that few people know, and names beside them: neighbours swapped at the end, and one with a word added.
UNKNOWN = [
    "weird-converter",
    "sashimi-cli",
    "chem-eclipse",
    "pgturbo-ce",
    "dynamic-unet",
    "lambda-logger",
    "space-ml-sim",
    "conductor-py",
    "script-builder",
    "turboquant-ml",
    "ai-model-picker",
    "orchard-aws",
    "random-number-game",
    "taxonomy-resolver",
    "adblock-decoder",
]
NEIGHBOURS = [
    "weird-convertre",
    "sashimi-cil",
    "chem-eclipes",
    "pgturbo-ec",
    "dynamic-unte",
    "lambda-loggre",
    "space-ml-smi",
    "conductor-yp",
    "script-builder-cli",
    "turboquant-ml-cli",
    "ai-model-picker-cli",
    "orchard-aws-cli",
    "random-number-game-cli",
]
STRANGERS = [*UNKNOWN, "paypal", "coinbase", "netflix", "borealis", "old", "junk"]
PORTFOLIOS = {"typosquats": TYPOSQUATS, "brands": BRANDS, "neighbours": NEIGHBOURS}


@cache
def snapshot(*ours: str) -> Snapshot:
    """The well-known projects, the strangers above, and ours."""
    listed = [*popular_names().ranks, *map(name, STRANGERS), *map(name, ours)]
    return Snapshot.of(listed, index="pypi", source=PROFILE.simple, taken=AS_OF)


def owning(text: str, *, organization: str = "Nobody Ltd") -> Portfolio:
    head = f'organization: {{name: "{organization}", contact: "security@nobody-ltd.dev"}}\n'
    account = "account: {index: pypi, username: nobody}\nbudget: {total: 100, per_package: 10}\n"
    return read_portfolio((head + account + text).encode(), path="").portfolio


def plan(
    owned: Portfolio,
    *,
    releases: Mapping[NormalizedName, tuple[Surface, ...]] | None = None,
    proofs: Sequence[OwnershipProof] = (),
    strangers: str = "",
) -> Plan:
    return make_plan(
        owned,
        view=snapshot(*(str(package.name) for package in owned.packages), *strangers.split()),
        proofs=tuple(proofs),
        holdings=Holdings(),
        renderer=PlainRenderer(),
        weights=load_weights(),
        popular=popular_names().ranks,
        dictionary=load_dictionary().words,
        general=general_words(),
        as_of=AS_OF,
        quota=QUOTA,
        profile=PROFILE,
        releases=releases or {},
    )


def territory(
    owned: Portfolio,
    *more: str,
    proofs: Sequence[OwnershipProof] = (),
    releases: Mapping[NormalizedName, tuple[Surface, ...]] | None = None,
) -> Territory:
    return make_territory(
        owned,
        view=snapshot(*(str(package.name) for package in owned.packages), *more),
        holdings=Holdings(),
        popular=popular_names().ranks,
        dictionary=load_dictionary().words,
        general=general_words(),
        as_of=AS_OF,
        profile=PROFILE,
        proofs=proofs,
        releases=releases or {},
    )


def acted_on(made: Plan, names: list[str]) -> dict[str, Route]:
    """Those of the names that the plan reserves or requests."""
    found = {item.candidate.name: item.route for item in made.assessments}
    return {text: found[name(text)] for text in names if found.get(name(text)) in {Route.RESERVE, Route.REQUEST}}


def lists_of(names: list[str]) -> dict[str, str]:
    """Every way in which names.yaml can ask for names, as its text."""
    package, listed = "packages: [{name: my-old-junk", ", ".join(names)
    observed = "".join(f"  - {{name: {n}, package: my-old-junk, source: x, date: 2026-10-01}}\n" for n in names)
    always = "".join(f"  - {{name: {n}, package: my-old-junk, reason: we want it, route: reserve}}\n" for n in names)
    internal = "".join(f"  - {{name: {n}, ask: refuse}}\n" for n in names)
    policy = "policy: {name: protective, threshold: 0.0}\n"
    return {
        "commands": f"{package}, commands: [{listed}]}}]\n{policy}",
        "confirmed": f"{package}, commands: [{listed}], confirmed: [{listed}]}}]\n{policy}",
        "former": f"{package}, former: [{listed}], confirmed: [{listed}]}}]\n{policy}",
        "aliases": f"{package}, aliases: [{listed}], confirmed: [{listed}]}}]\n{policy}",
        "observed": f"{package}}}]\nobserved:\n{observed}{policy}",
        "observed-confirmed": f"{package}, confirmed: [{listed}]}}]\nobserved:\n{observed}{policy}",
        "always": f"{package}}}]\nalways:\n{always}{policy}",
        "always-confirmed": f"{package}, confirmed: [{listed}]}}]\nalways:\n{always}{policy}",
        "internal": f"{package}}}]\ninternal:\n{internal}{policy}",
    }


@pytest.mark.parametrize("way", list(lists_of(["x-y"])))
@pytest.mark.parametrize("which", list(PORTFOLIOS))
def test_an_abuser_gets_nothing_however_names_yaml_asks(which: str, way: str) -> None:
    names = PORTFOLIOS[which]
    assert acted_on(plan(owning(lists_of(names)[way])), names) == {}


@pytest.mark.parametrize("which", list(PORTFOLIOS))
def test_evidence_that_models_told_a_strangers_name_opens_nothing(which: str) -> None:
    names = PORTFOLIOS[which]
    portfolio = owning("packages: [{name: my-old-junk}]\npolicy: {name: protective, threshold: 0.0}\n")
    told = tuple(
        Observation(
            name=name(text),
            package=name("my-old-junk"),
            source="model m1",
            date=AS_OF,
            kind=SurfaceKind.PROBED,
            count=50,
            of=50,
            runs=5,
            of_runs=5,
            prompts=10,
            of_prompts=10,
        )
        for text in names
    )
    assert acted_on(plan(portfolio.with_evidence(Evidence(observations=told))), names) == {}


@pytest.mark.parametrize("brand", ["PayPal", "Netflix", "OpenAI", "Requestss"])
def test_the_organizations_name_as_names_yaml_writes_it_opens_nothing(brand: str) -> None:
    word = brand.lower()
    names = [f"{word}-checkout", f"{word}-sdk", f"{word}-cli", f"python-{word}", *TYPOSQUATS, *BRANDS]
    made = plan(owning(lists_of([*dict.fromkeys(names)])["always-confirmed"], organization=brand))
    assert acted_on(made, names) == {}


@pytest.mark.parametrize(
    ("project", "names"),
    [
        ("paypal-junk2", ["paypal-checkout", "paypal-sdk", "paypal-cli"]),
        ("old-requests2", ["requestss", "old-requests-cli", "requests2", "requests2-cli"]),
        ("junk-requestss", ["requestss", "requestss-cli", "python-requestss"]),
        ("x-adblock-decodre", ["adblock-decodre", "adblock-decodre-cli"]),
        ("adblock-x", ["adblock-decodre", "adblock-decoder-cli"]),
        ("weird-thing", ["weird-convertre"]),
        # What was registered as a misspelled name for a stranger's project.
        ("numpy-toolss", ["numpy-tools", "numpy-tool"]),
        ("requests-pluginn", ["requests-plugin", "requests-plugins"]),
        ("huggingface-hubb-modelss", ["huggingface-hub-models"]),
        ("paypal-checkoutt", ["paypal-checkout"]),
    ],
)
def test_a_project_that_carries_a_strangers_word_opens_nothing_around_it(project: str, names: list[str]) -> None:
    always = "".join(f"  - {{name: {n}, package: {project}, reason: ours}}\n" for n in names)
    made = plan(owning(f"packages: [{{name: {project}, confirmed: [{', '.join(names)}]}}]\nalways:\n{always}"))
    assert acted_on(made, names) == {}


@pytest.mark.parametrize(
    ("projects", "names"),
    [
        ("flask, jinja2, werkzeug, flask-wtf, wtforms", "python-flask flask-client flaks flask-wft wtforms-cli"),
        ("uv, ruff, ruff-lsp", "uv-python uv-cli python-ruff ruff-client ruff-ls"),
        (
            "borealis-scope, quayline",
            "scope-borealis borealis-scopes borealis-scope-mcp pyquayline quaylinectl",
        ),
        ("scikit-learn", "scikit-lern scikit-learn-mcp python-scikit-learn"),
    ],
)
def test_what_is_near_an_organizations_own_projects_or_holds_its_words_is_its_own(projects: str, names: str) -> None:
    owned = owning(f"packages: [{projects}]\n")
    land = territory(owned)
    refused = {text: land.find_obstacle(name(text), target=owned.packages[0].name) for text in names.split()}
    assert {text: found.text for text, found in refused.items() if found is not None} == {}


#: An abuser's own misspelled project, and the names that its neighbours in the alphabet of errors would open.
MISSPELLED = [
    ("pytorhc-cuda12", "pytorch-cuda12 pytorc-cuda12 pytorch-cuda13 cuda12-pytorch"),
    ("tensorflwo-rocm7", "tensorflow-rocm7"),
    ("numpyy-avx5122", "numpy-avx5122 numpy-avx512"),
    ("requsts-zq9", "requests-zq9 request-zq9"),
    ("zq9-pytorhc", "zq9-pytorch zq9-pytorc"),
    ("my-djagno-zq9", "my-django-zq9"),
    # Brands that are words of the language, too.
    ("strippe-zq9", "stripe-zq9"),
    ("strip-zq9", "stripe-zq9"),
    ("request-zq9", "requests-zq9"),
    # Run together with the other word, or with its dash elsewhere.
    ("pytorhccuda13", "pytorchcuda13"),
    ("cuda13pytorhc", "cuda13pytorch"),
    ("djang-oo-zq9", "django-o-zq9"),
    # Strangers that few people know.
    ("weird-convertre-x9k2", "weird-converter-x9k2 weird-convertr-x9k2"),
    ("weird-x9k2", "weird-converter-x9k2 weird-converter-cli"),
    ("conductor-yp-x9k2", "conductor-py-x9k2"),
    # Two of one's own, each misspelled otherwise.
    ("pytorhc-zq9, pytroch-zq9, ptorch-zq9", "pytorch-zq9 pytorc-zq9 pytorch-zq99"),
    ("pytorhc, pytorhc-zq9", "pytorch-zq9"),
]


@pytest.mark.parametrize(("projects", "names"), MISSPELLED, ids=[projects for projects, _ in MISSPELLED])
def test_a_misspelled_project_of_ones_own_opens_no_right_name_whatever_the_other_word_is(
    projects: str, names: str
) -> None:
    land = territory(owning(f"packages: [{projects}]\n"))
    assert {
        text: land.claim(name(text)).whose for text in names.split() if land.claim(name(text)).whose == "ours"
    } == {}


@pytest.mark.parametrize(
    ("projects", "names"),
    [
        # A word of the language for another one that some project is called by.
        ("servoforge-vision", "servoforge-visions servoforge-vison"),
        # Other versions, other places of the words.
        ("hcl2json3", "hcl2json5"),
        ("flask-gripwright", "flask-gripwrigt falsk-gripwright gripwright-flask"),
        # What is well known has the fewer letters, also where an unknown project is nearer.
        ("kubernetes", "kubernet"),
        ("jsonlines", "jsonlin"),
        # Plug-ins of one's own in a row.
        ("pytest, pytest-cov, pytest-asyncio", "pytest-cov-asyncio pytest-asyncio-cov"),
        ("flask, flask-wtf, flask-login", "flask-login-wtf"),
        # The other word is a project of one's own, or a general one: no stranger is meant by it.
        ("langgraph, quaylinelanggraph", "quayline-langgraph"),
        ("quayline-cmp", "quaylin-mcp"),
    ],
)  # fmt: skip
def test_honest_names_that_have_a_strangers_project_near_by_stay(projects: str, names: str) -> None:
    land = territory(owning(f"packages: [{projects}]\n"), "kubernety", "jsonbin")
    assert {land.claim(name(text)).whose for text in names.split()} == {"ours"}


def test_plug_ins_in_a_row_need_what_they_are_plug_ins_for() -> None:
    for projects in ("zq9-pytorch, zq9-numpy", "client, client-pytorch, client-numpy"):
        land = territory(owning(f"packages: [{projects}]\n"))
        for text in ("zq9-pytorch-numpy", "client-pytorch-numpy"):
            assert land.claim(name(text)).whose != "ours"


def test_an_unknown_project_takes_no_cut_name_of_an_unknown_one() -> None:
    assert territory(owning("packages: [quaylinees]\n"), "quaylina").claim(name("quaylin")).whose != "ours"


def test_a_typing_error_for_our_plug_in_of_a_strangers_project_is_ours() -> None:
    """Ours spells the same project's name, or is better known than it, or it is an unknown one called by a word."""
    for package, text in (("flask-tools", "flask-tool"), ("flask-gripwright", "flask-gripwrigt")):
        assert territory(owning(f"packages: [{package}]\n")).claim(name(text)).whose == "ours"
    assert territory(owning("packages: [scikit-learn]\n"), "scikit").claim(name("scikit-lean")).whose == "ours"
    assert territory(owning("packages: [acme-payments]\n"), "payments").claim(name("acmes-payments")).whose == "ours"


def test_a_word_that_strangers_bear_is_own_only_where_most_of_its_bearers_are_ours_and_better_known() -> None:
    owned = owning("packages: [borealis-scope, borealis-client]\n")
    assert territory(owned, "borealis-x").claim(name("borealis-sdk")).whose == "strangers"
    # How many packages bear it is in a claimant's hand.
    most = owning("packages: [borealis-scope, borealis-client, borealis-mesh]\n")
    assert territory(most).claim(name("borealis-sdk")).whose == "strangers"
    known = owning("packages: [charset-normalizer, charset-mesh]\n")
    assert territory(known, "charset").claim(name("charset-sdk")).whose == "ours"
    strangers = [f"charset-{letter}" for letter in "xyz"]
    assert territory(known, "charset", *strangers).claim(name("charset-sdk")).whose == "strangers"


def test_between_two_unknown_projects_a_typing_error_is_unowned() -> None:
    owned = owning("packages: [quayline]\n")
    claim = territory(owned, "quaylane").claim(name("quaylene"))
    assert (claim.whose, claim.other) == ("unowned", "quaylane")


def test_an_unknown_project_two_edits_from_an_invented_word_takes_it_from_no_one() -> None:
    owned = owning("packages: [servoforge-core, servoforge-vision]\n")
    near = territory(owned, "serp-forge", "surroforge")
    assert {near.claim(name(text)).whose for text in ("servoforge", "servoforge-cli", "servofoge")} == {"ours"}
    # One edit away it does, and so does a well-known project two edits away.
    assert territory(owned, "servoforga").claim(name("servoforge-cli")).whose != "ours"
    known = owning("packages: [kubernetez-tools, kubernotez-core]\n")
    assert territory(known).claim(name("kubernotez-cli")).whose != "ours"


def test_a_stranger_that_nobody_knows_counts_by_the_length_of_the_name() -> None:
    short = owning("packages: [quayl]\n")
    assert territory(short, "quoyl").claim(name("queyl")).whose == "ours"
    long = owning("packages: [quaylines-scope]\n")
    assert territory(long, "quaylunes-scupe").claim(name("quaylunas-scope")).whose == "unowned"


# ------------------------------------------------------------------ surfaces


def shown(kind: SurfaceKind, value: str, since: dt.date) -> Surface:
    release = Release(version="1.0", date=since)
    return Surface(kind=kind, value=value, source="a wheel", first_release=release, last_release=release)


COMMAND = "packages: [{name: quayline, commands: [fleetdial], confirmed: [fleetdial]}]\n"
OLD, YOUNG = AS_OF - dt.timedelta(days=180), AS_OF - dt.timedelta(days=179)


def first_rule(made: Plan, text: str) -> tuple[Route, str]:
    (found,) = made.find([name(text)]).values()
    return found.route, found.reasons[0].rule


@pytest.mark.parametrize(
    ("kind", "since", "expected"),
    [
        (SurfaceKind.COMMAND, OLD, (Route.RESERVE, "surface-confirmed")),
        (SurfaceKind.COMMAND, YOUNG, (Route.WATCH, "surface-unread")),
        (SurfaceKind.IMPORT, OLD, (Route.WATCH, "surface-unread")),
    ],
)
def test_a_command_stands_once_an_old_release_shows_it(
    kind: SurfaceKind, since: dt.date, expected: tuple[Route, str]
) -> None:
    releases = {name("quayline"): (shown(kind, "fleetdial", since),)}
    assert first_rule(plan(owning(COMMAND), releases=releases), "fleetdial") == expected


def test_until_releases_were_read_a_command_with_a_foreign_word_is_watched() -> None:
    made = plan(owning(COMMAND))
    assert first_rule(made, "fleetdial") == (Route.WATCH, "surface-unread")
    (found,) = made.find([name("fleetdial")]).values()
    assert "no release read yet: namehold discover" in found.reasons[0].text


def test_a_command_of_own_and_general_words_needs_no_release() -> None:
    owned = owning("packages: [{name: quayline, commands: [quaylinectl, quayline-server]}]\n")
    assert acted_on(plan(owned), ["quaylinectl", "quayline-server"]).keys() == {"quaylinectl", "quayline-server"}


@pytest.mark.parametrize("command", ["harbour-yamlctl", "pyharbour-yaml"])
def test_a_general_word_may_be_glued_to_a_name_of_several_words(command: str) -> None:
    # 'harbour' alone is one edit from a known project, and 'yaml' says nothing about whose a name is.
    owned = owning(f"packages: [{{name: harbour-yaml, commands: [{command}]}}]\n")
    assert territory(owned).own_parts(name("harbour-yaml")) == ("harbour-yaml",)
    assert first_rule(plan(owned), command) == (Route.RESERVE, "surface")


def test_a_glued_word_opens_nothing_beside_a_strangers_project() -> None:
    owned = owning("packages: [{name: google-api, commands: [google-apicore]}]\n")
    assert acted_on(plan(owned), ["google-apicore"]) == {}


def test_what_names_yaml_says_of_releases_proves_nothing() -> None:
    command = "{value: fleetdial, source: a wheel, first_release: {version: '1', date: 2020-01-01}}"
    owned = owning(f"packages: [{{name: quayline, commands: [{command}], confirmed: [fleetdial]}}]\n")
    assert first_rule(plan(owned), "fleetdial") == (Route.WATCH, "surface-unread")


def test_an_old_command_one_edit_from_a_better_known_project_is_theirs() -> None:
    owned = owning(f"packages: [{{name: my-old-junk, commands: [{', '.join(TYPOSQUATS)}]}}]\n")
    surfaces = tuple(shown(SurfaceKind.COMMAND, text, OLD) for text in TYPOSQUATS)
    assert acted_on(plan(owned, releases={name("my-old-junk"): surfaces}), TYPOSQUATS) == {}


# ------------------------------------------------------------------ the organization on the index


def owned_by(organization: str, verdict: OwnershipVerdict = OwnershipVerdict.PROVED) -> OwnershipProof:
    time = dt.datetime.combine(AS_OF, dt.time(), dt.UTC)
    return OwnershipProof(
        target=name("quayline"), verdict=verdict, rule=OwnershipRule.ACCOUNT_OWNS, text="", fix="", time=time,
        organization=organization,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("proofs", "expected"),
    [
        ([owned_by("Harbour-Works")], ("ours", "harbour-works")),
        ([owned_by("Harbour-Works", OwnershipVerdict.CONTRADICTED)], ("unowned", "")),
        ([owned_by("")], ("unowned", "")),
        ([], ("unowned", "")),
    ],
    ids=["the index shows it", "not ours", "none", "never asked"],
)
def test_the_name_of_the_organization_is_an_own_word_where_the_index_shows_it_as_the_owner(
    proofs: list[OwnershipProof], expected: tuple[str, str]
) -> None:
    land = territory(owning("packages: [quayline]\n", organization="Harbour Works"), proofs=proofs)
    claim = land.claim(name("harbour-works-client"))
    assert (claim.whose, claim.organization) == expected
    # What is our package's by itself needs no organization.
    assert land.claim(name("quayline-client")).organization == ""


@pytest.mark.parametrize("brand", ["netflix", "paypal", "client", "requests"])
def test_an_organization_called_as_a_strangers_project_opens_nothing(brand: str) -> None:
    land = territory(owning("packages: [quayline]\n"), proofs=[owned_by(brand)])
    for text in (f"{brand}-server", f"{brand}s", f"python-{brand}"):
        assert land.claim(name(text)).whose != "ours"


def test_a_word_that_a_name_has_twice_is_in_one_name() -> None:
    assert count_words(["quay-quay", "quay-scope"]) == {"quay": 2, "scope": 1}


# ------------------------------------------------------------------ hostile names

LAND = territory(owning("packages: [quayline, quayline-scope]\n"))
words = dashed(word(LETTERS, 6), word(LETTERS, 6), 40)


@given(words)
def test_every_name_has_one_answer(text: NormalizedName) -> None:
    claim = LAND.claim(text)
    obstacle = LAND.find_obstacle(text, target=name("quayline"))
    assert claim.other if claim.whose in {"strangers", "foreign-word"} else claim.whose in {"ours", "unowned"}
    assert claim.whose == "ours" or obstacle is not None
