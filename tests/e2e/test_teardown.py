"""Taking a used pipeline away: versions, unfinished uploads, protection, others' things beside."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from imgpipe.aws.account import Aws
from tests.support.shell import Shell, embedded
from tests.support.standing import standing

SOURCE, DESTINATION = (f"imgpipe-{each}-000000000000-us-east-1-an" for each in ("source", "dest"))


@pytest.fixture(scope="module")
def root(shared_shell: Shell) -> Aws:
    """The account, with a bucket of somebody else's in it."""
    aws = embedded(shared_shell.state)
    aws.client("s3").create_bucket(Bucket="somebody-elses")
    aws.client("s3").put_object(Bucket="somebody-elses", Key="theirs", Body=b"theirs")
    return aws


@pytest.fixture
def used(pipeline: Shell, root: Aws) -> Shell:
    """A pipeline whose destination bucket keeps versions, markers and an unfinished upload."""
    s3 = root.client("s3")
    s3.put_bucket_versioning(Bucket=DESTINATION, VersioningConfiguration={"Status": "Enabled"})
    for content in (b"old", b"new"):
        s3.put_object(Bucket=DESTINATION, Key="a/b c+1%.txt", Body=content)
    s3.delete_object(Bucket=DESTINATION, Key="a/b c+1%.txt")
    s3.create_multipart_upload(Bucket=DESTINATION, Key="unfinished")
    return pipeline


def test_the_question_names_what_would_go_and_how_much(used: Shell, root: Aws) -> None:
    """Versions and delete markers count; nothing is deleted unasked."""
    listed = root.client("s3").list_object_versions(Bucket=DESTINATION)
    count = len(listed["Versions"]) + len(listed["DeleteMarkers"])
    assert count >= 3
    stderr = used.run("--local", "teardown", code=2).stderr
    assert f"{DESTINATION}  ({count} objects and versions)" in stderr
    assert f"{SOURCE}  (0 objects and versions)" in stderr
    assert "account 000000000000, us-east-1" in stderr
    assert "somebody-elses" not in stderr
    assert "imgpipe --local teardown --yes" in stderr
    plan = used.json("--local", "teardown", "--dry-run")
    standing_now = used.json("--local", "status")["resources"]
    assert plan["deleted"] == []
    assert len(plan["standing"]) == len(standing_now) > 10


def test_a_protected_table_stops_it_before_anything_is_gone(
    used: Shell, root: Aws, tmp_path: Path
) -> None:
    """Deletion protection is there to stop just this, with or without its setting."""
    (tmp_path / "imgpipe.toml").write_text("deletion_protection = true")
    protected = replace(used, folder=tmp_path)
    protected.run("--local", "setup")
    before = standing(root)
    for shell in (protected, used):
        stderr = shell.run("--local", "teardown", "--yes", code=1).stderr
        assert "Error: table ImageMetadata is protected against deletion\n" in stderr
        assert "imgpipe --local setup" in stderr
    assert standing(root) == before
    used.run("--local", "setup", "--reset")


def test_everything_of_ours_goes_and_nothing_else(used: Shell, root: Aws) -> None:
    """Versions, markers and unfinished uploads too."""
    done = used.json("--local", "teardown", "--yes")
    assert {each["state"] for each in done["deleted"]} == {"deleted"}
    assert done["leftovers"] == []
    left = standing(root)
    assert [bucket["Name"] for bucket in left.pop("buckets")] == ["somebody-elses"]
    assert left == {}
    assert (
        root.client("s3").get_object(Bucket="somebody-elses", Key="theirs")["Body"].read()
        == b"theirs"
    )


def test_a_bucket_that_was_renamed_since_is_named_as_left_over(pipeline: Shell, root: Aws) -> None:
    """It carries the stage's tag, but these settings do not know its name."""
    s3 = root.client("s3")
    s3.create_bucket(Bucket="older-name")
    s3.put_bucket_tagging(
        Bucket="older-name", Tagging={"TagSet": [{"Key": "imgpipe:stage", "Value": "default"}]}
    )
    stderr = pipeline.run("--local", "teardown", "--yes").stderr
    assert stderr.rstrip().endswith("arn:aws:s3:::older-name")
    assert SOURCE not in stderr.partition("Still tagged")[2]
    s3.delete_bucket(Bucket="older-name")
