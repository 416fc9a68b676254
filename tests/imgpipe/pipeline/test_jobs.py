"""What jobs stand on: made when first needed, no wider than they need, and gone with the rest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import pytest

from imgpipe.engine import reconcile
from imgpipe.engine.graph import Action, Event, State, finals
from imgpipe.pictures import batch
from imgpipe.pipeline import Pipeline, jobs
from imgpipe.pipeline.declaration import declared, everything
from imgpipe.pipeline.doctor import links
from imgpipe.pipeline.doctor.probe import Patient, Verdict, look
from imgpipe.settings import Settings
from tests.support.batch_operations import BatchOperations

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Clock, Faults, Sent

pytestmark = pytest.mark.slow

SUMMARY: Final = {
    "TotalNumberOfTasks": 1_000,
    "NumberOfTasksSucceeded": 120,
    "NumberOfTasksFailed": 3,
}


@pytest.fixture
def operations(aws: Aws) -> BatchOperations:
    """S3 Batch Operations."""
    return BatchOperations().attach(aws)


@pytest.fixture
def pipeline(aws: Aws, operations: BatchOperations, over_tls: None) -> Pipeline:
    """The default pipeline, of which nothing stands."""
    assert not operations.jobs
    return Pipeline.of(Settings(), aws)


def made(pipeline: Pipeline) -> list[Event]:
    """Set up what jobs stand on."""
    return list(finals(reconcile.setup(jobs.ground(pipeline), pipeline.aws)))


def torn_down(pipeline: Pipeline) -> list[Event]:
    """Take it away."""
    return list(finals(reconcile.teardown(jobs.ground(pipeline), pipeline.aws)))


def document(aws: Aws, role: str) -> dict[str, str]:
    """What the role's only policy allows, by action, and where."""
    iam = aws.client("iam")
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    found = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    return {each["Action"]: each["Resource"] for each in found["Statement"]}


def test_a_setup_makes_none_of_it(pipeline: Pipeline) -> None:
    """It is looked for by a teardown, which says nothing where nobody ever needed it."""
    ground = set(jobs.ground(pipeline))
    assert not ground & set(declared(pipeline))
    assert ground <= set(everything(pipeline))
    assert all(each.sought for each in ground)
    assert jobs.standing(pipeline) == []


def test_the_role_may_do_four_things_and_is_trusted_by_one_service(pipeline: Pipeline) -> None:
    """For this account alone, as far as the service says for whom it asks."""
    made(pipeline)
    names, aws = pipeline.names, pipeline.aws
    role = aws.client("iam").get_role(RoleName=names.jobs_role)["Role"]
    assert role["AssumeRolePolicyDocument"]["Statement"] == {
        "Effect": "Allow",
        "Principal": {"Service": "batchoperations.s3.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEqualsIfExists": {"aws:SourceAccount": aws.account}},
    }
    own = f"arn:aws:s3:::{names.jobs_bucket}"
    function = f"arn:aws:lambda:eu-west-1:{aws.account}:function:{names.function}:live"
    assert document(aws, names.jobs_role) == {
        "lambda:InvokeFunction": function,
        "s3:PutInventoryConfiguration": f"arn:aws:s3:::{names.source_bucket}",
        "s3:GetObject": f"{own}/lists/*",
        "s3:PutObject": f"{own}/reports/*",
    }


def test_lists_and_reports_lie_where_no_cdn_reads(pipeline: Pipeline) -> None:
    """A bucket of their own, private, without a trigger, and over TLS alone."""
    made(pipeline)
    names, s3 = pipeline.names, pipeline.aws.client("s3")
    place = jobs.place(pipeline, made(pipeline))
    assert place.jobs_bucket not in {names.source_bucket, names.destination_bucket}
    block = s3.get_public_access_block(Bucket=place.jobs_bucket)
    assert set(block["PublicAccessBlockConfiguration"].values()) == {True}
    policy = json.loads(s3.get_bucket_policy(Bucket=place.jobs_bucket)["Policy"])
    assert [each["Effect"] for each in policy["Statement"]] == ["Deny"]
    assert place.role_arn.endswith(f":role/{names.jobs_role}")


