"""One answer each to: is it a project's name, a mailbox, a host that leads nowhere."""

from __future__ import annotations

import math

import pytest

from namehold.names import has_name_shape, is_valid
from namehold.placeholder.writers import contact_link
from namehold.portfolio.read import find_text_fault
from namehold.text import duration, hide_passwords, is_example_host, is_mailbox, percent, unescape_html


@pytest.mark.parametrize(
    "text", ["security@acme-robotics.dev", "o'neil-team@acme-robotics.dev", "a+b!c@acme.dev", "jo@b\u00fccher.dev"]
)
def test_a_mailbox_that_names_yaml_takes_is_one_for_the_placeholder_too(text: str) -> None:
    assert is_mailbox(text)
    assert find_text_fault(("organization", "contact"), text) == ""
    assert contact_link(text) == f"`{text}`"


@pytest.mark.parametrize(
    "text",
    ["", "acme", "@acme.dev", "a@", "a@b@c", "a b@acme.dev", "a@b![x](https://acme.dev)", f"{'a' * 65}@acme.dev"],
)
def test_what_is_no_mailbox_is_none_anywhere(text: str) -> None:
    assert not is_mailbox(text)
    assert find_text_fault(("organization", "contact"), text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("no https://me:hunter2@acme.dev/x, see a@acme.dev", "no https://[hidden]@acme.dev/x, see a@acme.dev"),
        ("'https://hunter2@acme.dev'", "'https://[hidden]@acme.dev'"),
        ("http://me:hun/ter@2@acme.dev:80", "http://[hidden]@acme.dev:80"),
        # A password with a space in it, whose beginning looks like a port, and a port and a path.
        ("http://me:hunter2 more@acme.dev", "http://[hidden]@acme.dev"),
        ("no index is at http://me:2026 more@acme.dev/x", "no index is at http://[hidden]@acme.dev/x"),
        ("http://me:2026 and more@acme.dev: no file", "http://[hidden]@acme.dev: no file"),
        ("http://me:2026/1 more@acme.dev: no file", "http://[hidden]@acme.dev: no file"),
        ("'http://me:2026/1, and. more@acme.dev/': a@acme.dev", "'http://[hidden]@acme.dev/': a@acme.dev"),
        ("no index is at http://me: hunter2 more@acme.dev/x", "no index is at http://[hidden]@acme.dev/x"),
        # The last one of two in a word.
        ("http://acme.dev/x,http://me:hunter2 more@acme.dev", "http://acme.dev/x,http://[hidden]@acme.dev"),
        ("http://a:b@acme.dev/,http://me:2026 more@acme.dev", "http://[hidden]@acme.dev/,http://[hidden]@acme.dev"),
        (f"the plan pypi-AgEI{'cHlw' * 9} can't be read", "the plan pypi-Ag[hidden] can't be read"),
        # Text behind a token can make it a part of an address.
        (f"pypi-AgEI{'cHlw' * 9}http://me:hunter2@acme.dev", "pypi-Ag[hidden]://[hidden]@acme.dev"),
        # A path has one slash for two.
        ("http:/me:hunter2@acme.dev/x can't be read", "http:/[hidden]@acme.dev/x can't be read"),
        ("to http:/me:2026 more@acme.dev", "to http:/[hidden]@acme.dev"),
        # What looks like a further address, or like the end of a quotation, may be a part of the password.
        ("no http://me:hunter2:/x@acme.dev is there", "no http://[hidden]@acme.dev is there"),
        ("http://me:hunter2://@acme.dev", "http://[hidden]@acme.dev"),
        ("'http://me:2026'hunter2@acme.dev'", "'http://[hidden]@acme.dev'"),
        ("['http://acme.dev/','http://me:hunter2@acme.dev']", "['http://[hidden]@acme.dev']"),
        ("one\nhttp://me:hunter2@acme.dev\na@acme.dev", "one\nhttp://[hidden]@acme.dev\na@acme.dev"),
    ],
)
def test_no_password_of_an_address_is_shown(text: str, shown: str) -> None:
    assert hide_passwords(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "write it as http://HOST:PORT (http); @ as %40",
        "http://USER:PASSWORD@HOST:PORT, or ask a@acme.dev",
        "at http://127.0.0.1:8000/simple/a:b/, of a@acme.dev",
        "(http://[::1]:8000), http://127.0.0.1:8000. Or https://acme.dev: a@acme.dev",
        "at http://localhost: ask a@acme.dev",
        "https://social.example/@acme",
        "'https://acme.dev/simple/' and a@acme.dev",
        "http://127.0.0.1:8000/simple/: see a@acme.dev",
        "C:/acme@home/names.yaml",
    ],
)
def test_an_address_without_a_password_stays_as_it_is_beside_a_mailbox(text: str) -> None:
    assert hide_passwords(text) == text


@pytest.mark.parametrize(
    "host", ["example.com", "docs.EXAMPLE.org", "acme.example", "test", "printer.local", "localhost"]
)
def test_hosts_kept_for_examples_are_known(host: str) -> None:
    assert is_example_host(host)


@pytest.mark.parametrize("host", ["acme.dev", "myexample.com", "contest", "example.com.acme.dev", "localhost.dev"])
def test_other_hosts_are_not_taken_for_examples(host: str) -> None:
    assert not is_example_host(host)


@pytest.mark.parametrize(
    ("text", "expected"), [("a" * 300, True), ("-a", False), ("a.", False), ("\u212aelvin", False)]
)
def test_the_shape_of_a_name_says_nothing_of_its_length(text: str, expected: bool) -> None:
    assert has_name_shape(text) is expected
    assert not is_valid(text)


@pytest.mark.parametrize("share", [math.inf, -math.inf, math.nan])
def test_a_share_that_is_none_is_shown_as_unknown(share: float) -> None:
    assert percent(share) == "? %"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "0 s"),
        (61.2, "62 s"),
        (120, "2 minutes"),
        (121, "2 minutes 1 s"),
        (7_199, "119 minutes 59 s"),
        (7_199.5, "120 minutes"),
        (7_200, "2 hours"),
        (7_200.4, "2 hours 1 minute"),
        (7_321, "2 hours 3 minutes"),
        (10_799, "3 hours"),
        (86_400, "24 hours"),
        (172_800, "2 days"),
        (172_801, "2 days 1 hour"),
        (200_000, "2 days 8 hours"),
        (1e15, "36,525 days"),
        (math.inf, "36,525 days"),
    ],
)
def test_a_time_is_told_in_its_two_largest_units(seconds: float, told: str) -> None:
    assert duration(seconds) == told


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("&lt;a&#62;", "<a>"),
        (f"&#{'0' * 5000}65;b", "Ab"),
        (f"&#{'1' * 5000};b", "\ufffdb"),
        (f"&#x{'1' * 5000};b", "\ufffdb"),
        (f"&#{'0' * 5000};b", "\ufffdb"),
    ],
)
def test_a_character_is_read_from_a_number_of_any_length(text: str, shown: str) -> None:
    assert unescape_html(text) == shown
