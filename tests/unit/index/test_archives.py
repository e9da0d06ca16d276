"""Archives are hostile until proved otherwise."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile
from typing import Literal

import pytest

from namehold.errors import InputError
from namehold.index import archives
from namehold.index.archives import ArchiveLimits, HostileArchive, open_archive


def wheel_of(members: dict[str, bytes], *, compression: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    stream.seek(0)
    return stream


def sdist_of(members: list[tuple[tarfile.TarInfo, bytes]]) -> io.BytesIO:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for info, content in members:
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    stream.seek(0)
    return stream


def test_a_wheel_shows_its_files_and_their_bytes() -> None:
    with open_archive("a-1-py3-none-any.whl", wheel_of({"a/__init__.py": b"x = 1\n"})) as archive:
        assert archive.names == ("a/__init__.py",)
        assert archive.read("a/__init__.py") == b"x = 1\n"


def test_an_sdist_shows_its_files_and_their_bytes() -> None:
    stream = sdist_of([(tarfile.TarInfo("a-1/PKG-INFO"), b"Name: a\n")])
    with open_archive("a-1.tar.gz", stream) as archive:
        assert archive.names == ("a-1/PKG-INFO",)
        assert archive.read("a-1/PKG-INFO") == b"Name: a\n"


@pytest.mark.parametrize("path", ["../evil.py", "/etc/evil", "a/../../evil", "..\\evil", "C:evil"])
def test_a_path_that_leaves_the_archive_refuses_all_of_it(path: str) -> None:
    with (
        pytest.raises(HostileArchive, match="leaves the archive"),
        open_archive("a-1-py3-none-any.whl", wheel_of({path: b""})),
    ):
        pass
    with (
        pytest.raises(HostileArchive, match="leaves the archive"),
        open_archive("a-1.tar.gz", sdist_of([(tarfile.TarInfo(path), b"")])),
    ):
        pass


@pytest.mark.parametrize(
    "path", ["a//b.py", ".", "././a.py", "a/./b.py", "a\\b.py", "a/\x1b[2Jb.py", "a/" + "b" * 5000]
)
def test_a_path_of_two_forms_refuses_the_archive(path: str) -> None:
    with (
        pytest.raises(HostileArchive, match="isn't written plainly"),
        open_archive("a-1-py3-none-any.whl", wheel_of({path: b""})),
    ):
        pass
    with (
        pytest.raises(HostileArchive, match="isn't written plainly"),
        open_archive("a-1.tar.gz", sdist_of([(tarfile.TarInfo(path), b"")])),
    ):
        pass


def test_folders_are_no_files() -> None:
    folder = tarfile.TarInfo("a-1/src/")
    folder.type = tarfile.DIRTYPE
    with open_archive("a-1.tar.gz", sdist_of([(folder, b"")])) as archive:
        assert archive.names == ()
    with open_archive("a-1-py3-none-any.whl", wheel_of({"a/": b"", "a/b.py": b""})) as archive:
        assert archive.names == ("a/b.py",)


def test_a_compression_bomb_is_not_unpacked() -> None:
    bomb = wheel_of({"a/big.txt": b"\0" * 5_000_000})
    with open_archive("a-1-py3-none-any.whl", bomb) as archive, pytest.raises(HostileArchive, match="unpacks to"):
        archive.read("a/big.txt")


def test_a_member_over_the_limit_is_not_read() -> None:
    stream = wheel_of({"a/big.txt": b"x" * 2000}, compression=zipfile.ZIP_STORED)
    with (
        open_archive("a-1-py3-none-any.whl", stream, ArchiveLimits(member_bytes=1000)) as archive,
        pytest.raises(HostileArchive, match="larger than 1000 bytes"),
    ):
        archive.read("a/big.txt")


def test_too_many_members_refuse_the_archive() -> None:
    members = {f"a/{i}.py": b"" for i in range(11)}
    with (
        pytest.raises(HostileArchive, match="members"),
        open_archive("a-1-py3-none-any.whl", wheel_of(members), ArchiveLimits(members=10)),
    ):
        pass


def test_a_link_in_a_wheel_refuses_it() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        link = zipfile.ZipInfo("a/link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    stream.seek(0)
    with pytest.raises(HostileArchive, match="is a link"), open_archive("a-1-py3-none-any.whl", stream):
        pass


def test_a_link_in_an_sdist_is_never_followed() -> None:
    link = tarfile.TarInfo("a-1/PKG-INFO")
    link.type = tarfile.SYMTYPE
    link.linkname = "/etc/passwd"
    with open_archive("a-1.tar.gz", sdist_of([(link, b"")])) as archive:
        assert archive.names == ()
        assert archive.others == ("a-1/PKG-INFO",)


@pytest.mark.parametrize("filename", ["a-1-py3-none-any.whl", "a-1.tar.gz"])
@pytest.mark.parametrize("content", [b"", b"garbage" * 100])
def test_garbage_is_refused_with_the_file_named(filename: str, content: bytes) -> None:
    with pytest.raises(HostileArchive) as caught, open_archive(filename, io.BytesIO(content)):
        pass
    assert caught.value.diagnostics()[0].path == filename


def test_a_truncated_sdist_is_refused() -> None:
    whole = sdist_of([(tarfile.TarInfo("a-1/PKG-INFO"), b"Name: a\n" * 5000)]).getvalue()
    with pytest.raises(HostileArchive), open_archive("a-1.tar.gz", io.BytesIO(whole[: len(whole) // 2])):
        pass


def test_a_kind_that_no_package_has_is_refused() -> None:
    with pytest.raises(InputError, match="neither a wheel nor an sdist"), open_archive("a.exe", io.BytesIO(b"MZ")):
        pass


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE])
def test_a_header_without_end_is_not_read(kind: bytes) -> None:
    header = tarfile.TarInfo("header")
    header.type = kind
    with (
        pytest.raises(HostileArchive, match="headers of more than"),
        open_archive("a-1.tar.gz", sdist_of([(header, b"a" * 3_000_000)])),
    ):
        pass


@pytest.mark.parametrize(
    "records",
    [
        b"1" * 200_000,
        b"5 aaa" * 40_000 + b"=",
        b"30 comment=" + b"1" * 18 + b"\n" + b"2" * 5_000,
        b"%d comment=%s\n" % (5_014, b"7" * 5_000),
        b"13 mtime=1.5",
    ],
)
def test_a_special_header_that_takes_the_square_of_the_time_is_refused(records: bytes) -> None:
    header = tarfile.TarInfo("header")
    header.type = tarfile.XHDTYPE
    with (
        pytest.raises(HostileArchive, match="isn't written as records"),
        open_archive("a-1.tar.gz", sdist_of([(header, records)])),
    ):
        pass


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
@pytest.mark.parametrize("name", ["a-1/" + "x" * 240, "a-1/" + "ü" * 120, "a-1/b"])
def test_long_names_and_times_in_special_headers_are_read(form: int, name: str) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", format=form) as archive:
        for number, content in enumerate((b"x" * 512, b"x" * 511, b"x" * 5_000)):
            member = tarfile.TarInfo(f"{name}{number}")
            member.size, member.mtime = len(content), 1_700_000_000.25  # pax has fractions
            archive.addfile(member, io.BytesIO(content))
    with open_archive("a-1.tar.gz", io.BytesIO(packed.getvalue())) as read:
        assert [len(read.read(found)) for found in read.names] == [512, 511, 5_000]


def test_a_map_of_holes_without_end_is_not_read() -> None:
    header = bytearray(tarfile.TarInfo("a-1/holes").tobuf(tarfile.GNU_FORMAT))
    header[156:157] = tarfile.GNUTYPE_SPARSE
    header[482] = 1  # the map goes on in the next block
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    block = (b"00000000001\0" * 2) * 21 + b"\1" + b"\0" * 7
    content = gzip.compress(bytes(header) + block * 5000)
    with pytest.raises(HostileArchive, match="headers of more than"), open_archive("a-1.tar.gz", io.BytesIO(content)):
        pass


def test_a_file_of_negative_size_is_damage() -> None:
    header = bytearray(tarfile.TarInfo("a-1/b").tobuf(tarfile.GNU_FORMAT))
    header[124:136] = b"\xff" * 10 + b"\xfe\x00"  # -512
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    first = tarfile.TarInfo("a-1/a")
    content = gzip.compress(first.tobuf() + bytes(header) + b"\0" * 1024)
    with pytest.raises(HostileArchive, match="lies before"), open_archive("a-1.tar.gz", io.BytesIO(content)):
        pass


def test_no_more_of_an_sdist_is_unpacked_than_the_limit() -> None:
    stream = sdist_of([(tarfile.TarInfo("a-1/a"), b"a" * 5000)])
    with (
        pytest.raises(HostileArchive, match="unpacks to more than 4000 bytes"),
        open_archive("a-1.tar.gz", stream, ArchiveLimits(listing_bytes=4000)),
    ):
        pass


def test_small_files_beyond_the_limit_together_are_listed_but_not_kept() -> None:
    stream = sdist_of([(tarfile.TarInfo(f"a-1/{name}"), b"a" * 600) for name in "ab"])
    with open_archive("a-1.tar.gz", stream, ArchiveLimits(kept_bytes=1000)) as archive:
        assert archive.names == ("a-1/a", "a-1/b")
        assert archive.read("a-1/a") == b"a" * 600
        with pytest.raises(HostileArchive, match="too many files"):
            archive.read("a-1/b")


@pytest.mark.parametrize("mode", ["w:", "w:bz2", "w:xz"])
def test_an_sdist_is_a_gzip_stream_and_nothing_else(mode: Literal["w:", "w:bz2", "w:xz"]) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:
        archive.addfile(tarfile.TarInfo("a-1/PKG-INFO"), io.BytesIO(b""))
    stream.seek(0)
    with pytest.raises(HostileArchive, match="can't be read"), open_archive("a-1.tar.gz", stream):
        pass


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_wheel_with_an_unusual_compression_is_refused(compression: int) -> None:
    stream = wheel_of({"a/b.py": b"a"}, compression=compression)
    with pytest.raises(HostileArchive, match="unusual way"), open_archive("a-1-py3-none-any.whl", stream):
        pass


def test_a_member_that_is_larger_than_its_header_says_is_damage() -> None:
    content = wheel_of({"a/b.py": b"a" * 5000}).getvalue()
    size = struct.pack("<L", 5000)
    assert content.count(size) == 2
    stream = io.BytesIO(content.replace(size, struct.pack("<L", 100)))
    with open_archive("a-1-py3-none-any.whl", stream) as archive, pytest.raises(HostileArchive, match="can't be read"):
        archive.read("a/b.py")


def test_names_that_are_no_text_are_damage() -> None:
    content = wheel_of({"a/\u00e9.py": b""}).getvalue()
    stream = io.BytesIO(content.replace("\u00e9".encode(), b"\xff\xff"))
    with pytest.raises(HostileArchive, match="can't be read"), open_archive("a-1-py3-none-any.whl", stream):
        pass


def test_an_error_of_the_readers_own_is_not_called_damage() -> None:
    with pytest.raises(ValueError, match="mine"), open_archive("a-1-py3-none-any.whl", wheel_of({"a": b""})):
        raise ValueError("mine")


@pytest.mark.parametrize("link_at", [0, 1])
def test_a_path_that_a_link_shares_refuses_an_sdist(link_at: int) -> None:
    members = [tarfile.TarInfo("a-1/LICENSE"), tarfile.TarInfo("./a-1/LICENSE")]
    members[link_at].type, members[link_at].linkname = tarfile.SYMTYPE, "hatch.toml"
    stream = sdist_of([(member, b"") for member in members])
    with pytest.raises(HostileArchive, match="share one path"), open_archive("a-1.tar.gz", stream):
        pass


def test_of_two_files_with_one_path_an_sdist_shows_what_is_unpacked_last() -> None:
    members = [("a-1/setup.py", b"first"), ("./a-1/PKG-INFO", b"Name: a"), ("./a-1/setup.py", b"last")]
    stream = sdist_of([(tarfile.TarInfo(path), content) for path, content in members])
    with open_archive("a-1.tar.gz", stream) as archive:
        assert {path: archive.read(path) for path in archive.names} == {
            "a-1/setup.py": b"last",
            "a-1/PKG-INFO": b"Name: a",
        }


@pytest.mark.parametrize("folder", [".", "./", "./a-1"])
def test_an_sdist_whose_paths_begin_at_its_own_folder_is_read(folder: str) -> None:
    outer = tarfile.TarInfo(folder)
    outer.type = tarfile.DIRTYPE
    with open_archive("a-1.tar.gz", sdist_of([(outer, b""), (tarfile.TarInfo("./a-1/a.py"), b"x = 1")])) as archive:
        assert (archive.names, archive.read("a-1/a.py")) == (("a-1/a.py",), b"x = 1")
    with pytest.raises(HostileArchive), open_archive("a-1-py3-none-any.whl", wheel_of({"./a.py": b""})):
        pass


def test_a_refused_path_floods_no_message() -> None:
    stream = sdist_of([(tarfile.TarInfo("a-1/" + "b" * 5000), b"")])
    with pytest.raises(HostileArchive) as caught, open_archive("a-1.tar.gz", stream):
        pass
    assert len(str(caught.value)) < 500


def test_an_sdist_that_unpacks_to_more_than_any_real_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives._Tar, "_UNPACKED_BYTES", 20_000)
    member = tarfile.TarInfo("a-1/large.bin")
    with (
        pytest.raises(HostileArchive, match="unpacks to more than"),
        open_archive("a-1.tar.gz", sdist_of([(member, b"x" * 40_000)])),
    ):
        pass
