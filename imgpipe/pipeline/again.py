"""What it costs and takes to make pictures again, and how many a setup left to be made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from statistics import fmean
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from handler.schema import Metadata
from imgpipe.aws import items
from imgpipe.aws.objects import COUNTED
from imgpipe.costs import estimate, prices
from imgpipe.engine.graph import Action, Event
from imgpipe.pictures import catalog, room, selection
from imgpipe.pipeline.page import PAGE_MEMORY_MB
from imgpipe.pipeline.served import Served, served
from imgpipe.resources.bucket import Bucket
from imgpipe.resources.bucket_notification import BucketNotification
from imgpipe.resources.function import Function

if TYPE_CHECKING:
    from imgpipe.pipeline import Pipeline

# So many of the newest rows say how long a picture takes.
_SAMPLE: Final = 200
# Without any row: a picture of a phone's.
_MEGAPIXELS: Final = 12.0


@dataclass(frozen=True)
class Expense:
    """What it takes to make so many ``pictures`` again, about, so many ``at_once``.

    ``job`` are those of the dollars that a job of S3 Batch Operations costs.
    """

    pictures: int
    dollars: float
    seconds: float
    at_once: int
    job: float = 0.0

    def by_job(self, *, listed: bool) -> Expense:
        """Return what it takes where a job makes them; ``listed``: S3 lists the bucket for it."""
        job = prices.job(self.pictures, listed=listed)
        return replace(self, dollars=self.dollars + job, job=job)


@dataclass(frozen=True)
class Advice:
    """Pictures that a setup left to be made, ``why``, and the ``command`` that makes them.

    ``complete`` is false where there may be more of them than were counted.
    """

    why: str
    expense: Expense
    command: str
    complete: bool


def expense(pipeline: Pipeline, by: Served, pictures: int) -> Expense:
    """Return what so many pictures cost and take, by what the newest took (``dynamodb:Query``)."""
    aws, table = pipeline.aws, pipeline.names.table
    known = prices.prices_in(aws.region)
    setting = estimate.Setting(by.memory, PAGE_MEMORY_MB, by.architecture, known.prices)
    newest = catalog.newest(aws, table, catalog.Query(), _SAMPLE)
    renditions, most = len(by.renditions), room.at_once(aws)
    each = _milliseconds(newest) or estimate.duration(
        estimate.work(_MEGAPIXELS, renditions), by.memory
    )
    million = estimate.again(each, renditions, most, setting)
    return Expense(pictures, million * pictures / 1e6, each / 1000 * pictures / most, most)


def advice(pipeline: Pipeline, events: Sequence[Event]) -> list[Advice]:
    """Return what is left to be made after a setup that ended with ``events``.

    Looks only where the function changed, or was wired to a bucket that was there before, and at
    no more than ``COUNTED`` rows or originals. What cannot be read is left out: the setup is done.
    """
    with suppress(ClientError):
        done = {(type(event.resource), event.action) for event in events}
        if (BucketNotification, Action.CREATE) in done and _adopted(pipeline, events):
            return _unmade(pipeline)
        if (Function, Action.UPDATE) in done:
            return _made_otherwise(pipeline)
    return []


def _adopted(pipeline: Pipeline, events: Sequence[Event]) -> bool:
    """Say whether the originals' bucket was there before."""
    name = pipeline.names.source_bucket
    buckets = (each for each in events if isinstance(each.resource, Bucket))
    return any(
        each.resource.name == name and each.live and each.resource.adopted(each.live)
        for each in buckets
    )


def _unmade(pipeline: Pipeline) -> list[Advice]:
    """Return advice on originals without any row; of very many, the first are looked at."""
    aws, names = pipeline.aws, pipeline.names
    listed = list(islice(selection.originals(aws, names.source_bucket), COUNTED + 1))
    pages = islice(items.scan(aws, names.table), COUNTED // items.PAGE_ITEMS)
    told = {row.source_key for row in _rows(pages)}
    left = [key for key in listed[:COUNTED] if key not in told]
    complete = len(listed) <= COUNTED
    why, command = "have no result yet", "reprocess --missing"
    return _advised(pipeline, len(left), why, command, complete=complete)


def _made_otherwise(pipeline: Pipeline) -> list[Advice]:
    """Return advice on pictures that another recipe or other code made."""
    current = served(pipeline).fingerprint
    where = catalog.Query(other_than=current).condition()
    pages = items.scan(pipeline.aws, pipeline.names.table, where)
    rows = _rows(islice(pages, COUNTED // items.PAGE_ITEMS))
    complete = next(iter(pages), None) is None
    others = {row.source_key: row.fingerprint for row in rows if row.source_key}
    why = f"were made by {_what_differs(current, set(others.values()))}"
    return _advised(pipeline, len(others), why, "reprocess --stale", complete=complete)


def _rows(pages: Iterable[Sequence[items.Item]]) -> list[Metadata]:
    return [Metadata.from_item(item) for page in pages for item in page]


def _what_differs(current: str, others: set[str]) -> str:
    """Return whether recipe or code did: the halves of a fingerprint."""
    if "" in others:
        return "an earlier release or recipe"
    recipes = {other.partition(".")[0] for other in others}
    return "earlier code" if recipes == {current.partition(".")[0]} else "another recipe"


def _advised(
    pipeline: Pipeline, count: int, why: str, command: str, *, complete: bool
) -> list[Advice]:
    if not count:
        return []
    return [Advice(why, expense(pipeline, served(pipeline), count), command, complete)]


def _milliseconds(rows: Sequence[Metadata]) -> float:
    """Return how long a picture took on average, 0 where nothing is known.

    Each of its rows tells of the whole picture.
    """
    took = {row.source_key: row.duration for row in rows if row.duration}
    return fmean(took.values()) if took else 0.0
