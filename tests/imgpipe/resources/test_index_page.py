"""IndexPage: the packaged page, put once, and safe against what files may be called."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from imgpipe.engine.graph import Action
from imgpipe.gallery.page import HEADERS
from imgpipe.resources.bucket import Bucket
from imgpipe.resources.index_page import IndexPage

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Engine

PAGE = files("imgpipe.gallery").joinpath("page.html").read_bytes()


@pytest.fixture
def bucket(tags: tuple[tuple[str, str], ...]) -> Bucket:
    """The bucket the page is in."""
    return Bucket("pictures", tags)


@pytest.fixture
def page(bucket: Bucket) -> IndexPage:
    """The page."""
    return IndexPage("index.html", bucket=bucket)


def _object(aws: Aws) -> dict[str, Any]:
    return dict(aws.client("s3").get_object(Bucket="pictures", Key="index.html"))


def test_create_puts_the_packaged_page_as_html(
    aws: Aws, engine: Engine, bucket: Bucket, page: IndexPage
) -> None:
    """A browser shows it, rather than saving it, and asks again after a minute."""
    assert engine.setup(page, bucket).action is Action.CREATE
    found = _object(aws)
    assert found["Body"].read() == PAGE
    assert (found["ContentType"], found["CacheControl"]) == (
        HEADERS["ContentType"],
        HEADERS["CacheControl"],
    )


def test_the_page_never_makes_markup_of_what_it_fetched() -> None:
    """Names come from strangers: no markup sink, no inline handler, keys encoded."""
    text = PAGE.decode()
    for sink in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        " onerror=",
        " onload=",
        " onclick=",
    ):
        assert sink not in text
    assert 'location.origin + "/" + key.split("/").map(encodeURIComponent)' in text


def test_the_page_loads_nothing_from_elsewhere() -> None:
    """No script, style, font or picture of a third party."""
    assert "http://" not in PAGE.decode()
    assert "https://" not in PAGE.decode()
