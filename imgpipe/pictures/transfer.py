"""Put one file into one bucket, the leanest way that works.

For many small pictures botocore's ``put_object`` is most of the time: 1.7 ms of interpreter a
request for checks, endpoint rules and event hooks, and with its ``Expect`` header one more round
trip. So botocore only signs (a presigned URL, 0.2 ms) and http.client sends, over one kept
connection a thread: 0.8 ms in all. Whatever does not work that way - a proxy, a CA bundle in a
profile, a refusal - is left to botocore, which retries it and names its error. Large files go in
parts.
"""

from __future__ import annotations

import base64
import ssl
import threading
import zlib
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from io import BytesIO, FileIO
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, urlsplit

from botocore.config import Config
from s3transfer.manager import TransferManager

from handler.schema import UPLOAD_ID
from imgpipe.aws.network import ca_bundle, proxy_for

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from imgpipe.aws.account import Aws
    from imgpipe.pictures.files import LocalFile

# One PUT up to here; above, parts in parallel, each retried by itself.
ONE_PUT_BYTES: Final = 64 * 1024 * 1024
BLOCK_BYTES: Final = 1024 * 1024
TIMEOUT_SECONDS: Final = 60.0
VALID_SECONDS: Final = 900


class InterruptedUploadError(Exception):
    """Nothing more is to be sent."""


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
        self._s3 = aws.client("s3")
        self._owned = {"Bucket": bucket, "ExpectedBucketOwner": aws.account}
        self._interrupted = aws.interrupted
        self._parts = TransferManager(self._s3)
        self._of_thread = threading.local()
        self._signer = _signer(aws, self._s3.meta.endpoint_url)
        self._lean = proxy_for(self._s3.meta.endpoint_url) is None
        self._tls = _tls()

    def put(self, file: LocalFile, upload_id: str) -> datetime:
        """Upload ``file`` with its checksum (``s3:PutObject``); return S3's time of it, in seconds.

        Raises:
            OSError: the file cannot be read any more.
            ClientError: S3 refused it, after botocore's retries.
            InterruptedUploadError: Ctrl-C was pressed meanwhile.
        """
        about = {"ContentType": file.content_type, "Metadata": {UPLOAD_ID: upload_id}}
        if file.size > ONE_PUT_BYTES:
            return self._put_parts(file, about)
        with self._open(file) as body:
            parameters = {**self._owned, **about, "Key": file.key}
            return self._put_lean(body, parameters) or self._put_safely(body, parameters)

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
            else _Interruptible(file.path, self._interrupted)
        )

    def _put_lean(
        self, body: BytesIO | _Interruptible, parameters: Mapping[str, Any]
    ) -> datetime | None:
        """PUT with a signed URL; ``None`` for anything but success."""
        if not self._lean:
            return None
        size, checksum = _measure(body)
        url = urlsplit(
            self._signer.generate_presigned_url(
                "put_object", {**parameters, "ChecksumCRC32": checksum}, VALID_SECONDS
            )
        )
        try:
            answer = self._send(url, body, _headers(parameters, size, checksum))
        except (OSError, HTTPException):
            self._connection(url).close()
            return None
        return (
            parsedate_to_datetime(answer.headers["Date"])
            if answer.status == HTTPStatus.OK
            else None
        )

    def _send(
        self, url: SplitResult, body: BytesIO | _Interruptible, headers: Mapping[str, str]
    ) -> HTTPResponse:
        connection = self._connection(url)
        connection.request("PUT", f"{url.path}?{url.query}", body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer

    def _connection(self, url: SplitResult) -> HTTPConnection:
        """Return the calling thread's own connection; http.client opens it, again if need be."""
        if not hasattr(self._of_thread, "connection"):
            self._of_thread.connection = self._connect(url)
        connection: HTTPConnection = self._of_thread.connection
        return connection

    def _connect(self, url: SplitResult) -> HTTPConnection:
        if url.scheme == "https":
            return HTTPSConnection(
                url.netloc, timeout=TIMEOUT_SECONDS, blocksize=BLOCK_BYTES, context=self._tls
            )
        return HTTPConnection(url.netloc, timeout=TIMEOUT_SECONDS, blocksize=BLOCK_BYTES)

    def _put_safely(
        self, body: BytesIO | _Interruptible, parameters: Mapping[str, Any]
    ) -> datetime:
        body.seek(0)
        answer = self._s3.put_object(Body=body, **parameters)
        return parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])

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


def _measure(body: BytesIO | _Interruptible) -> tuple[int, str]:
    """Return the content's length in bytes and its CRC32 in base64; the body is rewound."""
    size = checksum = 0
    while block := body.read(BLOCK_BYTES):
        size, checksum = size + len(block), zlib.crc32(block, checksum)
    body.seek(0)
    return size, base64.b64encode(checksum.to_bytes(4, "big")).decode()


def _headers(parameters: Mapping[str, Any], size: int, checksum: str) -> dict[str, str]:
    """Return exactly the headers that the signature covers, and the length."""
    return {
        "Content-Length": str(size),
        "Content-Type": parameters["ContentType"],
        "x-amz-checksum-crc32": checksum,
        "x-amz-expected-bucket-owner": parameters["ExpectedBucketOwner"],
        f"x-amz-meta-{UPLOAD_ID}": parameters["Metadata"][UPLOAD_ID],
    }


def _tls() -> ssl.SSLContext:
    """Read what botocore trusts, once for all threads.

    A server that only a profile's own bundle would vouch for is left to botocore.
    """
    return ssl.create_default_context(cafile=ca_bundle())


def _signer(aws: Aws, endpoint: str) -> Any:
    """Return a client that presigns with SigV4, for the bucket's regional host.

    botocore's default is SigV2 for the global host. The global host redirects a bucket's
    requests for hours after its creation, which a signature does not survive.
    """
    style = "virtual" if ".amazonaws.com" in endpoint else "path"
    config = Config(signature_version="s3v4", s3={"addressing_style": style})
    return aws.session.client("s3", endpoint_url=aws.endpoint_url, config=config)
