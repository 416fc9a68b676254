"""Animations: frames, times, repetitions and marks; past a cap the first frame is kept."""

from __future__ import annotations

import weakref
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image, ImageChops, ImageSequence

from handler.image import Picture, gif, render
from handler.image.film import Film
from handler.image.picture import Moving
from handler.recipe import Limits, Recipe, Rendition, Watermark
from tests.support.pictures import rendered, saved, seen

pytestmark = pytest.mark.slow

COLOURS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (255, 255, 255)]
TIMES = [50, 120, 200, 80, 300]
ANIMATED = ["GIF", "PNG", "WEBP"]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def frames(size: tuple[int, int] = (200, 100)) -> list[Image.Image]:
    """A square that walks to the right over black, in another colour at each step."""
    return [walked(size, step, colour) for step, colour in enumerate(COLOURS)]


def walked(size: tuple[int, int], step: int, colour: tuple[int, int, int]) -> Image.Image:
    """One step of the square."""
    image = Image.new("RGB", size)
    side = size[0] // 5
    image.paste(colour, (step * side, 20, (step + 1) * side, 20 + side))
    return image


def animation(name: str, images: list[Image.Image] | None = None, **options: Any) -> bytes:
    """The frames as a file; WebP without loss, so that colours can be compared."""
    first, *rest = images or frames()
    extra = {"lossless": True} if name == "WEBP" else {}
    return saved(
        first,
        name,
        save_all=True,
        append_images=rest,
        **{"duration": TIMES, "loop": 0, **extra, **options},
    )


def shown(picture: Picture) -> Iterator[tuple[Image.Image, float]]:
    """Each frame as a viewer composes it, and how long it lasts."""
    for frame in ImageSequence.Iterator(seen(picture)):
        image = frame.convert("RGBA")
        yield image, frame.info.get("duration", 0)


@pytest.mark.parametrize("wanted", ["keep", "png", "webp", "avif"])
@pytest.mark.parametrize("name", [*ANIMATED, "AVIF"])
def test_frames_and_times_survive(name: str, wanted: str) -> None:
    """Every frame is there, shows its own picture and lasts as long as before.

    From and to each animated format.
    """
    picture = rendered(animation(name), format=wanted, width=100, height=100, quality=95)
    assert picture.frames == len(COLOURS)
    for step, (image, milliseconds) in enumerate(shown(picture)):
        assert image.size == (100, 50)
        assert milliseconds == TIMES[step]
        for other, colour in enumerate(COLOURS):
            pixel = image.getpixel((other * 20 + 10, 20))
            assert pixel == pytest.approx((*(colour if other == step else (0, 0, 0)), 255), abs=24)


@pytest.mark.parametrize("name", ANIMATED)
@pytest.mark.parametrize("loop", [0, 1, 3])
def test_repetitions_survive(name: str, loop: int | None) -> None:
    """A loop stays as long as it was, also in the format that counts otherwise."""
    source = animation(name, loop=loop)
    before = Image.open(BytesIO(source)).info.get("loop")
    assert seen(rendered(source, width=100)).info.get("loop") == before
    if name == "GIF":
        assert seen(rendered(source, width=100, format="webp")).info["loop"] == (loop and loop + 1)


def test_a_gif_that_names_no_repetition_plays_once() -> None:
    """It still does as a GIF, and as a WebP, where once has to be named."""
    first, *rest = frames()
    source = saved(first, "GIF", save_all=True, append_images=rest, duration=TIMES)
    assert "loop" not in seen(rendered(source)).info
    assert seen(rendered(source, format="webp")).info["loop"] == 1


@pytest.mark.parametrize("name", ANIMATED)
def test_transparent_frames_leave_nothing_behind(name: str) -> None:
    """On transparent ground a frame does not show the frames before it."""
    clear = []
    for image in frames():
        ground = image.convert("RGBA")
        ground.putalpha(image.convert("L").point([0] + [255] * 255))
        ground.paste(
            (9, 9, 9, 128), (0, 90, 200, 100)
        )  # Pillow takes a WebP for opaque unless some pixel is half transparent
        clear.append(ground)
    picture = rendered(
        animation(name, clear, **({} if name == "WEBP" else {"disposal": 2})), width=100
    )
    for step, (image, _) in enumerate(shown(picture)):
        alphas = [
            image.getchannel("A").getpixel((other * 20 + 10, 20)) for other in range(len(COLOURS))
        ]
        assert alphas == [255 if other == step else 0 for other in range(len(COLOURS))]


