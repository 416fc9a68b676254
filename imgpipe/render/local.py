"""What ``local status`` shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgpipe.render._screen import data, print_json

if TYPE_CHECKING:
    from pathlib import Path

    from imgpipe.local import Emulator
    from imgpipe.settings import Settings


def status(emulator: Emulator | None, state: Path, settings: Settings) -> None:
    """Print the facts about ``emulator``, ``None`` = it does not run; its key is for ``local env`` alone."""
    facts: dict[str, object] = {"running": emulator is not None, "state": str(state)}
    if emulator:
        facts |= {
            "url": emulator.url,
            "pid": emulator.pid,
            "account": emulator.account,
            "region": emulator.region,
        }
    if settings.output == "json":
        print_json(facts)
        return
    for name, value in facts.items():
        data().print(f"{name:<10} {value}", soft_wrap=True)
    if not emulator:
        data().print("\nNext: imgpipe local start")
