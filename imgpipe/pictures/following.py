"""Uploads followed to what becomes of them, by the rows that the function writes into the table."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from handler.schema import Metadata, Status
from imgpipe.aws.passing import passed_over
from imgpipe.pictures import catalog
from imgpipe.pictures.outcomes import Outcome, Remark, Result
from imgpipe.pictures.waiting import Waiting

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.pictures.upload import Upload

Told = Result | Remark
Stalled = Callable[[Waiting], Iterable[Told]]

# A picture takes seconds from its arrival to its row; so long after the last, something is wrong.
STALLED_SECONDS: Final = 20.0
FIRST_PAUSE_SECONDS: Final = 0.2
LONGEST_PAUSE_SECONDS: Final = 2.0
# A row may show so much later than one with a later time: functions' clocks differ a little, their
# writes may be retried, and the index takes its time.
DISORDER: Final = timedelta(seconds=30)


@dataclass(frozen=True)
class Watch:
    """How uploads are followed.

    Attributes:
        aws: the account.
        table: the name of the table that has the rows.
        renditions: the names of the rows that each picture is to have.
        patience: seconds without news after which what is left is given up, after a last look.
        stalled: asked about what is left whenever nothing came for ``STALLED_SECONDS``; what it
            says is passed on, and is news.
    """

    aws: Aws
    table: str
    renditions: Sequence[str]
    patience: float
    stalled: Stalled = lambda _: ()

    def follow(self, waiting: Waiting) -> Iterator[Told]:
        """Yield each upload's result as soon as the table has a row for each rendition.

        A look that AWS has no answer to is as one that shows nothing; the last must have one.

        Raises:
            NotSetUpError: there is no table.
        """
        if not waiting.began:
            return
        rows = _RowsSince(self, waiting, waiting.began - DISORDER)
        silence = Silence(self.aws, self.patience)
        while waiting:
            silence.pause()
            last = silence.is_over
            heard = yield from _passed_on(waiting, rows.last_look() if last else rows.look())
            if not heard and silence.is_long:
                heard = yield from _passed_on(waiting, self.stalled(waiting))
            if heard:
                silence.end()
            elif last:
                yield from map(rows.result, waiting)
                return


def _passed_on(waiting: Waiting, told: Iterable[Told]) -> Generator[Told, None, bool]:
    """Yield what is told, no longer waiting for what it is the end of; return if there was any."""
    heard = False
    for each in told:
        heard = True
        if isinstance(each, Result):
            waiting.done(each.file.key)
        yield each
    return heard


class Silence:
    """The time since the last news: paused in, ever longer, and over after ``patience`` seconds."""

    def __init__(self, aws: Aws, patience: float) -> None:
        self._aws, self._patience = aws, patience
        self._began = self._noticed = aws.clock()
        self._pause = FIRST_PAUSE_SECONDS

    @property
    def is_over(self) -> bool:
        """Whether the patience is at its end."""
        return self._aws.clock() >= self._began + self._patience

    @property
    def is_long(self) -> bool:
        """Whether it lasts for ``STALLED_SECONDS``, or for as long since it was last said so."""
        long = self._aws.clock() >= self._noticed + STALLED_SECONDS
        if long:
            self._noticed = self._aws.clock()
        return long

    def pause(self) -> None:
        """Sleep; the first pauses are short, the later ones spare the table."""
        self._aws.sleep(self._pause)
        self._pause = min(LONGEST_PAUSE_SECONDS, self._pause * 1.5)

    def end(self) -> None:
        """Begin anew: there was news."""
        self._began = self._noticed = self._aws.clock()


class _RowsSince:
    """The rows of uploads that are ``waiting``, gathered look by look.

    A look asks for what was written since a moment, whatever its source: a few calls for all
    uploads together, however many they are. Only rows of pictures that lack some are kept.
    ``began`` is before the first of their rows; that since which more may still show than was
    seen is ``_unsettled``.
    """

    def __init__(self, watch: Watch, waiting: Waiting, began: datetime) -> None:
        self._watch, self._waiting = watch, waiting
        self._rows: dict[str, dict[str, Metadata]] = {}
        self._began = self._unsettled = began

    def look(self) -> Iterator[Result]:
        """Yield what is complete with what is new, as far as AWS has an answer."""
        with passed_over():
            yield from self._since(self._unsettled)

    def last_look(self) -> Iterator[Result]:
        """Yield what is complete with all that was written (``dynamodb:Query``)."""
        yield from self._since(self._began)

    def _since(self, since: datetime) -> Iterator[Result]:
        newest = self._unsettled
        for row in catalog.since(self._watch.aws, self._watch.table, since):
            if upload := self._waiting.of(row.source_key):
                newest = max(newest, datetime.fromisoformat(row.timestamp) - DISORDER)
                self._rows.setdefault(row.source_key, {})[row.filename] = row
                result = self.result(upload)
                if result.outcome is not Outcome.WAITING:
                    del self._rows[row.source_key]
                    yield result
        # Not before: of a look that broke off, nobody knows what it would have shown.
        self._unsettled = newest

    def result(self, upload: Upload) -> Result:
        """Return how far an upload is by what was gathered."""
        rows = self._rows.get(upload.file.key, {}).values()
        in_time = sorted(rows, key=lambda row: row.timestamp)
        return _result(upload, in_time, self._watch.renditions)


def _result(upload: Upload, rows: Iterable[Metadata], renditions: Sequence[str]) -> Result:
    told = [row for row in rows if _tells_of(row, upload)]
    for row in told:
        if row.status is Status.REJECTED:
            return Result(upload.file, Outcome.REJECTED, reason=row.reason)

    made = {row.rendition: row for row in told}
    ready = tuple(made[name] for name in renditions if name in made)
    if len(ready) == len(renditions):
        return Result(upload.file, Outcome.PROCESSED, ready)
    return Result(upload.file, Outcome.WAITING, ready, _still_missing(made, renditions))


def _tells_of(row: Metadata, upload: Upload) -> bool:
    """Say whether a row was made of an upload, or of a later one of the same key.

    In the second case the upload's own will never come.
    """
    if row.upload_id == upload.upload_id:
        return True
    return bool(
        row.source_modified
        and upload.sent
        and datetime.fromisoformat(row.source_modified) > upload.sent
    )


def _still_missing(made: Mapping[str, Metadata], renditions: Sequence[str]) -> str:
    missing = [name or "the default one" for name in renditions if name not in made]
    if len(missing) == len(renditions):
        return "still being processed"
    return f"still without {', '.join(missing)}: was imgpipe.toml changed without a setup?"
