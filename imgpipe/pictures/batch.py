"""Pictures made again by a job of S3 Batch Operations: which, how it is asked for, and once only.

There is no state file (docs/decisions/0002-no-state-file.md): a job's description says which stage
it is of, what it is of as a digest, and the command that asked for it.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from handler.event import REFUSED, Code
from imgpipe.aws import jobs
from imgpipe.aws.tags import tag_list

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.aws.jobs import Job

LISTS: Final = "lists/"
REPORTS: Final = "reports"
SCHEMA: Final = "2.0"
# Among an account's jobs, and only among those: what others gave a higher one goes first.
_PRIORITY: Final = 10
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateJob.html
_LONGEST_DESCRIPTION: Final = 256
_DESCRIPTION: Final = re.compile(
    r"imgpipe (?P<stage>\S+) (?P<digest>[0-9a-f]{12}): (?P<command>.*)"
)
_CHOSEN: Final = {"--all", "--prefix", "--status"}
_BY_ROWS: Final = {"--stale", "--missing", "--before"}


@dataclass(frozen=True)
class Order:
    """What is to be made again: ``keys``, or, where that is ``None``, all beneath ``prefix``.

    ``command`` is what asked for it. ``recipe`` is what the served version notes of itself: another
    one's job is another job.
    """

    command: str
    recipe: str
    prefix: str = ""
    keys: Sequence[str] | None = None


@dataclass(frozen=True)
class JobPlace:
    """What a job takes: whose it is, what it invokes, where it reads, lists and reports."""

    stage: str
    tags: Mapping[str, str]
    function_arn: str
    role_arn: str
    source_bucket: str
    jobs_bucket: str


@dataclass(frozen=True)
class Started:
    """A job by its ``id``; ``before`` says that it was begun by an earlier run, and goes on."""

    id: str
    before: bool = False


def start(aws: Aws, place: JobPlace, order: Order) -> Started:
    """Begin a job for ``order``, or find the one that is under way; return its id.

    What was begun, and its answer lost, is found by its description, or by its token: both follow
    from the order, and from how many jobs for the same have ended.
    """
    source = _listing(aws, place, order)
    told = json.dumps([order.command, order.recipe, source], sort_keys=True)
    described = _described(place.stage, _digest(told)[:12], order)
    same = [job for job in jobs.listed(aws) if job.description == described]
    if running := next((job for job in same if not job.has_ended), None):
        return Started(running.id, before=True)
    request = _request(aws, place, described) | source
    text = json.dumps([request, len(same)], sort_keys=True)
    return Started(jobs.create(aws, {**request, "ClientRequestToken": _digest(text)}))


def of_stage(aws: Aws, stage: str) -> list[Job]:
    """Return the jobs of ``stage`` that S3 still knows, the newest first."""
    found = (job for job in jobs.listed(aws) if is_of(job, stage))
    return sorted(found, key=lambda job: job.created, reverse=True)


def is_of(job: Job, stage: str) -> bool:
    """Say whether a job is of the pipeline ``stage``."""
    match = _DESCRIPTION.match(job.description)
    return match is not None and match["stage"] == stage


def command_of(job: Job) -> str:
    """Return the command that asked for ``job``; it need not name each of many keys."""
    match = _DESCRIPTION.match(job.description)
    return match["command"] if match else job.description


def left_of(job: Job) -> str:
    """Return the command that makes what ``job`` left: by the rows, or by when they were written.

    Of keys too many to be named, it is what has not the served recipe.
    """
    words = shlex.split(command_of(job))
    if words[0] != "reprocess":
        return "reprocess --stale --batch"
    by_time = _CHOSEN & {*words} and not _BY_ROWS & {*words}
    since = [f"--before {job.created.isoformat(timespec='seconds')}"] if by_time else []
    return also(command_of(job), *since, "--batch")


def also(command: str, *options: str) -> str:
    """Return ``command`` with further ``options``, in front of keys that may look like some."""
    head, dashes, keys = command.partition(" -- ")
    return " ".join([head, *options]) + dashes + keys


def list_of(bucket: str, keys: Iterable[str]) -> Iterator[bytes]:
    """Yield a job's list, a line an object, keys URL-encoded.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-create-job.html
    """
    for key in keys:
        yield f"{bucket},{quote(key)}\n".encode()


def _listing(aws: Aws, place: JobPlace, order: Order) -> dict[str, Any]:
    """Return the part of the request that says which objects: S3's own list, or one of ours."""
    if order.keys is None:
        return {"ManifestGenerator": {"S3JobManifestGenerator": _generator(aws, place, order)}}
    key, etag = _put_list(aws, place, order.keys)
    arn = f"arn:{aws.partition}:s3:::{place.jobs_bucket}/{key}"
    spec = {"Format": "S3BatchOperations_CSV_20180820", "Fields": ["Bucket", "Key"]}
    return {"Manifest": {"Spec": spec, "Location": {"ObjectArn": arn, "ETag": etag}}}


def _generator(aws: Aws, place: JobPlace, order: Order) -> dict[str, Any]:
    return {
        "ExpectedBucketOwner": aws.account,
        "SourceBucket": f"arn:{aws.partition}:s3:::{place.source_bucket}",
        "EnableManifestOutput": False,
        **(
            {"Filter": {"KeyNameConstraint": {"MatchAnyPrefix": [order.prefix]}}}
            if order.prefix
            else {}
        ),
    }


def _put_list(aws: Aws, place: JobPlace, keys: Sequence[str]) -> tuple[str, str]:
    """Put the list of ``keys`` into the jobs' bucket; return its key and ETag.

    It is called after what is in it: put twice, it is there once.
    """
    body = b"".join(list_of(place.source_bucket, keys))
    key = f"{LISTS}{sha256(body).hexdigest()}.csv"
    put = aws.client("s3").put_object
    answer = put(Bucket=place.jobs_bucket, Key=key, Body=body, ExpectedBucketOwner=aws.account)
    return key, answer["ETag"].strip('"')


def _request(aws: Aws, place: JobPlace, description: str) -> dict[str, Any]:
    """Return the request, but for the objects and the token.

    S3 gives up a job once more than half of at least a thousand tasks have failed. A picture that
    is refused is no failure of the job's, and its reason stands in its row: else those of a bucket
    that holds more than pictures would never be reached.
    """
    return {
        "ConfirmationRequired": False,
        "Operation": {
            "LambdaInvoke": {
                "FunctionArn": place.function_arn,
                "InvocationSchemaVersion": SCHEMA,
                "UserArguments": {REFUSED: str(Code.SUCCEEDED)},
            }
        },
        "Report": {
            "Bucket": f"arn:{aws.partition}:s3:::{place.jobs_bucket}",
            "Prefix": REPORTS,
            "Format": "Report_CSV_20180820",
            "Enabled": True,
            "ReportScope": "FailedTasksOnly",
            "ExpectedBucketOwner": aws.account,
        },
        "Description": description,
        "Priority": _PRIORITY,
        "RoleArn": place.role_arn,
        "Tags": tag_list(place.tags),
    }


def _described(stage: str, digest: str, order: Order) -> str:
    """Return the description, which the command may be too long, or too odd, for."""
    head = f"imgpipe {stage} {digest}: "
    if order.command.isprintable() and len(head + order.command) <= _LONGEST_DESCRIPTION:
        return head + order.command
    return f"{head}{'all beneath a prefix' if order.keys is None else f'{len(order.keys):,} keys'}"


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
