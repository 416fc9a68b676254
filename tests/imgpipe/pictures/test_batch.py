"""A job of S3 Batch Operations: what is asked for, as sent, and that it is asked for once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from handler.event import batch_tasks
from imgpipe.aws import jobs
from imgpipe.aws.jobs import Job
from imgpipe.pictures import batch
from imgpipe.pictures.batch import JobPlace, Order, Started
from tests.support.batch_operations import BatchOperations

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Faults

pytestmark = pytest.mark.slow

ACCOUNT: Final = "123456789012"
PLACE: Final = JobPlace(
    stage="blue",
    tags={"imgpipe:stage": "blue"},
    function_arn=f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:Resize:live",
    role_arn=f"arn:aws:iam::{ACCOUNT}:role/ImageJobsRole",
    source_bucket="sources",
    jobs_bucket="jobs",
)
ALL: Final = Order("reprocess --all", "r1.c1")
HOSTILE: Final = ["a b.jpg", "a+b.jpg", "%41.jpg", 'c",d\n.jpg', "ü/图片 🏖.jpg", "status", "-x"]


@pytest.fixture
def operations(aws: Aws) -> BatchOperations:
    """S3 Batch Operations, and the bucket for lists and reports."""
    where = {"LocationConstraint": aws.region}
    aws.client("s3").create_bucket(Bucket="jobs", CreateBucketConfiguration=where)
    return BatchOperations().attach(aws)


def sent(operations: BatchOperations) -> Any:
    """The last request, as it goes over the wire, and its body as XML without namespaces."""
    request = operations.requests[-1]
    body = ET.fromstring(request["body"])
    for element in body.iter():
        element.tag = element.tag.partition("}")[2]
    return request, body


def text(body: ET.Element, path: str) -> str | None:
    """What stands at a path; ``None`` where nothing does."""
    return body.findtext(path)


def test_a_job_is_asked_for_as_s3_control_documents_it(
    aws: Aws, operations: BatchOperations
) -> None:
    """Checked by botocore's own model, and read from the request that it writes."""
    started = batch.start(aws, PLACE, ALL)
    request, body = sent(operations)
    assert (request["method"], request["url_path"]) == ("POST", "/v20180820/jobs")
    assert request["headers"]["x-amz-account-id"] == ACCOUNT
    assert request["url"].startswith(f"https://{ACCOUNT}.s3-control.eu-west-1.amazonaws.com/")
    told = {
        "ConfirmationRequired": "false",
        "Operation/LambdaInvoke/FunctionArn": PLACE.function_arn,
        "Operation/LambdaInvoke/InvocationSchemaVersion": "2.0",
        "Operation/LambdaInvoke/UserArguments/entry/key": "refused",
        "Operation/LambdaInvoke/UserArguments/entry/value": "Succeeded",
        "Report/Bucket": "arn:aws:s3:::jobs",
        "Report/Prefix": "reports",
        "Report/Enabled": "true",
        "Report/ReportScope": "FailedTasksOnly",
        "Report/ExpectedBucketOwner": ACCOUNT,
        "RoleArn": PLACE.role_arn,
        "Tags/member/Key": "imgpipe:stage",
        "ManifestGenerator/S3JobManifestGenerator/SourceBucket": "arn:aws:s3:::sources",
        "ManifestGenerator/S3JobManifestGenerator/ExpectedBucketOwner": ACCOUNT,
        "ManifestGenerator/S3JobManifestGenerator/EnableManifestOutput": "false",
        "ManifestGenerator/S3JobManifestGenerator/Filter": None,
        "Manifest": None,
    }
    assert {path: text(body, path) for path in told} == told
    assert text(body, "Description") == operations.jobs[started.id]["Description"]
    assert 1 <= len(text(body, "ClientRequestToken") or "") <= 64


