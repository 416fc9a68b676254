"""How alike a file looks to its picture, and the lowest quality at which that is alike enough.

Structural similarity (Wang et al., 2004) of brightness in blocks of 4 x 4, of pictures a quarter as
large: of what Pillow computes in a millisecond it goes along best with SSIMULACRA 2, over
photographs and qualities (docs/decisions/0012-quality-by-likeness.md).
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from PIL import Image, ImageMath

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# What a photograph has at 80 where that is seen to be enough; most have more.
_ENOUGH: Final = 1 - 0.0011
_LOWEST: Final = 40
_SCALE, _BLOCK = 4, 4
_STEADY, _CONTRAST = (0.01 * 255) ** 2, (0.03 * 255) ** 2
# What makes the same quality smaller, at a price in time that is worth paying where one searches.
DENSER: Final[Mapping[str, Mapping[str, Any]]] = {
    "jpeg": {"progressive": True, "optimize": True},
    "webp": {"method": 4},
}


def alike_enough(image: Image.Image, write: Callable[[int], bytes], highest: int) -> bytes:
    """Return what ``write`` makes of ``image`` at the lowest quality that looks like it.

    Never of one above ``highest``. Bisects: six tries.
    """
    seen = _Seen(image)
    low, high, best = _LOWEST, highest, b""
    while low < high:
        middle = (low + high) // 2
        body = write(middle)
        if seen.likeness(Image.open(BytesIO(body))) >= _ENOUGH:
            high, best = middle, body
        else:
            low = middle + 1
    return best or write(highest)


class _Seen:
    """A picture as it is compared with others."""

    def __init__(self, image: Image.Image) -> None:
        self._small = _small(image)
        self._mean, self._square = _means(self._small), _means(_product(self._small, self._small))

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
