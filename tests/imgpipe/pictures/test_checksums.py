"""S3's checksums of local files."""

from __future__ import annotations

import hashlib
import zlib
from pathlib import Path
from typing import Final

import pytest

from imgpipe.pictures import checksums

# What each algorithm makes of "123456789": the CRCs' check values are of their catalogue,
# https://reveng.sourceforge.io/crc-catalogue/all.htm, the others of coreutils.
CHECK: Final = {
    "CRC32": "cbf43926",
    "CRC32C": "e3069283",
    "CRC64NVME": "ae8b14860a799888",
    "SHA1": "f7c3bc1d808e04732adf679965ccc34ca7ae3441",
    "SHA256": "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
    "SHA512": "d9e6762dd1c8eaf6d61b3c6192fc408d4d6d5f1176d0c29169bc24e71c3f274a"
    "d27fcd5811b313d681f7e55ec02d73d499c95455b6b5bb503acf574fba8ffe85",
    "MD5": "25f9e794323b453885f5181f1b624d0b",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of nine bytes."""
    (tmp_path / "digits").write_bytes(b"123456789")
    return tmp_path / "digits"


def test_every_algorithm_is_checked() -> None:
    """One that is added has its value here."""
    assert set(CHECK) == set(checksums.ALGORITHMS)


@pytest.mark.parametrize("algorithm", CHECK)
def test_each_is_what_the_world_takes_it_for(path: Path, algorithm: str) -> None:
    """Of a whole file, and of a part of a longer one."""
    assert checksums.whole(path, algorithm).hex() == CHECK[algorithm]
    longer = path.with_name("longer")
    longer.write_bytes(b"before123456789after")
    assert checksums.part(longer, algorithm, 6, 9).hex() == CHECK[algorithm]


def test_many_parts_have_the_digest_of_their_digests(path: Path) -> None:
    """The last may be shorter."""
    parts = [b"1234", b"5678", b"9"]
    digests = b"".join(hashlib.md5(part).digest() for part in parts)
    assert checksums.composite(path, "MD5", 9, 4) == hashlib.md5(digests).digest()


def test_a_file_of_many_blocks_is_read_to_its_end(tmp_path: Path) -> None:
    """And no further than asked."""
    body = bytes(range(256)) * 8192 + b"end"
    (tmp_path / "large").write_bytes(body)
    assert checksums.whole(tmp_path / "large", "CRC32") == zlib.crc32(body).to_bytes(4, "big")
    size = checksums.BLOCK_BYTES + 5
    made = checksums.part(tmp_path / "large", "CRC32", 7, size)
    assert made == zlib.crc32(body[7 : 7 + size]).to_bytes(4, "big")
