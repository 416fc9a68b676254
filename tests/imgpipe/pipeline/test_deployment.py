"""Setup, teardown and status as the core gives them: what is refused, and what is counted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.awsrequest import AWSResponse

from imgpipe.engine.graph import Action, Event, State
from imgpipe.engine.resource import OWNER_TAG
from imgpipe.errors import ImgpipeError, NotSetUpError, PackageError, ServiceError
from imgpipe.pipeline import Pipeline, deployment, inventory, status
from imgpipe.pipeline.declaration import declared, everything
from imgpipe.pipeline.status import Health
from imgpipe.render import teardown as render_teardown
from imgpipe.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from imgpipe.aws.account import Aws
    from tests.support.account import Calls

    Walk = Callable[[Pipeline], Iterable[Event]]

pytestmark = pytest.mark.slow

SETTINGS = Settings(local=True)
FOREIGN = "arn:aws:lambda:us-east-1:770693421928:layer:Klayers-p312-Pillow:5"


@pytest.fixture
def pipeline(aws: Aws) -> Pipeline:
    """The default pipeline, nothing of which is there yet."""
    return Pipeline.of(SETTINGS, aws)


def with_settings(pipeline: Pipeline, **changes: Any) -> Pipeline:
    """The same pipeline under other settings."""
    return replace(pipeline, settings=replace(pipeline.settings, **changes))


def bucket(aws: Aws, name: str, **tags: str) -> None:
    """Make a bucket with these tags."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": aws.region})
    s3.put_bucket_tagging(
        Bucket=name,
        Tagging={"TagSet": [{"Key": key, "Value": value} for key, value in tags.items()]},
    )


def ours(aws: Aws, name: str) -> None:
    """Make a bucket that carries the default stage's tag."""
    bucket(aws, name, **{OWNER_TAG: "default"})


def put(aws: Aws, bucket: str, *keys: str) -> None:
    """Put small objects."""
    for key in keys:
        aws.client("s3").put_object(Bucket=bucket, Key=key, Body=b"x")


def ended(pipeline: Pipeline, *states: State) -> list[Event]:
    """As many events as ``states``, each of another resource, that ended so."""
    return [
        Event(resource, Action.NONE, state)
        for resource, state in zip(declared(pipeline), states, strict=False)
    ]


@pytest.mark.parametrize("walk", [deployment.setup, deployment.plan])
def test_a_layer_of_another_region_is_refused_before_anything_is_looked_at(
    pipeline: Pipeline, calls: Calls, walk: Walk
) -> None:
    """The function could not use it."""
    before = list(calls)
    with pytest.raises(PackageError, match="is in us-east-1, the function in eu-west-1"):
        list(walk(with_settings(pipeline, pillow_layer_arn=FOREIGN)))
    assert list(calls) == before


def test_a_plan_names_every_resource_in_the_order_of_the_declaration(
    pipeline: Pipeline, calls: Calls
) -> None:
    """Buckets first, and nothing is written."""
    planned = deployment.plan(pipeline).events
    assert [event.resource for event in planned] == list(declared(pipeline))
    assert {event.action for event in planned} == {Action.CREATE}
    assert calls.mutating == []


def test_a_foreign_layer_takes_the_place_of_ours_but_teardown_looks_for_both(
    pipeline: Pipeline,
) -> None:
    """Ours may be left from before that setting."""
    arn = FOREIGN.replace("us-east-1", "eu-west-1")
    foreign, layer = with_settings(pipeline, pillow_layer_arn=arn), pipeline.names.layer
    assert layer not in {resource.name for resource in declared(foreign)}
    assert layer in {event.resource.name for event in deployment.teardown(foreign)}


def test_status_of_an_empty_account_is_all_missing(pipeline: Pipeline) -> None:
    """No address, nothing counted, not in sync."""
    health = status.health(pipeline)
    assert (
        health.url,
        health.uploaded,
        health.processed,
        health.failures_waiting,
        health.in_sync,
    ) == ("", 0, 0, 0, False)


def test_status_counts_pictures_and_failures_and_nothing_else(pipeline: Pipeline) -> None:
    """Not folders, nor the page's own files."""
    aws, names = pipeline.aws, pipeline.names
    ours(aws, names.source_bucket)
    ours(aws, names.destination_bucket)
    put(aws, names.source_bucket, "a.jpg", "folder/b.jpg", "folder/")
    put(
        aws,
        names.destination_bucket,
        "processed-a.jpg",
        "folder/processed-b.jpg",
        "index.html",
        "gallery/index.json",
        "gallery/page-1.json",
    )
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName=names.queue, tags={OWNER_TAG: "default"})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="{}")
    health = status.health(pipeline)
    assert (health.uploaded, health.processed, health.failures_waiting) == (2, 2, 1)


