"""S3's GetObject by botocore's signer and connections alone: no session, no client.

A client can do every operation of every service; to import what that takes, and to make one, is a
quarter of the delivery function's start. Here is one operation. Its address is the one that S3
documents, what passes is tried again as by botocore's standard mode, and all else is botocore's
own. A test holds the requests against those of botocore's client.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Mapping
from pathlib import Path
from random import uniform
from typing import Any, Final, NamedTuple

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSPreparedRequest, AWSRequest, AWSResponse
from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as UnconnectedError
from botocore.httpchecksum import Crc32Checksum, Sha1Checksum, Sha256Checksum, StreamingChecksumBody
from botocore.httpsession import URLLib3Session
from botocore.response import StreamingBody
from botocore.utils import get_environ_proxies, percent_encode

_PARTITIONS: Final = Path(__file__).parent.parent / "aws" / "partitions.json"
_OK: Final = 200
_TIMEOUT: Final = (5, 30)  # seconds to connect, and between two parts of an answer
# https://docs.aws.amazon.com/boto3/latest/guide/retries.html
_ATTEMPTS: Final = 4
_PASSING: Final = frozenset({500, 502, 503, 504})
_PASSING_CODES: Final = frozenset({"RequestTimeout", "SlowDown"})
# Only such a bucket's name can stand in a host's, whose certificate knows one label before S3's.
_LABEL: Final = re.compile(r"[a-z0-9-]+")
_CODE: Final = re.compile(rb"<Code>(\w+)</Code>")
_CHECKSUMS: Final = {"crc32": Crc32Checksum, "sha1": Sha1Checksum, "sha256": Sha256Checksum}


class _Credentials(NamedTuple):
    """What botocore's signers ask of credentials."""

    access_key: str
    secret_key: str
    token: str | None


class Originals:
    """Has botocore's ``get_object``, for buckets of the environment's region, as its credentials.

    Raises:
        KeyError, OSError: environment or service data lack what it takes.
    """

    def __init__(self) -> None:
        self._region = os.environ["AWS_DEFAULT_REGION"]
        self._own = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
        self._host = f"s3.{self._region}.{_suffix(self._region)}"
        certificates = os.environ.get("AWS_CA_BUNDLE") or os.environ.get("REQUESTS_CA_BUNDLE")
        self._session = URLLib3Session(
            verify=certificates or True,
            proxies=get_environ_proxies(self._own or f"https://{self._host}"),
            timeout=_TIMEOUT,
        )
        self.request("a-botocore-that", "can/sign", {})

    def get_object(self, *, Bucket: str, Key: str, IfNoneMatch: str = "") -> dict[str, Any]:  # noqa: N803
        """Return of an object what is used of botocore's answer; its ``Body`` is still to be read.

        Raises:
            ClientError: S3 answers something else.
            ConnectionError, HTTPClientError: it does not answer; both botocore's.
        """
        told = {"If-None-Match": IfNoneMatch} if IfNoneMatch else {}
        for earlier in range(_ATTEMPTS - 1):
            try:
                return self._sent(self.request(Bucket, Key, told))
            except (ClientError, UnconnectedError, HTTPClientError) as error:
                if not _passes(error):
                    raise
            time.sleep(uniform(0, 2**earlier))  # noqa: S311 - no secret
        return self._sent(self.request(Bucket, Key, told))

    def request(self, bucket: str, key: str, headers: Mapping[str, str]) -> AWSPreparedRequest:
        """Return the request, signed with the credentials that there are now."""
        url = f"{self._address(bucket)}/{percent_encode(key, safe='/~')}"
        told = {"x-amz-checksum-mode": "ENABLED", **headers}
        request = AWSRequest("GET", url, told, stream_output=True)
        S3SigV4Auth(_credentials(), "s3", self._region).add_auth(request)
        return request.prepare()

    def _address(self, bucket: str) -> str:
        if self._own:
            return f"{self._own}/{bucket}"
        if _LABEL.fullmatch(bucket):
            return f"https://{bucket}.{self._host}"
        return f"https://{self._host}/{bucket}"

    def _sent(self, request: AWSPreparedRequest) -> dict[str, Any]:
        response = self._session.send(request)
        if response.status_code != _OK:
            raise _error(response)
        return _answer(response)


def _suffix(region: str) -> str:
    """Return what the names of all hosts in the region's partition end with."""
    for partition in json.loads(_PARTITIONS.read_bytes())["partitions"]:
        if region in partition["regions"] or re.match(partition["regionRegex"], region):
            return str(partition["outputs"]["dnsSuffix"])
    raise KeyError(region)


def _credentials() -> _Credentials:
    told = os.environ
    return _Credentials(
        told["AWS_ACCESS_KEY_ID"], told["AWS_SECRET_ACCESS_KEY"], told.get("AWS_SESSION_TOKEN")
    )


def _answer(response: AWSResponse) -> dict[str, Any]:
    headers = response.headers
    length = headers["content-length"]
    answer = {
        "ContentLength": int(length),
        "ETag": headers["etag"],
        "Body": _body(response, length),
    }
    kept = headers.get("cache-control")
    return {**answer, "CacheControl": kept} if kept else answer


def _body(response: AWSResponse, length: str) -> StreamingBody:
    """Return the stream, which holds what is read against its length, and its checksum if any."""
    for name, kind in _CHECKSUMS.items():
        told = response.headers.get(f"x-amz-checksum-{name}", "-")
        if "-" not in told:  # else that of its parts' checksums
            return StreamingChecksumBody(response.raw, length, kind(), told)
    return StreamingBody(response.raw, length)


def _error(response: AWSResponse) -> ClientError:
    status = response.status_code
    code = _CODE.search(response.content)
    told = {
        "Error": {"Code": code[1].decode() if code else str(status), "Message": ""},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(told, "GetObject")


def _passes(error: Exception) -> bool:
    if not isinstance(error, ClientError):
        return True
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    return status in _PASSING or error.response["Error"]["Code"] in _PASSING_CODES
