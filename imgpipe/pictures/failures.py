"""What failed for good: the failure queue's records, as the pictures that they tell of.

Lambda sends such a record when it has tried an event three times, or never came to it:
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote_plus

from botocore.exceptions import ClientError

from handler.event import Kind, ObjectEvent, object_events
from imgpipe.aws import messages
from imgpipe.aws.errors import denied
from imgpipe.function.answer import NEVER_RAN, NO_REASON, reason_of

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.aws.messages import Message

# A call for each ten of them.
READ: Final = 1_000
# So long others do not see what is read, at the longest.
_HELD_SECONDS: Final = 30
_SOON: Final = timedelta(days=3)
_UNREADABLE: Final = "not a record that Lambda writes of an event"
_PICTURES: Final = (Kind.CREATED, Kind.REMOVED)


@dataclass(frozen=True)
class Failure:
    """One picture that failed for good.

    Attributes:
        key: its key in the source bucket; empty where the message tells of none.
        kind: whether it was created or removed.
        reason: what Lambda says of it, in a line.
        time: when it was given up, in UTC.
        expires: when SQS deletes the message, in UTC.
        request_id: Lambda's id of the invocation; empty if it is not told.
        attempts: how often it was tried; 0 if that is not told.
        message: SQS's id of the message, which may tell of several pictures.
    """

    key: str
    kind: Kind
    reason: str
    time: datetime
    expires: datetime
    request_id: str
    attempts: int
    message: str

    @property
    def same_reason(self) -> str:
        """The reason without the names that differ from one picture to the next."""
        names = {self.key, quote_plus(self.key), self.request_id} - {""}
        if not names:
            return self.reason
        longest_first = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
        return re.sub(rf"(?<!\w)(?:{longest_first})(?!\w)", "...", self.reason)


@dataclass(frozen=True)
class Failures:
    """What was ``found``, the oldest first, of about so many messages that are ``waiting``.

    ``complete`` says that the queue held no more that could be had.
    """

    found: Sequence[Failure]
    waiting: int
    complete: bool

    def by_reason(self) -> list[tuple[str, list[Failure]]]:
        """Return the failures by their reason, the most frequent first."""
        by_name = sorted(self.found, key=lambda failure: failure.same_reason)
        groups = groupby(by_name, key=lambda failure: failure.same_reason)
        return sorted(
            ((reason, list(group)) for reason, group in groups), key=lambda pair: -len(pair[1])
        )

    def expiring(self, now: datetime) -> list[Failure]:
        """Return those that SQS deletes within three days."""
        return [failure for failure in self.found if failure.expires - now <= _SOON]


def read(aws: Aws, queue: str, limit: int = READ) -> Failures:
    """Return what the queue holds, ``limit`` messages at most; nothing is consumed.

    Raises:
        NotSetUpError: there is no queue.
    """
    found = messages.find(aws, queue)
    with messages.held(aws, found, limit, _HELD_SECONDS) as held:
        told = list(chain.from_iterable(map(of_message, held)))
    ordered = sorted(told, key=lambda failure: (failure.time, failure.key))
    return Failures(ordered, max(found.waiting, len(held)), len(held) < limit)


def glance(aws: Aws, queue: str, limit: int = messages.A_CALL) -> Failures:
    """Return how many messages wait, and what ``limit`` of them tell, where that may be read.

    Raises:
        NotSetUpError: there is no queue.
    """
    waiting = messages.find(aws, queue).waiting
    try:
        return read(aws, queue, limit) if waiting else Failures((), 0, complete=True)
    except ClientError as error:
        if not denied(error):
            raise
        return Failures((), waiting, complete=False)


def of_message(message: Message) -> Iterator[Failure]:
    """Yield the pictures that a message tells of; one without a key where it tells of none.

    Whatever somebody sent to the queue, it is listed, and never an error.
    """
    record = _record(message)
    context = _mapping(record.get("requestContext"))
    for told in _objects(record) or [ObjectEvent(Kind.CREATED, "", "")]:
        yield Failure(
            key=told.key,
            kind=told.kind,
            reason=_reason(record, context),
            time=_time(record.get("timestamp")) or message.sent,
            expires=message.expires,
            request_id=str(context.get("requestId") or ""),
            attempts=_count(context.get("approximateInvokeCount")),
            message=message.id,
        )


def _reason(record: Mapping[str, Any], context: Mapping[str, Any]) -> str:
    if not context and "requestPayload" not in record:
        return _UNREADABLE
    said = reason_of(record.get("responsePayload"))
    if said != NO_REASON:
        return said
    condition = str(context.get("condition") or said)
    return NEVER_RAN if condition == "EventAgeExceeded" else condition


def _record(message: Message) -> Mapping[str, Any]:
    try:
        return _mapping(json.loads(message.body))
    except (ValueError, RecursionError):
        return {}


def _objects(record: Mapping[str, Any]) -> list[ObjectEvent]:
    """Return the objects of the event, each once."""
    try:
        told = dict.fromkeys(object_events(_mapping(record.get("requestPayload"))))
    except (ValueError, KeyError, TypeError, AttributeError):
        return []
    return [each for each in told if each.kind in _PICTURES and isinstance(each.key, str)]


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _time(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
