"""Put one file into one bucket, the leanest way that works.

What does not work the lean way - a proxy, a CA bundle in a profile, a refusal - is left to
botocore, which retries it and names its error. Large files go in parts, and what an upload that
was broken off has sent of them is not sent again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from io import BytesIO, FileIO
from typing import TYPE_CHECKING, Any, Final

from s3transfer.manager import TransferManager

from handler.schema import UPLOAD_ID
from imgpipe.pictures import parts
from imgpipe.pictures.lean import BLOCK_BYTES, Lean
from imgpipe.pictures.parts import InterruptedUploadError

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping
    from pathlib import Path

    from imgpipe.aws.account import Aws
    from imgpipe.pictures.files import LocalFile

# One PUT up to here; above, parts in parallel, each retried by itself.
ONE_PUT_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True)
class Arrival:
    """S3's ``time`` of an object, in seconds, and the ``upload_id`` in its metadata.

    ``held``: the bytes that S3 had of an upload that was broken off.
    """

    time: datetime
    upload_id: str
    held: int = 0


class _Interruptible(FileIO):
    """A file that stops being read on Ctrl-C, so that no thread goes on sending."""

    def __init__(self, path: Path, interrupted: threading.Event) -> None:
        super().__init__(path)
        self._interrupted = interrupted

    def read(self, size: int | None = -1) -> bytes | None:  # type: ignore[override]
        if self._interrupted.is_set():
            raise InterruptedUploadError
        return super().read(-1 if size is None else size)


class Transfer:
    """Puts files into ``bucket``, from as many threads as call; ``close`` it in the end."""

    def __init__(self, aws: Aws, bucket: str) -> None:
        self._aws, self._bucket = aws, bucket
        self._s3 = aws.client("s3")
        self._owned = {"Bucket": bucket, "ExpectedBucketOwner": aws.account}
        self._lean = Lean(aws)
        self._parts = TransferManager(self._s3)

    def put(self, file: LocalFile, upload_id: str) -> Arrival:
        """Upload ``file`` with its checksum (``s3:PutObject``).

        One that is gone on with keeps the id that it began with.

        Raises:
            OSError: the file cannot be read any more.
            ClientError: S3 refused it, after botocore's retries.
            InterruptedUploadError: Ctrl-C was pressed meanwhile.
        """
        about = {"ContentType": file.content_type, "Metadata": {UPLOAD_ID: upload_id}}
        if file.size > ONE_PUT_BYTES:
            return self._go_on(file) or Arrival(self._put_parts(file, about), upload_id)
        with self._open(file) as body:
            parameters = {**self._owned, **about, "Key": file.key}
            time = self._lean.put(body, parameters) or self._put_safely(body, parameters)
            return Arrival(time, upload_id)

    def close(self) -> None:
        """End the threads that send parts; what they still hold is given up."""
        self._parts.shutdown(cancel=True)

    def _open(self, file: LocalFile) -> BytesIO | _Interruptible:
        """Open the content; a small file's is read at once.

        Every further system call is one more fight of the threads for the interpreter.
        """
        return (
            BytesIO(file.path.read_bytes())
            if file.size <= BLOCK_BYTES
            else _Interruptible(file.path, self._aws.interrupted)
        )

    def _put_safely(
        self, body: BytesIO | _Interruptible, parameters: Mapping[str, Any]
    ) -> datetime:
        body.seek(0)
        return _date(self._s3.put_object(Body=body, **parameters))

    def _go_on(self, file: LocalFile) -> Arrival | None:
        unfinished = parts.find(self._aws, self._bucket, file)
        if not unfinished:
            return None
        parts.finish(self._aws, unfinished, file)
        head = self._s3.head_object(Key=file.key, **self._owned)
        # The object's own date is of the upload's beginning, which may be days ago.
        return Arrival(_date(head), head["Metadata"].get(UPLOAD_ID, ""), unfinished.held)

    def _put_parts(self, file: LocalFile, about: Mapping[str, Any]) -> datetime:
        owner = self._owned["ExpectedBucketOwner"]
        self._parts.upload(
            str(file.path),
            self._owned["Bucket"],
            file.key,
            extra_args={**about, "ExpectedBucketOwner": owner},
        ).result()
        modified: datetime = self._s3.head_object(Key=file.key, **self._owned)["LastModified"]
        return modified.astimezone(UTC)


def _date(answer: Mapping[str, Any]) -> datetime:
    return parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
