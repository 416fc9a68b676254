"""Results go with their original, whatever events say, and in whatever order they come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from types import ModuleType
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError
from PIL import Image

from handler import process, remove
from handler.event import Kind, ObjectEvent, s3_event
from handler.job import Destination
from handler.process import OvertakenError
from handler.recipe import Recipe, Rendition
from handler.schema import Metadata, Status
from handler.services import Services
from tests.handler.test_lambda_function import Context, function
from tests.support.handler import DEST, SOURCE, TABLE, jpeg
from tests.support.pictures import saved

pytestmark = pytest.mark.slow

__all__ = ["function"]

KEY: Final = "a b/photo+1.jpg"


@pytest.fixture
def aws(services: Services) -> Services:
    """The account, its source bucket with versions."""
    services.s3.put_bucket_versioning(Bucket=SOURCE, VersioningConfiguration={"Status": "Enabled"})
    return services


def told(function: ModuleType, kind: Kind, key: str = KEY) -> Any:
    """Let the handler take an event of ``key``; return its answer."""
    return function.lambda_handler(s3_event(kind, SOURCE, key, "us-east-1"), Context())


def put(aws: Services, body: bytes = b"", key: str = KEY) -> None:
    """Upload a source."""
    aws.s3.put_object(Bucket=SOURCE, Key=key, Body=body or jpeg())


def delete(aws: Services, key: str = KEY) -> None:
    """Delete a source as people do: a delete marker takes its place."""
    aws.s3.delete_object(Bucket=SOURCE, Key=key)


def restore(aws: Services, key: str = KEY) -> None:
    """Delete the newest version, or the delete marker: what was before takes its place."""
    found = aws.s3.list_object_versions(Bucket=SOURCE, Prefix=key)
    newest = [
        each
        for each in (*found.get("Versions", []), *found.get("DeleteMarkers", []))
        if each["IsLatest"]
    ]
    for each in newest:
        aws.s3.delete_object(Bucket=SOURCE, Key=key, VersionId=each["VersionId"])


def results(aws: Services) -> set[str]:
    """The keys in the destination bucket."""
    found = aws.s3.list_objects_v2(Bucket=DEST)
    return {each["Key"] for each in found.get("Contents", [])}


def rows(aws: Services) -> list[Metadata]:
    """The table's rows."""
    return [Metadata.from_item(item) for item in aws.dynamodb.scan(TableName=TABLE)["Items"]]


def test_a_removed_picture_takes_its_results_along(function: ModuleType, aws: Services) -> None:
    """Results and rows; those of a picture whose key begins the same stay."""
    put(aws)
    put(aws, key=f"{KEY}.jpg")
    told(function, Kind.CREATED)
    told(function, Kind.CREATED, f"{KEY}.jpg")
    delete(aws)
    assert told(function, Kind.REMOVED)["missing"] == [KEY]
    assert results(aws) == {"a b/processed-photo+1.jpg--.jpg"}
    assert [row.source_key for row in rows(aws)] == [f"{KEY}.jpg"]
    told(function, Kind.REMOVED)  # once more is once too often, and changes nothing
    assert len(rows(aws)) == 1


def test_what_an_earlier_recipe_made_goes_too(
    function: ModuleType, aws: Services, monkeypatch: pytest.MonkeyPatch, destination: Destination
) -> None:
    """Its keys nobody could guess: the index knows them."""
    recipe = Recipe(renditions=(Rendition(name="old"),))
    monkeypatch.setattr(
        function, "_DESTINATION", Destination(SOURCE, DEST, TABLE, recipe, destination.assets)
    )
    put(aws)
    told(function, Kind.CREATED)
    assert results(aws) == {"a b/processed-photo+1--old.jpg"}
    monkeypatch.setattr(function, "_DESTINATION", destination)
    delete(aws)
    told(function, Kind.REMOVED)
    assert (results(aws), rows(aws)) == (set(), [])


