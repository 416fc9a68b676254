"""Provenance: who or what made a picture goes along, and nothing announces what did not."""

from __future__ import annotations

import struct
from typing import Any, Final

import pytest

from handler.image.metadata import credentials
from tests.handler.image.test_metadata import OUTPUTS, properties
from tests.support.pictures import quarters, rendered, saved, seen
from tests.support.pngs import chunk, with_chunk

GENERATED: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
NAMESPACES: Final = {
    "hdrgm": "http://ns.adobe.com/hdr-gain-map/1.0/",
    "Container": "http://ns.google.com/photos/1.0/container/",
    "Item": "http://ns.google.com/photos/1.0/container/item/",
    "GCamera": "http://ns.google.com/photos/1.0/camera/",
    "GPano": "http://ns.google.com/photos/1.0/panorama/",
    "GDepth": "http://ns.google.com/photos/1.0/depthmap/",
    "HDRGainMap": "http://ns.apple.com/HDRGainMap/1.0/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "dcterms": "http://purl.org/dc/terms/",
    "aux": "http://ns.adobe.com/exif/1.0/aux/",
}


def packet(inside: str, **attributes: str) -> bytes:
    """An XMP packet of these attributes, an underscore for the colon, around ``inside``."""
    spaces = " ".join(f'xmlns:{name}="{uri}"' for name, uri in NAMESPACES.items())
    short = " ".join(f'{name.replace("_", ":")}="{text}"' for name, text in attributes.items())
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-'
        f'rdf-syntax-ns#"><rdf:Description rdf:about="" {spaces} {short}>{inside}'
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


# Each is true of the original alone.
ANNOUNCED: Final = {
    "hdrgm_Version": "1.0",
    "hdrgm_GainMapMax": "3.5",
    "HDRGainMap_HDRGainMapVersion": "65536",
    "GCamera_MicroVideo": "1",
    "GCamera_MicroVideoOffset": "12345",
    "GCamera_MotionPhoto": "1",
    "GDepth_Data": "AAAA",
    "exif_ColorSpace": "2",
    "photoshop_ICCProfile": "Adobe RGB (1998)",
    "tiff_Orientation": "6",
    "tiff_BitsPerSample": "16",
    "dcterms_provenance": "https://example.com/manifest",
}
DIRECTORY: Final = (
    '<Container:Directory><rdf:Seq><rdf:li rdf:parseType="Resource"><Container:Item '
    'Item:Semantic="GainMap" Item:Length="12345" Item:Mime="image/jpeg"/></rdf:li></rdf:Seq>'
    "</Container:Directory>"
)


@pytest.mark.parametrize("name", OUTPUTS)
@pytest.mark.parametrize("metadata", ["copyright", "all"])
def test_nothing_announces_what_did_not_come_along(name: str, metadata: str) -> None:
    """No gain map, video, depth map or signature, and nothing of how pixels were stored."""
    told = packet(DIRECTORY, **ANNOUNCED, photoshop_Credit="Ada", aux_Lens="50mm")
    made = rendered(saved(quarters(), "JPEG", xmp=told), metadata=metadata, format=name)
    kept = properties(seen(made).info["xmp"])
    assert kept == {"Credit": ["Ada"]} | ({"Lens": ["50mm"]} if metadata == "all" else {})


PANORAMA: Final = {
    "GPano_ProjectionType": "equirectangular",
    "GPano_FullPanoWidthPixels": "800",
    "GPano_FullPanoHeightPixels": "400",
    "GPano_CroppedAreaImageWidthPixels": "400",
    "GPano_CroppedAreaImageHeightPixels": "200",
    "GPano_CroppedAreaLeftPixels": "200",
    "GPano_CroppedAreaTopPixels": "101",
    "GPano_PoseHeadingDegrees": "90.5",
}


def panorama(**settings: Any) -> dict[str, str]:
    """What a result of 400 x 200 pixels says of the panorama that it is."""
    source = saved(quarters(400, 200), "JPEG", xmp=packet("", **PANORAMA))
    made = rendered(source, metadata="all", **settings)
    return {name: text for name, (text,) in properties(seen(made).info["xmp"]).items()}


