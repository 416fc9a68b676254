"""Metadata: the maker's name goes along in every format; place and serial numbers do not."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from io import BytesIO
from struct import pack
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile, TiffImagePlugin

from handler.image.metadata import keep, xmp
from tests.support.pictures import quarters, rendered, saved

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from random import Random

pytestmark = pytest.mark.slow

ARTIST, COPYRIGHT = "Žofie Čapková", "© 2026 Žofie Čapková"
XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
 xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/" xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
 xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/" xmlns:cc="http://creativecommons.org/ns#" xmlns:aux="http://ns.adobe.com/exif/1.0/aux/"
 photoshop:Credit="Agentura &amp; syn" photoshop:City="Praha" aux:SerialNumber="SN-4711"
 xmpRights:Marked="True" tiff:Orientation="6">
 <dc:creator><rdf:Seq><rdf:li>Žofie Čapková</rdf:li>
  <rdf:li>Jan Novák</rdf:li></rdf:Seq></dc:creator>
 <dc:rights><rdf:Alt><rdf:li xml:lang="x-default">All rights reserved</rdf:li>
  <rdf:li xml:lang="cs">Vyhrazeno</rdf:li></rdf:Alt></dc:rights>
 <dc:description><rdf:Alt><rdf:li xml:lang="x-default">At home</rdf:li></rdf:Alt></dc:description>
 <exif:GPSLatitude>50,5.1N</exif:GPSLatitude>
 <xmpRights:WebStatement>https://example.com/licence</xmpRights:WebStatement>
 <cc:license rdf:resource="https://creativecommons.org/licenses/by/4.0/"/>
 <plus:Licensor><rdf:Seq><rdf:li rdf:parseType="Resource" plus:LicensorCity="Praha">
  <plus:LicensorName>Agentura</plus:LicensorName>
  <plus:LicensorURL>https://example.com/buy</plus:LicensorURL><plus:LicensorEmail>zofie@example.com</plus:LicensorEmail></rdf:li></rdf:Seq></plus:Licensor>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>""".encode()
KEPT = {
    "IFD0:Artist": ARTIST,
    "IFD0:Copyright": COPYRIGHT,
    "XMP-dc:Creator": ["Žofie Čapková", "Jan Novák"],
    "XMP-dc:Rights": "All rights reserved",
    "XMP-dc:Rights-cs": "Vyhrazeno",
    "XMP-photoshop:Credit": "Agentura & syn",
    "XMP-xmpRights:Marked": True,
    "XMP-xmpRights:WebStatement": "https://example.com/licence",
    "XMP-cc:License": "https://creativecommons.org/licenses/by/4.0/",
    "XMP-plus:LicensorName": "Agentura",
    "XMP-plus:LicensorURL": "https://example.com/buy",
}
SECRETS = (
    b"SN-4711",
    b"At home",
    b"Praha",
    b"50,5.1N",
    b"zofie@example.com",
    b"WGS-84",
    b"MAKERNOTE",
    b"Kodak",
)
OUTPUTS = ("jpeg", "png", "webp", "avif")
needs_exiftool = pytest.mark.skipif(
    not shutil.which("exiftool") and os.environ.get("TESTS_REQUIRE_TOOLS") != "1",
    reason="reads back with exiftool (Debian: libimage-exiftool-perl)",
)


def exif() -> Image.Exif:
    """EXIF of a maker, a camera and a place, on a picture to be turned."""
    made = Image.Exif()
    made.update({274: 6, 271: "Kodak", 315: ARTIST.encode(), 33432: COPYRIGHT.encode()})
    made[0x8769] = {
        0xA431: "SN-4711",
        0x927C: b"MAKERNOTE",
        0x9003: "2026:01:02 03:04:05",
        0xA002: 6000,
    }
    made[0x8825] = {1: "N", 2: (50.0, 5.0, 6.0), 18: "WGS-84"}
    return made


def iptc(*fields: tuple[int, bytes]) -> bytes:
    """An IPTC block of numbered texts."""
    return b"".join(pack(">BBBH", 0x1C, 2, number, len(value)) + value for number, value in fields)


def app13(block: bytes) -> bytes:
    """The JPEG segment that holds an IPTC block, as Photoshop resource 0x0404."""
    body = (
        b"Photoshop 3.0\0"
        b"8BIM\x04\x04\0\0" + pack(">I", len(block)) + block + b"\0" * (len(block) % 2)
    )
    return b"\xff\xed" + pack(">H", len(body) + 2) + body


