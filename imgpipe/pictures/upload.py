"""Pictures on their way in.

Into the source bucket, in parallel, and from there to the rows that tell what became of them.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
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
from imgpipe.pictures.transfer import Transfer, is_small

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from imgpipe.aws.account import Aws
    from imgpipe.pictures.transfer import Arrival

# Threads bring nothing without latency and nearly everything with it: 32 keep 30 ms of it out of
# sight.
THREADS: Final = 32
# Enough that neither threads nor connections wait for work; each more would only fill the memory.
_MOST: Final = 2 * THREADS


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
    """Put ``files`` into ``bucket``, many at once, and yield each as it is done.

    What is ``there`` already, the same by size and checksum, stays here. A failure never stops the
    others.
    """
    with closing(_Uploads(aws, bucket, there)) as uploads:
        yield from threads.begun(aws, uploads.begin, files, _MOST)


class _Uploads:
    """Uploads under way: small files without a thread for each, which would be half their time."""

    def __init__(self, aws: Aws, bucket: str, there: There | None) -> None:
        self._interrupted, self._there = aws.interrupted, there
        self._transfer = Transfer(aws, bucket)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="upload")

    def begin(self, file: LocalFile) -> Future[Upload]:
        """Begin with ``file``; whatever is wrong with it is its upload's error."""
        upload_id = uuid4().hex
        if self._there or not is_small(file):
            return self._pool.submit(_ended, file, upload_id, self._put)
        done: Future[Upload] = Future()

        def go_on(sent: Future[datetime | None]) -> None:
            if time := sent.result():
                done.set_result(Upload(file, upload_id, sent=time))
            elif self._interrupted.is_set():
                done.cancel()
            else:
                safely = self._pool.submit(_ended, file, upload_id, self._transfer.put_safely)
                safely.add_done_callback(lambda _: _hand_on(safely, done))

        self._transfer.begin(file, upload_id).add_done_callback(go_on)
        return done

    def close(self) -> None:
        """Give up what is under way, and end the threads."""
        self._transfer.close()
        self._pool.shutdown(cancel_futures=True)

    def _put(self, file: LocalFile, upload_id: str) -> Arrival | None:
        if self._there and self._there.compare(file) is Standing.SAME:
            return None
        return self._transfer.put(file, upload_id)


def _ended(
    file: LocalFile, upload_id: str, put: Callable[[LocalFile, str], Arrival | None]
) -> Upload:
    try:
        with translated():
            arrived = put(file, upload_id)
    except ImgpipeError as error:
        return Upload(file, upload_id, error=error)
    except InterruptedUploadError:
        return Upload(file, upload_id, error=ImgpipeError("interrupted"))
    except OSError as error:
        return Upload(
            file, upload_id, error=UsageError(f"{file.path} cannot be read: {error.strerror}")
        )
    if not arrived:
        return Upload(file, upload_id)
    return Upload(file, arrived.upload_id, sent=arrived.time, held=arrived.held)


def _hand_on(one: Future[Upload], other: Future[Upload]) -> None:
    if one.cancelled():
        other.cancel()
    elif error := one.exception():
        other.set_exception(error)
    else:
        other.set_result(one.result())
