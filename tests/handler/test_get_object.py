"""Originals read without a client: the same requests, and the same of every answer."""

from __future__ import annotations

import subprocess
import sys
import threading
import zlib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from random import Random
from typing import TYPE_CHECKING, Any, Final

import pytest
from botocore.auth import AUTH_TYPE_MAPS, S3SigV4Auth
from botocore.awsrequest import AWSResponse
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    FlexibleChecksumError,
    ResponseStreamingError,
)

from handler import get_object, originals, services
from handler.get_object import Originals
from imgpipe.package.service_data import service_data

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

NOW: Final = datetime(2026, 11, 29, 12, tzinfo=UTC)
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html, and older ones.
BUCKETS: Final = ("imgpipe-source-1", "photos.example.com", "Old_Bucket", "a1b")
KEYS: Final = (
    "a.jpg",
    "a b/ä ö/€ 😀.jpg",
    "/leading//double/",
    "../up/./here",
    "100%25+plus&amp=?#~'()*!;:@$,[]{}|\\^`\"<>",
    "e\u0301 \u202e.png",
    "\n\t\x7f.png",
)
ENVIRONMENTS: Final = (
    {"AWS_DEFAULT_REGION": "eu-central-1"},
    {"AWS_DEFAULT_REGION": "us-east-1", "AWS_SESSION_TOKEN": "a/token=="},
    {"AWS_DEFAULT_REGION": "cn-north-1"},
    {"AWS_DEFAULT_REGION": "us-gov-west-1"},
    {"AWS_DEFAULT_REGION": "eusc-de-east-1"},
    {"AWS_DEFAULT_REGION": "eu-west-9"},  # opened after this botocore
    {"AWS_DEFAULT_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:4566"},
    {"AWS_DEFAULT_REGION": "eu-west-1", "AWS_ENDPOINT_URL_S3": "https://s3.example.com"},
)
# Set on each attempt anew, and only told to AWS's own statistics.
STATISTICS: Final = ("amz-sdk-invocation-id", "amz-sdk-request", "User-Agent")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The service data as it lies beside the handler on Lambda, and Lambda's environment."""
    for name, content in service_data().items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    monkeypatch.setattr(services, "_DATA", tmp_path)
    monkeypatch.setattr(get_object, "_PARTITIONS", tmp_path / "partitions.json")
    for name in ("AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    lambdas = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
    for name, value in {**lambdas, "AWS_DEFAULT_REGION": "eu-west-1"}.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def told(request: Any) -> tuple[str, str, dict[str, str]]:
    """What of a request S3 goes by: its signature stands for the rest."""
    headers = {name: _text(value) for name, value in request.headers.items()}
    return request.method, request.url, {k: v for k, v in headers.items() if k not in STATISTICS}


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def of_a_client(client: Any) -> list[Any]:
    """The requests that ``client`` sends from now on, which nobody receives."""
    sent: list[Any] = []

    def unsigned(request: Any, **_: object) -> None:
        for name in STATISTICS:
            del request.headers[name]

    def kept(request: Any, **_: object) -> AWSResponse:
        sent.append(request)
        return AWSResponse(request.url, 200, {"content-length": "0"}, BytesIO())

    client.meta.events.register("before-sign.s3.GetObject", unsigned)
    client.meta.events.register("before-send.s3.GetObject", kept)
    return sent


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda given: given["AWS_DEFAULT_REGION"])
def test_each_request_is_the_one_that_a_client_sends(
    environment: Mapping[str, str], data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For every kind of bucket and key, in every partition: address, headers and signature."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    # Without it, a client still calls us-east-1 by the name that S3 had before it had regions.
    monkeypatch.setenv("AWS_S3_US_EAST_1_REGIONAL_ENDPOINT", "regional")
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: NOW)
    # Where awscrt is installed, as it is not on Lambda, it signs by a clock of its own.
    monkeypatch.setitem(AUTH_TYPE_MAPS, "s3v4", S3SigV4Auth)
    random = Random(11)
    drawn = ("".join(chr(random.randint(1, 0x2FFF)) for _ in range(40)) for _ in range(20))
    own, client = Originals(), services.connect_s3()
    sent = of_a_client(client)
    for key in (*KEYS, *drawn):
        for bucket in BUCKETS:
            client.get_object(Bucket=bucket, Key=key, IfNoneMatch='"an etag"')
            made = own.request(bucket, key, {"If-None-Match": '"an etag"'})
            assert told(made) == told(sent.pop())


class Bucket(ThreadingHTTPServer):
    """Answers each request with the next of ``answers``: status, headers, body."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.answers: list[tuple[int, dict[str, str], bytes]] = []


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Bucket

    def do_GET(self) -> None:
        status, headers, body = self.server.answers.pop(0)
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = "Content-Length" in headers

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture
def bucket(data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """An S3 that answers as it is told to; nobody waits before another attempt."""
    monkeypatch.setattr("handler.get_object.time.sleep", lambda seconds: None)
    with Bucket() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(params=[Originals, services.connect_s3], ids=["alone", "client"])
def reads(request: pytest.FixtureRequest, bucket: Bucket) -> Any:
    """Both ways to read an original: what one does, the other has to do."""
    return request.param()


def error(status: int, code: str) -> tuple[int, dict[str, str], bytes]:
    """S3's answer where there is no object to send."""
    body = f"<?xml version='1.0'?>\n<Error><Code>{code}</Code><Message>why</Message></Error>"
    return status, {}, body.encode()


