"""What is done about uploads of which nothing is heard: start the function, and look what failed.

A trigger just wired may sleep for minutes, and what arrives meanwhile makes no event at all:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-enable-disable-notification-intro.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeVar

from handler.event import Kind, s3_event
from imgpipe.aws.errors import translated
from imgpipe.errors import ImgpipeError
from imgpipe.function import invoke, logs
from imgpipe.pictures import failures
from imgpipe.pictures.following import STALLED_SECONDS
from imgpipe.pictures.outcomes import Outcome, Remark, Result

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.function.lines import LogLine
    from imgpipe.pictures.waiting import Waiting

T = TypeVar("T")

# Of each silence; S3 would have sent as many events, at once.
STARTED: Final = 1_000
_AT_ONCE: Final = 16
# So many pictures that failed are said, each once.
_SAID: Final = 5
_NOTHING: Final = f"No result for {STALLED_SECONDS:.0f} s"


@dataclass(frozen=True)
class Names:
    """What is asked and started: the function, its log group, its failure queue, its bucket."""

    function: str
    alias: str
    log_group: str
    queue: str
    source_bucket: str


class Helper:
    """Helps uploads on, and says what it did and saw; what may not be done is left out."""

    def __init__(self, aws: Aws, names: Names) -> None:
        self._aws, self._names = aws, names
        self._started: set[str] = set()
        self._may_start = True
        self._attempts: set[tuple[str, datetime]] = set()

    def __call__(self, waiting: Waiting) -> Iterator[Result | Remark]:
        """Yield the uploads that failed for good, and what a person should know of the others."""
        yield from self._given_up(waiting)
        yield from self._failing(waiting)
        yield from self._start(waiting)

    @property
    def _failed(self) -> set[str]:
        return {key for key, _ in self._attempts}

    def _start(self, waiting: Waiting) -> Iterator[Remark]:
        """Start the function for those it was not started for yet, each by an event of its own.

        Of several in one event the last would have the least time, and all would fail with one.
        What failed was started by S3. Where S3's event comes after all, the work is done twice,
        which changes nothing.
        """
        known = self._started | self._failed
        keys = (upload.file.key for upload in waiting)
        fresh = list(islice((key for key in keys if key not in known), STARTED))
        if not fresh or not self._may_start:
            return
        first = not self._started
        self._started |= set(fresh)
        if refusal := self._refusal(fresh[0]) or self._first_refusal(fresh[1:]):
            self._may_start = False
            yield Remark(f"{_NOTHING}, and the function cannot be started: {refusal}")
        else:
            yield Remark(f"{_NOTHING}: the function was started for {_pictures(fresh)}")
        if first:
            yield from self._crowded(len(waiting))

    def _first_refusal(self, keys: Sequence[str]) -> str:
        pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="start")
        try:
            return next(filter(None, pool.map(self._refusal, keys)), "")
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _refusal(self, key: str) -> str:
        """Start the function for ``key``; return why that was refused, empty if it was not."""
        event = s3_event(Kind.CREATED, self._names.source_bucket, key, self._aws.region)
        try:
            with translated():
                invoke.start(self._aws, self._names.function, self._names.alias, event)
        except ImgpipeError as error:
            return error.message
        return ""

    def _crowded(self, waiting: int) -> Iterator[Remark]:
        """Say it where more is waiting than may run at once: events then pause for minutes.

        https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
        """
        limit = _tried(lambda: invoke.at_once(self._aws), waiting)
        if limit < waiting:
            yield Remark(
                f"{waiting:,} pictures wait, and this account may run {limit:,} functions at once:"
                " AWS takes the others in turn, with pauses of up to five minutes. The quota"
                " (Lambda, concurrent executions) can be raised on request"
            )

    def _given_up(self, waiting: Waiting) -> Iterator[Result]:
        nothing = failures.Failures((), 0, complete=False)
        read = _tried(lambda: failures.glance(self._aws, self._names.queue, failures.READ), nothing)
        found = {each.key: each for each in read.found if each.kind is Kind.CREATED}
        for failure in found.values():
            upload = waiting.of(failure.key)
            if upload and upload.sent and failure.time >= upload.sent:
                reason = failure.reason
                yield Result(upload.file, Outcome.FAILED, reason=reason, given_up=True)

    def _failing(self, waiting: Waiting) -> Iterator[Remark]:
        """Tell of tries that failed: Lambda makes two more, after one minute and after two."""
        since = waiting.began
        if not since:
            return
        nothing: list[LogLine] = []
        for line in _tried(lambda: self._errors(since), nothing):
            key = str(line.fields.get("key", ""))
            if (key, line.time) not in self._attempts and waiting.of(key):
                yield self._attempt(key, line)

    def _errors(self, since: datetime) -> list[LogLine]:
        return list(logs.tail(self._aws, self._names.log_group, since, logs.ERRORS))

    def _attempt(self, key: str, line: LogLine) -> Remark:
        """Return what is to be said of one try, of the first of some pictures."""
        known = self._failed
        self._attempts.add((key, line.time))
        if key in known or len(known) >= _SAID:
            return Remark("")
        reason = line.fields.get("error") or line.message
        return Remark(f"{key} failed: {reason}; AWS tries it again within minutes")


def _pictures(keys: Sequence[str]) -> str:
    return keys[0] if len(keys) == 1 else f"{len(keys):,} pictures that wait"


def _tried(call: Callable[[], T], otherwise: T) -> T:
    """Return what ``call`` returns, or ``otherwise`` where that fails or may not be asked."""
    try:
        with translated():
            return call()
    except ImgpipeError:
        return otherwise
