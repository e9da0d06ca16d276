from __future__ import annotations

import datetime as dt
import json
import math
from dataclasses import replace
from functools import partial
from importlib.resources import files

import pytest
from packaging.utils import NormalizedName

from namehold.candidates.derive import HALF_ANSWERS, OBSERVED_RATE, derive_candidates
from namehold.candidates.explain import REPEATED, explain_names
from namehold.candidates.model import Candidate, Channel
from namehold.candidates.rank import EVIDENCE_FLOOR, Family, shortlist, strength_of
from namehold.candidates.weights import load_weights
from namehold.candidates.wordlists import popular_names
from namehold.portfolio.model import (
    EVIDENCE_KINDS,
    Account,
    AlwaysName,
    InternalName,
    Observation,
    Organization,
    Policy,
    Portfolio,
)
from namehold.portfolio.packages import NameClass, Package, Surface, SurfaceKind
from namehold.text import LIKELY

POPULAR = popular_names().ranks
WEIGHTS = load_weights()


def named(text: str) -> NormalizedName:
    return NormalizedName(text)


def package(name: str, *surfaces: tuple[str, str]) -> Package:
    return Package(
        name=named(name),
        spelled=name,
        surfaces=tuple(Surface(kind=SurfaceKind(kind), value=value, source="names.yaml") for kind, value in surfaces),
    )


def by_name(candidates: tuple[Candidate, ...]) -> dict[str, Candidate]:
    return {item.name: item for item in candidates}


def ranked(target: Package, *siblings: Package, limit: int = 100) -> tuple[Candidate, ...]:
    family = Family.of((target, *siblings))
    return explain_names(
        shortlist(target, family=family, weights=WEIGHTS, popular=POPULAR, limit=limit), weights=WEIGHTS
    )


def portfolio(*packages: Package, candidates: int = 20, **declared: object) -> Portfolio:
    return Portfolio(
        organization=Organization(name="Acme Robotics", contact="security@acme.example"),
        account=Account(index="testpypi", username="acme"),
        packages=packages,
        policy=Policy(candidates=candidates),
        **declared,  # type: ignore[arg-type]  # each test declares its own kind of names
    )


def derived(held: Portfolio) -> dict[str, Candidate]:
    found = derive_candidates(held, weights=WEIGHTS, popular=POPULAR)
    assert len({item.name for item in found}) == len(found)
    assert [item.score.value for item in found] == sorted((item.score.value for item in found), reverse=True)
    return by_name(found)


# --------------------------------------------------------------------------- the list


@pytest.mark.parametrize(
    ("target", "name", "within"),
    [
        ("requests", "request", 4),
        ("requests", "python-requests", 10),
        ("python-dateutil", "dateutil", 4),
        ("acme-robotics-sdk", "acme-robotics", 4),
        ("pyhamcrest", "hamcrest", 4),
        ("urllib3", "urllib", 4),
        ("asn1tools", "asn1tool", 4),
        ("gunicorn", "gunicor", 10),
        ("acmebot", "acmebot-sdk", 4),
    ],
)
def test_what_people_and_models_come_to_stands_at_the_top(target: str, name: str, within: int) -> None:
    assert name in [item.name for item in ranked(package(target), limit=within)]


def test_an_import_name_stands_first() -> None:
    first = ranked(package("acme-vision-toolkit", ("import", "acvis")))[0]
    assert first.name == "acvis"
    # It is the import itself: nothing is changed, so no arrow leads from it to itself.
    assert first.evidence[0].detail.endswith("from an import: acvis")


@pytest.mark.parametrize(
    "surface",
    [
        *(("import", f"langgraph.{word}") for word in ("errors", "config", "types")),
        ("namespace", "langgraph.cache"),
        ("repository", "graphs"),
        ("command", "graph-server"),
    ],
)
def test_what_is_rarely_asked_for_pushes_no_typing_error_out(surface: tuple[str, str]) -> None:
    plain = [item.name for item in ranked(package("langgraph"), limit=12)]
    found = [item.name for item in ranked(package("langgraph", surface), limit=13)]
    slips = [
        name
        for name in plain
        if Channel.TYPO in {piece.channel for piece in by_name(ranked(package("langgraph")))[name].evidence}
    ]
    assert "langgrahp" in slips
    assert set(slips) <= set(found)


