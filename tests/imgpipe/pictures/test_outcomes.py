"""Following uploads to what became of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from botocore.exceptions import ClientError

from handler.keys import processed_key
from handler.schema import SHARDS, Metadata, Status
from imgpipe.errors import ImgpipeError, NotSetUpError, PartialError
from imgpipe.pictures import outcomes
from imgpipe.pictures.files import LocalFile
from imgpipe.pictures.following import Watch
from imgpipe.pictures.outcomes import Outcome, Result
from imgpipe.pictures.there import Standing
from imgpipe.pictures.upload import Upload
from imgpipe.pictures.waiting import Waiting
from tests.support import table as tables
from tests.support.table import TABLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imgpipe.aws.account import Aws
    from tests.support.account import Clock, Faults, Sent

pytestmark = pytest.mark.slow

SENT: Final = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)


def follow(
    aws: Aws, table: str, uploads: Sequence[Upload], renditions: Sequence[str], patience: float
) -> Iterator[Result]:
    """Follow uploads where nobody helps: there are results, and nothing else is told."""
    waiting = Waiting()
    yield from waiting.take(uploads)
    for told in Watch(aws, table, renditions, patience).follow(waiting):
        assert isinstance(told, Result)
        yield told


def upload(key: str = "a/photo.jpg", upload_id: str = "mine") -> Upload:
    """A finished upload."""
    return Upload(LocalFile(Path(key), key, 100, "image/jpeg"), upload_id, SENT)


def row(of: Upload, rendition: str = "", extension: str = "", **facts: Any) -> Metadata:
    """The row the function writes for a rendition of an upload."""
    return Metadata(
        filename=processed_key(of.file.key, rendition, extension),
        size=50,
        timestamp="2026-07-01T10:00:01.000+00:00",
        status=Status.PROCESSED,
        source_key=of.file.key,
        source_modified=SENT.isoformat(timespec="seconds"),
        rendition=rendition,
        upload_id=of.upload_id,
        **facts,
    )


def write(aws: Aws, *rows: Metadata) -> None:
    """Write rows as the function does."""
    tables.write(aws.client("dynamodb"), *rows)


@pytest.fixture(params=[tables.make, tables.make_without_indexes], ids=["indexed", "plain"])
def table(aws: Aws, request: pytest.FixtureRequest) -> str:
    """An empty table, as setup makes it, and as the first release left it."""
    request.param(aws.client("dynamodb"))
    return TABLE


@pytest.mark.parametrize("extension", ["", "jpg", "png", "webp", "avif"])
def test_a_result_is_found_whatever_its_format(aws: Aws, table: str, extension: str) -> None:
    """The bytes decide the extension, and only the function looks at them."""
    made = row(upload(), extension=extension)
    write(aws, made)
    assert list(follow(aws, table, [upload()], [""], 10)) == [
        Result(upload().file, Outcome.PROCESSED, (made,))
    ]


def test_a_picture_is_done_when_every_rendition_is(aws: Aws, table: str) -> None:
    """The rows come in the order of the renditions."""
    thumb, default = row(upload(), "thumb", "webp"), row(upload())
    write(aws, thumb, default)
    (result,) = follow(aws, table, [upload()], ["", "thumb"], 10)
    assert result.rows == (default, thumb)


def test_a_rejected_picture_is_done_with_its_reason(aws: Aws, table: str) -> None:
    """Even if the recipe has no default rendition, under whose key rejections are told."""
    write(aws, replace(row(upload()), status=Status.REJECTED, reason="too many pixels"))
    (result,) = follow(aws, table, [upload()], ["thumb"], 10)
    assert result == Result(upload().file, Outcome.REJECTED, reason="too many pixels")


def test_the_row_of_an_earlier_upload_does_not_count(aws: Aws, table: str) -> None:
    """What the picture was before is not what becomes of it now."""
    write(aws, row(upload(upload_id="earlier")))
    (result,) = follow(aws, table, [upload()], [""], 10)
    assert result.outcome is Outcome.WAITING
    assert result.reason == "still being processed"


def test_a_later_upload_of_the_same_key_counts(aws: Aws, table: str) -> None:
    """Somebody replaced the picture meanwhile: the row of this upload will never come."""
    later = (SENT + timedelta(seconds=1)).isoformat(timespec="seconds")
    write(aws, replace(row(upload(upload_id="later")), source_modified=later))
    (result,) = follow(aws, table, [upload()], [""], 10)
    assert result.outcome is Outcome.PROCESSED


def test_a_row_of_another_source_under_the_same_key_does_not_count(aws: Aws, table: str) -> None:
    """A picture ``x.jpg`` made into JPEG and one called ``x.jpg.jpg`` may have a key in common."""
    mine, other = upload("x.jpg"), upload("x.jpg.jpg")
    write(aws, row(other), row(mine))
    found = {result.file.key: result.rows for result in follow(aws, table, [mine, other], [""], 10)}
    assert found == {"x.jpg": (row(mine),), "x.jpg.jpg": (row(other),)}


def test_patience_ends_after_a_time_without_news(aws: Aws, table: str, clock: Clock) -> None:
    """The first pauses are short, the later ones spare the table."""
    (result,) = follow(aws, table, [upload()], [""], 30)
    assert result.outcome is Outcome.WAITING
    assert clock.naps[:3] == pytest.approx([0.2, 0.3, 0.45])
    assert max(clock.naps) == 2
    assert 30 <= sum(clock.naps) <= 32


def test_every_piece_of_news_renews_the_patience(aws: Aws, table: str, clock: Clock) -> None:
    """Ten thousand pictures take their time; a standstill does not."""
    uploads = [upload("1.jpg", "1"), upload("2.jpg", "2")]
    seen: list[Outcome] = []
    following = follow(aws, table, uploads, [""], 30)
    write(aws, row(uploads[0]))
    seen.append(next(following).outcome)
    before = clock()
    seen.append(next(following).outcome)
    assert seen == [Outcome.PROCESSED, Outcome.WAITING]
    assert clock() - before >= 30


def test_a_rendition_that_never_comes_is_named(aws: Aws, table: str) -> None:
    """The settings here may know renditions that the function does not know yet."""
    write(aws, row(upload()))
    (result,) = follow(aws, table, [upload()], ["", "thumb"], 5)
    assert result.outcome is Outcome.WAITING
    assert result.rows == (row(upload()),)
    assert "thumb" in result.reason
    assert "setup" in result.reason


@pytest.mark.parametrize("number", [1, 500])
def test_a_look_is_a_call_for_each_shard_however_many_pictures(
    aws: Aws, sent: Sent, number: int
) -> None:
    """Nobody asks for one picture after the other, nor for keys that may not be there."""
    tables.make(aws.client("dynamodb"))
    uploads = [upload(f"{each}.jpg", str(each)) for each in range(number)]
    write(aws, *[row(each) for each in uploads])
    sent.clear()
    found = list(follow(aws, TABLE, uploads, [""], 10))
    assert [result.outcome for result in found] == [Outcome.PROCESSED] * number
    assert len(sent.of("Query")) == SHARDS
    assert len(sent) == SHARDS + 1  # and whether the index can be read


def test_a_look_does_not_read_again_what_is_long_settled(aws: Aws, sent: Sent) -> None:
    """Of twenty thousand pictures each look reads the newest rows, not all since the beginning."""
    tables.make(aws.client("dynamodb"))
    early, late = upload("early.jpg", "1"), upload("late.jpg", "2")
    following = follow(aws, TABLE, [early, late], [""], 30)
    write(aws, replace(row(early), timestamp="2026-07-01T11:00:00.000+00:00"))
    assert next(following).file == early.file
    sent.clear()
    write(aws, replace(row(late), timestamp="2026-07-01T11:00:01.000+00:00"))
    assert next(following).file == late.file
    asked = {call["ExpressionAttributeValues"][":v1"]["S"] for call in sent.of("Query")}
    assert asked == {"2026-07-01T10:59:30.000+00:00"}


def test_what_showed_late_is_found_by_the_last_look(aws: Aws, clock: Clock) -> None:
    """Whatever time its row has: before giving up, everything since the beginning is read."""
    tables.make(aws.client("dynamodb"))
    early, late = upload("early.jpg", "1"), upload("late.jpg", "2")
    following = follow(aws, TABLE, [early, late], [""], 30)
    write(aws, replace(row(early), timestamp="2026-07-01T11:00:00.000+00:00"))
    assert next(following).file == early.file
    began = clock()
    write(aws, row(late))
    assert next(following).outcome is Outcome.PROCESSED
    assert clock() - began >= 30


def test_a_failed_upload_is_not_waited_for(aws: Aws, table: str, clock: Clock) -> None:
    """Its error is its reason."""
    failed = replace(upload(), sent=None, error=ImgpipeError("no space"))
    assert list(follow(aws, table, [failed], [""], 10)) == [
        Result(failed.file, Outcome.FAILED, reason="no space")
    ]
    assert clock.naps == []


def test_what_was_there_is_not_waited_for(aws: Aws, table: str, clock: Clock) -> None:
    """Nothing was sent, so no row will come; and it is no failure."""
    there = replace(upload(), sent=None)
    (result,) = follow(aws, table, [there], [""], 10)
    assert (result.outcome, result.reason) == (Outcome.SKIPPED, Standing.SAME)
    assert clock.naps == []
    outcomes.raise_for_failures([result])


def test_a_missing_table_says_what_to_do(aws: Aws) -> None:
    """The bucket may be there and the table not yet."""
    with pytest.raises(NotSetUpError) as error:
        list(follow(aws, "nowhere", [upload()], [""], 10))
    assert "setup" in error.value.next


def test_what_nobody_waits_for_is_sent() -> None:
    """``--no-wait`` knows only whether S3 took it."""
    failed = replace(upload(), sent=None, error=ImgpipeError("no space"))
    assert [result.outcome for result in outcomes.sent([upload(), failed])] == [
        Outcome.SENT,
        Outcome.FAILED,
    ]


@pytest.mark.parametrize("outcome", [Outcome.PROCESSED, Outcome.SENT])
def test_all_good_is_good(outcome: Outcome) -> None:
    """Nothing is raised."""
    outcomes.raise_for_failures([Result(upload().file, outcome)])


@pytest.mark.parametrize(
    "outcome", [Outcome.REJECTED, Outcome.WAITING, Outcome.FAILED, Outcome.REFUSED]
)
def test_one_bad_among_good_ones_is_a_partial_success(outcome: Outcome) -> None:
    """With an exit code of its own."""
    with pytest.raises(PartialError, match="1 of 2 files") as error:
        outcomes.raise_for_failures(
            [Result(upload().file, Outcome.PROCESSED), Result(upload().file, outcome)]
        )
    assert error.value.exit_code == 4
    assert ("logs" in error.value.next) == (outcome is Outcome.WAITING)


@pytest.mark.parametrize(
    ("code", "status"), [("ThrottlingException", 400), ("InternalServerError", 500)]
)
def test_a_look_without_an_answer_is_no_end(
    aws: Aws, table: str, faults: Faults, code: str, status: int
) -> None:
    """AWS is busy for a moment; the next look shows the row."""
    one = upload()
    write(aws, row(one))
    for operation in ("Query", "Scan"):
        faults.fail(operation, code, status=status, times=SHARDS)
    assert [each.outcome for each in follow(aws, table, [one], [""], 60)] == [Outcome.PROCESSED]


def test_a_look_that_is_denied_is_the_end(aws: Aws, table: str, faults: Faults) -> None:
    """Nothing gets better by looking again."""
    with faults.denying("Query"), faults.denying("Scan"), pytest.raises(ClientError):
        list(follow(aws, table, [upload()], [""], 60))
