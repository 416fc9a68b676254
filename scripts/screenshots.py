"""Make docs/screenshots anew: drawn landscapes through the embedded AWS, the page in Chromium.

``python -m scripts.screenshots``
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PIL import Image
from playwright.sync_api import sync_playwright

from scripts.landscapes import SERIES, drawn
from tests.e2e.test_index_page import CHROMIUM, FLAGS, shown
from tests.e2e.test_removed import until
from tests.support.shell import Shell, shell_in
from tests.support.tools import found

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_OUT: Final = Path(__file__).parent.parent / "docs" / "screenshots"
_WINDOWS: Final = {"phone": (390, 844), "tablet": (820, 1180), "desktop": (1440, 900)}
_SETTINGS: Final = """
[picture]
width = 1600
height = 1600
watermark = false

[[rendition]]
name = "small"
width = 480
height = 480

[gallery]
title = "Far from home"
description = "Mountains, coasts and deserts, mostly early, mostly alone."
"""


def main() -> None:
    """Write a picture for each window and light, and one of the full-size view and of albums."""
    _OUT.mkdir(exist_ok=True)
    os.environ.setdefault("IMGPIPE_CACHE_DIR", str(Path.home() / ".cache" / "imgpipe"))
    with tempfile.TemporaryDirectory() as folder, contextmanager(shell_in)(Path(folder)) as shell:
        address = _standing(shell)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=found(*CHROMIUM), args=list(FLAGS))
            for name in _WINDOWS:
                for light in ("light", "dark"):
                    with _page(browser, address, name, light) as page:
                        _save(page, f"{name}-{light}")
            with _page(browser, f"{address}#/albums", "tablet", "light") as page:
                _save(page, "albums")
            with _page(browser, address, "desktop", "dark") as page:
                page.locator("#pictures a").nth(1).click()
                page.wait_for_selector("#viewer.loaded")
                _save(page, "full-size")


def _standing(shell: Shell) -> str:
    """Set a pipeline up, upload the landscapes; return its address once all of them show."""
    for number, (*_, name) in enumerate(SERIES):
        path = shell.folder / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        drawn(number).save(path, quality=90)
    (shell.folder / "imgpipe.toml").write_text(_SETTINGS)
    address = str(shell.json("--local", "setup")["outputs"]["url"])
    # One by one, so that their order is always the same.
    for *_, name in reversed(SERIES):
        shell.run("--local", "upload", f"photos/{name}", "--prefix", str(Path(name).parent))
    until(lambda: shown(address) == len(SERIES))
    return address


@contextmanager
def _page(browser: Browser, address: str, window: str, light: str) -> Iterator[Page]:
    width, height = _WINDOWS[window]
    with browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if light == "dark" else "light",
        has_touch=window != "desktop",
        is_mobile=window == "phone",
    ) as context:
        page = context.new_page()
        page.goto(address, wait_until="networkidle")
        yield page


def _save(page: Page, name: str) -> None:
    with Image.open(io.BytesIO(page.screenshot())) as shot:
        shot.convert("RGB").save(_OUT / f"{name}.webp", quality=82, method=6)


if __name__ == "__main__":
    main()