def test_a_panoramas_sizes_are_those_of_the_result() -> None:
    """A viewer that unrolls the sphere needs them, in pixels of the picture that it has."""
    assert panorama(width=100, height=100) == {
        "ProjectionType": "equirectangular",
        "FullPanoWidthPixels": "200",
        "FullPanoHeightPixels": "100",
        "CroppedAreaImageWidthPixels": "100",
        "CroppedAreaImageHeightPixels": "50",
        "CroppedAreaLeftPixels": "50",
        "CroppedAreaTopPixels": "25",
        "PoseHeadingDegrees": "90.5",
    }


@pytest.mark.parametrize("fit", ["cover", "pad", "stretch"])
def test_a_part_of_a_panorama_says_no_sizes(fit: str) -> None:
    """Cut, padded or squeezed, its sides are no angles any more."""
    assert panorama(width=100, height=100, fit=fit) == {
        "ProjectionType": "equirectangular",
        "PoseHeadingDegrees": "90.5",
    }


@pytest.mark.parametrize("said", ["9" * 500, "9" * 5_000, "-1", "1e9", "\u00b2", "wide"])
def test_a_panoramas_size_that_is_none_is_left_out(said: str) -> None:
    """Whoever wrote it: of 500 digits no float can be made, and of 5,000 no whole number."""
    packed = packet("", GPano_FullPanoWidthPixels=said, GPano_PoseHeadingDegrees="90.5")
    made = rendered(saved(quarters(), "JPEG", xmp=packed), metadata="all", width=8)
    assert set(properties(seen(made).info["xmp"])) == {"PoseHeadingDegrees"}


@pytest.mark.parametrize("name", OUTPUTS)
def test_that_a_machine_made_it_survives_by_default(name: str) -> None:
    """IPTC's DigitalSourceType, and the credit line, in each format and in both spellings."""
    long = f"<Iptc4xmpExt:DigitalSourceType>{GENERATED}</Iptc4xmpExt:DigitalSourceType>"
    for told in (
        packet(long, photoshop_Credit="Ada"),
        packet("", photoshop_Credit="Ada", Iptc4xmpExt_DigitalSourceType=GENERATED),
    ):
        made = seen(rendered(saved(quarters(), "JPEG", xmp=told), format=name))
        expected = {"Credit": ["Ada"], "DigitalSourceType": [GENERATED]}
        assert properties(made.info["xmp"]) == expected


JUMBF: Final = b"JP\0\1\0\0\0\1" + struct.pack(">I4s", 40, b"jumb") + b"jumdc2pa\0\x11\0\x10c2pa\0"
BOX: Final = bytes.fromhex("d8fec3d61b0e483c92975828877ec481") + b"\0\0\0\0manifest\0"


def signed(name: str) -> bytes:
    """A picture in format ``name`` with a manifest where C2PA puts it there."""
    body = saved(quarters(), name)
    match name:
        case "JPEG":
            return saved(
                quarters(), name, extra=b"\xff\xeb" + struct.pack(">H", 58) + JUMBF.ljust(56)
            )
        case "PNG":
            return with_chunk(body, chunk(b"caBX", JUMBF), behind=False)
        case "WEBP":
            grown = (
                body + b"C2PA" + struct.pack("<I", len(JUMBF)) + JUMBF + b"\0" * (len(JUMBF) % 2)
            )
            return body[:4] + struct.pack("<I", len(grown) - 8) + grown[8:]
        case "AVIF":
            return body + struct.pack(">I4s", len(BOX) + 8, b"uuid") + BOX
        case "TIFF":
            return saved(quarters(), name, tiffinfo={0xCD41: JUMBF})
        case _:
            extension = b"!\xff\x0bC2PA_GIF\1\0\0" + bytes([len(JUMBF)]) + JUMBF + b"\0"
            return body[:-1] + extension + b";"


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF", "GIF"])
def test_removed_content_credentials_are_said(name: str) -> None:
    """In a warning, where any metadata is to be kept; a picture without them has none."""
    assert credentials.WARNING in rendered(signed(name)).warnings
    assert credentials.WARNING not in rendered(signed(name), metadata="none").warnings
    assert credentials.WARNING not in rendered(saved(quarters(), name)).warnings
