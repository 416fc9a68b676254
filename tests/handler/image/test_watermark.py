"""The watermark: there, legible, inside the picture, in proportion; honest where it is not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from handler.image.watermark import draw
from handler.recipe import GRAVITIES, Watermark

pytestmark = pytest.mark.slow

Box = tuple[int, int, int, int]
GREY = "#7f7f7f"


def picture(
    size: tuple[int, int] = (600, 400), colour: str = GREY, mode: str = "RGB"
) -> Image.Image:
    """A picture of one colour."""
    return Image.new("RGB", size, colour).convert(mode)


def noise(size: tuple[int, int]) -> Image.Image:
    """A picture of random colours."""
    bands = [Image.effect_noise(size, 100) for _ in "RGB"]
    return Image.merge("RGB", bands)


def marked(mark: Watermark, image: Image.Image, folder: Path | None = None) -> Image.Image:
    """A copy of ``image`` with ``mark``, drawn without a warning."""
    copy = image.copy()
    assert draw.draw(copy, mark, folder) is None
    return copy


def changed(before: Image.Image, after: Image.Image) -> Box:
    """The smallest box that holds every changed pixel."""
    box = ImageChops.difference(before.convert("RGB"), after.convert("RGB")).getbbox()
    assert box is not None, "nothing was drawn"
    return box


def pixels(image: Image.Image) -> list[tuple[int, ...]]:
    """The pixels' levels, row by row."""
    body, bands = image.tobytes(), len(image.getbands())
    return [tuple(body[at : at + bands]) for at in range(0, len(body), bands)]


def luminance(level: float) -> float:
    """Relative luminance of a grey, as WCAG 2.2 defines it."""
    share = level / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def contrast(light: float, dark: float) -> float:
    """Ratio of two greys' luminances, from 1 to 21, as WCAG 2.2 defines it."""
    return (luminance(light) + 0.05) / (luminance(dark) + 0.05)


def where(image: Image.Image, threshold: int, *, above: bool) -> Image.Image:
    """A mask of the pixels that are at least, or less than, ``threshold`` bright."""
    return image.convert("L").point([255 * ((level >= threshold) == above) for level in range(256)])


@pytest.fixture
def logo(tmp_path: Path) -> Path:
    """A folder with ``logo.png``: left half opaque orange, right half transparent red."""
    image = Image.new("RGBA", (200, 100), "#ff000000")
    image.paste("#ff8800", (0, 0, 100, 100))
    image.save(tmp_path / "logo.png")
    return tmp_path


@pytest.mark.parametrize("gravity", GRAVITIES)
def test_gravity_puts_the_mark_at_its_edge(gravity: str) -> None:
    """The mark touches the margin on the sides that gravity names, and is centred on the others."""
    image = picture((600, 400))
    left, top, right, bottom = changed(
        image, marked(Watermark(gravity=gravity, margin=0.05), image)
    )
    for name, near, far, reverse in (
        ("west", left, 600 - right, "east"),
        ("north", top, 400 - bottom, "south"),
    ):
        if name in gravity:
            assert near == pytest.approx(20, abs=1)
        elif reverse in gravity:
            assert far == pytest.approx(20, abs=1)
        else:
            assert near == pytest.approx(far, abs=2)


@pytest.mark.parametrize("colour", ["#000000", "#ffffff", "#7f7f7f", "#ff0000", "#ffff00"])
def test_default_mark_contrasts_with_a_plain_ground(colour: str) -> None:
    """On any plain colour letters or outline stand out by WCAG's 3:1 for large text."""
    ground = picture((800, 600), colour)
    levels = [level for _, level in marked(Watermark(), ground).convert("L").getcolors() or ()]
    here = ground.convert("L").getpixel((0, 0))
    assert isinstance(here, int)
    assert max(contrast(max(levels), here), contrast(here, min(levels))) >= 3


def test_default_mark_contrasts_with_noise() -> None:
    """On noise the letters stand out from their own outline by 3:1 on average."""
    ground = noise((800, 600))
    letters = where(marked(Watermark(), picture((800, 600), "#000000")), 160, above=True)
    outline = where(marked(Watermark(), picture((800, 600), "#ffffff")), 95, above=False)
    grey = marked(Watermark(), ground).convert("L")
    assert (
        contrast(ImageStat.Stat(grey, letters).mean[0], ImageStat.Stat(grey, outline).mean[0]) >= 3
    )


