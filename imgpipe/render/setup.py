"""What setup shows: its plan, its progress, and at the end the outputs and the next command."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from imgpipe.engine.graph import State
from imgpipe.render._events import PLAN_WORDS, SETUP_WORDS, line, narrate, records
from imgpipe.render._screen import command, data, narration, print_json

if TYPE_CHECKING:
    from imgpipe.engine.graph import Event
    from imgpipe.pipeline.deployment import Outputs
    from imgpipe.settings import Settings


def plan(planned: Sequence[Event], settings: Settings) -> None:
    """Print what setup would do: this is the data asked for, so it goes to stdout."""
    if settings.output == "json":
        print_json(records(planned, PLAN_WORDS))
        return
    console = data()
    for event in planned:
        console.print(line(event, PLAN_WORDS), soft_wrap=True)
    narration(quiet=settings.quiet).print(
        f"\nNothing was changed. To do it: {command('setup', settings)}"
    )


def narrated(events: Iterable[Event], settings: Settings) -> list[Event]:
    """Print each resource as it comes to rest and return how each ended."""
    return narrate(events, SETUP_WORDS, narration(quiet=settings.quiet))


def waiting(wait: Callable[[], None], settings: Settings) -> None:
    """Show a timer while CloudFront takes the distribution to its edges."""
    with narration(quiet=settings.quiet).status(
        "Waiting for CloudFront to serve everywhere (3 to 15 minutes)"
    ):
        wait()


def done(
    events: Sequence[Event], outputs: Outputs, remarks: Sequence[str], settings: Settings
) -> None:
    """Print the outputs on stdout; beside them, on stderr, what changed, remarks if it did, and the next command."""
    if settings.output == "json":
        print_json({"resources": records(events, SETUP_WORDS), "outputs": asdict(outputs)})
        return
    changed = sum(event.state is State.DONE and event.action.value != "none" for event in events)
    talk = narration(quiet=settings.quiet)
    talk.print(f"\n{changed} changed, {len(events) - changed} unchanged.")
    for remark in remarks if changed else ():
        talk.print(f"Note: {remark}")
    console = data()
    for name, value in asdict(outputs).items():
        console.print(f"{name:<20} {value}", soft_wrap=True)
    talk.print(f"\nNext: {command('upload photo.jpg', settings)}")