@pytest.mark.parametrize("disposal", [1, 2])
def test_a_gifs_disposal_is_played_out(disposal: int) -> None:
    """Frames that cover only a part look as a viewer shows them.

    Whatever is done with the frame before.
    """
    source = animation("GIF", disposal=disposal)
    stream = Image.open(BytesIO(source))
    wanted = [
        frame.convert("RGB").resize((100, 50), Image.Resampling.BOX)
        for frame in ImageSequence.Iterator(stream)
    ]
    for before, (after, _) in zip(wanted, shown(rendered(source, width=100)), strict=True):
        apart = ImageChops.difference(before, after.convert("RGB")).convert("L")
        assert apart.point([0] * 48 + [255] * 208).getbbox() is None


@pytest.mark.parametrize("name", ANIMATED)
def test_every_frame_is_marked(name: str) -> None:
    """The watermark is on each frame, at the same place."""
    source = animation(name, frames((600, 300)))
    mark = Watermark(text="MARK", size=0.2, opacity=1.0, gravity="south", margin=0.1)
    rendition = Rendition(width=300, watermark=mark)
    (marked,), (plain,) = (
        render(source, Recipe((each,))) for each in (rendition, replace(rendition, watermark=None))
    )
    boxes = []
    for (one, _), (other, _) in zip(shown(marked), shown(plain), strict=True):
        lower = (
            ImageChops.difference(one.convert("RGB"), other.convert("RGB"))
            .crop((0, 100, 300, 150))
            .convert("L")
        )
        boxes.append(lower.point([0] * 128 + [255] * 128).getbbox())
    assert boxes[0] is not None
    assert len(set(boxes)) == 1


@pytest.mark.parametrize("name", ANIMATED)
def test_past_the_cap_on_frames_the_first_is_kept(name: str) -> None:
    """Five frames pass a cap of five and not a cap of four; the item says so."""
    assert rendered(animation(name), Limits(frames=5)).frames == 5
    picture = rendered(animation(name), Limits(frames=4), width=100, quality=95)
    assert (picture.frames, picture.warnings) == (
        1,
        ("5 frames: the limit is 4; only the first is kept",),
    )
    assert seen(picture).convert("RGB").getpixel((10, 20)) == pytest.approx(COLOURS[0], abs=24)


@pytest.mark.parametrize("name", ANIMATED)
def test_past_the_cap_on_pixels_the_first_is_kept(name: str) -> None:
    """All frames together may have 100 000 pixels, and not one more."""
    assert rendered(animation(name), Limits(total_pixels=100_000)).frames == 5
    picture = rendered(animation(name), Limits(total_pixels=99_999))
    assert picture.frames == 1
    assert picture.warnings == (
        "5 frames: 100000 pixels in all, the limit is 99999; only the first is kept",
    )


@pytest.mark.parametrize("wanted", ["jpeg"])
def test_a_format_that_cannot_move_shows_the_first_frame_and_says_so(wanted: str) -> None:
    """Beside a rendition that moves, and alone."""
    picture = rendered(animation("GIF"), format=wanted)
    assert (picture.frames, len(picture.warnings)) == (1, 1)
    moving, still = render(
        animation("GIF"),
        Recipe((Rendition(watermark=None), Rendition(name="still", format=wanted, watermark=None))),
    )
    assert (moving.frames, moving.warnings) == (5, ())
    assert (still.frames, still.warnings) == (
        1,
        (f"5 frames, of which {wanted} shows only the first",),
    )
    assert still.body == picture.body


def test_the_default_image_of_an_apng_is_no_frame() -> None:
    """What an APNG shows to viewers that cannot animate is left out of the animation."""
    first, *rest = [Image.new("RGB", (200, 100), "grey"), *frames()]
    source = saved(
        first, "PNG", save_all=True, append_images=rest, default_image=True, duration=TIMES, loop=0
    )
    picture = rendered(source, width=100)
    assert picture.frames == 5
    assert [
        image.getpixel((step * 20 + 10, 20)) for step, (image, _) in enumerate(shown(picture))
    ] == [(*colour, 255) for colour in COLOURS]


