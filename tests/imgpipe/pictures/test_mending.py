"""Differences are mended by the function, and results without a row by whoever asks."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import pytest

from handler.event import COMPARE, FILL, Kind, object_events
from handler.schema import Metadata, Status
from imgpipe.engine.resource import ADOPTED_TAG
from imgpipe.errors import PartialError, ServiceError
from imgpipe.function.invoke import Invocation
from imgpipe.pictures import mending
from imgpipe.pictures.differences import Difference, Finding, Places
from imgpipe.pictures.mending import Mended, Mender
from tests.support import table as tables
from tests.support.table import TABLE

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Faults, Sent

PLACES: Final = Places("pictures-in", "pictures-out", TABLE, follows=True)
MENDER: Final = Mender("resize", "live", PLACES)
UNTOLD: Final = Finding(Difference.UNTOLD, "processed-1.jpg")
ROW: Final = Metadata(UNTOLD.key, 9, "2026-07-01T10:00:00", Status.PROCESSED, "1.jpg")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Kind, str]]:
    """What the function was told; it fails on what is called broken, and is denied for denied."""
    events: list[tuple[Kind, str]] = []

    def invoke(_: Aws, function: str, alias: str, event: Any) -> Invocation:
        assert (function, alias) == ("resize", "live")
        (each,) = object_events(event)
        assert each.bucket == PLACES.source_bucket
        events.append((each.kind, each.key))
        if each.key == "denied.jpg":
            raise ServiceError("not allowed")
        failed = each.key == "broken.jpg"
        return Invocation({"errorMessage": "boom"} if failed else {}, failed, (), 0.1)

    monkeypatch.setattr("imgpipe.function.invoke.invoke", invoke)
    return events


@pytest.fixture
def destination(aws: Aws) -> str:
    """The bucket of results, with one that no row tells of, an empty table, and no originals."""
    where = {"LocationConstraint": aws.region}
    s3 = aws.client("s3")
    tables.make(aws.client("dynamodb"))
    s3.create_bucket(Bucket=PLACES.source_bucket, CreateBucketConfiguration=where)
    s3.create_bucket(Bucket=PLACES.destination_bucket, CreateBucketConfiguration=where)
    s3.put_object(Bucket=PLACES.destination_bucket, Key=UNTOLD.key, Body=b"1")
    return PLACES.destination_bucket


def tag(aws: Aws, bucket: str, key: str) -> None:
    """Give ``bucket`` one tag."""
    tags = {"TagSet": [{"Key": key, "Value": "true"}]}
    aws.client("s3").put_bucket_tagging(Bucket=bucket, Tagging=tags)


@pytest.mark.parametrize(
    ("difference", "kind"),
    [
        (Difference.UNPROCESSED, Kind.CREATED),
        (Difference.OUTDATED, Kind.CREATED),
        (Difference.LOST, Kind.CREATED),
        (Difference.ORPHANED, Kind.REMOVED),
    ],
)
def test_the_function_is_told_what_it_missed(
    aws: Aws, told: list[tuple[Kind, str]], difference: Difference, kind: Kind
) -> None:
    """It knows how to make results, and how to take them away."""
    finding = Finding(difference, "a b/ü.jpg")
    assert list(mending.mend(aws, MENDER, [finding])) == [Mended(finding)]
    assert told == [(kind, "a b/ü.jpg")]


def test_one_that_fails_keeps_no_other_from_being_mended(
    aws: Aws, told: list[tuple[Kind, str]]
) -> None:
    """Each has its reason, and the command ends with a code of its own."""
    found = [Finding(Difference.LOST, f"{name}.jpg") for name in ("broken", "denied", "good")]
    done = sorted(mending.mend(aws, MENDER, found), key=lambda each: each.finding)
    assert [each.reason for each in done] == ["boom", "not allowed", ""]
    assert len(told) == 3
    with pytest.raises(PartialError, match="2 of 3 differences stay"):
        mending.raise_for_failures(done)
    mending.raise_for_failures(done[2:])


def test_a_result_that_no_row_tells_of_is_deleted(aws: Aws, destination: str) -> None:
    """Nothing lists it, and nobody would ever take it away."""
    tag(aws, destination, "imgpipe:stage")
    assert list(mending.mend(aws, MENDER, [UNTOLD])) == [Mended(UNTOLD)]
    assert "Contents" not in aws.client("s3").list_objects_v2(Bucket=destination)


@pytest.mark.parametrize("makes", [True, False])
def test_a_result_whose_original_is_there_is_made_again_first(
    aws: Aws, destination: str, monkeypatch: pytest.MonkeyPatch, makes: bool
) -> None:
    """Its row may be all that is missing; one that no recipe makes any more goes."""
    tag(aws, destination, "imgpipe:stage")
    aws.client("s3").put_object(Bucket=PLACES.source_bucket, Key="1.jpg", Body=b"1")
    keys: list[str] = []

    def invoke(_: Aws, function: str, alias: str, event: Any) -> Invocation:
        keys.extend(each.key for each in object_events(event))
        if makes:
            tables.write(aws.client("dynamodb"), ROW)
        return Invocation({}, False, (), 0.1)

    monkeypatch.setattr("imgpipe.function.invoke.invoke", invoke)
    assert list(mending.mend(aws, MENDER, [UNTOLD])) == [Mended(UNTOLD)]
    assert keys == ["1.jpg"]
    assert aws.client("s3").list_objects_v2(Bucket=destination)["KeyCount"] == int(makes)


def test_what_was_made_meanwhile_is_not_taken_away(
    aws: Aws, destination: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All rows of a picture were deleted: it is made again, and its results have rows then."""
    tag(aws, destination, "imgpipe:stage")
    aws.client("s3").put_object(Bucket=PLACES.source_bucket, Key="1.jpg", Body=b"1")

    def invoke(*_: object) -> Invocation:
        tables.write(aws.client("dynamodb"), ROW)
        return Invocation({}, False, (), 0.1)

    monkeypatch.setattr("imgpipe.function.invoke.invoke", invoke)
    unprocessed = Finding(Difference.UNPROCESSED, "1.jpg")
    done = list(mending.mend(aws, MENDER, [UNTOLD, unprocessed]))
    assert done == [Mended(unprocessed), Mended(UNTOLD)]
    assert aws.client("s3").list_objects_v2(Bucket=destination)["KeyCount"] == 1


