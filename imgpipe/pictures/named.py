"""Pictures as people name them: by the original's key, a result's key, or an address of either.

THE place where a name is read: every command that takes pictures takes the same names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from handler.address import ROOT
from handler.keys import EXTENSIONS, PREFIX, is_possible, possible_keys
from handler.schema import PARTITION_KEY, Metadata
from imgpipe.aws import items
from imgpipe.errors import UsageError
from imgpipe.pictures import leftovers
from imgpipe.pictures.story.told import told

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.pictures.leftovers import Stores

AT_ONCE: Final = 16
# So many originals are looked through for the one whose result is asked for.
_LISTED: Final = 1_000
_ADDRESS: Final = re.compile(r"(https?|s3)://([^/?#]*)/?(.*)", re.DOTALL | re.IGNORECASE)
_S3: Final = "s3"
_ON_DEMAND: Final = ROOT.removeprefix("/")
# In a result's name, what its original's begins with ends before either: see ``processed_key``.
_ADDED: Final = re.compile(r"--|\.")
_RENDITION: Final = re.compile(r"(?<!-)--[a-z0-9_]+(?=\.|$)")
_JOINT: Final = re.compile(r"(?<!-)--(?=\.|$)")


def source_key(aws: Aws, source_bucket: str, stores: Stores, name: str) -> str:
    """Return the key of the original that ``name`` leads to; of one that is gone, too.

    That is ``name`` itself, or the original of the result with this key, or at this address: a
    visitor's, or ``s3://BUCKET/KEY``. What may not be read is done without (``s3:HeadObject``,
    ``s3:ListBucket``, ``dynamodb:BatchGetItem``).

    Raises:
        UsageError: the address leads to no picture of this pipeline.
    """
    bucket, key = address(source_bucket, stores.bucket, name)
    if bucket == source_bucket or (not bucket and exists(aws, source_bucket, key)):
        return key
    return _original(aws, source_bucket, stores, key)


def originals(
    aws: Aws, source_bucket: str, stores: Stores, names: Sequence[str]
) -> Mapping[str, str | None]:
    """Return the original's key for each of ``names``; ``None`` where nothing is called so.

    An original that is gone, and has left something, counts (what ``source_key`` and
    ``leftovers.look`` call).
    """
    find = partial(_standing, aws, source_bucket, stores)
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="named") as pool:
        return dict(zip(names, pool.map(find, names), strict=True))


def unknown(names: Sequence[str]) -> UsageError:
    """Return the error that says that nothing is called by ``names``."""
    which = names[0] if len(names) == 1 else f"none of {', '.join(names)}"
    return UsageError(
        f"there is no picture {which}: neither an original, nor a result, nor an address of one",
        next=("list-metadata",),
    )


def address(source_bucket: str, destination_bucket: str, name: str) -> tuple[str, str]:
    """Return the bucket and the key that ``name`` says; a bare key says no bucket.

    ``https://d111.cloudfront.net/a%20b.jpg`` and ``s3://RESULTS/a b.jpg`` both mean ``a b.jpg`` of
    the destination bucket; ``https://d111.cloudfront.net/_img/a.jpg?width=640`` means the original
    ``a.jpg``, of which that is a rendition on demand.

    Raises:
        UsageError: no picture of this pipeline can be called so.
    """
    buckets = {source_bucket, destination_bucket}
    parts = _ADDRESS.fullmatch(name)
    scheme, host, path = parts.groups() if parts else ("", "", name)
    if not parts:
        bucket, key = "", name
    elif scheme.lower() == _S3:
        bucket, key = host, path
    else:
        bucket, key = destination_bucket, unquote(re.split(r"[?#]", path, maxsplit=1)[0])
        if key.startswith(_ON_DEMAND):
            bucket, key = source_bucket, key.removeprefix(_ON_DEMAND)
    if not possible(key) or (bucket and bucket not in buckets):
        raise UsageError(
            f"{name or repr(name)} leads to no picture of this pipeline",
            hint="name its key, its result's, its address, or s3://BUCKET/KEY of "
            f"{' or '.join(sorted(buckets))}",
        )
    return bucket, key


def possible(key: str) -> bool:
    """Say whether S3 could have an object of this key; it would refuse to look for any other."""
    try:
        return bool(key) and is_possible(key)
    except UnicodeEncodeError:  # bytes of a command line that are no UTF-8
        return False


def exists(aws: Aws, bucket: str, key: str) -> bool:
    """Say whether ``bucket`` is known to have such an object (``s3:HeadObject``)."""
    return bool(told(lambda: leftovers.has_original(aws, bucket, key)).value)


def near(aws: Aws, bucket: str, key: str) -> list[str]:
    """Return the keys of originals in the folder of ``key`` whose names begin as its does."""
    folder, slash, name = key.rpartition("/")
    return list(_listed(aws, bucket, folder + slash + name[:1]))


def _standing(aws: Aws, source_bucket: str, stores: Stores, name: str) -> str | None:
    try:
        key = source_key(aws, source_bucket, stores, name)
    except UsageError:
        return None
    there = leftovers.has_original(aws, source_bucket, key) or leftovers.of(aws, stores, key)
    return key if there else None


def _original(aws: Aws, source_bucket: str, stores: Stores, result: str) -> str:
    """Return the key of the original of ``result``: as its row says, or as its name does."""
    if row := told(lambda: _row(aws, stores.table, result)).value:
        return row.source_key or result
    folder, slash, name = result.rpartition("/")
    rest = name.removeprefix(PREFIX)
    if rest in {name, ""}:
        return result
    prefix = folder + slash + _ADDED.split(rest, maxsplit=1)[0]
    listed = told(lambda: list(_listed(aws, source_bucket, prefix))).value or []
    guessed = (folder + slash + each for each in _undone(rest))
    fitting = (each for each in chain(listed, guessed) if _makes(each, stores.renditions, result))
    return next(fitting, result)


def _row(aws: Aws, table: str, filename: str) -> Metadata | None:
    found = items.batch_get(aws, table, [{PARTITION_KEY: {"S": filename}}])
    return Metadata.from_item(found[0]) if found else None


def _undone(rest: str) -> Iterator[str]:
    """Yield what an original may have been called whose results' names end in ``rest``."""
    stem, _, extension = rest.rpartition(".")
    for name in (rest, *([stem] if extension in EXTENSIONS else [])):
        for bare in (name, _RENDITION.sub("", name)):
            for plain in (bare, _JOINT.sub("", bare)):
                yield plain.replace("----", "--")


def _makes(original: str, renditions: Sequence[str], result: str) -> bool:
    return any(result in possible_keys(original, name) for name in ("", *renditions))


def _listed(aws: Aws, bucket: str, prefix: str) -> Iterator[str]:
    pages = aws.client("s3").get_paginator("list_objects_v2")
    limited = pages.paginate(Bucket=bucket, Prefix=prefix, PaginationConfig={"MaxItems": _LISTED})
    return (entry["Key"] for page in limited for entry in page.get("Contents", []))
