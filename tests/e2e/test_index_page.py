"""The page behind the printed address, in a real browser: what visitors see, touch and type.

The system's Chromium, driven by Playwright, which must not fetch a browser of its own.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from handler.gallery import INDEX_KEY, PAGE_PREFIX, PICTURES_A_PAGE
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
PHONE = {"width": 390, "height": 844}
# How far what was seen moves in all, as a share of the window: https://web.dev/articles/cls
STILL = 0.02
SHIFTS = """
    window.shifted = 0;
    new PerformanceObserver(list => list.getEntries().forEach(entry => {
        if (!entry.hadRecentInput) window.shifted += entry.value;
    })).observe({type: "layout-shift", buffered: true});
"""
RED, BLUE = (255, 0, 0), (0, 0, 255)

SETTINGS = """
[picture]
width = 1200
height = 1200
[[rendition]]
name = "small"
width = 200
height = 200
[gallery]
title = "<b>Ours</b> & yours"
description = "Two halves, red and blue"
"""
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
    (shared_shell.folder / "imgpipe.toml").write_text(SETTINGS)
    address = str(shared_shell.json("--local", "setup")["outputs"]["url"])
    with browser.new_page() as page:
        page.goto(address, wait_until="networkidle")
        before = page.content()
    folder = shared_shell.folder / "a folder"
    folder.mkdir()
    for name in NAMES:
        (folder / name).write_bytes(photo(1200, 900))
    shared_shell.run("--local", "upload", "a folder", "--prefix", FOLDER)
    until(lambda: shown(address) == len(NAMES))
    return Gallery(address, before)


def shown(address: str) -> int:
    """How many pictures the page's index has."""
    index = json.loads(cdn.fetch(address + INDEX_KEY).body)
    return sum(not each.get("rendition") for each in index["pictures"])


@contextmanager
def visit(browser: Browser, address: str, **options: Any) -> Iterator[Page]:
    """Open the page, all of it loaded; what its console says, or what moves, fails the test."""
    said: list[str] = []
    options = {"viewport": {"width": 1280, "height": 900}, **options}
    with browser.new_context(**options) as context, context.new_page() as opened:
        opened.on("pageerror", lambda error: said.append(error.message))
        opened.on("console", lambda message: said.append(message.text))
        opened.add_init_script(SHIFTS)
        opened.goto(address, wait_until="networkidle")
        yield opened
        assert said == []
        assert opened.evaluate("window.shifted ?? 0") < STILL


@pytest.fixture
def page(browser: Browser, gallery: Gallery) -> Iterator[Page]:
    """The page as it is now."""
    with visit(browser, gallery.address) as opened:
        yield opened


def names(page: Page) -> list[str]:
    """What the pictures in view are called, in their order."""
    return page.locator("#pictures .name").all_text_contents()


def test_before_any_upload_the_page_says_how_to_begin(gallery: Gallery) -> None:
    """No empty grid, no error."""
    assert "Nothing here yet" in gallery.before
    assert "imgpipe upload photo.jpg" in gallery.before
    assert "<li>" not in gallery.before


def test_every_picture_is_shown_and_every_name_is_only_a_name(page: Page) -> None:
    """Each is loaded from the address made of its key, the title is text, and keeps its room."""
    expect(page.locator("#summary")).to_have_text("5 pictures")
    assert page.title() == page.inner_text("h1") == "<b>Ours</b> & yours"
    assert sorted(names(page)) == sorted(NAMES)
    widths = page.eval_on_selector_all("#pictures img", "all => all.map(img => img.naturalWidth)")
    assert len(widths) == len(NAMES)
    assert all(widths)
    chosen = page.eval_on_selector_all("#pictures img", "all => all.map(img => img.currentSrc)")
    assert page.locator("#pictures img").first.get_attribute("srcset", timeout=1000)
    assert all("processed-" in each for each in chosen)


def test_the_pictures_really_show(page: Page) -> None:
    """Their red and blue is on the screen."""
    with Image.open(io.BytesIO(page.screenshot())) as shot:
        pixels: list[Any] = list(shot.convert("RGB").resize((128, 90)).get_flattened_data())
    for wanted in (RED, BLUE):
        assert sum(far([pixel], [wanted]) < 90 for pixel in pixels) > 300


def test_a_small_window_takes_the_small_rendition(browser: Browser, gallery: Gallery) -> None:
    """As many bytes as the screen can show, and no more."""
    with visit(browser, gallery.address, viewport=PHONE) as page:
        chosen = page.eval_on_selector_all("#pictures img", "all => all.map(img => img.currentSrc)")
    assert all("--small" in each for each in chosen)