def test_a_second_job_makes_nothing_anew(pipeline: Pipeline, sent: Sent) -> None:
    """And what somebody changed is put back by the next."""
    made(pipeline)
    sent.clear()
    assert {event.action for event in made(pipeline)} == {Action.NONE}
    iam = pipeline.aws.client("iam")
    iam.delete_role_policy(RoleName=pipeline.names.jobs_role, PolicyName="ImagePipeline")
    differing = [each for each in jobs.standing(pipeline) if each.action is not Action.NONE]
    assert [each.resource.title for each in differing] == ["jobs role"]
    made(pipeline)
    assert {each.action for each in jobs.standing(pipeline)} == {Action.NONE}


def begin(pipeline: Pipeline, operations: BatchOperations, status: str) -> str:
    """A job in this state."""
    place = jobs.place(pipeline, made(pipeline))
    order = batch.Order("reprocess --all", "r.c", prefix=str(len(operations.jobs)))
    job = batch.start(pipeline.aws, place, order)
    operations.is_(job.id, status, ProgressSummary=SUMMARY)
    return job.id


def test_a_teardown_names_what_runs_cancels_it_and_takes_all_away(
    pipeline: Pipeline, operations: BatchOperations
) -> None:
    """Whoever's else runs, runs on; the role goes after its jobs, the bucket after the role."""
    done, active = (begin(pipeline, operations, status) for status in ("Complete", "Active"))
    theirs = {**operations.jobs[active], "JobId": "theirs", "RoleArn": "arn:aws:iam::1:role/Other"}
    operations.jobs["theirs"] = theirs
    reports = {"Bucket": pipeline.names.jobs_bucket, "Key": "reports/job-1/results/a.csv"}
    pipeline.aws.client("s3").put_object(**reports)

    assert jobs.on_running(pipeline, jobs.ground(pipeline)) == [
        f"job {active} of S3 Batch Operations runs (123 of 1,000 pictures): it would be cancelled"
    ]
    events = torn_down(pipeline)
    assert {(each.action, each.state) for each in events} == {(Action.DELETE, State.DONE)}
    order = [each.resource.title for each in events]
    assert order.index("jobs role") < order.index("jobs bucket")
    assert {name: job["Status"] for name, job in operations.jobs.items()} == {
        done: "Complete",
        active: "Cancelled",
        "theirs": "Active",
    }
    assert jobs.standing(pipeline) == []
    iam, s3 = pipeline.aws.client("iam"), pipeline.aws.client("s3")
    assert (iam.list_roles()["Roles"], s3.list_buckets()["Buckets"]) == ([], [])


def test_a_job_that_is_slow_to_end_is_waited_for(
    pipeline: Pipeline, operations: BatchOperations, clock: Clock, faults: Faults
) -> None:
    """It writes its report first."""
    job = begin(pipeline, operations, "Active")
    faults.answer("UpdateJobStatus", {"JobId": job, "Status": "Cancelling"})
    slept = clock.sleep

    def later(seconds: float) -> None:
        slept(seconds)
        if clock() > 60:
            operations.is_(job, "Cancelled")

    pipeline.aws.sleep = later
    torn_down(pipeline)
    assert clock() > 60
    assert jobs.standing(pipeline) == []


@pytest.mark.parametrize("operation", ["GetRole", "HeadBucket"])
def test_who_never_needed_jobs_needs_no_right_to_look_for_them(
    pipeline: Pipeline, faults: Faults, operation: str
) -> None:
    """A teardown goes on as before."""
    with faults.denying(operation):
        events = torn_down(pipeline)
    assert {(each.action, each.state) for each in events} == {(Action.NONE, State.DONE)}


def test_doctor_examines_what_stands(pipeline: Pipeline) -> None:
    """Nothing is well, and so is all of it; a role that was changed is wrong."""
    (probe,) = [each for each in links.PROBES if each.name == "batch jobs"]

    def verdict() -> Verdict:
        events = {each.resource.title: each for each in jobs.standing(pipeline)}
        return look(probe, Patient(pipeline, events, "")).verdict

    assert verdict() is Verdict.WELL
    made(pipeline)
    assert verdict() is Verdict.WELL
    pipeline.aws.client("s3").delete_bucket_policy(Bucket=pipeline.names.jobs_bucket)
    assert verdict() is Verdict.WRONG
