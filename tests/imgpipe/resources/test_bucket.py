"""Bucket: private by every means, ours or nobody's, emptied whatever is in it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from imgpipe.aws.bucket_settings import SWITCHES
from imgpipe.engine.graph import Action
from imgpipe.engine.resource import OWNER_TAG, Live, differences
from imgpipe.errors import NotOursError, ServiceError
from imgpipe.resources.bucket import ACCOUNT_REGIONAL, Bucket

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Calls, Clock, Elsewhere, Engine, Faults, Sent

NAME = "imgpipe-source-123456789012-eu-west-1-an"


@pytest.fixture
def bucket(tags: tuple[tuple[str, str], ...]) -> Bucket:
    """A bucket in the account's own namespace."""
    return Bucket(NAME, tags)


@pytest.fixture
def s3(aws: Aws) -> Any:
    """The client the tests look with."""
    return aws.client("s3")


def test_creates_a_private_encrypted_tagged_bucket(engine: Engine, bucket: Bucket, s3: Any) -> None:
    """All four switches on, ACLs off, SSE-S3 on, and the tags there, as AWS tells it."""
    assert engine.setup(bucket).action is Action.CREATE
    assert s3.get_public_access_block(Bucket=NAME)[
        "PublicAccessBlockConfiguration"
    ] == dict.fromkeys(SWITCHES, True)
    assert s3.get_bucket_ownership_controls(Bucket=NAME)["OwnershipControls"]["Rules"] == [
        {"ObjectOwnership": "BucketOwnerEnforced"}
    ]
    (rule,) = s3.get_bucket_encryption(Bucket=NAME)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert {tag["Key"]: tag["Value"] for tag in s3.get_bucket_tagging(Bucket=NAME)["TagSet"]} == {
        OWNER_TAG: "default",
        "team": "photo",
    }


def test_attributes_are_what_the_distribution_and_the_policies_need(
    engine: Engine, bucket: Bucket
) -> None:
    """The Arn and the regional domain name follow from name and region."""
    live = engine.setup(bucket).live
    assert live is not None
    assert live["Arn"] == f"arn:aws:s3:::{NAME}"
    assert live["RegionalDomainName"] == f"{NAME}.s3.eu-west-1.amazonaws.com"


def test_tags_of_others_are_kept(engine: Engine, bucket: Bucket, s3: Any) -> None:
    """Adding a tag of ours, which replaces the whole set, sends along the ones somebody added."""
    engine.setup(bucket)
    theirs = {"Key": "cost", "Value": "42"}
    s3.put_bucket_tagging(
        Bucket=NAME, Tagging={"TagSet": [{"Key": OWNER_TAG, "Value": "default"}, theirs]}
    )
    engine.setup(bucket)
    assert theirs in s3.get_bucket_tagging(Bucket=NAME)["TagSet"]


@pytest.mark.parametrize(("region", "location"), [("us-east-1", None), ("eu-west-1", "eu-west-1")])
def test_tags_travel_with_the_creation(
    elsewhere: Elsewhere, bucket: Bucket, sent: Sent, region: str, location: str | None
) -> None:
    """A crash right after CreateBucket leaves a bucket that is ours, in us-east-1 too."""
    named = replace(bucket, name="plain-name")
    named.create(elsewhere(region), named.properties(Live()))
    (creation,) = sent.of("CreateBucket")
    assert creation["CreateBucketConfiguration"]["Tags"] == [
        {"Key": OWNER_TAG, "Value": "default"},
        {"Key": "team", "Value": "photo"},
    ]
    assert creation["CreateBucketConfiguration"].get("LocationConstraint") == location


@pytest.mark.parametrize(
    ("name", "namespace"),
    [
        (NAME, ACCOUNT_REGIONAL),
        ("my-own-name", None),
        ("other-210987654321-eu-west-1-an", None),
        ("other-123456789012-us-west-2-an", None),
    ],
)
def test_only_names_of_the_account_and_region_go_into_its_namespace(
    aws: Aws, bucket: Bucket, sent: Sent, name: str, namespace: str | None
) -> None:
    """The namespace is asked for exactly where the name carries this account and region."""
    named = replace(bucket, name=name)
    named.create(aws, named.properties(Live()))
    (creation,) = sent.of("CreateBucket")
    assert creation.get("BucketNamespace") == namespace


def test_creation_parameters_exist_in_the_service_model(s3: Any) -> None:
    """The names and values sent are S3's own."""
    shape = s3.meta.service_model.operation_model("CreateBucket").input_shape
    assert ACCOUNT_REGIONAL in shape.members["BucketNamespace"].enum
    block = s3.meta.service_model.operation_model("PutPublicAccessBlock").input_shape.members[
        "PublicAccessBlockConfiguration"
    ]
    assert set(block.members) == set(SWITCHES)


