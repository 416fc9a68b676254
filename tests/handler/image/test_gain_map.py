"""Ultra HDR: a gain map travels along, scaled, and everything that announces it is true."""

from __future__ import annotations

import json
import struct
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pytest
from PIL import Image

from handler.image.gainmap import find, neutral, told
from handler.image.gainmap.join import ISO, joined, segment
from tests.handler.image.test_metadata import needs_exiftool
from tests.handler.image.test_provenance import packet
from tests.support.pictures import corners, far, quarters, rendered, saved

PARAMETERS: Final = {
    "hdrgm_Version": "1.0", "hdrgm_GainMapMin": "0", "hdrgm_GainMapMax": "2.5",
    "hdrgm_Gamma": "1", "hdrgm_OffsetSDR": "0.015625", "hdrgm_OffsetHDR": "0.015625",
    "hdrgm_HDRCapacityMin": "0", "hdrgm_HDRCapacityMax": "2.5",
    "hdrgm_BaseRenditionIsHDR": "False",
}  # fmt: skip
SEVERAL: Final = (
    "<hdrgm:GainMapMax><rdf:Seq><rdf:li>2.5</rdf:li><rdf:li>2.25</rdf:li><rdf:li>2</rdf:li>"
    "</rdf:Seq></hdrgm:GainMapMax>"
)
LEVELS: Final = [20, 80, 140, 200]
ISO_BODY: Final = bytes(4) + b"parameters"


