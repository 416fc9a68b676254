"""The pictures the bench runs on.

Drawn from a seed, photographic enough, and cached under ``build``; plus the caller's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PIL import Image
from pillow_heif import from_pillow, register_heif_opener

from bench.paths import BUILD
from bench.profile import wide_gamut
from bench.scene import scene

if TYPE_CHECKING:
    from collections.abc import Iterable

_ORIENTATION: Final = 0x0112


@dataclass(frozen=True)
class Case:
    """One picture of the corpus.

    What the tables call it, its file, and the kind whose goals it is held against.
    """

    name: str
    path: Path
    kind: str
    megapixels: float


@dataclass(frozen=True)
class _Drawn:
    """How one picture of the corpus is drawn and saved."""

    name: str
    file: str
    size: tuple[int, int]
    options: dict[str, Any]
    alpha: bool = False


def _sideways() -> Image.Exif:
    """Return EXIF that says the picture was taken with the camera turned by a quarter."""
    exif = Image.Exif()
    exif[_ORIENTATION] = 6
    return exif


_PHOTO: Final = {"quality": 88, "subsampling": "4:2:0"}
_CORPUS: Final = (
    _Drawn("JPEG 6 MP", "6.jpg", (2832, 2128), _PHOTO),
    _Drawn("JPEG 12 MP", "12.jpg", (4000, 3000), _PHOTO),
    _Drawn("JPEG 24 MP", "24.jpg", (5656, 4240), _PHOTO),
    _Drawn("JPEG 12 MP, EXIF 6", "12-sideways.jpg", (4000, 3000), {**_PHOTO, "exif": _sideways()}),
    _Drawn(
        "progressive JPEG 6 MP", "6-progressive.jpg", (2832, 2128), {**_PHOTO, "progressive": True}
    ),
    _Drawn("PNG RGB 6 MP", "6.png", (2832, 2128), {"compress_level": 6}),
    _Drawn("PNG RGBA 3 MP", "3-alpha.png", (2000, 1500), {"compress_level": 6}, alpha=True),
    _Drawn("WebP 6 MP", "6.webp", (2832, 2128), {"quality": 88}),
)
_SQUARE: Final = (
    _Drawn("square JPEG 12 MP, plain", "square.jpg", (3464, 3464), _PHOTO),
    _Drawn(
        "square JPEG 12 MP, EXIF 6",
        "square-sideways.jpg",
        (3464, 3464),
        {**_PHOTO, "exif": _sideways()},
    ),
    _Drawn(
        "square JPEG 12 MP, EXIF 6 and wide gamut",
        "square-all.jpg",
        (3464, 3464),
        {**_PHOTO, "exif": _sideways(), "icc_profile": wide_gamut()},
    ),
)

_TWELVE: Final = (
    _Drawn("JPEG 12 MP", "12.jpg", (4000, 3000), _PHOTO),
    _Drawn(
        "progressive JPEG 12 MP",
        "12-progressive.jpg",
        (4000, 3000),
        {**_PHOTO, "progressive": True},
    ),
    _Drawn("PNG 12 MP", "12.png", (4000, 3000), {"compress_level": 1}),
    _Drawn("WebP 12 MP", "12.webp", (4000, 3000), {"quality": 88, "method": 2}),
)


def corpus(extra: Iterable[Path] = ()) -> tuple[Case, ...]:
    """Return a case for each drawn picture and each of the caller's files.

    What the cache lacks is drawn now.
    """
    return (
        *(_case(drawn.name, _drawn(drawn)) for drawn in _CORPUS),
        *(_case(path.name, path) for path in extra),
    )


def squares() -> tuple[Case, Case, Case]:
    """Return the same square pixels thrice: plain, sideways, and sideways in a wide gamut.

    Square, so that turning it does not change how many pixels the output has.
    """
    plain, sideways, wide = (_case(drawn.name, _drawn(drawn)) for drawn in _SQUARE)
    return plain, sideways, wide


def twelve_megapixels() -> tuple[Case, ...]:
    """Return the same 12 MP as each kind of file there is, the plain JPEG first."""
    return tuple(_case(drawn.name, _drawn(drawn)) for drawn in _TWELVE)


def boxed() -> tuple[Case, Case]:
    """Return 12 MP as phones and the web have them in ISO's boxes: an AVIF and a HEIC."""
    register_heif_opener()
    avif = _drawn(_Drawn("", "12.avif", (4000, 3000), {"quality": 70, "speed": 8}))
    heic = BUILD / "corpus" / "12.heic"
    if not heic.exists():
        from_pillow(scene((4000, 3000), alpha=False)).save(heic, quality=60, chroma=420)
    return _case("AVIF 12 MP", avif), _case("HEIC 12 MP", heic)


def demanding() -> Case:
    """Return the hungriest picture the default memory has to take in.

    What a 24 MP camera's picture is as a PNG.
    """
    name, path = (
        "PNG 24 MP",
        _drawn(_Drawn("PNG 24 MP", "24.png", (5656, 4240), {"compress_level": 1})),
    )
    return _case(name, path)


def _case(name: str, path: Path) -> Case:
    with Image.open(path) as picture:
        kind = "progressive JPEG" if picture.info.get("progressive") else str(picture.format)
        return Case(name, path, kind, picture.width * picture.height / 1e6)


def _drawn(drawn: _Drawn) -> Path:
    path = BUILD / "corpus" / drawn.file
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_stem(f"unfinished-{path.stem}")
        scene(drawn.size, alpha=drawn.alpha).save(unfinished, **drawn.options)
        unfinished.rename(path)
    return path
