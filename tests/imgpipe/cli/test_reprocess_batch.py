"""``reprocess --batch`` and ``reprocess status`` as typed, against AWS in memory."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from handler.recipe import Recipe
from imgpipe.cli import _context, run
from imgpipe.cli._commands import name_in, row_of
from imgpipe.pipeline import Pipeline, again
from imgpipe.pipeline import jobs as ground
from imgpipe.pipeline.served import Served
from imgpipe.settings import Settings
from scripts.records import shown_by
from tests.support import table
from tests.support.batch_operations import BatchOperations
from tests.support.conforms import problems

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

pytestmark = pytest.mark.slow

SERVED: Final = Served(Recipe(), "r2.c2", 448, "arm64")
SUMMARY: Final = {"TotalNumberOfTasks": 3, "NumberOfTasksSucceeded": 2, "NumberOfTasksFailed": 1}


@dataclass
class Typed:
    """What came of a command line: its exit code, its data, and what was said or failed."""

    code: int
    data: Any
    said: str


@dataclass
class Desk:
    """A pipeline with three originals, and who types at it."""

    pipeline: Pipeline
    operations: BatchOperations
    type: Callable[..., Typed]

    @property
    def job(self) -> str:
        """The newest job."""
        return list(self.operations.jobs)[-1]


@pytest.fixture
def desk(
    aws: Aws,
    over_tls: None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> Desk:
    """Bucket, table and a served version; nothing of jobs."""
    monkeypatch.chdir(tmp_path)
    pipeline = Pipeline.of(Settings(), aws)
    bucket = pipeline.names.source_bucket
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": aws.region})
    for key in ("1.jpg", "a/2.jpg", "status", "a/"):
        s3.put_object(Bucket=bucket, Key=key)
    table.make(aws.client("dynamodb"), TableName=pipeline.names.table)
    monkeypatch.setattr(_context, "connect", lambda _: pipeline)
    monkeypatch.setattr("imgpipe.pipeline.served.served", lambda _: SERVED)

    def typed(*words: str) -> Typed:
        code = run(["--output", "json", *words])
        out, err = capsys.readouterr()
        return Typed(code, json.loads(out)["data"] if out else None, err)

    return Desk(pipeline, BatchOperations().attach(aws), typed)


def conforms(command: str, data: Any) -> bool:
    """Whether this is JSON as it is documented of the command."""
    return any(not list(problems(data, each.record)) for each in shown_by(row_of(command)))


def test_a_batch_is_priced_asked_for_and_begun_once(desk: Desk) -> None:
    """Nothing is made before somebody agrees; a second run finds what the first began."""
    shown = desk.type("reprocess", "--all", "--batch", "--dry-run")
    assert (shown.code, shown.data["id"], shown.data["pictures"]) == (0, "", 3)
    refused = desk.type("reprocess", "--all", "--batch")
    assert refused.code == 2
    assert json.loads(refused.said)["error"]["next"] == ["imgpipe reprocess --all --batch --yes"]
    assert ground.standing(desk.pipeline) == []
    assert desk.operations.requests == []

    begun = desk.type("reprocess", "--all", "--batch", "--yes")
    assert (begun.code, begun.data["id"], begun.data["before"]) == (0, desk.job, False)
    assert len(ground.standing(desk.pipeline)) == 3
    found = desk.type("reprocess", "--all", "--batch", "--yes")
    assert (found.data["id"], found.data["before"]) == (desk.job, True)
    assert len(desk.operations.jobs) == 1
    for each in (shown, begun, found):
        assert conforms("reprocess", each.data)


def test_what_it_costs_has_the_jobs_own_price_in_it(desk: Desk) -> None:
    """A quarter of a dollar, and a dollar a million; listing is S3's to be paid for."""
    plain = again.expense(desk.pipeline, SERVED, 1_000_000)
    ours, s3s = plain.by_job(listed=False), plain.by_job(listed=True)
    assert ours.job == pytest.approx(1.25)
    assert s3s.job == pytest.approx(1.265)
    assert ours.dollars == pytest.approx(plain.dollars + 1.25)
    assert desk.type("reprocess", "--all", "--batch", "--dry-run").data["dollars"] > 0.25


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (["--missing"], ["1.jpg", "a/2.jpg", "status"]),
        (["--missing", "--prefix", "a/"], ["a/2.jpg"]),
        (["1.jpg", "no.jpg"], ["1.jpg"]),
        (["--", "status"], ["status"]),
    ],
)
def test_what_rows_or_names_choose_is_listed_by_us(
    desk: Desk, words: list[str], keys: list[str]
) -> None:
    """In the private bucket; what is not there is told, and left out."""
    done = desk.type("reprocess", "--batch", "--yes", *words)
    assert done.code == 0, done
    assert done.data["gone"] == (["no.jpg"] if "no.jpg" in words else [])
    arn = desk.operations.jobs[desk.job]["Manifest"]["Location"]["ObjectArn"]
    bucket, _, key = arn.removeprefix("arn:aws:s3:::").partition("/")
    listed = desk.pipeline.aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    source = desk.pipeline.names.source_bucket
    assert listed.decode().splitlines() == [f"{source},{each}" for each in keys]