def test_creating_it_twice_is_success(aws: Aws, engine: Engine, bucket: Bucket) -> None:
    """A creation whose answer was lost, and which is sent again, ends in the same bucket."""
    engine.setup(bucket)
    bucket.create(aws, bucket.properties(Live()))
    assert differences(bucket.properties(Live()), bucket.read(aws) or {}) == frozenset()


def test_a_conflicting_change_is_waited_for(
    engine: Engine, bucket: Bucket, faults: Faults, clock: Clock
) -> None:
    """OperationAborted, after a deletion or beside another change, passes."""
    faults.fail("CreateBucket", "OperationAborted", status=409, times=3)
    faults.fail("PutBucketEncryption", "OperationAborted", status=409)
    assert engine.setup(bucket).action is Action.CREATE
    assert len(clock.naps) == 4
    assert engine.setup(bucket).action is Action.NONE


def test_a_name_of_another_account_is_never_taken_for_absent(aws: Aws, faults: Faults) -> None:
    """HeadBucket's 403 means somebody else's, where somebody else may have it."""
    faults.fail("HeadBucket", "403", "Forbidden", status=403)
    with pytest.raises(NotOursError, match="belongs to another account") as caught:
        Bucket("pictures", ()).read(aws)
    assert caught.value.hint == "choose another name"


def test_a_bucket_that_only_we_can_have_is_denied_and_not_somebody_elses(
    aws: Aws, bucket: Bucket, faults: Faults
) -> None:
    """A name of the account's own namespace: its 403 is a missing permission."""
    faults.fail("HeadBucket", "403", "Forbidden", status=403)
    with pytest.raises(ServiceError, match="cannot be read: s3:ListBucket was denied"):
        bucket.read(aws)


def test_head_says_whose_bucket_it_expects(aws: Aws, bucket: Bucket, sent: Sent) -> None:
    """HeadBucket carries our account, so that a readable bucket of another's is refused, too."""
    assert bucket.read(aws) is None
    assert sent.of("HeadBucket") == [{"Bucket": NAME, "ExpectedBucketOwner": "123456789012"}]


def test_a_name_taken_meanwhile_is_refused(engine: Engine, bucket: Bucket, faults: Faults) -> None:
    """BucketAlreadyExists is another account's bucket, and only CreateBucket was tried."""
    faults.fail("CreateBucket", "BucketAlreadyExists", status=409)
    with pytest.raises(NotOursError, match="belongs to another account"):
        engine.setup(bucket)
    assert engine.calls.mutating == ["CreateBucket"]


def test_a_bucket_in_another_region_is_not_this_pipelines(
    aws: Aws, elsewhere: Elsewhere, bucket: Bucket
) -> None:
    """One name set up in two regions: the second must not change the first one's bucket."""
    named = replace(bucket, name="my-own-name")
    named.create(elsewhere("us-west-2"), named.properties(Live()))
    with pytest.raises(NotOursError, match="is in us-west-2, not in eu-west-1"):
        named.read(aws)


def test_delete_takes_every_version_marker_and_upload_along(
    engine: Engine, bucket: Bucket, s3: Any
) -> None:
    """A versioned bucket with hostile keys, markers and an unfinished upload goes."""
    engine.setup(bucket)
    s3.put_bucket_versioning(Bucket=NAME, VersioningConfiguration={"Status": "Enabled"})
    for key in ("a/photo.jpg", "a/photo.jpg", "é &<>'\".png", "new\nline", "../up", "%2F"):
        s3.put_object(Bucket=NAME, Key=key, Body=b"x")
    s3.delete_object(Bucket=NAME, Key="a/photo.jpg")
    s3.create_multipart_upload(Bucket=NAME, Key="unfinished")
    assert "AbortMultipartUpload" in engine.teardown(bucket).calls
    assert s3.list_buckets()["Buckets"] == []


def test_delete_sends_at_most_a_thousand_keys_a_call(
    aws: Aws, bucket: Bucket, faults: Faults, sent: Sent
) -> None:
    """More than a page is emptied in as many calls as there are pages."""
    versions = [{"Key": f"{number:04}", "VersionId": "1"} for number in range(1001)]
    faults.answer(
        "ListObjectVersions",
        {
            "Versions": versions[:999],
            "DeleteMarkers": versions[999:1000],
            "IsTruncated": True,
            "NextKeyMarker": "0999",
        },
    )
    faults.answer("ListObjectVersions", {"Versions": versions[1000:]})
    for operation in ("DeleteObjects", "DeleteObjects", "ListMultipartUploads", "DeleteBucket"):
        faults.answer(operation, {})
    bucket.delete(aws, {})
    pages = [params["Delete"]["Objects"] for params in sent.of("DeleteObjects")]
    assert sorted(map(len, pages)) == [1, 1000]
    assert sorted(each["Key"] for page in pages for each in page) == [
        each["Key"] for each in versions
    ]


