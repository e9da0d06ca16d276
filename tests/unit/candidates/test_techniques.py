from __future__ import annotations

import pkgutil
from collections import Counter
from importlib import import_module

import pytest
from packaging.utils import NormalizedName

from namehold.candidates import techniques as generators
from namehold.candidates.techniques import TECHNIQUES, shapes
from namehold.candidates.techniques.keyboard import NEIGHBOURS
from namehold.candidates.techniques.subjects import context_of, namespaces_of, subjects_of
from namehold.candidates.techniques.technique import Context, Subject, Technique, Usage, Vocabulary
from namehold.candidates.weights import load_weights, word_logs
from namehold.portfolio.packages import NameClass, Package, Surface, SurfaceKind

VOCABULARY = Vocabulary(
    suffixes=("sdk", "cli"),
    prefixes=("python", "easy"),
    glued_suffixes=("lib", "er"),
    glued_prefixes=("py",),
    generic=frozenset({"sdk", "client", "toolbelt", "test", "server"}),
    namespaces=frozenset({"django", "pytest"}),
    words=word_logs(
        [
            "rest",
            "framework",
            "django",
            "open",
            "work",
            "frame",
            "lineage",
            "sci",
            "kit",
            "sqlalchemy",
            "sql",
            "alchemy",
            "text",
            "face",
            "hugging",
            "utils",
            "clients",
        ]
    ),
)


def package(name: str, *surfaces: tuple[str, str], companions: tuple[str, ...] = ()) -> Package:
    return Package(
        name=NormalizedName(name),
        spelled=name,
        surfaces=tuple(Surface(kind=SurfaceKind(kind), value=value, source="test") for kind, value in surfaces),
        companions=tuple(NormalizedName(item) for item in companions),
    )


def names_by(technique_name: str, made_for: Package, namespaces: frozenset[str] = frozenset()) -> set[str]:
    context = context_of(made_for, vocabulary=VOCABULARY, namespaces=namespaces)
    technique = next(item for item in TECHNIQUES if item.name == technique_name)
    return {
        name
        for subject in subjects_of(made_for, context)
        if subject.mark in technique.subjects
        for name in all_names(technique, subject, context)
    }


def all_names(technique: Technique, subject: Subject, context: Context) -> list[str]:
    batches = technique.generate(subject, context) if technique.generate else ()
    templates = technique.templates(context.vocabulary, subject.usage) if technique.templates else ()
    filled = [template.fill(subject.text) for template in templates]
    return [name for _, names in batches for name in names] + [name for name in filled if name]