@pytest.mark.parametrize(
    ("states", "in_sync"),
    [
        ([State.DONE, State.DONE], True),
        ([State.DONE, State.FAILED], False),
        ([State.BLOCKED], False),
    ],
)
def test_in_sync_means_that_a_setup_would_change_nothing(
    pipeline: Pipeline, states: list[State], in_sync: bool
) -> None:
    """What cannot be read is not in sync either."""
    assert Health(ended(pipeline, *states), "", 0, 0, 0).in_sync is in_sync


def test_an_inventory_holds_what_is_ours_with_every_version(pipeline: Pipeline) -> None:
    """Somebody else's bucket under our name is not in it."""
    aws, names = pipeline.aws, pipeline.names
    ours(aws, names.source_bucket)
    bucket(aws, names.destination_bucket)
    aws.client("s3").put_bucket_versioning(
        Bucket=names.source_bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    put(aws, names.source_bucket, "a.jpg", "a.jpg", "b.jpg")
    aws.client("s3").delete_object(Bucket=names.source_bucket, Key="a.jpg")
    standing = inventory.inventory(pipeline)
    assert standing.objects == {names.source_bucket: 4}
    assert names.destination_bucket not in {each.name for each in standing.resources}
    assert (standing.account, standing.region) == (aws.account, "eu-west-1")


def test_a_protected_table_is_told_before_anything_is_gone(pipeline: Pipeline) -> None:
    """The inventory comes before the question."""
    aws = pipeline.aws
    protected = with_settings(pipeline, deletion_protection=True)
    table = next(each for each in declared(protected) if each.name == pipeline.names.table)
    table.create(aws, {**table.properties({}), "Tags": {OWNER_TAG: "default"}})  # type: ignore[arg-type]
    with pytest.raises(ServiceError, match="is protected against deletion"):
        inventory.inventory(pipeline)


def test_the_proof_names_what_is_still_there(pipeline: Pipeline) -> None:
    """And the command that goes on."""
    aws, names = pipeline.aws, pipeline.names
    ours(aws, names.source_bucket)
    with pytest.raises(ImgpipeError, match=f"still there: {names.source_bucket}") as caught:
        inventory.proof(pipeline)
    assert caught.value.next == ("teardown",)


def test_the_proof_tells_what_older_settings_left_behind(pipeline: Pipeline) -> None:
    """By its tag: a bucket renamed since, but not another stage's."""
    aws = pipeline.aws
    ours(aws, "renamed-since")
    bucket(aws, "of-another-stage", **{OWNER_TAG: "blue"})
    proof = inventory.proof(pipeline)
    assert proof.checked == len(everything(pipeline)) > 10
    assert list(proof.leftovers or ()) == ["arn:aws:s3:::renamed-since"]


def test_who_may_not_search_by_tag_is_told_that_nobody_looked(pipeline: Pipeline) -> None:
    """The teardown itself went well: that is no failure."""
    aws = pipeline.aws
    refusal = (
        AWSResponse("", 400, {}, None),
        {"Error": {"Code": "AccessDeniedException", "Message": "no"}, "ResponseMetadata": {}},
    )
    aws.session.events.register(
        "before-call.resource-groups-tagging-api.GetResources", lambda **_: refusal
    )
    assert inventory.proof(pipeline).leftovers is None


def test_failures_are_counted_with_the_command_that_goes_on(pipeline: Pipeline) -> None:
    """What only waited for them is no failure of its own."""
    deployment.raise_for_failures(ended(pipeline, State.DONE, State.DONE), "setup")
    with pytest.raises(
        ImgpipeError, match=r"^1 of 3 resources failed, 1 more waited for them$"
    ) as caught:
        deployment.raise_for_failures(
            ended(pipeline, State.DONE, State.FAILED, State.BLOCKED), "setup"
        )
    assert caught.value.next == ("setup",)


def test_without_a_distribution_there_are_no_outputs(pipeline: Pipeline) -> None:
    """Who asks is told to set up."""
    with pytest.raises(NotSetUpError):
        deployment.outputs(pipeline, deployment.plan(pipeline).events)


def test_the_proof_names_what_stands_under_our_names_without_our_tag(pipeline: Pipeline) -> None:
    """Such as a log group that a late line made anew, and that nobody tags: it is not "gone"."""
    group = pipeline.names.log_group
    pipeline.aws.client("logs").create_log_group(logGroupName=group)
    proof = inventory.proof(pipeline)
    assert proof.foreign == [f"AWS::Logs::LogGroup {group} exists and is not this pipeline's"]
    text = "\n".join(render_teardown.proof(proof))
    assert f"Left alone: AWS::Logs::LogGroup {group}" in text
