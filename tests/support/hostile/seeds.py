"""A small sound file of every format and of each way to write it, to begin from."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from random import Random
from typing import TYPE_CHECKING, Any, Final

from PIL import Image, ImageCms

from tests.support import jxls, tiffs
from tests.support.hostile.metadata import exif, iptc, xmp
from tests.support.pictures import saved

if TYPE_CHECKING:
    from collections.abc import Mapping

# Sizes that no other number of a small file is likely to be, so that a mutation finds them.
SIZE: Final = (37, 29)


def noise(mode: str = "RGB", size: tuple[int, int] = SIZE, start: int = 0) -> Image.Image:
    """Pixels that no codec makes small."""
    width, height = size
    return Image.frombytes("RGB", size, Random(start).randbytes(width * height * 3)).convert(mode)


def _said() -> dict[str, Any]:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return {"exif": exif(), "icc_profile": profile, "xmp": xmp()}


def _moving(**options: Any) -> dict[str, Any]:
    frames = [noise(start=number) for number in range(1, 4)]
    return {"save_all": True, "append_images": frames, "duration": [30, 40, 50, 60], **options}


def _heifs() -> Mapping[str, bytes]:
    import pillow_heif

    def heif(image: Image.Image, **options: Any) -> bytes:
        stream = BytesIO()
        pillow_heif.from_pillow(image).save(stream, format="HEIF", **options)
        return bytes(stream.getvalue())

    return {
        "heif": heif(noise(), quality=50, exif=exif(), xmp=xmp()),
        "heif-alpha": heif(noise("RGBA"), quality=50, chroma=444),
        "heif-grey": heif(noise("L"), quality=50),
    }


def _jpegs() -> Mapping[str, bytes]:
    said = _said()
    photoshop = b"\xff\xed" + (len(iptc()) + 2).to_bytes(2, "big") + iptc()
    plain = saved(noise(), "JPEG", **said, comment=b"a comment")
    return {
        "jpeg": plain[:2] + photoshop + plain[2:],
        "jpeg-progressive": saved(noise(), "JPEG", progressive=True, exif=exif()),
        "jpeg-cmyk": saved(noise("CMYK"), "JPEG"),
        "jpeg-grey": saved(noise("L"), "JPEG", restart_marker_blocks=2),
    }


def _pngs() -> Mapping[str, bytes]:
    return {
        "png": saved(noise(), "PNG", **_said()),
        "png-palette": saved(noise("P"), "PNG", transparency=3),
        "png-alpha": saved(noise("RGBA"), "PNG"),
        "png-deep": saved(noise("L").convert("I;16"), "PNG"),
        "apng": saved(noise(), "PNG", **_moving(loop=2, default_image=True)),
    }


def _tiffs() -> Mapping[str, bytes]:
    pages = [noise(start=1), noise("L", start=2)]
    deep = tiffs.picture(SIZE, [16] * 3, 2, [Random(1).randbytes(37 * 29 * 6)])
    return {
        "tiff": saved(noise(), "TIFF", exif=exif(), icc_profile=_said()["icc_profile"]),
        "tiff-lzw": saved(noise("P"), "TIFF", compression="tiff_lzw"),
        "tiff-deflate": saved(noise("RGBA"), "TIFF", compression="tiff_adobe_deflate"),
        "tiff-jpeg": saved(noise(), "TIFF", compression="jpeg"),
        "tiff-fax": saved(noise("1"), "TIFF", compression="group4"),
        "tiff-pages": saved(noise("CMYK"), "TIFF", save_all=True, append_images=pages),
        "tiff-deep": tiffs.tiff([deep], order=">"),
        "bigtiff": tiffs.tiff([deep], big=True),
    }  # fmt: skip


def _rest() -> Mapping[str, bytes]:
    return {
        "gif": saved(noise("P"), "GIF", comment=b"a comment"),
        "gif-moving": saved(noise(), "GIF", **_moving(loop=3, disposal=2)),
        "webp": saved(noise(), "WEBP", **_said()),
        "webp-lossless": saved(noise("RGBA"), "WEBP", lossless=True),
        "webp-moving": saved(noise(), "WEBP", **_moving(loop=3)),
        "avif": saved(noise("RGBA"), "AVIF", speed=10, **_said()),
        "avif-moving": saved(noise(), "AVIF", speed=10, **_moving()),
        "bmp": saved(noise(), "BMP"),
        "bmp-palette": saved(noise("P"), "BMP"),
        "jp2": saved(noise(), "JPEG2000"),
        "j2k": saved(noise("L"), "JPEG2000", no_jp2=True, tile_size=(16, 16)),
        "jxl": jxls.encoded(noise(), distance=1.0),
        "jxl-boxes": jxls.encoded(noise("RGBA"), boxes=((b"xml ", xmp(), True),)),
        "jxl-moving": jxls.encoded(noise(start=1), noise(start=2), milliseconds=30),
        "jxl-jpeg": jxls.recompressed(saved(noise(), "JPEG", exif=exif())),
        "ico": saved(noise("RGBA", (32, 32)), "ICO", sizes=[(16, 16), (32, 32)]),
        "ico-bmp": saved(noise("RGBA", (32, 32)), "ICO", sizes=[(32, 32)], bitmap_format="bmp"),
    }


@cache
def seeds() -> Mapping[str, bytes]:
    """Return the files by what each is."""
    return {**_jpegs(), **_pngs(), **_tiffs(), **_rest(), **_heifs()}
