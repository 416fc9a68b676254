"""The page behind the printed address, in a real browser: every picture shows, every name is text.

The system's Chromium, driven by Playwright, which must not fetch a browser of its own.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Error, Page, sync_playwright

from handler.gallery import INDEX_KEY, PICTURES_A_PAGE
from handler.schema import Metadata, Status
from imgpipe import cdn
from tests.e2e.test_removed import until
from tests.support.pictures import far
from tests.support.shell import Shell, embedded, photo
from tests.support.tools import found, needs

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
# Without a sandbox, as containers have none; and without what it asks its maker's servers.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# Each would change the title if any of it were taken for more than a name.
NAMES = (
    "<img src=x onerror=document.title='owned'>.jpg",
    '"><svg onload=document.title="owned">.jpg',
    "javascript:document.title='owned'.jpg",
    "1+1 = 100% #1 & ?.jpg",
    "größe 日本.jpg",
)
FOLDER = "2026/ä b"
RED, BLUE = (255, 0, 0), (0, 0, 255)

pytestmark = needs(*CHROMIUM)


@dataclass(frozen=True)
class Gallery:
    """The pipeline's ``address``, and what the page said ``before`` the first upload."""

    address: str
    before: str


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium without a window."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found(*CHROMIUM), args=list(FLAGS))
        yield running
        running.close()


@pytest.fixture(scope="module")
def gallery(shared_shell: Shell, browser: Browser) -> Gallery:
    """A pipeline that was looked at when it was new, and got five pictures then."""
    address = str(shared_shell.json("--local", "setup")["outputs"]["url"])
    with browser.new_page() as page:
        page.goto(address, wait_until="networkidle")
        before = page.content()
    folder = shared_shell.folder / "a folder"
    folder.mkdir()
    for name in NAMES:
        (folder / name).write_bytes(photo(400, 300))
    shared_shell.run("--local", "upload", "a folder", "--prefix", FOLDER)
    until(lambda: shown(address) == len(NAMES))
    return Gallery(address, before)


def shown(address: str) -> int:
    """How many pictures the page's index has."""
    return len(json.loads(cdn.fetch(address + INDEX_KEY).body)["pictures"])


@pytest.fixture
def page(browser: Browser, gallery: Gallery) -> Iterator[Page]:
    """The page as it is now, all its pictures loaded; an error in its scripts fails the test."""
    errors: list[str] = []

    def note(error: Error) -> None:
        errors.append(error.message)

    with browser.new_page(viewport={"width": 1280, "height": 900}) as opened:
        opened.on("pageerror", note)
        opened.goto(gallery.address, wait_until="networkidle")
        yield opened
    assert errors == []


def test_before_any_upload_the_page_says_how_to_begin(gallery: Gallery) -> None:
    """No empty grid, no error."""
    assert "Nothing here yet" in gallery.before
    assert "imgpipe upload photo.jpg" in gallery.before
    assert "<img" not in gallery.before


def test_every_picture_is_shown_and_every_name_is_only_a_name(page: Page) -> None:
    """Each is loaded from the address made of its key; one that does not load is taken off."""
    assert "5 pictures, newest first" in page.inner_text("body")
    assert page.title() == "Processed pictures"
    captions = page.eval_on_selector_all(
        "figcaption", "all => all.map(caption => caption.firstChild.textContent.trim())"
    )
    assert sorted(captions) == sorted(f"{FOLDER}/{name}" for name in NAMES)
    widths = page.eval_on_selector_all("figure img", "all => all.map(img => img.naturalWidth)")
    assert len(widths) == len(NAMES)
    assert all(widths)


def test_the_pictures_really_show(page: Page) -> None:
    """Their red and blue is on the screen."""
    with Image.open(io.BytesIO(page.screenshot())) as shot:
        pixels: list[Any] = list(shot.convert("RGB").resize((128, 90)).get_flattened_data())
    for wanted in (RED, BLUE):
        assert sum(far([pixel], [wanted]) < 90 for pixel in pixels) > 1000


def test_older_pictures_come_when_they_are_scrolled_to(
    shared_shell: Shell, gallery: Gallery, browser: Browser
) -> None:
    """The first look loads the newest alone; in the end all are there, each once."""
    many = 3 * PICTURES_A_PAGE
    aws = embedded(shared_shell.state)
    names = shared_shell.json("--local", "setup")["outputs"]
    body = photo(40, 30)
    for number in range(many):
        row = Metadata(
            filename=f"processed-{number}.jpg",
            size=len(body),
            timestamp=f"2026-01-01T00:00:00.{number:03}+00:00",
            status=Status.PROCESSED,
            source_key=f"{number}.jpg",
        )
        bucket, key = names["destination_bucket"], row.filename
        aws.client("s3").put_object(Bucket=bucket, Key=key, Body=body, ContentType="image/jpeg")
        aws.client("dynamodb").put_item(TableName=names["table"], Item=row.to_item())

    total = many + len(NAMES)
    with browser.new_page(viewport={"width": 1280, "height": 900}) as page:
        until(lambda: _opened(page, gallery.address).startswith(f"{total} pictures"))
        assert page.locator("figure").count() < total
        while page.locator("#more").is_visible():
            # It goes when all are there, which may be between the look and the scrolling.
            page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
            page.wait_for_load_state("networkidle")
        captions = page.eval_on_selector_all(
            "figcaption", "all => all.map(caption => caption.firstChild.textContent)"
        )
    expected = [f"{number}.jpg" for number in reversed(range(many))]
    assert captions[len(NAMES) :] == expected


def _opened(page: Page, address: str) -> str:
    page.goto(address, wait_until="networkidle")
    return page.inner_text("#summary")
