"""One picture's way from bucket to bucket and into the table, and the races on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

from handler import remove
from handler.image import Budget
from handler.job import Destination, Job
from handler.process import CACHE_CONTROL, OvertakenError, process
from handler.recipe import Limits, Recipe, Rendition
from handler.schema import UPLOAD_ID, Metadata, Status
from handler.services import Services
from tests.support.handler import DEST, SOURCE, TABLE, jpeg
from tests.support.quick_account import refused


def put(services: Services, key: str, body: bytes, **options: Any) -> None:
    """Upload a source."""
    services.s3.put_object(Bucket=SOURCE, Key=key, Body=body, **options)


def run(
    services: Services, destination: Destination, key: str, request_id: str = "r-1"
) -> tuple[Metadata, ...]:
    """Process one key as an event would."""
    return process(Job(key, services, destination, request_id, Budget))


def row(services: Services, filename: str) -> Metadata:
    """Read a row back from the table."""
    return Metadata.from_item(
        services.dynamodb.get_item(TableName=TABLE, Key={"filename": {"S": filename}})["Item"]
    )


class Rival:
    """S3 through which another invocation strikes right after our first put of a result."""

    def __init__(self, s3: Any, strike: Callable[[], object]) -> None:
        self._s3, self._strike = s3, strike

    def __getattr__(self, name: str) -> Any:
        return getattr(self._s3, name)

    def put_object(self, **options: Any) -> Any:
        answer = self._s3.put_object(**options)
        strike, self._strike = self._strike, lambda: None
        strike()
        return answer


def test_a_picture_becomes_a_result_and_a_row(services: Services, destination: Destination) -> None:
    """The result has its place, type and cache time; the row says what, how big and from what."""
    put(services, "a b/photo+1.jpg", jpeg(1600, 1200), Metadata={UPLOAD_ID: "u-1"})
    (made,) = run(services, destination, "a b/photo+1.jpg")
    result = services.s3.get_object(Bucket=DEST, Key="a b/processed-photo+1.jpg")
    assert (result["ContentType"], result["ContentLength"]) == ("image/jpeg", made.size)
    assert "max-age=" in result["CacheControl"]
    assert row(services, "a b/processed-photo+1.jpg") == made
    assert (made.width, made.height, made.status, made.upload_id, made.request_id) == (
        800,
        600,
        "processed",
        "u-1",
        "r-1",
    )
    assert made.timestamp.endswith("+00:00")


HEADERS: Final[dict[str, tuple[dict[str, Any], str, dict[str, str]]]] = {
    "the default": ({}, CACHE_CONTROL, {}),
    "set": ({"cache_control": "private, max-age=60"}, "private, max-age=60", {}),
    "the original's": ({"cache_control": "keep"}, "max-age=31536000, immutable", {}),
    "some metadata": (
        {"keep_metadata": ["album", "absent"]},
        CACHE_CONTROL,
        {"album": "=?UTF-8?B?xb1vZmll?="},
    ),
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_result_has_the_headers_that_its_rendition_asks_for(
    name: str, services: Services, destination: Destination
) -> None:
    """Cache-Control and user metadata of the original's, a fixed one, or none of it.

    What is beyond ASCII comes from S3 as RFC 2047 writes it, and goes back so.
    """
    wanted, cache_control, metadata = HEADERS[name]
    recipe = Recipe((Rendition.from_mapping(wanted),))
    put(
        services, "a.jpg", jpeg(), CacheControl="max-age=31536000, immutable",
        Metadata={"album": "=?UTF-8?B?xb1vZmll?=", "camera": "x", UPLOAD_ID: "u-1"},
    )  # fmt: skip
    run(services, destination._replace(recipe=recipe), "a.jpg")
    head = services.s3.head_object(Bucket=DEST, Key="processed-a.jpg")
    assert (head["CacheControl"], head["Metadata"]) == (cache_control, metadata)


def test_an_original_without_a_cache_time_has_the_default(
    services: Services, destination: Destination
) -> None:
    """Whatever is asked to be kept."""
    put(services, "a.jpg", jpeg())
    recipe = Recipe((Rendition(cache_control="keep"),))
    run(services, destination._replace(recipe=recipe), "a.jpg")
    head = services.s3.head_object(Bucket=DEST, Key="processed-a.jpg")
    assert head["CacheControl"] == CACHE_CONTROL


def test_what_is_no_picture_becomes_a_rejected_row(
    services: Services, destination: Destination
) -> None:
    """With the reason, nothing in the destination bucket, and no error for Lambda to retry."""
    put(services, "x.jpg", b"not an image at all")
    (made,) = run(services, destination, "x.jpg")
    assert made.status == "rejected"
    assert made.reason
    assert row(services, "processed-x.jpg").reason == made.reason
    assert services.s3.list_objects_v2(Bucket=DEST)["KeyCount"] == 0


def test_what_a_picture_was_does_not_outlive_its_rejection(
    services: Services, destination: Destination
) -> None:
    """Its result goes; where results are kept, the role may not delete it, and it is left."""
    put(services, "a.jpg", jpeg())
    run(services, destination, "a.jpg")
    put(services, "a.jpg", b"no picture")
    run(services, destination._replace(follows=False), "a.jpg")
    assert services.s3.list_objects_v2(Bucket=DEST)["KeyCount"] == 1
    run(services, destination, "a.jpg")
    assert services.s3.list_objects_v2(Bucket=DEST)["KeyCount"] == 0
    assert row(services, "processed-a.jpg").status is Status.REJECTED


def test_a_file_over_the_limit_is_not_even_read(
    services: Services, destination: Destination
) -> None:
    """One byte over is rejected with both figures; exactly at the limit is taken."""
    body = jpeg()
    put(services, "x.jpg", body)
    at = destination._replace(recipe=Recipe(limits=Limits(bytes=len(body))))
    over = destination._replace(recipe=Recipe(limits=Limits(bytes=len(body) - 1)))
    assert run(services, at, "x.jpg")[0].status == "processed"
    assert f"{len(body):,}" in run(services, over, "x.jpg")[0].reason


def test_a_key_whose_result_would_be_too_long_is_rejected(
    services: Services, destination: Destination
) -> None:
    """S3 takes 1,024 bytes; the result's key is longer than its source's."""
    key = "k" * 1020 + ".jpg"
    put(services, key, jpeg())
    assert "too long" in run(services, destination, key)[0].reason


@pytest.mark.parametrize("key", ["k" * 1020 + ".jpg", "-" * 1020 + ".jpg", "é" * 510 + ".jpg"])
def test_what_s3_could_not_have_is_not_asked_for(
    services: Services, destination: Destination, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    """S3 refuses every call for a longer key, and DynamoDB a row's of more than 2,048 bytes.

    Rejected as well, such a picture has its row, and goes with it.
    """
    put(services, key, jpeg())
    delete = services.s3.delete_object

    def deleted(**given: Any) -> Any:
        if len(given["Key"].encode()) > 1024:
            raise refused("KeyTooLongError", "DeleteObject")
        return delete(**given)

    monkeypatch.setattr(services.s3, "delete_object", deleted)
    following = destination._replace(follows=True)
    (rejected,) = run(services, following, key)
    assert row(services, rejected.filename) == rejected
    delete(Bucket=SOURCE, Key=key)
    assert remove.follow(Job(key, services, following, "request-2", Budget)) == ()
    assert services.dynamodb.scan(TableName=TABLE)["Items"] == []


def test_a_deleted_source_leaves_no_trace(services: Services, destination: Destination) -> None:
    """Events come late; what is gone is gone."""
    assert run(services, destination, "gone.jpg") == ()
    assert services.dynamodb.scan(TableName=TABLE)["Count"] == 0


def test_a_missing_permission_is_raised_for_lambda_to_retry(
    services: Services, destination: Destination
) -> None:
    """It is no fault of the picture's."""
    with pytest.raises(ClientError, match="NoSuchBucket"):
        run(services, destination._replace(source_bucket="not-there"), "x.jpg")


