"""What there is of one picture, whatever it is called, and one result of it made small."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest
from PIL import Image

from handler.image import Rejected
from handler.keys import processed_key
from handler.schema import Metadata, Status
from imgpipe.errors import UsageError
from imgpipe.pictures import glance
from imgpipe.pictures.leftovers import Stores
from tests.support import table as tables
from tests.support.shell import photo
from tests.support.table import TABLE

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

pytestmark = pytest.mark.slow

SOURCE: Final = "originals"
RESULTS: Final = "results"
STORES: Final = Stores(RESULTS, TABLE, ["", "thumb"])
ROW: Final = Metadata("", 1, "2026-07-01T00:00:00.000+00:00", Status.PROCESSED, "")


@pytest.fixture(autouse=True)
def account(aws: Aws) -> None:
    """Two empty buckets and a table."""
    where = {"LocationConstraint": aws.region}
    for bucket in (SOURCE, RESULTS):
        aws.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
    tables.make(aws.client("dynamodb"))


def picture(aws: Aws, key: str, body: bytes = b"") -> list[str]:
    """An original with a row for its thumbnail and one for its default rendition."""
    aws.client("s3").put_object(Bucket=SOURCE, Key=key, Body=b"original")
    made = [processed_key(key, name) for name in ("thumb", "")]
    for name, rendition in zip(made, ("thumb", ""), strict=True):
        row = replace(ROW, filename=name, source_key=key, rendition=rendition)
        tables.write(aws.client("dynamodb"), row)
        aws.client("s3").put_object(Bucket=RESULTS, Key=name, Body=body)
    return made


@pytest.mark.parametrize("key", ["a b.jpg", "../é%20+.jpg", "/a//\u202e\x1b[2J.png"])
def test_the_result_that_was_asked_for_is_meant(aws: Aws, key: str) -> None:
    """Its original means the default one."""
    thumb, default = picture(aws, key)
    for name, meant in ((key, default), (thumb, thumb), (f"s3://{RESULTS}/{thumb}", thumb)):
        found = glance.look(aws, SOURCE, STORES, name)
        assert (found.key, found.original, len(found.rows)) == (key, True, 2)
        assert found.meant is not None
        assert found.meant.filename == meant


def test_what_is_left_of_a_picture_is_shown(aws: Aws) -> None:
    """Though the original is gone, or nothing was made of it, or it was refused."""
    picture(aws, "gone.jpg")
    aws.client("s3").delete_object(Bucket=SOURCE, Key="gone.jpg")
    assert not glance.look(aws, SOURCE, STORES, "gone.jpg").original
    aws.client("s3").put_object(Bucket=SOURCE, Key="new.jpg", Body=b"x")
    assert glance.look(aws, SOURCE, STORES, "new.jpg").rows == ()
    aws.client("s3").put_object(Bucket=SOURCE, Key="bad.jpg", Body=b"x")
    made = processed_key("bad.jpg")
    row = replace(ROW, filename=made, source_key="bad.jpg", status=Status.REJECTED, reason="why")
    tables.write(aws.client("dynamodb"), row)
    found = glance.look(aws, SOURCE, STORES, "bad.jpg")
    assert (found.rows, found.meant) == ((row,), None)
    with pytest.raises(UsageError, match="there is no picture never"):
        glance.look(aws, SOURCE, STORES, "never.jpg")


@pytest.mark.parametrize("body", [photo(900, 300), photo(900, 300, "WEBP")])
def test_a_result_is_made_small(aws: Aws, body: bytes) -> None:
    """Never larger than it is."""
    picture(aws, "a.jpg", body)
    meant = glance.look(aws, SOURCE, STORES, "a.jpg").meant
    assert meant is not None
    small = glance.thumbnail(aws, RESULTS, meant, 300, 200)
    assert Image.open(io.BytesIO(small.body)).size == (small.width, small.height) == (300, 100)
    assert glance.thumbnail(aws, RESULTS, meant, 2000, 2000).width == 900


def test_of_an_animation_the_first_frame_is_made(aws: Aws) -> None:
    """A terminal shows no more."""
    red, blue = (Image.new("RGB", (40, 30), colour) for colour in ("red", "blue"))
    moving = io.BytesIO()
    red.save(moving, "GIF", save_all=True, append_images=[blue])
    picture(aws, "a.gif", moving.getvalue())
    meant = glance.look(aws, SOURCE, STORES, "a.gif").meant
    assert meant is not None
    small = Image.open(io.BytesIO(glance.thumbnail(aws, RESULTS, meant, 300, 200).body))
    assert getattr(small, "n_frames", 1) == 1


@pytest.mark.parametrize("body", [b"", b"no picture", photo()[:200], None])
def test_what_is_no_picture_is_refused(aws: Aws, body: bytes | None) -> None:
    """In a bucket that was there before anything may lie."""
    picture(aws, "a.jpg", body or b"")
    if body is None:
        aws.client("s3").delete_object(Bucket=RESULTS, Key="processed-a.jpg")
    meant = glance.look(aws, SOURCE, STORES, "a.jpg").meant
    assert meant is not None
    with pytest.raises(Rejected):
        glance.thumbnail(aws, RESULTS, meant, 300, 200)