def test_search_and_order_need_no_server(page: Page) -> None:
    """Words in any order, letters with and without their marks."""
    page.fill("#query", "JPG grosse")
    expect(page.locator("#summary")).to_have_text("No picture is called so.")
    page.fill("#query", "2026 jpg größe")
    expect(page.locator("#summary")).to_have_text("1 picture")
    assert names(page) == ["größe 日本.jpg"]
    page.fill("#query", "")
    newest = names(page)
    page.select_option("#order", "oldest")
    expect(page.locator("#pictures .name").first).to_have_text(newest[-1])
    assert names(page) == newest[::-1]


def test_a_picture_is_looked_at_by_key_swipe_and_way_back(page: Page) -> None:
    """The address says which; Escape and the browser's way back lead to where it was opened."""
    listed = names(page)
    page.locator("#pictures a").first.click()
    viewer = page.locator("#viewer")
    expect(viewer.locator("#name")).to_have_text(listed[0])
    expect(viewer.locator("#previous")).to_be_disabled()
    page.keyboard.press("ArrowRight")
    expect(viewer.locator("#name")).to_have_text(listed[1])
    _swipe(page, -200)
    expect(viewer.locator("#name")).to_have_text(listed[2])
    _swipe(page, 200)
    expect(viewer.locator("#name")).to_have_text(listed[1])
    expect(viewer.locator("#full")).to_be_visible()
    assert page.eval_on_selector("#full", "img => img.naturalWidth")
    download = viewer.locator("#download").evaluate("link => link.href")
    assert cdn.fetch(download).status == 200
    assert "--small" not in download
    deep = page.url

    page.go_back()
    expect(viewer).to_be_hidden()
    assert page.evaluate("document.activeElement.getAttribute('href')") == deep[deep.index("#") :]
    page.keyboard.press("Enter")
    expect(viewer.locator("#name")).to_have_text(listed[1])
    page.keyboard.press("Escape")
    expect(viewer).to_be_hidden()
    page.goto(deep)
    page.reload(wait_until="networkidle")
    expect(viewer.locator("#name")).to_have_text(listed[1])
    page.locator("#close").click()
    expect(viewer).to_be_hidden()


def _swipe(page: Page, distance: int) -> None:
    """Move a finger across the picture, as a touch screen tells of it."""
    page.evaluate(
        """distance => {
            const at = x => ({
                clientX: x, clientY: 400, pointerType: "touch", isPrimary: true, bubbles: true,
            });
            const stage = document.getElementById("stage");
            stage.dispatchEvent(new PointerEvent("pointerdown", at(600)));
            stage.dispatchEvent(new PointerEvent("pointermove", at(600 + distance / 2)));
            stage.dispatchEvent(new PointerEvent("pointerup", at(600 + distance)));
        }""",
        distance,
    )


def test_folders_are_albums(page: Page) -> None:
    """With a cover, a count, and an address."""
    page.get_by_role("link", name="Albums").click()
    expect(page.locator("#albums li")).to_have_text("ä b20265 pictures")
    page.locator("#albums a").click()
    expect(page.locator("h2")).to_have_text("ä b")
    assert sorted(names(page)) == sorted(NAMES)
    page.go_back()
    page.go_back()
    expect(page.locator("#summary")).to_have_text("5 pictures")


