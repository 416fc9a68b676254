"""The page's data in the destination bucket, brought to what the table says now.

Safe to run twice, or twice at once. The order is what makes it so: the index is read first, then
the rows, consistently, and the index is only written if nobody else wrote it meanwhile. So every
write knows rows at least as new as the one before, and what was killed or overtaken is done again.
The plain page is put before the index: who was overtaken, and may have put an older one over a
newer, puts it again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import uuid4

from botocore.exceptions import ClientError

from handler.gallery import INDEX_KEY, PAGE_PREFIX, UNREADABLE, Index, Revision, revised
from handler.gallery_pictures import Picture, Place, sound
from handler.page_settings import PageSettings
from handler.plain_page import PLAIN_KEY, plain_page
from handler.rows import read_rows

# Rivals that keep overtaking each other are left to Lambda's own retry.
_ROUNDS: Final = 20
# No invocation that might still name a page it has put lives for so long.
_FORGOTTEN: Final = timedelta(hours=1)
# Somebody wrote, or deleted, the index after it was read:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
_OVERTAKEN: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"})
_ABSENT: Final[Mapping[str, str]] = {"IfNoneMatch": "*"}
# CloudFront keeps even this for a second; a page that nothing names any more, for five minutes.
_INDEX_CACHING: Final = "no-cache"
_PLAIN_CACHING: Final = "public, max-age=60"
_PAGE_CACHING: Final = "public, max-age=300"

Cursor = Mapping[str, Any]
"""Where filling or comparing stands; empty before the first portion, and after the last."""


class ContestedError(Exception):
    """Others kept writing the index; a retry settles it."""


class Store(NamedTuple):
    """Where the page's data lies, the table it follows, and how the page introduces itself.

    ``wanted`` says whether there is to be a page at all; it is asked where there is no index.
    """

    s3: Any
    dynamodb: Any
    bucket: str
    table: str
    settings: PageSettings = PageSettings()
    wanted: Callable[[], bool] = lambda: True

    def read(self, name: str) -> list[Picture] | None:
        """Return the pictures of a page, ``None`` where it is gone, or nobody can read it.

        A rival may have replaced it; the index is then written by the rival, and not by us.
        """
        try:
            answer = self.s3.get_object(Bucket=self.bucket, Key=name)
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchKey":
                raise
            return None
        with suppress(*UNREADABLE):
            return list(sound(json.load(answer["Body"])["pictures"]))
        return None

    def name(self) -> str:
        """Return the key of a new page."""
        return f"{PAGE_PREFIX}{uuid4().hex}.json"


class Portion(NamedTuple):
    """A portion that was done: the ``cursor`` of the next, the keys that were ``written``.

    ``pictures`` is how many the page has now.
    """

    cursor: Cursor
    written: Sequence[str]
    pictures: int


def update(
    store: Store, keys: Iterable[str], places: Iterable[Place], *, filled: bool = False
) -> Portion:
    """Let the page say of the rows with ``keys`` what the table says now; return what was written.

    ``places`` are those where they may have stood until now. ``filled`` marks the data as complete;
    what is complete stays so. Where the data was deleted, because there is to be no page any more,
    nothing of it is left.

    Raises:
        ClientError: a passing fault, or a missing permission.
        ContestedError: others kept writing.
    """
    wanted, where, put = frozenset(keys), frozenset(places), [PLAIN_KEY]
    for _ in range(_ROUNDS):
        index, condition = read_index(store)
        if condition == _ABSENT and not store.wanted():
            _delete(store, put)
            return Portion({}, (), 0)
        revision = _revision(store, index._replace(written=uuid4().hex), wanted, where)
        put += revision.pages
        # A page that was gone is whole again: the fill met it first where its oldest row stands.
        latest = revision.latest._replace(filled=revision.latest.filled or filled)
        for name, pictures in revision.pages.items():
            _put(store, name, {"pictures": pictures}, CacheControl=_PAGE_CACHING)
        _put_plain(store, latest)
        if _put_index(store, latest, condition):
            if revision.pages or revision.replaced:
                _sweep(store, revision)
            return Portion({}, [*revision.pages, PLAIN_KEY, INDEX_KEY], latest.total)
    raise ContestedError("the page's index was written again and again by others")


def _revision(
    store: Store, index: Index, keys: frozenset[str], places: frozenset[Place]
) -> Revision:
    rows = read_rows(store.dynamodb, store.table, keys)
    return revised(index, {key: rows.get(key) for key in keys}, places, store)


def read_index(store: Store) -> tuple[Index, Mapping[str, str]]:
    """Return the index, and the condition under which its successor may be written."""
    try:
        answer = store.s3.get_object(Bucket=store.bucket, Key=INDEX_KEY)
    except ClientError as error:
        # With s3:ListBucket granted a missing key is told from a missing permission.
        if error.response["Error"]["Code"] != "NoSuchKey":
            raise
        return Index(), _ABSENT
    with suppress(*UNREADABLE):
        return Index.from_json(json.load(answer["Body"])), {"IfMatch": answer["ETag"]}
    return Index(), {"IfMatch": answer["ETag"]}


def _put_index(store: Store, index: Index, condition: Mapping[str, str]) -> bool:
    try:
        _put(store, INDEX_KEY, index.to_json(), CacheControl=_INDEX_CACHING, **condition)
    except ClientError as error:
        if error.response["Error"]["Code"] in _OVERTAKEN:
            return False
        raise
    return True


def _put_plain(store: Store, index: Index) -> None:
    settings = store.settings
    store.s3.put_object(
        Bucket=store.bucket,
        Key=PLAIN_KEY,
        Body=plain_page(index.pictures, settings.title, settings.description).encode(),
        ContentType="text/html; charset=utf-8",
        CacheControl=_PLAIN_CACHING,
    )


def _put(store: Store, name: str, value: Any, **headers: str) -> None:
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    store.s3.put_object(
        Bucket=store.bucket,
        Key=name,
        Body=body,
        ContentType="application/json; charset=utf-8",
        **headers,
    )


def _sweep(store: Store, revision: Revision) -> None:
    """Delete the pages that were replaced, and those that nobody names and nobody will name.

    Such as a killed invocation leaves, or one that was overtaken: whether its index was written
    after all, its own answer does not tell for certain.
    """
    named = {page.name for page in revision.latest.pages}
    before = datetime.now(UTC) - _FORGOTTEN
    forgotten = {each["Key"] for each in _pages(store) if each["LastModified"] < before}
    _delete(store, {*revision.replaced, *forgotten} - named)


def _delete(store: Store, names: Iterable[str]) -> None:
    for name in names:
        store.s3.delete_object(Bucket=store.bucket, Key=name)


def _pages(store: Store) -> Iterator[Mapping[str, Any]]:
    start: dict[str, str] = {}
    while True:
        answer = store.s3.list_objects_v2(Bucket=store.bucket, Prefix=PAGE_PREFIX, **start)
        yield from answer.get("Contents", ())
        if not answer["IsTruncated"]:
            return
        start = {"ContinuationToken": answer["NextContinuationToken"]}
