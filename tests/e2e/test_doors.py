"""What a stranger without credentials tries, by requests that no client of ours would make."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

import pytest

from imgpipe.pipeline import Pipeline
from imgpipe.settings import Settings
from tests.support.shell import Shell, embedded, photo

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

pytestmark = pytest.mark.prove

SECONDS: Final = 30.0
# DynamoDB says 400 of a request without a signature, S3 of one with half of it.
REFUSED: Final = (400, 401, 403)
PICTURE: Final = "trip/photo.jpg"
RESULT: Final = "trip/processed-photo.jpg"
BODY: Final = b"a stranger's"
NO_HEADERS: Final[Mapping[str, str]] = {}
PUBLIC: Final = {"x-amz-acl": "public-read-write"}
FORM: Final = {"Content-Type": "multipart/form-data; boundary=x"}
POSTED: Final = (
    b'--x\r\nContent-Disposition: form-data; name="key"\r\n\r\nposted.jpg\r\n'
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\na\r\n--x--\r\n'
)
DELETES: Final = f"<Delete><Object><Key>{PICTURE}</Key></Object></Delete>".encode()


class Try(NamedTuple):
    """One request as it goes over the wire."""

    method: str
    path: str
    headers: Mapping[str, str] = NO_HEADERS
    body: bytes = b""


OF_A_BUCKET: Final = (
    *(
        Try("GET", f"?{part}")
        for part in (
            *("list-type=2", "", "versions", "uploads", "acl", "policy", "policyStatus", "logging"),
            *("location", "website", "cors", "notification", "tagging", "lifecycle", "encryption"),
        )
    ),
    Try("HEAD", ""),
    Try("DELETE", ""),
    Try("PUT", "?acl", PUBLIC),
    Try("PUT", "?policy", NO_HEADERS, b'{"Version": "2012-10-17", "Statement": []}'),
    Try("PUT", "?website", NO_HEADERS, b"<WebsiteConfiguration/>"),
    Try("DELETE", "?policy"),
    Try("DELETE", "?publicAccessBlock"),
    Try("POST", "?delete", NO_HEADERS, DELETES),
    Try("POST", "", FORM, POSTED),
)
OF_AN_OBJECT: Final = (
    *(Try("GET", f"?{part}") for part in ("", "acl", "tagging", "versionId=null", "attributes")),
    Try("GET", "", {"Range": "bytes=0-3"}),
    Try("GET", "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0&X-Amz-Expires=60"),
    Try("GET", "", {"Authorization": "AWS anybody:c2lnbmF0dXJl"}),
    Try("HEAD", ""),
    Try("PUT", "", NO_HEADERS, BODY),
    Try("PUT", "", PUBLIC, BODY),
    Try("PUT", "?acl", PUBLIC),
    Try("PUT", "?tagging", NO_HEADERS, b"<Tagging/>"),
    Try("POST", "?uploads"),
    Try("DELETE", ""),
)
"""What S3 can be asked of a bucket and of an object; the paths go behind the one's or the other's.
"""

OF_THE_EDGE: Final = ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE", "PROPFIND")
INTO_THE_SOURCE: Final = (
    *("/{key}", "/{bucket}/{key}", "//{bucket}/{key}", "/../{bucket}/{key}"),
    *("/%2e%2e/{bucket}/{key}", "/..%2f{bucket}%2f{key}", "/%2e%2e%2f{bucket}/{key}"),
    *("/trip/../../{bucket}/{key}", "/./{key}", "/%2f{bucket}/{key}", "/..%5c{bucket}%5c{key}"),
    *("/%252e%252e/{bucket}/{key}", "/{key}?versionId=null", "/{key}%00.jpg", "/{key};a=b"),
    *(
        "/gallery/../{key}",
        "/_img/../{key}",
        "/_img/../../{bucket}/{key}",
        "/_aws/s3/{bucket}/{key}",
    ),
)
"""Paths at the CDN, each a way some server once was led to another's files by."""


