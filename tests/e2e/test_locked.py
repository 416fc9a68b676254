"""What S3 keeps whoever wants it gone stops a teardown before it begins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tests.support.shell import Shell, embedded
from tests.support.standing import standing

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

SOURCE = "imgpipe-source-000000000000-us-east-1-an"


def lock(aws: Aws) -> None:
    """Put an object that is locked for a month."""
    s3 = aws.client("s3")
    s3.put_bucket_versioning(Bucket=SOURCE, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object_lock_configuration(
        Bucket=SOURCE, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}
    )
    s3.put_object(
        Bucket=SOURCE,
        Key="evidence.jpg",
        Body=b"x",
        ObjectLockMode="COMPLIANCE",
        ObjectLockRetainUntilDate=datetime.now(UTC) + timedelta(days=30),
    )


def test_a_lock_is_told_before_anything_is_gone(shell: Shell) -> None:
    """With the way on: keep that bucket, and take the rest."""
    shell.run("--local", "setup")
    root = embedded(shell.state)
    lock(root)
    before = standing(root)
    error = shell.error("--local", "teardown", "--yes", code=1)
    assert "'evidence.jpg' is locked until" in error["message"]
    assert standing(root) == before
    shell.run("--local", "teardown", "--yes", "--retain", "source")
    left = standing(root)
    assert [bucket["Name"] for bucket in left.pop("buckets")] == [SOURCE]
    assert left == {}
