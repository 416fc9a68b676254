"""Pictures removed: everything of theirs goes, nothing else does, and a broken run is finished."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from handler.keys import processed_key
from handler.schema import Metadata, Status
from imgpipe import cdn
from imgpipe.errors import PartialError
from imgpipe.pictures import named, removal
from imgpipe.pictures.differences import Places
from imgpipe.pictures.leftovers import Left, Stores
from imgpipe.pictures.removal import Fate, Picture, Remover
from tests.support import table as tables
from tests.support.table import TABLE

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Faults
    from tests.support.life import Life

pytestmark = pytest.mark.slow

SOURCE: Final = "originals"
RESULTS: Final = "results"
STORES: Final = Stores(RESULTS, TABLE, ["", "thumb"])
REMOVER: Final = Remover(SOURCE, STORES, untold=True)
PLACES: Final = Places(SOURCE, RESULTS, TABLE, follows=True)
ROW: Final = Metadata("", 1, "2026-07-01T00:00:00.000+00:00", Status.PROCESSED, "")
HOSTILE: Final = ("a b+c%20d.jpg", "../up.jpg", "/lead.jpg", "x//y.jpg", "é\u202e<script>'\".jpg")


@pytest.fixture(autouse=True)
def account(life: Life, aws: Aws) -> None:
    """Two empty buckets and a table; who dies is told from the first call on."""
    where = {"LocationConstraint": aws.region}
    for bucket in (SOURCE, RESULTS):
        aws.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
    tables.make(aws.client("dynamodb"))


def picture(aws: Aws, key: str, *renditions: str, untold: str = "") -> None:
    """An original with a row and a result for each rendition, and a result without a row."""
    s3 = aws.client("s3")
    s3.put_object(Bucket=SOURCE, Key=key, Body=b"original")
    for name in renditions or ("",):
        made = processed_key(key, name)
        s3.put_object(Bucket=RESULTS, Key=made, Body=b"result")
        row = replace(ROW, filename=made, source_key=key, rendition=name)
        tables.write(aws.client("dynamodb"), row)
    if untold:
        s3.put_object(Bucket=RESULTS, Key=processed_key(key, untold), Body=b"result")


def there(aws: Aws) -> tuple[set[str], set[str], set[str]]:
    """The keys of originals, results and rows."""
    s3 = aws.client("s3")

    def keys(bucket: str) -> set[str]:
        return {each["Key"] for each in s3.list_objects_v2(Bucket=bucket).get("Contents", [])}

    rows = aws.client("dynamodb").scan(TableName=TABLE)["Items"]
    return keys(SOURCE), keys(RESULTS), {row["filename"]["S"] for row in rows}


def everything(aws: Aws) -> tuple[Picture, ...]:
    """Every picture that there is."""
    return tuple(removal.beneath(aws, REMOVER, PLACES, ""))


@pytest.mark.parametrize("key", ["a.jpg", *HOSTILE])
def test_everything_of_it_goes_and_nothing_of_others(aws: Aws, key: str) -> None:
    """With a result of an earlier recipe, and one whose row was never written."""
    picture(aws, key, "", "of-old", untold="thumb")
    picture(aws, f"{key}.jpg")
    others = (
        {f"{key}.jpg"},
        {processed_key(f"{key}.jpg")},
        {processed_key(f"{key}.jpg")},
    )
    found, unknown = removal.find(aws, REMOVER, [key])
    assert [len(each.results) for each in found] == [3]
    (done,) = removal.remove(aws, REMOVER, found)
    assert (done.fate, unknown) == (Fate.REMOVED, [])
    assert there(aws) == others


@pytest.mark.parametrize("key", ["a.jpg", *HOSTILE])
def test_a_picture_is_known_by_every_name(aws: Aws, key: str) -> None:
    """Its key, its results' keys, and addresses of all of them."""
    picture(aws, key, "", "thumb")
    results = [processed_key(key, each) for each in ("", "thumb")]
    names = [key, *results, *(cdn.url(aws, "d1.cloudfront.net", each) for each in results)]
    names += [f"s3://{SOURCE}/{key}", cdn.url(aws, "somewhere", results[0]) + "?v=1#top"]
    assert set(named.originals(aws, SOURCE, STORES, names).values()) == {key}


