"""A line holds only if who decodes it and encodes it again as canonical JSON has the digest that it claims."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import NormalizedName
from tests.harness.applying import KEY

from namehold.documents import canonical_json, digest
from namehold.errors import CredentialError, LedgerCorrupt, LedgerError
from namehold.index.model import Outcome
from namehold.ledger import lines
from namehold.ledger.file import GENESIS
from namehold.ledger.lines import read_line, read_lines, write_line
from namehold.ledger.model import Adopted, Decided, LedgerEvent, Opened, Receipt, Reviewed

OPENED = Opened(index="trial", username="a", organization="B", time=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
WRITTEN = write_line(OPENED, sequence=1, previous=GENESIS)[1].rstrip(b"\n")


def sign(old: bytes, new: bytes) -> bytes:
    """The written line with this change, under the digest of its bytes as they are."""
    body = json.loads(WRITTEN)
    claim = b'"digest":"%b",' % body["digest"].encode()
    raw = WRITTEN.replace(claim, b"").replace(old, new)
    right = b'"digest":"sha256:%b",' % hashlib.sha256(raw).hexdigest().encode()
    return raw.replace(b'"kind":', right + b'"kind":', 1)


def test_the_line_as_it_was_written_is_read() -> None:
    assert sign(b"", b"") == WRITTEN
    assert read_line(WRITTEN, number=1, previous=GENESIS).value == OPENED


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"username":"a"', b'"username":"a","username":"zz"'),
        (b'"username":"a"', b'"username": "a"'),
        (b'"username":"a"', b'"username":"\\u0061"'),
        (b'"username":"a"', b'"username":"a","zzz":1.50'),
        (b'"username":"a"', b'"username":"a","zzz":-0'),
        (b'"username":"a"', b'"username":"a","zzz":{"b":1,"a":2}'),
        (b'"username":"a"', b'"username":"a","b":1'),
        (b'"username":"a"', b'"username":"a","zzz":' + b"[" * 900 + b" " + b"]" * 900),
        (b'"time":"2026', b'"time": "2026'),
        (b'00Z"}', b'00Z" }'),
        (b"00Z", b"00\\u005a"),
    ],
)
def test_bytes_that_are_not_canonical_do_not_fit_their_digest(old: bytes, new: bytes) -> None:
    line = sign(old, new)
    body = json.loads(line)
    assert canonical_json(body) != line
    with pytest.raises(LedgerCorrupt, match="its content doesn't fit its digest"):
        read_line(line, number=1, previous=GENESIS)


@pytest.mark.parametrize(
    "more", [{"zzz": 1}, {"zzz": 1.5}, {"zzz": [[[["deep"]]]]}, {"zzz": "\x1f\u00e9"}, {"b": 10**30}]
)
def test_keys_of_a_later_version_are_passed_over(more: dict[str, object]) -> None:
    body = json.loads(WRITTEN)
    del body["digest"]
    body["data"] |= more
    line = canonical_json(body | {"digest": digest(body)})
    assert read_line(line, number=1, previous=GENESIS).value == OPENED


RECEIPT = Receipt(
    name=NormalizedName("acme-tol"),
    target=NormalizedName("acme-tool"),
    outcome=Outcome.HELD,
    message='"sent":null, ","time":\\"',
    action_digest="",
    time=OPENED.time,
)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"sent": None, "uploaded": None},
        {"time": "2025-05-05T00:00:00Z"},
        {"time": "2026-01-01T01:00:00+01:00"},
        {"owner": None},
        {"zzz": {"time": "x", "sent": None}},
    ],
)
def test_data_of_another_layout_tells_the_same(changes: dict[str, object]) -> None:
    """The line's own time counts; what an older version left out is as empty as what a later one writes out."""
    body = json.loads(write_line(RECEIPT, sequence=1, previous=GENESIS)[1])
    del body["digest"]
    body["data"] |= changes
    if body["data"]["owner"] is None:
        del body["data"]["owner"]
    line = canonical_json(body | {"digest": digest(body)})
    assert read_line(line, number=1, previous=GENESIS).value == RECEIPT


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999999"])
def test_what_is_no_number_in_json_is_in_no_line(number: bytes) -> None:
    """Python's own reader takes them and its writer writes them: other readers of the file stop there."""
    with pytest.raises(LedgerCorrupt, match="line 1: it is no event"):
        read_line(sign(b'"username":"a"', b'"username":"a","zzz":' + number), number=1, previous=GENESIS)


@pytest.mark.parametrize(
    ("line", "message", "fix"),
    [
        (b"version https://git-lfs.github.com/spec/v1", "has left a pointer", "git lfs pull, then call again"),
        (b"<<<<<<< HEAD", "couldn't merge two ledgers", "namehold status --rebuild OTHER"),
    ],
)
def test_what_git_wrote_in_place_of_a_line_loses_no_ledger(line: bytes, message: str, fix: str) -> None:
    """The whole ledger is still in the repository: nothing is to be restored from a copy."""
    with pytest.raises(LedgerCorrupt, match=message) as caught:
        read_line(line, number=1, previous=GENESIS)
    assert caught.value.fix.endswith(fix)


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
@pytest.mark.parametrize("place", [b'"username":"a"', b'"kind":"opened"'])
def test_a_line_that_is_nested_too_deeply_is_no_event(place: bytes, opening: bytes) -> None:
    closing = b"]" if opening == b"[" else b"}"
    deep = b',"zzz":' + opening * 100_000 + b"1" + closing * 100_000
    with pytest.raises(LedgerCorrupt, match="line 1: it is no event"):
        read_line(sign(place, place + deep), number=1, previous=GENESIS)


