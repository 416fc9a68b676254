"""Who gets into the embedded AWS, and how. One emulator serves all tests."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from imgpipe import local
from tests.support.local_account import answer, client, policy

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[local.Emulator]:
    """Yield an embedded AWS."""
    state = tmp_path_factory.mktemp("access")
    yield local.start(state)
    local.stop(state)


@pytest.mark.parametrize("key", ["test", "000000000000", "AKIAIOSFODNN7EXAMPLE"])
@pytest.mark.parametrize(
    ("service", "operation"),
    [("s3", "list_buckets"), ("lambda", "list_functions"), ("iam", "list_roles")],
)
def test_no_other_key_is_the_roots(
    emulator: local.Emulator, key: str, service: str, operation: str
) -> None:
    """Keys that everybody knows open nothing: who may create a function runs code as the user."""
    stranger = client(
        emulator, service, aws_access_key_id=key, aws_secret_access_key="test", aws_session_token=""
    )
    with pytest.raises(ClientError) as caught:
        getattr(stranger, operation)()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer x"}, {"Authorization": "Basic dGVzdDp0ZXN0"}]
)
def test_unsigned_requests_are_refused(emulator: local.Emulator, headers: dict[str, str]) -> None:
    """No credentials, or none that AWS knows, list no functions."""
    assert answer(emulator, "/2015-03-31/functions", **headers)[0] == 403


def test_nobody_can_wipe_the_account_over_http(emulator: local.Emulator) -> None:
    """The unsigned reset that ministack offers is closed."""
    client(emulator, "sqs").create_queue(QueueName="kept")
    assert answer(emulator, "/_ministack/reset", method="POST")[0] == 403
    assert client(emulator, "sqs").get_queue_url(QueueName="kept")


def test_the_cdn_serves_a_private_bucket(emulator: local.Emulator) -> None:
    """A browser's plain request gets the page; told to be HTTP it is redirected; S3 refuses."""
    s3, cloudfront = client(emulator, "s3"), client(emulator, "cloudfront")
    s3.create_bucket(Bucket="served")
    s3.put_object(Bucket="served", Key="index.html", Body=b"<h1>here</h1>", ContentType="text/html")
    control = {
        "Name": "c",
        "SigningProtocol": "sigv4",
        "SigningBehavior": "always",
        "OriginAccessControlOriginType": "s3",
    }
    access = cloudfront.create_origin_access_control(OriginAccessControlConfig=control)[
        "OriginAccessControl"
    ]["Id"]
    origin = {
        "Id": "o",
        "DomainName": "served.s3.us-east-1.amazonaws.com",
        "OriginAccessControlId": access,
    }
    config = {
        "CallerReference": "r",
        "Comment": "",
        "Enabled": True,
        "DefaultRootObject": "index.html",
        "Origins": {
            "Quantity": 1,
            "Items": [{**origin, "S3OriginConfig": {"OriginAccessIdentity": ""}}],
        },
        "DefaultCacheBehavior": {
            "TargetOriginId": "o",
            "ViewerProtocolPolicy": "redirect-to-https",
            "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
        },
    }
    distribution = cloudfront.create_distribution(DistributionConfig=config)["Distribution"]
    reader = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "s3:GetObject",
    }
    condition = {
        "Resource": "arn:aws:s3:::served/*",
        "Condition": {"StringEquals": {"AWS:SourceArn": distribution["ARN"]}},
    }
    s3.put_bucket_policy(Bucket="served", Policy=policy({**reader, **condition}))
    host = f"{distribution['DomainName'].split('.')[0]}.cloudfront.localhost:{emulator.port}"
    assert answer(emulator, "/", Host=host) == (200, "<h1>here</h1>")
    assert answer(emulator, "/", **{"Host": host, "X-Forwarded-Proto": "http"})[0] == 301
    assert answer(emulator, "/served/index.html")[0] == 403


def test_a_plain_sdk_works_with_the_exported_lines(emulator: local.Emulator) -> None:
    """A shell that evaluates them, and a boto3 told nothing, reach the account whatever was set."""
    program = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
    script = f'{local.exports(emulator)}\n"{sys.executable}" -c "{program}"'
    user = {**os.environ, "AWS_PROFILE": "no-such-profile", "AWS_SESSION_TOKEN": "old"}
    run = subprocess.run(
        ["sh", "-e", "-c", script],
        env=user,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert run.stdout == f"arn:aws:iam::{emulator.account}:root\n", run.stderr
