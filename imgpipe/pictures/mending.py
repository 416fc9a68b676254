"""Differences mended: the function makes what is missing, and takes away what lost its original.

Each step may be done twice, and a run that is killed is finished by the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from handler.event import COMPARE, FILL, Kind, s3_event
from handler.schema import PARTITION_KEY
from imgpipe.aws import items
from imgpipe.aws.errors import translated
from imgpipe.errors import ImgpipeError, PartialError, ServiceError
from imgpipe.function import invoke
from imgpipe.function.answer import reason_of
from imgpipe.function.page import portions
from imgpipe.pictures import leftovers, named
from imgpipe.pictures.differences import Difference, Finding
from imgpipe.pictures.leftovers import Stores

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.pictures.differences import Places

# A new account may run ten functions at once, and pictures go on arriving.
_AT_ONCE: Final = 8
_NOT_OURS: Final = "the bucket was there before imgpipe, and so may be this object: look at it"


@dataclass(frozen=True)
class Mended:
    """What became of a difference: mended, or the ``reason`` why it stays."""

    finding: Finding
    reason: str = ""


@dataclass(frozen=True)
class Mender:
    """Who mends: the ``alias`` of ``function``, and whoever runs this, in ``places``."""

    function: str
    alias: str
    places: Places


def mend(aws: Aws, mender: Mender, found: Sequence[Finding]) -> Iterator[Mended]:
    """Mend each, some at once, and yield what became of it, as it ends.

    Calls ``lambda:InvokeFunction``; for results without a row ``s3:GetBucketTagging``,
    ``s3:DeleteObject`` and what ``named.source_key`` does. The page comes last: it follows what is
    mended before.
    """
    misshown = [each for each in found if each.difference is Difference.MISSHOWN]
    yield from _of_buckets(aws, mender, [each for each in found if each not in misshown])
    if misshown:
        reason = _page_again(aws, mender.places.page_function)
        yield from (Mended(each, reason) for each in misshown)


def raise_for_failures(done: Sequence[Mended]) -> None:
    """Raise ``PartialError`` unless every difference was mended."""
    if left := sum(bool(each.reason) for each in done):
        raise PartialError(
            f"{left} of {len(done)} differences stay",
            hint="the reasons stand above",
            next=("failures", "logs --since 10m"),
        )


def _of_buckets(aws: Aws, mender: Mender, found: Sequence[Finding]) -> Iterator[Mended]:
    untold = [each for each in found if each.untold]
    foreign = bool(untold) and leftovers.was_there_before(aws, mender.places.destination_bucket)
    yield from (Mended(each, _NOT_OURS) for each in untold if foreign)

    yield from _at_once(aws, mender, [each for each in found if not each.untold])
    # What was made just now has a row, and is no result to be taken away any more.
    yield from _at_once(aws, mender, [each for each in untold if not foreign])


def _at_once(aws: Aws, mender: Mender, found: Sequence[Finding]) -> Iterator[Mended]:
    pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="mend")
    try:
        running = [pool.submit(_mended, aws, mender, each) for each in found]
        for done in as_completed(running):
            yield done.result()
    finally:
        # Whoever stops here waits for no invocation.
        pool.shutdown(wait=False, cancel_futures=True)


def _mended(aws: Aws, mender: Mender, finding: Finding) -> Mended:
    mended = _told_or_gone if finding.untold else _by_the_function
    try:
        with translated():
            return Mended(finding, mended(aws, mender, finding))
    except ImgpipeError as error:
        return Mended(finding, error.message)


def _told_or_gone(aws: Aws, mender: Mender, finding: Finding) -> str:
    """Give a result its row, if there is an original that it is made of, or else take it away.

    Return why neither was done; empty if one was.
    """
    places, key = mender.places, finding.key
    stores = Stores(places.destination_bucket, places.table, places.renditions)
    if not _has_row(aws, places.table, key):
        name = f"s3://{places.destination_bucket}/{key}"
        original = named.source_key(aws, places.source_bucket, stores, name)
        if leftovers.has_original(aws, places.source_bucket, original):
            again = Finding(Difference.UNPROCESSED, original)
            if reason := _by_the_function(aws, mender, again):
                return reason
        if not _has_row(aws, places.table, key):
            aws.client("s3").delete_object(Bucket=places.destination_bucket, Key=key)
    return ""


def _has_row(aws: Aws, table: str, key: str) -> bool:
    return bool(items.batch_get(aws, table, [{PARTITION_KEY: {"S": key}}]))


def _page_again(aws: Aws, function: str) -> str:
    """Let the page's function compare all of it; return why it could not, empty if it did."""
    try:
        with translated():
            for _ in portions(aws, function, COMPARE, FILL):
                pass
    except ServiceError as error:
        return error.message
    return ""


def _by_the_function(aws: Aws, mender: Mender, finding: Finding) -> str:
    """Tell the function of the original anew; return why it failed, empty if it did not.

    It believes the bucket and not the event: an original that came back meanwhile is safe.
    """
    kind = Kind.REMOVED if finding.difference is Difference.ORPHANED else Kind.CREATED
    event = s3_event(kind, mender.places.source_bucket, finding.key, aws.region)
    done = invoke.invoke(aws, mender.function, mender.alias, event)
    return reason_of(done.result) if done.failed else ""
