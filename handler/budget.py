"""What an invocation leaves a picture of memory and time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from handler.image import Budget

if TYPE_CHECKING:
    from handler.log import Context

# Kept back from the time Lambda leaves us: for the puts, and to fail with a reason rather than be
# cut off.
_RESERVE_SECONDS: Final = 2.0


def budget(context: Context) -> Budget:
    """Return what is left of the invocation."""
    return Budget(
        memory=int(context.memory_limit_in_mb) * 1024 * 1024,
        seconds=context.get_remaining_time_in_millis() / 1000 - _RESERVE_SECONDS,
    )