@pytest.mark.parametrize(
    ("technique", "made_for", "name"),
    [
        ("omission", package("requests"), "reqests"),
        ("omission", package("accelerate"), "acelerate"),
        ("doubling", package("colorama"), "collorama"),
        ("transposition", package("openai"), "openia"),
        # A number of three digits or more is typed like a word.
        ("transposition", package("rfc3986"), "rfc3968"),
        ("omission", package("rfc3986"), "rfc398"),
        ("neighbouring-key", package("numpy"), "mumpy"),
        ("neighbouring-key", package("numpy"), "nunpy"),
        ("vowel", package("marshmallow"), "marshmellow"),
        ("look-alike", package("termcolor"), "termcolour"),
        ("look-alike", package("pymemcache"), "pyrnemcache"),
        ("other-letter", package("distro"), "distpro"),
        ("two-edits", package("statsmodels"), "statmodel"),
        ("plural", package("requests-toolbelt"), "request-toolbelt"),
        ("plural", package("browser-cookie3"), "browser-cookies3"),
        ("plural", package("asn1tools"), "asn1tool"),
        ("plural", package("plyvel"), "plyvels"),
        ("plural", package("django-countries"), "django-country"),
        ("plural", package("acme-box"), "acme-boxes"),
        ("plural", package("acme-boxes"), "acme-box"),
        ("plural", package("acme-types"), "acme-type"),
        ("plural", package("acme-movies"), "acme-movie"),
        ("plural", package("acme-svc"), "acme-svcs"),
        ("plural", package("emoji-country-flag"), "emojis-country-flag"),
        ("omission", package("flask-sqlalchemy"), "flask-sqlachemy"),
        ("omission", package("alabaster"), "alabster"),
        ("omission", package("bananarama"), "banarama"),
        ("digits", package("beautifulsoup4"), "beautifulsoup"),
        ("digits", package("urllib3"), "urllib4"),
        ("digits", package("urllib3"), "urllib2"),
        ("digits", package("trace0"), "tracezero"),
        ("digits", package("psycopg2"), "psycopg"),
        ("digits", package("django-web3-auth"), "django-web4-auth"),
        ("digits", package("1costing"), "costing"),
        ("digits", package("num2words"), "num2words2"),
        ("word-order", package("curl-cffi"), "cffi-curl"),
        ("part", package("acme-robotics-sdk"), "acme-robotics"),
        ("part", package("acme-robotics-sdk"), "acme-sdk"),
        ("part", package("line-bot-sdk"), "linebot"),
        ("part", package("acmelib"), "acme"),
        ("splitting", package("djangorestframework"), "django-rest-framework"),
        ("splitting", package("djangorestframework-jwt"), "rest-framework-jwt"),
        ("splitting", package("openlineage-acme"), "open-lineage-acme"),
        ("splitting", package("flask-sqlalchemy"), "flask-sql-alchemy"),
        ("omission", package("flask-sql-alchemy"), "flask-sqlalchemy"),
        ("contraction", package("scikit-learn"), "sklearn"),
        ("contraction", package("acme-python-styleguide"), "aps"),
        ("contraction", package("scikit-fuzzy"), "skfuzzy"),
        ("contraction", package("huggingface-hub"), "hf-hub"),
        ("contraction", package("sonify"), "snf"),
        ("python-part", package("python-dateutil"), "dateutil"),
        ("python-part", package("pyhamcrest"), "hamcrest"),
        ("python-part", package("gitpython"), "git"),
        ("python-part", package("acme"), "python-acme"),
        ("python-part", package("acme"), "python3-acme"),
        ("python-part", package("pyacme", ("import", "acme_kit")), "python3-acme-kit"),
        ("python-part", package("textpy"), "python-text"),
        ("python-part", package("python-acme"), "acme-python"),
        ("affix", package("acme"), "acme-sdk"),
        ("affix", package("acme"), "easy-acme"),
        ("affix", package("acme"), "acmelib"),
        ("affix", package("acme-client"), "acme-cli"),
        ("affix", package("acmelib"), "acme-cli"),
        ("companion", package("acme-tool", companions=("numpy",)), "acme-tool-numpy"),
        ("companion", package("acme-tool", ("extra", "Fast_Mode")), "acme-tool-fast-mode"),
        ("surface", package("acme-tool", ("import", "acme_box")), "acme-box"),
        ("inner-name", package("acme-tool", ("import", "acme.tool_box")), "acme-tool-box"),
        ("inner-name", package("acme-tool", ("namespace", "acme_space")), "acme-space"),
        ("inner-name", package("acme-tool", ("repository", "acme-tools")), "acme-tools"),
        ("surface", package("acme-tool", ("command", "acmectl")), "acmectl"),
        ("surface", package("acme-tool", ("former", "acme_kit")), "acme-kit"),
        ("transposition", package("acme-tool", ("alias", "gadget")), "gadgte"),
    ],
)
def test_a_technique_comes_to_the_names_that_it_is_for(technique: str, made_for: Package, name: str) -> None:
    assert name in names_by(technique, made_for)


