"""Which picture is meant, whatever names it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from handler.keys import possible_keys, processed_key
from imgpipe.errors import UsageError
from imgpipe.pictures import named
from imgpipe.pictures.leftovers import Stores
from tests.support import table
from tests.support.story import row

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Faults

SOURCE: Final = "source"
STORES: Final = Stores("dest", "ImageMetadata", ("thumb",))


@pytest.fixture
def s3(aws: Aws) -> Any:
    """Two buckets and the table."""
    client = aws.client("s3")
    for bucket in ("source", "dest"):
        client.create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
    table.make(aws.client("dynamodb"))
    return client


def meant(aws: Aws, name: str) -> str:
    """The original that ``name`` leads to."""
    return named.source_key(aws, SOURCE, STORES, name)


ORIGINALS: Final = (
    "a/photo.jpg",
    "a/scan.tiff",
    "a--b.png",
    "x y/größe+1.HEIC",
    "a/photo.jpg.webp",
)


@pytest.mark.parametrize("there", [True, False])
def test_a_results_name_leads_to_its_original(aws: Aws, s3: Any, there: bool) -> None:
    """By the names alone, where the table has nothing of it; also where the original is gone."""
    for original in ORIGINALS if there else ():
        s3.put_object(Bucket="source", Key=original, Body=b"x")
    for original in ORIGINALS:
        for rendition, extension in (("", ""), ("", "jpg"), ("thumb", "webp")):
            result = processed_key(original, rendition, extension)
            found = meant(aws, result)
            assert result in possible_keys(found, rendition)
            assert found == original or not there


def test_the_row_knows_best(aws: Aws, s3: Any) -> None:
    """Further pages and old recipes have names that nothing here makes."""
    result = "a/processed-scan--page-2.tiff.jpg"
    item = row(filename=result, source_key="a/scan.tiff").to_item()
    aws.client("dynamodb").put_item(TableName=STORES.table, Item=item)
    assert meant(aws, result) == "a/scan.tiff"


def test_an_original_called_like_a_result_is_itself(aws: Aws, s3: Any) -> None:
    """Somebody uploaded results."""
    for key in ("photo.jpg", "processed-photo.jpg"):
        s3.put_object(Bucket="source", Key=key, Body=b"x")
    assert meant(aws, "processed-photo.jpg") == "processed-photo.jpg"


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("https://d1.cloudfront.net/a/processed-gr%C3%B6%C3%9Fe%2B.jpg?x=1#y", "a/größe+.jpg"),
        ("http://d1.cloudfront.localhost:4566/processed-a.jpg", "a.jpg"),
        ("s3://dest/processed-a%20.jpg", "a%20.jpg"),
        ("s3://source/processed-a.jpg", "processed-a.jpg"),
        ("S3://source/a.jpg", "a.jpg"),
        ("ftp://a/b.jpg", "ftp://a/b.jpg"),
        ("nowhere.jpg", "nowhere.jpg"),
        ("processed-", "processed-"),
    ],
)
def test_an_address_leads_there_too(aws: Aws, s3: Any, address: str, key: str) -> None:
    """A visitor's is quoted, S3's is not; a key may look like anything."""
    assert meant(aws, address) == key


@pytest.mark.parametrize(
    "address", ["", "a" * 1025, "\udcff.jpg", "s3://other/a.jpg", "s3://source/", "https://d1.net/"]
)
def test_an_address_of_no_picture_is_refused(aws: Aws, s3: Any, address: str) -> None:
    """It says what would be one."""
    with pytest.raises(UsageError, match="leads to no picture") as refused:
        meant(aws, address)
    assert "s3://BUCKET/KEY" in refused.value.hint


def test_what_may_not_be_asked_is_guessed_by_the_name(aws: Aws, s3: Any, faults: Faults) -> None:
    """Of all that is denied nothing is raised."""
    with (
        faults.denying("HeadObject"),
        faults.denying("BatchGetItem"),
        faults.denying("ListObjectsV2"),
    ):
        assert meant(aws, "processed-a--thumb.jpg") == "a.jpg"


def test_another_buckets_object_is_no_picture_of_ours(aws: Aws, s3: Any) -> None:
    """What is to be deleted is looked for twice; its key alone is not enough."""
    s3.put_object(Bucket="source", Key="a.jpg", Body=b"x")
    names = ("s3://other/a.jpg", "s3://source/a.jpg", "processed-a.jpg", "processed-b.jpg")
    assert list(named.originals(aws, SOURCE, STORES, names).values()) == [
        None,
        "a.jpg",
        "a.jpg",
        None,
    ]
