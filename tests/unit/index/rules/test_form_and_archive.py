"""The index's checks of a file and its form, beyond the recorded answers that the contract tests replay."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Mapping

import pytest
from packaging.utils import NormalizedName
from tests.harness.wheels import make_wheel

from namehold.index.rules.archive import fields_of_file, find_archive_refusal, find_refusal, metadata_file_of
from namehold.index.rules.form import Refusal, clean_fields, digests_of, find_envelope_refusal, find_form_refusal

_CORE = " See https://packaging.python.org/specifications/core-metadata for more information."
_WHEEL = "acme_tool-1.0-py3-none-any.whl"
_SDIST = "acme_tool-1.0.tar.gz"
_TOP = "acme_tool-1.0"
DEEP = f"a; {'(' * 900}os_name == 'a'{')' * 900}"


def _form(**changes: str | list[str] | None) -> dict[str, list[str]]:
    """A form that passes, with some fields changed; None leaves one out."""
    fields: dict[str, str | list[str] | None] = {
        "metadata_version": "2.4",
        "name": "acme-tool",
        "version": "1.0",
        "filetype": "sdist",
        "pyversion": "source",
        "sha256_digest": "0" * 64,
    }
    fields |= changes
    return {name: [value] if isinstance(value, str) else value for name, value in fields.items() if value is not None}


def _sdist(members: Mapping[str, str]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for path, text in members.items():
            member = tarfile.TarInfo(path)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return stream.getvalue()


def _wheel(members: Mapping[str, str], *, record: str | None = None, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    folder = f"{_TOP}.dist-info"
    files = {f"{folder}/METADATA": "", f"{folder}/WHEEL": "", **{f"{folder}/{name}": t for name, t in members.items()}}
    files[f"{folder}/RECORD"] = "".join(f"{path},,\n" for path in files) if record is None else record
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return stream.getvalue()


def _message(refusal: Refusal | None) -> str | None:
    return refusal.message if refusal else None


def test_files_own_form_passes_every_check() -> None:
    filename, content = make_wheel(
        NormalizedName("acme-robotics-sdk"),
        "0.0.1",
        project_urls={"Homepage": "https://acme.example/"},
        requires_dist=["acme-tool"],
        author="Acme Robotics",
        author_email="Acme Security <security@acme.example>",
    )
    fields = fields_of_file(filename, content)

    assert find_refusal(fields, filename, content) is None
    assert fields["project_urls"] == ["Homepage, https://acme.example/"]
    assert fields["requires_dist"] == ["acme-tool"]
    assert fields["filetype"] == ["bdist_wheel"]
    assert fields["pyversion"] == ["py3"]
    assert fields["sha256_digest"] == [digests_of(content)["sha256"]]


def test_form_of_an_sdist_comes_from_its_pkg_info() -> None:
    content = _sdist(
        {
            f"{_TOP}/PKG-INFO": "Metadata-Version: 2.4\nName: acme-tool\nVersion: 1.0\nKeywords: one,two\n\nText.\n",
            f"{_TOP}/acme/PKG-INFO": "Name: another\n",
        }
    )
    fields = fields_of_file(_SDIST, content)

    assert (fields["name"], fields["keywords"], fields["description"]) == (["acme-tool"], ["one, two"], ["Text.\n"])
    assert find_refusal(fields, _SDIST, content) is None


@pytest.mark.parametrize(
    ("filename", "content"),
    [(_WHEEL, b"no archive"), (_SDIST, b"no archive"), (_SDIST, _sdist({f"{_TOP}/README.md": ""})), (_WHEEL, b"")],
)
def test_file_without_readable_metadata_gives_a_form_that_is_refused(filename: str, content: bytes) -> None:
    assert metadata_file_of(filename, content) is None
    assert find_form_refusal(fields_of_file(filename, content)) is not None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"filetype": None}, "Invalid value for filetype. Error: This field is required."),
        ({"filetype": "bdist_egg"}, "Invalid value for filetype. Error: Use a known file type."),
        (
            {"filetype": "bdist_wheel", "pyversion": None},
            "Invalid value for pyversion. Error: Python version is required for binary distribution uploads.",
        ),
        (
            {"sha256_digest": "zz"},
            "Invalid value for sha256_digest. Error: Use a valid, hex-encoded, SHA256 message digest.",
        ),
        ({"protocol_version": "2"}, "Unknown protocol version."),
        (
            {"version": "1.0+acme"},
            (
                "The use of local versions in '1.0+acme' is not allowed. See https://packaging.python.org/specifications/"
                "version-specifiers/#local-version-identifiers for more information."
            ),
        ),
        ({"summary": "s" * 513}, f"'summary' field must be 512 characters or less.{_CORE}"),
        (
            {"requires_dist": "acme-tool @ https://acme.example/tool.whl"},
            f"Can't have direct dependency: acme-tool @ https://acme.example/tool.whl.{_CORE}",
        ),
        ({"project_urls": ", https://acme.example/"}, f"Must have a label.{_CORE}"),
        ({"home_page": "acme.example"}, f"'acme.example' is not a valid url.{_CORE}"),
        (
            {"home_page": "https://acme.example/a\tb"},
            f"'https://acme.example/a\\tb' is not a valid url.{_CORE}",
        ),
        (
            {"author_email": "security@acme.test"},
            (
                "'security@acme.test' is not a valid email address: The part after the @-sign is a special-use or "
                f"reserved name that cannot be used with email.{_CORE}"
            ),
        ),
        (
            {"maintainer_email": "@acme.example"},
            f"'@acme.example' is not a valid email address: There must be something before the @-sign.{_CORE}",
        ),
        (
            {"author_email": "acme.example"},
            f"'acme.example' is not a valid email address: An email address must have an @-sign.{_CORE}",
        ),
        (
            {"classifiers": "Natural Language :: Ukranian"},
            (
                "The classifier 'Natural Language :: Ukranian' has been deprecated, use one of "
                f"['Natural Language :: Ukrainian'] instead.{_CORE}"
            ),
        ),
        # packaging reads parentheses by recursion.
        ({"requires_dist": ["rich", DEEP]}, f"{DEEP!r} is invalid for 'requires-dist'.{_CORE}"),
        ({"provides_dist": DEEP}, f"{DEEP!r} is invalid: it has more than 20 parentheses.{_CORE}"),
        # Version and name are told before anything else, however many faults there are.
        (
            {"version": "one", "classifiers": "Nope", "summary": "a\nb"},
            f"'one' is invalid for 'version'.{_CORE}",
        ),
    ],
)
def test_form_is_refused(changes: dict[str, str | list[str] | None], message: str) -> None:
    assert _message(find_form_refusal(_form(**changes))) == message


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"summary": "s" * 512},
        {"author_email": "security@acme.example"},
        {"author_email": "Acme <security@mail.acme.example>"},
        {"project_urls": ["Homepage, https://acme.example/%7Etool?a=b#c", "Issues, http://acme.example/i"]},
        {"description_content_type": "text/markdown; charset=UTF-8; variant=GFM"},
        {"description_content_type": "text/x-rst", "description": ""},
        {"license": "UNKNOWN", "license_expression": "Apache-2.0"},
        {"unrelated": "field"},
    ],
)
def test_form_is_accepted(changes: dict[str, str | list[str] | None]) -> None:
    assert find_form_refusal(_form(**changes)) is None


def test_unknown_is_nothing_and_a_nul_is_spelled_out() -> None:
    assert clean_fields({"license": ["UNKNOWN"], "summary": ["a\x00b"]}) == {"summary": ["a\\x00b"]}


@pytest.mark.parametrize(
    ("filename", "message"),
    [
        (
            "acme\x01.tar.gz",
            (
                "Cannot upload a file with non-printable characters (ordinals 0-31) "
                "or the DEL character (ordinal 127) in the name."
            ),
        ),
        ("../acme.tar.gz", "Cannot upload a file with '/' or '\\' in the name."),
        (
            _WHEEL,
            (
                "Invalid file extension: Extension .whl is invalid for filetype sdist. "
                "See https://www.python.org/dev/peps/pep-0527 for more information."
            ),
        ),
    ],
)
def test_file_name_is_refused_before_its_content(filename: str, message: str) -> None:
    assert _message(find_envelope_refusal(_form(), filename, b"")) == message


def test_description_is_judged_before_the_file_name() -> None:
    fields = _form(description="Title\n=\n\n`open", description_content_type="text/x-rst")
    assert _message(find_envelope_refusal(fields, "no-extension", b"", help_base="https://acme.example")) == (
        "The description failed to render for 'text/x-rst'. "
        "See https://acme.example/help/#description-content-type for more information."
    )


def test_plain_text_always_renders() -> None:
    content = b"x"
    fields = _form(
        description="`open", description_content_type="text/plain", sha256_digest=digests_of(content)["sha256"]
    )
    assert find_envelope_refusal(fields, _SDIST, content) is None


@pytest.mark.parametrize(
    ("members", "fault"),
    [
        ({"one/PKG-INFO": "", "two/PKG-INFO": ""}, "Incorrect number of top-level directories in sdist"),
        ({f"{_TOP}/PKG-INFO": ""}, f"PKG-INFO not found at {_TOP}/PKG-INFO/PKG-INFO"),
        ({}, "Incorrect number of top-level directories in sdist"),
    ],
)
def test_sdist_archive_is_refused(members: Mapping[str, str], fault: str) -> None:
    assert _message(find_archive_refusal(_form(), _SDIST, _sdist(members))) == f"Invalid distribution file. {fault}"


def test_zip_sdist_is_refused_for_its_name_only_after_its_content() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(f"{_TOP}/PKG-INFO", "")
        archive.writestr(f"{_TOP}/README.md", "")
    assert _message(find_archive_refusal(_form(), "acme_tool-1.0.zip", stream.getvalue())) == (
        "Filename 'acme_tool-1.0.zip' is invalid, should be 'acme_tool-1.0.tar.gz'."
    )


def test_archive_that_unpacks_to_fifty_times_its_size_is_refused() -> None:
    bomb = _wheel({"bomb": "0" * (65 * 1024 * 1024)})
    assert _message(find_archive_refusal(_form(), _WHEEL, bomb)) == (
        "Invalid distribution file. File exceeds compression ratio of 50"
    )


def test_unusual_compression_is_refused() -> None:
    assert _message(find_archive_refusal(_form(), _WHEEL, _wheel({}, compression=zipfile.ZIP_LZMA))) == (
        "Invalid distribution file. File does not use a supported compression type"
    )


@pytest.mark.parametrize(
    ("filename", "message"),
    [
        (
            "Acme_Tool-1.0-py3-none-any.whl",
            (
                "Filename 'Acme_Tool-1.0-py3-none-any.whl' should contain the normalized project name 'acme_tool', "
                "not 'Acme_Tool'."
            ),
        ),
        ("acme_tools-1.0-py3-none-any.whl", "Start filename for 'acme-tool' with 'acme_tool'."),
    ],
)
def test_wheel_name_is_refused(filename: str, message: str) -> None:
    content = _renamed(_wheel({}), filename)
    assert _message(find_archive_refusal(_form(), filename, content)) == message


def _renamed(wheel: bytes, filename: str) -> bytes:
    """The same wheel with the folder that another file name asks for."""
    folder = "-".join(filename.split("-", 2)[:2])
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(wheel)) as source, zipfile.ZipFile(stream, "w") as target:
        for path in source.namelist():
            target.writestr(path.replace(_TOP, folder), source.read(path).replace(_TOP.encode(), folder.encode()))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("platform", "is_taken"),
    [
        ("any", True),
        ("win_amd64", True),
        ("manylinux2014_aarch64", True),
        ("manylinux_2_28_x86_64", True),
        ("musllinux_1_2_riscv64", True),
        ("macosx_10_9_x86_64", True),
        ("macosx_11_0_universal2", True),
        ("macosx_11_3_arm64", False),
        ("linux_x86_64", False),
        ("manylinux2014_sparc", False),
        ("solaris_2_11", False),
    ],
)
def test_platform_tags_with_a_specification_are_taken(platform: str, is_taken: bool) -> None:
    filename = f"acme_tool-1.0-py3-none-{platform}.whl"
    refusal = find_archive_refusal(_form(), filename, _wheel({}))

    assert (refusal is None) == is_taken
    assert is_taken or _message(refusal) == (f"Binary wheel '{filename}' has an unsupported platform tag '{platform}'.")


@pytest.mark.parametrize(
    ("text", "is_valid"),
    [
        ("[console_scripts]\nacme = acme.cli:main\n", True),
        ("[acme.plugins]\nnew = acme.plugins.new [extra]\n", True),
        ("[console_scripts]\nacme cli = acme.cli:main\n", False),
        ("acme = acme.cli:main\n", False),
        ("[console_scripts]\nacme = acme.cli:main\nacme = acme.cli:main\n", False),
    ],
)
def test_entry_points_follow_their_specification(text: str, is_valid: bool) -> None:
    refusal = find_archive_refusal(_form(), _WHEEL, _wheel({"entry_points.txt": text}))
    assert (refusal is None) == is_valid


def test_record_lists_what_is_there() -> None:
    wheel = _wheel({"extra": "not listed"}, record=f"{_TOP}.dist-info/METADATA,,\n{_TOP}.dist-info/WHEEL,,\n")
    assert find_archive_refusal(_form(), _WHEEL, wheel) is None, "the index takes it"
    form = {**_form(), **fields_of_file(_WHEEL, wheel)}
    assert _message(find_refusal(form, _WHEEL, wheel)) == (
        f"Wheel '{_WHEEL}' has a RECORD file that does not match its contents: {_TOP}.dist-info/RECORD"
    )


def test_licence_files_of_a_wheel_lie_in_their_folder() -> None:
    fields = _form(license_file="LICENSE")
    assert find_archive_refusal(fields, _WHEEL, _wheel({"licenses/LICENSE": "MIT"})) is None
    assert find_archive_refusal(fields, _WHEEL, _wheel({"LICENSE": "MIT"})) is not None
