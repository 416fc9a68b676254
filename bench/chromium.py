"""What Chromium shows, as a judge: how far a result lies from its original."""

from __future__ import annotations

import base64
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Judge = Callable[[tuple[str, bytes], tuple[str, bytes]], float | None]

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
_FLAGS: Final = ("--force-color-profile=srgb", "--disable-gpu", "--no-sandbox")
# Both pictures over white on 64 x 64 pixels; what is left is a mean of 0 to 255, or nothing where
# the first cannot be shown.
_COMPARE: Final = """async ([one, other]) => {
  const drawn = async (url) => {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = new OffscreenCanvas(64, 64);
    const context = canvas.getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, 64, 64);
    context.imageSmoothingQuality = "high";
    context.drawImage(image, 0, 0, 64, 64);
    return context.getImageData(0, 0, 64, 64).data;
  };
  let wanted;
  try { wanted = await drawn(one); } catch { return null; }
  const made = await drawn(other);
  const sum = made.reduce((sum, value, at) => sum + Math.abs(value - wanted[at]), 0);
  return sum / 64 / 64 / 3;
}"""


@contextmanager
def judge() -> Iterator[Judge | None]:
    """Yield a function of two pictures, each a media type and bytes; ``None`` without Chromium."""
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        yield None
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        page = browser.new_page()

        def apart(one: tuple[str, bytes], other: tuple[str, bytes]) -> float | None:
            found: Any = page.evaluate(_COMPARE, [_url(*one), _url(*other)])
            return None if found is None else float(found)

        yield apart
        browser.close()


def _url(kind: str, body: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(body).decode()}"
