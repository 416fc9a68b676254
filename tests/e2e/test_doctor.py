"""Each link broken and each door opened in turn: doctor says which, and is content afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from handler.delivery_settings import DeliverySettings
from imgpipe.pipeline import Pipeline, deployment
from imgpipe.pipeline.declaration import declared
from imgpipe.pipeline.doctor import PROBES, Verdict, examine
from imgpipe.pipeline.doctor.links import LINKS
from imgpipe.settings import Settings
from tests.support.shell import Shell, embedded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgpipe.aws.account import Aws
    from imgpipe.pipeline.names import Names

Hand = Callable[["Aws", "Names"], object]
PUBLIC: Final = {
    "Effect": "Allow",
    "Principal": "*",
    "Action": ["s3:GetObject", "s3:ListBucket", "s3:PutObject"],
}


def s3(operation: str, which: str = "destination_bucket", **parameters: Any) -> Hand:
    """What calls this on a bucket."""
    return lambda aws, names: getattr(aws.client("s3"), operation)(
        Bucket=getattr(names, which), **parameters
    )


def of_function(operation: str, **parameters: Any) -> Hand:
    """What calls this on the function."""
    return lambda aws, names: getattr(aws.client("lambda"), operation)(
        FunctionName=names.function, **parameters
    )


def unmap(aws: Aws, names: Names) -> None:
    """Take the stream's mapping away."""
    functions = aws.client("lambda")
    for each in functions.list_event_source_mappings()["EventSourceMappings"]:
        functions.delete_event_source_mapping(UUID=each["UUID"])


def open_bucket(aws: Aws, names: Names) -> None:
    """Let everybody in, by a policy of somebody's."""
    bucket = names.destination_bucket
    arns = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    policy = {"Version": "2012-10-17", "Statement": [{**PUBLIC, "Resource": arns}]}
    s3("delete_public_access_block")(aws, names)
    s3("put_bucket_policy", Policy=json.dumps(policy))(aws, names)


def close_bucket(aws: Aws, names: Names) -> None:
    """Take that policy away; setup puts ours in its place."""
    s3("delete_bucket_policy")(aws, names)


BREAKS: Final[dict[str, Hand]] = {
    "link: buckets": s3("delete_public_access_block"),
    "link: bucket policies": s3("delete_bucket_policy"),
    "link: upload trigger": s3(
        "put_bucket_notification_configuration", "source_bucket", NotificationConfiguration={}
    ),
    "link: functions": of_function("update_function_configuration", MemorySize=1024),
    "link: roles": lambda aws, names: aws.client("iam").delete_role_policy(
        RoleName=names.role, PolicyName="ImagePipeline"
    ),
    "link: table": lambda aws, names: aws.client("dynamodb").update_continuous_backups(
        TableName=names.table,
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False},
    ),
    "link: page trigger": unmap,
    "link: page": s3("delete_object", Key="index.html"),
    "link: failures": lambda aws, names: aws.client("sqs").set_queue_attributes(
        QueueUrl=aws.client("sqs").get_queue_url(QueueName=names.queue)["QueueUrl"],
        Attributes={"MessageRetentionPeriod": "60"},
    ),
    "link: log group": lambda aws, names: aws.client("logs").delete_retention_policy(
        logGroupName=names.log_group
    ),
    "link: renditions on demand": lambda aws, names: aws.client("lambda").remove_permission(
        FunctionName=names.delivery_function, StatementId="imgpipe-cloudfront-InvokeFunction"
    ),
    "door: path style": open_bucket,
    "door: delivery": lambda aws, names: aws.client("lambda").update_function_url_config(
        FunctionName=names.delivery_function, AuthType="NONE"
    ),
    "by hand: policies": open_bucket,
    "by hand: websites": s3(
        "put_bucket_website", WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}}
    ),
}
RESTORES: Final[dict[str, Hand]] = {
    "door: path style": close_bucket,
    "by hand: policies": close_bucket,
    "by hand: websites": s3("delete_bucket_website"),
}
"""What setup leaves alone, as it is somebody's."""


@pytest.fixture(scope="module")
def standing(shared_shell: Shell) -> Pipeline:
    """A pipeline that stands, in this process; with all that doctor looks at."""
    (shared_shell.folder / "imgpipe.toml").write_text("[delivery]\nenabled = true\n")
    settings = Settings(local=True, delivery=DeliverySettings(enabled=True))
    pipeline = Pipeline.of(settings, embedded(shared_shell.state))
    assert list(deployment.setup(pipeline))
    return pipeline


def wrong(pipeline: Pipeline) -> dict[str, Sequence[str]]:
    """The probes that find something wrong, and what they say."""
    found = examine(pipeline)
    assert [each.probe for each in found] == list(PROBES)
    return {each.probe.name: each.said for each in found if each.verdict is Verdict.WRONG}


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_or_open_is_found(
    standing: Pipeline, name: str, record_property: Callable[[str, object], None]
) -> None:
    """And after setup, with what is somebody's taken away, nothing is."""
    BREAKS[name](standing.aws, standing.names)
    found = wrong(standing)
    assert found.get(name), found
    if restore := RESTORES.get(name):
        restore(standing.aws, standing.names)
    assert list(deployment.setup(standing))
    assert wrong(standing) == {}
    record_property("doors_tried", name)


def test_a_stranger_who_may_write_writes_nothing(standing: Pipeline) -> None:
    """The door is tried with what S3 refuses once it lets somebody in."""
    open_bucket(standing.aws, standing.names)
    said = "\n".join(wrong(standing)["door: path style"])
    assert "list" in said
    assert "read" in said
    close_bucket(standing.aws, standing.names)
    assert list(deployment.setup(standing))


def test_the_command_ends_with_what_it_found(shared_shell: Shell, standing: Pipeline) -> None:
    """Exit code 1 and the fixes, as commands; 0 once all is well."""
    assert shared_shell.json("--local", "doctor")["well"]
    s3("delete_object", Key="index.html")(standing.aws, standing.names)
    error = shared_shell.error("--local", "doctor", code=1)
    assert "1 of" in error["message"]
    assert error["next"] == ["imgpipe --local setup --dry-run", "imgpipe --local setup"]
    assert list(deployment.setup(standing))


def test_every_resource_is_a_part_of_a_link(standing: Pipeline) -> None:
    """A new one fails here until it stands in the table of links."""
    signing = replace(standing.settings.delivery, signing=True)
    whole = replace(standing.settings, domain="images.example.com", delivery=signing)
    resources = declared(replace(standing, settings=whole))
    titles = {each.title for each in resources if not each.sought}
    assert titles == {title for each in LINKS.values() for title in each}