@pytest.mark.parametrize("fingerprint", ["", "r1.c1"])
def test_what_todays_recipe_makes_no_more_goes_when_a_picture_is_made_again(
    function: ModuleType,
    aws: Services,
    monkeypatch: pytest.MonkeyPatch,
    destination: Destination,
    fingerprint: str,
) -> None:
    """What it still makes stays, and was made once; whoever made the others noted it or did not."""
    both = Recipe((Rendition(), Rendition(name="old")))
    earlier = destination._replace(recipe=both, fingerprint=fingerprint)
    monkeypatch.setattr(function, "_DESTINATION", earlier)
    put(aws)
    told(function, Kind.CREATED)
    assert results(aws) == {"a b/processed-photo+1.jpg", "a b/processed-photo+1--old.jpg"}
    monkeypatch.setattr(function, "_DESTINATION", destination._replace(fingerprint="r2.c1"))
    assert told(function, Kind.CREATED)["processed"] == ["a b/processed-photo+1.jpg"]
    assert results(aws) == {"a b/processed-photo+1.jpg"}
    assert [row.fingerprint for row in rows(aws)] == ["r2.c1"]


def test_a_result_of_an_earlier_recipe_stays_while_nothing_is_made_anew(
    function: ModuleType, aws: Services, monkeypatch: pytest.MonkeyPatch, destination: Destination
) -> None:
    """An event of a removal that is over takes nothing away that is good."""
    put(aws)
    told(function, Kind.CREATED)
    monkeypatch.setattr(function, "_DESTINATION", destination._replace(fingerprint="r2.c1"))
    told(function, Kind.REMOVED)
    assert results(aws) == {"a b/processed-photo+1.jpg"}


