"""What status shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imgpipe.pipeline.status import COUNTED
from imgpipe.render._events import STATUS_WORDS, line, records
from imgpipe.render._screen import command, data, narration, print_json

if TYPE_CHECKING:
    from imgpipe.pipeline.status import Health
    from imgpipe.settings import Settings

_FACTS: Final = ("url", "uploaded", "processed", "failures_waiting")


def status(health: Health, settings: Settings) -> None:
    """Print every resource's state and the facts about the whole."""
    facts = {name: getattr(health, name) for name in _FACTS}
    if settings.output == "json":
        print_json(
            {"in_sync": health.in_sync, **facts, "resources": records(health.events, STATUS_WORDS)}
        )
        return
    console = data()
    for event in health.events:
        console.print(line(event, STATUS_WORDS), soft_wrap=True)
    console.print("")
    for name, value in facts.items():
        console.print(f"{name.replace('_', ' '):<20} {_shown(value)}", soft_wrap=True)
    if not health.in_sync:
        narration(quiet=settings.quiet).print(f"\nNext: {command('setup', settings)}")


def _shown(value: str | int) -> str:
    if isinstance(value, int):
        return f"{value:,}{' or more' if value >= COUNTED else ''}"
    return value or "-"
