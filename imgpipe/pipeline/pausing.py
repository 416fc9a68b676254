"""A pipeline paused and resumed: its trigger taken out and put back, and what it missed caught up.

The bucket's tag goes first and comes off last, so that a run that is killed between leaves a
pipeline that is paused, says so, and is paused or resumed by the same command.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from imgpipe.aws.bucket_settings import remove_tags
from imgpipe.engine.resource import PAUSED_TAG, Live
from imgpipe.errors import not_set_up
from imgpipe.pictures import differences
from imgpipe.pictures.differences import Difference
from imgpipe.pipeline.declaration import declared
from imgpipe.pipeline.places import places
from imgpipe.resources.bucket_notification import PAUSED, BucketNotification

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from imgpipe.engine.resource import Properties, Resource
    from imgpipe.pictures.differences import Finding
    from imgpipe.pipeline import Pipeline

MISSED: Final = frozenset({Difference.UNPROCESSED, Difference.OUTDATED, Difference.ORPHANED})
"""What the events that were not sent would have told of."""


def since(pipeline: Pipeline) -> str:
    """Return since when the pipeline is paused (ISO 8601, UTC); empty where it is not.

    Raises:
        NotOursError, NotSetUpError: there is no source bucket of this pipeline.
    """
    bucket = _trigger(pipeline).bucket
    live = bucket.read(pipeline.aws)
    if live is None:
        raise not_set_up()
    if not bucket.owned(live):
        raise bucket.not_ours(live)
    return str(live["Tags"].get(PAUSED_TAG, ""))


def told_since(live: Mapping[Resource, Properties]) -> str:
    """Return what the trigger's bucket says in ``live``, as ``since`` does."""
    buckets = [each.bucket for each in live if isinstance(each, BucketNotification)]
    return next(
        (str(live[each]["Tags"].get(PAUSED_TAG, "")) for each in buckets if each in live), ""
    )


def pause(pipeline: Pipeline) -> str:
    """Let nothing in the source bucket start the function; return since when that is so.

    Calls ``s3:PutBucketTagging`` and ``s3:PutBucketNotification``. Raises as ``since``.
    """
    trigger, moment = _trigger(pipeline), since(pipeline)
    if not moment:
        moment = datetime.now(UTC).isoformat(timespec="seconds")
        trigger.bucket.update(pipeline.aws, {"Tags": {PAUSED_TAG: moment}}, frozenset({"Tags"}))
    trigger.update(pipeline.aws, PAUSED, frozenset())
    return moment


def wire(pipeline: Pipeline) -> None:
    """Let new and removed pictures start the function again (``s3:PutBucketNotification``).

    Raises:
        NotSetUpError: no version of the function is served.
    """
    trigger = _trigger(pipeline)
    if (alias := trigger.alias.read(pipeline.aws)) is None:
        raise not_set_up("function")
    trigger.create(pipeline.aws, trigger.wired(Live({trigger.alias: alias})))


def missed(pipeline: Pipeline) -> Sequence[Finding]:
    """Return what came, was replaced or went meanwhile; as ``differences.find``."""
    # The page follows by itself: the table's stream was never paused.
    there = replace(places(pipeline), page_function="")
    found = differences.find(pipeline.aws, there)
    return [each for each in found if each.difference in MISSED]


def end(pipeline: Pipeline) -> None:
    """Say no more that the pipeline is paused (``s3:PutBucketTagging``)."""
    remove_tags(pipeline.aws.client("s3"), _trigger(pipeline).bucket.name, PAUSED_TAG)


def _trigger(pipeline: Pipeline) -> BucketNotification:
    return next(each for each in declared(pipeline) if isinstance(each, BucketNotification))
