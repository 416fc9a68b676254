"""All that there is of one picture, as values: what every part of the pipeline knows of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from handler.schema import Metadata, Status
from imgpipe.function.invocations import Invocation, Span
from imgpipe.pictures.failures import Failure
from imgpipe.pictures.story.told import Told

if TYPE_CHECKING:
    from imgpipe.pictures.differences import Places


@dataclass(frozen=True)
class Parts:
    """The names of what is asked; ``domain`` is one's own."""

    places: Places
    log_group: str
    queue: str
    distribution: str
    domain: str = ""


@dataclass(frozen=True)
class Original:
    """The object in the source bucket, as S3 describes it now."""

    size: int
    etag: str
    modified: datetime
    version: str
    content_type: str


@dataclass(frozen=True)
class Version:
    """A version of the original; ``removed``: it is a delete marker. Without versions: ``null``."""

    id: str
    modified: datetime
    size: int
    etag: str
    removed: bool


@dataclass(frozen=True)
class Answer:
    """What the CDN answers to a visitor now; ``age`` in seconds, where the edge tells it."""

    key: str
    url: str
    status: int
    x_cache: str
    age: int | None


@dataclass(frozen=True)
class Evidence:
    """What was read of ``key`` at the time ``now``.

    Attributes:
        follows: whether results go with their original.
        bucket: the source bucket.
        original: the object, ``None`` where it is gone.
        versions: its versions and delete markers, the oldest first.
        wired: whether the bucket starts anything.
        rows: the table's.
        failures: those in the queue.
        invocations: the tries that the log tells of, the oldest first.
        spans: where the log was read.
        results: the bytes of each result that is there, by key.
        shown: whether the page shows each result, by key.
        answers: the CDN's, one for each result.
        near: keys of other originals with a name much like it, where there is no such picture.
    """

    key: str
    now: datetime
    follows: bool
    bucket: str
    original: Told[Original]
    versions: Told[Sequence[Version]]
    wired: Told[bool]
    rows: Told[Sequence[Metadata]]
    failures: Told[Sequence[Failure]]
    invocations: Told[Sequence[Invocation]]
    spans: Sequence[Span]
    results: Told[Mapping[str, int]]
    shown: Told[Mapping[str, bool]]
    answers: Told[Sequence[Answer]]
    near: Sequence[str] = ()

    @property
    def current(self) -> list[Metadata]:
        """The rows of the original as it is now; all where it may not be looked at."""
        if self.original.unknown:
            return list(self.rows.value or ())
        etag = self.original.value.etag if self.original.value else None
        return [row for row in self.rows.value or () if row.source_etag == etag]

    @property
    def made(self) -> list[Metadata]:
        """Those of them that have a result."""
        return [row for row in self.current if row.status == Status.PROCESSED]

    @property
    def rejection(self) -> str:
        """Why the original as it is now was rejected; empty if it was not."""
        return next((row.reason for row in self.current if row.status == Status.REJECTED), "")

    @property
    def tries(self) -> list[Invocation]:
        """The tries since the original was put as it is now; S3 tells that to the second."""
        since = self.original.value.modified if self.original.value else None
        return [
            each
            for each in self.invocations.value or ()
            if since is None or each.began.replace(microsecond=0) >= since
        ]

    @property
    def given_up(self) -> Failure | None:
        """The last failure for good since then; ``None`` if there is none."""
        since = self.original.value.modified if self.original.value else None
        found = [each for each in self.failures.value or () if not since or each.time >= since]
        return found[-1] if found else None

    @property
    def has_traces(self) -> bool:
        """Whether anything tells that there was such a picture."""
        read = (self.versions, self.rows, self.failures, self.invocations, self.results)
        return any(each.value for each in read)