def test_many_inner_modules_push_no_typing_error_out() -> None:
    words = ("callbacks", "channels", "config", "constants", "errors", "func", "graph", "pregel", "types", "version")
    surfaces = tuple(("import", f"langgraph.{word}") for word in words)
    found = [str(item.name) for item in ranked(package("langgraph", *surfaces), limit=25)]
    assert found.index("langgrahp") < min(
        (found.index(name) for name in found if name.removeprefix("langgraph-") in words), default=25
    )


def test_a_rate_that_was_not_learned_is_told_as_assumed() -> None:
    found = by_name(ranked(package("acme-tool", ("alias", "gadget"), ("import", "acmetool"))))
    sources = {piece.surface.kind: piece.source for piece in found["gadget"].evidence}
    assert sources[SurfaceKind.ALIAS].startswith("assumed: taken for the package as often as an import")
    assert all(piece.source == WEIGHTS.source for piece in found["acmetool"].evidence)


def test_words_of_the_year_are_put_on_little_known_names() -> None:
    def place(name: str, popular: dict[NormalizedName, int]) -> int:
        target = package("acmerov")
        found = shortlist(target, family=Family.of((target,)), weights=WEIGHTS, popular=popular, limit=1000)
        return [item.name for item in found.names].index(name)

    assert place("acmerov-mcp", {}) < 10
    assert place("acmerov-mcp", {}) < place("acmerov-mcp", {named("acmerov"): 500})


def test_an_unknown_package_gets_roles_and_a_famous_one_typing_errors() -> None:
    classes = {
        target: [item.evidence[0].channel for item in ranked(package(target), limit=10)]
        for target in ("acmebot", "requests")
    }
    assert classes["acmebot"].count(Channel.OWNER) > classes["requests"].count(Channel.OWNER)
    assert classes["requests"].count(Channel.TYPO) > classes["acmebot"].count(Channel.TYPO)


def test_words_are_put_on_as_they_fit_what_the_package_is() -> None:
    def score(name: str, *companions: str) -> float:
        target = replace(package("acmerov"), companions=tuple(map(named, companions)))
        return by_name(ranked(target, limit=300))[name].score.value

    assert score("acmerov-memory", "openai") > score("acmerov-memory", "httpx") == score("acmerov-memory", "colorama")
    assert score("acmerov-sdk") > score("acmerov-sdk", "torch")
    assert score("acmerov-server", "httpx") > score("acmerov-server")


def test_the_factors_say_how_usual_a_word_is_on_names_of_the_kind() -> None:
    api = by_name(ranked(replace(package("acmerov"), companions=(named("httpx"),)), limit=300))["acmerov-server"]
    assert "a common word put on the name: how usual it is on names of the kind api-client" in {
        factor.label for factor in api.score.factors
    }


def test_the_order_is_by_score_and_the_same_every_time() -> None:
    one, other = ranked(package("acme-tool"), limit=300), ranked(package("acme-tool"), limit=300)
    assert one == other
    order = [(-item.score.value, item.name) for item in one]
    assert order == sorted(order)
    assert len({value for value, _ in order}) < len(order)  # there were equal ones to be put in order


@pytest.mark.parametrize("name", ["scikit-learn", "toml", "acme-robotics-sdk"])
def test_a_longer_list_begins_with_the_shorter_one(name: str) -> None:
    longest = ranked(package(name), limit=1000)
    for limit in (1, 4, 25, 100, 300):
        assert ranked(package(name), limit=limit) == longest[:limit]


def test_a_names_value_is_the_sum_of_the_ways_to_it_calibrated() -> None:
    family = Family(names=frozenset(), namespaces=frozenset())
    found = shortlist(package("toml"), family=family, weights=WEIGHTS, popular=POPULAR, limit=3000)
    for listed in found.names:
        scale = WEIGHTS.taken if listed.name in POPULAR else WEIGHTS.repeated if listed.name in found.repeated else 0.0
        rate = sum(way.rate for way in listed.ways) * math.exp(scale)
        assert listed.value == pytest.approx(-math.expm1(-WEIGHTS.calibration.rate(rate)))
    assert any(len(listed.ways) > 1 for listed in found.names)
    assert any(listed.name in POPULAR for listed in found.names)


def test_long_lists_go_on_to_rare_slips() -> None:
    techniques = {piece.technique for item in ranked(package("numpy"), limit=5000) for piece in item.evidence}
    assert {"two-edits", "other-letter"} <= techniques


def test_long_lists_go_on_to_rare_words() -> None:
    target = package("acme-tool")
    found = shortlist(target, family=Family.of((target,)), weights=WEIGHTS, popular=POPULAR, limit=300)
    ways = {listed.name: listed.ways for listed in found.names}
    assert all(way.rate < EVIDENCE_FLOOR for way in ways["acme-tool-telemetry"])


