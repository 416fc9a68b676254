"""The embedded AWS as an account: what holds in it that ministack alone does not give. One emulator serves all tests."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from imgpipe import local

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUCKET, TABLE, FUNCTION = "account-tests", "Runs", "Sleeper"
ROLE = "Role"
USERS_OWN = {
    "AWS_ACCESS_KEY_ID": "AKIAUSERSOWNKEY00000",
    "AWS_SECRET_ACCESS_KEY": "users-own-secret",
    "AWS_SESSION_TOKEN": "users-own-token",
    "HTTPS_PROXY": "http://users-own-proxy:3128",
    "HTTP_PROXY": "http://users-own-proxy:3128",
    "SOME_API_TOKEN": "users-own-api-token",
}
HANDLER = """
import os, time, boto3
dynamodb, s3 = boto3.client("dynamodb"), boto3.client("s3")
s3.meta.events.register("before-call.s3", lambda params, **_: params["headers"].update(headers))
def handle(event, context):
    global headers
    headers = event.get("headers", {})
    if "environment" in event:
        return dict(os.environ)
    if "put" in event:
        return s3.put_object(Bucket=event["put"], Key="k", Body=b"x")["ETag"]
    began = time.time()
    time.sleep(event["sleep"])
    item = {"id": {"S": event["id"]}, "began": {"N": str(began)}, "ended": {"N": str(time.time())}}
    dynamodb.put_item(TableName="Runs", Item=item)
"""
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
TLS_ONLY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def policy(*statements: dict[str, Any]) -> str:
    """Return a policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def client(emulator: local.Emulator, service: str, **keys: str) -> Any:
    """Return a plain boto3 client, the root's unless other keys are given."""
    keys = keys or {"aws_access_key_id": emulator.access_key, "aws_secret_access_key": emulator.secret_key, "aws_session_token": ""}
    return boto3.client(service, endpoint_url=emulator.url, region_name=emulator.region, **keys)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield the directory of an embedded AWS that a user with credentials and proxies in the environment has started."""
    directory = tmp_path_factory.mktemp("account")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in USERS_OWN.items():
            patch.setenv(name, value)
        local.start(directory)
    yield directory
    local.stop(directory)


@pytest.fixture
def emulator(state: Path) -> local.Emulator:
    """Return the emulator, which any test may have stopped."""
    return local.start(state)


@pytest.fixture(scope="module")
def function(state: Path) -> str:
    """Deploy a function whose role may write to the table and to the bucket, which wants TLS; return its name."""
    emulator = local.start(state)
    client(emulator, "s3").create_bucket(Bucket=BUCKET)
    client(emulator, "s3").put_bucket_policy(Bucket=BUCKET, Policy=policy(TLS_ONLY))
    client(emulator, "dynamodb").create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    role = client(emulator, "iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument=policy(TRUST))["Role"]["Arn"]
    allowed = {"Effect": "Allow", "Action": ["dynamodb:PutItem", "s3:PutObject"]}
    resources = {"Resource": [f"arn:aws:dynamodb:*:*:table/{TABLE}", f"arn:aws:s3:::{BUCKET}/*"]}
    client(emulator, "iam").put_role_policy(RoleName=ROLE, PolicyName="p", PolicyDocument=policy({**allowed, **resources}))
    functions = client(emulator, "lambda")
    functions.create_function(
        FunctionName=FUNCTION, Runtime="python3.12", Role=role, Handler="f.handle", Code={"ZipFile": zipped(HANDLER)}, Timeout=20
    )
    functions.put_function_event_invoke_config(FunctionName=FUNCTION, MaximumRetryAttempts=0)
    functions.get_waiter("function_active_v2").wait(FunctionName=FUNCTION, WaiterConfig={"Delay": 1})
    return FUNCTION


def zipped(source: str) -> bytes:
    """Return a deployment package with one module ``f``."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("f.py", source)
    return packed.getvalue()


def invoke(emulator: local.Emulator, **event: object) -> Any:
    """Run the function and return its result, or its error's facts."""
    return json.load(client(emulator, "lambda").invoke(FunctionName=FUNCTION, Payload=json.dumps(event))["Payload"])


def begin(emulator: local.Emulator, run: str, sleep: float) -> None:
    """Have the function run ``sleep`` seconds, asynchronously."""
    event = json.dumps({"id": run, "sleep": sleep})
    assert client(emulator, "lambda").invoke(FunctionName=FUNCTION, InvocationType="Event", Payload=event)["StatusCode"] == 202


def runs(emulator: local.Emulator, prefix: str) -> list[tuple[float, float]]:
    """Return when the runs named ``prefix...`` began and ended."""
    items = client(emulator, "dynamodb").scan(TableName=TABLE)["Items"]
    return [(float(i["began"]["N"]), float(i["ended"]["N"])) for i in items if i["id"]["S"].startswith(prefix)]