@pytest.mark.parametrize("change", [{"Priority": -1}, {"Operation": {"Nonsense": {}}}])
def test_what_is_no_request_is_refused_before_it_is_sent(
    aws: Aws, operations: BatchOperations, change: dict[str, Any]
) -> None:
    """The stand-in would not say so; botocore does."""
    whole = batch._request(aws, PLACE, "d") | {"ClientRequestToken": "t"} | change
    with pytest.raises(ParamValidationError):
        jobs.create(aws, whole)
    assert operations.requests == []


def test_a_prefix_is_s3s_own_to_list(aws: Aws, operations: BatchOperations) -> None:
    """As it is, whatever stands in it."""
    batch.start(aws, PLACE, replace(ALL, prefix="2026/a & <b>/"))
    _, body = sent(operations)
    path = "ManifestGenerator/S3JobManifestGenerator/Filter/KeyNameConstraint/MatchAnyPrefix/member"
    assert text(body, path) == "2026/a & <b>/"


def test_keys_are_listed_in_a_private_bucket(aws: Aws, operations: BatchOperations) -> None:
    """URL-encoded, a line each; the function gets each back as it is."""
    batch.start(aws, PLACE, Order("reprocess --stale", "r1.c1", keys=HOSTILE))
    _, body = sent(operations)
    arn = text(body, "Manifest/Location/ObjectArn") or ""
    assert text(body, "Manifest/Spec/Format") == "S3BatchOperations_CSV_20180820"
    assert [each.text for each in body.findall("Manifest/Spec/Fields/member")] == ["Bucket", "Key"]
    assert text(body, "ManifestGenerator") is None
    found = aws.client("s3").get_object(Bucket="jobs", Key=arn.removeprefix("arn:aws:s3:::jobs/"))
    assert text(body, "Manifest/Location/ETag") == found["ETag"].strip('"')
    rows = [line.split(",") for line in found["Body"].read().decode().splitlines()]
    assert {bucket for bucket, _ in rows} == {"sources"}
    event = {
        "tasks": [{"taskId": "t", "s3Key": key, "s3Bucket": bucket} for bucket, key in rows],
    }
    assert [task.told.key for task in batch_tasks(event)] == HOSTILE


@pytest.mark.parametrize("order", [ALL, Order("reprocess --stale", "r1.c1", keys=["1.jpg"])])
def test_what_runs_is_not_begun_twice(aws: Aws, operations: BatchOperations, order: Order) -> None:
    """Another run finds it, however far it is; once it has ended, another job is another."""
    first = batch.start(aws, PLACE, order)
    for status in ("New", "Preparing", "Ready", "Active", "Paused", "Completing", "Suspended"):
        operations.is_(first.id, status)
        assert batch.start(aws, PLACE, order) == Started(first.id, before=True)
    operations.is_(first.id, "Complete")
    second = batch.start(aws, PLACE, order)
    assert (second.before, second.id != first.id, len(operations.jobs)) == (False, True, 2)


def test_a_job_whose_answer_got_lost_is_the_same_job(
    aws: Aws, operations: BatchOperations, faults: Faults
) -> None:
    """By its description, or, where the list does not show it yet, by its token."""
    operations.unanswered = 1
    with pytest.raises(ClientError, match="InternalService"):
        batch.start(aws, PLACE, ALL)
    (job,) = operations.jobs
    faults.answer("ListJobs", {"Jobs": []})
    assert batch.start(aws, PLACE, ALL) == Started(job)
    assert batch.start(aws, PLACE, ALL) == Started(job, before=True)
    assert len(operations.jobs) == 1


@pytest.mark.parametrize(
    "other",
    [
        replace(ALL, recipe="r2.c1"),
        replace(ALL, prefix="a/"),
        replace(ALL, command="reprocess --status rejected", keys=["1.jpg"]),
    ],
)
def test_another_order_is_another_job(aws: Aws, operations: BatchOperations, other: Order) -> None:
    """Whatever runs."""
    batch.start(aws, PLACE, ALL)
    assert not batch.start(aws, PLACE, other).before
    assert len(operations.jobs) == 2