@pytest.mark.parametrize(
    ("technique", "made_for", "name"),
    [
        # No plural: -ous, -ss, -us, -is, initials in s; and a word in s takes no other.
        ("plural", package("itsdangerous"), "itsdangerou"),
        ("plural", package("jmes-class"), "jmes-clas"),
        ("plural", package("acme-status"), "acme-statu"),
        ("plural", package("acme-analysis"), "acme-analysi"),
        ("plural", package("python-aws"), "python-aw"),
        ("plural", package("s3fs"), "s3f"),
        ("plural", package("acme-dns-hdfs"), "acme-dns-hdf"),
        ("plural", package("acme-ai"), "acme-ais"),
        ("plural", package("newspaper3k"), "newspaper3ks"),
        ("plural", package("acme-series"), "acme-sery"),
        ("plural", package("acme-series"), "acme-serie"),
        ("plural", package("acme-python"), "acme-pythons"),
        ("plural", package("acme-aliases"), "acme-aliasess"),
        ("plural", package("django-countries"), "django-countrie"),
        ("plural", package("sqlalchemy"), "sqlalchemys"),
        ("plural", package("numpy"), "numpies"),
        # Words in front that say what a name is for aren't put in the plural.
        ("plural", package("python-jose"), "pythons-jose"),
        ("plural", package("django-silk"), "djangos-silk"),
        # Digits before or within a word, and two together, are a part of it; no slip changes them, and none moves them.
        *(
            (technique, package(name), changed)
            for technique, name, changes in (
                ("digits", "pg8000", "pg8001 pg7999 pg pgeight000"),
                ("digits", "2to3", "2to4 3to3 to3 2to 2to2"),
                ("digits", "s3fs", "s4fs sfs"),
                ("digits", "h5py", "h6py hpy"),
                ("digits", "pywin32", "pywin33 pywin"),
                ("digits", "i18n", "i19n in"),
                ("omission", "py7zr", "pyzr"),
                # An abbreviation with digits, and the letter before a number, are kept like these; no number begins
                # with 0.
                ("omission", "python-i18n", "python-18n python-i18"),
                ("omission", "s3fs", "3fs"),
                ("omission", "acme-3d", "acme-3"),
                ("omission", "pg8000", "pg000"),
                ("doubling", "i18n", "ii18n i18nn"),
                ("vowel", "i18n", "e18n"),
                ("transposition", "pg8000", "pg0800"),
                ("neighbouring-key", "h5py", "g5py"),
                ("omission", "pywin32", "pywin3 pywin2"),
                ("doubling", "x2y", "x22y"),
                ("doubling", "urllib3", "urllib33"),
                ("transposition", "urllib3", "urlli3b"),
                ("transposition", "s3fs", "3sfs sf3s"),
                ("transposition", "pywin32", "pywin23 pywi3n2"),
                ("neighbouring-key", "h5py", "htpy hr5py h5rpy"),
                ("other-letter", "h5py", "hapy"),
                ("look-alike", "s3fs", "sefs"),
                ("two-edits", "pywin32", "pywn3 pywn332 pywn23"),
                ("plural", "pywin32", "pywins32"),
            )
            for changed in changes.split()
        ),
        # `py` within a word is no marker.
        # The index has no names that say Python twice.
        ("affix", package("acme-python"), "python-acme-python"),
        ("affix", package("acme-python"), "pyacme-python"),
        ("python-part", package("acme-python-kit"), "python3-acme-python-kit"),
        ("python-part", package("numpy"), "num"),
        ("python-part", package("numpy"), "python-num"),
        ("python-part", package("pytest"), "test"),
        ("python-part", package("pytest-xdist"), "test-xdist"),
        ("python-part", package("jupyter"), "jupyter-py-py"),
        # Heads are cut at the seams of their words only.
        ("contraction", package("pytest-xdist"), "psxdist"),
        ("contraction", package("pytest-xdist"), "pxdist"),
        ("contraction", package("django-silk"), "djasilk"),
        ("contraction", package("flask-wtf"), "fswtf"),
        # One letter is anybody's, and an ending with a doubled letter is no word put on.
        ("affix", package("x2"), "x-sdk"),
        ("part", package("acme-plotter"), "acme-plott"),
        # Words that are anybody's, alone or together.
        ("part", package("acme-server-client"), "server"),
        ("part", package("acme-server-client"), "server-client"),
        ("part", package("python-jose"), "python"),
        # A stranger's head with a word.
        ("affix", package("django-silk"), "django-sdk"),
        ("affix", package("python-jose"), "python-sdk"),
        ("affix", package("pytest-snapshotter"), "pytest-cli"),
        ("affix", package("pytest-snapshotter"), "test-snapshotter-sdk"),
        ("splitting", package("django"), "django"),
        # A module within a module, a namespace, a repository and what is made of them.
        ("surface", package("acme-tool", ("import", "acme.tool_box")), "acme-tool-box"),
        ("omission", package("acme-tool", ("import", "acme.config")), "acme-confg"),
        ("affix", package("acme-tool", ("namespace", "space")), "space-sdk"),
    ],
)
def test_a_technique_does_not_come_to_what_nobody_would_type(technique: str, made_for: Package, name: str) -> None:
    assert name not in names_by(technique, made_for)


