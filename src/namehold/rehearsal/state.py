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

from namehold.index import Clock, ProjectStatus, latest_version, rules
from namehold.names import ultranormalize
from namehold.rehearsal.limits import CreationLimits
from namehold.rehearsal.seeds import make_wheel
from namehold.rehearsal.strangers import ListsNames, Strangers
from namehold.rehearsal.tokens import ProjectContext, TokenStore

#: Owns every project that isn't given an owner.
STRANGER = "another-maintainer"

# Serial of the last change of all projects of strangers: before anything that a rehearsal does.
_STRANGERS_SERIAL = 1

# Projects that stand here from the start were released long enough ago to take no further file.
_SEED_AGE_DAYS = 400


class TypoChecks(Protocol):
    """The index's background checks of a new name (`index.rules.TypoCorpus`)."""

    def flags(self, name: str) -> tuple[tuple[str, str], ...]:
        """The checks that `name` trips, and the well-known name that each found."""


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
    """One version with the metadata of the form that made it; later files don't change it.

    `is_withheld`: administrators quarantined or removed it, which looks the same from outside: no page shows it.
    `yanked` is the owner's reason (PEP 592), None where it isn't yanked.
    """

    version: Version
    created: dt.datetime
    fields: rules.Fields
    is_withheld: bool = False
    yanked: str | None = None
    files: list[StoredFile] = field(default_factory=list)

    @property
    def ordered_files(self) -> list[StoredFile]:
        """By name."""
        return sorted(self.files, key=lambda file: file.filename)


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
        return [file for release in self.ordered_releases for file in release.ordered_files]

    @property
    def ordered_releases(self) -> list[Release]:
        """Oldest version first."""
        return sorted(self.releases.values(), key=lambda release: release.version)

    @property
    def shown_releases(self) -> list[Release]:
        """Those that the index shows, oldest version first: none of a quarantined project."""
        if self.status is ProjectStatus.QUARANTINED:
            return []
        return [release for release in self.ordered_releases if not release.is_withheld]

    @property
    def latest(self) -> Release | None:
        """The release that the index shows for the project itself."""
        shown = {release.version: release for release in self.shown_releases}
        yanked = [version for version, release in shown.items() if release.yanked is not None]
        version = latest_version(shown, yanked=yanked)
        return None if version is None else shown[version]


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadAttempt:
    """One POST, read. `token` is the password as it was sent; `filename` None: no file was sent.

    `content_type` is the file's part's own.
    """

    fields: rules.Fields
    filename: str | None
    content: bytes = field(repr=False)
    username: str
    token: str = field(repr=False)
    address: str
    content_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadVerdict:
    """What an upload is answered. `headers` are the quota's, where the creation step was reached.

    `is_bare`: only the reason phrase has the message.
    """

    status: int = 200
    message: str = "OK"
    headers: tuple[tuple[str, str], ...] = ()
    is_committed: bool = False
    is_bare: bool = False


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
    has_similarity_rule: bool = True
    has_stdlib_rule: bool = True
    help_base: str = "https://INDEX"
    tokens: TokenStore = field(default_factory=TokenStore)
    users: dict[str, User] = field(default_factory=dict)
    uploads: list[JudgedUpload] = field(default_factory=list)
    administrators_told: list[tuple[NormalizedName, rules.TypoFlag]] = field(default_factory=list)
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
            if found is None and name not in self._removed and self.strangers.existing((name,)):
                # Looking at a project changes nothing that a client can see.
                serial = self.serial
                found = self.add_project(name, owner=STRANGER)
                self.serial, found.serial = serial, _STRANGERS_SERIAL
            return found

    def file(self, path: str) -> StoredFile | None:
        """The file that is served at `path`."""
        return self._files.get(path)

    def list_names(self) -> Iterator[tuple[str, int]]:
        """Every project as it is spelled, with the serial of its last change, in the order of the normalized names.

        Quarantined projects aren't in the list.
        """
        with self.lock:
            own = {
                project.normalized: (project.spelled, project.serial)
                for project in self._projects.values()
                if project.status is not ProjectStatus.QUARANTINED
            }
            hidden = self._projects.keys() | self._removed
        known = self.strangers.names() if isinstance(self.strangers, ListsNames) else ()
        for name in merge(sorted(own), (name for name in known if name not in hidden)):
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
        age_days: int = _SEED_AGE_DAYS,
    ) -> Project:
        """A project that stood here before: with `files`, else with one small wheel; `files=()` means no release.

        `age_days` is how long ago its files were uploaded.

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
            before = self.clock.now() - dt.timedelta(days=age_days)
            self._insert(project)
            for filename, content in files:
                self._store(project, rules.fields_of_file(filename, content), filename, content, time=before)
            return project

    def add_release(self, name: NormalizedName, *files: tuple[str, bytes], age_days: int = 0) -> None:
        """Puts files, uploaded so many days ago, into a project that is there. Raises KeyError if it isn't."""
        with self.lock:
            time = self.clock.now() - dt.timedelta(days=age_days)
            for filename, content in files:
                self._store(self._existing(name), rules.fields_of_file(filename, content), filename, content, time=time)

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

    def withhold_release(self, name: NormalizedName, version: str) -> None:
        """Administrators quarantine or remove one release; the project stays. Raises KeyError if there is none."""
        with self.lock:
            project = self._existing(name)
            project.releases[canonicalize_version(version)].is_withheld = True
            self._touch(project)

    def yank(self, name: NormalizedName, version: str, reason: str = "") -> None:
        """An owner tells installers to leave a release alone. Raises KeyError if there is none."""
        with self.lock:
            project = self._existing(name)
            project.releases[canonicalize_version(version)].yanked = reason
            self._touch(project)

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
                    name=rules.first_value(attempt.fields, "name"),
                    filename=attempt.filename or "",
                    sha256=rules.digests_of(attempt.content)["sha256"],
                    status=verdict.status,
                    message=verdict.message,
                    spent_slot=spent,
                    is_committed=verdict.is_committed,
                )
            )
            return verdict

    def _judge(self, attempt: UploadAttempt, username: str) -> tuple[UploadVerdict, bool]:
        """The answer, and whether a slot was spent."""
        refusal = (
            self._find_access_refusal(attempt, username)
            or rules.find_form_refusal(attempt.fields)
            or rules.refuse_first((attempt.filename is None, "Upload payload does not have a file."))
        )
        if refusal is not None:
            return _refused(refusal), False
        user, spelled, now = self.users[username], rules.first_value(attempt.fields, "name"), self.clock.now()
        name = canonicalize_name(spelled)
        project = self.project(name)
        if project is not None:
            return self._judge_file(attempt, project, user), False
        refusal = self._find_account_refusal(user)
        if refusal is not None:
            return _refused(refusal), False
        headers = self.limits.headers(address=attempt.address, user=user.name, now=now)
        has_room = self.limits.has_room(address=attempt.address, user=user.name, now=now)
        refusal = rules.refuse_first((not has_room, "Too many new projects created"), status=429)
        refusal = refusal or self._find_creation_refusal(spelled)
        if refusal is not None:
            return _refused(refusal, headers), False
        # From here on the slot is gone, whatever becomes of the file.
        self.limits.hit(address=attempt.address, user=user.name, now=now)
        project = Project(spelled=spelled, normalized=name, roles={user.name: "Owner"})
        return replace(self._judge_file(attempt, project, user), headers=headers), True

    def _see(self, anchor: str) -> str:
        return f"See {self.help_base}/help/#{anchor} for more information."

    def _find_access_refusal(self, attempt: UploadAttempt, username: str) -> rules.Refusal | None:
        """Steps before the form: how one signs in, whether uploads are on, who it is."""
        user, is_named = self.users.get(username), bool(attempt.username or attempt.token)
        help_base = self.help_base
        passwords = (
            "Username/Password authentication is no longer supported. Migrate to API Tokens or Trusted "
            f"Publishers instead. See {help_base}/help/#apitoken and {help_base}/help/#trusted-publishers"
        )
        if attempt.username != "__token__" and is_named:
            return rules.Refusal(message=passwords, status=403, is_bare=True)
        unknown = f"Invalid or non-existent authentication information. {self._see('invalid-auth')}"
        return rules.refuse_first(
            (self.is_read_only, "Read-only mode: Uploads are temporarily disabled."),
            (self.are_uploads_disabled, f"New uploads are temporarily disabled. {self._see('admin-intervention')}"),
            (user is None or user.is_frozen, unknown),
            status=403,
        )

    def _find_account_refusal(self, user: User) -> rules.Refusal | None:
        """Who may upload at all: asked for every file. Costs nothing and shows no quota."""
        subject = f"User {user.name!r}, associated with the API token used, does not have"
        mail = (
            f"{subject} a verified primary email address. Please add a verified primary email before attempting to "
            f"upload to PyPI. {self._see('verified-email')}"
        )
        two_factor = (
            f"{subject} two-factor authentication enabled. Please enable two-factor authentication before attempting "
            f"to upload to PyPI. {self._see('two-factor-authentication')}"
        )
        return rules.refuse_first(
            (not user.has_verified_email, mail), (not user.has_two_factor, two_factor), status=403
        )

    def _find_creation_refusal(self, spelled: str) -> rules.Refusal | None:
        """Why the index refuses this name to everyone. Costs nothing; an account without quota doesn't hear it."""
        name, see = canonicalize_name(spelled), self._see("project-name")
        closed = f"New project registration temporarily disabled. {self._see('admin-intervention')}"
        refused, similar = f"The name {spelled!r} isn't allowed", "is too similar to an existing project"
        is_module = self.has_stdlib_rule and rules.is_stdlib(name)
        is_similar = self.has_similarity_rule and bool(self.similar(name))
        return rules.refuse_first((self.is_registration_disabled, closed), status=403) or rules.refuse_first(
            (is_module, f"{refused} (conflict with Python Standard Library module name). {see}"),
            (name in self.prohibited, f"{refused}. {see}"),
            (is_similar, f"The name {spelled!r} {similar}. {see}"),
        )

    def similar(self, name: NormalizedName) -> frozenset[NormalizedName]:
        """Existing projects, whatever their status, with the similarity key of `name`, itself left out."""
        with self.lock:
            own = self._by_key.get(ultranormalize(name), set()) - {name}
            return frozenset(own | {*self.strangers.similar((name,)).get(name, ())} - self._removed)

    def _judge_file(self, attempt: UploadAttempt, project: Project, user: User) -> UploadVerdict:
        """Everything after the project is found or made. A refusal leaves the state as it was."""
        fields, content, filename = attempt.fields, attempt.content, attempt.filename or ""
        refusal = (
            self._find_permission_refusal(attempt, project, user)
            or self._find_account_refusal(user)
            or rules.find_envelope_refusal(fields, filename, content, help_base=self.help_base)
            or rules.refuse_first((not _is_distribution(attempt.content_type), "Invalid distribution file."))
        )
        if refusal is not None:
            return _refused(refusal)
        digests = rules.digests_of(content)
        # A file of the whole index with this name or these bytes.
        twin = self._by_filename.get(filename) or self._by_digest.get(digests["blake2_256"])
        if twin is not None and twin.filename == filename and twin.digests["sha256"] == digests["sha256"]:
            return UploadVerdict()
        refusal = self._find_reuse_refusal(project, fields, filename, digests, has_twin=twin is not None)
        refusal = refusal or rules.find_archive_refusal(fields, filename, content)
        if refusal is not None:
            return _refused(refusal)
        if project.normalized not in self._projects:
            self._insert(project)
            self._tell_administrators(project.normalized)
        self._store(project, fields, filename, content, time=self.clock.now())
        return UploadVerdict(is_committed=True)

    def _find_permission_refusal(self, attempt: UploadAttempt, project: Project, user: User) -> rules.Refusal | None:
        """The token's caveats first, then the user's role; an archived project takes no upload."""
        context = ProjectContext(project_id=project.project_id, spelled=project.spelled, normalized=project.normalized)
        denial = self.tokens.find_denial(attempt.token, context=context, user_id=user.user_id, now=self.clock.now())
        may_upload = user.name in project.roles and project.status is not ProjectStatus.ARCHIVED
        foreign = f"The user '{user.name}' isn't allowed to upload to project '{project.spelled}'."
        return rules.refuse_first(
            (denial is not None, f"Invalid API Token: {denial}"),
            (not may_upload, f"{foreign} {self._see('project-name')}"),
            status=403,
        )

    def _find_reuse_refusal(
        self, project: Project, fields: rules.Fields, filename: str, digests: Mapping[str, str], *, has_twin: bool
    ) -> rules.Refusal | None:
        see, digest = self._see("file-name-reuse"), digests["blake2_256"]
        spent = "This filename was previously used by a file that has since been deleted. Use a different version."
        refusal = rules.refuse_first(
            (has_twin, f"File already exists ({filename!r}, with blake2_256 hash {digest!r}). {see}"),
            (filename in self._filenames_ever, f"{spent} {see}"),
        )
        release = project.releases.get(canonicalize_version(rules.metadata_of(fields).version))
        if refusal is not None or release is None:
            return refusal
        is_closed = self.clock.now() - release.created >= dt.timedelta(days=rules.RELEASE_OPEN_DAYS)
        is_sdist = rules.first_value(fields, "filetype") == "sdist"
        return rules.refuse_first(
            (is_closed, f"Uploading new files to releases older than {rules.RELEASE_OPEN_DAYS} days is not allowed."),
            (
                is_sdist and any(file.filetype == "sdist" for file in release.files),
                "Only one sdist may be uploaded per release.",
            ),
        )

    def _tell_administrators(self, name: NormalizedName) -> None:
        if self.typo_checks is not None:
            self.administrators_told.extend(
                (name, rules.TypoFlag(check=check, matched=canonicalize_name(matched)))
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

    def _store(
        self, project: Project, fields: rules.Fields, filename: str, content: bytes, *, time: dt.datetime
    ) -> None:
        metadata = rules.metadata_of(fields)
        file = StoredFile(
            filename=filename,
            content=content,
            digests=rules.digests_of(content),
            filetype=rules.first_value(fields, "filetype"),
            pyversion=rules.first_value(fields, "pyversion") or "source",
            uploaded=time,
            requires_python=str(metadata.requires_python) if metadata.requires_python else None,
            metadata=rules.metadata_file_of(filename, content) if filename.endswith(".whl") else None,
        )
        key = canonicalize_version(metadata.version)
        if key not in project.releases:
            project.releases[key] = Release(version=metadata.version, created=time, fields=rules.clean_fields(fields))
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


def _is_distribution(content_type: str) -> bool:
    return bool(content_type) and not content_type.startswith("image/")


def _refused(refusal: rules.Refusal, headers: tuple[tuple[str, str], ...] = ()) -> UploadVerdict:
    return UploadVerdict(status=refusal.status, message=refusal.message, headers=headers, is_bare=refusal.is_bare)
