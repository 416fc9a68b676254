"""What XMP says that is no longer true of a result: of stored pixels, and of what lay beside them.

A gain map, a video or a depth map behind the picture is not copied, and a signature over the
original's bytes is none over the result's: nothing may announce them. A panorama's sizes go along,
made those of the result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from xml.etree.ElementTree import Element

_PANORAMA: Final = "http://ns.google.com/photos/1.0/panorama/"
_SIZES: Final = ("Pixels", "RectLeft", "RectTop", "RectWidth", "RectHeight")
_LONGEST_SIZE: Final = 9

# By namespace: the beginnings of the names that are stale there; an empty one is that of all.
_STALE: Final = {
    "http://ns.adobe.com/tiff/1.0/": (
        "Orientation", "ImageWidth", "ImageLength", "BitsPerSample", "SamplesPerPixel",
        "PhotometricInterpretation", "Compression", "PlanarConfiguration", "YCbCr",
        "TransferFunction", "WhitePoint", "PrimaryChromaticities", "ReferenceBlackWhite",
    ),
    "http://ns.adobe.com/exif/1.0/": (
        "PixelXDimension", "PixelYDimension", "ColorSpace", "ComponentsConfiguration",
        "CompressedBitsPerPixel", "Gamma",
    ),
    "http://ns.adobe.com/photoshop/1.0/": ("ICCProfile", "ColorMode"),
    "http://ns.adobe.com/xap/1.0/": ("Thumbnails",),
    "http://ns.adobe.com/xmp/note/": ("HasExtendedXMP",),
    "http://purl.org/dc/terms/": ("provenance",),
    "http://ns.google.com/photos/1.0/camera/": ("MicroVideo", "MotionPhoto", "MotionVideo"),
    **dict.fromkeys(
        (
            "http://ns.adobe.com/hdr-gain-map/1.0/",
            "http://ns.adobe.com/hdr-metadata/1.0/",
            "http://ns.apple.com/HDRGainMap/1.0/",
            "http://ns.apple.com/HDRToneMap/1.0/",
            "http://ns.apple.com/pixeldatainfo/1.0/",
            "http://ns.google.com/photos/1.0/container/",
            "http://ns.google.com/photos/1.0/container/item/",
            "http://ns.google.com/photos/1.0/image/",
            "http://ns.google.com/photos/1.0/audio/",
            "http://ns.google.com/photos/1.0/depthmap/",
            "http://ns.google.com/photos/dd/1.0/device/",
        ),
        ("",),
    ),
}  # fmt: skip


def is_stale(name: str) -> bool:
    """Say whether the property ``name``, as ElementTree spells it, is untrue of any result."""
    namespace, _, local = name[1:].partition("}")
    return local.startswith(_STALE.get(namespace, ()))


def resized(properties: Iterable[Element], factor: float | None) -> Iterator[Element]:
    """Yield ``properties`` as a result says them that is the whole picture by ``factor``.

    ``None``: it is not the whole one, and a panorama's sizes are left out.
    """
    for element in properties:
        namespace, _, local = element.tag[1:].partition("}")
        if namespace != _PANORAMA or not local.endswith(_SIZES):
            yield element
        elif factor is not None and _is_size(text := (element.text or "").strip()):
            element.text = str(round(int(text) * factor))
            yield element


def _is_size(text: str) -> bool:
    """Say whether it is a number of pixels: Python makes no numbers of thousands of digits."""
    return text.isdecimal() and len(text) <= _LONGEST_SIZE
