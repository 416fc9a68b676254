"""Where originals, results and rows differ."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import pytest

from handler.schema import Metadata, Status
from imgpipe.errors import NotSetUpError
from imgpipe.pictures import differences
from imgpipe.pictures.contents import Contents, Object
from imgpipe.pictures.differences import Difference, Finding, Places
from tests.support import table as tables
from tests.support.table import TABLE

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

NOW: Final = datetime(2026, 7, 1, 10, tzinfo=UTC)
OLD: Final = Object("e1", NOW - timedelta(hours=1))
NEW: Final = Object("e2", NOW - timedelta(seconds=5))
ROW: Final = Metadata(
    "a/processed-1.jpg", 9, NOW.isoformat(), Status.PROCESSED, "a/1.jpg", source_etag="e1"
)
REJECTED: Final = replace(ROW, status=Status.REJECTED)
GUIDES: Final = replace(ROW, source_key="", source_etag="")
ORIGINAL: Final = {"a/1.jpg": OLD}
RESULT: Final = {"a/processed-1.jpg": OLD}

CASES: Final = [
    (Contents(ORIGINAL, RESULT, [ROW]), []),
    (Contents(ORIGINAL, {}, [REJECTED]), []),
    (Contents(ORIGINAL, {}, []), [Finding(Difference.UNPROCESSED, "a/1.jpg")]),
    (Contents({"a/1.jpg": NEW}, {}, []), []),
    (
        Contents({"a/1.jpg": replace(OLD, etag="e2")}, RESULT, [ROW]),
        [Finding(Difference.OUTDATED, "a/1.jpg")],
    ),
    (Contents({"a/1.jpg": NEW}, RESULT, [ROW]), []),
    (Contents(ORIGINAL, {}, [ROW]), [Finding(Difference.LOST, "a/1.jpg")]),
    (Contents({}, RESULT, [ROW]), [Finding(Difference.ORPHANED, "a/1.jpg")]),
    (Contents({}, {}, [ROW, ROW]), [Finding(Difference.ORPHANED, "a/1.jpg")]),
    (Contents({}, RESULT, []), [Finding(Difference.UNTOLD, "a/processed-1.jpg")]),
    (Contents({}, {"a/processed-1.jpg": NEW}, []), []),
    (Contents({}, RESULT, [GUIDES]), []),
]


def made(key: str, rendition: str = "", fingerprint: str = "f") -> Metadata:
    """A row of the original with this key."""
    name = f"processed-{key}{rendition}"
    told = replace(ROW, filename=name, source_key=key, fingerprint=fingerprint)
    return replace(told, rendition=rendition)


WHOLE: Final = [made("1"), made("1", "thumb"), made("1", "thumb-page-2")]


@pytest.mark.parametrize(
    ("rows", "lost"),
    [
        ([made("2"), made("2", "thumb")], []),
        ([made("2")], ["2"]),
        ([made("2", "thumb")], ["2"]),
        ([made("2", fingerprint="an earlier one")], []),
        ([made("2", fingerprint="")], []),
        ([replace(made("2"), status=Status.REJECTED)], []),
        ([made("2", "thumb"), made("2", fingerprint="an earlier one")], []),
    ],
)
def test_a_rendition_that_others_made_so_have_is_lost(
    rows: list[Metadata], lost: list[str]
) -> None:
    """Row and result deleted by hand: nothing but its fellows tells that there was one."""
    told = [*WHOLE, *rows]
    contents = Contents({"1": OLD, "2": OLD}, {row.filename: OLD for row in told}, told)
    found = differences.compare(contents, NOW, differences.ON_ITS_WAY, follows=True)
    assert [each.key for each in found if each.difference is Difference.LOST] == lost


@pytest.mark.parametrize(("contents", "expected"), CASES)
def test_each_way_to_differ_has_its_name(contents: Contents, expected: list[Finding]) -> None:
    """What is a moment old is on its way, and a rejected picture has no result."""
    assert (
        list(differences.compare(contents, NOW, differences.ON_ITS_WAY, follows=True)) == expected
    )


def test_results_that_are_to_stay_are_no_difference() -> None:
    """With ``removed = "keep"`` a result outlives its original."""
    contents = Contents({}, RESULT, [ROW])
    assert list(differences.compare(contents, NOW, differences.ON_ITS_WAY, follows=False)) == []


@pytest.fixture
def places(aws: Aws) -> Places:
    """Two buckets and a table, empty."""
    s3 = aws.client("s3")
    for bucket in ("in", "out"):
        where = {"LocationConstraint": aws.region}
        s3.create_bucket(Bucket=f"pictures-{bucket}", CreateBucketConfiguration=where)
    tables.make(aws.client("dynamodb"))
    return Places("pictures-in", "pictures-out", TABLE, follows=True)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long after all was put."""
    monkeypatch.setattr(differences, "ON_ITS_WAY", timedelta(hours=-1))


@pytest.mark.usefixtures("later")
def test_buckets_and_table_are_compared_as_they_are(aws: Aws, places: Places) -> None:
    """A folder is no picture, the gallery's files are no results, a guide's row tells of one."""
    s3 = aws.client("s3")
    for key in ("a/", "a/1.jpg", "b/2.jpg"):
        s3.put_object(Bucket=places.source_bucket, Key=key, Body=b"1")
    for key in ("index.html", "a/processed-3.jpg", "a/processed-4.jpg"):
        s3.put_object(Bucket=places.destination_bucket, Key=key, Body=b"1")
    guides = replace(GUIDES, filename="a/processed-4.jpg")
    tables.write(aws.client("dynamodb"), guides, replace(ROW, source_key="c/9.jpg"))
    unprocessed = Difference.UNPROCESSED
    assert differences.find(aws, places) == [
        Finding(Difference.ORPHANED, "c/9.jpg"),
        Finding(unprocessed, "a/1.jpg"),
        Finding(unprocessed, "b/2.jpg"),
        Finding(Difference.UNTOLD, "a/processed-3.jpg"),
    ]
    assert differences.find(aws, places, "b") == [Finding(unprocessed, "b/2.jpg")]
    assert differences.find(aws, places, "a/3") == [Finding(Difference.UNTOLD, "a/processed-3.jpg")]
    assert differences.find(aws, places, "a/4") == []
    assert differences.count(aws, places, 3) == 4
    assert differences.count(aws, places, 2) is None


def test_without_a_pipeline_there_is_nothing_to_compare(aws: Aws, places: Places) -> None:
    """The next command is setup."""
    with pytest.raises(NotSetUpError):
        differences.find(aws, replace(places, source_bucket="nowhere"))
