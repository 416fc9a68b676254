"""Uploads: into the bucket, in parallel, each with its id, whatever becomes of the others."""

from __future__ import annotations

import base64
import os
import threading
import time
import zlib
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

import boto3
import pytest

from handler.schema import UPLOAD_ID
from imgpipe.aws.account import Aws
from imgpipe.errors import NotSetUpError, ServiceError, UsageError
from imgpipe.pictures import upload
from imgpipe.pictures.crt import CONNECTIONS, MOST_BYTES, Crt
from imgpipe.pictures.files import LocalFile
from imgpipe.pictures.transfer import ONE_PUT_BYTES
from tests.support.bucket_server import BucketServer, serving, signature, signed
from tests.support.tls import certified

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.account import Faults

pytestmark = pytest.mark.slow

BUCKET: Final = "pictures"
HERE: Final = {"CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}


def local(tmp_path: Path, key: str, body: bytes = b"a picture") -> LocalFile:
    """A file on disk that is to become ``key``."""
    path = tmp_path / f"{zlib.crc32(key.encode())}.jpg"
    path.write_bytes(body)
    return LocalFile(path, key, len(body), "image/jpeg")


@pytest.mark.parametrize(
    "key", ["photo.jpg", "a/b c/1+1=2 100% größe\nü.jpg", "-x&y?z#.jpg", "a\\b;c@d!'()*~.jpg"]
)
def test_a_picture_arrives_whole_under_its_key(
    served: Aws, bucket_server: BucketServer, tmp_path: Path, key: str
) -> None:
    """With its type, and with the id that its result will carry."""
    body = bytes(range(256)) * 10_000
    (done,) = upload.upload(served, BUCKET, [local(tmp_path, key, body)])
    (put,) = bucket_server.puts
    assert unquote(urlsplit(put.path).path) == f"/{BUCKET}/{key}"
    assert put.body == body
    assert put.headers["Content-Type"] == "image/jpeg"
    assert put.headers[f"x-amz-meta-{UPLOAD_ID}"] == done.upload_id
    assert done == upload.Upload(
        done.file, done.upload_id, sent=datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
    )


def test_a_large_file_goes_in_parts(aws: Aws, tmp_path: Path) -> None:
    """S3 marks the ETag of what came in parts with their number."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=BUCKET, **HERE)
    path = tmp_path / "large.tiff"
    with path.open("wb") as file:
        file.truncate(ONE_PUT_BYTES + 1)
    (done,) = upload.upload(
        aws, BUCKET, [LocalFile(path, "large.tiff", ONE_PUT_BYTES + 1, "image/tiff")]
    )
    found = s3.head_object(Bucket=BUCKET, Key="large.tiff")
    assert found["ETag"].strip('"').endswith("-9")
    assert found["ContentLength"] == ONE_PUT_BYTES + 1
    assert found["Metadata"] == {UPLOAD_ID: done.upload_id}
    assert done.sent == found["LastModified"]


def test_every_upload_has_an_id_of_its_own(served: Aws, tmp_path: Path) -> None:
    """Even of the same file."""
    file = local(tmp_path, "photo.jpg")
    ids = {
        done.upload_id
        for done in [*upload.upload(served, BUCKET, [file]), *upload.upload(served, BUCKET, [file])]
    }
    assert len(ids) == 2


def test_the_checksum_and_the_owner_travel_with_the_picture(
    served: Aws, bucket_server: BucketServer, tmp_path: Path
) -> None:
    """S3 refuses a picture damaged on its way, and a bucket that became somebody else's."""
    list(upload.upload(served, BUCKET, [local(tmp_path, "photo.jpg", b"abc")]))
    (put,) = bucket_server.puts
    assert base64.b64decode(put.headers["x-amz-checksum-crc32"]) == zlib.crc32(b"abc").to_bytes(
        4, "big"
    )
    assert put.headers["x-amz-expected-bucket-owner"] == "123456789012"


@pytest.mark.parametrize("key", ["photo.jpg", "a b+c%/größe\n.jpg"])
@pytest.mark.parametrize("size", [MOST_BYTES, MOST_BYTES + 1])
def test_all_that_travels_is_signed(
    served: Aws, bucket_server: BucketServer, tmp_path: Path, key: str, size: int
) -> None:
    """S3 comes to the same signature from what arrives, whatever the key and the way."""
    list(upload.upload(served, BUCKET, [local(tmp_path, key, bytes(size))]))
    (put,) = bucket_server.puts
    said = signed(put)
    assert said.value == signature(put, "testing")
    ours = {
        name.lower() for name in put.headers if name.lower().startswith(("x-amz", "content-type"))
    }
    assert ours <= set(said.headers.split(";"))


def test_connections_are_kept(served: Aws, bucket_server: BucketServer, tmp_path: Path) -> None:
    """A handshake for each picture would cost more than the picture."""
    files = [local(tmp_path, f"{number}.jpg") for number in range(400)]
    assert len(list(upload.upload(served, BUCKET, files))) == 400
    assert len({put.connection for put in bucket_server.puts}) <= CONNECTIONS
    assert len(bucket_server.puts) == 400


def test_what_has_ended_is_let_go(served: Aws, bucket_server: BucketServer, tmp_path: Path) -> None:
    """Where nobody does, 20,000 small files are 280 MB."""
    crt = Crt(served, BUCKET)
    for number in range(20):
        file = local(tmp_path, f"{number}.jpg")
        about = {"ContentType": "image/jpeg", "Metadata": {UPLOAD_ID: "u"}, "Key": file.key}
        assert crt.begin(file.path, {**about, "ExpectedBucketOwner": served.account}).result(60)
    assert len(bucket_server.puts) == 20
    # A future's waiters go on before the last of its callbacks has run.
    deadline = time.monotonic() + 60
    while crt._under_way:
        assert time.monotonic() < deadline, "requests that have ended are kept"
        time.sleep(0.01)


def test_uploads_overlap(served: Aws, bucket_server: BucketServer, tmp_path: Path) -> None:
    """Latency is waited for once, not for every picture: none is answered before all have come."""
    bucket_server.together = threading.Barrier(upload.THREADS, timeout=20)
    done = list(
        upload.upload(
            served, BUCKET, [local(tmp_path, f"{number}.jpg") for number in range(upload.THREADS)]
        )
    )
    assert [upload.error for upload in done] == [None] * upload.THREADS
    assert not bucket_server.together.broken


@pytest.mark.parametrize("status", [500, 503])
def test_a_passing_fault_is_retried(
    served: Aws, bucket_server: BucketServer, tmp_path: Path, status: int
) -> None:
    """Botocore takes over, and the body is sent again from its start."""
    bucket_server.failures = [(status, "SlowDown")]
    (done,) = upload.upload(served, BUCKET, [local(tmp_path, "photo.jpg", b"abc")])
    first, second = bucket_server.puts
    assert done.error is None
    assert done.sent == datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
    assert first.body == second.body == b"abc"
    assert second.headers[f"x-amz-meta-{UPLOAD_ID}"] == done.upload_id


def test_a_refused_picture_does_not_stop_the_others(
    served: Aws, bucket_server: BucketServer, tmp_path: Path
) -> None:
    """Each failure is a value beside the successes."""
    bucket_server.refuse = {"two.jpg": (400, "KeyTooLongError")}
    files = [local(tmp_path, f"{name}.jpg") for name in ("one", "two", "three")]
    errors = {upload.file.key: upload.error for upload in upload.upload(served, BUCKET, files)}
    assert errors["one.jpg"] is errors["three.jpg"] is None
    assert isinstance(errors["two.jpg"], ServiceError)
    assert errors["two.jpg"].aws_code == "KeyTooLongError"


def test_a_file_that_vanished_is_a_failure_of_its_own(served: Aws, tmp_path: Path) -> None:
    """Files may go between being found and being read."""
    gone = local(tmp_path, "gone.jpg")
    gone.path.unlink()
    (done,) = upload.upload(served, BUCKET, [gone])
    assert isinstance(done.error, UsageError)
    assert "No such file" in done.error.message


def test_a_folder_may_be_called_anything(
    served: Aws, bucket_server: BucketServer, tmp_path: Path
) -> None:
    """A key is UTF-8, but what stands before it need not be; the library would refuse the path."""
    folder = tmp_path / os.fsdecode(b"\xff")
    folder.mkdir()
    (done,) = upload.upload(served, BUCKET, [local(folder, "photo.jpg", b"abc")])
    assert done.sent
    assert [put.body for put in bucket_server.puts] == [b"abc"]


@pytest.mark.parametrize("size", [3, MOST_BYTES + 1])
@pytest.mark.parametrize("said", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "ca_bundle"])
def test_whom_the_user_trusts_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, size: int
) -> None:
    """Whether a variable says it or the profile, and whoever sends."""
    for name in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "config").write_text(f"[default]\n{said} = {tmp_path / 'ca.pem'}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv(said, str(tmp_path / "ca.pem"))
    with serving(certified(tmp_path)) as server:
        session = boto3.Session("testing", "testing", region_name="us-east-1")
        aws = Aws(session, endpoint_url=server.url)
        (done,) = upload.upload(aws, BUCKET, [local(tmp_path, "photo.jpg", bytes(size))])
        assert done.error is None
        (put,) = server.puts
        assert put.body == bytes(size)
        assert not put.headers.get("User-Agent", "").startswith("Boto3")


@pytest.mark.parametrize("size", [3, MOST_BYTES + 1])
def test_behind_a_proxy_botocore_sends(
    served: Aws,
    bucket_server: BucketServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    size: int,
) -> None:
    """It alone knows the proxies that this machine has, and where none is needed."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    (done,) = upload.upload(served, BUCKET, [local(tmp_path, "photo.jpg", bytes(size))])
    assert done.sent
    assert [put.body for put in bucket_server.puts] == [bytes(size)]


def test_credentials_that_expire_are_named(
    served: Aws, bucket_server: BucketServer, tmp_path: Path
) -> None:
    """The failure says what to renew, not that a PUT failed."""
    bucket_server.refuse = {"photo.jpg": (400, "ExpiredToken")}
    (done,) = upload.upload(served, BUCKET, [local(tmp_path, "photo.jpg")])
    assert done.error is not None
    assert "expired" in done.error.message


def test_ctrl_c_ends_at_once(served: Aws, bucket_server: BucketServer, tmp_path: Path) -> None:
    """What is under way is given up, what waits is never begun, and no thread goes on."""
    bucket_server.delay = 0.1
    uploads = upload.upload(
        served, BUCKET, [local(tmp_path, f"{number}.jpg") for number in range(500)]
    )
    next(uploads)
    with pytest.raises(KeyboardInterrupt):
        uploads.throw(KeyboardInterrupt)
    assert len(bucket_server.puts) < 200
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("upload")]


def test_after_ctrl_c_no_more_of_a_large_picture_is_read(
    served: Aws, bucket_server: BucketServer, tmp_path: Path
) -> None:
    """Whoever still sends one, stops at its next block."""
    served.interrupted.set()
    (done,) = upload.upload(served, BUCKET, [local(tmp_path, "large.jpg", bytes(MOST_BYTES + 1))])
    assert done.sent is None
    assert done.error is not None
    assert done.error.message == "interrupted"
    assert bucket_server.puts == []


def test_a_caller_who_stops_listening_stops_the_uploads(
    served: Aws, bucket_server: BucketServer, tmp_path: Path
) -> None:
    """As when the reader of our output goes away."""
    bucket_server.delay = 0.1
    with closing(
        upload.upload(served, BUCKET, [local(tmp_path, f"{n}.jpg") for n in range(500)])
    ) as uploads:
        next(uploads)
    assert len(bucket_server.puts) < 200


def test_upload_before_setup_says_so(aws: Aws) -> None:
    """There is no bucket: the next command is setup."""
    with pytest.raises(NotSetUpError) as error:
        upload.require_trigger(aws, "nowhere")
    assert "setup" in error.value.next


def test_upload_before_the_trigger_is_wired_says_so(aws: Aws) -> None:
    """A picture put in then would wait for ever."""
    aws.client("s3").create_bucket(Bucket=BUCKET, **HERE)
    with pytest.raises(NotSetUpError, match="nothing is wired"):
        upload.require_trigger(aws, BUCKET)


def test_a_wired_bucket_passes(aws: Aws, faults: Faults) -> None:
    """Any function's rule will do: which one, setup knows."""
    faults.answer(
        "GetBucketNotificationConfiguration",
        {"LambdaFunctionConfigurations": [{"LambdaFunctionArn": "arn"}]},
    )
    upload.require_trigger(aws, BUCKET)


def test_who_may_only_upload_may_upload(aws: Aws, faults: Faults) -> None:
    """Not being allowed to look at the trigger is no reason to refuse."""
    faults.fail("GetBucketNotificationConfiguration", "AccessDenied", status=403)
    upload.require_trigger(aws, BUCKET)
