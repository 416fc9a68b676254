"""What the page's data show, and which pictures they do not show as the table has them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

from handler.gallery import INDEX_KEY, UNREADABLE, Index
from handler.gallery_pictures import Picture, picture_of, place, sound
from handler.schema import PARTITION_KEY, Metadata
from imgpipe.aws import items
from imgpipe.aws.errors import or_none

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

T = TypeVar("T")

_AT_ONCE: Final = 8
# The stream gathers changes for a second, and the function takes one or two to write them.
_FOLLOWS_SECONDS: Final = 5.0


class Page:
    """The page's data in ``bucket``. Its pages never change, so each is read once."""

    def __init__(self, aws: Aws, bucket: str) -> None:
        self.aws = aws
        self._get: Any = aws.client("s3").get_object
        self._bucket = bucket
        self._pages: dict[str, tuple[Picture, ...]] = {}

    def pictures(self) -> dict[str, Picture]:
        """Return what it shows now by the results' keys (``s3:GetObject``).

        What is gone, or nobody can read, shows nothing.
        """
        index = self._index()
        names = [page.name for page in index.pages]
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="page") as pool:
            new = [name for name in names if name not in self._pages]
            self._pages |= zip(new, pool.map(self._page, new), strict=True)
        shown = [index.pictures, *(self._pages[name] for name in names)]
        return {picture["key"]: picture for part in shown for picture in part}

    def shows(self, rows: Sequence[Metadata]) -> dict[str, bool]:
        """Return for each of ``rows``, by its result's key, whether it is shown (``s3:GetObject``).

        Of the pages those alone are read that it may stand in.
        """
        index = self._index()
        names = {row.filename: index.page_of(place(row)) for row in rows}
        parts = {name: self._page(name) if name else index.pictures for name in names.values()}
        return {key: any(each["key"] == key for each in parts[name]) for key, name in names.items()}

    def _index(self) -> Index:
        return _read(self._text(INDEX_KEY), Index.from_json, Index())

    def _page(self, name: str) -> tuple[Picture, ...]:
        return _read(self._text(name), lambda page: sound(page["pictures"]), ())

    def _text(self, key: str) -> bytes | None:
        answer = or_none(lambda: self._get(Bucket=self._bucket, Key=key))
        return bytes(answer["Body"].read()) if answer else None


def misshown(
    page: Page, table: str, rows: Sequence[Metadata], prefix: str, before: str
) -> set[str]:
    """Return the keys of originals that ``page`` does not show as ``rows``, the table's, tell.

    Those whose keys begin with ``prefix``, and of which nothing was written since ``before``, a
    time as rows have it. What differs is looked at again when the page has had the time to follow
    (``s3:GetObject``, ``dynamodb:BatchGetItem``).
    """
    shown = page.pictures()
    told = {row.filename: row for row in rows}
    ours = {key for key, picture in shown.items() if _source(picture).startswith(prefix)}
    first = _differing(shown, told, {*ours, *told}, before)
    if not first:
        return set()

    page.aws.pause(_FOLLOWS_SECONDS)
    shown, told = page.pictures(), _now(page.aws, table, first)
    still = _differing(shown, told, first, before)
    return {told[key].source_key if key in told else _source(shown[key]) for key in still}


def _differing(
    shown: Mapping[str, Picture], told: Mapping[str, Metadata], keys: Iterable[str], before: str
) -> set[str]:
    return {key for key in keys if _differs(shown.get(key), told.get(key), before)}


def _differs(picture: Picture | None, row: Metadata | None, before: str) -> bool:
    if row is None or not row.is_public:
        return picture is not None
    # The guide's own rows do not know their source, and are shown when they change.
    if not row.source_key or row.timestamp > before:
        return False
    return picture != picture_of(row)


def _now(aws: Aws, table: str, keys: Iterable[str]) -> dict[str, Metadata]:
    found = items.batch_get(aws, table, [{PARTITION_KEY: {"S": key}} for key in sorted(keys)])
    return {row.filename: row for row in map(Metadata.from_item, found)}


def _source(picture: Picture) -> str:
    return str(picture.get("source") or picture["key"])


def _read(text: bytes | None, made: Callable[[Any], T], empty: T) -> T:
    with suppress(*UNREADABLE):
        return made(json.loads(text)) if text else empty
    return empty
