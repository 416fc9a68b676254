"""The doors: what a stranger without credentials gets from both buckets and from the CDN."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

from handler.address import ROOT
from imgpipe import cdn
from imgpipe.errors import ServiceError
from imgpipe.pipeline.doctor.probe import NotHereError, Patient, Probe
from imgpipe.resources.function_url import FunctionUrl

if TYPE_CHECKING:
    from imgpipe.cdn import Reply

# https://docs.aws.amazon.com/general/latest/gr/s3.html
FORMS: Final = {
    "virtual host": "https://{bucket}.s3.{region}.amazonaws.com",
    "path style": "https://s3.{region}.amazonaws.com/{bucket}",
    "dualstack": "https://{bucket}.s3.dualstack.{region}.amazonaws.com",
    "dualstack path": "https://s3.dualstack.{region}.amazonaws.com/{bucket}",
    "global": "https://{bucket}.s3.amazonaws.com",
    "global path": "https://s3.amazonaws.com/{bucket}",
    "website": "http://{bucket}.s3-website.{region}.amazonaws.com",
    "website, older": "http://{bucket}.s3-website-{region}.amazonaws.com",
}
"""THE table of addresses under which S3 answers for a bucket."""

# The digest is not the body's: S3 refuses it once it would take the object, so that nothing is put.
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
_WRONG_DIGEST: Final = {"Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="}
_KEY: Final = "imgpipe-doctor"
_METHODS: Final = ("POST", "PUT", "DELETE", "PATCH", "OPTIONS")
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-response-headers-policies.html
_HEADERS: Final = (
    "strict-transport-security",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
)
_NO_SUCH_KEY: Final = b"NoSuchKey"
_OK, _ERROR, _BAD = 200, 400, 400
_REFUSED: Final = (401, 403)


def _addresses(patient: Patient, form: str, bucket: str) -> str:
    aws = patient.pipeline.aws
    if aws.endpoint_url is None:
        return FORMS[form].format(bucket=bucket, region=aws.region)
    if form != "path style":
        raise NotHereError(f"{aws.endpoint_url} has no {form} addresses")
    return f"{aws.endpoint_url}/{bucket}"


def _open(form: str, patient: Patient) -> Iterator[str]:
    names = patient.pipeline.names
    for bucket in (names.source_bucket, names.destination_bucket):
        address = _addresses(patient, form, bucket)
        for what, reply in _tried(address):
            if reply and _let_in(reply):
                yield f"a stranger may {what} at {address}: it answered {reply.status}"


def _tried(address: str) -> Iterator[tuple[str, Reply | None]]:
    yield "list", _reply(f"{address}/?list-type=2")
    yield "read", _reply(f"{address}/index.html")
    yield "look for objects", _reply(f"{address}/{_KEY}")
    put = _reply(f"{address}/{_KEY}", "PUT", body=b"imgpipe", headers=_WRONG_DIGEST)
    yield "write", put


def _reply(
    address: str, method: str = "GET", *, body: bytes = b"", headers: Mapping[str, str] = {}
) -> Reply | None:
    """Return the answer, or ``None`` where nobody answers: not every region has every form."""
    try:
        return cdn.fetch(address, method, body=body, headers=headers)
    except ServiceError:
        return None


def _let_in(reply: Reply) -> bool:
    """Say whether what answered so had let the request in; only then it looks for the key."""
    refused_later = reply.status == _BAD and b"Digest" in reply.body
    return _OK <= reply.status < _ERROR - 100 or _NO_SUCH_KEY in reply.body or refused_later


def _page(patient: Patient, path: str = "") -> str:
    if not patient.domain:
        raise ServiceError("there is no distribution to look at")
    return cdn.url(patient.pipeline.aws, patient.domain, path)


def _redirected(patient: Patient) -> Iterator[str]:
    address = _page(patient)
    plain = address.replace("https://", "http://", 1)
    # The embedded AWS is told by a header that its visitor came without TLS.
    reply = cdn.fetch(plain, headers={"X-Forwarded-Proto": "http"})
    if not reply.headers.get("location", "").startswith("https://"):
        yield f"{plain} answers {reply.status} instead of leading to https"


def _methods(patient: Patient) -> Iterator[str]:
    address = _page(patient, _KEY)
    for method in _METHODS:
        reply = cdn.fetch(address, method)
        if reply.status < _ERROR:
            yield f"{method} {address} answers {reply.status}"


def _headers(patient: Patient) -> Iterator[str]:
    reply = cdn.fetch(_page(patient))
    missing = [name for name in _HEADERS if name not in reply.headers]
    if missing and patient.pipeline.aws.endpoint_url:
        raise NotHereError("the embedded CDN knows no policies of response headers")
    if missing:
        yield f"its pages come without {', '.join(missing)}"


def _paths(patient: Patient) -> Iterator[str]:
    source = patient.pipeline.names.source_bucket
    for path in (source, f"/{source}/", f"../{source}/", f"%2e%2e/{source}/", f"..%2f{source}/"):
        address = f"{_page(patient)}{path}"
        reply = cdn.fetch(address)
        if reply.status < _ERROR:
            yield f"{address} answers {reply.status}"


def _past_the_edge(patient: Patient) -> Iterator[str]:
    event = patient.events.get(FunctionUrl.title)
    if not event or not event.live:
        return
    name, endpoint = str(event.live["DomainName"]), patient.pipeline.aws.endpoint_url
    # The embedded AWS serves it under a path.
    place = (
        f"{endpoint}/_aws/lambda-url/{name.partition('.')[0]}" if endpoint else f"https://{name}"
    )
    reply = cdn.fetch(f"{place}{ROOT}{_KEY}")
    if reply.status not in _REFUSED:
        yield f"a stranger may call {place}: it answered {reply.status}"


_CLOSE: Final = "setup closes the bucket: no public access, whatever a policy or an ACL says"
PROBES: Final = (
    *(
        Probe(
            f"door: {form}",
            f"no unsigned GET, LIST or PUT of either bucket ({address})",
            _CLOSE,
            partial(_open, form),
            ("setup",),
        )
        for form, address in FORMS.items()
    ),
    Probe(
        "door: http", "plain HTTP leads to HTTPS", "setup says so again", _redirected, ("setup",)
    ),
    Probe(
        "door: methods",
        "the CDN takes nothing but GET and HEAD",
        "setup says so again",
        _methods,
        ("setup",),
    ),
    Probe(
        "door: headers", "pages bear security headers", "setup says so again", _headers, ("setup",)
    ),
    Probe(
        "door: paths",
        "no path of the CDN's leads to the source bucket",
        "take foreign origins off the distribution, then setup",
        _paths,
        ("setup",),
    ),
    Probe(
        "door: delivery",
        "the delivery function's address, where it has one, answers nobody but the CDN",
        "setup says so again; take foreign statements off the function's policy",
        _past_the_edge,
        ("setup",),
    ),
)
