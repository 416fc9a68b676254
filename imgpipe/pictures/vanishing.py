"""Removed pictures followed until no visitor sees them: off the page, and off CloudFront's edges.

The page's function brings both about, by the table's stream; here they are only looked at.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from handler.gallery import INDEX_KEY, Index
from imgpipe import cdn
from imgpipe.aws.errors import or_none
from imgpipe.errors import ServiceError
from imgpipe.pictures.removal import Fate, Removed

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

_AT_ONCE: Final = 16
_PAUSE_SECONDS: Final = 0.5
_LONGEST_PAUSE_SECONDS: Final = 5.0
_ON_THE_PAGE: Final = "the page still shows it"
_AT_AN_EDGE: Final = "the CDN still serves it"


@dataclass(frozen=True)
class Public:
    """What visitors see: the page's data in ``bucket``, and ``domain``, empty without a CDN."""

    bucket: str
    domain: str


def follow(
    aws: Aws, public: Public, removed: Sequence[Removed], patience: float
) -> Iterator[Removed]:
    """Yield each as no visitor sees it any more; after ``patience`` seconds as ``LINGERS``.

    Calls ``s3:GetObject`` on the page's data, and asks the CDN as a visitor does.
    """
    page, waiting = _Page(aws, public.bucket), list(removed)
    deadline, pause = aws.clock() + patience, _PAUSE_SECONDS
    while waiting:
        last = aws.clock() >= deadline
        reasons = _seen(aws, public, page.listed(), waiting)
        for each, reason in zip(waiting, reasons, strict=True):
            if last and reason:
                yield replace(each, fate=Fate.LINGERS, reason=reason)
            elif not reason:
                yield each
        if last:
            return
        waiting = [each for each, reason in zip(waiting, reasons, strict=True) if reason]
        if waiting:
            aws.pause(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


def _seen(
    aws: Aws, public: Public, listed: Collection[str], waiting: Sequence[Removed]
) -> list[str]:
    """Return where each is still seen; empty where nowhere."""

    def seen(each: Removed) -> str:
        results = each.picture.results
        if any(key in listed for key in results):
            return _ON_THE_PAGE
        return next(filter(None, (_served(aws, public.domain, key) for key in results)), "")

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="seen") as pool:
        return list(pool.map(seen, waiting))


def _served(aws: Aws, domain: str, key: str) -> str:
    """Return why the CDN is not known to serve no such key any more; empty where it is."""
    # No browser asks for these: what they would be answered is another key's.
    if not domain or {".", ".."} & set(key.split("/")):
        return ""
    try:
        reply = cdn.fetch(cdn.url(aws, domain, key))
    except ServiceError as error:
        return error.message
    return _AT_AN_EDGE if reply.status == HTTPStatus.OK else ""


class _Page:
    """The page's data: which results it shows. Its pages never change, so each is read once."""

    def __init__(self, aws: Aws, bucket: str) -> None:
        self._get: Any = aws.client("s3").get_object
        self._bucket = bucket
        self._pages: dict[str, set[str]] = {}

    def listed(self) -> set[str]:
        """Return the keys of the results that the page shows now."""
        if (text := self._read(INDEX_KEY)) is None:
            return set()
        index = Index.from_json(json.loads(text))
        shown = {str(picture["key"]) for picture in index.pictures}
        return shown.union(*(self._page(page.name) for page in index.pages))

    def _page(self, name: str) -> set[str]:
        if name not in self._pages:
            text = self._read(name)
            pictures = json.loads(text)["pictures"] if text else []
            self._pages[name] = {str(picture["key"]) for picture in pictures}
        return self._pages[name]

    def _read(self, key: str) -> bytes | None:
        answer = or_none(lambda: self._get(Bucket=self._bucket, Key=key))
        return bytes(answer["Body"].read()) if answer else None
