"""What became of uploaded pictures, told by the rows the function writes into the table."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from handler.schema import PARTITION_KEY, Metadata, Status, possible_keys
from imgpipe.aws.errors import absent
from imgpipe.errors import PartialError, not_set_up
from imgpipe.pictures.files import LocalFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from imgpipe.aws.account import Aws
    from imgpipe.pictures.upload import Upload

# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
KEYS_A_CALL: Final = 100
CALLS_AT_ONCE: Final = 8
FIRST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 2.0


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
    """A file, how far it came, the rows of its renditions, and the ``reason`` if it did not come all the way."""

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
    """Yield each upload's result as soon as the table has it, for every one of ``renditions`` (their names).

    Gives up on what is left when nothing new came for ``patience`` seconds (``dynamodb:BatchGetItem``).

    Raises:
        NotSetUpError: there is no table.
    """
    yield from sent(upload for upload in uploads if upload.error)
    waiting = [upload for upload in uploads if not upload.error]
    deadline, pause = aws.clock() + patience, FIRST_PAUSE
    while waiting:
        aws.sleep(pause)
        pause = min(LONGEST_PAUSE, pause * 1.5)
        rows = _rows(aws, table, waiting, renditions)
        results = {upload: _result(upload, rows, renditions) for upload in waiting}
        waiting = [
            upload for upload, result in results.items() if result.outcome is Outcome.WAITING
        ]
        if len(waiting) < len(results):
            deadline = aws.clock() + patience
        yield from (result for result in results.values() if result.outcome is not Outcome.WAITING)
        if aws.clock() >= deadline:
            yield from (results[upload] for upload in waiting)
            return


def check(results: Sequence[Result]) -> None:
    """Raise ``PartialError`` unless every result is what was asked for."""
    bad = [result for result in results if result.outcome not in {Outcome.PROCESSED, Outcome.SENT}]
    if bad:
        late = any(result.outcome is Outcome.WAITING for result in bad)
        raise PartialError(
            f"{len(bad)} of {len(results)} files did not make it",
            hint="" if late else "the reasons stand above; the others are done",
            next=("list-metadata", "logs", "status") if late else (),
        )


def _result(upload: Upload, rows: Mapping[str, Metadata], renditions: Sequence[str]) -> Result:
    keys = (
        key for rendition in {"", *renditions} for key in possible_keys(upload.file.key, rendition)
    )
    mine = [rows[key] for key in keys if key in rows and _tells_of(rows[key], upload)]
    for row in mine:
        if row.status == Status.REJECTED:
            return Result(upload.file, Outcome.REJECTED, reason=row.reason)
    made = {row.rendition: row for row in mine if row.rendition in renditions}
    missing = [rendition or "the default one" for rendition in renditions if rendition not in made]
    if not missing:
        return Result(
            upload.file, Outcome.PROCESSED, tuple(made[rendition] for rendition in renditions)
        )
    return Result(
        upload.file,
        Outcome.WAITING,
        tuple(made.values()),
        _still_missing(missing, of=len(renditions)),
    )


def _tells_of(row: Metadata, upload: Upload) -> bool:
    """A row tells of an upload if it was made of it, or of a later one of the same key: then the upload's own will never come."""
    modified = _moment(row.source_modified)
    return row.source_key == upload.file.key and (
        row.upload_id == upload.upload_id
        or bool(modified and upload.sent and modified > upload.sent)
    )


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _still_missing(renditions: Sequence[str], of: int) -> str:
    if len(renditions) == of:
        return "still being processed"
    return f"still without {', '.join(renditions)}: was imgpipe.toml changed without a setup?"


def _rows(
    aws: Aws, table: str, uploads: Sequence[Upload], renditions: Sequence[str]
) -> dict[str, Metadata]:
    """Return what there is under every key the uploads' rows may have, by key."""
    names = sorted({"", *renditions})  # a rejection is told under the default rendition's key
    keys = list(
        dict.fromkeys(
            key
            for upload in uploads
            for name in names
            for key in possible_keys(upload.file.key, name)
        )
    )
    chunks = [keys[start : start + KEYS_A_CALL] for start in range(0, len(keys), KEYS_A_CALL)]
    with ThreadPoolExecutor(CALLS_AT_ONCE, thread_name_prefix="follow") as pool:
        pages = pool.map(lambda chunk: _get(aws, table, chunk), chunks)
        return {row.filename: row for page in pages for row in page}


def _get(aws: Aws, table: str, keys: Sequence[str]) -> list[Metadata]:
    asked: Mapping[str, Any] = {table: {"Keys": [{PARTITION_KEY: {"S": key}} for key in keys]}}
    rows: list[Metadata] = []
    try:
        while asked:
            answer = aws.client("dynamodb").batch_get_item(RequestItems=asked)
            rows += [Metadata.from_item(item) for item in answer["Responses"].get(table, [])]
            if asked := answer.get("UnprocessedKeys", {}):
                aws.sleep(FIRST_PAUSE)
    except ClientError as error:
        if absent(error):
            raise not_set_up(f"table {table}") from error
        raise
    return rows