def test_nothing_stands_in_anybodys_way(page: Page) -> None:
    """axe finds nothing: names, roles, contrast, order; in the grid, its albums, a picture."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    for place in ("#/", "#/albums", page.locator("#pictures a").first.get_attribute("href")):
        page.goto(page.url.partition("#")[0] + str(place))
        page.wait_for_load_state("networkidle")
        found = axe.run(page).response["violations"]
        assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []


def test_without_javascript_the_newest_show(browser: Browser, gallery: Gallery) -> None:
    """With their names as text, each leading to its largest rendition."""
    with visit(browser, gallery.address, java_script_enabled=False) as page:
        page.wait_for_url(re.compile("newest"))
        assert sorted(page.locator("li p").all_text_contents()) == sorted(
            f"{FOLDER}/{name}" for name in NAMES
        )
        assert page.title() == "<b>Ours</b> & yours"
        links = page.locator("li a")
        addresses = [links.nth(number).get_attribute("href") for number in range(len(NAMES))]
        assert {cdn.fetch(gallery.address + str(each)[3:]).status for each in addresses} == {200}


def test_what_a_browser_may_load_is_bounded(browser: Browser, gallery: Gallery) -> None:
    """A picture of elsewhere that somebody brought in after all is not fetched."""
    with browser.new_page() as page:
        page.goto(gallery.address)
        blocked = page.evaluate(
            """() => new Promise(resolve => {
            const told = event => resolve(event.violatedDirective);
            document.addEventListener("securitypolicyviolation", told);
            const image = document.createElement("img");
            image.src = "https://example.com/a.png";
        })"""
        )
    assert blocked == "img-src"


def test_rejected_pictures_are_nobody_elses_business(shared_shell: Shell, gallery: Gallery) -> None:
    """Neither name nor reason is in anything that is served."""
    (shared_shell.folder / "secret.jpg").write_bytes(photo()[:3000])
    shared_shell.run("--local", "upload", "secret.jpg", code=4)
    (shared_shell.folder / "told.jpg").write_bytes(photo(1200, 900))
    shared_shell.run("--local", "upload", "told.jpg")
    until(lambda: shown(gallery.address) == len(NAMES) + 1)
    bucket = shared_shell.json("--local", "setup")["outputs"]["destination_bucket"]
    s3 = embedded(shared_shell.state).client("s3")
    for each in s3.list_objects_v2(Bucket=bucket)["Contents"]:
        assert "secret" not in each["Key"]
        if not each["Key"].endswith(".jpg"):
            body = s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read()
            assert b"secret" not in body


def fill(shell: Shell, count: int, newest: int) -> None:
    """Let the table tell of so many small pictures, of which the ``newest`` are there."""
    aws = embedded(shell.state)
    stands = shell.json("--local", "setup")["outputs"]
    body = photo(40, 30)
    rows = [
        Metadata(
            filename=f"processed-{number}.jpg",
            size=len(body),
            timestamp=f"2026-01-01T00:00:{number // 1000:02}.{number % 1000:03}+00:00",
            status=Status.PROCESSED,
            source_key=f"{number}.jpg",
            width=40,
            height=30,
        )
        for number in range(count)
    ]
    bucket = stands["destination_bucket"]
    for row in rows[count - newest :]:
        picture = {"Key": row.filename, "Body": body, "ContentType": "image/jpeg"}
        aws.client("s3").put_object(Bucket=bucket, **picture)
    for start in range(0, count, 25):
        items = [{"PutRequest": {"Item": row.to_item()}} for row in rows[start : start + 25]]
        aws.client("dynamodb").batch_write_item(RequestItems={stands["table"]: items})


def test_older_pictures_come_when_they_are_scrolled_to(
    shared_shell: Shell, gallery: Gallery, browser: Browser
) -> None:
    """The first look loads the newest alone; in the end all are there, each once."""
    many = 3 * PICTURES_A_PAGE
    before = shown(gallery.address)
    fill(shared_shell, many, many)

    total = f"{many + before} pictures"
    until(lambda: _total(gallery.address) == many + before)
    with visit(browser, gallery.address) as page:
        expect(page.locator("#summary")).to_have_text(total)
        assert page.locator("#pictures li").count() < many

        def all_are_there() -> bool:
            page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
            return page.locator("#pictures li").count() == many + before

        until(all_are_there)
        assert names(page)[before:] == [f"{number}.jpg" for number in reversed(range(many))]

    with browser.new_page() as page:
        page.goto(f"{gallery.address}#/picture/7.jpg")
        expect(page.locator("#viewer #name")).to_have_text("7.jpg")
        page.keyboard.press("Escape")
        page.fill("#query", "17.jpg")
        expect(page.locator("#summary")).to_have_text("6 pictures")


def _total(address: str) -> int:
    index = json.loads(cdn.fetch(address + INDEX_KEY).body)
    return shown(address) + sum(int(page["total"]) for page in index["pages"])


def test_where_there_is_to_be_no_page_there_is_none(shared_shell: Shell, gallery: Gallery) -> None:
    """Page and data go, pictures stay; and it comes back with all of them."""
    file = shared_shell.folder / "imgpipe.toml"
    file.write_text(f"{SETTINGS}public = false\n")
    shared_shell.run("--local", "setup", "--yes")
    bucket = shared_shell.json("--local", "setup")["outputs"]["destination_bucket"]
    s3 = embedded(shared_shell.state).client("s3")
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix="gallery/")
    (shared_shell.folder / "unseen.jpg").write_bytes(photo(1200, 900))
    shared_shell.run("--local", "upload", "unseen.jpg")
    assert shared_shell.json("--local", "status")["in_sync"]

    file.write_text(f"{SETTINGS}public = true\n")
    shared_shell.run("--local", "setup", "--yes")
    assert shown(gallery.address) > len(NAMES)


@pytest.mark.prove
def test_of_20_000_pictures_the_newest_are_painted_first(
    shared_shell: Shell, gallery: Gallery, browser: Browser, record_property: Any
) -> None:
    """A visitor waits for the index and what is in view, however many there are."""
    count = 20_000
    before = shown(gallery.address)
    fill(shared_shell, count, 3 * PICTURES_A_PAGE)
    shared_shell.run("--local", "gallery")
    until(lambda: _total(gallery.address) == count + before, seconds=1800)
    painted = []
    for _ in range(5):
        with visit(browser, gallery.address) as page:
            expect(page.locator("#summary")).to_have_text(f"{count + before:,} pictures")
            requests = page.evaluate("performance.getEntriesByType('resource').map(r => r.name)")
            assert not [each for each in requests if PAGE_PREFIX in each]
            painted.append(
                page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
            )
    record_property("pictures on the page", count)
    record_property("milliseconds to the first paint, median of 5", f"{median(painted):.0f}")
