"""Who gets into the embedded AWS, and how. One emulator serves all tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from imgpipe import local
from tests.support.local_account import answer, client, policy

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow


# https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html: TCP_LISTEN.
LISTENING = "0A"


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory that was open to all before."""
    directory = tmp_path_factory.mktemp("access")
    directory.chmod(0o755)
    return directory


@pytest.fixture(scope="module")
def emulator(state: Path) -> Iterator[local.Emulator]:
    """Yield an embedded AWS."""
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


STRANGERS = ("evil.example", "localhost.evil.example", "evil-localhost", "127.0.0.1.evil.example")
OURS = ("127.0.0.1", "localhost", "LOCALHOST", "d1.cloudfront.localhost")
WAKING = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}


@pytest.mark.parametrize("path", ["/", "/_imgpipe", "/_ministack/health", "/bucket/key"])
@pytest.mark.parametrize("name", [*STRANGERS, "[", "10.0.0.1", ""])
def test_a_name_that_is_not_this_machines_is_refused(
    emulator: local.Emulator, name: str, path: str
) -> None:
    """DNS rebinding: the page's own name leads here, and the browser takes us for its server."""
    status, said = answer(emulator, path, Host=f"{name}:{emulator.port}")
    assert (status, "only this machine" in said) == (403, True)


@pytest.mark.parametrize("origin", [*(f"http://{name}" for name in STRANGERS), "null", "file://"])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_a_strangers_page_is_refused(emulator: local.Emulator, origin: str, method: str) -> None:
    """What it has the browser send bears its Origin, a preflight as well."""
    status, said = answer(emulator, "/_imgpipe", method=method, Origin=origin)
    assert (status, "only this machine" in said) == (403, True)


@pytest.mark.parametrize("name", OURS)
def test_this_machines_own_names_and_pages_are_served(emulator: local.Emulator, name: str) -> None:
    """With and without an Origin."""
    host = f"{name}:{emulator.port}"
    assert answer(emulator, "/_imgpipe", Host=host, Origin=f"http://{host}")[0] == 200
    assert answer(emulator, "/_imgpipe", Host=host)[0] == 200


def test_a_strangers_page_opens_no_socket(emulator: local.Emulator) -> None:
    """WebSockets know no same-origin policy: the server has to look."""
    strange = {**WAKING, "Origin": "http://evil.example"}
    assert answer(emulator, "/mqtt", **strange)[0] == 403


@pytest.mark.skipif(sys.platform != "linux", reason="sockets are looked up in /proc")
def test_every_socket_is_on_loopback(emulator: local.Emulator) -> None:
    """None of the process's listening sockets can be reached from outside."""
    process = Path(f"/proc/{emulator.pid}")
    held = {str(link.readlink()) for link in (process / "fd").iterdir() if link.is_symlink()}
    sockets = [
        fields
        for table in ("tcp", "tcp6")
        for line in (process / "net" / table).read_text().splitlines()[1:]
        if (fields := line.split())[3] == LISTENING and f"socket:[{fields[9]}]" in held
    ]
    assert [fields[1] for fields in sockets] == [f"0100007F:{emulator.port:04X}"]


def test_its_files_are_the_users_alone(emulator: local.Emulator, state: Path) -> None:
    """Objects, tables, log, key and function code: nobody else may read or write one."""
    s3 = client(emulator, "s3")
    s3.create_bucket(Bucket="private-files")
    s3.put_object(Bucket="private-files", Key="a/b", Body=b"x")
    files = [state, *state.rglob("*")]
    assert {"log", "output", "identity.json", "lock", "data", "scratch"} <= {f.name for f in files}
    assert any(path.name == "b" for path in files)
    assert [path for path in files if path.lstat().st_mode & 0o077 and not path.is_symlink()] == []


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
