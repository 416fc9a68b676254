"""Paused and resumed: the trigger and the tag that says so, in whatever order a run dies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from imgpipe.engine.graph import Action
from imgpipe.engine.resource import PAUSED_TAG
from imgpipe.errors import ImgpipeError, NotOursError, NotSetUpError
from imgpipe.pictures import upload
from imgpipe.pipeline import Pipeline, pausing
from imgpipe.resources.bucket import Bucket
from imgpipe.resources.bucket_notification import BucketNotification
from imgpipe.settings import Settings
from tests.support.stand_ins import Given

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.engine.resource import Resource
    from tests.support.account import Engine
    from tests.support.life import Life

pytestmark = pytest.mark.slow

BUCKET: Final = "pictures"
ALIAS: Final = "arn:aws:lambda:eu-west-1:123456789012:function:ImageProcessingFunction:live"
Needed = tuple["Resource", ...]


@pytest.fixture
def needed(life: Life, tags: tuple[tuple[str, str], ...]) -> Needed:
    """What the trigger waits for, the bucket first; who dies is told from the first call on."""
    others = (Given("live", (("AliasArn", ALIAS),)), Given("permission"), Given("failures"))
    return (Bucket(BUCKET, tags), *others)


@pytest.fixture
def trigger(
    aws: Aws, engine: Engine, needed: Needed, monkeypatch: pytest.MonkeyPatch
) -> BucketNotification:
    """A trigger that stands, and is the pipeline's."""
    bucket, alias, permission, failures = needed
    assert isinstance(bucket, Bucket)
    stands = BucketNotification(
        "imgpipe", bucket=bucket, alias=alias, permission=permission, failures=failures
    )
    engine.setup(stands, *needed)
    monkeypatch.setattr("imgpipe.pipeline.pausing.declared", lambda _: (*needed, stands))
    return stands


@pytest.fixture
def pipeline(aws: Aws) -> Pipeline:
    """A pipeline with that trigger."""
    return Pipeline.of(Settings(), aws)


def rules(aws: Aws) -> int:
    """How many rules start a function."""
    found = aws.client("s3").get_bucket_notification_configuration(Bucket=BUCKET)
    return len(found.get("LambdaFunctionConfigurations", ()))


def test_a_paused_pipeline_stays_so_through_setups(
    aws: Aws, engine: Engine, needed: Needed, trigger: BucketNotification, pipeline: Pipeline
) -> None:
    """It is as it should be, until it is resumed."""
    assert pausing.since(pipeline) == ""
    moment = pausing.pause(pipeline)
    assert (pausing.pause(pipeline), pausing.since(pipeline), rules(aws)) == (moment, moment, 0)
    assert engine.setup(trigger, *needed).action is Action.NONE
    with pytest.raises(ImgpipeError, match=f"paused since {moment[:10]}"):
        upload.require_trigger(aws, BUCKET)
    pausing.wire(pipeline)
    assert pausing.since(pipeline) == moment
    pausing.end(pipeline)
    assert (pausing.since(pipeline), rules(aws)) == ("", 1)
    assert engine.setup(trigger, *needed).action is Action.NONE


def test_a_setup_finishes_a_pause_that_died(
    aws: Aws, engine: Engine, needed: Needed, trigger: BucketNotification, pipeline: Pipeline
) -> None:
    """Whoever began it meant it."""
    needed[0].update(aws, {"Tags": {PAUSED_TAG: "2026-07-01"}}, frozenset({"Tags"}))
    assert engine.setup(trigger, *needed).action is Action.UPDATE
    assert rules(aws) == 0


@pytest.mark.usefixtures("trigger")
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(2))
def test_a_run_that_dies_is_finished_by_the_next(
    aws: Aws, life: Life, pipeline: Pipeline, when: str, number: int
) -> None:
    """What is half paused, or half resumed, says that it is paused."""
    with life.ending(when, number):
        pausing.pause(pipeline)
    assert life.died_at
    assert (pausing.since(pipeline) != "") is ((when, number) != ("before", 0))
    moment = pausing.pause(pipeline)
    assert rules(aws) == 0
    with life.ending(when, number):
        pausing.wire(pipeline)
        pausing.end(pipeline)
    assert life.died_at
    assert pausing.since(pipeline) == ("" if (when, number) == ("after", 1) else moment)
    pausing.wire(pipeline)
    pausing.end(pipeline)
    assert (pausing.since(pipeline), rules(aws)) == ("", 1)


def test_a_paused_pipeline_goes_without_a_trace(
    aws: Aws, trigger: BucketNotification, pipeline: Pipeline
) -> None:
    """Also where the bucket stays."""
    pausing.pause(pipeline)
    trigger.delete(aws, trigger.read(aws) or {})
    assert trigger.read(aws) is None
    assert pausing.since(pipeline) == ""


@pytest.mark.usefixtures("trigger")
def test_nothing_is_paused_that_is_not_ours(aws: Aws, pipeline: Pipeline) -> None:
    """Or that is not there."""
    aws.client("s3").delete_bucket_tagging(Bucket=BUCKET)
    with pytest.raises(NotOursError):
        pausing.pause(pipeline)
    assert rules(aws) == 1
    aws.client("s3").delete_bucket(Bucket=BUCKET)
    with pytest.raises(NotSetUpError):
        pausing.pause(pipeline)
