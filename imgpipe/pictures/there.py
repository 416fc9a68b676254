"""Whether files are in the bucket already: by size and content, whatever their names and dates say.

What S3 keeps of an object decides, and nothing is fetched: its size; its ETag, where that is the
MD5 of the content or of its parts; else a checksum of the whole, or of its parts.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from imgpipe.aws.errors import absent
from imgpipe.errors import not_set_up
from imgpipe.pictures import checksums

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.pictures.files import LocalFile

# To list a thousand keys takes about as long as to ask for so many by name.
_KEYS_A_PAGE: Final = 20


class Standing(StrEnum):
    """What a bucket holds under a file's key."""

    NEW = "not there yet"
    SIZE = "there, of another size"
    CONTENT = "there, with other content"
    UNKNOWN = "there, with no checksum to compare"
    SAME = "there already, the same by size and checksum"


@dataclass(frozen=True, slots=True)
class _Object:
    size: int
    etag: str


class There:
    """What ``bucket`` holds under ``keys``; ask it from as many threads as you like."""

    def __init__(self, aws: Aws, bucket: str, keys: Sequence[str]) -> None:
        """List what there is (``s3:ListBucket``), as far as that is quicker than asking for each.

        Raises:
            NotSetUpError: there is no such bucket.
        """
        self._s3 = aws.client("s3")
        self._owned = {"Bucket": bucket, "ExpectedBucketOwner": aws.account}
        self._listed: dict[str, _Object] = {}
        self._up_to = ""
        self._list(sorted(keys))

    def compare(self, file: LocalFile) -> Standing:
        """Return what is there of ``file`` (``s3:GetObject`` and ``s3:ListBucket``).

        Raises:
            OSError: the file cannot be read any more.
        """
        found = self._find(file.key)
        if not found:
            return Standing.NEW
        if found.size != file.size:
            return Standing.SIZE
        if found.etag == checksums.whole(file.path, "MD5").hex():
            return Standing.SAME
        return self._by_checksum(file)

    def etag(self, key: str) -> str:
        """Return the ETag of what is there; empty where nothing is."""
        found = self._find(key)
        return found.etag if found else ""

    def _list(self, keys: Sequence[str]) -> None:
        wanted, most = set(keys), len(keys) // _KEYS_A_PAGE
        prefix = os.path.commonprefix(keys)  # noqa: RUF071 - so S3's prefixes are
        for page in islice(self._pages(prefix), most):
            contents = page.get("Contents", [])
            for each in contents:
                if each["Key"] in wanted:
                    self._listed[each["Key"]] = _object(each["Size"], each["ETag"])
            # S3 lists in the order of UTF-8's bytes, which is that of Python's strings.
            last = contents[-1]["Key"] if page["IsTruncated"] else keys[-1]
            self._up_to = max(self._up_to, last)
            if last >= keys[-1]:
                return

    def _pages(self, prefix: str) -> Iterator[Mapping[str, Any]]:
        try:
            yield from self._s3.get_paginator("list_objects_v2").paginate(
                Prefix=prefix, **self._owned
            )
        except ClientError as error:
            if absent(error):
                raise not_set_up() from error
            raise

    def _find(self, key: str) -> _Object | None:
        if key <= self._up_to:
            return self._listed.get(key)
        try:
            head = self._s3.head_object(Key=key, **self._owned)
        except ClientError as error:
            if absent(error):
                return None
            raise
        return _object(head["ContentLength"], head["ETag"])

    def _by_checksum(self, file: LocalFile) -> Standing:
        """Look closer at an object whose ETag is not the content's MD5.

        It is of other content, came in parts, or is encrypted with a key of KMS.
        """
        head = self._s3.head_object(Key=file.key, ChecksumMode="ENABLED", **self._owned)
        kept = _kept(head)
        etag = head["ETag"].strip('"')
        for algorithm, value in kept.items():
            if "-" not in value:
                same = value == _base64(checksums.whole(file.path, algorithm))
                return Standing.SAME if same else Standing.CONTENT
        if "-" in etag:
            return self._by_parts(file, kept, etag)
        is_md5 = head.get("ServerSideEncryption") in {None, "AES256"}
        return Standing.CONTENT if is_md5 else Standing.UNKNOWN

    def _by_parts(self, file: LocalFile, kept: Mapping[str, str], etag: str) -> Standing:
        first = self._s3.head_object(Key=file.key, PartNumber=1, **self._owned)
        part_bytes, count = first["ContentLength"], etag.partition("-")[2]
        made = checksums.composite(file.path, "MD5", file.size, part_bytes).hex()
        if etag == f"{made}-{count}":
            return Standing.SAME
        for algorithm, value in kept.items():
            made = _base64(checksums.composite(file.path, algorithm, file.size, part_bytes))
            return Standing.SAME if value == f"{made}-{count}" else Standing.CONTENT
        return Standing.UNKNOWN


def _object(size: int, etag: str) -> _Object:
    return _Object(size, etag.strip('"'))


def _kept(head: Mapping[str, Any]) -> dict[str, str]:
    """Return the checksums that S3 keeps and we can make, the quickest first."""
    found = {name: head.get(f"Checksum{name}", "") for name in checksums.ALGORITHMS}
    return {name: value for name, value in found.items() if value}


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
