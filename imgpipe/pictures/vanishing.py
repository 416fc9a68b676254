"""Removed pictures followed until no visitor sees them: off the page, and off CloudFront's edges.

The page's function brings both about, by the table's stream; here they are only looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from imgpipe import cdn
from imgpipe.errors import ServiceError
from imgpipe.pictures.page import Page
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
    page, waiting = Page(aws, public.bucket), list(removed)
    deadline, pause = aws.clock() + patience, _PAUSE_SECONDS
    while waiting:
        last = aws.clock() >= deadline
        reasons = _seen(aws, public, page.pictures(), waiting)
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
