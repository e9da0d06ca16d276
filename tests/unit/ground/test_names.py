"""The name rules against what the index's own software answered (recorded August 2026)."""

from __future__ import annotations

import keyword

import pytest
from packaging.utils import NormalizedName

from namehold.errors import InvalidName
from namehold.index.rules.names import TypoCorpus, is_stdlib, stdlib_names
from namehold.names import (
    MAX_NAME_LENGTH,
    is_valid,
    is_version,
    module_name,
    normalize,
    shape_fault,
    ultranormalize,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Acme_Tool", "acme-tool"),
        ("acme.tool", "acme-tool"),
        ("a-._b", "a-b"),
        ("1", "1"),
        ("1.0", "1-0"),
        ("con", "con"),
        ("ACME--tool", "acme-tool"),
    ],
)
def test_a_valid_name_is_normalized(text: str, expected: str) -> None:
    assert is_valid(text)
    assert normalize(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-acme",
        "_acme",
        ".acme",
        "acme-tool-",
        "..",
        "_thread",
        "acme/tool",
        "acme@1",
        "acme tool",
        "acme\n",
        "\u0430cme",  # a Cyrillic letter
        "Kelvin\u212a",
        "\u017flib",
        "acme\u0661",  # an Arabic-Indic digit
        "a" * (MAX_NAME_LENGTH + 1),
    ],
)
def test_a_name_without_the_shape_is_refused_with_a_reason_and_a_fix(text: str) -> None:
    assert not is_valid(text)
    assert shape_fault(text)
    with pytest.raises(InvalidName) as caught:
        normalize(text)
    (diagnostic,) = caught.value.diagnostics()
    assert diagnostic.rule == "name-shape"
    assert diagnostic.fix
    assert str(diagnostic).isascii(), "a look-alike character must not reach a terminal as itself"


def test_a_token_is_no_name() -> None:
    """As a name it would be asked for on the index, and stand in files."""
    with pytest.raises(InvalidName) as caught:
        normalize(f"pypi-AgEI{'cHlw' * 30}")
    (reason,) = caught.value.diagnostics()
    assert "a token of the index" in reason.message
    assert is_valid("pypi-Agent-Toolkit-for-everything")


def test_the_longest_name_is_valid() -> None:
    assert is_valid("a" * MAX_NAME_LENGTH)


def test_the_reason_names_the_length() -> None:
    assert "214 characters" in (shape_fault("a" * 214) or "")


@pytest.mark.parametrize(
    "text",
    ["acme-to0l", "acme-tooI", "acme-too1", "acme-tooi", "ac-me-tool", "a-c-m-e-t-o-o-l", "acmet001", "acme-t0-0-1"],
)
def test_names_that_the_index_found_too_similar_share_the_key(text: str) -> None:
    assert ultranormalize(text) == ultranormalize("acme-tool")


@pytest.mark.parametrize(
    "text", ["acme-tol", "acme-tools", "acme-toolz", "acrne-tool", "acme-tuol", "acme-tool2", "vvonglib-io"]
)
def test_names_that_the_index_accepted_have_another_key(text: str) -> None:
    assert ultranormalize(text) not in {ultranormalize("acme-tool"), ultranormalize("wonglib-io")}


def test_a_list_of_names_is_keyed_line_by_line() -> None:
    assert ultranormalize("acme-tool\nLonglib_IO") == "acmet001\n10ng11b10"


@pytest.mark.parametrize(
    "text",
    [
        "asyncio",
        "json",
        "tomllib",
        "test",
        "Test",
        "typing",
        "distutils",
        "asyncore",
        "imp",
        "email",
        "email.mime",
        "email_mime",
        "xml",
        "importlib_metadata",
        "importlib-metadata",
        "antigravity",
        "this",
        "zipapp",
        "compression",
        "string.templatelib",
        "nt",
        "posix",
        "lib2to3",
        "smtpd",
        "pathlib",
        "argparse",
        "idlelib",
        "turtle",
        "sre_compile",
        "sre-compile",
        "ensurepip",
        "venv",
        "unittest",
        "unittest.mock",
        "unittest-mock",
        "os",
        "os-path",
        "sys",
        "builtins",
    ],
)
def test_the_index_refuses_modules_of_every_python_version(text: str) -> None:
    assert is_stdlib(normalize(text))


@pytest.mark.parametrize("text", ["as-yncio", "jsonl", "pip", "js0n", "1ist", "async_io"])
def test_the_index_compares_modules_after_pep_503_only(text: str) -> None:
    assert not is_stdlib(normalize(text))


