"""Put one file into one bucket, the leanest way that works for its size.

What does not work the lean way - a proxy, a refusal - is left to botocore, which retries it and
names its error. Large files go in parts, and what an upload that was broken off has sent of them is
not sent again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from io import FileIO
from typing import TYPE_CHECKING, Any, Final

from handler.schema import UPLOAD_ID
from imgpipe.pictures import parts
from imgpipe.pictures.crt import MOST_BYTES, Crt
from imgpipe.pictures.parts import InterruptedUploadError

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping
    from concurrent.futures import Future
    from pathlib import Path

    from s3transfer.manager import TransferManager

    from imgpipe.aws.account import Aws
    from imgpipe.pictures.files import LocalFile
    from imgpipe.pictures.lean import Lean

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


def is_small(file: LocalFile) -> bool:
    """Say whether ``file`` is one of those that many can be sent of at once."""
    return file.size <= MOST_BYTES


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
        self._crt = Crt(aws, bucket)

    def begin(self, file: LocalFile, upload_id: str) -> Future[datetime | None]:
        """Begin to upload a small file (``s3:PutObject``): S3's time, ``None`` if that failed.

        Why it did ``put_safely`` finds out.
        """
        return self._crt.begin(file.path, self._parameters(file, upload_id))

    def put(self, file: LocalFile, upload_id: str) -> Arrival:
        """Upload ``file`` with its checksum (``s3:PutObject``).

        One that is gone on with keeps the id that it began with.

        Raises:
            OSError: the file cannot be read any more.
            ClientError: S3 refused it, after botocore's retries.
            InterruptedUploadError: Ctrl-C was pressed meanwhile.
        """
        if file.size > ONE_PUT_BYTES:
            return self._go_on(file) or Arrival(self._put_parts(file, upload_id), upload_id)
        time = self.begin(file, upload_id).result() if is_small(file) else None
        return Arrival(time, upload_id) if time else self.put_safely(file, upload_id)

    def put_safely(self, file: LocalFile, upload_id: str) -> Arrival:
        """Upload ``file`` in one PUT, through botocore at the last. Raises as ``put``."""
        parameters = self._parameters(file, upload_id)
        with _Interruptible(file.path, self._aws.interrupted) as body:
            time = None if is_small(file) else self._lean.put(body, parameters)
            if not time:
                body.seek(0)
                time = _date(self._s3.put_object(Body=body, **parameters))
        return Arrival(time, upload_id)

    def close(self) -> None:
        """Give up what is still under way."""
        self._crt.close()
        if "_parts" in vars(self):
            self._parts.shutdown(cancel=True)

    @cached_property
    def _lean(self) -> Lean:
        from imgpipe.pictures.lean import Lean  # noqa: PLC0415 - many small files have none of it

        return Lean(self._aws)

    @cached_property
    def _parts(self) -> TransferManager:
        from s3transfer.manager import TransferManager  # noqa: PLC0415 - few files are that large

        return TransferManager(self._s3)

    def _parameters(self, file: LocalFile, upload_id: str) -> dict[str, Any]:
        about = {"ContentType": file.content_type, "Metadata": {UPLOAD_ID: upload_id}}
        return {**self._owned, **about, "Key": file.key}

    def _go_on(self, file: LocalFile) -> Arrival | None:
        unfinished = parts.find(self._aws, self._bucket, file)
        if not unfinished:
            return None
        parts.finish(self._aws, unfinished, file)
        head = self._s3.head_object(Key=file.key, **self._owned)
        # The object's own date is of the upload's beginning, which may be days ago.
        return Arrival(_date(head), head["Metadata"].get(UPLOAD_ID, ""), unfinished.held)

    def _put_parts(self, file: LocalFile, upload_id: str) -> datetime:
        more = self._parameters(file, upload_id)
        bucket, key = more.pop("Bucket"), more.pop("Key")
        self._parts.upload(str(file.path), bucket, key, extra_args=more).result()
        modified: datetime = self._s3.head_object(Key=file.key, **self._owned)["LastModified"]
        return modified.astimezone(UTC)


def _date(answer: Mapping[str, Any]) -> datetime:
    return parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
