"""The page behind the distribution's ``/``: its bytes, and the headers it is served with."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Final

# Cached shortly, so that a new page is seen soon; the pictures' own caching is set by the function.
HEADERS: Final[Mapping[str, str]] = {
    "ContentType": "text/html; charset=utf-8",
    "CacheControl": "public, max-age=60",
}


def content() -> bytes:
    """Return the page as it is packaged."""
    return (files("imgpipe.gallery") / "page.html").read_bytes()