def test_an_approval_of_any_depth_is_an_event_or_refused() -> None:
    """Each step of reading goes as deep as Python's stack has room: no depth may fall between two of them."""
    approval = canonical_json({"action_digest": "d", "mac": "0" * 64, "zzz": 1})
    for depth in range(800, 1000):
        raw = b'{"data":%b,"kind":"approval","previous":"%b","sequence":1,"time":"2026-01-01T00:00:00Z"}' % (
            approval.replace(b":1", b":" + b"[" * depth + b"]" * depth),
            GENESIS.encode(),
        )
        claim = b'"digest":"sha256:%b",' % hashlib.sha256(raw).hexdigest().encode()
        line = raw.replace(b'"kind":', claim + b'"kind":', 1)
        with suppress(LedgerCorrupt):
            assert not read_line(line, number=1, previous=GENESIS, find_key=lambda: KEY).is_authentic


@pytest.mark.parametrize("sequence", [1.0, True])
def test_a_sequence_is_a_whole_number(sequence: object) -> None:
    body = json.loads(WRITTEN) | {"sequence": sequence}
    del body["digest"]
    line = canonical_json(body | {"digest": digest(body)})
    with pytest.raises(LedgerCorrupt, match="doesn't follow the line before"):
        read_line(line, number=1, previous=GENESIS)


@pytest.mark.parametrize("version", ["1.0x", "9" * 5_000])
def test_what_is_no_version_makes_no_line(version: str) -> None:
    """In a number of so many digits Python sees a fault of another kind: that isn't a fault of ours."""
    held = Adopted(name=NormalizedName("a"), target=NormalizedName("b"), version="1", files=(), time=OPENED.time)
    body = json.loads(write_line(held, sequence=1, previous=GENESIS)[1])
    del body["digest"]
    body["data"]["version"] = version
    line = canonical_json(body | {"digest": digest(body)})
    with pytest.raises(LedgerCorrupt, match="line 1: its version can't be right"):
        read_line(line, number=1, previous=GENESIS)


def test_an_event_without_a_time_is_not_written() -> None:
    timeless = Decided(name=NormalizedName("acme-tol"), decision="theirs")  # type: ignore[call-arg]  # what is tried
    with pytest.raises(LedgerError, match="can't take this time"):
        write_line(timeless, sequence=1, previous=GENESIS)


_PIECES = [
    *(
        b'"a":null',
        b'"uploaded":null',
        b'"sent":null',
        b'"mac":""',
        b'"status":200',
        b'"status":2e2',
        b'"status":200.0',
    ),
    *(b'"time":"2026-01-01T00:00:00Z"', b'"time":"2026-01-01T00:00:00+00:00"', b'"time":null', b'"owner":"\\u0061"'),
    *(b'"zzz":"\\ud800"', b'"zzz":"\xed\xa0\x80"', b'"zzz":-0', b'"zzz":18446744073709551616', b'"zzz":{"sent":null}'),
    *(
        b'"zzz":",\\"uploaded\\":null"',
        '"\uffff":1,"\U00010000":2'.encode(),
        '"\U00010000":2,"\uffff":1'.encode(),
    ),
]


@given(piece=st.sampled_from(_PIECES), place=st.integers(0, 20), is_instead=st.booleans())
def test_the_quick_way_reads_what_the_slow_way_reads(piece: bytes, place: int, *, is_instead: bool) -> None:
    """The slow way decodes the line, and encodes all of it again."""
    written = write_line(RECEIPT, sequence=1, previous=GENESIS)[1].rstrip(b"\n")
    start, _, end = written.partition(b',"digest":"')
    parts = (start + b"," + end.partition(b'",')[2]).split(b',"')
    at = 1 + place % (len(parts) - 1)
    parts[at : at + is_instead] = [piece[1:]]
    raw = b',"'.join(parts)
    claim = b'"digest":"sha256:%b",' % hashlib.sha256(raw).hexdigest().encode()
    line = raw.replace(b'"kind":"receipt"', claim + b'"kind":"receipt"', 1)
    with pytest.MonkeyPatch.context() as patch:
        quick = outcome_of(line)
        patch.setattr(lines, "_read_alike", lambda _, alike: [None] * len(alike))
        assert quick == outcome_of(line)


def outcome_of(line: bytes) -> LedgerEvent | str:
    try:
        return read_line(line, number=1, previous=GENESIS)
    except LedgerCorrupt as error:
        return str(error)


