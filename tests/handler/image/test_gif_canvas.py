"""GIF: what is shown where no frame is, and after each kind of disposal, as browsers show it."""

from __future__ import annotations

import itertools
from io import BytesIO
from random import Random
from typing import Any

import pytest
from PIL import Image

from handler.image import gif_canvas
from tests.support.gifs import Patch, gif
from tests.support.pictures import rendered

SIZE = (40, 30)
PALETTE = [(10, 20, 200), (220, 30, 30), (30, 180, 60), (230, 210, 40)]
WHOLE = (0, 0, *SIZE)
KEPT, LEFT, CLEARED, RESTORED = 0, 1, 2, 3


def judged(patches: list[Patch]) -> list[Image.Image]:
    """Every frame as GIF89a has it: on a ground that is nothing, which disposal brings back."""
    canvas, seen = Image.new("RGBA", SIZE), []
    for patch in patches:
        before = canvas.copy()
        if patch.colour != patch.transparent:
            canvas.paste((*PALETTE[patch.colour], 255), patch.box)
        seen.append(canvas.copy())
        if patch.disposal == CLEARED:
            canvas.paste((0, 0, 0, 0), patch.box)
        elif patch.disposal == RESTORED:
            canvas = before
    return seen


def shown(patches: list[Patch], **settings: Any) -> list[Image.Image]:
    """Every frame of the result, as the reader under test shows it, or Pillow's of PNG."""
    body = rendered(gif(SIZE, PALETTE, patches), **settings).body
    stream = Image.open(BytesIO(body)) if settings else gif_canvas.opened(BytesIO(body))
    frames = []
    for index in range(getattr(stream, "n_frames", 1)):
        stream.seek(index)
        frames.append(stream.convert("RGBA"))
    return frames


def same(one: Image.Image, other: Image.Image) -> bool:
    """Whether both show the same at the middle of each cell of a grid."""
    spots = list(itertools.product(range(2, SIZE[0], 5), range(2, SIZE[1], 5)))
    return all(_visible(one.getpixel(spot)) == _visible(other.getpixel(spot)) for spot in spots)


def _visible(pixel: object) -> object:
    return pixel if isinstance(pixel, tuple) and pixel[3] else None


@pytest.mark.parametrize("disposal", [KEPT, LEFT, CLEARED, RESTORED])
@pytest.mark.parametrize("box", [
    (20, 15, 60, 45), (0, 0, 41, 30), (0, 0, 40, 31), (39, 29, 79, 59), (40, 0, 50, 10),
    (0, 30, 10, 40), (45, 35, 60, 50), (10, 5, 20, 60),
])  # fmt: skip
def test_a_frame_is_cut_where_its_canvas_ends(
    box: tuple[int, int, int, int], disposal: int
) -> None:
    """Or is not seen at all; what comes after it lies where it should."""
    patches = [
        Patch(WHOLE, 0), Patch(box, 1, disposal, 2), Patch((5, 5, 25, 25), 3), Patch(box, 2),
    ]  # fmt: skip
    stream = gif_canvas.opened(BytesIO(gif(SIZE, PALETTE, patches)))
    for index, wanted in enumerate(judged(patches)):
        stream.seek(index)
        assert stream.size == SIZE
        assert same(stream.convert("RGBA"), wanted), index


@pytest.mark.parametrize("background", [0, 3])
@pytest.mark.parametrize("transparent", [None, 2])
def test_what_the_only_frame_leaves_uncovered_is_transparent(
    transparent: int | None, background: int
) -> None:
    """Not of the colour that the file calls its background."""
    patches = [Patch((10, 5, 30, 25), 1, transparent=transparent)]
    data = gif(SIZE, PALETTE, patches, background)
    made = Image.open(BytesIO(rendered(data).body)).convert("RGBA")
    assert same(made, judged(patches)[0])


def test_a_still_that_covers_its_canvas_is_opaque() -> None:
    """Nothing shines through."""
    made = Image.open(BytesIO(rendered(gif(SIZE, PALETTE, [Patch(WHOLE, 2)])).body))
    assert made.convert("RGBA").getchannel("A").getextrema() == (255, 255)


@pytest.mark.parametrize("settings", [{"format": "png"}, {}], ids=["PNG", "GIF"])
def test_frames_are_disposed_of_as_they_say_themselves(settings: dict[str, str]) -> None:
    """Every disposal after every other, of frames anywhere; written as PNG, and as GIF again."""
    random = Random(11)
    for first, second, third in itertools.product((KEPT, LEFT, CLEARED, RESTORED), repeat=3):
        patches = []
        for number, disposal in enumerate((first, second, third, KEPT)):
            left, top = random.randrange(0, 20, 5), random.randrange(0, 15, 5)
            box = random.choice((WHOLE, (left, top, left + 20, top + 15)))
            patches.append(Patch(box, number, disposal, random.choice((None, 5))))
        frames, wanted = shown(patches, **settings), judged(patches)
        # A frame that shows what the one before shows may be left out of the result.
        groups = itertools.groupby(wanted, lambda each: each.tobytes())
        distinct = [next(group) for _, group in groups]
        assert len(frames) == len(distinct), patches
        assert all(map(same, frames, distinct)), patches