def opened(name: str, **arguments: object) -> ImageFile.ImageFile:
    """A source picture of format ``name`` as a photographer's program saves it."""
    file = BytesIO()
    Image.new("RGB", (32, 24), "#336699").save(file, name, **arguments)
    image = Image.open(file)
    image.load()
    return image


def source(name: str) -> ImageFile.ImageFile:
    """The picture that should be turned, of a maker, a camera and a place.

    Pillow spoils the names of a turned AVIF by itself.
    """
    described = exif()
    if name == "avif":
        del described[274]
    if name == "png":
        return opened("png", exif=described, pnginfo=xmp.pnginfo(XMP))
    if name == "tiff":
        return opened("tiff", tiffinfo={**described, 700: XMP})
    return opened(name, exif=described, xmp=XMP)


def written(name: str, kept: Mapping[str, bytes]) -> bytes:
    """A rendition of format ``name`` that says what was kept."""
    file = BytesIO()
    arguments = (
        {"pnginfo": xmp.pnginfo(kept["xmp"]), "exif": kept["exif"]} if name == "png" else kept
    )
    Image.new("RGB", (16, 12)).save(file, name, **arguments)
    return file.getvalue()


def exiftool(path: Path, body: bytes) -> dict[str, Any]:
    """Everything exiftool finds in ``body``, by group and tag."""
    path.write_bytes(body)
    found = subprocess.run(
        ["exiftool", "-json", "-G1", "-a", "-b", path], capture_output=True, check=True
    ).stdout
    tags: dict[str, Any] = json.loads(found)[0]
    return tags


def properties(packet: bytes) -> dict[str, list[str]]:
    """Texts by property of a packet, read by Pillow's own reader."""
    image = Image.new("L", (1, 1))
    image.info["xmp"] = packet
    described = image.getxmp()["xmpmeta"]["RDF"]["Description"]
    return {name: _texts(value) for name, value in described.items() if name != "about"}


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for name, each in value.items() if name != "lang" for text in _texts(each)]
    return (
        [text for each in value for text in _texts(each)]
        if isinstance(value, list)
        else [str(value)]
    )


@needs_exiftool
@pytest.mark.parametrize("name", ["jpeg", "png", "webp", "tiff", "avif"])
def test_copyright_survives_from_every_source(name: str, tmp_path: Path) -> None:
    """By exiftool: artist, copyright, credit and licence are there, the rest is nowhere.

    Not even anywhere in the bytes.
    """
    body = written("jpeg", keep.keep(source(name), "copyright"))
    found = exiftool(tmp_path / "out.jpg", body)
    assert {tag: found.get(tag) for tag in KEPT} == KEPT
    assert not [tag for tag in found if "GPS" in tag or "Orientation" in tag or "Thumbnail" in tag]
    assert not [secret for secret in SECRETS if secret in body]


@needs_exiftool
@pytest.mark.parametrize("name", OUTPUTS)
def test_copyright_survives_into_every_output(name: str, tmp_path: Path) -> None:
    """Read by exiftool: the same in every format a rendition can have."""
    found = exiftool(
        tmp_path / f"out.{name}", written(name, keep.keep(source("jpeg"), "copyright"))
    )
    assert {tag: found.get(tag) for tag in KEPT} == KEPT


@pytest.mark.parametrize("name", OUTPUTS)
def test_pillow_reads_the_same(name: str) -> None:
    """Without exiftool: Pillow finds two EXIF tags, and the properties that name the maker."""
    image = Image.open(BytesIO(written(name, keep.keep(source("jpeg"), "copyright"))))
    assert {tag: text.encode("latin-1").decode() for tag, text in image.getexif().items()} == {
        315: ARTIST,
        33432: COPYRIGHT,
    }
    found = properties(image.info["xmp"])
    assert found["creator"] == ["Žofie Čapková", "Jan Novák"]
    assert found["Credit"] == ["Agentura & syn"]
    assert set(found) == {
        "creator",
        "rights",
        "Credit",
        "Marked",
        "WebStatement",
        "license",
        "Licensor",
    }


@needs_exiftool
def test_all_keeps_everything_but_the_orientation(tmp_path: Path) -> None:
    """With ``all`` place, camera and description survive.

    The turn that was done is not asked for again.
    """
    body = written("jpeg", keep.keep(source("jpeg"), "all"))
    found = exiftool(tmp_path / "out.jpg", body)
    assert {tag: found.get(tag) for tag in KEPT} == KEPT
    assert found["IFD0:Make"] == "Kodak"
    assert found["ExifIFD:SerialNumber"] == "SN-4711"
    assert found["ExifIFD:DateTimeOriginal"] == "2026:01:02 03:04:05"
    assert found["GPS:GPSLatitude"] == "50 deg 5' 6.00\""
    assert found["XMP-dc:Description"] == "At home"
    assert found["XMP-photoshop:City"] == "Praha"
    assert not [tag for tag in found if "Orientation" in tag]
    assert "ExifIFD:ExifImageWidth" not in found
    assert body.count(b"about") == 1