def test_a_list_is_full_though_its_best_names_are_siblings() -> None:
    target = package("acme-tool")
    siblings = tuple(package(item.name) for item in ranked(target, limit=60))
    found = ranked(target, *siblings, limit=5)
    assert len(found) == 5
    assert found == ranked(target, *siblings, limit=300)[:5]


@pytest.mark.parametrize("name", ["acme-tool", "toml"])
def test_a_list_with_surfaces_is_full_of_the_best_that_are_left_by_siblings(name: str) -> None:
    target = package(name, ("import", "acme_kit"))
    siblings = {item.name for item in ranked(target, limit=40)}
    family = Family(names=frozenset({target.name, *siblings}), namespaces=frozenset())
    listed = partial(shortlist, target, family=family, weights=WEIGHTS, popular=POPULAR, with_surfaces=True)
    whole = listed(limit=100_000).rows
    for limit in range(50, 150, 7):
        assert listed(limit=limit).rows[:limit] == whole[:limit]


def test_neither_the_package_nor_its_siblings_are_candidates() -> None:
    target = package("acme-tool")
    first = ranked(target, limit=3)
    siblings = tuple(package(item.name) for item in first)
    names = {item.name for item in ranked(target, *siblings)}
    assert not names & {"acme-tool", *(item.name for item in first)}


def test_siblings_make_a_namespace_that_people_leave_out() -> None:
    target = package("acme-gripper-driver")
    alone = by_name(ranked(target))["gripper-driver"]
    among = by_name(ranked(target, package("acme-arm"), package("acme-leg")))["gripper-driver"]
    assert among.score.value != alone.score.value


def test_a_popular_projects_name_is_not_put_forward() -> None:
    # One letter left out of `numpyx`, but a project that everybody knows.
    assert "numpy" in POPULAR
    found = ranked(package("numpyx"), limit=3_000)
    assert "numpy" not in [item.name for item in found[:10]]
    known = by_name(found)["numpy"]
    assert "it is a popular project's own name" in {factor.label for factor in known.score.factors}


def test_a_second_name_by_one_technique_is_worth_less_than_its_first() -> None:
    family = Family(names=frozenset(), namespaces=frozenset())
    found = shortlist(package("itsdangerous"), family=family, weights=WEIGHTS, popular=POPULAR, limit=300)
    first: dict[str, float] = {}
    for listed in found.names:
        technique = min(listed.ways, key=strength_of).technique.name
        whole = sum(way.rate for way in listed.ways)
        assert listed.name in POPULAR or (listed.name in found.repeated) == (first.get(technique, 0.0) >= whole)
        first[technique] = max(first.get(technique, 0.0), whole)
    labels = {
        item.name: {factor.label for factor in item.score.factors} for item in explain_names(found, weights=WEIGHTS)
    }
    assert {name for name, shown in labels.items() if REPEATED in shown} == found.repeated
    assert 0 < len(found.repeated) < len(found.rows)


# --------------------------------------------------------------------------- evidence


def test_a_score_is_the_noisy_or_of_its_channels() -> None:
    for item in ranked(package("acme-tool", ("import", "acmetool"))):
        absent = math.prod(1 - value for _, value in item.score.channels)
        assert item.score.value == pytest.approx(1 - absent)
        assert 0 < item.score.value < 1


def test_every_factor_of_every_piece_of_evidence_is_kept() -> None:
    for item in ranked(package("acme-robotics-sdk", ("import", "acme_robotics")), limit=30):
        by_weights = sorted(piece.weight for piece in item.evidence)
        sums: list[float] = []
        total = 0.0
        for factor in item.score.factors:
            total += factor.log_weight
            if factor.label == "calibration on labelled names":
                sums.append(total)
                total = 0.0
        assert sorted(sums) == pytest.approx(by_weights)


@pytest.mark.parametrize(
    ("name", "plural"),
    [("werkzeug", "werkzeugs"), ("markupsafe", "markupsafes"), ("starlette", "starlettes"), ("uvicorn", "uvicorns")],
)
def test_the_plural_of_a_coined_name_comes_after_its_likely_typing_errors(name: str, plural: str) -> None:
    found = ranked(package(name))
    assert plural not in [item.name for item in found[:4]]
    assert by_name(found)[plural].score.value < 0.035


