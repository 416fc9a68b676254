"""What failed of a job of S3 Batch Operations, by the report that it left."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_plus

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.aws.jobs import Job

_FAILED: Final = "failed"


@dataclass(frozen=True)
class FailedTask:
    """A picture that a job could not make, by its ``key``, and the ``reason``."""

    key: str
    reason: str


def failures(aws: Aws, job: Job, most: int) -> list[FailedTask]:
    """Return what failed of ``job``, ``most`` at most (``s3:ListBucket``, ``s3:GetObject``).

    Empty as long as there is no report: it is written when the job ends.
    """
    return list(islice(_failed(aws, job), most))


def _failed(aws: Aws, job: Job) -> Iterator[FailedTask]:
    """Yield what failed: each file of the report has bucket, key, version, how it ended, and why.

    Keys stand there as in the list, which is URL-encoded:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-examples-reports.html
    """
    for lines in _files(aws, job):
        for row in csv.reader(lines):
            if len(row) > 1 and _FAILED in row:
                yield FailedTask(unquote_plus(row[1]), row[-1])


def _files(aws: Aws, job: Job) -> Iterator[Iterator[str]]:
    """Yield the lines of each of the report's files, whatever the report's own list is called."""
    bucket, prefix = job.report[0].rpartition(":")[2], job.report[1]
    s3 = aws.client("s3")
    if not bucket:
        return
    pages = s3.get_paginator("list_objects_v2")
    for page in pages.paginate(Bucket=bucket, Prefix=f"{prefix}/job-{job.id}/"):
        for entry in page.get("Contents", []):
            if entry["Key"].endswith(".csv"):
                body = s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"]
                yield (line.decode(errors="replace") for line in body.iter_lines())
