"""Uploads followed to what becomes of them, by the rows that the function writes into the table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from handler.schema import Metadata, Status
from imgpipe.aws.passing import passed_over
from imgpipe.pictures import catalog
from imgpipe.pictures.outcomes import Outcome, Remark, Result, sent
from imgpipe.pictures.upload import Upload

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

Told = Result | Remark
Stalled = Callable[[Sequence[Upload]], Iterable[Told]]

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

    def follow(self, uploads: Sequence[Upload]) -> Iterator[Told]:
        """Yield each upload's result as soon as the table has a row for each rendition.

        A look that AWS has no answer to is as one that shows nothing; the last must have one.

        Raises:
            NotSetUpError: there is no table.
        """
        yield from sent(upload for upload in uploads if not upload.sent)
        waiting = {upload.file: upload for upload in uploads if upload.sent}
        if not waiting:
            return
        rows = _RowsSince(self.aws, self.table, list(waiting.values()))
        silence = Silence(self.aws, self.patience)
        while waiting:
            silence.pause()
            last = silence.is_over
            if last:
                rows.look(rows.began)
            else:
                with passed_over():
                    rows.look(rows.unsettled)
            results = [
                _result(upload, rows.of(upload), self.renditions) for upload in waiting.values()
            ]
            told = self._news(list(waiting.values()), results, silence)
            if last and not told:
                yield from results
                return
            if told:
                silence.end()
            for each in told:
                if isinstance(each, Result):
                    del waiting[each.file]
                yield each

    def _news(
        self, waiting: Sequence[Upload], results: Sequence[Result], silence: Silence
    ) -> list[Told]:
        told: list[Told] = [each for each in results if each.outcome is not Outcome.WAITING]
        return told or (list(self.stalled(waiting)) if silence.is_long else [])


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
    """The rows of ``uploads``, gathered look by look.

    A look asks for what was written since a moment, whatever its source: a few calls for all
    uploads together, however many they are. ``began`` is before the first of their rows;
    ``unsettled`` is the moment since which more may still show than was seen.
    """

    def __init__(self, aws: Aws, table: str, uploads: Sequence[Upload]) -> None:
        self._aws, self._table = aws, table
        self._rows: dict[str, dict[str, Metadata]] = {upload.file.key: {} for upload in uploads}
        first = min(upload.sent for upload in uploads if upload.sent)
        self.began = self.unsettled = first - DISORDER

    def look(self, since: datetime) -> None:
        """Gather what was written ``since`` then (``dynamodb:Query``)."""
        for row in catalog.since(self._aws, self._table, since):
            if row.source_key in self._rows:
                self._rows[row.source_key][row.filename] = row
                written = datetime.fromisoformat(row.timestamp)
                self.unsettled = max(self.unsettled, written - DISORDER)

    def of(self, upload: Upload) -> list[Metadata]:
        """Return what was gathered of an upload's file, the newest last."""
        return sorted(self._rows[upload.file.key].values(), key=lambda row: row.timestamp)


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
