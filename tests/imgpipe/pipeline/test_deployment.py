"""Setup, teardown and status as the core gives them, on an account in memory: what is refused before anything is changed, and what is counted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from botocore.awsrequest import AWSResponse

from imgpipe.engine.graph import Action, Event, State
from imgpipe.engine.resource import OWNER_TAG
from imgpipe.errors import ImgpipeError, NotSetUpError, PackageError, ServiceError
from imgpipe.pipeline import deployment, status
from imgpipe.pipeline.declaration import pipeline
from imgpipe.pipeline.names import Names
from imgpipe.pipeline.status import Health
from imgpipe.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from imgpipe.aws.account import Aws
    from tests.support.account import Calls

    Walk = Callable[[Settings, Names, Aws], Iterable[Event]]

SETTINGS = Settings(local=True)
FOREIGN = "arn:aws:lambda:us-east-1:770693421928:layer:Klayers-p312-Pillow:5"


@pytest.fixture
def names(aws: Aws) -> Names:
    """The default pipeline's names."""
    return Names.of(SETTINGS, aws.account, aws.region)


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


def ended(aws: Aws, *states: State) -> list[Event]:
    """As many events as ``states``, each of another resource, that ended so."""
    resources = pipeline(SETTINGS, Names.of(SETTINGS, aws.account, aws.region), aws)
    return [
        Event(resource, Action.NONE, state)
        for resource, state in zip(resources, states, strict=False)
    ]


@pytest.mark.parametrize("walk", [deployment.setup, deployment.plan])
def test_a_layer_of_another_region_is_refused_before_anything_is_looked_at(
    aws: Aws, names: Names, calls: Calls, walk: Walk
) -> None:
    """The function could not use it."""
    before = list(calls)
    with pytest.raises(PackageError, match="is in us-east-1, the function in eu-west-1"):
        list(walk(replace(SETTINGS, pillow_layer_arn=FOREIGN), names, aws))
    assert list(calls) == before


def test_a_plan_names_every_resource_in_the_order_of_the_declaration(
    aws: Aws, names: Names, calls: Calls
) -> None:
    """Buckets first, and nothing is written."""
    planned = deployment.plan(SETTINGS, names, aws)
    assert [event.resource for event in planned] == list(pipeline(SETTINGS, names, aws))
    assert {event.action for event in planned} == {Action.CREATE}
    assert calls.mutating == []


def test_a_foreign_layer_takes_the_place_of_ours_but_teardown_looks_for_both(
    aws: Aws, names: Names
) -> None:
    """Ours may be left from before that setting."""
    settings = replace(SETTINGS, pillow_layer_arn=FOREIGN.replace("us-east-1", "eu-west-1"))
    assert names.layer not in {each.name for each in pipeline(settings, names, aws)}
    assert names.layer in {
        event.resource.name for event in deployment.teardown(settings, names, aws)
    }


def test_status_of_an_empty_account_is_all_missing(aws: Aws, names: Names) -> None:
    """No address, nothing counted, not in sync."""
    health = status.health(SETTINGS, names, aws)
    assert (
        health.url,
        health.uploaded,
        health.processed,
        health.failures_waiting,
        health.in_sync,
    ) == ("", 0, 0, 0, False)


def test_status_counts_pictures_and_failures_and_nothing_else(aws: Aws, names: Names) -> None:
    """Not folders, nor the page's own files."""
    ours(aws, names.source_bucket)
    ours(aws, names.destination_bucket)
    put(aws, names.source_bucket, "a.jpg", "folder/b.jpg", "folder/")
    put(
        aws,
        names.destination_bucket,
        "processed-a.jpg",
        "folder/processed-b.jpg",
        "index.html",
        "gallery.json",
    )
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName=names.queue, tags={OWNER_TAG: "default"})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="{}")
    health = status.health(SETTINGS, names, aws)
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
    aws: Aws, states: list[State], in_sync: bool
) -> None:
    """What cannot be read is not in sync either."""
    assert Health(ended(aws, *states), "", 0, 0, 0).in_sync is in_sync


def test_an_inventory_holds_what_is_ours_with_every_version(aws: Aws, names: Names) -> None:
    """Somebody else's bucket under our name is not in it."""
    ours(aws, names.source_bucket)
    bucket(aws, names.destination_bucket)
    aws.client("s3").put_bucket_versioning(
        Bucket=names.source_bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    put(aws, names.source_bucket, "a.jpg", "a.jpg", "b.jpg")
    aws.client("s3").delete_object(Bucket=names.source_bucket, Key="a.jpg")
    inventory = status.inventory(SETTINGS, names, aws)
    assert inventory.objects == {names.source_bucket: 4}
    assert names.destination_bucket not in {each.name for each in inventory.resources}
    assert (inventory.account, inventory.region) == (aws.account, "eu-west-1")


def test_a_protected_table_is_told_before_anything_is_gone(aws: Aws, names: Names) -> None:
    """The inventory comes before the question."""
    table = next(
        each
        for each in pipeline(replace(SETTINGS, deletion_protection=True), names, aws)
        if each.name == names.table
    )
    table.create(aws, {**table.properties({}), "Tags": {OWNER_TAG: "default"}})  # type: ignore[arg-type]
    with pytest.raises(ServiceError, match="is protected against deletion"):
        status.inventory(SETTINGS, names, aws)


def test_the_proof_names_what_is_still_there(aws: Aws, names: Names) -> None:
    """And the command that goes on."""
    ours(aws, names.source_bucket)
    with pytest.raises(ImgpipeError, match=f"still there: {names.source_bucket}") as caught:
        status.proof(SETTINGS, names, aws)
    assert caught.value.next == ("teardown",)


def test_the_proof_tells_what_older_settings_left_behind(aws: Aws, names: Names) -> None:
    """By its tag: a bucket renamed since, but not another stage's."""
    ours(aws, "renamed-since")
    bucket(aws, "of-another-stage", **{OWNER_TAG: "blue"})
    proof = status.proof(SETTINGS, names, aws)
    assert (proof.checked, list(proof.leftovers or ())) == (17, ["arn:aws:s3:::renamed-since"])


def test_who_may_not_search_by_tag_is_told_that_nobody_looked(aws: Aws, names: Names) -> None:
    """The teardown itself went well: that is no failure."""
    refusal = (
        AWSResponse("", 400, {}, None),
        {"Error": {"Code": "AccessDeniedException", "Message": "no"}, "ResponseMetadata": {}},
    )
    aws.session.events.register(
        "before-call.resource-groups-tagging-api.GetResources", lambda **_: refusal
    )
    assert status.proof(SETTINGS, names, aws).leftovers is None


def test_failures_are_counted_with_the_command_that_goes_on(aws: Aws) -> None:
    """What only waited for them is no failure of its own."""
    deployment.succeeded(ended(aws, State.DONE, State.DONE), "setup")
    with pytest.raises(
        ImgpipeError, match=r"^1 of 3 resources failed, 1 more waited for them$"
    ) as caught:
        deployment.succeeded(ended(aws, State.DONE, State.FAILED, State.BLOCKED), "setup")
    assert caught.value.next == ("setup",)


def test_without_a_distribution_there_are_no_outputs(aws: Aws, names: Names) -> None:
    """Who asks is told to set up."""
    with pytest.raises(NotSetUpError):
        deployment.outputs(SETTINGS, names, aws)
