"""What is done to a sound file: to its parts, to its sizes, to its bytes, and where it is cut."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Final

from tests.support.hostile import metadata
from tests.support.hostile.anatomy import Anatomy, Part, anatomy
from tests.support.hostile.seeds import SIZE

if TYPE_CHECKING:
    from collections.abc import Iterator

Parts = list[Part]
# Where sizes, counts and offsets are read wrongly, if anywhere.
NUMBERS: Final = (
    0, 1, 2, 3, 7, 8, 15, 16, 127, 128, 255, 256, 4095, 8192, 16_383, 16_384, 32_767, 32_768,
    65_535, 65_536, 2**24 - 1, 2**24, 2**31 - 1, 2**31, 2**32 - 1,
)  # fmt: skip
_MANY: Final = (2, 3, 16, 300)
_LONGEST_BYTES: Final = 1 << 21


def mutated(data: bytes, random: Random, other: bytes) -> bytes:
    """Return ``data`` after one to four mutations; ``other`` is a file to take parts from."""
    taken = anatomy(data)
    parts, donor = list(taken.parts), anatomy(other)
    for _ in range(random.choice((1, 1, 2, 3))):
        parts = random.choice(_OF_PARTS)(parts, random, taken, donor)
    whole = taken.write(parts)[:_LONGEST_BYTES]
    if random.random() < 0.5:
        whole = random.choice(_OF_BYTES)(whole, random)
    return whole if random.random() < 0.1 else _sound(whole)


def cuts(data: bytes) -> Iterator[bytes]:
    """Yield the file cut before, at and behind each boundary of its parts."""
    taken = anatomy(data)
    places = {len(taken.write(taken.parts[:count])) for count in range(len(taken.parts) + 1)}
    for place in sorted({at + off for at in places for off in (-1, 0, 1, 4, 9)}):
        if 0 < place < len(data):
            yield data[:place]


def carried(dialect: str) -> Iterator[Parts]:
    """Yield each piece of metadata that means harm, as parts of a file in ``dialect``."""
    for carry, bodies in _CARRIERS[dialect]:
        yield from (carry(body) for body in bodies())


def _dropped(parts: Parts, random: Random, _: Anatomy, __: Anatomy) -> Parts:
    at = _place(parts, random)
    return parts[:at] + parts[at + 1 :]


def _repeated(parts: Parts, random: Random, _: Anatomy, __: Anatomy) -> Parts:
    at = _place(parts, random)
    return parts[:at] + parts[at : at + 1] * random.choice(_MANY) + parts[at + 1 :]


def _moved(parts: Parts, random: Random, _: Anatomy, __: Anatomy) -> Parts:
    rest = list(parts)
    part = rest.pop(_place(parts, random)) if rest else Part(b"", b"")
    rest.insert(_place(parts, random), part)
    return rest


def _shuffled(parts: Parts, random: Random, _: Anatomy, __: Anatomy) -> Parts:
    head, rest = parts[:1], parts[1:]
    random.shuffle(rest)
    return head + rest


def _spliced(parts: Parts, random: Random, _: Anatomy, donor: Anatomy) -> Parts:
    at = _place(parts, random)
    return [*parts[:at], random.choice(donor.parts), *parts[at:]] if donor.parts else parts


def _renamed(parts: Parts, random: Random, _: Anatomy, __: Anatomy) -> Parts:
    kind = random.choice(parts).kind if parts else b""
    return _changed(parts, random, lambda part: replace(part, kind=kind or part.kind))


def _emptied(parts: Parts, random: Random, _: Anatomy, __: Anatomy) -> Parts:
    return _changed(parts, random, lambda part: replace(part, body=b""))


def _shortened(parts: Parts, random: Random, _: Anatomy, __: Anatomy) -> Parts:
    return _changed(
        parts, random, lambda part: replace(part, body=part.body[: _upto(len(part.body), random)])
    )


def _swollen(parts: Parts, random: Random, _: Anatomy, __: Anatomy) -> Parts:
    more = random.choice((b"\0", b"\xff", b"A")) * random.choice((1, 100, 65_000, 500_000))
    return _changed(parts, random, lambda part: replace(part, body=part.body + more))


def _numbered(parts: Parts, random: Random, _: Anatomy, __: Anatomy) -> Parts:
    return _changed(
        parts, random, lambda part: replace(part, body=_with_number(part.body, random, 64))
    )


def _noisy(parts: Parts, random: Random, _: Anatomy, __: Anatomy) -> Parts:
    return _changed(parts, random, lambda part: replace(part, body=_flipped(part.body, random)))


def _planted(parts: Parts, random: Random, taken: Anatomy, _: Anatomy) -> Parts:
    """Put metadata that means harm behind the header."""
    kinds = _CARRIERS.get(taken.dialect)
    if not kinds:
        return parts
    carry, bodies = random.choice(kinds)
    return [*parts[:1], *carry(random.choice(list(bodies()))), *parts[1:]]


def _inside(parts: Parts, random: Random, taken: Anatomy, donor: Anatomy) -> Parts:
    """Mutate the parts of a box, at any depth."""

    def deeper(part: Part) -> Part:
        if part.inner is None:
            return part
        change = random.choice(_OF_PARTS)
        return replace(part, inner=tuple(change(list(part.inner), random, taken, donor)))

    return [deeper(part) for part in parts]


def _nested(parts: Parts, random: Random, _: Anatomy, __: Anatomy) -> Parts:
    """Put a box into itself, a hundred times."""

    def wrapped(part: Part) -> Part:
        if part.inner is None:
            return part
        for _ in range(100):
            part = replace(part, inner=(part,))
        return part

    return _changed(parts, random, wrapped)


def _of_other_size(data: bytes, random: Random) -> bytes:
    """Let every number that is the picture's width or height, or one less, be another."""
    number, edge = random.choice(NUMBERS), random.choice(SIZE) - random.choice((0, 0, 1))
    form = random.choice(("<H", ">H", "<I", ">I"))
    largest = 2 ** (8 * struct.calcsize(form)) - 1
    return data.replace(struct.pack(form, edge), struct.pack(form, min(number, largest)))


