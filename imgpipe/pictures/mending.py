"""Differences mended: the function makes what is missing, and takes away what lost its original.

Each step may be done twice, and a run that is killed is finished by the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from handler.event import COMPARE, FILL, Kind, s3_event
from imgpipe.aws.errors import translated
from imgpipe.errors import PartialError, ServiceError
from imgpipe.function import invoke
from imgpipe.function.answer import reason_of
from imgpipe.function.page import portions
from imgpipe.pictures import leftovers
from imgpipe.pictures.differences import Difference

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.pictures.differences import Finding, Places

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

    Calls ``lambda:InvokeFunction``; for results without a row ``s3:GetBucketTagging`` and
    ``s3:DeleteObject``. The page comes last: it follows what is mended before.
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

    ours = [each for each in found if not (each.untold and foreign)]
    pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="mend")
    try:
        running = [pool.submit(_mended, aws, mender, each) for each in ours]
        for done in as_completed(running):
            yield done.result()
    finally:
        # Whoever stops here waits for no invocation.
        pool.shutdown(wait=False, cancel_futures=True)


def _mended(aws: Aws, mender: Mender, finding: Finding) -> Mended:
    try:
        with translated():
            if finding.untold:
                bucket = mender.places.destination_bucket
                aws.client("s3").delete_object(Bucket=bucket, Key=finding.key)
                return Mended(finding)
            return Mended(finding, _by_the_function(aws, mender, finding))
    except ServiceError as error:
        return Mended(finding, error.message)


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
