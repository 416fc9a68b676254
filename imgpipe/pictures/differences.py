"""Where originals, results, rows and page do not say the same, by what is listed of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from handler.schema import PARTITION_KEY, PREFIX, Status
from imgpipe.aws import items
from imgpipe.aws.errors import absent
from imgpipe.errors import not_set_up
from imgpipe.function.page import is_public
from imgpipe.pictures import catalog
from imgpipe.pictures.page import Page, misshown

if TYPE_CHECKING:
    from handler.schema import Metadata
    from imgpipe.aws.account import Aws

# What was put so lately may still be in the function's hands. Pictures take seconds.
ON_ITS_WAY: Final = timedelta(minutes=1)


class Difference(StrEnum):
    """How an original, its results and its rows differ."""

    UNPROCESSED = "unprocessed"
    OUTDATED = "outdated"
    LOST = "lost"
    ORPHANED = "orphaned"
    UNTOLD = "untold"
    MISSHOWN = "misshown"


MEANINGS: Final = {
    Difference.UNPROCESSED: "an original that nothing was made of",
    Difference.OUTDATED: "an original that was replaced, and its results were not",
    Difference.LOST: "an original whose result is not in the destination bucket",
    Difference.ORPHANED: "results whose original is gone",
    Difference.UNTOLD: "a result without a row",
    Difference.MISSHOWN: "a picture that the page does not show as its rows tell",
}


@dataclass(frozen=True, order=True)
class Finding:
    """A difference, and the ``key`` it is about: of the result for ``UNTOLD``, else the original's.

    The key of an original may name one that is gone.
    """

    difference: Difference
    key: str

    @property
    def untold(self) -> bool:
        """Whether it is about a result, and not about an original."""
        return self.difference is Difference.UNTOLD


@dataclass(frozen=True)
class Object:
    """An object as a list shows it: its ETag, and when it was put."""

    etag: str
    modified: datetime


@dataclass(frozen=True)
class Contents:
    """What there is: originals and results by their keys, and rows."""

    originals: Mapping[str, Object]
    results: Mapping[str, Object]
    rows: Sequence[Metadata]


@dataclass(frozen=True)
class Places:
    """Where originals, results and rows are; ``follows``: results go with their original.

    ``page_function`` writes the page's data into the destination bucket; empty where there is no
    page. ``renditions`` are the names of those that there may be of a picture.
    """

    source_bucket: str
    destination_bucket: str
    table: str
    follows: bool
    page_function: str = ""
    renditions: Sequence[str] = ()


def find(
    aws: Aws, places: Places, prefix: str = "", patience: timedelta = timedelta(0)
) -> list[Finding]:
    """Return every difference among the originals whose keys begin with ``prefix``, in order.

    The page is the last.

    Originals younger than ``patience`` are left to the function; where what is found is mended
    there are none, for to do it twice does no harm.

    Raises:
        NotSetUpError: see ``contents``.
    """
    there = contents(aws, places, prefix)
    now = datetime.now(UTC)
    found = sorted(compare(there, now, patience, follows=places.follows))
    found += _misshown(aws, places, prefix, there.rows, now - patience)
    told = _told(aws, places.table, [each.key for each in found if each.untold])
    return [each for each in found if not (each.untold and each.key in told)]


def contents(aws: Aws, places: Places, prefix: str = "") -> Contents:
    """Return what there is of originals whose keys begin with ``prefix``.

    Lists both buckets and the table (``s3:ListBucket``, ``dynamodb:Scan``), and holds it all in
    memory: about a kilobyte a picture.

    Raises:
        NotSetUpError: a bucket or the table is not there.
    """
    with ThreadPoolExecutor(3, thread_name_prefix="contents") as pool:
        originals = pool.submit(_originals, aws, places.source_bucket, prefix)
        results = pool.submit(_results, aws, places.destination_bucket, prefix)
        rows = pool.submit(_rows, aws, places.table, prefix)
        return Contents(originals.result(), results.result(), rows.result())


def count(aws: Aws, places: Places, most: int) -> int | None:
    """Return how many differences there are, ``None`` where there are over ``most`` originals."""
    listed = _listed(aws, places.source_bucket, "")
    if len(list(islice(listed, most + 1))) > most:
        return None
    return len(find(aws, places, patience=ON_ITS_WAY))


def compare(
    there: Contents, now: datetime, patience: timedelta, *, follows: bool
) -> Iterator[Finding]:
    """Yield the differences of what was listed at ``now``, each once, in no order.

    ``follows`` says that results go with their original. A result is put a moment before its row,
    so a young one is never one without.
    """
    rows = defaultdict(list)
    for row in there.rows:
        if row.source_key:  # the guide's own rows do not know theirs
            rows[row.source_key].append(row)
    for key, original in there.originals.items():
        difference = _of_original(original, rows[key], there.results)
        if difference and original.modified <= now - patience:
            yield Finding(difference, key)
    if follows:
        gone = (key for key, told in rows.items() if told and key not in there.originals)
        yield from (Finding(Difference.ORPHANED, key) for key in gone)

    told = {row.filename for row in there.rows}
    for key, result in there.results.items():
        if key not in told and result.modified <= now - ON_ITS_WAY:
            yield Finding(Difference.UNTOLD, key)


def _misshown(
    aws: Aws, places: Places, prefix: str, rows: Sequence[Metadata], before: datetime
) -> list[Finding]:
    if not places.page_function:
        return []
    page = Page(aws, places.destination_bucket)
    keys = misshown(page, places.table, rows, prefix, before.isoformat())
    if not keys or not is_public(aws, places.page_function):
        return []
    return [Finding(Difference.MISSHOWN, key) for key in sorted(keys)]


def _of_original(
    original: Object, rows: Sequence[Metadata], results: Mapping[str, Object]
) -> Difference | None:
    if not rows:
        return Difference.UNPROCESSED
    if any(row.source_etag != original.etag for row in rows):
        return Difference.OUTDATED
    made = (row.filename for row in rows if row.status is not Status.REJECTED)
    return None if all(key in results for key in made) else Difference.LOST


def _originals(aws: Aws, bucket: str, prefix: str) -> dict[str, Object]:
    """Return the pictures; a key that ends with a slash is a folder of the console's."""
    listed = _listed(aws, bucket, prefix)
    return {key: found for key, found in listed if not key.endswith("/")}


