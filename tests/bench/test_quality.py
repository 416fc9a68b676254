"""The yardsticks the bench judges by."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageCms, ImageFilter

from bench import quality
from bench.profile import wide_gamut
from bench.scene import scene

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def picture() -> Image.Image:
    """Return a small drawn scene."""
    return scene((320, 240), alpha=False)


def test_psnr_of_one_level_everywhere() -> None:
    """A difference of one level in every channel is 20 log10(255) dB."""
    one, other = (
        Image.new("RGB", (16, 16), (100, 100, 100)),
        Image.new("RGB", (16, 16), (101, 101, 101)),
    )
    assert quality.psnr(one, other) == pytest.approx(48.1308, abs=1e-4)


def test_equal_pictures_are_perfect(picture: Image.Image) -> None:
    """A picture compared to itself has infinite PSNR and an SSIM of one."""
    assert quality.psnr(picture, picture) == math.inf
    assert quality.ssim(picture, picture) == pytest.approx(1.0, abs=1e-6)


def test_blur_lowers_both(picture: Image.Image) -> None:
    """Nobody wins by blurring: more blur, less PSNR and less SSIM."""
    mild, strong = (picture.filter(ImageFilter.GaussianBlur(radius)) for radius in (1, 3))
    assert quality.psnr(picture, mild) > quality.psnr(picture, strong)
    assert 1 > quality.ssim(picture, mild) > quality.ssim(picture, strong) > 0


def test_the_truth_saved_at_quality_80_has_no_loss(picture: Image.Image, tmp_path: Path) -> None:
    """What Pillow makes with a full decode, LANCZOS and quality 80 loses nothing against itself."""
    source, output = tmp_path / "source.png", tmp_path / "output.jpg"
    picture.save(source)
    picture.resize((160, 120), Image.Resampling.LANCZOS).save(output, quality=80)
    assert quality.fidelity(source, output).loss == pytest.approx(0.0, abs=1e-9)


def test_a_sideways_picture_is_judged_upright(picture: Image.Image, tmp_path: Path) -> None:
    """An output that was not turned as EXIF asks scores far below one that was."""
    source, turned, sideways = (
        tmp_path / name for name in ("source.jpg", "turned.png", "sideways.png")
    )
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.save(source, exif=exif, quality=95)
    picture.transpose(Image.Transpose.ROTATE_270).resize((120, 160)).save(turned)
    picture.resize((120, 160)).save(sideways)
    assert quality.fidelity(source, turned).psnr > quality.fidelity(source, sideways).psnr + 10


def test_the_scene_is_the_same_on_every_run() -> None:
    """The corpus is drawn from a seed: the same pixels every time."""
    assert scene((128, 96), alpha=True).tobytes() == scene((128, 96), alpha=True).tobytes()


def test_the_profile_is_a_wide_gamut_that_littlecms_reads() -> None:
    """The profile made by hand is valid, and full green in it is greener than sRGB can show."""
    profile = ImageCms.ImageCmsProfile(io.BytesIO(wide_gamut()))
    green = ImageCms.profileToProfile(
        Image.new("RGB", (1, 1), (0, 200, 0)), profile, ImageCms.createProfile("sRGB")
    )
    assert green is not None
    red, brighter, _ = green.getpixel((0, 0))  # type: ignore[misc]
    assert red == 0
    assert brighter > 200
