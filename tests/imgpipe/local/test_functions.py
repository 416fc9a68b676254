"""Functions in the embedded AWS: what they see, what they may do, and how many run."""

from __future__ import annotations

import hashlib
import io
import json
import time
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from imgpipe import local
from tests.support.local_account import client, policy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

BUCKET, TABLE, FUNCTION = "function-tests", "Runs", "Sleeper"
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
TRUST = {
    "Effect": "Allow",
    "Principal": {"Service": "lambda.amazonaws.com"},
    "Action": "sts:AssumeRole",
}
TLS_ONLY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield the state of an embedded AWS started by a user with credentials and proxies set."""
    directory = tmp_path_factory.mktemp("functions")
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
    """Deploy one that may write to the table and a bucket that wants TLS; return its name."""
    emulator = local.start(state)
    client(emulator, "s3").create_bucket(Bucket=BUCKET)
    client(emulator, "s3").put_bucket_policy(Bucket=BUCKET, Policy=policy(TLS_ONLY))
    client(emulator, "dynamodb").create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    role = client(emulator, "iam").create_role(
        RoleName=ROLE, AssumeRolePolicyDocument=policy(TRUST)
    )["Role"]["Arn"]
    allowed = {"Effect": "Allow", "Action": ["dynamodb:PutItem", "s3:PutObject"]}
    resources = {"Resource": [f"arn:aws:dynamodb:*:*:table/{TABLE}", f"arn:aws:s3:::{BUCKET}/*"]}
    client(emulator, "iam").put_role_policy(
        RoleName=ROLE, PolicyName="p", PolicyDocument=policy({**allowed, **resources})
    )
    functions = client(emulator, "lambda")
    functions.create_function(
        FunctionName=FUNCTION,
        Runtime="python3.12",
        Role=role,
        Handler="f.handle",
        Code={"ZipFile": zipped(HANDLER)},
        Timeout=20,
    )
    functions.put_function_event_invoke_config(FunctionName=FUNCTION, MaximumRetryAttempts=0)
    functions.get_waiter("function_active_v2").wait(
        FunctionName=FUNCTION, WaiterConfig={"Delay": 1}
    )
    return FUNCTION


def zipped(source: str) -> bytes:
    """Return a deployment package with one module ``f``."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("f.py", source)
    return packed.getvalue()


def invoke(emulator: local.Emulator, **event: object) -> Any:
    """Run the function and return its result, or its error's facts."""
    return json.load(
        client(emulator, "lambda").invoke(FunctionName=FUNCTION, Payload=json.dumps(event))[
            "Payload"
        ]
    )


def begin(emulator: local.Emulator, run: str, sleep: float) -> None:
    """Have the function run ``sleep`` seconds, asynchronously."""
    event = json.dumps({"id": run, "sleep": sleep})
    assert (
        client(emulator, "lambda").invoke(
            FunctionName=FUNCTION, InvocationType="Event", Payload=event
        )["StatusCode"]
        == 202
    )


def runs(emulator: local.Emulator, prefix: str) -> list[tuple[float, float]]:
    """Return when the runs named ``prefix...`` began and ended."""
    items = client(emulator, "dynamodb").scan(TableName=TABLE)["Items"]
    return [
        (float(i["began"]["N"]), float(i["ended"]["N"]))
        for i in items
        if i["id"]["S"].startswith(prefix)
    ]


def test_a_tls_only_bucket_works_over_plain_http(emulator: local.Emulator, function: str) -> None:
    """The function gets past the policy over plain HTTP, unless it says it is not behind TLS."""
    assert invoke(emulator, put=BUCKET) == f'"{hashlib.md5(b"x").hexdigest()}"'
    refused = invoke(emulator, put=BUCKET, headers={"X-Forwarded-Proto": "http"})
    assert "AccessDenied" in refused["errorMessage"]


def test_the_functions_role_is_enforced(emulator: local.Emulator, function: str) -> None:
    """A bucket that the role's policy does not name is closed to the function."""
    client(emulator, "s3").create_bucket(Bucket="unnamed")
    assert "AccessDenied" in invoke(emulator, put="unnamed")["errorMessage"]


def test_a_burst_of_events_waits_its_turn(state: Path, function: str) -> None:
    """More events than may run at once: none is lost, and no more do."""
    local.stop(state)
    emulator = local.start(state, concurrency=1)
    for number in range(4):
        begin(emulator, f"burst-{number}", 0.3)
    deadline = time.monotonic() + 20
    while len(done := runs(emulator, "burst-")) < 4 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(done) == 4
    assert max(sum(began <= moment < ended for began, ended in done) for moment, _ in done) == 1


def test_a_stop_waits_for_running_functions(
    emulator: local.Emulator, state: Path, function: str
) -> None:
    """What is written while the stop is under way is there after the next start."""
    begin(emulator, "last", 1)
    local.stop(state)
    again = local.start(state)
    assert len(runs(again, "last")) == 1
    begin(again, "after", 0)
    deadline = time.monotonic() + 10
    while not runs(again, "after") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(runs(again, "after")) == 1


def test_an_event_that_fails_is_treated_as_the_alias_says_by_which_it_came(
    emulator: local.Emulator, function: str
) -> None:
    """No further tries, and into the queue: the version that the alias serves says neither."""
    functions, sqs = client(emulator, "lambda"), client(emulator, "sqs")
    queue = sqs.create_queue(QueueName="failures")["QueueUrl"]
    failures = f"arn:aws:sqs:{emulator.region}:{emulator.account}:failures"
    version = functions.publish_version(FunctionName=function)["Version"]
    functions.create_alias(FunctionName=function, Name="live", FunctionVersion=version)
    functions.put_function_event_invoke_config(
        FunctionName=function,
        Qualifier="live",
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": failures}},
    )
    functions.invoke(
        FunctionName=function,
        Qualifier="live",
        InvocationType="Event",
        Payload=json.dumps({"put": "nobodys"}),
    )
    answer = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)
    (message,) = answer["Messages"]
    assert json.loads(message["Body"])["requestPayload"] == {"put": "nobodys"}
