"""Whether a file is in the bucket already."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from boto3.s3.transfer import TransferConfig

from imgpipe.errors import NotSetUpError
from imgpipe.pictures import checksums, plan, upload
from imgpipe.pictures.files import Found, LocalFile
from imgpipe.pictures.there import Standing, There

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Calls, Faults

pytestmark = pytest.mark.slow

BUCKET: Final = "pictures"
PART_BYTES: Final = 5 * 1024 * 1024
BODY: Final = b"a picture"
KMS: Final = "0123456789abcdef0123456789abcdef"


def local(folder: Path, key: str, body: bytes = BODY) -> LocalFile:
    """A file on disk that would be ``key``."""
    path = folder / key.replace("/", "_")
    path.write_bytes(body)
    return LocalFile(path, key, len(body), "image/jpeg")


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


def compare(aws: Aws, file: LocalFile) -> Standing:
    """What is there of one file."""
    return There(aws, BUCKET, [file.key]).compare(file)


@pytest.mark.parametrize(
    ("body", "standing"),
    [
        (None, Standing.NEW),
        (BODY, Standing.SAME),
        (BODY[:-1], Standing.SIZE),
        (BODY.upper(), Standing.CONTENT),
    ],
)
def test_size_and_content_decide(
    aws: Aws, s3: Any, tmp_path: Path, body: bytes | None, standing: Standing
) -> None:
    """Whoever put it, whenever: names and dates say nothing."""
    if body is not None:
        s3.put_object(Bucket=BUCKET, Key="a b/ü.jpg", Body=body)
    assert compare(aws, local(tmp_path, "a b/ü.jpg")) is standing


def test_what_we_sent_is_there(aws: Aws, s3: Any, faults: Faults, tmp_path: Path) -> None:
    """By a checksum of our own making, where the ETag says nothing."""
    file = local(tmp_path, "small.jpg")
    list(upload.upload(aws, BUCKET, [file]))
    sent = s3.head_object(Bucket=BUCKET, Key="small.jpg", ChecksumMode="ENABLED")
    faults.answer("HeadObject", head(file, KMS, ChecksumCRC32=sent["ChecksumCRC32"]), times=2)
    assert compare(aws, file) is Standing.SAME


@pytest.mark.parametrize("part_mb", [5, 6])
def test_parts_of_any_size_are_known(aws: Aws, s3: Any, tmp_path: Path, part_mb: int) -> None:
    """As other tools cut them; S3 says how large the first is."""
    file = local(tmp_path, "large.jpg", bytes(range(256)) * 30_000)
    config = TransferConfig(
        multipart_threshold=PART_BYTES, multipart_chunksize=part_mb * 1024 * 1024
    )
    s3.upload_file(str(file.path), BUCKET, "large.jpg", Config=config)
    assert "-2" in s3.head_object(Bucket=BUCKET, Key="large.jpg")["ETag"]
    assert compare(aws, file) is Standing.SAME
    assert compare(aws, local(tmp_path, "large.jpg", bytes(file.size))) is Standing.CONTENT


def head(file: LocalFile, etag: str, **more: str) -> dict[str, Any]:
    """S3's answer of an object that is encrypted with a key of KMS."""
    return {
        "ContentLength": file.size,
        "ETag": f'"{etag}"',
        "ServerSideEncryption": "aws:kms",
        **more,
    }


@pytest.mark.parametrize("algorithm", checksums.ALGORITHMS)
@pytest.mark.parametrize("same", [True, False])
def test_where_the_etag_is_no_md5_the_checksum_decides(
    aws: Aws, faults: Faults, tmp_path: Path, algorithm: str, same: bool
) -> None:
    """Whichever S3 keeps. https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html."""
    file = local(tmp_path, "photo.jpg")
    kept = base64.b64encode(checksums.whole(file.path, algorithm)).decode()
    if not same:
        file.path.write_bytes(BODY.upper())
    faults.answer("HeadObject", head(file, KMS, **{f"Checksum{algorithm}": kept}), times=2)
    assert compare(aws, file) is (Standing.SAME if same else Standing.CONTENT)


@pytest.mark.parametrize("same", [True, False])
def test_a_checksum_of_parts_decides(aws: Aws, faults: Faults, tmp_path: Path, same: bool) -> None:
    """Where the parts' ETags are no MD5 either."""
    file = local(tmp_path, "photo.jpg", b"123456789")
    digests = b"".join(hashlib.sha256(part).digest() for part in (b"1234", b"5678", b"9"))
    kept = base64.b64encode(hashlib.sha256(digests).digest()).decode()
    if not same:
        file.path.write_bytes(b"123456780")
    answer = head(file, f"{KMS}-3", ChecksumSHA256=f"{kept}-3", ChecksumType="COMPOSITE")
    faults.answer("HeadObject", answer, times=2)
    faults.answer("HeadObject", {**answer, "ContentLength": 4})
    assert compare(aws, file) is (Standing.SAME if same else Standing.CONTENT)


