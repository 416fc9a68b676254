"""What the system says of changes in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from imgpipe.errors import ImgpipeError

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

# So long is waited for news; then files are looked at that may have stopped growing.
TICK_MS: Final = 500


def changes(root: Path) -> Iterator[AbstractSet[Path]]:
    """Yield the paths beneath ``root`` that changed, at least every ``TICK_MS``; first, none.

    Nothing that happens after the first is missed, but by a system that has too much to tell.

    Raises:
        ImgpipeError: the system cannot watch so many folders.
        KeyboardInterrupt: Ctrl-C was pressed.
    """
    from watchfiles import watch  # noqa: PLC0415 - a tenth of a second, and asyncio

    told = watch(
        root,
        watch_filter=None,
        debounce=TICK_MS,
        rust_timeout=TICK_MS,
        yield_on_timeout=True,
        ignore_permission_denied=True,
    )
    try:
        for batch in told:
            yield {Path(path) for _, path in batch}
    except OSError as error:
        raise ImgpipeError(
            f"{root} cannot be watched: {error}",
            hint="raise fs.inotify.max_user_watches, or set WATCHFILES_FORCE_POLLING=1 to look "
            "again and again instead",
        ) from error