def test_a_row_too_new_for_the_index_goes_too(
    function: ModuleType, aws: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index lags a moment, and may not be there yet."""
    put(aws)
    told(function, Kind.CREATED)
    delete(aws)
    error = ClientError({"Error": {"Code": "ValidationException"}}, "Query")

    def refuse(**_: Any) -> Any:
        raise error

    monkeypatch.setattr(aws.dynamodb, "query", refuse)
    monkeypatch.setattr(function, "_SERVICES", aws)
    told(function, Kind.REMOVED)
    assert (results(aws), rows(aws)) == (set(), [])


def test_a_late_removal_leaves_a_newer_picture_alone(function: ModuleType, aws: Services) -> None:
    """Whatever the event says, the object is there, and its results are its own."""
    put(aws)
    told(function, Kind.CREATED)
    before = rows(aws)
    assert told(function, Kind.REMOVED)["processed"] == []
    assert rows(aws) == before
    assert len(results(aws)) == 1


def test_a_late_creation_resurrects_nothing(function: ModuleType, aws: Services) -> None:
    """The picture is gone, so nothing is made, and what was there goes."""
    put(aws)
    told(function, Kind.CREATED)
    delete(aws)
    assert told(function, Kind.CREATED)["missing"] == [KEY]
    assert (results(aws), rows(aws)) == (set(), [])


def test_a_picture_that_comes_back_has_its_results_back(
    function: ModuleType, aws: Services
) -> None:
    """A deleted delete marker is told of as a removal, and as nothing else."""
    put(aws)
    told(function, Kind.CREATED)
    delete(aws)
    told(function, Kind.REMOVED)
    restore(aws)
    assert len(told(function, Kind.REMOVED)["processed"]) == 1
    assert len(results(aws)) == len(rows(aws)) == 1


def test_an_older_version_takes_the_place_of_a_deleted_one(
    function: ModuleType, aws: Services
) -> None:
    """Though its row is older than the one that is there."""
    put(aws, jpeg(40, 30))
    put(aws, jpeg(30, 40))
    told(function, Kind.CREATED)
    assert [row.width for row in rows(aws)] == [30]
    restore(aws)
    told(function, Kind.REMOVED)
    assert [row.width for row in rows(aws)] == [40]


def test_a_removal_makes_what_is_there_and_lacks_its_results(
    function: ModuleType, aws: Services
) -> None:
    """It came back, and S3 did not say so otherwise."""
    put(aws)
    assert len(told(function, Kind.REMOVED)["processed"]) == 1


def test_a_removed_folder_asks_for_nothing(function: ModuleType, aws: Services) -> None:
    """The console's "folders" are empty objects, and no pictures when they come back either."""
    put(aws, key="folder/")
    nothing: dict[str, list[str]] = {"processed": [], "rejected": [], "missing": ["folder/"]}
    assert told(function, Kind.REMOVED, "folder/") == nothing


def test_what_the_setting_keeps_is_kept(
    function: ModuleType, aws: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With ``removed = "keep"`` neither a removal nor a late creation takes anything away."""
    put(aws)
    told(function, Kind.CREATED)
    delete(aws)
    monkeypatch.setattr(function, "_FOLLOWS", False)
    told(function, Kind.REMOVED)
    told(function, Kind.CREATED)
    assert len(results(aws)) == len(rows(aws)) == 1


class Others:
    """An AWS client that lets others act before each of its calls."""

    def __init__(self, client: Any, act: Callable[[], None]) -> None:
        self._client, self._act = client, act

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**given: Any) -> Any:
            self._act()
            return getattr(self._client, name)(**given)

        return call


class Once(Others):
    """An AWS client that lets others act once, before the first call of one method."""

    def __init__(self, client: Any, method: str, act: Callable[[], None]) -> None:
        super().__init__(client, act)
        self._method = method

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name == self._method:
            act, self._act = self._act, lambda: None
            act()
        called: Callable[..., Any] = getattr(self._client, name)
        return called


def test_a_picture_put_while_its_results_are_taken_away_keeps_its_own(
    function: ModuleType, aws: Services
) -> None:
    """Its result went under the hands that took the old one away, so these make it again."""
    put(aws, jpeg(40, 30))
    told(function, Kind.CREATED)
    delete(aws)

    def come_back() -> None:
        put(aws, jpeg(30, 40))
        told(function, Kind.CREATED)

    vars(function)["_SERVICES"] = Services(Once(aws.s3, "delete_object", come_back), aws.dynamodb)
    told(function, Kind.REMOVED)
    assert [row.width for row in rows(aws)] == [30]
    assert len(results(aws)) == 1


def test_a_picture_deleted_while_it_is_processed_leaves_nothing(
    function: ModuleType, aws: Services
) -> None:
    """Its removal was handled before there was anything to take away."""
    put(aws)

    def go() -> None:
        delete(aws)
        told(function, Kind.REMOVED)

    vars(function)["_SERVICES"] = Services(aws.s3, Once(aws.dynamodb, "put_item", go))
    assert told(function, Kind.CREATED)["missing"] == [KEY]
    assert (results(aws), rows(aws)) == (set(), [])


def test_a_picture_replaced_between_its_rows_leaves_none_of_them(
    function: ModuleType, aws: Services, monkeypatch: pytest.MonkeyPatch, destination: Destination
) -> None:
    """Who made the newer one looked before the later row was written."""
    both = destination._replace(recipe=Recipe((Rendition(), Rendition(name="thumb"))))
    monkeypatch.setattr(function, "_DESTINATION", both)
    monkeypatch.setattr(process, "together", lambda call, *given: list(map(call, *given)))
    put(aws)
    calls = count()

    def damage() -> None:
        if next(calls) == 1:
            vars(function)["_SERVICES"] = aws
            put(aws, b"no picture")
            told(function, Kind.CREATED)

    vars(function)["_SERVICES"] = Services(aws.s3, Others(aws.dynamodb, damage))
    told(function, Kind.CREATED)
    assert [row.status for row in rows(aws)] == [Status.REJECTED]
    assert results(aws) == set()


def test_a_result_taken_along_under_another_recipe_is_made_again(
    function: ModuleType, aws: Services, monkeypatch: pytest.MonkeyPatch, destination: Destination
) -> None:
    """A removal that knows nothing of this rendition took the old one, and with it the new one."""
    wide = destination._replace(recipe=Recipe((Rendition(name="wide"),)), fingerprint="wide")
    thumb = destination._replace(recipe=Recipe((Rendition(name="thumb"),)), fingerprint="thumb")
    monkeypatch.setattr(function, "_DESTINATION", thumb)
    put(aws)
    told(function, Kind.CREATED)
    put(aws, jpeg(30, 40))

    def take_along() -> None:
        vars(function).update(_SERVICES=aws, _DESTINATION=wide)
        told(function, Kind.REMOVED)

    vars(function)["_SERVICES"] = Services(aws.s3, Once(aws.dynamodb, "put_item", take_along))
    told(function, Kind.CREATED)
    assert "a b/processed-photo+1--thumb.jpg" in results(aws)
    assert results(aws) == {row.filename for row in rows(aws)}


def test_a_row_written_since_is_not_deleted(function: ModuleType, aws: Services) -> None:
    """Who read an older one must not take a newer picture's away, not for a moment."""
    put(aws)
    told(function, Kind.CREATED)
    (old,) = rows(aws)
    put(aws, jpeg(30, 40))
    told(function, Kind.CREATED)
    remove.clear(function._job(ObjectEvent(Kind.REMOVED, SOURCE, KEY), Context()), [old])
    assert [row.width for row in rows(aws)] == [30]


def test_a_picture_that_comes_and_goes_for_ever_is_left_to_a_retry(
    function: ModuleType, aws: Services
) -> None:
    """The event is sent again, and once people rest, so do the results."""
    put(aws)
    told(function, Kind.CREATED)
    widths = count(10)

    def toggle() -> None:
        restore(aws)
        delete(aws)
        put(aws, jpeg(next(widths), 30))

    vars(function)["_SERVICES"] = Services(Others(aws.s3, toggle), aws.dynamodb)
    with pytest.raises(OvertakenError):
        told(function, Kind.REMOVED)


def png() -> bytes:
    """A picture that becomes a PNG, whatever its name says."""
    return saved(Image.new("RGB", (40, 30), "red"), "PNG")


BODIES: Final[dict[str, Callable[[], bytes]]] = {
    "JPEG": jpeg,
    "PNG": png,
    "TIFF": lambda: saved(Image.new("L", (9, 9)), "TIFF"),
}


@pytest.mark.parametrize("later", BODIES)
@pytest.mark.parametrize("first", BODIES)
def test_a_key_whose_bytes_change_type_leaves_no_orphan(
    function: ModuleType, aws: Services, first: str, later: str
) -> None:
    """One result and one row, of what is there now."""
    for kind in (first, later):
        put(aws, BODIES[kind]())
        told(function, Kind.CREATED)
    (row,) = rows(aws)
    assert results(aws) == {row.filename}
    assert row.source_size == len(BODIES[later]())


def test_results_under_names_of_an_earlier_release_go_when_the_original_is_replaced(
    function: ModuleType, aws: Services
) -> None:
    """Found by their rows, not by their names."""
    put(aws)
    told(function, Kind.CREATED)
    (row,) = rows(aws)
    old = replace(
        row, filename="a b/processed-photo+1-thumb.jpg", source_etag="of a version before"
    )
    aws.dynamodb.put_item(TableName=TABLE, Item=old.to_item())
    aws.s3.put_object(Bucket=DEST, Key=old.filename, Body=b"old")
    told(function, Kind.CREATED)
    assert results(aws) == {each.filename for each in rows(aws)} == {row.filename}


def test_results_of_an_earlier_recipe_stay_with_their_version(
    function: ModuleType, aws: Services
) -> None:
    """People may have linked to them."""
    put(aws)
    told(function, Kind.CREATED)
    (row,) = rows(aws)
    wide = replace(row, filename="a b/processed-photo+1--wide.jpg", rendition="wide")
    aws.dynamodb.put_item(TableName=TABLE, Item=wide.to_item())
    answer = told(function, Kind.CREATED)
    assert answer["processed"] == [row.filename]
    assert {each.filename for each in rows(aws)} == {row.filename, wide.filename}


def test_pages_go_with_their_original_and_with_a_version_that_has_fewer(
    function: ModuleType, aws: Services, monkeypatch: pytest.MonkeyPatch, destination: Destination
) -> None:
    """Each has a result and a row of its own."""
    recipe = Recipe(renditions=(Rendition(pages="all"),))
    monkeypatch.setattr(function, "_DESTINATION", destination._replace(recipe=recipe))
    ground = Image.new("RGB", (40, 30))
    for more, names in ((2, {"", "page-2", "page-3"}), (1, {"", "page-2"})):
        leaves = [ground] * more
        put(aws, saved(ground, "TIFF", save_all=True, append_images=leaves), key="scan.tif")
        told(function, Kind.CREATED, "scan.tif")
        assert {row.rendition for row in rows(aws)} == names
        assert results(aws) == {row.filename for row in rows(aws)}
    assert "processed-scan--page-2.tif.jpg" in results(aws)
    delete(aws, "scan.tif")
    told(function, Kind.REMOVED, "scan.tif")
    assert (results(aws), rows(aws)) == (set(), [])
