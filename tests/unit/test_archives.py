"""Archives are hostile until proved otherwise."""

from __future__ import annotations

import io
import tarfile
import zipfile

import pytest

from namehold.archives import ArchiveLimits, HostileArchive, open_archive
from namehold.errors import InputError


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
