"""What pictures cost for lying there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from imgpipe.costs.prices import Prices

# Bytes: of a camera's JPEG for each megapixel, of a result of 800 pixels, of a row with its
# indexes, and of a row alone, which is what can be recovered.
_ORIGINAL_BYTES: Final = 300_000
_RESULT_BYTES: Final = 84_000
_STORED_ROW_BYTES: Final = 1160
_RECOVERABLE_ROW_BYTES: Final = 450
_GIGABYTE: Final = 1e9


def storage(megapixels: float, renditions: int, prices: Prices) -> dict[str, float]:
    """Return the dollars a month that a million such pictures cost for lying there."""
    originals, rows = _ORIGINAL_BYTES * megapixels, renditions * 1e6 / _GIGABYTE
    return {
        "originals in S3": originals * 1e6 / _GIGABYTE * prices.object_gb,
        "results in S3": rows * _RESULT_BYTES * prices.object_gb,
        "rows in DynamoDB, with their indexes": rows * _STORED_ROW_BYTES * prices.table_gb,
        "their point-in-time recovery": rows * _RECOVERABLE_ROW_BYTES * prices.recovery_gb,
    }
