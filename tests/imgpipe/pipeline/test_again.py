"""What a setup left to be made: counted, priced, and never more than a bounded look at it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from handler.recipe import Recipe, Rendition
from handler.schema import Metadata, Status
from imgpipe.engine.graph import Action, Event, State
from imgpipe.pipeline import Pipeline, again
from imgpipe.pipeline.declaration import declared
from imgpipe.pipeline.served import Served
from imgpipe.resources.bucket import Bucket
from imgpipe.resources.bucket_notification import BucketNotification
from imgpipe.resources.function import Function
from imgpipe.settings import Settings
from tests.support import table as tables

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Faults, Sent

SERVED: Final = Served(Recipe((Rendition(), Rendition(name="thumb"))), "r2.c2", 448, "arm64")


@pytest.fixture
def pipeline(aws: Aws, faults: Faults, monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    """A pipeline with an empty table and source bucket, and a served version that notes r2.c2."""
    made = Pipeline.of(Settings(), aws)
    tables.make(aws.client("dynamodb"), TableName=made.names.table)
    where = {"LocationConstraint": aws.region}
    bucket = made.names.source_bucket
    aws.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
    monkeypatch.setattr(again, "served", lambda _: SERVED)
    return made


def write(pipeline: Pipeline, *fingerprints: str, duration: int = 0) -> None:
    """Write two rows of a picture for each fingerprint."""
    for number, fingerprint in enumerate(fingerprints):
        for name in ("", "thumb"):
            row = Metadata(
                f"processed-{number}{name}",
                1,
                "2026-11-29T11:00:00.000+00:00",
                Status.PROCESSED,
                f"{number}.jpg",
                duration=duration,
                fingerprint=fingerprint,
            )
            names = {"TableName": pipeline.names.table, "Item": row.to_item()}
            pipeline.aws.client("dynamodb").put_item(**names)


def ended(pipeline: Pipeline, changed: type, action: Action, **live: Any) -> list[Event]:
    """The events of a setup that did nothing but this."""
    kinds = (changed, Bucket)
    return [
        Event(
            each,
            action if isinstance(each, changed) else Action.NONE,
            State.DONE,
            live={"Tags": {}, **live},
        )
        for each in declared(pipeline)
        if isinstance(each, kinds)
    ]


@pytest.mark.parametrize(
    ("fingerprints", "count", "why"),
    [
        (["r2.c2"], 0, ""),
        (["r1.c2", "r2.c2"], 1, "were made by another recipe"),
        (["r1.c1", "r2.c1"], 2, "were made by another recipe"),
        (["r2.c1", "r2.c2"], 1, "were made by earlier code"),
        (["", "r2.c1"], 2, "were made by an earlier release or recipe"),
    ],
)
def test_what_others_made_is_counted_by_pictures(
    pipeline: Pipeline, fingerprints: list[str], count: int, why: str
) -> None:
    """Not by rows; and whether recipe or code made them is told."""
    write(pipeline, *fingerprints)
    found = again.advice(pipeline, ended(pipeline, Function, Action.UPDATE))
    assert [(each.expense.pictures, each.why, each.complete) for each in found] == (
        [(count, why, True)] if count else []
    )


def test_a_setup_that_changes_no_function_looks_at_nothing(pipeline: Pipeline, sent: Sent) -> None:
    """It is as fast as it was."""
    sent.clear()
    assert again.advice(pipeline, ended(pipeline, Function, Action.NONE)) == []
    assert list(sent) == []


def test_of_very_many_the_first_ten_thousand_rows_are_looked_at(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More may be stale than were counted."""
    read = []

    def scan(*_: object) -> Any:
        for number in range(100):
            read.append(number)
            row = Metadata("f", 1, "t", Status.PROCESSED, f"{number}.jpg", fingerprint="r1.c2")
            yield [row.to_item()]

    monkeypatch.setattr("imgpipe.aws.items.scan", scan)
    (found,) = again.advice(pipeline, ended(pipeline, Function, Action.UPDATE))
    assert (found.expense.pictures, found.complete, len(read)) == (10, False, 11)


def test_originals_that_were_there_before_are_counted(pipeline: Pipeline) -> None:
    """Once the bucket is wired, and only if it was adopted; folders are none."""
    write(pipeline, "r2.c2")
    for key in ("0.jpg", "1.jpg", "a/2.jpg", "a/"):
        pipeline.aws.client("s3").put_object(Bucket=pipeline.names.source_bucket, Key=key)
    adopted = {"Tags": {"imgpipe:adopted": "none"}}
    wired = ended(pipeline, BucketNotification, Action.CREATE, **adopted)
    (found,) = again.advice(pipeline, wired[::-1])  # buckets end in any order
    assert (found.expense.pictures, found.why, found.command) == (
        2,
        "have no result yet",
        "reprocess --missing",
    )
    of_results = [
        replace(each, live={"Tags": {}})
        if each.resource.name == pipeline.names.source_bucket
        else each
        for each in wired
    ]
    assert again.advice(pipeline, of_results) == []


def test_what_may_not_be_read_is_left_out(pipeline: Pipeline, faults: Faults) -> None:
    """Who may set up need not be allowed to read rows."""
    for _ in range(4):
        faults.fail("Scan", "AccessDeniedException", status=403)
    assert again.advice(pipeline, ended(pipeline, Function, Action.UPDATE)) == []


def test_what_it_takes_follows_from_what_the_newest_took(pipeline: Pipeline) -> None:
    """Twice as long a picture takes twice the time, and costs more."""
    write(pipeline, "r2.c2", duration=500)
    short = again.expense(pipeline, SERVED, 1_000)
    write(pipeline, "r2.c2", duration=1000)
    long = again.expense(pipeline, SERVED, 1_000)
    assert short.seconds == pytest.approx(0.5 * 1_000 / short.at_once)
    assert long.seconds == pytest.approx(2 * short.seconds)
    assert 2 * short.dollars > long.dollars > short.dollars > 0
    assert again.expense(pipeline, SERVED, 2_000).dollars == pytest.approx(2 * long.dollars)