def test_a_private_module_forbids_its_name_without_the_underscore() -> None:
    # Warehouse strips `-_.` from both ends before it compares.
    assert is_stdlib(normalize("bootlocale"))
    assert is_stdlib(normalize("future"))
    assert is_stdlib(normalize("thread"))


def test_every_name_of_the_standard_library_could_be_asked_for() -> None:
    assert all(normalize(name) == name for name in stdlib_names())


RECORDED_CORPUS = TypoCorpus(["acme-tool", "event-stream", "numpy", "python-dateutil", "requests"])


@pytest.mark.parametrize(
    ("name", "check", "matched"),
    [
        ("acme-tool", "swapped_characters", "acme-tool"),
        ("acme-toool", "repeated_characters", "acme-tool"),
        ("amce-tool", "swapped_characters", "acme-tool"),
        ("tool-acme", "swapped_words", "acme-tool"),
        ("acmd-tool", "common_typos", "acme-tool"),
        ("acrne-tool", None, None),
        ("acme-tool2", None, None),
        ("acme.tool", "common_typos", "acme-tool"),
        ("acme-t00l", None, None),
        ("acme-tool-sdk", None, None),
        ("acme-tool-py", None, None),
        ("rrequests", "repeated_characters", "requests"),
        ("requesst", "swapped_characters", "requests"),
        ("nunpy", "common_typos", "numpy"),
        ("numppy", "repeated_characters", "numpy"),
        ("dateutil-python", "swapped_words", "python-dateutil"),
        ("python-date-util", "common_typos", "python-dateutil"),
        ("dateutil", None, None),
        ("nmpy", "omitted_characters", "numpy"),
        ("num", None, None),
        ("stream-event", "swapped_words", "event-stream"),
        ("python-dateutils", None, None),
        ("acme_tool", "common_typos", "acme-tool"),
    ],
)
def test_typo_checks_answer_as_recorded(name: str, check: str | None, matched: str | None) -> None:
    assert RECORDED_CORPUS.flags(name) == (() if check is None else ((check, matched),))


def test_a_missing_character_counts_from_four_characters_on() -> None:
    corpus = TypoCorpus(["nmap", "numpy"])
    assert corpus.flags("nma") == ()
    assert corpus.flags("nump") == (("omitted_characters", "numpy"),)


def test_the_map_of_slips_reads_from_what_was_typed_to_what_was_meant() -> None:
    assert TypoCorpus(["vvidget"]).flags("widget") == (("common_typos", "vvidget"),)
    assert TypoCorpus(["widget"]).flags("vvidget") == ()
    assert TypoCorpus(["rnodule"]).flags("module") == (("common_typos", "rnodule"),)


def test_word_order_is_looked_at_up_to_eight_words_and_never_matches_itself() -> None:
    eight, nine = ["b", "c", "d", "e", "f", "g", "h", "a"], ["b", "c", "d", "e", "f", "g", "h", "i", "a"]
    corpus = TypoCorpus(["-".join(sorted(eight)), "-".join(sorted(nine))])
    assert corpus.flags("-".join(eight)) == (("swapped_words", "a-b-c-d-e-f-g-h"),)
    assert corpus.flags("-".join(nine)) == ()
    assert TypoCorpus(["python-dateutil"]).flags("python-dateutil") == ()


def test_of_several_orders_of_the_words_the_first_permutation_wins() -> None:
    assert TypoCorpus(["c-b-a", "b-a-c"]).flags("a-b-c") == (("swapped_words", "b-a-c"),)


@pytest.mark.parametrize(("name", "module"), [("acme-tool", "acme_tool"), ("1x", "_1x"), ("async", "async_")])
def test_a_distribution_gets_a_module_that_python_can_import(name: str, module: str) -> None:
    assert module_name(NormalizedName(name)) == module
    assert module.isidentifier()
    assert not keyword.iskeyword(module)


@pytest.mark.parametrize("text", ["1.0", "2!0.0.1rc1.post2", "1" * 255])
def test_a_version_is_what_a_file_can_be_called_by(text: str) -> None:
    assert is_version(text)


@pytest.mark.parametrize("text", ["", "x", "1.0-", "1" * 256, "9" * 5_000, "9" * 5_000 + "!1", "1." * 50_000 + "1"])
def test_what_no_file_can_be_called_by_is_no_version(text: str) -> None:
    """Python itself refuses to read a number of more than 4,300 digits, with an error of another kind."""
    assert not is_version(text)
