"""Pictures on their way in.

Into the source bucket, in parallel, and from there to the rows that tell what became of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from botocore.exceptions import ClientError

from imgpipe.aws.bucket_settings import read_tags
from imgpipe.aws.errors import absent, error_code, translated
from imgpipe.engine.resource import PAUSED_TAG
from imgpipe.errors import ImgpipeError, NotSetUpError, UsageError, not_set_up
from imgpipe.pictures import threads
from imgpipe.pictures.files import LocalFile
from imgpipe.pictures.parts import InterruptedUploadError
from imgpipe.pictures.there import Standing, There
from imgpipe.pictures.transfer import Transfer

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from imgpipe.aws.account import Aws

# Threads bring nothing without latency and nearly everything with it: 32 keep 30 ms of it out of
# sight.
THREADS: Final = 32


@dataclass(frozen=True, slots=True)
class Upload:
    """What became of one file on its way to S3: ``sent`` is S3's time of it, UTC, to the second.

    ``None`` if there was an ``error``, or if it stayed here because it is there already.

    ``upload_id`` travels in the object's metadata and comes back in the rows made of it. ``held``
    are the bytes that S3 had of an upload that was broken off.
    """

    file: LocalFile
    upload_id: str
    sent: datetime | None = None
    error: ImgpipeError | None = None
    held: int = 0


def require_trigger(aws: Aws, bucket: str) -> None:
    """Make sure that what is put into ``bucket`` will be processed.

    Asks for ``s3:GetBucketNotification``, if that is granted.

    Raises:
        NotSetUpError: there is no such bucket, or nothing is wired to it.
    """
    try:
        rules = aws.client("s3").get_bucket_notification_configuration(
            Bucket=bucket, ExpectedBucketOwner=aws.account
        )
    except ClientError as error:
        if absent(error):
            raise not_set_up() from error
        if error_code(error) != "AccessDenied":  # who may only upload may upload
            raise
    else:
        if not rules.get("LambdaFunctionConfigurations"):
            _require_running(aws, bucket)
            raise NotSetUpError(
                f"nothing is wired to {bucket} yet: no picture in it would be processed",
                hint="finish the set-up",
                next=("setup",),
            )


def _require_running(aws: Aws, bucket: str) -> None:
    if since := read_tags(aws.client("s3"), bucket).get(PAUSED_TAG):
        raise ImgpipeError(
            f"the pipeline is paused since {since}: nothing would be made of these pictures yet",
            next=("resume",),
        )


def upload(
    aws: Aws, bucket: str, files: Iterable[LocalFile], there: There | None = None
) -> Generator[Upload, None, None]:
    """Put ``files`` into ``bucket``, ``THREADS`` at once, and yield each as it is done.

    What is ``there`` already, the same by size and checksum, stays here. A failure never stops the
    others.
    """
    transfer = Transfer(aws, bucket)

    def work(file: LocalFile) -> Upload:
        return _upload(transfer, file, there)

    try:
        yield from threads.each(aws, work, files, THREADS, "upload")
    finally:
        transfer.close()


def _upload(transfer: Transfer, file: LocalFile, there: There | None) -> Upload:
    upload_id = uuid4().hex
    try:
        with translated():
            if there and there.compare(file) is Standing.SAME:
                return Upload(file, upload_id)
            arrived = transfer.put(file, upload_id)
            return Upload(file, arrived.upload_id, sent=arrived.time, held=arrived.held)
    except ImgpipeError as error:
        return Upload(file, upload_id, error=error)
    except InterruptedUploadError:
        return Upload(file, upload_id, error=ImgpipeError("interrupted"))
    except OSError as error:
        return Upload(
            file, upload_id, error=UsageError(f"{file.path} cannot be read: {error.strerror}")
        )