def test_a_head_that_siblings_share_is_theirs() -> None:
    assert "django-sdk" in names_by("affix", package("django-silk"), frozenset({"django"}))


def test_words_in_another_order_are_no_typing_error() -> None:
    assert next(item for item in TECHNIQUES if item.name == "word-order").name_class is NameClass.COMBO


@pytest.mark.parametrize(
    ("technique", "title"),
    [
        ("plural", "singular and plural confused"),
        # `acme3d` of acme-3d leaves nothing out, and `acmetwo` of acme2 has no digit.
        ("part", "words left out or joined"),
        ("digits", "a version digit dropped, added, changed or spelled out"),
    ],
)
def test_a_title_holds_for_all_that_a_technique_makes(technique: str, title: str) -> None:
    assert next(item for item in TECHNIQUES if item.name == technique).title == title


def marks_of(technique_name: str, name: str, changed: str) -> tuple[str, ...]:
    """The marks under which a technique comes from a package's name to `changed`."""
    technique = next(item for item in TECHNIQUES if item.name == technique_name)
    made_for = package(name)
    context = context_of(made_for, vocabulary=VOCABULARY, namespaces=frozenset())
    (subject,) = (item for item in subjects_of(made_for, context) if item.mark == "project")
    assert technique.generate is not None
    return next(marks for marks, names in technique.generate(subject, context) if changed in names)


@pytest.mark.parametrize(
    ("name", "changed", "sense"),
    [
        ("emoji-country-flag", "emoji-country-flags", "gives-word"),
        ("icalendar", "icalendars", "gives-word"),
        ("werkzeug", "werkzeugs", "gives-none"),
        ("jinja2", "jinjas2", "gives-none"),
        # What stands before a digit is put in the plural like any other word, and rarely.
        ("psycopg2", "psycopgs2", "add"),
        ("psycopg2", "psycopgs2", "before-digit"),
        ("markupsafe", "markupsafes", "gives-none"),
        ("uvicorn", "uvicorns", "gives-none"),
        ("werkzeug", "werkzeugs", "coined"),
        ("keras-preprocessing", "kera-preprocessing", "gives-none"),
        ("pandas", "panda", "gives-word"),
        ("acme-videos", "acme-video", "gives-word"),
        # Plurals that many names bear.
        ("acme-client", "acme-clients", "gives-names-word"),
        ("python-dateutil", "python-dateutils", "gives-names-word"),
        # In front, it doesn't help that many names end in the form.
        ("acme-dateutil-core", "acme-dateutils-core", "gives-word"),
    ],
)
def test_a_plural_of_a_word_has_another_rate_than_one_of_a_coined_name(name: str, changed: str, sense: str) -> None:
    assert f"plural:{sense}" in marks_of("plural", name, changed)


@pytest.mark.parametrize(("name", "changed"), [("flask", "flesk"), ("acme-trans", "acme-trens"), ("yaml", "yeml")])
def test_the_vowel_of_the_first_syllable_is_got_wrong_as_rarely_as_any_letter(name: str, changed: str) -> None:
    assert changed not in names_by("vowel", package(name))
    assert changed in names_by("other-letter", package(name))


