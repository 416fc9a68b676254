"""The page follows the table, and the edges forget: whoever brought a picture, or took it away."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from handler.gallery import INDEX_KEY
from imgpipe import cdn
from tests.e2e.test_removed import until
from tests.support.shell import embedded, outputs, photo

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.shell import Shell


@dataclass(frozen=True)
class Site:
    """A pipeline as its visitors see it, and another client of its account."""

    aws: Aws
    names: dict[str, str]

    @property
    def s3(self) -> Any:
        """What others put and delete with, as the AWS command line does."""
        return self.aws.client("s3")

    def put(self, key: str, body: bytes) -> None:
        """Upload an original without imgpipe."""
        self.s3.put_object(Bucket=self.names["source_bucket"], Key=key, Body=body)

    def delete(self, key: str) -> None:
        """Delete an original without imgpipe."""
        self.s3.delete_object(Bucket=self.names["source_bucket"], Key=key)

    def shown(self) -> set[str]:
        """The sources of what the page shows, asked for as a browser does, through the CDN."""
        reply = cdn.fetch(self.names["url"] + INDEX_KEY)
        assert reply.status == 200
        return {each["source"] for each in json.loads(reply.body)["pictures"]}

    def forgotten(self) -> list[list[str]]:
        """The paths of every invalidation so far, the oldest first."""
        cloudfront, identifier = self.aws.client("cloudfront"), self.names["distribution_id"]
        listed = cloudfront.list_invalidations(DistributionId=identifier)["InvalidationList"]
        found = [
            cloudfront.get_invalidation(DistributionId=identifier, Id=each["Id"])["Invalidation"]
            for each in listed.get("Items", [])
        ]
        return [each["InvalidationBatch"]["Paths"]["Items"] for each in found]


@pytest.fixture
def site(pipeline: Shell) -> Site:
    """The shared pipeline."""
    return Site(embedded(pipeline.state), outputs(pipeline))


def test_what_another_client_brings_replaces_and_takes_away(site: Site) -> None:
    """It shows; replaced, it is forgotten by the edges once; removed, it is gone everywhere."""
    before = len(site.forgotten())
    site.put("a b/other.jpg", photo(400, 300))
    until(lambda: "a b/other.jpg" in site.shown())
    assert site.forgotten()[before:] == []

    path = ["/a%20b/processed-other.jpg"]
    site.put("a b/other.jpg", photo(300, 400))
    until(lambda: site.forgotten()[before:] == [path])

    site.delete("a b/other.jpg")
    until(lambda: "a b/other.jpg" not in site.shown())
    until(lambda: site.forgotten()[before:] == [path, path])


def test_a_moved_picture_shows_at_its_new_place_alone(site: Site) -> None:
    """As `aws s3 mv` moves it: copied, and the old one deleted."""
    site.put("here.jpg", photo(400, 300))
    until(lambda: "here.jpg" in site.shown())
    bucket = site.names["source_bucket"]
    site.s3.copy_object(Bucket=bucket, Key="there.jpg", CopySource=f"{bucket}/here.jpg")
    site.delete("here.jpg")
    until(lambda: site.shown() & {"here.jpg", "there.jpg"} == {"there.jpg"})
    assert site.forgotten()[-1] == ["/processed-here.jpg"]


def test_a_rejected_picture_never_shows(site: Site) -> None:
    """Nor does what a picture was before a broken one took its place."""
    site.put("good.jpg", photo(400, 300))
    site.put("bad.jpg", b"no picture")
    until(lambda: "good.jpg" in site.shown())
    site.put("good.jpg", b"no picture either")
    until(lambda: "good.jpg" not in site.shown())
    assert "bad.jpg" not in site.shown()


def test_a_pipeline_of_an_older_release_is_moved_over(pipeline: Shell, site: Site) -> None:
    """No stream, no data, a list that `upload` wrote: setup takes over all rows there are."""
    site.put("old.jpg", photo(400, 300))
    until(lambda: "old.jpg" in site.shown())
    lambda_, dynamodb = site.aws.client("lambda"), site.aws.client("dynamodb")
    (mapping,) = lambda_.list_event_source_mappings()["EventSourceMappings"]
    lambda_.delete_event_source_mapping(UUID=mapping["UUID"])
    lambda_.delete_function(FunctionName="ImageGalleryFunction")
    table = site.names["table"]
    dynamodb.update_table(TableName=table, StreamSpecification={"StreamEnabled": False})
    bucket = site.names["destination_bucket"]
    site.s3.delete_object(Bucket=bucket, Key=INDEX_KEY)
    names = ("key", "width", "height", "size", "source", "timestamp")
    list_of_old = json.dumps([dict.fromkeys(names, 1)]).encode()
    site.s3.put_object(Bucket=bucket, Key="gallery.json", Body=list_of_old)

    pipeline.run("--local", "setup")
    assert "old.jpg" in site.shown()
    keys = {each["Key"] for each in site.s3.list_objects_v2(Bucket=bucket)["Contents"]}
    assert "gallery.json" not in keys
    site.put("new.jpg", photo(400, 300))
    until(lambda: {"old.jpg", "new.jpg"} <= site.shown())
    assert pipeline.json("--local", "status")["in_sync"]
