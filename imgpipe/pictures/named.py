"""Pictures as people name them: by the original's key, a result's key, or an address of either."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from handler.schema import PARTITION_KEY, Metadata
from imgpipe.aws import items
from imgpipe.errors import UsageError
from imgpipe.pictures import leftovers

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.pictures.leftovers import Stores

AT_ONCE: Final = 16
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
_LONGEST_KEY: Final = 1024


def originals(
    aws: Aws, source_bucket: str, stores: Stores, names: Sequence[str]
) -> Mapping[str, str | None]:
    """Return the original's key for each of ``names``; ``None`` where nothing is called so.

    An original that is gone, and has left something, counts (``s3:HeadObject``,
    ``dynamodb:BatchGetItem`` and what ``leftovers.look`` calls).
    """
    find = partial(_original, aws, source_bucket, stores)
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="named") as pool:
        return dict(zip(names, pool.map(find, names), strict=True))


def unknown(names: Sequence[str]) -> UsageError:
    """Return the error that says that nothing is called by ``names``."""
    which = names[0] if len(names) == 1 else f"none of {', '.join(names)}"
    return UsageError(
        f"there is no picture {which}: neither an original, nor a result, nor an address of one",
        next=("list-metadata",),
    )


def spellings(name: str) -> Iterator[str]:
    """Yield the keys that ``name`` may mean: itself, and the one that it is an address of.

    ``https://d111.cloudfront.net/a%20b.jpg`` and ``s3://bucket/a b.jpg`` both mean ``a b.jpg``.
    """
    yield name
    scheme, separator, rest = name.partition("://")
    _, _, key = rest.partition("/")
    if separator and scheme.lower() == "s3":
        yield key
    elif separator and scheme.lower() in {"http", "https"}:
        yield unquote(urlsplit(name).path.removeprefix("/"))


def _original(aws: Aws, source_bucket: str, stores: Stores, name: str) -> str | None:
    for key in filter(possible, spellings(name)):
        if leftovers.has_original(aws, source_bucket, key) or leftovers.of(aws, stores, key):
            return key
        told = items.batch_get(aws, stores.table, [{PARTITION_KEY: {"S": key}}])
        rows = [Metadata.from_item(item) for item in told]
        if rows and rows[0].source_key:
            return rows[0].source_key
    return None


def possible(key: str) -> bool:
    """Say whether S3 could have an object of this key; it would refuse to look for any other."""
    try:
        return 0 < len(key.encode()) <= _LONGEST_KEY
    except UnicodeEncodeError:  # bytes of a command line that are no UTF-8
        return False
