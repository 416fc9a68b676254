"""What the page shows, and which pictures it does not show as the table has them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from handler.gallery import INDEX_KEY, PAGE_PREFIX, Index
from handler.gallery import Page as Part
from handler.gallery_pictures import picture_of, place
from handler.page_settings import PageSettings
from handler.schema import PAGE, Metadata, Status
from imgpipe.pictures import differences
from imgpipe.pictures.differences import ON_ITS_WAY, Difference, Finding, Places
from imgpipe.pictures.page import Page
from tests.support import table as tables
from tests.support.table import TABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from imgpipe.aws.account import Aws
    from tests.support.account import Clock, Faults, Sent

pytestmark = pytest.mark.slow

OLDER: Final = f"{PAGE_PREFIX}{32 * 'a'}.json"
PLACES: Final = Places("pictures-in", "pictures-out", TABLE, follows=True, page_function="page")
LONG_AGO: Final = datetime.now(UTC) - timedelta(hours=1)


def row(name: str, **given: Any) -> Metadata:
    """A picture's row, as the function wrote it an hour ago."""
    told = {"size": 9, "timestamp": LONG_AGO.isoformat(), "status": Status.PROCESSED, **given}
    return Metadata(f"{name}/processed.jpg", source_key=f"{name}/.jpg", source_etag="e", **told)


ROWS: Final = (row("a"), row("b"), row("c"))
REJECTED: Final = row("r", status=Status.REJECTED)
OF_NOBODY: Final = replace(row("g"), source_key="")


def put(aws: Aws, key: str, value: Any) -> None:
    """Put a file of the page's data; bytes as they are."""
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    aws.client("s3").put_object(Bucket="pictures-out", Key=key, Body=body)


def index(*newest: Metadata, older: Metadata | None = None) -> dict[str, Any]:
    """The index of these pictures, the last of them on a page of its own."""
    parts = (Part(OLDER, place(older), 1),) if older else ()
    return Index("w", True, ("", ""), tuple(map(picture_of, newest)), parts).to_json()


