"""The page made anew: what is put and told, what is refused before anything is changed."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from handler.event import COMPARE, FILL
from handler.page_settings import PageSettings
from imgpipe.errors import (
    ImgpipeError,
    NotOursError,
    OtherSettingsError,
    ServiceError,
    SettingsError,
    not_set_up,
)
from imgpipe.pipeline import Pipeline, gallery
from imgpipe.resources.bucket import Bucket
from imgpipe.resources.gallery_data import GalleryData
from imgpipe.resources.index_page import IndexPage
from imgpipe.settings import Settings
from tests.support.stand_ins import Given

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from imgpipe.aws.account import Aws
    from imgpipe.engine.resource import Properties
    from tests.support.account import Engine, Faults, Sent

pytestmark = pytest.mark.slow


class Nameless(Given):
    """A distribution without a name of one's own."""

    def read(self, aws: Aws) -> Properties:
        return {**super().read(aws), "Aliases": [], "Tags": {}}


DISTRIBUTION = Nameless("cdn", (("Id", "E1"), ("DomainName", "d111.cloudfront.net")))
FUNCTION = Given("page")
OTHER = OtherSettingsError("", next=("setup", "config pull"))
NO_PAGE = SettingsError("", next=("config set gallery.public true",))
TITLED = Settings(page=PageSettings(title="Far from home"))


@pytest.fixture
def parts(
    aws: Aws, engine: Engine, tags: tuple[tuple[str, str], ...], monkeypatch: pytest.MonkeyPatch
) -> gallery.Parts:
    """A page that stands, of a function that was told these settings."""
    bucket = Bucket("pictures", tags)
    page = IndexPage("index.html", bucket=bucket, settings=TITLED.page)
    data = GalleryData("data", bucket=bucket, function=FUNCTION, table=FUNCTION, trigger=FUNCTION)
    engine.setup(page, bucket)
    stands = gallery.Parts(page, data, DISTRIBUTION, bucket, FUNCTION)  # type: ignore[arg-type]
    monkeypatch.setattr(gallery, "parts_of", lambda _: stands)
    monkeypatch.setattr(gallery, "page_of", lambda _: TITLED.page)
    return stands


def portions(faults: Faults, *answers: dict[str, Any]) -> None:
    """Let the page's function say this of one portion after another."""
    for each in answers:
        faults.answer("Invoke", {"StatusCode": 200, "Payload": BytesIO(json.dumps(each).encode())})


def told(kind: str, *written: str, cursor: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the function says of a portion."""
    return {kind: cursor or {}, "written": written, "pictures": 7}


def rebuilt(aws: Aws) -> Iterator[gallery.Rebuilt]:
    """Every step of a rebuild with the settings that are live."""
    return gallery.rebuild(aws, gallery.look(Pipeline.of(TITLED, aws)))


@pytest.mark.usefixtures("parts")
def test_what_differs_is_put_the_data_made_and_the_edges_told(
    aws: Aws, faults: Faults, sent: Sent
) -> None:
    """What has no row goes before what is missing comes; every file is told once."""
    put = aws.client("s3").put_object
    put(Bucket="pictures", Key="gallery/style.css", Body=b"damaged")
    faults.answer("CreateInvalidation", {"Invalidation": {"Id": "I1"}})
    portions(
        faults,
        told(COMPARE, "p1", "index", cursor={"below": ["t", "k"]}),
        told(COMPARE, "index"),
        told(FILL, "p2", "index"),
    )
    *_, done = rebuilt(aws)
    assert done.written == ["gallery/style.css", "p1", "index", "p2"]
    assert (done.url, done.pictures, done.own_entry) == ("https://d111.cloudfront.net/", 7, False)
    events = [json.loads(each["Payload"]) for each in sent.of("Invoke")]
    assert events == [{COMPARE: {}}, {COMPARE: {"below": ["t", "k"]}}, {FILL: {}}]
    (asked,) = sent.of("CreateInvalidation")
    assert asked["DistributionId"] == "E1"
    assert (
        asked["InvalidationBatch"]["Paths"]["Items"] == list(gallery.PATHS) == [*done.invalidated]
    )


@pytest.mark.usefixtures("parts")
def test_a_page_by_hand_stays(aws: Aws, faults: Faults) -> None:
    """And it is said."""
    put = aws.client("s3").put_object
    put(Bucket="pictures", Key="index.html", Body=b"mine")
    faults.answer("CreateInvalidation", {"Invalidation": {"Id": "I1"}})
    portions(faults, told(COMPARE), told(FILL))
    *_, done = rebuilt(aws)
    assert (done.own_entry, done.written) == (True, [])
    body = aws.client("s3").get_object(Bucket="pictures", Key="index.html")["Body"].read()
    assert body == b"mine"


@pytest.mark.usefixtures("parts")
def test_what_the_function_cannot_do_is_told_and_no_edge_is(
    aws: Aws, faults: Faults, sent: Sent
) -> None:
    """With its reason."""
    failed = {"errorMessage": "full", "errorType": "OSError"}
    answer = {"Payload": BytesIO(json.dumps(failed).encode()), "FunctionError": "Unhandled"}
    faults.answer("Invoke", {"StatusCode": 200, **answer})
    with pytest.raises(ServiceError, match="OSError: full"):
        list(rebuilt(aws))
    assert sent.of("CreateInvalidation") == []


@pytest.mark.parametrize(
    ("live", "here", "error"),
    [
        (None, PageSettings(), not_set_up()),
        (PageSettings(), TITLED.page, OTHER),
        (PageSettings(template="mine"), PageSettings(), OTHER),
        (PageSettings(public=False), PageSettings(), OTHER),
        (PageSettings(public=False), PageSettings(public=False), NO_PAGE),
    ],
)
@pytest.mark.usefixtures("parts")
def test_no_setting_is_changed_by_the_way(
    aws: Aws,
    monkeypatch: pytest.MonkeyPatch,
    live: PageSettings | None,
    here: PageSettings,
    error: ImgpipeError,
) -> None:
    """A setup does that, and shows it before."""
    monkeypatch.setattr(gallery, "page_of", lambda _: live)
    with pytest.raises(type(error)) as caught:
        gallery.look(Pipeline.of(Settings(page=here), aws))
    assert caught.value.next == error.next


def test_a_bucket_of_somebody_elses_and_a_template_that_is_gone_are_refused(
    aws: Aws, parts: gallery.Parts, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Before anything is changed."""
    gone = parts._replace(page=replace(parts.page, template=tmp_path / "gone"))
    monkeypatch.setattr(gallery, "parts_of", lambda _: gone)
    with pytest.raises(SettingsError, match="cannot be read"):
        gallery.look(Pipeline.of(TITLED, aws))
    aws.client("s3").delete_bucket_tagging(Bucket="pictures")
    with pytest.raises(NotOursError):
        gallery.look(Pipeline.of(TITLED, aws))