def test_every_rendition_has_its_object_and_row(
    services: Services, destination: Destination
) -> None:
    """The default one under the guide's name, the others under theirs."""
    recipe = Recipe(
        (
            Rendition(),
            Rendition(name="thumb", width=10, height=10),
            Rendition(name="web", format="webp"),
        )
    )
    put(services, "p.jpg", jpeg(100, 50))
    made = run(services, destination._replace(recipe=recipe), "p.jpg")
    keys = ["processed-p.jpg", "processed-p--thumb.jpg", "processed-p--web.jpg.webp"]
    assert [each.filename for each in made] == keys
    assert sorted(
        each["Key"] for each in services.s3.list_objects_v2(Bucket=DEST)["Contents"]
    ) == sorted(keys)
    assert row(services, "processed-p--thumb.jpg").width == 10


def test_a_duplicate_event_changes_nothing_but_the_time(
    services: Services, destination: Destination
) -> None:
    """The second run writes the same result."""
    put(services, "p.jpg", jpeg())
    first, second = (
        run(services, destination, "p.jpg", "r-1")[0],
        run(services, destination, "p.jpg", "r-2")[0],
    )
    assert (first.size, first.source_etag, first.source_modified) == (
        second.size,
        second.source_etag,
        second.source_modified,
    )


