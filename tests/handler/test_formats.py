"""The table of formats."""

from __future__ import annotations

import pytest

from handler.formats import ENCODERS, FORMATS, HEAD_BYTES, Format, sniff

ROWS = tuple(FORMATS.values())


def container(*brands: bytes) -> bytes:
    """The first box of an ISO media file: its length, the major brand, a version, the others."""
    names = brands[0] + bytes(4) + b"".join(brands[1:])
    return (8 + len(names)).to_bytes(4, "big") + b"ftyp" + names


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_format_is_told_by_its_own_first_bytes(row: Format) -> None:
    """Whatever stands behind them; no other row claims them before."""
    heads = [*row.magic, *map(container, row.brands), *(b"RIFF1234" + b for b in row.brands)]
    assert heads
    assert all(sniff(head.ljust(HEAD_BYTES, b"\xee")) is row for head in heads)


def test_a_brand_that_says_no_codec_gives_way_to_one_that_does() -> None:
    """AVIF and HEIF both call themselves mif1; in either order."""
    for brands in ((b"mif1", b"avif"), (b"avif", b"mif1"), (b"mif1", b"heic", b"avif")):
        assert sniff(container(*brands)) is FORMATS["avif"]
    assert sniff(container(b"mif1", b"heic")) is FORMATS["heif"]
    assert sniff(container(b"isom", b"mp42")) is None


def test_brands_end_with_their_box() -> None:
    """What stands behind the first box is no brand."""
    assert sniff(container(b"isom") + b"avif") is None


@pytest.mark.parametrize("head", [b"", b"\xff", b"RIFF1234WAVE", b"GIF88a", b"<svg", b"\0" * 300])
def test_anything_else_is_no_picture(head: bytes) -> None:
    """Sound, text, nothing at all."""
    assert sniff(head) is None


def test_extensions_tell_formats_apart() -> None:
    """A result's name says what it is."""
    assert len({each.extension for each in ENCODERS.values()}) == len(ENCODERS)