def _results(aws: Aws, bucket: str, prefix: str) -> dict[str, Object]:
    """Return the results whose original's key would begin with ``prefix``."""
    folder, slash, _ = prefix.rpartition("/")
    listed = _listed(aws, bucket, folder + slash)
    return {key: found for key, found in listed if _is_result(key, prefix)}


def _is_result(key: str, prefix: str) -> bool:
    folder, slash, name = key.rpartition("/")
    original = folder + slash + name.removeprefix(PREFIX)
    return name.startswith(PREFIX) and original.startswith(prefix)


def _listed(aws: Aws, bucket: str, prefix: str) -> Iterator[tuple[str, Object]]:
    pages = aws.client("s3").get_paginator("list_objects_v2")
    try:
        for page in pages.paginate(Bucket=bucket, Prefix=prefix):
            for entry in page.get("Contents", []):
                yield entry["Key"], Object(entry["ETag"].strip('"'), entry["LastModified"])
    except ClientError as error:
        if absent(error):
            raise not_set_up() from error
        raise


def _rows(aws: Aws, table: str, prefix: str) -> list[Metadata]:
    return list(catalog.rows(aws, table, catalog.Query(prefix=prefix)))


def _told(aws: Aws, table: str, results: Sequence[str]) -> set[str]:
    """Return those results that have a row now, whatever it says of its original."""
    keys = [{PARTITION_KEY: {"S": key}} for key in results]
    return {item[PARTITION_KEY]["S"] for item in items.batch_get(aws, table, keys)}