def test_none_keeps_nothing() -> None:
    """With ``none`` nothing is written, nor for a picture that says nothing."""
    assert keep.keep(source("jpeg"), "none") == {}
    assert keep.keep(opened("jpeg"), "all") == {}


@pytest.mark.parametrize(
    ("encoding", "name"), [("utf-8", "Žofie Čapková"), ("cp1252", "René Müller")]
)
@pytest.mark.parametrize("container", ["jpeg", "tiff"])
def test_iptc_moves_into_xmp(encoding: str, name: str, container: str) -> None:
    """By-line, credit and copyright notice of an IPTC block are said in XMP.

    In whichever encoding they were written.
    """
    block = iptc(
        (80, name.encode(encoding)),
        (110, b"Agency"),
        (116, "© Agency".encode(encoding)),
        (25, b"dog"),
        (101, b"Narnia"),
        (115, b""),
    )
    block += pack(">BBBH4s", 0x1C, 3, 80, 4, b"Nope")
    image = (
        opened("jpeg", extra=app13(block))
        if container == "jpeg"
        else opened("tiff", tiffinfo={33723: block})
    )
    found = properties(keep.keep(image, "copyright")["xmp"])
    assert found == {"creator": [name], "Credit": ["Agency"], "rights": ["© Agency"]}
    everything = properties(keep.keep(image, "all")["xmp"])
    assert everything == {**found, "subject": ["dog"], "Country": ["Narnia"]}


def test_iptc_that_tiff_declares_as_numbers() -> None:
    """Adobe declares the block of a TIFF as 32-bit numbers, though it is none."""
    block = iptc((80, b"Anna"), (110, b"Agency"))
    file = BytesIO()
    Image.new("L", (1, 1)).save(file, "tiff", tiffinfo={33723: block})
    declared, numbers = pack("<HHI", 33723, 7, len(block)), pack("<HHI", 33723, 4, len(block) // 4)
    assert declared in file.getvalue()
    image = TiffImagePlugin.TiffImageFile(BytesIO(file.getvalue().replace(declared, numbers)))
    assert properties(keep.keep(image, "copyright")["xmp"]) == {
        "creator": ["Anna"],
        "Credit": ["Agency"],
    }


def test_xmp_has_the_last_word_over_iptc() -> None:
    """Where both name the maker, XMP is believed; what only IPTC says is added."""
    bare = XMP.replace(b'photoshop:Credit="Agentura &amp; syn"', b"")
    found = properties(
        keep.keep(
            opened("jpeg", xmp=bare, extra=app13(iptc((80, b"Old"), (110, b"Old credit")))),
            "copyright",
        )["xmp"]
    )
    assert found["creator"] == ["Žofie Čapková", "Jan Novák"]
    assert found["Credit"] == ["Old credit"]


def test_text_of_png_names_the_maker() -> None:
    """PNG's own keywords Author and Copyright are said in XMP too."""
    info = xmp.pnginfo(b"")
    info.add_text("Author", "Žofie")
    info.add_text("Copyright", "© Žofie")
    info.add_text("Comment", "at home")
    assert properties(keep.keep(opened("png", pnginfo=info), "copyright")["xmp"]) == {
        "creator": ["Žofie"],
        "rights": ["© Žofie"],
    }


def test_control_characters_make_no_broken_packet() -> None:
    """Text that XML cannot hold is cleaned; a reader still reads the packet."""
    image = opened("jpeg", extra=app13(iptc((80, b"An\0n\x01a\x0b <&>"), (110, b"\0\0"))))
    assert properties(keep.keep(image, "copyright")["xmp"]) == {"creator": ["Anna <&>"]}


BODY = XMP[XMP.index(b"<x:xmpmeta") : XMP.index(b"<?xpacket end")]
HOSTILE = {
    "entity bomb": b'<!DOCTYPE x [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;&a;">]>'
    + BODY.replace(b"At home", b"&b;"),
    "external entity": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    + BODY.replace(b"Jan", b"&a;"),
    "entity bomb in UTF-16": (
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY a "ha">]>' + BODY.decode()
    ).encode("utf-16"),
    "document type in UTF-7": b'<?xml version="1.0" encoding="utf-7"?>+ADwAIQ-DOCTYPE x []>' + BODY,
    "too large": BODY.replace(b"At home", b"A" * (4 << 20)),
    "unclosed without end": b"<a>" * 100_000,
    "no XML": b"\x00\xff\xfe hello",
    "cut short": BODY[:400],
    "other XML": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "empty": b"",
}


