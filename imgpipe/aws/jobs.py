"""Jobs of S3 Batch Operations, as S3 Control tells of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from imgpipe.aws.errors import error_code
from imgpipe.errors import UsageError

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-job-status.html
ENDED: Final = frozenset({"Complete", "Failed", "Cancelled"})
"""What a job is in the end."""
_PAGE: Final = 1_000
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DescribeJob.html
_ID: Final = re.compile(r"[a-zA-Z0-9_-]{5,36}")


@dataclass(frozen=True)
class Job:
    """A job and how far it is; the times are UTC.

    ``total`` is 0 until S3 has read, or made, its list. ``seconds`` are those in which it was
    active. ``role`` is the ARN it runs as, ``report`` the bucket's ARN and the prefix of its report
    and ``reasons`` say why it failed as a whole: ``DescribeJob`` alone tells these.
    """

    id: str
    status: str
    description: str
    created: datetime
    total: int = 0
    succeeded: int = 0
    failed: int = 0
    seconds: int = 0
    role: str = ""
    report: tuple[str, str] = ("", "")
    reasons: tuple[str, ...] = ()

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in ENDED


def require(aws: Aws, instead: str) -> None:
    """Raise ``UsageError`` where the endpoint has no S3 Batch Operations: no emulator has.

    ``instead`` is the command that makes pictures again without them.
    """
    if aws.endpoint_url:
        raise UsageError(
            f"{aws.endpoint_url} has no S3 Batch Operations",
            hint="pictures are made again from here without them",
            next=(instead,),
        )


def could_be(id: str) -> bool:  # noqa: A002 - S3 Control's word
    """Say whether ``id`` has the form of a job's: others S3 Control cannot be asked for."""
    return _ID.fullmatch(id) is not None


def create(aws: Aws, request: Mapping[str, Any]) -> str:
    """Create a job and return its id (``s3:CreateJob``, ``iam:PassRole``)."""
    answer = aws.client("s3control").create_job(AccountId=aws.account, **request)
    return str(answer["JobId"])


def find(aws: Aws, id: str) -> Job | None:  # noqa: A002 - S3 Control's word
    """Return the job of this ``id``, ``None`` where S3 knows of none (``s3:DescribeJob``)."""
    try:
        told = aws.client("s3control").describe_job(AccountId=aws.account, JobId=id)
    except ClientError as error:
        # An id of another form is a bad request, not an unknown one.
        if error_code(error) in {"NotFoundException", "NoSuchJob", "BadRequestException"}:
            return None
        raise
    return _job(told["Job"])


def listed(aws: Aws) -> Iterator[Job]:
    """Yield the account's jobs here that run, or ended in the last 90 days (``s3:ListJobs``)."""
    ask = aws.client("s3control").list_jobs
    more: dict[str, str] = {}
    while True:
        page = ask(AccountId=aws.account, MaxResults=_PAGE, **more)
        yield from map(_job, page.get("Jobs", []))
        if not page.get("NextToken"):
            return
        more = {"NextToken": page["NextToken"]}


def cancel(aws: Aws, id: str) -> None:  # noqa: A002
    """Let a job make nothing further (``s3:UpdateJobStatus``); one that has ended is left so."""
    try:
        aws.client("s3control").update_job_status(
            AccountId=aws.account, JobId=id, RequestedJobStatus="Cancelled"
        )
    except ClientError as error:
        if error_code(error) not in {"JobStatusException", "NotFoundException"}:
            raise


def _job(told: Mapping[str, Any]) -> Job:
    progress = told.get("ProgressSummary", {})
    report = told.get("Report", {})
    return Job(
        id=told["JobId"],
        status=told["Status"],
        description=told.get("Description", ""),
        created=told["CreationTime"],
        total=progress.get("TotalNumberOfTasks", 0),
        succeeded=progress.get("NumberOfTasksSucceeded", 0),
        failed=progress.get("NumberOfTasksFailed", 0),
        seconds=progress.get("Timers", {}).get("ElapsedTimeInActiveSeconds", 0),
        role=told.get("RoleArn", ""),
        report=(report.get("Bucket", ""), report.get("Prefix", "")),
        reasons=tuple(each.get("FailureReason", "") for each in told.get("FailureReasons", [])),
    )
