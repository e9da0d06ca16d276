"""What the index shows: the simple API (PEP 503, 691, 700, 792; frozen HTML), the JSON API, the list of all names."""

from __future__ import annotations

import datetime as dt
import hashlib
import html
import json
from collections.abc import Iterator
from typing import Any

from packaging.utils import canonicalize_name

from namehold.index.rules import first_value
from namehold.rehearsal.state import IndexState, Project, Release, StoredFile

SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"
SIMPLE_HTML = "application/vnd.pypi.simple.v1+html"

#: The version of the simple API (PEP 629) that the index tells.
_API_VERSION = "1.4"


def simple_json(project: Project, base: str) -> str:
    """A project in the simple API's JSON form."""
    releases = project.shown_releases
    return _json(
        {
            "files": [_simple_file(file, release, base) for release in releases for file in release.ordered_files],
            "meta": {"_last-serial": project.serial, "api-version": _API_VERSION},
            "name": project.normalized,
            "project-status": {"status": str(project.status)},
            "versions": [str(release.version) for release in releases],
        }
    )


def simple_html(project: Project, base: str) -> str:
    """A project in the simple API's HTML form, which is frozen."""
    name = html.escape(project.normalized)
    links = "".join(_link(file, release, base) for release in project.shown_releases for file in release.ordered_files)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n  <head>\n'
        f'    <meta name="pypi:repository-version" content="{_API_VERSION}">\n'
        f'<meta name="pypi:project-status" content="{project.status}">'
        f"    <title>Links for {name}</title>\n  </head>\n  <body>\n    <h1>Links for {name}</h1>\n"
        f"{links}</body>\n</html>\n<!--SERIAL {project.serial}-->"
    )


def index_json(state: IndexState) -> Iterator[str]:
    """Every project, piece by piece: the whole list of a large index would fill the memory."""
    yield f'{{"meta":{{"_last-serial":{state.serial},"api-version":"{_API_VERSION}"}},"projects":['
    separator = ""
    for spelled, serial in state.list_names():
        yield f'{separator}{{"_last-serial":{serial},"name":{json.dumps(spelled)}}}'
        separator = ","
    yield "]}\n"


def index_html(state: IndexState) -> Iterator[str]:
    """Every project as a link, piece by piece."""
    yield (
        '<!DOCTYPE html>\n<html lang="en">\n  <head>\n'
        f'    <meta name="pypi:repository-version" content="{_API_VERSION}">\n'
        "    <title>Simple index</title>\n  </head>\n  <body>\n"
    )
    for spelled, _ in state.list_names():
        yield f'    <a href="/simple/{canonicalize_name(spelled)}/">{html.escape(spelled)}</a>\n'
    yield f"  </body>\n</html>\n<!--SERIAL {state.serial}-->"


def project_json(project: Project, release: Release, base: str, *, with_releases: bool) -> str:
    """The JSON API's answer for one release; the index lists all releases only where no version was asked for."""
    files = [_legacy_file(file, release, base) for file in release.ordered_files]
    roles = [] if project.organization else [{"role": role, "user": user} for user, role in project.roles.items()]
    answer: dict[str, Any] = {
        "info": _info(project, release, base),
        "last_serial": project.serial,
        "ownership": {"organization": project.organization, "roles": roles},
        "urls": files,
        "vulnerabilities": [],
    }
    if with_releases:
        answer["releases"] = {
            str(each.version): [_legacy_file(file, each, base) for file in each.ordered_files]
            for each in project.shown_releases
        }
    return _json(answer)


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":")) + "\n"


def _url(file: StoredFile, base: str) -> str:
    return f"{base}/packages/{file.path}"


def _core_metadata(file: StoredFile) -> dict[str, str] | None:
    return {"sha256": hashlib.sha256(file.metadata).hexdigest()} if file.metadata is not None else None


def _simple_file(file: StoredFile, release: Release, base: str) -> dict[str, Any]:
    return {
        "core-metadata": _core_metadata(file) or False,
        "data-dist-info-metadata": _core_metadata(file) or False,
        "filename": file.filename,
        "hashes": {"sha256": file.digests["sha256"]},
        "provenance": None,
        "requires-python": file.requires_python,
        "size": len(file.content),
        "upload-time": _time(file.uploaded),
        "url": _url(file, base),
        # PEP 592: the reason, if one was given.
        "yanked": release.yanked or release.yanked is not None,
    }


def _link(file: StoredFile, release: Release, base: str) -> str:
    python = f'data-requires-python="{html.escape(file.requires_python)}" ' if file.requires_python else ""
    digest = (_core_metadata(file) or {}).get("sha256", "")
    metadata = f'data-dist-info-metadata="sha256={digest}" data-core-metadata="sha256={digest}"' if digest else ""
    yanked = f'data-yanked="{html.escape(release.yanked)}" ' if release.yanked is not None else ""
    address = f"{html.escape(_url(file, base))}#sha256={file.digests['sha256']}"
    return f'<a href="{address}" {python}{yanked}{metadata}>{html.escape(file.filename)}</a><br />\n'


def _legacy_file(file: StoredFile, release: Release, base: str) -> dict[str, Any]:
    return {
        "comment_text": None,
        "core-metadata": _core_metadata(file) or False,
        "digests": {kind.replace("blake2_", "blake2b_"): digest for kind, digest in file.digests.items()},
        "downloads": -1,
        "filename": file.filename,
        "has_sig": False,
        "md5_digest": file.digests["md5"],
        "packagetype": file.filetype,
        "python_version": file.pyversion,
        "requires_python": file.requires_python,
        "size": len(file.content),
        "upload_time": file.uploaded.strftime("%Y-%m-%dT%H:%M:%S"),
        "upload_time_iso_8601": _time(file.uploaded),
        "url": _url(file, base),
        "yanked": release.yanked is not None,
        "yanked_reason": release.yanked or None,
    }


def _info(project: Project, release: Release, base: str) -> dict[str, Any]:
    fields = release.fields
    page = f"{base}/project/{project.normalized}/"
    urls = dict(value.split(", ", 1) for value in fields.get("project_urls", ()) if ", " in value)
    return {
        **{name: first_value(fields, name) or None for name in _TEXT_FIELDS},
        **{name: list(fields.get(form, ())) or None for name, form in _LIST_FIELDS.items()},
        "bugtrack_url": None,
        "classifiers": sorted(fields.get("classifiers", ())),
        "description": first_value(fields, "description"),
        "docs_url": None,
        "downloads": {"last_day": -1, "last_month": -1, "last_week": -1},
        "name": project.spelled,
        "package_url": page,
        "project_url": page,
        "project_urls": urls or None,
        "release_url": f"{page}{release.version}/",
        "version": str(release.version),
        "yanked": release.yanked is not None,
        "yanked_reason": release.yanked or None,
    }


_TEXT_FIELDS = (
    "author",
    "author_email",
    "description_content_type",
    "download_url",
    "home_page",
    "keywords",
    "license",
    "license_expression",
    "maintainer",
    "maintainer_email",
    "platform",
    "requires_python",
    "summary",
)
_LIST_FIELDS = {
    "dynamic": "dynamic",
    "license_files": "license_file",
    "provides_extra": "provides_extra",
    "requires_dist": "requires_dist",
}


def _time(time: dt.datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
