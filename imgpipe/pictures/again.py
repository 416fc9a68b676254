"""Pictures made again: the function is started for each, a bounded number at a time, and followed.

What is under way goes on whatever becomes of this run, and what is done twice does no harm; so a
run that is killed is finished by another one for what it left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Final

from handler.event import Kind, s3_event
from handler.schema import Metadata, Status
from imgpipe.aws.errors import translated
from imgpipe.errors import PartialError, ServiceError
from imgpipe.function import invoke
from imgpipe.pictures import catalog, failures
from imgpipe.pictures.following import DISORDER, Silence
from imgpipe.pictures.leftovers import has_original

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.pictures.failures import Failure

# A start is a request of some ten milliseconds.
_STARTS_AT_ONCE: Final = 16


class Fate(StrEnum):
    """What became of a picture that was to be made again."""

    PROCESSED = "processed"
    REJECTED = "rejected"
    GONE = "gone"
    FAILED = "failed"
    WAITING = "waiting"
    SELECTED = "selected"


@dataclass(frozen=True)
class Redone:
    """A picture's ``fate``, its ``results`` by their keys, or the ``reason`` why there are none."""

    key: str
    fate: Fate
    reason: str = ""
    results: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """The names of what it takes, and of the ``renditions`` that each picture is to have."""

    function: str
    alias: str
    source_bucket: str
    table: str
    queue: str
    renditions: Sequence[str]


def run(
    aws: Aws, place: Place, keys: Iterable[str], most: int, patience: float
) -> Iterator[Redone]:
    """Start the function for each of ``keys``, ``most`` at a time; yield what becomes of it.

    After ``patience`` seconds without any news what is under way is given up, and nothing further
    is started: that is then not told of.

    Raises:
        NotSetUpError: there is no table.
        ServiceError: the function cannot be started for the first.
    """
    pool = ThreadPoolExecutor(_STARTS_AT_ONCE, thread_name_prefix="again")
    try:
        flight, silence = _Flight(aws, place, pool), Silence(aws, patience)
        yield from _flown(flight, iter(keys), most, silence)
    finally:
        # What is started is started.
        pool.shutdown(wait=False, cancel_futures=True)


def _flown(flight: _Flight, left: Iterator[str], most: int, silence: Silence) -> Iterator[Redone]:
    while True:
        yield from flight.begin(list(islice(left, most - len(flight))))
        if not flight:
            return
        silence.pause()
        told = list(flight.news()) or (list(flight.lost()) if silence.is_long else [])
        yield from told
        if told:
            silence.end()
        elif silence.is_over:
            yield from flight.given_up()
            return


def gone(key: str) -> Redone:
    """Return what there is to say of an original that is not there."""
    return Redone(key, Fate.GONE, "the original is not in the source bucket")


def selected(key: str) -> Redone:
    """Return what there is to say of a picture that nothing was tried with."""
    return Redone(key, Fate.SELECTED)


def raise_for_failures(done: Iterable[Redone], wanted: int, again: str) -> None:
    """Raise ``PartialError`` when all is ``done``, unless all that were ``wanted`` were made.

    ``again`` goes on.
    """
    fates = Counter(each.fate for each in done)
    bad = wanted - fates[Fate.PROCESSED]
    if not bad:
        return
    failed = fates[Fate.FAILED]
    late = fates.total() < wanted or fates[Fate.WAITING]
    raise PartialError(
        f"{bad:,} of {wanted:,} pictures were not made again",
        hint="the reasons stand above; the others are done",
        next=(*(["failures"] if failed else []), *([again, "logs --since 10m"] if late else [])),
    )


@dataclass
class _Flight:
    """The pictures that are with the function: when each was started, and its rows since."""

    aws: Aws
    place: Place
    pool: ThreadPoolExecutor
    started: dict[str, datetime] = field(default_factory=dict)
    rows: dict[str, dict[str, Metadata]] = field(default_factory=dict)
    unsettled: datetime | None = None
    proven: bool = False

    def __len__(self) -> int:
        return len(self.started)

    def begin(self, keys: Sequence[str]) -> Iterator[Redone]:
        """Start the function for each; yield those that it could not be started for."""
        if keys and not self.proven:
            with translated():
                self._take(keys[0], self._start(keys[0]))
            keys, self.proven = keys[1:], True
        for key, sent in zip(keys, self.pool.map(self._tried, keys), strict=True):
            if isinstance(sent, datetime):
                self._take(key, sent)
            else:
                yield Redone(key, Fate.FAILED, sent)

    def news(self) -> Iterator[Redone]:
        """Yield those whose rows say what became of them (``dynamodb:Query``)."""
        since = self.unsettled or min(self.started.values()) - DISORDER
        for row in catalog.since(self.aws, self.place.table, since):
            sent = self.started.get(row.source_key)
            if sent and (written := datetime.fromisoformat(row.timestamp)) >= sent:
                self.rows[row.source_key][row.filename] = row
                self.unsettled = max(self.unsettled or since, written - DISORDER)
        yield from self._settled({key: self._told(key) for key in self.started})

    def lost(self) -> Iterator[Redone]:
        """Yield those that failed for good, and those whose original is gone."""
        failed = failures.glance(self.aws, self.place.queue, failures.READ).found
        given_up = {each.key: each for each in failed if each.kind is Kind.CREATED}
        yield from self._settled({key: self._lost(key, given_up) for key in self.started})

    def given_up(self) -> Iterator[Redone]:
        """Yield all that are left."""
        reason = "still being processed, or waiting for its turn"
        yield from self._settled({key: Redone(key, Fate.WAITING, reason) for key in self.started})

    def _start(self, key: str) -> datetime:
        event = s3_event(Kind.CREATED, self.place.source_bucket, key, self.aws.region)
        return invoke.start(self.aws, self.place.function, self.place.alias, event)

    def _tried(self, key: str) -> datetime | str:
        try:
            with translated():
                return self._start(key)
        except ServiceError as error:
            return error.message

    def _take(self, key: str, sent: datetime) -> None:
        self.started[key], self.rows[key] = sent, {}

    def _settled(self, told: Mapping[str, Redone | None]) -> Iterator[Redone]:
        for key, each in told.items():
            if each:
                del self.started[key], self.rows[key]
                yield each

    def _told(self, key: str) -> Redone | None:
        rows = self.rows[key].values()
        for row in rows:
            if row.status is Status.REJECTED:
                return Redone(key, Fate.REJECTED, row.reason)
        made = {row.rendition: row.filename for row in rows}
        if not made or not {*self.place.renditions} <= {*made}:
            return None
        return Redone(key, Fate.PROCESSED, results=tuple(sorted(made.values())))

    def _lost(self, key: str, given_up: Mapping[str, Failure]) -> Redone | None:
        failure = given_up.get(key)
        if failure and failure.time >= self.started[key]:
            return Redone(key, Fate.FAILED, failure.reason)
        if has_original(self.aws, self.place.source_bucket, key):
            return None
        return gone(key)
