"""The rehearsal index itself, without HTTP: who owns what, what an upload is answered, what it costs.

The order of the checks, the texts and what spends a slot are Warehouse's (the index's own server software, observed on
loopback in August 2026). Two projects made at the same moment can't happen here: one upload is judged at a time.
"""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from heapq import merge
from typing import Protocol

from packaging.utils import NormalizedName, canonicalize_name, canonicalize_version
from packaging.version import Version

from namehold.index import (
    RELEASE_OPEN_DAYS,
    Clock,
    Fields,
    ProjectStatus,
    Refusal,
    TypoFlag,
    clean_fields,
    digests_of,
    fields_of_file,
    find_archive_refusal,
    find_envelope_refusal,
    find_form_refusal,
    is_stdlib,
    latest_version,
    metadata_file_of,
    metadata_of,
)
from namehold.names import ultranormalize
from namehold.rehearsal.limits import CreationLimits
from namehold.rehearsal.seeds import make_wheel
from namehold.rehearsal.strangers import Strangers
from namehold.rehearsal.tokens import ProjectContext, TokenStore

#: Owns every project that isn't given an owner.
STRANGER = "another-maintainer"

# Serial of the last change of all projects of strangers: before anything that a rehearsal does.
_STRANGERS_SERIAL = 1

# Projects that stand here from the start were released long enough ago to take no further file.
_SEED_AGE_DAYS = 400


class TypoChecks(Protocol):
    """The index's background checks of a new name (`names.TypoCorpus`)."""

    def flags(self, name: str) -> tuple[tuple[str, str], ...]:
        """The checks that `name` trips, and the well-known name that each found."""
        ...


