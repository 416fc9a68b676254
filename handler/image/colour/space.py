"""Colour spaces as numbers: primaries, and the curve from numbers to light.

The code points are ITU-T H.273's, which PNG's cICP and the nclx of AVIF and HEIF name:
https://www.itu.int/rec/T-REC-H.273
"""

from __future__ import annotations

from typing import Final, NamedTuple

Triple = tuple[float, float, float]
Matrix = tuple[Triple, Triple, Triple]


class Primaries(NamedTuple):
    """CIE 1931 x and y of the three colours and of white."""

    red: tuple[float, float]
    green: tuple[float, float]
    blue: tuple[float, float]
    white: tuple[float, float]


class Curve(NamedTuple):
    """Light = (a x + b) ^ g from d on, c x below; ICC's parametric curve of type 3."""

    g: float
    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 0.0

    def light(self, number: float) -> float:
        """Return the linear light, 0 to 1, that ``number``, 0 to 1, stands for."""
        if number < self.d:
            return self.c * number
        return float(max(0.0, self.a * number + self.b) ** self.g)


_D65: Final = (0.3127, 0.3290)
_C: Final = (0.310, 0.316)
SRGB_PRIMARIES: Final = Primaries((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), _D65)
BT2020: Final = Primaries((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), _D65)
_SMPTE_C: Final = Primaries((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), _D65)
PRIMARIES: Final = {
    1: SRGB_PRIMARIES,
    4: Primaries((0.67, 0.33), (0.21, 0.71), (0.14, 0.08), _C),
    5: Primaries((0.64, 0.33), (0.29, 0.60), (0.15, 0.06), _D65),
    6: _SMPTE_C,
    7: _SMPTE_C,
    8: Primaries((0.681, 0.319), (0.243, 0.692), (0.145, 0.049), _C),
    9: BT2020,
    11: Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.314, 0.351)),
    12: Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), _D65),
    22: Primaries((0.630, 0.340), (0.295, 0.605), (0.155, 0.077), _D65),
}

SRGB_CURVE: Final = Curve(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
# As a display shows what cameras encoded by BT.709 (BT.1886), and browsers do.
_BT709: Final = Curve(2.4)
CURVES: Final = {
    1: _BT709,
    4: Curve(2.2),
    5: Curve(2.8),
    6: _BT709,
    7: Curve(1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4, 0.0913),
    8: Curve(1.0),
    11: _BT709,
    13: SRGB_CURVE,
    14: _BT709,
    15: _BT709,
    17: Curve(2.6, (52.37 / 48) ** (1 / 2.6)),
}
PQ: Final = 16
HLG: Final = 18


class Space(NamedTuple):
    """What numbers of at most HDR's usual white mean."""

    primaries: Primaries
    curve: Curve


class HighRange(NamedTuple):
    """What numbers mean that go beyond white.

    ``transfer`` is ``PQ`` or ``HLG``; ``peak_nits`` is the brightest that the picture holds.
    """

    primaries: Primaries
    transfer: int
    peak_nits: float


SRGB: Final = Space(SRGB_PRIMARIES, SRGB_CURVE)


def is_sound(primaries: Primaries) -> bool:
    """Say whether the three colours lie apart, and so can be mixed to white."""
    try:
        to_xyz(primaries)
    except ZeroDivisionError:
        return False
    return True


def to_xyz(primaries: Primaries) -> Matrix:
    """Return the matrix from linear light to CIE XYZ in which white's Y is 1."""
    columns = [_xyz(*spot) for spot in primaries[:3]]
    across: Matrix = tuple(zip(*columns, strict=True))  # type: ignore[assignment]
    weights = times(inverse(across), _xyz(*primaries.white))
    return tuple(  # type: ignore[return-value]
        tuple(value * weight for value, weight in zip(row, weights, strict=True)) for row in across
    )


def adapted(primaries: Primaries, white: Triple) -> Matrix:
    """Return ``to_xyz`` for a viewer who is used to ``white``, as ICC's profiles are: Bradford."""
    cone: Matrix = (
        (0.8951, 0.2664, -0.1614),
        (-0.7502, 1.7135, 0.0367),
        (0.0389, -0.0685, 1.0296),
    )
    had, has = times(cone, _xyz(*primaries.white)), times(cone, white)
    scales = [new / old for new, old in zip(has, had, strict=True)]
    scaled: Matrix = tuple(  # type: ignore[assignment]
        tuple(value * scale for value in row) for row, scale in zip(cone, scales, strict=True)
    )
    return product(product(inverse(cone), scaled), to_xyz(primaries))


def times(matrix: Matrix, vector: Triple) -> Triple:
    """Return the product of a matrix and a vector."""
    x, y, z = vector
    one, two, three = (a * x + b * y + c * z for a, b, c in matrix)
    return one, two, three


def product(left: Matrix, right: Matrix) -> Matrix:
    """Return the product of two matrices."""
    columns = [times(left, column) for column in zip(*right, strict=True)]
    return tuple(zip(*columns, strict=True))  # type: ignore[return-value]


def inverse(matrix: Matrix) -> Matrix:
    """Return the inverse of a matrix, by Cramer's rule."""
    (a, b, c), (d, e, f), (g, h, i) = matrix
    whole = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    return (
        ((e * i - f * h) / whole, (c * h - b * i) / whole, (b * f - c * e) / whole),
        ((f * g - d * i) / whole, (a * i - c * g) / whole, (c * d - a * f) / whole),
        ((d * h - e * g) / whole, (b * g - a * h) / whole, (a * e - b * d) / whole),
    )


def _xyz(x: float, y: float) -> Triple:
    return x / y, 1.0, (1 - x - y) / y
