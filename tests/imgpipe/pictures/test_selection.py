"""Which pictures are made again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from handler.schema import Metadata, Status
from imgpipe.errors import NotSetUpError
from imgpipe.pictures import selection
from imgpipe.pictures.selection import Selection, Wanted
from tests.support import table as tables
from tests.support.table import TABLE

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

SOURCE: Final = "originals"
EARLY: Final = "2026-11-29T11:00:00.000+00:00"
NOON: Final = datetime(2026, 11, 29, 12, tzinfo=UTC)
LATE: Final = "2026-11-29T13:00:00.000+00:00"
# Originals by their keys, each with the rows that it has.
ROWS: Final[dict[str, list[dict[str, Any]]]] = {
    "a/folder/": [],
    "a/now.jpg": [{"fingerprint": "r2.c1"}],
    "a/other.jpg": [{"fingerprint": "r1.c1"}],
    "a/unknown.jpg": [{}],
    "b/half.jpg": [{"fingerprint": "r2.c1"}, {"fingerprint": "r1.c1", "timestamp": EARLY}],
    "b/late.jpg": [{"fingerprint": "r2.c1", "timestamp": LATE}],
    "b/refused.jpg": [{"fingerprint": "r2.c1", "status": Status.REJECTED}],
    "b/untouched.jpg": [],
}
ALL: Final = [key for key in ROWS if not key.endswith("/")]


@pytest.fixture(autouse=True)
def account(aws: Aws) -> None:
    """The originals and their rows, and a row whose original is gone."""
    dynamodb, s3 = aws.client("dynamodb"), aws.client("s3")
    tables.make(dynamodb)
    where = {"LocationConstraint": aws.region}
    s3.create_bucket(Bucket=SOURCE, CreateBucketConfiguration=where)
    for key, rows in {**ROWS, "gone.jpg": [{"fingerprint": "r1.c1"}]}.items():
        if key != "gone.jpg":
            s3.put_object(Bucket=SOURCE, Key=key, Body=b"1")
        for number, fields in enumerate(rows):
            plain = Metadata(f"p-{key}-{number}", 1, EARLY, Status.PROCESSED, key)
            item = Metadata(**{**vars(plain), **fields}).to_item()
            dynamodb.put_item(TableName=TABLE, Item=item)


@pytest.mark.parametrize(
    ("wanted", "keys"),
    [
        (Wanted(), ALL),
        (Wanted(prefix="a/"), ALL[:3]),
        (Wanted(other_than="r2.c1"), ["a/other.jpg", "a/unknown.jpg", "b/half.jpg"]),
        (Wanted(other_than="r2.c1", prefix="b/"), ["b/half.jpg"]),
        (Wanted(status=Status.REJECTED), ["b/refused.jpg"]),
        (Wanted(missing=True), ["b/untouched.jpg"]),
        (Wanted(before=NOON), [key for key in ALL if key != "b/late.jpg"]),
        (Wanted(status=Status.PROCESSED, prefix="b/", before=NOON), ["b/half.jpg"]),
    ],
)
def test_the_originals_that_are_wanted(aws: Aws, wanted: Wanted, keys: list[str]) -> None:
    """In order; folders and what is gone are no originals."""
    assert selection.select(aws, SOURCE, TABLE, wanted) == Selection(keys)


def test_those_with_a_name_are_looked_for(aws: Aws) -> None:
    """Each once, as they were named; the table is not asked."""
    wanted = Wanted(("b/late.jpg", "no.jpg", "a/now.jpg", "b/late.jpg"))
    found = selection.select(aws, SOURCE, "no-table", wanted)
    assert found == Selection(["b/late.jpg", "a/now.jpg"], ["no.jpg"])


def test_without_a_bucket_there_is_no_pipeline(aws: Aws) -> None:
    """The way there is said."""
    with pytest.raises(NotSetUpError):
        selection.select(aws, "nowhere", TABLE, Wanted())
