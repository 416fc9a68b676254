"""JPEG 2000 of any depth: white is white, and black is black."""

from __future__ import annotations

from base64 import b64decode

import pytest

from handler.image import codestream
from tests.support.pictures import corners, far, rendered, saved, seen
from tests.support.pictures import quarters as coloured

WANTED = [(255, 255, 255), (255, 0, 0), (0, 0, 0), (0, 128, 255)]
# Quarters of 8 x 8 pixels as OpenJPEG 2.5 writes them: Pillow writes colours of 8 bits alone.
HEAD = "/0//UQAvAAAAAAAIAAAACAAAAAAAAAAAAAAACAAAAAgAAAAAAAAAAAAD"
STREAMS = {
    "2 bits": (
        "AQEBAQEBAQEB/1IADAAAAAEBAAQEAAH/XAAEQBD/kAAKAAAAAAAAAAH/k90sJokIRjtBON/YX0/IwFA9C90gJzUN"
        "reuSvkH/2Q=="
    ),
    "4 bits": (
        "AwEBAwEBAwEB/1IADAAAAAEBAAQEAAH/XAAEQCD/kAAKAAAAAAAAAAH/k98hcDsNCIIN2Pvvb4YfibwYFppPSqhH"
        "3KaHz4RgUD0J+AVc3yEAJzUNreuSvkJAGH4QWun2JP/Z"
    ),
    "10 bits": (
        "CQEBCQEBCQEB/1IADAAAAAEBAAQEAAH/XAAEQFD/kAAKAAAAAAAAAAH/k9+x0DsNCIIN2Pvvb4YfibwYFplHUzwY"
        "FqBP8IgwLUCBYVDAtQIBjwMC1AdQVhgWoDX0UMC1A1Bt1EfcpofPzCRQPQn4BV0V/3/fsVgnNQ2t65K+QkAYfhBa"
        "6fYkcWHmxAysPNiBboubECjhc2IDcC5sQFPFzYg//9k="
    ),
    "12 bits, rounded": (
        "CwEBCwEBCwEB/1IADQECAAEBAAQEAACI/1wABUJgAP+QAAoAAAAAAAAAAf+T39koOw0IghM5OMbLTFgcGEgZ7CEf"
        "eJ32I5sQf0p4X5nDAtQAKgJB5T4MDypkEoAYHlTBlLYR9CmCQeU+DCPaVAj7lNDAtQQAfxgeVH/P1JBQPQpUE3Pb"
        "GHQC8AYSDQywkFjyhBvbAxYaGBaY6eIIgsDAtLbP1IQnNQ2t65K+QkAYfhBa7BH+m4OeBAjWVxgwZo0pBTxoS4j/"
        "2Q=="
    ),
    "16 bits": (
        "DwEBDwEBDwEB/1IADAAAAAEBAAQEAAH/XAAEQID/kAAKAAAAAAAAAAH/k9/4ktg7DQiCDdj772+GH4m8GBaZR1M8"
        "GBagT/CIMC1AgWFQwLUCAY8DAtQHUFYYFqA19FDAtQQjrgwLUCH7QYFqBBdoMC1Afe0GBagN/ZDAtQORPBgWoBg+"
        "DPsR9ymhz/wwLFA9CfgFXRX/f/9/3/iSKCc1Da3rkr5CQBh+EFrp9iRxYebEDKw82IFui5sQKOFzYgNwLmxAU8XN"
        "iAcwubEAyR82IBHj5sQCBLzYgDHXmxAFdebEH//Z"
    ),
}


@pytest.mark.parametrize("name", STREAMS)
def test_levels_of_any_depth_reach_from_black_to_white(name: str) -> None:
    """Pillow shifts fewer bits than 8, and rounds the highest of more up to 256, which is 0."""
    source = b64decode(HEAD + STREAMS[name])
    by = 130 // (2 ** int(name.split(maxsplit=1)[0]) - 1) + 2
    assert far(corners(seen(rendered(source, format="png"))), WANTED) <= by


def test_eight_bits_are_decoded_as_they_are() -> None:
    """Nothing is done to what Pillow reads rightly, and nothing is estimated for it."""
    source = saved(coloured(), "JPEG2000", irreversible=False)
    assert far(corners(seen(rendered(source, format="png"))), corners(coloured())) == 0


@pytest.mark.parametrize("cut", range(0, 120, 7))
def test_a_stream_that_is_cut_or_odd_is_walked_as_far_as_it_is_whole(cut: int) -> None:
    """Nothing is raised, whatever is missing or there."""
    whole = b64decode(HEAD + STREAMS["12 bits, rounded"])
    for stream in (whole[:cut], whole[:cut] + b"\xff" * 40, whole[:cut] + bytes(40)):
        codestream.depth(stream)
        codestream.mixed(stream)
        assert len(codestream.halved(stream)) == len(stream)
