"""One PUT of a small file through awscrt's S3 client: C reads, checks, signs and sends it.

For a small file that is a quarter of the time that ``lean`` takes, whose interpreter has it all to
itself. What is sent of a large one costs more here than there, and memory for all of it.
"""

from __future__ import annotations

from concurrent.futures import Future
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit
from urllib.request import getproxies

from awscrt.auth import AwsCredentials, AwsCredentialsProvider
from awscrt.exceptions import AwsCrtError
from awscrt.http import HttpHeaders, HttpRequest
from awscrt.io import (
    ClientBootstrap,
    ClientTlsContext,
    DefaultHostResolver,
    EventLoopGroup,
    TlsContextOptions,
)
from awscrt.s3 import (
    S3ChecksumAlgorithm,
    S3ChecksumConfig,
    S3ChecksumLocation,
    S3Client,
    S3Request,
    S3RequestTlsMode,
    S3RequestType,
    create_default_s3_signing_config,
)

from handler.schema import UPLOAD_ID

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from imgpipe.aws.account import Aws

# It is all in memory on its way, on each connection; from here on ``lean`` takes no longer.
MOST_BYTES: Final = 512 * 1024
# The least that the library allows; nothing near it is ever used.
_MEMORY_BYTES: Final = 1024**3
# It keeps up with two gigabits a second; each more would only take turns with it.
_THREADS: Final = 1
# The library leaves Nagle's algorithm on, so that a file's last packet waits for the one before
# to be acknowledged, up to 40 ms, as if it were latency: so many connections keep that hidden.
CONNECTIONS: Final = 64
# That many it has for a throughput of these.
_GIGABITS: Final = 0.4 * CONNECTIONS
_CHECKED: Final = S3ChecksumConfig(S3ChecksumAlgorithm.CRC32, S3ChecksumLocation.HEADER)


class Crt:
    """Puts small objects into ``bucket``, from as many threads as call."""

    def __init__(self, aws: Aws, bucket: str) -> None:
        endpoint = urlsplit(aws.client("s3").meta.endpoint_url)
        virtual = endpoint.netloc.endswith(".amazonaws.com") and "." not in bucket
        self._host = f"{bucket}.{endpoint.netloc}" if virtual else endpoint.netloc
        self._root = "/" if virtual else f"/{bucket}/"
        self._under_way: dict[Future[datetime | None], S3Request] = {}
        # The library finds proxies, too, but knows neither NO_PROXY nor this machine.
        self._client = None if getproxies() else _client(aws, endpoint.scheme)

    def begin(self, path: Path, parameters: Mapping[str, Any]) -> Future[datetime | None]:
        """Begin to PUT the file at ``path`` (``s3:PutObject``); with the library's own retries.

        ``parameters`` are PutObject's own. It comes to S3's time, or ``None`` for anything but
        success.
        """
        done: Future[datetime | None] = Future()
        try:
            self._send(path, parameters, done)
        except (AwsCrtError, OSError, UnicodeEncodeError):  # the last: a folder's name is no UTF-8
            done.set_result(None)
        return done

    def close(self) -> None:
        """Give up what is under way."""
        for request in tuple(self._under_way.values()):
            request.cancel()

    def _send(
        self, path: Path, parameters: Mapping[str, Any], done: Future[datetime | None]
    ) -> None:
        answer: dict[str, str] = {}

        def keep(headers: list[tuple[str, str]], **_: object) -> None:
            answer.update((name.lower(), value) for name, value in headers)

        def end(error: Exception | None, **_: object) -> None:
            done.set_result(None if error else parsedate_to_datetime(answer["date"]))

        if not self._client:
            done.set_result(None)
            return
        request = self._client.make_request(
            type=S3RequestType.PUT_OBJECT,
            request=self._request(path.stat().st_size, parameters),
            send_filepath=str(path),
            checksum_config=_CHECKED,
            on_headers=keep,
            on_done=end,
        )
        # A callback that held the request would be held by it, where no collector looks.
        self._under_way[done] = request
        done.add_done_callback(self._under_way.pop)

    def _request(self, size: int, parameters: Mapping[str, Any]) -> HttpRequest:
        headers = {
            "Host": self._host,
            "Content-Length": str(size),
            "Content-Type": parameters["ContentType"],
            "x-amz-expected-bucket-owner": parameters["ExpectedBucketOwner"],
            f"x-amz-meta-{UPLOAD_ID}": parameters["Metadata"][UPLOAD_ID],
        }
        path = self._root + quote(parameters["Key"], safe="/~")
        return HttpRequest("PUT", path, HttpHeaders(list(headers.items())))


def _client(aws: Aws, scheme: str) -> S3Client:
    group = EventLoopGroup(_THREADS)
    tls = scheme == "https"
    return S3Client(
        bootstrap=ClientBootstrap(group, DefaultHostResolver(group)),
        region=aws.region,
        signing_config=create_default_s3_signing_config(
            region=aws.region, credential_provider=_credentials(aws)
        ),
        tls_mode=S3RequestTlsMode.ENABLED if tls else S3RequestTlsMode.DISABLED,
        tls_connection_options=_trust(aws.ca_bundle) if tls else None,
        throughput_target_gbps=_GIGABITS,
        memory_limit=_MEMORY_BYTES,
    )


def _trust(ca_bundle: str) -> Any:
    options = TlsContextOptions()
    options.override_default_trust_store_from_path(ca_filepath=ca_bundle)
    return ClientTlsContext(options).new_connection_options()


def _credentials(aws: Aws) -> AwsCredentialsProvider:
    """Return botocore's own, asked for again for each request, as they may be renewed meanwhile."""
    found = aws.session.get_credentials()

    def frozen() -> AwsCredentials:
        now = found.get_frozen_credentials()
        return AwsCredentials(now.access_key, now.secret_key, now.token)

    return AwsCredentialsProvider.new_delegate(frozen)