def test_keys_that_xml_cannot_carry_are_deleted_one_by_one(
    aws: Aws, bucket: Bucket, faults: Faults, calls: Calls, sent: Sent
) -> None:
    """A control character would make S3 refuse the whole DeleteObjects as malformed."""
    faults.answer(
        "ListObjectVersions",
        {"Versions": [{"Key": "bell\x07", "VersionId": "1"}, {"Key": "fine", "VersionId": "2"}]},
    )
    faults.answer("DeleteObjects", {})
    faults.answer("DeleteObject", {})
    faults.answer("ListMultipartUploads", {})
    faults.answer("DeleteBucket", {})
    bucket.delete(aws, {})
    assert calls.mutating == ["DeleteObjects", "DeleteObject", "DeleteBucket"]
    assert sent.of("DeleteObjects")[0]["Delete"]["Objects"] == [{"Key": "fine", "VersionId": "2"}]
    assert sent.of("DeleteObject") == [{"Bucket": NAME, "Key": "bell\x07", "VersionId": "1"}]


def test_a_key_that_s3_keeps_stops_the_deletion_and_is_named(
    engine: Engine, bucket: Bucket, s3: Any, faults: Faults
) -> None:
    """DeleteObjects answers 200 with errors inside; they are not overlooked."""
    engine.setup(bucket)
    s3.put_object(Bucket=NAME, Key="held", Body=b"")
    faults.answer(
        "DeleteObjects",
        {
            "Errors": [
                {
                    "Key": "held",
                    "VersionId": "1",
                    "Code": "AccessDenied",
                    "Message": "Access Denied",
                }
            ]
        },
    )
    with pytest.raises(ServiceError, match="'held': Access Denied") as caught:
        engine.teardown(bucket)
    assert caught.value.aws_code == "AccessDenied"
    assert "DeleteBucket" not in engine.calls


def test_a_passing_error_of_a_key_is_tried_again(
    engine: Engine, bucket: Bucket, s3: Any, faults: Faults
) -> None:
    """InternalError and SlowDown pass."""
    engine.setup(bucket)
    s3.put_object(Bucket=NAME, Key="slow", Body=b"")
    faults.answer(
        "DeleteObjects",
        {"Errors": [{"Key": "slow", "Code": "SlowDown", "Message": "later"}]},
        times=2,
    )
    assert engine.teardown(bucket).calls == ["DeleteObjects"] * 3 + ["DeleteBucket"]


def test_a_late_write_is_emptied_too(
    engine: Engine, bucket: Bucket, s3: Any, faults: Faults
) -> None:
    """BucketNotEmpty, because an invocation still ran, is met by emptying once more."""
    engine.setup(bucket)
    s3.put_object(Bucket=NAME, Key="late", Body=b"")
    faults.answer("ListObjectVersions", {})
    assert engine.teardown(bucket).calls == ["DeleteBucket", "DeleteObjects", "DeleteBucket"]


def test_ctrl_c_ends_the_emptying(
    aws: Aws, engine: Engine, bucket: Bucket, s3: Any, calls: Calls
) -> None:
    """An interrupted teardown stops before the next batch and deletes nothing more."""
    engine.setup(bucket)
    s3.put_object(Bucket=NAME, Key="kept", Body=b"")
    calls.clear()
    aws.interrupted.set()
    with pytest.raises(KeyboardInterrupt):
        bucket.delete(aws, {})
    assert calls.mutating == []


def test_lifecycle_rules_of_others_stay(engine: Engine, bucket: Bucket) -> None:
    """S3 replaces all rules at once, so theirs are sent along; ours is known by its id."""
    engine.setup(bucket)
    s3 = engine.aws.client("s3")
    theirs = {
        "ID": "old",
        "Status": "Enabled",
        "Filter": {"Prefix": "old/"},
        "Expiration": {"Days": 90},
    }
    rules = {"Rules": [theirs]}
    s3.put_bucket_lifecycle_configuration(Bucket=bucket.name, LifecycleConfiguration=rules)
    assert engine.setup(bucket).changed == {"LifecycleConfiguration"}
    answer = s3.get_bucket_lifecycle_configuration(Bucket=bucket.name)
    assert [rule["ID"] for rule in answer["Rules"]] == ["old", "imgpipe-unfinished-uploads"]
    assert answer["Rules"][1]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}


def test_an_open_acl_is_closed_before_its_owner_is_told_to_take_it_away(
    engine: Engine, bucket: Bucket, s3: Any, faults: Faults
) -> None:
    """S3 forbids no ACLs while one stands; the switches make it void all the same."""
    engine.setup(bucket)
    s3.delete_public_access_block(Bucket=NAME)
    rules = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    s3.put_bucket_ownership_controls(Bucket=NAME, OwnershipControls=rules)
    faults.fail("PutBucketOwnershipControls", "InvalidBucketAclWithObjectOwnership")
    with pytest.raises(ServiceError, match="an ACL") as refused:
        engine.setup(bucket)
    assert "PutBucketAcl" in refused.value.hint
    found = s3.get_public_access_block(Bucket=NAME)["PublicAccessBlockConfiguration"]
    assert found == dict.fromkeys(SWITCHES, True)
    assert engine.setup(bucket).action is Action.UPDATE
