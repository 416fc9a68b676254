"""The page behind the printed address, in a real browser: the pictures are there, and no file name is more than a name."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.support.shell import Shell, photo

BROWSER = shutil.which("chromium")
REQUIRED = os.environ.get("TESTS_REQUIRE_TOOLS") == "1"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
)
QUIET = (
    "--disable-component-update",
    "--disable-sync",
    "--virtual-time-budget=10000",
    "--window-size=1280,900",
)

# Each would change the title if any of it were taken for more than a name.
NAMES = (
    "<img src=x onerror=document.title='owned'>.jpg",
    '"><svg onload=document.title="owned">.jpg',
    "javascript:document.title='owned'.jpg",
    "1+1 = 100% #1 & ?.jpg",
    "größe 日本.jpg",
)

Opened = Callable[..., str]

pytestmark = pytest.mark.skipif(BROWSER is None and not REQUIRED, reason="needs chromium")


@pytest.fixture(scope="module")
def opened(shared_shell: Shell, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """Opens an address and returns the page as its scripts left it."""

    def browse(address: str, *options: str) -> str:
        profile = tmp_path_factory.mktemp("profile")
        command = [
            BROWSER or "chromium",
            *FLAGS,
            *QUIET,
            f"--user-data-dir={profile}",
            *(options or ("--dump-dom",)),
            address,
        ]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=120, check=True
        ).stdout

    return browse


@pytest.fixture(scope="module")
def address(shared_shell: Shell) -> str:
    """What setup prints."""
    return str(shared_shell.json("--local", "setup")["outputs"]["url"])


def test_1_before_any_upload_the_page_says_how_to_begin(address: str, opened: Opened) -> None:
    """No empty grid, no error."""
    page = opened(address)
    assert "Nothing here yet" in page
    assert "imgpipe upload photo.jpg" in page
    assert "<img" not in page


def test_2_every_picture_is_shown_and_every_name_is_only_a_name(
    shared_shell: Shell, address: str, opened: Opened
) -> None:
    """The browser loads each one from the address it made of the key; a picture that does not load is taken off the page."""
    folder = shared_shell.folder / "a folder"
    folder.mkdir()
    for name in NAMES:
        (folder / name).write_bytes(photo(400, 300))
    shared_shell.run("--local", "upload", "a folder", "--prefix", "2026/ä b")
    page = opened(address)
    assert "5 pictures, newest first" in page
    assert "<title>Processed pictures</title>" in page
    captions = [html.unescape(each) for each in re.findall(r"<figcaption>(.*?)<small>", page)]
    assert sorted(captions) == sorted(f"2026/ä b/{name}" for name in NAMES)
    assert page.count('<img src="http') == 5


def test_3_the_pictures_really_show(address: str, opened: Opened, tmp_path: Path) -> None:
    """Their red and blue is on the screen."""
    shot = tmp_path / "page.png"
    opened(address, f"--screenshot={shot}")
    with Image.open(shot) as picture:
        pixels: list[Any] = list(
            picture.convert("RGB").resize((128, 90), Image.Resampling.NEAREST).get_flattened_data()
        )
    assert sum(pixel[0] > 200 and max(pixel[1:]) < 60 for pixel in pixels) > 1000
    assert sum(pixel[2] > 200 and max(pixel[:2]) < 60 for pixel in pixels) > 1000