PHOTO: Final = (200, {"ETag": '"e"', "Cache-Control": "private"}, b"a photograph")


def test_an_object_is_answered_as_a_client_does(reads: Any, bucket: Bucket) -> None:
    """Its size, its ETag, how long it is kept, and its bytes."""
    checksum = b64encode(zlib.crc32(PHOTO[2]).to_bytes(4, "big")).decode()
    bucket.answers = [PHOTO, (200, {"ETag": '"f"', "x-amz-checksum-crc32": checksum}, PHOTO[2])]
    first, second = (reads.get_object(Bucket="source", Key="a.jpg") for _ in range(2))
    assert (first["ContentLength"], first["ETag"], first["CacheControl"]) == (12, '"e"', "private")
    assert "CacheControl" not in second
    assert first["Body"].read() == second["Body"].read() == b"a photograph"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (error(404, "NoSuchKey"), "NoSuchKey"),
        (error(403, "AccessDenied"), "AccessDenied"),
        ((304, {}, b""), "304"),
    ],
)
def test_what_another_attempt_would_not_change_is_told_at_once(
    reads: Any, bucket: Bucket, answer: Any, code: str
) -> None:
    """By S3's code, or the status where it says none."""
    bucket.answers = [answer, PHOTO]
    with pytest.raises(ClientError) as caught:
        reads.get_object(Bucket="source", Key="a.jpg")
    told = caught.value.response
    assert (told["Error"]["Code"], told["ResponseMetadata"]["HTTPStatusCode"]) == (code, answer[0])
    assert bucket.answers == [PHOTO]


FAULTS: Final[tuple[tuple[int, dict[str, str], bytes], ...]] = (
    error(500, "InternalError"),
    error(503, "SlowDown"),
    error(400, "RequestTimeout"),
    (502, {}, b"a proxy's page"),
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: str(fault[0]))
def test_what_passes_is_asked_for_again_up_to_four_times(
    reads: Any, bucket: Bucket, fault: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the functions' clients are set to."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    bucket.answers = [fault, fault, fault, PHOTO, *[fault] * 4, PHOTO]
    assert reads.get_object(Bucket="source", Key="a.jpg")["Body"].read() == b"a photograph"
    with pytest.raises(ClientError):
        reads.get_object(Bucket="source", Key="a.jpg")
    assert bucket.answers == [PHOTO]


def test_nobody_there_is_no_endless_wait(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each wait may be twice as long as the one before."""
    waits: list[float] = []
    monkeypatch.setattr("handler.get_object.time.sleep", waits.append)
    monkeypatch.setattr(get_object, "uniform", lambda least, most: most)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(EndpointConnectionError):
        Originals().get_object(Bucket="source", Key="a.jpg")
    assert waits == [1, 2, 4]


@pytest.mark.parametrize(
    ("headers", "fault"),
    [
        ({"Content-Length": "13"}, ResponseStreamingError),
        ({"x-amz-checksum-crc32": "AAAAAA=="}, FlexibleChecksumError),
    ],
)
def test_a_body_that_was_damaged_on_its_way_is_not_taken(
    reads: Any, bucket: Bucket, headers: dict[str, str], fault: type[Exception]
) -> None:
    """As the last byte is read."""
    bucket.answers = [(200, {"ETag": '"e"', **headers}, PHOTO[2])]
    body = reads.get_object(Bucket="source", Key="a.jpg")["Body"]
    with pytest.raises(fault):
        body.read()


def test_a_proxy_is_used_where_the_environment_names_one(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A function within a VPC may have no other way out."""
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{bucket.server_port}")
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://s3.example.com")
    bucket.answers = [PHOTO]
    answer = Originals().get_object(Bucket="source", Key="a.jpg")
    assert answer["Body"].read() == b"a photograph"


def no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """They come from a container's address."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")


def another_botocore(monkeypatch: pytest.MonkeyPatch) -> None:
    """The signer is called by another name."""
    monkeypatch.delattr("botocore.auth.S3SigV4Auth")
    monkeypatch.delitem(sys.modules, "handler.get_object")


@pytest.mark.parametrize("change", [no_credentials, another_botocore])
def test_where_it_cannot_be_done_alone_a_client_does_it(
    change: Any, data: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Lambda replaces botocore by itself: a start must outlive that, and say so in the log."""
    assert type(originals.connect()).__name__ == "Originals"
    change(monkeypatch)
    assert type(originals.connect()).__name__ == "S3"
    assert "through a client" in caplog.text


def test_nothing_of_a_client_is_imported() -> None:
    """That would be a quarter of the function's start."""
    code = "import sys, handler.get_object; print(*(name for name in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    loaded = set(done.stdout.split())
    assert not loaded & {"botocore.session", "botocore.client", "botocore.docs", "botocore.args"}
    assert "botocore.auth" in loaded
