"""Pictures on their way in.

Into the source bucket, in parallel, and from there to the rows that tell what became of them.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from botocore.exceptions import ClientError

from imgpipe.aws.bucket_settings import read_tags
from imgpipe.aws.errors import absent, error_code, translated
from imgpipe.engine.resource import PAUSED_TAG
from imgpipe.errors import ImgpipeError, NotSetUpError, UsageError, not_set_up
from imgpipe.pictures.files import LocalFile
from imgpipe.pictures.transfer import InterruptedUploadError, Transfer

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from imgpipe.aws.account import Aws

# Threads bring nothing without latency and nearly everything with it: 32 keep 30 ms of it out of
# sight.
THREADS: Final = 32


@dataclass(frozen=True)
class Upload:
    """What became of one file on its way to S3: ``sent`` is S3's time of it, UTC, to the second.

    ``None`` if there was an ``error``.

    ``upload_id`` travels in the object's metadata and comes back in the rows made of it.
    """

    file: LocalFile
    upload_id: str
    sent: datetime | None = None
    error: ImgpipeError | None = None


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


def upload(aws: Aws, bucket: str, files: Sequence[LocalFile]) -> Generator[Upload, None, None]:
    """Put ``files`` into ``bucket``, ``THREADS`` at once, and yield each as it is done.

    A failure never stops the others.
    """
    transfer = Transfer(aws, bucket)
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="upload")
    try:
        for done in as_completed([pool.submit(_upload, transfer, file) for file in files]):
            yield done.result()
    except BaseException:
        aws.interrupted.set()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        transfer.close()


def _upload(transfer: Transfer, file: LocalFile) -> Upload:
    upload_id = uuid4().hex
    try:
        with translated():
            return Upload(file, upload_id, sent=transfer.put(file, upload_id))
    except ImgpipeError as error:
        return Upload(file, upload_id, error=error)
    except InterruptedUploadError:
        return Upload(file, upload_id, error=ImgpipeError("interrupted"))
    except OSError as error:
        return Upload(
            file, upload_id, error=UsageError(f"{file.path} cannot be read: {error.strerror}")
        )