@pytest.mark.parametrize("factor", [2, 3, 8])
def test_size_follows_the_shorter_side(factor: int) -> None:
    """A picture n times as large bears a mark n times as large."""
    small, large = picture((300, 200)), picture((300 * factor, 200 * factor))
    one, many = (changed(each, marked(Watermark(), each)) for each in (small, large))
    assert (many[2] - many[0]) / (one[2] - one[0]) == pytest.approx(factor, rel=0.05)


def test_portrait_and_landscape_bear_the_same_mark() -> None:
    """Only the shorter side counts."""
    sizes = []
    for size in ((600, 400), (400, 600)):
        left, top, right, bottom = changed(picture(size), marked(Watermark(), picture(size)))
        sizes.append((right - left, bottom - top))
    assert sizes[0] == sizes[1]


@settings(max_examples=60, deadline=None)
@given(
    size=st.tuples(st.integers(1, 700), st.integers(1, 700)),
    mark=st.builds(
        Watermark,
        text=st.sampled_from(
            ["©", "Watermark", "A rather long text that has to shrink to find room", "gÅ|"]
        ),
        size=st.floats(0.01, 1),
        angle=st.floats(-360, 360),
        margin=st.floats(0, 0.5),
        gravity=st.sampled_from(GRAVITIES),
    ),
)
def test_mark_is_inside_its_margins_or_not_there(size: tuple[int, int], mark: Watermark) -> None:
    """Nothing outside the margins changes, and nothing at all when a warning is returned."""
    before, after = picture(size), picture(size)
    warning = draw.draw(after, mark, None)
    box = ImageChops.difference(before, after).getbbox()
    if warning:
        assert box is None
        assert f"{size[0]}x{size[1]}" in warning
    else:
        edge = round(mark.margin * min(size))
        assert box is not None
        assert box[0] >= edge
        assert box[1] >= edge
        assert box[2] <= size[0] - edge
        assert box[3] <= size[1] - edge


@pytest.mark.parametrize(("side", "drawn"), [(80, True), (79, False)])
def test_mark_is_drawn_down_to_eight_pixels(side: int, drawn: bool) -> None:
    """A tenth of 80 pixels is legible; a tenth of 79 is not, and the picture stays as it was."""
    image = picture((300, side))
    warning = draw.draw(image, Watermark(size=0.1), None)
    assert (warning is None) == drawn
    assert (image != picture((300, side))) == drawn


def test_angle_turns_counter_clockwise() -> None:
    """At 90 degrees the mark reads upwards: what ended at the right ends at the top."""
    image = picture((500, 500))
    upright, turned = (
        marked(Watermark(text="l....", size=0.1, angle=angle, gravity="center"), image)
        for angle in (0, 90)
    )
    expected = upright.rotate(90)
    assert ImageStat.Stat(ImageChops.difference(turned, expected)).mean[0] < 0.5
    assert ImageStat.Stat(ImageChops.difference(turned, upright)).mean[0] > 0.5


@pytest.mark.parametrize("angle", [0, 30, -45])
def test_tiles_cover_the_whole_picture(angle: float) -> None:
    """Every ninth of a tiled picture bears a part of the mark."""
    image = picture((900, 600))
    after = marked(Watermark(tiled=True, angle=angle), image)
    for left in (0, 300, 600):
        for top in (0, 200, 400):
            box = (left, top, left + 300, top + 200)
            changed(image.crop(box), after.crop(box))


def test_tiles_turn_with_the_mark() -> None:
    """A square picture tiled upwards is one tiled plainly, turned: the brickwork turns as one."""
    image = picture((600, 600))
    plain, upwards = (marked(Watermark(tiled=True, angle=angle), image) for angle in (0, 90))
    assert ImageStat.Stat(ImageChops.difference(upwards, plain.rotate(90))).mean[0] < 2


def test_tiles_are_laid_like_bricks() -> None:
    """Above and below the mark in the middle there is a gap, and only two rows on the next mark."""
    image = picture((900, 600))
    left, top, right, bottom = changed(image, marked(Watermark(gravity="center"), image))
    middle, row = (left + right) // 2, 4 * (bottom - top)
    tiled = marked(Watermark(tiled=True), image)
    shifted = (middle - 15, top - row, middle + 15, bottom - row)
    assert image.crop(shifted) == tiled.crop(shifted)
    changed(
        image.crop((left, top - 2 * row, right, bottom - 2 * row)),
        tiled.crop((left, top - 2 * row, right, bottom - 2 * row)),
    )