@pytest.mark.parametrize(
    ("name", "changed", "is_echo"),
    [
        ("telegraph", "telegroph", False),
        ("telegraph", "telegreph", True),
        ("dateutil", "dateitil", True),
        ("certifi", "certifo", False),
        ("aiohttp", "aoohttp", True),
    ],
)
def test_a_vowel_of_the_syllable_before_or_behind_comes_twice_easily(name: str, changed: str, is_echo: bool) -> None:
    assert ("vowel:echo" in marks_of("vowel", name, changed)) is is_echo


@pytest.mark.parametrize(
    ("one", "other", "is_told_apart"),
    [
        # `e` comes most easily, and `y` is hardly ever taken for a vowel or a vowel for it.
        (("acme-tukolu", "acme-tukelu"), ("acme-tukolu", "acme-tukilu"), True),
        (("acme-tukolu", "acme-tukylu"), ("acme-tukolu", "acme-tukilu"), True),
        (("acme-tukylu", "acme-tukilu"), ("acme-tukolu", "acme-tukilu"), True),
        # Whether `i` stands for `o` or `a` says nothing: such things were seen for a target or two.
        (("acme-tukolu", "acme-tukilu"), ("acme-tukalu", "acme-tukilu"), False),
        (("acme-tukolu", "acme-tukalu"), ("acme-tukolu", "acme-tukilu"), False),
    ],
)
def test_few_kinds_of_vowels_have_chances_of_their_own(
    one: tuple[str, str], other: tuple[str, str], *, is_told_apart: bool
) -> None:
    assert (marks_of("vowel", *one) != marks_of("vowel", *other)) is is_told_apart


def _affix_marks(vocabulary: Vocabulary, usage: Usage, name: str) -> Counter[str]:
    technique = next(item for item in TECHNIQUES if item.name == "affix")
    assert technique.templates is not None
    (marks,) = (item.marks for item in technique.templates(vocabulary, usage) if item.fill("acme") == name)
    return Counter(marks)


def test_words_of_the_last_year_count_around_little_known_packages_only() -> None:
    vocabulary = Vocabulary(
        suffixes=("mcp", "lib"), glued_suffixes=("ai",), lately={"mcp": 7, "ai": 5}, growing={"mcp": 4}
    )
    new, known = Usage(is_little_known=True), Usage()
    mcp, lib = (_affix_marks(vocabulary, new, name) for name in ("acme-mcp", "acme-lib"))
    assert (mcp["affix:lately"], mcp["affix:lately-growing"]) == (7, 4)
    assert (lib["affix:lately"], lib["affix:lately-growing"]) == (0, 0)
    assert _affix_marks(vocabulary, new, "acmeai")["affix:lately"] == 5
    assert not any("lately" in mark for mark in _affix_marks(vocabulary, known, "acme-mcp"))


def test_a_word_has_a_factor_of_its_own_around_little_known_packages() -> None:
    vocabulary = Vocabulary(suffixes=("mcp",))
    assert "word:-mcp:lately" in _affix_marks(vocabulary, Usage(is_little_known=True), "acme-mcp")
    assert "word:-mcp" in _affix_marks(vocabulary, Usage(), "acme-mcp")


@pytest.mark.parametrize(("count", "is_crowd"), [(3, False), (4, True)])
@pytest.mark.parametrize(
    ("technique_name", "surface", "name"),
    [("surface", ("command", "rst2{}"), "rst2{}"), ("inner-name", ("import", "acme.part{}"), "acme-part{}")],
)
def test_one_of_many_is_not_what_the_package_is_known_by(
    technique_name: str, surface: tuple[str, str], name: str, count: int, is_crowd: bool
) -> None:
    kind, value = surface
    made_for = package("acme", *((kind, value.format(number)) for number in range(count)), ("import", "acme_robot"))
    context = context_of(made_for, vocabulary=VOCABULARY, namespaces=frozenset())
    technique = next(item for item in TECHNIQUES if item.name == technique_name)
    assert technique.generate is not None
    found = {
        made: "surface:one-of-many" in marks
        for subject in subjects_of(made_for, context)
        if subject.mark in technique.subjects
        for marks, names in technique.generate(subject, context)
        for made in names
    }
    assert not found.pop("acme-robot", False)
    assert found == {name.format(number): is_crowd for number in range(count)}


