"""What failed of a job, out of the report that S3 left in our bucket."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from imgpipe.aws.jobs import Job
from imgpipe.pictures.job_report import FailedTask, failures
from tests.support.batch_operations import BEGAN

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

JOB: Final = Job("1", "Complete", "d", BEGAN, report=("arn:aws:s3:::jobs", "reports"))
# As https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-examples-reports.html has it.
ROWS: Final = (
    'sources,a%20b/image_1.jpg,,failed,200,PermanentFailure,"Lambda returned function error: '
    '{""errorMessage"":""2019 Task timed out after 3.00 seconds""}"\n'
    "sources,%2541.jpg,,failed,200,TemporaryFailure,ClientError: SlowDown\n"
)


@pytest.fixture
def reported(aws: Aws) -> Aws:
    """A bucket with the reports of two jobs."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="jobs", CreateBucketConfiguration={"LocationConstraint": aws.region})
    files = {
        "job-1/manifest.json": json.dumps({"Format": "Report_CSV_20180820"}),
        "job-1/results/6217b0fab0de.csv": ROWS,
        "job-1/results/83b1c4cbe93f.csv": "sources,c.jpg,,succeeded,200,,processed-c.jpg\n",
        "job-10/results/6217b0fab0de.csv": "sources,other.jpg,,failed,200,PermanentFailure,no\n",
    }
    for key, body in files.items():
        s3.put_object(Bucket="jobs", Key=f"reports/{key}", Body=body)
    return aws


def test_each_picture_that_failed_is_told_with_its_reason(reported: Aws) -> None:
    """Of this job alone, keys as they are; what succeeded is not told."""
    assert failures(reported, JOB, 100) == [
        FailedTask(
            "a b/image_1.jpg",
            'Lambda returned function error: {"errorMessage":"2019 Task timed out after 3.00 '
            'seconds"}',
        ),
        FailedTask("%41.jpg", "ClientError: SlowDown"),
    ]


def test_of_very_many_some_are_told(reported: Aws) -> None:
    """Nothing is read beyond them."""
    assert [each.key for each in failures(reported, JOB, 1)] == ["a b/image_1.jpg"]


def test_a_job_without_a_report_tells_nothing(reported: Aws) -> None:
    """One that runs, or that asked for none."""
    assert failures(reported, replace(JOB, id="2"), 100) == []
    assert failures(reported, replace(JOB, report=("", "")), 100) == []
