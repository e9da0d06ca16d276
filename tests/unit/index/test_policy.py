"""Which proxy and which certificates a request goes by."""

from __future__ import annotations

import ssl
from pathlib import Path

import certifi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from namehold.errors import IndexError_
from namehold.index.access.policy import DIRECT, ClientPolicy

PROXY = "http://user:hunter2@proxy.acme.example:3128"
INDEX = "https://index.acme.example/simple/"


def route(address: str, **environment: str) -> str:
    """The host and port of the proxy for an address; empty: straight."""
    proxy = ClientPolicy.read(environment).proxy_for(address)
    return proxy.shown if proxy is not None else ""


def test_each_scheme_has_its_proxy_and_all_proxy_is_for_the_rest() -> None:
    both = {"HTTP_PROXY": "http://one.example:1", "HTTPS_PROXY": "http://two.example:2"}
    assert route("http://index.acme.example/", **both) == "one.example:1"
    assert route(INDEX, **both) == "two.example:2"
    assert route(INDEX, ALL_PROXY="socks5h://three.example:3") == "three.example:3"
    assert route(INDEX, HTTPS_PROXY="two.example:2") == "two.example:2"
    assert route(INDEX) == ""


def test_the_lower_case_variable_comes_first() -> None:
    assert route(INDEX, HTTPS_PROXY="http://upper.example:1", https_proxy="http://lower.example:2") == "lower.example:2"
    assert route(INDEX, HTTPS_PROXY="http://upper.example:1", Https_Proxy="http://mixed.example:2") == "mixed.example:2"
    assert route(INDEX, HTTPS_PROXY=PROXY, No_Proxy=".acme.example") == ""


@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_variable_hides_none_in_capitals(empty: str) -> None:
    assert route(INDEX, https_proxy=empty, HTTPS_PROXY=PROXY) == "proxy.acme.example:3128"
    assert route(INDEX, HTTPS_PROXY=PROXY, no_proxy=empty, NO_PROXY=".acme.example") == ""


def test_a_request_header_of_a_web_server_is_no_proxy() -> None:
    assert route("http://index.acme.example/", HTTP_PROXY="http://evil.example:1", REQUEST_METHOD="GET") == ""


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000/", "https://127.9.9.9/", "http://[::1]:8000/simple/"])
def test_loopback_never_uses_a_proxy(address: str) -> None:
    assert route(address, HTTP_PROXY=PROXY, HTTPS_PROXY=PROXY, ALL_PROXY=PROXY) == ""


@pytest.mark.parametrize(
    ("entries", "address", "is_direct"),
    [
        ("*", INDEX, True),
        ("acme.example", INDEX, True),
        (".acme.example", INDEX, True),
        ("*.acme.example", INDEX, True),
        ("ACME.example.", INDEX, True),
        ("other.example, index.acme.example", INDEX, True),
        ("other.example index.acme.example", INDEX, True),
        ("me.example", INDEX, False),
        ("acme.example:443", INDEX, True),
        ("acme.example:8443", INDEX, False),
        ("acme.example:8443", "https://index.acme.example:8443/", True),
        ("https://acme.example", INDEX, True),
        ("https://acme.example/", INDEX, True),
        ("localhost;.acme.example", INDEX, True),
        ("10.0.0.0/8", "https://10.1.2.3/", True),
        ("10.0.0.0/8", "https://11.1.2.3/", False),
        ("10.1.2.3", "https://10.1.2.3:8443/", True),
        ("10.1.2.3:8443", "https://10.1.2.3/", False),
        ("fe80::/10", "https://[fe80::1]/", True),
        ("fe80::/10", INDEX, False),
        ("[fd00::1]:8443", "https://[fd00::1]:8443/", True),
        ("[fd00::1]:8443", "https://[fd00::1]/", False),
        ("fd00::1", "https://[fd00::1]/", True),
        ("10.*", "https://10.1.2.3/", True),
        ("192.168.*.*|10.1.*", "https://10.1.2.3/", True),
        ("10.*", "https://110.1.2.3/", False),
        ("*.acme.*", INDEX, True),
        ("*.acme.*:8443", INDEX, False),
        (f"acme.example:{'9' * 5000}", INDEX, False),
        ("<local>", "https://index/", True),
        ("<local>", INDEX, False),
        ("'acme.example'", INDEX, True),
        ("acme.example:", INDEX, True),
        ("index.acme.example/simple", INDEX, True),
        ("[fd00::]/8", "https://[fd00::1]/", True),
        ("10.9.9.9/255.0.0.0", "https://10.1.2.3/", True),
        ("", INDEX, False),
        (",, ,", INDEX, False),
    ],
)
def test_no_proxy_in_all_its_forms(entries: str, address: str, *, is_direct: bool) -> None:
    assert route(address, HTTPS_PROXY=PROXY, NO_PROXY=entries) == ("" if is_direct else "proxy.acme.example:3128")


