"""Objects to bring home: the results of pictures, or their originals, as S3 tells of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from imgpipe.aws.errors import absent, or_none
from imgpipe.errors import not_set_up
from imgpipe.pictures import catalog, leftovers, named
from imgpipe.pictures.catalog import Query

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.pictures.leftovers import Stores

_AT_ONCE: Final = 16
_GONE: Final = "S3 has no such object any more"
_NOTHING_MADE: Final = "nothing was made of it"
_UNKNOWN: Final = "neither an original, nor a result, nor an address of one"


@dataclass(frozen=True)
class Remote:
    """An object as it was looked at; ``etag`` without its quotation marks, ``size`` in bytes."""

    bucket: str
    key: str
    size: int
    etag: str
    modified: datetime


@dataclass(frozen=True)
class Missing:
    """A ``key``, or a name that is ``unknown``, that leads to no object, and why."""

    key: str
    reason: str

    @property
    def unknown(self) -> bool:
        """Whether nothing is called so."""
        return self.reason == _UNKNOWN


@dataclass(frozen=True)
class Home:
    """Where objects come from: both buckets and the table; ``originals`` or what was made."""

    source_bucket: str
    stores: Stores
    originals: bool

    @property
    def bucket(self) -> str:
        """The bucket of the objects that are wanted."""
        return self.source_bucket if self.originals else self.stores.bucket


def called(aws: Aws, home: Home, names: Sequence[str]) -> list[Remote | Missing]:
    """Return the objects of the pictures called ``names``; a result's own name means that alone.

    Calls what ``named.originals`` does.
    """
    meant = named.originals(aws, home.source_bucket, home.stores, names)
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="look") as pool:
        keys = list(pool.map(partial(_keys, aws, home), meant, meant.values()))
        missing = [each for each in keys if isinstance(each, Missing)]
        found = [each for each in keys if not isinstance(each, Missing)]
        sought = dict.fromkeys(chain.from_iterable(found))
        looked = pool.map(partial(_looked, aws, home.bucket), sought)
        return sorted([*missing, *looked], key=lambda each: each.key)


def beneath(aws: Aws, home: Home, prefix: str) -> list[Remote]:
    """Return the objects of all pictures whose originals' keys begin with ``prefix``, by key.

    Lists the bucket once (``s3:ListBucket``), and for results reads the table (``dynamodb:Scan``):
    what is in the bucket and no row speaks of may be somebody's own.
    """
    if home.originals:
        return [each for each in _listed(aws, home.bucket, prefix) if not each.key.endswith("/")]
    rows = catalog.rows(aws, home.stores.table, Query(prefix))
    told = {row.filename for row in rows if row.is_public and row.source_key.startswith(prefix)}
    folder = prefix[: prefix.rfind("/") + 1]
    return [each for each in _listed(aws, home.bucket, folder) if each.key in told]


def _keys(aws: Aws, home: Home, name: str, key: str | None) -> Sequence[str] | Missing:
    """Return the keys of the objects of the original ``key`` that ``name`` asks for."""
    if key is None:
        return Missing(name, _UNKNOWN)
    if home.originals:
        return [key]
    made = [row.filename for row in leftovers.look(aws, home.stores, key).rows if row.is_public]
    _, asked = named.address(home.source_bucket, home.stores.bucket, name)
    return ([asked] if asked in made else made) or Missing(name, _NOTHING_MADE)


def _looked(aws: Aws, bucket: str, key: str) -> Remote | Missing:
    head: Callable[..., Any] = aws.client("s3").head_object
    answer = or_none(lambda: head(Bucket=bucket, Key=key))
    if answer is None:
        return Missing(key, _GONE)
    etag = answer["ETag"].strip('"')
    return Remote(bucket, key, answer["ContentLength"], etag, answer["LastModified"])


def _listed(aws: Aws, bucket: str, prefix: str) -> Iterator[Remote]:
    pages = aws.client("s3").get_paginator("list_objects_v2")
    try:
        for page in pages.paginate(Bucket=bucket, Prefix=prefix):
            for each in page.get("Contents", []):
                etag = each["ETag"].strip('"')
                yield Remote(bucket, each["Key"], each["Size"], etag, each["LastModified"])
    except ClientError as error:
        if absent(error):
            raise not_set_up() from error
        raise