def chain(*bodies: dict[str, object]) -> list[bytes]:
    """The lines of these bodies, each with its place, as canonical JSON under the right digests."""
    chained, previous = [], GENESIS
    for sequence, body in enumerate(bodies, start=1):
        whole = {"time": "2026-01-01T00:00:00Z", "sequence": sequence, "previous": previous} | body
        previous = digest(whole)
        chained.append(canonical_json(whole | {"digest": previous}))
    return chained


ADOPTED = Adopted(name=RECEIPT.name, target=RECEIPT.target, version="1.0", files=(), time=RECEIPT.time)


def review(**data: object) -> dict[str, object]:
    return {"kind": "review", "data": {"name": "acme-tol"} | data}


@pytest.mark.parametrize("data", [{"time": 0}, {"time": {}}, {"zzz": [[["deep"]]]}, {}])
def test_each_line_is_read_once_however_its_neighbours_are_laid_out(
    monkeypatch: pytest.MonkeyPatch, data: dict[str, object]
) -> None:
    """Lines that only the slow way reads must not make the others of the same lot be read again."""
    typed: list[bytes] = []
    as_text: list[bytes] = []

    def note(asked: list[bytes], decode: Callable[[bytes], object]) -> Callable[[bytes], object]:
        def read(line: bytes) -> object:
            asked.append(line)
            return decode(line)

        return read

    decode = lines._TYPED_LINES[b"review"]
    monkeypatch.setattr(lines, "_TYPED_LINES", {b"review": note(typed, decode)})
    monkeypatch.setattr(lines, "_decode_text", note(as_text, lines._decode_text))
    written = chain(*[review(**data), review()] * 20)
    assert len([*read_lines(written, number=1, previous=GENESIS)]) == 40
    assert typed == written
    assert as_text == (written[::2] if data else [])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(
            ("name", name)
            for name in ("", "-", "-acme", "acme-", "acme--tol-", "acme/tol", "acme/", "Acme", "acmé", "a\n")
        ),
        ("target", "acme_tool"),
        *(("files", [[name, ""]]) for name in ("", ".a", "a/b", "a//b", "a/.b", "a/", "/a", "a\\b", "a\n", "a\x7f")),
        *(("files", [["a", text]]) for text in ("0" * 63, "0" * 65, "0" * 128, "A" * 64, "é" * 64, "0" * 63 + "/")),
        ("files", [["a", "0" * 32], ["b", "0" * 96]]),
        *(("version", version) for version in ("", "x", "1 2")),
        *(("slot_time", f"{time}Z") for time in ("1969-12-31T23:59:59", "3000-01-01T00:00:00")),
        *(("uploaded", time) for time in ("2026-01-01T00:00:00+01:00", "2026-01-01T00:00:00")),
        ("limits", {"quota": {"limit": -1, "window_s": 1}, "closed_until": None}),
        ("limits", {"quota": {"limit": 1, "window_s": 0}, "closed_until": None}),
        ("limits", {"quota": None, "closed_until": "1969-12-31T23:59:59Z"}),
        ("sent", {"mode": "refuse", "version": "x", "files": [], "withdraw_on": None}),
        ("sent", {"mode": "refuse", "version": "1", "files": [["..", ""]], "withdraw_on": None}),
        ("sent", {"mode": "refuse", "version": "1", "files": [], "withdraw_on": "9999-12-31"}),
    ],
)
def test_a_value_that_cannot_be_right_is_found_among_others_of_its_kind(key: str, value: object) -> None:
    event = ADOPTED if key == "version" else RECEIPT
    body = json.loads(write_line(event, sequence=1, previous=GENESIS)[1])
    good, bad = ({"kind": body["kind"], "data": data} for data in (body["data"], body["data"] | {key: value}))
    with pytest.raises(LedgerCorrupt, match=f"line 3: its {key} can't be right"):
        [*read_lines(chain(good, good, bad, good), number=1, previous=GENESIS)]


def test_the_key_is_asked_for_no_line_behind_a_bad_one() -> None:
    """A key that can't be read must not hide that the ledger is damaged."""

    def no_entry() -> None:
        raise CredentialError("the key's store is locked")

    written = chain(review(), review(name="Not Normal"), {"kind": "review", "data": {"sealed": "c2VhbGVk"}})
    with pytest.raises(LedgerCorrupt, match="line 2: its name can't be right"):
        [*read_lines(written, number=1, previous=GENESIS, find_key=no_entry)]


def test_a_sealed_value_that_cannot_be_right_is_told_before_a_later_fault() -> None:
    sealed = KEY.seal(canonical_json({"name": "Not Normal"}), place=GENESIS)
    first, second, third = chain(review(), {"kind": "review", "data": {"sealed": sealed}}, review())
    written = [first, second, third.replace(b"acme-tol", b"acme-tool")]
    read = read_lines(written, number=1, previous=GENESIS, find_key=lambda: KEY)
    assert next(read).value == Reviewed(name=NormalizedName("acme-tol"), time=RECEIPT.time)
    with pytest.raises(LedgerCorrupt, match="line 2: its name can't be right"):
        next(read)
