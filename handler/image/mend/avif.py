"""An AVIF whose items' properties are told in several lists of one kind, joined to one.

ISO 23008-12 allows one; an encoder of the first years wrote one for each item, and libavif refuses
them. A box of nothing takes the place of what is gone, so that the pixels stay where they were.
"""

from __future__ import annotations

from typing import Final

from handler.image.boxes import boxes

_HEAD: Final = 8
_FULL: Final = 4
# A list's head within its box: version and flags, and how many items it has.
_LIST: Final = 8


def joined(data: bytes) -> bytes:
    """Return ``data`` with one list of properties, or as it is."""
    meta = next((body for kind, body in boxes(data) if kind == b"meta"), b"")
    parts = list(boxes(meta[_FULL:]))
    properties = next((body for kind, body in parts if kind == b"iprp"), b"")
    lists = [body for kind, body in boxes(properties) if kind == b"ipma"]
    if len(lists) <= 1 or len({each[:_FULL] for each in lists}) > 1:
        return data

    count = sum(int.from_bytes(each[_FULL:_LIST], "big") for each in lists)
    one = lists[0][:_FULL] + count.to_bytes(4, "big") + b"".join(each[_LIST:] for each in lists)
    others = [_box(kind, body) for kind, body in boxes(properties) if kind != b"ipma"]
    iprp = b"".join((*others, _box(b"ipma", one)))
    made = [_box(kind, iprp if kind == b"iprp" else body) for kind, body in parts]
    gone = len(properties) - len(iprp)
    return data.replace(meta, meta[:_FULL] + b"".join((*made, _box(b"free", bytes(gone - _HEAD)))))


def _box(kind: bytes, body: bytes) -> bytes:
    return (_HEAD + len(body)).to_bytes(4, "big") + kind + body
