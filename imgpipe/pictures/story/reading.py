"""What every part of the pipeline knows of one picture, read side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from handler.keys import processed_key
from handler.schema import Metadata
from imgpipe import cdn
from imgpipe.aws import messages
from imgpipe.aws.errors import absent, or_none
from imgpipe.errors import not_set_up
from imgpipe.function import invocations
from imgpipe.function.invocations import Span
from imgpipe.pictures import catalog, failures, named
from imgpipe.pictures.failures import Failure
from imgpipe.pictures.page import Page
from imgpipe.pictures.story.evidence import Answer, Evidence, Original, Parts, Version
from imgpipe.pictures.story.told import Told, told

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

# Around each moment that is known, the log is read: of a busy pipeline it is too long to be read
# whole. An event may wait for its turn for hours, an invocation lasts a quarter of one at most.
_BEFORE: Final = timedelta(minutes=15)
_AFTER: Final = timedelta(hours=1)
_NOTHING_KNOWN: Final = timedelta(days=1)
_VERSIONS: Final = 20
# Lambda's clock may be ahead of this machine's.
_SKEW: Final = timedelta(minutes=5)
# How many calls are under way at once.
_AT_ONCE: Final = 12


def gather(aws: Aws, parts: Parts, key: str, now: datetime | None = None) -> Evidence:
    """Read all there is of the original ``key``; what may not be read is told so.

    Calls ``s3:HeadObject``, ``ListBucketVersions``, ``GetBucketNotification``, ``GetObject`` (of
    the page's data), ``dynamodb:Query``, ``sqs:ReceiveMessage``, ``logs:FilterLogEvents`` and
    ``cloudfront:ListDistributions``; changes nothing.

    Raises:
        NotSetUpError: there is no source bucket.
    """
    now, places = now or datetime.now(UTC), parts.places
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="story") as pool:

        def asked(call: Callable[..., Any], *arguments: Any) -> Callable[[], Told[Any]]:
            return pool.submit(told, lambda: call(aws, *arguments)).result

        source = places.source_bucket
        original, versions = asked(_original, source, key), asked(_versions, source, key)
        wired, rows = asked(_wired, source), asked(catalog.of_source, places.table, key)
        failed = asked(_failures, parts.queue, key)
        domain = asked(cdn.domain, parts.distribution, parts.domain)
        if versions().lacking:
            raise not_set_up()

        expected = _expected(key, rows().value or ())
        spans = _spans(now, _moments(original(), versions(), rows(), failed()))
        tries = asked(invocations.of_picture, parts.log_group, key, spans)
        results = asked(_results, places.destination_bucket, expected)
        shown = asked(_shown, places.destination_bucket, rows().value or ())
        answers = asked(_answers, domain(), expected)
        found = Evidence(
            key=key,
            now=now,
            follows=places.follows,
            bucket=source,
            original=original(),
            versions=versions(),
            wired=wired(),
            rows=rows(),
            failures=failed(),
            invocations=tries(),
            spans=spans,
            results=results(),
            shown=shown(),
            answers=_known(domain(), answers()),
        )
    nothing = found.original == Told() and not found.has_traces
    return (
        replace(found, near=told(lambda: _near(aws, source, key)).value or ()) if nothing else found
    )


def _original(aws: Aws, bucket: str, key: str) -> Original:
    found = aws.client("s3").head_object(Bucket=bucket, Key=key)
    return Original(
        size=found["ContentLength"],
        etag=found["ETag"].strip('"'),
        modified=found["LastModified"],
        version=found.get("VersionId", ""),
        content_type=found.get("ContentType", ""),
    )


def _versions(aws: Aws, bucket: str, key: str) -> list[Version]:
    """Return the newest versions and delete markers; a key sorts before those that it begins."""
    try:
        page = aws.client("s3").list_object_versions(Bucket=bucket, Prefix=key, MaxKeys=_VERSIONS)
    except ClientError as error:
        if absent(error):
            raise not_set_up() from error
        raise
    found = [
        Version(
            id=each["VersionId"],
            modified=each["LastModified"],
            size=each.get("Size", 0),
            etag=each.get("ETag", "").strip('"'),
            removed="ETag" not in each,
        )
        for each in (*page.get("Versions", []), *page.get("DeleteMarkers", []))
        if each["Key"] == key
    ]
    return sorted(found, key=lambda each: each.modified)


def _wired(aws: Aws, bucket: str) -> bool:
    rules = aws.client("s3").get_bucket_notification_configuration(Bucket=bucket)
    return bool(rules.get("LambdaFunctionConfigurations"))


def _failures(aws: Aws, queue: str, key: str) -> list[Failure]:
    if not messages.find(aws, queue).waiting:
        return []
    return [each for each in failures.read(aws, queue).found if each.key == key]


def _expected(key: str, rows: Sequence[Metadata]) -> list[str]:
    """Return the keys of the results, or without rows that of the one that is always made."""
    return [row.filename for row in rows] or [processed_key(key)]


def _results(aws: Aws, bucket: str, keys: Iterable[str]) -> dict[str, int]:
    head = partial(aws.client("s3").head_object, Bucket=bucket)
    found = {key: or_none(partial(head, Key=key)) for key in keys}
    return {key: answer["ContentLength"] for key, answer in found.items() if answer}


def _shown(aws: Aws, bucket: str, rows: Sequence[Metadata]) -> dict[str, bool]:
    return Page(aws, bucket).shows(rows)


def _answers(aws: Aws, domain: Told[str], keys: Iterable[str]) -> list[Answer]:
    if not domain.value:
        return []
    return [_answer(cdn.url(aws, domain.value, key), key) for key in keys]


def _answer(url: str, key: str) -> Answer:
    reply = cdn.fetch(url, "HEAD")
    age = reply.headers.get("age", "")
    return Answer(
        key=key,
        url=url,
        status=reply.status,
        x_cache=reply.headers.get("x-cache", ""),
        age=int(age) if age.isdecimal() else None,
    )


def _known(needed: Told[Any], found: Told[Any]) -> Told[Any]:
    """Return what was found, or why what it needed is not known."""
    return needed if needed.unknown else found


def _moments(
    original: Told[Original],
    versions: Told[Sequence[Version]],
    rows: Told[Sequence[Metadata]],
    failed: Told[Sequence[Failure]],
) -> Iterator[datetime]:
    """Yield when something is known to have happened to the picture as it is, or as it was last."""
    if original.value:
        yield original.value.modified
    for version in (versions.value or ())[-2:]:
        yield version.modified
    for row in rows.value or ():
        if row.timestamp:
            yield datetime.fromisoformat(row.timestamp).astimezone(UTC)
    for failure in (failed.value or ())[-2:]:
        yield failure.time


def _spans(now: datetime, moments: Iterable[datetime]) -> list[Span]:
    """Return where to look in the log, given what is known; always at the last hour."""
    known = [Span(moment - _BEFORE, min(now, moment + _AFTER)) for moment in moments]
    last = _AFTER if known else _NOTHING_KNOWN
    return invocations.merged([*known, Span(now - last, now + _SKEW)])


def _near(aws: Aws, bucket: str, key: str) -> list[str]:
    return get_close_matches(key, named.near(aws, bucket, key), n=3)
