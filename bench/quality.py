"""How near an output comes to the picture that a full decode and a LANCZOS resize give.

PSNR and SSIM, in Pillow alone.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageChops, ImageCms, ImageMath, ImageOps, ImageStat

if TYPE_CHECKING:
    from pathlib import Path

_BLOCK = 8
_GREY = (128, 128, 128)


@dataclass(frozen=True)
class Fidelity:
    """PSNR in dB, SSIM, and ``loss``.

    How many dB the output lies below the truth saved by Pillow at quality 80 (0 without loss).
    """

    psnr: float
    ssim: float
    loss: float


def fidelity(source: Path, output: Path) -> Fidelity:
    """Compare ``output`` with what a full decode of ``source`` and LANCZOS give.

    It was made without a watermark.
    """
    with Image.open(output) as made:
        wanted = truth(source, made.size)
        best, reached = psnr(wanted, encoded(wanted, made.format)), psnr(wanted, made)
        return Fidelity(reached, ssim(wanted, made), best - reached if math.isfinite(best) else 0.0)


def truth(source: Path, size: tuple[int, int]) -> Image.Image:
    """Return ``source`` decoded, upright, in sRGB, resized to ``size`` with LANCZOS.

    It is RGB or RGBA, and not yet encoded.
    """
    with Image.open(source) as opened:
        upright = _srgb(ImageOps.exif_transpose(opened))
    if upright.mode != "RGBA":
        return upright.resize(size, Image.Resampling.LANCZOS)
    return upright.convert("RGBa").resize(size, Image.Resampling.LANCZOS).convert("RGBA")


def encoded(picture: Image.Image, extension: str | None) -> Image.Image:
    """Return ``picture`` after a round through Pillow's encoder at quality 80.

    What the format alone costs.
    """
    body = io.BytesIO()
    picture.save(body, extension, quality=80)
    return Image.open(body)


def psnr(one: Image.Image, other: Image.Image) -> float:
    """Return the peak signal-to-noise ratio over R, G and B in dB, infinite for equal pictures.

    Alpha laid on grey.
    """
    squares = ImageStat.Stat(ImageChops.difference(_flat(one), _flat(other))).sum2
    mean = sum(squares) / (3 * one.width * one.height)
    return 10 * math.log10(255**2 / mean) if mean else math.inf


def ssim(one: Image.Image, other: Image.Image) -> float:
    """Return the mean structural similarity of luma, 1.0 for equal pictures.

    Over blocks of 8 x 8 pixels (Wang et al., 2004).
    """
    x, y = (_flat(picture).convert("L").convert("F") for picture in (one, other))
    mean_x, mean_y = _means(x), _means(y)
    means = {
        "x": mean_x,
        "y": mean_y,
        "xx": _means(_product(x, x)),
        "yy": _means(_product(y, y)),
        "xy": _means(_product(x, y)),
    }
    return _mean(ImageMath.lambda_eval(_similarity, **means))


def _similarity(of: dict[str, Any]) -> Any:
    steady, contrast = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    x, y = of["x"], of["y"]
    variances, covariance = of["xx"] - x * x + of["yy"] - y * y, of["xy"] - x * y
    return (
        (x * y * 2 + steady)
        * (covariance * 2 + contrast)
        / ((x * x + y * y + steady) * (variances + contrast))
    )


def _product(one: Image.Image, other: Image.Image) -> Image.Image:
    product: Image.Image = ImageMath.lambda_eval(
        lambda of: of["one"] * of["other"], one=one, other=other
    )
    return product


def _means(picture: Image.Image) -> Image.Image:
    whole = (picture.width // _BLOCK * _BLOCK, picture.height // _BLOCK * _BLOCK)
    return picture.crop((0, 0, *whole)).reduce(_BLOCK)


def _mean(picture: Image.Image) -> float:
    """Average by resizing to one pixel.

    ``ImageStat`` counts in 256 bins, which floats do not fit.
    """
    value = picture.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    return float(value) if isinstance(value, (int, float)) else math.nan


def _flat(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture.convert("RGB")
    ground = Image.new("RGB", picture.size, _GREY)
    ground.paste(picture, mask=picture)
    return ground


def _srgb(picture: Image.Image) -> Image.Image:
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    if profile := picture.info.get("icc_profile"):
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(
            picture, source, ImageCms.createProfile("sRGB"), outputMode=mode
        )
        return converted or picture.convert(mode)
    return picture.convert(mode)