@pytest.mark.parametrize("attack", HOSTILE)
@pytest.mark.parametrize("policy", ["copyright", "all"])
def test_hostile_xmp_counts_as_none(attack: str, policy: str) -> None:
    """A packet that is malformed, too large, or has a document type is dropped whole.

    The EXIF is kept.
    """
    image = opened("jpeg", exif=exif())
    image.info["xmp"] = HOSTILE[attack]
    assert keep.keep(image, policy).keys() == {"exif"}


@pytest.mark.parametrize("policy", ["copyright", "all"])
def test_nesting_without_end_is_cut(policy: str) -> None:
    """Elements nested by ten thousands neither exhaust the stack nor reach the output."""
    deep = b"<rdf:li>" * 40_000 + b"</rdf:li>" * 40_000
    image = opened("jpeg")
    image.info["xmp"] = BODY.replace(b"<rdf:li>Jan Nov\xc3\xa1k</rdf:li>", deep)
    packet = keep.keep(image, policy)["xmp"]
    assert packet.count(b"<rdf:li") < 30
    assert properties(packet)["Credit"] == ["Agentura & syn"]


def test_damage_in_a_detail_leaves_the_copyright() -> None:
    """Where ``all`` cannot be written, for the camera's name is a number, the maker's still can."""
    image = opened("jpeg")
    image.info["exif"] = exif().tobytes().replace(pack(">HHI", 271, 2, 6), pack(">HHI", 271, 11, 1))
    assert isinstance(image.getexif()[271], float)
    assert keep.keep(image, "all") == keep.keep(image, "copyright") != {}


def test_too_much_for_a_segment_leaves_the_copyright() -> None:
    """``all`` that no JPEG segment can hold becomes ``copyright``.

    A copyright that none can hold is dropped.
    """
    long = exif()
    long[0x8769] = {0x927C: b"M" * 70_000}
    image = opened("jpeg")
    image.info |= {"exif": long.tobytes(), "xmp": XMP.replace(b"At home", b"A" * 70_000)}
    assert keep.keep(image, "all") == keep.keep(image, "copyright")
    assert written("jpeg", keep.keep(image, "all"))
    image = opened("jpeg")
    image.info |= {"exif": exif().tobytes(), "xmp": XMP.replace(b"Jan", b"J" * 70_000)}
    assert keep.keep(image, "copyright").keys() == {"exif"}


@settings(max_examples=80, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(["copyright", "all"]))
@pytest.mark.filterwarnings("ignore")
def test_damaged_metadata_never_stops_a_picture(rnd: Random, policy: str) -> None:
    """Whatever is wrong with EXIF, IPTC and XMP, what is left of them can be written."""
    image = opened("jpeg")
    image.info = {"exif": scrambled(exif().tobytes(), rnd), "xmp": scrambled(XMP, rnd)}
    image.info["photoshop"] = {0x0404: scrambled(iptc((80, b"Anna"), (116, b"Anna")), rnd)}
    assert Image.open(BytesIO(written("jpeg", keep.keep(image, policy)))).size == (16, 12)


def scrambled(body: bytes, rnd: Random) -> bytes:
    """``body`` with a few bytes changed, added or lost."""
    damaged = bytearray(body)
    for _ in range(rnd.randint(0, 6)):
        at = rnd.randrange(len(damaged))
        damaged[at : at + rnd.choice((0, 1, 4))] = rnd.choice(
            (b"\0", b"\xff", b"\x7f\xff", b"<", b"")
        )
    return bytes(damaged)


@pytest.mark.parametrize("remainder", [
    b"e>\n</rdf:RDF></x:xmpmeta><?xpacket end='w'?>", b"\0\0junk", b"<?xpacket end='w'?> & <",
])  # fmt: skip
def test_what_is_behind_a_packet_does_not_lose_it(remainder: bytes) -> None:
    """An editor that wrote a shorter packet in place left the end of the longer one."""
    whole = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf'
        b'-syntax-ns#"><rdf:Description xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
        b'photoshop:Credit="Ada"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )
    data = saved(quarters(), "JPEG", xmp=whole + remainder)
    assert b"Ada" in rendered(data).body
