"""A wide-gamut ICC profile made from its definition, to measure colour conversion.

So no foreign file has to be shipped.
"""

from __future__ import annotations

import struct
from typing import Final

_PRIMARIES: Final = {
    b"rXYZ": (0.51512, 0.24120, -0.00105),
    b"gXYZ": (0.29198, 0.69225, 0.04189),
    b"bXYZ": (0.15710, 0.06657, 0.78407),
    b"wtpt": (0.96420, 1.0, 0.82491),
}
_GAMMA: Final = 2.2


def wide_gamut() -> bytes:
    """Return an ICC v2 profile with Display P3's primaries (for D50) and a plain gamma."""
    curve = b"curv" + bytes(4) + struct.pack(">IH2x", 1, round(_GAMMA * 256))
    tags = {name: _xyz(*values) for name, values in _PRIMARIES.items()}
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    tags |= {b"desc": _description(b"Wide gamut"), b"cprt": b"text" + bytes(4) + b"none\0\0\0\0"}
    return _assemble(tags)


def _xyz(*values: float) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65536) for value in values))


def _description(name: bytes) -> bytes:
    text = (
        b"desc" + bytes(4) + struct.pack(">I", len(name) + 1) + name + bytes(1 + 4 + 4 + 2 + 1 + 67)
    )
    return text + bytes(-len(text) % 4)


def _assemble(tags: dict[bytes, bytes]) -> bytes:
    """Return a profile of ``tags``: header, table of where each begins, tags.

    ICC.1, clause 7.
    """
    offset = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, tag in tags.items():
        table += name + struct.pack(">2I", offset + len(body), len(tag))
        body += tag
    header = struct.pack(
        ">I4xI4s4s4s12x4s28x3i",
        offset + len(body),
        0x02400000,
        b"mntr",
        b"RGB ",
        b"XYZ ",
        b"acsp",
        63190,
        65536,
        54061,
    )
    return header + bytes(128 - len(header)) + table + body
