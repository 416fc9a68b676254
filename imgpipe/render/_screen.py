"""The two consoles: data on stdout, narration on stderr. Neither ever reads markup, because names and log lines are hostile."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich.console import Console

if TYPE_CHECKING:
    from imgpipe.settings import Settings

# A pipe has no width; a table cut at 80 columns would lose data, so piped tables are as wide as they need.
_PIPE_WIDTH = 400


def data() -> Console:
    """Return a console on stdout."""
    console = Console(markup=False, highlight=False, emoji=False, soft_wrap=False)
    if not console.is_terminal:
        console.width = _PIPE_WIDTH
    return console


def narration(*, quiet: bool = False) -> Console:
    """Return a console on stderr; a quiet one prints nothing."""
    return Console(
        stderr=True, markup=False, highlight=False, emoji=False, soft_wrap=True, quiet=quiet
    )


def command(name: str, settings: Settings) -> str:
    """Return the command line that goes on with the same pipeline: ``imgpipe --local --stage blue setup``."""
    local = " --local" if settings.local else ""
    stage = f" --stage {settings.stage}" if settings.stage != "default" else ""
    return f"imgpipe{local}{stage} {name}"


def print_json(value: Any) -> None:
    """Print the value whole, as indented JSON, on stdout; sets are sorted lists, texts keep their letters."""
    print(json.dumps(value, indent=2, ensure_ascii=False, default=_plain))


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, (set, frozenset)) else str(value)


def human_bytes(count: int) -> str:
    """Return a size as people read it: ``829 KB``; powers of 1,000, as disks and browsers count."""
    size = float(count)
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