def _cut(data: bytes, random: Random) -> bytes:
    return data[: _upto(len(data), random)]


def _flipped(data: bytes, random: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(random.choice((1, 2, 8))):
        if changed:
            changed[_upto(len(changed), random) - 1] = random.randrange(256)
    return bytes(changed)


def _misnumbered(data: bytes, random: Random) -> bytes:
    return _with_number(data, random, 400)


def _followed(data: bytes, random: Random) -> bytes:
    return data + random.choice(APPENDED)


def _holed(data: bytes, random: Random) -> bytes:
    at = _upto(len(data), random)
    return data[:at] + data[at + random.choice((1, 2, 4, 100)) :]


def _with_number(data: bytes, random: Random, within: int) -> bytes:
    form = random.choice(("B", "<H", ">H", "<I", ">I"))
    size = struct.calcsize(form)
    at = _upto(min(len(data), within), random) - size
    if at < 0:
        return data
    number = min(random.choice(NUMBERS), 2 ** (8 * size) - 1)
    return data[:at] + struct.pack(form, number) + data[at + size :]


def _changed(parts: Parts, random: Random, change: Callable[[Part], Part]) -> Parts:
    at = _place(parts, random)
    return [*parts[:at], *(change(part) for part in parts[at : at + 1]), *parts[at + 1 :]]


def _place(parts: Parts, random: Random) -> int:
    return random.randrange(len(parts)) if parts else 0


def _upto(length: int, random: Random) -> int:
    return random.randint(1, length) if length else 0


def _sound(data: bytes) -> bytes:
    """Return a PNG with true checksums, which would else be all that is ever looked at."""
    if not data.startswith(b"\x89PNG"):
        return data
    out, at = bytearray(data), 8
    while at + 12 <= len(out):
        end = at + 8 + int.from_bytes(out[at : at + 4], "big")
        if end + 4 > len(out):
            break
        out[end : end + 4] = struct.pack(">I", zlib.crc32(out[at + 4 : end]))
        at = end + 4
    return bytes(out)


def _app(number: int, head: bytes, *, counted: bool = False) -> Callable[[bytes], Parts]:
    """Return what puts bytes into as many application segments as they need, ``counted`` or not."""

    def carry(body: bytes) -> Parts:
        pieces = [body[at : at + 65_000] for at in range(0, len(body), 65_000)]
        count = min(len(pieces), 255)
        return [
            Part(
                bytes([0xFF, 0xE0 + number]),
                head + (bytes([at, count]) if counted else b"") + piece,
            )
            for at, piece in enumerate(pieces[:255], 1)
        ]

    return carry


def _one(kind: bytes, head: bytes = b"", *, packed: bool = False) -> Callable[[bytes], Parts]:
    def carry(body: bytes) -> Parts:
        return [Part(kind, head + (zlib.compress(body, 1) if packed else body))]

    return carry


def _property(body: bytes) -> Parts:
    return [Part(b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac") + body)]


def _extension(body: bytes) -> Parts:
    blocks = b"".join(
        bytes([len(body[at : at + 255])]) + body[at : at + 255] for at in range(0, len(body), 255)
    )
    return [Part(b"\x21", b"\xff\x0bXMP DataXMP" + blocks[:1_000_000] + b"\0")]


Bodies = Callable[[], "Iterator[bytes]"]
_CARRIERS: Final[dict[str, Sequence[tuple[Callable[[bytes], Parts], Bodies]]]] = {
    "segments": (
        (_app(1, b"Exif\0\0"), metadata.bad_exif),
        (_app(1, b"http://ns.adobe.com/xap/1.0/\0"), metadata.bad_xmp),
        (_app(2, b"ICC_PROFILE\0", counted=True), metadata.bad_profiles),
        (_app(13, b""), metadata.bad_iptc),
        (_app(2, b"MPF\0"), metadata.bad_exif),
    ),
    "png": (
        (_one(b"eXIf"), metadata.bad_exif),
        (_one(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0"), metadata.bad_xmp),
        (_one(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0", packed=True), metadata.bad_xmp),
        (_one(b"iCCP", b"icc\0\0", packed=True), metadata.bad_profiles),
        (_one(b"zTXt", b"Raw profile type exif\0\0", packed=True), metadata.bad_exif),
    ),
    "riff": (
        (_one(b"EXIF"), metadata.bad_exif),
        (_one(b"XMP "), metadata.bad_xmp),
        (_one(b"ICCP"), metadata.bad_profiles),
    ),
    "boxes": ((_property, metadata.bad_xmp), (_one(b"Exif", bytes(4)), metadata.bad_exif)),
    "gif": ((_extension, metadata.bad_xmp),),
}
# What makes a picture another thing as well.
APPENDED: Final = (
    b"PK\x05\x06" + bytes(18),
    b"<script>alert(1)</script>",
    b"%PDF-1.7\n1 0 obj\n",
    b"\xff\xd8\xff\xe0\0\x10JFIF\0",
    b"\x89PNG\r\n\x1a\n",
    bytes(100_000),
)
_OF_PARTS: Final = (
    _dropped, _repeated, _moved, _shuffled, _spliced, _renamed, _emptied, _shortened, _swollen,
    _numbered, _numbered, _noisy, _planted, _inside, _inside, _nested,
)  # fmt: skip
_OF_BYTES: Final = (_of_other_size, _of_other_size, _cut, _flipped, _misnumbered, _followed, _holed)