def answer(emulator: local.Emulator, path: str, *, method: str = "GET", **headers: str) -> tuple[int, str]:
    """Return status and body of a plain request; redirects are not followed."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: Any) -> None:
            return None

    request = urllib.request.Request(emulator.url + path, method=method, headers=headers)
    try:
        with urllib.request.build_opener(Stay, urllib.request.ProxyHandler({})).open(request, timeout=10) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_nothing_of_the_users_environment_gets_in(emulator: local.Emulator, function: str) -> None:
    """The function, which sees what its server sees, finds no credential, proxy or token of the user, nor the root's keys."""
    seen = invoke(emulator, environment=True)
    foreign = {*USERS_OWN.values(), emulator.access_key, emulator.secret_key}
    assert {name: value for name, value in seen.items() if value in foreign} == {}
    assert seen["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull


@pytest.mark.parametrize("key", ["test", "000000000000", "AKIAUSERSOWNKEY00000"])
@pytest.mark.parametrize(("service", "operation"), [("s3", "list_buckets"), ("lambda", "list_functions"), ("iam", "list_roles")])
def test_no_other_key_is_the_roots(emulator: local.Emulator, key: str, service: str, operation: str) -> None:
    """Keys that everybody knows open nothing: whoever may create a function runs code as the user."""
    stranger = client(emulator, service, aws_access_key_id=key, aws_secret_access_key="test", aws_session_token="")
    with pytest.raises(ClientError) as caught:
        getattr(stranger, operation)()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer x"}, {"Authorization": "Basic dGVzdDp0ZXN0"}])
def test_unsigned_requests_are_refused(emulator: local.Emulator, headers: dict[str, str]) -> None:
    """No credentials, or none that AWS knows, list no functions."""
    assert answer(emulator, "/2015-03-31/functions", **headers)[0] == 403


def test_nobody_can_wipe_the_account_over_http(emulator: local.Emulator, function: str) -> None:
    """The unsigned reset that ministack offers is closed."""
    assert answer(emulator, "/_ministack/reset", method="POST")[0] == 403
    assert client(emulator, "lambda").get_function(FunctionName=function)


def test_a_tls_only_bucket_works_over_plain_http(emulator: local.Emulator, function: str) -> None:
    """The function gets through the policy over plain HTTP, unless it says that it is not behind TLS."""
    assert invoke(emulator, put=BUCKET) == f'"{hashlib.md5(b"x").hexdigest()}"'
    refused = invoke(emulator, put=BUCKET, headers={"X-Forwarded-Proto": "http"})
    assert "AccessDenied" in refused["errorMessage"]


def test_the_functions_role_is_enforced(emulator: local.Emulator, function: str) -> None:
    """A bucket that the role's policy does not name is closed to the function."""
    client(emulator, "s3").create_bucket(Bucket="unnamed")
    assert "AccessDenied" in invoke(emulator, put="unnamed")["errorMessage"]


def test_a_burst_of_events_waits_its_turn(emulator: local.Emulator, function: str) -> None:
    """More events than processors: none is lost, and no more functions run at once than there are processors."""
    limit = max(2, os.cpu_count() or 2)
    for number in range(limit + 3):
        begin(emulator, f"burst-{number}", 0.3)
    deadline = time.monotonic() + 20
    while len(done := runs(emulator, "burst-")) < limit + 3 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(done) == limit + 3
    assert max(sum(began <= moment < ended for began, ended in done) for moment, _ in done) <= limit


def test_a_stop_waits_for_running_functions(emulator: local.Emulator, state: Path, function: str) -> None:
    """What a function writes while the stop is under way is there after the next start, and the function still works."""
    begin(emulator, "last", 1)
    local.stop(state)
    again = local.start(state)
    assert len(runs(again, "last")) == 1
    begin(again, "after", 0)
    deadline = time.monotonic() + 10
    while not runs(again, "after") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(runs(again, "after")) == 1


def test_the_cdn_serves_a_private_bucket(emulator: local.Emulator) -> None:
    """A browser's plain request to the distribution's local name gets the page; told to be HTTP it is redirected; S3 itself refuses."""
    s3, cloudfront = client(emulator, "s3"), client(emulator, "cloudfront")
    s3.create_bucket(Bucket="served")
    s3.put_object(Bucket="served", Key="index.html", Body=b"<h1>here</h1>", ContentType="text/html")
    control = {"Name": "c", "SigningProtocol": "sigv4", "SigningBehavior": "always", "OriginAccessControlOriginType": "s3"}
    access = cloudfront.create_origin_access_control(OriginAccessControlConfig=control)["OriginAccessControl"]["Id"]
    origin = {"Id": "o", "DomainName": "served.s3.us-east-1.amazonaws.com", "OriginAccessControlId": access}
    config = {
        "CallerReference": "r",
        "Comment": "",
        "Enabled": True,
        "DefaultRootObject": "index.html",
        "Origins": {"Quantity": 1, "Items": [{**origin, "S3OriginConfig": {"OriginAccessIdentity": ""}}]},
        "DefaultCacheBehavior": {
            "TargetOriginId": "o",
            "ViewerProtocolPolicy": "redirect-to-https",
            "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
        },
    }
    distribution = cloudfront.create_distribution(DistributionConfig=config)["Distribution"]
    reader = {"Effect": "Allow", "Principal": {"Service": "cloudfront.amazonaws.com"}, "Action": "s3:GetObject"}
    condition = {"Resource": "arn:aws:s3:::served/*", "Condition": {"StringEquals": {"AWS:SourceArn": distribution["ARN"]}}}
    s3.put_bucket_policy(Bucket="served", Policy=policy({**reader, **condition}))
    host = f"{distribution['DomainName'].split('.')[0]}.cloudfront.localhost:{emulator.port}"
    assert answer(emulator, "/", Host=host) == (200, "<h1>here</h1>")
    assert answer(emulator, "/", **{"Host": host, "X-Forwarded-Proto": "http"})[0] == 301
    assert answer(emulator, "/served/index.html")[0] == 403


def test_a_plain_sdk_works_with_the_exported_lines(emulator: local.Emulator) -> None:
    """A shell that evaluates them, and a boto3 that is told nothing, reach the account, whatever profile was set before."""
    program = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
    script = f'{local.exports(emulator)}\n"{sys.executable}" -c "{program}"'
    user = {**os.environ, "AWS_PROFILE": "no-such-profile", "AWS_SESSION_TOKEN": "old"}
    run = subprocess.run(["sh", "-e", "-c", script], env=user, capture_output=True, text=True, check=False, timeout=30)
    assert run.stdout == f"arn:aws:iam::{emulator.account}:root\n", run.stderr