def test_every_file_of_the_package_is_in_the_registry() -> None:
    folder = "namehold.candidates.techniques"
    modules = [import_module(f"{folder}.{item.name}") for item in pkgutil.iter_modules(generators.__path__)]
    techniques = [module.TECHNIQUE for module in modules if hasattr(module, "TECHNIQUE")]
    assert sorted(item.name for item in techniques) == sorted(item.name for item in TECHNIQUES)
    assert len({item.name for item in TECHNIQUES}) == len(TECHNIQUES)
    assert all(item.generate or item.templates for item in TECHNIQUES)


def test_every_batch_names_its_technique_first() -> None:
    made_for = package("acme-robot2-sdk", ("import", "acme_robot"), companions=("numpy",))
    context = context_of(made_for, vocabulary=VOCABULARY, namespaces=frozenset({"acme"}))
    for subject in subjects_of(made_for, context):
        for technique in TECHNIQUES:
            if technique.generate and subject.mark in technique.subjects:
                assert {marks[0] for marks, _ in technique.generate(subject, context)} <= {technique.name}


def test_a_word_that_the_name_has_already_is_not_put_on_again() -> None:
    assert "acme-sdk-sdk" not in names_by("affix", package("acme-sdk"))
    assert "python-python-acme" not in names_by("affix", package("python-acme"))


def test_subjects_are_the_name_its_surfaces_and_its_parts_each_once() -> None:
    made_for = package("acme-python-client", ("import", "Acme_Robot"), ("alias", "acme"), ("internal", "secret"))
    context = context_of(made_for, vocabulary=VOCABULARY, namespaces=frozenset({"acme"}))
    assert [(subject.text, subject.mark) for subject in subjects_of(made_for, context)] == [
        ("acme-python-client", "project"),
        ("acme-robot", "import"),
        ("acme", "alias"),
        ("acme-python", "stem-generic"),
    ]


def test_what_is_one_known_word_or_none_is_not_split() -> None:
    assert names_by("splitting", package("alchemy")) == set()
    assert names_by("splitting", package("openacme")) == set()


@pytest.mark.parametrize(
    ("made_for", "usage"),
    [
        (package("acme"), "says-plain"),
        (package("acme-api-client"), "says-api-client"),
        (package("acme-client-parser"), "says-format"),
        (package("django-acme"), "says-family"),
        (package("acme", companions=("numpy", "httpx")), "is-api-client"),
        (package("acme", companions=("openai", "httpx")), "is-agent"),
        (package("acme", ("command", "acme")), "is-command-line"),
        (package("acme-parser", ("command", "acme"), companions=("httpx",)), "says-format"),
    ],
)
def test_the_usage_of_words_follows_name_then_companions_then_commands(made_for: Package, usage: str) -> None:
    context = context_of(made_for, vocabulary=VOCABULARY, namespaces=frozenset())
    assert next(subjects_of(made_for, context)).usage.shape == usage


def test_the_stem_of_a_client_is_used_as_one() -> None:
    context = context_of(package("acme-client"), vocabulary=VOCABULARY, namespaces=frozenset())
    usages = {subject.text: subject.usage.shape for subject in subjects_of(package("acme-client"), context)}
    assert usages == {"acme-client": "says-api-client", "acme": "is-api-client"}


def test_a_word_shows_one_shape_only() -> None:
    words = [word for words in shapes.SHAPES.values() for word in words]
    assert len(words) == len(set(words))


def test_trailing_digits_and_python_are_not_part_of_the_bare_name() -> None:
    for name, bare in (("beautifulsoup4", "beautifulsoup"), ("python-dateutil", "dateutil"), ("discord-py", "discord")):
        context = Context(vocabulary=VOCABULARY)
        assert (bare, "bare") in {(subject.text, subject.mark) for subject in subjects_of(package(name), context)}


