"""Uploads in parts that were broken off, gone on with: what S3 holds of them is not sent again.

An upload that is killed leaves its parts behind, and they are paid for; a rule of the bucket aborts
what nobody goes on with (``imgpipe.aws.bucket_settings``).
https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from imgpipe.aws.errors import absent, error_code
from imgpipe.pictures import checksums

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.pictures.files import LocalFile

_Part = Mapping[str, Any]
_AT_ONCE: Final = 4


class InterruptedUploadError(Exception):
    """Nothing more is to be sent."""


@dataclass(frozen=True)
class Unfinished:
    """An upload of a file that was broken off: the ``parts`` that S3 has, of ``part_bytes`` each.

    ``algorithm`` is of the checksum that each part is to bring; empty for S3's choice.
    """

    upload: Mapping[str, str]
    parts: Sequence[_Part]
    algorithm: str

    @property
    def part_bytes(self) -> int:
        """The size of all parts but the last."""
        return max(int(part["Size"]) for part in self.parts)

    @property
    def held(self) -> int:
        """How many bytes S3 has."""
        return sum(int(part["Size"]) for part in self.parts)


def find(aws: Aws, bucket: str, file: LocalFile) -> Unfinished | None:
    """Return the upload of ``file`` that was broken off and has the most of it; ``None`` if none.

    Every part that S3 holds must be one of this very file, or the upload is somebody else's
    business. Asks for ``s3:ListBucketMultipartUploads`` and ``s3:ListMultipartUploadParts``; who
    has not got them begins anew.
    """
    try:
        found = [each for each in _uploads(aws, bucket, file.key) if _is_of(each, file)]
    except ClientError as error:
        if absent(error) or error_code(error) == "AccessDenied":
            return None
        raise
    return max(found, key=lambda each: each.held, default=None)


def finish(aws: Aws, unfinished: Unfinished, file: LocalFile) -> None:
    """Send the parts that S3 lacks, and make the object of all (``s3:PutObject``).

    Raises:
        OSError: the file cannot be read any more.
        ClientError: S3 refused it, or somebody aborted the upload meanwhile.
        InterruptedUploadError: Ctrl-C was pressed; the next run goes on.
    """
    s3, held = aws.client("s3"), {part["PartNumber"] for part in unfinished.parts}
    starts = range(0, file.size, unfinished.part_bytes)
    missing = [(n, start) for n, start in enumerate(starts, start=1) if n not in held]
    checksum = {"ChecksumAlgorithm": unfinished.algorithm} if unfinished.algorithm else {}

    def send(numbered: tuple[int, int]) -> None:
        if aws.interrupted.is_set():
            raise InterruptedUploadError
        number, start = numbered
        with file.path.open("rb") as content:
            content.seek(start)
            body = content.read(unfinished.part_bytes)
        s3.upload_part(**unfinished.upload, **checksum, PartNumber=number, Body=body)

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="parts") as pool:
        list(pool.map(send, missing))
    whole = [_named(part) for part in _parts(s3, unfinished.upload)]
    s3.complete_multipart_upload(**unfinished.upload, MultipartUpload={"Parts": whole})


def _uploads(aws: Aws, bucket: str, key: str) -> Iterator[Unfinished]:
    s3, owned = aws.client("s3"), {"Bucket": bucket, "ExpectedBucketOwner": aws.account}
    for page in s3.get_paginator("list_multipart_uploads").paginate(Prefix=key, **owned):
        for each in page.get("Uploads", []):
            if each["Key"] == key:
                upload = {**owned, "Key": key, "UploadId": each["UploadId"]}
                algorithm = each.get("ChecksumAlgorithm", "")
                yield Unfinished(upload, _parts(s3, upload), algorithm)


def _parts(s3: Any, upload: Mapping[str, str]) -> list[_Part]:
    pages = s3.get_paginator("list_parts").paginate(**upload)
    return [part for page in pages for part in page.get("Parts", [])]


def _is_of(unfinished: Unfinished, file: LocalFile) -> bool:
    """Say whether S3 has parts of it, and each holds what the file has in its place."""
    return bool(unfinished.parts) and all(
        _is_in(part, file, (part["PartNumber"] - 1) * unfinished.part_bytes)
        for part in unfinished.parts
    )


def _is_in(part: _Part, file: LocalFile, start: int) -> bool:
    for algorithm in checksums.ALGORITHMS:
        if value := part.get(f"Checksum{algorithm}"):
            made = checksums.part(file.path, algorithm, start, part["Size"])
            return bool(value == base64.b64encode(made).decode())
    made = checksums.part(file.path, "MD5", start, part["Size"])
    return bool(part["ETag"].strip('"') == made.hex())


def _named(part: _Part) -> dict[str, Any]:
    """Return what completing an upload says of a part: number, ETag, and its checksums."""
    return {
        name: value
        for name, value in part.items()
        if name in {"PartNumber", "ETag"} or name.startswith("Checksum")
    }