def gain(width: int = 200, height: int = 100) -> Image.Image:
    """A map whose corners tell which way up it is: 20, 80 / 140, 200."""
    image = Image.new("L", (width, height), 20)
    image.paste(80, (width // 2, 0, width, height // 2))
    image.paste(140, (0, height // 2, width // 2, height))
    image.paste(200, (width // 2, height // 2, width, height))
    return image


def ultra(form: str = "xmp", orientation: int = 1, **options: Any) -> bytes:
    """An Ultra HDR picture of 800 x 400 with a map of a quarter of that, in either form."""
    exif = Image.Exif()
    exif[274] = orientation
    if form == "iso":
        extra: dict[str, Any] = {"extra": segment(ISO + ISO_BODY)}
    elif form == "several":
        extra = {"xmp": packet(SEVERAL, hdrgm_Version="1.0")}
    else:
        extra = {"xmp": packet("", **PARAMETERS)}
    behind = saved(gain(), "JPEG", quality=95, **extra)
    announced = told.announced(packet("", photoshop_Credit="Ada"), len(behind))
    primary = saved(quarters(800, 400), "JPEG", quality=95, xmp=announced, exif=exif, **options)
    return joined(primary, behind)


def levels(image: Image.Image) -> list[int]:
    """The grey of each corner, to the next ten."""
    return [round(colour[0] / 10) * 10 for colour in corners(image)]


def second(body: bytes) -> tuple[Image.Image, int, int]:
    """The picture that the MPF of ``body`` points at, where it begins and how long it is."""
    at = body.index(b"MPF\0") + 4
    number, offset = struct.unpack_from(">I", body, at + 10 + 12 + 8)[0], 0
    assert number == 2
    (entries,) = struct.unpack_from(">I", body, at + 10 + 24 + 8)
    (_, whole, zero), (_, size, offset) = (
        struct.unpack_from(">3I", body, at + entries + 16 * index) for index in range(2)
    )
    assert zero == 0
    assert whole == at + offset
    image = Image.open(BytesIO(body[at + offset : at + offset + size]))
    image.load()
    return image, at + offset, size


@pytest.mark.parametrize("form", ["xmp", "iso", "several"])
def test_a_kept_map_is_scaled_and_announced(form: str) -> None:
    """Half the picture, half the map; MPF, XMP and ISO's words tell where and what it is."""
    body = rendered(ultra(form), hdr="keep", width=400, height=400).body
    image, at, size = second(body)
    assert (seen_size(body), image.size, levels(image)) == (
        (400, 200),
        (100, 50),
        LEVELS,
    )
    assert at + size == len(body)
    kept = find.found(body)
    was = find.found(ultra(form))
    assert kept is not None
    assert was is not None
    assert kept[1:] == was[1:]
    assert (ISO in body[:at]) is (form == "iso")
    assert f'Item:Length="{size}"'.encode() in body[:at]
    assert b"Ada" in body[:at]


def seen_size(body: bytes) -> tuple[int, int]:
    """The size of the first picture in a file."""
    return Image.open(BytesIO(body)).size


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_map_turns_as_its_picture_does(orientation: int) -> None:
    """By the picture's EXIF: the map has none."""
    body = rendered(ultra(orientation=orientation), hdr="keep", width=400, height=400).body
    image, *_ = second(body)
    order = corners(quarters(800, 400))
    turned = [
        LEVELS[min(range(4), key=lambda at: far([order[at]], [colour]))]
        for colour in corners(Image.open(BytesIO(body)))
    ]
    assert levels(image) == turned


def test_the_map_is_cut_as_its_picture_is() -> None:
    """The right half of both."""
    body = rendered(ultra(), hdr="keep", width=200, height=200, fit="cover", gravity="east").body
    image, *_ = second(body)
    assert (image.size, levels(image)) == ((50, 50), [80, 80, 200, 200])


def test_the_map_is_cut_where_attention_cuts() -> None:
    """What draws eyes stands in the right half, and so do the map's 80 and 200."""
    picture = Image.new("RGB", (800, 400), (90, 110, 130))
    picture.paste((240, 90, 60), (600, 150, 700, 250))
    behind = saved(gain(), "JPEG", quality=95, xmp=packet("", **PARAMETERS))
    source = joined(saved(picture, "JPEG", xmp=told.announced(b"", len(behind))), behind)
    wanted: dict[str, Any] = {"fit": "cover", "gravity": "attention", "width": 150, "height": 200}
    image, *_ = second(rendered(source, hdr="keep", **wanted).body)
    assert (image.size, levels(image)) == ((38, 50), [80, 80, 200, 200])


Told = tuple[float, float, float, int]
RANGES: Final[list[Told]] = [
    (0.0, 2.5, 1.0, 0), (-1.0, 1.0, 1.0, 128), (-1.0, 3.0, 0.5, 128), (1.0, 2.0, 1.0, 0),
]  # fmt: skip


def iso(*ranges: Told, common: bool) -> bytes:
    """A map's words by ISO 21496-1, of one channel or three, with one denominator or many."""
    flags = (0x80 if len(ranges) > 1 else 0) | (0x08 if common else 0)
    parts = [part for *each, _ in ranges for part in (*each, 0.0, 0.0)]
    numbers = [round(part * 1000) for part in (0.0, 2.5, *parts)]
    if common:
        return struct.pack(f">2HBI{len(numbers)}i", 0, 0, flags, 1000, *numbers)
    pairs = [value for number in numbers for value in (number, 1000)]
    return struct.pack(f">2HB{len(pairs)}i", 0, 0, flags, *pairs)


@pytest.mark.parametrize("one", RANGES)
def test_the_neutral_level_is_that_without_gain(one: Told) -> None:
    """By XMP and in each of ISO's forms; where a map always brightens, the least."""
    *named, level = one
    names = ("GainMapMin", "GainMapMax", "Gamma")
    parameters = {name: [str(value)] for name, value in zip(names, named, strict=True)}
    assert neutral.levels(parameters, b"") == (level,) * 3
    for common in (False, True):
        assert neutral.levels({}, iso(one, common=common)) == (level,) * 3
        three = iso(one, RANGES[1], RANGES[0], common=common)
        assert neutral.levels({}, three) == (level, 128, 0)


@pytest.mark.parametrize("broken", [b"", bytes(4), bytes(99), iso(*RANGES[:3], common=True)[:40]])
def test_what_says_nothing_of_its_levels_is_taken_as_usual(broken: bytes) -> None:
    """And padded with 0, as a map of most cameras is."""
    assert neutral.levels({}, broken) == (0, 0, 0)


@pytest.mark.parametrize("said", ["-1", "1e999", "-1e999", "0", "True"])
@pytest.mark.parametrize("name", ["GainMapMin", "GainMapMax", "Gamma"])
def test_no_number_of_a_maps_is_an_error(name: str, said: str) -> None:
    """A stranger wrote it."""
    assert all(0 <= level <= 255 for level in neutral.levels({name: [said]}, b""))


@pytest.mark.parametrize("form", ["xmp", "iso", "several"])
def test_the_map_is_padded_as_its_picture_is(form: str) -> None:
    """With what brightens nothing: here, 0."""
    pad: dict[str, Any] = {"fit": "pad", "width": 400, "height": 400, "background": "#00ff00"}
    body = rendered(ultra(form), hdr="keep", **pad).body
    image, *_ = second(body)
    assert (seen_size(body), image.size) == ((400, 400), (100, 100))
    assert levels(image.crop((0, 25, 100, 75))) == LEVELS
    beside = image.crop((0, 0, 100, 20)), image.crop((0, 80, 100, 100))
    assert max(max(each.convert("L").tobytes()) for each in beside) <= 3


@needs_exiftool
def test_exiftool_finds_the_map_where_it_is_announced(tmp_path: Path) -> None:
    """By MPF and by Google's directory."""
    body = rendered(ultra(), hdr="keep", width=400, height=400).body
    (tmp_path / "out.jpg").write_bytes(body)
    call = ["exiftool", "-json", "-G1", "-struct", "-ee", str(tmp_path / "out.jpg")]
    (tags,) = json.loads(subprocess.run(call, capture_output=True, check=True).stdout)
    _, at, size = second(body)
    assert tags["MPImage2:MPImageLength"] == size
    assert tags["MPImage2:MPImageStart"] == at
    lengths = [value for name, value in tags.items() if name.startswith("XMP") and "Dir" in name]
    assert json.dumps(lengths).count(str(size)) == 1


@pytest.mark.parametrize("metadata", ["none", "copyright", "all"])
def test_by_default_nothing_is_left_of_it(metadata: str) -> None:
    """The SDR picture, and no word of a map."""
    body = rendered(ultra(), metadata=metadata, width=400).body
    for word in (b"hdr-gain-map", b"GainMap", b"MPF\0", ISO, b"Container"):
        assert word not in body
    assert find.found(body) is None


def test_a_map_that_cannot_go_along_is_told() -> None:
    """In a warning, and the result announces none."""
    made = rendered(ultra(), hdr="keep", format="webp")
    assert [each for each in made.warnings if each.startswith("its gain map is left out")]
    assert b"GainMap" not in made.body


def test_a_picture_without_a_map_is_what_it_was() -> None:
    """Whatever else is behind it: a preview of a camera's, or noise."""
    plain = saved(quarters(), "JPEG", quality=95)
    for behind in (b"", saved(quarters(), "JPEG"), b"\xff\xd8\xff" + bytes(40), bytes(99)):
        made = rendered(plain + behind, hdr="keep")
        assert made.body == rendered(plain).body


def test_a_map_that_cannot_be_read_costs_only_itself() -> None:
    """Cut short, or larger than its picture, which a map never is."""
    cut = ultra()[:-300]
    extra = {"xmp": packet("", **PARAMETERS)}
    large = saved(quarters(), "JPEG") + saved(gain(4000, 2000), "JPEG", **extra)
    for source in (cut, large):
        made = rendered(source, hdr="keep", width=100)
        assert any(each.startswith("its gain map is left out") for each in made.warnings)
        assert find.found(made.body) is None


def test_no_metadata_leaves_the_maps_own() -> None:
    """Without which it would be no map."""
    body = rendered(ultra(), hdr="keep", metadata="none", width=400).body
    assert find.found(body)
    assert b"Ada" not in body
    assert b"Ada" in rendered(ultra(), hdr="keep").body