def test_in_a_bucket_that_was_there_before_nothing_is_deleted(aws: Aws, destination: str) -> None:
    """What looks like a result may be somebody's own picture."""
    tag(aws, destination, ADOPTED_TAG)
    (done,) = mending.mend(aws, MENDER, [UNTOLD])
    assert "was there before" in done.reason
    assert aws.client("s3").list_objects_v2(Bucket=destination)["KeyCount"] == 1


def test_the_page_is_made_anew_once_and_last(
    aws: Aws, told: list[tuple[Kind, str]], faults: Faults, sent: Sent
) -> None:
    """Of however many it shows otherwise: compared first, then filled."""
    shown = [Finding(Difference.MISSHOWN, f"{number}.jpg") for number in range(3)]
    lost = Finding(Difference.LOST, "b.jpg")
    for kind in (COMPARE, FILL):
        payload = BytesIO(json.dumps({kind: {}}).encode())
        faults.answer("Invoke", {"StatusCode": 200, "Payload": payload})
    mender = replace(MENDER, places=replace(PLACES, page_function="page"))
    done = list(mending.mend(aws, mender, [*shown, lost]))
    assert done == [Mended(lost), *map(Mended, shown)]
    assert told == [(Kind.CREATED, "b.jpg")]
    asked = [(each["FunctionName"], json.loads(each["Payload"])) for each in sent.of("Invoke")]
    assert asked == [("page", {COMPARE: {}}), ("page", {FILL: {}})]


def test_a_page_that_cannot_be_made_anew_says_why(aws: Aws, faults: Faults) -> None:
    """Each that it shows otherwise stays so, for that reason."""
    payload = BytesIO(json.dumps({"errorMessage": "boom", "errorType": "E"}).encode())
    answer = {"StatusCode": 200, "Payload": payload, "FunctionError": "Unhandled"}
    faults.answer("Invoke", answer)
    mender = replace(MENDER, places=replace(PLACES, page_function="page"))
    (done,) = mending.mend(aws, mender, [Finding(Difference.MISSHOWN, "a.jpg")])
    assert "boom" in done.reason
