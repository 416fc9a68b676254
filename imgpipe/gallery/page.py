"""The page behind the distribution's ``/`` as files, each with the headers it is served with."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from handler.gallery import INDEX_KEY, PAGE_PREFIX
from handler.plain_page import PLAIN_KEY
from imgpipe.errors import SettingsError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from handler.page_settings import PageSettings

ENTRY: Final = "index.html"
# Cached shortly, so that a new page is seen soon; the pictures' own caching is set by the function.
_CACHING: Final = "public, max-age=60"
# The standard library's table grows by what the system has, so it differs between machines.
_TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "ico": "image/x-icon",
    "woff2": "font/woff2",
}
# What is told of the files in one object's metadata, of which S3 takes 2 KB.
_MOST_FILES: Final = 30
_LARGEST_BYTES: Final = 10_000_000
_POLICY: Final = re.compile(rb"<meta\s[^>]*http-equiv=[\"']?content-security-policy", re.IGNORECASE)
_BESIDE: Final = re.compile(r"gallery/[A-Za-z0-9._/-]{1,48}")


@dataclass(frozen=True)
class PageFile:
    """One file of the page: its bytes, and the headers it is served with."""

    body: bytes
    headers: Mapping[str, str]


def page_files(
    settings: PageSettings, template: Path | None, widths: Iterable[int] = ()
) -> dict[str, PageFile]:
    """Return the page's files by their keys, made of ``template``, or of the packaged one.

    ``widths`` are those in which the page may have its pictures made on demand.

    Raises:
        SettingsError: the template cannot be read, or has files that no page has.
    """
    sources = template_files(template)
    told = {name: str(getattr(settings, name)) for name in ("title", "description", "columns")}
    told["widths"] = " ".join(map(str, sorted(set(widths))))
    sources[ENTRY] = _filled_in(sources[ENTRY], told)
    return {key: PageFile(body, _headers(key)) for key, body in sources.items()}


def template_files(template: Path | None) -> dict[str, bytes]:
    """Return a template's files by their keys: ``index.html``, and what lies in ``gallery``.

    Raises:
        SettingsError: see ``page_files``.
    """
    if template is None:
        return dict(_walk(files("imgpipe.gallery") / "template"))
    try:
        _require_own_files(template)
        found = dict(_walk(template))
    except OSError as error:
        raise SettingsError(
            f"the page's template {template} cannot be read: {error}",
            hint="name the folder as it stands beside imgpipe.toml",
        ) from None
    _require_page(template, found)
    return found


def _require_own_files(template: Path) -> None:
    """Raise where a file is no file that lies there: what a link leads to would be published."""
    for folder, folders, names in os.walk(template):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for path in (Path(folder, name) for name in (*folders, *names) if name[:1] != "."):
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                raise SettingsError(
                    f"the page's template {template} holds {path.relative_to(template)}, which is "
                    "a link, or no file",
                    hint="a template of somebody else's could publish any file of yours by it; "
                    "put the file itself there",
                )


def _require_page(template: Path, found: Mapping[str, bytes]) -> None:
    if ENTRY not in found:
        raise SettingsError(
            f"the page's template {template} has no {ENTRY}",
            hint="one to begin with is written by",
            next=("gallery --eject",),
        )
    if _POLICY.search(found[ENTRY]) is None:
        raise SettingsError(
            f"the page's template {template} has no Content-Security-Policy in its {ENTRY}",
            hint="keep that line of the packaged one: it is what keeps a picture's name from "
            "becoming a script; the packaged one is written by",
            next=("gallery --eject DIR",),
        )
    for key in found:
        if not _is_of_page(key):
            raise SettingsError(
                f"the page's template {template} holds {key}, which cannot be of the page",
                hint=f"it may hold {ENTRY} and, in gallery/, files of short plain names",
            )
    if len(found) > _MOST_FILES or sum(map(len, found.values())) > _LARGEST_BYTES:
        raise SettingsError(
            f"the page's template {template} has {len(found)} files of "
            f"{sum(map(len, found.values())):,} bytes",
            hint=f"{_MOST_FILES} files of {_LARGEST_BYTES:,} bytes in all fit",
        )


def _is_of_page(key: str) -> bool:
    data = key in {INDEX_KEY, PLAIN_KEY} or key.startswith(PAGE_PREFIX)
    return key == ENTRY or (_BESIDE.fullmatch(key) is not None and not data)


def _walk(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, bytes]]:
    """Yield files and their content; what begins with a dot is the system's, or an editor's."""
    for each in sorted(folder.iterdir(), key=lambda each: each.name):
        if each.name.startswith("."):
            continue
        if each.is_dir():
            yield from _walk(each, f"{prefix}{each.name}/")
        else:
            yield f"{prefix}{each.name}", each.read_bytes()


def _filled_in(body: bytes, told: Mapping[str, str]) -> bytes:
    for name, value in told.items():
        body = body.replace(f"{{{{{name}}}}}".encode(), escape(value).encode())
    return body


def _headers(key: str) -> dict[str, str]:
    kind = _TYPES.get(key.rpartition(".")[2], "application/octet-stream")
    return {"ContentType": kind, "CacheControl": _CACHING}