def test_a_name_with_two_reasons_has_evidence_of_both() -> None:
    found = by_name(ranked(package("python-acmebot", ("import", "acmebot"))))
    assert {piece.technique for piece in found["acmebot"].evidence} >= {"surface", "part"}
    assert found["acmebot"].name_class is NameClass.SURFACE


def test_evidence_of_owners_habit_alone_can_be_told() -> None:
    found = by_name(ranked(package("acmebot")))
    assert {piece.channel for piece in found["acmebot-sdk"].evidence} == {Channel.OWNER}
    assert Channel.TYPO in {piece.channel for piece in found["acmebots"].evidence}


def test_the_evidence_of_a_name_is_most_of_its_score() -> None:
    for item in ranked(package("acme-robotics-sdk", ("import", "acme_robotics")), package("acme-arm")):
        shown = sum(math.exp(piece.weight) for piece in item.evidence)
        assert 0.5 * -math.log1p(-item.score.value) < shown <= -math.log1p(-item.score.value) * 1.000001


def test_nothing_speaks_of_the_risk_of_an_attack() -> None:
    for item in ranked(package("acme-tool"), limit=10):
        assert all("risk" not in piece.detail for piece in item.evidence)


# --------------------------------------------------------------------------- a portfolio


def test_all_that_names_yaml_declares_is_derived_however_it_ranks() -> None:
    tool = package("acme-tool", ("import", "zqx"), ("command", "unlike"), ("alias", "gadget"), ("former", "oldtool"))
    held = portfolio(
        tool,
        candidates=1,
        observed=(
            Observation(
                name=named("acme-helper"), package=tool.name, source="survey", date=dt.date(2026, 10, 1), count=3, of=50
            ),
        ),
        always=(AlwaysName(name=named("acme-brand"), package=tool.name, reason="our brand"),),
        internal=(InternalName(name=named("acme-secrets")),),
        future=(named("acme-next"),),
    )
    found = derived(held)
    assert {"zqx", "unlike", "gadget", "oldtool", "acme-helper", "acme-brand", "acme-secrets", "acme-next"} <= set(
        found
    )
    assert {
        name: found[name].name_class for name in ("zqx", "acme-helper", "acme-brand", "acme-secrets", "acme-next")
    } == {
        "zqx": NameClass.SURFACE,
        "acme-helper": NameClass.OBSERVED,
        "acme-brand": NameClass.ALWAYS,
        "acme-secrets": NameClass.INTERNAL,
        "acme-next": NameClass.FUTURE,
    }
    assert found["acme-secrets"].target == "acme-secrets"
    assert found["acme-helper"].evidence[0].count == 3


def test_an_observation_comes_on_top_of_what_is_derived() -> None:
    tool = package("acmebot")
    seen = Observation(name=named("acmebot-sdk"), package=tool.name, source="survey", date=dt.date(2026, 10, 1))
    plain = derived(portfolio(tool))["acmebot-sdk"]
    both = derived(portfolio(tool, observed=(seen,)))["acmebot-sdk"]
    assert both.score.value > plain.score.value
    assert set(plain.evidence) < set(both.evidence)
    assert 1 - both.score.value == pytest.approx((1 - plain.score.value) * math.exp(-OBSERVED_RATE * 0.75 / 31))
    assert both.name_class is NameClass.OBSERVED
    assert dict(both.score.channels)[Channel.DECLARED] == pytest.approx(-math.expm1(-OBSERVED_RATE * 0.75 / 31))


def test_what_was_seen_in_few_answers_counts_less() -> None:
    tool = package("acmebot")
    scores = []
    for count in (1, 25, 50):
        seen = Observation(
            name=named("bot-of-acme"), package=tool.name, source="s", date=dt.date(2026, 10, 1), count=count, of=50
        )
        scores.append(derived(portfolio(tool, observed=(seen,)))["bot-of-acme"].score.value)
    assert scores == sorted(scores)
    assert scores[0] < scores[2]
    assert scores[0] == pytest.approx(-math.expm1(-OBSERVED_RATE * (1.5 / 51) / (1 + HALF_ANSWERS)))


@pytest.mark.parametrize("kind", EVIDENCE_KINDS)
@pytest.mark.parametrize("of", [None, 1, 24])
@pytest.mark.parametrize("surveyed", [None, 1])
def test_one_answer_is_possible_at_most(kind: SurfaceKind, of: int | None, surveyed: int | None) -> None:
    tool = package("acmebot")
    seen = Observation(
        name=named("bot-of-acme"),
        package=tool.name,
        source="model m1",
        date=dt.date(2026, 10, 1),
        kind=kind,
        of=of,
        runs=surveyed,
        of_runs=surveyed,
        prompts=surveyed,
        of_prompts=surveyed,
    )
    found = derived(portfolio(tool, observed=(seen,)))["bot-of-acme"]
    assert found.score.value < LIKELY
    answers = {None: "", 1: " in 1 answer", 24: " in 24 answers"}[of]
    assert found.evidence[0].detail.split(",")[0].removesuffix(" (model m1)") == f"seen once{answers}"