@pytest.mark.parametrize("name", ["", "b.jpg", "https://d1.cloudfront.net/", "x" * 2000, "\udcff"])
def test_what_means_nothing_is_said(aws: Aws, name: str) -> None:
    """Even names that S3 would refuse to look for."""
    picture(aws, "a.jpg")
    found, unknown = removal.find(aws, REMOVER, [name, "a.jpg"])
    assert [each.key for each in found] == ["a.jpg"]
    assert unknown == [name]


def test_both_ways_of_looking_find_the_same(aws: Aws) -> None:
    """By names, and by what is listed beneath a prefix."""
    for key in ("a/1.jpg", "a/2.jpg", "b/1.jpg"):
        picture(aws, key, "", "thumb", untold="of-old")
    picture(aws, "a/3.jpg", "thumb", untold="")
    aws.client("s3").delete_object(Bucket=SOURCE, Key="a/3.jpg")
    keys = ["a/1.jpg", "a/2.jpg", "a/3.jpg"]
    assert removal.beneath(aws, REMOVER, PLACES, "a/") == removal.find(aws, REMOVER, keys)[0]


def test_what_may_be_somebody_elses_stays(aws: Aws) -> None:
    """In a bucket that was there before, a result without a row is not ours to take."""
    picture(aws, "a.jpg", untold="thumb")
    careful = replace(REMOVER, untold=False)
    list(removal.remove(aws, careful, everything(aws)))
    assert there(aws) == (set(), {processed_key("a.jpg", "thumb")}, set())


def test_one_that_was_put_again_meanwhile_keeps_what_it_has(
    aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever put it wants it."""
    picture(aws, "a.jpg")
    found = everything(aws)
    monkeypatch.setattr("imgpipe.pictures.leftovers.has_original", lambda *_: True)
    (done,) = removal.remove(aws, REMOVER, found)
    assert done.fate is Fate.CAME_BACK
    assert there(aws)[1:] == ({"processed-a.jpg"}, {"processed-a.jpg"})


def test_a_row_written_meanwhile_stays(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is deleted only as it was read."""
    picture(aws, "a.jpg")
    old = replace(ROW, filename="processed-a.jpg", source_key="a.jpg", timestamp="2026-06-01")
    monkeypatch.setattr("imgpipe.pictures.leftovers.look", lambda *_: Left((old,)))
    list(removal.remove(aws, REMOVER, [Picture("a.jpg", original=True)]))
    assert there(aws)[2] == {"processed-a.jpg"}


def test_one_that_fails_keeps_no_other(aws: Aws, faults: Faults) -> None:
    """It has its reason, and the command an exit code of its own."""
    for key in ("a.jpg", "b.jpg"):
        picture(aws, key)
    found = everything(aws)
    faults.fail("DeleteObject", "AccessDenied", "not you", status=403)
    done = list(removal.remove(aws, REMOVER, found))
    assert sorted(each.fate for each in done) == [Fate.FAILED, Fate.REMOVED]
    assert any("not you" in each.reason for each in done)
    with pytest.raises(PartialError, match="1 of 2"):
        removal.raise_for_failures(done)


def test_versions_that_stay_are_counted(aws: Aws) -> None:
    """Of these pictures alone; without versioning nothing stays."""
    picture(aws, "a.jpg")
    assert removal.versions(aws, SOURCE, everything(aws)) is None
    enabled = {"Status": "Enabled"}
    aws.client("s3").put_bucket_versioning(Bucket=SOURCE, VersioningConfiguration=enabled)
    picture(aws, "a.jpg")
    picture(aws, "a.jpg.jpg")
    found = [each for each in everything(aws) if each.key == "a.jpg"]
    assert removal.versions(aws, SOURCE, found) == 2


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(7))
def test_a_run_that_dies_is_finished_by_the_next(
    aws: Aws, life: Life, when: str, number: int
) -> None:
    """At every call that changes something."""
    picture(aws, "a.jpg", "", "of-old", untold="thumb")
    with life.ending(when, number):
        list(removal.remove(aws, REMOVER, everything(aws)))
    assert bool(life.died_at) is (number < 6)
    list(removal.remove(aws, REMOVER, everything(aws)))
    assert there(aws) == (set(), set(), set())
