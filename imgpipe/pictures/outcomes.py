"""What became of uploaded pictures, told by the rows the function writes into the table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from handler.schema import Metadata, Status
from imgpipe.errors import PartialError
from imgpipe.pictures import catalog
from imgpipe.pictures.files import LocalFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from imgpipe.aws.account import Aws
    from imgpipe.pictures.upload import Upload

FIRST_PAUSE_SECONDS: Final = 0.2
LONGEST_PAUSE_SECONDS: Final = 2.0
# A row may show so much later than one with a later time: functions' clocks differ a little, their
# writes may be retried, and the index takes its time.
_DISORDER: Final = timedelta(seconds=30)


class Outcome(StrEnum):
    """How far a file came."""

    PROCESSED = "processed"
    REJECTED = "rejected"
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    REFUSED = "refused"


@dataclass(frozen=True)
class Result:
    """A file, how far it came, the rows of its renditions, and why it did not come all the way."""

    file: LocalFile
    outcome: Outcome
    rows: tuple[Metadata, ...] = ()
    reason: str = ""


def refused(files: Iterable[LocalFile]) -> list[Result]:
    """Return the results of files that were not uploaded because they are no pictures."""
    return [
        Result(
            file,
            Outcome.REFUSED,
            reason="not a picture imgpipe can process; --force uploads it anyway",
        )
        for file in files
    ]


def sent(uploads: Iterable[Upload]) -> Iterator[Result]:
    """Yield the results as they are when nobody waits for more."""
    for upload in uploads:
        yield (
            Result(upload.file, Outcome.FAILED, reason=upload.error.message)
            if upload.error
            else Result(upload.file, Outcome.SENT)
        )


def follow(
    aws: Aws, table: str, uploads: Sequence[Upload], renditions: Sequence[str], patience: float
) -> Iterator[Result]:
    """Yield each upload's result as soon as the table has a row for each of ``renditions``, names.

    What is left when nothing new came for ``patience`` seconds is given up, after a last look.

    Raises:
        NotSetUpError: there is no table.
    """
    yield from sent(upload for upload in uploads if upload.error)
    waiting = [upload for upload in uploads if not upload.error]
    if not waiting:
        return

    rows = _RowsSince(aws, table, waiting)
    deadline, pause = aws.clock() + patience, FIRST_PAUSE_SECONDS
    while waiting:
        aws.sleep(pause)
        pause = min(LONGEST_PAUSE_SECONDS, pause * 1.5)
        last = aws.clock() >= deadline
        rows.look(rows.began if last else rows.unsettled)

        results = {upload: _result(upload, rows.of(upload), renditions) for upload in waiting}
        done = {
            upload: result
            for upload, result in results.items()
            if result.outcome is not Outcome.WAITING
        }
        if last and not done:
            yield from results.values()
            return
        if done:
            deadline = aws.clock() + patience
        waiting = [upload for upload in waiting if upload not in done]
        yield from done.values()


def raise_for_failures(results: Sequence[Result]) -> None:
    """Raise ``PartialError`` unless every result is what was asked for."""
    bad = [result for result in results if result.outcome not in {Outcome.PROCESSED, Outcome.SENT}]
    if bad:
        late = any(result.outcome is Outcome.WAITING for result in bad)
        raise PartialError(
            f"{len(bad)} of {len(results)} files did not make it",
            hint="" if late else "the reasons stand above; the others are done",
            next=("list-metadata", "logs", "status") if late else (),
        )


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
        self.began = self.unsettled = first - _DISORDER

    def look(self, since: datetime) -> None:
        """Gather what was written ``since`` then (``dynamodb:Query``)."""
        for row in catalog.since(self._aws, self._table, since):
            if row.source_key in self._rows:
                self._rows[row.source_key][row.filename] = row
                written = datetime.fromisoformat(row.timestamp)
                self.unsettled = max(self.unsettled, written - _DISORDER)

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