@pytest.mark.parametrize("name", ["pywin32", "rfc3986", "base64", "x2"])
def test_digits_that_are_a_part_of_the_word_stay_in_the_bare_name(name: str) -> None:
    subjects = list(subjects_of(package(name), Context(vocabulary=VOCABULARY)))
    assert name.rstrip("0123456789") not in {subject.text for subject in subjects}


def test_a_surface_that_is_no_name_yields_nothing() -> None:
    made_for = package("acme", ("import", "--"), ("alias", "päckchen"), ("command", "x" * 500))
    context = Context(vocabulary=VOCABULARY)
    assert [subject.text for subject in subjects_of(made_for, context)] == ["acme"]


def test_words_that_siblings_share_are_a_namespace() -> None:
    members = [package(name) for name in ("acme-tool", "acme-sdk", "rover-sdk", "acmekit")]
    assert namespaces_of(members) == {"acme"}


def test_neighbouring_keys_are_mutual() -> None:
    assert set(NEIGHBOURS["g"]) == set("tyfhvb")
    letters = [key for key in NEIGHBOURS if key.isalpha()]
    assert all(one in NEIGHBOURS[other] for one in letters for other in NEIGHBOURS[one])


def test_the_bundled_vocabulary_holds_words_and_no_names() -> None:
    words = load_weights().vocabulary
    assert {"sdk", "cli", "client"} <= set(words.suffixes)
    assert {"python", "django"} <= set(words.prefixes)
    assert all(word.count("-") <= 1 for word in (*words.suffixes, *words.prefixes))
    assert all("-" not in word for word in (*words.glued_suffixes, *words.glued_prefixes, *words.words))


def test_the_bundled_usages_tell_an_api_client_from_a_plug_in() -> None:
    words = load_weights().vocabulary
    assert words.usages["is-api-client"]["-server"] == "far-more-often"
    assert words.usages["says-api-client"]["-python"] in {"more-often", "far-more-often"}
    assert words.usages["is-plugin"]["-sdk"] in {"less-often", "far-less-often"}
    assert words.usages["is-plugin"]["-extras"] == "far-more-often"
    assert words.usages["is-agent"]["-memory"] == "more-often"
    assert "-sdk" not in words.usages["is-api-client"]
    known = {f"-{word}" for word in words.suffixes} | {f"{word}-" for word in words.prefixes}
    assert all(set(of_word) <= known for of_word in words.usages.values())
    assert set(words.usages) >= {f"{shown}-{shape}" for shape in shapes.SHAPES for shown in ("is", "says")}


@pytest.mark.parametrize(
    ("technique", "within", "beyond"),
    [
        ("two-edits", "a" * 15 + "b" * 15, "a" * 15 + "b" * 16),
        ("part", "-".join("abcdefgh"), "-".join("abcdefghi")),
        ("word-order", "-".join("abcdefgh"), "-".join("abcdefghi")),
    ],
)
def test_what_grows_with_the_square_of_a_name_ends_where_nobody_types_it(
    technique: str, within: str, beyond: str
) -> None:
    assert names_by(technique, package(within))
    assert not names_by(technique, package(beyond))


@pytest.mark.parametrize("kind", ["import", "command", "alias", "former"])
@pytest.mark.parametrize(
    ("technique", "surface", "name"),
    [
        ("word-order", "rest-frame", "frame-rest"),
        ("part", "rest-framework", "rest"),
        ("splitting", "openlineage", "open-lineage"),
        ("contraction", "scikit-framework", "skframework"),
        ("two-edits", "rest-framework", "rst-framewrk"),
        ("companion", "rest-framework", "rest-framework-acmebot"),
        ("omission", "rest-framework", "rest-framewok"),
        ("affix", "rest-framework", "rest-framework-sdk"),
    ],
)
def test_a_technique_starts_from_whatever_people_call_the_package(
    technique: str, surface: str, name: str, kind: str
) -> None:
    assert name in names_by(technique, package("acme-tool", (kind, surface), companions=("acmebot",)))