@pytest.mark.parametrize("etag", [KMS, f"{KMS}-1"])
def test_what_cannot_be_compared_is_not_taken_for_the_same(
    aws: Aws, faults: Faults, tmp_path: Path, etag: str
) -> None:
    """An old object under a key of KMS has no checksum: it is sent again."""
    file = local(tmp_path, "photo.jpg")
    faults.answer("HeadObject", head(file, etag), times=3)
    assert compare(aws, file) is Standing.UNKNOWN


def test_many_files_are_listed_and_few_are_asked_for(
    aws: Aws, s3: Any, calls: Calls, tmp_path: Path
) -> None:
    """A call for each of thousands would take minutes."""
    files = [local(tmp_path, f"{n:03d}.jpg") for n in range(40)]
    for file in files[::2]:
        s3.put_object(Bucket=BUCKET, Key=file.key, Body=BODY)
    there = There(aws, BUCKET, [file.key for file in files])
    assert [there.compare(file) for file in files] == [Standing.SAME, Standing.NEW] * 20
    assert (calls.count("ListObjectsV2"), calls.count("HeadObject")) == (1, 0)
    few = There(aws, BUCKET, [file.key for file in files[:10]])
    assert [few.compare(file) for file in files[:2]] == [Standing.SAME, Standing.NEW]
    assert (calls.count("ListObjectsV2"), calls.count("HeadObject")) == (1, 2)


def test_a_bucket_of_millions_is_not_listed_for_a_few(
    aws: Aws, s3: Any, calls: Calls, faults: Faults, tmp_path: Path
) -> None:
    """What lies behind the listed part is asked for by name."""
    files = [local(tmp_path, f"{name}.jpg") for name in [*map(str, range(100, 138)), "b", "z"]]
    s3.put_object(Bucket=BUCKET, Key="z.jpg", Body=BODY)
    for last in ("a", "aa"):
        entry = {"Key": last, "Size": 1, "ETag": '"e"'}
        page = {"Contents": [entry], "IsTruncated": True, "NextContinuationToken": last}
        faults.answer("ListObjectsV2", page)
    there = There(aws, BUCKET, [file.key for file in files])
    standings = [there.compare(file) for file in files]
    assert standings == [Standing.NEW] * 39 + [Standing.SAME]
    assert (calls.count("ListObjectsV2"), calls.count("HeadObject")) == (2, 2)


def test_a_bucket_that_is_not_there_says_so(aws: Aws) -> None:
    """The next command is setup."""
    with pytest.raises(NotSetUpError):
        There(aws, "nowhere", [str(number) for number in range(30)])


def test_only_what_is_missing_is_sent(aws: Aws, s3: Any, calls: Calls, tmp_path: Path) -> None:
    """As after a run that was killed half-way; what is the same stays where it is."""
    files = [local(tmp_path, f"{n}.jpg", f"picture {n}".encode()) for n in range(30)]
    list(upload.upload(aws, BUCKET, files[:17]))
    before = s3.list_objects_v2(Bucket=BUCKET)["Contents"]
    there = There(aws, BUCKET, [file.key for file in files])
    done = {each.file.key: each for each in upload.upload(aws, BUCKET, files, there)}
    assert {key for key, each in done.items() if each.sent} == {file.key for file in files[17:]}
    assert not any(each.error for each in done.values())
    after = {each["Key"]: each for each in s3.list_objects_v2(Bucket=BUCKET)["Contents"]}
    assert len(after) == 30
    assert [after[each["Key"]] for each in before] == before


def test_a_plan_sends_nothing(aws: Aws, s3: Any, calls: Calls, tmp_path: Path) -> None:
    """It says what would be done with each, and why."""
    files = tuple(local(tmp_path, f"{name}.jpg") for name in "abc")
    s3.put_object(Bucket=BUCKET, Key="a.jpg", Body=BODY)
    s3.put_object(Bucket=BUCKET, Key="b.jpg", Body=b"")
    found = Found(files, (local(tmp_path, "notes.txt"),))
    calls.clear()
    blind = {each.file.key: (each.fate, each.reason) for each in plan.steps(aws, found)}
    assert calls == []
    there = There(aws, BUCKET, ["a.jpg", "b.jpg", "c.jpg"])
    steps = {each.file.key: (each.fate, each.reason) for each in plan.steps(aws, found, there)}
    assert calls.mutating == []
    assert blind["a.jpg"] == (plan.Fate.UPLOAD, "")
    assert steps == {
        "a.jpg": (plan.Fate.SKIP, Standing.SAME),
        "b.jpg": (plan.Fate.UPLOAD, Standing.SIZE),
        "c.jpg": (plan.Fate.UPLOAD, Standing.NEW),
        "notes.txt": (plan.Fate.REFUSE, blind["notes.txt"][1]),
    }