@dataclass(slots=True, kw_only=True)
class User:
    """An account. A frozen one has no valid token."""

    name: str
    user_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    has_verified_email: bool = True
    has_two_factor: bool = True
    is_frozen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file that the index serves. `metadata` is what PEP 658 offers beside a wheel."""

    filename: str
    content: bytes = field(repr=False)
    digests: Mapping[str, str]
    filetype: str
    pyversion: str
    uploaded: dt.datetime
    requires_python: str | None
    metadata: bytes | None = field(repr=False)

    @property
    def path(self) -> str:
        """Where the index serves it: by the digest of its bytes, so that they can never change."""
        digest = self.digests["blake2_256"]
        return f"{digest[:2]}/{digest[2:4]}/{digest[4:]}/{self.filename}"


@dataclass(slots=True, kw_only=True)
class Release:
    """One version with the metadata of the form that made it; later files don't change it."""

    version: Version
    created: dt.datetime
    fields: Fields
    files: list[StoredFile] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Project:
    """A name. `spelled` is how it is shown; `releases` is by canonical version."""

    spelled: str
    normalized: NormalizedName
    roles: dict[str, str]
    project_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    organization: str | None = None
    status: ProjectStatus = ProjectStatus.ACTIVE
    releases: dict[str, Release] = field(default_factory=dict)
    serial: int = 1

    @property
    def files(self) -> list[StoredFile]:
        """All files, by release and name."""
        return [file for release in self.ordered_releases for file in sorted(release.files, key=lambda f: f.filename)]

    @property
    def ordered_releases(self) -> list[Release]:
        """Oldest version first."""
        return sorted(self.releases.values(), key=lambda release: release.version)

    @property
    def latest(self) -> Release | None:
        """The release that the index shows for the project itself."""
        version = latest_version(release.version for release in self.releases.values())
        return next((release for release in self.releases.values() if release.version == version), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadAttempt:
    """One POST, read. `token` is the password as it was sent; `filename` None: no file was sent."""

    fields: Fields
    filename: str | None
    content: bytes = field(repr=False)
    username: str
    token: str = field(repr=False)
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadVerdict:
    """What an upload is answered. `headers` are the quota's, where the creation step was reached."""

    status: int = 200
    message: str = "OK"
    headers: tuple[tuple[str, str], ...] = ()
    is_committed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedUpload:
    """An upload and its answer, for assertions; no token in it. `spent_slot` tells whether the quota counted it."""

    time: dt.datetime
    user: str
    address: str
    name: str
    filename: str
    sha256: str
    status: int
    message: str
    spent_slot: bool
    is_committed: bool


@dataclass(slots=True, kw_only=True)
class IndexState:
    """Everything that the index holds. Threads may call its methods; a reader of a project must hold `lock`."""

    clock: Clock
    limits: CreationLimits
    strangers: Strangers
    prohibited: set[NormalizedName] = field(default_factory=set)
    typo_checks: TypoChecks | None = None
    help_base: str = "https://INDEX"
    tokens: TokenStore = field(default_factory=TokenStore)
    users: dict[str, User] = field(default_factory=dict)
    uploads: list[JudgedUpload] = field(default_factory=list)
    administrators_told: list[tuple[NormalizedName, TypoFlag]] = field(default_factory=list)
    rivals_took: list[NormalizedName] = field(default_factory=list)
    administrators_acted: list[tuple[NormalizedName, str]] = field(default_factory=list)
    faults_injected: Counter[str] = field(default_factory=Counter)
    is_read_only: bool = False
    are_uploads_disabled: bool = False
    is_registration_disabled: bool = False
    serial: int = 1
    _projects: dict[NormalizedName, Project] = field(default_factory=dict)
    _removed: set[NormalizedName] = field(default_factory=set)
    _by_key: defaultdict[str, set[NormalizedName]] = field(default_factory=lambda: defaultdict(set))
    _files: dict[str, StoredFile] = field(default_factory=dict)
    _by_digest: dict[str, StoredFile] = field(default_factory=dict)
    _by_filename: dict[str, StoredFile] = field(default_factory=dict)
    _filenames_ever: set[str] = field(default_factory=set)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    # ------------------------------------------------------------------- reading

    def project(self, name: NormalizedName) -> Project | None:
        """The project of this name, a stranger's included; None if there is none."""
        with self.lock:
            found = self._projects.get(name)
            if found is None and name not in self._removed and self.strangers.has(name):
                # Looking at a project changes nothing that a client can see.
                serial = self.serial
                found = self.add_project(name, owner=STRANGER)
                self.serial, found.serial = serial, _STRANGERS_SERIAL
            return found

    def file(self, path: str) -> StoredFile | None:
        """The file that is served at `path`."""
        return self._files.get(path)

    def list_names(self) -> Iterator[tuple[str, int]]:
        """Every project as it is spelled, with the serial of its last change, in the order of the normalized names."""
        with self.lock:
            own = {project.normalized: (project.spelled, project.serial) for project in self._projects.values()}
            hidden = own.keys() | self._removed
        strangers = (name for name in self.strangers.names() if name not in hidden)
        for name in merge(sorted(own), strangers):
            yield own.get(name, (name, _STRANGERS_SERIAL))

    def holdings_of(self, user: str) -> dict[NormalizedName, tuple[StoredFile, ...]]:
        """The projects on which `user` has a role, with their files."""
        with self.lock:
            return {p.normalized: tuple(p.files) for p in self._projects.values() if user in p.roles}

    # ------------------------------------------------------------------- seeding and administrators

    def add_user(self, name: str) -> User:
        """The account of this name; made if there is none."""
        return self.users.setdefault(name, User(name=name))

    def add_project(
        self,
        name: NormalizedName,
        *,
        owner: str,
        spelled: str = "",
        organization: str | None = None,
        files: Iterable[tuple[str, bytes]] | None = None,
        project_urls: Mapping[str, str] | None = None,
        summary: str = "",
    ) -> Project:
        """A project that stood here before: with `files`, else with one small wheel; `files=()` means no release.

        For a project of an `organization` the index shows no roles, though the owner can upload.
        Raises ValueError if there is such a project that isn't merely a name on the strangers' list.
        """
        with self.lock:
            if name in self._projects:
                raise ValueError(f"{name} is a project already")
            self.add_user(owner)
            project = Project(
                spelled=spelled or name, normalized=name, roles={owner: "Owner"}, organization=organization
            )
            if files is None:
                files = (make_wheel(name, summary=summary, project_urls=project_urls),)
            before = self.clock.now() - dt.timedelta(days=_SEED_AGE_DAYS)
            self._insert(project)
            for filename, content in files:
                self._store(project, fields_of_file(filename, content), filename, content, time=before)
            return project

    def add_role(self, name: NormalizedName, user: str, role: str = "Maintainer") -> None:
        """Gives a user a role. Raises KeyError if there is no such project."""
        with self.lock:
            project = self._existing(name)
            project.roles[self.add_user(user).name] = role
            self._touch(project)

    def delete_project(self, name: NormalizedName) -> None:
        """Frees the name at once, but never its file names. Raises KeyError if there is no such project."""
        with self.lock:
            project = self._existing(name)
            for file in project.files:
                self._forget(file)
            del self._projects[name]
            self._by_key[ultranormalize(name)].discard(name)
            self._removed.add(name)
            self.serial += 1

    def delete_file(self, name: NormalizedName, filename: str) -> None:
        """Raises KeyError if the project or the file doesn't exist."""
        with self.lock:
            project = self._existing(name)
            file = next((file for file in project.files if file.filename == filename), None)
            if file is None:
                raise KeyError(filename)
            for release in project.releases.values():
                release.files[:] = [kept for kept in release.files if kept is not file]
            self._forget(file)
            self._touch(project)

    def prohibit(self, name: NormalizedName) -> None:
        """Administrators put the name on their list; a project that holds it is deleted."""
        with self.lock:
            self.prohibited.add(name)
            if self.project(name) is not None:
                self.delete_project(name)

    def set_status(self, name: NormalizedName, status: ProjectStatus, *, freezes_users: bool = False) -> None:
        """PEP 792. Quarantine by administrators freezes every user with a role. Raises KeyError if there is none."""
        with self.lock:
            project = self._existing(name)
            project.status = status
            self._touch(project)
            if freezes_users:
                for user in project.roles:
                    self.users[user].is_frozen = True

    def _existing(self, name: NormalizedName) -> Project:
        project = self.project(name)
        if project is None:
            raise KeyError(name)
        return project

    # ------------------------------------------------------------------- uploads

    def upload(self, attempt: UploadAttempt) -> UploadVerdict:
        """Judges one upload, keeps it if it passes, and counts what it costs."""
        with self.lock:
            minted = self.tokens.find(attempt.token)
            user = minted.user if minted else ""
            verdict, spent = self._judge(attempt, user)
            self.uploads.append(
                JudgedUpload(
                    time=self.clock.now(),
                    user=user,
                    address=attempt.address,
                    name=_first(attempt.fields, "name"),
                    filename=attempt.filename or "",
                    sha256=digests_of(attempt.content)["sha256"],
                    status=verdict.status,
                    message=verdict.message,
                    spent_slot=spent,
                    is_committed=verdict.is_committed,
                )
            )
            return verdict

    def _judge(self, attempt: UploadAttempt, username: str) -> tuple[UploadVerdict, bool]:
        """The answer, and whether a slot was spent."""
        refusal = self._find_access_refusal(attempt, username) or find_form_refusal(attempt.fields)
        if refusal is None and attempt.filename is None:
            refusal = Refusal(message="Upload payload does not have a file.")
        if refusal is not None:
            return _refused(refusal), False
        user, spelled = self.users[username], _first(attempt.fields, "name")
        project = self.project(canonicalize_name(spelled))
        if project is not None:
            return self._judge_file(attempt, project, user), False
        refusal = self._find_account_refusal(user)
        if refusal is not None:
            return _refused(refusal), False
        now = self.clock.now()
        headers = self.limits.headers(address=attempt.address, user=user.name, now=now)
        if not self.limits.has_room(address=attempt.address, user=user.name, now=now):
            return _refused(Refusal(status=429, message="Too many new projects created"), headers), False
        refusal = self._find_creation_refusal(spelled)
        if refusal is not None:
            return _refused(refusal, headers), False
        # From here on the slot is gone, whatever becomes of the file.
        self.limits.hit(address=attempt.address, user=user.name, now=now)
        project = Project(spelled=spelled, normalized=canonicalize_name(spelled), roles={user.name: "Owner"})
        verdict = self._judge_file(attempt, project, user)
        return replace(verdict, headers=headers), True

    def _find_access_refusal(self, attempt: UploadAttempt, username: str) -> Refusal | None:
        """Steps before the form: how one signs in, whether uploads are on, who it is."""
        help_base = self.help_base
        if attempt.username != "__token__" and (attempt.username or attempt.token):
            return Refusal(
                status=403,
                message="Username/Password authentication is no longer supported. Migrate to API Tokens or Trusted "
                f"Publishers instead. See {help_base}/help/#apitoken and {help_base}/help/#trusted-publishers",
            )
        if self.is_read_only:
            return Refusal(status=403, message="Read-only mode: Uploads are temporarily disabled.")
        if self.are_uploads_disabled:
            return Refusal(
                status=403,
                message="New uploads are temporarily disabled. "
                f"See {help_base}/help/#admin-intervention for more information.",
            )
        user = self.users.get(username)
        if user is None or user.is_frozen:
            return Refusal(
                status=403,
                message="Invalid or non-existent authentication information. "
                f"See {help_base}/help/#invalid-auth for more information.",
            )
        return None

    def _find_account_refusal(self, user: User) -> Refusal | None:
        """Who may make new projects at all. Costs nothing and shows no quota."""
        subject = f"User {user.name!r}, associated with the API token used, does not have"
        if not user.has_verified_email:
            return Refusal(
                status=403,
                message=f"{subject} a verified primary email address. Please add a verified primary email before "
                f"attempting to upload to PyPI. See {self.help_base}/help/#verified-email for more information.",
            )
        if not user.has_two_factor:
            return Refusal(
                status=403,
                message=f"{subject} two-factor authentication enabled. Please enable two-factor authentication before "
                "attempting to upload to PyPI. "
                f"See {self.help_base}/help/#two-factor-authentication for more information.",
            )
        return None

    def _find_creation_refusal(self, spelled: str) -> Refusal | None:
        """Why the index refuses this name to everyone. Costs nothing; an account without quota doesn't hear it."""
        name = canonicalize_name(spelled)
        see = f"See {self.help_base}/help/#project-name for more information."
        if self.is_registration_disabled:
            return Refusal(
                status=403,
                message="New project registration temporarily disabled. "
                f"See {self.help_base}/help/#admin-intervention for more information.",
            )
        if is_stdlib(name):
            return Refusal(
                message=f"The name {spelled!r} isn't allowed (conflict with Python Standard Library module name). {see}"
            )
        if name in self.prohibited:
            return Refusal(message=f"The name {spelled!r} isn't allowed. {see}")
        if self.similar(name):
            return Refusal(message=f"The name {spelled!r} is too similar to an existing project. {see}")
        return None

    def similar(self, name: NormalizedName) -> frozenset[NormalizedName]:
        """Existing projects, whatever their status, with the similarity key of `name`, itself left out."""
        with self.lock:
            own = self._by_key.get(ultranormalize(name), set()) - {name}
            return frozenset(own) | frozenset(
                other for other in self.strangers.similar(name) if other not in self._removed
            )

    def _judge_file(self, attempt: UploadAttempt, project: Project, user: User) -> UploadVerdict:
        """Everything after the project is found or made. A refusal leaves the state as it was."""
        fields, content, filename = attempt.fields, attempt.content, attempt.filename or ""
        refusal = self._find_permission_refusal(attempt, project, user) or find_envelope_refusal(
            fields, filename, content, help_base=self.help_base
        )
        if refusal is not None:
            return _refused(refusal)
        digests = digests_of(content)
        twin = self._find_twin(filename, digests)
        if twin is not None and twin.filename == filename and twin.digests["sha256"] == digests["sha256"]:
            return UploadVerdict()
        refusal = self._find_reuse_refusal(project, fields, filename, digests, has_twin=twin is not None)
        refusal = refusal or find_archive_refusal(fields, filename, content)
        if refusal is not None:
            return _refused(refusal)
        is_new = project.normalized not in self._projects
        if is_new:
            self._insert(project)
            self._tell_administrators(project.normalized)
        self._store(project, fields, filename, content, time=self.clock.now())
        return UploadVerdict(is_committed=True)

    def _find_permission_refusal(self, attempt: UploadAttempt, project: Project, user: User) -> Refusal | None:
        """The token's caveats first, then the user's role; an archived project takes no upload."""
        context = ProjectContext(project_id=project.project_id, spelled=project.spelled, normalized=project.normalized)
        denial = self.tokens.find_denial(attempt.token, context=context, user_id=user.user_id, now=self.clock.now())
        if denial is not None:
            return Refusal(status=403, message=f"Invalid API Token: {denial}")
        if user.name not in project.roles or project.status is ProjectStatus.ARCHIVED:
            return Refusal(
                status=403,
                message=f"The user '{user.name}' isn't allowed to upload to project '{project.spelled}'. "
                f"See {self.help_base}/help/#project-name for more information.",
            )
        return None

    def _find_twin(self, filename: str, digests: Mapping[str, str]) -> StoredFile | None:
        """A file of the whole index with this name or these bytes."""
        return self._by_filename.get(filename) or self._by_digest.get(digests["blake2_256"])

    def _find_reuse_refusal(
        self, project: Project, fields: Fields, filename: str, digests: Mapping[str, str], *, has_twin: bool
    ) -> Refusal | None:
        see = f"See {self.help_base}/help/#file-name-reuse for more information."
        if has_twin:
            return Refusal(
                message=f"File already exists ({filename!r}, with blake2_256 hash {digests['blake2_256']!r}). {see}"
            )
        if filename in self._filenames_ever:
            return Refusal(
                message="This filename was previously used by a file that has since been deleted. "
                f"Use a different version. {see}"
            )
        release = project.releases.get(canonicalize_version(metadata_of(fields).version))
        if release is None:
            return None
        if self.clock.now() - release.created >= dt.timedelta(days=RELEASE_OPEN_DAYS):
            return Refusal(
                message=f"Uploading new files to releases older than {RELEASE_OPEN_DAYS} days is not allowed."
            )
        if _first(fields, "filetype") == "sdist" and any(file.filetype == "sdist" for file in release.files):
            return Refusal(message="Only one sdist may be uploaded per release.")
        return None

    def _tell_administrators(self, name: NormalizedName) -> None:
        if self.typo_checks is not None:
            self.administrators_told.extend(
                (name, TypoFlag(check=check, matched=canonicalize_name(matched)))
                for check, matched in self.typo_checks.flags(name)
            )

    # ------------------------------------------------------------------- keeping

    def _insert(self, project: Project) -> None:
        self._projects[project.normalized] = project
        self._removed.discard(project.normalized)
        self._by_key[ultranormalize(project.normalized)].add(project.normalized)
        # The index's journal notes the project and its owner.
        self.serial += 1
        self._touch(project)

    def _store(self, project: Project, fields: Fields, filename: str, content: bytes, *, time: dt.datetime) -> None:
        metadata = metadata_of(fields)
        file = StoredFile(
            filename=filename,
            content=content,
            digests=digests_of(content),
            filetype=_first(fields, "filetype"),
            pyversion=_first(fields, "pyversion") or "source",
            uploaded=time,
            requires_python=str(metadata.requires_python) if metadata.requires_python else None,
            metadata=metadata_file_of(filename, content) if filename.endswith(".whl") else None,
        )
        key = canonicalize_version(metadata.version)
        if key not in project.releases:
            project.releases[key] = Release(version=metadata.version, created=time, fields=clean_fields(fields))
            self._touch(project)
        project.releases[key].files.append(file)
        # Another spelling of an own name is the same project, shown anew.
        project.spelled = metadata.name
        self._files[file.path] = file
        self._by_digest[file.digests["blake2_256"]] = file
        self._by_filename[filename] = file
        self._filenames_ever.add(filename)
        self._touch(project)

    def _forget(self, file: StoredFile) -> None:
        self._files.pop(file.path, None)
        self._by_digest.pop(file.digests["blake2_256"], None)
        self._by_filename.pop(file.filename, None)

    def _touch(self, project: Project) -> None:
        self.serial += 1
        project.serial = self.serial


def _refused(refusal: Refusal, headers: tuple[tuple[str, str], ...] = ()) -> UploadVerdict:
    return UploadVerdict(status=refusal.status, message=refusal.message, headers=headers)


def _first(fields: Fields, name: str) -> str:
    return (fields.get(name) or [""])[0]