def test_nothing_to_make_is_no_job(desk: Desk) -> None:
    """And no role."""
    done = desk.type("reprocess", "--prefix", "none/", "--batch", "--yes")
    assert (done.code, done.data["id"], done.data["pictures"]) == (0, "", 0)
    assert ground.standing(desk.pipeline) == []


def test_an_endpoint_without_batch_operations_is_named_first(desk: Desk) -> None:
    """Before anything is counted or made; a dry run says what it would be, all the same."""
    desk.pipeline.aws.endpoint_url = "http://localhost:4566"
    for words in (["--all", "--batch", "--yes"], ["status"]):
        error = desk.type("reprocess", *words)
        assert error.code == 2
        assert "has no S3 Batch Operations" in json.loads(error.said)["error"]["message"]
    assert ground.standing(desk.pipeline) == []


def ended(desk: Desk, status: str, **more: Any) -> str:
    """A job that has ended so, with a report of what failed."""
    desk.type("reprocess", "--all", "--batch", "--yes")
    desk.operations.is_(desk.job, status, ProgressSummary=SUMMARY, **more)
    desk.pipeline.aws.client("s3").put_object(
        Bucket=desk.pipeline.names.jobs_bucket,
        Key=f"reports/job-{desk.job}/results/1.csv",
        Body="b,a%20b.jpg,,failed,200,PermanentFailure,Timeout: no\n",
    )
    return desk.job


def test_a_job_that_runs_tells_how_far_it_is(desk: Desk) -> None:
    """By its id, or as the newest; the end code says nothing of it yet."""
    assert desk.type("reprocess", "status").data == []
    desk.type("reprocess", "--all", "--batch", "--yes")
    desk.operations.is_(desk.job, "Active", ProgressSummary=SUMMARY)
    for words in ([desk.job], []):
        seen = desk.type("reprocess", "status", *words)
        (told,) = seen.data
        assert (seen.code, told["status"], told["ended"]) == (0, "Active", False)
        assert (told["total"], told["succeeded"], told["failed"]) == (3, 2, 1)
        assert told["command"] == "reprocess --all"
        assert conforms("reprocess status", seen.data)


def test_a_job_with_failures_tells_them_and_ends_with_4(desk: Desk) -> None:
    """Out of its report, with the command that tries the rest again."""
    job = ended(desk, "Complete")
    seen = desk.type("reprocess", "status", job)
    (told,) = seen.data
    assert (seen.code, told["failures"]) == (4, [{"key": "a b.jpg", "reason": "Timeout: no"}])
    assert conforms("reprocess status", seen.data)
    error = json.loads(seen.said)["error"]
    assert error["next"][0] == (
        "imgpipe reprocess --all --before 2026-11-29T10:00:00+00:00 --batch"
    )
    assert desk.type("reprocess", "status").data[0]["failures"] == []


@pytest.mark.parametrize(("status", "says"), [("Failed", "too many"), ("Cancelled", "the rest")])
def test_a_job_that_failed_says_why_and_how_to_go_on(desk: Desk, status: str, says: str) -> None:
    """As S3 has it; 1, since not all was tried."""
    reasons = [{"FailureCode": "x", "FailureReason": "too many"}] if status == "Failed" else []
    seen = desk.type("reprocess", "status", ended(desk, status, FailureReasons=reasons))
    error = json.loads(seen.said)["error"]
    assert (seen.code, says in error["hint"]) == (1, True)
    assert error["next"] == ["imgpipe reprocess --all --before 2026-11-29T10:00:00+00:00 --batch"]


@pytest.mark.parametrize("job", ["00000000-0000-0000", "../../etc", "x"])
def test_a_job_that_is_not_ours_is_not_told(desk: Desk, job: str) -> None:
    """Unknown, of another stage, or no id at all."""
    desk.operations.jobs["00000000-0000-0000"] = {
        "JobId": "00000000-0000-0000",
        "Status": "Active",
        "Description": "imgpipe other 0123456789ab: reprocess --all",
        "CreationTime": "2026",
    }
    seen = desk.type("reprocess", "status", job)
    assert (seen.code, seen.data) == (2, None)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["reprocess", "status"], "reprocess status"),
        (["reprocess", "status", "--help"], "reprocess status"),
        (["reprocess", "--", "status"], "reprocess"),
        (["reprocess", "--yes", "status"], "reprocess"),
        (["reprocess", "status.jpg"], "reprocess"),
    ],
)
def test_a_key_named_status_is_still_a_key(words: list[str], name: str) -> None:
    """Anywhere but right behind the command."""
    assert name_in(words) == name


def test_above_a_hundred_thousand_a_job_is_advised(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the plain form, before it asks, with the very command."""
    monkeypatch.setattr("imgpipe.pipeline.jobs.ADVISED", 2)
    assert run(["reprocess", "--all", "--dry-run"]) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert "S3 Batch Operations" in said
    assert "imgpipe reprocess --all --batch" in said
    monkeypatch.setattr("imgpipe.pipeline.jobs.ADVISED", 3)
    run(["reprocess", "--all", "--dry-run"])
    assert "--batch" not in capsys.readouterr().err
