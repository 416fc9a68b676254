"""Files of flat colours that say in different ways what their numbers mean, and Chromium's view."""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode
from io import BytesIO
from typing import TYPE_CHECKING, Final

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.support.pngs import SIGNATURE, chunk
from tests.support.tools import found

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Colour = tuple[int, int, int]
SIDE: Final = 16
COLOURS: Final[tuple[Colour, ...]] = (
    *((red, green, blue) for red in (0, 77, 255) for green in (0, 102, 204) for blue in (26, 230)),
    *((level, level, level) for level in range(0, 256, 51)),
)
CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome")

# Paints a file on a canvas, and returns the middle of each square.
_PAINT: Final = """async ([url, side]) => {
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [image.width, image.height];
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  const colours = [];
  for (let x = side / 2; x < image.width; x += side)
    colours.push([...context.getImageData(x, side / 2, 1, 1).data].slice(0, 3));
  return colours;
}"""


def png(*chunks: tuple[bytes, bytes], colours: Sequence[Colour] = COLOURS, bits: int = 8) -> bytes:
    """A PNG with these chunks before its pixels; 16 bits hold the same colours as 8."""
    number = struct.Struct(">B" if bits == 8 else ">H")
    scale = 1 if bits == 8 else 257
    row = b"".join(
        number.pack(value * scale) * 1 for c in colours for _ in range(SIDE) for value in c
    )
    head = struct.pack(">IIBBBBB", len(colours) * SIDE, SIDE, bits, 2, 0, 0, 0)
    pixels = zlib.compress((b"\0" + row) * SIDE)
    parts = [(b"IHDR", head), *chunks, (b"IDAT", pixels), (b"IEND", b"")]
    return SIGNATURE + b"".join(chunk(name, body) for name, body in parts)


def picture(colours: Sequence[Colour] = COLOURS) -> Image.Image:
    """A row of squares, one of each colour."""
    image = Image.new("RGB", (len(colours) * SIDE, SIDE))
    for index, colour in enumerate(colours):
        image.paste(colour, (index * SIDE, 0, (index + 1) * SIDE, SIDE))
    return image


def avif(primaries: int, transfer: int) -> bytes:
    """An AVIF whose code points are these; the numbers are kept to the bit."""
    stream = BytesIO()
    picture().save(stream, "AVIF", quality=100, subsampling="4:4:4")
    return coded(stream.getvalue(), primaries, transfer)


def coded(data: bytes, primaries: int, transfer: int) -> bytes:
    """Return an AVIF or HEIC with other code points in its colour box."""
    at = data.index(b"nclx") + 4
    return data[:at] + struct.pack(">HH", primaries, transfer) + data[at + 4 :]


def squares(image: Image.Image) -> list[Colour]:
    """Return the colour in the middle of each square."""
    rgb = image.convert("RGB")
    across = range(SIDE // 2, rgb.width, SIDE)
    return [colour for x in across if isinstance(colour := rgb.getpixel((x, SIDE // 2)), tuple)]  # type: ignore[misc]


def as_chromium_shows(files: Mapping[str, tuple[str, bytes]]) -> dict[str, list[Colour]]:
    """Return the squares of each file, by name, as Chromium paints them; type and bytes go in."""
    options = ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found(*CHROMIUM), args=options)
        page = browser.new_page()
        painted = {
            name: page.evaluate(_PAINT, [f"data:{kind};base64,{b64encode(body).decode()}", SIDE])
            for name, (kind, body) in files.items()
        }
        browser.close()
    return {
        name: [(red, green, blue) for red, green, blue in colours]
        for name, colours in painted.items()
    }
