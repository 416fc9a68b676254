"""Whether what is served starts, and what status says of it, on an account in memory."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from imgpipe.engine.resource import OWNER_TAG
from imgpipe.pictures import differences
from imgpipe.pipeline import Pipeline, status
from imgpipe.render import status as render
from imgpipe.render._paper import Paper
from imgpipe.resources.alias import point, rolled_back
from imgpipe.settings import Settings
from imgpipe.settings.runtimes import RUNTIMES
from tests.support import table as tables
from tests.support.functions import empty_zip

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.pipeline.status import Health
    from tests.support.account import Calls, Faults

pytestmark = pytest.mark.slow

PAPER = Paper(80)


@pytest.fixture
def pipeline(aws: Aws) -> Pipeline:
    """A pipeline of which nothing but the function is there, with two versions."""
    pipeline = Pipeline.of(Settings(local=True), aws)
    functions, name = aws.client("lambda"), pipeline.names.function
    role = aws.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument="{}")["Role"]
    functions.create_function(
        FunctionName=name,
        Role=role["Arn"],
        Code={"ZipFile": empty_zip()},
        Runtime="python3.12",
        Handler="a.b",
        Tags={OWNER_TAG: "default"},
    )
    functions.publish_version(FunctionName=name)
    functions.update_function_configuration(FunctionName=name, MemorySize=256)
    functions.publish_version(FunctionName=name)
    functions.create_alias(FunctionName=name, Name=pipeline.names.alias, FunctionVersion="2")
    return pipeline


def answers(faults: Faults, payload: bytes = b"{}", **more: str) -> None:
    """Let the function answer so."""
    answer = {"StatusCode": 200, "Payload": io.BytesIO(payload), "ExecutedVersion": "2"}
    faults.answer("Invoke", {**answer, **more})


def shown(health: Health) -> str:
    """All that people are told, on both streams."""
    notes = render.notes(health, (), "imgpipe {}".format, PAPER)
    return "\n".join(map(str, (*render.VIEW.text(health, PAPER), *notes)))


def test_what_starts_is_told_with_its_version(pipeline: Pipeline, faults: Faults) -> None:
    """It was started once."""
    answers(faults)
    text = shown(status.health(pipeline))
    assert "version 2 starts" in text
    assert "Rolled back" not in text


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("KMSAccessDeniedException", "does not start"),
        ("AccessDeniedException", "not known whether it starts"),
    ],
)
def test_what_does_not_start_is_told_with_what_to_do(
    pipeline: Pipeline, faults: Faults, code: str, words: str
) -> None:
    """In one word for the table, in Lambda's own below it."""
    faults.fail("Invoke", code, "Lambda's words", status=403)
    text = shown(status.health(pipeline))
    assert words in text
    assert "Lambda's words" in text
    assert "Next: " in text


def test_nothing_is_started_that_is_not_ours_or_not_there(
    pipeline: Pipeline, calls: Calls, aws: Aws
) -> None:
    """Somebody else's function under our name, or one without the alias."""
    names, functions = pipeline.names, aws.client("lambda")
    functions.delete_alias(FunctionName=names.function, Name=names.alias)
    assert status.health(pipeline).start is None
    functions.create_alias(FunctionName=names.function, Name=names.alias, FunctionVersion="2")
    arn = functions.get_function(FunctionName=names.function)["Configuration"]["FunctionArn"]
    functions.untag_resource(Resource=arn, TagKeys=[OWNER_TAG])
    assert status.health(pipeline).start is None
    assert "Invoke" not in calls


def test_a_rollback_is_told_until_a_setup(pipeline: Pipeline, faults: Faults) -> None:
    """With what the next setup would do."""
    names = pipeline.names
    point(pipeline.aws, names.function, names.alias, rolled_back("2", "1"))
    answers(faults)
    health = status.health(pipeline)
    assert health.rolled_back_to == "1"
    assert "Rolled back to version 1; setup brings the newest again." in shown(health)


def test_the_end_of_the_runtime_is_told_a_year_before(pipeline: Pipeline, faults: Faults) -> None:
    """Of the one that is set, whichever that is."""
    for runtime, end in RUNTIMES.items():
        chosen = replace(pipeline, settings=replace(pipeline.settings, runtime=runtime))
        answers(faults)
        assert list(status.health(chosen, end - timedelta(days=366)).warnings) == []
        answers(faults)
        health = status.health(chosen, end - timedelta(days=365))
        assert str(end) in shown(health)
        assert runtime in shown(health)


def test_differences_are_counted_where_there_is_something_to_compare(
    pipeline: Pipeline, aws: Aws, monkeypatch: pytest.MonkeyPatch, faults: Faults
) -> None:
    """Without buckets, or without the permission, status says the rest."""
    assert status.health(pipeline).differences is None
    where = {"LocationConstraint": aws.region}
    for bucket in (pipeline.names.source_bucket, pipeline.names.destination_bucket):
        aws.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
    tables.make(aws.client("dynamodb"))
    monkeypatch.setattr(differences, "ON_ITS_WAY", timedelta(hours=-1))
    aws.client("s3").put_object(Bucket=pipeline.names.source_bucket, Key="a.jpg", Body=b"1")
    assert status.health(pipeline).differences == 1
    faults.fail("Scan", "AccessDeniedException", "not authorized to perform: dynamodb:Scan")
    assert status.health(pipeline).differences is None