def test_an_older_picture_never_replaces_the_row_of_a_newer_one(
    services: Services, destination: Destination
) -> None:
    """Ours gives up and says so where newer ones come in faster than it works."""
    put(services, "p.jpg", jpeg())
    sizes = iter(range(50, 59))

    class Busy:
        """S3 through which a newer picture is wholly processed before each put of ours."""

        def put_object(self, **parameters: Any) -> None:
            put(services, "p.jpg", jpeg(next(sizes), 30))
            newer = run(services, destination, "p.jpg", "r-9")[0]
            late = replace(newer, source_modified="2999-01-01T00:00:00+00:00")
            services.dynamodb.put_item(TableName=TABLE, Item=late.to_item())
            services.s3.put_object(**parameters)

        def __getattr__(self, name: str) -> Any:
            return getattr(services.s3, name)

    with pytest.raises(OvertakenError):
        run(Services(Busy(), services.dynamodb), destination, "p.jpg", "r-2")
    assert row(services, "processed-p.jpg").request_id == "r-9"


def undone(services: Services, destination: Destination) -> None:
    """In a versioned bucket, take the newest version away again, after it was processed."""
    services.s3.put_bucket_versioning(Bucket=SOURCE, VersioningConfiguration={"Status": "Enabled"})
    put(services, "p.jpg", jpeg(40, 30))
    put(services, "p.jpg", jpeg(64, 48))
    run(services, destination, "p.jpg", "r-newer")
    newest = services.s3.head_object(Bucket=SOURCE, Key="p.jpg")["VersionId"]
    services.s3.delete_object(Bucket=SOURCE, Key="p.jpg", VersionId=newest)


def dated(services: Services, modified: str) -> None:
    """Let the row speak of a picture of this date."""
    late = replace(row(services, "processed-p.jpg"), source_modified=modified)
    services.dynamodb.put_item(TableName=TABLE, Item=late.to_item())


@pytest.mark.parametrize("modified", ["2000-01-01T00:00:00+00:00", "2999-01-01T00:00:00+00:00"])
def test_the_object_that_stands_is_the_truth_whatever_its_date(
    services: Services, destination: Destination, modified: str
) -> None:
    """An older version brought back, or a slow upload that began before a fast one."""
    undone(services, destination)
    dated(services, modified)
    run(services, destination, "p.jpg", "r-undone")
    found = row(services, "processed-p.jpg")
    result = services.s3.get_object(Bucket=DEST, Key="processed-p.jpg")
    assert (found.request_id, found.width) == ("r-undone", 40)
    assert found.size == result["ContentLength"]


def test_a_rival_that_writes_meanwhile_puts_even_that_in_doubt(
    services: Services, destination: Destination
) -> None:
    """Its event may be of a newer object: the retry looks again."""
    undone(services, destination)
    dated(services, "2999-01-01T00:00:00+00:00")

    class Racing:
        """DynamoDB through which a rival's row comes before each of ours."""

        def put_item(self, **parameters: Any) -> Any:
            late = replace(
                row(services, "processed-p.jpg"), timestamp="2999-01-01T00:00:00.000+00:00"
            )
            services.dynamodb.put_item(TableName=TABLE, Item=late.to_item())
            return services.dynamodb.put_item(**parameters)

    with pytest.raises(OvertakenError):
        run(Services(services.s3, Racing()), destination, "p.jpg", "r-undone")


def test_who_is_overtaken_while_working_does_the_newest_picture_again(
    services: Services, destination: Destination
) -> None:
    """Our old pixels must not stay under a newer picture's row.

    That was wholly processed between our put and our row.
    """
    put(services, "p.jpg", jpeg(40, 30))

    def rival() -> None:
        put(services, "p.jpg", jpeg(64, 48))
        run(services, destination, "p.jpg", "r-rival")

    run(Services(Rival(services.s3, rival), services.dynamodb), destination, "p.jpg", "r-old")
    found = row(services, "processed-p.jpg")
    result = services.s3.get_object(Bucket=DEST, Key="processed-p.jpg")
    assert (found.width, found.size) == (64, result["ContentLength"])


def test_who_overtakes_a_rival_puts_its_result_again(
    services: Services, destination: Destination
) -> None:
    """Who overtakes a rival must not trust its own put.

    The older invocation's put lands after the newer one's, and its row before.
    """
    put(services, "p.jpg", jpeg(40, 30))
    older = run(services, destination, "p.jpg", "r-older")[0]
    put(services, "p.jpg", jpeg(64, 48))

    def rival() -> None:
        services.s3.put_object(Bucket=DEST, Key="processed-p.jpg", Body=b"older pixels")
        late = replace(older, timestamp="2999-01-01T00:00:00.000+00:00")
        services.dynamodb.put_item(TableName=TABLE, Item=late.to_item())

    run(Services(Rival(services.s3, rival), services.dynamodb), destination, "p.jpg", "r-newer")
    result = services.s3.get_object(Bucket=DEST, Key="processed-p.jpg")
    assert (row(services, "processed-p.jpg").width, result["ContentLength"]) == (
        64,
        row(services, "processed-p.jpg").size,
    )