def test_jobs_of_others_are_not_ours(aws: Aws, operations: BatchOperations) -> None:
    """Of another stage, or of another tool; ours come newest first, over every page."""
    ours = [batch.start(aws, PLACE, replace(ALL, recipe=f"r{n}.c1")).id for n in range(5)]
    theirs = batch.start(aws, replace(PLACE, stage="green"), ALL)
    operations.jobs["other"] = operations.jobs[theirs.id] | {"JobId": "other", "Description": "x"}
    assert [job.id for job in batch.of_stage(aws, "blue")] == ours[::-1]


@pytest.mark.parametrize(
    ("order", "described", "left"),
    [
        (ALL, "reprocess --all", "reprocess --all --before 2026-11-29T10:00:00+00:00 --batch"),
        (
            Order("reprocess --prefix 'a b/' --stale", "r", keys=[]),
            "reprocess --prefix 'a b/' --stale",
            "reprocess --prefix 'a b/' --stale --batch",
        ),
        (
            Order("reprocess --status rejected --before 2h", "r", keys=[]),
            "reprocess --status rejected --before 2h",
            "reprocess --status rejected --before 2h --batch",
        ),
        (
            Order("reprocess -- status", "r", keys=["status"]),
            "reprocess -- status",
            "reprocess --batch -- status",
        ),
        (Order("reprocess " + "k" * 300, "r", keys=["k"]), "1 keys", None),
        (Order("reprocess --prefix 'a\nb'", "r", prefix="a\nb"), "all beneath a prefix", None),
    ],
)
def test_a_job_tells_what_asked_for_it_and_what_makes_the_rest(
    aws: Aws, operations: BatchOperations, order: Order, described: str, left: str | None
) -> None:
    """In 256 characters, which any command fits into or is summed up in."""
    started = batch.start(aws, PLACE, order)
    job = jobs.find(aws, started.id)
    assert job is not None
    assert len(job.description) <= 256
    assert batch.command_of(job) == described
    at = replace(job, created=datetime(2026, 11, 29, 10, tzinfo=UTC))
    assert batch.left_of(at) == (left or "reprocess --stale --batch")


def test_a_job_that_s3_does_not_know_is_none(aws: Aws, operations: BatchOperations) -> None:
    """Nor is an id of another form asked for."""
    assert jobs.find(aws, "nothing-there") is None
    assert [jobs.could_be(each) for each in ("a", "../jobs", "a" * 37, "00e123a4-c0d8-41f4")] == [
        False,
        False,
        False,
        True,
    ]
    assert len(operations.requests) == 1


def test_a_job_that_has_ended_is_not_cancelled(aws: Aws, operations: BatchOperations) -> None:
    """Which S3 refuses; between the look and the call it may have ended."""
    job = batch.start(aws, PLACE, ALL).id
    operations.is_(job, "Complete")
    jobs.cancel(aws, job)
    assert operations.jobs[job]["Status"] == "Complete"


def test_how_far_a_job_is_comes_from_its_summary(aws: Aws, operations: BatchOperations) -> None:
    """As DescribeJob documents it."""
    job = batch.start(aws, PLACE, ALL).id
    summary = {
        "TotalNumberOfTasks": 10,
        "NumberOfTasksSucceeded": 7,
        "NumberOfTasksFailed": 2,
        "Timers": {"ElapsedTimeInActiveSeconds": 31},
    }
    reasons = [{"FailureCode": "JobFailed", "FailureReason": "too many"}]
    operations.is_(job, "Failed", ProgressSummary=summary, FailureReasons=reasons)
    found = jobs.find(aws, job)
    assert isinstance(found, Job)
    assert (found.total, found.succeeded, found.failed, found.seconds) == (10, 7, 2, 31)
    assert (found.role, found.report) == (PLACE.role_arn, ("arn:aws:s3:::jobs", "reports"))
    assert (found.reasons, found.has_ended) == (("too many",), True)