def test_what_a_survey_told_steadily_counts_more_and_says_so() -> None:
    tool = package("acmebot")

    def found(runs: int, prompts: int, *, of_runs: int = 5, models: int = 1) -> Candidate:
        seen = tuple(
            Observation(
                name=named("bot-of-acme"),
                package=tool.name,
                source=f"model m{number}",
                date=dt.date(2026, 11, 28),
                kind=SurfaceKind.PROBED,
                count=max(runs, prompts),
                of=of_runs * 10,
                runs=runs,
                of_runs=of_runs,
                prompts=prompts,
                of_prompts=10,
            )
            for number in range(models)
        )
        return derived(portfolio(tool, observed=seen))["bot-of-acme"]

    once, often, wide, agreed = found(1, 1), found(5, 1), found(5, 8), found(5, 8, models=2)
    scores = [item.score.value for item in (once, often, wide, agreed)]
    assert scores == sorted(set(scores))
    assert found(1, 1, of_runs=1).score.value < found(5, 1).score.value  # one run of one is less certain
    assert often.evidence[0].detail == "seen 5 times in 50 answers, in 5 of 5 runs, after 1 of 10 prompts (model m0)"
    share = math.sqrt((5.5 / 6) * (8.5 / 11)) * 8 / (8 + HALF_ANSWERS)
    assert wide.score.value == pytest.approx(-math.expm1(-OBSERVED_RATE * share))
    assert len(agreed.evidence) == 2


def test_a_declared_surface_has_one_score_however_short_the_list() -> None:
    # `requests` is a project that everybody knows: as a command of somebody else's it isn't put forward.
    tool = package("acme-arms-sdk", ("command", "requests"), ("import", "armlib"))
    short, long = derived(portfolio(tool, candidates=1)), derived(portfolio(tool, candidates=300))
    assert {"requests", "armlib"} <= short.keys()
    for name in ("requests", "armlib"):
        assert short[name] == long[name]
    assert short["requests"].score.value < short["armlib"].score.value


def test_many_observations_are_as_good_as_certain_and_no_more() -> None:
    tool = package("acmebot")
    seen = tuple(
        Observation(name=named("acmebot-sdk"), package=tool.name, source=f"survey {number}", date=dt.date(2026, 10, 1))
        for number in range(200)
    )
    found = derived(portfolio(tool, observed=seen))["acmebot-sdk"]
    assert 0.999 < found.score.value < 1
    assert found.score.without(Channel.DECLARED) < found.score.value


def test_a_name_of_two_packages_has_the_rate_of_the_one_that_it_goes_to() -> None:
    both = portfolio(package("acme-arm"), package("acme-arms-sdk"), candidates=100)
    each: dict[str, dict[str, float]] = {
        target.name: {item.name: item.score.value for item in ranked(target, *both.packages)}
        for target in both.packages
    }
    shared = set(each["acme-arm"]) & set(each["acme-arms-sdk"])
    assert shared
    for name, item in derived(both).items():
        if name in shared:
            assert item.score.value == each[item.target][name]


# --------------------------------------------------------------------------- the weights


def test_the_weights_say_where_they_come_from() -> None:
    document = json.loads(files("namehold").joinpath("data", "weights.json").read_bytes())
    assert document["schema"] == "namehold/weights/1"
    assert document["provenance"]["script"] == "bench/learn_weights.py"
    assert dt.date.fromisoformat(document["provenance"]["date"]) <= dt.date(2100, 1, 1)
    assert all(numbers["targets"] > 100 for numbers in document["provenance"]["labelled"].values())
    assert WEIGHTS.digest.startswith("sha256:")


def test_calibration_keeps_the_order_and_leaves_room_for_doubt() -> None:
    rates = [0.0, 1e-9, 1e-4, 0.01, 0.5, 3.0, 1e9]
    calibrated = [WEIGHTS.calibration.rate(rate) for rate in rates]
    assert calibrated == sorted(calibrated)
    assert calibrated[0] == 0.0
    assert -math.expm1(-calibrated[-1]) < 1.0