@pytest.mark.parametrize("entries", ["*", "*.*"])
def test_asterisks_alone_say_nothing_about_ones_own_network(entries: str) -> None:
    policy = ClientPolicy.read({"NO_PROXY": entries})
    assert policy.is_direct(INDEX)
    assert not policy.is_inside(INDEX)


@given(st.text(max_size=30))
def test_no_text_in_no_proxy_is_a_crash(entries: str) -> None:
    route(INDEX, HTTPS_PROXY=PROXY, NO_PROXY=entries)


@pytest.mark.parametrize(
    "value",
    [
        *("http://svc:hunter2/x@127.0.0.1:9", "ftp://hunter2.example:1", "http://", "http://hunter2:0", "://hunter2"),
        # A password of digits up to the mark looks like a port.
        *("http://hunter2:12/34@127.0.0.1:9", "http://hunter2:12#34@127.0.0.1:9", "http://hunter2:12?34@127.0.0.1:9"),
        *("hunter2:12/34@127.0.0.1:9", "http://127.0.0.1:9/hunter2", "http://127.0.0.1:9/?hunter2"),
        *("http:/hunter2:9", "PROXY hunter2:9", "'http://hunter2:9'", "http://h\u00fcnter2:9", "socks4://hunter2:9"),
    ],
)
def test_what_is_no_proxy_is_refused_without_a_word_of_it(value: str) -> None:
    with pytest.raises(IndexError_) as caught:
        route(INDEX, HTTPS_PROXY=value)
    assert "HTTPS_PROXY" in caught.value.message
    assert "hunter2" not in caught.value.message + caught.value.fix


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("http://[fd00::1]:3128", "[fd00::1]:3128"),
        ("HTTP://squid_proxy:3128/", "squid_proxy:3128"),
        ("http://CORP\\jo:hunter2@proxy.acme.example:3128", "proxy.acme.example:3128"),
        ("jo:hunter2%2Fx@proxy.acme.example:3128", "proxy.acme.example:3128"),
        (" http://10.0.0.1:3128\r", "10.0.0.1:3128"),
    ],
)
def test_a_proxy_is_understood_in_all_its_forms(value: str, shown: str) -> None:
    assert route(INDEX, HTTPS_PROXY=value) == shown


def test_socks_without_a_version_is_version_5_as_in_browsers() -> None:
    proxy = ClientPolicy.read({"all_proxy": "socks://127.0.0.1:1080/"}).proxy_for(INDEX)
    assert proxy is not None
    assert proxy.url == "socks5://127.0.0.1:1080/"


def test_a_policy_shows_no_password() -> None:
    policy = ClientPolicy.read({"HTTPS_PROXY": PROXY})
    assert "hunter2" not in repr(policy)
    assert "hunter2" not in route(INDEX, HTTPS_PROXY=PROXY)


def test_certificates_that_can_not_be_read_are_told_by_their_variable(tmp_path: Path) -> None:
    with pytest.raises(IndexError_, match="SSL_CERT_FILE"):
        ClientPolicy.read({"SSL_CERT_FILE": str(tmp_path / "none.pem")}).make_context()
    (tmp_path / "no.pem").write_text("no certificate")
    with pytest.raises(IndexError_, match="SSL_CERT_FILE"):
        ClientPolicy.read({"SSL_CERT_FILE": str(tmp_path / "no.pem")}).make_context()


@pytest.mark.parametrize("folders", ["{0}/none", "{0}/a-file", "{0}/none:{0}/a-file", "{0}"])
def test_folders_in_which_no_certificate_is_found_are_told_by_their_variable(tmp_path: Path, folders: str) -> None:
    (tmp_path / "a-file").touch()
    (tmp_path / "corp.pem").touch()
    with pytest.raises(IndexError_, match="SSL_CERT_DIR"):
        ClientPolicy.read({"SSL_CERT_DIR": folders.format(tmp_path)}).make_context()


def test_one_of_several_folders_of_certificates_is_enough(tmp_path: Path) -> None:
    (tmp_path / "0a1b2c3d.0").touch()
    context = ClientPolicy.read({"SSL_CERT_DIR": f"{tmp_path}/none:{tmp_path}"}).make_context()
    assert context.verify_mode is ssl.CERT_REQUIRED


def test_a_file_for_keys_that_can_not_be_written_has_nothing_to_do_with_certificates(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", "/nowhere/keys")
    context = ClientPolicy.read({"SSL_CERT_FILE": certifi.where()}).make_context()
    assert not context.keylog_filename
    assert context.get_ca_certs()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_certificates_are_always_checked(tmp_path: Path) -> None:
    (tmp_path / "0a1b2c3d.0").touch()
    for policy in (DIRECT, ClientPolicy(cert_dir=str(tmp_path))):
        context = policy.make_context()
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname
