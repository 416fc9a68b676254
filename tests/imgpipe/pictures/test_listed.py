"""Lists of paths on standard input."""

from __future__ import annotations

import io
import os
from typing import Final

import pytest

from imgpipe.pictures import listed
from tests.support.hostile.names import FILES

LATIN: Final = os.fsdecode(b"caf\xe9.jpg")


def read(body: bytes, end: bytes = listed.LINE) -> list[str]:
    """The paths as they are found."""
    return [str(path) for path in listed.paths(io.BytesIO(body), end)]


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        (b"", []),
        (b"\n\n", []),
        (b"a.jpg", ["a.jpg"]),
        (b"a.jpg\nb/c.jpg\n", ["a.jpg", "b/c.jpg"]),
        (b"  spaced .jpg \n'quoted'.jpg\n-x.jpg\n", ["  spaced .jpg ", "'quoted'.jpg", "-x.jpg"]),
        (b"return\r\n", ["return\r"]),
        (b"caf\xe9.jpg\n", [LATIN]),
    ],
)
def test_a_line_is_a_path(body: bytes, paths: list[str]) -> None:
    """Byte by byte; an empty one is none."""
    assert read(body) == paths


def test_a_list_with_nuls_holds_any_name() -> None:
    """Lines within names included, wherever a block of it ends."""
    names = [name for name in FILES for _ in range(200)]
    assert read("\0".join([*names, ""]).encode(), listed.NUL) == names
