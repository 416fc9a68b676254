"""BucketPolicy: our statements beside those of others."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from imgpipe.engine.graph import Action
from imgpipe.engine.resource import Live, Unknown, differences
from imgpipe.resources.bucket import Bucket
from imgpipe.resources.bucket_policy import BucketPolicy
from tests.support.stand_ins import Given

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Clock, Engine, Faults

ARN = "arn:aws:cloudfront::123456789012:distribution/E1"
THEIRS = {
    "Sid": "Theirs",
    "Effect": "Allow",
    "Principal": {"AWS": "123456789012"},
    "Action": "s3:ListBucket",
    "Resource": "arn:aws:s3:::pictures",
}


@pytest.fixture
def bucket(tags: tuple[tuple[str, str], ...]) -> Bucket:
    """The bucket the policy is on."""
    return Bucket("pictures", tags)


@pytest.fixture
def distribution() -> Given:
    """The distribution that reads the bucket."""
    return Given("distribution", (("Arn", ARN),))


@pytest.fixture
def policy(bucket: Bucket, distribution: Given) -> BucketPolicy:
    """The policy of a bucket that is served."""
    return BucketPolicy("destination-policy", bucket=bucket, distribution=distribution)


def _statements(aws: Aws) -> dict[str, Any]:
    found = json.loads(aws.client("s3").get_bucket_policy(Bucket="pictures")["Policy"])["Statement"]
    return {each["Sid"]: each for each in found}


def _put(aws: Aws, *statements: dict[str, Any]) -> None:
    aws.client("s3").put_bucket_policy(
        Bucket="pictures", Policy=json.dumps({"Version": "2012-10-17", "Statement": statements})
    )


def test_create_lets_one_distribution_read_over_tls(
    engine: Engine, aws: Aws, bucket: Bucket, distribution: Given, policy: BucketPolicy
) -> None:
    """Both statements stand, the distribution's ARN being what AWS gave."""
    assert engine.setup(policy, bucket, distribution).action is Action.CREATE
    found = _statements(aws)
    assert found.keys() == {"ImgpipeTlsOnly", "ImgpipeCloudFrontRead"}
    assert found["ImgpipeCloudFrontRead"]["Condition"]["StringEquals"]["AWS:SourceArn"] == ARN


def test_without_a_distribution_nobody_is_let_in(
    engine: Engine, aws: Aws, bucket: Bucket, policy: BucketPolicy
) -> None:
    """The source bucket's policy only denies."""
    engine.setup(replace(policy, distribution=None), bucket)
    assert {each["Effect"] for each in _statements(aws).values()} == {"Deny"}


def test_the_same_policy_in_other_words_is_no_difference(
    aws: Aws, engine: Engine, bucket: Bucket, distribution: Given, policy: BucketPolicy
) -> None:
    """AWS may give back lists of one as texts, and lists and statements in another order."""
    engine.setup(policy, bucket, distribution)
    found = _statements(aws)
    found["ImgpipeTlsOnly"]["Resource"].reverse()
    found["ImgpipeCloudFrontRead"]["Action"] = ["s3:GetObject"]
    _put(aws, *reversed(found.values()))
    assert engine.setup(policy, bucket, distribution).action is Action.NONE


def test_another_distribution_takes_the_place_of_the_first(
    aws: Aws, engine: Engine, bucket: Bucket, policy: BucketPolicy
) -> None:
    """Exactly one may read: the old one's statement is gone."""
    engine.setup(policy, bucket, *policy.dependencies[1:])
    new = Given("distribution", (("Arn", ARN.replace("E1", "E2")),))
    engine.setup(replace(policy, distribution=new), bucket, new)
    assert ARN not in aws.client("s3").get_bucket_policy(Bucket="pictures")["Policy"]


def test_statements_of_others_are_kept(
    aws: Aws, engine: Engine, bucket: Bucket, policy: BucketPolicy
) -> None:
    """Theirs survives our coming and going; ours alone are taken out."""
    engine.setup(bucket)
    _put(aws, THEIRS)
    policy.create(aws, policy.properties(Live({bucket: {"Arn": "arn:aws:s3:::pictures"}})))
    assert _statements(aws)["Theirs"] == THEIRS
    policy.delete(aws, {})
    assert _statements(aws) == {"Theirs": THEIRS}
    assert policy.read(aws) is None


def test_a_conflicting_change_is_waited_for(
    engine: Engine, bucket: Bucket, policy: BucketPolicy, faults: Faults, clock: Clock
) -> None:
    """OperationAborted, beside another change of the bucket, passes."""
    faults.fail("PutBucketPolicy", "OperationAborted", status=409, times=2)
    engine.setup(replace(policy, distribution=None), bucket)
    assert len(clock.naps) == 2


def test_a_plan_before_the_distribution_differs_from_everything(
    bucket: Bucket, distribution: Given, policy: BucketPolicy
) -> None:
    """While AWS has not named the distribution, the policy for it cannot already be there."""
    live = Live({bucket: {"Arn": "arn:aws:s3:::pictures"}})
    desired = policy.properties(live)
    assert isinstance(live.attribute(distribution, "Arn"), Unknown)
    assert differences(desired, policy.properties(Live({**live, distribution: {"Arn": ARN}})))