def test_large_mark_is_crisp() -> None:
    """The edge of a letter that is hundreds of pixels high is at most three pixels wide."""
    image = picture((3000, 3000), "#000000", "L")
    after = marked(Watermark(text="■", size=0.3, gravity="center", opacity=1), image)
    row = after.crop((0, 1500, 1500, 1501)).tobytes()
    assert 0 < sum(16 < level < 239 for level in row) <= 3


def test_tiles_repeat_the_mark() -> None:
    """A tiled picture repeats the very mark that a plain one bears once."""
    image = picture((900, 600))
    once, tiled = (marked(Watermark(gravity="center", tiled=each), image) for each in (False, True))
    box = changed(image, once)
    assert once.crop(box) == tiled.crop(box)


def test_opacity_is_a_share_of_the_colour() -> None:
    """At 0.4 the letters are 0.4 colour and 0.6 ground; at 0 nothing changes."""
    black = picture(colour="#000000")
    letters = marked(Watermark(text="█", color="#ff0000", opacity=0.4, size=0.2), black)
    assert max(pixels(letters)) == (102, 0, 0)
    assert marked(Watermark(opacity=0), black) == black


def test_image_mark_keeps_its_alpha_and_colour(logo: Path) -> None:
    """An image is as high as asked for; no hidden colour of its transparent parts shows."""
    image = picture((600, 400), "#0000ff")
    after = marked(
        Watermark(image="logo.png", size=0.25, opacity=1, gravity="northwest", margin=0),
        image,
        logo,
    )
    assert changed(image, after) == pytest.approx((0, 0, 100, 100), abs=3)
    assert after.getpixel((50, 50)) == (255, 136, 0)
    assert after.getpixel((150, 50)) == (0, 0, 255)
    seam = pixels(after.crop((95, 10, 110, 90)))
    assert all(green >= red / 2 - 1 for red, green, _ in seam), (
        "the hidden red shows where opaque and transparent meet"
    )


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA"])
def test_mark_suits_the_mode_of_the_picture(mode: str) -> None:
    """An opaque picture of any mode bears the mark that RGB bears, and keeps its mode."""
    after = marked(Watermark(), picture(mode=mode))
    assert after.mode == mode
    difference = ImageChops.difference(after.convert("RGB"), marked(Watermark(), picture()))
    assert max(max(pixel) for pixel in pixels(difference)) <= 1


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_mark_is_as_bright_on_transparency(mode: str) -> None:
    """On a transparent picture the mark brings its own alpha, not the dark colour hidden below."""
    image = Image.new(mode, (600, 400))
    after = marked(Watermark(text="█", color="#ffffff", outline="#ffffff", size=0.3), image)
    levels = [(pixel[0], pixel[-1]) for pixel in pixels(after)]
    assert max(alpha for _, alpha in levels) == round(255 * 0.65)
    assert all(level == 255 for level, alpha in levels if alpha)


def test_missing_characters_are_left_out_and_named() -> None:
    """What the font lacks is not drawn as boxes; the warning names it."""
    with_han, without = picture(), picture()
    warning = draw.draw(with_han, Watermark(text="© 漢Anna"), None)
    draw.draw(without, Watermark(text="© Anna"), None)
    assert warning
    assert "漢" in warning
    assert with_han == without


@pytest.mark.parametrize("text", ["漢字", "", "   "])
def test_text_without_anything_to_draw_leaves_the_picture(text: str) -> None:
    """Nothing to draw is a warning, not a failure."""
    image = picture()
    assert "not drawn" in (draw.draw(image, Watermark(text=text), None) or "")
    assert image == picture()


def test_missing_file_is_an_error(tmp_path: Path) -> None:
    """A deployment without the file it names is told so, whichever file it is."""
    for mark in (Watermark(image="gone.png"), Watermark(font="gone.ttf")):
        with pytest.raises(FileNotFoundError):
            draw.draw(picture(), mark, tmp_path)


def test_same_mark_in_another_process() -> None:
    """A fresh process, with another hash seed, draws the very same pixels."""
    program = (
        "import hashlib\n"
        "from PIL import Image\n"
        "from handler.image.watermark import draw\n"
        "from handler.recipe import Watermark\n"
        "image = Image.new('RGB', (640, 480))\n"
        "draw.draw(image, Watermark(text='© Ελένη AVA', angle=12), None)\n"
        "print(hashlib.sha256(image.tobytes()).hexdigest())"
    )
    root = Path(__file__).parents[3]
    runs = [
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=root,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]