@pytest.mark.parametrize("most", [500, 1])
@pytest.mark.parametrize("count", [1, 5])
def test_one_frame_is_shown_rather_than_the_default_image(count: int, most: int) -> None:
    """As in every browser, whether the animation has one frame or is cut down to its first."""
    images = [Image.new("RGB", (200, 100), "grey"), *frames()[:count]]
    options: dict[str, Any] = {"default_image": True, "duration": 100, "loop": 0}
    source = saved(images[0], "PNG", save_all=True, append_images=images[1:], **options)
    for width in (100, 800):  # smaller, and as large as it is
        first = next(shown(rendered(source, Limits(frames=most), width=width)))[0]
        assert first.getpixel((10 * first.width // 100, 20 * first.width // 100)) == (
            *COLOURS[0],
            255,
        )


@pytest.mark.parametrize("wanted", ["keep", "webp"])
def test_absurd_times_and_repetitions_are_bounded(wanted: str) -> None:
    """No encoder stumbles over eighteen hours a frame and two thousand million plays.

    An APNG may claim both.
    """
    picture = rendered(animation("PNG", duration=65_535_000, loop=2**31), format=wanted)
    assert [milliseconds for _, milliseconds in shown(picture)] == [655_350] * 5
    assert seen(picture).info["loop"] == 65_535


def test_a_gif_says_only_what_changes() -> None:
    """One palette, and nothing of what stays: a still ground costs what it costs once."""
    ground = Image.effect_noise((200, 150), 60).convert("RGB")
    frames = []
    for step in range(20):
        frame = ground.copy()
        frame.paste((200, 30, 40), (step * 5, 50, step * 5 + 20, 70))
        frames.append(frame)
    once = saved(frames[0], "GIF")
    source = saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=80)
    made = rendered(source, width=199)
    assert made.frames == 20
    assert len(made.body) < 1.5 * len(once)


class Reel:
    """Many frames, and how many of them were alive at once."""

    def __init__(self) -> None:
        self.most = 0

    def __call__(self) -> Iterator[Image.Image]:
        """Every frame, made when it is asked for."""
        made: list[weakref.ref[Image.Image]] = []
        for step in range(40):
            frame = walked((200, 100), step % 5, COLOURS[step % 5])
            made.append(weakref.ref(frame))
            self.most = max(self.most, sum(each() is not None for each in made))
            yield frame
            del frame


def wound(reel: Reel, name: str) -> bytes:
    """The reel as a file of one of Pillow's formats."""
    return saved(Film(reel, 40), name, save_all=True, duration=40)


def moved(reel: Reel, _: str) -> bytes:
    """The reel as a GIF of our own."""
    samples = frames()
    animation = Moving(reel, samples, [40.0] * 40, 0, alpha=False, grey=False)
    return gif.moving(samples[0].size, animation)


@pytest.mark.parametrize(("name", "write"), [("GIF", moved), ("WEBP", wound), ("AVIF", wound)])
def test_few_frames_are_held(name: str, write: Callable[[Reel, str], bytes]) -> None:
    """However many there are: encoders take one at a time, and keep what they made of it."""
    reel = Reel()
    made = Image.open(BytesIO(write(reel, name)))
    assert getattr(made, "n_frames", 1) == 40
    assert reel.most <= 3


def test_what_is_left_of_a_damaged_animation_moves() -> None:
    """Salvaged the first time, its frames are once more when they are written."""
    whole = animation("GIF", [Image.effect_noise((300, 200), 50 + n) for n in range(5)])
    limits = Limits(truncated="salvage")
    picture = rendered(whole[: len(whole) * 9 // 10], limits, width=100)
    assert picture.frames == 5
    assert picture.warnings == ("damaged: only its readable part is shown",)
    assert len(list(shown(picture))) == 5


def test_frames_of_every_rendition_are_their_own() -> None:
    """Each is decoded anew: sizes, marks and formats do not mix."""
    small = Rendition(name="small", width=50, watermark=None, format="webp")
    large = Rendition(width=200, watermark=Watermark(text="M", size=0.3))
    one, other = render(animation("PNG"), Recipe((large, small)))
    assert (one.frames, other.frames) == (5, 5)
    alone = render(animation("PNG"), Recipe((small,)))[0]
    assert alone.body == other.body


@pytest.mark.parametrize("name", ANIMATED)
def test_attention_keeps_one_part_of_all_frames(name: str) -> None:
    """The first frame's: the square walks out of it, and what stands stays where it is."""
    still = [image.copy() for image in frames()]
    for image in still:
        image.paste((250, 250, 250), (0, 0, 3, 100))
    made = rendered(animation(name, still), width=50, height=100, fit="cover", gravity="attention")
    post = [frame.convert("L").getpixel((1, 50)) for frame in ImageSequence.Iterator(seen(made))]
    assert made.frames == len(still)
    assert len(set(post)) == 1