def answer(address: str, tried: Try) -> tuple[int, bytes]:
    """Send ``tried`` to ``address`` byte by byte; return the status and the body."""
    parts = urlsplit(address)
    assert parts.hostname
    connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=SECONDS)
    headers = {"Host": parts.netloc, **tried.headers}
    try:
        connection.request(tried.method, parts.path + tried.path, tried.body or None, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def into_buckets(pipeline: Pipeline) -> Iterator[tuple[str, Try]]:
    """Everything S3 can be asked, of both buckets, by path and by host."""
    names, url = pipeline.names, urlsplit(str(pipeline.aws.endpoint_url))
    for bucket, key in ((names.source_bucket, PICTURE), (names.destination_bucket, RESULT)):
        for root in (f"{url.geturl()}/{bucket}", f"http://{bucket}.s3.localhost:{url.port}"):
            yield from ((f"{root}/", each) for each in OF_A_BUCKET)
            yield from ((f"{root}/{key}", each) for each in OF_AN_OBJECT)
            yield f"{root}/strangers.jpg", Try("PUT", "", NO_HEADERS, BODY)


def into_services(pipeline: Pipeline) -> Iterator[tuple[str, Try]]:
    """The function, the table and the queue, called by their own interfaces."""
    names, url = pipeline.names, str(pipeline.aws.endpoint_url)
    for function in (names.function, names.page_function, names.delivery_function):
        yield url, Try("POST", f"/2015-03-31/functions/{function}/invocations", NO_HEADERS, b"{}")
        yield url, Try("GET", f"/2015-03-31/functions/{function}")
    for operation in ("Scan", "PutItem", "DescribeTable"):
        target = {
            "X-Amz-Target": f"DynamoDB_20120810.{operation}",
            "Content-Type": "application/x-amz-json-1.0",
        }
        yield url, Try("POST", "/", target, f'{{"TableName": "{names.table}"}}'.encode())
    queue = f"QueueUrl={url}/000000000000/{names.queue}&Version=2012-11-05".encode()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for action in (b"ReceiveMessage", b"PurgeQueue", b"SendMessage&MessageBody=a"):
        yield url, Try("POST", "/", form, b"Action=" + action + b"&" + queue)


def pictures(aws: Aws, bucket: str) -> dict[str, str]:
    """The ETags of all objects in a bucket but of the page, which follows by itself."""
    found: list[dict[str, Any]] = aws.client("s3").list_objects_v2(Bucket=bucket)["Contents"]
    page = ("gallery/", "index.html")
    return {each["Key"]: each["ETag"] for each in found if not each["Key"].startswith(page)}


@pytest.fixture(scope="module")
def standing(begun: Shell) -> Pipeline:
    """A pipeline with a picture, and with renditions on demand."""
    (begun.folder / "photo.jpg").write_bytes(photo(800, 600))
    (begun.folder / "imgpipe.toml").write_text("[delivery]\nenabled = true\n")
    begun.run("--local", "setup")
    begun.run("--local", "upload", "photo.jpg", "--prefix", "trip")
    return Pipeline.of(Settings(local=True), embedded(begun.state))


def test_no_stranger_gets_into_a_bucket_or_a_service(
    standing: Pipeline, record_property: Callable[[str, object], None]
) -> None:
    """Each request is refused by its status, and afterwards everything is as it was."""
    names, aws = standing.names, standing.aws
    both = (names.source_bucket, names.destination_bucket)
    before = [pictures(aws, bucket) for bucket in both]
    tries = [*into_buckets(standing), *into_services(standing)]
    let_in = [(each, code) for each in tries if (code := answer(*each)[0]) not in REFUSED]
    assert let_in == []
    assert [pictures(aws, bucket) for bucket in both] == before
    assert [list(each) for each in before] == [[PICTURE], [RESULT]]
    record_property("doors tried/buckets and services", len(tries))


def test_no_stranger_gets_through_the_edge(
    standing: Pipeline, begun: Shell, record_property: Callable[[str, object], None]
) -> None:
    """Neither by a method nor by a path; what is meant for everybody is served all the same."""
    original = (begun.folder / "photo.jpg").read_bytes()
    edge = str(begun.json("--local", "status")["url"]).rstrip("/")
    source = {"bucket": standing.names.source_bucket, "key": PICTURE}
    tries = [
        *(Try(method, f"/{RESULT}", NO_HEADERS, BODY) for method in OF_THE_EDGE),
        *(Try("GET", path.format(**source)) for path in INTO_THE_SOURCE),
        *(
            Try("GET", f"/{PICTURE}", {header: f"{standing.names.source_bucket}.s3.localhost"})
            for header in ("X-Forwarded-Host", "X-Original-Host", "X-Host", "Forwarded")
        ),
    ]
    answers = [(each, *answer(edge, each)) for each in tries]
    assert [(each, code) for each, code, _ in answers if code not in (*REFUSED, 404)] == []
    assert [each for each, _, body in answers if body and body in original] == []
    assert answer(edge, Try("GET", f"/{RESULT}"))[0] == 200
    record_property("doors tried/edge", len(tries))
