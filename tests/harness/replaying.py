"""Plays recorded cases against a rehearsal index: makes the file that a case speaks of, sends it, gives the answer.

A case is one line of `data/index_answers.jsonl`; `docs/reference/rehearsal-index.md` describes its keys.
"""

from __future__ import annotations

import gzip
import io
import itertools
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import httpx
from packaging.utils import canonicalize_name

from namehold.index.model import ProjectStatus
from namehold.index.rules.form import digests_of
from namehold.rehearsal.running import RunningIndex
from namehold.rehearsal.tokens import append_caveats
from tests.harness.wheels import pack_wheel, wheel_metadata

Case = dict[str, Any]

_CORE_METADATA = "See https://packaging.python.org/specifications/core-metadata for more information."


def expanded(value: Any) -> Any:
    """Runs of one character written as `c{n}` (and of a word's last one) spelled out."""
    if isinstance(value, str):
        return re.sub(r"(.)\{(\d+)\}", lambda run: run[1] * int(run[2]), value)
    if isinstance(value, list):
        return [expanded(item) for item in value]
    return value


def make_sdist(filename: str, kind: str = "", salt: str = "") -> bytes:
    """A small sdist; `kind` says what is odd about it."""
    top = filename.removesuffix(".tar.gz").removesuffix(".zip")
    metadata = f"Metadata-Version: 2.1\nName: {top.rpartition('-')[0]}\nVersion: 0.0.1\nKeywords: {filename}{salt}\n"
    members = {"PKG-INFO": metadata, "README.md": "# Held\n"}
    if kind == "no-metadata":
        del members["PKG-INFO"]
    elif kind == "other-metadata":
        members["PKG-INFO"] = metadata.replace("Name: ", "Name: other-")
    elif kind == "empty-metadata":
        members["PKG-INFO"] = ""
        members["README.md"] = filename
    elif kind == "with-license":
        members["LICENSE"] = "MIT\n"
    folder = top.replace("_", "-") if kind == "hyphen-top" else top
    paths = {f"{folder}/{name}": text for name, text in members.items()}
    if kind == "two-tops":
        paths["another/README.md"] = "# Another\n"
    if filename.endswith(".zip"):
        return _zip(paths)
    stream = io.BytesIO()
    # The time that gzip writes down would make the same file another one a second later.
    with (
        gzip.GzipFile(fileobj=stream, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        for path, text in paths.items():
            member = tarfile.TarInfo(path)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return stream.getvalue()


def make_odd_wheel(filename: str, kind: str = "", salt: str = "") -> bytes:
    """A small wheel; `kind` says what is odd about it."""
    name, version = filename.split("-")[:2]
    folder = "another-1.dist-info" if kind == "other-folder" else f"{name}-{version}.dist-info"
    written = "other" if kind == "other-metadata" else name
    members = {
        f"{folder}/{PurePosixPath(path).name}": content
        for path, content in wheel_metadata(written, version, headers=[f"Keywords: {filename}{salt}"]).items()
    }
    if kind == "bad-entry-points":
        members[f"{folder}/entry_points.txt"] = b"[console_scripts\nbroken\n"
    missing = kind.removeprefix("no-").upper() if kind.startswith("no-") else ""
    members.pop(f"{folder}/{missing}", None)
    return pack_wheel(members, record="" if missing == "RECORD" else f"{folder}/RECORD")


def _zip(members: Mapping[str, str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path, text in members.items():
            archive.writestr(zipfile.ZipInfo(path), text)
    return stream.getvalue()


@dataclass(slots=True)
class Replay:
    """Sends cases to one index, each from an address of its own unless the case names one."""

    index: RunningIndex
    client: httpx.Client
    _files: dict[str, bytes] = field(default_factory=dict)
    _sent: bytes = b""
    _tokens: dict[str, str] = field(default_factory=dict)
    _addresses: Iterator[str] = field(
        default_factory=lambda: (f"198.51.{high}.{low}" for high, low in itertools.product(range(256), repeat=2))
    )

    def play(self, case: Case) -> httpx.Response:
        """Everything that a case says was done before, then its request; the answer."""
        for action in case.get("before", ()):
            self._act(*action.split())
        self.index.clock.advance(case.get("wait", 0))
        if "get" in case:
            return self.get(case["get"], case.get("headers", {}))
        return self.post(case)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Reads a path of the index without following redirects."""
        return self.client.get(self.index.base_url + path, headers=dict(headers or {}))

    def post(self, case: Case) -> httpx.Response:
        """The upload of a case."""
        name, version = expanded(case["name"]), case.get("version", "0.0.1")
        escaped = re.sub(r"[-_.]+", "_", name).lower()
        filename = expanded(case.get("file_name", f"{escaped}-{version}.tar.gz"))
        is_wheel = filename.endswith(".whl")
        content = self._content(case, filename)
        self._sent = content
        form: dict[str, Any] = {
            ":action": "file_upload",
            "protocol_version": "1",
            "metadata_version": "2.1",
            "name": name,
            "version": version,
            "summary": "Reserved name",
            "description": "Placeholder.",
            "description_content_type": "text/markdown",
            "filetype": "bdist_wheel" if is_wheel else "sdist",
            "pyversion": "py3" if is_wheel else "source",
            "sha256_digest": digests_of(content)["sha256"],
            **{key: expanded(value) for key, value in case.get("form", {}).items()},
        }
        files = {"content": (filename, content, "application/octet-stream")}
        if case.get("file") == "none":
            files = {"unrelated": ("", b"", "application/octet-stream")}
        response = self.client.post(
            self.index.upload_url,
            data={key: value for key, value in form.items() if value is not None},
            files=files,
            headers={
                "Accept": case.get("accept", "*/*"),
                "Authorization": self._authorization(case),
                "X-Rehearsal-Address": case.get("address") or next(self._addresses),
            },
        )
        if response.status_code == httpx.codes.OK:
            self._files[filename] = content
        return response

    def _content(self, case: Case, filename: str) -> bytes:
        kind, salt = case.get("file", ""), case.get("salt", "")
        if "bytes_of" in case:
            return self._files[case["bytes_of"]]
        if kind == "garbage":
            return f"no archive: {filename}".encode()
        return make_odd_wheel(filename, kind, salt) if filename.endswith(".whl") else make_sdist(filename, kind, salt)

    def _authorization(self, case: Case) -> str:
        """The header that a case's `token` words ask for; the account's own token if there are none."""
        user = case.get("user", "org_owner")
        account = self._tokens.setdefault(user, self.index.mint_token(user))
        kind, *names = case.get("token", "account").split()
        headers: dict[str, Callable[[], str]] = {
            "scheme": lambda: f"token {account}",
            "other-user": lambda: _basic(user, account),
            "password": lambda: _basic(user, "correct horse battery staple"),
        }
        return headers.get(kind, lambda: _basic("__token__", self._password(kind, names, user, account)))()

    def _password(self, kind: str, names: list[str], user: str, account: str) -> str:
        now = int(self.index.clock.now().timestamp())

        def minted(*caveats: list[Any]) -> str:
            return self.index.mint_token(user, caveats=caveats)

        passwords: dict[str, Callable[[], str]] = {
            "account": lambda: account,
            "garbage": lambda: "pypi-AgEIcm9ib3Q",
            "changed": lambda: self._with_another_signature(account),
            "spaces": lambda: f"  {account} \n",
            "deleted": lambda: self._deleted(minted()),
            "minted-expired": lambda: minted([0, now - 60, now - 120]),
            "minted-for": lambda: minted([1, names], [2, [self._project_id(names[0])]]),
            "minted-name": lambda: minted([1, names]),
            "narrow-name": lambda: append_caveats(account, [[1, names], [0, now + 300, now - 300]]),
            "narrow-expired": lambda: append_caveats(account, [[1, names], [0, now - 60, now - 360]]),
            "narrow-unknown": lambda: append_caveats(account, [["nope", 1]]),
        }
        return passwords[kind]()

    @staticmethod
    def _with_another_signature(token: str) -> str:
        # A letter well inside the signature (the last 32 bytes): the very last letter of a base64 text carries bits
        # that nobody reads, so that one token in sixteen would still be the same one.
        return token[:-8] + ("A" if token[-8] != "A" else "B") + token[-7:]

    def _deleted(self, token: str) -> str:
        self.index.state.tokens.delete(token)
        return token

    def _project_id(self, name: str) -> str:
        project = self.index.state.project(canonicalize_name(name))
        assert project is not None
        return project.project_id

    def _act(self, verb: str, *words: str) -> None:
        """What was done before a case, by its user, by others or by administrators."""
        state = self.index.state
        name = canonicalize_name(words[0])
        actions: dict[str, Callable[[], object]] = {
            "project": lambda: state.add_project(name, owner=words[1], files=_files_of(words[0], words[2:])),
            "create": lambda: self._create(*words),
            "user": lambda: self._add_user(*words),
            "role": lambda: state.add_role(name, words[1]),
            "prohibit": lambda: state.prohibited.update(canonicalize_name(word) for word in words),
            "archive": lambda: state.set_status(name, ProjectStatus.ARCHIVED),
            "quarantine": lambda: state.set_status(name, ProjectStatus.QUARANTINED),
            "delete": lambda: state.delete_project(name),
            "delete-file": lambda: state.delete_file(name, words[1]),
            "wait": lambda: self.index.clock.advance(float(words[0])),
        }
        actions[verb]()

    def _create(self, name: str, user: str, version: str = "0.0.1") -> None:
        assert self.post({"name": name, "user": user, "version": version}).status_code == httpx.codes.OK

    def _add_user(self, name: str, *flags: str) -> None:
        user = self.index.state.add_user(name)
        user.is_frozen = "frozen" in flags
        user.has_two_factor = "no-two-factor" not in flags
        user.has_verified_email = "no-email" not in flags

    def reason_of(self, response: httpx.Response) -> str:
        """The reason phrase as it went over the wire, with the index's address as it is in the cases."""
        raw = response.extensions["reason_phrase"].decode("iso-8859-1")
        return self.placed(raw)

    def expected_reason(self, case: Case) -> str:
        """The reason phrase that a case wants."""
        reason: str = expanded(case.get("reason", "OK")).replace("CORE-METADATA", _CORE_METADATA)
        if "BLAKE2" in reason:
            reason = reason.replace("BLAKE2", digests_of(self._sent)["blake2_256"])
        return reason

    def placed(self, text: str) -> str:
        """A text with the index's address as it is in the cases."""
        return text.replace(self.index.base_url, "https://INDEX")


def _files_of(name: str, flags: Sequence[str]) -> list[tuple[str, bytes]] | None:
    """A project's files before the cases: none, one sdist, or the index's own choice."""
    filename = f"{name.replace('-', '_')}-0.0.1.tar.gz"
    if "empty" in flags:
        return []
    return [(filename, make_sdist(filename))] if "sdist" in flags else None


def _basic(user: str, password: str) -> str:
    return str(httpx.BasicAuth(user, password)._auth_header)
