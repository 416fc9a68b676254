"""Which picture is meant: by its own key, by a result's, or by an address."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from handler.schema import EXTENSIONS, PARTITION_KEY, PREFIX, Metadata, possible_keys
from imgpipe.aws import items
from imgpipe.errors import UsageError
from imgpipe.pictures.named import possible
from imgpipe.pictures.story.told import told

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.pictures.differences import Places

# So many originals are looked through for the one whose result is asked for.
_LISTED: Final = 1_000
_ADDRESS: Final = re.compile(r"(https?|s3)://([^/?#]*)/?(.*)", re.DOTALL)
_S3: Final = "s3"
# In a result's name, what its original's begins with ends before either: see ``processed_key``.
_ADDED: Final = re.compile(r"--|\.")
_RENDITION: Final = re.compile(r"(?<!-)--[a-z0-9_]+(?=\.|$)")
_JOINT: Final = re.compile(r"(?<!-)--(?=\.|$)")


def source_key(aws: Aws, places: Places, renditions: Sequence[str], meant: str) -> str:
    """Return the key of the original that ``meant`` leads to; of one that is gone, too.

    That is ``meant`` itself, or the original of the result with this key, or at this address: a
    visitor's, or ``s3://BUCKET/KEY``. ``renditions`` are the names of those that are made.

    Raises:
        UsageError: the address leads to no picture of this pipeline.
    """
    address = _ADDRESS.fullmatch(meant)
    if possible(meant) and not address:
        there = exists(aws, places.source_bucket, meant)
        return meant if there else _original(aws, places, renditions, meant)
    scheme, host, path = address.groups() if address else ("", "", "")
    key = path if scheme == _S3 else unquote(re.split(r"[?#]", path, maxsplit=1)[0])
    buckets = {places.source_bucket, places.destination_bucket}
    if not possible(key) or (scheme == _S3 and host not in buckets):
        raise UsageError(
            f"{meant or repr(meant)} leads to no picture of this pipeline",
            hint="name its key, its result's, its address, or s3://BUCKET/KEY of "
            f"{' or '.join(sorted(buckets))}",
        )
    of_original = scheme == _S3 and host == places.source_bucket
    return key if of_original else _original(aws, places, renditions, key)


def exists(aws: Aws, bucket: str, key: str) -> bool:
    """Say whether ``bucket`` is known to have such an object (``s3:HeadObject``)."""
    return told(lambda: aws.client("s3").head_object(Bucket=bucket, Key=key)).value is not None


def near(aws: Aws, bucket: str, key: str) -> list[str]:
    """Return the keys of originals in the folder of ``key`` whose names begin as its does."""
    folder, slash, name = key.rpartition("/")
    return list(_listed(aws, bucket, folder + slash + name[:1]))


def _original(aws: Aws, places: Places, renditions: Sequence[str], result: str) -> str:
    """Return the key of the original of ``result``: as its row says, or as its name does."""
    if row := told(lambda: _row(aws, places.table, result)).value:
        return row.source_key or result
    folder, slash, name = result.rpartition("/")
    rest = name.removeprefix(PREFIX)
    if rest in {name, ""}:
        return result
    prefix = folder + slash + _ADDED.split(rest, maxsplit=1)[0]
    listed = told(lambda: list(_listed(aws, places.source_bucket, prefix))).value or []
    guessed = (folder + slash + each for each in _undone(rest))
    fitting = (each for each in chain(listed, guessed) if _makes(each, renditions, result))
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
