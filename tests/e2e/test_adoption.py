"""A bucket of originals that was there before: handed over on a word, and given back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.shell import Shell, embedded, photo
from tests.support.standing import standing

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

OLD = "my-old-photos"
SITE = "my-old-site"
KEY = "arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ENTRY = b"<title>made by hand</title>"
THEIRS = {
    "Sid": "Theirs",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::000000000000:root"},
    "Action": "s3:GetObject",
    "Resource": f"arn:aws:s3:::{OLD}/*",
}


@pytest.fixture
def root(shell: Shell) -> Aws:
    """The account, with two buckets of somebody's in it, one full of originals."""
    aws = embedded(shell.state)
    s3 = aws.client("s3")
    for bucket in (OLD, SITE):
        s3.create_bucket(Bucket=bucket)
        rule = {
            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}
        }
        s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"first", b"second"):
        s3.put_object(Bucket=OLD, Key="2019/a.txt", Body=body)
    s3.put_object(Bucket=SITE, Key="index.html", Body=ENTRY)
    policy = json.dumps({"Version": "2008-10-17", "Statement": [THEIRS]})
    s3.put_bucket_policy(Bucket=OLD, Policy=policy)
    return aws


def told(aws: Aws, bucket: str) -> dict[str, Any]:
    """What S3 tells of the bucket."""
    s3 = aws.client("s3")
    listed = s3.list_object_versions(Bucket=bucket)
    return {
        "encryption": s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"],
        "versioning": s3.get_bucket_versioning(Bucket=bucket)["Status"],
        "versions": [(each["Key"], each["VersionId"]) for each in listed.get("Versions", [])],
        "rules": s3.get_bucket_notification_configuration(Bucket=bucket).get(
            "LambdaFunctionConfigurations", []
        ),
    }


def test_it_is_used_on_a_word_and_given_back_with_every_object(shell: Shell, root: Aws) -> None:
    """From the refusal that says the word to the proof after the teardown."""
    before = {bucket: told(root, bucket) for bucket in (OLD, SITE)}
    (shell.folder / "imgpipe.toml").write_text(
        f'source_bucket = "{OLD}"\ndestination_bucket = "{SITE}"\n'
    )
    error = shell.error("--local", "setup", code=1)
    assert error["code"] == "not_ours"
    assert error["next"] == [f"imgpipe --local setup --adopt {OLD}"]
    assert {bucket: told(root, bucket) for bucket in (OLD, SITE)} == before

    words = ("--adopt", OLD, "--adopt", SITE)
    dry = shell.run("--local", "setup", "--dry-run", *words)
    assert f"setup --adopt {OLD} --adopt {SITE}" in dry.stderr
    done = shell.run("--local", "setup", *words)
    assert f"until the policy of {KEY} allows cloudfront.amazonaws.com" in done.stderr
    assert shell.json("--local", "status")["in_sync"]
    assert told(root, OLD)["encryption"] == before[OLD]["encryption"]
    (shell.folder / "new.jpg").write_bytes(photo())
    shell.run("--local", "upload", "new.jpg")
    rebuilt = shell.json("--local", "gallery")
    assert (rebuilt["own_entry"], rebuilt["pictures"]) == (True, 1)

    shown = shell.run("--local", "teardown", "--dry-run").stderr
    returned = shown.partition("given back")[2]
    assert f"{OLD}  (3 objects and versions)" in returned
    torn = shell.json("--local", "teardown", "--yes")
    states = {each["title"]: each["state"] for each in torn["deleted"]}
    assert (states["source bucket"], states["destination bucket"]) == ("given back", "given back")
    assert {each["name"] for each in torn["given_back"]} == {OLD, SITE}
    assert torn["foreign"] == []
    left = standing(root)
    assert [bucket["Name"] for bucket in left.pop("buckets")] == [OLD, SITE]
    assert left == {}
    after = told(root, OLD)
    assert [each for each in after["versions"] if each[0] != "new.jpg"] == before[OLD]["versions"]
    assert {**after, "versions": ()} == {**before[OLD], "versions": ()}
    policy = json.loads(root.client("s3").get_bucket_policy(Bucket=OLD)["Policy"])
    assert policy == {"Version": "2008-10-17", "Statement": [THEIRS]}
    keys = {each["Key"] for each in root.client("s3").list_objects_v2(Bucket=SITE)["Contents"]}
    assert keys == {"processed-new.jpg", "index.html"}
    assert root.client("s3").get_object(Bucket=SITE, Key="index.html")["Body"].read() == ENTRY
    entry = [each for each in told(root, SITE)["versions"] if each[0] == "index.html"]
    assert entry == before[SITE]["versions"]


def test_the_role_may_use_exactly_those_keys(shell: Shell, root: Aws) -> None:
    """Decrypt what is read, make data keys for what is written, and nothing else of KMS."""
    (shell.folder / "imgpipe.toml").write_text(f'source_bucket = "{OLD}"\nadopt = ["{OLD}"]\n')
    shell.run("--local", "setup")
    iam = root.client("iam")
    names = [role["RoleName"] for role in iam.list_roles()["Roles"]]
    (name,) = [name for name in names if name.startswith("LambdaImageProcessingRole")]
    policy = iam.get_role_policy(RoleName=name, PolicyName="ImagePipeline")
    statements = [
        (each["Action"], each["Resource"])
        for each in policy["PolicyDocument"]["Statement"]
        if "kms" in json.dumps(each["Action"])
    ]
    assert statements == [("kms:Decrypt", KEY)]
