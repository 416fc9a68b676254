"""How alike a file looks to its picture, and the quality at which another looks as alike.

Structural similarity (Wang et al., 2004) of brightness in blocks of 4 x 4, of pictures a quarter as
large: of what Pillow computes in a millisecond it goes along best with SSIMULACRA 2, over
photographs and qualities (docs/decisions/0012-quality-by-likeness.md).
"""

from __future__ import annotations

import math
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from PIL import Image, ImageMath

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# How much less alike jpegli's file may be by this measure where SSIMULACRA 2 finds it as good as
# libjpeg's: it spends its bytes where they are seen.
_AS_UNLIKE: Final = 1.24
# Of jpegli's qualities, what looks as libjpeg's 80 most often, and the bounds of what may; and the
# logarithm of the part that one more takes off.
_FIRST, _LEAST, _MOST = 82, 74, 88
_A_QUALITY: Final = 0.038
_NOTHING: Final = 1e-6
_SCALE, _BLOCK = 4, 4
_STEADY, _CONTRAST = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def as_alike(image: Image.Image, model: bytes, write: Callable[[int], bytes]) -> bytes:
    """Return what jpegli's ``write`` makes of ``image`` so that it looks as libjpeg's ``model``.

    One try tells the quality, for each takes off about the same part of what is unlike.
    """
    seen = _Seen(image)
    wanted, body = seen.unlikeness(model) * _AS_UNLIKE, write(_FIRST)
    further = math.log(seen.unlikeness(body) / wanted) / _A_QUALITY
    quality = min(max(_FIRST + round(further), _LEAST), _MOST)
    return body if quality == _FIRST else write(quality)


class _Seen:
    """A picture as it is compared with others."""

    def __init__(self, image: Image.Image) -> None:
        self._small = _small(image)
        self._mean, self._square = _means(self._small), _means(_product(self._small, self._small))

    def unlikeness(self, body: bytes) -> float:
        """Return how far the picture in a file is from likeness; never nothing."""
        return max(_NOTHING, 1 - self.likeness(Image.open(BytesIO(body))))

    def likeness(self, other: Image.Image) -> float:
        """Return the mean similarity, 1.0 for the same brightness everywhere."""
        small = _small(other)
        similar = ImageMath.lambda_eval(
            _similarity,
            x=self._mean, xx=self._square, y=_means(small),
            yy=_means(_product(small, small)), xy=_means(_product(self._small, small)),
        )  # fmt: skip
        value = similar.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
        return value if isinstance(value, float) else 0.0


def _small(image: Image.Image) -> Image.Image:
    if image.has_transparency_data:
        ground = Image.new("RGBA", image.size, "#808080")
        image = Image.alpha_composite(ground, image.convert("RGBA"))
    return image.convert("L").reduce(_SCALE).convert("F")


def _means(image: Image.Image) -> Image.Image:
    return image.reduce(_BLOCK)


def _product(one: Image.Image, other: Image.Image) -> Image.Image:
    product: Image.Image = ImageMath.lambda_eval(lambda of: of["a"] * of["b"], a=one, b=other)
    return product


def _similarity(of: Mapping[str, Any]) -> Any:
    x, y = of["x"], of["y"]
    variances, covariance = of["xx"] - x * x + of["yy"] - y * y, of["xy"] - x * y
    return (
        (x * y * 2 + _STEADY)
        * (covariance * 2 + _CONTRAST)
        / ((x * x + y * y + _STEADY) * (variances + _CONTRAST))
    )