@pytest.fixture(autouse=True)
def account(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two buckets, a table and a page that shows its rows."""
    for bucket in (PLACES.source_bucket, PLACES.destination_bucket):
        where = {"LocationConstraint": aws.region}
        aws.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
    tables.make(aws.client("dynamodb"))
    tables.write(aws.client("dynamodb"), *ROWS, REJECTED, OF_NOBODY)
    put(aws, INDEX_KEY, index(*ROWS[:2], older=ROWS[2]))
    put(aws, OLDER, {"pictures": [picture_of(ROWS[2])]})
    # Of originals and results others tell.
    monkeypatch.setattr(differences, "compare", lambda *_, **__: iter(()))


def served(faults: Faults, page: PageSettings, times: int = 1) -> None:
    """Let the page's function have these settings."""
    variables = {PAGE: page.to_json()}
    answer = {"Environment": {"Variables": variables}}
    faults.answer("GetFunctionConfiguration", answer, times=times)


def misshown(aws: Aws, prefix: str = "", patience: timedelta = timedelta(0)) -> list[str]:
    """The originals of what the page shows otherwise."""
    found = differences.find(aws, PLACES, prefix, patience)
    assert {each.difference for each in found} <= {Difference.MISSHOWN}
    return [each.key for each in found]


def test_a_page_that_follows_differs_in_nothing(aws: Aws, clock: Clock, sent: Sent) -> None:
    """Nothing is waited for, and nobody asked for the function."""
    assert misshown(aws) == []
    assert clock() == 0
    assert [name for name, _ in sent if name == "GetFunctionConfiguration"] == []


WIDER: Final = {**picture_of(ROWS[0]), "width": 4711}
ALL: Final = ["a/.jpg", "b/.jpg", "c/.jpg"]
DAMAGES: Final[Mapping[str, tuple[str, Any, list[str]]]] = {
    "the index is empty": (INDEX_KEY, index(), ALL),
    "the index is no JSON": (INDEX_KEY, b"no JSON", ALL),
    "the index is nested without end": (INDEX_KEY, b"[" * 100_000, ALL),
    "the index is of somebody else's": (INDEX_KEY, {"pictures": {}}, ALL),
    "one picture is none": (INDEX_KEY, {**index(), "pictures": [1]}, ALL),
    "one is missing": (INDEX_KEY, index(ROWS[0], older=ROWS[2]), ["b/.jpg"]),
    "one is another": (
        INDEX_KEY,
        {**index(*ROWS[:2], older=ROWS[2]), "pictures": [WIDER, picture_of(ROWS[1])]},
        ["a/.jpg"],
    ),
    "one has no row": (INDEX_KEY, index(*ROWS[:2], row("x"), older=ROWS[2]), ["x/.jpg"]),
    "one was rejected": (INDEX_KEY, index(*ROWS[:2], REJECTED, older=ROWS[2]), ["r/.jpg"]),
    "a page is no JSON": (OLDER, b"no JSON", ["c/.jpg"]),
    "a page is empty": (OLDER, {"pictures": []}, ["c/.jpg"]),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_whatever_became_of_its_data_what_differs_is_found(
    aws: Aws, clock: Clock, faults: Faults, damage: str
) -> None:
    """By original; a prefix narrows it. It is looked at twice: the page may be about to follow."""
    key, value, expected = DAMAGES[damage]
    put(aws, key, value)
    served(faults, PageSettings(), times=2)
    assert misshown(aws) == expected
    assert clock() > 0
    assert misshown(aws, "b") == [each for each in expected if each.startswith("b")]


@pytest.mark.parametrize("key", [INDEX_KEY, OLDER])
def test_what_is_gone_shows_nothing(aws: Aws, faults: Faults, key: str) -> None:
    """As visitors see it."""
    aws.client("s3").delete_object(Bucket="pictures-out", Key=key)
    served(faults, PageSettings())
    assert misshown(aws) == (ALL if key == INDEX_KEY else ["c/.jpg"])


def mended(aws: Aws) -> None:
    """The page follows."""
    put(aws, INDEX_KEY, index(*ROWS[:2], older=ROWS[2]))


def gone(aws: Aws) -> None:
    """The table follows."""
    aws.client("dynamodb").delete_item(TableName=TABLE, Key={"filename": {"S": ROWS[1].filename}})


@pytest.mark.parametrize("follows", [mended, gone])
def test_what_follows_a_moment_later_is_no_difference(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, follows: Callable[[Aws], None]
) -> None:
    """A picture that was removed just now stands on the page for a second or two."""
    put(aws, INDEX_KEY, index(ROWS[0], older=ROWS[2]))
    monkeypatch.setattr(type(aws), "pause", lambda self, _: follows(self))
    assert misshown(aws) == []


def test_what_was_written_lately_is_on_its_way_for_who_only_counts(aws: Aws) -> None:
    """As an original that was put lately is."""
    new = row("n", timestamp=datetime.now(UTC).isoformat())
    tables.write(aws.client("dynamodb"), new)
    assert misshown(aws, patience=ON_ITS_WAY) == []


@pytest.mark.parametrize("places", [PLACES, replace(PLACES, page_function="")])
def test_where_there_is_no_page_nothing_is_missing_on_it(
    aws: Aws, faults: Faults, places: Places
) -> None:
    """By the settings here, or by those that are live: nothing brings back what is not public."""
    aws.client("s3").delete_object(Bucket="pictures-out", Key=INDEX_KEY)
    served(faults, PageSettings(public=False))
    assert differences.find(aws, places) == []


def test_who_comes_last_is_the_page(aws: Aws, faults: Faults) -> None:
    """It follows what is mended before."""
    put(aws, INDEX_KEY, index())
    served(faults, PageSettings())
    assert differences.find(aws, PLACES, "a") == [Finding(Difference.MISSHOWN, "a/.jpg")]


def test_each_result_is_sought_where_it_may_stand(aws: Aws) -> None:
    """In the index or in one page; where those cannot be read, nothing is shown."""
    newest, oldest = ROWS[0], row("o", timestamp=(LONG_AGO - timedelta(hours=1)).isoformat())
    part = Part(OLDER, place(oldest), 1)
    shown = Index("w", True, place(newest), (picture_of(newest),), (part,))
    put(aws, INDEX_KEY, shown.to_json())
    put(aws, OLDER, {"pictures": [picture_of(oldest)]})
    page, both = Page(aws, "pictures-out"), (newest, oldest)
    assert page.shows(both) == {newest.filename: True, oldest.filename: True}
    put(aws, OLDER, b"no JSON")
    assert page.shows(both) == {newest.filename: True, oldest.filename: False}
    put(aws, INDEX_KEY, {"pictures": 7})
    assert page.shows(both) == {newest.filename: False, oldest.filename: False}
