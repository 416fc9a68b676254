"""Uploads in parts that were broken off."""

from __future__ import annotations

import base64
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from handler.schema import UPLOAD_ID
from imgpipe.pictures import parts, transfer, upload
from imgpipe.pictures.files import LocalFile
from imgpipe.pictures.parts import InterruptedUploadError

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Calls, Faults, Sent

pytestmark = pytest.mark.slow

BUCKET: Final = "pictures"
KEY: Final = "a b/large+ü.tiff"
PART_BYTES: Final = 5 * 1024 * 1024
SIZE: Final = 2 * PART_BYTES + 1


@pytest.fixture
def file(tmp_path: Path) -> LocalFile:
    """A file of three parts, each with other content."""
    path = tmp_path / "large.tiff"
    with path.open("wb") as content:
        for number in range(3):
            content.seek(number * PART_BYTES)
            content.write(bytes([number + 1]) * 1000)
        content.truncate(SIZE)
    return LocalFile(path, KEY, SIZE, "image/tiff")


@pytest.fixture(autouse=True)
def _behind_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all go through botocore, and so to the account in memory."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")


@pytest.fixture
def s3(aws: Aws) -> Any:
    """S3, with an empty bucket."""
    client = aws.client("s3")
    client.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    return client


def broken_off(s3: Any, file: LocalFile, numbers: list[int], key: str = KEY) -> str:
    """Leave an upload behind that has these parts; return its id."""
    began = s3.create_multipart_upload(
        Bucket=BUCKET, Key=key, ContentType="image/tiff", Metadata={UPLOAD_ID: "first"}
    )
    body = file.path.read_bytes()
    for number in numbers:
        start = (number - 1) * PART_BYTES
        s3.upload_part(
            Bucket=BUCKET,
            Key=key,
            UploadId=began["UploadId"],
            PartNumber=number,
            Body=body[start : start + PART_BYTES],
        )
    return str(began["UploadId"])


@pytest.mark.parametrize("numbers", [[1], [2], [1, 3], [1, 2, 3]])
def test_only_the_missing_parts_are_sent(
    aws: Aws, s3: Any, sent: Sent, file: LocalFile, numbers: list[int]
) -> None:
    """And the object is whole."""
    broken_off(s3, file, numbers)
    sent.clear()
    found = parts.find(aws, BUCKET, file)
    assert found
    assert found.held == sum(PART_BYTES if number < 3 else 1 for number in numbers)
    parts.finish(aws, found, file)
    went = sorted(each["PartNumber"] for each in sent.of("UploadPart"))
    assert went == [number for number in range(1, 4) if number not in numbers]
    assert s3.get_object(Bucket=BUCKET, Key=KEY)["Body"].read() == file.path.read_bytes()
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=BUCKET)


def test_an_upload_goes_on_with_it(
    aws: Aws, s3: Any, calls: Calls, file: LocalFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rows will carry the id that it began with."""
    monkeypatch.setattr(transfer, "ONE_PUT_BYTES", PART_BYTES)
    broken_off(s3, file, [1, 2])
    calls.clear()
    (done,) = upload.upload(aws, BUCKET, [file])
    assert (done.error, done.upload_id, done.held) == (None, "first", 2 * PART_BYTES)
    assert calls.count("CreateMultipartUpload") == 0
    assert s3.head_object(Bucket=BUCKET, Key=KEY)["Metadata"] == {UPLOAD_ID: "first"}


def test_what_is_not_of_this_file_is_left_alone(aws: Aws, s3: Any, file: LocalFile) -> None:
    """Another file's parts, another key's, and one that has none: the bucket's rule ends them."""
    broken_off(s3, file, [], KEY)
    broken_off(s3, file, [1], f"{KEY}.more")
    body = file.path.read_bytes()
    file.path.write_bytes(b"x" + body[1:])
    broken_off(s3, file, [1, 2])
    file.path.write_bytes(body)
    assert parts.find(aws, BUCKET, file) is None
    assert len(s3.list_multipart_uploads(Bucket=BUCKET)["Uploads"]) == 3


@pytest.mark.parametrize("operation", ["ListMultipartUploads", "ListParts"])
def test_who_may_not_list_uploads_begins_anew(
    aws: Aws, s3: Any, faults: Faults, file: LocalFile, operation: str
) -> None:
    """Who may only upload may upload."""
    broken_off(s3, file, [1, 2])
    faults.fail(operation, "AccessDenied", status=403)
    assert parts.find(aws, BUCKET, file) is None


def test_of_several_the_one_with_the_most_is_gone_on_with(
    aws: Aws, s3: Any, file: LocalFile
) -> None:
    """Killed twice, it lost least that way."""
    broken_off(s3, file, [1])
    most = broken_off(s3, file, [1, 2])
    broken_off(s3, file, [3])
    found = parts.find(aws, BUCKET, file)
    assert found
    assert found.upload["UploadId"] == most


def test_ctrl_c_leaves_it_to_be_gone_on_with(aws: Aws, s3: Any, file: LocalFile) -> None:
    """No further part is sent, and nothing is lost."""
    broken_off(s3, file, [1, 2])
    found = parts.find(aws, BUCKET, file)
    assert found
    aws.interrupted.set()
    with pytest.raises(InterruptedUploadError):
        parts.finish(aws, found, file)
    assert parts.find(aws, BUCKET, file) == found


def test_each_part_brings_the_uploads_own_checksum(
    aws: Aws, s3: Any, faults: Faults, sent: Sent, file: LocalFile
) -> None:
    """S3 takes no other."""
    upload_id = broken_off(s3, file, [1, 2])
    listed = {"Key": KEY, "UploadId": upload_id, "ChecksumAlgorithm": "SHA256"}
    faults.answer("ListMultipartUploads", {"Uploads": [listed], "IsTruncated": False})
    sent.clear()
    found = parts.find(aws, BUCKET, file)
    assert found
    parts.finish(aws, found, file)
    (part,) = sent.of("UploadPart")
    assert (part["PartNumber"], part["ChecksumAlgorithm"]) == (3, "SHA256")


@pytest.mark.parametrize("same", [True, False])
def test_a_part_is_known_by_its_checksum(
    aws: Aws, s3: Any, faults: Faults, file: LocalFile, *, same: bool
) -> None:
    """Where its ETag is no MD5."""
    broken_off(s3, file, [1])
    body = file.path.read_bytes()[:PART_BYTES] if same else b"other"
    kept = base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()
    part = {"PartNumber": 1, "Size": PART_BYTES, "ETag": '"no MD5"', "ChecksumCRC32": kept}
    faults.answer("ListParts", {"Parts": [part], "IsTruncated": False})
    assert (parts.find(aws, BUCKET, file) is not None) is same
