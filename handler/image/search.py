"""Search for a quality: encoders know no other way to a size or a look than to try."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def best_under(write: Callable[[int], bytes], bound: int, lowest: int, highest: int) -> bytes:
    """Return what ``write`` makes of the best quality that has at most ``bound`` bytes.

    Of the lowest where none has. ``highest`` itself is known to be over. Bisects: at most seven
    tries.
    """
    low, high, best = lowest, highest, b""
    while high - low > 1:
        middle = (low + high) // 2
        body = write(middle)
        if len(body) <= bound:
            low, best = middle, body
        else:
            high = middle
    return best or write(low)
