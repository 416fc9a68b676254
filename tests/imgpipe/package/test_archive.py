"""Zips that are the same for the same files, and never larger than Lambda takes."""

from __future__ import annotations

import random
from io import BytesIO
from zipfile import ZipFile

import pytest

from imgpipe.errors import PackageError
from imgpipe.package.archive import LIMIT, archive, digest


def test_the_same_files_are_the_same_bytes_in_any_order() -> None:
    """Neither the order nor the moment of packing shows."""
    assert archive({"b": b"2", "a/c": b"1"}, "it") == archive({"a/c": b"1", "b": b"2"}, "it")


def test_entries_carry_no_time_and_can_be_read_by_anybody() -> None:
    """Lambda unpacks as one user and runs as another."""
    with ZipFile(BytesIO(archive({"a": b"1"}, "it"))) as archived:
        (entry,) = archived.infolist()
        assert archived.read("a") == b"1"
    assert entry.date_time == (1980, 1, 1, 0, 0, 0)
    assert entry.external_attr >> 16 == 0o100644


def test_more_than_lambda_takes_is_an_error() -> None:
    """It names what is too large and by how much, before anything is sent."""
    with pytest.raises(PackageError, match=f"the layer is .* at most {LIMIT:,}"):
        archive({"noise": random.Random(0).randbytes(LIMIT)}, "the layer")


def test_a_digest_tells_the_parts_apart() -> None:
    """Moving a byte from one part to the next is another digest."""
    assert digest([b"ab", b"c"]) != digest([b"a", b"bc"])
    assert digest([b"ab"]) == digest([b"ab"])
