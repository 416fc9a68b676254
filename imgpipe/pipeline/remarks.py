"""What a setup has to say besides what it did."""

from __future__ import annotations

from collections.abc import Sequence
from shutil import which
from typing import TYPE_CHECKING

from imgpipe.aws.bucket_settings import stronger_encryption
from imgpipe.engine.graph import Event
from imgpipe.gallery.page import ENTRY
from imgpipe.package.bytecode import compiler
from imgpipe.pipeline.function_ground import target_python
from imgpipe.resources.subscription import Subscription

if TYPE_CHECKING:
    from imgpipe.pipeline import Pipeline


def remarks(pipeline: Pipeline, events: Sequence[Event]) -> list[str]:
    """Return what a setup could not do by itself, and what works and could be better."""
    python, notes = target_python(pipeline.settings), []
    if not compiler(python):
        slower = "and cold starts take about a third longer"
        notes = [f"without a python{python} on the PATH the code goes without bytecode, {slower}"]
    notes += [
        f"{event.resource.name} gets no alarms until the link in SNS's letter to it is opened"
        for event in events
        if isinstance(event.resource, Subscription) and event.live and not event.live["Confirmed"]
    ]
    if pipeline.settings.local and pipeline.settings.delivery.enabled and not which("node"):
        notes.append("the embedded AWS runs edge functions in Node.js: put it on the PATH")
    live = {event.resource.name: event.live for event in events if event.live}
    if live.get(ENTRY, {}).get("OwnEntry"):
        notes.append(f"{ENTRY} in the destination bucket is your own, and stays as it is")
    destination = live.get(pipeline.names.destination_bucket)
    if destination and stronger_encryption(destination):
        notes.append(_key_note(destination["KmsKeyArn"]))
    return notes


def _key_note(key: str) -> str:
    """Return who must allow CloudFront to use the destination bucket's key: not we, whose it isn't.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
    """
    if not key:
        return (
            "the destination bucket is encrypted with AWS's own key, which CloudFront may never "
            "use: give the bucket a key of yours, or SSE-S3, or no picture is seen"
        )
    return (
        f"until the policy of {key} allows cloudfront.amazonaws.com kms:Decrypt on condition that "
        "AWS:SourceArn is the distribution's ARN, no picture is seen"
    )
