"""The page behind the printed address, in a real browser: every picture shows, every name is text.

The system's Chromium, driven by Playwright, which must not fetch a browser of its own.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Error, Page, sync_playwright

from tests.support.pictures import far
from tests.support.shell import Shell, photo
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
    return Gallery(address, before)


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
